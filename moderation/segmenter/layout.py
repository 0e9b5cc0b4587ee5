"""Comments as author lines and buttons part them: `Record`, what is trimmed off a record, and `Layout`, which the page becomes."""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from typing import NamedTuple

from moderation.segmenter.noise import TEXT, Noise, is_name
from moderation.segmenter.recurrence import shape_of

__all__ = [
    "DEEPEST",
    "FEWEST",
    "Layout",
    "Record",
    "Run",
    "are_fields",
    "find_bylines",
    "find_usual",
    "lay_out",
    "name_first",
    "trim",
]

FEWEST = 2
"""Separators with an author or a date that make a page a structured one; more records than these have something usual."""

DEEPEST, LONGEST_FIELD = 4, 60
"""Lines above a date that may belong to the head (name, whom it answers, town, calling), and how long one may be."""

USUAL = 0.6
"""The share of comments around which a line stands that is the page's and not theirs."""

LONGEST_LOOSE = 25
"""Words of a line that stands between a foot and the next head and is no comment."""

LONGEST_LABEL, SHORTEST_SENTENCE = 12, 6
"""Words of the longest line that can be a label, and of the shortest one that is a sentence where it ends with a stop."""

Run = tuple[int, int]
"""Lines `[start, end)`."""


class Layout(NamedTuple):
    """What the separators say: lines (indices) that open a comment, lines that are noise; by opening line author, time, whom it answers.

    `above` is the number of lines above the first that belong to the first head: a page without heading is taken to begin at a date.
    """

    structured: bool
    openers: tuple[int, ...]
    noise: frozenset[int]
    authors: dict[int, str]
    times: dict[int, str]
    answers: dict[int, str]
    above: int = 0


class Record(NamedTuple):
    """A comment between its head and its foot: words in lines `[start, end)`, and what the head tells."""

    start: int
    end: int
    author: str | None
    time: str | None
    answers: str | None = None


def find_bylines(kinds: Sequence[int], first: int) -> list[Run]:
    """Runs `[start, end)` of lines that are not words, from line `first` on."""
    runs: list[Run] = []
    start = None
    for at in range(first, len(kinds) + 1):
        inside = at < len(kinds) and kinds[at] != TEXT
        if inside and start is None:
            start = at
        elif not inside and start is not None:
            runs.append((start, at))
            start = None
    return runs


def are_fields(lines: Sequence[str]) -> bool:
    """Might these lines be a name, a town, a title: few, short and no sentences."""
    return len(lines) <= DEEPEST and all(
        len(line) <= LONGEST_FIELD
        and len(line.split()) <= 8
        and (not line.rstrip().removesuffix("...").endswith((".", "!", "?", ",")) or is_name(line, 4))
        for line in lines
    )


def find_usual(found: Sequence[Collection[str]], share: float) -> frozenset[str]:
    """What occurs in at least a share of the sets, and in FEWEST + 1 of them at least."""
    counts = Counter(shape for shapes in found for shape in shapes)
    return frozenset(shape for shape, count in counts.items() if count > max(FEWEST, share * len(found)))


def trim(lines: Sequence[str], records: list[Record]) -> list[Record]:
    """The records without what the page prints around the words of most: a subject above, a name or a town above or below."""
    for _ in range(DEEPEST):
        long = [record for record in records if record.end - record.start > 1]
        openings = find_usual([_list_label(lines[record.start]) for record in long], USUAL)
        closings = find_usual([_list_label(lines[record.end - 1]) for record in long], USUAL)
        headed = (
            len(records) > FEWEST
            and len(long) >= 0.95 * len(records)
            and sum(are_fields([lines[record.start]]) for record in long) >= 0.95 * len(records)
        )
        signed = sum(lines[record.end - 1] == record.author for record in long) > max(FEWEST, USUAL * len(long))
        unnamed = 2 * sum(record.author is None for record in records) > len(records)
        trimmed = [_trim_record(lines, record, openings, closings, headed, signed, unnamed) for record in records]
        if trimmed == records:
            break
        records = trimmed
    return records


