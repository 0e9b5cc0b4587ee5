"""JSON Lines: one object a comment, in the field order of `moderation.records.Score`."""

import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import BinaryIO

import msgspec

from moderation.records import Score
from moderation.writers.columns import Columns, mend

__all__ = ["copy", "join", "write"]

BLOCK = 1 << 20


def write(chunks: Iterable[Sequence[Score]], stream: BinaryIO, columns: Columns) -> None:
    """Write each score as one line of UTF-8 JSON, flushing after every chunk so that a reader of a pipe need not wait.

    `columns` changes nothing here: optional fields stand in the scores that have them.
    """
    encoder = msgspec.json.Encoder()
    for chunk in chunks:
        try:
            lines = encoder.encode_lines(chunk)
        except (UnicodeEncodeError, OverflowError, TypeError):
            lines = encoder.encode_lines([mend(score) for score in chunk])
        stream.write(lines)
        stream.flush()


def join(parts: Iterable[Path], stream: BinaryIO, columns: Columns) -> None:
    """Concatenate JSON Lines files."""
    for part in parts:
        copy(part, stream)


def copy(part: Path, stream: BinaryIO, skip: int = 0, stop: int | None = None) -> None:
    """Copy a file to a stream without its first `skip` bytes and up to byte `stop`, in blocks of 1 MiB."""
    with part.open("rb") as source:
        source.seek(skip)
        if stop is None:
            shutil.copyfileobj(source, stream, BLOCK)
        else:
            for at in range(skip, stop, BLOCK):
                stream.write(source.read(min(BLOCK, stop - at)))
    stream.flush()
