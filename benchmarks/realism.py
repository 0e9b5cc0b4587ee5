"""Tell the rows of a label file from real comments of the same length by manner alone, and name what gives them away.

A logistic regression sees the masked tokens of benchmarks/wording.py, alone and in pairs; 0.5 would mean that nobody can tell.
"""

import random
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold
from wording import cut, mask

__all__ = ["auc", "giveaways", "match_lengths"]


def length_class(text: str) -> int:
    """Words of a text: exact up to 15, then in steps of a tenth."""
    words = sum(kind == "word" for kind, _ in cut(text))
    return words if words <= 15 else 16 + int(np.log(words / 15) / np.log(1.1))


def match_lengths(ours: Sequence[str], theirs: Sequence[str], limit: int, seed: int = 0) -> tuple[list[str], list[str]]:
    """As many texts of either side in every length class, at most `limit` a side, drawn at random with a seed."""
    draw = random.Random(seed)
    sides: list[dict[int, list[str]]] = []
    for texts in (ours, theirs):
        classes = defaultdict(list)
        for text in dict.fromkeys(texts):
            classes[length_class(text)].append(text)
        for members in classes.values():
            draw.shuffle(members)
        sides.append(classes)
    pairs = [pair for size in sorted(sides[0]) for pair in zip(sides[0][size], sides[1].get(size, ()), strict=False)]
    draw.shuffle(pairs)
    return [a for a, _ in pairs[:limit]], [b for _, b in pairs[:limit]]


def auc(ours: Sequence[str], theirs: Sequence[str]) -> float:
    """ROC AUC of telling `ours` from `theirs`, each text scored by one of five folds that had not seen it."""
    X, _ = _count([*ours, *theirs])
    y = np.array([1] * len(ours) + [0] * len(theirs))
    scores = np.zeros(len(y))
    for train, test in StratifiedKFold(5, shuffle=True, random_state=0).split(X, y):
        scores[test] = _fit(X[train], y[train]).decision_function(X[test])
    return float(roc_auc_score(y, scores))


def giveaways(ours: Sequence[str], theirs: Sequence[str], count: int) -> list[dict[str, object]]:
    """The `count` features that weigh most over all texts of both sides, with the share of texts on either side that have them."""
    X, names = _count([*ours, *theirs])
    y = np.array([1] * len(ours) + [0] * len(theirs))
    weights = _fit(X, y).coef_[0]
    spread = np.sqrt(np.maximum(X.multiply(X).mean(axis=0).A1 - X.mean(axis=0).A1 ** 2, 0))
    present = (X > 0).astype(float)
    ours_have, theirs_have = present[: len(ours)].mean(axis=0).A1, present[len(ours) :].mean(axis=0).A1
    best = np.argsort(-np.abs(weights * spread))[:count]
    return [
        {
            "feature": names[at],
            "weight": float(weights[at]),
            "rows": float(ours_have[at]),
            "real": float(theirs_have[at]),
        }
        for at in best
    ]


def _fit(X, y) -> LogisticRegression:
    return LogisticRegression(C=4.0, solver="liblinear", random_state=0, max_iter=1000).fit(X, y)


def _count(texts: Sequence[str]):
    counter = CountVectorizer(tokenizer=mask, token_pattern=None, lowercase=False, ngram_range=(1, 2), min_df=5)
    X = TfidfTransformer(sublinear_tf=True).fit_transform(counter.fit_transform(texts))
    return X.tocsr(), counter.get_feature_names_out()
