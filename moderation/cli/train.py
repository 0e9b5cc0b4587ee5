"""`moderation train`: from label files to a model folder."""

from pathlib import Path

import click

__all__ = ["train_cli"]


@click.command(name="train")
@click.argument("labels", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder to write the model to."
)
@click.option("--split", help="Use only rows whose column split says this, for example train.")
def train_cli(labels: tuple[Path, ...], out: Path, split: str | None) -> None:
    """Train a model from LABELS, CSV files with one judgement a row.

    Columns: text; hostile and conspiracy (0, 1 or empty); target with stance (favor, against, neutral). The same rows give the
    same model. What it reports was measured by cross-validation on rows that each fit had not seen.

    Example: moderation train labels.csv --out models/mine
    """
    from moderation.learning.card import summarise, write_card
    from moderation.learning.train import train

    classifier = train(labels, split)
    classifier.save(out)
    write_card(classifier.model, out)
    click.echo(summarise(classifier.model))
    click.echo(f"Saved to {out}. Score with: moderation score --model {out} INPUT")
