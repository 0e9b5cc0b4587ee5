"""What the compiled loops work on: a model's tables, the cache of pieces, a thread's scratch space, stance weights.

They are plain tuples of arrays, which numba takes as they are.
"""

from typing import Any, NamedTuple

__all__ = [
    "BLOCK",
    "MAX_ALIAS",
    "MAX_IDS",
    "MAX_KEY",
    "MAX_PIECE",
    "MAX_WORDS",
    "Cache",
    "Fold",
    "Names",
    "Ngrams",
    "StanceTables",
    "Tables",
    "Words",
    "Work",
]

MAX_KEY = 24
"""Bytes of the longest piece (what stands between white space, in UTF-8) that the cache remembers; longer ones are rare (addresses)."""

MAX_PIECE = 96
"""Bytes of the longest piece that the quick way takes: with a longer one, the whole comment goes the plain way."""

MAX_FOLDED = MAX_PIECE // 3 * 18
"""Code points that a piece may fold to: 18 for each of three bytes is Unicode's worst."""

MAX_IDS = MAX_FOLDED * 5
MAX_WORDS = MAX_FOLDED // 2
"""Features and words of one piece, at most (n-grams of four lengths, words, and pairs of them)."""

BLOCK = 1024
"""Pieces, of some twenty comments, that are taken through each step together, so that memory look-ups overlap and calls are few.

A comment of more pieces goes the plain way.
"""

MAX_ALIAS = 4


class Fold(NamedTuple):
    """The folding table (see `moderation.folding`), with more of it in one look: `moderation.features.marking`."""

    pages: Any  # int32 [0x1100]
    entries: Any  # int32
    expansions: Any  # int32
    kinds: Any  # uint8
    marked: Any  # int32


class Ngrams(NamedTuple):
    """Character n-grams: the alphabet number of each code point (0 where it has none), and the table of the n-grams' keys."""

    numbers: Any  # uint16 [0x110000]
    slots: Any  # uint32 [P]
    keys: Any  # uint64 [C]
    bounds: Any  # int64 [3]: W, char_min, char_max


class Words(NamedTuple):
    """Words and word pairs, with a Bloom filter of the pairs."""

    slots: Any  # uint32 [P]
    keys: Any  # uint64 [W]
    pair_bits: Any  # uint64 [B]


class Names(NamedTuple):
    """Runs of words that name a target, and the last words of those runs; and the pieces whose share is asked for."""

    slots: Any  # uint32 [P]
    keys: Any  # uint64
    targets: Any  # int32: which target a run names
    ending_slots: Any  # uint32 [P]
    ending_keys: Any  # uint64
    common_slots: Any  # uint32 [P]
    common_keys: Any  # uint64: hashes of pieces


class Tables(NamedTuple):
    """What a model's loops read and never write. `slots` are tables of `moderation.features.lookup`."""

    fold: Fold
    ngrams: Ngrams
    words: Words
    names: Names
    rows: Any  # float32 [W + C, R]: idf squared, idf * weight per head, zeros up to a multiple of 4


class Cache(NamedTuple):
    """What is known of pieces seen before; every pool is bounded and swept together. `fill` holds the pools' fill marks.

    A row of `entries` is: the piece's bytes (three numbers), the fingerprints of its first and last word (0 where it has none), first
    id and number of ids (upper half), first word and number of words (upper half), flags and uses (from bit 8 up). The first row stands for
    pieces that are too long.
    """

    slots: Any  # int32 [S]: entry + 1, 0 where empty
    entries: Any  # uint64 [E, 8]
    sums: Any  # float64 [E, 2 * R]: summed rows of its words, and of its n-grams
    ids: Any  # int32
    words: Any  # uint64: fingerprints of its words
    fill: Any  # int64 [3]: entries, ids, words


class Work(NamedTuple):
    """Scratch space of one thread."""

    times: Any  # uint32 [W + C]: occurrences in the comment in hand, 0 between comments
    seen: Any  # int32 [W + C + 1]: ids in order of first sight
    repeated: Any  # int32 [W + C + 1]: ids that occurred again
    values: Any  # float64 [W + C]: tf-idf values without idf of the ids seen, where a stance is asked for
    sums: Any  # float64 [2 * R]: words, n-grams
    counters: Any  # int64 [2]: seen, repeated
    last: Any  # uint64 [MAX_ALIAS]: fingerprints of the last words, the latest first, 0 where there are fewer
    named: Any  # uint8 [T]: targets named so far
    begins: Any  # int64 [BLOCK + 1]: first piece of each comment
    spans: Any  # int64 [BLOCK, 2]: first byte of a piece and its length
    keys: Any  # uint64 [BLOCK, 4]: bytes of a piece, and their hash
    which: Any  # int64 [BLOCK]: cache entries
    wanted: Any  # int64 [2, BLOCK]: pieces that the cache has not, and those that it does not take
    pairs: Any  # uint64 [BLOCK + 1]: fingerprints of the word pairs in them
    ids: Any  # int32 [MAX_IDS]: ids of a stretch of a long comment
    grams: Any  # uint64 [MAX_IDS]: keys of n-grams
    points: Any  # int32 [MAX_PIECE]: a piece's code points, and below what they fold to
    folded: Any  # int32 [MAX_FOLDED + 2]
    kinds: Any  # uint8 [MAX_FOLDED + 2]
    sources: Any  # int32 [MAX_FOLDED + 2]


class StanceTables(NamedTuple):
    """Stance weights: for each target a bit per feature, and the rows of those whose bit is set, in order."""

    bits: Any  # uint64 [T, (W + C) / 64 + 1]
    ranks: Any  # int32 [T, (W + C) / 64 + 1]: row of the first feature of each 64
    rows: Any  # float32 [1 + K, 4]: idf * weight for favor, against, neutral, and 0; the first row is all 0
