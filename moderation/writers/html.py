"""A report for people: one HTML page of cards, with quotes, reasons and hidden characters shown; it loads nothing and runs nothing.

Comments are untrusted: every text is escaped, the page forbids itself scripts and outside files, and characters that cannot be seen or that
turn the direction of writing are shown by name. What is hidden by the buttons at the top is hidden by style sheet alone.
"""

import json
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from html import escape
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from moderation.records import Reason, Score
from moderation.writers.columns import Columns, mend
from moderation.writers.jsonl import copy

__all__ = ["join", "write"]

FLAGS = ("hostile", "conspiracy")
STRENGTHS = (0.15, 0.4, 1.0)
"""Shares of a head's logit from which a word is shaded lightly, clearly and strongly."""

_TOTALS = b"<!-- totals "
_TAIL = 4096
_JOINERS = "\u200c\u200d"
"""Unseen, but what emoji and some scripts are made with."""


def write(chunks: Iterable[Sequence[Score]], stream: BinaryIO, columns: Columns) -> None:
    """Write a page with one card for each score, and below them the totals, which the style sheet puts on top."""
    totals: Counter[str] = Counter()
    stream.write(_head())
    for chunk in chunks:
        stream.write("".join(_card(mend(score), columns) for score in chunk).encode())
        stream.flush()
        for score in chunk:
            totals.update(["comments", score.action, *score.flags])
    stream.write(_foot(totals))


def join(parts: Iterable[Path], stream: BinaryIO, columns: Columns) -> None:
    """One page from several: their cards in order, and their totals added."""
    totals: Counter[str] = Counter()
    stream.write(_head())
    for part in parts:
        end, found = _read_totals(part)
        totals.update(found)
        copy(part, stream, skip=len(_head()), stop=end)
    stream.write(_foot(totals))


@cache
def _head() -> bytes:
    return files("moderation.writers").joinpath("report.html").read_bytes()


def _foot(totals: Counter[str]) -> bytes:
    names = ["comments", "review", *FLAGS, *sorted(set(totals) - {"comments", "review", "approve", *FLAGS})]
    shown = "".join(f"<dt>{escape(name)}</dt><dd>{totals[name]:,}</dd>" for name in names)
    kept = json.dumps(dict(sorted(totals.items()))).encode()
    return _TOTALS + kept + f" -->\n</main>\n<footer><dl>{shown}</dl></footer>\n</body>\n</html>\n".encode()


def _read_totals(part: Path) -> tuple[int, dict[str, int]]:
    """Where the cards of a page end, in bytes, and the totals that stand there."""
    size = part.stat().st_size
    with part.open("rb") as source:
        source.seek(max(size - _TAIL, 0))
        tail = source.read()
    at = tail.rindex(_TOTALS)
    return size - len(tail) + at, json.loads(tail[at + len(_TOTALS) : tail.index(b" -->", at)])


def _card(score: Score, columns: Columns) -> str:
    classes = " ".join([score.action, *(flag for flag in score.flags if flag in FLAGS)])
    flags = "".join(f"<b>{escape(flag)}</b>" for flag in score.flags)
    meters = "".join(_meter(name, getattr(score, name)) for name in FLAGS)
    lists = [("stance", _stance(score)), *_fields(score, columns)]
    facts = "".join(f"<dt>{escape(name)}</dt><dd>{value}</dd>" for name, value in lists if value)
    return (
        f'<article id="{_anchor(score, score.id)}" class="{classes}">\n<header><i>{score.action}</i>{flags}{_source(score)}</header>\n'
        f'<p dir="auto">{_text(score)}</p>\n<div>{meters}</div>\n<dl>{facts}</dl>\n</article>\n'
    )


def _anchor(score: Score, id: str) -> str:
    return quote(f"{score.thread}/{id}", safe="")


