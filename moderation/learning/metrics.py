"""Measures of quality with their baselines: what `evaluate`, `train` and the model card report."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.metrics import average_precision_score, f1_score, roc_auc_score

from moderation.model.linear import STANCE_LABELS

__all__ = ["binary_metrics", "bootstrap_intervals", "calibration_error", "stance_metrics"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
BINS = 15


def calibration_error(probabilities: Floats, y: Ints) -> float:
    """Expected calibration error over 15 bins of equal width (Naeini et al. 2015)."""
    bins = np.minimum((probabilities * BINS).astype(int), BINS - 1)
    gaps = [
        abs(float(probabilities[bins == k].mean()) - float(y[bins == k].mean())) * float((bins == k).mean())
        for k in range(BINS)
        if (bins == k).any()
    ]
    return float(sum(gaps))


def binary_metrics(probabilities: Floats, y: Ints, threshold: float) -> dict[str, Any]:
    """Figures of one head on rows [n], at its threshold, with those of the majority answer beside them.

    ROC AUC and average precision are None where only one class occurs.
    """
    flagged = (probabilities >= threshold).astype(np.int64)
    both = 0 < int(y.sum()) < len(y)
    majority = np.full(len(y), int(2 * y.sum() > len(y)), np.int64)
    rate = float(y.mean())
    return {
        "n": len(y),
        "positives": int(y.sum()),
        "flagged": int(flagged.sum()),
        "roc_auc": _rounded(roc_auc_score(y, probabilities)) if both else None,
        "average_precision": _rounded(average_precision_score(y, probabilities)) if both else None,
        "macro_f1": _rounded(_macro_f1(y, flagged, (0, 1))),
        "brier": _rounded(float(np.mean((probabilities - y) ** 2))),
        "ece": _rounded(calibration_error(probabilities, y)),
        "majority": {
            "roc_auc": 0.5,
            "average_precision": _rounded(rate),
            "macro_f1": _rounded(_macro_f1(y, majority, (0, 1))),
            "brier": _rounded(rate * (1 - rate)),
        },
    }


def bootstrap_intervals(probabilities: Floats, y: Ints, threshold: float, rounds: int = 200) -> dict[str, list[float]]:
    """95 % intervals of ROC AUC and macro-F1 by resampling rows (percentile bootstrap, Efron 1979), with a fixed seed."""
    random = np.random.default_rng(0)
    figures: dict[str, list[float]] = {"roc_auc": [], "macro_f1": []}
    for _ in range(rounds):
        rows = random.integers(0, len(y), len(y))
        if 0 < int(y[rows].sum()) < len(y):
            figures["roc_auc"].append(float(roc_auc_score(y[rows], probabilities[rows])))
            flagged = (probabilities[rows] >= threshold).astype(np.int64)
            figures["macro_f1"].append(_macro_f1(y[rows], flagged, (0, 1)))
    return {
        name: [_rounded(float(np.percentile(values, q))) for q in (2.5, 97.5)]
        for name, values in figures.items()
        if values
    }


def stance_metrics(truth: Sequence[str], forced: Sequence[str], answered: Sequence[bool]) -> dict[str, Any]:
    """Figures of stance answers, every row answered; coverage and selective macro-F1 where the model did not abstain."""
    y, guess = np.array(truth), np.array(forced)
    given = np.array(answered, bool)
    labels = [label for label in STANCE_LABELS if label in set(truth)]
    counts = [truth.count(label) for label in labels]
    majority = np.full(len(y), labels[int(np.argmax(counts))])
    return {
        "n": len(y),
        "labels": dict(zip(labels, counts, strict=True)),
        "macro_f1": _rounded(_macro_f1(y, guess, labels)),
        "f_avg": _rounded(_macro_f1(y, guess, ("favor", "against"))),
        "accuracy": _rounded(float((y == guess).mean())),
        "coverage": _rounded(float(given.mean())),
        "selective_macro_f1": _rounded(_macro_f1(y[given], guess[given], labels)) if given.any() else None,
        "majority": {
            "macro_f1": _rounded(_macro_f1(y, majority, labels)),
            "f_avg": _rounded(_macro_f1(y, majority, ("favor", "against"))),
            "accuracy": _rounded(float((y == majority).mean())),
        },
    }


def _macro_f1(y: Any, guess: Any, labels: Sequence[Any]) -> float:
    return float(f1_score(y, guess, labels=list(labels), average="macro", zero_division=0))


def _rounded(value: float) -> float:
    return round(float(value), 4)
