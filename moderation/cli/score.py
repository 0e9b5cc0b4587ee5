"""`moderation score`: score files, dumps or pasted threads, of any size."""

import contextlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from moderation.cli.output import BadRecords, describe_skipped, open_stdout
from moderation.cli.reading import reading_options
from moderation.errors import ModerationError
from moderation.readers.options import ReadOptions

if TYPE_CHECKING:
    from moderation.scoring.job import Job, Summary

__all__ = ["score_cli"]

SEEN = 1 << 20
"""Comment ids that are remembered to find duplicates: a bound on memory, whatever the size of the dump."""

PATH = click.Path(path_type=Path)


@click.command(name="score")
@reading_options
@click.option(
    "-o", "--output", metavar="FILE|DIR", help="A file (name with a suffix) or a folder of parts; stdout unless given."
)
@click.option(
    "--to",
    type=click.Choice(["jsonl", "csv", "parquet", "table", "html"]),
    help="The output's format; the suffix of -o says it, else jsonl (a table on a terminal).",
)
@click.option(
    "--target", "targets", multiple=True, help="A stance target that all comments are about; may be repeated."
)
@click.option("--model", type=PATH, help="Model folder; the shipped model unless given.")
@click.option("--explain", is_flag=True, help="Add the reasons: spans of the text and their weight.")
@click.option(
    "--pseudonymise", type=PATH, metavar="KEYFILE", help="Replace authors by hashes made with the key in KEYFILE."
)
@click.option(
    "--quarantine", type=PATH, metavar="FILE", help="Where bad records go; beside or in the output unless given."
)
@click.option("--limit", type=click.IntRange(1), help="Stop after so many comments.")
@click.option("--dry-run", is_flag=True, help="Say what would be done and how long it would take; write nothing.")
@click.option("--overwrite", is_flag=True, help="Remove what stands at -o from an earlier run and begin again.")
@click.option("--workers", type=click.IntRange(1), help="Worker processes; as many as cores unless given.")
@click.option("--engine", type=click.Choice(["local", "threads", "dask"]), default="local", help="Where workers run.")
@click.option("--scheduler", metavar="ADDRESS", help="Dask scheduler, such as tcp://host:8786.")
@click.option(
    "--shard-size", type=click.FloatRange(0.001), default=8, show_default=True, help="MiB of input for each part."
)
@click.pass_context
def score_cli(
    context: click.Context, /, inputs: tuple[str, ...], format: str | None, options: ReadOptions, **given: Any
) -> None:
    """Score the comments of each INPUT: a file, a folder, a glob, or - for stdin; .gz, .zst, .bz2 and .xz are opened as they are.

    A run that was stopped or killed goes on when the same command is given again. Exit code 3: done, but some
    records were bad; they are in the quarantine file with the reason.

    \b
    Examples: moderation score thread.txt
              moderation score dump.jsonl.zst -o scores.jsonl
              moderation score RC_2024-*.zst -o scores/ --to parquet --workers 8
    """
    job = _job(inputs, format, options, given)
    if given["dry_run"]:
        from moderation.cli.forecast import show_forecast

        show_forecast(job)
        return
    try:
        summary = _run(job)
    except KeyboardInterrupt:
        if job.output is not None:
            click.echo("Interrupted; the same command goes on where it stopped.", err=True)
        context.exit(130)
    except BrokenPipeError:
        _leave_pipe()
        context.exit(0)
    _tell(job, summary)
    context.exit(3 if summary.bad else 0)


def _job(inputs: tuple[str, ...], format: str | None, options: ReadOptions, given: dict[str, Any]) -> "Job":
    from moderation.scoring.job import Job
    from moderation.scoring.pseudonyms import read_key
    from moderation.writers import Columns, find_writer, guess_format

    output = Path(given["output"]) if given["output"] not in (None, "-") else None
    folder = output is not None and (given["output"].endswith(("/", "\\")) or output.is_dir() or not output.suffix)
    to = given["to"]
    if to is None and output is not None:
        to = "jsonl" if folder else guess_format(output)
    to = to or ("table" if output is None and open_stdout().isatty() else "jsonl")
    find_writer(to)
    return Job(
        inputs=inputs,
        output=output,
        folder=folder,
        to=to,
        format=format,
        reading=msgspec.structs.replace(options, max_ids=SEEN),
        model=str(given["model"]) if given["model"] else None,
        targets=given["targets"],
        columns=Columns(explain=given["explain"], keep=options.keep),
        key=read_key(given["pseudonymise"]) if given["pseudonymise"] else None,
        limit=given["limit"],
        quarantine=given["quarantine"],
        workers=given["workers"],
        engine=given["engine"],
        scheduler=given["scheduler"],
        shard_bytes=int(given["shard_size"] * 2**20),
        overwrite=given["overwrite"],
    )


def _run(job: "Job") -> "Summary":
    from moderation.cli.progress import show_progress

    watch = show_progress(sys.stderr) if job.output is not None or not open_stdout().isatty() else None
    try:
        if job.output is not None:
            from moderation.scoring.batch import run

            return run(job, watch)
        from moderation.scoring.streaming import run_to_stream

        try:
            summary = run_to_stream(job, open_stdout(), BadRecords().tell, watch)
            sys.stdout.flush()
            return summary
        except BrokenPipeError:
            raise
        except OSError as error:
            raise ModerationError(
                f"cannot be written ({error.strerror})", error.filename or "standard output"
            ) from None
    finally:
        if watch:
            watch(None)


def _tell(job: "Job", summary: "Summary") -> None:
    if summary.state == "already done":
        click.echo(f"Nothing to do: {job.output} is complete, {summary.comments:,} comments.", err=True)
    elif job.output is not None:
        before = (
            f", {summary.comments - summary.fresh:,} of them by an earlier run"
            if summary.comments > summary.fresh
            else ""
        )
        click.echo(
            f"{summary.comments:,} comments scored{before}, {summary.review:,} to review: {job.output}", err=True
        )
    if summary.unread:
        click.echo(f"{summary.unread:,} to review were not scored: the model does not know their language", err=True)
    for name in job.columns.keep if summary.fresh else ():
        if name not in summary.kept:
            click.echo(f'Warning: no comment has the field "{name}" that --keep names', err=True)
    for line in describe_skipped(summary.skipped, summary.comments):
        click.echo(line, err=True)
    if summary.bad:
        where = f"they are in {summary.quarantine}" if summary.quarantine else "keep them with --quarantine FILE"
        click.echo(f"{summary.bad:,} bad records; {where}", err=True)


def _leave_pipe() -> None:
    """The reader of our output is gone; make the flush at exit go nowhere."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
