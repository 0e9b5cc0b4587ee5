"""The compiled loops: from code points to counted features and weighted sums, one comment at a time.

A comment is folded and rewritten (the loops of `moderation.text`), cut at white space into chunks, and each chunk looked up in a cache that
holds the ids of its words and n-grams and the sum of their weight rows; word pairs are looked up one by one. A sum that takes each
occurrence as a term frequency of 1 is then corrected for the features that occur k > 1 times, so that sublinear tf (1 + ln k) and the L2
norms are exact. Everything is bounded: the cache empties itself when a pool is full, chunks are compared in full (colliding hashes cost
time, never correctness), and a chunk too long for the cache is walked directly.

Arrays are taken out of their tuples before a loop, because inside it numba would count references at each access.
"""

from typing import Any, NamedTuple

import numpy as np

from moderation import text
from moderation.features.compiling import compiled

__all__ = ["Cache", "StanceTables", "Tables", "Work", "count_batch", "fill_table", "read_comment", "score_batch"]

MAX_CHUNK = 24
"""Code points of the longest chunk that is cached; longer ones are rare (addresses)."""

LETTERS = 8
"""Where an entry's code points begin in its row; before them stand hash (two), length, first id, ids, first word, words, 1 if it may name a target."""

ROW = LETTERS + MAX_CHUNK
BLOCK = 256
"""Chunks that are taken through each step together, so that their memory look-ups overlap."""

MAX_ALIAS = 4

fold = compiled(text.fold)
folded_size = compiled(text.folded_size)
join_spelled = compiled(text.join_spelled)
read_signs = compiled(text.read_signs)
cut_repeats = compiled(text.cut_repeats)

_LOGS = 1.0 + np.log(np.maximum(np.arange(1024), 1))


class Tables(NamedTuple):
    """What a model's loops read and never write. P is a power of two at least twice the number of keys."""

    pages: Any  # int32 [0x1100]
    entries: Any  # int32
    expansions: Any  # int32
    kinds: Any  # uint8
    marked: Any  # int32: entries with the folded code point's kind at bit 21, whether it is a sign at 23, a letter at 24
    numbers: Any  # uint16 [0x110000]: alphabet number of a code point, 0 where it has none
    char_slots: Any  # uint64 [P]: key, 0 where empty
    char_ids: Any  # int32 [P]
    words: Any  # uint64 [P, 2]: key and id side by side, for one look into memory
    rows: Any  # float32 [W + C, H + 1]: idf * weight per head, and idf squared
    bounds: Any  # int64 [3]: W, char_min, char_max
    alias_slots: Any  # uint64 [P]: fingerprints of runs of words that name a target
    alias_ids: Any  # int32 [P]: which target
    alias_words: Any  # uint64 [P]: fingerprints of the last words of those runs
    alias_marks: Any  # int32 [P]


class Cache(NamedTuple):
    """What is known of chunks seen before; every pool is bounded and emptied together. `fill` holds the pools' fill marks."""

    slots: Any  # int32 [S]: entry + 1, 0 where empty
    entries: Any  # int32 [E, ROW]
    sums: Any  # float64 [E, 2 * (H + 1)]: summed rows of its words, and of its n-grams
    ids: Any  # int32
    words: Any  # uint64: fingerprints of its words
    fill: Any  # int64 [3]: entries, ids, words


class Work(NamedTuple):
    """Scratch space of one thread."""

    stamps: Any  # uint32 [W + C]: serial of the comment << 24 | occurrences
    seen: Any  # int32 [W + C + 1]: ids in order of first sight
    repeated: Any  # int32 [W + C + 1]: ids that occurred again
    sums: Any  # float64 [2 * (H + 1)]: words, n-grams
    counters: Any  # int64 [3]: serial, seen, repeated
    last: Any  # uint64 [MAX_ALIAS]: fingerprints of the last words, the latest first, 0 where there are fewer
    named: Any  # uint8 [T]: targets named so far
    chunk_ids: Any  # int32: ids of the chunk in hand
    chunk_words: Any  # uint64
    chunks: Any  # int64 [BLOCK, 3]: first and last place of the next chunks, and their entries
    keys: Any  # uint64 [BLOCK]: their hashes
    pairs: Any  # uint64 [BLOCK * PAIRS]: fingerprints of the word pairs in them


