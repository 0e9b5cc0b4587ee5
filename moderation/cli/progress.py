"""A line of progress on a terminal: share done, comments, rate, time left."""

import time
from collections.abc import Callable
from typing import TextIO

from moderation.scoring.job import Progress

__all__ = ["format_seconds", "show_progress"]

PAUSE = 0.2
"""Seconds between two updates, at least."""


def show_progress(stream: TextIO) -> Callable[[Progress | None], None] | None:
    """A function that shows where a run stands on `stream`, and None clears the line; None where `stream` is no terminal."""
    if not stream.isatty():
        return None
    started = time.monotonic()
    shown = [0.0]

    def show(progress: Progress | None) -> None:
        now = time.monotonic()
        if progress is None:
            stream.write("\r\033[K")
        elif now - shown[0] >= PAUSE:
            shown[0] = now
            stream.write("\r\033[K" + describe(progress, now - started))
        stream.flush()

    return show


def describe(progress: Progress, seconds: float) -> str:
    """The line, `seconds` after the start."""
    fresh = progress.comments - progress.resumed
    rate = fresh / seconds if seconds > 0 else 0.0
    words = [f"{progress.comments:,} comments", f"{rate:,.0f}/s"]
    if progress.total:
        share = progress.read / progress.total
        words.insert(0, f"{min(share, 1):4.0%}")
        per_byte = progress.comments / progress.read if progress.read else 0.0
        if rate and per_byte:
            words.append(f"{format_seconds((progress.total - progress.read) * per_byte / rate)} left")
    if progress.bad:
        words.append(f"{progress.bad:,} bad")
    return ", ".join(words)


def format_seconds(seconds: float) -> str:
    """A duration in its two largest units.

    >>> format_seconds(3725.0)
    '1 h 2 min'
    """
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600:,} h {whole % 3600 // 60} min"
