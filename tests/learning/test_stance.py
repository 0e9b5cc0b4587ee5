"""Stance fitting: targets stand alone or share, related words share, doubt is measured, and what comes out is linear."""

import numpy as np
import numpy.typing as npt
import pytest
from scipy import sparse

from moderation.learning import stance
from moderation.learning.fitting import Fit, project
from moderation.learning.stance import (
    Questions,
    abstain,
    fit,
    fit_stance,
    fit_stances,
    fit_temperature,
    prune,
    stance_logits,
)


def ask(rows: int = 90, targets: int = 3, vectors: npt.NDArray[np.float32] | None = None) -> Questions:
    """Rows over 12 features: the first three tell the label of every target, three of its own tell it too, the others nothing."""
    random = np.random.default_rng(0)
    y, target = np.arange(rows) % 3, np.arange(rows) // 3 % targets
    dense = random.random((rows, 12)) * 0.2
    dense[np.arange(rows), y] += (random.random(rows) < 0.6) * 0.8
    dense[np.arange(rows), 3 + target * 3 + y] += (random.random(rows) < 0.5) * 0.8
    values = sparse.csr_matrix(dense.astype(np.float32))
    return Questions(
        project(values, np.zeros((12, 2), np.float32) if vectors is None else vectors), y, target, np.arange(rows)
    )


def test_every_target_gets_weights_logits_slope_and_floor() -> None:
    questions = ask()
    answers, share = fit_stances(questions)
    assert len(answers) == 3
    assert share in stance.SHARES
    for answer in answers:
        assert answer.fit.weights.shape == (12, 3)
        assert answer.logits.shape == (30, 3)
        assert 0.25 <= answer.slope <= 8.0
        assert 0.34 <= answer.floor <= 0.9
        assert len(answer.sure) == 30


def test_the_same_rows_give_the_same_weights() -> None:
    first, second = fit_stances(ask())[0], fit_stances(ask())[0]
    assert all(np.array_equal(a.fit.weights, b.fit.weights) for a, b in zip(first, second, strict=True))


def test_the_kernel_and_the_features_give_the_same_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    questions = ask(targets=1, vectors=np.random.default_rng(1).random((12, 2)).astype(np.float32))
    monkeypatch.setattr(stance, "FEW_ROWS", 0)
    together = fit(questions, 0.0)[0]
    monkeypatch.setattr(stance, "EXACT_ROWS", 0)
    alone = fit(questions, 0.0)[0]
    assert together.weights == pytest.approx(alone.weights, abs=0.02)
    assert together.intercept == pytest.approx(alone.intercept, abs=0.02)


def test_a_shared_prior_teaches_a_target_what_the_others_know() -> None:
    questions = ask()
    few = questions.take(np.flatnonzero((questions.targets != 0) | (np.arange(90) < 9)))
    unseen = questions.take(np.flatnonzero(questions.targets == 0)[3:])

    def right(share: float) -> float:
        return float((fit(few, share)[0].logits(unseen.inputs).argmax(axis=1) == unseen.y).mean())

    assert right(2.0) >= right(0.0)


def test_a_word_never_seen_leans_on_its_vector() -> None:
    vectors = np.zeros((12, 2), np.float32)
    vectors[[0, 11], 0] = 1.0
    questions = ask(targets=1, vectors=vectors)
    dense = questions.inputs.values.toarray()
    dense[:, 11] = 0.0
    found = fit_stance(project(sparse.csr_matrix(dense), vectors), questions.y)
    assert found.weights[11].argmax() == 0
    assert found.weights[11, 0] > 0


def test_a_label_without_rows_never_wins() -> None:
    questions = ask(targets=1)
    rows = np.flatnonzero(questions.y < 2)
    found = fit_stance(questions.inputs.take(rows), questions.y[rows])
    assert found.intercept[2] == -20.0
    assert set(found.logits(questions.inputs).argmax(axis=1)) == {0, 1}


def test_rows_of_one_group_are_never_parted() -> None:
    questions = ask()
    pairs = questions._replace(groups=np.arange(90) // 2)
    for train, test in stance._make_folds(pairs):
        assert not set(pairs.groups[train]) & set(pairs.groups[test])


def test_out_of_fold_logits_tell_the_labels() -> None:
    questions = ask(targets=1)
    logits = stance_logits(questions.inputs, questions.y, questions.groups)
    assert (logits.argmax(axis=1) == questions.y).mean() > 0.5


def test_pruning_keeps_what_matters() -> None:
    weights = np.array([[1.0, 0.0, -1.0], [5.0, 0.0, -5.0], [0.1, 0.0, -0.1]])
    kept = prune(Fit(weights, np.zeros(3)), np.array([1.0, 0.01, 1.0]), 2)
    assert kept.weights.any(axis=1).tolist() == [True, False, True]
    assert prune(Fit(weights, np.zeros(3)), np.ones(3), 3).weights is weights


def test_the_temperature_undoes_a_scale() -> None:
    random = np.random.default_rng(0)
    logits = random.normal(size=(5000, 3))
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    y = (random.random(5000)[:, None] > shares.cumsum(axis=1)).sum(axis=1)
    assert fit_temperature(2.0 * logits, y) == pytest.approx(0.5, abs=0.06)


def test_answers_begin_where_enough_are_right() -> None:
    logits = np.zeros((40, 3))
    logits[:20, 0], logits[20:, 1] = 4.0, 0.1
    y = np.array([0] * 20 + [2] * 20)
    floor, sure = abstain(logits, y)
    assert floor == 0.36
    assert sure == [True] * 20 + [False] * 20


def test_a_target_that_nobody_can_tell_is_answered_only_when_nearly_certain() -> None:
    assert abstain(np.zeros((40, 3)), np.arange(40) % 2 + 1) == (0.9, [False] * 40)
