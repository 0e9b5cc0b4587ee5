"""Compiled loops over one piece (what stands between white space): its folded form, its words and n-grams, its entry in the cache.

A piece is folded and rewritten by itself: every rewrite of `moderation.text` looks at neighbours between white space only, but for letters
spelled out with blanks between them. Two single letters in a row are the sign of that, and so is white space that only folding brings
to light; `SINGLE` and `ODD` mark such pieces, and a comment with them goes the plain way.
"""

from typing import Any

import numpy as np

from moderation import text
from moderation.features.compiling import borrowed, compiled
from moderation.features.lookup import find, find_all, next_word, pair
from moderation.features.tables import MAX_KEY, Cache, Fold, Names, Ngrams, Tables, Words, Work

__all__ = [
    "ALIAS",
    "COMMON",
    "ODD",
    "SINGLE",
    "decode",
    "enter_pieces",
    "fold_comment",
    "folded_size",
    "read_ngrams",
]

SINGLE, ODD, COMMON, ALIAS = 1, 2, 4, 8
"""Flags of a piece: one letter by itself; white space inside; one of the asked-for pieces; a word that ends a target's name."""

fold = compiled(text.fold)
folded_size = compiled(text.folded_size)
join_spelled = compiled(text.join_spelled)
read_signs = compiled(text.read_signs)
cut_repeats = compiled(text.cut_repeats)


def _fold_comment(points: Any, folded: Any, kinds: Any, sources: Any, table: Fold) -> Any:
    """Fold and rewrite code points into `folded` and `kinds`; returns how many. Rewrites only where a first look finds a reason."""
    pages, marked, entries, kind_table = table.pages, table.marked, table.entries, table.kinds
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
        n = fold(points, len(points), pages, entries, table.expansions, folded, sources)
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


fold_comment = compiled(_fold_comment)


def _decode(data: Any, start: Any, end: Any, points: Any) -> Any:
    """Write the code points of UTF-8 to `points`; returns how many. Surrogates are taken as they come."""
    n = 0
    at = start
    while at < end:
        first = np.int32(data[at])
        if first < 0x80:
            points[n] = first
            at += 1
        elif first < 0xE0:
            points[n] = (first & 31) << 6 | np.int32(data[at + 1]) & 63
            at += 2
        elif first < 0xF0:
            points[n] = (first & 15) << 12 | (np.int32(data[at + 1]) & 63) << 6 | np.int32(data[at + 2]) & 63
            at += 3
        else:
            points[n] = (
                (first & 7) << 18
                | (np.int32(data[at + 1]) & 63) << 12
                | (np.int32(data[at + 2]) & 63) << 6
                | np.int32(data[at + 3]) & 63
            )
            at += 4
        n += 1
    return n


decode = compiled(_decode)


def _read_ngrams(points: Any, chunk: Any, part: Any, ngrams: Ngrams, grams: Any, out: Any, fill: Any) -> Any:
    """Write to `out` from `fill` on the ids of the n-grams that begin in `part` of a chunk padded with a blank on either side.

    `chunk` is its first and last place in `points`, `part` lies within (first - 1, last + 1). Returns the new fill mark.
    """
    start, end = chunk
    numbers, bounds = ngrams.numbers, ngrams.bounds
    shortest, longest = bounds[1], bounds[2]
    n: Any = 0
    for first in range(part[0], part[1]):
        key = np.uint64(0)
        for at in range(first, min(first + longest, end + 1)):
            number = numbers[32] if at < start or at >= end else numbers[points[at]]
            if number == 0:
                break
            key = key << np.uint64(12) | np.uint64(number)
            grams[n] = key
            n += np.int64(at - first + 1 >= shortest)
    return find_all(ngrams.slots, ngrams.keys, grams, n, bounds[0], out, fill)


read_ngrams = compiled(_read_ngrams)


