"""The compiled loops against their definitions: scikit-learn's vectorizers, the plain walk, and the plain normalisation."""

import random
import sys
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from moderation.features import chunks
from moderation.features.discovery import discover
from moderation.features.kernel import Kernel
from moderation.features.vocabulary import Settings
from moderation.learning.fitting import to_values
from moderation.learning.reference import Reference
from moderation.scoring.classifier import Classifier
from moderation.text import normalise

HARD = [
    "",
    " ",
    "a",
    "İstanbul ΣΑΣ ςσ ﷺ ǆ ß ŉ",
    "x" * 5000,
    "ab " * 3000,
    "no spaces " + "https://example.com/" + "path/" * 40,
    "e\u0301" * 300,
    "\u0301" * 300,
    "\ud800 lone surrogate",
    "한국어 댓글 नमस्ते ไทย",
    "ok\u0000\u0001\x1f tabs\t\tand\u00a0spaces\u3000",
    "&amp;&lt;b&gt; f<i></i>oo \u202eabc\u202c",
]


def probabilities(model: Classifier, texts: list[str]) -> np.ndarray:
    sums, _ = model.load_kernel().score(texts, np.zeros((len(texts), len(model.targets)), np.uint8))
    heads = model.model.heads
    logits = [head.slope * (sums[:, k] + head.intercept) + head.offset for k, head in enumerate(heads)]
    return 1 / (1 + np.exp(-np.column_stack(logits)))


@pytest.fixture(scope="module")
def reference(small_model: Classifier) -> Reference:
    return Reference(small_model.model)


def test_hard_strings_score_as_in_scikit_learn(small_model: Classifier, reference: Reference) -> None:
    difference = np.abs(probabilities(small_model, HARD) - reference.probabilities(HARD))
    assert difference.max() < 1e-5


def test_every_code_point_scores_as_in_scikit_learn(small_model: Classifier, reference: Reference) -> None:
    points = [chr(point) for point in range(sys.maxunicode + 1)]
    texts = [
        "idiot" + "".join(points[at : at + 64]) + " you " + " ".join(points[at : at + 64])
        for at in range(0, len(points), 64)
    ]
    difference = np.abs(probabilities(small_model, texts) - reference.probabilities(texts))
    assert difference.max() < 1e-5


@settings(max_examples=150, deadline=None)
@given(texts=st.lists(st.text(max_size=200), min_size=1, max_size=20))
def test_random_text_scores_as_in_scikit_learn(small_model: Classifier, reference: Reference, texts: list[str]) -> None:
    difference = np.abs(probabilities(small_model, texts) - reference.probabilities(texts))
    assert difference.max() < 1e-5


@settings(max_examples=100, deadline=None)
@given(text=st.text(alphabet="abi1.! -*_~sht$<>&;#d\u202e\u202c\u0301іṣ\n", max_size=120))
def test_the_plain_path_and_the_kernel_give_the_same_score(small_model: Classifier, text: str) -> None:
    plain = Classifier(small_model.model).score_many([text])[0]
    compiled = small_model.score_many([text] * 400)[0]
    assert plain == compiled


def test_counts_and_vocabulary_are_those_of_scikit_learn() -> None:
    random.seed(1)
    words = ["bike", "lane", "the", "council", "never", "listens,", "(really)", "don't", "ÄÖ", "2019", "🙂", "a", "of"]
    texts = [" ".join(random.choices(words, k=random.randint(1, 30))) for _ in range(300)]
    vocabulary = discover(texts, Settings(min_df=2))
    kernel = Kernel(vocabulary, np.zeros((len(vocabulary), 0), np.float32))
    values = to_values(kernel.count(texts), vocabulary)
    plain = [normalise(text).text for text in texts]
    names = vocabulary.names()
    for part, vectorizer in (
        (
            slice(0, vocabulary.n_words),
            TfidfVectorizer(token_pattern=r"\w+", ngram_range=(1, 2), min_df=2, sublinear_tf=True),
        ),
        (
            slice(vocabulary.n_words, None),
            TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), min_df=2, sublinear_tf=True),
        ),
    ):
        expected = vectorizer.fit_transform(plain)
        assert set(vectorizer.get_feature_names_out()) == set(names[part])
        columns = [vectorizer.vocabulary_[name] for name in names[part]]
        assert np.abs((values[:, part] - expected[:, columns]).toarray()).max() < 1e-9


@settings(max_examples=100, deadline=None)
@given(text=st.text(max_size=100))
def test_the_walk_finds_what_the_kernel_counts(small_model: Classifier, text: str) -> None:
    vocabulary = small_model.model.vocabulary
    counts = Kernel(vocabulary, np.zeros((len(vocabulary), 0), np.float32)).count([text])
    walked = [feature.id for feature in vocabulary.walk(normalise(text).text)]
    assert sorted(walked) == sorted(np.repeat(counts.indices, counts.data.astype(int)).tolist())


def test_a_full_cache_empties_itself_and_nothing_changes(
    small_model: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    random.seed(2)
    words = ["".join(random.choices("abcdefgh.", k=random.randint(1, 20))) for _ in range(500)]
    texts = [" ".join(random.choices(words, k=60)) for _ in range(300)]
    expected = probabilities(small_model, texts)
    from moderation.features import kernel

    tiny = kernel._cache(len(small_model.model.heads) + 1, entries=64)
    monkeypatch.setattr(kernel, "_cache", lambda width: tiny)
    fresh = Classifier(small_model.model)
    assert np.array_equal(probabilities(fresh, texts), expected)
    assert tiny.fill[0] <= 64


def test_chunks_of_one_hash_are_told_apart(small_model: Classifier) -> None:
    """An attacker who makes every chunk collide gets slow look-ups and right answers."""
    kernel = small_model.load_kernel()
    cache, work = kernel._own()
    points = np.array([ord(char) for char in "badgood"], np.int32)
    kinds = np.ones(7, np.uint8)
    key = np.uint64(42)
    cache.slots[:], cache.fill[:] = 0, 0
    found = []
    for chunk in ((0, 3), (3, 7)):
        slot = -chunks.find_chunk(points, *chunk, key, cache.slots, cache.entries) - 1
        found.append(chunks.enter_chunk(points, kinds, chunk, key, slot, kernel._tables, cache, work))
    assert found == [0, 1]
    assert chunks.find_chunk(points, 0, 3, key, cache.slots, cache.entries) == 0
    assert chunks.find_chunk(points, 3, 7, key, cache.slots, cache.entries) == 1
    cache.slots[:], cache.fill[:] = 0, 0


@pytest.mark.parametrize("unit", ["a", "\u0301", "ab ", "i.", "<b>", "&", "😀", "ﷺ"])
def test_time_is_linear_in_hostile_input(small_model: Classifier, unit: str) -> None:
    """Sixteen times the text must not cost a hundred times the time; the bound is far from both, so that noise passes."""
    probabilities(small_model, [unit * 10])
    taken = []
    for size in (1 << 14, 1 << 18):
        start = time.process_time()
        probabilities(small_model, [unit * (size // len(unit))])
        taken.append(time.process_time() - start + 1e-3)
    assert taken[1] / taken[0] < 100
