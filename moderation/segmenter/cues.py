"""What is measured of every line: form, first and last words, what it shares with its neighbours and the article, what it copies, how it is
typed.

`measure` gives one row a line, the same cues whatever the site; `surround` adds each line's neighbours and the whole thread.
"""

import numpy as np

from moderation.segmenter.habits import BONDS, HABITS, find_addressed, measure_bonds, measure_habits
from moderation.segmenter.lexicon import CLASSES, page_classes, word_classes
from moderation.segmenter.page import DIGIT, LETTER, OTHER, UPPER, Array, Page, sort_distinct, stand_in
from moderation.segmenter.phrases import NAMES as PHRASES
from moderation.segmenter.phrases import score_phrases
from moderation.segmenter.quotes import Copies
from moderation.segmenter.rules import NAMES as RULES
from moderation.segmenter.rules import measure_rules

__all__ = ["NAMES", "measure", "word_weight"]

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
    *RULES,
)


def measure(page: Page, copies: Copies, first: int, tables: Array | None = None) -> Array:
    """Cues (lines, len(NAMES)), float32, of the lines from `first` on; lines above count as the article.

    `tables` are the weights of phrases; without them the cues of phrases are 0.
    """
    rows = np.arange(first, len(page))
    form = _measure_form(page, rows)
    shared = _measure_shared(page, copies, rows, first)
    begins, ends = page.line_words[rows], page.line_words[rows + 1]
    bits = page_classes(page)
    has = np.zeros((len(rows), len(CLASSES)), np.float32)
    opens, second = np.zeros_like(has), np.zeros_like(has)
    head_bits = [word_classes(_word_at(page, begins + place, ends)) for place in range(2)]
    for place in range(len(CLASSES)):
        member = np.concatenate([[0], np.cumsum((bits >> place) & 1)])
        has[:, place] = (member[ends] - member[begins]) / np.sqrt(np.maximum(ends - begins, 1))
        opens[:, place] = (head_bits[0] >> place) & 1
        second[:, place] = (head_bits[1] >> place) & 1
    typed = [measure_habits(page, rows), measure_bonds(page, rows, find_addressed(page, rows))]
    ruled = measure_rules(page, copies, rows)
    phrases = score_phrases(page, tables)[rows]
    return np.concatenate([phrases, form, shared, has, opens, second, *typed, ruled], axis=1).astype(np.float32)


def _word_at(page: Page, at: Array, ends: Array) -> Array:
    if not len(page.words):
        return np.zeros(len(at), np.uint64)
    return np.where(at < ends, page.words[np.minimum(at, len(page.words) - 1)], np.uint64(0))


def _measure_form(page: Page, rows: Array) -> Array:
    starts, ends, points, kinds = page.starts[rows], page.ends[rows], page.points, page.kinds
    words = (page.line_words[rows + 1] - page.line_words[rows]).astype(float)
    chars = (ends - starts).astype(float)

    def count(mask: Array) -> Array:
        return page.count_points(mask, rows).astype(float)

    ascii_points = np.minimum(points, 127).astype(np.uint8)

    def sign(char: str) -> Array:
        return np.asarray(ascii_points == ord(char))

    letters = count((kinds == LETTER) | (kinds == UPPER))
    uppers, digits, signs = count(kinds == UPPER), count(kinds == DIGIT), count(kinds == OTHER)
    stop = sign(".") | sign("!") | sign("?")
    stop_end = stop.copy()
    stop_end[:-1] &= kinds[1:] == 0
    dots = sign(".")
    dotted = np.zeros_like(dots)
    dotted[:-2] = dots[:-2] & dots[1:-1] & dots[2:]
    dotted |= points == 0x2026
    spaces = sign(" ")
    double = np.zeros_like(spaces)
    double[2:] = spaces[2:] & spaces[1:-1] & stop[:-2]
    slashes = sign("/")
    url = np.zeros_like(slashes)
    url[:-2] = sign(":")[:-2] & slashes[1:-1] & slashes[2:]
    urls = count(url)
    marks = count(sign('"') | (points == 0x201C) | (points == 0x201D))
    first, final = points[starts], points[ends - 1]
    first_kind, final_kind = kinds[starts], kinds[ends - 1]
    dotted_end = (final == 0x2026) | ((final == 46) & (points[np.maximum(ends - 2, starts)] == 46))
    named = _first_named(page, rows)
    bare_end = (final_kind == LETTER) | (final_kind == UPPER) | (final_kind == DIGIT)
    columns = [
        np.log1p(words),
        np.log1p(chars),
        uppers / np.maximum(letters, 1),
        digits / chars,
        signs / chars,
        count(sign(",")) / np.maximum(words, 1) * 10,
        np.minimum(letters / np.maximum(words, 1), 12) / 5,
        np.log1p(count(stop_end)),
        np.log1p(count(sign("?"))),
        np.log1p(count(sign("!"))),
        np.log1p(count(dotted)),
        np.log1p(marks),
        urls > 0,
        (urls > 0) & (count(spaces) == 0),
        (letters > 8) & (uppers > 0.7 * letters),
        first_kind == LETTER,
        first_kind == UPPER,
        first_kind == DIGIT,
    ]
    columns += [np.isin(first, [ord(char) for char in chars_]) for chars_ in _FIRST_SIGNS.values()]
    columns += [np.isin(final, [ord(char) for char in chars_]) for chars_ in _LAST_SIGNS.values()]
    columns += [
        bare_end,
        dotted_end,
        named,
        words == 1,
        (words <= 4) & bare_end & (words > 0),
        words == 0,
        np.minimum(page.gaps[rows], 3),
        count(sign("'")) / np.maximum(words, 1) * 10,
        np.log1p(count(double)),
    ]
    return np.stack(columns, axis=1).astype(np.float32)


