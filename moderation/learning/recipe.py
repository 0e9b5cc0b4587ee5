"""Choose how a head is fitted, out of fold: how strongly it is held back, and whether words that set its classes apart move freely."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from moderation.learning.fitting import Fit, Inputs, calibrate, contrast, fit_binary, make_folds
from moderation.learning.pool import Task
from moderation.learning.vectors import DIMENSIONS

__all__ = ["FIRST", "RECIPES", "Recipe", "choose_recipe", "fit_head", "fold_logits", "log_losses"]

Floats = npt.NDArray[np.float64]


class Recipe(NamedTuple):
    """`strength` is scikit-learn's C; with `contrasted`, a feature's leeway is its log-count ratio (`fitting.contrast`); `lean` is the
    length of the word vectors beside that which they were learned with.
    """

    strength: float
    contrasted: bool = False
    lean: float = 1.0


FIRST = Recipe(0.5)
"""The best of C = 0.25, 0.5, 1, 2 by leaving one source out; contrast was not tried there."""

RECIPES = (FIRST, Recipe(2.0), Recipe(0.5, True, 0.4), Recipe(2.0, True, 0.4))
"""What is tried where rows of one kind are to be told apart. Beside contrast, word vectors are wanted less."""


def fit_head(inputs: Inputs, task: Task, recipe: Recipe, n_words: int) -> Fit:
    """The Fit of a head to all rows of its task."""
    leeway = contrast(inputs.values, task.y, n_words) if recipe.contrasted else None
    if recipe.lean != 1.0:
        lengths = np.ones(inputs.vectors.shape[1], np.float32)
        lengths[:DIMENSIONS] = recipe.lean  # what follows are directions
        inputs = Inputs(inputs.values, inputs.vectors * lengths, inputs.shadows * lengths)
    return fit_binary(inputs, task.y, task.weights, recipe.strength, leeway)


def fold_logits(inputs: Inputs, task: Task, recipe: Recipe, n_words: int) -> Floats:
    """Logits [n] of each row by a fit that has not seen its fold."""
    logits = np.zeros(len(task.y))
    for train, test in make_folds(task):
        part = task._replace(y=task.y[train], weights=task.weights[train])
        logits[test] = fit_head(inputs.take(train), part, recipe, n_words).logits(inputs.take(test))
    return logits


def choose_recipe(inputs: Inputs, task: Task, n_words: int) -> tuple[Recipe, Floats]:
    """The recipe of least log loss out of fold once calibrated, and its out-of-fold logits [n].

    FIRST stays unless the rows' losses fall by more than the standard error of their fall (the rule of one standard error, Breiman,
    Friedman, Olshen and Stone 1984): folds of few rows differ by chance.
    """
    trials = {recipe: fold_logits(inputs, task, recipe, n_words) for recipe in RECIPES}
    losses = {recipe: log_losses(logits, task.y) for recipe, logits in trials.items()}
    best = min(losses, key=lambda recipe: float(losses[recipe].mean()))
    fall = losses[FIRST] - losses[best]
    chosen = best if fall.mean() > fall.std() / np.sqrt(len(fall)) else FIRST
    return chosen, trials[chosen]


def log_losses(logits: Floats, y: npt.NDArray[np.int64]) -> Floats:
    """Log loss of each row in nats, of logits [n] after Platt's calibration to the same rows."""
    slope, offset = calibrate(logits, y)
    right = np.where(y == 1, 1.0, -1.0) * (slope * logits + offset)
    losses: Floats = np.logaddexp(0.0, -right)
    return losses
