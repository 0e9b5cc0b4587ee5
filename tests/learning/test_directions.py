"""Directions: an earlier model's heads in the terms of a new vocabulary, and what a new head learns from them."""

from pathlib import Path

import numpy as np
import pytest

from moderation.features.discovery import discover
from moderation.features.kernel import Kernel
from moderation.features.vocabulary import Settings
from moderation.learning.card import summarise, write_card
from moderation.learning.directions import SPREAD, carry
from moderation.learning.fitting import fit_binary, project, to_values
from moderation.learning.train import train
from moderation.scoring.classifier import Classifier

TEXTS = ["you absolute clown", "what a lovely bike lane", "total idiots, all of you", "the council met on monday"] * 3


def values_of(texts: list[str]) -> tuple:
    vocabulary = discover(texts, Settings(min_df=1))
    kernel = Kernel(vocabulary, np.zeros((len(vocabulary), 0), np.float32))
    return vocabulary, to_values(kernel.count(texts), vocabulary)


def test_a_carried_head_spreads_over_the_texts_as_stated(small_model: Classifier) -> None:
    vocabulary, values = values_of(TEXTS)
    columns = carry(small_model.model, vocabulary, values)
    assert columns.shape == (len(vocabulary), len(small_model.model.heads))
    assert (values @ columns).std(axis=0) == pytest.approx(SPREAD, rel=1e-4)


def test_carried_weights_are_the_models_own_up_to_scale(small_model: Classifier) -> None:
    vocabulary, values = values_of(TEXTS)
    columns = carry(small_model.model, vocabulary, values)
    model = small_model.model
    known = {name: id for id, name in enumerate(model.vocabulary.names()[: model.vocabulary.n_words])}
    names = vocabulary.names()[: vocabulary.n_words]
    shared = [id for id, name in enumerate(names) if name in known]
    raw = np.array([model.weights[known[names[id]], 0] / vocabulary.idf[id] for id in shared])
    assert len(shared) > 5
    assert np.corrcoef(raw, columns[shared, 0])[0, 1] == pytest.approx(1.0, abs=1e-6)


def test_texts_without_a_known_feature_carry_nothing(small_model: Classifier) -> None:
    vocabulary, values = values_of(["ⴰⴱⴲ ⴳⴴⴵ", "ⴶⴷⴸ ⴹⴺⴻ"])
    assert not carry(small_model.model, vocabulary, values).any()


def test_a_new_head_leans_on_the_carried_one_for_words_it_never_saw(small_model: Classifier) -> None:
    vocabulary, values = values_of(TEXTS)
    vectors = carry(small_model.model, vocabulary, values)
    rows = np.array([0, 1, 4, 5])
    fit = fit_binary(project(values, vectors).take(rows), np.array([1, 0, 1, 0]), np.ones(4), 10.0)
    plain = fit_binary(project(values, vectors[:, :0]).take(rows), np.array([1, 0, 1, 0]), np.ones(4), 10.0)
    unseen = vocabulary.names().index("monday")
    assert plain.weights[unseen] == 0.0
    assert fit.weights[unseen] != 0.0 or not vectors[unseen].any()


def test_training_from_a_model_and_tuned_says_so(small_labels: Path, small_model: Classifier, tmp_path: Path) -> None:
    model = train(small_labels, base=small_model, tune=True).model
    about = model.about
    own = small_model.model.about["data"][0]
    assert about["data"] == [own, {**own, "through": "base"}]
    write_card(model, tmp_path)
    card = (tmp_path / "card.md").read_text(encoding="utf-8")
    assert f"`{own['sha256']}`, through the earlier model that the heads lean on" in card
    assert set(about["recipes"]) == {"hostile", "conspiracy"}
    warning = f"the earlier model had already learned from {own['file']}; its rows make these figures too good."
    assert f"**Beware:** {warning}\n" in card
    assert summarise(model).endswith(f"\n\nWarning: {warning}")
    assert about["recipes"]["hostile"]["strength"] in (0.5, 2.0)
