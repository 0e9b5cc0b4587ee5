"""The compiled loops: from UTF-8 to counted features and weighted sums, one comment at a time.

The quick way cuts the raw bytes at white space and looks each piece up in a cache that holds the ids of its words and n-grams and the
sum of their weight rows; pairs of words from two pieces are looked up one by one. A sum that takes each occurrence as a term frequency
of 1 is then corrected for the features that occur k > 1 times, so that sublinear tf (1 + ln k) and the L2 norms are exact.
A comment that needs a look beyond single pieces (see `moderation.features.pieces`) goes the plain way: folded as a whole, and every
feature looked up. Which way a comment goes depends on the comment alone. Everything is bounded: pools are swept when they are full.

Arrays are taken out of their tuples before a loop, because inside it numba would count references at each access.
"""

from typing import Any

import numpy as np

from moderation.features.cache import USE, find_piece, make_room
from moderation.features.compiling import borrowed, compiled
from moderation.features.cutting import cut, has_controls, hash_piece, load_piece
from moderation.features.lookup import find, may_hold, pair
from moderation.features.pieces import ALIAS, COMMON, ODD, SINGLE, enter_pieces
from moderation.features.plain import push_word, read_plainly
from moderation.features.stances import LOGS, add_stances
from moderation.features.tables import BLOCK, MAX_KEY, MAX_PIECE, Cache, Names, StanceTables, Tables, Work

__all__ = ["FIRST_PIECES", "count_batch", "score_batch"]

FIRST_PIECES = 40
"""Pieces from the beginning of a comment among which the common ones are counted."""

_UPPER = np.uint64(32)
_LOWER = np.uint64(0xFFFFFFFF)


def _gather(breaks: Any, ends: Any, first: Any, work: Work) -> Any:
    """Cut the next comments, from number `first` on, as long as there is room for their pieces; returns how many, at least 1.

    A comment that has no room even by itself gets no pieces but the one that says so.
    """
    begins, spans, n = work.begins, work.spans, np.int64(0)
    start = ends[first - 1] + 1 if first > 0 else 0
    for i in range(first, len(ends)):
        n = cut(breaks, start, ends[i], spans, n)
        if n < 0 or i - first == BLOCK:
            if i > first:
                return i - first
            spans[0, 0], spans[0, 1] = start, ends[i] - start
            begins[1] = 1
            return 1
        begins[i - first + 1] = n
        start = ends[i] + 1
    return len(ends) - first


gather = compiled(_gather)


def _find_pieces(data: Any, words: Any, n: Any, tables: Tables, cache: Cache, work: Work) -> None:
    """Find or enter the cache entries of `n` pieces; 0 for those that are too long."""
    tables, cache, work = borrowed(tables), borrowed(cache), borrowed(work)
    spans, keys, which, wanted = work.spans, work.keys, work.which, work.wanted
    slots, entries, fill = cache.slots, cache.entries, cache.fill
    mask = np.uint64(len(slots) - 1)
    for c in range(n):
        first, second, third = load_piece(words, spans[c, 0], spans[c, 1])
        keys[c, 0], keys[c, 1], keys[c, 2] = first, second, third
        keys[c, 3] = hash_piece(first, second, third)
    # short loops that do nothing but read: the processor then has dozens of reads under way at a time
    for c in range(n):
        which[c] = max(np.int64(slots[keys[c, 3] & mask]) - 1, 0)
    n_unknown: Any = 0
    for c in range(n):
        entry = which[c]
        same = (entries[entry, 0] == keys[c, 0]) & (entries[entry, 1] == keys[c, 1]) & (entries[entry, 2] == keys[c, 2])
        wanted[0, n_unknown] = c
        n_unknown += np.int64(not (same & (spans[c, 1] <= MAX_KEY)))
    n_new, n_strange = 0, 0
    for k in range(n_unknown):
        c = wanted[0, k]
        entry = -len(slots) - 1
        if spans[c, 1] <= MAX_KEY:
            entry = find_piece(keys[c, 0], keys[c, 1], keys[c, 2], keys[c, 3], slots, entries)
        which[c] = max(entry, 0)
        if -len(slots) <= entry < 0:
            slots[-entry - 1] = fill[0] + n_new + 1
            for part in range(3):
                entries[fill[0] + n_new, part] = keys[c, part]
            wanted[0, n_new] = c
            n_new += 1
        elif entry < 0 and spans[c, 1] <= MAX_PIECE:
            wanted[1, n_strange] = c
            n_strange += 1
    if n_new:
        enter_pieces(data, wanted[0, :n_new], tables, cache, work)
    if n_strange:  # beyond the pools' fill marks, where the next group writes over them
        marks = (fill[0], fill[1], fill[2])
        enter_pieces(data, wanted[1, :n_strange], tables, cache, work)
        fill[0], fill[1], fill[2] = marks


