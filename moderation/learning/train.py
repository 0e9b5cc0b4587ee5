"""Train a Classifier from label files: vocabulary, heads, stance targets, calibration, thresholds and their own report.

The same rows give the same model: nothing depends on time, on the order of a set, or on random numbers without a seed.
"""

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from moderation.errors import LabelError
from moderation.features.discovery import discover
from moderation.features.kernel import Kernel
from moderation.features.vocabulary import Settings, Vocabulary
from moderation.learning import labels
from moderation.learning.fitting import (
    best_threshold,
    calibrate,
    fit_binary,
    fit_stance,
    fit_temperature,
    fold_logits,
    to_values,
)
from moderation.learning.labels import Label, Paths
from moderation.learning.metrics import binary_metrics, bootstrap_intervals, stance_metrics
from moderation.model.language import identify
from moderation.model.linear import STANCE_LABELS, Head, LinearModel, Target
from moderation.scoring.classifier import Classifier
from moderation.text import normalise

__all__ = ["HEADS", "train"]

HEADS = ("hostile", "conspiracy")
MIN_CLASS = 10
"""Rows of each class that a head needs; a stance target needs as many rows of at least two labels."""

STRENGTH = 4.0
STANCE_STRENGTH = 8.0
"""scikit-learn's C, the best of 0.25, 1, 4, 8, 16 by grouped cross-validation on labels.csv."""

MIN_ACCURACY = 0.7
"""Share of right answers out of fold that the stance heads' abstention aims at."""

Ints = npt.NDArray[np.int64]


def train(paths: Paths, split: str | None = None, settings: Settings | None = None) -> Classifier:
    """A Classifier trained on label files (see `moderation.learning.labels`), not saved yet.

    Raises LabelError for bad rows, and when no head and no target has enough rows.
    """
    files = labels.find_files(paths)
    rows = labels.read(files, split)
    texts = list(dict.fromkeys(row.text for row in rows))
    place = {text: at for at, text in enumerate(texts)}
    vocabulary = discover(texts, settings)
    kernel = Kernel(vocabulary, np.zeros((len(vocabulary), 0), np.float32))
    X = to_values(kernel.count(texts), vocabulary)
    heads, weights, metrics = [], [], {}
    for name in HEADS:
        fitted = _fit_head(name, rows, place, X)
        if fitted:
            heads.append(fitted[0])
            weights.append(fitted[1] * vocabulary.idf)
            metrics[name] = fitted[2]
    targets, arrays, stance = _fit_targets(rows, place, X, vocabulary)
    if not heads and not targets:
        raise LabelError(
            f"too few labels to learn from: a head needs {MIN_CLASS} rows of each class",
            ", ".join(map(str, files)),
            "label more rows",
        )
    arrays["weights"] = (
        np.column_stack(weights).astype(np.float32) if weights else np.zeros((len(vocabulary), 0), np.float32)
    )
    about = {
        "data": [{"file": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()} for path in files],
        "split": split,
        "rows": len(rows),
        "texts": len(texts),
        "languages": _languages(texts),
        "sources": _sources(rows),
        "strength": {"heads": STRENGTH, "stance": STANCE_STRENGTH},
        "metrics": {**metrics, **({"stance": stance} if targets else {})},
    }
    return Classifier(LinearModel(vocabulary, tuple(heads), tuple(targets), arrays, about))


def _fit_head(
    name: str, rows: list[Label], place: dict[str, int], X: sparse.csr_matrix
) -> tuple[Head, npt.NDArray[np.float64], dict[str, Any]] | None:
    judged: dict[str, Label] = {}
    for row in rows:
        if row.judged(name) is not None and judged.setdefault(row.text, row).judged(name) != row.judged(name):
            earlier = judged[row.text]
            raise LabelError(
                f"{name} {row.judged(name)} contradicts line {earlier.line} of {earlier.file}, which has the same text",
                f"{row.file}, line {row.line}",
                "settle which is right, or leave both empty",
            )
    y = np.array([row.judged(name) for row in judged.values()], np.int64)
    if len(y) == 0 or min(y.sum(), len(y) - y.sum()) < MIN_CLASS:
        return None
    own = X[[place[text] for text in judged]]
    logits = fold_logits(own, y, groups(list(judged.values())), lambda A, b: fit_binary(A, b, STRENGTH))
    slope, offset = calibrate(logits, y)
    probabilities = 1.0 / (1.0 + np.exp(-(slope * logits + offset)))
    threshold = best_threshold(probabilities, y)
    fit = fit_binary(own, y, STRENGTH)
    head = Head(name, round(fit.intercept, 6), round(slope, 6), round(offset, 6), threshold)
    metrics = binary_metrics(probabilities, y, threshold)
    metrics["intervals"] = bootstrap_intervals(probabilities, y, threshold)
    return head, fit.weights, metrics


