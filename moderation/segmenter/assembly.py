"""`segment`: the steps of the segmenter in their order, and the records that come out."""

from collections.abc import Callable
from functools import cache, partial
from typing import NamedTuple

import numpy as np

from moderation.errors import InputError
from moderation.records import Comment, Span, Thread
from moderation.segmenter.article import Cut, find_end, find_furniture, find_title
from moderation.segmenter.boundaries import PLAUSIBLE, TOLD_THRESHOLD, follow_layout, judge, meet_count, score_lines
from moderation.segmenter.cues import measure, measure_alone
from moderation.segmenter.cut import LONGEST, guess_cut
from moderation.segmenter.layout import Layout
from moderation.segmenter.model import SegmenterModel, load_default
from moderation.segmenter.noise import Noise
from moderation.segmenter.page import Array, Page
from moderation.segmenter.quotes import Copies, find_copies, find_quotes
from moderation.segmenter.recurrence import read_page_noise
from moderation.segmenter.replies import choose_parents, measure_replies
from moderation.segmenter.rules import follow_rules, read_spacing
from moderation.segmenter.structure import read_layout

__all__ = ["Cuts", "segment", "segment_lines"]


NAMED = 0.95
"""The probability of a parent whose author the page names; set by hand, since it may be another comment of the same author."""


class Cuts(NamedTuple):
    """Where to cut, by line number (from 1): the lines that start comments, and the last line of the article (0: none)."""

    starts: tuple[int, ...]
    article: int


class _Reading(NamedTuple):
    page: Page
    alone: Callable[[], Array]
    copies: Copies
    cut: Cut
    layout: Layout


def segment(
    text: str,
    *,
    thread: str = "",
    model: SegmenterModel | None = None,
    cuts: Cuts | None = None,
    count: int | None = None,
) -> Thread:
    """Split a pasted page into its article and its comments.

    Every comment is a slice of `text`: `text[comment.start : comment.end] == comment.text`; author, date and button lines at its ends lie
    outside, and copied words are in `comment.quotes`. `model` is the shipped one unless given; without any, rules decide.
    `cuts` overrides where comments start, as a person has set it. Where a person knows `count`, that many comments come out, unless author
    lines say where each begins; a heading that tells it ("12 Comments") is believed as far as it is plausible. The same text always gives
    the same thread. Raises InputError where `count` comments do not fit.

    >>> page = "The bridge is closed.\\n2 Comments\\nAbout time, it was rotten.\\nNo it was not! I use it daily."
    >>> [comment.text for comment in segment(page).comments]
    ['About time, it was rotten.', 'No it was not! I use it daily.']
    """
    if not isinstance(text, str):
        raise TypeError(f"a page is a str, not {type(text).__name__}")
    page = Page(text)
    if not len(page):
        return Thread(id=thread)
    model = model or load_default()
    noise = read_page_noise(page.line_texts)
    copies = find_copies(page)
    alone = cache(partial(measure_alone, page, model.phrases if model else None))
    cut = _cut_by_hand(page, cuts) if cuts else _find_cut(page, noise, copies, alone, model)
    layout = read_layout(page.line_texts, noise, cut.comments)
    if cut.how == "structure":
        cut = cut._replace(article=cut.article - layout.above)
    reading = _Reading(page, alone, copies, cut, layout)
    chances = _start_chances(reading, model)
    if cuts:
        starts = _starts_by_hand(reading, chances, cuts)
    elif count is not None and not reading.layout.structured:
        chances, starts = _choose_likeliest(reading, chances, count)
    else:
        chances, threshold = _heed_heading(reading, chances, model)
        starts = _choose_starts(reading, chances, threshold)
    article = "\n".join(page.line_texts[: cut.article]) or None
    comments = _build(reading, chances, starts, model, thread)
    return Thread(id=thread, title=find_title(page.line_texts, cut.article), article=article, comments=comments)


def segment_lines(text: str, article: int, model: SegmenterModel) -> Array:
    """The chance that each line below the first `article` ones starts a comment, for measuring boundaries alone."""
    page = Page(text)
    return score_lines(model, measure(page, find_copies(page), article, measure_alone(page, model.phrases)))


def _find_cut(
    page: Page, noise: list[Noise], copies: Copies, alone: Callable[[], Array], model: SegmenterModel | None
) -> Cut:
    marked = find_end(page.line_texts, noise)
    if marked is not None:
        return marked
    if model is None or len(page) < 2:
        return Cut(0, 0, "guess")
    values = measure(page, copies, 0, alone())[:LONGEST]
    headings = np.array(find_furniture(page.line_texts[:LONGEST]), float)
    best, chance = guess_cut(model, values, judge(model, values), headings)
    return Cut(best, best, f"guess {chance:.2f}")


def _cut_by_hand(page: Page, cuts: Cuts) -> Cut:
    article = int(np.searchsorted(page.numbers, cuts.article, side="right"))
    first = int(np.searchsorted(page.numbers, min(cuts.starts, default=cuts.article + 1)))
    return Cut(min(article, first), first, "hand")


