"""Compiled loops over the cache of pieces: find one, and sweep when it is full.

Pieces are compared in full, so that colliding hashes cost time, and not more than PROBES of it, and never correctness.
"""

from typing import Any

import numpy as np

from moderation.features.compiling import compiled
from moderation.features.cutting import hash_piece
from moderation.features.tables import BLOCK, MAX_IDS, MAX_WORDS, Cache

__all__ = ["PROBES", "USE", "find_piece", "make_room"]

PROBES = 32
"""Slots that are looked at before a piece counts as unknown and stays out of the cache."""

USE = 256
"""What one use adds to an entry's last number, above its flags."""

_HALF = np.uint64(32)
_LOWER = np.uint64(0xFFFFFFFF)


def _find_piece(first: Any, second: Any, third: Any, hash: Any, slots: Any, entries: Any) -> Any:
    """Cache entry of a piece, or -(slot + 1) where it may be entered, or -(S + 1) where no slot is near."""
    mask = np.uint64(len(slots) - 1)
    at = hash & mask
    for _ in range(PROBES):
        entry = np.int64(slots[at]) - 1
        if entry < 0:
            return -np.int64(at) - 1
        if entries[entry, 0] == first and entries[entry, 1] == second and entries[entry, 2] == third:
            return entry
        at = (at + np.uint64(1)) & mask
    return -np.int64(len(slots)) - 1


find_piece = compiled(_find_piece)


def _make_room(cache: Cache) -> None:
    """Before a group: where a pool could run full in it, sweep out what was not used again since the last sweep.

    No more than half of each pool stays, so a sweep costs little beside what must come in before the next one.
    """
    slots, entries, sums, ids, words, fill = cache
    most_ids, most_words = len(ids) - BLOCK * MAX_IDS, len(words) - BLOCK * MAX_WORDS
    if fill[0] + BLOCK <= len(entries) and fill[1] <= most_ids and fill[2] <= most_words:
        return
    last = fill[0]
    slots[:] = 0
    fill[0], fill[1], fill[2] = 1, 0, 0
    mask = np.uint64(len(slots) - 1)
    for entry in range(1, last):
        n_ids, n_words = np.int64(entries[entry, 5] >> _HALF), np.int64(entries[entry, 6] >> _HALF)
        fits = 2 * fill[0] < len(entries) and 2 * (fill[1] + n_ids) < most_ids and 2 * (fill[2] + n_words) < most_words
        if entries[entry, 7] < np.uint64(USE) or not fits:
            continue
        from_id, from_word = np.int64(entries[entry, 5] & _LOWER), np.int64(entries[entry, 6] & _LOWER)
        new = fill[0]
        for k in range(5):
            entries[new, k] = entries[entry, k]
        entries[new, 5] = np.uint64(fill[1]) | np.uint64(n_ids) << _HALF
        entries[new, 6] = np.uint64(fill[2]) | np.uint64(n_words) << _HALF
        entries[new, 7] = entries[entry, 7] & np.uint64(USE - 1)
        for column in range(sums.shape[1]):
            sums[new, column] = sums[entry, column]
        for k in range(n_ids):
            ids[fill[1] + k] = ids[from_id + k]
        for k in range(n_words):
            words[fill[2] + k] = words[from_word + k]
        at = hash_piece(entries[new, 0], entries[new, 1], entries[new, 2]) & mask
        while slots[at] != 0:
            at = (at + np.uint64(1)) & mask
        slots[at] = new + 1
        fill[0] += 1
        fill[1] += n_ids
        fill[2] += n_words


make_room = compiled(_make_room)
