"""Normalise a comment for the features, keeping an exact map back to the raw text.

Three steps, each linear in the text:

1. `unmask`: rare disguises that need a look at whole runs (see `moderation.unmasking`).
2. the fold: one table look-up per code point (see `moderation.folding`).
3. the rewrite: words spelled out with separators are joined (`i.d.i.o.t`), digits and signs that stand for letters inside a word
   become those letters (`1d10t`, `sh!t`), and runs of one character are cut short (`stuuupid`).

Steps 2 and 3 are written once, as loops over code points: this module runs them on lists, `moderation.features` compiles the same
functions. Nothing here judges: the rewrite applies to training and scoring alike, so a harmless "covid19" is only spelled another way.
"""

import re
from typing import Any, NamedTuple

import numpy as np

from moderation import folding
from moderation.records import Span
from moderation.unmasking import is_masked, unmask

__all__ = ["Normalised", "find_words", "is_masked", "normalise", "unmask"]

LETTER, WORD, SPACE = 1, 2, 3
"""Kinds of folded code points; 0 is everything else."""


class Normalised(NamedTuple):
    """`text`, and for each of its code points the raw index it came from; `offsets` has one entry more, the raw length."""

    text: str
    offsets: list[int]

    def to_raw(self, start: int, end: int) -> Span:
        """The raw span of `text[start:end]`; it is never empty unless `start == end`."""
        if start == end:
            return Span(self.offsets[start], self.offsets[start])
        covered = self.offsets[start:end]
        first, last = min(covered), max(covered)  # an undone right-to-left override runs backwards
        following = self.offsets[end]
        return Span(first, following if following > last else last + 1)


def normalise(text: str) -> Normalised:
    """Fold case, compatibility forms, accents, look-alike letters and invisible characters, and undo common disguises.

    >>> normalise("Ｙｏｕ ѕtuuupid і.d.i.o.t…").text
    'you stupid idiot...'
    """
    raw, origins = unmask(text)
    table = folding.load()
    points = [ord(char) for char in raw]
    size = folded_size(points, len(points), table.pages, table.entries, table.expansions)
    folded, sources = [0] * size, [0] * size
    fold(points, len(points), table.pages, table.entries, table.expansions, folded, sources)
    kinds = [kind_of(point, table.pages, table.kinds) for point in folded]
    size = rewrite(folded, kinds, sources, size)
    offsets = [origins[source] for source in sources[:size]] if origins else sources[:size]
    return Normalised("".join(map(chr, folded[:size])), [*offsets, len(text)])


_WORD = re.compile(r"\w+")


def find_words(normalised: str) -> list[str]:
    """The words of a normalised text: runs of letters, digits and underscores."""
    return _WORD.findall(normalised)


# ---------------------------------------------------------------- steps 2 and 3: loops that features/ compiles as well


_READ_AS = {
    "0": "o",
    "1": "i",
    "!": "i",
    "|": "i",
    "3": "e",
    "4": "a",
    "@": "a",
    "5": "s",
    "$": "s",
    "7": "t",
    "+": "t",
    "9": "g",
}
SIGNS = np.array([ord(_READ_AS.get(chr(point), "\0")) for point in range(128)], np.int32)
"""The letter that each ASCII digit or sign stands for inside a word, or 0. (An array: numba makes 128 branches of a tuple.)"""


def kind_of(point: int, pages: Any, kinds: Any) -> int:
    """Kind of a folded code point: 0, LETTER, WORD or SPACE."""
    return kinds[pages[point >> 8] + (point & 255)]  # type: ignore[no-any-return]


def folded_size(points: Any, n: int, pages: Any, entries: Any, expansions: Any) -> int:
    """How many code points `fold` will write."""
    size = 0
    for i in range(n):
        entry = entries[pages[points[i] >> 8] + (points[i] & 255)]
        if entry >= 0:
            size += 1
        elif entry < -1:
            size += expansions[-entry - 2]
    return size


