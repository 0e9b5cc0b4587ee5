"""Train the segmenter from threads whose comments are known: boundaries, the end of the article, replies.

Every line counts the same, times a factor of its source. Each thread comes as it is, thinned (comments of many paragraphs left out) so that
the rate of starts varies within a source as it does between sites, and a few times with comments left out at random so that comments of one
topic meet that never did. What is reported, what calibrates the result and what chooses its threshold was measured on sources that the fit
had not seen.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import minimize

from moderation.learning.threads import FlatThread, TrainingThread, drop, flatten, thin
from moderation.learning.weights import fit_choice, fit_logistic, fit_trees
from moderation.segmenter.article import find_furniture
from moderation.segmenter.boundaries import decode, judge, surround
from moderation.segmenter.cues import measure, measure_alone
from moderation.segmenter.cut import CUT_COLUMNS, SIDE_COLUMNS, measure_cuts, measure_sides
from moderation.segmenter.model import Linear, SegmenterModel, Trees
from moderation.segmenter.page import Array
from moderation.segmenter.quotes import find_copies
from moderation.segmenter.replies import NONE_CUES, PAIR_CUES, WINDOW, ReplyCues, measure_replies

__all__ = ["Measured", "leave_one_out", "train_segmenter"]

Say = Callable[[str], None]
VARIANTS = 4
"""Copies of each thread with comments left out at random; three and six do as well, and the fit takes as much longer as there are more."""

MOST_LINES = 10_000
"""Lines of one source that are used, its first thread whole: more of the same site teach little and slow the fit."""


class Measured:
    """A flat thread and its cues, measured when they are wanted."""

    def __init__(self, thread: TrainingThread, phrases: Array | None = None) -> None:
        self.flat: FlatThread = flatten(thread)
        self.phrases = phrases
        self.copies = find_copies(self.flat.page)

    @cached_property
    def _alone(self) -> Array:
        return measure_alone(self.flat.page, self.phrases)

    @cached_property
    def values(self) -> Array:
        """Cues of the comments' lines."""
        return measure(self.flat.page, self.copies, self.flat.article, self._alone)

    @cached_property
    def whole(self) -> Array:
        """Cues of all lines, as they are measured while the end of the article is not known."""
        return measure(self.flat.page, self.copies, 0, self._alone)

    @cached_property
    def headings(self) -> Array:
        """1 for every line of the page that is the foot of an article."""
        return np.array(find_furniture(self.flat.page.line_texts), float)

    @cached_property
    def reply_cues(self) -> ReplyCues:
        """Cues of all possible replies."""
        owner = np.concatenate([np.full(self.flat.article, -1), self.flat.owner])
        return measure_replies(self.flat.page, self.copies, owner, [None] * len(self.flat.parents))


class Sources:
    """Threads by source, measured once: `plain[name]` as they are, `thinned[name]` the thinned ones, `varied[name]` copies with comments
    left out at random.

    `factors` says what a line of a source counts for boundaries; 1 for sources that it does not name.
    """

    def __init__(
        self,
        threads: Mapping[str, Sequence[TrainingThread]],
        phrases: Array | None = None,
        factors: Mapping[str, float] | None = None,
    ) -> None:
        chance = random.Random(5)
        self.phrases = phrases
        self.factors = dict(factors or {})
        self.plain: dict[str, list[Measured]] = {}
        self.thinned: dict[str, list[Measured]] = {}
        self.varied: dict[str, list[Measured]] = {}
        for name, members in threads.items():
            kept: list[TrainingThread] = []
            lines = 0
            for thread in members:
                lines += sum(map(len, thread.comments))
                if kept and lines > MOST_LINES:
                    break
                kept.append(thread)
            self.plain[name] = [Measured(thread, phrases) for thread in kept]
            self.thinned[name] = [Measured(less, phrases) for thread in kept if (less := thin(thread, chance))]
            copies = (drop(thread, chance) for thread in kept for _ in range(VARIANTS))
            self.varied[name] = [Measured(copy, phrases) for copy in copies if copy]

    def gather(self, names: Sequence[str]) -> tuple[list[Measured], Array]:
        """The threads of some sources, and the weight of a line in each thread: varied copies add lines to a source, not weight."""
        threads: list[Measured] = []
        weights: list[float] = []
        for name in names:
            own, varied = self.plain[name] + self.thinned[name], self.varied[name]
            share = _count(own) / max(_count(own) + _count(varied), 1)
            threads += own + varied
            weights += [self.factors.get(name, 1.0) * share] * (len(own) + len(varied))
        return threads, np.array(weights)


def _count(threads: Sequence[Measured]) -> int:
    """Lines of comments."""
    return sum(len(thread.flat.starts) for thread in threads)


class _Held(NamedTuple):
    """What a fit to the other sources says of a source: its parts, and the logits and truth of all lines but first ones."""

    parts: dict[str, Linear | Trees]
    logits: Array
    truth: Array


