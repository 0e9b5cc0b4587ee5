"""Score whole dumps: any size in constant memory, in order, on several workers, and nothing lost when it is killed.

    inputs -> shards -> workers: part file, bad records, receipt -> one file or a folder, and its manifest

`run` does a `Job`. Running the same job again resumes it, or finds that there is nothing to do. See docs/batch.md.
"""

import errno
import os
import time
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec

from moderation.errors import InputError, ModerationError
from moderation.records import BadRecord, Comment
from moderation.scoring import assembly, atomic, engines, manifest
from moderation.scoring.engines import Receipts
from moderation.scoring.inputs import STDIN, can_cut, changed, describe, read_pieces, settle
from moderation.scoring.job import Input, Job, Progress, Receipt, Shard, Summary, Watch, Work
from moderation.scoring.quarantine import Quarantine, refuse_strangers
from moderation.scoring.shards import Plan, plan
from moderation.scoring.workers import load_model, read_receipt, version
from moderation.writers import find_writer

__all__ = ["count_workers", "instruct", "load_checked", "make_plan", "run", "start", "sum_sizes"]

FEW_BYTES = 100_000
"""Inputs up to this size are scored in plain Python: a second of start-up is saved, and less than that is lost."""


def run(job: Job, watch: Watch | None = None) -> Summary:
    """Score the inputs of `job` into `job.output`, resuming what an earlier run with the same job left unfinished.

    Raises ModerationError for everything that stops the run; what is finished by then is kept.
    """
    if job.output is None:
        raise ModerationError("no output is named", remedy="use run_to_stream")
    layout = manifest.lay_out(job, job.output)
    find_writer(job.to)
    job = settle(job)
    inputs, refused = describe(job)
    _check_outputs(layout, inputs)
    refuse_strangers(layout.quarantine, [item.path for item in inputs])
    classifier = load_checked(job)
    titles = (
        describe(msgspec.structs.replace(job, inputs=job.reading.submissions))[0] if job.reading.submissions else []
    )
    wanted = manifest.compose(job, [*inputs, *titles], classifier, version())
    try:
        with manifest.lock(layout):
            stands = manifest.begin(layout, wanted, job.overwrite)
            if stands.state == "complete":
                if any(item.path == STDIN for item in inputs):
                    raise InputError(
                        "a finished run over standard input stands there, perhaps another one",
                        str(layout.output),
                        "choose another -o, or begin again with --overwrite",
                    )
                assembly.sweep(layout)
                return _told(stands, layout)
            try:
                return _work_off(job, layout, stands, inputs, refused, watch)
            finally:
                clear_leftovers(layout)
    except OSError as error:
        raise _stopped(error, layout) from error


def _work_off(
    job: Job,
    layout: manifest.Layout,
    stands: manifest.Manifest,
    inputs: list[Input],
    refused: list[BadRecord],
    watch: Watch | None,
) -> Summary:
    clear_leftovers(layout)
    work = instruct(job, layout.parts, layout.receipts, stands.model["hash"], inputs, len(inputs) + len(refused) == 1)
    left_out = layout.receipts / "refused.jsonl"
    with Quarantine(left_out) as bad:
        for record in refused:
            bad.add(record)
    summary = Summary(bad=len(refused))
    total = sum_sizes(inputs)
    receipts: list[Receipt] = []
    read_so_far = 0
    with closing(_receipts(job, work, inputs, total)) as coming:
        for receipt, fresh in coming:
            receipts.append(receipt)
            summary.add(receipt, fresh)
            read_so_far += receipt.read
            if watch:
                resumed = summary.comments - summary.fresh
                counts = {"comments": summary.comments, "bad": summary.bad, "parts": summary.parts, "resumed": resumed}
                watch(Progress(read=read_so_far, total=total, **counts))
    guilty = changed(stands.inputs)
    if guilty:
        raise InputError(
            "the file changed while it was being read", guilty, "run again with --overwrite when it is at rest"
        )
    receipts.sort(key=lambda receipt: receipt.name)
    started = time.perf_counter()
    parts = assembly.finish(job, layout, work, receipts, left_out)
    summary.seconds["joining"] = time.perf_counter() - started
    manifest.write_manifest(layout.manifest, manifest.complete(stands, parts, summary))
    assembly.sweep(layout)
    summary.quarantine = str(layout.quarantine) if summary.bad else None
    return summary


def load_checked(job: Job) -> Any:
    """The classifier of the job, loaded anew.

    Raises ModelError when it cannot be loaded, or does not know a target that the job names.
    """
    classifier = load_model(job.model, "", False)
    if job.targets:
        classifier.score_many([Comment(text="")], targets=job.targets)
    return classifier


