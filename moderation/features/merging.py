"""Merge two vocabularies into one that knows the features of both, so that a model of few texts keeps what a larger one has seen."""

from typing import Any

import numpy as np
import numpy.typing as npt

from moderation.features.vocabulary import MAX_ALPHABET, Vocabulary, char_key

__all__ = ["merge"]

Array = npt.NDArray[Any]


def merge(first: Vocabulary, second: Vocabulary) -> Vocabulary:
    """The features of both, with document frequencies and documents added up, in the settings of `first`.

    A feature that one of them did not keep counts as never seen there. Code points of `second` beyond the alphabet's room are left out,
    and n-grams that hold them.
    """
    word_keys, word_df, words = _merge_words(first, second)
    alphabet = np.array(list(dict.fromkeys([*_points(first), *_points(second)]))[:MAX_ALPHABET], np.int32)
    char_keys, char_df = _merge_chars(first, second, alphabet)
    arrays: dict[str, Array] = {
        "alphabet": alphabet,
        "char_keys": char_keys,
        "char_df": char_df,
        "word_keys": word_keys,
        "word_df": word_df,
        "words": np.frombuffer("\n".join(words).encode(), np.uint8),
    }
    return Vocabulary(first.settings, first.documents + second.documents, arrays)


def _points(vocabulary: Vocabulary) -> list[int]:
    points: list[int] = vocabulary.arrays["alphabet"].tolist()
    return points


def _merge_words(first: Vocabulary, second: Vocabulary) -> tuple[Array, Array, list[str]]:
    names: dict[int, str] = {}
    counts: dict[int, int] = {}
    for part in (first, second):
        keys, df = part.arrays["word_keys"].tolist(), part.arrays["word_df"].tolist()
        for key, count, name in zip(keys, df, part.names()[: part.n_words], strict=True):
            names.setdefault(key, name)
            counts[key] = counts.get(key, 0) + count
    ranked = sorted(counts, key=lambda key: (-counts[key], key))
    df = np.array([counts[key] for key in ranked], np.int32)
    return np.array(ranked, np.uint64), df, [names[key] for key in ranked]


def _merge_chars(first: Vocabulary, second: Vocabulary, alphabet: Array) -> tuple[Array, Array]:
    numbers = {chr(point): at for at, point in enumerate(alphabet.tolist(), start=1)}
    counts: dict[int, int] = {}
    for part in (first, second):
        for name, count in zip(part.char_names(), part.arrays["char_df"].tolist(), strict=True):
            if all(char in numbers for char in name):
                key = char_key([numbers[char] for char in name])
                counts[key] = counts.get(key, 0) + count
    ranked = sorted(counts, key=lambda key: (-counts[key], key))
    return np.array(ranked, np.uint64), np.array([counts[key] for key in ranked], np.int32)
