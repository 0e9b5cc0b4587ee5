"""The plain way through a comment, compiled: folded as a whole, every feature looked up; and the names of targets among its words."""

from typing import Any

import numpy as np

from moderation.features.compiling import compiled
from moderation.features.lookup import find, find_all, next_word, pair
from moderation.features.pieces import decode, fold_comment, folded_size, read_ngrams
from moderation.features.tables import MAX_ALIAS, Names, Tables, Work

__all__ = ["push_word", "read_plainly"]

STRETCH = 512
"""N-grams' first places that are taken at a time."""


def _push_word(word: Any, last: Any, names: Names, named: Any) -> None:
    """Take a word as the latest, and mark the targets that are named by runs of one to MAX_ALIAS words which end with it."""
    for k in range(MAX_ALIAS - 1, 0, -1):
        last[k] = last[k - 1]
    last[0] = word
    if find(names.ending_slots, names.ending_keys, word) < 0:
        return
    for length in range(1, MAX_ALIAS + 1):
        run = last[length - 1]
        if run == np.uint64(0):
            return
        for k in range(length - 2, -1, -1):
            run = pair(run, last[k])
        found = find(names.slots, names.keys, run)
        if found >= 0:
            named[names.targets[found]] = 1


push_word = compiled(_push_word)


def _add_ids(n: Any, part: Any, rows: Any, work: Work) -> None:
    """Count `n` ids of the scratch space and add their rows to the sums of words (`part` 0) or of n-grams."""
    ids, times, seen, repeated, sums, counters = (
        work.ids,
        work.times,
        work.seen,
        work.repeated,
        work.sums,
        work.counters,
    )
    for k in range(n):
        id = ids[k]
        so_far = times[id]
        times[id] = so_far + np.uint32(1)
        seen[counters[0]] = id
        counters[0] += np.int64(so_far == np.uint32(0))
        repeated[counters[1]] = id
        counters[1] += np.int64(so_far == np.uint32(1))
        for column in range(rows.shape[1]):
            sums[part + column] += rows[id, column]


add_ids = compiled(_add_ids)


def _read_plainly(data: Any, start: Any, end: Any, tables: Tables, work: Work) -> None:
    """Count one comment the plain way: folded and rewritten as a whole, each feature looked up."""
    points = np.empty(end - start, np.int32)
    points = points[: decode(data, start, end, points)]
    fold, ngrams, names = tables.fold, tables.ngrams, tables.names
    size = folded_size(points, len(points), fold.pages, fold.entries, fold.expansions) + 2
    folded, kinds = np.empty(size, np.int32), np.empty(size, np.uint8)
    n = fold_comment(points, folded, kinds, np.empty(size, np.int32), fold)
    ids, pool, last, named = work.ids, work.grams, work.last, work.named
    zero = np.int64(0)
    at: Any = zero
    while at < n:  # the words, and each with the one before
        before = last[0]
        word, at = next_word(folded, kinds, at, n)
        if word == np.uint64(0):
            break
        pool[0], pool[1] = word, pair(before, word)
        wanted = np.int64(1 + (before != np.uint64(0)))
        found = find_all(tables.words.slots, tables.words.keys, pool, wanted, zero, ids, zero)
        add_ids(np.int64(found), zero, tables.rows, work)
        push_word(word, last, names, named)
    at = 0
    while at < n:
        first = at
        while at < n and kinds[at] != 3:
            at += 1
        stop = at + 2 - ngrams.bounds[1]
        for begin in range(first - 1, stop if at > first else first - 1, STRETCH):
            part = (begin, min(begin + STRETCH, stop))
            n_ids = read_ngrams(folded, (first, at), part, ngrams, pool, ids, zero)
            add_ids(np.int64(n_ids), np.int64(tables.rows.shape[1]), tables.rows, work)
        at += 1


read_plainly = compiled(_read_plainly)
