"""`moderation convert`: any dump as JSON Lines in our own schema."""

import os
import sys
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

import click

from moderation.cli.reading import reading_options
from moderation.errors import InputError
from moderation.readers import ReadOptions, find_inputs, with_submissions
from moderation.readers.wire import Tally, write_lines

__all__ = ["convert", "convert_cli"]


def convert(
    inputs: tuple[str, ...], output: str, format: str | None = None, options: ReadOptions | None = None
) -> Tally:
    """Write the threads and comments of all inputs to `output` ("-" is standard output); give the counts.

    A file appears under its name only when it is complete. Bad records go to `output`.quarantine.jsonl.
    Raises InputError and FormatError.
    """
    paths = find_inputs(inputs)
    options = options or ReadOptions()
    if output != "-" and any(str(path) != "-" and Path(output).exists() and path.samefile(output) for path in paths):
        raise InputError("the output would overwrite this input", output, "give another name with -o")
    paths, options = with_submissions(paths, format, options)
    tally = Tally(threads=0, comments=0, bad=0, skipped=Counter())
    partial = Path(f"{output}.partial")
    quarantine = None if output == "-" else Path(f"{output}.quarantine.jsonl")
    try:
        with ExitStack() as stack:
            stream: BinaryIO = sys.stdout.buffer if output == "-" else stack.enter_context(partial.open("wb"))
            for path in paths:
                write_lines(path, stream, tally, format, options, quarantine)
            stream.flush()
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    if output != "-":
        os.replace(partial, output)  # noqa: PTH105 - atomic, and overwrites on every system
    return tally


@click.command("convert")
@reading_options
@click.option("-o", "--output", default="-", metavar="FILE", help="Where to write; standard output without it.")
def convert_cli(inputs: tuple[str, ...], format: str | None, options: ReadOptions, output: str) -> None:
    """Write any comment dump as JSON Lines: thread headers and comments in one schema.

    INPUT is a file, a folder, a glob or "-"; .gz, .zst, .bz2 and .xz are unpacked on the way.
    Exit code 3 says that some records were bad; they are in FILE.quarantine.jsonl with their reason.

    \b
    Examples:
      moderation convert disqus-export.xml.gz -o comments.jsonl
      moderation convert RC_2023-02.zst --submissions RS_2023-02.zst -o reddit.jsonl
      moderation convert table.csv --text-column Kommentar --keep likes -o comments.jsonl
    """
    tally = convert(inputs, output, format, options)
    click.echo(tally.describe(), err=True)
    if tally.bad:
        sys.exit(3)
