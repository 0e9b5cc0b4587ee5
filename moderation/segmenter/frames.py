"""Pages that print a head with a date above each comment and a foot of buttons below it: what stands between foot and head is no comment.

Heads are found first, by their dates; the buttons that usually follow are feet; and how many lines of words usually stand between a foot
and the next date tells which of them are author, town or title.
"""

import math
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import count, groupby, pairwise
from statistics import multimode

from moderation.segmenter.layout import (
    FEWEST,
    Layout,
    Record,
    Run,
    are_fields,
    find_usual,
    lay_out,
    name_first,
    trim,
)
from moderation.segmenter.noise import META, TEXT, Noise, is_name

__all__ = ["read_frames"]

FRAMED = 0.6
"""The share of heads that a foot must follow."""

COMMON = 0.3
"""The share of feet that a button must stand in to tell a foot."""

DOUBLE = 0.7
"""The share of dates that stand in pairs where a head prints two."""

FEWEST_WORDS = 3
"""Words between two feet that are a comment whose head was not recognised."""


def read_frames(lines: Sequence[str], noise: Sequence[Noise], separators: list[Run], first: int) -> Layout | None:
    """The layout of a page that prints a dated head above each comment and a foot below it; None if it does not."""
    separators = [part for run in separators for part in _split_foot(noise, run)]
    heads = _find_heads(lines, noise, separators)
    if len(heads) < FEWEST:
        return None
    below = [
        _list_between(separators, head[1], stop) for head, stop in zip(heads, _next_starts(heads, lines), strict=True)
    ]
    usual = find_usual([_read_buttons(lines, runs[0]) for runs in below if runs], COMMON)
    usual = usual - {""} or usual
    feet = [[run for run in runs if not usual.isdisjoint(_read_buttons(lines, run))] for runs in below]
    if sum(map(bool, feet)) < max(FEWEST, FRAMED * len(heads)) and all(head in separators for head in heads):
        return None
    records, loose, size = _part(lines, noise, heads, feet, first)
    headless = _find_headless(lines, _list_between(separators, first, heads[0][0]), usual, first)
    loose = [run for run in loose if run not in {record[:2] for record in headless}]
    records = [*headless, *records]
    between = [run for run in loose if heads[0][0] < run[0] and run[1] < len(lines)]
    if _count_words(lines, [record[:2] for record in records]) < 2 * _count_words(lines, between):
        return None  # the date stands below the words
    return name_first(lines, lay_out(lines, noise, trim(lines, records), loose, first), first, size)


def _split_foot(noise: Sequence[Noise], run: Run) -> list[Run]:
    """A separator in two where the foot of one comment touches the head of the next, which begins with an author."""
    start, end = run
    named = next(
        (at for at in range(start, end) if noise[at].kind == META and (noise[at].author or not noise[at].time)), start
    )
    before, after = (any(noise[at].time for at in range(*part)) for part in ((start, named), (named, end)))
    return [(start, named), (named, end)] if start < named and after and not before else [run]


def _find_heads(lines: Sequence[str], noise: Sequence[Noise], separators: list[Run]) -> list[Run]:
    """Separators with a date, joined to the next over a few short lines where most of them can be (date, name, town, date)."""
    dated = [any(noise[at].time for at in range(*run)) for run in separators]
    near = [
        place
        for place, (run, below) in enumerate(pairwise(separators))
        if dated[place] and are_fields(lines[run[1] : below[0]])
    ]
    wording = [{_count_letters(lines[at]) for at in range(*run) if noise[at].time} for run in separators]
    joined = {place for place in near if dated[place + 1] and wording[place].isdisjoint(wording[place + 1])}
    if 2 * sum(math.ceil(length / 2) for length in _chain_lengths(joined)) < DOUBLE * sum(dated):
        joined = set()
    onward = [place for place in near if not dated[place + 1]]
    if len(onward) >= max(FEWEST, 0.8 * sum(dated)):
        ends = [*(run[0] for run in separators[1:]), len(lines)]
        here, there = (
            _count_words(lines, [(separators[place][1], ends[place]) for place in places])
            for places in (onward, [place + 1 for place in onward])
        )
        joined |= set(onward) if there > 2 * here else set()
    longest = max(multimode(_chain_lengths(joined)), default=0)
    heads: list[Run] = []
    place = 0
    while place < len(separators):
        last = place
        while last in joined and last + 1 < len(separators) and last - place < longest:
            last += 1
        if any(dated[place : last + 1]):
            heads.append((separators[place][0], separators[last][1]))
        place = last + 1
    return heads


def _count_letters(line: str) -> int:
    """Words of letters in a dated line: those of one kind have as many, but for the names in them."""
    return len(re.findall(r"[^\W\d_]+", line))


def _chain_lengths(joined: set[int]) -> list[int]:
    """How many separators in a row are joined to the next, for each such row; longer ones than usual have a short comment in them."""
    return [
        next(length for length in count(1) if place + length not in joined)
        for place in joined
        if place - 1 not in joined
    ]


def _next_starts(heads: list[Run], lines: Sequence[str]) -> list[int]:
    return [*(head[0] for head in heads[1:]), len(lines)]


def _list_between(separators: list[Run], start: int, end: int) -> list[Run]:
    return separators[bisect_left(separators, (start, start)) : bisect_left(separators, (end, end))]