class StanceTables(NamedTuple):
    """Stance weights of every target, in open-addressed tables of their own: target t owns slots `starts[t]` to `starts[t + 1]`."""

    starts: Any  # int64 [T + 1]; each difference is a power of two
    ids: Any  # int32: feature id + 1, 0 where empty
    rows: Any  # float32 [S, 3]: idf * weight for favor, against, neutral


# ---------------------------------------------------------------- keys and tables


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


# ---------------------------------------------------------------- one chunk


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


def _enter_chunk(points: Any, kinds: Any, chunk: Any, key: Any, slot: Any, tables: Tables, cache: Cache, work: Work) -> Any:
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


# ---------------------------------------------------------------- one comment


def _count(id: Any, serial: Any, stamps: Any, seen: Any, repeated: Any, fills: Any) -> Any:
    """Note one more occurrence of a feature; `fills` and what is returned are the fill marks of `seen` and `repeated`."""
    stamp = stamps[id]
    fresh = stamp >> np.uint32(24) != serial
    stamps[id] = np.uint32(serial << np.uint32(24) | np.uint32(1)) if fresh else np.uint32(stamp + np.uint32(1))
    # written always and kept by moving the mark: quicker than a branch that cannot be foretold
    seen[fills[0]] = id
    repeated[fills[1]] = id
    again = np.int64(not fresh) & np.int64(stamp & np.uint32(0xFFFFFF) == np.uint32(1))
    return fills[0] + np.int64(fresh), fills[1] + again


count = compiled(_count, inline=True)


def _name_targets(last: Any, alias_slots: Any, alias_ids: Any, named: Any) -> None:
    """Mark the targets that the last words name, as runs of one to MAX_ALIAS words that end with the latest."""
    for length in range(1, MAX_ALIAS + 1):
        if last[length - 1] == np.uint64(0):
            return
        run = last[length - 1]
        for k in range(length - 2, -1, -1):
            run = pair(run, last[k])
        target = find(alias_slots, alias_ids, run)
        if target >= 0:
            named[target] = 1


name_targets = compiled(_name_targets)


def _read_long_chunk(points: Any, kinds: Any, start: Any, end: Any, tables: Tables, work: Work) -> None:
    """Count the features of a chunk of any length, a few n-grams at a time and past the cache."""
    serial = np.uint32(work.counters[0])
    rows, sums, keys, last = tables.rows, work.sums, work.chunk_words, work.last
    width = rows.shape[1]
    fills = (work.counters[1], work.counters[2])
    stop = end + 2 - tables.bounds[1]
    for begin in range(start - 1, stop, MAX_CHUNK):
        part = (begin, min(begin + MAX_CHUNK, stop))
        for k in range(emit_ngrams(points, (start, end), part, tables.numbers, tables.bounds, keys, 0)):
            id = find(tables.char_slots, tables.char_ids, keys[k])
            if id >= 0:
                fills = count(id, serial, work.stamps, work.seen, work.repeated, fills)
                for column in range(width):
                    sums[width + column] += rows[id, column]
    word, at = next_word(points, kinds, start, end)
    while word != np.uint64(0):
        before = last[0]
        for k in range(MAX_ALIAS - 1, 0, -1):
            last[k] = last[k - 1]
        last[0] = word
        for key in (word, pair(before, word) if before != np.uint64(0) else np.uint64(0)):
            id = find_word(tables.words, key) if key != np.uint64(0) else np.int64(-1)
            if id >= 0:
                fills = count(id, serial, work.stamps, work.seen, work.repeated, fills)
                for column in range(width):
                    sums[column] += rows[id, column]
        name_targets(last, tables.alias_slots, tables.alias_ids, work.named)
        word, at = next_word(points, kinds, at, end)
    work.counters[1], work.counters[2] = fills


read_long_chunk = compiled(_read_long_chunk)


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


