"""The vocabulary: which words, word pairs and character n-grams are features, and how they are known.

Features are those of a scikit-learn FeatureUnion of two TfidfVectorizers over normalised text: word 1- and 2-grams (`\\w+`) and `char_wb`
n-grams; both with sublinear term frequency, smoothed idf and an L2 norm of their own.

A character n-gram is known by an exact 64-bit key: each of its at most five code points has a number below 4,096 in
the model's alphabet, and
the numbers are packed 12 bits each. A code point outside the alphabet occurs in no feature. A word or word pair is known
by a 64-bit fingerprint (FNV-1a over code points, finished as in MurmurHash3); the words are stored too, for audits.
Ids run by descending document frequency, so that the rows that are used most lie together in cache.
"""

from collections.abc import Iterator
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from moderation.errors import ModelError
from moderation.text import find_words

__all__ = ["MAX_ALPHABET", "Feature", "Settings", "Vocabulary", "char_key", "pair_key", "word_key"]

MAX_ALPHABET = 4095
KEY_BITS = 12
MASK = (1 << 64) - 1
FNV_OFFSET = 0xCBF29CE484222325
FNV_PRIME = 0x100000001B3
MURMUR_1 = 0xFF51AFD7ED558CCD
MURMUR_2 = 0xC4CEB9FE1A85EC53


class Settings(NamedTuple):
    """What makes a feature: the range of character n-gram lengths, and the documents a feature must occur in."""

    char_min: int = 2
    char_max: int = 5
    min_df: int = 2
    max_words: int = 100_000
    max_chars: int = 200_000


class Feature(NamedTuple):
    """One occurrence of a feature in a normalised text; ids of words come first, those of n-grams follow."""

    id: int
    start: int
    end: int


def word_key(word: str) -> int:
    """64-bit fingerprint of a word."""
    key = FNV_OFFSET
    for char in word:
        key = ((key ^ ord(char)) * FNV_PRIME) & MASK
    return _finish(key)


def pair_key(first: int, second: int) -> int:
    """64-bit fingerprint of two neighbouring words, from theirs."""
    return _finish((first * FNV_PRIME & MASK) ^ (second + FNV_OFFSET & MASK))


def _finish(key: int) -> int:
    key ^= key >> 33
    key = key * MURMUR_1 & MASK
    key ^= key >> 33
    key = key * MURMUR_2 & MASK
    return key ^ key >> 33


def char_key(numbers: list[int]) -> int:
    """Exact key of a character n-gram from its alphabet numbers (1 to 4,095 each)."""
    key = 0
    for number in numbers:
        key = key << KEY_BITS | number
    return key


class Vocabulary:
    """The features of one model: `words` and `chars` in id order, with document frequencies out of `documents`.

    Arrays: `alphabet` int32 [A] (code point of number 1, 2, …), `char_keys` uint64 [C], `char_df` int32 [C], `word_keys` uint64 [W],
    `word_df` int32 [W], `words` uint8 (the words and pairs as UTF-8 lines, in id order).
    """

    ARRAYS = ("alphabet", "char_keys", "char_df", "word_keys", "word_df", "words")

    def __init__(self, settings: Settings, documents: int, arrays: dict[str, npt.NDArray[Any]]) -> None:
        self.settings = settings
        self.documents = documents
        self.arrays = arrays
        self.n_words = len(arrays["word_keys"])
        self.n_chars = len(arrays["char_keys"])
        self._ids: dict[int, int] | None = None
        self._numbers: dict[str, int] = {}

    def __len__(self) -> int:
        return self.n_words + self.n_chars

    @cached_property
    def idf(self) -> npt.NDArray[np.float64]:
        """Smoothed inverse document frequency, ln((1 + n) / (1 + df)) + 1, of every feature; float64 [W + C]."""
        df = np.concatenate([self.arrays["word_df"], self.arrays["char_df"]]).astype(np.float64)
        return np.log((1.0 + self.documents) / (1.0 + df)) + 1.0

    def names(self) -> list[str]:
        """Every feature's text in id order: words and pairs, then n-grams with their blanks."""
        words = bytes(self.arrays["words"]).decode().split("\n")[: self.n_words]
        return words + self.char_names()

    def char_names(self) -> list[str]:
        """The n-grams in id order, decoded from their keys."""
        alphabet = [chr(point) for point in self.arrays["alphabet"].tolist()]
        names = []
        for key in self.arrays["char_keys"].tolist():
            letters = []
            while key:
                letters.append(alphabet[(key & MAX_ALPHABET) - 1])
                key >>= KEY_BITS
            names.append("".join(reversed(letters)))
        return names

    def walk(self, text: str) -> Iterator[Feature]:
        """Every occurrence of every feature in a normalised text: the plain definition that the compiled loop is held to."""
        ids, numbers = self._lookup()
        before: tuple[int, int] | None = None
        at = 0
        for word in find_words(text):
            at = text.index(word, at)
            key, end = word_key(word), at + len(word)
            if key in ids:
                yield Feature(ids[key], at, end)
            if before is not None and (pair := pair_key(before[0], key)) in ids:
                yield Feature(ids[pair], before[1], end)
            before = (key, at)
            at = end
        at = 0
        for chunk in text.split():
            at = text.index(chunk, at)
            yield from self._walk_chunk(chunk, at, ids, numbers)
            at += len(chunk)

    def _walk_chunk(self, chunk: str, at: int, ids: dict[int, int], numbers: dict[str, int]) -> Iterator[Feature]:
        padded = [numbers.get(char, 0) for char in f" {chunk} "]
        for start in range(len(padded) - self.settings.char_min + 1):
            key = 0
            for length in range(1, min(self.settings.char_max, len(padded) - start) + 1):
                number = padded[start + length - 1]
                if not number:
                    break
                key = key << KEY_BITS | number
                # keys of n-grams and of words are kept apart by the sign
                if length >= self.settings.char_min and -key in ids:
                    yield Feature(ids[-key], at + max(start - 1, 0), at + min(start + length - 1, len(chunk)))

    def _lookup(self) -> tuple[dict[int, int], dict[str, int]]:
        if self._ids is None:
            ids = {key: at for at, key in enumerate(self.arrays["word_keys"].tolist())}
            first = self.n_words
            ids.update({-key: first + at for at, key in enumerate(self.arrays["char_keys"].tolist())})
            self._numbers = {chr(point): at + 1 for at, point in enumerate(self.arrays["alphabet"].tolist())}
            self._ids = ids
        return self._ids, self._numbers

    def to_document(self) -> dict[str, Any]:
        """The JSON part of the stored vocabulary."""
        return {"documents": self.documents, "words": self.n_words, "chars": self.n_chars, **self.settings._asdict()}

    @classmethod
    def from_document(cls, document: dict[str, Any], arrays: dict[str, npt.NDArray[Any]], place: str) -> "Vocabulary":
        """The stored vocabulary; raises ModelError when `document` or `arrays` lack something."""
        try:
            settings = Settings(**{name: int(document[name]) for name in Settings._fields})
            return cls(settings, int(document["documents"]), {name: arrays[name] for name in cls.ARRAYS})
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError(f"the vocabulary lacks or misstates {error}", place, "train the model again") from None