find_pieces = compiled(_find_pieces)


def _find_group(
    data: Any, words: Any, breaks: Any, ends: Any, first: Any, tables: Tables, cache: Cache, work: Work
) -> Any:
    """Cut the next comments and find their pieces; returns how many comments."""
    size = gather(breaks, ends, first, work)
    make_room(cache)
    find_pieces(data, words, work.begins[size], tables, cache, work)
    return size


find_group = compiled(_find_group)


def _count_pieces(start: Any, end: Any, cache: Cache, work: Work, tables: Tables) -> Any:
    """Count the features of one comment's pieces and add their sums.

    Returns the numbers of features seen and repeated, all flags seen (ODD where two single letters stand in a row), and how many of the
    first pieces are common.
    """
    which, pairs, entries, ids, piece_sums = work.which, work.pairs, cache.entries, cache.ids, cache.sums
    times, seen, repeated, sums = work.times, work.seen, work.repeated, work.sums
    pair_bits, slots, keys, rows = tables.words.pair_bits, tables.words.slots, tables.words.keys, tables.rows
    n_seen, n_repeated, common, n_pairs, touched = np.uint64(0), np.uint64(0), np.int64(0), np.int64(0), np.int32(0)
    last, before, flags_seen = np.uint64(0), np.uint64(0), np.uint64(0)
    for c in range(start, end):
        entry = which[c]
        flags = entries[entry, 7]
        entries[entry, 7] = flags + np.uint64(USE)
        flags_seen |= flags | (flags & before & np.uint64(SINGLE)) * np.uint64(ODD)
        before = flags
        common += np.int64(c < start + FIRST_PIECES) & np.int64(flags & np.uint64(COMMON) != np.uint64(0))
        first, own_last = entries[entry, 3], entries[entry, 4]
        pairs[n_pairs] = pair(last, first)
        n_pairs += np.int64(last != np.uint64(0)) & np.int64(first != np.uint64(0))
        last = own_last if own_last != np.uint64(0) else last
        for column in range(len(sums)):
            sums[column] += piece_sums[entry, column]
        first_id = np.int64(entries[entry, 5] & _LOWER)
        touched ^= ids[first_id] ^ ids[first_id + np.int64(entries[entry, 5] >> _UPPER)]
    n_held: Any = 0
    for k in range(n_pairs):
        pairs[n_held] = pairs[k]
        n_held += may_hold(pair_bits, pairs[k])
    # indices without a sign spare the test for one below 0
    for c in range(start, end):
        row = entries[which[c], 5]
        first_place = row & _LOWER
        for k in range(first_place, first_place + (row >> _UPPER)):
            id = np.uint32(ids[k])
            so_far = times[id]
            times[id] = so_far + np.uint32(1)
            # written always and kept by moving the mark: quicker than a branch that cannot be foretold
            seen[n_seen] = id
            n_seen += np.uint64(so_far == np.uint32(0))
            repeated[n_repeated] = id
            n_repeated += np.uint64(so_far == np.uint32(1))
    n_found: Any = 0
    for k in range(n_held):
        id = find(slots, keys, pairs[k])
        pairs[n_found] = np.uint64(id)
        n_found += np.int64(id >= 0)
    for k in range(n_found):
        id = np.uint32(pairs[k])
        so_far = times[id]
        times[id] = so_far + np.uint32(1)
        seen[n_seen] = id
        n_seen += np.uint64(so_far == np.uint32(0))
        repeated[n_repeated] = id
        n_repeated += np.uint64(so_far == np.uint32(1))
        for column in range(rows.shape[1]):
            sums[column] += rows[id, column]
    work.counters[1] = touched  # or the compiler leaves the reading ahead out; the caller writes over it
    return np.int64(n_seen), np.int64(n_repeated), flags_seen, common


count_pieces = compiled(_count_pieces, inline=True)


def _name_targets(start: Any, end: Any, names: Names, cache: Cache, work: Work) -> None:
    """Mark the targets that the words of a comment's pieces name."""
    which, entries, words, last, named = work.which, cache.entries, cache.words, work.last, work.named
    for c in range(start, end):
        row = entries[which[c], 6]
        first = np.int64(row & _LOWER)
        for k in range(first, first + np.int64(row >> _UPPER)):
            push_word(words[k], last, names, named)


name_targets = compiled(_name_targets)


def _forget(work: Work) -> None:
    """Make the scratch space ready for a comment."""
    times, seen, counters, sums, last, named = work.times, work.seen, work.counters, work.sums, work.last, work.named
    for k in range(counters[0]):
        times[np.uint32(seen[k])] = 0
    counters[0], counters[1] = 0, 0
    sums[:] = 0.0
    last[:] = 0
    named[:] = 0


