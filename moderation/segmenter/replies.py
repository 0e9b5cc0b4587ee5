"""Who answers whom: a probable parent for each comment, by a softmax over the comments before it and "nobody".

The cues are those that people use: an address by name, words copied or shared, a contradiction or agreement at the start, "you",
a question before, and the alternation of two voices. One weight a cue (see `WEIGHTS` in the model folder).
"""

from typing import NamedTuple

import numpy as np

from moderation.segmenter.cues import rare_words
from moderation.segmenter.lexicon import CLASSES, page_classes
from moderation.segmenter.page import Array, Page, sort_distinct, stand_in
from moderation.segmenter.quotes import Copies

__all__ = ["NONE_CUES", "PAIR_CUES", "WINDOW", "Parents", "ReplyCues", "choose_parents", "measure_replies"]

WINDOW = 24
"""Comments back that are looked at: 96 % of the parents in public threads lie within."""

PAIR_CUES = (
    *(
        "previous",
        "second",
        "third",
        "log_distance",
        "first_comment",
        "shared",
        "shared_opening",
        "copied",
        "named",
        "asked",
        "asked_long",
    ),
    *(
        "you_previous",
        "opens_you_previous",
        "agrees_previous",
        "disagrees_previous",
        "opens_word_previous",
        "alternates",
        "voice",
        "long_parent",
        "own_length",
    ),
    *("shared_share", "shared_best", "copied_best", "quotes_elsewhere", "thanks_previous", "asks_previous"),
)
NONE_CUES = (
    "none",
    "none_early",
    "none_article",
    "none_you",
    "none_opens_you",
    "none_opens_word",
    "none_long",
    "none_greeting",
    "none_copied",
    "none_shared",
    "none_i",
)


class ReplyCues(NamedTuple):
    """`pairs` (comments, WINDOW, cues): comment j answering j - 1 - k; `nobody` (comments, cues); `valid` (comments, WINDOW)."""

    pairs: Array
    nobody: Array
    valid: Array


class Parents(NamedTuple):
    """For each comment the index of its most probable parent, that probability, and the probability that it answers nobody."""

    parent: Array
    probability: Array
    nobody: Array


def measure_replies(page: Page, copies: Copies, owner: Array, names: list[str | None]) -> ReplyCues:
    """Cues of all pairs.

    `owner` gives each line's comment (-1: article or furniture); `names` the authors where the page tells them."""
    count = len(names)
    of_word = owner[page.word_lines] if len(page.words) else np.zeros(0, np.int64)
    inside = of_word >= 0
    comment, ids = of_word[inside], page.word_ids[inside]
    voice = _measure_voice(comment, page_classes(page)[inside], count)
    shared, opening, weight_all, article = _share(page, owner, of_word, ids, comment, count)
    copied = _count_copied(page, copies, owner, of_word, count)
    sizes = np.maximum(np.bincount(comment, minlength=count), 1).astype(float)
    named = _find_names(page, owner, names, count)
    asks = _ends_asking(page, owner, count)
    back = np.arange(1, WINDOW + 1)[None, :]
    child = np.arange(count)[:, None]
    parent = child - back
    valid = parent >= 0
    at = np.maximum(parent, 0)
    one = np.ones((count, WINDOW))
    previous = (back == 1) * one
    best = shared.max(1, keepdims=True)
    copied_share = copied / sizes[:, None]
    likeness = np.exp(-np.abs(voice.style[:, None, :] - voice.style[at]).sum(2))
    columns = [
        previous,
        (back == 2) * one,
        (back == 3) * one,
        np.log(back) * one,
        (parent == 0) * one,
        shared,
        opening,
        np.minimum(copied_share, 1),
        named,
        asks[at] * previous,
        asks[at] * (sizes[:, None] < 40) * previous,
        voice.you[:, None] * previous,
        voice.opens_you[:, None] * previous,
        voice.agrees[:, None] * previous,
        voice.disagrees[:, None] * previous,
        voice.opens_word[:, None] * previous,
        likeness[:, 1:2] * previous if count else previous,
        likeness,
        np.log(sizes)[at],
        np.log(sizes)[:, None] * previous,
        shared / np.maximum(weight_all[:, None], 1e-9),
        (shared == best) & (best > 0),
        (copied > 0) & (copied == copied.max(1, keepdims=True)),
        (copied == 0) & (copied.max(1, keepdims=True) > 0),
        voice.thanks[:, None] * previous,
        asks[:, None] * previous,
    ]
    pairs = np.stack([np.asarray(column, float) for column in columns], axis=2)
    nobody = np.stack(
        [
            np.ones(count),
            np.exp(-np.arange(count) / 5),
            article,
            voice.you,
            voice.opens_you,
            voice.opens_word,
            np.log(sizes),
            voice.thanks,
            copied.max(1) > 0 if count else np.zeros(0),
            best[:, 0] if count else np.zeros(0),
            voice.first_person,
        ],
        axis=1,
    )
    return ReplyCues(pairs, nobody.astype(float), valid)


