"""Recipes: the one of least log loss out of fold is taken, and the first one unless another is clearly better."""

import numpy as np
import pytest
from scipy import sparse

from moderation.learning.fitting import Inputs, project
from moderation.learning.pool import Task
from moderation.learning.recipe import FIRST, RECIPES, choose_recipe, fit_head, fold_logits, log_losses


def ask(signal: float, features: int = 400, rows: int = 240) -> tuple[Inputs, Task]:
    """Rows of many idle features and a few that say the class."""
    random = np.random.default_rng(0)
    y = np.arange(rows) % 2
    X = (random.random((rows, features)) < 0.1).astype(np.float32)
    X[:, :8] = (random.random((rows, 8)) < np.where(y == 1, 0.5 + signal, 0.5 - signal)[:, None]) * 0.5
    names = np.array(["one"] * rows)
    task = Task(np.arange(rows), y, np.ones(rows), names, np.arange(rows), rows)
    return project(sparse.csr_matrix(X), np.zeros((features, 0), np.float32)), task


def test_log_loss_of_logits_that_say_nothing_is_that_of_a_coin() -> None:
    assert log_losses(np.zeros(10), np.arange(10) % 2) == pytest.approx([np.log(2)] * 10, abs=1e-6)


def test_log_loss_does_not_mind_the_scale() -> None:
    logits, y = np.random.default_rng(1).normal(size=100), np.arange(100) % 2
    assert log_losses(logits, y) == pytest.approx(log_losses(100 * logits, y), abs=1e-3)


def test_the_chosen_recipe_is_never_worse_than_the_first() -> None:
    inputs, task = ask(0.25)
    recipe, logits = choose_recipe(inputs, task, 400)
    assert recipe in RECIPES
    first = fold_logits(inputs, task, FIRST, 400)
    assert log_losses(logits, task.y).mean() <= log_losses(first, task.y).mean()
    assert recipe != FIRST


def test_where_nothing_is_to_be_learned_the_first_recipe_stays() -> None:
    inputs, task = ask(0.0)
    assert choose_recipe(inputs, task, 400)[0] == FIRST


def test_contrast_is_taken_from_the_rows_of_the_fit_alone() -> None:
    inputs, task = ask(0.25)
    fit = fit_head(inputs, task, RECIPES[-1], 400)
    assert np.abs(fit.weights[:8]).mean() > 3 * np.abs(fit.weights[8:]).mean()
