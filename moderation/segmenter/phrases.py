"""How comments open and close: what a line's first and last words say, by weights learned from many single comments.

The first sentence of a comment differs from its later ones ("Thanks for", "No, it", "So you"), and its last from those before it. Words in
their places, pairs and runs of three are hashed into SIZE buckets (the hashing trick, Weinberger et al. 2009), so that a page is looked up
in a few gathers; the weights are made by `moderation.learning.phrases`.
"""

from typing import NamedTuple

import numpy as np

from moderation.segmenter.page import Array, Page

__all__ = ["NAMES", "SIZE", "Phrases", "find_phrases", "score_phrases"]

NAMES = ("opening", "closing")
SIZE = 1 << 16
"""Buckets; each of the two tables has one weight more, its bias."""

WORDS_SHARE = 0.7
"""What all words of a line together count beside one phrase."""

_OPENING_WORDS = 4
_CLOSING_WORDS = 3
_BASE = np.uint64(31)


def _mix(values: Array, place: int) -> Array:
    with np.errstate(over="ignore"):
        mixed = values + np.uint64(place) * np.uint64(0x9E3779B97F4A7C15)
        mixed = (mixed ^ (mixed >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed ^= mixed >> np.uint64(32)
    return np.asarray(mixed & np.uint64(SIZE - 1)).astype(np.int64)


class Phrases(NamedTuple):
    """Buckets of each line: `opens` (lines, 8) and `closes` (lines, 6); of each word: `words`, which stand in the lines `word_lines`."""

    opens: Array
    closes: Array
    words: Array
    word_lines: Array


def find_phrases(page: Page) -> Phrases:
    """The buckets of all lines of a page."""
    begins, ends = page.line_words[:-1], page.line_words[1:]
    words = np.concatenate([page.words, np.zeros(1, np.uint64)])

    def word(at: Array) -> Array:
        inside = (at >= begins) & (at < ends)
        return np.where(inside, words[at.clip(0, len(words) - 1)], np.uint64(7))

    with np.errstate(over="ignore"):
        first = [word(begins + place) for place in range(_OPENING_WORDS)]
        last = [word(ends - 1 - place) for place in range(_CLOSING_WORDS)]
        opens = [_mix(value, 1 + place) for place, value in enumerate(first)]
        opens += [_mix(first[0] * _BASE + first[1], 11), _mix(first[1] * _BASE + first[2], 12)]
        opens += [_mix((first[0] * _BASE + first[1]) * _BASE + first[2], 13)]
        closes = [_mix(value, 21 + place) for place, value in enumerate(last)]
        closes += [_mix(last[0] * _BASE + last[1], 31), _mix((last[0] * _BASE + last[1]) * _BASE + last[2], 32)]
    head, tail = page.points[page.starts], page.points[page.ends - 1]
    doubled = (page.points[np.maximum(page.ends - 2, 0)] == tail) & (page.ends - page.starts > 1)
    opens.append(_mix(head.astype(np.uint64) * np.uint64(4) + page.kinds[page.starts], 41))
    closes.append(_mix(tail.astype(np.uint64) * np.uint64(3) + doubled, 42))
    return Phrases(np.stack(opens, axis=1), np.stack(closes, axis=1), _mix(page.words, 99), page.word_lines)


def score_phrases(page: Page, tables: Array | None) -> Array:
    """Logits (lines, 2) that a line opens and that it closes a comment; zeros where there are no `tables` (2, SIZE + 1)."""
    if tables is None or not len(page):
        return np.zeros((len(page), 2), np.float32)
    found = find_phrases(page)
    sizes = np.maximum(np.bincount(found.word_lines, minlength=len(page)), 1)
    columns = []
    for table, buckets in zip(tables, (found.opens, found.closes), strict=True):
        said = np.bincount(found.word_lines, table[found.words], len(page))
        columns.append(table[buckets].sum(axis=1) + WORDS_SHARE / np.sqrt(sizes) * said + table[-1])
    return np.stack(columns, axis=1).astype(np.float32)
