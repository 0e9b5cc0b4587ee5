"""Read the public label sets in a folder: a fixed half for reporting and one for reading, evenly spaced samples, real comments."""

import csv
import hashlib
import json
import random
from collections.abc import Iterable, Sequence
from pathlib import Path

from moderation.learning import labels
from moderation.learning.labels import Label
from moderation.text import normalise

__all__ = ["REAL", "find_sets", "in_report_half", "read_comments", "read_threads", "sample", "write_rows"]

REAL = ("civil_comments", "foxnews", "ruddit", "cad", "ukp_nyt_stance", "youtoxic")
"""Sets whose texts are reader comments as written: news sites, Reddit, YouTube."""

COLUMNS = ("text", "target", "stance", "conspiracy", "hostile", "thread", "source")


def find_sets(data: Path) -> dict[str, Path]:
    """The label sets of a folder, in any depth, by name."""
    return {path.stem: path for path in sorted(data.rglob("*.csv"))}


def in_report_half(text: str) -> bool:
    """Whether a text belongs to the half that figures are reported on: by a hash of its normalised form."""
    return hashlib.sha256(normalise(text).text.encode()).digest()[0] % 2 == 0


def sample(path: Path, limit: int, *, report: bool) -> list[Label]:
    """At most `limit` rows of one half of a set, evenly spaced."""
    rows = [row for row in labels.scan(path) if isinstance(row, Label) and in_report_half(row.text) is report]
    return [rows[at * len(rows) // limit] for at in range(limit)] if len(rows) > limit else rows


def write_rows(rows: Iterable[Label], path: Path, columns: Sequence[str] = COLUMNS) -> Path:
    """Write `columns` of label rows to a CSV file that `moderation.train` and `moderation.evaluate` read."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(columns)
        for row in rows:
            cells = (getattr(row, column) for column in columns)
            writer.writerow(["" if cell is None else cell for cell in cells])
    return path


def read_comments(path: Path, limit: int, seed: int = 0) -> list[str]:
    """At most `limit` different texts of a set, drawn at random with a seed."""
    texts = list(dict.fromkeys(row.text for row in labels.scan(path) if isinstance(row, Label)))
    random.Random(seed).shuffle(texts)
    return texts[:limit]


def read_threads(path: Path, limit: int, seed: int = 0) -> list[str]:
    """At most `limit` different comments of a file of threads (JSON Lines, `comments: [{text}]`), which keep their paragraphs."""
    texts: dict[str, None] = {}
    with path.open(encoding="utf-8") as stream:
        for line in stream:
            texts.update((comment["text"], None) for comment in json.loads(line)["comments"] if comment["text"].strip())
    drawn = list(texts)
    random.Random(seed).shuffle(drawn)
    return drawn[:limit]
