"""Measure a model on every public label set in a folder, beside the majority answer and alt-profanity-check.

    python benchmarks/public_sets.py --data DIR [--model DIR] [--limit 5000] [--json]

DIR holds CSV files in the columns of labels.csv, in any depth, one per set. Where each public set comes from is listed in
docs/benchmarks.md. Rows whose text stands in labels.csv are left out; sets that the card names were trained on all the same. Of a set
whose labels are none of ours only the share of flagged comments is told.
"""

import csv
import json
import tempfile
from pathlib import Path
from typing import TypeVar

import click
import numpy as np
from sklearn.metrics import roc_auc_score

import moderation
from moderation.learning import labels

COLUMNS = ("text", "target", "stance", "conspiracy", "hostile")


Row = TypeVar("Row")


def thin(rows: list[Row], limit: int) -> list[Row]:
    """At most `limit` rows, evenly spaced."""
    return rows[:: max(1, len(rows) // limit)][:limit]


def read_texts(path: Path, known: set[str]) -> list[str]:
    """The texts of a set, whatever its labels, without those that the model was trained on."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        texts = (row.get("text") or "" for row in csv.DictReader(stream))
        return [text for text in texts if text.strip() and text not in known]


def rival_auc(rows: list[labels.Label]) -> float | None:
    """ROC AUC of alt-profanity-check on the rows that judge `hostile`; None where it is not installed."""
    try:
        from profanity_check import predict_prob
    except ImportError:
        return None
    y = [row.hostile for row in rows]
    return float(roc_auc_score(y, predict_prob([row.text for row in rows]))) if len(set(y)) == 2 else None


def measure(path: Path, model: moderation.Classifier, limit: int, known: set[str]) -> dict[str, object]:
    rows = thin([row for row in labels.scan(path) if isinstance(row, labels.Label) and row.text not in known], limit)
    scores = model.score_many([row.text for row in rows] or thin(read_texts(path, known), limit))
    flagged = {head: float(np.mean([head in score.flags for score in scores])) for head in ("hostile", "conspiracy")}
    if not rows:
        return {"flagged": flagged}
    with tempfile.TemporaryDirectory() as folder:
        own = Path(folder) / path.name
        with own.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(COLUMNS)
            for row in rows:
                cells = (getattr(row, column) for column in COLUMNS)
                writer.writerow(["" if cell is None else cell for cell in cells])
        report: dict[str, object] = dict(moderation.evaluate(own, model))
    judged = [row for row in rows if row.hostile is not None]
    if judged:
        report["alt_profanity_check_roc_auc"] = rival_auc(judged)
    report["flagged"] = flagged
    return report


@click.command()
@click.option("--data", required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--model", type=click.Path(path_type=Path))
@click.option("--limit", default=5000, show_default=True, help="Rows of each set, evenly spaced.")
@click.option("--json", "as_json", is_flag=True)
def main(data: Path, model: Path | None, limit: int, as_json: bool) -> None:
    """Print a table, or JSON with everything that `moderation evaluate` reports."""
    classifier = moderation.load(model)
    own = Path(__file__).parents[1] / "labels.csv"
    known = {row.text for row in labels.read(own)} if own.exists() else set()
    reports = {path.stem: measure(path, classifier, limit, known) for path in sorted(data.rglob("*.csv"))}
    if as_json:
        click.echo(json.dumps(reports, indent=1))
        return
    click.echo(
        "| set | head | rows | positives | ROC AUC | alt-profanity-check | macro-F1 | majority | flagged hostile | flagged conspiracy |"
    )
    click.echo("|---|---|---|---|---|---|---|---|---|---|")
    for name, report in reports.items():
        shares = report["flagged"]
        tail = f"{shares['hostile']:.3f} | {shares['conspiracy']:.3f} |"
        lines = [(head, report[head]) for head in ("hostile", "conspiracy") if head in report]
        for head, figures in lines:
            rival = report.get("alt_profanity_check_roc_auc") if head == "hostile" else None
            click.echo(
                f"| {name} | {head} | {figures['n']} | {figures['positives']} | {figures['roc_auc'] or float('nan'):.3f} | "
                f"{f'{rival:.3f}' if rival else '-'} | {figures['macro_f1']:.3f} | {figures['majority']['macro_f1']:.3f} | {tail}"
            )
        if not lines:
            known_rows = report.get("stance", {}).get("pooled", {}).get("n", 0)
            click.echo(f"| {name} | stance | {known_rows} of known targets | - | - | - | - | - | {tail}")


if __name__ == "__main__":
    main()
