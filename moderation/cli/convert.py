"""`moderation convert`: any dump as JSON Lines in our own schema."""

import sys
from collections import Counter
from pathlib import Path

import click

from moderation.cli.output import open_output
from moderation.cli.reading import reading_options
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
    named = find_inputs(inputs)
    options = options or ReadOptions()
    paths, options = with_submissions(named, format, options)
    tally = Tally(threads=0, comments=0, bad=0, skipped=Counter())
    quarantine = None if output == "-" else Path(f"{output}.quarantine.jsonl")
    with open_output(None if output == "-" else Path(output), named) as stream:
        for path in paths:
            write_lines(path, stream, tally, format, options, quarantine)
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
