"""Say what a run would do and how long it would take, from a sample; nothing is written."""

import time
from collections.abc import Sequence
from itertools import islice
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from moderation import readers
from moderation.records import Comment
from moderation.scoring import manifest
from moderation.scoring.batch import count_workers, sum_sizes
from moderation.scoring.context import divide
from moderation.scoring.inputs import STDIN, describe, settle
from moderation.scoring.job import Input, Job
from moderation.scoring.workers import load_model, version

__all__ = ["Forecast", "forecast"]

SAMPLE = 4096
"""Comments that are read to estimate how many there are, from up to `FILES` files together; the second half of them is timed."""

FILES = 8
SHARE = 0.8
"""Of the classifier's own rate, what is left end to end: reading and writing take the rest."""


class Forecast(Struct, frozen=True, kw_only=True):
    """What a run would do. Estimates are None for standard input, which is not read."""

    files: int
    refused: int
    formats: dict[str, int]
    bytes: int | None
    comments: int | None
    shards: int | None
    workers: int
    model: str
    per_second: float | None
    seconds: float | None
    state: str


def forecast(job: Job) -> Forecast:
    """Look at the inputs of `job`, score a sample of them and estimate the rest.

    Raises ModerationError as the run itself would for its inputs, model and output.
    """
    job = settle(job)
    inputs, refused = describe(job)
    total = sum_sizes(inputs)
    classifier = load_model(job.model, "", (total or 0) > 1 << 20)
    comments, read, sample = _sample(job, inputs)
    per_second = _time(job, sample, classifier)
    estimate = None
    if total is not None:
        whole = read >= total
        estimate = comments if whole else round(comments * total / max(read, 1))
        estimate = min(estimate, job.limit or estimate)
    workers = count_workers(job, total)
    seconds = estimate / (per_second * workers) if estimate is not None and per_second else None
    formats: dict[str, int] = {}
    for item in inputs:
        formats[item.format] = formats.get(item.format, 0) + 1
    return Forecast(
        files=len(inputs),
        refused=len(refused),
        formats=formats,
        bytes=total,
        comments=estimate,
        shards=None if total is None else max(1, round(total / job.shard_bytes)),
        workers=workers,
        model=f"{classifier.name} {(classifier.hash or '')[:8]}".strip(),
        per_second=per_second,
        seconds=seconds,
        state=_state(job, inputs, classifier),
    )


def _sample(job: Job, inputs: Sequence[Input]) -> tuple[int, int, list[Comment]]:
    """Comments seen, input bytes they took, and the comments."""
    sample: list[Comment] = []
    read = 0
    for item in inputs[:FILES]:
        if item.path == STDIN or len(sample) >= SAMPLE:
            break
        with readers.Source(item.path) as source:
            records = divide(readers.read(source, item.format, job.reading), job.model)
            found = (record for record in records if type(record) is Comment)
            sample += islice(found, SAMPLE - len(sample))
            read += source.tell() if len(sample) >= SAMPLE else item.size or 0
    return len(sample), read, sample


def _time(job: Job, sample: list[Comment], classifier: object) -> float | None:
    half = len(sample) // 2
    if not half:
        return None
    score_many = classifier.score_many  # type: ignore[attr-defined]
    score_many(sample[:half], targets=job.targets, explain=job.columns.explain)
    started = time.perf_counter()
    score_many(sample[half:], targets=job.targets, explain=job.columns.explain)
    return SHARE * (len(sample) - half) / max(time.perf_counter() - started, 1e-6)


def _state(job: Job, inputs: Sequence[Input], classifier: Any) -> str:
    if job.output is None:
        return "nothing is kept: the output is a stream"
    layout = manifest.lay_out(job, job.output)
    titles = describe(replace(job, inputs=job.reading.submissions))[0] if job.reading.submissions else []
    found = manifest.look(layout, manifest.compose(job, [*inputs, *titles], classifier, version()), job.overwrite)
    if found is None:
        return "not begun"
    if found.state == "complete":
        return "done already"
    done = sum(1 for path in layout.receipts.glob("*.json") if path.name[0].isdigit())
    return f"begun; {done} parts are done"
