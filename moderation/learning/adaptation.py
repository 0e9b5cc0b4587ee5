"""Adapt a model to a site: its probabilities to the site's comments, its thresholds to a stated policy.

Weights stay as they are, so the order of comments by a head's score does too. With judged comments a head's slope and offset are fitted
again, shrunk to the model's own; with unlabelled comments and a known share of positives (what the site's moderators remove, say) the
offset alone; with unlabelled comments and nothing else only the thresholds are set. Stance is left alone.
"""

import os
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from msgspec.structs import replace

from moderation.errors import InputError, ModelError, UsageError
from moderation.learning import thresholds
from moderation.learning.recalibration import Change, logistic, refit, shift_to
from moderation.learning.site import Site, gather
from moderation.model.linear import Head, LinearModel
from moderation.scoring.classifier import Classifier, load

__all__ = ["adapt", "adapt_to"]

MIN_LABELS = 20
MIN_COMMENTS = 200

Floats = npt.NDArray[np.float64]


def adapt(
    inputs: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    model: Classifier | None = None,
    policy: str = "f1",
    rates: Mapping[str, float] | None = None,
    heads: Collection[str] = (),
) -> Classifier:
    """A Classifier fitted to the site that the files are from; see `adapt_to` for what is done and which errors are raised."""
    classifier = model or load()
    one = isinstance(inputs, str | os.PathLike)
    paths = [Path(inputs)] if one else [Path(path) for path in inputs]  # type: ignore[arg-type, union-attr]
    return adapt_to(gather(paths, classifier), classifier, policy, rates, heads)


def adapt_to(
    site: Site,
    classifier: Classifier,
    policy: str = "f1",
    rates: Mapping[str, float] | None = None,
    heads: Collection[str] = (),
) -> Classifier:
    """A Classifier with new calibration and thresholds for `heads`, and a record of it under "adaptation" in `about`.

    Unless given, `heads` are those that rows judge or that have a rate, and all where there is neither. `policy` is f1,
    precision=SHARE or load=SHARE; `rates` gives known shares of positives by head. Raises InputError for too few rows or
    comments, or a rate for a head that is labelled; UsageError for an unknown policy, or a rate for a head that is not among `heads`;
    ModelError for an unknown head, and when the policy cannot be met.
    """
    wanted, rates = thresholds.parse(policy), dict(rates or {})
    names = [head.name for head in classifier.model.heads]
    for name in (*heads, *rates):
        if name not in names:
            raise ModelError(
                f'the model has no head "{name}"', classifier.name, f"it has: {', '.join(names) or 'none'}"
            )
    for name in rates:
        if heads and name not in heads:
            raise UsageError(f"a rate is given for {name}, and --head leaves it out", remedy=f"add --head {name}")
    told = {name for column, name in enumerate(names) if (site.judged[:, column] >= 0).any()} | set(rates)
    chosen = set(heads) or told or set(names)
    made: list[Head] = []
    reports: dict[str, Any] = {}
    for column, head in enumerate(classifier.model.heads):
        if head.name not in chosen:
            made.append(head)
            continue
        change, report = _recalibrate(site, column, head.name, rates.get(head.name))
        probabilities = logistic(change.slope * _sample(site, column) + change.offset)
        choice = thresholds.choose(probabilities, wanted, head.name)
        slope, offset = change.slope * head.slope, change.slope * head.offset + change.offset
        made.append(replace(head, slope=round(slope, 6), offset=round(offset, 6), threshold=choice.threshold))
        reports[head.name] = {
            **report,
            "slope": round(change.slope, 6),
            "offset": round(change.offset, 6),
            "mean_probability": round(float(probabilities.mean()), 6),
            "threshold": choice.threshold,
            "review_load": choice.load,
            "expected_precision": choice.precision,
        }
    model = classifier.model
    record = {
        "model": {"name": classifier.name, "sha256": classifier.hash},
        "files": site.files,
        "policy": str(wanted),
        "heads": reports,
    }
    about = {**model.about, "adaptation": [*model.about.get("adaptation", ()), record]}
    arrays = {name: getattr(model, name) for name in ("weights", "stance_starts", "stance_ids", "stance_weights")}
    return Classifier(LinearModel(model.vocabulary, tuple(made), model.targets, arrays, about))


def _recalibrate(site: Site, column: int, head: str, rate: float | None) -> tuple[Change, dict[str, Any]]:
    """The head's change, and a report of how it was found."""
    judged = site.judged[:, column] >= 0
    if judged.any():
        return _from_labels(site, column, head, rate)
    logits = site.logits[:, column]
    if len(logits) < MIN_COMMENTS:
        raise InputError(
            f"{len(logits)} comments and no row that judges {head} are too few to adapt to",
            site.place,
            f"give {MIN_COMMENTS} comments, or {MIN_LABELS} judged rows",
        )
    if rate is not None:
        if not 0 < rate < 1:
            raise InputError(f"the rate {rate:g} of {head} is not between 0 and 1", remedy="give a share, such as 0.05")
        return shift_to(logits, rate), {"method": "rate", "comments": len(logits), "rate": rate}
    return Change(1.0, 0.0), {"method": "thresholds", "comments": len(logits)}


def _from_labels(site: Site, column: int, head: str, rate: float | None) -> tuple[Change, dict[str, Any]]:
    rows = site.judged[:, column] >= 0
    y = site.judged[rows, column]
    if rate is not None:
        raise InputError(
            f"a rate is given for {head}, which {len(y)} rows judge", site.place, "give the rate or the judged rows"
        )
    if len(y) < MIN_LABELS:
        raise InputError(
            f"{len(y)} rows judge {head}, and {MIN_LABELS} are needed",
            site.place,
            "label more rows, or leave the head out with --head",
        )
    change = refit(site.logits[rows, column], y)
    return change, {"method": "labels", "rows": len(y), "positives": int(y.sum()), "comments": int((~rows).sum())}


def _sample(site: Site, column: int) -> Floats:
    """Logits of the comments that stand for the site: those not judged where there are enough of them, else the judged ones."""
    free = site.judged[:, column] < 0
    logits: Floats = site.logits[free if free.sum() >= MIN_COMMENTS else ~free, column]
    return logits
