"""Keep bad records: one JSON object a line with file, line, byte, reason and the raw text."""

import contextlib
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

import msgspec

from moderation.errors import InputError
from moderation.records import BadRecord
from moderation.scoring import atomic
from moderation.writers.columns import mend_value

__all__ = ["Quarantine", "join", "read", "refuse_strangers"]


class Quarantine:
    """A quarantine file that comes into being with its first record, and then atomically when it is left.

    With `private`, the raw text is left out: it may name authors whom the output hides.
    """

    def __init__(self, path: Path | None, private: bool = False) -> None:
        self.path = path
        self.private = private
        self.count = 0
        self._stack = contextlib.ExitStack()
        self._stream: BinaryIO | None = None

    def add(self, record: BadRecord) -> None:
        """Keep one record."""
        self.count += 1
        if self.path is None:
            return
        if self._stream is None:
            self._stream = self._stack.enter_context(atomic.create(self.path))
        self._stream.write(encode(msgspec.structs.replace(record, raw="") if self.private else record))

    def __enter__(self) -> "Quarantine":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)


def encode(record: BadRecord) -> bytes:
    """One line of the quarantine file."""
    try:
        return msgspec.json.encode(record) + b"\n"
    except UnicodeEncodeError:
        return msgspec.json.encode(mend_value(msgspec.structs.asdict(record))) + b"\n"


def read(path: Path) -> Iterable[BadRecord]:
    """The records of a quarantine file; none if there is no such file."""
    if path.exists():
        with path.open("rb") as stream:
            for line in stream:
                yield msgspec.json.decode(line, type=BadRecord)


def refuse_strangers(path: Path | None, inputs: Iterable[str]) -> None:
    """Raise InputError where a quarantine file would take the place of an input, or of a file that is no quarantine."""
    if path is None or not path.exists():
        return
    if any(Path(name).exists() and path.samefile(name) for name in inputs):
        raise InputError("the bad records would overwrite this input", str(path), "give another name with --quarantine")
    try:
        next(iter(read(path)), None)
    except (msgspec.MsgspecError, OSError):
        raise InputError(
            "a file stands there that holds no bad records", str(path), "give another name with --quarantine"
        ) from None


def join(parts: Iterable[Path], path: Path) -> None:
    """Put quarantine files together into one; without any, the quarantine that stands at `path` is removed."""
    existing = [part for part in parts if part.exists()]
    if not existing:
        path.unlink(missing_ok=True)
        return
    with atomic.create(path) as stream:
        for part in existing:
            stream.write(part.read_bytes())
