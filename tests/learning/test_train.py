"""Training: the same rows give the same bytes, what comes out works without scikit-learn, and bad rows stop it clearly."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

import moderation
from moderation.cli import cli
from moderation.errors import LabelError
from moderation.learning.card import summarise, write_card
from moderation.learning.evaluate import evaluate
from moderation.learning.fitting import best_threshold, calibrate
from moderation.learning.metrics import binary_metrics, calibration_error, stance_metrics
from moderation.learning.recalibration import MIN_SLOPE
from moderation.learning.train import train
from moderation.scoring.classifier import Classifier


def test_training_twice_gives_the_same_bytes(small_labels: Path, small_model: Classifier, tmp_path: Path) -> None:
    small_model.save(tmp_path / "a")
    write_card(small_model.model, tmp_path / "a")
    again = train(small_labels)
    again.save(tmp_path / "b")
    write_card(again.model, tmp_path / "b")
    names = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert names == sorted(path.name for path in (tmp_path / "b").iterdir())
    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name


def test_a_saved_model_scores_the_same_where_scikit_learn_is_missing(small_model: Classifier, tmp_path: Path) -> None:
    small_model.save(tmp_path / "m")
    text = "You absolute clown, they planned it all along."
    code = (
        "import sys; sys.modules['sklearn'] = None\n"
        f"import moderation, msgspec; model = moderation.load({str(tmp_path / 'm')!r})\n"
        f"print(msgspec.json.encode(model.score({text!r})).decode())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    import msgspec

    assert done.stdout.strip() == msgspec.json.encode(Classifier(small_model.model).score(text)).decode()


def test_the_heads_beat_the_majority_out_of_fold(small_model: Classifier) -> None:
    metrics = small_model.model.about["metrics"]
    for head in ("hostile", "conspiracy"):
        assert metrics[head]["roc_auc"] > 0.7
        assert metrics[head]["macro_f1"] > metrics[head]["majority"]["macro_f1"]
    assert metrics["stance"]["pooled"]["macro_f1"] > metrics["stance"]["pooled"]["majority"]["macro_f1"]


def test_contradicting_rows_stop_training_with_both_places(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("text,hostile\nsame,1\nsame,0\n", encoding="utf-8")
    with pytest.raises(LabelError) as caught:
        train(path)
    assert str(caught.value) == (
        f"{path}, line 3: hostile 0 contradicts line 2 of {path}, which has the same text; settle which is right, or leave both empty"
    )


def test_too_few_rows_stop_training_with_what_is_needed(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("text,hostile\nyou fool,1\nhello,0\n", encoding="utf-8")
    with pytest.raises(LabelError) as caught:
        moderation.train(path)
    assert str(caught.value) == (
        f"{path}: too few labels to learn from: a head needs 10 rows of each class; label more rows"
    )


def test_a_model_of_one_head_leaves_the_other_null_and_unflagged(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    rows = [f"you are a silly fool number {k},1\nthank you for recipe number {k},0" for k in range(30)]
    path.write_text("text,hostile\n" + "\n".join(rows) + "\n", encoding="utf-8")
    score = train(path).score("you silly fool")
    assert score.conspiracy is None
    assert score.hostile is not None
    assert score.hostile > 0.5
    assert score.flags == ("hostile",)


def test_evaluate_reports_each_head_beside_the_majority(small_model: Classifier, small_labels: Path) -> None:
    report = evaluate(small_labels, small_model)
    assert set(report) == {"hostile", "conspiracy", "stance"}
    assert set(report["hostile"]) == {
        "n", "positives", "flagged", "roc_auc", "average_precision", "macro_f1", "brier", "ece", "majority",
    }  # fmt: skip
    assert "bike lane" in report["stance"]["targets"]
    assert set(report["stance"]["pooled"]) >= {
        "macro_f1",
        "f_avg",
        "accuracy",
        "coverage",
        "selective_macro_f1",
        "majority",
    }


def test_evaluate_counts_rows_of_targets_that_the_model_does_not_know(small_model: Classifier, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("text,target,stance\nfree parking now,parking,favor\n", encoding="utf-8")
    assert evaluate(path, small_model) == {"stance": {"pooled": {"n": 0}, "targets": {}, "unknown": {"parking": 1}}}


def test_platt_calibration_recovers_a_known_slope() -> None:
    random = np.random.default_rng(0)
    logits = random.normal(size=20000) * 2
    y = (random.random(20000) < 1 / (1 + np.exp(-(0.5 * logits - 1)))).astype(np.int64)
    slope, offset = calibrate(logits, y)
    assert slope == pytest.approx(0.5, abs=0.05)
    assert offset == pytest.approx(-1, abs=0.05)


def test_the_threshold_of_best_f1_is_found() -> None:
    y = np.array([1, 1, 0, 1, 0, 0])
    assert best_threshold(np.array([0.9, 0.8, 0.7, 0.6, 0.2, 0.1]), y) == 0.4


def test_calibration_error_is_zero_when_probabilities_are_rates() -> None:
    probabilities = np.repeat([0.1, 0.9], 10)
    y = np.array([1] + [0] * 9 + [0] + [1] * 9)
    assert calibration_error(probabilities, y) == pytest.approx(0)
    assert calibration_error(1 - probabilities, y) == pytest.approx(0.8)


def test_metrics_of_a_known_case() -> None:
    report = binary_metrics(np.array([0.9, 0.4, 0.6, 0.1]), np.array([1, 1, 0, 0]), 0.5)
    assert (report["roc_auc"], report["macro_f1"], report["flagged"]) == (0.75, 0.5, 2)
    assert report["majority"]["macro_f1"] == 0.3333
    stance = stance_metrics(["favor", "against"], ["favor", "favor"], [True, False])
    assert (stance["accuracy"], stance["coverage"], stance["selective_macro_f1"]) == (0.5, 0.5, 0.5)


def _head_rows(rows: list[tuple[str, int]], threads: str) -> str:
    """A label file whose rows belong to one thread, or to a thread for each class."""
    lines = [f"{text},{y},{threads if threads == 'one' else f't{y}'}" for text, y in rows]
    return "\n".join(["text,hostile,thread", *lines, ""])


@pytest.mark.parametrize("threads", ["one", "by class"])
def test_threads_that_hold_one_class_or_everything_still_teach_the_right_order(threads: str, tmp_path: Path) -> None:
    rows = [(f"you stupid fool number {at} shut up", 1) for at in range(60)]
    rows += [(f"thank you for lesson {at} it was kind", 0) for at in range(60)]
    path = tmp_path / "labels.csv"
    path.write_text(_head_rows(rows, threads), encoding="utf-8")
    model = moderation.train(path)
    rude, kind = model.score("what a stupid fool"), model.score("thank you, that was kind")
    assert rude.hostile is not None
    assert kind.hostile is not None
    assert rude.hostile > 0.5 > kind.hostile
    assert model.model.about["metrics"]["hostile"]["roc_auc"] > 0.9


def test_a_slope_never_turns_the_order_round() -> None:
    logits, y = np.linspace(-2, 2, 200), np.array([1] * 100 + [0] * 100)
    slope, offset = calibrate(logits, y)
    assert slope == pytest.approx(MIN_SLOPE / logits.std())
    assert (1 / (1 + np.exp(-(slope * logits + offset)))).mean() == pytest.approx(0.5, abs=0.01)


def test_a_head_that_learned_nothing_and_one_that_is_missing_are_told(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    words = ["bridge", "river", "school", "market", "letter", "garden", "window", "harbour", "winter", "train"]
    lines = [f"{' '.join(random.choice(words, 6))} {at},{at % 2}" for at in range(120)]
    path = tmp_path / "labels.csv"
    path.write_text("\n".join(["text,hostile", *lines, ""]), encoding="utf-8")
    said = summarise(moderation.train(path).model)
    assert "Warning: too few rows judge conspiracy: this model gives no conspiracy and flags nothing for it." in said
    assert "Warning: hostile ranks comments that it has not seen no better than chance" in said


def test_a_rare_label_changes_no_folds_and_warns_of_nothing(tmp_path: Path, recwarn: pytest.WarningsRecorder) -> None:
    lines = [f"I love the canal number {at},canal,favor" for at in range(30)]
    lines += [f"I hate the canal number {at},canal,against" for at in range(30)]
    path = tmp_path / "labels.csv"
    path.write_text("\n".join(["text,target,stance", *lines, "there is a canal,canal,neutral", ""]), encoding="utf-8")
    model = moderation.train(path)
    assert model.score("I love the canal").stance[0].label == "favor"
    assert not [str(warning.message) for warning in recwarn if "least populated" in str(warning.message)]


def test_label_files_that_contradict_each_other_are_refused(tmp_path: Path) -> None:
    one, two = tmp_path / "one.csv", tmp_path / "two.csv"
    one.write_text("text,hostile\nyou fool,1\n", encoding="utf-8")
    two.write_text("text,hostile\nyou fool,0\n", encoding="utf-8")
    with pytest.raises(LabelError, match="which has the same text; settle which is right"):
        moderation.train([one, two])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda path: moderation.evaluate(path, "models/default"), "model must be a Classifier, not str"),
        (lambda path: moderation.adapt(path, "models/default"), "model must be a Classifier, not str"),
        (lambda path: moderation.train(path, base="models/default"), "base must be a Classifier, not str"),
        (
            lambda path: moderation.train(path, added=["more.csv"]),
            "added must map files to what one of their rows counts",
        ),
        (lambda path: moderation.adapt(path, heads="hostile"), r'heads must be several names, such as \["hostile"\]'),
    ],
)
def test_arguments_of_other_kinds_are_refused_by_name(call: Any, message: str, tmp_path: Path) -> None:
    with pytest.raises(TypeError, match=message):
        call(tmp_path / "labels.csv")


def write_canal(path: Path, target: str = "canal") -> Path:
    """A label file of one target that judges no head."""
    lines = [f"I love that canal number {at} so much,{target},favor" for at in range(30)]
    lines += [f"the canal number {at} is a waste and I hate it,{target},against" for at in range(30)]
    path.write_text("\n".join(["text,target,stance", *lines, ""]), encoding="utf-8")
    return path


def test_a_target_joins_an_earlier_model_whose_heads_and_targets_stay(small_model: Classifier, tmp_path: Path) -> None:
    model = moderation.train(write_canal(tmp_path / "canal.csv"), base=small_model)
    assert model.targets == tuple(sorted((*small_model.targets, "canal")))
    for text in ("You absolute moron, I hate Haftar.", "They hide the truth about the chips.", "A nice day."):
        assert model.score(text) == small_model.score(text)
    labels = [stance.label for text in ("I love the canal", "I hate the canal") for stance in model.score(text).stance]
    assert labels == ["favor", "against"]
    assert model.model.about["kept"] == {"heads": ["hostile", "conspiracy"], "targets": list(small_model.targets)}
    said = summarise(model.model)
    assert "Kept as they were in the earlier model: the heads hostile, conspiracy; the targets " in said
    assert "Warning" not in said


def test_rows_of_a_target_that_the_earlier_model_has_replace_it(small_model: Classifier, tmp_path: Path) -> None:
    path = write_canal(tmp_path / "canal.csv", "Bike Lane")
    model = moderation.train(path, base=small_model, keep_heads=True)
    assert {name.casefold() for name in model.targets} == {name.casefold() for name in small_model.targets}
    assert "Bike Lane" in model.targets
    (stance,) = model.score("I love that canal", targets=["bike lane"]).stance
    assert stance.label == "favor"


def test_heads_to_keep_need_an_earlier_model(tmp_path: Path) -> None:
    path = write_canal(tmp_path / "canal.csv")
    run = CliRunner().invoke(cli, ["train", str(path), "--keep-heads", "--out", str(tmp_path / "m")])
    assert str(run.exception) == "--keep-heads needs an earlier model; name one with --from"
