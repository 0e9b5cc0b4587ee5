"""Compiled loops over raw UTF-8: ASCII letters lowered, white space found eight bytes at a time, pieces cut at it and hashed.

The bytes lie in 64-bit words, the first byte lowest, so that a byte's place in a word is a shift. All texts of a batch lie end to end
with a line break after each, and at least 32 bytes of white space stand at the end.
"""

from typing import Any

import numpy as np

from moderation.features.compiling import compiled, trailing_zeros

__all__ = ["cut", "has_controls", "hash_piece", "hash_pieces", "load_piece", "scan"]

_LOW = np.uint64(0x7F7F7F7F7F7F7F7F)
_HIGH = np.uint64(0x8080808080808080)
_ONES = np.uint64(0x0101010101010101)
_GATHER = np.uint64(0x0102040810204080)
_BELOW = np.array([(1 << 8 * size) - 1 for size in range(9)], np.uint64)
_FULL = np.uint64(0xFFFFFFFFFFFFFFFF)


def _scan(words: Any, breaks: Any) -> Any:
    """Lower A to Z in `words`, and set a bit in `breaks` for every byte up to the blank.

    Returns whether there are control characters other than white space among them.
    """
    odd = np.uint64(0)
    for j in range(len(breaks)):
        bits = np.uint64(0)
        for k in range(8):
            word = words[8 * j + k]
            low = word & _LOW
            ascii = ~word & _HIGH
            found = ~(low + _ONES * np.uint64(0x80 - 0x21)) & ascii
            space = (low + _ONES * np.uint64(0x80 - 9)) & ~(low + _ONES * np.uint64(0x80 - 14)) & ascii
            odd |= found & ~(low + _ONES * np.uint64(0x80 - 0x20)) & ~space
            upper = (low + _ONES * np.uint64(0x80 - 0x41)) & ~(low + _ONES * np.uint64(0x80 - 0x5B)) & ascii
            words[8 * j + k] = word | upper >> np.uint64(2)
            bits |= ((found >> np.uint64(7)) * _GATHER >> np.uint64(56)) << np.uint64(8 * k)
        breaks[j] = bits
    return odd != np.uint64(0)


scan = compiled(_scan)


def _has_controls(data: Any, start: Any, end: Any) -> Any:
    """Whether a text has control characters that are no white space, or those that only Unicode takes for it."""
    for at in range(start, end):  # noqa: SIM110 - numba has no any()
        if data[at] < 32 and not 9 <= data[at] <= 13:
            return True
    return False


has_controls = compiled(_has_controls)


def _cut(breaks: Any, at: Any, end: Any, spans: Any, fill: Any) -> Any:
    """Write first bytes and lengths of the pieces between `at` and `end`, where a break stands, to `spans` from `fill` on.

    Returns the new fill mark, or -1 when there is no room for them all.
    """
    j = at >> 6
    bits = breaks[j] & _FULL << np.uint64(at & 63)
    while True:
        while bits == np.uint64(0):
            j += 1
            bits = breaks[j]
        place = j * 64 + trailing_zeros(bits)
        bits &= bits - np.uint64(1)
        if place > at:
            if fill == len(spans):
                return -1
            spans[fill, 0] = at
            spans[fill, 1] = place - at
            fill += 1
        at = place + 1
        if place >= end:
            return fill


cut = compiled(_cut)


def _load(words: Any, at: Any) -> Any:
    """The eight bytes from any place on."""
    shift = np.uint64((at & 7) * 8)
    word = at >> 3
    return words[word] >> shift | words[word + 1] << np.uint64(1) << (np.uint64(63) - shift)


load = compiled(_load, inline=True)


def _load_piece(words: Any, start: Any, size: Any) -> Any:
    """The bytes of a piece as three numbers; what goes beyond 24 bytes is left out."""
    first = load(words, start) & _BELOW[min(size, 8)]
    second = load(words, start + 8) & _BELOW[max(min(size - 8, 8), 0)]
    third = load(words, start + 16) & _BELOW[max(min(size - 16, 8), 0)]
    return first, second, third


load_piece = compiled(_load_piece, inline=True)


def _hash_piece(first: Any, second: Any, third: Any) -> Any:
    key = (
        first * np.uint64(0x9E3779B97F4A7C15)
        ^ second * np.uint64(0xC2B2AE3D27D4EB4F)
        ^ third * np.uint64(0x165667B19E3779F9)
    )
    key ^= key >> np.uint64(32)
    key *= np.uint64(0xFF51AFD7ED558CCD)
    return key ^ key >> np.uint64(29)


hash_piece = compiled(_hash_piece, inline=True)


def _hash_pieces(words: Any, breaks: Any, end: Any, spans: Any, hashes: Any) -> Any:
    """Hashes of the pieces before `end`; returns their number."""
    n = cut(breaks, 0, end, spans, 0)
    for c in range(n):
        first, second, third = load_piece(words, spans[c, 0], spans[c, 1])
        hashes[c] = hash_piece(first, second, third)
    return n


hash_pieces = compiled(_hash_pieces)
