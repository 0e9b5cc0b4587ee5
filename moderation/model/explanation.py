"""Why a head's logit is what it is: the exact share of every feature, summed onto the words of the raw text.

A feature that occurs k times in a comment has one tf-idf value; each occurrence gets a k-th of its share. The share of an
occurrence lies on the raw text that its code points came from. Shares and intercept add up to the logit.
"""

from collections import Counter
from math import log, sqrt

from moderation.features.vocabulary import Feature
from moderation.model.linear import LinearModel
from moderation.records import Reason
from moderation.text import Normalised, normalise

__all__ = ["explain", "weigh"]


def weigh(model: LinearModel, text: str) -> tuple[Normalised, list[tuple[Feature, float]]]:
    """Every feature occurrence of `text`, each with its part of the feature's value before idf and weights (float).

    Summing `part * weights[id]` over occurrences gives the heads' logits without intercepts.
    """
    normalised = normalise(text)
    features = list(model.vocabulary.walk(normalised.text))
    times = Counter(feature.id for feature in features)
    idf = model.vocabulary.idf
    squares = [0.0, 0.0]
    for id, count in times.items():
        squares[id >= model.vocabulary.n_words] += ((1.0 + log(count)) * idf[id]) ** 2
    norms = [1.0 / sqrt(square) if square else 0.0 for square in squares]
    occurrences = []
    for feature in features:
        count = times[feature.id]
        norm = norms[feature.id >= model.vocabulary.n_words]
        occurrences.append((feature, (1.0 + log(count)) / count * norm))
    return normalised, occurrences


def explain(model: LinearModel, text: str, head: str, most: int | None = None) -> tuple[Reason, ...]:
    """Words of `text` (raw spans between white space) with their shares of the head's logit, strongest first, at most `most`.

    An n-gram belongs to the word it lies in, a word pair half to each of its words. All spans together add up to the logit less the
    intercept. Raises KeyError for a head that the model lacks.
    """
    columns = {known.name: column for column, known in enumerate(model.heads)}
    column = columns[head]
    normalised, occurrences = weigh(model, text)
    chunk_of = _chunk_numbers(normalised.text)
    shares: dict[int, float] = {}
    for feature, part in occurrences:
        share = part * float(model.weights[feature.id, column])
        first, last = chunk_of[feature.start], chunk_of[feature.end - 1]
        shares[first] = shares.get(first, 0.0) + share / 2
        shares[last] = shares.get(last, 0.0) + share / 2
    reasons = []
    ends = {number: at + 1 for at, number in enumerate(chunk_of)}
    starts = {number: at for at, number in reversed(list(enumerate(chunk_of)))}
    for number, share in shares.items():
        start, end = starts[number], ends[number]
        span = normalised.to_raw(start, end)
        reasons.append(Reason(span.start, span.end, share))
    reasons.sort(key=lambda reason: (-abs(reason.weight), reason.start))
    return tuple(reasons[:most])


def _chunk_numbers(text: str) -> list[int]:
    """For each code point the number of its chunk (run between white space), -1 for white space."""
    numbers, number, inside = [], -1, False
    for char in text:
        blank = char in " \n"
        number += not blank and not inside
        inside = not blank
        numbers.append(-1 if blank else number)
    return numbers
