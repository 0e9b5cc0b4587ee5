"""Score one shard: read, segment, score, write its part file, keep its bad records, sign its receipt.

Nothing is shared between workers but the folder: the part file, then the quarantine, then the receipt appear under their names
only when they are whole and on disk. Doing a shard twice, even at the same moment, gives the same bytes.
"""

import gc
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec

from moderation.errors import ModelError, ModerationError
from moderation.records import BadRecord, Comment, Record, Score, Skipped, Thread
from moderation.scoring import atomic
from moderation.scoring.context import Context
from moderation.scoring.inputs import read_piece, read_pieces
from moderation.scoring.job import Receipt, Shard, Work
from moderation.scoring.pseudonyms import pseudonym
from moderation.scoring.quarantine import Quarantine
from moderation.scoring.shards import batch
from moderation.writers import find_writer

__all__ = [
    "Tally",
    "check_version",
    "load_model",
    "part_path",
    "quarantine_path",
    "read_receipt",
    "run_shard",
    "score_records",
    "version",
]

CHUNK = 1024
"""Comments that are scored and written at a time."""

FEW = 256
"""Comments of a chunk where the compiled loops are not wanted: fewer than the classifier would load them for."""

CHARACTERS = 4 << 20
"""A chunk is closed earlier when it holds so many characters."""


class Tally:
    """Counts and wall times of one shard, filled while its scores stream through."""

    def __init__(self) -> None:
        self.comments = 0
        self.review = 0
        self.unread = 0
        self.flagged: dict[str, int] = {}
        self.skipped: dict[str, int] = {}
        self.kept: dict[str, int] = {}
        self.seconds = dict.fromkeys(("loading", "reading", "scoring", "writing", "syncing"), 0.0)

    def count(self, scores: Sequence[Score]) -> None:
        """Count scores in."""
        self.comments += len(scores)
        for score in scores:
            if score.action == "review":
                self.review += 1
                self.unread += not score.flags
            for flag in score.flags:
                self.flagged[flag] = self.flagged.get(flag, 0) + 1
            for name in score.kept if isinstance(score.kept, dict) else ():
                self.kept[name] = self.kept.get(name, 0) + 1


def run_shard(work: Work, shard: Shard) -> list[Receipt]:
    """Do one shard, or all that a stream shard is cut into, and return the receipts; what has a receipt is not done again.

    Raises ModerationError when the model is not the one the run began with, OSError when the part cannot be written.
    """
    if not shard.stream:
        return [_finish(work, shard)]
    receipts = []
    records = read_pieces(shard.pieces, work.reading, work.model, work.sole)
    for piece in batch(records, shard.name, work.shard_records):
        if piece.last:
            piece = msgspec.structs.replace(piece, bytes=shard.bytes)
        receipts.append(_finish(work, piece))
    return receipts


def _finish(work: Work, shard: Shard) -> Receipt:
    known = read_receipt(work, shard.name)
    if known is not None and known.digest == shard.digest:
        return known
    started = time.perf_counter()
    tally = Tally()
    classifier = load_model(work.model, work.model_hash, work.compiled)
    loaded = time.perf_counter()
    writer = find_writer(work.to)
    part = part_path(work, shard.name)
    records = iter(shard.records) if shard.records is not None else read_shard(shard, work)
    with Quarantine(quarantine_path(work, shard.name), private=work.key is not None) as bad:
        with atomic.create(part) as stream:
            begun = time.perf_counter()
            with _no_collection():
                writer.write(score_records(records, classifier, work, bad, tally), stream, work.columns)
            written = time.perf_counter()
        synced = time.perf_counter()
    tally.seconds["loading"] = loaded - started
    tally.seconds["syncing"] = synced - written
    tally.seconds["writing"] = written - begun - tally.seconds["reading"] - tally.seconds["scoring"]
    receipt = Receipt(
        name=shard.name,
        comments=tally.comments,
        bad=bad.count,
        bytes=part.stat().st_size,
        read=shard.bytes,
        end=shard.pieces[-1].end or 0 if shard.pieces else 0,
        lines=shard.lines,
        last=shard.last,
        last_header=shard.last_header,
        digest=shard.digest,
        skipped=tally.skipped,
        flagged=tally.flagged,
        kept=tally.kept,
        review=tally.review,
        unread=tally.unread,
        seconds=tally.seconds,
    )
    with atomic.create(receipt_path(work, shard.name)) as stream:
        stream.write(msgspec.json.encode(receipt))
    return receipt


