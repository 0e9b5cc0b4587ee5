"""Which language a comment is in, as far as scoring needs to know: English, another one, or too little to tell.

A comment is English when enough of its words are among the most frequent English ones, and foreign only when none of
that holds and another language's frequent words, or another script, stand out. Short and doubtful text gives None and is scored, so that a
disguise does not slip out through this gate. Function-word shares identify a language well from some twenty words on
(Grefenstette 1995, "Comparing two language identification schemes").
"""

import re
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

from moderation.text import normalise, unmask

__all__ = ["COMMON", "FIRST_PIECES", "identify", "is_plain_english"]

ENOUGH = 400
FIRST_PIECES = 40
"""Code points from the beginning of a comment that are looked at, and pieces between white space that are enough where English is plain."""

MIN_WORDS = 6
CLEAR_ENGLISH = 0.2
MIN_ENGLISH = 0.12
MIN_FOREIGN = 0.2
MIN_LETTERS = 12
MIN_SCRIPT = 0.15
"""Shares of words (of letters, for scripts). Look-alike Cyrillic and Greek letters are Latin ones by the time they are counted, so
that few are left of a Russian text and none of a disguised English one."""

_WORD = re.compile(r"[^\W\d_]+")
_LISTS = {
    "en": """the to and of a in is it that you i for on this they was are be with not have as we he at but if or so what just
        do all like his your about from there their no can has will who my an out more by one how up when would them me its
        been were get im dont people because than she her our us why him some had don't it's very too only did know now""",
    "es": "que de la el en y los se no las un por con una su para es lo como más pero sus le ya este sí porque esta son mi muy qué todo",
    "fr": "de la le les et des en un une du que est pour qui dans pas sur ce il ne plus au avec se par je sont vous mais c'est on nous",
    "de": "der die und das ist nicht ich zu den mit es sich von ein auf für auch dass wir wie eine aber sie noch im dem was nur wenn",
    "it": "di che la il è non per un una sono con si da ma lo ha anche come più mi del della questo ti ci gli nel alla cosa",
    "pt": "que de não um para com uma os é se na por mais as dos como mas ao ele das seu sua ou quando muito nos já eu também só pelo",
    "nl": "de het een van en ik dat is niet op te zijn voor met die je er maar ook aan om bij wat nog wel als deze dan kan geen",
    "sv": "och att det är som en på för av med inte jag har den om ett men var sig vi så kan man när till ska också eller",
    "pl": "nie się na jest że do to jak co w ale po od tak już czy tego dla przez tylko są był ma ich może być",
    "tr": "bir bu ve için ne da de çok var ama gibi daha olarak kadar değil mi ben sen en her şey sonra olan",
    "id": "yang dan di itu dengan untuk tidak ini dari dalam akan pada juga saya ke bisa ada kita mereka karena sudah",
    "tl": "ang ng sa mga na at ay hindi ko mo ako ka lang naman si ito yung kung para may po siya pa",
}
_SCRIPTS = (
    ("ru", "\u0400", "\u052f"),
    ("el", "\u0370", "\u03ff"),
    ("he", "\u0590", "\u05ff"),
    ("ar", "\u0600", "\u06ff"),
    ("hi", "\u0900", "\u097f"),
    ("th", "\u0e00", "\u0e7f"),
    ("ko", "\u1100", "\u11ff"),
    ("ja", "\u3040", "\u30ff"),
    ("zh", "\u4e00", "\u9fff"),
)
_ENGLISH = frozenset(_LISTS["en"].split())
_is_english = _ENGLISH.__contains__
_is_common = frozenset(word.encode() for word in _ENGLISH).__contains__
COMMON = tuple(sorted(_ENGLISH))
"""The frequent English words, for the compiled loops, which count them on the way."""


class _Foreign(NamedTuple):
    frequent: dict[str, frozenset[str]]
    knows: Callable[[object], bool]


@cache
def _foreign() -> _Foreign:
    """Frequent words of the other languages, folded when they are first needed: `--help` should not wait for them."""
    frequent = {code: frozenset(normalise(words).text.split()) for code, words in _LISTS.items() if code != "en"}
    return _Foreign(frequent, frozenset().union(*frequent.values()).__contains__)


def is_plain_english(pieces: Any, common: Any) -> Any:
    """Whether so many of the first pieces are common words that nothing more need be asked; numbers or arrays of numbers."""
    return (common >= 2) & (common >= CLEAR_ENGLISH * pieces)


def identify(text: str) -> str | None:
    """ISO 639-1 code of the text's language, or None when there is too little to tell.

    >>> identify("I never said that they should close it.")
    'en'
    >>> identify("ok") is None
    True
    """
    pieces = unmask(text)[0].encode("utf-8", "surrogatepass").lower().split(None, FIRST_PIECES)[:FIRST_PIECES]
    if is_plain_english(len(pieces), sum(map(_is_common, pieces))):
        return "en"
    begin = text[:ENOUGH]
    found, known, words = _count_words(begin.lower())
    if found == "en" or begin.isascii():
        return found
    folded = normalise(begin).text
    found, known, words = _count_words(folded)
    return (_other_script(folded) if known < MIN_ENGLISH * words else None) or found


def _count_words(folded: str) -> tuple[str | None, int, int]:
    """The language that frequent words speak for, how many are English, and how many words there are."""
    words = _WORD.findall(folded)
    known = sum(map(_is_english, words))
    needed = max(3, MIN_FOREIGN * len(words))
    if len(words) >= MIN_WORDS and sum(map(_foreign().knows, words)) >= needed:
        counts = {code: sum(word in frequent for word in words) for code, frequent in _foreign().frequent.items()}
        best = max(counts, key=lambda code: counts[code])
        if counts[best] >= needed and counts[best] > known:
            return best, known, len(words)
    return "en" if known >= 2 and known >= MIN_ENGLISH * len(words) else None, known, len(words)


def _other_script(folded: str) -> str | None:
    letters = [char for char in folded if char.isalpha()]
    if len(letters) < MIN_LETTERS:
        return None
    counts = {code: sum(first <= char <= last for char in letters) for code, first, last in _SCRIPTS}
    best = max(counts, key=lambda code: counts[code])
    return best if counts[best] >= MIN_SCRIPT * len(letters) else None
