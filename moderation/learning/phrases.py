"""Learn how comments open and close from files of single comments: their first and last sentences against the others.

Comments seldom keep their paragraphs in such files, so each is cut into runs of one to four sentences, the sizes of real paragraphs.
"""

import random
import re
from collections.abc import Iterable, Iterator

import numpy as np
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from moderation.learning.labels import Paths, find_files, read
from moderation.segmenter.page import Array, Page
from moderation.segmenter.phrases import SIZE, WORDS_SHARE, Phrases, find_phrases

__all__ = ["learn_phrases", "read_comments"]

MOST = 12_000
"""Comments of one source that are used."""

LONGEST = 4000
SIZES = (1, 1, 2, 2, 3, 4)
STRENGTH = 0.1
_SENTENCE = re.compile(r"(?<=[.!?…])[\"”’)]*\s+(?=[\"“‘(A-Z0-9])")


def read_comments(paths: Paths) -> Iterator[list[str]]:
    """The comments of each label file; those that stand in a thread are left out, for a segmenter may be measured on them."""
    for path in find_files(paths):
        yield [row.text for row in read([path]) if not row.thread]


def learn_phrases(sources: Iterable[list[str]]) -> Array | None:
    """Weights (2, SIZE + 1), float32, of opening and closing, from the comments of several sources; None where too few have two sentences.

    They are rounded to float16, as they are stored. The same comments give the same weights.
    """
    chance = random.Random(1)
    parts: list[str] = []
    opens: list[bool] = []
    closes: list[bool] = []
    for texts in sources:
        for run in _cut(texts, chance):
            parts += run
            opens += [place == 0 for place in range(len(run))]
            closes += [place == len(run) - 1 for place in range(len(run))]
    if len(parts) < 1000:
        return None
    phrases = find_phrases(Page("\n".join(parts)))
    truths = (np.array(opens), np.array(closes))
    buckets = (phrases.opens, phrases.closes)
    weights = np.stack([_fit(phrases, own, truth) for own, truth in zip(buckets, truths, strict=True)])
    return weights.astype(np.float16).astype(np.float32)


def _cut(texts: list[str], chance: random.Random) -> Iterator[list[str]]:
    """Comments of two runs of sentences or more, as these runs."""
    distinct = list(dict.fromkeys(text for text in texts if len(text) <= LONGEST))
    chance.shuffle(distinct)
    used = 0
    for text in distinct:
        whole = _SENTENCE.split(" ".join(text.split()))
        sentences = [part for part in whole if any(char.isalnum() for char in part)]
        run = []
        while sentences:
            size = chance.choice(SIZES)
            run.append(" ".join(sentences[:size]))
            sentences = sentences[size:]
        if len(run) > 1:
            yield run
            used += 1
        if used == MOST:
            return


def _fit(phrases: Phrases, buckets: Array, truth: Array) -> Array:
    count, width = buckets.shape
    sizes = np.maximum(np.bincount(phrases.word_lines, minlength=count), 1)
    lines = np.concatenate([np.repeat(np.arange(count), width), phrases.word_lines])
    columns = np.concatenate([buckets.ravel(), phrases.words])
    values = np.concatenate([np.ones(count * width), (WORDS_SHARE / np.sqrt(sizes))[phrases.word_lines]])
    rows = sparse.csr_matrix((values.astype(np.float32), (lines, columns)), shape=(count, SIZE))
    fit = LogisticRegression(C=STRENGTH, max_iter=200).fit(rows, truth)
    return np.append(fit.coef_[0], fit.intercept_).astype(np.float32)
