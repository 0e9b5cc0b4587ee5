"""What comes back on a page with every comment is furniture, whatever its words: buttons, badges, and author lines around a date.

A line says little alone. But a page was made by a program that prints the same around each comment, so lines that recur in the same place,
and dated lines of one pattern, give the program away (the idea of wrapper induction; Kushmerick 1997, Liu et al. 2003).
"""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import pairwise, takewhile

from moderation.segmenter.dates import find_date, to_iso
from moderation.segmenter.noise import BUTTONS, META, TEXT, Noise, is_name, read_noise

__all__ = ["read_page_noise", "shape_of"]

FEWEST = 3
"""Lines of one pattern, and dates on a page, from which on recurrence tells anything."""

DOMINANT = 0.9
"""The share of one line among all that stand in its place; names stand in one place too, but seldom the same one nearly always."""

CONSTANT = 0.8
"""The share of comments with which a line comes back that is the page's."""

_LONGEST_PATTERN, _LONGEST_NAME, _LONGEST_SHAPE = 120, 60, 160
_LIKERS = re.compile(r"^\W*(?:reactions|likes|liked by|thanked by)\s*:$", re.IGNORECASE)
_BY = re.compile(r"^(?:posted |comment(?:ed)? |written |submitted )?(?:by|von|par|por)\s*:?\s+", re.IGNORECASE)
_SUBJECT = re.compile(r"^(?:re|aw|sv|antw)\s*:", re.IGNORECASE)
_LARGE = re.compile(r"^\s*\d{4,6}\s*$")
_MEMBERSHIP = frozenset({"joined", "join date", "member since", "registered"})
_STOPS = (".", "!", "?", "…")
_STUCK = re.compile(r"([^\W\d]\d*?)((?:[12]\d|3[01]|0?[1-9])\.? [^\W\d_]{3,} (?:19|20)\d\d\b)")
_NAME_END = re.compile(r"\s*[(|·•»>▶›→\[]|\s{2,}|\s+[+\-−]?\d")
_ANSWERED = re.compile(r"(?:\s{2,}|\s*[>▶›→]\s*)(\S.{0,40})$")
_SIGNS = " ·•|,-–—:(@#»[]"


def read_page_noise(lines: Sequence[str]) -> list[Noise]:
    """What every line of a page is: by its own words (`read_noise`), by the pattern of its dated lines, and by what recurs around dates."""
    known = {line: read_noise(line) for line in set(lines)}
    noise = [known[line] for line in lines]
    _read_patterns(lines, noise)
    if sum(item.time is not None for item in noise) >= FEWEST:
        _forget_membership(lines, noise)
        _mark_likers(lines, noise)
        _mark_counts(lines, noise)
        _mark_subjects(lines, noise)
        _mark_initials(lines, noise)
        for _ in range(3):
            if not _mark_recurring(lines, noise):
                break
    return noise


def shape_of(line: str) -> str:
    """The line in lower case, with every number a 0.

    >>> shape_of("View 12 Replies")
    'view 0 replies'
    """
    return re.sub(r"\d+(?:[.,]\d+)*", "0", line.strip().casefold())


def _read_patterns(lines: Sequence[str], noise: list[Noise]) -> None:
    """Dated lines that end alike: what stands before the date, less what they share, is the author ("Comment posted by …, at 09:14")."""
    found: defaultdict[str, list[tuple[int, str, str]]] = defaultdict(list)
    for at, line in enumerate(lines):
        named = noise[at].author and noise[at].time
        if not (named or noise[at].kind == TEXT) or len(line) > _LONGEST_PATTERN or line.endswith(_STOPS):
            continue
        parted = _STUCK.sub(r"\1 \2", line, count=1)
        date = find_date(parted)
        if date is not None and len(ending := parted[date.end() :]) <= _LONGEST_NAME:
            found["" if read_noise(ending).kind == BUTTONS else shape_of(ending)].append(
                (at, parted[: date.start()], date[0])
            )
    for members in found.values():
        if len(members) >= FEWEST:
            _read_authors(members, noise)


def _read_authors(members: Sequence[tuple[int, str, str]], noise: list[Noise]) -> None:
    masked = [re.sub(r"\d", "0", before) for _, before, _ in members]
    alone = len(set(masked)) == 1
    head = "" if alone else re.sub(r"\w+$", "", _share_start(masked))
    tail = "" if alone else re.sub(r"^\w+", "", _share_start([before[len(head) :][::-1] for before in masked])[::-1])
    owned = [before[len(head) : len(before) - len(tail)] for _, before, _ in members]
    if alone and not _BY.match(owned[0].strip(_SIGNS)):
        owned = [""] * len(members)
    towns = 2 * sum("," in own for own in owned) > len(owned)
    names = [_clean_name(own, towns) for own in owned]
    good = [
        (is_name(name, 5) or is_name(name, 3, placed=True)) and len(own) <= _LONGEST_NAME
        for name, own in zip(names, owned, strict=True)
    ]
    sure = sum(is_name(name, 4) for name in names)
    if any(names) and (sum(good) < 0.8 * len(names) or sure < 0.5 * len(names)):
        return
    for (at, _, date), name, usable, own in zip(members, names, good, owned, strict=True):
        answers = _ANSWERED.search(own)
        author = name if usable else noise[at].author
        noise[at] = Noise(META, author, to_iso(date), answers[1].strip(_SIGNS) if answers else None)