def _first_named(page: Page, rows: Array) -> Array:
    """Does the line open with a capitalised word and a comma, colon or dash: somebody is addressed."""
    begins = page.line_words[rows]
    named = np.zeros(len(rows), bool)
    has = page.line_words[rows + 1] > begins
    at = begins[has]
    ends = page.word_ends[at]
    following = page.points[np.minimum(ends, len(page.points) - 1)]
    capital = page.kinds[page.word_starts[at]] == UPPER
    near = page.word_starts[at] - page.starts[rows[has]] <= 1
    named[has] = (
        capital & near & np.isin(following, [ord(","), ord(":"), 0x2013, 0x2014]) & (ends - page.word_starts[at] > 2)
    )
    return np.asarray(named & (word_classes(_word_at(page, begins, page.line_words[rows + 1])) == 0))


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
    total, size = len(page), len(page.word_ids)
    if not size:
        return [np.zeros(len(rows))] * 6
    kinds = int(page.word_ids.max()) + 1
    keys = sort_distinct(page.word_lines * kinds + page.word_ids)
    line, word = keys // kinds, keys % kinds
    frequency = np.bincount(word, minlength=kinds)
    weight = np.where(word_weight(page, kinds) > 0, np.log((total + 1) / frequency), 0.0)[word]
    norm = np.maximum(np.bincount(line, weight, total), 1e-9)
    order = np.lexsort((line, word))
    previous = np.full(len(keys), -1, np.int64)
    ordered_word, ordered_line = word[order], line[order]
    same = ordered_word[1:] == ordered_word[:-1]
    previous[order[1:]] = np.where(same, ordered_line[:-1], -1)
    following = np.full(len(keys), 1 << 40, np.int64)
    following[order[:-1]] = np.where(same, ordered_line[1:], 1 << 40)
    opening = np.zeros(kinds, bool)
    opening[word[line < first]] = True
    inside = previous >= first
    away = line - previous

    def portion(mask: Array) -> Array:
        sums = np.bincount(line, weight * mask, total)
        return np.asarray((sums / norm)[rows])

    older = np.zeros(len(keys), bool)
    for back in (2, 3):
        older |= stand_in((line - back) * kinds + word, keys) & (line - back >= first)
    return [
        portion(inside & (away == 1)),
        portion(older),
        portion(inside & (away <= 8)),
        portion(following == line + 1),
        portion(opening[word]),
        portion(~inside & ~opening[word]),
    ]


def word_weight(page: Page, kinds: int) -> Array:
    """1 for words of more than three letters that are in no class of the lexicon, by word id; 0 for the others."""
    weight = np.zeros(kinds)
    lengths = page.word_ends - page.word_starts
    weight[page.word_ids] = (lengths > 3) & (page_classes(page) == 0)
    return weight
