"""Stance targets from label rows: which ones have rows enough, their weights as the model stores them, and how well they do."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from moderation.features.vocabulary import Vocabulary
from moderation.learning.fitting import Fit, Inputs
from moderation.learning.labels import Label
from moderation.learning.metrics import stance_metrics
from moderation.learning.pool import MIN_CLASS, find_groups
from moderation.learning.stance import Answer, Questions, fit_stances, prune
from moderation.model.linear import STANCE_LABELS, LinearModel, Target

__all__ = ["find_others", "fit_targets", "join_targets"]

MAX_FEATURES = 40_000
"""Features that a target keeps, those that matter most; 20,000 cost .02 macro-F1, 5,000 cost .07."""

Arrays = dict[str, npt.NDArray[Any]]


def fit_targets(
    rows: Sequence[Label], place: Mapping[str, int], inputs: Inputs, vocabulary: Vocabulary
) -> tuple[list[Target], Arrays, dict[str, Any]]:
    """Targets in the order of their names, the arrays that `LinearModel` stores of them, and their figures out of fold.

    A target needs 20 rows and at least 10 of two labels. `place` says which row of `inputs` has a text.
    """
    names = [name for name in sorted({row.target for row in rows if row.stance}) if _is_enough(_judged(rows, name))]
    asked = [row for name in names for row in _judged(rows, name)]
    if not asked:
        return [], _store([], vocabulary), {}
    questions = Questions(
        inputs.take(np.array([place[row.text] for row in asked], np.int64)),
        np.array([STANCE_LABELS.index(row.stance or "") for row in asked], np.int64),
        np.array([names.index(row.target) for row in asked], np.int64),
        find_groups(asked),
    )
    answers, share = fit_stances(questions)
    values = questions.inputs.values
    spread = np.sqrt(np.asarray(values.multiply(values).mean(axis=0)).ravel())
    kept = [prune(answer.fit, np.maximum(spread, 1e-6), MAX_FEATURES) for answer in answers]
    targets = [_name(name, rows, fit, answer) for name, fit, answer in zip(names, kept, answers, strict=True)]
    return targets, _store(kept, vocabulary), {**_report(names, rows, answers), "share": share}


def find_others(model: LinearModel, targets: Sequence[Target]) -> list[str]:
    """Names of an earlier model's targets that are not among `targets`, in any case."""
    names = {target.name.casefold() for target in targets}
    return [target.name for target in model.targets if target.name.casefold() not in names]


def join_targets(model: LinearModel, targets: Sequence[Target], arrays: Arrays) -> tuple[list[Target], Arrays]:
    """`targets` with their `arrays`, and the other targets of an earlier model of the same features, in the order of their names."""
    starts, ids, weights = (arrays[name] for name in ("stance_starts", "stance_ids", "stance_weights"))
    parts = {
        target.name: (target, ids[starts[t] : starts[t + 1]], weights[starts[t] : starts[t + 1]])
        for t, target in enumerate(targets)
    }
    others = set(find_others(model, targets))
    for t, target in enumerate(model.targets):
        if target.name in others:
            rows = model.stance_rows(t)
            parts[target.name] = (target, model.stance_ids[rows], model.stance_weights[rows])
    joined = [parts[name] for name in sorted(parts)]
    return [target for target, _, _ in joined], {
        "stance_starts": np.cumsum([0, *(len(own) for _, own, _ in joined)]).astype(np.int64),
        "stance_ids": np.concatenate([np.zeros(0, np.int32), *(own for _, own, _ in joined)]),
        "stance_weights": np.concatenate([np.zeros((0, 3), np.float32), *(own for _, _, own in joined)]),
    }


def _judged(rows: Sequence[Label], name: str) -> list[Label]:
    return [row for row in rows if row.target == name and row.stance]


def _is_enough(rows: Sequence[Label]) -> bool:
    counts = [sum(row.stance == label for row in rows) for label in STANCE_LABELS]
    return len(rows) >= 2 * MIN_CLASS and sum(count >= MIN_CLASS for count in counts) >= 2


def _name(name: str, rows: Sequence[Label], fit: Fit, answer: Answer) -> Target:
    aliases = dict.fromkeys(alias for row in rows if row.target == name for alias in row.aliases)
    first, second, third = (round(float(value), 6) for value in fit.intercept)
    return Target(name, tuple(aliases), (first, second, third), answer.slope, answer.floor)


def _store(fits: Sequence[Fit], vocabulary: Vocabulary) -> Arrays:
    used = [np.flatnonzero(fit.weights.any(axis=1)).astype(np.int32) for fit in fits]
    parts = [
        (fit.weights[ids] * vocabulary.idf[ids, None]).astype(np.float16).astype(np.float32)
        for fit, ids in zip(fits, used, strict=True)
    ]
    return {
        "stance_starts": np.cumsum([0, *map(len, used)]).astype(np.int64),
        "stance_ids": np.concatenate([np.zeros(0, np.int32), *used]),
        "stance_weights": np.concatenate([np.zeros((0, 3), np.float32), *parts]),
    }


def _report(names: Sequence[str], rows: Sequence[Label], answers: Sequence[Answer]) -> dict[str, Any]:
    truth, forced, given, reports = [], [], [], {}
    for name, answer in zip(names, answers, strict=True):
        right = [row.stance or "" for row in _judged(rows, name)]
        guesses = [STANCE_LABELS[label] for label in answer.logits.argmax(axis=1).tolist()]
        reports[name] = stance_metrics(right, guesses, answer.sure)
        truth += right
        forced += guesses
        given += answer.sure
    return {"pooled": stance_metrics(truth, forced, given), "targets": reports}
