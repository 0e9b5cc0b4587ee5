"""CSV (RFC 4180): UTF-8 with a header, one row a comment; nested fields are JSON inside their cell.

Cells are exact: a text that begins with `=` or `@` is not altered, so import untrusted comments into a spreadsheet as text.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from moderation.records import Score
from moderation.writers.columns import Columns, mend
from moderation.writers.jsonl import copy

__all__ = ["header", "join", "write"]

PLAIN = ("thread", "id", "parent", "start", "end", "text")
SCORED = ("boundary", "stance", "conspiracy", "hostile", "flags", "action", "language", "author", "time")

encode = msgspec.json.Encoder().encode


def write(chunks: Iterable[Sequence[Score]], stream: BinaryIO, columns: Columns) -> None:
    """Write a header and one row for each score.

    `flags` are joined by `;`; `quotes`, `stance` and `reasons` are JSON; a kept field FIELD is the column `kept.FIELD`; an empty
    cell is null.
    """
    stream.write(header(columns))
    for chunk in chunks:
        try:
            rows = _encode(chunk, columns)
        except (UnicodeEncodeError, OverflowError, TypeError):
            rows = _encode([mend(score) for score in chunk], columns)
        stream.write(rows)
        stream.flush()


def join(parts: Iterable[Path], stream: BinaryIO, columns: Columns) -> None:
    """Concatenate CSV files written with the same columns, under one header."""
    first = header(columns)
    stream.write(first)
    for part in parts:
        copy(part, stream, skip=len(first))


def header(columns: Columns) -> bytes:
    """The header line."""
    names = [
        *PLAIN,
        "quotes",
        *SCORED,
        *(["reasons"] if columns.explain else []),
        *(f"kept.{name}" for name in columns.keep),
    ]
    return _lines([names])


def _encode(chunk: Sequence[Score], columns: Columns) -> bytes:
    return _lines([_row(score, columns) for score in chunk])


def _lines(rows: Iterable[Sequence[Any]]) -> bytes:
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerows(rows)  # CRLF: with "\n" alone, Python before 3.13 leaves a bare "\r" unquoted
    return buffer.getvalue().encode()


def _row(score: Score, columns: Columns) -> list[Any]:
    row: list[Any] = [getattr(score, name) for name in PLAIN]
    row.append(encode(score.quotes).decode() if score.quotes else "")
    for name in SCORED:
        value = getattr(score, name)
        if name == "flags":
            value = ";".join(value)
        elif name == "stance":
            value = encode(value).decode() if value else ""
        row.append(value)
    if columns.explain:
        row.append(encode(score.reasons or {}).decode() if isinstance(score.reasons, dict) else "")
    kept = score.kept if isinstance(score.kept, dict) else {}
    row += [_cell(kept.get(name)) for name in columns.keep]
    return row


def _cell(value: Any) -> Any:
    return value if value is None or isinstance(value, str) else encode(value).decode()
