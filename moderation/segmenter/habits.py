"""How a line is typed: habits that tell one writer from another, and marks that bind a line to the one above.

A habit is +1 one way, -1 the other, 0 where the line does not tell; the product of two lines' habits says whether they agree, as writers
are told apart by such habits in work on style change (Zangerle et al., PAN 2021).
"""

from functools import partial

import numpy as np

from moderation.segmenter.page import DIGIT, LETTER, SPACE, UPPER, Array, Page, hash_word

__all__ = ["BONDS", "HABITS", "find_addressed", "measure_bonds", "measure_habits"]

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
BONDS = ("code", "opened", "closed", "numbered", "first_number", "shouted", "name_alone", "names_writer")

_LOST = "dont cant im ive didnt doesnt isnt wont thats wasnt couldnt wouldnt shouldnt havent arent youre theyre"
_LOST_HASHES = np.array(sorted(hash_word(word) for word in _LOST.split()), np.uint64)
_AFTER_NAME = (ord(","), ord(":"), ord("-"), 0x2013, 0x2014)
_FACES = tuple(map(ord, ")(DPp"))
_SMILING = 0x1F300
_APOSTROPHES = (0x27, 0x2019)


def _shifted(mask: Array, by: int) -> Array:
    """The mask `by` code points further on: what follows each code point."""
    moved = np.zeros_like(mask)
    if by < len(mask):
        moved[: len(mask) - by] = mask[by:]
    return moved


def _told(yes: Array, no: Array) -> Array:
    return np.where(yes, 1.0, np.where(no, -1.0, 0.0))


def measure_habits(page: Page, rows: Array) -> Array:
    """Habits (len(rows), len(HABITS)), float32, of the lines `rows`."""
    count_points, count_words = partial(page.count_points, rows=rows), partial(page.count_words, rows=rows)
    points, kinds = page.points, page.kinds
    stop = np.isin(points, (ord("."), ord("!"), ord("?")))
    space, inked = kinds == SPACE, kinds != SPACE
    after_stop = stop & _shifted(space, 1)
    single, double = after_stop & _shifted(inked, 2), after_stop & _shifted(space, 2) & _shifted(inked, 3)
    small_next = after_stop & (_shifted(kinds == LETTER, 2) | (_shifted(space, 2) & _shifted(kinds == LETTER, 3)))
    first, last = page.starts[rows], page.ends[rows] - 1
    begins = points[page.word_starts] if len(page.words) else points[:0]
    sizes = page.word_ends - page.word_starts
    inner = np.concatenate([[0], np.cumsum(np.isin(points, _APOSTROPHES))])
    marked = inner[page.word_ends] > inner[page.word_starts]
    alone = (sizes == 1) | (marked & (sizes <= 4))
    dotted = (points == 0x2026) | ((points == 46) & _shifted(points == 46, 1))
    eyes = np.isin(points, (ord(":"), ord(";")))
    mouth = np.isin(points, _FACES)
    smile = (points >= _SMILING) | (eyes & (_shifted(mouth, 1) | (_shifted(points == 45, 1) & _shifted(mouth, 2))))
    columns = [
        _told(count_words(alone & (begins == ord("i"))) > 0, count_words(alone & (begins == ord("I"))) > 0),
        _told(count_points(double) > 0, count_points(single) > 0),
        _told((kinds[first] == LETTER) | (count_points(small_next) > 0), kinds[first] == UPPER),
        np.where(np.isin(kinds[last], (LETTER, UPPER, DIGIT)), 1.0, -1.0),
        np.where(count_points(points == 33) > 0, 1.0, -0.3),
        np.where(count_points(dotted) > 0, 1.0, -0.2),
        np.where(count_points(smile) > 0, 1.0, -0.1),
        _told(count_words(np.isin(page.words, _LOST_HASHES)) > 0, count_words(marked) > 0),
    ]
    return np.stack(columns, axis=1).reshape(len(rows), len(HABITS)).astype(np.float32)


def measure_bonds(page: Page, rows: Array, addressed: Array) -> Array:
    """Bonds (len(rows), len(BONDS)), float32; `addressed` holds the hashes of `find_addressed`."""
    count_points, count_words = partial(page.count_points, rows=rows), partial(page.count_words, rows=rows)
    points, kinds = page.points, page.kinds

    def signs(chars: str) -> Array:
        return count_points(np.isin(points, [ord(char) for char in chars]))

    sizes = np.maximum(page.ends[rows] - page.starts[rows], 1)
    lines = page.starts[rows]
    odd_marks = signs('"') % 2
    uppers = np.concatenate([[0], np.cumsum(kinds == UPPER)])
    spans = page.word_ends - page.word_starts
    shouted = (uppers[page.word_ends] - uppers[page.word_starts] == spans) & (spans > 2)
    words = page.line_words[rows + 1] - page.line_words[rows]
    known = np.concatenate([np.isin(page.words, addressed), [False]])
    first_word, last_word = page.line_words[rows], np.maximum(page.line_words[rows + 1] - 1, 0)
    second = points[np.minimum(lines + 1, len(points) - 1)]
    third = points[np.minimum(lines + 2, len(points) - 1)]
    digit, two = kinds[lines] == DIGIT, kinds[np.minimum(lines + 1, len(points) - 1)] == DIGIT
    after = (ord("."), ord(")"), ord(":"), ord("-"))
    numbered = digit & (np.isin(second, after) | (two & np.isin(third, after)))
    closing = np.isin(points[page.ends[rows] - 1], (ord(","), ord(":")))
    columns = [
        signs("{};=<") / np.sqrt(sizes),
        (signs("(") > signs(")")) | (signs("“") > signs("”")) | (odd_marks > 0),
        (signs("(") < signs(")")) | (signs("“") < signs("”")) | (odd_marks > 0),
        numbered,
        numbered & ~two & (points[lines] == ord("1")),
        count_words(shouted) / np.maximum(words, 1),
        (words > 0) & (words <= 3) & known[last_word] & ~closing,
        (words > 0) & known[np.minimum(first_word, len(known) - 1)],
    ]
    return np.stack([np.asarray(column, np.float32) for column in columns], axis=1).reshape(len(rows), len(BONDS))


def find_addressed(page: Page, rows: Array) -> Array:
    """Hashes of the words by which somebody on this page is addressed: "@Phil", or "Phil," at the start of a line."""
    if not len(page.words):
        return page.words
    points, begins, ends = page.points, page.word_starts, page.word_ends
    at_sign = points[np.maximum(begins - 1, 0)] == ord("@")
    heads = page.line_words[rows][page.line_words[rows + 1] > page.line_words[rows]]
    following = points[np.minimum(ends[heads], len(points) - 1)]
    spaced = points[np.minimum(ends[heads] + 1, len(points) - 1)]
    opens = begins[heads] - page.starts[page.word_lines[heads]] <= 1
    named = opens & (page.kinds[begins[heads]] == UPPER) & (ends[heads] - begins[heads] > 2)
    named &= np.isin(following, _AFTER_NAME) | ((following == 32) & np.isin(spaced, (45, 0x2013, 0x2014)))
    return np.unique(np.concatenate([page.words[at_sign], page.words[heads[named]]]))
