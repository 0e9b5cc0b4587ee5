"""Phrases that open and close comments: learned from single comments, looked up on pages."""

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from moderation.learning.phrases import learn_phrases, read_comments
from moderation.segmenter.page import Page
from moderation.segmenter.phrases import SIZE, score_phrases


def make_comments(count: int) -> list[str]:
    """Toy comments of four sentences whose first and last words tell their place."""
    chance = np.random.default_rng(0)
    words = ["rain", "road", "paper", "council", "garden", "bridge", "summer", "letter", "market", "window"]

    def some() -> str:
        return " ".join(chance.choice(words, 4))

    return [
        f"Thanks for {some()}. Later the {some()}. Later a {some()}. Goodbye {some()} friends." for _ in range(count)
    ]


def test_openings_and_closings_are_learned_and_looked_up() -> None:
    tables = learn_phrases([make_comments(600)])
    assert tables is not None
    page = Page("Thanks for the bridge in summer.\nLater the garden road.\nGoodbye paper rain friends.")
    opening, closing = score_phrases(page, tables).T
    assert opening[0] > 1 > -1 > opening[1]
    assert closing[2] > 1 > -1 > closing[1]


def test_the_same_comments_give_the_same_weights() -> None:
    comments = make_comments(600)
    first, second = learn_phrases([comments]), learn_phrases([comments])
    assert first is not None
    assert second is not None
    assert first.shape == (2, SIZE + 1)
    assert first.tobytes() == second.tobytes()


def test_too_few_comments_teach_nothing() -> None:
    assert learn_phrases([make_comments(20)]) is None
    assert learn_phrases([]) is None


def test_without_weights_every_line_scores_nothing() -> None:
    assert score_phrases(Page("one\ntwo"), None).tolist() == [[0.0, 0.0], [0.0, 0.0]]


def test_comments_of_threads_and_articles_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text('text,thread\nAlone.,\n"In a thread.",t1\n', encoding="utf-8")
    assert list(read_comments([path])) == [["Alone."]]


@given(st.text().filter(lambda text: "\r" not in text))
def test_a_line_scores_the_same_whatever_stands_around_it(text: str) -> None:
    tables = np.random.default_rng(0).normal(size=(2, SIZE + 1)).astype(np.float32)
    page = Page(text)
    alone = [score_phrases(Page(line), tables)[0] for line in page.line_texts]
    assert np.allclose(score_phrases(page, tables), np.array(alone).reshape(-1, 2), atol=1e-3)
