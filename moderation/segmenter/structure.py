"""Pages that were copied with their author lines, dates and buttons: there the page itself says where comments begin.

A run of such lines is a separator. Where separators keep coming, each opens a comment, and its names and dates go to the comment
before or after it, whichever way round this page prints them.
"""

from collections.abc import Sequence
from typing import NamedTuple

from moderation.segmenter.noise import META, TEXT, Noise, is_name

__all__ = ["Layout", "find_bylines", "read_layout"]

FEWEST = 2
"""Separators with an author or a date that make a page a structured one …"""

SPARSEST = 16
"""… where there is one for so many lines of words: a date or two in a long thread are somebody's words, or part of what they quote."""


class Layout(NamedTuple):
    """What the separators say: lines (indices) that open a comment, lines that are noise, and author and time by opening line."""

    structured: bool
    openers: tuple[int, ...]
    noise: frozenset[int]
    authors: dict[int, str]
    times: dict[int, str]


def read_layout(lines: Sequence[str], noise: Sequence[Noise], first: int) -> Layout:
    """The layout of the comments, which begin at line `first` or below it; linear in the lines."""
    kinds = [item.kind for item in noise]
    separators = _find_separators(kinds, first)
    telling = [run for run in separators if any(kinds[at] == META or noise[at].time for at in range(*run))]
    content = sum(1 for at in range(first, len(lines)) if kinds[at] == TEXT)
    furniture = len(separators) >= 3 and len(separators) * 8 >= content  # Like / Reply under every comment
    if (len(telling) < FEWEST or len(telling) * SPARSEST < content) and not furniture:
        hidden = frozenset(at for run in separators for at in range(*run))
        return Layout(False, (), hidden, {}, {})
    names = _find_bare_names(lines, noise, separators, first)
    separators = _find_separators([META if at in names else kind for at, kind in enumerate(kinds)], first)
    hidden = frozenset(at for run in separators for at in range(*run))
    openers = sorted(
        {end for _, end in separators if end < len(lines)}
        | ({first} if first < len(lines) and first not in hidden else set())
    )
    authors, times = _attribute(noise, names, separators, openers, first)
    return Layout(True, tuple(openers), hidden, authors, times)


def find_bylines(kinds: Sequence[int], first: int) -> list[tuple[int, int]]:
    """Runs `[start, end)` of lines that are not words, from line `first` on."""
    return _find_separators(kinds, first)


def _find_separators(kinds: Sequence[int], first: int) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    start = None
    for at in range(first, len(kinds) + 1):
        inside = at < len(kinds) and kinds[at] != TEXT
        if inside and start is None:
            start = at
        elif not inside and start is not None:
            runs.append((start, at))
            start = None
    return runs


def _find_bare_names(
    lines: Sequence[str], noise: Sequence[Noise], separators: list[tuple[int, int]], first: int
) -> dict[int, str]:
    """Lines that are nothing but a name, known by standing next to a date or buttons where no other line names the author."""
    dated = [
        run for run in separators if any(noise[at].kind == META or noise[at].time for at in range(*run))
    ] or separators
    above = [run for run in dated if run[0] > first and _is_bare(lines, noise, run[0] - 1)]
    below = [run for run in dated if run[1] + 1 < len(lines) and _is_bare(lines, noise, run[1])]
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
    return noise[at].kind == TEXT and is_name(lines[at], 4)


def _attribute(
    noise: Sequence[Noise], names: dict[int, str], separators: list[tuple[int, int]], openers: list[int], first: int
) -> tuple[dict[int, str], dict[int, str]]:
    """Authors and times by opening line: a date above its author's name, or after the last comment, belongs to the comment before."""
    authors: dict[int, str] = {}
    times: dict[int, str] = {}
    trailing = _dates_trail(noise, names, separators, openers, first)
    previous = first if first in openers else None
    for start, end in separators:
        following = end if end in openers else None
        for at in range(start, end):
            author, time = names.get(at) or noise[at].author, noise[at].time
            if author and following is not None and following not in authors:
                authors[following] = author
            owner = previous if trailing else following
            if time and owner is not None and owner not in times:
                times[owner] = time
        previous = following if following is not None else previous
    return authors, times


def _dates_trail(
    noise: Sequence[Noise], names: dict[int, str], separators: list[tuple[int, int]], openers: list[int], first: int
) -> bool:
    """Does this page print the date after the comment? Each separator with both votes; else the first and last decide."""
    votes = 0
    for start, end in separators:
        dates = [at for at in range(start, end) if noise[at].time]
        authors = [at for at in range(start, end) if names.get(at) or noise[at].author]
        if dates and authors and dates[0] != authors[0]:
            votes += 1 if dates[-1] < authors[0] else -1
        elif dates and authors:
            votes -= 1
    if votes:
        return votes > 0
    dated = [run for run in separators if any(noise[at].time for at in range(*run))]
    opens_dated = bool(dated) and dated[0][0] <= first
    ends_dated = bool(dated) and dated[-1][1] >= len(noise)
    return ends_dated and not opens_dated
