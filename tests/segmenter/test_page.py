"""The arrays that a page of text becomes."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from moderation.segmenter.page import Page, among, hash_word, sort_distinct, stand_in


@given(st.text(alphabet="aB1'’ .\n", max_size=60))
def test_words_know_their_lines_and_lines_their_words(text: str) -> None:
    page = Page(text)
    for line in range(len(page)):
        first, last = page.line_words[line], page.line_words[line + 1]
        assert (page.word_lines[first:last] == line).all()
        assert (page.word_starts[first:last] >= page.starts[line]).all()
        assert (page.word_ends[first:last] <= page.ends[line]).all()
    assert len(page.word_lines) == len(page.words) == page.line_words[-1]
    assert (page.distinct[page.word_ids] == page.words).all()


def test_words_and_signs_are_counted_by_line() -> None:
    page = Page(" no No NO  \n\nmaybe!! no!")
    assert page.count_points(page.points == ord("!")).tolist() == [0, 3]
    assert page.count_points(page.points == ord(" ")).tolist() == [2, 1]
    assert page.count_words(page.words == hash_word("no")).tolist() == [3, 1]


@given(st.text(max_size=40), st.text(max_size=3))
def test_signs_are_those_asked_for(text: str, chars: str) -> None:
    wide = Page(text + ".")
    within = "".join(char for char in chars if ord(char) < 0xFFFF)
    assert among(wide.signs, within).tolist() == [char in within for char in text + "."]


@given(st.lists(st.integers(0, 20)), st.lists(st.integers(0, 20)))
def test_sorted_keys_answer_as_sets_do(keys: list[int], asked: list[int]) -> None:
    ordered = sort_distinct(np.array(keys, np.int64))
    assert ordered.tolist() == sorted(set(keys))
    assert stand_in(np.array(asked, np.int64), ordered).tolist() == [value in keys for value in asked]