def _start_chances(reading: _Reading, model: SegmenterModel | None) -> Array:
    """For every line of the page the chance that a comment starts there; 0 in the article and on furniture."""
    page, first, layout = reading.page, reading.cut.comments, reading.layout
    chances = np.zeros(len(page))
    if layout.structured:
        chances[first:] = follow_layout(layout, len(page))[first:]
    elif model is None:
        chances[first:] = follow_rules(page, reading.copies, first)
    else:
        values = measure(page, reading.copies, first, reading.alone())
        chances[first:] = score_lines(model, values, read_spacing(page.gaps[first:]))
    chances[list(layout.noise)] = 0.0
    return chances


def _heed_heading(reading: _Reading, chances: Array, model: SegmenterModel | None) -> tuple[Array, float]:
    """The chances and the threshold; both move where a heading tells a plausible number of comments and no blank lines part them."""
    if model is None or reading.layout.structured:
        return chances, 0.5
    spaced = read_spacing(reading.page.gaps[reading.cut.comments :]) is not None
    told = None if spaced else reading.cut.told
    met = meet_count(chances, told, PLAUSIBLE) if told else None
    return (chances, model.threshold) if met is None else (met, TOLD_THRESHOLD)


def _list_body(reading: _Reading) -> list[int]:
    """The lines that may start a comment."""
    return [at for at in range(reading.cut.comments, len(reading.page)) if at not in reading.layout.noise]


def _choose_starts(reading: _Reading, chances: Array, threshold: float) -> list[int]:
    body = _list_body(reading)
    return [at for at in body if chances[at] >= threshold or at == body[0]]


def _choose_likeliest(reading: _Reading, chances: Array, count: int) -> tuple[Array, list[int]]:
    """The chances where `count` comments are known to be there, and so many starts: the first line and the likeliest others."""
    body = _list_body(reading)
    met = meet_count(chances, count)
    if met is None or not 1 <= count <= len(body):
        raise InputError(f"{count} comments do not fit: the page has {len(body)} lines that may start one")
    return met, sorted([body[0], *sorted(body[1:], key=lambda at: -met[at])[: count - 1]])


def _starts_by_hand(reading: _Reading, chances: Array, cuts: Cuts) -> list[int]:
    """The lines that a person named; what they say is certain, so the chances there become 1."""
    places = {int(number): at for at, number in enumerate(reading.page.numbers.tolist())}
    starts = sorted(places[number] for number in set(cuts.starts) if number in places)
    chances[starts] = 1.0
    return starts


def _build(
    reading: _Reading, chances: Array, starts: list[int], model: SegmenterModel | None, thread: str
) -> tuple[Comment, ...]:
    page, layout = reading.page, reading.layout
    bodies = [
        [at for at in range(start, stop) if at not in layout.noise or at == start]
        for start, stop in zip(starts, [*starts[1:], len(page)], strict=False)
    ]
    owner = np.full(len(page), -1, np.int64)
    for index, body in enumerate(bodies):
        owner[body] = index
    quotes = find_quotes(page, reading.copies, reading.cut.comments, owner)
    authors = [layout.authors.get(start) for start in starts]
    parents, surely = _find_parents(reading, owner, authors, model)
    _heed_answers([layout.answers.get(start) for start in starts], authors, parents, surely)
    made = []
    for index, body in enumerate(bodies):
        start, end = int(page.starts[body[0]]), int(page.ends[body[-1]])
        found = [quote for at in body for quote in quotes[at]]
        made.append(
            Comment(
                text=page.text[start:end],
                thread=thread,
                id=f"c{index + 1}",
                parent=f"c{parents[index] + 1}" if parents[index] >= 0 else None,
                start=start,
                end=end,
                quotes=tuple(Span(quote.start - start, quote.end - start) for quote in found),
                quote_lines=tuple(quote.line for quote in found),
                boundary=round(float(chances[body[0]]), 4),
                parent_probability=surely[index],
                author=authors[index],
                time=layout.times.get(body[0]),
            )
        )
    return tuple(made)


def _heed_answers(
    answers: list[str | None], authors: list[str | None], parents: list[int], surely: list[float | None]
) -> None:
    """Where a head names whom its comment answers, the last comment of that author becomes the parent."""
    latest: dict[str, int] = {}
    for index, (answered, author) in enumerate(zip(answers, authors, strict=True)):
        name = _fold_name(author or "")
        if answered and (other := _fold_name(answered)) != name and other in latest:
            parents[index], surely[index] = latest[other], NAMED
        if name:
            latest[name] = index


def _fold_name(name: str) -> str:
    """A name as it is compared: "@moiraquayle" is Moira Quayle."""
    return "".join(filter(str.isalnum, name.casefold()))


def _find_parents(
    reading: _Reading, owner: Array, authors: list[str | None], model: SegmenterModel | None
) -> tuple[list[int], list[float | None]]:
    """The parent of each comment (-1: nobody or not sure) and its probability."""
    if model is None or not authors:
        return [-1] * len(authors), [None] * len(authors)
    found = choose_parents(measure_replies(reading.page, reading.copies, owner, authors), model.replies)
    sure = (found.probability >= model.sure) & (found.probability > found.nobody) & (found.parent >= 0)
    parents = np.where(sure, found.parent, -1).tolist()
    return parents, [
        round(float(chance), 4) if told else None for chance, told in zip(found.probability, sure, strict=True)
    ]
