"""The folding table: what every Unicode code point becomes before features are taken.

Each code point is folded by itself, without its neighbours: compatibility decomposition (NFKD), full case folding, accents and other
combining marks of Latin, Greek, Cyrillic, Arabic and Hebrew dropped, invisible and control characters dropped, white space to one
blank or newline, typographic quotes and dashes to ASCII, and letters of other scripts that look like Latin ones to those
(Unicode Technical Report 36, section 2; the list here is hand-written). Because nothing depends on the
neighbours, the fold is one table look-up per code point, in linear time whatever the input.

`fold.npz` beside this file is the table as built from the Unicode version it names, so that every Python folds alike; code points that
this version does not assign become U+FFFD. Rebuild it with `python -m moderation.folding`; a test compares.
"""

import unicodedata
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

__all__ = ["FoldTable", "build", "load"]

PAGE = 256
STORED = Path(__file__).with_name("fold.npz")
DROPPED = -1
UNKNOWN = 0xFFFD

_LOOK_ALIKES = (
    # Cyrillic
    ("аеорсухіїјѕһԁԛԝѵєкмнтвгпԍҽҫӏӀьғқңүұџ", "aeopcyxiijshdqwvekmhtbrngecllbfkhyyu"),
    # Greek
    ("αβγεζηικνορτυχωϲϳ", "abyeznikvoptuxwcj"),
    # Armenian, Cherokee, Coptic, Lisu and others that are seen in disguises
    ("աեհոստցօք", "wehnumgop"),
    ("ᎠᎡᎢᎪᎳᎷᎻᎶᏃᏚᏟᏢᏔᏦ", "driawmhgzscpwk"),
    # Latin letters that NFKD leaves whole
    ("ıȷɑɡɩɪʟɴʀʏʙɢʜɛɔɐɒɘəɞɟɥɯɹʇʌʍʎʞɓɖɗɠɦɨɫɭɱɲɳɵɽʂʈʉʋʐʑƒƙɾʃʒ", "ijagiilnrybgheoaaeeejhwrtvmykbddghillmnnorstuvzzfkrsz"),
    ("đðøłħŧŋƀƃƈƌƒɠƙƚƞơƥƭưƴƶȥɇɉɋɍɏⱥⱦꞌ", "ddolhtnbbcdfgklnoptuyzzejqryat'"),
    ("ᴀᴄᴅᴇᴊᴋᴍᴏᴘᴛᴜᴠᴡᴢꜰꜱꞯ", "acdejkmoptuvwzfsq"),
    # quotes, dashes, dots, slashes
    ("‘’‚‛ʼʻ′´`ʹˈ＇", "''''''''''''"),
    ("“”„‟«»″‹›", '"""""""\'\''),
    ("‐‑‒–—―−﹘⁃", "---------"),
    ("•·∙⋅●◦‧", "......."),
    ("⁄∕", "//"),
    ("∗⁎✱✲٭﹡", "******"),
    ("¡¿", "!?"),
)
_ENCLOSED = (
    (0x1F130, 26),
    (0x1F150, 26),
    (0x1F170, 26),
    (0x1F1E6, 26),
)  # squared and negative circled capitals, flags' letters
_WORDS = {"æ": "ae", "œ": "oe", "þ": "th", "ß": "ss", "ŀ": "l", "ĸ": "k", "№": "no", "™": "tm", "…": "..."}
_BREAKS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
_STRIPPED_MARKS = (
    (0x0300, 0x036F),
    (0x0483, 0x0489),
    (0x0591, 0x05C7),
    (0x0610, 0x061A),
    (0x064B, 0x065F),
    (0x06D6, 0x06ED),
    (0x1AB0, 0x1AFF),
    (0x1DC0, 0x1DFF),
    (0x20D0, 0x20FF),
    (0xFE00, 0xFE0F),
    (0xFE20, 0xFE2F),
    (0xE0100, 0xE01EF),
)


