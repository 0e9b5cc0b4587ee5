"""Stance weights, compiled: summed for the targets that a comment is about, and for no others."""

from typing import Any

import numpy as np

from moderation.features.compiling import compiled, count_ones
from moderation.features.tables import StanceTables, Work

__all__ = ["LOGS", "add_stances"]

LOGS = 1.0 + np.log(np.maximum(np.arange(1024), 1))
"""Sublinear term frequency, 1 + ln k, of the first thousand."""


def _add_stances(norms: Any, n_words: Any, stance: StanceTables, work: Work, about: Any, sides: Any) -> None:
    """Add the comment's weights for each target that it is about to `sides` [T, 3]."""
    times, seen, values, bits, ranks, rows = work.times, work.seen, work.values, stance.bits, stance.ranks, stance.rows
    n = work.counters[0]
    for k in range(n):
        id = seen[k]
        weight = LOGS[times[id]] if times[id] < 1024 else 1.0 + np.log(np.float64(times[id]))
        values[k] = weight * norms[0 if id < n_words else 1]
    for target in range(len(about)):
        if about[target] == 0:
            continue
        favor, against, neutral = 0.0, 0.0, 0.0
        for k in range(n):
            id = np.int64(seen[k])
            word, place = bits[target, id >> 6], np.uint64(id & 63)
            below = count_ones(word & ((np.uint64(1) << place) - np.uint64(1)))
            row = (ranks[target, id >> 6] + below) * np.int64(word >> place & np.uint64(1))  # 0 where it has none
            favor += values[k] * rows[row, 0]
            against += values[k] * rows[row, 1]
            neutral += values[k] * rows[row, 2]
        sides[target, 0], sides[target, 1], sides[target, 2] = favor, against, neutral


add_stances = compiled(_add_stances)
