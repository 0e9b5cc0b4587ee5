"""Compiled loops over one chunk (a run between white space): its hash, words and n-grams, and the cache that knows chunks seen before.

Chunks are compared in full, so that colliding hashes cost time and never correctness.
"""

from typing import Any

import numpy as np

from moderation.features.compiling import compiled
from moderation.features.tables import BLOCK, LETTERS, MAX_CHUNK, Cache, Tables, Work

__all__ = [
    "cut_chunks",
    "emit_ngrams",
    "enter_chunk",
    "fill_table",
    "find",
    "find_chunk",
    "find_word",
    "finish",
    "is_chunk",
    "next_word",
    "pair",
]


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


def _find(slots: Any, ids: Any, key: Any) -> Any:
    """Id of `key` in an open-addressed table, or -1."""
    mask = np.uint64(len(slots) - 1)
    at = (key * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(20) & mask
    while slots[at] != key and slots[at] != np.uint64(0):
        at = (at + np.uint64(1)) & mask
    return ids[at] if slots[at] == key else np.int32(-1)


find = compiled(_find, inline=True)


def _find_word(words: Any, key: Any) -> Any:
    """Id of a word or word pair, or -1."""
    mask = np.uint64(len(words) - 1)
    at = (key * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(20) & mask
    while words[at, 0] != key and words[at, 0] != np.uint64(0):
        at = (at + np.uint64(1)) & mask
    return np.int64(words[at, 1]) if words[at, 0] == key else np.int64(-1)


find_word = compiled(_find_word, inline=True)


def _fill_table(keys: Any, values: Any, slots: Any, ids: Any) -> None:
    """Enter `keys` with their `values` into an empty open-addressed table; a key that is there already keeps its first value."""
    mask = np.uint64(len(slots) - 1)
    for k in range(len(keys)):
        key = keys[k]
        at = (key * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(20) & mask
        while slots[at] != np.uint64(0) and slots[at] != key:
            at = (at + np.uint64(1)) & mask
        if slots[at] == np.uint64(0):
            slots[at] = key
            ids[at] = values[k]


fill_table = compiled(_fill_table)


def _emit_ngrams(points: Any, chunk: Any, part: Any, numbers: Any, bounds: Any, out: Any, fill: Any) -> Any:
    """Write to `out` from `fill` on the keys of the n-grams that begin in `part` of a chunk padded with a blank on either side.

    `chunk` is its first and last place in `points`, `part` lies within (first - 1, last + 1). Returns the new fill mark.
    """
    start, end = chunk
    for first in range(part[0], part[1]):
        key = np.uint64(0)
        for at in range(first, min(first + bounds[2], end + 1)):
            number = numbers[32] if at < start or at >= end else numbers[points[at]]
            if number == 0:
                break
            key = key << np.uint64(12) | np.uint64(number)
            if at - first + 1 >= bounds[1]:
                out[fill] = key
                fill += 1
    return fill


emit_ngrams = compiled(_emit_ngrams)


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


def _is_chunk(points: Any, start: Any, end: Any, key: Any, entry: Any, entries: Any) -> Any:
    """Whether a cache entry is this chunk: the same hash, length and code points."""
    same = (
        entries[entry, 0] == np.int32(key & np.uint64(0x7FFFFFFF))
        and entries[entry, 1] == np.int32(key >> np.uint64(33))
        and entries[entry, 2] == end - start
    )
    k = 0
    while same and k < end - start:
        same = entries[entry, LETTERS + k] == points[start + k]
        k += 1
    return same


is_chunk = compiled(_is_chunk, inline=True)


def _find_chunk(points: Any, start: Any, end: Any, key: Any, slots: Any, entries: Any) -> Any:
    """Cache entry of a chunk, or -(slot + 1) where it may be entered."""
    mask = np.uint64(len(slots) - 1)
    at = key & mask
    while slots[at] != 0:
        if is_chunk(points, start, end, key, slots[at] - 1, entries):
            return np.int64(slots[at] - 1)
        at = (at + np.uint64(1)) & mask
    return -np.int64(at) - 1


find_chunk = compiled(_find_chunk)


def _enter_chunk(
    points: Any, kinds: Any, chunk: Any, key: Any, slot: Any, tables: Tables, cache: Cache, work: Work
) -> Any:
    """Work a new chunk of at most MAX_CHUNK code points out and enter it; returns its entry."""
    start, end = chunk
    ids, words, fill = work.chunk_ids, work.chunk_words, cache.fill
    n_words, n_ids, mark = 0, 0, 0
    word, at = next_word(points, kinds, start, end)
    while word != np.uint64(0):
        words[n_words] = word
        n_words += 1
        if find(tables.alias_words, tables.alias_marks, word) >= 0:
            mark = 1
        id = find_word(tables.words, word)
        if id >= 0:
            ids[n_ids] = id
            n_ids += 1
        word, at = next_word(points, kinds, at, end)
    keys = words[n_words:]
    n_keys = emit_ngrams(points, chunk, (start - 1, end + 2 - tables.bounds[1]), tables.numbers, tables.bounds, keys, 0)
    for k in range(n_keys):
        id = find(tables.char_slots, tables.char_ids, keys[k])
        if id >= 0:
            ids[n_ids] = id
            n_ids += 1
    room = fill[0] < len(cache.entries) and fill[1] + n_ids <= len(cache.ids) and fill[2] + n_words <= len(cache.words)
    if not room:
        cache.slots[:] = 0
        fill[:] = 0
        slot = np.int64(key & np.uint64(len(cache.slots) - 1))
    entry = fill[0]
    cache.slots[slot] = entry + 1
    row = cache.entries[entry]
    row[0], row[1], row[2] = np.int32(key & np.uint64(0x7FFFFFFF)), np.int32(key >> np.uint64(33)), end - start
    row[3], row[4], row[5], row[6], row[7] = fill[1], n_ids, fill[2], n_words, mark
    for k in range(end - start):
        row[LETTERS + k] = points[start + k]
    width = tables.rows.shape[1]
    cache.sums[entry, :] = 0.0
    for k in range(n_ids):
        cache.ids[fill[1] + k] = ids[k]
        part = 0 if ids[k] < tables.bounds[0] else width
        for column in range(width):
            cache.sums[entry, part + column] += tables.rows[ids[k], column]
    for k in range(n_words):
        cache.words[fill[2] + k] = words[k]
    fill[0] += 1
    fill[1] += n_ids
    fill[2] += n_words
    return entry


enter_chunk = compiled(_enter_chunk)


def _cut_chunks(points: Any, kinds: Any, at: Any, n: Any, chunks: Any, keys: Any) -> Any:
    """Write places and hashes of up to BLOCK chunks from `at` on; returns their number and where they end. Long chunks stand alone."""
    count = 0
    while at < n and count < BLOCK:
        if kinds[at] == 3:
            at += 1
            continue
        start = at
        key = np.uint64(0xCBF29CE484222325)
        while at < n and kinds[at] != 3:
            key = (key ^ np.uint64(points[at])) * np.uint64(0x100000001B3)
            at += 1
        if at - start > MAX_CHUNK and count > 0:
            return count, start
        chunks[count, 0], chunks[count, 1], keys[count] = start, at, finish(key)
        count += 1
        if at - start > MAX_CHUNK:
            return count, at
    return count, at


cut_chunks = compiled(_cut_chunks, inline=True)
