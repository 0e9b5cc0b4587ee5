"""Where the article ends and the comments begin.

Marker lines first ("123 Comments", "Leave a reply", "MORE ON THE TOPIC:"): a literal rule is exact. Then author and date lines that
keep coming. Statistics last: see `cut`.
"""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from moderation.segmenter.layout import find_bylines
from moderation.segmenter.noise import META, TEXT, Noise, is_name
from moderation.segmenter.recurrence import shape_of

__all__ = ["Cut", "find_end", "find_furniture", "find_marker", "find_structure", "find_title", "is_heading"]


class Cut(NamedTuple):
    """`article` lines `[0, article)`, comments from line `comments` on (indices); `how` says what decided: marker, structure, guess.

    `told` is the number of comments that the page's heading tells, where it tells one.
    """

    article: int
    comments: int
    how: str
    told: int | None = None


MOST_BYLINES = 20
"""Dated lines above an article and in it that are looked past."""

LONGEST_OPENING = 8
"""Lines above the first date of a page that may be a name and a comment."""

_COUNT = r"(?:\(?\d{1,3}(?:[ .,]\d{3})*\)?|no|one|zero|\d+(?:\.\d)?k)"
_COMMENTS = (
    r"(?:user |reader |readers['’]? |your |all |facebook |public |recent |latest |top |older |newer )?(?:comments?|"
    r"replies|responses?|kommentare?|leserkommentare?|commentaires?|comentarios?|"
    r"comentários?|commenti|reacties|kommentarer|kommentar|komentarze|komentarzy|комментари\w*|коментар\w*|yorumlar|σχόλια|التعليقات|"
    r"discussion|reactions|reader reactions|reader responses|letters|feedback|conversation|opinions|readers?['’] "
    r"opinions|have your say|your say)"
)
_ALL = r"(?:there (?:are|is)(?: currently| now)?|(?:showing|displaying|viewing)(?: all)?)\s"
_BESIDE = r"(?:leave|add|post|write|share|join|view|read|log in|sign in|subscribe)\b.{0,60}"
"""An invitation, behind the number on the same line."""
_STRONG = re.compile(
    rf"^[\W_]*(?:{_ALL}{_COUNT}\scomments?(?:\s(?:so far|below|in total))?|"
    rf"{_COUNT}\scomments?(?:\s(?:so far|below|in total|add yours|and \d+ repl(?:y|ies))|\s?[|·•»]+\s?{_BESIDE}|\s[\-–—]\s{_BESIDE})|"
    rf"comments?\s?[:|\-–—]?\s?[(\[]?\s?{_COUNT}\s?[)\]]?(?:\s?[|·•»]+\s?{_BESIDE})?|"
    rf"{_COUNT}\s?(?:\S\s)?{_COMMENTS}|{_COMMENTS}\s?[:\-–—]?\s?{_COUNT}?|{_COUNT}\s(?:responses?|"
    rf"thoughts?|replies|comments?|kommentare?|réponses|respuestas)"
    rf"\s(?:to|on|for|zu|à|sur|a)\b.{{0,140}}|what readers (?:say|said|think)|comments? on\b.{{0,140}}|評論|评论|"
    r"コメント|댓글)[\W_]*\d*[\W_]*$",
    re.IGNORECASE,
)
_NUMBER = r"[(\[]?\s?(\d{1,3}(?:[ .,]\d{3})+|\d{1,6})\s?[)\]]?"
_TOLD_BEFORE = re.compile(
    rf"^[\W_]*(?:{_ALL})?{_NUMBER}\s?(?:\S\s)?(?:{_COMMENTS}|thoughts?|réponses|respuestas)\b", re.IGNORECASE
)
_TOLD_BEHIND = re.compile(
    rf"^[\W_]*(?!comment\b)(?:{_COMMENTS}|評論|评论|コメント|댓글)\s?[:|\-–—]?\s?{_NUMBER}[\W_]*(?:{_BESIDE})?$",
    re.IGNORECASE,
)
_INVITE = re.compile(
    r"^[\W_]*(?:leave (?:a|your) (?:reply|comment|response)|(?:add|post|write|make) (?:a|your) (?:comment|reply)|"
    r"join the (?:discussion|conversation|debate)|"
    r"(?:log|sign) in to (?:comment|post a comment)|what do you think|have your say|start the discussion|share your "
    r"(?:thoughts|views)|comment on this (?:article|story)|"
    r"(?:sort|order) by\b.{0,40}|(?:newest|oldest|best|top rated|most recent) first|most relevant|"
    r"newest comments|top comments|comments section|view comments|show comments|"
    r"read the comments|comments? (?:are|is) (?:open|closed)\b.{0,40}|"
    r"schreiben? sie einen kommentar|kommentar (?:schreiben|verfassen)|laisser un commentaire|deja un comentario|"
    r"deixe um comentário|lascia un commento|"
    r"geef een reactie|schrijf een reactie|написать комментарий|оставить комментарий|сначала (?:старые|новые|интересные))[\W_]*$",
    re.IGNORECASE,
)
_WEAK = re.compile(
    r"^[\W_]*(?:more on th(?:e|is) topic|more on this(?: story)?|more (?:on|about|from)\b.{0,60}|related(?: "
    r"(?:posts?|articles?|stories|topics?|news|content|links?|reading|coverage))?|read more|"
    r"read also|see also|you may also like|you might also like|recommended(?: for you)?|further reading|"
    r"share this(?: (?:article|post|story|entry|page))?|tags?\b.{0,120}|filed under\b.{0,120}|categories\b.{0,120}|"
    r"posted in\b.{0,120}|source\b.{0,60}|"
    r"mehr zum thema|lesen sie auch|à lire aussi|sur le même (?:sujet|thème)|más sobre|te puede interesar|leia "
    r"também|leggi anche|lees ook|läs också|читайте также|по теме)[\W_]*$",
    re.IGNORECASE,
)


