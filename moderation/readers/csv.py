"""CSV and TSV with a header line: columns are guessed by their names and can be named."""

import codecs
import csv
import io
from collections.abc import Iterator
from typing import Any

from moderation.errors import FormatError
from moderation.readers.columns import Columns, guess
from moderation.readers.lines import MAX_RAW
from moderation.readers.mapping import Mapper
from moderation.readers.options import Format, ReadOptions
from moderation.readers.source import Source
from moderation.readers.values import say_size
from moderation.records import BadRecord, Record

__all__ = ["FORMAT", "first_names", "read_rows"]

_DELIMITERS = ",\t;|"


def refuse(source: Source) -> str:
    """Why this is no table, or ""."""
    names = first_names(source)
    if len(names) < 2:
        return "its first line has no comma, tab, semicolon or bar between names"
    if len(set(names)) != len(names) or not all(names) or any(len(name) > 60 for name in names):
        return "its first line is no header of different, short column names"
    if guess(names, ReadOptions()).text is None:
        return "no column of its first line has the name of a comment's text"
    return "" if sum(len(name.split()) for name in names) <= 3 * len(names) else "its first line reads like a sentence"


def _guess_delimiter(line: str) -> str:
    best = max(_DELIMITERS, key=line.count)
    return best if best in line else ""


def first_names(source: Source) -> list[str]:
    """The cells of the first line, which may be a header; none for a line that cannot be one."""
    first = source.head_text.lstrip("\r\n").partition("\n")[0].rstrip("\r")
    if len(first) > 10_000 or "\0" in first or first[:1] in ("{", "[", "<"):
        return []
    try:
        return [name.strip() for name in next(csv.reader([first], delimiter=_guess_delimiter(first) or ","), [])]
    except csv.Error:
        return []


def read(source: Source, options: ReadOptions) -> Iterator[Record]:
    """The comment of each row; a row with more cells than the header, or an endless one, is a BadRecord.

    Raises FormatError when there is no header or no column for the text.
    """
    mapper = Mapper(options, source.stem)
    columns: Columns | None = None
    for fields in read_rows(source, options):
        if isinstance(fields, BadRecord):
            yield fields
            continue
        if columns is None:
            names = first_names(source)
            columns = guess(names, options)
            _check(columns, names, options, source)
        if columns.text not in fields:
            reason = f"the row has only {len(fields)} cells and none for the text"
            yield BadRecord(file=source.name, reason=reason, raw=",".join(fields.values())[:MAX_RAW])
            continue
        try:
            yield from mapper.map_row(fields, columns)
        except ValueError as error:
            yield BadRecord(file=source.name, reason=str(error), raw=",".join(fields.values())[:MAX_RAW])


def read_rows(source: Source, options: ReadOptions) -> Iterator[dict[str, Any] | BadRecord]:
    """Each row as a dict by the header's names; short rows lack their last names. Raises FormatError without a header."""
    text = io.TextIOWrapper(source.stream, encoding=_encoding(source.head), errors="replace", newline="")
    first = source.head_text.lstrip("\r\n").partition("\n")[0]
    csv.field_size_limit(min(options.max_line, (1 << 31) - 1))
    rows = csv.reader(_without_zeros(text, options.max_line, source), delimiter=_guess_delimiter(first) or ",")
    names = _read_header(rows, source)
    while True:
        line = rows.line_num + 1
        try:
            row = next(rows, None)
        except csv.Error as error:
            yield BadRecord(file=source.name, line=line, reason=f"the row cannot be read: {error}")
            continue
        if row is None:
            return
        if len(row) > len(names):
            reason = f"the row has {len(row)} cells and the header {len(names)}"
            yield BadRecord(file=source.name, line=line, reason=reason, raw=",".join(row)[:MAX_RAW])
        elif row:
            yield dict(zip(names, row, strict=False))


def _encoding(head: bytes) -> str:
    return "utf-16" if head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "utf-8-sig"


def _without_zeros(text: io.TextIOWrapper, limit: int, source: Source) -> Iterator[str]:
    """Lines for the csv module: bounded, and without the NUL characters that it refuses."""
    while line := text.readline(limit):
        if len(line) >= limit and not line.endswith("\n"):
            raise FormatError(
                f"a line is longer than {say_size(limit)}", source.name, "a quotation mark may be missing"
            )
        yield line.replace("\0", "") if "\0" in line else line


def _read_header(rows: Iterator[list[str]], source: Source) -> list[str]:
    try:
        for row in rows:
            if any(cell.strip() for cell in row):
                return [cell.strip() for cell in row]
    except csv.Error as error:
        raise FormatError(f"the header cannot be read: {error}", source.name) from None
    raise FormatError("the table is empty", source.name)


def _check(columns: Columns, names: list[str], options: ReadOptions, source: Source) -> None:
    shown = ", ".join(names[:20])
    for part in ("text", "id", "parent", "author", "time", "thread", "title", "article"):
        given = getattr(options, f"{part}_column")
        if given is not None and given not in names:
            raise FormatError(f'there is no column "{given}"; the columns are: {shown}', source.name)
    if columns.text is None:
        raise FormatError(
            f"no column has the name of a comment's text; the columns are: {shown}",
            source.name,
            "name it with --text-column",
        )


FORMAT = Format(
    name="csv",
    summary="CSV or TSV with a header line; columns are guessed by name or given",
    refuse=refuse,
    read=read,
)
