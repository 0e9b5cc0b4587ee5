"""Writes what readers give as JSON Lines that the jsonl reader takes back unchanged.

A thread header is a line with "record": "thread"; every other line is a comment. A comment line always has "quotes",
which tells the reader that its text is to be taken as it stands.
"""

from collections import Counter
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from moderation.readers.options import ReadOptions
from moderation.records import BadRecord, Comment, Skipped, Thread

__all__ = ["Tally", "encode", "write_lines"]

_ENCODER = msgspec.json.Encoder()
_DEFAULTS = {"quotes": object()}


class Tally(msgspec.Struct):
    """What was written and what was not."""

    threads: int
    comments: int
    bad: int
    skipped: Counter[str]

    def describe(self) -> str:
        """One line for people.

        >>> Tally(threads=1, comments=2, bad=0, skipped=Counter({"deleted": 3})).describe()
        '2 comments in 1 thread headers; skipped: 3 deleted'
        """
        line = f"{self.comments} comments in {self.threads} thread headers"
        if self.skipped:
            line += "; skipped: " + ", ".join(f"{count} {reason}" for reason, count in sorted(self.skipped.items()))
        return line + (f"; {self.bad} bad records" if self.bad else "")


def encode(record: Thread | Comment) -> bytes:
    """One line of JSON without fields that hold their default; a thread's own comments are not in it."""
    fields: dict[str, Any] = {"record": "thread"} if isinstance(record, Thread) else {}
    for name, default in zip(record.__struct_fields__, _defaults(type(record)), strict=True):
        value = getattr(record, name)
        if name != "comments" and (name == "quotes" or value != default):
            fields[name] = value
    return _ENCODER.encode(fields) + b"\n"


def _defaults(kind: type[msgspec.Struct]) -> list[Any]:
    found = _DEFAULTS.get(kind.__name__)
    if not isinstance(found, list):
        # the text of a Comment has no default; a fresh object equals nothing
        found = [None if field.required else _default(field) for field in msgspec.structs.fields(kind)]
        _DEFAULTS[kind.__name__] = found
    return found


def _default(field: msgspec.structs.FieldInfo) -> Any:
    return field.default_factory() if field.default is msgspec.NODEFAULT else field.default


def write_lines(
    path: Path, stream: BinaryIO, tally: Tally, format: str | None, options: ReadOptions, quarantine: Path | None
) -> None:
    """Read one input and write its threads and comments to `stream`, its bad records to `quarantine`; count in `tally`."""
    from moderation.readers import read

    bad: BinaryIO | None = None
    try:
        for record in read(path, format, options):
            if isinstance(record, Comment):
                stream.write(encode(record))
                tally.comments += 1
            elif isinstance(record, Thread):
                stream.write(encode(record))
                tally.threads += 1
            elif isinstance(record, Skipped):
                tally.skipped[record.reason] += record.count
            elif isinstance(record, BadRecord):
                if quarantine is not None and bad is None:
                    bad = quarantine.open("ab" if tally.bad else "wb")
                tally.bad += 1
                if bad is not None:
                    bad.write(_ENCODER.encode(record) + b"\n")
    finally:
        if bad is not None:
            bad.close()
