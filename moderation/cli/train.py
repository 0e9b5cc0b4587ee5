"""`moderation train`: from label files to a model folder."""

from pathlib import Path

import click

from moderation.cli.factors import parse_factor
from moderation.cli.output import check_folder
from moderation.errors import ModelError, UsageError

__all__ = ["train_cli"]


@click.command(name="train")
@click.argument("labels", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder to write the model to."
)
@click.option("--split", help="Use only rows of LABELS whose column split says this, for example train.")
@click.option(
    "--with",
    "added",
    multiple=True,
    metavar="FILE[=FACTOR]",
    help="More rows for hostile and conspiracy, in the same columns; FACTOR is what a row counts beside one of LABELS "
    "(default 1; with 0 only its words are learned).",
)
@click.option(
    "--from",
    "base",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder of an earlier model: its features are kept, and hostile and conspiracy may lean on its heads.",
)
@click.option(
    "--keep-heads",
    is_flag=True,
    help="Leave hostile and conspiracy as they are in --from, and learn stances alone; so it is where no row judges them.",
)
@click.option(
    "--tune",
    is_flag=True,
    help="Try four recipes for each head and keep the best out of fold: for more comments of the same making.",
)
def train_cli(
    labels: tuple[Path, ...],
    out: Path,
    split: str | None,
    added: tuple[str, ...],
    base: Path | None,
    keep_heads: bool,
    tune: bool,
) -> None:
    """Train a model from LABELS, CSV files with one judgement a row.

    Columns: text; hostile and conspiracy (0, 1 or empty); target with stance (favor, against, neutral). The same rows give the
    same model. What it reports was measured on rows that each fit had not seen: whole sources where three or more
    judge a head, else folds.

    Files given by --with teach no stance; one that never judges conspiracy (or hostile) lends ordinary comments to that head.

    Few rows of one site go furthest with --from models/default --tune. The figures then say how well the model does on more of
    the same.

    \b
    Examples: moderation train labels.csv --with civil_comments.csv=3 --out models/mine
              moderation train target.csv --from models/default --out models/mine
    """
    from moderation.learning.card import summarise, write_card
    from moderation.learning.train import train
    from moderation.scoring.classifier import load

    if keep_heads and not base:
        raise UsageError("--keep-heads needs an earlier model", remedy="name one with --from")
    if base and out.exists() and out.samefile(base):
        raise ModelError("the output would overwrite the model that it is made from", str(out), "give another --out")
    check_folder(out)
    earlier = load(base) if base else None
    classifier = train(
        labels,
        split,
        added=dict(parse_factor(option, "--with") for option in added),
        base=earlier,
        tune=tune,
        keep_heads=keep_heads,
    )
    classifier.save(out)
    write_card(classifier.model, out)
    click.echo(summarise(classifier.model))
    click.echo(f"Saved to {out}. Score with: moderation score --model {out} INPUT")