def _read_chunks(points: Any, kinds: Any, n: Any, tables: Tables, cache: Cache, work: Work) -> None:
    """Count the features of a rewritten comment and add their weight rows as if each occurrence were a first one."""
    slots, entries, ids, words, chunk_sums = cache.slots, cache.entries, cache.ids, cache.words, cache.sums
    stamps, seen, repeated, sums, last = work.stamps, work.seen, work.repeated, work.sums, work.last
    chunks, keys, pairs = work.chunks, work.keys, work.pairs
    known_words, rows = tables.words, tables.rows
    serial = np.uint32(work.counters[0])
    width = rows.shape[1]
    fills = (np.int64(0), np.int64(0))
    mask = np.uint64(len(slots) - 1)
    at = 0
    while at < n:
        n_chunks, at = cut_chunks(points, kinds, at, n, chunks, keys)
        if n_chunks == 1 and chunks[0, 1] - chunks[0, 0] > MAX_CHUNK:
            work.counters[1], work.counters[2] = fills
            read_long_chunk(points, kinds, chunks[0, 0], chunks[0, 1], tables, work)
            fills = (work.counters[1], work.counters[2])
            continue
        for c in range(n_chunks):
            chunks[c, 2] = slots[keys[c] & mask]
        n_pairs = 0
        for c in range(n_chunks):
            start, end, entry = chunks[c, 0], chunks[c, 1], chunks[c, 2] - 1
            if not (entry >= 0 and is_chunk(points, start, end, keys[c], entry, entries)):
                entry = find_chunk(points, start, end, keys[c], slots, entries)
                if entry < 0:
                    entry = enter_chunk(points, kinds, (start, end), keys[c], -entry - 1, tables, cache, work)
                    if entry == 0:  # the cache was emptied: what was looked up ahead is no longer there
                        chunks[c + 1 : n_chunks, 2] = 0
            for k in range(entries[entry, 3], entries[entry, 3] + entries[entry, 4]):
                fills = count(ids[k], serial, stamps, seen, repeated, fills)
            for column in range(2 * width):
                sums[column] += chunk_sums[entry, column]
            marked = entries[entry, 7] != 0
            for k in range(entries[entry, 5], entries[entry, 5] + entries[entry, 6]):
                word = words[k]
                pairs[n_pairs] = pair(last[0], word)
                n_pairs += np.int64(last[0] != np.uint64(0))
                last[3], last[2], last[1], last[0] = last[2], last[1], last[0], word
                if marked:
                    name_targets(last, tables.alias_slots, tables.alias_ids, work.named)
        n_found = 0
        for k in range(n_pairs):
            id = find_word(known_words, pairs[k])
            pairs[n_found] = np.uint64(id)
            n_found += np.int64(id >= 0)
        for k in range(n_found):
            id = np.int64(pairs[k])
            fills = count(id, serial, stamps, seen, repeated, fills)
            for column in range(width):
                sums[column] += rows[id, column]
    work.counters[1], work.counters[2] = fills


read_chunks = compiled(_read_chunks, inline=True)


def _fold_comment(points: Any, folded: Any, kinds: Any, sources: Any, tables: Tables) -> Any:
    """Fold and rewrite one comment into `folded` and `kinds`; returns its length. Rewrites only where a first look finds a reason."""
    pages, marked, entries, kind_table = tables.pages, tables.marked, tables.entries, tables.kinds
    n = 0
    lone, repeats, signs = 0, 0, 0
    one, two = np.int32(-1), np.int32(-1)
    letters = 0  # a bit for each of the last three code points: is it a letter
    for i in range(len(points)):
        mark = marked[pages[points[i] >> 8] + (points[i] & 255)]
        if mark < 0:
            if mark == -1:
                continue
            n = -1
            break
        point = mark & 0x1FFFFF
        folded[n] = point
        kinds[n] = mark >> 21 & 3
        n += 1
        repeats |= (point == one) & (point == two)
        two, one = one, point
        signs |= mark >> 23 & 1
        letters = letters << 1 & 7 | mark >> 24
        lone += letters == 2
    lone += letters & 3 == 1
    if n < 0:
        n = fold(points, len(points), pages, entries, tables.expansions, folded, sources)
        for i in range(n):
            kinds[i] = kind_table[pages[folded[i] >> 8] + (folded[i] & 255)]
        lone, repeats, signs = 3, 1, 1
    if lone > 2:
        n = join_spelled(folded, kinds, sources, n)
    if signs != 0:
        read_signs(folded, kinds, n)
    if repeats != 0 or signs != 0 or lone > 2:
        n = cut_repeats(folded, kinds, sources, n)
    return n