def train_segmenter(
    threads: Mapping[str, Sequence[TrainingThread]],
    trees: bool = True,
    say: Say = lambda line: None,
    phrases: Array | None = None,
    factors: Mapping[str, float] | None = None,
) -> SegmenterModel:
    """A segmenter from threads by source name. With two sources or more it is calibrated on each by a fit to the others.

    `trees` adds boosted trees to the logistic regression; `say` is told about progress; `phrases` (see `learn_phrases`) tell how comments
    open and close; `factors` say what a line of a source counts (1 unless given).
    """
    sources = Sources(threads, phrases, factors)
    names = list(sources.plain)
    say(f"measured {sum(map(len, sources.plain.values())):,} threads of {len(names)} sources")
    settings = settle(hold_out(sources, trees, say)) if len(names) > 1 else {}
    first = fit_boundaries(sources, names, trees)
    say("fitted the boundaries")
    model = _complete(sources, names, first, settings)
    say("fitted the article's end and the replies")
    return model


def leave_one_out(
    threads: Mapping[str, Sequence[TrainingThread]],
    trees: bool = True,
    say: Say = lambda line: None,
    phrases: Array | None = None,
    factors: Mapping[str, float] | None = None,
) -> dict[str, SegmenterModel]:
    """For each of three sources or more, by name, a segmenter trained, calibrated and given its threshold on the others.

    The calibration of one source's segmenter looks at logits of the other sources by fits that did see that source: three numbers.
    """
    sources = Sources(threads, phrases, factors)
    held = hold_out(sources, trees, say)
    models = {}
    for unseen, found in held.items():
        others = [name for name in held if name != unseen]
        settings = settle({name: held[name] for name in others})
        models[unseen] = _complete(sources, others, found.parts, settings)
    return models


def _complete(
    sources: Sources, names: Sequence[str], first: Mapping[str, Linear | Trees], settings: Mapping[str, Any]
) -> SegmenterModel:
    parts: dict[str, Linear | Trees | Array] = {
        **first,
        **fit_cut(sources, names, first),
        "replies": fit_replies(sources, names),
    }
    if sources.phrases is not None:
        parts["phrases"] = sources.phrases
    return SegmenterModel(
        parts,
        {
            "sources": {name: len(sources.plain[name]) for name in names},
            "factors": {name: sources.factors.get(name, 1.0) for name in names},
            "sure": 0.4,
            **settings,
        },
    )


def fit_boundaries(sources: Sources, names: Sequence[str], trees: bool) -> dict[str, Linear | Trees]:
    """The parts `first` and `first_trees` from some of the sources."""
    threads, weights = sources.gather(names)
    rows = np.concatenate([surround(thread.values) for thread in threads])
    truth = np.concatenate([thread.flat.starts for thread in threads])
    weight = np.repeat(weights, [len(thread.flat.starts) for thread in threads])
    parts: dict[str, Linear | Trees] = {"first": fit_logistic(rows, truth, weight)}
    if trees:
        parts["first_trees"] = fit_trees(rows, truth, weight)
    return parts


def hold_out(sources: Sources, trees: bool, say: Say) -> dict[str, _Held]:
    """Every source judged by a fit to the others."""
    held = {}
    for unseen in sources.plain:
        parts = fit_boundaries(sources, [name for name in sources.plain if name != unseen], trees)
        model = _partial(parts)
        members = sources.plain[unseen] + sources.thinned[unseen]
        logits = np.concatenate([judge(model, member.values)[1:] for member in members])
        held[unseen] = _Held(parts, logits, np.concatenate([member.flat.starts[1:] for member in members]))
        say(f"judged {unseen} by the others")
    return held


def settle(held: Mapping[str, _Held]) -> dict[str, Any]:
    """Slope and level of the logits, and the threshold, from sources that the fit did not see; each source counts the same.

    The threshold is that of the best mean F1.
    """
    logits = [item.logits for item in held.values()]
    truths = [item.truth for item in held.values()]
    weights = np.concatenate([np.full(len(part), 1 / len(part)) for part in logits])
    trust, shift = _fit_platt(np.concatenate(logits), np.concatenate(truths), weights)
    chances = [decode(part, trust, 0.0, shift) for part in logits]
    steps = np.arange(0.2, 0.61, 0.01)
    scores = [
        np.mean([_f1(chance >= step, truth) for chance, truth in zip(chances, truths, strict=True)]) for step in steps
    ]
    best = round(float(steps[int(np.argmax(scores))]), 2)
    figures = {
        name: {
            "f1": round(_f1(chance >= best, truth), 4),
            "rate": round(float(truth.mean()), 4),
            "guessed": round(float(chance.mean()), 4),
        }
        for name, chance, truth in zip(held, chances, truths, strict=True)
    }
    return {
        "decoding": {"trust": round(trust, 4), "shift": round(shift, 4), "pull": 0.0},
        "threshold": best,
        "held_out": figures,
    }


def _partial(parts: Mapping[str, Linear | Trees]) -> SegmenterModel:
    return SegmenterModel({"side": _blank(1), "cut": _blank(1), "replies": np.zeros(1), **parts}, {})


def _blank(width: int) -> Linear:
    return Linear(np.zeros(width), np.ones(width), np.zeros(width), 0.0)


