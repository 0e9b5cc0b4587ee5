"""What the compiled loops work on: a model's tables, the cache of chunks, a thread's scratch space, stance weights.

They are plain tuples of arrays, which numba takes as they are.
"""

from typing import Any, NamedTuple

__all__ = ["BLOCK", "LETTERS", "MAX_ALIAS", "MAX_CHUNK", "ROW", "Cache", "StanceTables", "Tables", "Work"]

MAX_CHUNK = 24
"""Code points of the longest chunk that is cached; longer ones are rare (addresses)."""

LETTERS = 8
"""Where an entry's code points begin in its row.

Before them stand its hash (two halves), length, first id, ids, first word, words, and 1 if it may name a target."""

ROW = LETTERS + MAX_CHUNK
BLOCK = 256
"""Chunks that are taken through each step together, so that their memory look-ups overlap."""

MAX_ALIAS = 4


class Tables(NamedTuple):
    """What a model's loops read and never write. P is a power of two at least twice the number of keys."""

    pages: Any  # int32 [0x1100]
    entries: Any  # int32
    expansions: Any  # int32
    kinds: Any  # uint8
    marked: (
        Any  # int32: entries with the folded code point's kind at bit 21, whether it is a sign at 23, a letter at 24
    )
    numbers: Any  # uint16 [0x110000]: alphabet number of a code point, 0 where it has none
    char_slots: Any  # uint64 [P]: key, 0 where empty
    char_ids: Any  # int32 [P]
    words: Any  # uint64 [P, 2]: key and id side by side, for one look into memory
    rows: Any  # float32 [W + C, H + 1]: idf * weight per head, and idf squared
    bounds: Any  # int64 [3]: W, char_min, char_max
    alias_slots: Any  # uint64 [P]: fingerprints of runs of words that name a target
    alias_ids: Any  # int32 [P]: which target
    alias_words: Any  # uint64 [P]: fingerprints of the last words of those runs
    alias_marks: Any  # int32 [P]


class Cache(NamedTuple):
    """What is known of chunks seen before; every pool is bounded and emptied together. `fill` holds the pools' fill marks."""

    slots: Any  # int32 [S]: entry + 1, 0 where empty
    entries: Any  # int32 [E, ROW]
    sums: Any  # float64 [E, 2 * (H + 1)]: summed rows of its words, and of its n-grams
    ids: Any  # int32
    words: Any  # uint64: fingerprints of its words
    fill: Any  # int64 [3]: entries, ids, words


class Work(NamedTuple):
    """Scratch space of one thread."""

    stamps: Any  # uint32 [W + C]: serial of the comment << 24 | occurrences
    seen: Any  # int32 [W + C + 1]: ids in order of first sight
    repeated: Any  # int32 [W + C + 1]: ids that occurred again
    sums: Any  # float64 [2 * (H + 1)]: words, n-grams
    counters: Any  # int64 [3]: serial, seen, repeated
    last: Any  # uint64 [MAX_ALIAS]: fingerprints of the last words, the latest first, 0 where there are fewer
    named: Any  # uint8 [T]: targets named so far
    chunk_ids: Any  # int32: ids of the chunk in hand
    chunk_words: Any  # uint64
    chunks: Any  # int64 [BLOCK, 3]: first and last place of the next chunks, and their entries
    keys: Any  # uint64 [BLOCK]: their hashes
    pairs: Any  # uint64 [BLOCK * PAIRS]: fingerprints of the word pairs in them


class StanceTables(NamedTuple):
    """Stance weights of every target, in open-addressed tables of their own: target t owns slots `starts[t]` to `starts[t + 1]`."""

    starts: Any  # int64 [T + 1]; each difference is a power of two
    ids: Any  # int32: feature id + 1, 0 where empty
    rows: Any  # float32 [S, 3]: idf * weight for favor, against, neutral
