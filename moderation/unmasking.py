"""Undo the disguises that need a look at whole runs of raw text: entities, tags and marks inside words, starred words, overrides.

This is the first step of `moderation.text.normalise`. Few texts need it, so `is_masked` asks for the rare signs first.
"""

import html
import re
from collections.abc import Callable

__all__ = ["is_masked", "unmask"]

Replace = Callable[[re.Match[str]], list[tuple[str, int]]]

_TAG_IN_WORD = re.compile(r"(?<=\w)(?:</?[a-zA-Z][^<>\n]{0,60}>|<!--[^<>\n]{0,60}-->)+(?=\w)")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,30});")
_OVERRIDE = re.compile("\u202e([^\u202c\n]*)\u202c?")
_EMPHASIS_IN_WORD = re.compile(r"(?<=[^\W\d_])(\*\*|__|~~)([^\W\d_]{1,20})\1(?=[^\W\d_])")
_STARRED = re.compile(r"(?<![\w*#@%$!])[A-Za-z]+[*#%_@][A-Za-z*#%_@]*(?![\w$!])")
_STARS = "*#@%"
_DROPPED = str.maketrans("", "", "*#@%_")

_ROOTS = """fuck fucking fucked fucker motherfucker motherfucking shit shitty shitting bullshit shithead shithole bitch bitching
    bitchy cunt ass asshole arse arsehole bastard dick dickhead prick cock cocksucker pussy piss pissed pissing crap crappy damn goddamn
    idiot idiotic moron moronic stupid retard retarded imbecile cretin dumb dumbass jackass fool foolish loser scum scumbag whore slut
    slutty twat wanker wanking tosser bollocks bugger douche douchebag faggot fag dyke nigger nigga tranny paki spic kike chink
    coon gook pathetic disgusting worthless useless coward clown trash vermin parasite pig liar pervert paedo pedo rape rapist bloody
    sodding knob knobhead bellend tits turd wench skank hag nazi"""


def _words() -> dict[tuple[int, str], list[str]]:
    """The words that are read through stars, by length and first letter."""
    words: dict[tuple[int, str], list[str]] = {}
    for root in _ROOTS.split():
        plural = root + ("es" if root.endswith(("s", "ch", "sh")) else "s")
        for word in (root, plural):
            words.setdefault((len(word), word[0]), []).append(word)
    return words


_WORDS = _words()
_KNOWN = frozenset(word for words in _WORDS.values() for word in words)


def is_masked(text: str) -> bool:
    """Whether `text` holds a sign that `unmask` may have to do with.

    >>> is_masked("nothing to undo here"), is_masked("sh*t")
    (False, True)
    """
    return (
        "<" in text
        or "&" in text
        or "*" in text
        or "_" in text
        or "#" in text
        or "%" in text
        or "~" in text
        or "\u202e" in text
    )


def unmask(text: str) -> tuple[str, list[int] | None]:
    """`text` without tags and emphasis inside words, with entities decoded, right-to-left overrides undone and starred words read, and
    each result's raw index.

    The list is None when nothing had to be done, which is the rule.
    """
    if not is_masked(text):
        return text, None
    origins: list[int] | None = None
    for worthwhile, pattern, replace in _STEPS:
        if worthwhile(text) and pattern.search(text):
            text, moved = _substitute(pattern, replace, text)
            origins = [origins[at] for at in moved] if origins is not None else moved
    return text, origins


def _decode(match: re.Match[str]) -> list[tuple[str, int]]:
    return [(char, match.start()) for char in html.unescape(match[0])]


def _drop(match: re.Match[str]) -> list[tuple[str, int]]:
    return []


def _reverse(match: re.Match[str]) -> list[tuple[str, int]]:
    first = match.start(1)
    return [(char, first + at) for at, char in reversed(list(enumerate(match[1])))]


def _keep(match: re.Match[str]) -> list[tuple[str, int]]:
    return [(char, match.start() + at) for at, char in enumerate(match[0])]


def _drop_emphasis(match: re.Match[str]) -> list[tuple[str, int]]:
    """The letters between the marks; two letters must stand beside them, for `f**k**g` is no emphasis."""
    text, start, end = match.string, match.start(), match.end()
    if not (text[max(start - 2, 0) : start].isalpha() and start > 1) and not text[end : end + 2].isalpha():
        return _keep(match)
    return [(char, match.start(2) + at) for at, char in enumerate(match[2])]


def _read_stars(match: re.Match[str]) -> list[tuple[str, int]]:
    """`sh*t`, `f***ing` and `id_iot` as the words of the list that they stand for; anything else as it is."""
    masked = match[0].lower()
    if masked.rstrip("*#@%_") in _KNOWN:
        return _keep(match)
    for tried in (masked, masked.rstrip("*#@%_")):
        bare = tried.translate(_DROPPED)
        if bare in _KNOWN and bare != tried and tried[-1].isalpha():
            kept = [at for at, char in enumerate(tried) if char.isalpha()]
            rest = range(len(tried), len(masked))
            return [(match[0][at], match.start() + at) for at in (*kept, *rest)]
        for word in _WORDS.get((len(tried), tried[0]), ()):
            if (len(word) > 3 or tried[-1].isalpha()) and all(
                seen == meant or seen in _STARS for seen, meant in zip(tried, word, strict=True)
            ):
                whole = word + masked[len(word) :]
                return [(char, match.start() + at) for at, char in enumerate(whole)]
    return _keep(match)


def _has_emphasis(text: str) -> bool:
    return "**" in text or "__" in text or "~~" in text


_STEPS: tuple[tuple[Callable[[str], object], re.Pattern[str], Replace], ...] = (
    (re.compile("&").search, _ENTITY, _decode),
    (re.compile("<").search, _TAG_IN_WORD, _drop),
    (re.compile("\u202e").search, _OVERRIDE, _reverse),
    (re.compile(r"[*#%_](?<=[A-Za-z].)").search, _STARRED, _read_stars),
    (_has_emphasis, _EMPHASIS_IN_WORD, _drop_emphasis),
)
"""A quick look whether a pattern is worth a search, the pattern, and what is written instead."""


def _substitute(pattern: re.Pattern[str], replace: Replace, text: str) -> tuple[str, list[int]]:
    parts: list[str] = []
    origins: list[int] = []
    done = 0
    for match in pattern.finditer(text):
        parts.append(text[done : match.start()])
        origins.extend(range(done, match.start()))
        for char, origin in replace(match):
            parts.append(char)
            origins.append(origin)
        done = match.end()
    parts.append(text[done:])
    origins.extend(range(done, len(text)))
    return "".join(parts), origins
