"""What a model says of itself: facts for `moderation info`, the manifest and the card."""

from collections.abc import Mapping
from typing import Any

from moderation.model.linear import LinearModel

__all__ = ["describe", "describe_adaptation", "describe_text"]


def describe(model: LinearModel, name: str, hash: str | None) -> dict[str, Any]:
    """Facts about a model as JSON types: name, hash, features, heads, targets, and what training noted."""
    return {
        "name": name,
        "hash": hash,
        "features": {"words": model.vocabulary.n_words, "ngrams": model.vocabulary.n_chars},
        "heads": [{"name": head.name, "threshold": head.threshold} for head in model.heads],
        "targets": [{"name": target.name, "aliases": list(target.aliases)} for target in model.targets],
        **model.about,
    }


def describe_text(facts: dict[str, Any]) -> str:
    """The facts as lines for a terminal."""
    lines = [
        f"model      {facts['name']}",
        f"sha256     {facts['hash']}",
        f"features   {facts['features']['words']:,} words and pairs, {facts['features']['ngrams']:,} character n-grams",
        f"languages  {', '.join(facts.get('languages', ()))}",
        f"trained on {facts.get('rows', 0):,} rows: "
        + ", ".join(f"{name} {n:,}" for name, n in facts.get("sources", {}).items()),
    ]
    metrics = facts.get("metrics", {})
    for head in facts["heads"]:
        found = metrics.get(head["name"], {})
        lines.append(
            f"{head['name']:10} flags from {head['threshold']:.3f}; cross-validated ROC AUC {found.get('roc_auc')}, "
            f"macro-F1 {found.get('macro_f1')} (majority {found.get('majority', {}).get('macro_f1')})"
        )
    stance = metrics.get("stance", {}).get("targets", {})
    for target in facts["targets"]:
        found = stance.get(target["name"], {})
        lines.append(
            f"stance     {target['name']}: {found.get('n')} rows, macro-F1 {found.get('macro_f1')} "
            f"(majority {found.get('majority', {}).get('macro_f1')}), answers {found.get('coverage')} of them"
        )
    lines += [
        f"adapted    {describe_adaptation(record)}".replace("\n", "\n           ")
        for record in facts.get("adaptation", ())
    ]
    return "\n".join(lines)


def describe_adaptation(record: Mapping[str, Any]) -> str:
    """One record of `about["adaptation"]` as lines of text, a line a head."""
    lines = []
    for name, report in record["heads"].items():
        if report["method"] == "labels":
            means = f"fitted to {report['rows']:,} judged rows, {report['positives']:,} of them {name}"
        elif report["method"] == "rate":
            means = f"moved to the given share {report['rate']:.3f} of {report['comments']:,} comments"
        else:
            means = f"probabilities as they were (neither judged rows nor a rate), {report['comments']:,} comments"
        lines.append(
            f"{name}: {means}; flags from {report['threshold']:.4f}: {report['review_load']:.2%} of comments to review, "
            f"{report['expected_precision']:.0%} of them rightly"
        )
    return "\n".join(lines)