def find_marker(lines: Sequence[str], noise: Sequence[Noise]) -> Cut | None:
    """The marker line that opens the comments, or None.

    Of several headings ("12 Comments" stands under many titles too) the last one with words below it counts; an invitation ("Leave a
    reply") counts where no heading does, or right below the heading; at the foot of a page it is only furniture.
    """
    strong = [at for at, line in enumerate(lines) if len(line) <= 200 and _STRONG.match(line)]
    for at in reversed(strong):
        if (_words_below(noise, at + 1) and at > 0) or (at == 0 and _words_below(noise, 1)):
            if at <= 3 and len(lines) > 12 and len(strong) == 1 and _says_none_follow(lines, noise, at):
                continue
            return Cut(at, _skip(lines, at + 1), "marker", _read_count(lines[at]))
    for pattern in (_INVITE, _WEAK):
        marks = [at for at, line in enumerate(lines) if len(line) <= 200 and line and pattern.match(line)]
        marks = [at for at in marks if (at > 0 or pattern is _INVITE) and _words_below(noise, at + 1)]
        if pattern is _WEAK:
            marks = [at for at in marks if lines[at].rstrip().endswith(":") and _opens_words(lines, at + 1)]
        if marks:
            return Cut(marks[0], _skip(lines, marks[0] + 1), "marker")
    return None


def find_end(lines: Sequence[str], noise: Sequence[Noise]) -> Cut | None:
    """Where marker or author lines say that the article ends, or None.

    Where author lines keep coming, the last heading above them counts. One below their first is believed if most of them, and others than
    those above, stand below it, or if none does but most words: else it is part of a comment form or of a comment.
    """
    marker, structure = find_marker(lines, noise), find_structure(lines, noise)
    if structure is None or (marker is not None and marker.article <= structure.comments):
        return marker
    for at in range(structure.comments - 1, -1, -1):
        if len(lines[at]) <= 200 and _STRONG.match(lines[at]):
            return Cut(at, _skip(lines, at + 1), "marker", _read_count(lines[at]))
    if marker is None:
        return Cut(0, 0, "structure") if _opens_named(lines, noise, structure.comments) else structure
    above, below = range(structure.comments, marker.article), range(marker.comments, len(lines))
    bylines_above, bylines_below = (
        [shape_of(lines[at]) for at in part if noise[at].kind == META] for part in (above, below)
    )
    if 2 * sum(shape in set(bylines_below) for shape in bylines_above) >= len(bylines_above) > 0:
        return structure
    words_above, words_below = (sum(noise[at].kind == TEXT for at in part) for part in (above, below))
    believed = len(bylines_below) >= 2 * len(bylines_above) or (not bylines_below and words_below >= words_above)
    return marker if believed else structure


def _opens_named(lines: Sequence[str], noise: Sequence[Noise], first: int) -> bool:
    """A page that begins with a name and a comment, whose date stands below it."""
    words = first > 0 and noise[first - 1].kind == TEXT and not is_name(lines[first - 1], 5)
    return words and first <= LONGEST_OPENING and is_name(lines[0], 4)


