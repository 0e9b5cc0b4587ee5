"""The compiled featuriser: batches of texts to counts (for training) or to logits (for scoring).

Both go through the same loops (`moderation.features.loops`). Importing this module loads numba, which takes most of a second; the
Classifier does so only for jobs that are worth it.
"""

import threading
from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from moderation import folding
from moderation.features import chunks, loops, tables
from moderation.features.vocabulary import Vocabulary
from moderation.text import LETTER, SIGNS, is_masked, unmask

__all__ = ["MAX_COMMENT", "Aliases", "Counts", "Kernel", "Stances", "batches"]

MAX_COMMENT = 1 << 24
"""Code points of a comment that are read; what follows is ignored (16 million: nobody's comment, but somebody's attack)."""

BATCH_POINTS = 1 << 20
"""Code points laid end to end for one call of the loops."""

Floats = npt.NDArray[np.float64]


class Counts(NamedTuple):
    """Term frequencies in compressed sparse rows: `data` float32 and `indices` int32 [nnz], `indptr` int64 [n + 1]."""

    data: npt.NDArray[np.float32]
    indices: npt.NDArray[np.int32]
    indptr: npt.NDArray[np.int64]


class Batch(NamedTuple):
    """Texts laid end to end: which ones, their code points int32 [N], where each ends int64 [n], and scratch for the longest."""

    part: slice
    points: npt.NDArray[np.int32]
    ends: npt.NDArray[np.int64]
    scratch: tuple[npt.NDArray[np.int32], npt.NDArray[np.uint8], npt.NDArray[np.int32]]


class Aliases(NamedTuple):
    """Names of the targets: `runs` maps the fingerprint of a run of words to its target's number, `ends` has those runs' last words."""

    runs: Mapping[int, int]
    ends: Set[int]


class Stances(NamedTuple):
    """Stance weights as the loops want them: per target, sorted feature `ids` int32 [k] and `rows` float32 [k, 3] (idf * weight)."""

    ids: Sequence[npt.NDArray[np.int32]]
    rows: Sequence[npt.NDArray[np.float32]]
    aliases: Aliases


class Kernel:
    """The loops with one model's tables. Safe to call from several threads: each has a cache and scratch space of its own.

    `rows` is float32 [W + C, H]: idf times weight of every feature for every head.
    """

    def __init__(self, vocabulary: Vocabulary, rows: npt.NDArray[np.float32], stances: Stances | None = None) -> None:
        self.vocabulary = vocabulary
        self.heads = rows.shape[1]
        self.targets = len(stances.ids) if stances else 0
        self._tables = _make_tables(vocabulary, rows, stances.aliases if stances else Aliases({}, frozenset()))
        self._stance = _stance_tables(stances)
        self._local = threading.local()

    def score(self, texts: Sequence[str], about: npt.NDArray[np.uint8]) -> tuple[Floats, Floats]:
        """Logits without intercepts of `texts`: [n, H] for the heads, and [n, T, 3] for the stances.

        `about` uint8 [n, T] says for which targets a stance is wanted; targets that a text names are set to 1 in it.
        """
        logits = np.empty((len(texts), self.heads))
        sides = np.zeros((len(texts), self.targets, 3))
        cache, work = self._own()
        for part, points, ends, scratch in batches(texts):
            loops.score_batch(
                points, ends, scratch, self._tables, cache, work, self._stance, logits[part], about[part], sides[part]
            )
        return logits, sides

    def count(self, texts: Sequence[str]) -> Counts:
        """Term frequencies of every feature in `texts`."""
        datas, indices, lengths = [], [], []
        cache, work = self._own()
        for _, points, ends, scratch in batches(texts):
            room = len(scratch[0]) * 8 + 64 if len(ends) == 1 else len(points) * 8 + 64
            while True:
                indptr = np.zeros(len(ends) + 1, np.int64)
                ids, data = np.empty(room, np.int32), np.empty(room, np.float32)
                done = loops.count_batch(points, ends, scratch, self._tables, cache, work, indptr, ids, data)
                if done == len(ends):
                    break
                room *= 2
            indices.append(ids[: indptr[-1]].copy())
            datas.append(data[: indptr[-1]].copy())
            lengths.append(np.diff(indptr))
        total = np.concatenate([np.zeros(1, np.int64), *lengths])
        if not datas:
            return Counts(np.empty(0, np.float32), np.empty(0, np.int32), total)
        return Counts(np.concatenate(datas), np.concatenate(indices), np.cumsum(total))

    def _own(self) -> tuple[tables.Cache, tables.Work]:
        if not hasattr(self._local, "pair"):
            width = self.heads + 1
            self._local.pair = (_cache(width), _work(len(self.vocabulary), width, self.targets))
        pair: tuple[tables.Cache, tables.Work] = self._local.pair
        return pair


