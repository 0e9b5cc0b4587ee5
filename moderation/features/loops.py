"""The compiled loops: from code points to counted features and weighted sums, one comment at a time.

A comment is folded and rewritten (the loops of `moderation.text`), cut at white space into chunks, and each chunk looked up in a cache that
holds its n-gram ids, the sum of their weight rows, and its words. A sum that takes each occurrence as a term frequency of
1 is then corrected for the features that occur k > 1 times, so that sublinear tf (1 + ln k) and the L2 norms are exact.
Everything is bounded: the cache empties itself when a pool is full, chunks are compared in full (colliding hashes cost time, never
correctness), and a chunk too long for the cache is walked directly.
"""

from typing import Any, NamedTuple

import numpy as np

from moderation import text
from moderation.features.compiling import compiled

__all__ = ["Cache", "Tables", "Work", "fill_table", "read_comment", "score_comment"]

MAX_CHUNK = 48  # longer chunks are rare (URLs) and not worth a cache entry

folded_size = compiled(text.folded_size)
fold = compiled(text.fold)
kind_of = compiled(text.kind_of, inline=True)
join_spelled = compiled(text.join_spelled)
read_signs = compiled(text.read_signs)
cut_repeats = compiled(text.cut_repeats)


class Tables(NamedTuple):
    """What a model's loops read and never write. P is a power of two at least twice the number of keys."""

    pages: Any  # int32 [0x1100]
    entries: Any  # int32
    expansions: Any  # int32
    kinds: Any  # uint8
    numbers: Any  # uint16 [0x110000]: alphabet number of a code point, 0 where it has none
    char_slots: Any  # uint64 [P]: key, 0 where empty
    char_ids: Any  # int32 [P]
    word_slots: Any  # uint64 [P]
    word_ids: Any  # int32 [P]
    rows: Any  # float32 [W + C, H + 1]: idf * weight per head, and idf squared
    bounds: Any  # int64 [4]: W, char_min, char_max, words in the longest alias (at least 2)
    alias_slots: Any  # uint64 [P]: fingerprints of runs of words that name a target
    alias_ids: Any  # int32 [P]: which target


class Cache(NamedTuple):
    """What is known of chunks seen before; every pool is bounded and emptied together. `fill` holds the pools' fill marks."""

    slots: Any  # int32 [S]: entry + 1, 0 where empty
    hashes: Any  # uint64 [E]
    ranges: Any  # int32 [E, 6]: first and length in letters, ids, words
    sums: Any  # float64 [E, H + 1]: summed rows of its n-grams
    letters: Any  # int32
    ids: Any  # int32
    words: Any  # uint64: keys of its words
    fill: Any  # int64 [4]: entries, letters, ids, words


class Work(NamedTuple):
    """Scratch space of one thread."""

    stamps: Any  # uint32 [W + C]: serial of the comment << 24 | occurrences
    seen: Any  # int32 [W + C]: ids in order of first sight
    repeated: Any  # int32 [W + C]
    sums: Any  # float64 [2, H + 1]: words, n-grams
    counters: Any  # int64 [3]: serial, seen, repeated
    runs: Any  # uint64 [R]: fingerprints of the last 1, 2, … words
    named: Any  # uint8 [T]: targets named so far
    chunk_ids: Any  # int32: ids of the chunk in hand
    chunk_words: Any  # uint64


def _finish(key: int) -> int:
    key ^= key >> np.uint64(33)
    key *= np.uint64(0xFF51AFD7ED558CCD)
    key ^= key >> np.uint64(33)
    key *= np.uint64(0xC4CEB9FE1A85EC53)
    return key ^ (key >> np.uint64(33))


finish = compiled(_finish, inline=True)