def _read_count(heading: str) -> int | None:
    """The number of comments in a heading such as "1,204 Comments", "Comments (12)" or "12 thoughts on “Title”"; None where it has none."""
    if (found := _TOLD_BEFORE.match(heading) or _TOLD_BEHIND.match(heading)) is None:
        return None
    return int(re.sub(r"\D", "", found[1])) or None


def is_heading(line: str) -> bool:
    """Is this line a marker of any strength: a heading of comments, an invitation, a list of related pages."""
    return len(line) <= 200 and any(pattern.match(line) for pattern in (_STRONG, _INVITE, _WEAK))


_FOOT = re.compile(
    r"^[\W_]*(?:this (?:entry|post|article|story) (?:was|is|has been|originally)\b|"
    r"(?:first |originally )?(?:posted|published|filed) (?:in|by|on|under|at)\b|tag(?:s|ged)\b|categor(?:y|ies)\b|via\b|source\b|"
    r"(?:image|photo|picture)s?(?: credits?| by| courtesy|:)|copyright\b|©|all rights reserved|about the author|"
    r"follow\b.{0,60}\b(?:twitter|facebook|us)\b|subscribe\b|share (?:this|on|via)\b|print this|e-?mail this|permalink|trackback|"
    r"click here\b|last (?:modified|updated)|updated?:|bookmark\b|tweet\b|more (?:from|by|in|on|stories)\b|"
    r"(?:next|previous) (?:post|article))",
    re.IGNORECASE,
)


def find_furniture(lines: Sequence[str]) -> list[bool]:
    """Which lines are the foot of an article: where it was filed, who took the pictures, and the headlines listed below such a line."""
    found: list[bool] = []
    for line in lines:
        short = len(line) <= 160
        headline = len(line) <= 90 and not line.rstrip().endswith((".", "!", "?", ")", "…"))
        listed = bool(found) and found[-1] and headline
        found.append(listed or (short and (is_heading(line) or _FOOT.match(line) is not None)))
    return found


def _words_below(noise: Sequence[Noise], at: int) -> bool:
    return any(item.kind == TEXT for item in noise[at:])


def _says_none_follow(lines: Sequence[str], noise: Sequence[Noise], at: int) -> bool:
    """A count under the title of a page that goes on with an article: long lines and no author lines right below."""
    near = range(at + 1, min(at + 6, len(lines)))
    return (
        not lines[at].rstrip().endswith(":")
        and any(char.isdigit() for char in lines[at])
        and not any(noise[n].kind == META for n in near)
        and at > 0
    )


def _opens_words(lines: Sequence[str], at: int) -> bool:
    """Words right below, not a list of headlines."""
    return at < len(lines) and (len(lines[at]) > 120 or lines[at].rstrip().endswith((".", "!", "?")))


def _skip(lines: Sequence[str], at: int) -> int:
    """Below the marker, past invitations and sort buttons."""
    while at < len(lines) - 1 and len(lines[at]) <= 200 and (_INVITE.match(lines[at]) or _STRONG.match(lines[at])):
        at += 1
    return at


def find_structure(lines: Sequence[str], noise: Sequence[Noise]) -> Cut | None:
    """Where author or date lines begin to keep coming: three or more, none far from the next; a byline above an article is left out.

    One that names author and date at the same length as a later line may be far from the next: the first comment may be a long one.
    """
    telling = [item.kind == META or item.time is not None for item in noise]
    runs = [run for run in find_bylines([item.kind for item in noise], 0) if any(telling[slice(*run)])]
    bylines = [next(at for at in reversed(range(*run)) if telling[at]) for run in runs]
    lengths = [len(lines[at].split()) for at in bylines]
    for place in range(min(len(runs) - 2, MOST_BYLINES)):
        gaps = sorted(after - before for before, after in pairwise(bylines[place + 1 :]))
        usual = gaps[len(gaps) * 4 // 5]
        first = noise[bylines[place]]
        alike = first.author and first.time and lengths[place] in lengths[place + 1 :]
        if bylines[place + 1] - bylines[place] <= 3 * usual + (20 if alike else 3):
            return Cut(runs[place][0], runs[place][0], "structure")
    return None


def find_title(lines: Sequence[str], article: int) -> str | None:
    """The title, where the first line of a longer article looks like one: short, no full stop, and the next line is prose."""
    if article < 2 or not 2 <= len(lines[0].split()) <= 25 or len(lines[0]) > 160:
        return None
    if lines[0].rstrip().endswith((".", ":", ",", ";", "”", '"')):
        return None
    return lines[0]
