"""A page of text as arrays: its lines, and its words as 64-bit hashes. Everything that the segmenter measures starts here.

Working on whole arrays instead of line by line is what makes the segmenter quick; nothing is ever measured twice.
"""

import unicodedata
from functools import cached_property
from typing import Any

import numpy as np

__all__ = ["Array", "Page", "among", "hash_word", "sort_distinct", "stand_in"]

Array = np.ndarray[Any, np.dtype[Any]]

SPACE, OTHER, LETTER, UPPER, DIGIT = range(5)
"""Kinds of code points."""

_BASE = np.uint64(0x9E3779B97F4A7C15)
_INVERSE = np.uint64(pow(0x9E3779B97F4A7C15, -1, 1 << 64))
_MASK = (1 << 64) - 1
_APOSTROPHES = "'’"


def hash_word(word: str) -> int:
    """The hash that `Page.words` gives to a word, which must be in lower case.

    >>> page = Page("Then it RAINED")
    >>> int(page.words[2]) == hash_word("rained")
    True
    """
    value = 0
    for place, char in enumerate(word):
        value = (value + (ord(char) + 1) * pow(int(_BASE), place, 1 << 64)) & _MASK
    return int(_finish(np.array([value], np.uint64), np.array([len(word)], np.uint64))[0])


