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
from moderation.errors import ModelError
from moderation.features import cutting, lookup, loops, pieces, tables
from moderation.features.marking import mark_folds
from moderation.features.vocabulary import Vocabulary
from moderation.text import is_masked, unmask

__all__ = ["BATCH_BYTES", "MAX_COMMENT", "Aliases", "Counts", "Kernel", "Stances", "Sums", "unmasked"]

MAX_COMMENT = 1 << 24
"""Code points of a comment that are read; what follows is ignored (16 million: nobody's comment, but somebody's attack)."""

BATCH_BYTES = 1 << 18
"""Characters laid end to end for one call of the loops: what stays in the cache of one core."""

Floats = npt.NDArray[np.float64]


class Counts(NamedTuple):
    """Term frequencies in compressed sparse rows: `data` float32 and `indices` int32 [nnz], `indptr` int64 [n + 1]."""

    data: npt.NDArray[np.float32]
    indices: npt.NDArray[np.int32]
    indptr: npt.NDArray[np.int64]


class Batch(NamedTuple):
    """Texts laid end to end: which ones; their UTF-8 (A to Z lowered) as bytes and as 64-bit words; a bit per break; where each ends."""

    part: slice
    data: npt.NDArray[np.uint8]
    words: npt.NDArray[np.uint64]
    breaks: npt.NDArray[np.uint64]
    ends: npt.NDArray[np.int64]
    odd: bool


class Aliases(NamedTuple):
    """Names of the targets: `runs` maps the fingerprint of a run of words to its target's number, `ends` has those runs' last words."""

    runs: Mapping[int, int]
    ends: Set[int]


class Stances(NamedTuple):
    """Stance weights as the loops want them: per target, sorted feature `ids` int32 [k] and `rows` float32 [k, 3] (idf * weight)."""

    ids: Sequence[npt.NDArray[np.int32]]
    rows: Sequence[npt.NDArray[np.float32]]
    aliases: Aliases


class Sums(NamedTuple):
    """What a batch's texts add up to: `logits` [n, H] without intercepts, `sides` [n, T, 3] of the stances asked for or named, and
    `common` [n, 2]: how many pieces were looked at, and how many of them are common words (0, 0 where nobody looked).
    """

    logits: Floats
    sides: Floats
    common: npt.NDArray[np.int64]


