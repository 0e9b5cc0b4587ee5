"""The model card and the tables of figures, written from what training and evaluation measured and from nothing else."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from moderation.learning.labels import HEADS
from moderation.model.linear import LinearModel
from moderation.model.summary import describe_adaptation

__all__ = ["summarise", "tabulate", "write_card"]

_COLUMNS = ("rows", "positives", "ROC AUC", "avg. precision", "macro-F1", "majority macro-F1", "Brier", "ECE")
_STANCE_COLUMNS = (
    "rows",
    "macro-F1",
    "majority macro-F1",
    "F favor/against",
    "accuracy",
    "coverage",
    "selective macro-F1",
)

_CARD = """# Model card

{summary}

## What it is

A linear model: TF-IDF of words, word pairs and character n-grams ({words:,} and {chars:,} features), one logistic regression per
head, calibrated on out-of-fold logits. It runs on a CPU, explains each score exactly, and holds no text but single words.

- **Heads:** {heads}.
- **Stance targets:** {targets}.
- **Languages:** {languages}. Comments in other languages are marked, not scored, and left to a person.

## Training data

{data}

Rows by source: {sources}.

## Figures

Each row was scored by a fit that had not seen it: heads judged by three or more files by leaving one file out at a time, other heads and
stances in {folds} folds in which threads stay whole. Intervals are 95 %, by bootstrap over rows. Folds say how
well the model does on more of the same, left-out files how well on comments from elsewhere; more of both in `docs/benchmarks.md`.

{flattered}{kept}{metrics}

{adaptation}## Intended use

Sorting comments for people who then decide; measuring comment sections in bulk, with the error rates above in mind; a first model to
retrain on labels of one's own.

## Limits

