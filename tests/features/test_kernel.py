"""The compiled loops against their definitions: scikit-learn's vectorizers, the plain walk, and the plain normalisation."""

import random
import sys
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from moderation.features import cache, kernel, tables
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
    sums = model.load_kernel().score(texts, np.zeros((len(texts), len(model.targets)), np.uint8)).logits
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
        assert np.abs((values[:, part] - expected[:, columns]).toarray()).max() < 1e-6


@settings(max_examples=100, deadline=None)
@given(text=st.text(max_size=100))
def test_the_walk_finds_what_the_kernel_counts(small_model: Classifier, text: str) -> None:
    vocabulary = small_model.model.vocabulary
    counts = Kernel(vocabulary, np.zeros((len(vocabulary), 0), np.float32)).count([text])
    walked = [feature.id for feature in vocabulary.walk(normalise(text).text)]
    assert sorted(walked) == sorted(np.repeat(counts.indices, counts.data.astype(int)).tolist())


def random_texts(seed: int) -> list[str]:
    random.seed(seed)
    words = ["".join(random.choices("abcdefgh.", k=random.randint(1, 20))) for _ in range(9000)]
    return [" ".join(random.choices(words, k=60)) for _ in range(400)]


def with_cache(monkeypatch: pytest.MonkeyPatch, model: Classifier, entries: int) -> tuple[Classifier, tables.Cache]:
    """A classifier of the same model whose kernel has a cache of that size."""
    own = kernel._cache(4, entries=entries)
    monkeypatch.setattr(kernel, "_cache", lambda width: own)
    return Classifier(model.model), own


def test_a_full_cache_is_swept_and_nothing_changes(small_model: Classifier, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was found before the sweep must not be used after it: an earlier kernel looked ahead and did."""
    texts = random_texts(2)
    expected = probabilities(small_model, texts)
    fresh, cache = with_cache(monkeypatch, small_model, 2 * tables.BLOCK)
    assert np.array_equal(probabilities(fresh, texts), expected)
    assert np.array_equal(probabilities(fresh, texts[::-1]), expected[::-1])
    assert 1 < cache.fill[0] <= 2 * tables.BLOCK


def test_what_is_used_again_outlives_a_sweep(small_model: Classifier, monkeypatch: pytest.MonkeyPatch) -> None:
    fresh, cache = with_cache(monkeypatch, small_model, 2 * tables.BLOCK)
    probabilities(fresh, [text + " evergreen words stay" for text in random_texts(3)])
    kept = {row[:3].tobytes().rstrip(b"\0").decode() for row in cache.entries[1 : cache.fill[0]]}
    assert {"evergreen", "words", "stay"} <= kept


def test_pieces_that_find_no_slot_are_worked_out_each_time(
    small_model: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An attacker who makes every piece collide gets slow look-ups and right answers."""
    texts = [*HARD, *random_texts(4)[:20]]
    expected = probabilities(small_model, texts)
    fresh, cache = with_cache(monkeypatch, small_model, 2 * tables.BLOCK)
    cache.slots[:] = 1
    assert np.array_equal(probabilities(fresh, texts), expected)
    assert cache.fill[0] == 1


def test_pieces_of_one_hash_are_told_apart() -> None:
    own = kernel._cache(4, entries=2 * tables.BLOCK)
    hash = np.uint64(42)
    assert cache.find_piece(np.uint64(5), np.uint64(0), np.uint64(0), hash, own.slots, own.entries) == -43
    own.slots[42:44], own.entries[1, 0], own.entries[2, 0] = (2, 3), 5, 6
    for piece, entry in ((5, 1), (6, 2), (7, -45)):
        assert cache.find_piece(np.uint64(piece), np.uint64(0), np.uint64(0), hash, own.slots, own.entries) == entry
    own.slots[:] = 2
    nowhere = -len(own.slots) - 1
    assert cache.find_piece(np.uint64(7), np.uint64(0), np.uint64(0), hash, own.slots, own.entries) == nowhere


@pytest.mark.parametrize(
    "text",
    [
        "i d i o t and a b c d. then (u r a fool) x y",
        "a b c",
        "u\u00a0r\u2003a s t a r",
        "no\u00a0break\u3000space x",
        "a \u200b b c d",
        "one\x01two \x1cthree \x85 four",
        "KELVIN \u212a k İ i",
        "long " + "piece" * 30 + " and longer " + "é" * 60,
        " ".join(f"word{k}" for k in range(3000)),
        "a.b.c.d e",
        "i.d.i.o.t. s-t-u-p-i-d f*c*k",
    ],
)
def test_what_reaches_beyond_a_piece_scores_as_in_scikit_learn(
    small_model: Classifier, reference: Reference, text: str
) -> None:
    for texts in ([text], ["you idiot", text, "the end"], [text.upper()]):
        assert np.abs(probabilities(small_model, texts) - reference.probabilities(texts)).max() < 1e-5


@settings(max_examples=300, deadline=None)
@given(text=st.text(alphabet="abI1.! -*$<&\u00a0\u3000\u200b\n\x01\x1fé´ﷺ", max_size=60))
def test_separators_and_single_letters_score_as_in_scikit_learn(
    small_model: Classifier, reference: Reference, text: str
) -> None:
    assert np.abs(probabilities(small_model, [text]) - reference.probabilities([text])).max() < 1e-5


def test_the_common_words_of_the_first_pieces_are_counted(small_model: Classifier) -> None:
    vocabulary = small_model.model.vocabulary
    own = Kernel(vocabulary, small_model.model.weights, common=["the", "don't"])
    texts = ["The DON'T don’t thee the. the", "the " * 100, "", "a b c d the"]
    about = np.zeros((4, 0), np.uint8)
    assert own.score(texts, about).common.tolist() == [[6, 3], [40, 40], [0, 0], [0, 0]]


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
