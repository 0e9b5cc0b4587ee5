"""The records of a batch run: what is asked, how it is cut up, what each worker is told and what it reports."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from msgspec import Struct

from moderation.readers.options import ReadOptions
from moderation.records import BadRecord, Record, Span
from moderation.writers import Columns

__all__ = [
    "SHARD_BYTES",
    "SHARD_RECORDS",
    "Engine",
    "Input",
    "Job",
    "Piece",
    "Progress",
    "Receipt",
    "Shard",
    "Summary",
    "Work",
]

SHARD_BYTES = 8 << 20
"""Bytes of a shard that is cut from plain files: half a second to a second of one core, so little is lost by a crash."""

SHARD_RECORDS = 10_000
"""Records of a shard that is read in sequence: compressed files, documents, standard input."""

Engine = Literal["local", "threads", "dask"]


class Job(Struct, frozen=True, kw_only=True):
    """A whole batch run, as asked for.

    `output` None means the stream that `run_to_stream` is given; a path with a suffix is one file, unless `folder` is set or it is a
    folder already, and any other path a folder. `workers` None means as many as there are cores (and shards). `limit` stops after so many
    comments. `key` holds the bytes of `--pseudonymise`. Everything but `output`, `folder`, `workers`, `engine`, `scheduler`,
    `quarantine` and `overwrite` shapes the output, so a resumed run must have the same.
    """

    inputs: tuple[str, ...]
    output: Path | None = None
    folder: bool = False
    to: str = "jsonl"
    format: str | None = None
    reading: ReadOptions = ReadOptions()
    model: str | None = None
    targets: tuple[str, ...] = ()
    columns: Columns = Columns()
    key: bytes | None = None
    limit: int | None = None
    quarantine: Path | None = None
    workers: int | None = None
    engine: Engine = "local"
    scheduler: str | None = None
    shard_bytes: int = SHARD_BYTES
    shard_records: int = SHARD_RECORDS
    overwrite: bool = False


class Input(Struct, frozen=True):
    """One input as it was when the run began; `ends` is a hash of its first and last 64 KiB. `-` has no size."""

    path: str
    format: str
    size: int | None
    modified: int | None
    ends: str | None


class Piece(Struct, frozen=True):
    """Bytes `start` to `end` (None: the end of the file) of one input; its first line is number `first_line`."""

    path: str
    format: str
    start: int = 0
    end: int | None = None
    first_line: int = 1


class Shard(Struct, frozen=True, kw_only=True):
    """The unit of work, of resuming and of part files; shards in order of `name` are the output in order.

    A worker reads `pieces` itself, or is handed `records`. `bytes` is how much input it stands for. With `stream`, the one piece
    is a long input that can only be read in sequence: the worker cuts it into shards of its own, named `NAME-000000` and so on.
    `header` is the last thread header before the pieces, which their first comments may belong to. `lines`, `last` and `last_header`
    are passed to the receipt; `digest` identifies handed records of standard input.
    """

    name: str
    header: tuple[Piece, ...] = ()
    pieces: tuple[Piece, ...] = ()
    records: tuple[Record, ...] | None = None
    stream: bool = False
    bytes: int = 0
    lines: int = 0
    last: bool = True
    last_header: Span | None = None
    digest: str | None = None


class Work(Struct, frozen=True, kw_only=True):
    """What every worker of a run needs besides its shard. `sole`: there is one input, whose failure to open fails the run.

    `compiled`: score with the compiled loops however few the comments, and without them never.
    """

    parts: str
    receipts: str
    to: str
    columns: Columns
    model: str | None
    model_hash: str
    version: str
    reading: ReadOptions = ReadOptions()
    targets: tuple[str, ...] = ()
    key: bytes | None = None
    shard_records: int = SHARD_RECORDS
    sole: bool = False
    compiled: bool = True


class Receipt(Struct, frozen=True, kw_only=True):
    """What became of a shard; it is written last, so a shard that has one is safely on disk.

    `end`, `lines` and `last_header` let a resumed run go on cutting where this shard stopped; `bytes` is the size of the part file,
    `read` the input it stands for. `seconds` are wall time by stage: loading the model (once in each worker), reading,
    scoring, writing (with encoding), syncing.
    """

    name: str
    comments: int
    bad: int
    bytes: int
    read: int
    end: int = 0
    lines: int = 0
    last: bool = True
    last_header: Span | None = None
    digest: str | None = None
    skipped: dict[str, int] = {}
    flagged: dict[str, int] = {}
    kept: dict[str, int] = {}
    review: int = 0
    unread: int = 0
    seconds: dict[str, float] = {}


class Progress(Struct, frozen=True, kw_only=True):
    """Where a run stands: input bytes (total None when unknown), comments, bad records, parts; `resumed` comments were done before."""

    read: int
    total: int | None
    comments: int
    bad: int
    parts: int
    resumed: int


class Summary(Struct, kw_only=True):
    """What a run did. `fresh` comments were scored by this run, the others by an earlier one that it resumed.

    `review` counts what a person should look at, `unread` those of them that are in a language the model does not know.
    `kept` counts the comments that had each field that was to be kept. `state` is "done", or "already done" when there was nothing to do.
    """

    state: str = "done"
    comments: int = 0
    fresh: int = 0
    bad: int = 0
    parts: int = 0
    review: int = 0
    unread: int = 0
    skipped: dict[str, int] = {}
    flagged: dict[str, int] = {}
    kept: dict[str, int] = {}
    seconds: dict[str, float] = {}
    quarantine: str | None = None

    def add(self, receipt: Receipt, fresh: bool) -> None:
        """Count one finished shard in."""
        self.comments += receipt.comments
        self.fresh += receipt.comments if fresh else 0
        self.bad += receipt.bad
        self.parts += 1
        self.review += receipt.review
        self.unread += receipt.unread
        pairs = ((self.skipped, receipt.skipped), (self.flagged, receipt.flagged), (self.kept, receipt.kept))
        for totals, counts in pairs:
            for name, count in counts.items():
                totals[name] = totals.get(name, 0) + count
        for name, value in receipt.seconds.items() if fresh else ():
            self.seconds[name] = self.seconds.get(name, 0.0) + value


Watch = Callable[[Progress], None]
Complain = Callable[[BadRecord], None]
