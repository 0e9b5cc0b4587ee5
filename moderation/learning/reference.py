"""The kernel's twin in scikit-learn: the same vocabulary and weights in TfidfVectorizers, against which the loops are tested."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer

from moderation.model.linear import LinearModel
from moderation.text import normalise

__all__ = ["Reference"]


class Reference:
    """A FeatureUnion of two TfidfVectorizers with a model's vocabulary, and the model's heads on top."""

    def __init__(self, model: LinearModel) -> None:
        vocabulary = model.vocabulary
        names = vocabulary.names()
        split = vocabulary.n_words
        ngrams = (vocabulary.settings.char_min, vocabulary.settings.char_max)
        self.model = model
        self.words = _vectorizer(
            names[:split], vocabulary.idf[:split], analyzer="word", token_pattern=r"\w+", ngram_range=(1, 2)
        )
        self.chars = _vectorizer(names[split:], vocabulary.idf[split:], analyzer="char_wb", ngram_range=ngrams)

    def values(self, texts: Sequence[str]) -> sparse.csr_matrix:
        """Tf-idf values of raw texts, [n, W + C]."""
        return sparse.hstack([self.words.transform(texts), self.chars.transform(texts)]).tocsr()

    def probabilities(self, texts: Sequence[str]) -> npt.NDArray[np.float64]:
        """Calibrated probabilities of the heads, [n, H]."""
        plain = self.model.weights / self.model.vocabulary.idf[:, None]
        logits = self.values(texts) @ plain + np.array([head.intercept for head in self.model.heads])
        slopes = np.array([head.slope for head in self.model.heads])
        offsets = np.array([head.offset for head in self.model.heads])
        probabilities: npt.NDArray[np.float64] = 1.0 / (1.0 + np.exp(-(slopes * logits + offsets)))
        return probabilities


def _vectorizer(names: list[str], idf: npt.NDArray[np.float64], **settings: Any) -> TfidfVectorizer:
    vectorizer = TfidfVectorizer(
        vocabulary={name: at for at, name in enumerate(names)},
        preprocessor=_preprocess,
        lowercase=False,
        sublinear_tf=True,
        **settings,
    )
    vectorizer.idf_ = idf
    return vectorizer


def _preprocess(text: str) -> str:
    return normalise(text).text