def _read_words(folded: Any, kinds: Any, n: Any, words: Words, names: Names, pools: Any) -> Any:
    """Write a folded piece's words and the ids of words and pairs to the pools from given marks on; returns the new marks, and flags."""
    ids, own, fill_ids, fill_words = pools
    flags = 0
    before = np.uint64(0)
    word, at = next_word(folded, kinds, 0, n)
    while word != np.uint64(0):
        own[fill_words] = word
        fill_words += 1
        if find(names.ending_slots, names.ending_keys, word) >= 0:
            flags = ALIAS
        id = find(words.slots, words.keys, word)
        ids[fill_ids] = id
        fill_ids += np.int64(id >= 0)
        if before != np.uint64(0):
            id = find(words.slots, words.keys, pair(before, word))
            ids[fill_ids] = id
            fill_ids += np.int64(id >= 0)
        before = word
        word, at = next_word(folded, kinds, at, n)
    return fill_ids, fill_words, flags


read_words = compiled(_read_words)


def _hides_space(points: Any, fold: Fold) -> Any:
    """Whether a code point beyond ASCII folds to white space or to something with white space in it."""
    for k in range(len(points)):
        if points[k] >= 128:
            mark = fold.marked[fold.pages[points[k] >> 8] + (points[k] & 255)]
            if mark >= 0 and mark >> 21 & 3 == 3:
                return True
            if mark < -1:
                for more in range(fold.expansions[-mark - 2]):
                    if fold.expansions[-mark - 1 + more] == 32 or fold.expansions[-mark - 1 + more] == 10:
                        return True
    return False


hides_space = compiled(_hides_space)


def _add_rows(rows: Any, column: Any, ids: Any, start: Any, end: Any, out: Any) -> None:
    """Sum four columns of the rows of `ids[start:end]`."""
    a, b, c, d = 0.0, 0.0, 0.0, 0.0
    for k in range(start, end):
        id = np.uint32(ids[k])
        a += rows[id, column]
        b += rows[id, column + 1]
        c += rows[id, column + 2]
        d += rows[id, column + 3]
    out[0], out[1], out[2], out[3] = a, b, c, d


add_rows = compiled(_add_rows, inline=True)


def _enter_pieces(data: Any, wanted: Any, tables: Tables, cache: Cache, work: Work) -> None:
    """Work pieces out (`wanted` are their places in the block) and write them at the pools' ends, in order."""
    tables, cache, work = borrowed(tables), borrowed(cache), borrowed(work)
    fold, ngrams, names, rows = tables.fold, tables.ngrams, tables.names, tables.rows
    entries, sums, ids, words, fill = cache.entries, cache.sums, cache.ids, cache.words, cache.fill
    points, folded, kinds, sources, grams = work.points, work.folded, work.kinds, work.sources, work.grams
    spans, keys, which = work.spans, work.keys, work.which
    width = rows.shape[1]
    for w in range(len(wanted)):
        c = wanted[w]
        entry, first_id, first_word = fill[0], fill[1], fill[2]
        n = decode(data, spans[c, 0], spans[c, 0] + spans[c, 1], points)
        flags = ODD if hides_space(points[:n], fold) else 0
        n = fold_comment(points[:n], folded, kinds, sources, fold)
        if n == 1 and kinds[0] == 1:
            flags |= SINGLE
        end_ids, end_words, more = read_words(folded, kinds, n, tables.words, names, (ids, words, first_id, first_word))
        if spans[c, 1] <= MAX_KEY and find(names.common_slots, names.common_keys, keys[c, 3]) >= 0:
            more |= COMMON
        last_word_id = end_ids
        if n:
            part = (-1, n + 2 - ngrams.bounds[1])
            end_ids = read_ngrams(folded, (0, n), part, ngrams, grams, ids, end_ids)
        for column in range(0, width, 4):
            add_rows(rows, column, ids, first_id, last_word_id, sums[entry, column : column + 4])
            add_rows(rows, column, ids, last_word_id, end_ids, sums[entry, width + column : width + column + 4])
        entries[entry, 3] = words[first_word] if end_words > first_word else np.uint64(0)
        entries[entry, 4] = words[end_words - 1] if end_words > first_word else np.uint64(0)
        entries[entry, 5] = np.uint64(first_id) | np.uint64(end_ids - first_id) << np.uint64(32)
        entries[entry, 6] = np.uint64(first_word) | np.uint64(end_words - first_word) << np.uint64(32)
        entries[entry, 7] = np.uint64(flags | more)
        which[c] = entry
        fill[0], fill[1], fill[2] = entry + 1, end_ids, end_words


enter_pieces = compiled(_enter_pieces)
