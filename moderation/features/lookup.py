"""Compiled hash tables of 64-bit keys, and the fingerprints of words and word pairs.

A table holds no keys, only slots of 32 bits: ten bits of the key's hash, and the key's number plus one. A slot whose ten bits agree
is settled by comparing the key itself. Numbers run by frequency, so what is read stays within few cache lines.
"""

from typing import Any

import numpy as np

from moderation.features.compiling import compiled

__all__ = ["MAX_KEYS", "fill_bloom", "fill_table", "find", "find_all", "finish", "may_hold", "next_word", "pair"]

MAX_KEYS = (1 << 22) - 2
"""Keys that a table can hold."""


def _finish(key: Any) -> Any:
    key ^= key >> np.uint64(33)
    key *= np.uint64(0xFF51AFD7ED558CCD)
    key ^= key >> np.uint64(33)
    key *= np.uint64(0xC4CEB9FE1A85EC53)
    return key ^ (key >> np.uint64(33))


finish = compiled(_finish, inline=True)


def _pair(first: Any, second: Any) -> Any:
    return finish(first * np.uint64(0x100000001B3) ^ (second + np.uint64(0xCBF29CE484222325)))


pair = compiled(_pair, inline=True)


def _find(slots: Any, keys: Any, key: Any) -> Any:
    """Number of `key` in an open-addressed table, or -1."""
    mask = np.uint64(len(slots) - 1)
    mixed = key * np.uint64(0x9E3779B97F4A7C15)
    tag = np.uint32(mixed >> np.uint64(54))
    at = mixed >> np.uint64(24) & mask
    slot = slots[at]
    while slot != np.uint32(0):
        if slot >> np.uint32(22) == tag and keys[(slot & np.uint32(0x3FFFFF)) - np.uint32(1)] == key:
            return np.int64(slot & np.uint32(0x3FFFFF)) - np.int64(1)
        at = (at + np.uint64(1)) & mask
        slot = slots[at]
    return np.int64(-1)


find = compiled(_find)


def _fill_table(keys: Any, slots: Any) -> None:
    """Enter the numbers of distinct `keys` into an empty table whose size is a power of two, at least twice as many."""
    mask = np.uint64(len(slots) - 1)
    for k in range(len(keys)):
        mixed = keys[k] * np.uint64(0x9E3779B97F4A7C15)
        at = mixed >> np.uint64(24) & mask
        while slots[at] != np.uint32(0):
            at = (at + np.uint64(1)) & mask
        slots[at] = np.uint32(mixed >> np.uint64(54)) << np.uint32(22) | np.uint32(k + 1)


fill_table = compiled(_fill_table)


def _find_all(slots: Any, keys: Any, wanted: Any, n: Any, first: Any, out: Any, fill: Any) -> Any:
    """Write to `out` from `fill` on `first` plus the number of each of `wanted[:n]` that is in the table; returns the new fill mark.

    `wanted` is used up. Reading all slots before the first key, without a branch between, keeps many reads under way at a time.
    """
    mask = np.uint64(len(slots) - 1)
    begun = fill
    for k in range(n):
        out[begun + k] = np.int32(slots[wanted[k] * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(24) & mask])
    n_left: Any = 0
    for k in range(n):
        key = wanted[k]
        slot = np.uint32(out[begun + k])
        number = np.int64(slot & np.uint32(0x3FFFFF)) - 1
        same = keys[max(number, 0)] == key and slot != np.uint32(0)
        out[fill] = first + number
        fill += np.int64(same)
        wanted[n_left] = key
        n_left += np.int64(slot != np.uint32(0)) & np.int64(not same)
    for k in range(n_left):
        id = find(slots, keys, wanted[k])
        out[fill] = first + id
        fill += np.int64(id >= 0)
    return fill


find_all = compiled(_find_all, inline=True)


def _may_hold(bits: Any, key: Any) -> Any:
    """1 where `key` may be in a Bloom filter of one hash, 0 where it is surely not; the number of `bits` is a power of two."""
    at = key >> np.uint64(11) & np.uint64(len(bits) * 64 - 1)
    return np.int64(bits[at >> np.uint64(6)] >> (at & np.uint64(63)) & np.uint64(1))


may_hold = compiled(_may_hold, inline=True)


def _fill_bloom(keys: Any, bits: Any) -> None:
    for k in range(len(keys)):
        at = keys[k] >> np.uint64(11) & np.uint64(len(bits) * 64 - 1)
        bits[at >> np.uint64(6)] |= np.uint64(1) << (at & np.uint64(63))


fill_bloom = compiled(_fill_bloom)


def _next_word(points: Any, kinds: Any, at: Any, end: Any) -> Any:
    """Fingerprint of the next word of `points[at:end]` and where it ends, or 0 where there is none."""
    while at < end and (kinds[at] == 0 or kinds[at] == 3):
        at += 1
    if at == end:
        return np.uint64(0), at
    key = np.uint64(0xCBF29CE484222325)
    while at < end and (kinds[at] == 1 or kinds[at] == 2):
        key = (key ^ np.uint64(points[at])) * np.uint64(0x100000001B3)
        at += 1
    return finish(key), at


next_word = compiled(_next_word)