def choose_parents(cues: ReplyCues, weights: Array) -> Parents:
    """Softmax over the candidates; `weights` holds one number for each of PAIR_CUES, then NONE_CUES."""
    scores = cues.pairs @ weights[: len(PAIR_CUES)]
    scores = np.where(cues.valid, scores, -np.inf)
    nobody = cues.nobody @ weights[len(PAIR_CUES) :]
    top = np.maximum(scores.max(1, initial=-np.inf), nobody)
    chances = np.exp(scores - top[:, None])
    alone = np.exp(nobody - top)
    total = chances.sum(1) + alone
    best = chances.argmax(1)
    index = np.arange(len(best))
    return Parents(index - 1 - best, chances[index, best] / total, alone / total)


class _Voice(NamedTuple):
    style: Array
    you: Array
    opens_you: Array
    agrees: Array
    disagrees: Array
    opens_word: Array
    thanks: Array
    first_person: Array


def _measure_voice(comment: Array, bits: Array, count: int) -> _Voice:
    """How each comment begins and speaks; its first five words decide how it opens."""
    sizes = np.maximum(np.bincount(comment, minlength=count), 1)
    first = np.searchsorted(comment, np.arange(count))
    place = np.arange(len(comment)) - first[comment] if len(comment) else comment
    names = list(CLASSES)

    telling = np.flatnonzero(bits)
    bits, comment, place = bits[telling], comment[telling], place[telling]

    def rate(name: str, upto: int | None = None) -> Array:
        member = (bits >> names.index(name)) & 1 > 0
        if upto is not None:
            return np.minimum(np.bincount(comment[member & (place < upto)], minlength=count), 1.0)
        return np.bincount(comment[member], minlength=count) / np.sqrt(sizes)

    style = np.stack([np.log(sizes) / 2, rate("i"), rate("you"), rate("swear") * 2, rate("the")], axis=1)
    opens_word = np.minimum(
        rate("but", 1)
        + rate("so", 1)
        + rate("and", 1)
        + rate("well", 1)
        + rate("it", 1)
        + rate("this", 1)
        + rate("he", 1),
        1,
    )
    return _Voice(
        style,
        rate("you"),
        rate("you", 5),
        rate("agree", 2),
        rate("disagree", 2),
        opens_word,
        rate("thanks", 3),
        rate("i"),
    )


def _share(
    page: Page, owner: Array, of_word: Array, ids: Array, comment: Array, count: int
) -> tuple[Array, Array, Array, Array]:
    """Rare words by idf that comments share (all, first line's), their own weight, and their share in the article."""
    kinds = len(page.distinct)
    counted = rare_words(page)[ids]
    keys = sort_distinct(comment[counted] * kinds + ids[counted])
    owner_of, word = keys // kinds, keys % kinds
    frequency = np.bincount(word, minlength=kinds)
    weight = np.log((count + 1) / np.maximum(frequency, 1))[word]
    own = np.bincount(owner_of, weight, count)
    begins = np.concatenate([[True], owner[1:] != owner[:-1]])
    first_line = begins[page.word_lines] & (of_word >= 0)
    shared, opened = np.zeros((count, WINDOW)), np.zeros((count, WINDOW))
    common = frequency[word] > 1
    pairs, by, gain = keys[common], owner_of[common], weight[common]
    opening = stand_in(pairs, sort_distinct(of_word[first_line] * kinds + page.word_ids[first_line]))
    for back in range(1, min(WINDOW, count - 1) + 1 if len(pairs) else 0):
        wanted = pairs - back * kinds
        hit = (pairs[np.minimum(np.searchsorted(pairs, wanted), len(pairs) - 1)] == wanted) & (by >= back)
        shared[:, back - 1] = np.bincount(by[hit], gain[hit], count)
        hit &= opening
        opened[:, back - 1] = np.bincount(by[hit], gain[hit], count)
    told = np.zeros(kinds, bool)
    told[page.word_ids[of_word < 0]] = True
    article = np.bincount(owner_of, weight * told[word], count) / np.maximum(own, 1e-9)
    scale = np.sqrt(np.maximum(own, 1.0))[:, None]
    return shared / scale, opened / scale, own, article


def _count_copied(page: Page, copies: Copies, owner: Array, of_word: Array, count: int) -> Array:
    """Words of each comment that are copied from each of the comments before it."""
    table = np.zeros((count, WINDOW))
    used = (copies.word_source >= 0) & (of_word >= 0)
    child, parent = of_word[used], owner[copies.word_source[used]]
    near = (parent >= 0) & (child - parent >= 1) & (child - parent <= WINDOW)
    np.add.at(table, (child[near], (child - parent)[near] - 1), 1.0)
    return table


def _find_names(page: Page, owner: Array, names: list[str | None], count: int) -> Array:
    """Is the author of the earlier comment named in the first line of the later one, most of all at its start."""
    table = np.zeros((count, WINDOW))
    if not any(names):
        return table
    first_lines: dict[int, str] = {}
    for at, who in enumerate(owner.tolist()):
        if who >= 0 and who not in first_lines:
            first_lines[who] = page.line_texts[at][:160].lower()
    for child, line in first_lines.items():
        for back in range(1, min(WINDOW, child) + 1):
            name = (names[child - back] or "").lower()
            if len(name) >= 3 and name in line and name != (names[child] or "").lower():
                table[child, back - 1] = 1.0 if line.lstrip("@ ").startswith(name) else 0.5
    return table


def _ends_asking(page: Page, owner: Array, count: int) -> Array:
    asks = np.zeros(count)
    for at, who in enumerate(owner.tolist()):
        if who >= 0:
            asks[who] = page.line_texts[at].rstrip().endswith("?")
    return asks
