"""The compiled loops: from code points to counted features and weighted sums, one comment at a time.

A comment is folded and rewritten (the loops of `moderation.text`), cut at white space into chunks, and each chunk looked up in a cache that
holds the ids of its words and n-grams and the sum of their weight rows; word pairs are looked up one by one. A sum that takes each
occurrence as a term frequency of 1 is then corrected for the features that occur k > 1 times, so that sublinear tf (1 + ln k) and the L2
norms are exact. Everything is bounded: the cache empties itself when a pool is full, and a chunk too long for the cache is walked directly.

Arrays are taken out of their tuples before a loop, because inside it numba would count references at each access.
"""

from typing import Any

import numpy as np

from moderation import text
from moderation.features.chunks import (
    cut_chunks,
    emit_ngrams,
    enter_chunk,
    find,
    find_chunk,
    find_word,
    is_chunk,
    next_word,
    pair,
)
from moderation.features.compiling import compiled
from moderation.features.tables import MAX_ALIAS, MAX_CHUNK, Cache, StanceTables, Tables, Work

__all__ = ["count_batch", "fill_stance", "fold_comment", "folded_size", "read_comment", "score_batch"]

fold = compiled(text.fold)
folded_size = compiled(text.folded_size)
join_spelled = compiled(text.join_spelled)
read_signs = compiled(text.read_signs)
cut_repeats = compiled(text.cut_repeats)

_LOGS = 1.0 + np.log(np.maximum(np.arange(1024), 1))


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
    at: Any = 0
    while at < n:
        n_chunks, at = cut_chunks(points, kinds, at, n, chunks, keys)
        if n_chunks == 1 and chunks[0, 1] - chunks[0, 0] > MAX_CHUNK:
            work.counters[1], work.counters[2] = fills
            read_long_chunk(points, kinds, chunks[0, 0], chunks[0, 1], tables, work)
            fills = (work.counters[1], work.counters[2])
            continue
        for c in range(n_chunks):
            chunks[c, 2] = slots[keys[c] & mask]
        n_pairs: Any = 0
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
        n_found: Any = 0
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


def _fill_stance(ids: Any, rows: Any, slots: Any, values: Any) -> None:
    """Enter a target's feature `ids` and weight `rows` into an empty open-addressed table whose size is a power of two."""
    mask = len(slots) - 1
    for k in range(len(ids)):
        at = (np.int64(ids[k]) * 0x9E3779B1 >> 8) & mask
        while slots[at] != 0:
            at = (at + 1) & mask
        slots[at] = ids[k] + 1
        for column in range(3):
            values[at, column] = rows[k, column]


fill_stance = compiled(_fill_stance)


def _add_stance(target: Any, norms: Any, n_words: Any, stance: StanceTables, work: Work, out: Any) -> None:
    """Add the comment's weights for one target to `out` [3]."""
    stamps, seen, ids, rows = work.stamps, work.seen, stance.ids, stance.rows
    start = stance.starts[target]
    mask = stance.starts[target + 1] - start - 1
    for k in range(work.counters[1]):
        id = seen[k]
        at = (np.int64(id) * 0x9E3779B1 >> 8) & mask
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
    points: Any,
    ends: Any,
    scratch: Any,
    tables: Tables,
    cache: Cache,
    work: Work,
    stance: StanceTables,
    logits: Any,
    about: Any,
    sides: Any,
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


def _count_batch(
    points: Any, ends: Any, scratch: Any, tables: Tables, cache: Cache, work: Work, indptr: Any, indices: Any, data: Any
) -> Any:
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
