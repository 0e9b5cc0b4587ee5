"""What a copied page carries besides words: author names, dates, buttons, counts, avatars; and what they tell.

`read_noise` says of every line what it is; `apply_metadata` (in `structure`) turns runs of such lines into boundaries and into the
author and time of a comment.
"""

import re
from typing import NamedTuple

from moderation.segmenter.dates import find_date, find_words, to_iso

__all__ = ["BUTTONS", "META", "TEXT", "Noise", "is_name", "read_noise"]

TEXT, META, BUTTONS = range(3)
"""Kinds of lines: words; author or date; buttons, counts and other furniture."""


class Noise(NamedTuple):
    """What a line is, the author and time that it names, and whom that author answers."""

    kind: int
    author: str | None = None
    time: str | None = None
    answers: str | None = None


_LONGEST = 160
_LONGEST_DATELESS = 120
_LONGEST_LABEL = 80

_BUTTON = (
    r"(?:like|liked|likes|unlike|reply|replies|respond|share|shared|report|report abuse|report this comment|flag|"
    r"flag as inappropriate|edit|edited|delete|quote|"
    r"permalink|link|parent|save|give award|award|upvote|downvote|vote up|vote down|up|down|recommend|recommended|"
    r"recommend this|thumbs up|thumbs down|"
    r"follow|block|mute|more|more options|hide|collapse|expand|view|view replies|hide replies|show more|show less|"
    r"see more|read more|load more|load more comments|"
    r"load more replies|show more comments|view more comments|view all comments|helpful|translate|copy link|top "
    r"commenter|top fan|author|op|staff|"
    r"moderator|contributor|collaborator|maintainer|verified|verified purchase|subscriber|next|prev|previous|root|context|past|"
    r"favorite|unfavorite|vouch|embed|unsave|crosspost|"
    r"vote|views|reposts|bookmarks|"
    r"go to comments|see translation|view translation|see original|expand full comment|show full comment|click to rate|respect|"
    r"respected|reply with quote|like quote reply|multi-?quote|up vote|down vote|more_vert|fedilink|boost|copy link to comment|"
    r"log in to reply|login to reply|sign in to reply|reply to this comment|reply to this|open|close|"
    r"gefällt mir|antworten|teilen|melden|empfehlen|kommentieren|einklappen|ausklappen|mehr anzeigen|mehr|übersetzen|j'aime|répondre|"
    r"partager|j'alerte|alerter|je recommande|recommander|"
    r"signaler|afficher plus|voir plus|"
    r"me gusta|responder|compartir|denunciar|reportar|ver más|cargar más|curtir|compartilhar|ver mais|mi piace|"
    r"rispondi|condividi|segnala|mostra altro|"
    r"leuk|reageren|beantwoorden|delen|rapporteer|meer laden|gilla|svara|dela|anmäl|synes godt om|svar|del|"
    r"odpowiedz|lubię to|udostępnij|zgłoś|"
    r"нравится|ответить|поделиться|пожаловаться|показать ещё|показать еще|подобається|відповісти|返信|いいね|回复|点赞|举报|分享|"
    r"답글|좋아요|beğen|yanıtla|paylaş)"
)
_AGE = r"(?:\d{1,3}\s?(?:s|m|h|d|w|mo|y|hrs?|mins?|std|j|sem)\.?)"
_COUNT = r"(?:[+\-−]?\d{1,3}(?:[.,]\d{3})*(?:[.,]\d)?\s?[kKmM]?)"
_THING = (
    r"(?:likes?|replies|reply|shares?|points?|votes?|upvotes?|people|recommends?|comments?|reactions?|"
    r"antworten|réponses?|respuestas?|risposte|ответ\w*)"
)
_PIECE = (
    rf"(?:{_BUTTON}|{_AGE}|{_COUNT}(?:\s{_THING})?|{_COUNT}\s(?:others?|people)\s(?:like|recommend)\w*(?:\sthis)?|"
    rf"{_BUTTON}\s?[(\[:]?\s?{_COUNT}\s?[)\]]?|(?:view|show|hide)\s(?:all\s)?{_COUNT}\s(?:more\s)?{_THING})"
)
_SIGNS = r"[\s·•|,/()\[\]\-–—_:;+*✓…▲▼△▽↑↓⬆⬇♥❤👍👎🔗⋮⋯.←→«»‹›<>\u200b\ufe0f]"
_BUTTONS = re.compile(rf"^{_SIGNS}*(?:{_PIECE}{_SIGNS}+)*{_PIECE}{_SIGNS}*$", re.IGNORECASE)
_STUCK_BUTTONS = re.compile(
    r"^(?:permalink|embed|save|unsave|parent|report|crosspost|give award|give gold|reply|context|full comments|share|delete|edit|like|"
    r"hide child comments|show parent|source|link| to this){2,}$",
    re.IGNORECASE,
)
"""Buttons that were copied without a blank between them: "permalinkembedsavereportreply"."""
_BADGE = re.compile(
    r"^(?:top \d+% commenter|op|mod|[•·]\s?(?:1st|2nd|3rd\+?|you|author|following)|\(?edited\)?|comment (?:removed by moderator|deleted by "
    r"user)|liked by .{1,40}|new|pinned|pinned by .{1,40}|"
    r"stickied comment|\[(?!deleted|removed)\w{1,20}\])$",
    re.IGNORECASE,
)
_ANSWERS = re.compile(
    r"^(?:in reply to|replying to|antwort auf|en réponse à|en respuesta a)\s+@?(.{1,40}?)\s*:?$", re.IGNORECASE
)
_PROFILE = re.compile(
    r"^(?:posts|messages|karma|reaction score|joined|join date|member since|registered|location)\s*:\s*\S.{0,40}$",
    re.IGNORECASE,
)
_TALLY = re.compile(
    r"^(?:.{0,30}[^\W\d_]|mehr als |more than |over )?\d[\d.,]*\s?[kKmM]?\s?"
    r"(?:posts?|beiträge|reviews?|contributions?|views?|followers?|ratings?|"
    r"people found this (?:review )?helpful)(?:\s?\d[\d.,]*\s?followers?)?(?:\s(?:since|seit)\b.{0,20})?$",
    re.IGNORECASE,
)
_MENU = re.compile(r"^(?:[^|·•]{1,25}\s?[|·•]\s?){3,}[^|·•]{1,40}$")
"""Badges beside an author, what a site tells of its members (a date there is none of the comment's), what it counts, and menus."""
_BUTTON_WORDS = frozenset({"view", "show", "hide", *re.findall(r"(?:^|[|:])([^\W\d_]+)", _BUTTON.removesuffix(")"))})
"""The letters that a button which is no number begins with."""
_OPENING = re.compile(rf"{_SIGNS}*(?:([^\W\d_]+)|[+\-−]?\d)")
_RULE = re.compile(r"^(?:[-=_*~#]{3,}|[·•|]+)$")
_AVATAR = re.compile(
    r"^(?:comment author avatar|(?:user )?avatar(?: (?:of|for))?|profile (?:picture|photo|image)(?: (?:of|for))?|"
    r"profile (?:image|photo) for|gravatar(?: for)?|photo de profil(?: de)?|"
    r"profilbild(?: von)?|foto de perfil(?: de)?|image|photo of)\s*[:\-]?\s*(.{0,60})$",
    re.IGNORECASE,
)
_PICTURES = ("avatar", "picture", "photo", "profile")
_AVATAR_AFTER = re.compile(
    r"^(?:view |visit )?(.{1,40}?)[’']s? "
    r"(?:avatar|(?:full )?profile(?: (?:picture|photo))?|photo)$|^(.{1,40}?)\s(?:avatar|profile picture)$",
    re.IGNORECASE,
)
_SAYING = frozenset(
    {
        *"says said wrote writes commented responded replied schreibt sagt schrieb dit dice dijo disse escreveu".split(),  # noqa: SIM905
        *"ha schreef zegt skrev".split(),  # noqa: SIM905
    }
)
"""Words of which an ASCII line holds one if it says who speaks."""
_SAYS = re.compile(
    r"^(?:#?\d{1,5}[.)]?\s+)?(.{1,40}?)\s+(?:says|said|wrote|writes|commented|responded|replied|schreibt|sagt|"
    r"schrieb|a écrit|dit|dice|escribió|dijo|disse|escreveu|"
    r"ha scritto|schreef|zegt|skrev|säger|napisał|пишет|написал)(?:\s?(?::|…|\.\.\.)|\s+(?:on|am|le|el|em|il|op)\b.{0,60}|$)$",
    re.IGNORECASE,
)
_BY = re.compile(
    r"^(?:posted by|comment by|commented by|submitted by|by|from|von|par|por|door|av|geschrieben von|publié par|"
    r"publicado por|автор)\s*:?\s+(.{1,40}?)\s*"
    r"(?:[-–—|·•,]|\bon\b|\bat\b|\bam\b|\ble\b|\bel\b)?\s*$",
    re.IGNORECASE,
)
_NUMBERED = re.compile(
    r"^(?:#\s?\d{1,5}\.?|\d{1,4}[.)]|(?:comment|post|kommentar|commentaire|comentario)\s?#?\s?\d{1,5}:?)$",
    re.IGNORECASE,
)
_GLUE = re.compile(
    r"^[\s·•|,/()\[\]\-–—:;*@]*(?:(?:posted|commented|posted on|posted at|submitted|written|wrote|said|says|edited|"
    r"updated|on|at|am|um|le|à|el|em|il|op|in reply to|monday|tuesday|wednesday|thursday|friday|saturday|sunday|mon|"
    r"tues?|wed|thurs?|fri|sat|sun|"
    r"montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|lundi|mardi|mercredi|jeudi|vendredi|samedi|"
    r"dimanche|lunes|martes|miércoles|jueves|viernes|sábado|domingo|"
    r"posté|publié|publicado|geschrieben|member|uhr|h|permalink|reply|link|edited)\b[\s·•|,/()\[\]\-–—:;.]*)*$",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"(?:\b(?:says|said|wrote|commented|posted|on|at|via facebook|via twitter|schrieb|a écrit|escribió|am|le|el)\b|"
    r"[\s·•|,/(\[\-–—:;@])+$",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_]+")
