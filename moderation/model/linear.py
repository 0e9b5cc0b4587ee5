"""The linear model as it is stored and scored: a vocabulary, weights, and per head an intercept, a calibration and a threshold.

A head's logit is `intercept + sum(weight * value)` over the features' tf-idf values; its probability is the
logistic function of `slope * logit + offset` (Platt 1999), fitted on out-of-fold logits. A stance head has one such
sum per label and a softmax
of `slope * logits` (temperature scaling, Guo et al. 2017).
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Struct

from moderation import storage
from moderation.errors import ModelError
from moderation.features.vocabulary import Vocabulary, pair_key, word_key
from moderation.text import find_words, normalise

__all__ = ["STANCE_LABELS", "Head", "LinearModel", "Target", "alias_key"]

NAME = "classifier"
STANCE_LABELS = ("favor", "against", "neutral")
MAX_ALIAS_WORDS = 4


class Head(Struct, frozen=True):
    """One binary head. `threshold` is the calibrated probability from which on it flags."""

    name: str
    intercept: float
    slope: float
    offset: float
    threshold: float


class Target(Struct, frozen=True):
    """One stance target: `aliases` are its other names; below `min_probability` of the best label the model abstains."""

    name: str
    aliases: tuple[str, ...]
    intercepts: tuple[float, float, float]
    slope: float
    min_probability: float


class LinearModel:
    """Everything that scoring needs of a model. Arrays of H heads and T targets over the vocabulary's W + C features:

    `weights` float32 [W + C, H]; `stance_ids` int32 [K] and `stance_weights` float32 [K, 3] (stored as float16), of which target t owns
    rows `stance_starts[t]` to `stance_starts[t + 1]`. Weights include the idf, so that a feature's share of a logit is its term
    frequency weight times its entry, over the L2 norm of its part of the features (words, n-grams).
    `about` holds what is only reported: data hashes, sources, metrics, languages.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        heads: tuple[Head, ...],
        targets: tuple[Target, ...],
        arrays: Mapping[str, npt.NDArray[Any]],
        about: Mapping[str, Any],
    ) -> None:
        self.vocabulary = vocabulary
        self.heads = heads
        self.targets = targets
        self.weights: npt.NDArray[np.float32] = arrays["weights"]
        self.stance_starts: npt.NDArray[np.int64] = arrays["stance_starts"]
        self.stance_ids: npt.NDArray[np.int32] = arrays["stance_ids"]
        self.stance_weights = arrays["stance_weights"].astype(np.float32)
        self.about = dict(about)

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages that the model was trained on, as ISO 639-1 codes."""
        return tuple(self.about.get("languages", ("en",)))

    def stance_rows(self, target: int) -> slice:
        """Rows of `stance_ids` and `stance_weights` that belong to a target."""
        return slice(int(self.stance_starts[target]), int(self.stance_starts[target + 1]))

    def aliases(self) -> dict[int, int]:
        """Fingerprints of all names and aliases of the targets, each with its target's number."""
        found: dict[int, int] = {}
        for number, target in enumerate(self.targets):
            for alias in (target.name, *target.aliases):
                if key := alias_key(alias):
                    found.setdefault(key, number)
        return found

    def alias_ends(self) -> frozenset[int]:
        """Fingerprints of the last words of all names and aliases."""
        names = [alias for target in self.targets for alias in (target.name, *target.aliases)]
        return frozenset(word_key(words[-1]) for name in names if (words := find_words(normalise(name).text)))

    def save(self, folder: Path | str) -> None:
        """Write the model to a folder; the same model gives the same bytes."""
        document = {
            "vocabulary": self.vocabulary.to_document(),
            "heads": msgspec.to_builtins(self.heads),
            "targets": msgspec.to_builtins(self.targets),
            "about": self.about,
        }
        arrays = {
            **self.vocabulary.arrays,
            "weights": self.weights,
            "stance_starts": self.stance_starts,
            "stance_ids": self.stance_ids,
            "stance_weights": self.stance_weights.astype(np.float16),
        }
        storage.write(folder, NAME, document, arrays)

    @classmethod
    def load(cls, folder: Path | str) -> "LinearModel":
        """Read a model folder; raises ModelError when it is missing, damaged, inconsistent or of a newer format."""
        document, arrays = storage.read(folder, NAME)
        place = str(Path(folder) / f"{NAME}.json")
        try:
            heads = msgspec.convert(document["heads"], tuple[Head, ...])
            targets = msgspec.convert(document["targets"], tuple[Target, ...])
            vocabulary = Vocabulary.from_document(document["vocabulary"], arrays, place)
            model = cls(vocabulary, heads, targets, arrays, document["about"])
        except (KeyError, msgspec.ValidationError) as error:
            raise ModelError(
                f"an entry is missing or wrong ({error})", place, "restore the file, or train the model again"
            ) from None
        fits = (
            model.weights.shape == (len(vocabulary), len(heads))
            and len(model.stance_starts) == len(targets) + 1
            and len(model.stance_ids) == len(model.stance_weights) == int(model.stance_starts[-1])
        )
        if not fits:
            raise ModelError("its arrays do not fit one another", place, "restore the folder, or train the model again")
        return model


def alias_key(alias: str) -> int:
    """Fingerprint of a run of up to four words, as the scoring loops build it; 0 for a name without words or of more than four."""
    words = find_words(normalise(alias).text)
    if not 0 < len(words) <= MAX_ALIAS_WORDS:
        return 0
    key = word_key(words[0])
    for word in words[1:]:
        key = pair_key(key, word_key(word))
    return key
