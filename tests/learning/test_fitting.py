"""Fitting: the smoothed regression is scikit-learn's where there are no vectors, and generalises over words where there are."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score

from moderation.features.discovery import discover, normalise_many
from moderation.features.vocabulary import Settings
from moderation.learning.fitting import best_threshold, calibrate, contrast, fit_binary, project
from moderation.learning.vectors import DIMENSIONS, learn_vectors
from moderation.text import normalise


def test_without_vectors_the_weights_are_those_of_scikit_learn() -> None:
    random = np.random.default_rng(0)
    X = sparse.random(300, 40, density=0.2, random_state=0, format="csr", dtype=np.float32)
    y = (X @ random.normal(size=40) + random.normal(size=300) * 0.3 > 0).astype(np.int64)
    weights = random.random(300) + 0.5
    fit = fit_binary(project(X, np.zeros((40, 0), np.float32)), y, weights, 2.0)
    twin = LogisticRegression(C=2.0, solver="lbfgs", max_iter=2000, tol=1e-8).fit(X, y, sample_weight=weights)
    assert np.abs(fit.weights - twin.coef_[0]).max() < 0.02
    assert fit.intercept == pytest.approx(float(twin.intercept_[0]), abs=0.02)


def test_a_word_never_seen_with_a_label_shares_the_weight_of_words_with_its_vector() -> None:
    X = sparse.csr_matrix(np.array([[1, 0, 0], [0, 0, 1]] * 20, np.float32))
    y = np.array([1, 0] * 20)
    vectors = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]], np.float32)
    fit = fit_binary(project(X, vectors), y, np.ones(40), 1.0)
    assert fit.weights[1] == pytest.approx(fit.weights[0] / 2, rel=0.02)
    plain = fit_binary(project(X, np.zeros((3, 0), np.float32)), y, np.ones(40), 1.0)
    assert plain.weights[1] == 0.0


def test_weights_of_rows_count_like_repeated_rows() -> None:
    X = sparse.csr_matrix(np.array([[1, 0], [0, 1], [1, 1]], np.float32))
    none = np.zeros((2, 0), np.float32)
    weighted = fit_binary(project(X, none), np.array([1, 0, 1]), np.array([2.0, 1.0, 1.0]), 1.0)
    repeated = fit_binary(project(X[[0, 0, 1, 2]], none), np.array([1, 1, 0, 1]), np.ones(4), 1.0)
    assert weighted.weights == pytest.approx(repeated.weights, abs=1e-4)


def test_words_of_like_company_get_like_vectors() -> None:
    random = np.random.default_rng(0)
    filler = [f"word{k}" for k in range(300)]
    texts = []
    for k in range(3000):
        noise = " ".join(filler[j] for j in random.integers(0, 300, 6))
        texts.append(f"{noise} you {('fool', 'clown')[k % 2]} shut up" if k % 3 else f"{noise} bake the bread in oven")
    vocabulary = discover(texts, Settings(min_df=2))
    vectors = learn_vectors(normalise_many(texts), vocabulary)
    names = vocabulary.names()
    at = {name: vectors[names.index(name)] for name in ("fool", "clown", "bread")}
    assert vectors.shape == (len(vocabulary), DIMENSIONS)
    assert at["fool"] @ at["clown"] > 3 * abs(at["fool"] @ at["bread"])


def test_few_words_give_no_vectors() -> None:
    vocabulary = discover(["one two three"] * 3, Settings(min_df=1))
    assert not learn_vectors(["one two three"] * 3, vocabulary).any()


def test_many_texts_are_normalised_as_one_is() -> None:
    texts = ["You   FOOL", "s t u p i d", "", "ＦＵＬＬ width", "ﬁn \u0130stanbul", "id<b></b>iot &amp; co"]
    assert list(normalise_many(texts)) == [normalise(text).text for text in texts]


def test_platt_calibration_counts_weights() -> None:
    logits = np.array([-1.0, 1.0] * 200)
    y = np.array([0, 1] * 150 + [1, 0] * 50)
    counts = np.where(y == 1, 0.1, 1.0)
    slope, offset = calibrate(logits, y, counts)
    rate = 1 / (1 + np.exp(-(slope * 1.0 + offset)))
    assert rate == pytest.approx(0.1 * 150 / (0.1 * 150 + 50), abs=0.02)


def test_the_best_threshold_moves_up_where_positives_are_rare() -> None:
    probabilities = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4])
    y = np.array([1, 0, 1, 1, 0, 1])
    assert best_threshold(probabilities, y, np.ones(6)) == 0.2
    assert best_threshold(probabilities, y, np.where(y == 1, 0.1, 10.0)) == 0.85


def test_a_threshold_may_give_up_some_f1_for_fewer_flags() -> None:
    probabilities = np.linspace(0.9, 0.1, 9)
    y = np.array([1, 1, 1, 1, 0, 0, 1, 0, 0])  # F1 .89 with four flags, .83 with seven
    assert best_threshold(probabilities, y) == 0.55
    assert best_threshold(probabilities, y, worth=0.15) == 0.65  # .75 with three would give up .14
    assert best_threshold(probabilities, y, worth=0.1) == 0.55


def test_contrast_frees_what_sets_the_classes_apart() -> None:
    X = sparse.csr_matrix(np.array([[1, 1, 0, 1], [1, 0, 1, 1]] * 20, np.float32))
    y = np.array([1, 0] * 20)
    leeway = contrast(X, y, 3)
    assert leeway[0] == pytest.approx(0.0, abs=1e-9)
    assert leeway[1] == pytest.approx(leeway[2])
    assert leeway[1] > 1
    assert leeway[3] == 0.0  # alone among the n-grams
    squares = np.asarray(X.multiply(X).sum(axis=0)).ravel()
    assert (squares @ leeway**2) / squares.sum() == pytest.approx(1.0)


def test_contrast_of_equal_classes_holds_nothing_back() -> None:
    X = sparse.csr_matrix(np.ones((4, 2), np.float32))
    assert contrast(X, np.array([0, 1, 0, 1]), 1).tolist() == [1.0, 1.0]


def test_a_feature_without_leeway_keeps_no_weight_of_its_own() -> None:
    X = sparse.csr_matrix(np.array([[1, 0], [0, 1]] * 20, np.float32))
    y = np.array([1, 0] * 20)
    fit = fit_binary(project(X, np.zeros((2, 0), np.float32)), y, np.ones(40), 1.0, np.array([0.0, 1.0]))
    assert fit.weights[0] == 0.0
    assert fit.weights[1] < 0


def test_the_macro_threshold_gives_the_highest_mean_f1_of_both_classes() -> None:
    random = np.random.default_rng(0)
    y = (random.random(300) < 0.7).astype(np.int64)
    probabilities = np.clip(0.35 * y + 0.65 * random.random(300), 0, 1)

    def mean_f1(threshold: float) -> float:
        return float(f1_score(y, probabilities >= threshold, average="macro"))

    best = best_threshold(probabilities, y, macro=True)
    assert mean_f1(best) >= max(map(mean_f1, np.linspace(0, 1, 201))) - 0.003
    assert mean_f1(best) > mean_f1(best_threshold(probabilities, y))
