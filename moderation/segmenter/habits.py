"""How a line is typed: habits that tell one writer from another, and marks that bind a line to the one above.

A habit is +1 one way, -1 the other, 0 where the line does not tell; the product of two lines' habits says whether they agree, as writers
are told apart by such habits in work on style change (Zangerle et al., PAN 2021).
"""

import numpy as np

from moderation.segmenter.page import (
    DIGIT,
    LETTER,
    SPACE,
    UPPER,
    Array,
    Page,
    among,
    hash_word,
    sort_distinct,
    stand_in,
)

__all__ = ["ADDRESSED", "BONDS", "HABITS", "measure_addressed", "measure_bonds", "measure_habits"]

HABITS = (
    "small_i",
    "double_space",
    "small_sentences",
    "bare_end",
    "bangs",
    "ellipses",
    "smileys",
    "lost_apostrophes",
)
BONDS = ("code", "opened", "closed", "numbered", "first_number", "shouted")
ADDRESSED = ("name_alone", "names_writer")

_LOST = "dont cant im ive didnt doesnt isnt wont thats wasnt couldnt wouldnt shouldnt havent arent youre theyre"
_LOST_HASHES = np.array(sorted(hash_word(word) for word in _LOST.split()), np.uint64)
_FACES = ")(DPp"
_SMILING = 0x1F300


def _shifted(mask: Array, by: int) -> Array:
    """The mask `by` code points further on: what follows each code point."""
    moved = np.zeros_like(mask)
    if by < len(mask):
        moved[: len(mask) - by] = mask[by:]
    return moved


def _told(yes: Array, no: Array) -> Array:
    return np.where(yes, 1.0, np.where(no, -1.0, 0.0))


def measure_habits(page: Page) -> Array:
    """Habits (lines, len(HABITS)), float32, of all lines of a page."""
    signs, kinds = page.signs, page.kinds
    stop = among(signs, ".!?")
    space, inked = kinds == SPACE, kinds != SPACE
    after_stop = stop & _shifted(space, 1)
    single, double = after_stop & _shifted(inked, 2), after_stop & _shifted(space, 2) & _shifted(inked, 3)
    small = kinds == LETTER
    small_next = after_stop & (_shifted(small, 2) | (_shifted(space, 2) & _shifted(small, 3)))
    first, last = page.starts, page.ends - 1
    # what stands between two lines is one space, whatever the page's line ends are
    ending = last[:-1]
    single[ending], double[ending], small_next[ending] = stop[ending], False, stop[ending] & small[first[1:]]
    begins = signs[page.word_starts]
    sizes = page.word_ends - page.word_starts
    apostrophes = np.flatnonzero(among(signs, "'’"))
    inner = np.searchsorted(apostrophes, page.word_starts)
    marked = np.append(apostrophes, len(signs))[inner] < page.word_ends
    alone = (sizes == 1) | (marked & (sizes <= 4))
    dots = signs == ord(".")
    dotted = (signs == ord("…")) | (dots & _shifted(dots, 1))
    mouth = among(signs, _FACES)
    smile = among(signs, ":;") & (_shifted(mouth, 1) | (_shifted(signs == ord("-"), 1) & _shifted(mouth, 2)))
    smile |= page.points >= _SMILING
    lost = stand_in(page.distinct, _LOST_HASHES)[page.word_ids]
    count_points, count_words = page.count_points, page.count_words
    columns = [
        _told(count_words(alone & (begins == ord("i"))) > 0, count_words(alone & (begins == ord("I"))) > 0),
        _told(count_points(double) > 0, count_points(single) > 0),
        _told((kinds[first] == LETTER) | (count_points(small_next) > 0), kinds[first] == UPPER),
        np.where((kinds[last] == LETTER) | (kinds[last] == UPPER) | (kinds[last] == DIGIT), 1.0, -1.0),
        np.where(count_points(signs == ord("!")) > 0, 1.0, -0.3),
        np.where(count_points(dotted) > 0, 1.0, -0.2),
        np.where(count_points(smile) > 0, 1.0, -0.1),
        _told(count_words(lost) > 0, count_words(marked) > 0),
    ]
    return np.stack(columns, axis=1).astype(np.float32)


def measure_bonds(page: Page) -> Array:
    """Bonds (lines, len(BONDS)), float32, of all lines of a page."""
    signs, kinds, lines = page.signs, page.kinds, page.starts

    def count(chars: str) -> Array:
        return page.count_points(among(signs, chars))

    odd_marks = count('"') % 2
    uppers = np.concatenate([[0], np.cumsum(kinds == UPPER)])
    spans = page.word_ends - page.word_starts
    shouted = (uppers[page.word_ends] - uppers[page.word_starts] == spans) & (spans > 2)
    last = len(signs) - 1
    second, third = signs[np.minimum(lines + 1, last)], signs[np.minimum(lines + 2, last)]
    two = kinds[np.minimum(lines + 1, last)] == DIGIT
    numbered = (kinds[lines] == DIGIT) & (among(second, ".):-") | (two & among(third, ".):-")))
    opening, closing, curly, uncurly = count("("), count(")"), count("“"), count("”")
    columns = [
        count("{};=<") / np.sqrt(np.maximum(page.ends - lines, 1)),
        (opening > closing) | (curly > uncurly) | (odd_marks > 0),
        (opening < closing) | (curly < uncurly) | (odd_marks > 0),
        numbered,
        numbered & ~two & (signs[lines] == ord("1")),
        page.count_words(shouted) / np.maximum(np.diff(page.line_words), 1),
    ]
    return np.stack([np.asarray(column, np.float32) for column in columns], axis=1)


def measure_addressed(page: Page, rows: Array) -> Array:
    """Cues (len(rows), len(ADDRESSED)), float32, of the lines `rows`, which are all that may address somebody by name."""
    addressed = _find_addressed(page, rows)
    begins, ends = page.line_words[rows], page.line_words[rows + 1]
    if not len(addressed):
        return np.zeros((len(rows), len(ADDRESSED)), np.float32)
    worded = ends > begins
    first, last = page.words[np.minimum(begins, len(page.words) - 1)], page.words[np.maximum(ends - 1, 0)]
    closing = among(page.signs[page.ends[rows] - 1], ",:")
    columns = [
        worded & (ends - begins <= 3) & stand_in(last, addressed) & ~closing,
        worded & stand_in(first, addressed),
    ]
    return np.stack(columns, axis=1).astype(np.float32)


def _find_addressed(page: Page, rows: Array) -> Array:
    """Hashes, in order, of the words by which somebody on this page is addressed: "@Phil", or "Phil," at the start of a line."""
    if not len(page.words):
        return page.words
    signs, begins, ends = page.signs, page.word_starts, page.word_ends
    at_sign = signs[np.maximum(begins - 1, 0)] == ord("@")
    heads = page.line_words[rows][page.line_words[rows + 1] > page.line_words[rows]]
    last = len(signs) - 1
    following, spaced = signs[np.minimum(ends[heads], last)], signs[np.minimum(ends[heads] + 1, last)]
    opens = begins[heads] - page.starts[page.word_lines[heads]] <= 1
    named = opens & (page.kinds[begins[heads]] == UPPER) & (ends[heads] - begins[heads] > 2)
    named &= among(following, ",:-–—") | ((following == ord(" ")) & among(spaced, "-–—"))
    return sort_distinct(np.concatenate([page.words[at_sign], page.words[heads[named]]]))
