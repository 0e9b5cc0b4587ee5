"""Fit the stance targets: related words share what is learned, targets share it too where that helps, and doubt is measured.

A target has few labels, so most words of the comments to come were never seen with one. Two Gaussian priors help. Features that have
vectors share their weights (as in `fitting.fit_binary`). And where the targets of one set of labels have something in common, a
target's weights are those of all targets plus its own (Evgeniou and Pontil 2004; Daumé 2007). Together they make one kernel,
`(same target + share) * (x x' + z z')`, in which a few thousand rows are fitted exactly; what comes out is linear again,
one weight a feature and label.
"""

import warnings
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import linalg, optimize, sparse
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from moderation.learning.fitting import Fit, Inputs

__all__ = [
    "STANCE_STRENGTH",
    "Answer",
    "Questions",
    "abstain",
    "fit",
    "fit_stance",
    "fit_stances",
    "fit_temperature",
    "fold_logits",
    "prune",
    "stance_logits",
]

LABELS = 3
FOLDS = 5
STANCE_STRENGTH = 1.0
"""scikit-learn's C."""

FEW_ROWS = 500
"""Rows of a target up to which its words lean on their vectors twice as much as in the heads; beyond, as much."""

SHARES = (0.0, 2.0)
"""How much more than a target's own weights those of all targets may vary; the better of both out of fold is taken."""

INTERCEPT = 4.0
"""Prior variance of an intercept."""

EXACT_ROWS = 6000
"""Rows up to which a kernel matrix is made; more are fitted feature by feature, each target alone."""

NEVER = -20.0
"""Intercept of a label that a target has no rows of."""

RARE = 2
"""Rows of a label below which they decide on no number of folds."""

ITERATIONS = 80
MIN_ANSWERS = 10
MIN_ACCURACY = 0.7
MAX_FLOOR = 0.9

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


class Questions(NamedTuple):
    """Stance rows of all targets: `inputs` of n rows, labels `y` (0 favor, 1 against, 2 neutral), each row's target, from 0, and group.

    Rows of one group (a text, a thread) are never parted; groups count across targets. All three are int64 [n].
    """

    inputs: Inputs
    y: Ints
    targets: Ints
    groups: Ints

    def take(self, rows: Any) -> "Questions":
        """Some of the rows."""
        return Questions(self.inputs.take(rows), self.y[rows], self.targets[rows], self.groups[rows])


class Answer(NamedTuple):
    """What was learned for one target.

    `fit` has weights [F, 3]; `logits` [rows of the target, 3] are out of fold; `slope` and `floor` are the temperature and the least
    probability of an answer; `sure` says which rows are answered.
    """

    fit: Fit
    logits: Floats
    slope: float
    floor: float
    sure: list[bool]


def fit_stances(questions: Questions, strength: float = STANCE_STRENGTH) -> tuple[list[Answer], float]:
    """One Answer a target, in their order, and the share that was chosen (0: each target stands alone)."""
    count = int(questions.targets.max()) + 1
    trials = [(share, fold_logits(questions, share, strength)) for share in SHARES if _possible(questions, share)]
    scores = [_mean_f1(questions, logits) for _, logits in trials]
    share, logits = trials[int(np.argmax(scores))]
    fits = fit(questions, share, strength)
    answers = []
    for target in range(count):
        own = questions.targets == target
        slope = fit_temperature(logits[own], questions.y[own])
        floor, sure = abstain(slope * logits[own], questions.y[own])
        answers.append(Answer(fits[target], logits[own], slope, floor, sure))
    return answers, share


def _possible(questions: Questions, share: float) -> bool:
    return share == 0.0 or (len(questions.y) <= EXACT_ROWS and len(np.unique(questions.targets)) > 1)


def _mean_f1(questions: Questions, logits: Floats) -> float:
    """Macro-F1 out of fold, mean of the targets."""
    scores = []
    for target in np.unique(questions.targets):
        own = questions.targets == target
        y = questions.y[own]
        labels = np.unique(y)
        scores.append(f1_score(y, logits[own].argmax(axis=1), labels=labels, average="macro", zero_division=0))
    return float(np.mean(scores))