fold_comment = compiled(_fold_comment, inline=True)


def _read_comment(points: Any, folded: Any, kinds: Any, sources: Any, tables: Tables, cache: Cache, work: Work) -> None:
    """Count one comment (raw code points) into `work`: `seen`, `repeated`, `stamps`, `named`, and `sums` made exact."""
    n = fold_comment(points, folded, kinds, sources, tables)
    work.counters[0] += 1
    if work.counters[0] > 255:
        work.stamps[:] = 0
        work.counters[0] = 1
    work.counters[1] = 0
    work.counters[2] = 0
    work.sums[:] = 0.0
    work.last[:] = 0
    work.named[:] = 0
    read_chunks(folded, kinds, n, tables, cache, work)
    rows, sums, stamps, repeated = tables.rows, work.sums, work.stamps, work.repeated
    width = rows.shape[1]
    n_words = tables.bounds[0]
    for k in range(work.counters[2]):
        id = repeated[k]
        times = np.float64(stamps[id] & np.uint32(0xFFFFFF))
        weight = _LOGS[np.int64(times)] if times < 1024 else 1.0 + np.log(times)
        part = 0 if id < n_words else width
        for column in range(width - 1):
            sums[part + column] += (weight - times) * rows[id, column]
        sums[part + width - 1] += (weight * weight - times) * rows[id, width - 1]


read_comment = compiled(_read_comment, inline=True)


# ---------------------------------------------------------------- batches


def _add_stance(target: Any, norms: Any, n_words: Any, stance: StanceTables, work: Work, out: Any) -> None:
    """Add the comment's weights for one target to `out` [3]."""
    stamps, seen, ids, rows = work.stamps, work.seen, stance.ids, stance.rows
    start = stance.starts[target]
    mask = stance.starts[target + 1] - start - 1
    for k in range(work.counters[1]):
        id = seen[k]
        at = (id * 0x9E3779B1 >> 8) & mask
        while ids[start + at] != 0:
            if ids[start + at] == id + 1:
                times = stamps[id] & np.uint32(0xFFFFFF)
                weight = _LOGS[times] if times < 1024 else 1.0 + np.log(np.float64(times))
                value = weight * norms[0 if id < n_words else 1]
                for column in range(3):
                    out[column] += value * rows[start + at, column]
                break
            at = (at + 1) & mask


add_stance = compiled(_add_stance)


def _score_batch(
    points: Any, ends: Any, scratch: Any, tables: Tables, cache: Cache, work: Work, stance: StanceTables, logits: Any, about: Any, sides: Any
) -> None:
    """Score comments laid end to end: `logits` [n, H] without intercepts; where `about` [n, T] is or becomes 1, `sides` [n, T, 3]."""
    folded, kinds, sources = scratch
    sums, named = work.sums, work.named
    width = tables.rows.shape[1]
    norms = np.zeros(2)
    first = 0
    for i in range(len(ends)):
        read_comment(points[first : ends[i]], folded, kinds, sources, tables, cache, work)
        first = ends[i]
        for part in range(2):
            square = sums[part * width + width - 1]
            norms[part] = 1.0 / np.sqrt(square) if square > 0.0 else 0.0
        for head in range(width - 1):
            logits[i, head] = sums[head] * norms[0] + sums[width + head] * norms[1]
        for target in range(len(named)):
            if named[target] != 0:
                about[i, target] = 1
            if about[i, target] != 0:
                add_stance(target, norms, tables.bounds[0], stance, work, sides[i, target])


score_batch = compiled(_score_batch)


def _count_batch(points: Any, ends: Any, scratch: Any, tables: Tables, cache: Cache, work: Work, indptr: Any, indices: Any, data: Any) -> Any:
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
