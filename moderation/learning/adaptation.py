"""Adapt a model to a site: its probabilities to the site's comments, its thresholds to a stated policy.

Weights stay as they are, so the order of comments by a head's score does too. With judged comments a head's slope and offset are fitted
again, shrunk to the model's own; with a share that is known (what the site's moderators remove, say) and unlabelled comments the offset
alone; with unlabelled comments and nothing else it is moved, a little, to the share that they suggest. Stance is left alone.
"""

import os
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from msgspec.structs import replace

from moderation.errors import InputError, ModelError
from moderation.learning import thresholds
from moderation.learning.recalibration import Change, estimate_share, log_odds, logistic, refit, shift_to
from moderation.learning.site import Site, gather
from moderation.model.linear import Head, LinearModel
from moderation.scoring.classifier import Classifier, load

__all__ = ["adapt", "adapt_to", "base_rate"]

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
    """A Classifier with new calibration and thresholds for `heads` (all unless given), and a record of it under "adaptation" in `about`.

    `policy` is f1, precision=SHARE or load=SHARE; `rates` gives known shares of positives by head. Raises InputError for too few
    rows or comments, an unknown policy, or a rate for a head that is labelled; ModelError for an unknown head, and when the policy
    cannot be met.
    """
    wanted, rates = thresholds.parse(policy), dict(rates or {})
    names = [head.name for head in classifier.model.heads]
    for name in (*heads, *rates):
        if name not in names:
            raise ModelError(
                f'the model has no head "{name}"', classifier.name, f"it has: {', '.join(names) or 'none'}"
            )
    made: list[Head] = []
    reports: dict[str, Any] = {}
    for column, head in enumerate(classifier.model.heads):
        if heads and head.name not in heads:
            made.append(head)
            continue
        change, report = _recalibrate(site, column, head.name, classifier.model, rates.get(head.name))
        probabilities = logistic(change.slope * _sample(site, column) + change.offset)
        choice = thresholds.choose(probabilities, wanted, head.name)
        slope, offset = change.slope * head.slope, change.slope * head.offset + change.offset
        made.append(replace(head, slope=round(slope, 6), offset=round(offset, 6), threshold=choice.threshold))
        reports[head.name] = {
            **report,
            "slope": round(change.slope, 6),
            "offset": round(change.offset, 6),
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


def _recalibrate(
    site: Site, column: int, head: str, model: LinearModel, rate: float | None
) -> tuple[Change, dict[str, Any]]:
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
    base = base_rate(model, head)
    estimate = estimate_share(logits, base)
    if estimate.wanted is None:
        raise InputError(
            f"the share of {head} comments cannot be estimated: no answer after 1,000 rounds",
            site.place,
            f"give it with --rate {head}=SHARE, or label about 200 rows",
        )
    report = {"method": "estimate", "comments": len(logits), "rate": round(estimate.share, 6)}
    report["unbounded_rate"] = round(estimate.wanted, 6)
    return Change(1.0, log_odds(estimate.share) - log_odds(base)), report


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
    probabilities = logistic(change.slope * _sample(site, column) + change.offset)
    report = {"method": "labels", "rows": len(y), "positives": int(y.sum())}
    return change, {**report, "comments": int((~rows).sum()), "rate": round(float(probabilities.mean()), 6)}


def _sample(site: Site, column: int) -> Floats:
    """Logits of the comments that stand for the site: those not judged where there are enough of them, else the judged ones."""
    free = site.judged[:, column] < 0
    logits: Floats = site.logits[free if free.sum() >= MIN_COMMENTS else ~free, column]
    return logits


def base_rate(model: LinearModel, head: str) -> float:
    """The share of positives that a head's probabilities are calibrated to: an earlier adaptation's, or the training data's."""
    for record in reversed(model.about.get("adaptation", ())):
        if head in record["heads"]:
            return float(record["heads"][head]["rate"])
    figures = model.about.get("metrics", {}).get(head)
    if not figures:
        raise ModelError(
            f"the model does not say what share of {head} it was calibrated to",
            remedy=f"give the site's own with --rate {head}=SHARE",
        )
    return float(figures["positives"]) / float(figures["n"])
