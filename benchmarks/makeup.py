"""Describe a label file: counts, the profile of its comments beside real ones, and how far two judgements of a row agree."""

import csv
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from wording import cut

from moderation.learning.labels import Label

__all__ = ["agreement", "comments_of", "count", "profile"]

HEADS = ("hostile", "conspiracy")


def comments_of(rows: Sequence[Label]) -> list[Label]:
    """The rows that are comments: all but the articles of threads."""
    return [row for row in rows if row.extra.get("kind") != "article"]


def count(rows: Sequence[Label]) -> dict[str, object]:
    """Rows, different texts, threads, yes / no / empty of either head, stances by target, and the commonest kinds."""
    comments = comments_of(rows)
    targets = sorted({row.target for row in comments if row.stance})
    stances = {
        target: Counter(row.stance for row in comments if row.target == target and row.stance) for target in targets
    }
    threads = Counter(row.thread for row in comments if row.thread)
    kinds = Counter(row.extra.get("kind", "").split("/")[0] for row in comments)
    return {
        "rows": len(comments),
        "texts": len({row.text for row in comments}),
        "articles": len(rows) - len(comments),
        "threads": len(threads),
        "comments in threads": sum(threads.values()),
        "comments a thread": [min(threads.values(), default=0), max(threads.values(), default=0)],
        **{
            head: {name: sum(row.judged(head) == value for row in comments) for name, value in _ANSWERS}
            for head in HEADS
        },
        "neither": sum(row.hostile == 0 and row.conspiracy == 0 for row in comments),
        "stance": {name: dict(sorted((str(key), n) for key, n in found.items())) for name, found in stances.items()},
        "kinds": dict(kinds.most_common(40)),
        "different kinds": len({row.extra.get("kind", "") for row in comments}),
    }


_ANSWERS = (("yes", 1), ("no", 0), ("empty", None))

_SHARES = {
    'with "!"': re.compile("!"),
    'with "?"': re.compile(r"\?"),
    'with "..." or "…"': re.compile(r"\.\.\.|…"),
    "with an address": re.compile(r"https?://|www\."),
    "with a digit": re.compile(r"\d"),
    "with brackets": re.compile(r"\("),
    "with a quotation mark": re.compile('["“”«]'),
    "several paragraphs": re.compile(r"\S[^\S\n]*\n\s*\S"),
    "with a word in capitals": re.compile(r"\b[A-Z]{4,}\b"),
    "no final stop": re.compile(r"[^\s.!?…)\"'”’]\s*\Z"),
}


def profile(texts: Sequence[str]) -> dict[str, float]:
    """Words per comment (quantiles), per cent of comments with each habit of punctuation and case, and of words per 1,000.

    Words in capitals have four letters or more, so that most abbreviations do not count.
    """
    words = [[token for kind, token in cut(text) if kind == "word"] for text in texts]
    lengths = np.array([len(found) for found in words])
    figures = {f"words, {q} %": float(np.percentile(lengths, q)) for q in (10, 25, 50, 75, 90, 99)}
    for name, pattern in _SHARES.items():
        figures[name] = 100 * float(np.mean([bool(pattern.search(text)) for text in texts]))
    figures["all lower case"] = 100 * float(np.mean([text == text.lower() and text != text.upper() for text in texts]))
    every = [word.lower() for found in words for word in found]
    for name, holds in _WORDS.items():
        figures[f"{name}, per 1,000 words"] = 1000 * sum(holds(word) for word in every) / max(1, len(every))
    return figures


_WORDS = {
    "8 letters or more": lambda word: len(word) >= 8,
    "in -ly": lambda word: word.endswith("ly") and len(word) > 5,
    "will, would, should, can, must …": {
        "will",
        "would",
        "could",
        "should",
        "can",
        "may",
        "might",
        "must",
    }.__contains__,
    "is, are, am": {"is", "are", "am"}.__contains__,
    "was, were, had": {"was", "were", "had"}.__contains__,
}


def agreement(path: Path) -> dict[str, dict[str, float]]:
    """Cohen's kappa for each column of a file `id,column,first,second,settled`, over the rows that both judged.

    Also the share of equal answers, the rows that only one left empty, and how many disagreements went to the second.
    """
    found: dict[str, list[dict[str, str]]] = {}
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            found.setdefault(row["column"], []).append(row)
    report = {}
    for column, rows in found.items():
        pairs = [(row["first"], row["second"]) for row in rows if row["first"] and row["second"]]
        report[column] = {
            "n": len(pairs),
            "equal": sum(a == b for a, b in pairs),
            "kappa": kappa(pairs),
            "one empty": len(rows) - len(pairs),
            "changed": sum(row["settled"] != row["first"] for row in rows),
        }
    return report


def kappa(pairs: Sequence[tuple[str, str]]) -> float:
    """Cohen's kappa (1960): agreement beyond what the annotators' own shares of each answer give by chance."""
    n = len(pairs)
    observed = sum(a == b for a, b in pairs) / n
    first, second = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    expected = sum(first[answer] * second[answer] for answer in first) / n**2
    return (observed - expected) / (1 - expected) if expected < 1 else 1.0
