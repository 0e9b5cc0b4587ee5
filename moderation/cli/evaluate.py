"""`moderation evaluate`: figures of a model on labelled rows."""

import json
from pathlib import Path

import click

__all__ = ["evaluate_cli"]


@click.command(name="evaluate")
@click.argument("labels", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--model", type=click.Path(path_type=Path), help="Model folder; the shipped model unless given.")
@click.option("--split", help="Use only rows whose column split says this, for example test.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def evaluate_cli(labels: tuple[Path, ...], model: Path | None, split: str | None, as_json: bool) -> None:
    """Measure a model on LABELS, CSV files in the columns of labels.csv, beside the majority baseline.

    Rows that the model was trained on flatter it: use other files, or a split that training did not use.

    Example: moderation evaluate other.csv --model models/mine
    """
    from moderation.learning.card import tabulate
    from moderation.learning.evaluate import evaluate, find_seen
    from moderation.scoring.classifier import load

    classifier = load(model)
    report = evaluate(labels, classifier, split)
    click.echo(json.dumps(report, indent=2) if as_json else tabulate(report))
    if seen := find_seen(labels, classifier):
        click.echo(f"Warning: the model was trained on {', '.join(seen)}; these figures flatter it.", err=True)
    if unscored := max((figures.get("unscored", 0) for figures in report.values()), default=0):
        click.echo(
            f"Warning: {unscored:,} rows are in a language that the model does not know, and count as not flagged.",
            err=True,
        )
