"""Finish a run: put part files together into one file, or leave them as they are; gather the bad records."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from moderation.scoring import atomic, quarantine
from moderation.scoring.job import Job, Receipt, Work
from moderation.scoring.manifest import Layout, Part
from moderation.scoring.workers import part_path, quarantine_path
from moderation.writers import find_writer

__all__ = ["finish", "sweep"]


def finish(job: Job, layout: Layout, work: Work, receipts: Sequence[Receipt], refused: Path) -> list[Part]:
    """Make the final files out of the parts of `receipts`, in their order; every one appears whole or not at all.

    `refused` holds the bad records that belong to no shard. Returns the files that are left.
    """
    paths = [part_path(work, receipt.name) for receipt in receipts]
    quarantine.join([refused, *(quarantine_path(work, receipt.name) for receipt in receipts)], layout.quarantine)
    if not layout.single:
        kept = {path.name for path in paths}
        for path in layout.parts.glob("part-*"):
            if path.name not in kept:
                path.unlink()
        return [
            Part(path.name, item.comments, item.bad, item.bytes) for path, item in zip(paths, receipts, strict=True)
        ]
    with atomic.create(layout.output) as stream:
        find_writer(job.to).join(paths, stream, job.columns)
    comments, bad = sum(item.comments for item in receipts), sum(item.bad for item in receipts)
    return [Part(layout.output.name, comments, bad, layout.output.stat().st_size)]


def sweep(layout: Layout) -> None:
    """Remove the folder of unfinished work."""
    atomic.clear_leftovers(layout.parts)
    shutil.rmtree(layout.receipts, ignore_errors=True)