def _find(slots: Any, ids: Any, key: int) -> int:
    """Id of `key` in an open-addressed table, or -1."""
    mask = np.uint64(len(slots) - 1)
    at = (key * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(20) & mask
    while True:
        slot = slots[at]
        if slot == key:
            return ids[at]  # type: ignore[no-any-return]
        if slot == np.uint64(0):
            return -1
        at = (at + np.uint64(1)) & mask


find = compiled(_find, inline=True)


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


def _ngram_ids(points: Any, chunk: tuple[int, int], begin: int, stop: int, tables: Tables, out: Any) -> int:
    """Ids of the n-grams that begin at `begin` to `stop` in a chunk padded with a blank on either side, to `out`; returns their number."""
    start, end = chunk
    char_min, char_max = tables.bounds[1], tables.bounds[2]
    count = 0
    blank = tables.numbers[32]
    for first in range(begin, stop):
        key = np.uint64(0)
        for at in range(first, min(first + char_max, end + 1)):
            number = blank if at < start or at >= end else tables.numbers[points[at]]
            if number == 0:
                break
            key = key << np.uint64(12) | np.uint64(number)
            if at - first + 1 >= char_min:
                found = find(tables.char_slots, tables.char_ids, key)
                if found >= 0:
                    out[count] = found
                    count += 1
    return count


ngram_ids = compiled(_ngram_ids)


def _emit_ngrams(points: Any, start: int, end: int, numbers: Any, bounds: Any, out: Any, fill: int) -> int:
    """Write the keys of all n-grams of one chunk to `out` from `fill` on; returns the new fill mark. `out` must have room."""
    for first in range(start - 1, end + 2 - bounds[1]):
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


def _next_word(points: Any, kinds: Any, at: int, end: int) -> tuple[int, int]:
    """Key of the next word of `points[at:end]` and where it ends, or a key of 0 where there is none."""
    while at < end and (kinds[at] == 0 or kinds[at] == 3):
        at += 1
    if at == end:
        return np.uint64(0), at
    key = np.uint64(0xCBF29CE484222325)
    while at < end and (kinds[at] == 1 or kinds[at] == 2):
        key = (key ^ np.uint64(points[at])) * np.uint64(0x100000001B3)
        at += 1
    return finish(key), at


next_word = compiled(_next_word, inline=True)


def _count(id: int, serial: int, stamps: Any, seen: Any, repeated: Any, counters: Any) -> None:
    """Note one more occurrence of a feature in the comment in hand."""
    stamp = stamps[id]
    if stamp >> np.uint32(24) != serial:
        stamps[id] = np.uint32(serial << np.uint32(24) | np.uint32(1))
        seen[counters[1]] = id
        counters[1] += 1
    else:
        stamps[id] = stamp + np.uint32(1)
        if stamp & np.uint32(0xFFFFFF) == np.uint32(1):
            repeated[counters[2]] = id
            counters[2] += 1


count = compiled(_count, inline=True)


def _find_chunk(points: Any, start: int, end: int, key: int, slots: Any, hashes: Any, ranges: Any, letters: Any) -> int:
    """Cache entry of a chunk, or -(slot + 1) where it may be entered."""
    mask = np.uint64(len(slots) - 1)
    at = key & mask
    while True:
        entry = slots[at] - 1
        if entry < 0:
            return -np.int64(at) - 1
        if hashes[entry] == key and ranges[entry, 1] == end - start:
            first = ranges[entry, 0]
            same = True
            for k in range(end - start):
                if letters[first + k] != points[start + k]:
                    same = False
                    break
            if same:
                return entry
        at = (at + np.uint64(1)) & mask


find_chunk = compiled(_find_chunk, inline=True)


def _empty_cache(cache: Cache) -> None:
    cache.slots[:] = 0
    cache.fill[:] = 0


empty_cache = compiled(_empty_cache)


def _enter_chunk(points: Any, kinds: Any, start: int, end: int, key: int, slot: int, tables: Tables, cache: Cache, work: Work) -> int:
    """Work a new chunk out and enter it; returns its entry."""
    n_ids = ngram_ids(points, (start, end), start - 1, end + 2 - tables.bounds[1], tables, work.chunk_ids)
    n_words = 0
    word, at = next_word(points, kinds, start, end)
    while word != np.uint64(0):
        work.chunk_words[n_words] = word
        n_words += 1
        word, at = next_word(points, kinds, at, end)
    fill = cache.fill
    full = (
        2 * (fill[0] + 1) > len(cache.slots)
        or fill[0] == len(cache.hashes)
        or fill[1] + end - start > len(cache.letters)
        or fill[2] + n_ids > len(cache.ids)
        or fill[3] + n_words > len(cache.words)
    )
    if full:
        empty_cache(cache)
        slot = np.int64(key & np.uint64(len(cache.slots) - 1))
    entry = fill[0]
    cache.slots[slot] = entry + 1
    cache.hashes[entry] = key
    cache.ranges[entry, 0], cache.ranges[entry, 1] = fill[1], end - start
    cache.ranges[entry, 2], cache.ranges[entry, 3] = fill[2], n_ids
    cache.ranges[entry, 4], cache.ranges[entry, 5] = fill[3], n_words
    for k in range(end - start):
        cache.letters[fill[1] + k] = points[start + k]
    width = cache.sums.shape[1]
    for column in range(width):
        cache.sums[entry, column] = 0.0
    for k in range(n_ids):
        id = work.chunk_ids[k]
        cache.ids[fill[2] + k] = id
        for column in range(width):
            cache.sums[entry, column] += tables.rows[id, column]
    for k in range(n_words):
        cache.words[fill[3] + k] = work.chunk_words[k]
    fill[0] += 1
    fill[1] += end - start
    fill[2] += n_ids
    fill[3] += n_words
    return entry  # type: ignore[no-any-return]


enter_chunk = compiled(_enter_chunk)


def _read_words(words: Any, first: int, last: int, tables: Tables, work: Work) -> None:
    """Count words, the pairs that they make with the word before, and the targets that the last words name."""
    slots, ids, rows, alias_slots, alias_ids = (
        tables.word_slots, tables.word_ids, tables.rows, tables.alias_slots, tables.alias_ids
    )  # fmt: skip
    stamps, seen, repeated, counters, runs, named, sums = (
        work.stamps, work.seen, work.repeated, work.counters, work.runs, work.named, work.sums
    )  # fmt: skip
    serial = np.uint32(counters[0])
    longest = len(runs)
    for at in range(first, last):
        key = words[at]
        for length in range(longest - 1, 0, -1):  # runs[k] is the fingerprint of the last k + 1 words, 0 where there are fewer
            before = runs[length - 1]
            if before != np.uint64(0):
                runs[length] = finish(before * np.uint64(0x100000001B3) ^ (key + np.uint64(0xCBF29CE484222325)))
        runs[0] = key
        for length in range(2):
            if runs[length] != np.uint64(0):
                id = find(slots, ids, runs[length])
                if id >= 0:
                    count(id, serial, stamps, seen, repeated, counters)
                    for column in range(rows.shape[1]):
                        sums[0, column] += rows[id, column]
        if len(named) > 0:
            for length in range(longest):
                if runs[length] != np.uint64(0):
                    target = find(alias_slots, alias_ids, runs[length])
                    if target >= 0:
                        named[target] = 1


read_words = compiled(_read_words)


def _read_long_chunk(points: Any, kinds: Any, start: int, end: int, tables: Tables, work: Work) -> None:
    """Count the features of a chunk of any length, a few n-grams at a time and past the cache."""
    serial = np.uint32(work.counters[0])
    last = end + 2 - tables.bounds[1]
    for begin in range(start - 1, last, MAX_CHUNK):
        n_ids = ngram_ids(points, (start, end), begin, min(begin + MAX_CHUNK, last), tables, work.chunk_ids)
        for k in range(n_ids):
            id = work.chunk_ids[k]
            count(id, serial, work.stamps, work.seen, work.repeated, work.counters)
            for column in range(tables.rows.shape[1]):
                work.sums[1, column] += tables.rows[id, column]
    word, at = next_word(points, kinds, start, end)
    while word != np.uint64(0):
        work.chunk_words[0] = word
        read_words(work.chunk_words, 0, 1, tables, work)
        word, at = next_word(points, kinds, at, end)


read_long_chunk = compiled(_read_long_chunk)


def _read_chunks(points: Any, kinds: Any, n: int, tables: Tables, cache: Cache, work: Work) -> None:
    """Count the features of a rewritten comment, chunk by chunk, and add their weight rows as if each occurrence were a first one.

    Arrays are taken out of their tuples here, once: inside the loop that would cost more than the work itself.
    """
    slots, hashes, ranges, letters, ids, words, chunk_sums = (
        cache.slots, cache.hashes, cache.ranges, cache.letters, cache.ids, cache.words, cache.sums
    )  # fmt: skip
    stamps, seen, repeated, counters, sums = work.stamps, work.seen, work.repeated, work.counters, work.sums
    serial = np.uint32(counters[0])
    width = tables.rows.shape[1]
    at = 0
    while True:
        while at < n and kinds[at] == 3:
            at += 1
        if at == n:
            return
        start = at
        key = np.uint64(0xCBF29CE484222325)
        while at < n and kinds[at] != 3:
            key = (key ^ np.uint64(points[at])) * np.uint64(0x100000001B3)
            at += 1
        if at - start > MAX_CHUNK:
            read_long_chunk(points, kinds, start, at, tables, work)
            continue
        key = finish(key)
        entry = find_chunk(points, start, at, key, slots, hashes, ranges, letters)
        if entry < 0:
            entry = enter_chunk(points, kinds, start, at, key, -entry - 1, tables, cache, work)
        first = ranges[entry, 2]
        for k in range(first, first + ranges[entry, 3]):
            count(ids[k], serial, stamps, seen, repeated, counters)
        for column in range(width):
            sums[1, column] += chunk_sums[entry, column]
        first = ranges[entry, 4]
        if ranges[entry, 5] > 0:
            read_words(words, first, first + ranges[entry, 5], tables, work)


read_chunks = compiled(_read_chunks)


def _read_comment(points: Any, folded: Any, kinds: Any, sources: Any, tables: Tables, cache: Cache, work: Work) -> None:
    """Count one comment (raw code points) into `work`: `seen`, `repeated`, `stamps`, `named`, and `sums` made exact."""
    n = fold(points, len(points), tables.pages, tables.entries, tables.expansions, folded, sources)
    for at in range(n):
        kinds[at] = kind_of(folded[at], tables.pages, tables.kinds)
    n = join_spelled(folded, kinds, sources, n)
    read_signs(folded, kinds, n)
    n = cut_repeats(folded, kinds, sources, n)
    work.counters[0] += 1
    if work.counters[0] > 255:
        work.stamps[:] = 0
        work.counters[0] = 1
    work.counters[1] = 0
    work.counters[2] = 0
    work.sums[:] = 0.0
    work.runs[:] = 0
    work.named[:] = 0
    read_chunks(folded, kinds, n, tables, cache, work)
    width = tables.rows.shape[1]
    for k in range(work.counters[2]):
        id = work.repeated[k]
        times = np.float64(work.stamps[id] & np.uint32(0xFFFFFF))
        weight = 1.0 + np.log(times)
        part = 0 if id < tables.bounds[0] else 1
        for column in range(width - 1):
            work.sums[part, column] += (weight - times) * tables.rows[id, column]
        work.sums[part, width - 1] += (weight * weight - times) * tables.rows[id, width - 1]


read_comment = compiled(_read_comment)


class StanceTables(NamedTuple):
    """Stance weights of every target, in open-addressed tables of their own: target t owns slots `starts[t]` to `starts[t + 1]`."""

    starts: Any  # int64 [T + 1]; each difference is a power of two
    ids: Any  # int32: feature id + 1, 0 where empty
    rows: Any  # float32 [S, 3]: idf * weight for favor, against, neutral


def _add_stance(target: int, norms: Any, tables: Tables, stance: StanceTables, work: Work, out: Any) -> None:
    """Add the comment's weights for one target to `out` [3]."""
    start = stance.starts[target]
    mask = stance.starts[target + 1] - start - 1
    for k in range(work.counters[1]):
        id = work.seen[k]
        at = (id * 0x9E3779B1 >> 8) & mask
        while stance.ids[start + at] != 0:
            if stance.ids[start + at] == id + 1:
                times = np.float64(work.stamps[id] & np.uint32(0xFFFFFF))
                value = (1.0 + np.log(times)) * norms[0 if id < tables.bounds[0] else 1]
                for column in range(3):
                    out[column] += value * stance.rows[start + at, column]
                break
            at = (at + 1) & mask


add_stance = compiled(_add_stance)


def _score_batch(
    points: Any, ends: Any, scratch: Any, tables: Tables, cache: Cache, work: Work, stance: StanceTables, logits: Any, about: Any, sides: Any
) -> None:
    """Score comments laid end to end: `logits` [n, H] without intercepts; where `about` [n, T] is or becomes 1, `sides` [n, T, 3]."""
    folded, kinds, sources = scratch
    norms = np.zeros(2)
    first = 0
    for i in range(len(ends)):
        read_comment(points[first : ends[i]], folded, kinds, sources, tables, cache, work)
        first = ends[i]
        width = tables.rows.shape[1]
        for part in range(2):
            square = work.sums[part, width - 1]
            norms[part] = 1.0 / np.sqrt(square) if square > 0.0 else 0.0
        for head in range(width - 1):
            logits[i, head] = work.sums[0, head] * norms[0] + work.sums[1, head] * norms[1]
        for target in range(about.shape[1]):
            if work.named[target] != 0:
                about[i, target] = 1
            if about[i, target] != 0:
                add_stance(target, norms, tables, stance, work, sides[i, target])


score_batch = compiled(_score_batch)


def _count_batch(points: Any, ends: Any, scratch: Any, tables: Tables, cache: Cache, work: Work, indptr: Any, indices: Any, data: Any) -> int:
    """Count comments laid end to end into a CSR matrix of term frequencies; returns the number of comments that fitted."""
    folded, kinds, sources = scratch
    first = 0
    fill = 0
    for i in range(len(ends)):
        read_comment(points[first : ends[i]], folded, kinds, sources, tables, cache, work)
        if fill + work.counters[1] > len(indices):
            return i
        first = ends[i]
        for k in range(work.counters[1]):
            id = work.seen[k]
            indices[fill] = id
            data[fill] = np.float32(work.stamps[id] & np.uint32(0xFFFFFF))
            fill += 1
        indptr[i + 1] = fill
    return len(ends)


count_batch = compiled(_count_batch)
