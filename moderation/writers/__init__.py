"""Writers: scores to bytes, one file per output format.

Each format module has two functions, both streaming:

- `write(chunks, stream, columns)` writes chunks of scores, as they come, to a binary stream;
- `join(parts, stream, columns)` makes one whole out of files that `write` made, in the order given.

To add a format, add a module and an entry to `WRITERS`.
"""

from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from pathlib import Path
from typing import BinaryIO, NamedTuple

from moderation.errors import UsageError
from moderation.records import Score
from moderation.writers.columns import Columns

__all__ = ["SUFFIXES", "WRITERS", "Columns", "Writer", "find_writer", "guess_format"]

Write = Callable[[Iterable[Sequence[Score]], BinaryIO, Columns], None]
Join = Callable[[Iterable[Path], BinaryIO, Columns], None]


class Writer(NamedTuple):
    """One output format: its name, the suffix of its files, and its two functions."""

    name: str
    suffix: str
    write: Write
    join: Join


WRITERS = {
    "jsonl": ".jsonl",
    "csv": ".csv",
    "parquet": ".parquet",
    "table": ".txt",
    "html": ".html",
}
"""Format name to the suffix of its files; the module `moderation.writers.NAME` does the work."""

SUFFIXES = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".txt": "table",
    ".html": "html",
    ".htm": "html",
}
"""Suffixes of an output file that say which format is meant."""


def find_writer(name: str) -> Writer:
    """The writer called `name`; its module is imported now, and not before.

    Raises UsageError for an unknown name, MissingExtra where the format needs a package that is not installed.
    """
    if name not in WRITERS:
        raise UsageError(f'there is no output format "{name}"', remedy=f"choose one of {', '.join(WRITERS)}")
    module = import_module(f"moderation.writers.{name}")
    return Writer(name, WRITERS[name], module.write, module.join)


def guess_format(path: Path) -> str:
    """The format that the suffix of `path` names.

    Raises UsageError when no format has that suffix.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise UsageError(
            f'the suffix "{suffix}" names no output format',
            str(path),
            f"use one of {', '.join(SUFFIXES)}, or say --to FORMAT",
        )
    return SUFFIXES[suffix]