def fold_logits(questions: Questions, share: float, strength: float = STANCE_STRENGTH) -> Floats:
    """Logits [n, 3] of each row by a fit that has not seen its fold: 5 stratified folds that keep groups whole, at least 2."""
    logits = np.full((len(questions.y), LABELS), NEVER)
    parts = (
        [np.arange(len(questions.y))]
        if share
        else [np.flatnonzero(questions.targets == t) for t in _present(questions)]
    )
    for part in parts:
        asked = questions.take(part)
        for train, test in _make_folds(asked):
            fits = fit(asked.take(train), share, strength)
            held = asked.take(test)
            for target in _present(held):
                rows = np.flatnonzero(held.targets == target)
                if target < len(fits):
                    logits[part[test[rows]]] = fits[target].logits(held.inputs.take(rows))
    return logits


def _present(questions: Questions) -> list[int]:
    found: list[int] = np.unique(questions.targets).tolist()
    return found


def _make_folds(questions: Questions) -> list[tuple[Ints, Ints]]:
    strata = questions.targets * LABELS + questions.y
    sizes = np.unique(strata, return_counts=True)[1]
    smallest = int(sizes[sizes >= RARE].min(initial=int(sizes.max())))
    count = max(2, min(FOLDS, smallest, len(np.unique(questions.groups))))
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", UserWarning
        )  # of labels with fewer rows than folds, which some fits then do without
        if len(np.unique(questions.groups)) > 1:
            return list(
                StratifiedGroupKFold(count, shuffle=True, random_state=0).split(strata, strata, questions.groups)
            )
        return list(StratifiedKFold(count, shuffle=True, random_state=0).split(strata, strata))


def fit(questions: Questions, share: float, strength: float = STANCE_STRENGTH) -> list[Fit]:
    """A Fit a target: multinomial logistic regression, labels of a target weighted to balance; targets without rows never answer."""
    width, count = questions.inputs.values.shape[1], int(questions.targets.max()) + 1
    fits = [Fit(np.zeros((width, LABELS)), np.full(LABELS, NEVER)) for _ in range(count)]
    if share:
        for target, found in zip(_present(questions), _fit_together(questions, share, strength), strict=True):
            fits[target] = found
        return fits
    for target in _present(questions):
        own = questions.take(np.flatnonzero(questions.targets == target))
        few = len(own.y) <= EXACT_ROWS
        fits[target] = _fit_together(own, 0.0, strength)[0] if few else _fit_alone(own, strength)
    return fits


def _lean(questions: Questions) -> float:
    """Variance that the features' vectors give their weights, relative to that in the heads."""
    return 2.0 if len(questions.y) <= FEW_ROWS * len(_present(questions)) else 1.0


def _fit_together(questions: Questions, share: float, strength: float) -> list[Fit]:
    """Fits of the targets present, by the rows' kernel: w = x' a, where `a` [n, 3] is what the rows say."""
    inputs, present = questions.inputs, _present(questions)
    related = (questions.targets[:, None] == questions.targets[None, :]).astype(np.float64)
    lean = _lean(questions)
    alike = (inputs.values @ inputs.values.T).toarray() + lean * (inputs.shadows @ inputs.shadows.T)
    kernel = alike * (related + share) + INTERCEPT * related
    kernel[np.diag_indices_from(kernel)] += 1e-4
    root = linalg.cholesky(kernel, lower=True)
    point = _minimise(root, questions, strength)
    said = linalg.solve_triangular(root, point, lower=True, trans="T")
    fits = []
    for target in present:
        own = (questions.targets == target).astype(np.float64)[:, None]
        part = (own + share) * said
        weights = inputs.values.T @ part + lean * (inputs.vectors @ (inputs.shadows.T @ part))
        intercept = INTERCEPT * (own * said).sum(axis=0)
        missing = np.bincount(questions.y[questions.targets == target], minlength=LABELS) == 0
        fits.append(Fit(weights, np.where(missing, NEVER, intercept)))
    return fits


def _fit_alone(questions: Questions, strength: float) -> Fit:
    """The Fit of one target with many rows, by its features; the same model as `_fit_together`."""
    inputs = questions.inputs
    used = np.unique(inputs.values.indices)
    shadows = sparse.csr_matrix(inputs.shadows)
    ones = sparse.csr_matrix(np.full((len(questions.y), 1), np.sqrt(INTERCEPT)))
    columns = sparse.hstack([inputs.values[:, used], shadows, ones], format="csr")
    point = _minimise(columns, questions, strength)
    weights = np.asarray(inputs.vectors @ point[len(used) : -1], np.float64)
    weights[used] += point[: len(used)]
    missing = np.bincount(questions.y, minlength=LABELS) == 0
    return Fit(weights, np.where(missing, NEVER, np.sqrt(INTERCEPT) * point[-1]))