- It knows words, not facts. Irony, allusion and quotation without marks mislead it.
- It must not reject a comment by itself: its only actions are approve and review.
- {calibration}
- Stance is given only for the targets above, and the model abstains where it is unsure.
"""


def write_card(model: LinearModel, folder: Path | str) -> None:
    """Write `card.md` beside the model, generated from what training measured."""
    about = model.about
    data = "\n".join(_describe(entry) for entry in about["data"])
    card = _CARD.format(
        summary=f"Trained on {about['rows']:,} rows ({about['texts']:,} texts).",
        words=model.vocabulary.n_words,
        chars=model.vocabulary.n_chars,
        heads=", ".join(f"{head.name} (flags from {head.threshold:.3f})" for head in model.heads) or "none",
        targets=", ".join(target.name for target in model.targets) or "none",
        languages=", ".join(about["languages"]),
        data=data,
        sources=", ".join(f"{name} {count:,}" for name, count in about["sources"].items()),
        folds=5,
        metrics=tabulate(about["metrics"]),
        flattered=f"**Beware:** {_flattered(about)}\n\n" if "seen" in about else "",
        kept=f"{_describe_kept(about)} Their figures stand in its card.\n\n" if "kept" in about else "",
        calibration=_calibration(about),
        adaptation=_adaptation(about),
    )
    (Path(folder) / "card.md").write_text(card, encoding="utf-8", newline="\n")


def _describe(entry: dict[str, Any]) -> str:
    factor = f", a row counts {entry['factor']:g}" if "factor" in entry else ""
    through = ", through the earlier model that the heads lean on" if entry.get("through") == "base" else ""
    return f"- `{entry['file']}`, sha256 `{entry['sha256']}`{factor}{through}"


def _calibration(about: dict[str, Any]) -> str:
    assumed = about.get("prevalence") or {}
    if not assumed:
        return "Probabilities are calibrated to the base rates of its training data; where positives are rarer, it flags too many."
    rates = ", ".join(f"{share:.0%} {name}" for name, share in assumed.items())
    return f"Probabilities are calibrated to comments of which {rates}; a site with other rates should adapt them to its own."


def _adaptation(about: Mapping[str, Any]) -> str:
    """What `moderation adapt` did since training, as a section; nothing for a model that was not adapted."""
    parts = []
    for record in about.get("adaptation", ()):
        files = "\n".join(f"- `{entry['file']}`, sha256 `{entry['sha256'] or 'unknown'}`" for entry in record["files"])
        base, lines = record["model"], describe_adaptation(record).replace("\n", "\n\n")
        parts.append(
            f"From `{base['name']}` (sha256 `{base['sha256']}`), policy {record['policy']}, with:\n\n{files}\n\n{lines}\n\n"
        )
    return "".join(["## Adaptation to a site\n\n", *parts]) if parts else ""


def summarise(model: LinearModel) -> str:
    """What training has to say at its end: figures by cross-validation, what was left out, and what is no better than chance."""
    about, metrics = model.about, model.about["metrics"]
    lines = [
        f"Trained on {about['rows']:,} rows. On rows that each fit had not seen (calibration and thresholds had: expect a little less):",
        "",
        tabulate(metrics),
    ]
    warnings = [_flattered(about)] if "seen" in about else []
    if "kept" in about:
        lines += ["", _describe_kept(about)]
    if lacking := [name for name in HEADS if name not in {head.name for head in model.heads}]:
        heads = " and ".join(lacking)
        warnings.append(
            f"too few rows judge {heads}: this model gives no {heads} and flags nothing for it. Add labels.csv, or other files with --with."
        )
    for name in HEADS:
        if name in metrics and metrics[name].get("intervals", {}).get("roc_auc", [1.0])[0] <= 0.5:
            warnings.append(
                f"{name} ranks comments that it has not seen no better than chance: label more of them, from more threads."
            )
    return "\n".join(lines) + "".join(f"\n\nWarning: {warning}" for warning in warnings)


def _describe_kept(about: Mapping[str, Any]) -> str:
    heads, targets = about["kept"]["heads"], about["kept"]["targets"]
    kept = f"the heads {', '.join(heads) or 'none'}; the targets {', '.join(targets) or 'none'}"
    return f"Kept as they were in the earlier model: {kept}."


def _flattered(about: Mapping[str, Any]) -> str:
    files = ", ".join(about["seen"])
    return f"the earlier model had already learned from {files}; its rows make these figures too good."


def tabulate(report: dict[str, Any]) -> str:
    """A report of `evaluate` (or of training) as Markdown tables."""
    parts = []
    heads = {name: figures for name, figures in report.items() if name in HEADS}
    if heads:
        rows = [
            (
                name,
                f"{figures['n']:,}",
                f"{figures['positives']:,}",
                _with_interval(figures, "roc_auc"),
                _shown(figures["average_precision"]),
                _with_interval(figures, "macro_f1"),
                _shown(figures["majority"]["macro_f1"]),
                _shown(figures["brier"]),
                _shown(figures["ece"]),
            )
            for name, figures in heads.items()
        ]
        parts.append(_table(("head", *_COLUMNS), rows))
    parts += [_by_source(name, figures["by_source"]) for name, figures in heads.items() if "by_source" in figures]
    stance = report.get("stance")
    if stance and stance["targets"]:
        named = [*stance["targets"].items(), ("all, pooled", stance["pooled"])]
        answers = [
            (
                name,
                f"{figures['n']:,}",
                _shown(figures["macro_f1"]),
                _shown(figures["majority"]["macro_f1"]),
                _shown(figures["f_avg"]),
                _shown(figures["accuracy"]),
                _shown(figures["coverage"]),
                _shown(figures["selective_macro_f1"]),
            )
            for name, figures in named
        ]
        parts.append(_table(("stance toward", *_STANCE_COLUMNS), answers))
    if stance and stance.get("unknown"):
        listed = ", ".join(f"{name} ({count})" for name, count in stance["unknown"].items())
        parts.append(f"Targets that the model does not know, with their rows: {listed}.")
    return "\n\n".join(parts) or "Nothing was judged in these rows."


def _by_source(head: str, sources: dict[str, Any]) -> str:
    rows = [
        (
            name,
            f"{figures['n']:,}",
            f"{figures['positives']:,}",
            _shown(figures["roc_auc"]),
            _shown(figures["flagged_negatives"]),
        )
        for name, figures in sources.items()
    ]
    return _table((f"{head}, by source", "rows", "positives", "ROC AUC", "negatives flagged"), rows)


def _with_interval(figures: dict[str, Any], name: str) -> str:
    low_high = figures.get("intervals", {}).get(name)
    return _shown(figures[name]) + (f" ({low_high[0]:.3f}-{low_high[1]:.3f})" if low_high else "")


def _shown(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _table(header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    widths = [max(len(row[k]) for row in (header, *rows)) for k in range(len(header))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in (header, *rows)
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)