@contextmanager
def _no_collection() -> Iterator[None]:
    """No garbage collection for a shard: its records refer to nothing that refers back, and looking for that costs a tenth of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def read_shard(shard: Shard, work: Work) -> Iterator[Record]:
    """The records of a shard, after the thread header that stands before its first piece."""
    headers = (
        record
        for piece in shard.header
        for record in read_piece(piece, work.reading, work.model)
        if type(record) is Thread
    )
    return chain(headers, read_pieces(shard.pieces, work.reading, work.model, work.sole))


def score_records(
    records: Iterator[Record], classifier: Any, work: Work, bad: Quarantine, tally: Tally
) -> Iterator[list[Score]]:
    """Scores in chunks, in order; bad records go to `bad`, counts and times into `tally`."""
    context = Context()
    for comments in _chunks(records, context, bad, tally, CHUNK if work.compiled else FEW):
        started = time.perf_counter()
        scores = _score(comments, classifier, context, work, bad)
        tally.count(scores)
        tally.seconds["scoring"] += time.perf_counter() - started
        yield scores


def _chunks(
    records: Iterable[Record], context: Context, bad: Quarantine, tally: Tally, size: int
) -> Iterator[list[Comment]]:
    chunk: list[Comment] = []
    characters = 0
    started = time.perf_counter()
    for record in records:
        if type(record) is Comment:
            chunk.append(record)
            characters += len(record.text)
            if len(chunk) >= size or characters >= CHARACTERS:
                tally.seconds["reading"] += time.perf_counter() - started
                yield chunk
                chunk, characters = [], 0
                started = time.perf_counter()
        elif type(record) is Thread:
            context.add(record)
        elif type(record) is BadRecord:
            bad.add(record)
        elif type(record) is Skipped:
            tally.skipped[record.reason] = tally.skipped.get(record.reason, 0) + record.count
    tally.seconds["reading"] += time.perf_counter() - started
    if chunk:
        yield chunk


def _score(comments: list[Comment], classifier: Any, context: Context, work: Work, bad: Quarantine) -> list[Score]:
    threads = {
        name: context.threads[name] for name in {comment.thread for comment in comments} if name in context.threads
    }
    options = {"threads": threads, "targets": work.targets, "explain": work.columns.explain}
    try:
        scores = classifier.score_many(comments, **options)
    except ModelError:
        raise
    except Exception:
        comments, scores = _score_singly(comments, classifier, options, bad)
    if work.columns.keep or work.key is not None or any(comment.extra for comment in comments):
        scores = [_dress(comment, score, work) for comment, score in zip(comments, scores, strict=True)]
    result: list[Score] = scores
    return result


def _score_singly(
    comments: list[Comment], classifier: Any, options: Any, bad: Quarantine
) -> tuple[list[Comment], list[Score]]:
    done, scores = [], []
    for comment in comments:
        try:
            scores += classifier.score_many([comment], **options)
            done.append(comment)
        except Exception as error:
            reason = f"comment {comment.id} could not be scored ({type(error).__name__}: {error})"
            bad.add(BadRecord(file=comment.thread, reason=reason, raw=comment.text[:2000]))
    return done, scores


def _dress(comment: Comment, score: Score, work: Work) -> Score:
    """The score with the fields that are to be kept, and no others, and with a pseudonym for the author."""
    changes: dict[str, Any] = {}
    if work.columns.keep:
        changes["kept"] = {name: comment.extra[name] for name in work.columns.keep if name in comment.extra}
    elif score.kept is not msgspec.UNSET:
        changes["kept"] = msgspec.UNSET
    if work.key is not None and score.author is not None:
        changes["author"] = pseudonym(score.author, work.key)
    return msgspec.structs.replace(score, **changes) if changes else score


def load_model(model: str | None, expected: str, compiled: bool) -> Any:
    """The classifier of this process, loaded once, with its compiled loops if `compiled`; with no hash `expected`, loaded anew.

    Raises ModelError when its hash is not `expected`: the model folder changed during the run.
    """
    if not expected:
        _load.cache_clear()
    classifier = _load(model)
    if expected and (classifier.hash or "") != expected:
        raise ModelError(
            "the model is not the one this run began with",
            model or "the shipped model",
            "put it back, or begin again with --overwrite",
        )
    if compiled:
        classifier.load_kernel()
    return classifier


@lru_cache(maxsize=1)
def _load(model: str | None) -> Any:
    from moderation.scoring.classifier import load

    return load(model)


def part_path(work: Work, name: str) -> Path:
    """Where the part file of a shard stands."""
    return Path(work.parts) / f"part-{name}{find_writer(work.to).suffix}"


def quarantine_path(work: Work, name: str) -> Path:
    """Where the bad records of a shard stand, if it has any."""
    return Path(work.receipts) / f"{name}.bad.jsonl"


def receipt_path(work: Work, name: str) -> Path:
    """Where the receipt of a shard stands."""
    return Path(work.receipts) / f"{name}.json"


def read_receipt(work: Work, name: str) -> Receipt | None:
    """The receipt of a shard whose part file is there and whole; None otherwise."""
    try:
        receipt = msgspec.json.decode(receipt_path(work, name).read_bytes(), type=Receipt)
        if os.stat(part_path(work, name)).st_size == receipt.bytes:  # noqa: PTH116 - once for each of many shards
            return receipt
    except (OSError, msgspec.DecodeError):
        pass
    return None


@lru_cache(maxsize=1)
def version() -> str:
    """The version of moderation that runs."""
    from importlib import metadata

    try:
        return metadata.version("moderation")
    except metadata.PackageNotFoundError:
        return "0"


def check_version(work: Work) -> None:
    """Raise ModerationError when this process runs another version of moderation than the one that planned the run."""
    here = version()
    if here != work.version:
        raise ModerationError(
            f"a worker has moderation {here} and the run began with {work.version}",
            remedy="install the same version everywhere",
        )
