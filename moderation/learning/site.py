"""Read what is known of a site, label files and dumps alike, into calibrated logits and judgements per head."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt
from msgspec import Struct, field

from moderation import readers
from moderation.errors import ModelError
from moderation.learning import labels
from moderation.learning.labels import Label
from moderation.model.language import identify
from moderation.readers.options import ReadOptions
from moderation.records import BadRecord, Comment
from moderation.scoring.classifier import Classifier, own_words
from moderation.scoring.context import divide

__all__ = ["Site", "gather"]

BATCH = 2048

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Complain = Callable[[BadRecord], None]


class Site(Struct):
    """What was read. `logits` [n, H] are the calibrated logits of all comments in a language that the model knows; `judged` [n, H]
    holds 0, 1 or -1 for not judged. `files` are the names and sha256 of the files (None for stdin and folders), `bad` the records
    that could not be read, `foreign` the comments in other languages."""

    logits: Floats
    judged: Ints
    files: list[dict[str, str | None]] = field(default_factory=list)
    bad: int = 0
    foreign: int = 0

    @property
    def place(self) -> str:
        """The files' names, for messages."""
        return ", ".join(str(entry["file"]) for entry in self.files)


def gather(
    inputs: Iterable[str | Path],
    classifier: Classifier,
    format: str | None = None,
    options: ReadOptions | None = None,
    complain: Complain | None = None,
) -> Site:
    """Read label files (tables with the columns text and hostile or conspiracy) and dumps of any format that can be scored.

    A text that comes twice in label files counts once, with its first judgements. Bad records of dumps go to `complain`; LabelError
    and InputError are raised for what `train` and `score` refuse, ModelError for a model without heads.
    """
    paths, options = readers.with_submissions(readers.find_inputs(inputs), format, options or ReadOptions())
    heads = [head.name for head in classifier.model.heads]
    if not heads:
        raise ModelError("the model judges stances alone, so nothing can be fitted", classifier.name)
    site = Site(np.zeros((0, len(heads))), np.zeros((0, len(heads)), np.int64))
    logits, judged = [site.logits], [site.judged]
    for path in paths:
        site.files.append({"file": path.name or str(path), "sha256": _hash(path)})
        rows: Iterator[tuple[str, list[int]]]
        if format in (None, "csv") and not labels.find_judged(path).isdisjoint(heads):
            rows = _labelled(path, heads)
        else:
            rows = _unlabelled(path, len(heads), format, options, site, complain)
        while batch := list(islice(rows, BATCH)):
            known = [pair for pair in batch if _is_known(pair[0], classifier)]
            site.foreign += len(batch) - len(known)
            logits.append(_calibrated(classifier, [text for text, _ in known]))
            judged.append(np.array([values for _, values in known], np.int64).reshape(-1, len(heads)))
    site.logits, site.judged = np.concatenate(logits), np.concatenate(judged)
    return site


def _is_known(text: str, classifier: Classifier) -> bool:
    language = identify(text)
    return language is None or language in classifier.model.languages


def _calibrated(classifier: Classifier, texts: list[str]) -> Floats:
    """Calibrated logits [n, H]."""
    heads = classifier.model.heads
    if not texts:
        return np.zeros((0, len(heads)))
    sums = classifier.load_kernel().score(texts, np.zeros((len(texts), len(classifier.targets)), np.uint8)).logits
    columns = [head.slope * (sums[:, k] + head.intercept) + head.offset for k, head in enumerate(heads)]
    return np.column_stack(columns)


def _labelled(path: Path, heads: list[str]) -> Iterator[tuple[str, list[int]]]:
    seen: dict[str, Label] = {}
    for row in labels.read(path):
        first = seen.setdefault(row.text, row)
        if first is row:
            values = (row.judged(head) for head in heads)
            yield row.text, [-1 if value is None else value for value in values]


def _unlabelled(
    path: Path, width: int, format: str | None, options: ReadOptions, site: Site, complain: Complain | None
) -> Iterator[tuple[str, list[int]]]:
    source: str | Path = "-" if str(path) == "-" else path
    for record in divide(readers.read(source, format, options)):
        if type(record) is Comment:
            yield own_words(record), [-1] * width
        elif type(record) is BadRecord:
            site.bad += 1
            if complain:
                complain(record)


def _hash(path: Path) -> str | None:
    if not path.is_file():
        return None
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
