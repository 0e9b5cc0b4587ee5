"""Words that a comment copies from the article or from an earlier comment, found by runs of four equal words, and where they come from.

A copied line, whole or lightly edited, with or without quotation marks, is a quote; so are `> ` lines, and so is a line that is
nothing but words in quotation marks. Inside a line a quote needs quotation marks around it, or eight copied words in a row.
"""

from typing import NamedTuple

import numpy as np

from moderation.segmenter.page import Array, Page

__all__ = ["Copies", "Quote", "find_copies", "find_quotes"]

RUN = 4
"""Equal words in a row that count as copied: three are common talk, five miss edited quotes."""

WHOLE = 0.6
"""Share of a line's words that must be copied for the whole line to be a quote."""

LONG = 8
"""Copied words in a row that are a quote inside a line, without quotation marks."""


class Copies(NamedTuple):
    """For each word the earlier line that it is copied from (-1: none); for each line the share copied and its main source line."""

    word_source: Array
    share: Array
    source: Array


class Quote(NamedTuple):
    """Code points `[start, end)` of the page, and the number (from 1) of the line they were copied from, or None."""

    start: int
    end: int
    line: int | None


def find_copies(page: Page) -> Copies:
    """Compare every run of four words with all that stands above it on the page; sorting makes it n log n."""
    count = len(page.words)
    source = np.full(count, -1, np.int64)
    if count >= RUN:
        _mark(page, source)
    share = np.zeros(len(page))
    main = np.full(len(page), -1, np.int64)
    sizes = np.diff(page.line_words)
    copied = source >= 0
    if copied.any():
        np.add.at(share, page.word_lines[copied], 1.0)
        share = share / np.maximum(sizes, 1)
        main = _main_source(page.word_lines[copied], source[copied], len(page))
    return Copies(source, share, main)


def _mark(page: Page, source: Array) -> None:
    lines = page.word_lines
    last = len(page.words) - RUN + 1
    hashes = np.zeros(last, np.uint64)
    with np.errstate(over="ignore"):
        for place in range(RUN):
            hashes = hashes * np.uint64(0x9E3779B97F4A7C15) + page.words[place : place + last]
    whole = lines[:last] == lines[RUN - 1 : RUN - 1 + last]
    at = np.flatnonzero(whole)
    order = at[np.argsort(hashes[at], kind="stable")]
    ordered = hashes[order]
    opens = np.concatenate([[True], ordered[1:] != ordered[:-1]]) if len(ordered) else np.zeros(0, bool)
    first = order[np.maximum.accumulate(np.where(opens, np.arange(len(order)), 0))] if len(order) else order
    repeated = lines[first] < lines[order]
    here, there = order[repeated], lines[first[repeated]]
    for place in range(RUN):
        source[here + place] = there


def _main_source(lines: Array, sources: Array, count: int) -> Array:
    """For each line the source line that most of its copied words come from."""
    main = np.full(count, -1, np.int64)
    keys = lines * count + sources
    found, votes = np.unique(keys, return_counts=True)
    order = np.lexsort((votes, found // count))
    main[found[order] // count] = found[order] % count
    return main


_OPEN = {'"': '"', "“": "”", "„": "“”", "«": "»", "‘": "’", "'": "'"}


def find_quotes(page: Page, copies: Copies, first: int, owner: Array) -> list[list[Quote]]:
    """The quotes of each line from line `first` on. `owner` gives each line's comment (-1 article): nobody quotes himself."""
    quotes: list[list[Quote]] = [[] for _ in range(len(page))]
    for at in range(first, len(page)):
        line = page.line_texts[at]
        start, end = int(page.starts[at]), int(page.ends[at])
        number = _number(page, copies, at, owner)
        if line.startswith(">") and len(line) > 1:
            quotes[at] = [Quote(start, end, number)]
        elif copies.share[at] >= WHOLE and number is not None and page.line_words[at + 1] - page.line_words[at] >= RUN:
            quotes[at] = _whole(page, copies, at, number)
        elif _all_quoted(line):
            quotes[at] = [Quote(start, end, number)]
        elif copies.share[at] > 0:
            quotes[at] = _inside(page, copies, at, owner)
    return quotes


def _number(page: Page, copies: Copies, at: int, owner: Array) -> int | None:
    source = int(copies.source[at])
    if source < 0 or (owner[source] == owner[at] and owner[at] >= 0):
        return None
    return int(page.numbers[source])


def _all_quoted(line: str) -> bool:
    """Is the line nothing but words in quotation marks, more than three of them."""
    closing = _OPEN.get(line[0], "")
    body = line.rstrip(".,…!? ")
    if not closing or line[0] in "‘'" or len(body) < 20 or body[-1] not in closing:
        return False
    inner = body[1:-1]
    return not any(mark in inner for mark in (line[0], *closing))


def _whole(page: Page, copies: Copies, at: int, number: int) -> list[Quote]:
    """The whole line, unless eight or more of the commenter's words stand before or after the copied ones."""
    first, last = int(page.line_words[at]), int(page.line_words[at + 1])
    copied = np.flatnonzero(copies.word_source[first:last] >= 0) + first
    start, end = int(page.starts[at]), int(page.ends[at])
    if copied[0] - first >= LONG:
        start = int(page.word_starts[copied[0]])
    if last - 1 - copied[-1] >= LONG:
        end = int(page.word_ends[copied[-1]])
    return [Quote(start, end, number)]


def _inside(page: Page, copies: Copies, at: int, owner: Array) -> list[Quote]:
    first, last = int(page.line_words[at]), int(page.line_words[at + 1])
    copied = (copies.word_source[first:last] >= 0).astype(np.int8)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], copied, [0]])))
    found: list[Quote] = []
    for begin, stop in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        source = int(copies.word_source[first + begin])
        if owner[source] == owner[at] and owner[at] >= 0:
            continue
        start, end = int(page.word_starts[first + begin]), int(page.word_ends[first + stop - 1])
        before, after = page.text[max(start - 2, 0) : start], page.text[end : end + 3]
        marked = any(mark in before for mark in _OPEN) and any(mark in after for mark in "\"”“»’'")
        if marked:
            start -= len(before) - max(before.rfind(mark) for mark in _OPEN)
            end += 1 + next(place for place, char in enumerate(after) if char in "\"”“»’'")
        if marked or stop - begin >= LONG:
            found.append(Quote(start, min(end, int(page.ends[at])), int(page.numbers[source])))
    return found
