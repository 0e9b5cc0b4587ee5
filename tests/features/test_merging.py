"""Merged vocabularies: both sides' features are found, counts add up, and the frequent ones come first."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from moderation.features.discovery import discover
from moderation.features.kernel import Kernel
from moderation.features.merging import merge
from moderation.features.vocabulary import Settings, Vocabulary

ALL = Settings(min_df=1)
SOME = st.lists(st.text("abcdé ñж", min_size=1, max_size=30), min_size=1, max_size=8)


def counted(vocabulary: Vocabulary) -> dict[tuple[bool, str], int]:
    df = np.concatenate([vocabulary.arrays["word_df"], vocabulary.arrays["char_df"]]).tolist()
    return {(id < vocabulary.n_words, name): df[id] for id, name in enumerate(vocabulary.names())}


@settings(max_examples=30, deadline=None)
@given(SOME, SOME)
def test_merging_adds_up_what_discovery_counts(left: list[str], right: list[str]) -> None:
    merged, whole = merge(discover(left, ALL), discover(right, ALL)), discover(left + right, ALL)
    assert merged.documents == whole.documents
    assert counted(merged) == counted(whole)


def test_features_of_both_are_found_in_a_text() -> None:
    merged = merge(discover(["the red fox"] * 2), discover(["zebra quiz"] * 2))
    kernel = Kernel(merged, np.zeros((len(merged), 0), np.float32))
    names = merged.names()
    found = {names[id] for id in kernel.count(["red fox, zebra quiz"]).indices.tolist()}
    assert {"red fox", "zebra quiz", "zeb", "fox"} <= found


def test_frequent_features_come_first() -> None:
    merged = merge(discover(["one two"] * 2, ALL), discover(["two three"] * 5, ALL))
    df = merged.arrays["word_df"].tolist()
    assert df == sorted(df, reverse=True)
    assert merged.names()[0] == "two"