def _list_label(line: str) -> list[str]:
    """The shape of a line that is no more than a label; a sentence that all comments hold is what many have pasted."""
    words = len(line.split())
    sentence = words > LONGEST_LABEL or (words >= SHORTEST_SENTENCE and re.search(r"[.!?…]\W*$", line))
    return [] if sentence else [shape_of(line)]


def _trim_record(
    lines: Sequence[str],
    record: Record,
    openings: frozenset[str],
    closings: frozenset[str],
    headed: bool,
    signed: bool,
    unnamed: bool,
) -> Record:
    if record.end - record.start < 2:
        return record
    opening, closing = lines[record.start], lines[record.end - 1]
    if headed and are_fields([opening]):
        named = unnamed and is_name(opening, 5)
        return record._replace(start=record.start + 1, author=opening if named else record.author)
    if shape_of(opening) in openings:
        return record._replace(start=record.start + 1)
    if (signed and closing == record.author) or shape_of(closing) in closings:
        return record._replace(end=record.end - 1)
    return record


def lay_out(
    lines: Sequence[str], noise: Sequence[Noise], records: list[Record], loose: list[Run], first: int
) -> Layout:
    """Records, furniture at their ends left out, as a layout; `loose` runs open comments where they are too long for furniture."""
    kept = [_bare_ends(noise, record) for record in records]
    kept = _drop_ends(lines, [record for record in kept if record.start < record.end])
    extra = [run for run in loose if not _is_loose(lines, run, first)]
    openers = sorted([*(record.start for record in kept), *(run[0] for run in extra)])
    told = {at for record in kept for at in range(record.start, record.end)} | {
        at for run in extra for at in range(*run)
    }
    return Layout(
        True,
        tuple(openers),
        frozenset(range(first, len(lines))) - told,
        {record.start: record.author for record in kept if record.author},
        {record.start: record.time for record in kept if record.time},
        {record.start: record.answers for record in kept if record.answers},
    )


def _bare_ends(noise: Sequence[Noise], record: Record) -> Record:
    words = [at for at in range(record.start, record.end) if noise[at].kind == TEXT]
    return record._replace(start=words[0], end=words[-1] + 1) if words else record._replace(end=record.start)


def _drop_ends(lines: Sequence[str], records: list[Record]) -> list[Record]:
    """Records without menus, forms and posts above the first and below the last comment: short lines of nobody where others have a head."""
    for end, others in ((0, slice(1, None)), (-1, slice(None, -1))):
        if len(records) <= FEWEST:
            break
        last, rest = records[end], records[others]
        named = last.end - last.start > 1 and sum(record.author is not None for record in rest) > 0.9 * len(rest)
        headed = 4 * sum(record.author is not None or record.time is not None for record in rest) >= 3 * len(rest)
        menu = all(are_fields([line]) for line in lines[last.start : last.end])
        if menu and not last.author and (named or (headed and not last.time)):
            records = rest
    return records


def _is_loose(lines: Sequence[str], run: Run, first: int) -> bool:
    """Are these words outside all frames furniture; on a page that begins with them, a sentence may be the end of a comment."""
    if run[0] == first == 0:
        return all(are_fields([line]) for line in lines[run[0] : run[1]])
    return all(len(line.split()) <= LONGEST_LOOSE for line in lines[run[0] : run[1]])


def name_first(lines: Sequence[str], layout: Layout, first: int, most: int) -> Layout:
    """The layout with the first comment named by up to `most` lines above the first one, where they look like its head."""
    if not layout.openers or layout.openers[0] in layout.authors:
        return layout
    for size in range(min(most, first), 0, -1):
        top = first - size
        if are_fields(lines[top:first]) and is_name(lines[top], 5):
            return layout._replace(authors={layout.openers[0]: lines[top], **layout.authors}, above=size)
    return layout
