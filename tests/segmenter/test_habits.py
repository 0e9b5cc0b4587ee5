"""Habits of typing and marks that bind lines, on lines made for one habit each."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.segmenter.habits import ADDRESSED, BONDS, HABITS, measure_addressed, measure_bonds, measure_habits
from moderation.segmenter.page import Page


def habits(line: str) -> dict[str, float]:
    values = measure_habits(Page(line))[0]
    return {name: round(float(value), 2) for name, value in zip(HABITS, values, strict=True)}


@pytest.mark.parametrize(
    ("habit", "one_way", "other_way", "untold"),
    [
        ("small_i", "so i went", "so I'm off", "so what"),
        ("double_space", "Yes.  No", "Yes. No", "Yes."),
        ("small_sentences", "Yes. no", "Yes. No", "4 of them"),
        ("lost_apostrophes", "we dont know", "we don’t know", "we know"),
    ],
)
def test_a_habit_is_told_one_way_the_other_way_or_not(habit: str, one_way: str, other_way: str, untold: str) -> None:
    assert [habits(line)[habit] for line in (one_way, other_way, untold)] == [1.0, -1.0, 0.0]


@pytest.mark.parametrize(
    ("habit", "line", "value"),
    [
        ("bare_end", "no stop here", 1.0),
        ("bare_end", "A stop.", -1.0),
        ("bangs", "Yes!", 1.0),
        ("bangs", "Yes.", -0.3),
        ("ellipses", "well.. yes", 1.0),
        ("ellipses", "well, yes.", -0.2),
        ("smileys", "fine :-)", 1.0),
        ("smileys", "fine 😂", 1.0),
        ("smileys", "fine: yes", -0.1),
    ],
)
def test_a_mark_is_there_or_not(habit: str, line: str, value: float) -> None:
    assert habits(line)[habit] == value


def test_names_are_those_with_an_at_sign_or_a_comma_at_the_start() -> None:
    page = Page("Phil, you are right.\n@anna no\nHowever he left\nThanks a lot\nPhil")
    found = measure_addressed(page, np.arange(len(page)))
    assert dict(zip(ADDRESSED, found.T.tolist(), strict=True)) == {
        "name_alone": [0, 0, 0, 0, 1],
        "names_writer": [1, 1, 0, 0, 1],
    }


def test_a_name_at_the_start_of_the_article_addresses_nobody() -> None:
    page = Page("Phil, a man of many words, left.\nPhil\nGood.")
    assert measure_addressed(page, np.arange(1, 3)).tolist() == [[0, 0], [0, 0]]


def test_numbers_code_and_open_brackets_bind_lines() -> None:
    page = Page("1. first\n12) twelfth\nx = {y};\n(it goes on\nand ends)\n2024 was bad")
    bonds = measure_bonds(page)
    table = {name: bonds[:, at].round(2).tolist() for at, name in enumerate(BONDS)}
    assert table["numbered"] == [1, 1, 0, 0, 0, 0]
    assert table["first_number"] == [1, 0, 0, 0, 0, 0]
    assert table["code"] == pytest.approx([0, 0, 4 / 8**0.5, 0, 0, 0], abs=0.01)
    assert table["opened"] == [0, 0, 0, 1, 0, 0]
    assert table["closed"] == [0, 1, 0, 0, 1, 0]


@given(st.text())
def test_any_page_has_finite_habits_for_every_line(text: str) -> None:
    page = Page(text)
    found = [measure_habits(page), measure_bonds(page), measure_addressed(page, np.arange(len(page)))]
    assert [part.shape for part in found] == [(len(page), len(names)) for names in (HABITS, BONDS, ADDRESSED)]
    assert all(np.isfinite(part).all() for part in found)
