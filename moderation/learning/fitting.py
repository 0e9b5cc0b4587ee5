"""Fit linear heads on counted features: tf-idf values, smoothed logistic regression, out-of-fold logits, calibration, thresholds."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import optimize, sparse
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from moderation.features.kernel import Counts
from moderation.features.vocabulary import Vocabulary
from moderation.learning.pool import Task
from moderation.learning.recalibration import MIN_SLOPE

__all__ = [
    "FOLDS",
    "Fit",
    "Inputs",
    "best_threshold",
    "calibrate",
    "contrast",
    "fit_binary",
    "make_folds",
    "project",
    "to_values",
]

FOLDS = 5
MIN_SOURCES = 3
"""Judged sources from which on a fold is a source: what is asked is how a head does on comments of a site it has not seen."""

SMOOTHING = 0.1
"""Tf-idf value that each feature is lent in either class before their ratio is taken: two to three comments' worth."""

ITERATIONS = 100
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Folds = list[tuple[Ints, Ints]]


class Inputs(NamedTuple):
    """What a head is fitted on: tf-idf `values`, CSR float32 [n, W + C], the features' `vectors`, float32 [W + C, D], and `shadows`, their
    product, float32 [n, D].
    """

    values: Any
    vectors: npt.NDArray[np.float32]
    shadows: npt.NDArray[np.float32]

    def take(self, rows: Ints) -> "Inputs":
        """The inputs of some rows."""
        return Inputs(self.values[rows], self.vectors, self.shadows[rows])


class Fit(NamedTuple):
    """Weights [F] or [F, 3] in the space of tf-idf values, and intercept(s)."""

    weights: Floats
    intercept: Any

    def logits(self, inputs: Inputs) -> Floats:
        """One logit a row (three for stances)."""
        product: Floats = inputs.values @ self.weights + self.intercept
        return product


def to_values(counts: Counts, vocabulary: Vocabulary) -> sparse.csr_matrix:
    """Tf-idf values, CSR float32 [n, W + C]: (1 + ln tf) * idf, with words and n-grams each of L2 norm 1 in a row."""
    shape = (len(counts.indptr) - 1, len(vocabulary))
    values = (1.0 + np.log(counts.data)) * vocabulary.idf.astype(np.float32)[counts.indices]
    rows = np.repeat(np.arange(shape[0]), np.diff(counts.indptr))
    is_char = counts.indices >= vocabulary.n_words
    squares = np.bincount(2 * rows + is_char, weights=values**2, minlength=2 * shape[0])
    values /= np.sqrt(squares)[2 * rows + is_char].astype(np.float32)
    matrix = sparse.csr_matrix((values.astype(np.float32), counts.indices, counts.indptr), shape=shape)
    matrix.sort_indices()
    return matrix


def project(values: sparse.csr_matrix, vectors: npt.NDArray[np.float32]) -> Inputs:
    """Inputs of rows of tf-idf values with the features' vectors."""
    return Inputs(values, vectors, np.asarray(values @ vectors, np.float32))


def contrast(values: Any, y: Ints, n_words: int) -> Floats:
    """How far each feature's own weight may go, float64 [W + C]: by its naive-Bayes log-count ratio between the classes.

    Wang and Manning (2012): what occurs alike in both classes stays near zero, what sets them apart moves freely. Ratios of words and of
    n-grams (from `n_words` on) are taken each among themselves; the mean square over the rows' values is 1, as without.
    """
    ratios = np.zeros(values.shape[1])
    totals = [np.asarray(values[y == label].sum(axis=0), np.float64).ravel() + SMOOTHING for label in (0, 1)]
    for part in (slice(0, n_words), slice(n_words, None)):
        without, with_it = (total[part] / max(total[part].sum(), 1e-12) for total in totals)
        ratios[part] = np.abs(np.log(with_it / without))
    squares = np.asarray(values.multiply(values).sum(axis=0), np.float64).ravel()
    scale = np.sqrt(squares @ ratios**2 / max(squares.sum(), 1e-12))
    return ratios / scale if scale > 1e-9 else np.ones_like(ratios)


