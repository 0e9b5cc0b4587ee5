"""CSV and TSV with a header line: columns are guessed by their names and can be named."""

import codecs
import csv
import io
import re
from collections import deque
from collections.abc import Iterator

from moderation.errors import FormatError
from moderation.readers.columns import Columns, guess
from moderation.readers.lines import MAX_RAW
from moderation.readers.mapping import Mapper
from moderation.readers.options import Format, ReadOptions
from moderation.readers.source import Source
from moderation.readers.values import WINDOWS, say_size
from moderation.records import BadRecord, Record

__all__ = ["FORMAT", "Row", "first_names", "read_rows"]

_DELIMITERS = ",\t;|"
_SAID = re.compile(r"sep=([,\t;|])", re.IGNORECASE)

SHOWN = 20
"""Column names that a message lists."""


def refuse(source: Source) -> str:
    """Why this is no table, or ""."""
    names = first_names(source)
    alone = len(names) == 1 and source.name.lower().endswith((".csv", ".tsv"))
    if len(names) < 2 and not alone:
        return "its first line has no comma, tab, semicolon or bar between names"
    if len(set(names)) != len(names) or not all(names) or any(len(name) > 60 for name in names):
        return "its first line is no header of different, short column names"
    if guess(names, ReadOptions()).text is None:
        return f"no column of its first line ({', '.join(names[:SHOWN])}) has the name of a comment's text"
    if not alone and not source.name.lower().endswith((".csv", ".tsv")) and not _goes_on(source):
        return "its second line has none of the signs between names that its first line has"
    return "" if sum(len(name.split()) for name in names) <= 3 * len(names) else "its first line reads like a sentence"


def _guess_delimiter(line: str) -> str:
    best = max(_DELIMITERS, key=line.count)
    return best if best in line else ""


def _goes_on(source: Source) -> bool:
    """Does the line below the header hold the sign between cells too, or is there none."""
    _, delimiter, below = _split_head(source)
    return not below.strip() or delimiter in below


def _split_head(source: Source) -> tuple[list[str], str, str]:
    """The cells of the header, the sign between cells, and the line below.

    Blank lines above are passed over, and so is a line "sep=;", which spreadsheets write to say the sign. A cell in quotation marks may
    run over several lines, as survey tools write their questions.
    """
    lines = [line for line in io.StringIO(source.head_text, newline="") if line.strip()]
    said = _SAID.fullmatch(lines[0].strip()) if lines else None
    lines = lines[1:] if said else lines
    if not lines or lines[0][0] in "{[<" or "\0" in lines[0] or len(lines[0]) > 10_000:
        return [], ",", ""
    delimiter = said[1] if said else _guess_delimiter(lines[0]) or ","
    rows = csv.reader(lines, delimiter=delimiter)
    try:
        names = [_name(cell) for cell in next(rows)]
    except csv.Error:
        return [], delimiter, ""
    return names, delimiter, "".join(lines[rows.line_num : rows.line_num + 1])


def _name(cell: str) -> str:
    return " ".join(cell.split())


def first_names(source: Source) -> list[str]:
    """The cells of the first line, which may be a header, white space folded; none for a line that cannot be one."""
    return _split_head(source)[0]


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
            yield BadRecord(file=source.name, line=fields.line, reason=reason, raw=",".join(fields.values())[:MAX_RAW])
            continue
        try:
            yield from mapper.map_row(fields, columns)
        except ValueError as error:
            yield BadRecord(
                file=source.name, line=fields.line, reason=str(error), raw=",".join(fields.values())[:MAX_RAW]
            )


class Row(dict[str, str]):
    """The cells of a row by the header's names; short rows lack their last names. `line` is where it begins."""

    line = 0


def read_rows(source: Source, options: ReadOptions) -> Iterator[Row | BadRecord]:
    """Each row; a quotation mark that never closes costs its own line, and reading goes on behind it.

    Raises FormatError without a header.
    """
    encoding = _encoding(source.head)
    errors = WINDOWS if encoding == "utf-8-sig" else "replace"
    lines = _Lines(io.TextIOWrapper(source.stream, encoding=encoding, errors=errors, newline=""), options, source)
    csv.field_size_limit(min(options.max_line, (1 << 31) - 1))
    delimiter = _split_head(source)[1]
    rows = csv.reader(lines, delimiter=delimiter)
    names = _read_header(rows, source)
    while True:
        lines.begin_row()
        try:
            row = next(rows, None)
            fault = "the quotation mark never closes" if lines.ended and lines.is_open(delimiter) else ""
        except csv.Error as error:
            row, fault = [], f"the row cannot be read: {error}"
        if fault:
            yield BadRecord(file=source.name, line=lines.first, reason=fault, raw=lines.row[0].rstrip()[:MAX_RAW])
            lines.read_again()
            rows = csv.reader(lines, delimiter=delimiter)
        elif row is None:
            return
        elif len(row) > len(names):
            reason = f"the row has {len(row)} cells and the header {len(names)}"
            yield BadRecord(file=source.name, line=lines.first, reason=reason, raw=",".join(row)[:MAX_RAW])
        elif row:
            found = Row(zip(names, row, strict=False))
            found.line = lines.first
            yield found


class _Lines:
    """The lines of a file for the csv module: bounded, without the NUL characters that it refuses, and those of one row kept.

    `row` holds the lines of the row being read, `first` is the number of the first of them, `ended` says that the file has no more.
    """

    def __init__(self, text: io.TextIOWrapper, options: ReadOptions, source: Source) -> None:
        self.row: list[str] = []
        self.first = 1
        self.ended = False
        self._text, self._limit, self._place = text, options.max_line, source.name
        self._again: deque[str] = deque()

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self._text.readline(self._limit)
        if not line:
            self.ended = True
            raise StopIteration
        if len(line) >= self._limit and not line.endswith(("\n", "\r")):
            raise FormatError(
                f"a line is longer than {say_size(self._limit)}", self._place, "a quotation mark may be missing"
            )
        line = line.replace("\0", "") if "\0" in line else line
        self.row.append(line)
        return line

    def begin_row(self) -> None:
        """The next line opens a row."""
        self.first += len(self.row)
        self.row.clear()

    def is_open(self, delimiter: str) -> bool:
        """Do the row's lines end inside quotation marks: one line more would still belong to it."""
        return bool(self.row) and len(list(csv.reader([*self.row, "x"], delimiter=delimiter))) == 1

    def read_again(self) -> None:
        """Take back all lines of the row but the first."""
        self._again.extendleft(reversed(self.row[1:]))
        del self.row[1:]
        self.ended = False


def _encoding(head: bytes) -> str:
    return "utf-16" if head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "utf-8-sig"


def _read_header(rows: Iterator[list[str]], source: Source) -> list[str]:
    try:
        for row in rows:
            if any(cell.strip() for cell in row) and not (row[0].lower() == "sep=" and not any(row[1:])):
                return [_name(cell) for cell in row]
    except csv.Error as error:
        raise FormatError(f"the header cannot be read: {error}", source.name) from None
    raise FormatError("the table is empty", source.name)


def _check(columns: Columns, names: list[str], options: ReadOptions, source: Source) -> None:
    shown = ", ".join(names[:SHOWN])
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
