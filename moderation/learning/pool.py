"""Put together what a head learns from: judged rows of several sources, balanced so that no source can be told by its label.

Sources differ in what they call hostile, in how many positives they hold and in what they talk about. Inside each source the classes weigh
as the roots of their sizes, halfway between rows as they come and classes made equal, so that words which only mark a source earn little;
a source counts by its rows times a factor of its own.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from moderation.errors import LabelError
from moderation.learning.labels import Label
from moderation.text import normalise

__all__ = ["MIN_CLASS", "Pool", "Task", "find_groups"]

MIN_CLASS = 10
"""Rows of each class that a head needs."""

PRESUMED_ROWS = 1500
PRESUMED_SHARE = 0.1
"""Rows of an added source that may stand in as ordinary comments, and what all of them weigh beside the judged ones."""

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


class Task(NamedTuple):
    """The rows of one head: `places` int64 [n] among the pool's texts, labels `y` int64 [n], `weights` float64 [n] of mean 1.

    `sources` names each row's source; rows of the same group (a number) must not be parted. `judged` says how many rows, from the first on,
    were judged; the others are presumed negative.
    """

    places: Ints
    y: Ints
    weights: Floats
    sources: npt.NDArray[np.str_]
    groups: Ints
    judged: int

    def everyday(self, prevalence: float) -> Floats:
        """Weights [n] that make the rows look like ordinary comments: `prevalence` of them positive, every source worth the same."""
        weights = np.zeros(len(self.y))
        for label, mass in ((1, prevalence), (0, 1.0 - prevalence)):
            own = self.y == label
            names, counts = np.unique(self.sources[own], return_counts=True)
            share = dict(zip(names.tolist(), (mass / len(names) / counts).tolist(), strict=True))
            weights[own] = [share[name] for name in self.sources[own].tolist()]
        scaled: Floats = weights * len(self.y)
        return scaled


class Pool:
    """Judged rows with every text once. `factors` gives what a row of each added file counts beside one of the label files.

    `texts` holds the distinct texts; `unjudged` those of files with a factor of 0, which teach words but no head.
    Where an added file disagrees on a text the first one is believed; among label files that is an error.
    """

    def __init__(self, rows: Sequence[Label], factors: Mapping[str, float]) -> None:
        self.rows = [row for row in rows if factors.get(row.file) != 0]
        self.factors = {file: factor for file, factor in factors.items() if factor}
        self.texts = list(dict.fromkeys(row.text for row in self.rows))
        self.place = {text: at for at, text in enumerate(self.texts)}
        self.unjudged = list(dict.fromkeys(row.text for row in rows if row.text not in self.place))

    def assemble(self, head: str) -> Task | None:
        """What `head` learns from, or None where a class has fewer than MIN_CLASS rows.

        Added files that never judge the head lend up to PRESUMED_ROWS rows each, presumed negative, at a low weight.
        Raises LabelError for a text that label files judge both ways.
        """
        judged = self._judged(head)
        y = [row.judged(head) for row in judged]
        if min(y.count(0), y.count(1)) < MIN_CLASS:
            return None
        silent = set(self.factors) - {row.file for row in judged}
        lent = [row for file in sorted(silent) for row in self._lend(file, {row.text for row in judged})]
        both = [*judged, *lent]
        labels = np.array([*y, *([0] * len(lent))], np.int64)
        sources = np.array([Path(row.file).stem for row in both])
        weights = self._weigh(both, labels, len(judged))
        places = np.array([self.place[row.text] for row in both], np.int64)
        return Task(places, labels, weights, sources, find_groups(both), len(judged))

    def _judged(self, head: str) -> list[Label]:
        judged: dict[str, Label] = {}
        for row in self.rows:
            if row.judged(head) is None:
                continue
            earlier = judged.setdefault(row.text, row)
            added = row.file in self.factors or earlier.file in self.factors
            if earlier.judged(head) != row.judged(head) and not added:
                raise LabelError(
                    f"{head} {row.judged(head)} contradicts line {earlier.line} of {earlier.file}, which has the same text",
                    f"{row.file}, line {row.line}",
                    "settle which is right, or leave both empty",
                )
        return list(judged.values())

    def _lend(self, file: str, known: set[str]) -> list[Label]:
        distinct = {row.text: row for row in self.rows if row.file == file and row.text not in known}
        rows = list(distinct.values())
        return rows[:: max(1, -(-len(rows) // PRESUMED_ROWS))]

    def _weigh(self, rows: Sequence[Label], y: Ints, judged: int) -> Floats:
        files = np.array([row.file for row in rows])
        weights = np.zeros(len(rows))
        for file in np.unique(files[:judged]):
            own = (files == file) & (np.arange(len(rows)) < judged)
            mass = own.sum() * self.factors.get(str(file), 1.0)
            sizes = np.bincount(y[own], minlength=2)
            for label, share in enumerate(np.sqrt(sizes) / np.sqrt(sizes).sum()):
                weights[own & (y == label)] = mass * share / max(int(sizes[label]), 1)
        if len(rows) > judged:
            weights[judged:] = PRESUMED_SHARE * weights.sum() / (len(rows) - judged)
        scaled: Floats = weights * (len(rows) / weights.sum())
        return scaled


def find_groups(rows: Sequence[Label]) -> Ints:
    """For each row the number of what must stay together in a split: its thread, or its normalised text."""
    numbers: dict[tuple[str, str], int] = {}
    keys = ((row.source, row.thread) if row.thread else ("", normalise(row.text).text) for row in rows)
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys], np.int64)