class Kernel:
    """The loops with one model's tables. Safe to call from several threads: each has a cache and scratch space of its own.

    `rows` is float32 [W + C, H]: idf times weight of every feature for every head. `common` are lower-case words that are
    to be counted at the beginning of each text (see `Sums`).
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        rows: npt.NDArray[np.float32],
        stances: Stances | None = None,
        common: Sequence[str] = (),
    ) -> None:
        if max(vocabulary.n_words, vocabulary.n_chars) > lookup.MAX_KEYS // 2:
            raise ModelError(f"more than {lookup.MAX_KEYS // 2:,} features of a kind", remedy="train with fewer")
        self.vocabulary = vocabulary
        self.heads = rows.shape[1]
        self.targets = len(stances.ids) if stances else 0
        self._tables = _make_tables(vocabulary, rows, stances.aliases if stances else Aliases({}, frozenset()), common)
        self._stance = _stance_tables(stances, len(vocabulary))
        self._local = threading.local()

    def score(self, texts: Sequence[str], about: npt.NDArray[np.uint8]) -> Sums:
        """The sums of `texts`.

        `about` uint8 [n, T] says for which targets a stance is wanted; targets that a text names are set to 1 in it.
        """
        logits = np.empty((len(texts), self.heads))
        sides = np.zeros((len(texts), self.targets, 3))
        common = np.empty((len(texts), 2), np.int64)
        cache, work = self._own()
        for part, *batch in batches(texts):
            out = (logits[part], about[part], sides[part], common[part])
            loops.score_batch(*batch, (self._tables, cache, work), self._stance, out)
        return Sums(logits, sides, common)

    def count(self, texts: Sequence[str]) -> Counts:
        """Term frequencies of every feature in `texts`."""
        datas, indices, lengths = [], [], []
        cache, work = self._own()
        for _, *batch in batches(texts):
            ends: npt.NDArray[np.int64] = batch[3]  # type: ignore[assignment]
            room = int(ends[-1]) * 8 + 64
            while True:
                indptr = np.zeros(len(ends) + 1, np.int64)
                ids, data = np.empty(room, np.int32), np.empty(room, np.float32)
                if loops.count_batch(*batch, (self._tables, cache, work), (indptr, ids, data)) == len(ends):
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
            width = self._tables.rows.shape[1]
            self._local.pair = (_cache(width), _work(len(self.vocabulary), width, self.targets))
        pair: tuple[tables.Cache, tables.Work] = self._local.pair
        return pair


def _make_tables(
    vocabulary: Vocabulary, weights: npt.NDArray[np.float32], aliases: Aliases, common: Sequence[str]
) -> tables.Tables:
    take = _Arena().take
    fold = folding.load()
    arrays, settings = vocabulary.arrays, vocabulary.settings
    numbers = take(0x110000, np.uint16)
    numbers[arrays["alphabet"]] = np.arange(1, len(arrays["alphabet"]) + 1, dtype=np.uint16)
    keys, rows = _make_rows(vocabulary, weights, take)
    word_keys, char_keys = keys[: vocabulary.n_words], keys[vocabulary.n_words :]
    bounds = np.array([vocabulary.n_words, settings.char_min, settings.char_max], np.int64)
    runs, ends = np.array(list(aliases.runs), np.uint64), np.array(sorted(aliases.ends), np.uint64)
    targets = np.array(list(aliases.runs.values()), np.int32)
    common_keys = _hash_words(common)
    return tables.Tables(
        tables.Fold(fold.pages, fold.entries, fold.expansions, fold.kinds, mark_folds(fold)),
        tables.Ngrams(numbers, _table(char_keys, take), char_keys, bounds),
        tables.Words(_table(word_keys, take), word_keys, _pair_bits(arrays["words"], word_keys, take)),
        tables.Names(
            _table(runs, take), runs, targets, _table(ends, take), ends, _table(common_keys, take), common_keys
        ),
        rows,
    )


def _make_rows(
    vocabulary: Vocabulary, weights: npt.NDArray[np.float32], take: Any
) -> tuple[npt.NDArray[np.uint64], Any]:
    """Keys uint64 [W + C] and rows float32 [W + C, R] of the features, side by side in memory: one look there for both."""
    width = -(-(weights.shape[1] + 1) // 4) * 4
    together = take((len(vocabulary), -(-(width + 2) // 8) * 8), np.float32)
    keys, rows = together.view(np.uint64)[:, 0], together[:, 2 : width + 2]
    keys[: vocabulary.n_words] = vocabulary.arrays["word_keys"]
    keys[vocabulary.n_words :] = vocabulary.arrays["char_keys"]
    rows[:, 0] = vocabulary.idf**2
    rows[:, 1 : weights.shape[1] + 1] = weights
    return keys, rows


def _pair_bits(names: npt.NDArray[np.uint8], keys: npt.NDArray[np.uint64], take: Any) -> npt.NDArray[np.uint64]:
    """The Bloom filter of those words whose name has a blank, with at least 16 bits for each."""
    lines = np.cumsum(names == ord("\n"))[names == ord(" ")]
    pairs = keys[np.unique(lines)]
    bits: npt.NDArray[np.uint64] = take(1 << max(0, (len(pairs) * 16 // 64).bit_length()), np.uint64)
    lookup.fill_bloom(pairs, bits)
    return bits


def _hash_words(words: Sequence[str]) -> npt.NDArray[np.uint64]:
    found = []
    for _, _, laid, breaks, ends, _ in batches([" ".join(words)]):
        hashes, spans = np.zeros(len(words), np.uint64), np.zeros((len(words), 2), np.int64)
        found.append(hashes[: cutting.hash_pieces(laid, breaks, ends[0], spans, hashes)])
    return np.unique(np.concatenate([np.zeros(0, np.uint64), *found]))


def _table(keys: npt.NDArray[np.uint64], take: Any) -> npt.NDArray[np.uint32]:
    slots: npt.NDArray[np.uint32] = take(1 << max(2, (2 * len(keys) + 1).bit_length()), np.uint32)
    lookup.fill_table(keys, slots)
    return slots


def _stance_tables(stances: Stances | None, features: int) -> tables.StanceTables:
    ids, rows = (stances.ids, stances.rows) if stances else ((), ())
    size = features // 64 + 1
    bits, ranks = np.zeros((len(ids), size), np.uint64), np.zeros((len(ids), size), np.int32)
    table = _Arena().take((1 + sum(map(len, ids)), 4), np.float32)
    before = 1
    for target, (own_ids, own_rows) in enumerate(zip(ids, rows, strict=True)):
        marks = np.zeros(size * 64, np.uint8)
        marks[own_ids] = 1
        bits[target] = np.packbits(marks, bitorder="little").view("<u8")
        ranks[target] = before + np.concatenate([[0], np.cumsum(marks.reshape(size, 64).sum(axis=1))[:-1]])
        table[before : before + len(own_ids), :3] = own_rows
        before += len(own_ids)
    return tables.StanceTables(bits, ranks, table)


def _cache(width: int, entries: int = 1 << 17) -> tables.Cache:
    take = _Arena().take
    rows = take((entries, 8 + 2 * width), np.uint64)  # entry and sums side by side
    rows[0, 7] = pieces.ODD
    return tables.Cache(
        take(2 * entries, np.int32),
        rows[:, :8],
        rows[:, 8:].view(np.float64),
        take(entries * 32 + tables.BLOCK * tables.MAX_IDS, np.int32),
        take(entries * 2 + tables.BLOCK * tables.MAX_WORDS, np.uint64),
        np.array([1, 0, 0]),
    )


def _work(features: int, width: int, targets: int) -> tables.Work:
    take = _Arena().take
    folded, block = tables.MAX_FOLDED + 2, tables.BLOCK
    return tables.Work(
        times=take(features + 1, np.uint32),
        seen=take(features + 1, np.int32),
        repeated=take(features + 1, np.int32),
        values=take(features + 1, np.float64),
        sums=take(2 * width, np.float64),
        counters=take(2, np.int64),
        last=take(tables.MAX_ALIAS, np.uint64),
        named=take(targets, np.uint8),
        begins=take(block + 1, np.int64),
        spans=take((block, 2), np.int64),
        keys=take((block, 4), np.uint64),
        which=take(block, np.int64),
        wanted=take((2, block), np.int64),
        pairs=take(block + 1, np.uint64),
        ids=take(tables.MAX_IDS, np.int32),
        grams=take(tables.MAX_IDS, np.uint64),
        points=take(tables.MAX_PIECE, np.int32),
        folded=take(folded, np.int32),
        kinds=take(folded, np.uint8),
        sources=take(folded, np.int32),
    )


class _Arena:
    """Gives zeroed arrays that begin at a multiple of 64 bytes, out of blocks of at least ROOM bytes.

    A row of 64 bytes is then read at once; and the system backs blocks of that size with large pages where it can (numpy asks it to), so
    that finding an address costs little.
    """

    ROOM = 8 << 20

    def __init__(self) -> None:
        self._block = np.zeros(0, np.uint8)
        self._at = 0

    def take(self, shape: int | tuple[int, ...], kind: Any) -> npt.NDArray[Any]:
        """An array of zeros."""
        size = int(np.prod(shape)) * np.dtype(kind).itemsize
        if self._at + size > len(self._block):
            self._block = np.zeros(max(size, self.ROOM) + 64, np.uint8)
            self._at = -self._block.ctypes.data % 64
        start = self._at
        self._at += -(-size // 64) * 64
        found: npt.NDArray[Any] = self._block[start : start + size].view(kind).reshape(shape)
        return found


def unmasked(texts: Sequence[str]) -> list[str]:
    """The texts at most MAX_COMMENT long, with tags, entities and overrides undone (`moderation.text.unmask`)."""
    raws = [text if len(text) <= MAX_COMMENT else text[:MAX_COMMENT] for text in texts]
    return [unmask(raw)[0] if is_masked(raw) else raw for raw in raws]


def batches(texts: Sequence[str]) -> Iterator[Batch]:
    """Lay `texts` out in batches of about BATCH_BYTES."""
    first = 0
    while first < len(texts):
        last, total = first, 0
        while last < len(texts) and (last == first or total + len(texts[last]) <= BATCH_BYTES):
            total += len(texts[last])
            last += 1
        raws = unmasked(texts[first:last])
        joined = "\n".join(raws)
        encoded = joined.encode("utf-8", "surrogatepass")
        if len(encoded) == len(joined):
            lengths = np.fromiter(map(len, raws), np.int64, len(raws))
        else:
            lengths = np.array([len(raw.encode("utf-8", "surrogatepass")) for raw in raws], np.int64)
        data = np.full((len(encoded) // 64 + 2) * 64, 10, np.uint8)
        data[: len(encoded)] = np.frombuffer(encoded, np.uint8)
        words = data.view(np.uint64)
        breaks = np.empty(len(data) // 64, np.uint64)
        odd = cutting.scan(words, breaks)
        yield Batch(slice(first, last), data, words, breaks, np.cumsum(lengths + 1) - 1, odd)
        first = last