def _fit_platt(logits: Array, truth: Array, weight: Array) -> tuple[float, float]:
    weight = weight / weight.sum()

    def loss(values: Array) -> float:
        moved = logits * values[0] + values[1]
        return float((weight * np.logaddexp(0, np.where(truth, -moved, moved))).sum())

    found = minimize(loss, np.array([1.0, 0.0]), method="Nelder-Mead").x
    return float(found[0]), float(found[1])


def _f1(found: Array, truth: Array) -> float:
    return float(2 * (found & truth).sum() / max(found.sum() + truth.sum(), 1))


def fit_cut(sources: Sources, names: Sequence[str], first: Mapping[str, Linear | Trees]) -> dict[str, Linear]:
    """The parts `side` and `cut`; the cut learns from sides that were judged by the other half of the threads."""
    starter = _partial(first)
    members = [
        (member, len(sources.plain[name]) ** -0.5)
        for name in names
        for member in sources.plain[name]
        if member.flat.article > 0
    ]
    if len(members) < 4:
        return {"side": _blank(SIDE_COLUMNS), "cut": _blank(CUT_COLUMNS)}
    threads = [member for member, _ in members]
    weights = np.array([weight for _, weight in members])
    rows = [measure_sides(member.whole) for member in threads]
    truth = [np.arange(len(member.whole)) >= member.flat.article for member in threads]

    def fit(chosen: list[int]) -> Linear:
        weight = np.concatenate([np.full(len(rows[at]), weights[at] / len(rows[at])) for at in chosen])
        return fit_logistic(
            np.concatenate([rows[at] for at in chosen]), np.concatenate([truth[at] for at in chosen]), weight, 50.0
        )

    halves = [fit(list(range(half, len(threads), 2))) for half in (0, 1)]
    candidates: list[Array] = []
    groups: list[Array] = []
    chosen: list[int] = []
    used: list[int] = []
    count = 0
    for at, member in enumerate(threads):
        sides = halves[1 - at % 2].score(rows[at])
        table = measure_cuts(member.whole, sides, judge(starter, member.whole), member.headings)
        if member.flat.article <= len(table):
            candidates.append(table)
            chosen.append(count + member.flat.article - 1)
            groups.append(np.full(len(table), len(used)))
            used.append(at)
            count += len(table)
    cut = fit_choice(np.concatenate(candidates), np.concatenate(groups), np.array(chosen), weights[used])
    return {"side": fit(list(range(len(threads)))), "cut": cut}


def fit_replies(sources: Sources, names: Sequence[str], strength: float = 1.0) -> Array:
    """One weight for each cue, from the threads that say who answers whom."""
    pairs, nobody, valid, chosen, weights = [], [], [], [], []
    for name in names:
        members = [member for member in sources.plain[name] if member.flat.linked]
        total = sum(len(member.flat.parents) for member in members)
        for member in members:
            cues, parents = member.reply_cues, member.flat.parents
            child = np.arange(len(parents))
            back = child - parents
            usable = (child > 0) & (parents < child) & ((parents < 0) | (back <= WINDOW))
            pairs.append(cues.pairs[usable])
            nobody.append(cues.nobody[usable])
            valid.append(cues.valid[usable])
            chosen.append(np.where(parents < 0, WINDOW, back - 1)[usable])
            weights.append(np.full(int(usable.sum()), 1000 / total))
    if not pairs:
        return np.zeros(len(PAIR_CUES) + len(NONE_CUES))
    joined = ReplyCues(np.concatenate(pairs), np.concatenate(nobody), np.concatenate(valid))
    return _fit_parents(joined, np.concatenate(chosen), np.concatenate(weights), strength)


def _fit_parents(cues: ReplyCues, chosen: Array, weight: Array, strength: float) -> Array:
    width, index = len(PAIR_CUES), np.arange(len(chosen))
    scale = np.append(np.abs(cues.pairs[cues.valid]).mean(0), np.abs(cues.nobody).mean(0)) * 2 + 1e-3
    pairs, nobody = cues.pairs / scale[:width] * cues.valid[:, :, None], cues.nobody / scale[width:]

    def loss(values: Array) -> tuple[float, Array]:
        scores = np.where(cues.valid, pairs @ values[:width], -1e9)
        scores = np.concatenate([scores, (nobody @ values[width:])[:, None]], axis=1)
        raised = np.exp(scores - scores.max(1, keepdims=True))
        chance = raised / raised.sum(1, keepdims=True)
        gain = (weight * np.log(chance[index, chosen] + 1e-12)).sum()
        pull = -chance
        pull[index, chosen] += 1
        pull *= weight[:, None]
        slope = np.append(np.einsum("nk,nkf->f", pull[:, :-1], pairs), pull[:, -1] @ nobody)
        return float(-gain + strength * (values @ values) / 2), -slope + strength * values

    found = minimize(loss, np.zeros(len(scale)), jac=True, method="L-BFGS-B", options={"maxiter": 150})
    return np.asarray(found.x / scale, np.float64)
