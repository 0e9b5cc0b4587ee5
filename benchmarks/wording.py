"""Mask the content words of a comment, so that only its manner is left: function words, punctuation, case and spelling.

Used by benchmarks/labels.py to ask what gives the rows of a label file away, and which sentence frames it repeats.
"""

import re

__all__ = ["FUNCTION_WORDS", "cut", "frames", "mask"]

_LIST = """
a an the this that these those such same other another each every either neither both all any some no none enough much many more most
less least few fewer fewest several half own
i me my mine myself we us our ours ourselves you your yours yourself yourselves he him his himself she her hers herself it its itself
they them their theirs themselves one ones oneself who whom whose which what whatever whichever whoever someone somebody something
anyone anybody anything everyone everybody everything nobody nothing noone
am is are was were be been being have has had having do does did doing done can could will would shall should may might must ought
get gets got gotten getting need needs used let lets
ain't aren't can't cannot couldn't didn't doesn't don't hadn't hasn't haven't isn't mightn't mustn't needn't shan't shouldn't wasn't
weren't won't wouldn't i'm i've i'd i'll you're you've you'd you'll he's he'd he'll she's she'd she'll it's it'd it'll we're we've we'd
we'll they're they've they'd they'll that's that'd that'll there's there'd here's what's who's who'd who'll where's when's why's how's
let's y'all
aint arent cant couldnt didnt doesnt dont hadnt hasnt havent isnt shouldnt wasnt werent wont wouldnt im ive youre youve theyre thats
theres whats whos hes shes gonna gotta wanna kinda sorta outta dunno u ur r ya yer em 'em cos cuz coz bc tho thru til
of in to for on with at by from about into onto upon over under above below after before since until till during through throughout
against between among amongst within without across along around behind beside besides beyond near off out up down toward towards
per via despite except like unlike than as
and or but nor so yet if unless because although though while whereas whether once lest provided
where when why how here there now then today always never ever often sometimes usually again already still just only even also too very
really quite rather almost nearly hardly barely perhaps maybe probably actually basically literally simply certainly definitely
obviously clearly exactly apparently anyway anyways however therefore thus hence instead otherwise meanwhile indeed else away back
together somewhere anywhere everywhere nowhere somehow far long soon later ago
not yes yeah yep nope ok okay oh ah well please thanks thank sorry
first second last next two three four five six seven eight nine ten hundred thousand million billion
thing things way lot lots kind sort bit people person
say says said saying think thinks thought know knows knew known mean means meant want wants wanted go goes going went gone come comes
came coming make makes made making take takes took taken see sees saw seen look looks looked looking give gives gave given tell tells
told ask asks asked seem seems seemed try tries tried keep keeps kept put
good bad right wrong sure true real new old big little great same different
"""
FUNCTION_WORDS = frozenset(_LIST.split())
"""Some 450 words that any English comment may use whatever its subject; everything else is content."""

_TOKEN = re.compile(
    r"(?P<link>https?://\S+|www\.\S+)"
    r"|(?P<number>\d[\d.,:%]*)"
    r"|(?P<word>[^\W\d_]+(?:['’][^\W\d_]+)*)"
    r"|(?P<mark>\.{2,}|…|!+|\?+|[?!]{2,}|--+|[^\w\s])",
)
_ADDRESSEE = re.compile(r"\A\s*(?:@[\w.-]+[\s,:]*)+")
_ENDINGS = ("ing", "ed", "ly", "tion", "er", "ies", "s", "y")


def cut(text: str) -> list[tuple[str, str]]:
    """The tokens of a text with their kind: `word`, `number`, `link` or `mark`."""
    return [(match.lastgroup or "", match[0]) for match in _TOKEN.finditer(text)]


def mask(text: str) -> list[str]:
    """The tokens of a text with every content word replaced by its shape: length class, case, ending, stretched letters.

    Names that a site puts before a reply (`@name`) are dropped: they are its mechanics, not anyone's manner.

    >>> mask("I DON'T trust the ministers...")
    ['<', 'I', "DON'T", '{5-7 low}', 'the', '{8+ low -s}', '...', '>']
    """
    shown = ["<"]
    for kind, token in cut(_ADDRESSEE.sub("", text)):
        if kind == "word":
            plain = token.replace("’", "'")
            shown.append(_case(plain) if plain.lower() in FUNCTION_WORDS else _shape(plain))
            if "’" in token:
                shown.append("{curly '}")
        else:
            shown.append({"number": "{number}", "link": "{link}"}.get(kind) or _shorten(token))
    return [*shown, ">"]


def _shorten(mark: str) -> str:
    """A run of marks, cut to three."""
    return mark[:3]


def _case(word: str) -> str:
    """A function word in lower case, as a title, or in capitals: other mixtures count as lower case."""
    if word.isupper() and len(word) > 1:
        return word
    return word.capitalize() if word[0].isupper() else word.lower()


def _shape(word: str) -> str:
    size = "1-4" if len(word) < 5 else "5-7" if len(word) < 8 else "8+"
    if word.islower():
        case = "low"
    elif word.isupper():
        case = "CAPS"
    else:
        case = "Title" if word[1:].islower() else "mIxed"
    lower = word.lower()
    ending = next((f" -{ending}" for ending in _ENDINGS if lower.endswith(ending) and len(lower) > len(ending) + 2), "")
    stretched = " stretched" if re.search(r"(.)\1\1", lower) else ""
    return f"{{{size} {case}{ending}{stretched}}}"


_SENTENCE = re.compile(r"(?<=[.!?…])[\s\"')]+|\n+")


def frames(text: str, least: int = 5) -> list[str]:
    """The sentence frames of a text: each sentence of `least` or more words with its content words masked by `_`.

    Sentences without a function word have no frame of their own and are left out.

    >>> frames("Funny how the cameras failed that night. Ok then.")
    ['_ how the _ _ that _ .']
    """
    found = []
    for sentence in _SENTENCE.split(text):
        tokens = cut(sentence)
        words = [token.replace("’", "'").lower() for kind, token in tokens if kind == "word"]
        if len(words) < least or not any(word in FUNCTION_WORDS for word in words):
            continue
        shown = []
        for kind, token in tokens:
            plain = token.replace("’", "'").lower()
            if kind == "mark":
                shown.append(_shorten(token))
            else:
                shown.append(plain if plain in FUNCTION_WORDS else "_")
        found.append(" ".join(shown))
    return found
