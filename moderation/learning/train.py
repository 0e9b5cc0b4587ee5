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
from moderation.features.merging import merge
from moderation.features.vocabulary import Settings, Vocabulary
from moderation.learning import labels
from moderation.learning.directions import carry
from moderation.learning.fitting import (
    Inputs,
    best_threshold,
    calibrate,
    project,
    to_values,
)
from moderation.learning.labels import HEADS, Label, Paths
from moderation.learning.metrics import binary_metrics, bootstrap_intervals
from moderation.learning.pool import MIN_CLASS, Pool, Task
from moderation.learning.recipe import FIRST, Recipe, choose_recipe, fit_head, fold_logits
from moderation.learning.stance import STANCE_STRENGTH
from moderation.learning.targets import find_others, fit_targets, join_targets
from moderation.learning.vectors import learn_vectors
from moderation.model.language import identify
from moderation.model.linear import Head, LinearModel
from moderation.scoring.classifier import Classifier

__all__ = ["train"]

STRENGTH = FIRST.strength

WORTH = 0.003
"""F1 given up for fewer flags where the model is made for any site (rows of other files were added)."""

PREVALENCE = {"hostile": 0.05, "conspiracy": 0.02}
"""Share of ordinary comments that is positive, as far as calibration and thresholds go, where files were added and none tells."""


def train(
    paths: Paths,
    split: str | None = None,
    settings: Settings | None = None,
    added: Mapping[str, float] | None = None,
    base: Classifier | None = None,
    tune: bool = False,
    keep_heads: bool = False,
) -> Classifier:
    """A Classifier trained on label files (see `moderation.learning.labels`), not saved yet.

    `added` names further files in the same columns, each with what one of its rows counts beside a row of the label files: they
    teach the heads `hostile` and `conspiracy`, but no stance, and with a factor of 0 only how words are used. `split` selects
    rows of the label files only. `base` is an earlier model whose features are kept and whose heads the new ones may lean on
    (`moderation.learning.directions`); `tune` tries several recipes for each head (`moderation.learning.recipe`) and sets
    thresholds where the mean F1 of both classes is highest, for comments of the same making as the rows. With `keep_heads`, and where the
    rows judge no head, those of `base` stay as they are, its features too and the targets that the rows do not judge.
    Raises LabelError for bad rows, and when no head and no target has enough rows.
    """
    files = labels.find_files(paths)
    own = labels.read(files, split)
    factors = {str(file): float(factor) for file, factor in (added or {}).items()}
    more = labels.read(list(factors)) if factors else []
    pool = Pool([*own, *more], factors)
    kept = base.model if base and (keep_heads or not any(map(pool.assemble, HEADS))) else None
    vocabulary = _find_vocabulary(pool, settings, base, kept)
    inputs = _prepare(pool, vocabulary, base)
    heads, weights, metrics, recipes = [], [], {}, {}
    for name in () if kept else HEADS:
        fitted = _fit_head(name, pool, inputs, vocabulary.n_words, tune)
        if fitted:
            heads.append(fitted.head)
            weights.append(fitted.weights * vocabulary.idf)
            metrics[name] = fitted.metrics
            recipes[name] = fitted.recipe._asdict()
    targets, arrays, stance = fit_targets(own, pool.place, inputs, vocabulary)
    if not heads and not targets:
        raise LabelError(
            f"too few labels to learn from: a head needs {MIN_CLASS} rows of each class",
            ", ".join(map(str, files)),
            "label more rows",
        )
    arrays["weights"] = (
        np.column_stack(weights).astype(np.float32) if weights else np.zeros((len(vocabulary), 0), np.float32)
    )
    stays = {}
    if kept:
        heads = list(kept.heads)
        stays = {"heads": [head.name for head in heads], "targets": find_others(kept, targets)}
        targets, arrays = join_targets(kept, targets, arrays)
        arrays["weights"] = np.array(kept.weights)
    about = {
        "data": [
            *map(_describe, files),
            *(_describe(Path(file), factor) for file, factor in factors.items()),
            *({**entry, "through": "base"} for entry in (base.model.about["data"] if base else ())),
        ],
        "split": split,
        "rows": len(own) + len(more),
        "texts": len(pool.texts) + len(pool.unjudged),
        "languages": sorted({*_languages([row.text for row in own]), *(kept.languages if kept else ())}),
        "sources": _sources([*own, *more]),
        "prevalence": _presume(heads, factors, kept),
        "strength": {"heads": STRENGTH, "stance": STANCE_STRENGTH},
        **({"recipes": recipes} if tune else {}),
        **({"seen": seen} if (seen := _seen_before(files, base)) else {}),
        "metrics": {**metrics, **({"stance": stance} if stance else {})},
        **({"kept": stays} if stays else {}),
    }
    return Classifier(LinearModel(vocabulary, tuple(heads), tuple(targets), arrays, about))


def _find_vocabulary(
    pool: Pool, settings: Settings | None, base: Classifier | None, kept: LinearModel | None
) -> Vocabulary:
    """The features: those of the texts and of the earlier model, or the latter alone where its heads stay."""
    if kept is not None:
        return kept.vocabulary
    found = discover(pool.texts + pool.unjudged, settings)
    return found if base is None else merge(found, base.model.vocabulary)


def _presume(heads: Sequence[Head], factors: Mapping[str, float], kept: LinearModel | None) -> dict[str, float]:
    """The shares of positives that the heads are calibrated to, where they are not those of the rows."""
    if kept is not None:
        return dict(kept.about.get("prevalence") or {})
    return {head.name: PREVALENCE[head.name] for head in heads} if factors else {}


def _prepare(pool: Pool, vocabulary: Vocabulary, base: Classifier | None) -> Inputs:
    kernel = Kernel(vocabulary, np.zeros((len(vocabulary), 0), np.float32))
    values = to_values(kernel.count(pool.texts), vocabulary)
    vectors = learn_vectors(normalise_many(pool.texts + pool.unjudged), vocabulary)
    return project(values, vectors if base is None else np.hstack([vectors, carry(base.model, vocabulary, values)]))


class _FittedHead(NamedTuple):
    head: Head
    weights: npt.NDArray[np.float64]
    metrics: dict[str, Any]
    recipe: Recipe


def _fit_head(name: str, pool: Pool, inputs: Inputs, n_words: int, tune: bool) -> _FittedHead | None:
    task = pool.assemble(name)
    if task is None:
        return None
    own = inputs.take(task.places)
    recipe, logits = choose_recipe(own, task, n_words) if tune else (FIRST, fold_logits(own, task, FIRST, n_words))
    counts = task.everyday(PREVALENCE[name]) if pool.factors else np.ones(len(task.y))
    slope, offset = calibrate(logits, task.y, counts)
    probabilities = 1.0 / (1.0 + np.exp(-(slope * logits + offset)))
    threshold = best_threshold(
        probabilities, task.y, counts, macro=tune, worth=WORTH if pool.factors and not tune else 0.0
    )
    fit = fit_head(own, task, recipe, n_words)
    head = Head(name, round(fit.intercept, 6), round(slope, 6), round(offset, 6), threshold)
    return _FittedHead(head, fit.weights, _report(task, probabilities, threshold), recipe)


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


def _seen_before(files: Sequence[Path], base: Classifier | None) -> list[str]:
    """Names of label files that the earlier model learned from, by content or by name: figures on their rows flatter what leans on it."""
    entries = base.model.about["data"] if base else []
    known = {entry[part] for entry in entries for part in ("file", "sha256")}
    return [file.name for file in files if not known.isdisjoint(_describe(file).values())]


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
