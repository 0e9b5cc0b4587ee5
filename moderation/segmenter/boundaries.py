"""Where comments start: a probability for each line, then one decision for the whole thread.

A line is judged by its own cues, its neighbours', how it differs from the rest of the thread, and what the thread is like as a whole: that
is how it can know that one line in five starts a comment on a forum and two in three on a news page. The verdict is the mean of a logistic
regression and small boosted trees, whose errors differ. `decode` calibrates it; its pull toward
the thread's own base rate is off unless a model sets `pull`, and training leaves it at 0, for it did not pay.
"""

import numpy as np

from moderation.segmenter.cues import NAMES
from moderation.segmenter.habits import HABITS
from moderation.segmenter.layout import Layout
from moderation.segmenter.model import SegmenterModel
from moderation.segmenter.page import Array
from moderation.segmenter.rules import NAMES as RULES

__all__ = [
    "FIRST_COLUMNS",
    "PLAUSIBLE",
    "TOLD_THRESHOLD",
    "decode",
    "follow_layout",
    "judge",
    "meet_count",
    "score_lines",
    "surround",
]

LEAN = 0.5
"""Logits by which the judgement leans towards the plain rules: they learned nothing, so they err alike on every site. Of 0, 0.5 and 1 the
best on blog and news pages left out (F1 .716, .721, .717 and .755, .764, .755); forums and written threads lose .005 to .010 by it.
"""

TOLD_THRESHOLD = 0.45
"""Chance from which a line starts a comment where a heading tells how many there are and the chances sum to it: more than so many come out,
for F1 gains by it. Of 0.35 to 0.5 the best on news pages left out (.818, .821, .821, .817), level on others.
"""

PLAUSIBLE = (-2.0, 2.5)
"""Offsets of the logits that a heading's number may take. More would be a page that shows some of its comments only, less a number that
leaves replies out."""

EXTREME = 12.0
"""The widest offset that is tried."""

_RELATIVE = 47
_OVERALL = 62

_RULES = slice(NAMES.index(RULES[0]), NAMES.index(RULES[0]) + len(RULES))
_HABITS = slice(NAMES.index(HABITS[0]), NAMES.index(HABITS[0]) + len(HABITS))

FIRST_COLUMNS = 3 * len(NAMES) + _RELATIVE + 2 + 2 * len(HABITS) + _OVERALL + 1


def surround(values: Array) -> Array:
    """Columns of a line (n, FIRST_COLUMNS): its cues, its neighbours', it against the thread, habits it shares with them, the thread."""
    count, width = values.shape
    blank = np.zeros((1, width), np.float32)
    before, after = np.concatenate([blank, values[:-1]]), np.concatenate([values[1:], blank])
    mean, spread = values.mean(0), values.std(0) + 0.25
    relative = ((values - mean) / spread)[:, :_RELATIVE]
    edges = np.zeros((count, 2), np.float32)
    edges[0, 0] = edges[-1, 1] = 1
    agree = [values[:, _HABITS] * before[:, _HABITS], values[:, _HABITS] * after[:, _HABITS]]
    overall = np.concatenate([mean[:_OVERALL], [np.log(count)]]).astype(np.float32)
    return np.concatenate([values, before, after, relative, edges, *agree, np.repeat(overall[None], count, 0)], axis=1)


def judge(model: SegmenterModel, values: Array) -> Array:
    """The uncalibrated logit of each line: the mean of the logistic regression and, where the model has them, the trees; and LEAN."""
    columns = surround(values)
    logits = model.linear("first").score(columns)
    trees = model.trees("first_trees")
    if trees is not None:
        logits = (logits + trees.score(columns)) / 2
    return logits + np.where(values[:, _RULES].any(axis=1), -LEAN, LEAN)


def score_lines(model: SegmenterModel, values: Array, spacing: Array | None = None) -> Array:
    """Probability that each line starts a comment, from its cues (n, len(NAMES)); the first line does.

    `spacing` is added to the logits: what the blank lines of this page tell (see `rules.read_spacing`).
    """
    if not len(values):
        return np.zeros(0)
    logits = judge(model, values)
    settings = model.document.get("decoding", {})
    if spacing is not None:
        logits = logits + spacing
    chances = decode(
        logits, float(settings.get("trust", 1.0)), float(settings.get("pull", 0.0)), float(settings.get("shift", 0.0))
    )
    chances[0] = 1.0
    return chances


def decode(logits: Array, trust: float = 1.0, pull: float = 0.0, shift: float = 0.0) -> Array:
    """Posterior of every line under all base rates at once, each weighted by its likelihood for the whole thread.

    `trust` scales the logits (calibration), `shift` moves them, `pull` says how far the thread's own rate may move them further
    (0: not at all).
    """
    scaled = (logits * trust + shift).clip(-30, 30)
    if pull <= 0 or len(scaled) < 2:
        return np.asarray(1 / (1 + np.exp(-scaled)))
    rates = np.linspace(0.05, 0.95, 19)
    usual = 1 / (1 + np.exp(-scaled[1:].mean()))
    moved = pull * (np.log(rates / (1 - rates)) - np.log(usual / (1 - usual)))
    table = 1 / (1 + np.exp(-(scaled[:, None] + moved)))
    plain = 1 / (1 + np.exp(-scaled))
    # evidence of a rate: the mean of p(line | start) rate + p(line | no start) (1 - rate), in logs
    ratio = np.log(plain[:, None] / usual * rates + (1 - plain[:, None]) / (1 - usual) * (1 - rates))[1:].sum(0)
    prior = np.log(rates * (1 - rates))
    weight = np.exp(ratio + prior - (ratio + prior).max())
    return np.asarray(table @ (weight / weight.sum()))


def meet_count(chances: Array, count: int, bounds: tuple[float, float] = (-EXTREME, EXTREME)) -> Array | None:
    """The chances moved by one offset on the logit scale so that they sum to `count`, as many comments as a page is known to have.

    None where that many do not fit, or the offset lies outside `bounds`; a count of all lines is taken whatever it takes, for that is no
    accident. Chances of 0 and 1 stay, and one comment is the first line's.
    """
    free = (chances > 0) & (chances < 1)
    fixed, logits = float(chances[~free].sum()), np.log(chances[free] / (1 - chances[free]))
    if count == fixed + len(logits):
        return np.where(free, 1.0, chances)
    if not fixed <= count < fixed + len(logits):
        return None
    low, high = -EXTREME, EXTREME
    for _ in range(50):
        offset = (low + high) / 2
        low, high = (offset, high) if fixed + (1 / (1 + np.exp(-logits - offset))).sum() < count else (low, offset)
    if not bounds[0] <= offset <= bounds[1]:
        return None
    moved = chances.copy()
    moved[free] = 1 / (1 + np.exp(-logits - offset))
    return moved


def follow_layout(layout: Layout, count: int) -> Array:
    """Chances for all lines of a page that kept its author lines or buttons: they tell nearly everything."""
    chances = np.full(count, 0.02)
    chances[list(layout.openers)] = 0.98
    return chances
