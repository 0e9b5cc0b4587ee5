"""Describe the inputs of a run, notice when they change, and read a piece of one."""

import contextlib
import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from moderation import readers
from moderation.errors import InputError, ModerationError, UsageError
from moderation.readers.options import ReadOptions
from moderation.records import BadRecord, Comment, Record, Thread
from moderation.scoring.context import divide
from moderation.scoring.job import Input, Job, Piece

__all__ = ["STDIN", "can_cut", "changed", "describe", "read_piece", "read_pieces", "settle"]

ENDS = 64 << 10
STDIN = "-"


def settle(job: Job) -> Job:
    """The job with its inputs as single files, Reddit submissions among them moved to where they give threads their titles.

    Raises UsageError for Dask without scheduler or output; InputError when there is no input, or a pattern finds none, or the format is
    unknown, or an input folder would get the output.
    """
    if job.format is not None and job.format not in readers.FORMATS:
        raise InputError(f'there is no format "{job.format}"', remedy=f"the formats are: {', '.join(readers.FORMATS)}")
    if job.engine == "dask" and job.output is None:
        raise UsageError(
            "the workers of --engine dask write files", remedy="name an output that all of them reach with -o"
        )
    if job.engine == "dask" and not job.scheduler:
        raise UsageError("--engine dask needs a scheduler", remedy="name one with: --scheduler tcp://HOST:8786")
    for name in job.inputs:
        if job.output is not None and Path(name).is_dir() and Path(name).resolve() in job.output.resolve().parents:
            raise InputError(
                "the output would lie in this input folder, and be read the next time", name, "choose another -o"
            )
    paths, reading = readers.find_inputs(job.inputs), job.reading
    with contextlib.suppress(InputError):  # a damaged file is told later, and must not stop the others
        paths, reading = readers.with_submissions(paths, job.format, reading)
    return msgspec.structs.replace(job, inputs=tuple(map(str, paths)), reading=reading)


def describe(job: Job) -> tuple[list[Input], list[BadRecord]]:
    """Every input of a settled job with its format, and those of several that no reader takes.

    Raises InputError when the only one cannot be used, or none of several.
    """
    found: list[Input] = []
    refused: list[BadRecord] = []
    for path in job.inputs:
        try:
            found.append(_describe(path, job.format, job.reading))
        except ModerationError as error:
            if len(job.inputs) == 1:
                raise
            refused.append(BadRecord(file=path, reason=error.fact))
    if not found:
        raise InputError(f"none of the {len(job.inputs)} files can be read", refused[0].file, refused[0].reason)
    return found, refused


def _describe(path: str, format_name: str | None, reading: ReadOptions) -> Input:
    if path == STDIN:
        return Input(path, format_name or "", None, None, None)
    name = format_name or readers.sniff(path, reading)
    try:
        size, modified = _measure(path)
        return Input(path, name, size, modified, _hash_ends(path, size))
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", path, "check the name and the permissions") from None


def _measure(path: str) -> tuple[int, int]:
    """Bytes and time of the last change in nanoseconds; of a folder, the sum and the latest of its files."""
    if Path(path).is_dir():
        stats = [file.stat() for file in Path(path).iterdir() if file.is_file()]
        return sum(stat.st_size for stat in stats), max((stat.st_mtime_ns for stat in stats), default=0)
    stat = os.stat(path)  # noqa: PTH116 - it may be one of 100,000
    return stat.st_size, stat.st_mtime_ns


def _hash_ends(path: str, size: int) -> str | None:
    if Path(path).is_dir():
        return None
    digest = hashlib.blake2b(digest_size=16)
    with Path(path).open("rb") as stream:
        digest.update(stream.read(ENDS))
        if size > ENDS:
            stream.seek(max(ENDS, size - ENDS))
            digest.update(stream.read(ENDS))
    return digest.hexdigest()


def changed(inputs: Sequence[Input]) -> str | None:
    """The path of the first input whose size or time of change is no longer what it was; None if all are the same."""
    for item in inputs:
        if item.size is None:
            continue
        try:
            if _measure(item.path) != (item.size, item.modified):
                return item.path
        except OSError:
            return item.path
    return None


def read_piece(piece: Piece, reading: ReadOptions, model: str | None) -> Iterator[Record]:
    """The records of a piece, pages of plain text divided into comments by the segmenter of the folder `model`."""
    with readers.Source(piece.path, start=piece.start, end=piece.end, first_line=piece.first_line) as source:
        yield from divide(readers.read(source, piece.format or None, reading), model)


def read_pieces(
    pieces: Iterable[Piece], reading: ReadOptions, model: str | None, sole: bool = False
) -> Iterator[Record]:
    """The records of several pieces, in order; a file that fails becomes a bad record and the next one is read.

    With `sole`, an error before the first comment is raised: the only input there is cannot be used.
    """
    for piece in pieces:
        fine = not sole or piece.start > 0
        if piece.start == 0:
            yield Thread()  # comments of no thread are not under the last page of the file before
        try:
            for record in read_piece(piece, reading, model):
                fine = fine or type(record) is Comment
                yield record
        except ModerationError as error:
            if not fine:
                raise
            yield BadRecord(file=piece.path, reason=f"reading stopped here: {error.fact}")
        except OSError as error:
            raise InputError(
                f"cannot be read ({error.strerror})", piece.path, "check the file; then run the same command again"
            ) from None


def can_cut(item: Input) -> bool:
    """Whether this input may be cut at line ends."""
    return readers.can_cut(item.path, item.format)
