"""What commands write: files that appear whole or not at all, and one line on stderr for each bad record."""

import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import click

from moderation.errors import InputError, ModelError, UsageError
from moderation.records import BadRecord
from moderation.scoring import atomic

__all__ = ["BadRecords", "check_folder", "describe_skipped", "open_output", "open_stdout", "refuse_input"]

SHOWN = 20
"""Bad records that are told one by one."""

MANY_DUPLICATES = 0.1
"""Share of duplicates from which a dump's column of ids is doubted."""


class BadRecords:
    """Tells bad records on stderr, the first SHOWN of them a line each, and counts all."""

    def __init__(self) -> None:
        self.count = 0

    def tell(self, record: BadRecord) -> None:
        """One more."""
        self.count += 1
        if self.count <= SHOWN:
            place = record.file if record.line is None else f"{record.file}, line {record.line}"
            click.echo(f"Bad record: {place}: {record.reason}", err=True)

    def close(self) -> None:
        """Say how many were not shown."""
        if self.count > SHOWN:
            click.echo(f"Bad records: {self.count - SHOWN:,} more", err=True)


def describe_skipped(skipped: Mapping[str, int], comments: int) -> list[str]:
    """Lines about records that were left out, by reason; a warning where many share an id, for then it may be no comment's id."""
    if not skipped:
        return []
    reasons = ", ".join(f"{count:,} {reason}" for reason, count in Counter(skipped).most_common())
    lines = [f"skipped: {reasons}"]
    duplicates = skipped.get("duplicate id", 0)
    if duplicates > MANY_DUPLICATES * (comments + duplicates):
        lines.append(
            "Warning: many records share an id and only the first of each was kept; if that field is not the comment's own id, "
            "name another with --id-column"
        )
    return lines


def refuse_input(output: Path | str, inputs: Sequence[Path], option: str = "-o") -> None:
    """Raise InputError where `output` is one of the inputs."""
    if Path(output).exists() and any(str(path) != "-" and path.exists() and path.samefile(output) for path in inputs):
        raise InputError("the output would overwrite this input", str(output), f"give another name with {option}")


def open_stdout() -> BinaryIO:
    """Standard output, for bytes. Raises UsageError where whoever started us had closed it."""
    if sys.stdout is None:
        raise UsageError("standard output is closed", remedy="name a file with -o")
    return sys.stdout.buffer


@contextmanager
def open_output(output: Path | None, inputs: Sequence[Path], option: str = "-o") -> Iterator[BinaryIO]:
    """Standard output, or a file that gets its name only when it is complete; what stood there stays until then.

    Raises InputError where that is one of the inputs or cannot be written.
    """
    if output is None:
        yield open_stdout()
        sys.stdout.flush()
        return
    refuse_input(output, inputs, option)
    try:
        with atomic.create(output) as stream:
            yield stream
    except OSError as error:
        raise InputError(
            f"cannot be written ({error.strerror})", str(output), f"name another file with {option}"
        ) from None


def check_folder(folder: Path) -> None:
    """Try whether the folder that a model is to be written to can be made, before any work is done; nothing stays of the trial.

    Raises ModelError where it cannot.
    """
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path in missing:
            path.rmdir()
    except OSError as error:
        raise ModelError(
            f"no model can be written here ({error.strerror})", str(folder), "give another --out"
        ) from None