def fit_binary(inputs: Inputs, y: Ints, weights: Floats, strength: float, leeway: Floats | None = None) -> Fit:
    """Logistic regression on rows [n] with weights [n], whose prior lets related features share what is learned of one of them.

    The weights are `w = v + E u` with `E` the features' vectors and v, u of L2 penalty 1: a Gaussian prior of covariance I + E E' (a latent
    semantic kernel, Cristianini, Shawe-Taylor and Lodhi 2002), fitted by L-BFGS (Liu and Nocedal 1989) and then one weight a feature again.
    `strength` is scikit-learn's C; `leeway` [F] the prior standard deviation of each feature's own part v, 1 where None (see `contrast`).
    """
    present = np.unique(inputs.values.indices)
    values, shadows = inputs.values[:, present], inputs.shadows
    own_scale = np.ones(len(present), np.float32) if leeway is None else leeway[present].astype(np.float32)
    if leeway is not None:
        values = sparse.csr_matrix(values @ sparse.diags(own_scale))
    transposed = values.T
    sides = (2 * y - 1).astype(np.float32)
    shares = (strength * weights).astype(np.float32)
    split = values.shape[1]

    def loss(flat: Floats) -> tuple[float, Floats]:
        point = flat.astype(np.float32)
        own, shared = point[:split], point[split:-1]
        margins = sides * (values @ own + shadows @ shared + point[-1])
        slopes = -shares * sides / (1.0 + np.exp(np.minimum(margins, 80.0)))
        total = 0.5 * float(point[:-1] @ point[:-1]) + float(shares @ np.logaddexp(0.0, -margins))
        gradient = np.concatenate([transposed @ slopes + own, shadows.T @ slopes + shared, [slopes.sum()]])
        return total, gradient.astype(np.float64)

    start = np.zeros(split + shadows.shape[1] + 1)
    options = {"maxiter": ITERATIONS, "maxcor": 8, "ftol": 1e-7, "gtol": 1e-5}
    found = optimize.minimize(loss, start, jac=True, method="L-BFGS-B", options=options).x
    combined = inputs.vectors @ found[split:-1]
    combined[present] += own_scale * found[:split]
    return Fit(combined, float(found[-1]))


def make_folds(task: Task) -> Folds:
    """Rows to fit on and rows to try, so that each row is tried once: whole sources where three or more were judged, else groups.

    With groups these are 5 stratified folds, fewer where a class or the number of groups is smaller. Where some fit would see one class
    only, as when each thread holds one, the next finer parting is taken, single rows in the end.
    """
    for part in (_part_sources, _part_groups):
        folds = part(task)
        if folds and all(len(np.unique(task.y[train])) > 1 for train, _ in folds):
            return folds
    count = max(2, min(FOLDS, int(np.bincount(task.y).min())))
    return list(StratifiedKFold(count, shuffle=True, random_state=0).split(task.y, task.y))


def _part_sources(task: Task) -> Folds:
    if len(np.unique(task.sources[: task.judged])) < MIN_SOURCES:
        return []
    everything = np.arange(len(task.y))
    held = [task.sources == source for source in np.unique(task.sources)]
    return [(everything[~own & ~np.isin(task.groups, task.groups[own])], everything[own]) for own in held]


def _part_groups(task: Task) -> Folds:
    smallest = min(int(np.bincount(task.y).min()), len(np.unique(task.groups)))
    if smallest < 2:
        return []
    folds = StratifiedGroupKFold(min(FOLDS, smallest), shuffle=True, random_state=0)
    return list(folds.split(task.y, task.y, task.groups))


def calibrate(logits: Floats, y: Ints, weights: Floats | None = None) -> tuple[float, float]:
    """Slope and offset of Platt's logistic function, fitted to out-of-fold logits [n] with his smoothed targets.

    The slope is at least MIN_SLOPE standard deviations of the logits: such as are no better than chance must not turn the order round.
    """
    positives, negatives = int(y.sum()), int(len(y) - y.sum())
    high, low = (positives + 1) / (positives + 2), 1 / (negatives + 2)
    counts = np.ones(len(y)) if weights is None else weights
    X = np.concatenate([logits, logits])[:, None]
    target = np.concatenate([np.ones(len(y)), np.zeros(len(y))])
    share = np.where(y == 1, high, low)
    model = LogisticRegression(C=1e6, solver="lbfgs", max_iter=1000)
    model.fit(X, target, sample_weight=np.concatenate([counts * share, counts * (1 - share)]))
    slope, offset = float(model.coef_[0, 0]), float(model.intercept_[0])
    least = MIN_SLOPE / max(float(logits.std()), 1e-9)
    if slope >= least:
        return slope, offset
    mean = float(counts @ share / counts.sum())
    return least, float(np.log(mean / (1 - mean)) - least * (counts @ logits) / counts.sum())


def best_threshold(
    probabilities: Floats, y: Ints, weights: Floats | None = None, *, macro: bool = False, worth: float = 0.0
) -> float:
    """The probability from which flagging gives the highest F1, halfway to the next lower one, to three decimals.

    With `macro` it is the mean F1 of both classes. `worth` is how much of that may be given up for fewer flags: of all thresholds within
    it of the best the highest is taken, for near its top F1 is flat, and each needless flag costs somebody's time.
    """
    counts = np.ones(len(y)) if weights is None else weights
    order = np.argsort(-probabilities, kind="stable")
    hits, flagged = np.cumsum((y * counts)[order]), np.cumsum(counts[order])
    positives, total = float((y * counts).sum()), float(counts.sum())
    f1 = 2 * hits / (flagged + positives)
    if macro:
        passed = total - flagged - (positives - hits)
        f1 = f1 + 2 * passed / np.maximum(total - flagged + total - positives, 1e-12)
    best = int(np.argmax(f1 >= f1.max() - worth))
    ranked = probabilities[order]
    following = ranked[best + 1] if best + 1 < len(ranked) else 0.0
    return round(float((ranked[best] + following) / 2), 3)