forget = compiled(_forget, inline=True)


def _correct(tables: Tables, work: Work) -> None:
    """Make the sums exact: sublinear tf for features that occur more than once."""
    rows, sums, times, repeated, counters = tables.rows, work.sums, work.times, work.repeated, work.counters
    width, n_words = rows.shape[1], tables.ngrams.bounds[0]
    for k in range(counters[1]):
        id = np.uint32(repeated[k])
        tf = np.float64(times[id])
        weight = LOGS[times[id]] if times[id] < 1024 else 1.0 + np.log(tf)
        part = 0 if id < n_words else width
        sums[part] += (weight * weight - tf) * rows[id, 0]
        for column in range(1, width):
            sums[part + column] += (weight - tf) * rows[id, column]


correct = compiled(_correct, inline=True)


def _read_comment(data: Any, span: Any, pieces: Any, odd: Any, tables: Tables, cache: Cache, work: Work) -> Any:
    """Count one comment into `work`: `counters`, `seen`, `repeated`, `times`, `named`, and `sums` made exact.

    Returns the numbers of pieces that were looked at and of common ones among them, both 0 where it went the plain way.
    """
    forget(work)
    n_seen, n_repeated, flags, common = count_pieces(pieces[0], pieces[1], cache, work, tables)
    work.counters[0], work.counters[1] = n_seen, n_repeated
    looked = min(pieces[1] - pieces[0], FIRST_PIECES)
    if flags & np.uint64(ODD) != np.uint64(0) or (odd and has_controls(data, span[0], span[1])):
        forget(work)
        read_plainly(data, span[0], span[1], tables, work)
        looked, common = np.int64(0), np.int64(0)
    elif flags & np.uint64(ALIAS) != np.uint64(0) and len(work.named) > 0:
        name_targets(pieces[0], pieces[1], tables.names, cache, work)
    correct(tables, work)
    return looked, common


read_comment = compiled(_read_comment, inline=True)


# ---------------------------------------------------------------- batches


def _score_batch(
    data: Any, words: Any, breaks: Any, ends: Any, odd: Any, of: Any, stance: StanceTables, out: Any
) -> None:
    """Score comments laid end to end; `of` are tables, cache and scratch space, `out` what `Kernel.score` gives."""
    tables, cache, work = borrowed(of)
    stance = borrowed(stance)
    data, words, breaks, ends = borrowed((data, words, breaks, ends))
    logits, about, sides, common = borrowed(out)
    sums, named, begins = work.sums, work.named, work.begins
    width = tables.rows.shape[1]
    norms = np.zeros(2)
    group, start = np.int64(0), np.int64(0)
    while group < len(ends):
        size = find_group(data, words, breaks, ends, group, tables, cache, work)
        for i in range(group, group + size):
            pieces = (begins[i - group], begins[i - group + 1])
            common[i, 0], common[i, 1] = read_comment(data, (start, ends[i]), pieces, odd, tables, cache, work)
            start = ends[i] + 1
            for part in range(2):
                square = sums[part * width]
                norms[part] = 1.0 / np.sqrt(square) if square > 0.0 else 0.0
            for head in range(logits.shape[1]):
                logits[i, head] = sums[1 + head] * norms[0] + sums[width + 1 + head] * norms[1]
            wanted = 0
            for target in range(len(named)):
                about[i, target] |= named[target]
                wanted += about[i, target]
            if wanted:
                add_stances(norms, tables.ngrams.bounds[0], stance, work, about[i], sides[i])
        group += size


score_batch = compiled(_score_batch)


def _count_batch(data: Any, words: Any, breaks: Any, ends: Any, odd: Any, of: Any, out: Any) -> Any:
    """Count comments laid end to end into a CSR matrix of term frequencies; returns the number of comments that fitted."""
    tables, cache, work = borrowed(of)
    data, words, breaks, ends = borrowed((data, words, breaks, ends))
    indptr, indices, values = borrowed(out)
    counters, seen, times, begins = work.counters, work.seen, work.times, work.begins
    group, start = np.int64(0), np.int64(0)
    fill: Any = 0
    while group < len(ends):
        size = find_group(data, words, breaks, ends, group, tables, cache, work)
        for i in range(group, group + size):
            pieces = (begins[i - group], begins[i - group + 1])
            read_comment(data, (start, ends[i]), pieces, odd, tables, cache, work)
            if fill + counters[0] > len(indices):
                return i
            start = ends[i] + 1
            for k in range(counters[0]):
                indices[fill] = seen[k]
                values[fill] = np.float32(times[seen[k]])
                fill += 1
            indptr[i + 1] = fill
        group += size
    return len(ends)


count_batch = compiled(_count_batch)
