"""Train a Classifier from label files: vocabulary, heads, stance targets, calibration, thresholds and their own report.

The same rows give the same model: nothing depends on time, on the order of a set, or on random numbers without a seed.
"""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from sklearn.metrics import roc_auc_score

from moderation.errors import LabelError
from moderation.features.discovery import discover, normalise_many
from moderation.features.kernel import Kernel
from moderation.features.vocabulary import Settings, Vocabulary
from moderation.learning import labels
from moderation.learning.fitting import (
    Inputs,
    best_threshold,
    calibrate,
    fit_binary,
    fold_logits,
    project,
    to_values,
)
from moderation.learning.labels import Label, Paths
from moderation.learning.metrics import binary_metrics, bootstrap_intervals, stance_metrics
from moderation.learning.pool import MIN_CLASS, Pool, Task, find_groups
from moderation.learning.stance import STANCE_STRENGTH, fit_stance, fit_temperature, stance_logits
from moderation.learning.vectors import learn_vectors
from moderation.model.language import identify
from moderation.model.linear import STANCE_LABELS, Head, LinearModel, Target
from moderation.scoring.classifier import Classifier

__all__ = ["HEADS", "train"]

HEADS = ("hostile", "conspiracy")

STRENGTH = 0.5
"""scikit-learn's C, the best of 0.25, 0.5, 1, 2 by leaving one source out."""

PREVALENCE = {"hostile": 0.1, "conspiracy": 0.03}
"""Share of ordinary comments that is positive, as far as calibration and thresholds go, where files were added and none tells."""


STANCE_FEATURES = 20_000
"""Features that a stance target keeps, those with the largest weights."""

MIN_ACCURACY = 0.7
"""Share of right answers out of fold that the stance heads' abstention aims at."""

Ints = npt.NDArray[np.int64]


def train(
    paths: Paths,
    split: str | None = None,
    settings: Settings | None = None,
    added: Mapping[str, float] | None = None,
) -> Classifier:
    """A Classifier trained on label files (see `moderation.learning.labels`), not saved yet.

    `added` names further files in the same columns, each with what one of its rows counts beside a row of the label files: they
    teach the heads `hostile` and `conspiracy`, but no stance, and with a factor of 0 only how words are used. `split` selects
    rows of the label files only.
    Raises LabelError for bad rows, and when no head and no target has enough rows.
    """
    files = labels.find_files(paths)
    own = labels.read(files, split)
    factors = {str(file): float(factor) for file, factor in (added or {}).items()}
    more = labels.read(list(factors)) if factors else []
    pool = Pool([*own, *more], factors)
    vocabulary = discover(pool.texts + pool.unjudged, settings)
    inputs = _prepare(pool, vocabulary)
    heads, weights, metrics = [], [], {}
    for name in HEADS:
        fitted = _fit_head(name, pool, inputs)
        if fitted:
            heads.append(fitted.head)
            weights.append(fitted.weights * vocabulary.idf)
            metrics[name] = fitted.metrics
    targets, arrays, stance = _fit_targets(own, pool.place, inputs, vocabulary)
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
        "data": [*map(_describe, files), *(_describe(Path(file), factor) for file, factor in factors.items())],
        "split": split,
        "rows": len(own) + len(more),
        "texts": len(pool.texts) + len(pool.unjudged),
        "languages": _languages([row.text for row in own]),
        "sources": _sources([*own, *more]),
        "prevalence": {head.name: PREVALENCE[head.name] for head in heads} if factors else {},
        "strength": {"heads": STRENGTH, "stance": STANCE_STRENGTH},
        "metrics": {**metrics, **({"stance": stance} if targets else {})},
    }
    return Classifier(LinearModel(vocabulary, tuple(heads), tuple(targets), arrays, about))


def _prepare(pool: Pool, vocabulary: Vocabulary) -> Inputs:
    kernel = Kernel(vocabulary, np.zeros((len(vocabulary), 0), np.float32))
    values = to_values(kernel.count(pool.texts), vocabulary)
    return project(values, learn_vectors(normalise_many(pool.texts + pool.unjudged), vocabulary))


class _FittedHead(NamedTuple):
    head: Head
    weights: npt.NDArray[np.float64]
    metrics: dict[str, Any]


def _fit_head(name: str, pool: Pool, inputs: Inputs) -> _FittedHead | None:
    task = pool.assemble(name)
    if task is None:
        return None
    own = inputs.take(task.places)
    logits = fold_logits(own, task, STRENGTH)
    counts = task.everyday(PREVALENCE[name]) if pool.factors else np.ones(len(task.y))
    slope, offset = calibrate(logits, task.y, counts)
    probabilities = 1.0 / (1.0 + np.exp(-(slope * logits + offset)))
    threshold = best_threshold(probabilities, task.y, counts)
    fit = fit_binary(own, task.y, task.weights, STRENGTH)
    head = Head(name, round(fit.intercept, 6), round(slope, 6), round(offset, 6), threshold)
    return _FittedHead(head, fit.weights, _report(task, probabilities, threshold))


def _report(task: Task, probabilities: npt.NDArray[np.float64], threshold: float) -> dict[str, Any]:
    """Figures over all judged rows, and by source: rows, positives, ROC AUC, share of negatives flagged."""
    judged = slice(0, task.judged)
    metrics = binary_metrics(probabilities[judged], task.y[judged], threshold)
    metrics["intervals"] = bootstrap_intervals(probabilities[judged], task.y[judged], threshold)
    by_source = {}
    for source in sorted(set(task.sources.tolist())):
        own = task.sources == source
        y, p = task.y[own], probabilities[own]
        both = 0 < int(y.sum()) < len(y)
        by_source[source] = {
            "n": len(y),
            "positives": int(y.sum()),
            "roc_auc": round(float(roc_auc_score(y, p)), 4) if both else None,
            "flagged_negatives": round(float((p[y == 0] >= threshold).mean()), 4) if (y == 0).any() else None,
        }
    if len(by_source) > 1:
        metrics["by_source"] = by_source
    return metrics


def _describe(path: Path, factor: float | None = None) -> dict[str, Any]:
    entry: dict[str, Any] = {"file": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    return entry if factor is None else {**entry, "factor": factor}


def _fit_targets(
    rows: list[Label], place: dict[str, int], inputs: Inputs, vocabulary: Vocabulary
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
        part = inputs.take(np.array([place[row.text] for row in own], np.int64))
        logits = stance_logits(part, y, find_groups(own))
        slope = fit_temperature(logits, y)
        floor, sure = _abstention(slope * logits, y)
        fit = fit_stance(part, y)
        used = _strongest(fit.weights * vocabulary.idf[:, None])
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


def _strongest(weights: npt.NDArray[np.float64]) -> npt.NDArray[np.int32]:
    """Ids of the STANCE_FEATURES features with the largest weights [F, 3], in order."""
    size = np.abs(weights).max(axis=1)
    kept = np.argsort(-size, kind="stable")[:STANCE_FEATURES]
    return np.sort(kept[size[kept] > 0]).astype(np.int32)


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