def _read_buttons(lines: Sequence[str], run: Run) -> set[str]:
    """The words of each line of a separator, without counts and signs."""
    return {" ".join(re.findall(r"[^\W\d_]+", lines[at].casefold())) for at in range(*run)}


def _count_words(lines: Sequence[str], runs: Iterable[Run]) -> int:
    return sum(len(lines[at].split()) for run in runs for at in range(*run))


def _part(
    lines: Sequence[str], noise: Sequence[Noise], heads: list[Run], feet: list[list[Run]], first: int
) -> tuple[list[Record], list[Run], int]:
    """The records; runs of words in none (above the first head, between a foot and the next head); lines of a head above its date."""
    tops = [first, *(found[-1][1] if found else head[1] for head, found in zip(heads, feet, strict=True))]
    sizes = _usual_sizes(
        noise, [range(top, head[0]) for top, head, found in zip(tops[1:], heads[1:], feet, strict=False) if found]
    )
    pictured = frozenset(item.author for item in noise if item.author and not item.time)
    records: list[Record] = []
    loose: list[Run] = []
    for place, head in enumerate(heads):
        region = range(tops[place], head[0])
        closed = bool(feet[place - 1]) if place else sum(noise[at].kind == TEXT for at in region) <= sizes[1]
        fields = _choose_fields(lines, noise, region, sizes, closed)
        record = _read_head(lines, noise, fields, head, pictured)
        end = feet[place][0][0] if feet[place] else heads[place + 1][0] if place + 1 < len(heads) else len(lines)
        if place and not closed:
            if not fields and sizes[0] and record.author is None:
                records[-1] = records[-1]._replace(end=end)
                continue  # a date among the words
            records[-1] = records[-1]._replace(end=fields[0] if fields else head[0])
            if records[-1].start >= records[-1].end:
                empty = records.pop()
                record = record._replace(author=record.author or empty.author, answers=record.answers or empty.answers)
        else:
            loose.extend(_list_words(noise, tops[place], fields[0] if fields else head[0]))
        records.append(record._replace(end=end))
        headless = [(above[1], below[0]) for above, below in pairwise(feet[place])]
        records.extend(Record(*run, None, None) for run in headless if _count_words(lines, [run]) >= FEWEST_WORDS)
    if feet[-1]:
        loose.extend(_list_words(noise, tops[-1], len(lines)))
    return records, loose, sizes[1]


def _find_headless(lines: Sequence[str], separators: list[Run], usual: frozenset[str], first: int) -> list[Record]:
    """Sentences above the first head that a foot closes: comments whose own heads were not recognised."""
    tops = [first, *(run[1] for run in separators)]
    return [
        Record(top, foot[0], None, None)
        for top, foot in zip(tops, separators, strict=False)
        if top < foot[0] and not usual.isdisjoint(_read_buttons(lines, foot)) and not are_fields([lines[foot[0] - 1]])
    ]


def _usual_sizes(noise: Sequence[Noise], regions: Sequence[range]) -> tuple[int, int]:
    """How many lines of words stand between a foot and the next date: the fewest and the most that a fifth of the comments have."""
    counts = Counter(sum(noise[at].kind == TEXT for at in region) for region in regions)
    usual = [size for size, found in counts.items() if 5 * found >= len(regions)]
    return min(usual, default=0), max(usual, default=0)


def _choose_fields(
    lines: Sequence[str], noise: Sequence[Noise], region: range, sizes: tuple[int, int], closed: bool
) -> list[int]:
    """The lines above a date that belong to its head: as many as usual, and where no foot parts them from the words above the fewest."""
    words = [at for at in region if noise[at].kind == TEXT]
    fewest, most = sizes
    if closed:
        fields = words[-most:] if most else []
    else:
        fields = words[-fewest:] if 0 < fewest <= len(words) else []
        if fields != list(range(region.stop - len(fields), region.stop)):
            return []
    return fields if are_fields([lines[at] for at in fields]) else []


def _read_head(
    lines: Sequence[str], noise: Sequence[Noise], fields: list[int], head: Run, pictured: frozenset[str]
) -> Record:
    """A record without words: the author is one with a picture, or else named beside the last date, or atop, or anywhere in the head."""
    own = range(*head)
    dated = [at for at in own if noise[at].time]
    beside = next((noise[at].author for at in reversed(dated) if noise[at].author), None)
    named = [lines[at] for at in (*fields, *own) if noise[at].kind == TEXT and is_name(lines[at], 5, placed=True)]
    anywhere = next((noise[at].author for at in own if noise[at].author), None)
    author = next((name for name in named if name in pictured), None) or beside or next(iter(named), None) or anywhere
    other = next((name for name in named if name != author), None)
    answers = next((noise[at].answers for at in own if noise[at].answers), other)
    return Record(head[1], head[1], author, noise[dated[-1]].time if dated else None, answers)


def _list_words(noise: Sequence[Noise], start: int, end: int) -> list[Run]:
    """Runs of words in `[start, end)`."""
    parts = groupby(range(start, end), key=lambda at: noise[at].kind == TEXT)
    runs = [list(part) for words, part in parts if words]
    return [(run[0], run[-1] + 1) for run in runs]
