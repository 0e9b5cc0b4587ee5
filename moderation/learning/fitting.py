"""Fit linear heads on counted features: tf-idf values, logistic regression, out-of-fold logits, calibration and thresholds."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold

from moderation.features.kernel import Counts
from moderation.features.vocabulary import Vocabulary

__all__ = ["Fit", "best_threshold", "calibrate", "fit_binary", "fit_temperature", "fold_logits", "to_values"]

FOLDS = 5
Floats = npt.NDArray[np.float64]


class Fit(NamedTuple):
    """Weights [F] or [F, 3] in the space of tf-idf values, and intercept(s)."""

    weights: Floats
    intercept: Any


def to_values(counts: Counts, vocabulary: Vocabulary) -> sparse.csr_matrix:
    """Tf-idf values, CSR float64 [n, W + C]: (1 + ln tf) * idf, with words and n-grams each of L2 norm 1 in a row."""
    shape = (len(counts.indptr) - 1, len(vocabulary))
    values = (1.0 + np.log(counts.data.astype(np.float64))) * vocabulary.idf[counts.indices]
    rows = np.repeat(np.arange(shape[0]), np.diff(counts.indptr))
    is_char = counts.indices >= vocabulary.n_words
    squares = np.bincount(2 * rows + is_char, weights=values**2, minlength=2 * shape[0])
    values /= np.sqrt(squares)[2 * rows + is_char]
    matrix = sparse.csr_matrix((values, counts.indices, counts.indptr), shape=shape)
    matrix.sort_indices()
    return matrix


def fit_binary(X: sparse.csr_matrix, y: npt.NDArray[np.int64], strength: float, weights: Floats | None = None) -> Fit:
    """L2-regularised logistic regression on classes weighted to balance; `strength` is scikit-learn's C."""
    model = LogisticRegression(C=strength, class_weight="balanced", solver="liblinear", random_state=0, max_iter=1000)
    model.fit(X, y, sample_weight=weights)
    return Fit(model.coef_[0], float(model.intercept_[0]))


def fit_stance(X: sparse.csr_matrix, y: npt.NDArray[np.int64], strength: float) -> Fit:
    """One-against-rest logistic regressions for favor (0), against (1), neutral (2); a label without rows never wins."""
    weights, intercepts = np.zeros((X.shape[1], 3)), np.full(3, -20.0)
    for label in np.unique(y):
        weights[:, label], intercepts[label] = fit_binary(X, (y == label).astype(np.int64), strength)
    return Fit(weights, intercepts)


def fold_logits(X: sparse.csr_matrix, y: npt.NDArray[np.int64], groups: Sequence[str], fit: Any) -> Floats:
    """Out-of-fold logits, [n] or [n, 3]: 5 stratified folds in which a group is never split. `fit(X, y)` gives a Fit.

    Fewer folds where a class or the number of groups is smaller; at least 2.
    """
    smallest = min(np.bincount(y)[np.unique(y)].min(), len(set(groups)))
    folds = StratifiedGroupKFold(max(2, min(FOLDS, int(smallest))), shuffle=True, random_state=0)
    logits: Floats | None = None
    for train, test in folds.split(X, y, groups):
        fitted = fit(X[train], y[train])
        part = X[test] @ fitted.weights + fitted.intercept
        if logits is None:
            logits = np.zeros((len(y), *part.shape[1:]))
        logits[test] = part
    assert logits is not None
    return logits


def calibrate(logits: Floats, y: npt.NDArray[np.int64]) -> tuple[float, float]:
    """Slope and offset of Platt's logistic function, fitted to out-of-fold logits [n] with his smoothed targets."""
    positives, negatives = int(y.sum()), int(len(y) - y.sum())
    high, low = (positives + 1) / (positives + 2), 1 / (negatives + 2)
    X = np.concatenate([logits, logits])[:, None]
    target = np.concatenate([np.ones(len(y)), np.zeros(len(y))])
    share = np.where(y == 1, high, low)
    model = LogisticRegression(C=1e6, solver="lbfgs", max_iter=1000)
    model.fit(X, target, sample_weight=np.concatenate([share, 1 - share]))
    return float(model.coef_[0, 0]), float(model.intercept_[0])


def best_threshold(probabilities: Floats, y: npt.NDArray[np.int64]) -> float:
    """The probability from which flagging gives the highest F1, halfway to the next lower one, to three decimals."""
    order = np.argsort(-probabilities, kind="stable")
    hits = np.cumsum(y[order])
    f1 = 2 * hits / (np.arange(1, len(y) + 1) + y.sum())
    best = int(np.argmax(f1))
    ranked = probabilities[order]
    following = ranked[best + 1] if best + 1 < len(ranked) else 0.0
    return round(float((ranked[best] + following) / 2), 3)


def fit_temperature(logits: Floats, y: npt.NDArray[np.int64]) -> float:
    """Slope of the softmax over `logits` [n, 3] with the least log loss, by search on a grid from 0.25 to 8."""
    slopes = np.geomspace(0.25, 8.0, 61)
    losses = []
    for slope in slopes:
        scaled = slope * logits
        scaled = scaled - scaled.max(axis=1, keepdims=True)
        losses.append(float(np.mean(np.log(np.exp(scaled).sum(axis=1)) - scaled[np.arange(len(y)), y])))
    return round(float(slopes[int(np.argmin(losses))]), 4)
