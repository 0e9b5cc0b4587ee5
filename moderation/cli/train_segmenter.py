"""`moderation train-segmenter`: from whole threads to the segmenter of a model folder."""

from pathlib import Path

import click

from moderation.cli.factors import parse_factor
from moderation.cli.output import check_folder
from moderation.errors import LabelError

__all__ = ["train_segmenter_cli"]


@click.command(name="train-segmenter")
@click.argument("threads", nargs=-1, required=True, metavar="THREADS[=FACTOR]...")
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Model folder to write the segmenter into.",
)
@click.option(
    "--comments",
    multiple=True,
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Label file of single comments, from which to learn how comments open and close; may be repeated.",
)
@click.option(
    "--trees/--no-trees", default=True, show_default=True, help="Boosted trees beside the logistic regression."
)
def train_segmenter_cli(threads: tuple[str, ...], out: Path, comments: tuple[Path, ...], trees: bool) -> None:
    """Train the segmenter from THREADS, files of whole threads with known comments; each file is one source.

    FACTOR is what a line of that file counts, 1 unless given: more for pages like those to be split.

    JSON Lines, a thread a line: {"thread_id", "article": [...] or null, "comments": [{"id", "reply_to", "text"}]}; or a label file whose
    rows have thread, id and parent. Two sources or more are needed to calibrate it on threads that the fit has not seen.

    Example: moderation train-segmenter forum.jsonl blog.jsonl=2 labels.csv --comments comments.csv --out models/mine
    """
    from moderation.learning.boundaries import train_segmenter
    from moderation.learning.phrases import learn_phrases, read_comments
    from moderation.learning.threads import read_threads

    files = {Path(name): factor for name, factor in map(parse_factor, threads)}
    stems = [path.stem for path in files]
    twice = next((path for at, path in enumerate(files) if path.stem in stems[:at]), None)
    if twice:
        raise LabelError(
            f'two files are named "{twice.stem}", and a source goes by its file\'s name', str(twice), "rename one"
        )
    used = {path.stem: found for path in files if (found := read_threads(path))}
    if not used:
        raise LabelError(
            "no thread with two comments or more", ", ".join(map(str, files)), "see docs/segmenting.md for the form"
        )
    check_folder(out)
    phrases = learn_phrases(read_comments(comments))
    factors = {path.stem: factor for path, factor in files.items()}
    model = train_segmenter(used, trees, lambda line: click.echo(line, err=True), phrases, factors)
    model.save(out)
    click.echo(f"Saved to {out}. Use it with: moderation segment --model {out} PAGE")
