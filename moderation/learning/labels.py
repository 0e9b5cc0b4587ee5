"""Read label files: CSV with one judgement a row, in the columns of `labels.csv`.

`id,text,target,stance,conspiracy,hostile,thread,parent,source,annotator`; only `text` must be there. An empty cell means "not judged".
Extra columns are kept. Every error names the file, the line and what to write instead.
"""

import codecs
import csv
import io
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from moderation.errors import LabelError
from moderation.model.linear import STANCE_LABELS

__all__ = ["COLUMNS", "HEADS", "Label", "Paths", "find_files", "find_judged", "find_respelt", "read", "scan"]

COLUMNS = ("id", "text", "target", "stance", "conspiracy", "hostile", "thread", "parent", "source", "annotator")
HEADS = ("hostile", "conspiracy")
"""What a row may judge with yes or no."""

MAX_CELL = 1 << 26
_KNOWN = {*COLUMNS, "split", "aliases"}
_SIGNS = ",;\t|"
_ANSWERS = {"": None, "0": 0, "1": 1, "0.0": 0, "1.0": 1, "false": 0, "true": 1, "no": 0, "yes": 1}
"""How 0 and 1 are written: as themselves, as pandas writes columns with empty cells, as spreadsheets and people do."""


class Label(Struct, frozen=True, kw_only=True):
    """One row: a comment and what was judged of it; None where nothing was."""

    text: str
    id: str = ""
    target: str = ""
    stance: str | None = None
    conspiracy: int | None = None
    hostile: int | None = None
    thread: str = ""
    parent: str = ""
    source: str = ""
    annotator: str = ""
    split: str = ""
    aliases: tuple[str, ...] = ()
    extra: dict[str, str] = {}
    file: str = ""
    line: int = 0

    def judged(self, head: str) -> int | None:
        """The 0 or 1 that was judged for `hostile` or `conspiracy`, or None."""
        value: int | None = getattr(self, head)
        return value


Paths = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]
"""One label file or several."""


def find_files(paths: Paths) -> list[Path]:
    """The label files as a list."""
    return [Path(paths)] if isinstance(paths, str | os.PathLike) else [Path(path) for path in paths]


def read(paths: Paths, split: str | None = None) -> list[Label]:
    """All rows of the label files, in order; with `split`, those whose `split` column says so.

    Raises LabelError for a missing file or column, a value outside the label set, a stance without target, a target written in two ways,
    or no rows at all.
    """
    files = find_files(paths)
    rows = []
    for path in files:
        for row in scan(path):
            if isinstance(row, LabelError):
                raise row
            rows.append(row)
    if split is not None:
        found = sorted({row.split for row in rows} - {""})
        rows = [row for row in rows if row.split == split]
        if not rows:
            places = ", ".join(map(str, files))
            raise LabelError(f'no row has the split "{split}"', places, f"splits found: {', '.join(found) or 'none'}")
    if not rows:
        raise LabelError("no rows below the header", ", ".join(map(str, files)), "add at least one labelled comment")
    for error in find_respelt(rows):
        raise error
    return rows


def find_respelt(rows: Iterable[Label]) -> Iterator[LabelError]:
    """An error for each first row whose target differs only in case from one above: no comment could tell the two apart."""
    spelt: dict[str, str] = {}
    told: set[str] = set()
    for row in rows:
        first = spelt.setdefault(row.target.casefold(), row.target)
        if first != row.target and row.target not in told:
            told.add(row.target)
            place = f"{row.file}, line {row.line}"
            yield LabelError(f'the target "{row.target}" is written "{first}" above', place, "write it in one way")


