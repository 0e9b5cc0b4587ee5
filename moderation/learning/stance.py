"""Fit the stance heads of one target: one logistic regression a label, and a temperature for their softmax."""

import numpy as np
import numpy.typing as npt
from sklearn.model_selection import StratifiedGroupKFold

from moderation.learning.fitting import FOLDS, Fit, Inputs, fit_binary

__all__ = ["STANCE_STRENGTH", "fit_stance", "fit_temperature", "stance_logits"]

STANCE_STRENGTH = 8.0
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def fit_stance(inputs: Inputs, y: Ints) -> Fit:
    """One-against-rest logistic regressions for favor (0), against (1), neutral (2); a label without rows never wins."""
    weights, intercepts = np.zeros((inputs.values.shape[1], 3)), np.full(3, -20.0)
    for label in np.unique(y):
        own = (y == label).astype(np.int64)
        balance = np.where(own == 1, 0.5 / own.mean(), 0.5 / max(1 - own.mean(), 1e-9))
        weights[:, label], intercepts[label] = fit_binary(inputs, own, balance, STANCE_STRENGTH)
    return Fit(weights, intercepts)


def stance_logits(inputs: Inputs, y: Ints, groups: Ints) -> Floats:
    """Logits [n, 3] of each row by a fit that has not seen its fold: up to 5 stratified folds that part no group."""
    smallest = min(np.bincount(y)[np.unique(y)].min(), len(np.unique(groups)))
    folds = StratifiedGroupKFold(max(2, min(FOLDS, int(smallest))), shuffle=True, random_state=0)
    logits = np.zeros((len(y), 3))
    for train, test in folds.split(y, y, groups):
        logits[test] = fit_stance(inputs.take(train), y[train]).logits(inputs.take(test))
    return logits


def fit_temperature(logits: Floats, y: Ints) -> float:
    """Slope of the softmax over `logits` [n, 3] with the least log loss, by search on a grid from 0.25 to 8."""
    slopes = np.geomspace(0.25, 8.0, 61)
    losses = []
    for slope in slopes:
        scaled = slope * logits
        scaled = scaled - scaled.max(axis=1, keepdims=True)
        losses.append(float(np.mean(np.log(np.exp(scaled).sum(axis=1)) - scaled[np.arange(len(y)), y])))
    return round(float(slopes[int(np.argmin(losses))]), 4)