def clear_leftovers(layout: manifest.Layout) -> None:
    """Remove temporary files of killed workers; no worker of this output may be running."""
    for folder in {layout.parts, layout.receipts, layout.manifest.parent}:
        atomic.clear_leftovers(folder)


def _receipts(
    job: Job, work: Work, inputs: Sequence[Input], total: int | None
) -> Generator[tuple[Receipt, bool], None, None]:
    """Every receipt of the run once, as it becomes known; the flag says whether the shard was done just now."""
    known: deque[Receipt] = deque()

    def shards() -> Iterator[Shard]:
        for item in plan(inputs, make_plan(job, work, inputs), lambda name: read_receipt(work, name)):
            if isinstance(item, Receipt):
                known.append(item)
            else:
                yield item

    with closing(start(job, work, shards(), total)) as batches:
        for batch in batches:
            while known:
                yield known.popleft(), False
            for receipt in batch:
                yield receipt, True
    while known:
        yield known.popleft(), False


def start(job: Job, work: Work, shards: Iterator[Shard], total: int | None) -> Receipts:
    """The engine that the job asks for; one process is enough where there is less than one shard for each of two."""
    if job.engine == "dask":
        return engines.run_on(engines.open_dask(job.scheduler or ""), work, shards)
    workers = count_workers(job, total)
    if job.engine == "threads" and workers > 1:
        return engines.run_on(engines.open_threads(workers), work, shards)
    if workers == 1:
        return engines.run_here(work, shards)
    return engines.run_on(engines.open_processes(workers), work, shards)


def make_plan(job: Job, work: Work, inputs: Sequence[Input], hand_out: bool = False) -> Plan:
    """How the inputs are cut. Long sequences are read here and handed out, unless there are enough of them to give each worker its own."""
    long = sum(1 for item in inputs if item.size is None or item.size > job.shard_bytes)
    by_file = job.engine == "dask" or long >= 2 * (job.workers or _cores())
    hand_out = hand_out or job.limit is not None or not by_file or any(item.path == STDIN for item in inputs)
    return Plan(
        shard_bytes=job.shard_bytes,
        shard_records=job.shard_records,
        can_cut=can_cut,
        read=lambda piece: read_pieces([piece], job.reading, job.model, work.sole),
        hand_out=hand_out,
        limit=job.limit,
    )


def instruct(job: Job, parts: Path, receipts: Path, model_hash: str, inputs: Sequence[Input], sole: bool) -> Work:
    """What the workers of a job are told.

    The compiled loops and the plain ones may differ in the last digit of a sum, so which of them runs follows from the inputs alone.
    """
    total = sum_sizes(inputs)
    return Work(
        parts=str(parts),
        receipts=str(receipts),
        to=job.to,
        columns=job.columns,
        model=job.model,
        model_hash=model_hash,
        version=version(),
        reading=job.reading,
        targets=job.targets,
        key=job.key,
        shard_records=job.shard_records,
        sole=sole,
        compiled=total is None or total > FEW_BYTES,
    )


def sum_sizes(inputs: Sequence[Input]) -> int | None:
    """Bytes of all inputs, None if one of them is standard input."""
    return sum(item.size or 0 for item in inputs) if all(item.size is not None for item in inputs) else None


def count_workers(job: Job, total: int | None) -> int:
    """How many local workers a job of `total` input bytes gets: as asked, else the cores, or one where there is only one shard."""
    return job.workers or (1 if total is not None and total <= job.shard_bytes else _cores())


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _check_outputs(layout: manifest.Layout, inputs: Sequence[Input]) -> None:
    taken = {path.resolve() for path in (layout.output, layout.quarantine)}
    for item in inputs:
        path = Path(item.path).resolve()
        if path in taken or (not layout.single and layout.output.resolve() in path.parents):
            raise InputError("the output would lie over this input", item.path, "choose another -o")


def _told(stands: manifest.Manifest, layout: manifest.Layout) -> Summary:
    totals = stands.totals
    return Summary(
        state="already done",
        comments=totals["comments"],
        bad=totals["bad"],
        parts=len(stands.parts),
        review=totals["review"],
        unread=totals.get("unread", 0),
        skipped=totals["skipped"],
        flagged=totals["flagged"],
        quarantine=str(layout.quarantine) if totals["bad"] else None,
    )


def _stopped(error: OSError, layout: manifest.Layout) -> ModerationError:
    full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    fact = f"the disk is full ({error.strerror})" if full else f"cannot be written ({error.strerror})"
    place = error.filename or str(layout.output)
    first = "free some space" if full else "see to that"
    remedy = f"{first} and run the same command again; finished parts are kept"
    return ModerationError(fact, str(layout.output) if full else str(place), remedy)