def scan(path: Path) -> Iterator[Label | LabelError]:
    """The rows of one file, and a LabelError in the place of each bad one.

    Commas, semicolons, tabs or bars stand between cells; names of columns may be written in any case. Raises LabelError when the file
    itself cannot be read or has no column text.
    """
    csv.field_size_limit(MAX_CELL)
    try:
        head, encoding = _read_head(path)
        with path.open(encoding=encoding, newline="") as stream:
            reader = csv.reader(stream, strict=True, delimiter=_guess_delimiter(head))
            names = _read_names(reader)
            _check_header(names, str(path))
            line = reader.line_num + 1
            for row in reader:
                if row:
                    try:
                        yield _label(names, row, str(path), line)
                    except LabelError as error:
                        yield error
                line = reader.line_num + 1
    except FileNotFoundError:
        raise LabelError("there is no such file", str(path), "name a CSV file with a text column") from None
    except UnicodeDecodeError as error:
        raise LabelError(f"not UTF-8 at byte {error.start}", str(path), "save it as CSV UTF-8") from None
    except csv.Error as error:
        raise LabelError(
            f"not readable as CSV ({error})", str(path), "quote cells that hold commas, quotes or line ends"
        ) from None
    except OSError as error:
        raise LabelError(f"cannot be read ({error.strerror})", str(path), "name a readable CSV file") from None


def find_judged(path: Path) -> set[str]:
    """The heads that the header of a file names; none for a file that is no table or cannot be read."""
    try:
        head, encoding = _read_head(path)
        first = head.decode(encoding, "replace")
        names = _read_names(csv.reader(io.StringIO(first, newline=""), delimiter=_guess_delimiter(head)))
    except (OSError, csv.Error):
        return set()
    return set(HEADS) & set(names)


def _read_head(path: Path) -> tuple[bytes, str]:
    """The first bytes of a file, and its encoding."""
    with path.open("rb") as stream:
        head = stream.read(1 << 16)
    return head, "utf-16" if head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "utf-8-sig"


def _guess_delimiter(head: bytes) -> str:
    """The sign that stands between the names of the first line, or a comma."""
    first = head.replace(b"\0", b"").lstrip().split(b"\n", 1)[0].decode("utf-8", "replace")
    return max(_SIGNS, key=first.count)


def _read_names(reader: Iterator[list[str]]) -> list[str]:
    """The names of the columns, known ones as they are known; a line "sep=;" above them, as spreadsheets write it, is passed over."""
    names = [name.strip() for name in next(reader, [])]
    if names and names[0].lower() in {"sep", "sep="}:
        names = [name.strip() for name in next(reader, [])]
    return [name.lower() if name.lower() in _KNOWN else name for name in names]


def _check_header(fields: Sequence[str], place: str) -> None:
    if not fields:
        raise LabelError("the file is empty", place, f"start it with the header {','.join(COLUMNS)}")
    if "text" not in fields:
        raise LabelError(
            f"no column text among {', '.join(fields)[:200]}",
            place,
            "rename the column that holds the comments to text",
        )
    twice = sorted({field for field in fields if fields.count(field) > 1})
    if twice:
        raise LabelError(f"the column {twice[0]} occurs twice", place, "rename or remove one")


def _label(names: Sequence[str], row: Sequence[str], file: str, line: int) -> Label:
    place = f"{file}, line {line}"
    cells = dict(zip(names, row, strict=False))
    if len(row) != len(names):
        raise LabelError("more or fewer cells than the header has", place, "quote cells that hold commas")
    text = cells["text"]
    if not text.strip():
        raise LabelError("the text is empty", place, "fill it in or remove the row")
    stance, target = cells.get("stance", "").strip().lower(), cells.get("target", "").strip()
    if stance and stance not in STANCE_LABELS:
        raise LabelError(f'stance "{stance}" is not one of {", ".join(STANCE_LABELS)}', place)
    if stance and not target:
        raise LabelError(
            f'stance "{stance}" without a target', place, "name in the column target what the stance is toward"
        )
    return Label(
        text=text,
        target=target,
        stance=stance or None,
        conspiracy=_binary(cells, "conspiracy", place),
        hostile=_binary(cells, "hostile", place),
        aliases=tuple(alias.strip() for alias in cells.get("aliases", "").split("|") if alias.strip()),
        extra={name: value for name, value in cells.items() if name not in _KNOWN and value},
        file=file,
        line=line,
        **{name: cells.get(name, "").strip() for name in ("id", "thread", "parent", "source", "annotator", "split")},
    )


def _binary(cells: dict[str, str], column: str, place: str) -> int | None:
    value = cells.get(column, "").strip()
    if value.lower() not in _ANSWERS:
        raise LabelError(f'{column} "{value}" is not one of 0, 1, or empty for not judged', place)
    return _ANSWERS[value.lower()]
