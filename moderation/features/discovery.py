"""Find the vocabulary of a set of texts: count documents per word, word pair and n-gram, and keep the frequent ones.

Three compiled passes over the normalised texts: code points (for the alphabet), keys (for document frequencies), and the
places of the words that were kept (for their names). Keys are counted batch by batch, so memory follows the distinct
features and not the text.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from moderation import folding
from moderation.features import lookup, pieces, tables
from moderation.features.compiling import compiled
from moderation.features.kernel import unmasked
from moderation.features.marking import mark_folds
from moderation.features.vocabulary import MAX_ALPHABET, Settings, Vocabulary

__all__ = ["discover", "normalise_many"]

Keys = npt.NDArray[np.uint64]
Counts = npt.NDArray[np.int64]
BLANK = 32
BATCH_POINTS = 1 << 20
"""Code points laid end to end for one call of the loops."""


class _Batch(NamedTuple):
    points: npt.NDArray[np.int32]  # normalised texts end to end
    kinds: npt.NDArray[np.uint8]
    ends: npt.NDArray[np.int64]


def discover(texts: Sequence[str], settings: Settings | None = None) -> Vocabulary:
    """The vocabulary of `texts`: features that occur in at least `min_df` of them, at most `max_words` and `max_chars`.

    Where there are more, the most frequent ones are kept; ties fall to the smaller key, so the result depends on the texts alone.
    """
    settings = settings or Settings()
    frequencies = np.zeros(0x110000, np.int64)
    for batch in _normalised(texts):
        frequencies += np.bincount(batch.points, minlength=0x110000)
    frequencies[BLANK] += 1
    ranked = np.argsort(-frequencies, kind="stable")[:MAX_ALPHABET]
    alphabet = ranked[frequencies[ranked] > 0].astype(np.int32)
    numbers = np.zeros(0x110000, np.uint16)
    numbers[alphabet] = np.arange(1, len(alphabet) + 1)
    words, chars = _Tally(), _Tally()
    for batch in _normalised(texts):
        room = len(batch.points)
        word_keys, char_keys = np.empty(2 * room + 2, np.uint64), np.empty(room * 6 + 64, np.uint64)
        fills = np.zeros(2, np.int64)
        bounds = np.array([0, settings.char_min, settings.char_max], np.int64)
        _emit_keys(batch.points, batch.kinds, batch.ends, numbers, bounds, word_keys, char_keys, fills)
        words.add(word_keys[: fills[0]])
        chars.add(char_keys[: fills[1]])
    word_keys, word_df = words.kept(settings.min_df, settings.max_words)
    char_keys, char_df = chars.kept(settings.min_df, settings.max_chars)
    names = "\n".join(_word_names(texts, word_keys)).encode()
    arrays: dict[str, npt.NDArray[Any]] = {
        "alphabet": alphabet,
        "char_keys": char_keys,
        "char_df": char_df.astype(np.int32),
        "word_keys": word_keys,
        "word_df": word_df.astype(np.int32),
        "words": np.frombuffer(names, np.uint8),
    }
    return Vocabulary(settings, len(texts), arrays)


def normalise_many(texts: Sequence[str]) -> Iterator[str]:
    """`moderation.text.normalise` of many texts, in order, by the compiled loop."""
    for batch in _normalised(texts):
        joined = batch.points.tobytes().decode("utf-32-le", "surrogatepass")
        first = 0
        for end in batch.ends.tolist():
            yield joined[first:end]
            first = end


class _Tally:
    """Document counts of keys, merged a batch at a time."""

    def __init__(self) -> None:
        self.keys: Keys = np.empty(0, np.uint64)
        self.counts: Counts = np.empty(0, np.int64)

    def add(self, keys: Keys) -> None:
        new, counts = np.unique(keys, return_counts=True)
        merged = np.concatenate([self.keys, new])
        self.keys, places = np.unique(merged, return_inverse=True)
        totals = np.bincount(places, weights=np.concatenate([self.counts, counts]), minlength=len(self.keys))
        self.counts = totals.astype(np.int64)

    def kept(self, min_df: int, most: int) -> tuple[Keys, Counts]:
        frequent = self.counts >= min_df
        keys, counts = self.keys[frequent], self.counts[frequent]
        order = np.argsort(-counts, kind="stable")[:most]
        return keys[order], counts[order]


def _normalised(texts: Sequence[str]) -> Iterator[_Batch]:
    fold = folding.load()
    table = tables.Fold(fold.pages, fold.entries, fold.expansions, fold.kinds, mark_folds(fold))
    first = 0
    while first < len(texts):
        last, total = first, 0
        while last < len(texts) and (last == first or total + len(texts[last]) <= BATCH_POINTS):
            total += len(texts[last])
            last += 1
        raws = unmasked(texts[first:last])
        points = np.frombuffer("".join(raws).encode("utf-32-le", "surrogatepass"), np.int32)
        ends = np.cumsum([len(raw) for raw in raws])
        room = int(pieces.folded_size(points, len(points), fold.pages, fold.entries, fold.expansions)) + 2
        out, out_kinds = np.empty(room, np.int32), np.empty(room, np.uint8)
        out_ends = np.empty(len(ends), np.int64)
        _normalise_batch(points, ends, np.empty(room, np.int32), table, out, out_kinds, out_ends)
        yield _Batch(out[: out_ends[-1]], out_kinds[: out_ends[-1]], out_ends)
        first = last


def _word_names(texts: Sequence[str], keys: Keys) -> list[str]:
    slots = np.zeros(1 << max(2, (2 * len(keys) + 1).bit_length()), np.uint32)
    lookup.fill_table(keys, slots)
    names = [""] * len(keys)
    named = np.zeros(len(keys), np.uint8)
    for batch in _normalised(texts):
        places = np.empty((int((named == 0).sum()), 5), np.int64)
        for id, *place in places[: _find_names(*batch, slots, keys, named, places)].tolist():
            parts = [batch.points[first:last] for first, last in (place[:2], place[2:]) if last > first]
            names[id] = " ".join("".join(map(chr, part.tolist())) for part in parts)
    return names


def _normalise_batch_loop(
    points: Any, ends: Any, sources: Any, table: Any, out: Any, out_kinds: Any, out_ends: Any
) -> None:
    first = 0
    fill: Any = 0
    for i in range(len(ends)):
        raw = points[first : ends[i]]
        first = ends[i]
        fill += pieces.fold_comment(raw, out[fill:], out_kinds[fill:], sources, table)
        out_ends[i] = fill


_normalise_batch = compiled(_normalise_batch_loop)


def _emit_keys_loop(
    points: Any, kinds: Any, ends: Any, numbers: Any, bounds: Any, words: Any, chars: Any, fills: Any
) -> None:
    """Write the distinct keys of each text, sorted, to `words` and `chars`; `fills` says how many."""
    first = 0
    for i in range(len(ends)):
        end = ends[i]
        word_start, char_start = fills[0], fills[1]
        before = np.uint64(0)
        at = first
        while True:
            key, at = lookup.next_word(points, kinds, at, end)
            if key == np.uint64(0):
                break
            words[fills[0]] = key
            fills[0] += 1
            if before != np.uint64(0):
                words[fills[0]] = lookup.pair(before, key)
                fills[0] += 1
            before = key
        at = first
        while at < end:
            start = at
            while at < end and kinds[at] != 3:
                at += 1
            if at > start:
                fills[1] = _emit_ngrams(points, (start, at), numbers, bounds, chars, fills[1])
            at += 1
        fills[0] = _distinct(words, word_start, fills[0])
        fills[1] = _distinct(chars, char_start, fills[1])
        first = end


def _emit_ngrams_loop(points: Any, chunk: Any, numbers: Any, bounds: Any, out: Any, fill: Any) -> Any:
    """Write to `out` from `fill` on the keys of the n-grams of a chunk padded with a blank on either side; returns the new fill mark."""
    start, end = chunk
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


def _distinct_loop(keys: Any, start: int, end: int) -> int:
    part = np.sort(keys[start:end])
    fill = start
    for k in range(len(part)):
        if k == 0 or part[k] != part[k - 1]:
            keys[fill] = part[k]
            fill += 1
    return fill


_emit_ngrams = compiled(_emit_ngrams_loop)
_distinct = compiled(_distinct_loop)
_emit_keys = compiled(_emit_keys_loop)


def _find_names_loop(points: Any, kinds: Any, ends: Any, slots: Any, keys: Any, named: Any, places: Any) -> int:
    """Write id and place (first word, second word) of every feature not yet named; returns their number."""
    count = 0
    first = 0
    for i in range(len(ends)):
        end = ends[i]
        before = np.uint64(0)
        before_start, before_end = 0, 0
        at = first
        while True:
            key, at = lookup.next_word(points, kinds, at, end)
            if key == np.uint64(0):
                break
            start = at
            while start > first and kinds[start - 1] != 0 and kinds[start - 1] != 3:
                start -= 1
            id = lookup.find(slots, keys, key)
            if id >= 0 and named[id] == 0:
                named[id] = 1
                places[count, 0], places[count, 1], places[count, 2], places[count, 3], places[count, 4] = (
                    id,
                    start,
                    at,
                    0,
                    0,
                )
                count += 1
            if before != np.uint64(0):
                id = lookup.find(slots, keys, lookup.pair(before, key))
                if id >= 0 and named[id] == 0:
                    named[id] = 1
                    places[count, 0], places[count, 1], places[count, 2] = id, before_start, before_end
                    places[count, 3], places[count, 4] = start, at
                    count += 1
            before, before_start, before_end = key, start, at
        first = end
    return count


_find_names = compiled(_find_names_loop)