def _clean_name(own: str, towns: bool) -> str:
    """The name in what varies: without points, a town or another name behind it."""
    name = _NAME_END.split(_BY.sub("", own.strip(_SIGNS)), maxsplit=1)[0]
    return (name.split(",")[0] if towns else name).strip(_SIGNS)


def _share_start(texts: Sequence[str]) -> str:
    """The letters with which all texts begin."""
    columns = takewhile(lambda column: len(set(column)) == 1, zip(*texts, strict=False))
    return "".join(column[0] for column in columns)


def _forget_membership(lines: Sequence[str], noise: list[Noise]) -> None:
    """The date below "Joined" is none of the comment's."""
    for at, (above, item) in enumerate(zip(lines, noise[1:], strict=False)):
        if item.time and above.strip(" :").casefold() in _MEMBERSHIP:
            noise[at + 1] = item._replace(time=None)


def _mark_likers(lines: Sequence[str], noise: list[Noise]) -> None:
    """ "Reactions:" and the names below it."""
    for at, line in enumerate(lines[:-1]):
        if _LIKERS.match(line):
            noise[at : at + 2] = [Noise(BUTTONS)] * 2


def _mark_counts(lines: Sequence[str], noise: list[Noise]) -> None:
    """A number beside buttons counts something; four digits alone might be a year."""
    for at, line in enumerate(lines):
        near = noise[max(at - 1, 0) : at + 2]
        if noise[at].kind == TEXT and _LARGE.match(line) and any(item.kind == BUTTONS for item in near):
            noise[at] = Noise(BUTTONS)


def _mark_subjects(lines: Sequence[str], noise: list[Noise]) -> None:
    """ "Re: …" right above a date, as forums print it."""
    for at, line in enumerate(lines[:-1]):
        if noise[at].kind == TEXT and noise[at + 1].time and len(line) <= _LONGEST_PATTERN and _SUBJECT.match(line):
            noise[at] = Noise(BUTTONS)


def _mark_initials(lines: Sequence[str], noise: list[Noise]) -> None:
    """A letter alone above a name that begins with it stands for a picture."""
    places = [
        at
        for at, line in enumerate(lines[:-1])
        if len(line) == 1
        and noise[at].kind == TEXT
        and lines[at + 1][:1].casefold() == line.casefold() != lines[at + 1].casefold()
    ]
    if len(places) >= 2:
        for at in places:
            noise[at] = Noise(BUTTONS)


def _mark_recurring(lines: Sequence[str], noise: list[Noise]) -> bool:
    """Mark short lines that mostly stand alone in their place: below or above the same kind of furniture."""
    keys = [_key(line, item) for line, item in zip(lines, noise, strict=True)]
    shapes = {
        at: shape_of(line) for at, line in enumerate(lines) if noise[at].kind == TEXT and len(line) <= _LONGEST_SHAPE
    }
    marked: set[str] = set()
    for step in (-1, 1):
        slots: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for at in range(max(-step, 0), len(lines) - max(step, 0)):
            beside = keys[at + step]
            if noise[at].kind == TEXT and beside is not None:
                slots[beside][shapes.get(at, "\0words")] += 1
        for counts in slots.values():
            shape, count = counts.most_common(1)[0]
            if shape != "\0words" and count >= FEWEST and count >= DOMINANT * counts.total():
                marked.add(shape)
    marked |= _find_constant(shapes, noise)
    marked -= _find_only_words(shapes, noise, marked)
    for at, shape in shapes.items():
        if shape in marked:
            noise[at] = Noise(BUTTONS)
    return bool(marked)


def _find_constant(shapes: dict[int, str], noise: Sequence[Noise]) -> set[str]:
    """Those that stand between most dates, but not right above the second one, where names stand."""
    dated = [at for at, item in enumerate(noise) if item.time]
    counts = Counter(
        shape
        for start, end in pairwise(dated)
        for shape in {shapes[at] for at in range(start + 1, end - 1) if at in shapes}
    )
    return {shape for shape, count in counts.items() if count >= max(FEWEST, CONSTANT * (len(dated) - 1))}


def _find_only_words(shapes: dict[int, str], noise: Sequence[Noise], marked: set[str]) -> set[str]:
    """Those that are often all the words between two dates, but for a name above the second: many have said the same."""
    dated = [at for at, item in enumerate(noise) if item.time]
    named = sum(noise[at - 1].kind == TEXT for at in dated[1:]) >= 0.8 * len(dated[1:])
    seen, alone = Counter[str](), Counter[str]()
    for start, end in pairwise(dated):
        words = {shapes.get(at, "") for at in range(start + 1, end - named) if noise[at].kind == TEXT}
        seen.update(words & marked)
        alone.update(words if words <= marked else set())
    return {shape for shape in marked if 5 * alone[shape] >= seen[shape] > 0}


def _key(line: str, item: Noise) -> str | None:
    """What a line of furniture is called where it makes the place of its neighbours; None for words."""
    if item.kind == TEXT:
        return None
    if item.time:
        return "\0date"
    return "\0name" if item.author or len(line) == 1 else shape_of(line)
