"""Fit a head's calibrated probabilities to one site: from labels, or from comments and a known share of positives among them.

Both work on calibrated logits z (those whose logistic function is the head's probability) and answer with a `Change`: the site's
calibrated logit is `slope * z + offset`. Shares are of comments, 0 to 1.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq, minimize

__all__ = ["MIN_SLOPE", "Change", "log_odds", "logistic", "refit", "shift_to"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

SLOPE_SPREAD = 0.5
OFFSET_SPREAD = 1.0
"""How far, as a standard deviation, a site's own slope and offset lie from the model's 1 and 0. Fitted alone to each of nineteen public
sets they scatter by 0.6 and 1.4 (`benchmarks/calibration.py` prints them); a little less is the best of a grid for 20 labels, and 200
labels give the same with either."""

MIN_SLOPE = 0.05
"""A slope is never zero or negative: adapting must not turn the order of the comments round."""


class Change(NamedTuple):
    """What turns the model's calibrated logit z into the site's: `slope * z + offset`."""

    slope: float
    offset: float


def logistic(logits: Floats) -> Floats:
    """Probabilities of logits, without overflow."""
    probabilities: Floats = 0.5 * (1.0 + np.tanh(0.5 * logits))
    return probabilities


def log_odds(share: float) -> float:
    """The logit of a share, which is kept a millionth away from 0 and 1."""
    bounded = min(max(share, 1e-6), 1 - 1e-6)
    return float(np.log(bounded / (1 - bounded)))


def refit(logits: Floats, y: Ints) -> Change:
    """Slope and offset by logistic regression on judged comments [n], shrunk towards 1 and 0.

    The most probable values when, before any label is seen, slope and offset are normally distributed around the model's own with
    the standard deviations SLOPE_SPREAD and OFFSET_SPREAD (maximum a posteriori, as in Platt scaling with Gaussian priors): few
    labels move little, many decide alone. Labels of one class are fine.
    """

    def loss(change: Floats) -> tuple[float, Floats]:
        slope, offset = change
        shifted = slope * logits + offset
        error = logistic(shifted) - y
        cost = np.sum(np.logaddexp(0.0, shifted) - y * shifted)
        cost += ((slope - 1) / SLOPE_SPREAD) ** 2 / 2 + (offset / OFFSET_SPREAD) ** 2 / 2
        gradient = np.array([error @ logits + (slope - 1) / SLOPE_SPREAD**2, error.sum() + offset / OFFSET_SPREAD**2])
        return float(cost), gradient

    found = minimize(loss, np.array([1.0, 0.0]), jac=True, method="L-BFGS-B", bounds=[(MIN_SLOPE, None), (None, None)])
    return Change(float(found.x[0]), float(found.x[1]))


def shift_to(logits: Floats, share: float) -> Change:
    """The offset by which the mean probability of unlabelled comments [n] becomes `share`, which is known from elsewhere."""

    def excess(offset: float) -> float:
        return float(logistic(logits + offset).mean()) - share

    bound = float(np.abs(logits).max()) + abs(log_odds(share)) + 1.0
    return Change(1.0, float(brentq(excess, -bound, bound)))
