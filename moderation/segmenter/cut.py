"""The end of the article by statistics, for pages where no marker and no author line tells.

Every line gets a chance of standing on the comments' side; a cut is then judged by how well the two sides fall apart there and by the
lines on either side of it. The chances of all cuts of a page add up to one.
"""

import numpy as np

from moderation.segmenter.cues import NAMES
from moderation.segmenter.model import SegmenterModel
from moderation.segmenter.page import Array

__all__ = ["CUT_COLUMNS", "SIDE_COLUMNS", "guess_cut", "measure_cuts", "measure_sides"]

_FORM = 58
_OVERALL = 22
_TELLING = (
    *(
        "log_words",
        "url_only",
        "last_word",
        "single_word",
        "signed",
        "no_words",
        "same_prev",
        "same_near",
        "new_words",
        "copied",
        "last_colon",
    ),
    *(
        "first_named",
        "first_lower",
        "has_article",
        "has_you",
        "has_i",
        "opens_thanks",
        "opens_praise",
        "opens_greeting",
        "opens_i",
        "has_thanks",
    ),
    *("copied_whole", "first_at", "last_bang", "upper"),
)
_AT = [NAMES.index(name) for name in _TELLING]

_OPENING, _CLOSING, _LENGTH = (NAMES.index(name) for name in ("opening", "closing", "log_words"))

SIDE_COLUMNS = 3 * len(NAMES) + _FORM + _OVERALL
FOOT = 2.0
"""Logits for a cut right below the foot of an article ("Filed under", "Photo:"): set by hand, for few training threads have any."""

LONGEST = 4000
"""Lines from the top among which a cut is looked for."""


def measure_sides(values: Array) -> Array:
    """Columns that tell article from comments, for each line (n, SIDE_COLUMNS)."""
    blank = np.zeros((1, values.shape[1]), np.float32)
    before, after = np.concatenate([blank, values[:-1]]), np.concatenate([values[1:], blank])
    mean = values.mean(0)
    parts = [values, before, after, values[:, :_FORM] - mean[:_FORM], np.repeat(mean[None, :_OVERALL], len(values), 0)]
    return np.concatenate(parts, axis=1).astype(np.float32)


def measure_cuts(values: Array, sides: Array, starts: Array, headings: Array) -> Array:
    """Columns of every cut k = 1 … n - 1 (the first k lines are the article).

    `sides`: logits of being a comment; `starts`: of starting one; `headings`: 1 where a line is the foot of an article.
    """
    count = min(len(values), LONGEST)
    sides = sides.clip(-4, 4)
    at = np.arange(1, count)
    sums = np.concatenate([[0], np.cumsum(sides)])
    outside = np.concatenate([[0], np.cumsum(-np.log1p(np.exp(sides)))])
    within = np.concatenate([[0], np.cumsum(-np.log1p(np.exp(-sides)))])
    fit = outside[at] + within[-1] - within[at]
    fit = fit - fit.max(initial=-np.inf) if len(fit) else fit

    def mean(begin: Array, end: Array) -> Array:
        begin, end = begin.clip(0, len(values)), end.clip(0, len(values))
        return np.asarray((sums[end] - sums[begin]) / np.maximum(end - begin, 1))

    spread = starts.clip(-4, 4) - starts.clip(-4, 4).mean()
    padded = np.concatenate([spread, np.zeros(3)])
    series = (sides, starts.clip(-4, 4), values[:, _OPENING], values[:, _CLOSING], values[:, _LENGTH])
    contrasts = [column for one in series for column in _contrast(one - one.mean(), at)]
    columns = [
        fit / np.sqrt(len(values)), np.maximum(fit, -30) / 5, mean(at - 3, at), mean(at, at + 3), mean(at - 1, at), mean(at, at + 1),
        mean(at + 1, at + 2), mean(at - 8, at), mean(at, at + 8), np.log(at), np.log(len(values) - at), at / len(values), at == 1, at == 2,
        padded[at - 1], padded[at], padded[at + 1], padded[at + 2], headings[at - 1], headings[at], np.concatenate([[0], headings])[at - 1],
    ]  # fmt: skip
    cues = np.concatenate([values, np.zeros((2, values.shape[1]), np.float32)])[:, _AT]
    return np.concatenate(
        [np.stack([*columns, *contrasts], axis=1), cues[at], cues[at - 1], cues[at + 1]], axis=1
    ).astype(np.float32)


def _contrast(series: Array, at: Array) -> list[Array]:
    """How the lines before and after each cut differ in one respect: near by, and on the whole."""
    count, sums = len(series), np.concatenate([[0], np.cumsum(series)])

    def mean(begin: Array, end: Array) -> Array:
        begin, end = begin.clip(0, count), end.clip(0, count)
        return np.asarray((sums[end] - sums[begin]) / np.maximum(end - begin, 1))

    step = sums[-1] - 2 * sums[at]
    gap = (sums[-1] - sums[at]) / np.maximum(count - at, 1) - sums[at] / at
    size = np.sqrt(at * (count - at) / count)
    near = [mean(at - back, at) for back in (1, 3, 8)] + [mean(at, at + on) for on in (1, 3, 8)]
    return [*near, gap, gap * size, step / np.sqrt(count)]


CUT_COLUMNS = 21 + 5 * 9 + 3 * len(_AT)


def guess_cut(model: SegmenterModel, values: Array, starts: Array, headings: Array) -> tuple[int, float]:
    """The most probable first line of the comments, and its probability."""
    if len(values) < 2:
        return 0, 1.0
    sides = model.linear("side").score(measure_sides(values))
    scores = model.linear("cut").score(measure_cuts(values, sides, starts, headings))
    after_foot = (headings[: len(scores)] > 0) & (headings[1 : len(scores) + 1] == 0)
    scores += FOOT * after_foot
    chances = np.exp(scores - scores.max())
    best = int(chances.argmax())
    return best + 1, float(chances[best] / chances.sum())
