"""Parity, reasons, linear time, bounded memory and compiling without a folder: small here, in full with `pytest -m slow`."""

import csv
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from moderation.learning.reference import Reference
from moderation.model import explanation
from moderation.scoring.classifier import Classifier

ROOT = Path(__file__).resolve().parents[2]


def read_comments(folder: Path, count: int) -> list[str]:
    """The same number of real comments from each set, until there are `count`."""
    csv.field_size_limit(1 << 26)
    files = sorted(folder.rglob("*.csv"))
    found: dict[str, None] = {}
    streams = []
    for path in files:
        with path.open(encoding="utf-8", newline="") as stream:
            streams.append([row["text"] for row in csv.DictReader(stream) if row.get("text")])
    for rank in range(max(map(len, streams))):
        for texts in streams:
            if rank < len(texts) and len(found) < count:
                found[texts[rank]] = None
    return list(found)


def largest_difference(model: Classifier, texts: list[str]) -> float:
    heads, reference = model.model.heads, Reference(model.model)
    largest = 0.0
    for first in range(0, len(texts), 2000):
        part = texts[first : first + 2000]
        sums = model.load_kernel().score(part, np.zeros((len(part), len(model.targets)), np.uint8)).logits
        logits = [head.slope * (sums[:, k] + head.intercept) + head.offset for k, head in enumerate(heads)]
        ours = 1 / (1 + np.exp(-np.column_stack(logits)))
        largest = max(largest, float(np.abs(ours - reference.probabilities(part)).max()))
    return largest


def largest_remainder(model: Classifier, texts: list[str]) -> float:
    """How far the reasons of a comment's heads are from adding up to the logit, at most."""
    logits = model.load_kernel().score(texts, np.zeros((len(texts), len(model.targets)), np.uint8)).logits
    largest = 0.0
    for text, row in zip(texts, logits, strict=True):
        for column, head in enumerate(model.model.heads):
            reasons = explanation.explain(model.model, text, head.name)
            largest = max(largest, abs(sum(reason.weight for reason in reasons) - row[column]))
    return largest


def test_real_comments_score_as_in_scikit_learn(small_model: Classifier, data_dir: Path) -> None:
    assert largest_difference(small_model, read_comments(data_dir, 1000)) < 1e-5


@pytest.mark.slow
def test_50_000_real_comments_score_as_in_scikit_learn(small_model: Classifier, data_dir: Path) -> None:
    texts = read_comments(data_dir, 50_000)
    assert len(texts) == 50_000
    assert largest_difference(small_model, texts) < 1e-5


def test_reasons_of_real_comments_add_up(small_model: Classifier, data_dir: Path) -> None:
    assert largest_remainder(small_model, read_comments(data_dir, 200)) < 1e-6


@pytest.mark.slow
def test_reasons_of_10_000_real_comments_add_up(small_model: Classifier, data_dir: Path) -> None:
    assert largest_remainder(small_model, [text[:2000] for text in read_comments(data_dir, 10_000)]) < 1e-6


def score_one(model: Classifier, text: str) -> float:
    start = time.process_time()
    model.load_kernel().score([text], np.zeros((1, len(model.targets)), np.uint8))
    return time.process_time() - start


def test_a_long_comment_takes_linear_time(small_model: Classifier) -> None:
    texts = ["a quick brown dog, and 1d10t! " * size for size in (1 << 10, 1 << 14)]
    score_one(small_model, texts[0])
    short, long = (min(score_one(small_model, text) for _ in range(3)) for text in texts)
    assert long < 16 * 4 * (short + 1e-3)


@pytest.mark.slow
def test_a_comment_of_100_mb_takes_linear_time_and_bounded_memory(small_model: Classifier) -> None:
    """What goes beyond 16 Mi code points is not read; a quarter of those takes a quarter of the time."""
    words = "a quick brown dog, and 1d10t! "
    quarter = score_one(small_model, words * ((1 << 22) // len(words)))
    text = words * (100_000_000 // len(words))
    whole = score_one(small_model, text)
    assert whole < 4 * 2 * quarter
    assert (
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 3 << 20
    )  # kilobytes: 12 bytes a code point read, and the text


def test_without_a_writable_folder_it_compiles_uncached_and_says_so_once(tmp_path: Path) -> None:
    """numba looks for a folder beside the file and in the user's cache; neither is there, as for a service in a read-only image."""
    script = """
import sys, warnings
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    from moderation.features import compiling
    compiling.caching.FunctionCache._impl_class._locator_classes = ()
    compiling._Stored._locator_classes = ()
    twice = [compiling.compiled(lambda x: x + 1), compiling.compiled(lambda x: x + 2)]
    print([function(1) for function in twice], [str(one.message)[:41] for one in caught if one.category is RuntimeWarning])
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=True,
    )
    assert done.stdout.strip() == "[2, 3] ['no folder is writable for compiled code, ']"


@pytest.mark.slow
def test_scoring_works_without_a_writable_folder(small_model: Classifier, tmp_path: Path) -> None:
    Classifier(small_model.model).save(tmp_path / "model")
    script = f"""
import sys, warnings
warnings.simplefilter("always")
import moderation.features.compiling as compiling
compiling._Stored._locator_classes = ()
import moderation
model = moderation.load({str(tmp_path / "model")!r})
print(model.score_many(["you idiot"] * 500)[0].hostile == moderation.load({str(tmp_path / "model")!r}).score("you idiot").hostile)
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=True,
    )
    assert done.stdout.strip() == "True"
    assert done.stderr.count("no folder is writable for compiled code") == 1
