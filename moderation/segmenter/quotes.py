"""Words that a comment copies from the article or from an earlier comment, found by runs of four equal words, and where they come from.

A copied line, whole or lightly edited, with or without quotation marks, is a quote; so are `> ` lines, and so is a line that is
nothing but words in quotation marks. Inside a line a quote needs quotation marks around it, or eight copied words in a row.
"""

from typing import NamedTuple

import numpy as np

from moderation.segmenter.page import Array, Page, sort_distinct, stand_in

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
        share = page.count_words(copied) / np.maximum(sizes, 1)
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
    ordered = np.sort(hashes[at])
    at = at[stand_in(hashes[at], sort_distinct(ordered[1:][ordered[1:] == ordered[:-1]]))]
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
    whole = (copies.share >= WHOLE) & (np.diff(page.line_words) >= RUN)
    numbers = _number_sources(page, copies, owner)
    runs = _find_runs(copies, page.word_lines, owner)
    starts, ends = page.starts.tolist(), page.ends.tolist()
    for at in range(first, len(page)):
        line, number = page.line_texts[at], numbers[at]
        if line.startswith(">") and len(line) > 1:
            quotes[at] = [Quote(starts[at], ends[at], number)]
        elif number is not None and whole[at]:
            quotes[at] = _whole(page, copies, at, number)
        elif _all_quoted(line):
            quotes[at] = [Quote(starts[at], ends[at], number)]
        elif at in runs:
            quotes[at] = _inside(page, copies, at, runs[at])
    return quotes


def _number_sources(page: Page, copies: Copies, owner: Array) -> list[int | None]:
    """For each line the number of the line that it is copied from, or None: nothing is copied, or from the same comment."""
    sources = copies.source
    own = (owner[sources] == owner) & (owner >= 0)
    told = np.where((sources < 0) | own, 0, page.numbers[sources])
    return [number or None for number in told.tolist()]


def _find_runs(copies: Copies, lines: Array, owner: Array) -> dict[int, list[tuple[int, int]]]:
    """By line the copied words in a row, as places `[begin, stop)` among all words, where they begin with another comment's words."""
    source = copies.word_source
    copied = source >= 0
    fresh = np.concatenate([[True], lines[1:] != lines[:-1]])[: len(lines)]
    before = np.concatenate([[False], copied])[: len(lines)]
    begins = np.flatnonzero(copied & (fresh | ~before))
    stops = np.flatnonzero(np.append(~copied | fresh, True))
    stops = stops[np.searchsorted(stops, begins, side="right")]
    by = owner[lines[begins]]
    others = (owner[source[begins]] != by) | (by < 0)
    runs: dict[int, list[tuple[int, int]]] = {}
    for begin, stop in zip(begins[others].tolist(), stops[others].tolist(), strict=True):
        runs.setdefault(int(lines[begin]), []).append((begin, stop))
    return runs


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


def _inside(page: Page, copies: Copies, at: int, runs: list[tuple[int, int]]) -> list[Quote]:
    found: list[Quote] = []
    for begin, stop in runs:
        start, end = int(page.word_starts[begin]), int(page.word_ends[stop - 1])
        before, after = page.text[max(start - 2, 0) : start], page.text[end : end + 3]
        marked = any(mark in before for mark in _OPEN) and any(mark in after for mark in "\"”“»’'")
        if marked:
            start -= len(before) - max(before.rfind(mark) for mark in _OPEN)
            end += 1 + next(place for place, char in enumerate(after) if char in "\"”“»’'")
        if marked or stop - begin >= LONG:
            number = int(page.numbers[copies.word_source[begin]])
            found.append(Quote(start, min(end, int(page.ends[at])), number))
    return found
