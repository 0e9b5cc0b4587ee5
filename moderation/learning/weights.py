"""The three fits behind the segmenter: a logistic regression, boosted trees, and a choice among candidates; all take weighted rows.

The regression and the choice are our own L-BFGS over float32 (about ten times quicker here than scikit-learn's float64); the trees are
scikit-learn's histogram boosting, copied out into plain arrays.
"""

from typing import Any

import numpy as np
from scipy.optimize import minimize

from moderation.segmenter.model import Linear, Trees
from moderation.segmenter.page import Array

__all__ = ["fit_choice", "fit_logistic", "fit_trees"]


def _standardise(rows: Array) -> tuple[Array, Array, Array]:
    mean, scale = rows.mean(0, dtype=np.float64), rows.std(0, dtype=np.float64)
    dead = scale < 1e-4
    scale[dead] = 1.0
    scaled = (rows - mean.astype(np.float32)) / scale.astype(np.float32)
    scaled[:, dead] = 0.0
    return mean, scale, scaled


def fit_logistic(rows: Array, truth: Array, weight: Array, strength: float = 100.0, steps: int = 60) -> Linear:
    """Logistic regression with an L2 penalty of `strength`; weights are scaled to a mean of one."""
    mean, scale, scaled = _standardise(rows)
    weight = (weight * len(truth) / weight.sum()).astype(np.float32)
    truth = truth.astype(np.float32)

    def loss(values: Array) -> tuple[float, Array]:
        logits = scaled @ values[:-1].astype(np.float32) + np.float32(values[-1])
        chance = 1 / (1 + np.exp(-logits))
        surprise = np.logaddexp(0, np.where(truth > 0, -logits, logits))
        pull = weight * (chance - truth)
        slope = np.append((pull @ scaled).astype(np.float64) + strength * values[:-1], pull.sum(dtype=np.float64))
        return float((weight * surprise).sum(dtype=np.float64) + strength * (values[:-1] @ values[:-1]) / 2), slope

    found = minimize(loss, np.zeros(rows.shape[1] + 1), jac=True, method="L-BFGS-B", options={"maxiter": steps})
    return Linear(mean, scale, found.x[:-1], float(found.x[-1]))


def fit_choice(candidates: Array, group: Array, chosen: Array, weight: Array, strength: float = 30.0) -> Linear:
    """Softmax over the candidates (rows) of each group; `group` ascends from 0, `chosen` is the row that is right in each group."""
    mean, scale, scaled = _standardise(candidates)
    scaled = scaled.astype(np.float64)
    first = np.searchsorted(group, np.arange(group[-1] + 1))
    weight = weight * len(weight) / weight.sum()

    def loss(values: Array) -> tuple[float, Array]:
        scores = scaled @ values
        top = np.maximum.reduceat(scores, first)
        raised = np.exp(scores - top[group])
        total = np.add.reduceat(raised, first)
        gain = (weight * (scores[chosen] - top - np.log(total))).sum()
        slope = (weight[:, None] * scaled[chosen]).sum(0) - (raised / total[group] * weight[group]) @ scaled
        return float(-gain + strength * (values @ values) / 2), -slope + strength * values

    found = minimize(loss, np.zeros(candidates.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 200})
    return Linear(mean, scale, found.x, 0.0)


def fit_trees(rows: Array, truth: Array, weight: Array, count: int = 500) -> Trees:
    """Boosted trees of twenty leaves, in arrays; the same rows give the same trees."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    model = HistGradientBoostingClassifier(
        max_iter=count, learning_rate=0.05, max_leaf_nodes=20, max_depth=7, min_samples_leaf=40, l2_regularization=10, max_features=0.1,
        early_stopping=False, random_state=0,
    )  # fmt: skip
    model.fit(rows, truth, weight * len(truth) / weight.sum())
    trees: list[Any] = [stage[0].nodes for stage in model._predictors]
    table = np.full((len(trees), max(map(len, trees)), 4), -1.0)
    for place, nodes in enumerate(trees):
        leaf = nodes["is_leaf"].astype(bool)
        table[place, : len(nodes), 0] = np.where(leaf, -1, nodes["feature_idx"])
        table[place, : len(nodes), 1] = np.where(leaf, nodes["value"], nodes["num_threshold"])
        table[place, : len(nodes), 2] = np.where(leaf, 0, nodes["left"])
        table[place, : len(nodes), 3] = np.where(leaf, 0, nodes["right"])
    return Trees(table.astype(np.float32), float(np.ravel(model._baseline_prediction)[0]))