def _fit_targets(
    rows: list[Label], place: dict[str, int], X: sparse.csr_matrix, vocabulary: Vocabulary
) -> tuple[list[Target], dict[str, npt.NDArray[Any]], dict[str, Any]]:
    targets: list[Target] = []
    ids: list[npt.NDArray[np.int32]] = [np.zeros(0, np.int32)]
    weights: list[npt.NDArray[np.float32]] = [np.zeros((0, 3), np.float32)]
    truth, forced, given, reports = [], [], [], {}
    for name in sorted({row.target for row in rows if row.stance}):
        own = [row for row in rows if row.target == name and row.stance]
        y = np.array([STANCE_LABELS.index(row.stance or "") for row in own], np.int64)
        if len(own) < 2 * MIN_CLASS or (np.bincount(y, minlength=3) >= MIN_CLASS).sum() < 2:
            continue
        part = X[[place[row.text] for row in own]]
        logits = fold_logits(part, y, groups(own), lambda A, b: fit_stance(A, b, STANCE_STRENGTH))
        slope = fit_temperature(logits, y)
        floor, sure = _abstention(slope * logits, y)
        fit = fit_stance(part, y, STANCE_STRENGTH)
        used = np.flatnonzero(fit.weights.any(axis=1)).astype(np.int32)
        ids.append(used)
        weights.append((fit.weights * vocabulary.idf[:, None])[used].astype(np.float32))
        aliases = dict.fromkeys(alias for row in rows if row.target == name for alias in row.aliases)
        first, second, third = (round(float(value), 6) for value in fit.intercept)
        targets.append(Target(name, tuple(aliases), (first, second, third), slope, floor))
        answers = [STANCE_LABELS[k] for k in logits.argmax(axis=1).tolist()]
        reports[name] = stance_metrics([row.stance or "" for row in own], answers, sure)
        truth += [row.stance or "" for row in own]
        forced += answers
        given += sure
    arrays: dict[str, npt.NDArray[Any]] = {
        "stance_starts": np.cumsum([len(part) for part in ids]).astype(np.int64),
        "stance_ids": np.concatenate(ids),
        "stance_weights": np.concatenate(weights),
    }
    pooled = stance_metrics(truth, forced, given) if truth else {}
    return targets, arrays, {"pooled": pooled, "targets": reports}


def _abstention(logits: npt.NDArray[np.float64], y: Ints) -> tuple[float, list[bool]]:
    """The least probability of the best label from which answers are right in MIN_ACCURACY of the cases, and who is answered.

    At most .9, so that a target nobody can tell apart is answered only when nearly certain.
    """
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    best = (shares / shares.sum(axis=1, keepdims=True)).max(axis=1)
    right = logits.argmax(axis=1) == y
    floor = 0.9
    for candidate in np.arange(0.34, 0.9, 0.02):
        answered = best >= candidate
        if answered.sum() >= MIN_CLASS and right[answered].mean() >= MIN_ACCURACY:
            floor = round(float(candidate), 2)
            break
    return floor, (best >= floor).tolist()


def groups(rows: Sequence[Label]) -> list[str]:
    """For each row what must stay together in a split: its thread, or its normalised text."""
    return [f"thread {row.source} {row.thread}" if row.thread else f"text {normalise(row.text).text}" for row in rows]


def _languages(texts: Sequence[str]) -> list[str]:
    found = [identify(text) for text in texts[:: max(1, len(texts) // 2000)]]
    known = [language for language in found if language]
    shares = {language: known.count(language) / len(known) for language in set(known)}
    return sorted(language for language, share in shares.items() if share >= 0.05) or ["en"]


def _sources(rows: Sequence[Label]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.source or "unnamed"] = counts.get(row.source or "unnamed", 0) + 1
    return dict(sorted(counts.items()))
