"""Train on a label file alone and measure on other people's comments, beside as many rows of a public set; learning curve."""

import random
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
from sets import find_sets, sample, write_rows

import moderation
from moderation.learning.labels import Label
from moderation.learning.metrics import binary_metrics

__all__ = ["AKIN", "HEADS", "compare", "learning_curve", "mean_auc"]

HEADS = ("hostile", "conspiracy")
RIVALS = {"hostile": ("civil_comments", "jigsaw_wiki"), "conspiracy": ("psycomark",)}
"""The public sets that stand for "the same number of collected rows"; trained on the half that is not reported on."""

AKIN = {"hostile": {"civil_comments", "jigsaw_wiki", "toxic_spans_cc", "wiki_cat_large"}, "conspiracy": {"psycomark"}}
"""Sets of the same site as a rival: its home ground, left out of the second mean."""

SIZES = (250, 500, 1000, 2000, 4000)
DRAWS = 3


def train(rows: Iterable[Label]) -> moderation.Classifier:
    """A classifier of the two heads, trained by `moderation.train` on a temporary file; stances are left out, they cost time only."""
    with tempfile.TemporaryDirectory() as folder:
        columns = ("text", "conspiracy", "hostile", "thread", "source")
        return moderation.train(write_rows(rows, Path(folder) / "rows.csv", columns))


def measure(rows: Sequence[Label], model: moderation.Classifier) -> dict[str, Any]:
    """The figures of `moderation.evaluate` for both heads, and the share of all rows that each flags; every row is scored once."""
    scores = model.score_many([row.text for row in rows])
    report: dict[str, Any] = {
        "flagged": {head: float(np.mean([head in score.flags for score in scores])) for head in HEADS}
    }
    for head in model.model.heads:
        judged = [at for at, row in enumerate(rows) if row.judged(head.name) is not None]
        if judged:
            probabilities = np.array([getattr(scores[at], head.name) or 0.0 for at in judged])
            y = np.array([rows[at].judged(head.name) for at in judged], np.int64)
            report[head.name] = binary_metrics(probabilities, y, head.threshold)
    return report


def binary_rows(rows: Sequence[Label]) -> list[Label]:
    """The first row of every text that judges a head."""
    first: dict[str, Label] = {}
    for row in rows:
        if row.hostile is not None or row.conspiracy is not None:
            first.setdefault(row.text, row)
    return list(first.values())


def draw(rows: Sequence[Label], count: int, seed: int) -> list[Label]:
    """`count` of the rows at random, the same for the same seed."""
    return random.Random(seed).sample(list(rows), min(count, len(rows)))


def compare(own: Sequence[Label], data: Path, limit: int) -> dict[str, Any]:
    """For every set: figures of the model of `own`, of as many rows of the rival public set, and of the majority answer.

    {"sets": {name: {"own", "hostile", "conspiracy", "fewer"}}, "trained": rows behind each}; "hostile" and "conspiracy" are the
    models of the rival sets. The rival of conspiracy is small, so "fewer" is a model of that many rows of `own`.
    """
    paths = find_sets(data)
    own = binary_rows(own)
    models = {"own": train(own)}
    behind = {"own": own}
    for head, names in RIVALS.items():
        rows = [row for name in names for row in sample(paths[name], len(own), report=False)]
        rows = [row for row in binary_rows(rows) if row.judged(head) is not None]
        small = [row for row in rows if row.source == names[0]]
        rest = [row for row in rows if row.source != names[0]]
        rows = small + draw(rest, len(own) - len(small), seed=0)
        models[head], behind[head] = train(rows), rows
    behind["fewer"] = draw(own, len(behind["conspiracy"]), seed=0)
    models["fewer"] = train(behind["fewer"])
    trained = {name: {"rows": len(rows), **_positives(rows)} for name, rows in behind.items()}
    report: dict[str, dict[str, Any]] = {}
    for name, path in paths.items():
        rows = sample(path, limit, report=True)
        if rows:
            report[name] = {key: measure(rows, model) for key, model in models.items()} | {"rows": len(rows)}
    return {"sets": report, "trained": trained}


def _positives(rows: Sequence[Label]) -> dict[str, int]:
    return {head: sum(row.judged(head) == 1 for row in rows) for head in HEADS}


def mean_auc(reports: Mapping[str, Mapping[str, Any]], model: str, head: str, *, foreign: bool = False) -> float:
    """Mean ROC AUC of one model over the sets that judge a head, or over those that no rival is at home in."""
    found = [
        report[model][head]["roc_auc"]
        for name, report in reports.items()
        if head in report["own"] and not (foreign and name in AKIN[head])
    ]
    return mean(value for value in found if value is not None)


def learning_curve(own: Sequence[Label], data: Path, limit: int) -> list[dict[str, float]]:
    """For 250, 500, … and all rows: mean ROC AUC over the sets of each head, and that of grouped cross-validation, over three draws."""
    own = binary_rows(own)
    samples = {name: sample(path, limit, report=True) for name, path in find_sets(data).items()}
    judged = {head: {name: rows for name, rows in samples.items() if _both(rows, head)} for head in HEADS}
    curve = []
    for size in [*(size for size in SIZES if size < len(own)), len(own)]:
        draws = [_point(draw(own, size, seed), judged) for seed in range(DRAWS if size < len(own) else 1)]
        figures = {key: mean(point[key] for point in draws) for key in draws[0]}
        spread = {f"{head} range": float(np.ptp([point[head] for point in draws])) for head in HEADS}
        curve.append({"rows": size, "draws": len(draws), **figures, **spread})
    return curve


def _both(rows: Sequence[Label], head: str) -> bool:
    return {0, 1} <= {row.judged(head) for row in rows}


def _point(rows: Sequence[Label], judged: Mapping[str, Mapping[str, Sequence[Label]]]) -> dict[str, float]:
    model = train(rows)
    point = {}
    for head in HEADS:
        found = [measure(part, model)[head]["roc_auc"] for part in judged[head].values()]
        point[head] = mean(found)
        point[f"{head} cross-validated"] = model.model.about["metrics"][head]["roc_auc"]
    return point