_NO_NAME = frozenset(
    {
        *"i he she they you we who it this that these those is are was were be have has had will".split(),  # noqa: SIM905
        *"would can could not the my your his her their our what when where why how if then but because nobody".split(),  # noqa: SIM905
        *"everyone someone people one ich er sie wir ihr man je il elle nous vous ils yo él ella".split(),  # noqa: SIM905
    }
)
_KARMA = re.compile(r"\s[+\-−]?\d+\s(?:points?|likes?|votes?)$", re.IGNORECASE)


def read_noise(line: str) -> Noise:
    """What one line is, from its own words alone.

    >>> read_noise("Tue Jul 24, 2012 10:14 AM EDT").time
    '2012-07-24T10:14:00-04:00'
    >>> read_noise("Like · Reply · 3h").kind == BUTTONS
    True
    """
    if len(line) > _LONGEST:
        return Noise(TEXT)
    if not _WORD.search(line):
        return Noise(BUTTONS if _RULE.match(line) else TEXT)
    if _RULE.match(line) or _NUMBERED.match(line) or (len(line) <= _LONGEST_LABEL and _is_label(line)):
        return Noise(BUTTONS)
    if len(line) <= _LONGEST_LABEL and (found := _ANSWERS.match(line)):
        return Noise(BUTTONS, answers=found[1])
    if (found := _AVATAR.match(line)) and is_name(found[1].strip(" .") or "x", 6):
        named = re.sub(r"\s?via (?:Facebook|Twitter)$", "", found[1].strip(" .")).removesuffix("via Facebook").strip()
        return Noise(META, named or None)
    if (
        line.lower().endswith(_PICTURES)
        and (found := _AVATAR_AFTER.match(line))
        and is_name((found[1] or found[2]).strip(), 4)
    ):
        return Noise(META, (found[1] or found[2]).strip())
    words = find_words(line)
    date = find_date(line, words)
    if date is not None:
        return _read_dated(line, date)
    if len(line) > _LONGEST_DATELESS:
        return Noise(TEXT)
    if _MENU.match(line):
        return Noise(BUTTONS)
    if _looks_buttons(line):
        age = re.search(rf"(?<!\w){_AGE}(?!\w)", line) if _WORD.search(line) else None
        return Noise(BUTTONS, None, age[0] if age else None)
    may_say = not line.isascii() or not words.isdisjoint(_SAYING)
    if may_say and (found := _SAYS.match(line)) and is_name(found[1], 4):
        return Noise(META, found[1].strip())
    if (found := _BY.match(line)) and is_name(found[1], 4) and not line.rstrip().endswith((".", "!", "?")):
        return Noise(META, found[1].strip())
    return Noise(TEXT)