class Page:
    """The non-blank lines of `text`, white space at their ends left out, and the words in them.

    `starts`, `ends` (code points) and `numbers` (lines of the text, from 1) have an entry a line; `line_texts` their text;
    `gaps` the blank lines before each. `words`, `word_lines`, `word_starts`, `word_ends` have an entry a word. `points` and `signs` have an
    entry a code point; `signs` are cut off at 0xFFFF, and comparing them is twice as quick.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.points: Array = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
        self.signs: Array = np.minimum(self.points, 0xFFFF).astype(np.uint16)
        self.kinds, self._lower = _classify(self.points)
        self.starts, self.ends, self.numbers = self._split()
        self.line_texts = [text[start:end] for start, end in zip(self.starts.tolist(), self.ends.tolist(), strict=True)]
        before = np.concatenate([[0], self.numbers[:-1]]) if len(self.numbers) else self.numbers
        self.gaps: Array = self.numbers - before - 1

    def __len__(self) -> int:
        return len(self.starts)

    def _split(self) -> tuple[Array, Array, Array]:
        breaks = np.flatnonzero(self.points == 10)
        if not len(breaks):
            breaks = np.flatnonzero(self.points == 13)
        inked = np.flatnonzero(self.kinds != SPACE)
        if not len(inked):
            return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64)
        line_of = np.searchsorted(breaks, inked)
        first = np.flatnonzero(np.concatenate([[True], line_of[1:] != line_of[:-1]]))
        last = np.concatenate([first[1:] - 1, [len(inked) - 1]])
        return inked[first], inked[last] + 1, line_of[first] + 1

    @cached_property
    def _spans(self) -> tuple[Array, Array]:
        """Starts and ends of words: letters and digits, with apostrophes inside."""
        solid = self.kinds >= LETTER
        inner = np.zeros(len(solid), bool)
        if len(solid) > 2:
            sign = among(self.signs[1:-1], _APOSTROPHES)
            inner[1:-1] = sign & solid[:-2] & solid[2:]
        solid = np.concatenate([[False], solid | inner, [False]])
        edges = np.flatnonzero(solid[1:] != solid[:-1])
        return edges[::2], edges[1::2]

    @property
    def word_starts(self) -> Array:
        """Where each word begins."""
        return self._spans[0]

    @property
    def word_ends(self) -> Array:
        """Where each word ends."""
        return self._spans[1]

    @cached_property
    def words(self) -> Array:
        """The hash of each word in lower case: a difference of running sums, so one pass serves all."""
        starts, ends = self._spans
        letters = np.where(self._lower == 0x2019, 0x27, self._lower).astype(np.uint64) + np.uint64(1)
        with np.errstate(over="ignore"):
            powers = _powers(_BASE, len(letters))
            sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(letters * powers, dtype=np.uint64)])
            inverse = _powers(_INVERSE, len(letters) + 1)
            values = (sums[ends] - sums[starts]) * inverse[starts]
            return _finish(values, (ends - starts).astype(np.uint64))

    @cached_property
    def word_lines(self) -> Array:
        """The index of the line that each word stands in."""
        return np.repeat(np.arange(len(self)), np.diff(self.line_words))

    @cached_property
    def line_words(self) -> Array:
        """For each line the index of its first word, and one entry more: the words of line i are `line_words[i]:line_words[i+1]`."""
        return np.append(np.searchsorted(self.word_starts, self.starts), len(self.word_starts))

    @cached_property
    def _point_lines(self) -> Array:
        """The index of the line that each code point stands in; `len(self)` between lines."""
        owners = np.full(2 * len(self) + 1, len(self), np.int32)
        owners[1::2] = np.arange(len(self))
        edges = np.stack([self.starts, self.ends], axis=1).ravel()
        return np.repeat(owners, np.diff(edges, prepend=0, append=len(self.points)))

    def count_points(self, mask: Array) -> Array:
        """How many code points of `mask` stand in each line; the time is that of the true ones."""
        return np.bincount(self._point_lines[np.flatnonzero(mask)], minlength=len(self) + 1)[: len(self)]

    def count_words(self, mask: Array) -> Array:
        """How many words of `mask` stand in each line."""
        return np.bincount(self.word_lines[mask], minlength=len(self))

    @cached_property
    def _vocabulary(self) -> tuple[Array, Array]:
        order = np.argsort(self.words)
        ordered = self.words[order]
        fresh = np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)]
        ids = np.empty(len(order), np.int64)
        ids[order] = np.cumsum(fresh) - 1
        return ordered[fresh], ids

    @property
    def distinct(self) -> Array:
        """The hashes of the distinct words, in order."""
        return self._vocabulary[0]

    @property
    def word_ids(self) -> Array:
        """Each word as its place in `distinct`."""
        return self._vocabulary[1]


def among(signs: Array, chars: str) -> Array:
    """Which code points are one of a few characters: a comparison for each is much quicker than `np.isin`."""
    found = np.zeros(len(signs), bool)
    for char in chars:
        found |= signs == ord(char)
    return found


def sort_distinct(values: Array) -> Array:
    """The distinct values in order. By sorting: ten times as fast on keys of millions of words as the hash table of `np.unique`."""
    ordered = np.sort(values)
    return ordered[np.concatenate([[True], ordered[1:] != ordered[:-1]])] if len(ordered) else ordered


def stand_in(values: Array, ordered: Array) -> Array:
    """Which values are among `ordered`, which is sorted."""
    if not len(ordered):
        return np.zeros(len(values), bool)
    return np.asarray(ordered[np.minimum(np.searchsorted(ordered, values), len(ordered) - 1)] == values)


def _powers(base: np.uint64, count: int) -> Array:
    """base ** 0 … base ** (count - 1), modulo 2 ** 64, by doubling."""
    powers = np.ones(max(count, 1), np.uint64)
    filled, step = 1, base
    with np.errstate(over="ignore"):
        while filled < count:
            more = min(filled, count - filled)
            powers[filled : filled + more] = powers[:more] * step
            filled += more
            step = step * step
    return powers[:count]


def _finish(values: Array, sizes: Array) -> Array:
    with np.errstate(over="ignore"):
        mixed = values ^ (sizes * np.uint64(0xC2B2AE3D27D4EB4F))
        mixed = (mixed ^ (mixed >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed ^= mixed >> np.uint64(32)
    return mixed


def _classify(points: Array) -> tuple[Array, Array]:
    """Kind and lower-case form of every code point, looked up once for each different one."""
    present = np.zeros(0x110000, bool)
    present[points] = True
    kinds = np.zeros(0x110000, np.uint8)
    lower = np.zeros(0x110000, np.uint32)
    for point in np.flatnonzero(present).tolist():
        char = chr(point)
        small = char.lower()
        lower[point] = ord(small) if len(small) == 1 else point
        kinds[point] = _kind(char)
    return kinds[points], lower[points]


def _kind(char: str) -> int:
    category = unicodedata.category(char)
    if category[0] == "L" or category[0] == "M":
        return UPPER if category in ("Lu", "Lt") else LETTER
    if category[0] == "N":
        return DIGIT
    if char.isspace() or category in ("Cf", "Cc"):
        return SPACE
    return OTHER
