"""Learn word vectors from the training texts, so that related words can share what is learned of one of them.

Words are alike that occur in like company: positive pointwise mutual information over a window of five words, reduced by a
singular value decomposition (Bullinaria and Levy 2007; Levy, Goldberg and Dagan 2015). The vector of a character n-gram
is the mean of those of the words that contain it (as in fastText, Bojanowski et al. 2017). No label is looked at.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.utils.extmath import randomized_svd

from moderation.features.vocabulary import Vocabulary
from moderation.text import find_words

__all__ = ["DIMENSIONS", "learn_vectors"]

DIMENSIONS = 200
WINDOW = 5
MAX_WORDS = 40_000
MAX_TOKENS = 400
"""Words of a comment that are looked at."""

WORD_SHARE, CHAR_SHARE = 0.5, 0.2
"""How far a word's and an n-gram's weight may follow its vector, relative to its own; the best of a grid by leave-one-source-out."""

Floats = npt.NDArray[np.float32]


def learn_vectors(texts: Iterable[str], vocabulary: Vocabulary) -> Floats:
    """Vectors float32 [W + C, DIMENSIONS] of all features of `vocabulary`, from normalised texts; zero for word pairs and rare words.

    Rows have the length WORD_SHARE or CHAR_SHARE. Fewer than DIMENSIONS + 1 single words give all zeros.
    """
    names = vocabulary.names()
    single = [id for id in range(vocabulary.n_words) if " " not in names[id]][:MAX_WORDS]
    vectors = np.zeros((len(vocabulary), DIMENSIONS), np.float32)
    if len(single) <= DIMENSIONS:
        return vectors
    words = [names[id] for id in single]
    associations = _associate(list(_number(texts, words)), len(words))
    left, strengths, _ = randomized_svd(associations, DIMENSIONS, n_iter=3, random_state=0)
    own = _unit(left * np.sqrt(strengths))
    vectors[single] = WORD_SHARE * own
    df = vocabulary.arrays["word_df"][single]
    members = _members(words, df, names, vocabulary)
    vectors[vocabulary.n_words :] = CHAR_SHARE * _unit(members @ own)
    return vectors


def _number(texts: Iterable[str], words: list[str]) -> Iterator[npt.NDArray[np.int32]]:
    """Each text's words as numbers, -1 for those that are not in `words`."""
    numbers = {word: number for number, word in enumerate(words)}
    gap = [-1] * WINDOW
    for text in texts:
        yield np.array([numbers.get(word, -1) for word in find_words(text)[:MAX_TOKENS]] + gap, np.int32)


def _associate(sequences: list[npt.NDArray[np.int32]], size: int) -> Any:
    """Positive pointwise mutual information, CSR float32 [size, size]; near words count more, contexts are smoothed (power .75)."""
    tokens = np.concatenate(sequences) if sequences else np.empty(0, np.int32)
    counts = sparse.csr_matrix((size, size), dtype=np.float32)
    for distance in range(1, WINDOW + 1):
        first, second = tokens[:-distance], tokens[distance:]
        known = (first >= 0) & (second >= 0)
        pairs = (first[known], second[known])
        counts = counts + sparse.coo_matrix(
            (np.full(len(pairs[0]), 1 / distance, np.float32), pairs), shape=(size, size)
        )
    both = (counts + counts.T).tocoo()
    totals = np.asarray(both.tocsr().sum(axis=1), np.float64).ravel()
    contexts = totals**0.75
    contexts /= max(contexts.sum(), 1e-12)
    values = np.log(both.data / (totals[both.row] * contexts[both.col]))
    kept = values > 0
    return sparse.csr_matrix(
        (values[kept].astype(np.float32), (both.row[kept], both.col[kept])), shape=(size, size), dtype=np.float32
    )


def _members(words: list[str], df: npt.NDArray[Any], names: list[str], vocabulary: Vocabulary) -> Any:
    """Which n-grams the words contain, CSR float32 [C, words], by the root of the words' document frequency."""
    ids = {name: id for id, name in enumerate(names[vocabulary.n_words :])}
    rows, columns, values = [], [], []
    shares = np.sqrt(df + 1.0).tolist()
    lengths = range(max(3, vocabulary.settings.char_min), vocabulary.settings.char_max + 1)
    for column, word in enumerate(words):
        padded = f" {word} "
        for length in lengths:
            for start in range(len(padded) - length + 1):
                id = ids.get(padded[start : start + length])
                if id is not None:
                    rows.append(id)
                    columns.append(column)
                    values.append(shares[column])
    return sparse.csr_matrix((values, (rows, columns)), shape=(vocabulary.n_chars, len(words)), dtype=np.float32)


def _unit(vectors: Any) -> Floats:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Floats = (vectors / np.maximum(lengths, 1e-9)).astype(np.float32)
    return unit