def _make_tables(vocabulary: Vocabulary, weights: npt.NDArray[np.float32], aliases: Aliases) -> tables.Tables:
    fold = folding.load()
    numbers = np.zeros(0x110000, np.uint16)
    alphabet = vocabulary.arrays["alphabet"]
    numbers[alphabet] = np.arange(1, len(alphabet) + 1, dtype=np.uint16)
    rows = np.empty((len(vocabulary), weights.shape[1] + 1), np.float32)
    rows[:, :-1] = weights
    rows[:, -1] = vocabulary.idf**2
    words, chars = vocabulary.n_words, vocabulary.n_chars
    bounds = np.array([words, vocabulary.settings.char_min, vocabulary.settings.char_max], np.int64)
    runs = np.array(list(aliases.runs), np.uint64)
    ends = np.array(sorted(aliases.ends), np.uint64)
    return tables.Tables(
        fold.pages,
        fold.entries,
        fold.expansions,
        fold.kinds,
        mark_folds(fold),
        numbers,
        *_table(vocabulary.arrays["char_keys"], np.arange(words, words + chars, dtype=np.int32)),
        np.stack(
            [
                part.astype(np.uint64)
                for part in _table(vocabulary.arrays["word_keys"], np.arange(words, dtype=np.int32))
            ],
            1,
        ),
        rows,
        bounds,
        *_table(runs, np.array(list(aliases.runs.values()), np.int32)),
        *_table(ends, np.zeros(len(ends), np.int32)),
    )


def mark_folds(fold: folding.FoldTable) -> npt.NDArray[np.int32]:
    """The fold's entries with each folded code point's kind, and whether it can stand for a letter, in the bits above it."""
    single = fold.entries >= 0
    points = np.where(single, fold.entries, 0)
    kinds = fold.kinds[fold.pages[points >> 8] + (points & 255)].astype(np.int32)
    signs = np.array(SIGNS, bool)[np.minimum(points, 127)] & (points < 128)
    marked = points | kinds << 21 | signs.astype(np.int32) << 23 | (kinds == LETTER).astype(np.int32) << 24
    return np.where(single, marked, fold.entries).astype(np.int32)


def _table(keys: npt.NDArray[np.uint64], values: npt.NDArray[np.int32]) -> tuple[Any, Any]:
    size = 4
    while size < 2 * len(keys) + 2:
        size *= 2
    slots, ids = np.zeros(size, np.uint64), np.zeros(size, np.int32)
    chunks.fill_table(np.ascontiguousarray(keys), values, slots, ids)
    return slots, ids


def _stance_tables(stances: Stances | None) -> tables.StanceTables:
    starts, ids, rows = [0], [np.zeros(0, np.int32)], [np.zeros((0, 3), np.float32)]
    for own_ids, own_rows in zip(stances.ids, stances.rows, strict=True) if stances else ():
        size = 4
        while size < 2 * len(own_ids) + 2:
            size *= 2
        table, values = np.zeros(size, np.int32), np.zeros((size, 3), np.float32)
        loops.fill_stance(own_ids, own_rows, table, values)
        starts.append(starts[-1] + size)
        ids.append(table)
        rows.append(values)
    return tables.StanceTables(np.array(starts, np.int64), np.concatenate(ids), np.concatenate(rows))


def _cache(width: int, entries: int = 1 << 16) -> tables.Cache:
    return tables.Cache(
        np.zeros(4 * entries, np.int32),
        np.zeros((entries, tables.ROW), np.int32),
        np.zeros((entries, 2 * width)),
        np.zeros(max(entries, 8) * 40, np.int32),
        np.zeros(max(entries, 8) * 4, np.uint64),
        np.zeros(3, np.int64),
    )


def _work(features: int, width: int, targets: int) -> tables.Work:
    return tables.Work(
        np.zeros(features, np.uint32),
        np.zeros(features + 1, np.int32),
        np.zeros(features + 1, np.int32),
        np.zeros(2 * width),
        np.zeros(3, np.int64),
        np.zeros(tables.MAX_ALIAS, np.uint64),
        np.zeros(targets, np.uint8),
        np.zeros(8 * (tables.MAX_CHUNK + 2), np.int32),
        np.zeros(8 * (tables.MAX_CHUNK + 2), np.uint64),
        np.zeros((tables.BLOCK, 3), np.int64),
        np.zeros(tables.BLOCK, np.uint64),
        np.zeros(tables.BLOCK * (tables.MAX_CHUNK // 2 + 1) + 1, np.uint64),
    )


def batches(texts: Sequence[str]) -> Iterator[Batch]:
    """Cut `texts` into batches of about BATCH_POINTS code points, with tags, entities and overrides undone (`moderation.text.unmask`)."""
    first = 0
    while first < len(texts):
        last, total = first, 0
        while last < len(texts) and (last == first or total + len(texts[last]) <= BATCH_POINTS):
            total += len(texts[last])
            last += 1
        raws = [text if len(text) <= MAX_COMMENT else text[:MAX_COMMENT] for text in texts[first:last]]
        joined = "".join(raws)
        if is_masked(joined):
            raws = [unmask(raw)[0] for raw in raws]
            joined = "".join(raws)
        lengths = list(map(len, raws))
        points = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.int32)
        ends = np.cumsum(lengths)
        size = _folded_room(points, ends, max(lengths))
        scratch = (np.empty(size, np.int32), np.empty(size, np.uint8), np.empty(size, np.int32))
        yield Batch(slice(first, last), points, ends, scratch)
        first = last


def _folded_room(points: npt.NDArray[np.int32], ends: npt.NDArray[np.int64], longest: int) -> int:
    """Room for the longest folded comment: 18 code points each is the most that NFKD makes, counted exactly where that is much."""
    if longest * 18 <= 1 << 16:
        return longest * 18 + 2
    fold = folding.load()
    first, most = 0, 0
    for end in ends.tolist():
        most = max(
            most, int(loops.folded_size(points[first:end], end - first, fold.pages, fold.entries, fold.expansions))
        )
        first = end
    return most + 2