def _source(score: Score) -> str:
    """Who wrote it, when, where it stands and what it answers."""
    parts = [f'<a href="#{_anchor(score, score.id)}">{_visible(score.id or "–")}</a>']
    if score.parent is not None:
        parts.append(f'answers <a href="#{_anchor(score, score.parent)}">{_visible(score.parent)}</a>')
    parts += [_visible(value) for value in (score.author, score.time) if value]
    if score.thread:
        parts.append(f"in {_visible(score.thread)}")
    return "".join(f"<span>{part}</span>" for part in parts)


def _meter(name: str, value: float | None) -> str:
    if value is None:
        return f"<label>{name} <span>not judged</span></label>"
    return f'<label>{name} <meter low="0.2" high="0.6" optimum="0" value="{value:.3f}"></meter> {value:.2f}</label>'


def _stance(score: Score) -> str:
    return ", ".join(
        f"{_visible(item.target)}: {item.label} ({getattr(item, item.label):.2f})"
        for item in score.stance
        if item.label
    )


def _fields(score: Score, columns: Columns) -> Iterator[tuple[str, str]]:
    if score.language not in (None, "en"):
        yield "language", _visible(str(score.language))
    if score.boundary is not None and score.boundary < 1:
        yield "a comment starts here", f"{score.boundary:.2f}"
    kept = score.kept if isinstance(score.kept, dict) else {}
    for name in columns.keep:
        if kept.get(name) is not None:
            yield name, _visible(str(kept[name]))


def _text(score: Score) -> str:
    """The text in pieces: quoted words in `q`, words that speak for or against a flag in `mark`."""
    reasons = _shaded(score)
    opening: dict[int, list[tuple[str, Reason]]] = {}
    for name, reason in reasons:
        opening.setdefault(reason.start, []).append((name, reason))
    edges = {0, len(score.text)}
    edges.update(edge for span in score.quotes for edge in (span.start, span.end))
    edges.update(edge for _, reason in reasons for edge in (reason.start, reason.end))
    cuts = sorted(edges)
    quotes = sorted(((span.start, span.end) for span in score.quotes), reverse=True)
    open_reasons: list[tuple[str, Reason]] = []
    quoted_until = 0
    pieces = []
    for start, end in pairwise(cuts):
        open_reasons = [item for item in open_reasons if item[1].end > start] + opening.get(start, [])
        while quotes and quotes[-1][0] <= start:
            quoted_until = max(quoted_until, quotes.pop()[1])
        piece = _mark(_visible(score.text[start:end]), open_reasons)
        pieces.append(f"<q>{piece}</q>" if quoted_until > start else piece)
    return "".join(pieces)


def _mark(piece: str, reasons: Sequence[tuple[str, Reason]]) -> str:
    if not reasons:
        return piece
    strongest = max((reason.weight for _, reason in reasons), key=abs)
    title = ", ".join(f"{name} {reason.weight:+.2f}" for name, reason in reasons)
    return f'<mark class="{_strength(strongest)}" title="{title}">{piece}</mark>'


def _shaded(score: Score) -> list[tuple[str, Reason]]:
    """The reasons that are shown: those of the flags that were raised, but faint ones; where none was, clear ones of both heads."""
    if not isinstance(score.reasons, dict):
        return []
    names = [name for name in FLAGS if name in score.flags]
    least = STRENGTHS[0] if names else STRENGTHS[1]
    return [
        (name, reason)
        for name in names or FLAGS
        for reason in score.reasons.get(name, ())
        if abs(reason.weight) >= least and reason.end > reason.start
    ]


def _strength(weight: float) -> str:
    return ("for" if weight > 0 else "against") + str(sum(abs(weight) >= least for least in STRENGTHS))


def _visible(text: str) -> str:
    """Escaped, with characters that cannot be seen or that turn the direction of writing shown by name."""
    return escape(text) if text.isprintable() else "".join(map(_show, text))


@lru_cache(4096)
def _show(char: str) -> str:
    if char.isprintable() or char in "\n\t\r" or char in _JOINERS or unicodedata.category(char) == "Zs":
        return escape(char)
    name = unicodedata.name(char, f"U+{ord(char):04X}")
    return f'<s title="{name}">◆</s>'