def fold(points: Any, n: int, pages: Any, entries: Any, expansions: Any, folded: Any, sources: Any) -> int:
    """Write the folded code points of `points[:n]` to `folded` and their indices in `points` to `sources`; returns their number."""
    size = 0
    for i in range(n):
        entry = entries[pages[points[i] >> 8] + (points[i] & 255)]
        if entry >= 0:
            folded[size] = entry
            sources[size] = i
            size += 1
        elif entry < -1:
            at = -entry - 2
            for k in range(expansions[at]):
                folded[size] = expansions[at + 1 + k]
                sources[size] = i
                size += 1
    return size


def rewrite(folded: Any, kinds: Any, sources: Any, n: int) -> int:
    """Rewrite in place, and return the new length: spelled-out words joined, signs for letters read, repeats cut."""
    n = join_spelled(folded, kinds, sources, n)
    read_signs(folded, kinds, n)
    return cut_repeats(folded, kinds, sources, n)


def join_spelled(folded: Any, kinds: Any, sources: Any, n: int) -> int:
    """Drop the separators of `i.d.i.o.t`, `i d i o t`: single letters with one and the same sign between them.

    Three letters make a spelled-out word, or four where blanks stand between them ("u r a" is not one).
    """
    out = 0
    i = 0
    while i < n:
        count = 0
        if (
            kinds[i] == 1
            and i + 4 < n
            and kinds[i + 2] == 1
            and kinds[i + 1] != 1
            and (i == 0 or kinds[i - 1] in (0, 3))
        ):
            mark = folded[i + 1]
            if kinds[i + 1] == 3 or mark in (42, 45, 46, 47, 95, 124, 126, 44, 43, 183):  # * - . / _ | ~ , + ·
                count = 1
                at = i
                while at + 2 < n and folded[at + 1] == mark and kinds[at + 2] == 1:
                    at += 2
                    count += 1
                if at + 1 < n and (kinds[at + 1] == 1 or kinds[at + 1] == 2):
                    count -= 1  # the last letter begins a longer word
                if count < 3 or (kinds[i + 1] == 3 and (count < 4 or mark == 10)):
                    count = 0
        for k in range(max(count, 1)):
            folded[out] = folded[i + 2 * k]
            kinds[out] = kinds[i + 2 * k]
            sources[out] = sources[i + 2 * k]
            out += 1
        i += 2 * count - 1 if count else 1
    return out


def read_signs(folded: Any, kinds: Any, n: int) -> None:
    """Turn `1d10t`, `sh!t`, `a$$`, `@ss` into letters: short runs of such signs between letters, or one before two letters."""
    i = 0
    while i < n:
        if folded[i] > 127 or SIGNS[folded[i]] == 0 or kinds[i] == 1:
            i += 1
            continue
        end = i
        while end < n and end - i <= 3 and kinds[end] != 1 and folded[end] < 128 and SIGNS[folded[end]] != 0:
            end += 1
        before = i > 0 and kinds[i - 1] == 1
        after = end < n and kinds[end] == 1
        fits = before and after and end - i <= 3
        at_start = not before and after and end - i == 1 and end + 1 < n and (i == 0 or kinds[i - 1] == 3)
        if at_start and (kinds[end + 1] == 1 or (folded[end + 1] < 128 and SIGNS[folded[end + 1]] != 0)):
            fits = folded[i] != 64 or (folded[end] == 115 and folded[end + 1] == 115)  # @name is a name, @ss is not
        if before and not after and end - i == 2 and folded[i] == 36 and folded[i + 1] == 36:
            fits = True  # a$$
        if fits:
            for k in range(i, end):
                folded[k] = SIGNS[folded[k]]
                kinds[k] = 1
        i = end
    return


def cut_repeats(folded: Any, kinds: Any, sources: Any, n: int) -> int:
    """Cut runs of three or more: letters that English never doubles to one, other letters to two, signs to three; digits stay."""
    out = 0
    i = 0
    while i < n:
        end = i + 1
        while end < n and folded[end] == folded[i]:
            end += 1
        keep = end - i
        if keep > 2 and kinds[i] == 1:
            keep = 1 if folded[i] in (97, 104, 105, 106, 107, 113, 117, 118, 119, 120, 121) else 2
        elif keep > 3 and kinds[i] == 0:
            keep = 3
        for k in range(keep):
            folded[out] = folded[i]
            kinds[out] = kinds[i]
            sources[out] = sources[i + k]
            out += 1
        i = end
    return out
