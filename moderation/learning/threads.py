"""Whole threads with known comments, to train and measure the segmenter: JSON Lines, a thread a line, or rows of a label file.

JSON Lines: `{"thread_id", "article": [paragraphs] or null, "comments": [{"id", "reply_to", "text"}]}`; paragraphs of a comment are
separated by line breaks. Label files (labels.csv, or JSON Lines of such rows): rows that share `thread` and have an `id`, in order; the row
of kind "article" is the article, title first.
"""

import csv
import json
import random
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from moderation.errors import LabelError
from moderation.segmenter.page import Array, Page

__all__ = ["FlatThread", "TrainingThread", "drop", "flatten", "read_threads", "thin"]

ARTICLE = "article"
FEWEST = 2
"""Comments that a thread needs to be of use."""


class TrainingThread(NamedTuple):
    """One thread: article paragraphs, and the comments as lists of paragraphs; `parents` are indices of comments, -1 for none."""

    id: str
    article: list[str]
    comments: list[list[str]]
    parents: list[int]
    linked: bool


class FlatThread(NamedTuple):
    """A thread as the segmenter sees it: one paragraph a line. `starts` and `owner` have an entry a line below the article."""

    page: Page
    article: int
    starts: Array
    owner: Array
    parents: Array
    linked: bool


def read_threads(path: Path | str) -> list[TrainingThread]:
    """All threads of a file with two comments or more. Raises LabelError that names the line."""
    path = Path(path)
    try:
        if path.suffix == ".csv":
            with path.open(encoding="utf-8-sig", newline="") as stream:
                return list(_from_rows(csv.DictReader(stream)))
        rows = [
            _parse(line, f"{path}, line {number}")
            for number, line in enumerate(path.open(encoding="utf-8"), 1)
            if line.strip()
        ]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise LabelError(
            f"cannot be read as threads ({error})", str(path), "give JSON Lines with a thread a line, or a label file"
        ) from None
    if rows and "comments" not in rows[0]:
        return list(_from_rows(rows))
    threads = [_from_object(row, f"{path}, thread {number}") for number, row in enumerate(rows, 1)]
    return [thread for thread in threads if len(thread.comments) >= FEWEST]


def _parse(line: str, place: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise LabelError(f"not JSON ({error})", place, "write one JSON object a line") from None
    if not isinstance(row, dict):
        raise LabelError("not a JSON object", place, "write one JSON object a line")
    return row


def _paragraphs(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if len(Page(line))]


def _from_object(row: dict[str, Any], place: str) -> TrainingThread:
    try:
        article = [line for part in row["article"] or [] for line in _paragraphs(part)]
        told = [(str(item["id"]), item.get("reply_to"), _paragraphs(item["text"])) for item in row["comments"]]
    except (KeyError, TypeError, AttributeError) as error:
        raise LabelError(
            f"a thread needs article and comments with id and text ({error!r})", place, "see docs/segmenting.md"
        ) from None
    return _make(str(row.get("thread_id", place)), article, told)


def _from_rows(rows: Iterable[dict[str, Any]]) -> Iterator[TrainingThread]:
    threads: dict[str, dict[str, tuple[str | None, list[str]]]] = {}
    for row in rows:
        thread, key = str(row.get("thread") or ""), str(row.get("id") or "")
        if thread and key:
            key = ARTICLE if row.get("kind") == ARTICLE else key
            threads.setdefault(thread, {}).setdefault(
                key, (row.get("parent") or None, _paragraphs(str(row.get("text") or "")))
            )
    for name, members in threads.items():
        article = members.pop(ARTICLE, (None, []))[1]
        if article or len(members) >= 5:  # fewer rows are a sample of a thread, not a thread
            made = _make(name, article, [(key, parent, text) for key, (parent, text) in members.items()])
            if len(made.comments) >= FEWEST:
                yield made


def _make(name: str, article: list[str], told: list[tuple[str, str | None, list[str]]]) -> TrainingThread:
    kept = [item for item in told if item[2]]
    places = {key: index for index, (key, _, _) in enumerate(kept)}
    parents = [places.get(str(parent), -1) if parent else -1 for _, parent, _ in kept]
    return TrainingThread(name, article, [text for _, _, text in kept], parents, any(parent >= 0 for parent in parents))


def flatten(thread: TrainingThread) -> FlatThread:
    """One paragraph a line, all metadata gone."""
    lines = thread.article + [line for comment in thread.comments for line in comment]
    page = Page("\n".join(lines))
    starts = np.array([place == 0 for comment in thread.comments for place in range(len(comment))], bool)
    owner = np.repeat(np.arange(len(thread.comments)), [len(comment) for comment in thread.comments])
    return FlatThread(page, len(thread.article), starts, owner, np.array(thread.parents), thread.linked)


def thin(thread: TrainingThread, chance: random.Random) -> TrainingThread | None:
    """The thread without most of its long comments, or None where that changes nothing: a higher rate of starts."""
    longest, gone = chance.choice([1, 2, 2, 3, 4]), chance.choice([0.5, 0.8, 1.0])
    return _keep(thread, [len(comment) <= longest or chance.random() > gone for comment in thread.comments])


def drop(thread: TrainingThread, chance: random.Random) -> TrainingThread | None:
    """The thread without some of its comments, drawn at random, or None where too few are left: comments meet that did not meet before."""
    share = chance.choice([0.3, 0.5, 0.7])
    return _keep(thread, [chance.random() < share for _ in thread.comments])


def _keep(thread: TrainingThread, kept: list[bool]) -> TrainingThread | None:
    """The thread with these of its comments; None for fewer than three, or all."""
    if sum(kept) < 3 or all(kept):
        return None
    left = [index for index, stays in enumerate(kept) if stays]
    places = {old: new for new, old in enumerate(left)}
    parents = [places.get(thread.parents[old], -1) for old in left]
    return TrainingThread(thread.id, thread.article, [thread.comments[old] for old in left], parents, False)
