"""Carry what an earlier model knows into a new one: its heads as directions in which the new weights may move cheaply.

A head trained on other people's comments is seldom right for one site's labels, and seldom useless. Its weights become one more
column of the features' vectors (see `fitting.fit_binary`), so that the new head may lean on it as far as its own labels say: a
prior learned on related tasks (Raina, Ng and Koller 2006; Daumé 2007). The result is one weight a feature again.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from moderation.features.vocabulary import Vocabulary
from moderation.model.linear import LinearModel

__all__ = ["SPREAD", "carry"]

SPREAD = 0.1
"""Standard deviation of a carried logit over the training texts, as the fit sees it: the lower, the less it trusts the model."""

Floats = npt.NDArray[np.float32]


def carry(model: LinearModel, vocabulary: Vocabulary, values: Any) -> Floats:
    """Columns float32 [W + C, H] of a model's H heads in the terms of `vocabulary`, scaled to SPREAD over `values`, tf-idf CSR [n, W + C].

    Features that the model does not know get 0; so does a head that says the same of all texts.
    """
    places = _match(model.vocabulary, vocabulary)
    known = places >= 0
    columns = np.zeros((len(vocabulary), len(model.heads)), np.float32)
    columns[known] = model.weights[places[known]] / vocabulary.idf[known, None]
    spread = np.asarray(values @ columns, np.float64).std(axis=0)
    alive = spread > 1e-9
    scaled: Floats = columns * np.where(alive, SPREAD / np.where(alive, spread, 1.0), 0.0).astype(np.float32)
    return scaled


def _match(known: Vocabulary, wanted: Vocabulary) -> npt.NDArray[np.int64]:
    """For each feature of `wanted` its id in `known`, or -1."""
    words = {key: id for id, key in enumerate(known.arrays["word_keys"].tolist())}
    chars = {name: known.n_words + id for id, name in enumerate(known.char_names())}
    found = [words.get(key, -1) for key in wanted.arrays["word_keys"].tolist()]
    return np.array(found + [chars.get(name, -1) for name in wanted.char_names()], np.int64)