class FoldTable(NamedTuple):
    """Two-level table: `entries[pages[cp >> 8] + (cp & 255)]` is the folded code point, or -1 (dropped), or -(k + 2) where
    `expansions[k]` is a length and that many code points follow it. `kinds` has the same index and says what the folded code point is
    (0 other, 1 letter, 2 further word character, 3 white space); it is used with code points that are folded already.
    """

    pages: npt.NDArray[np.int32]
    entries: npt.NDArray[np.int32]
    expansions: npt.NDArray[np.int32]
    kinds: npt.NDArray[np.uint8]
    unicode_version: str


def build() -> FoldTable:
    """The table, computed from this Python's `unicodedata` (some seconds)."""
    direct = _direct_folds()
    expansions: list[int] = []
    places: dict[str, int] = {}
    entries = np.empty(0x110000, np.int32)
    kinds = np.zeros(0x110000, np.uint8)
    for point in range(0x110000):
        folded = _fold(chr(point), direct)
        kinds[point] = _kind(chr(point))
        if not folded:
            entries[point] = DROPPED
        elif len(folded) == 1:
            entries[point] = ord(folded)
        else:
            if folded not in places:
                places[folded] = len(expansions)
                expansions += [len(folded), *map(ord, folded)]
            entries[point] = -(places[folded] + 2)
    return _paged(entries, expansions, kinds)


@cache
def load() -> FoldTable:
    """The stored table, read once."""
    with np.load(STORED, allow_pickle=False) as stored:
        return FoldTable(
            stored["pages"], stored["entries"], stored["expansions"], stored["kinds"], bytes(stored["version"]).decode()
        )


def _direct_folds() -> dict[str, str]:
    folds = dict(_WORDS)
    for look_alikes, latin in _LOOK_ALIKES:
        for seen, meant in zip(look_alikes, latin, strict=True):
            folds.setdefault(seen, meant)
    for first, count in _ENCLOSED:
        folds.update({chr(first + k): chr(ord("a") + k) for k in range(count)})
    return folds


def _fold(char: str, direct: dict[str, str]) -> str:
    if char in _BREAKS:
        return "\n"
    if char.isspace() or char in "\u2800\u3164\uffa0\u115f\u1160\u17b4\u17b5":
        return " "
    category = unicodedata.category(char)
    if category in {"Cn", "Co", "Cs"}:
        return "" if 0xE0000 <= ord(char) < 0xE1000 else chr(UNKNOWN)
    if category in {"Cf", "Cc"} or _is_stripped_mark(char):
        return ""
    if char in direct:
        return direct[char]
    parts = []
    for part in unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", char).casefold()):
        if _is_stripped_mark(part) or unicodedata.category(part) == "Cf":
            continue
        parts.append(" " if part.isspace() else direct.get(part, part))
    return "".join(parts)


def _is_stripped_mark(char: str) -> bool:
    point = ord(char)
    return any(first <= point <= last for first, last in _STRIPPED_MARKS)


def _kind(char: str) -> int:
    if char in " \n":
        return 3
    if char.isalpha():
        return 1
    return 2 if char.isalnum() or char == "_" else 0


def _paged(entries: npt.NDArray[np.int32], expansions: list[int], kinds: npt.NDArray[np.uint8]) -> FoldTable:
    pages = np.empty(0x1100, np.int32)
    kept_entries: list[npt.NDArray[np.int32]] = []
    kept_kinds: list[npt.NDArray[np.uint8]] = []
    seen: dict[bytes, int] = {}
    for page in range(0x1100):
        rows = slice(page * PAGE, (page + 1) * PAGE)
        key = entries[rows].tobytes() + kinds[rows].tobytes()
        if key not in seen:
            seen[key] = len(kept_entries) * PAGE
            kept_entries.append(entries[rows])
            kept_kinds.append(kinds[rows])
        pages[page] = seen[key]
    return FoldTable(
        pages,
        np.concatenate(kept_entries),
        np.array(expansions, np.int32),
        np.concatenate(kept_kinds),
        unicodedata.unidata_version,
    )


if __name__ == "__main__":
    table = build()
    np.savez_compressed(
        STORED,
        pages=table.pages,
        entries=table.entries,
        expansions=table.expansions,
        kinds=table.kinds,
        version=np.frombuffer(table.unicode_version.encode(), np.uint8),
    )
    print(f"{STORED.name}: Unicode {table.unicode_version}, {STORED.stat().st_size:,} bytes")
