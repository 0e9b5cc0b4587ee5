"""`moderation adapt`: fit a model's probabilities and thresholds to a site."""

from pathlib import Path

import click

from moderation.cli.output import BadRecords, check_folder
from moderation.cli.reading import reading_options
from moderation.errors import ModelError, UsageError
from moderation.readers.options import ReadOptions

__all__ = ["adapt_cli"]


@click.command(name="adapt")
@reading_options
@click.option("--model", type=click.Path(path_type=Path), help="Model folder; the shipped model unless given.")
@click.option(
    "--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder to write the model to."
)
@click.option(
    "--policy",
    default="f1",
    show_default=True,
    help="What thresholds aim at: f1, precision=SHARE of flags right, or load=SHARE of comments sent to review.",
)
@click.option(
    "--rate",
    "rates",
    multiple=True,
    metavar="HEAD=SHARE",
    help="The share of the site's comments that is known to be so, such as hostile=0.03; may be repeated.",
)
@click.option(
    "--head", "heads", multiple=True, help="Adapt this head; those that rows judge or that have a rate unless given."
)
@click.pass_context
def adapt_cli(
    context: click.Context,
    /,
    inputs: tuple[str, ...],
    format: str | None,
    options: ReadOptions,
    model: Path | None,
    out: Path,
    policy: str,
    rates: tuple[str, ...],
    heads: tuple[str, ...],
) -> None:
    """Fit a model's probabilities and thresholds to the site that INPUT is from; its weights stay.

    INPUT is a label file with judged rows (200 are enough, at least 20, a random sample of the site's comments), or
    comments in any format that score reads (at least 200), or both. Without judged rows give --rate: comments alone do
    not say how many of them are hostile, so only thresholds change.

    \b
    Examples: moderation adapt judged.csv --out models/site --policy load=0.02
              moderation adapt dump.jsonl.zst --rate hostile=0.03 --out models/site
    """
    from moderation.learning import thresholds
    from moderation.learning.adaptation import adapt_to
    from moderation.learning.card import write_card
    from moderation.learning.site import gather
    from moderation.model.summary import describe_adaptation
    from moderation.scoring.classifier import load
    from moderation.storage import find_default

    thresholds.parse(policy)
    shares = dict(_share(rate) for rate in rates)
    folder = model or find_default()
    if out.exists() and folder.exists() and out.samefile(folder):
        raise ModelError("the output would overwrite the model that it is made from", str(out), "give another --out")
    check_folder(out)
    bad = BadRecords()
    classifier = load(model)
    site = gather(inputs, classifier, format, options, bad.tell)
    bad.close()
    adapted = adapt_to(site, classifier, policy, shares, heads)
    adapted.save(out)
    write_card(adapted.model, out)
    click.echo(describe_adaptation(adapted.model.about["adaptation"][-1]))
    click.echo(f"Saved to {out}. Score with: moderation score --model {out} INPUT")
    context.exit(3 if site.bad else 0)


def _share(rate: str) -> tuple[str, float]:
    head, _, share = rate.partition("=")
    try:
        return head, float(share)
    except ValueError:
        raise UsageError(f'"{rate}" is not a rate', remedy="write HEAD=SHARE, such as hostile=0.03") from None
