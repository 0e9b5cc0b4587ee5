"""Pages that were copied with their author lines, dates and buttons: there the page itself says where comments begin.

A run of such lines is a separator. Where a page prints a head above and a foot below each comment, `frames` reads it. Else every separator
opens a comment, and its names and dates go to the comment before or after it, whichever way round this page prints them.
"""

from collections.abc import Sequence

from moderation.segmenter.frames import read_frames
from moderation.segmenter.layout import FEWEST, Layout, Record, Run, find_bylines, lay_out, name_first, trim
from moderation.segmenter.noise import META, TEXT, Noise, is_name

__all__ = ["read_layout"]

SPARSEST = 16
"""The most lines of words for one separator: a date or two in a long thread are somebody's words, or part of what they quote."""


def read_layout(lines: Sequence[str], noise: Sequence[Noise], first: int) -> Layout:
    """The layout of the comments, which begin at line `first` or below it; linear in the lines."""
    kinds = [item.kind for item in noise]
    separators = find_bylines(kinds, first)
    telling = [run for run in separators if any(kinds[at] == META or noise[at].time for at in range(*run))]
    content = sum(1 for at in range(first, len(lines)) if kinds[at] == TEXT)
    furniture = len(separators) >= 3 and len(separators) * 8 >= content  # Like / Reply under every comment
    if (len(telling) < FEWEST or len(telling) * SPARSEST < content) and not furniture:
        hidden = frozenset(at for run in separators for at in range(*run))
        return Layout(False, (), hidden, {}, {}, {})
    return read_frames(lines, noise, separators, first) or _read_separators(lines, noise, separators, first)


def _read_separators(lines: Sequence[str], noise: Sequence[Noise], separators: list[Run], first: int) -> Layout:
    """Every separator opens a comment."""
    names = _find_bare_names(lines, noise, separators, first)
    separators = find_bylines([META if at in names else item.kind for at, item in enumerate(noise)], first)
    hidden = {at for run in separators for at in range(*run)}
    openers = sorted(
        {end for _, end in separators if end < len(lines)}
        | ({first} if first < len(lines) and first not in hidden else set())
    )
    authors, times = _attribute(noise, names, separators, openers, first)
    closes = {run[0] for run in separators}
    ends = [
        next(at for at in range(start + 1, len(lines) + 1) if at in closes or at == len(lines)) for start in openers
    ]
    answers = {end: item.answers for start, end in separators for item in noise[start:end] if item.answers}
    records = [
        Record(start, end, authors.get(start), times.get(start), answers.get(start))
        for start, end in zip(openers, ends, strict=True)
    ]
    layout = lay_out(lines, noise, trim(lines, records), [], first)
    named_above = sum(at + 1 in hidden and at + 1 not in names for at in names)
    return name_first(lines, layout, first, 1 if names and 2 * named_above > len(names) else 0)


def _find_bare_names(
    lines: Sequence[str], noise: Sequence[Noise], separators: list[tuple[int, int]], first: int
) -> dict[int, str]:
    """Lines that are nothing but a name, known by standing next to a date or buttons where no other line names the author."""
    dated = [
        run for run in separators if any(noise[at].kind == META or noise[at].time for at in range(*run))
    ] or separators
    above = [run for run in dated if run[0] > first and _is_bare(lines, noise, run[0] - 1)]
    below = [run for run in dated if run[1] + 1 < len(lines) and _is_bare(lines, noise, run[1])]
    sure = [sum(is_name(lines[run[0] - 1], 4) for run in above), sum(is_name(lines[run[1]], 4) for run in below)]
    above, below = (runs if 2 * count >= len(runs) else [] for runs, count in zip((above, below), sure, strict=True))
    nameless = [run for run in dated if not any(noise[at].author for at in range(*run))]
    names: dict[int, str] = {}
    if 2 * len(nameless) < len(dated):
        if (
            first < len(lines)
            and first not in {run[0] for run in separators}
            and _is_bare(lines, noise, first)
            and len(lines) > first + 1
        ):
            names[first] = lines[first]  # the others are named in their separators, the first has only its name left
        return names
    chosen, side = (above, -1) if len(above) >= len(below) else (below, 0)
    if 3 * len(chosen) < 2 * len([run for run in nameless if run[0] > first]):
        return {}
    for run in chosen:
        if not any(noise[at].author for at in range(*run)):
            at = run[0] - 1 if side else run[1]
            names[at] = lines[at]
    if not side and first < len(lines) and noise[first].kind == TEXT and _is_bare(lines, noise, first):
        names[first] = lines[first]
    return names


def _is_bare(lines: Sequence[str], noise: Sequence[Noise], at: int) -> bool:
    return noise[at].kind == TEXT and is_name(lines[at], 4, placed=True)


def _attribute(
    noise: Sequence[Noise], names: dict[int, str], separators: list[tuple[int, int]], openers: list[int], first: int
) -> tuple[dict[int, str], dict[int, str]]:
    """Authors and times by opening line: a date above its author's name, or after the last comment, belongs to the comment before."""
    authors: dict[int, str] = {}
    times: dict[int, str] = {}
    trailing = _dates_trail(noise, names, separators, first)
    previous = first if first in openers else None
    for start, end in separators:
        following = end if end in openers else None
        for at in range(start, end):
            author, time = names.get(at) or noise[at].author, noise[at].time
            owner = previous if trailing else following
            if time and owner is not None and (owner not in times or not trailing):
                times[owner] = time
            named = owner if time else following
            if author and named is not None and (named not in authors or time):
                authors[named] = author
        previous = following if following is not None else previous
    return authors, times


def _dates_trail(noise: Sequence[Noise], names: dict[int, str], separators: list[tuple[int, int]], first: int) -> bool:
    """Does this page print the date after the comment? What the page begins and ends with tells; else each separator with both votes."""
    dated = [run for run in separators if any(noise[at].time for at in range(*run))]
    opens_dated = bool(dated) and dated[0][0] <= first
    ends_dated = bool(dated) and dated[-1][1] >= len(noise)
    if opens_dated != ends_dated:
        return ends_dated
    votes = 0
    for start, end in separators:
        dates = [at for at in range(start, end) if noise[at].time]
        authors = [at for at in range(start, end) if names.get(at) or noise[at].author]
        if dates and authors and dates[0] != authors[0]:
            votes += 1 if dates[-1] < authors[0] else -1
    return votes > 0