def _minimise(columns: Any, questions: Questions, strength: float) -> Floats:
    """The point [m, 3] of least loss: L2 norm plus `strength` times the log loss of the logits `columns` [n, m] times it, by L-BFGS."""
    y = questions.y
    strata = questions.targets * LABELS + y
    sizes = np.bincount(strata, minlength=LABELS * (int(questions.targets.max()) + 1)).reshape(-1, LABELS)
    rows = np.maximum(sizes.sum(axis=1) / np.maximum((sizes > 0).sum(axis=1), 1), 1)
    weights = strength * rows[questions.targets] / sizes.ravel()[strata]
    absent = np.where(sizes > 0, 0.0, NEVER)[questions.targets]
    truth = np.eye(LABELS)[y]
    shape = (columns.shape[1], LABELS)
    transposed = columns.T if isinstance(columns, np.ndarray) else columns.T.tocsr()

    def loss(flat: Floats) -> tuple[float, Floats]:
        point = flat.reshape(shape)
        logits = columns @ point + absent
        logits -= logits.max(axis=1, keepdims=True)
        shares = np.exp(logits)
        totals = shares.sum(axis=1, keepdims=True)
        errors = weights[:, None] * (shares / totals - truth)
        value = 0.5 * float((point**2).sum()) + float(weights @ (np.log(totals[:, 0]) - (logits * truth).sum(axis=1)))
        return value, (transposed @ errors + point).ravel()

    options = {"maxiter": ITERATIONS, "maxcor": 8, "ftol": 1e-7, "gtol": 1e-5}
    found = optimize.minimize(loss, np.zeros(shape).ravel(), jac=True, method="L-BFGS-B", options=options)
    point: Floats = found.x.reshape(shape)
    return point


def prune(found: Fit, spread: npt.NDArray[Any], keep: int) -> Fit:
    """The fit with all weights but the `keep` that matter most set to zero. `spread` [F] is each feature's root mean square value."""
    if keep >= len(found.weights):
        return found
    worth = np.ptp(found.weights, axis=1) * spread
    weights = np.zeros_like(found.weights)
    chosen = np.argsort(-worth, kind="stable")[:keep]
    weights[chosen] = found.weights[chosen]
    return Fit(weights, found.intercept)


def fit_temperature(logits: Floats, y: Ints) -> float:
    """Slope of the softmax over `logits` [n, 3] with the least log loss, by search on a grid from 0.25 to 8."""
    slopes = np.geomspace(0.25, 8.0, 61)
    losses = []
    for slope in slopes:
        scaled = slope * logits
        scaled = scaled - scaled.max(axis=1, keepdims=True)
        losses.append(float(np.mean(np.log(np.exp(scaled).sum(axis=1)) - scaled[np.arange(len(y)), y])))
    return round(float(slopes[int(np.argmin(losses))]), 4)


def abstain(logits: Floats, y: Ints, accuracy: float = MIN_ACCURACY) -> tuple[float, list[bool]]:
    """The least probability of the best label from which answers are right in a share `accuracy` of the cases, and who is answered.

    `logits` [n, 3] are out of fold and scaled. At most MAX_FLOOR, so that a target nobody can tell apart is answered only when nearly
    certain.
    """
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    best = (shares / shares.sum(axis=1, keepdims=True)).max(axis=1)
    right = logits.argmax(axis=1) == y
    floor = MAX_FLOOR
    for candidate in np.arange(0.34, MAX_FLOOR, 0.02):
        answered = best >= candidate
        if answered.sum() >= MIN_ANSWERS and right[answered].mean() >= accuracy:
            floor = round(float(candidate), 2)
            break
    return floor, (best >= floor).tolist()


def fit_stance(inputs: Inputs, y: Ints, strength: float = STANCE_STRENGTH) -> Fit:
    """The Fit of one target that stands alone."""
    return fit(_only(inputs, y, np.arange(len(y))), 0.0, strength)[0]


def stance_logits(inputs: Inputs, y: Ints, groups: Ints, strength: float = STANCE_STRENGTH) -> Floats:
    """Out-of-fold logits [n, 3] of one target that stands alone."""
    return fold_logits(_only(inputs, y, groups), 0.0, strength)


def _only(inputs: Inputs, y: Ints, groups: Ints) -> Questions:
    return Questions(inputs, y, np.zeros(len(y), np.int64), groups)
