"""What is measured of every line: form, first and last words, what it shares with its neighbours and the article, what it copies, how it is
typed.

`measure` gives one row a line, the same cues whatever the site; `surround` adds each line's neighbours and the whole thread.
"""

import numpy as np

from moderation.segmenter.habits import ADDRESSED, BONDS, HABITS, measure_addressed, measure_bonds, measure_habits
from moderation.segmenter.lexicon import CLASSES, page_classes, word_classes
from moderation.segmenter.page import DIGIT, LETTER, OTHER, SPACE, UPPER, Array, Page, among, sort_distinct
from moderation.segmenter.phrases import NAMES as PHRASES
from moderation.segmenter.phrases import score_phrases
from moderation.segmenter.quotes import Copies
from moderation.segmenter.rules import NAMES as RULES
from moderation.segmenter.rules import measure_rules

__all__ = ["NAMES", "measure", "measure_alone", "rare_words"]

_FIRST_SIGNS = {"quote": "\"“”„«‘'", "at": "@", "bullet": "-*•–—·", "gt": ">", "paren": "(["}
_LAST_SIGNS = {
    "stop": ".",
    "bang": "!",
    "ask": "?",
    "quote": "\"“”»’'",
    "colon": ":",
    "comma": ",;",
    "dots": "…",
    "paren": ")]",
    "dash": "-–—",
}

FORM = (
    *(
        "log_words",
        "log_chars",
        "upper",
        "digits",
        "signs",
        "commas",
        "word_length",
        "sentences",
        "asks",
        "bangs",
        "dots",
    ),
    *("quote_marks", "url", "url_only", "shouting", "first_lower", "first_upper", "first_digit"),
    *(f"first_{name}" for name in _FIRST_SIGNS),
    *(f"last_{name}" for name in _LAST_SIGNS),
    *(
        "last_word",
        "last_ellipsis",
        "first_named",
        "single_word",
        "signed",
        "no_words",
        "gap",
        "straight",
        "double_space",
    ),
)
SHARED = (
    "copied",
    "copied_whole",
    "copied_next",
    "copied_article",
    "same_prev",
    "same_before",
    "same_near",
    "same_next",
    "same_article",
    "new_words",
    "same_first",
)
NAMES = (
    *PHRASES,
    *FORM,
    *SHARED,
    *(f"has_{name}" for name in CLASSES),
    *(f"opens_{name}" for name in CLASSES),
    *(f"second_{name}" for name in CLASSES),
    *HABITS,
    *BONDS,
    *ADDRESSED,
    *RULES,
)
_BEFORE_SHARED = len(PHRASES) + len(FORM)


def measure(page: Page, copies: Copies, first: int, alone: Array) -> Array:
    """Cues (lines, len(NAMES)), float32, of the lines from `first` on; lines above count as the article.

    `alone` is what `measure_alone` says of the page: it is the same wherever the article ends, so it is measured once.
    """
    rows = np.arange(first, len(page))
    own = alone[first:]
    addressed = measure_addressed(page, rows)
    ruled = measure_rules(page, copies, rows)
    shared = _measure_shared(page, copies, rows, first)
    return np.concatenate([own[:, :_BEFORE_SHARED], shared, own[:, _BEFORE_SHARED:], addressed, ruled], axis=1)


def measure_alone(page: Page, tables: Array | None = None) -> Array:
    """The cues of all lines of a page that do not depend on where the article ends, float32, in the order of NAMES.

    `tables` are the weights of phrases; without them the cues of phrases are 0.
    """
    begins, ends = page.line_words[:-1], page.line_words[1:]
    bits = page_classes(page)
    has = np.zeros((len(page), len(CLASSES)), np.float32)
    opens, second = np.zeros_like(has), np.zeros_like(has)
    head_bits = [word_classes(_word_at(page, begins + place, ends)) for place in range(2)]
    sizes = np.sqrt(np.maximum(ends - begins, 1))
    telling = np.flatnonzero(bits)
    bits, lines = bits[telling], page.word_lines[telling]
    for place in range(len(CLASSES)):
        has[:, place] = np.bincount(lines[(bits >> place) & 1 > 0], minlength=len(page)) / sizes
        opens[:, place] = (head_bits[0] >> place) & 1
        second[:, place] = (head_bits[1] >> place) & 1
    typed = [measure_habits(page), measure_bonds(page)]
    return np.concatenate([score_phrases(page, tables), _measure_form(page), has, opens, second, *typed], axis=1)


def _word_at(page: Page, at: Array, ends: Array) -> Array:
    if not len(page.words):
        return np.zeros(len(at), np.uint64)
    return np.where(at < ends, page.words[np.minimum(at, len(page.words) - 1)], np.uint64(0))


