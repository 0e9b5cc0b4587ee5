"""Measure a Classifier on labelled rows that it has not seen, each figure beside the majority baseline."""

import hashlib
from typing import Any

import numpy as np

from moderation.errors import ModelError
from moderation.learning import labels
from moderation.learning.labels import Label, Paths
from moderation.learning.metrics import binary_metrics, stance_metrics
from moderation.model.linear import STANCE_LABELS
from moderation.records import Stance
from moderation.scoring.classifier import Classifier, load

__all__ = ["evaluate", "find_seen"]


def evaluate(paths: Paths, model: Classifier | None = None, split: str | None = None) -> dict[str, Any]:
    """Figures for each head that the rows judge: {"hostile": …, "conspiracy": …, "stance": {"pooled": …, "targets": …}}.

    A row that the model does not score (another language) counts as not flagged, and among "unscored"; for stance as neutral. Every
    row is answered for its own target; a target that the model does not know stands under "unknown" with its number of rows.
    """
    classifier = model or load()
    rows = labels.read(paths, split)
    report: dict[str, Any] = {}
    for head in classifier.model.heads:
        judged = [row for row in rows if row.judged(head.name) is not None]
        if judged:
            scores = classifier.score_many([row.text for row in judged])
            probabilities = np.array([getattr(score, head.name) or 0.0 for score in scores])
            y = np.array([row.judged(head.name) for row in judged], np.int64)
            report[head.name] = binary_metrics(probabilities, y, head.threshold)
            if unscored := sum(getattr(score, head.name) is None for score in scores):
                report[head.name]["unscored"] = unscored
    stance = [row for row in rows if row.stance]
    if stance:
        report["stance"] = _stance(stance, classifier)
    return report


def find_seen(paths: Paths, model: Classifier) -> list[str]:
    """Names of the label files that the model was trained on, by their content: figures on their rows flatter it."""
    known = {entry["sha256"] for entry in model.model.about.get("data", ())}
    files = labels.find_files(paths)
    return [file.name for file in files if hashlib.sha256(file.read_bytes()).hexdigest() in known]


def _likeliest(answer: Stance | None) -> str:
    """The label with the highest probability, also where the model abstains; neutral where it does not answer at all."""
    return "neutral" if answer is None else max(STANCE_LABELS, key=lambda label: float(getattr(answer, label)))


def _stance(rows: list[Label], classifier: Classifier) -> dict[str, Any]:
    truth, forced, given, reports, unknown = [], [], [], {}, {}
    for target in sorted({row.target for row in rows}):
        own = [row for row in rows if row.target == target]
        try:
            known = classifier.targets[classifier.find_target(target)]
        except ModelError:
            unknown[target] = len(own)
            continue
        right = [row.stance or "" for row in own]
        guesses, sure = [], []
        for score in classifier.score_many([row.text for row in own], targets=[known]):
            answer = next((stance for stance in score.stance if stance.target == known), None)
            guesses.append(_likeliest(answer))
            sure.append(answer is not None and answer.label is not None)
        reports[target] = stance_metrics(right, guesses, sure)
        truth += right
        forced += guesses
        given += sure
    pooled = stance_metrics(truth, forced, given) if truth else {"n": 0}
    report: dict[str, Any] = {"pooled": pooled, "targets": reports}
    if unknown:
        report["unknown"] = unknown
    return report
