"""Score whole dumps into a stream: standard output, a pipe. Nothing is kept, so nothing can be resumed."""

import tempfile
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO

from moderation.records import BadRecord, Comment, Record
from moderation.scoring.batch import instruct, load_checked, make_plan, start, sum_sizes
from moderation.scoring.inputs import describe, read_pieces, settle
from moderation.scoring.job import Complain, Input, Job, Piece, Progress, Receipt, Shard, Summary, Watch, Work
from moderation.scoring.quarantine import Quarantine, read, refuse_strangers
from moderation.scoring.shards import plan
from moderation.scoring.workers import Tally, load_model, part_path, quarantine_path, score_records
from moderation.writers import find_writer

__all__ = ["run_to_stream"]


class _Told(Quarantine):
    """A quarantine that also tells someone of each record."""

    def __init__(self, job: Job, complain: Complain | None) -> None:
        super().__init__(job.quarantine, private=job.key is not None)
        self.complain = complain

    def add(self, record: BadRecord) -> None:
        super().add(record)
        if self.complain:
            self.complain(record)


def run_to_stream(job: Job, stream: BinaryIO, complain: Complain | None = None, watch: Watch | None = None) -> Summary:
    """Score the inputs of `job` into a stream, in order; bad records are told to `complain` and kept in `job.quarantine`.

    With several workers the parts pass through a temporary folder, a few at a time. Raises ModerationError as `batch.run` does,
    and OSError when the stream cannot be written.
    """
    job = settle(job)
    inputs, refused = describe(job)
    refuse_strangers(job.quarantine, [item.path for item in inputs])
    total = sum_sizes(inputs)
    one = job.workers == 1 or job.limit is not None or (job.workers is None and (total or 0) <= 2 * job.shard_bytes)
    with tempfile.TemporaryDirectory(prefix="moderation-") as folder, _Told(job, complain) as bad:
        model = load_checked(job)
        work = instruct(job, Path(folder), Path(folder), model.hash or "", inputs, len(inputs) + len(refused) == 1)
        for record in refused:
            bad.add(record)
        if one:
            summary = _pour(job, work, inputs, stream, bad)
        else:
            summary = Summary()
            # closed before the folder goes, also when the stream breaks: no worker may write into it any longer
            with closing(_parts(job, work, inputs, bad, summary, watch)) as parts:
                find_writer(job.to).join(parts, stream, job.columns)
    summary.bad = bad.count
    summary.quarantine = str(job.quarantine) if job.quarantine and bad.count else None
    return summary


def _pour(job: Job, work: Work, inputs: Sequence[Input], stream: BinaryIO, bad: Quarantine) -> Summary:
    """Score in this process, straight into the stream."""
    tally = Tally()
    records: Iterator[Record] = read_pieces(
        [Piece(item.path, item.format) for item in inputs], job.reading, job.model, work.sole
    )
    if job.limit is not None:
        records = _first(records, job.limit)
    # The first record is read before the model is loaded or a header is written: bad input is told at once.
    first = list(islice(records, 2))
    classifier = load_model(work.model, work.model_hash, work.compiled)
    scores = score_records(chain(first, records), classifier, work, bad, tally)
    find_writer(job.to).write(scores, stream, job.columns)
    return Summary(
        comments=tally.comments,
        fresh=tally.comments,
        parts=1,
        review=tally.review,
        unread=tally.unread,
        skipped=tally.skipped,
        flagged=tally.flagged,
        kept=tally.kept,
        seconds=tally.seconds,
    )


def _first(records: Iterator[Record], limit: int) -> Iterator[Record]:
    for record in records:
        yield record
        if type(record) is Comment:
            limit -= 1
            if limit <= 0:
                return


def _parts(
    job: Job, work: Work, inputs: Sequence[Input], bad: Quarantine, summary: Summary, watch: Watch | None
) -> Generator[Path]:
    """The part files in order, each removed when the next is asked for."""
    order: deque[str] = deque()
    done: dict[str, Receipt] = {}
    total, read_so_far = sum_sizes(inputs), 0

    def shards() -> Iterator[Shard]:
        for shard in plan(inputs, make_plan(job, work, inputs, hand_out=True), lambda name: None):
            if isinstance(shard, Shard):
                order.append(shard.name)
                yield shard

    with closing(start(job, work, shards(), total)) as batches:
        for receipts in batches:
            done.update((receipt.name, receipt) for receipt in receipts)
            while order and order[0] in done:
                receipt = done.pop(order.popleft())
                summary.add(receipt, fresh=True)
                read_so_far += receipt.read
                for record in read(quarantine_path(work, receipt.name)):
                    bad.add(record)
                part = part_path(work, receipt.name)
                yield part
                part.unlink()
                if watch:
                    watch(
                        Progress(
                            read=read_so_far,
                            total=total,
                            comments=summary.comments,
                            bad=bad.count,
                            parts=summary.parts,
                            resumed=0,
                        )
                    )