def _measure_form(page: Page) -> Array:
    starts, ends, points, kinds, signs = page.starts, page.ends, page.points, page.kinds, page.signs
    words = np.diff(page.line_words).astype(float)
    chars = (ends - starts).astype(float)

    def count(mask: Array) -> Array:
        return page.count_points(mask).astype(float)

    uppers, digits, others = count(kinds == UPPER), count(kinds == DIGIT), count(kinds == OTHER)
    letters = chars - digits - others - count(kinds == SPACE)
    stop = among(signs, ".!?")
    stop_end = stop.copy()
    stop_end[:-1] &= kinds[1:] == SPACE
    dots = signs == ord(".")
    dotted = signs == ord("…")
    dotted[:-2] |= dots[:-2] & dots[1:-1] & dots[2:]
    spaces = signs == ord(" ")
    double = np.zeros_like(spaces)
    double[2:] = spaces[2:] & spaces[1:-1] & stop[:-2]
    slashes = signs == ord("/")
    url = np.zeros_like(slashes)
    url[:-2] = (signs == ord(":"))[:-2] & slashes[1:-1] & slashes[2:]
    urls = count(url)
    first, final = signs[starts], signs[ends - 1]
    first_kind, final_kind = kinds[starts], kinds[ends - 1]
    dotted_end = (final == ord("…")) | ((final == ord(".")) & (points[np.maximum(ends - 2, starts)] == ord(".")))
    bare_end = (final_kind == LETTER) | (final_kind == UPPER) | (final_kind == DIGIT)
    columns = [
        np.log1p(words),
        np.log1p(chars),
        uppers / np.maximum(letters, 1),
        digits / chars,
        others / chars,
        count(signs == ord(",")) / np.maximum(words, 1) * 10,
        np.minimum(letters / np.maximum(words, 1), 12) / 5,
        np.log1p(count(stop_end)),
        np.log1p(count(signs == ord("?"))),
        np.log1p(count(signs == ord("!"))),
        np.log1p(count(dotted)),
        np.log1p(count(among(signs, '"“”'))),
        urls > 0,
        (urls > 0) & (count(spaces) == 0),
        (letters > 8) & (uppers > 0.7 * letters),
        first_kind == LETTER,
        first_kind == UPPER,
        first_kind == DIGIT,
    ]
    columns += [among(first, chars_) for chars_ in _FIRST_SIGNS.values()]
    columns += [among(final, chars_) for chars_ in _LAST_SIGNS.values()]
    columns += [
        bare_end,
        dotted_end,
        _first_named(page),
        words == 1,
        (words <= 4) & bare_end & (words > 0),
        words == 0,
        np.minimum(page.gaps, 3),
        count(signs == ord("'")) / np.maximum(words, 1) * 10,
        np.log1p(count(double)),
    ]
    return np.stack(columns, axis=1).astype(np.float32)


def _first_named(page: Page) -> Array:
    """Does the line open with a capitalised word and a comma, colon or dash: somebody is addressed."""
    begins = page.line_words[:-1]
    has = page.line_words[1:] > begins
    at = begins[has]
    begin, end = page.word_starts[at], page.word_ends[at]
    following = page.signs[np.minimum(end, len(page.signs) - 1)]
    named = np.zeros(len(page), bool)
    named[has] = (
        (page.kinds[begin] == UPPER) & (begin - page.starts[has] <= 1) & among(following, ",:–—") & (end - begin > 2)
    )
    return np.asarray(named & (word_classes(_word_at(page, begins, page.line_words[1:])) == 0))


def _measure_shared(page: Page, copies: Copies, rows: Array, first: int) -> Array:
    count = len(rows)
    share, source = copies.share[rows], copies.source[rows]
    whole = share >= 0.6
    before = np.concatenate([[-9], source[:-1]])
    follows = whole & (source >= 0) & ((source == before + 1) | (source == before))
    overlap = _overlaps(page, rows, first)
    heads = _word_at(page, page.line_words[rows], page.line_words[rows + 1])
    same_first = np.concatenate([[False], heads[1:] == heads[:-1]]) if count else np.zeros(0, bool)
    columns = [share, whole, follows, whole & (source >= 0) & (source < first), *overlap, same_first]
    return np.stack([np.asarray(column, np.float32) for column in columns], axis=1).reshape(count, len(SHARED))


def _overlaps(page: Page, rows: Array, first: int) -> list[Array]:
    """Shares of a line's rare words, by idf on this page, that also stand in other lines: the one before, the two before that, any of the
    eight before, the next, the article; and the share that the thread sees for the first time.
    """
    total = len(page)
    kinds = len(page.distinct)
    rare = rare_words(page)
    counted = rare[page.word_ids]
    # every rare word of every line once, in the order of words and then of lines
    keys = sort_distinct(page.word_ids[counted] * total + page.word_lines[counted])
    if not len(keys):
        return [np.zeros(len(rows))] * 6
    word, line = keys // total, keys % total
    weight = np.log((total + 1) / np.maximum(np.bincount(word, minlength=kinds), 1))[word]
    norm = np.maximum(np.bincount(line, weight, total), 1e-9)
    opening = np.zeros(kinds, bool)
    opening[word[line < first]] = True
    previous, following = _lines_around(word, line)
    away = line - previous
    inside = previous >= first
    older = np.zeros(len(keys), bool)
    for back in range(1, 4):
        same = word[back:] == word[:-back]
        gap = line[back:] - line[:-back]
        older[back:] |= same & ((gap == 2) | (gap == 3)) & (line[:-back] >= first)

    def portion(mask: Array) -> Array:
        sums = np.bincount(line[mask], weight[mask], total)
        return np.asarray((sums / norm)[rows])

    return [
        portion(inside & (away == 1)),
        portion(older),
        portion(inside & (away <= 8)),
        portion(following == line + 1),
        portion(opening[word]),
        portion(~inside & ~opening[word]),
    ]


def _lines_around(word: Array, line: Array) -> tuple[Array, Array]:
    """For each word of each line the line above (-1: none) and below (-1: none) that holds it too."""
    same = word[1:] == word[:-1]
    previous, following = np.full(len(word), -1, np.int64), np.full(len(word), -1, np.int64)
    previous[1:][same] = line[:-1][same]
    following[:-1][same] = line[1:][same]
    return previous, following


def rare_words(page: Page) -> Array:
    """Which words (by id) tell of what a text is about: more than three letters, in no class of the lexicon."""
    lengths = np.zeros(len(page.distinct), np.int64)
    lengths[page.word_ids] = page.word_ends - page.word_starts
    return np.asarray((lengths > 3) & (word_classes(page.distinct) == 0))
