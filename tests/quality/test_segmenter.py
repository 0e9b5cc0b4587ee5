"""The shipped segmenter on the threads of labels.csv, which it was trained on: floors that a broken part falls through.

They say nothing about unseen pages; docs/benchmarks.md does.
"""

from pathlib import Path

import numpy as np
import pytest

from moderation.learning.threads import FlatThread, flatten, read_threads
from moderation.segmenter import SegmenterModel, segment
from moderation.segmenter.assembly import segment_lines
from moderation.segmenter.model import load_default

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def threads() -> list[FlatThread]:
    return [flatten(thread) for thread in read_threads(ROOT / "labels.csv")]


@pytest.fixture(scope="module")
def model() -> SegmenterModel:
    shipped = load_default()
    assert shipped is not None
    return shipped


def test_boundaries_are_found_far_better_than_by_cutting_at_every_line(
    threads: list[FlatThread], model: SegmenterModel
) -> None:
    truth = np.concatenate([thread.starts for thread in threads])
    found = np.concatenate(
        [segment_lines(thread.page.text, thread.article, model) >= model.threshold for thread in threads]
    )
    f1 = 2 * (truth & found).sum() / (truth.sum() + found.sum())
    every_line = 2 * truth.sum() / (truth.sum() + len(truth))
    assert every_line < 0.84
    assert f1 > 0.86


def test_the_article_ends_within_two_lines_of_where_it_should_for_three_threads_in_four(
    threads: list[FlatThread], model: SegmenterModel
) -> None:
    articles = [segment(thread.page.text, model=model).article for thread in threads]
    errors = [
        (article or "").count("\n") + 1 - thread.article for article, thread in zip(articles, threads, strict=True)
    ]
    assert np.mean(np.abs(errors) <= 2) > 0.75


def test_chances_mean_what_they_say(threads: list[FlatThread], model: SegmenterModel) -> None:
    chances = np.concatenate([segment_lines(thread.page.text, thread.article, model)[1:] for thread in threads])
    truth = np.concatenate([thread.starts[1:] for thread in threads])
    assert abs(chances.mean() - truth.mean()) < 0.15