def _is_label(line: str) -> bool:
    return any(pattern.match(line) for pattern in (_BADGE, _PROFILE, _STUCK_BUTTONS, _TALLY))


def _looks_buttons(line: str) -> bool:
    opening = _OPENING.match(line) if len(line) <= 90 else None
    if opening is None or (opening[1] and opening[1].lower() not in _BUTTON_WORDS):
        return False
    if len(_WORD.findall(line)) > 14:
        return False
    return _BUTTONS.match(line) is not None and not _bare_word(line)


def _bare_word(line: str) -> bool:
    """Words such as "More" or "Up" alone, or numbers alone, may be somebody's whole comment; buttons are worth more than that."""
    return line.strip().lower() in {
        *"up down more view open close link next prev previous root context past vote".split(),  # noqa: SIM905
    }


def _read_dated(line: str, date: re.Match[str]) -> Noise:
    """A line with a date is metadata when nothing else but a name, day names or buttons stands in it."""
    before, after = line[: date.start()], line[date.end() :]
    time = to_iso(_widen(line, date).strip(" ,·|-()"))
    if not (
        _GLUE.match(after) or _looks_buttons(after) or (_GLUE.match(before) and is_name(after.strip(" ·•|,-–—:"), 3))
    ):
        return Noise(TEXT)
    if _GLUE.match(before) or _looks_buttons(before):
        rest = after.strip(" ·•|,-–—:")
        name = rest if rest and not _GLUE.match(after) and not _looks_buttons(after) else None
        buttons = _looks_buttons(before) or _looks_buttons(after)
        return Noise(BUTTONS if buttons and name is None else META, name, time)
    said = _SAYS.match(before.strip()) or _BY.match(before.strip())
    name = (
        said[1]
        if said
        else _TAIL.sub("", re.sub(r"^(?:posted by|by|von|par|por)\s+", "", before.strip(), flags=re.IGNORECASE))
    ).strip(" ·•|,-–—:(")
    name = _KARMA.sub("", re.split(r"\s*[·•|]\s*", name)[0])
    return Noise(META, name, time) if is_name(name, 5) else Noise(TEXT)


def _widen(line: str, date: re.Match[str]) -> str:
    """The date with a time zone that may follow it."""
    zone = re.match(r"\s?(?:UTC|GMT|[ECMP][DS]T|BST|CES?T)\b", line[date.end() :])
    return line[date.start() : date.end() + (zone.end() if zone else 0)]


def is_name(words: str, most: int, placed: bool = False) -> bool:
    """Could this be an author's name: up to `most` words, short, no sentence; any words, where names stand in this place (`placed`)."""
    words = words.strip()
    if re.fullmatch(r"@[\w.-]{1,40}", words):
        return True
    if not words or len(words) > 40 or (words[-1] in ".!?…:;," and not re.search(r"\b(?:[A-Z]|Jr|Sr|Dr)\.$", words)):
        return False
    if not placed and any(
        word.lower() in _NO_NAME and (at == 0 or word.islower()) for at, word in enumerate(words.split())
    ):
        return False
    return (
        0 < len(words.split()) <= most
        and any(map(str.isalpha, words))
        and not re.search(r"https?:|[\"“”!?]|\.\.\.", words)
    )
