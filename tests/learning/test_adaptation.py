"""Adapting to a site: what labels, a known share and bare comments do to probabilities, what policies do to thresholds, what is refused."""

import csv
import json
import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

import moderation
from moderation.cli import cli
from moderation.errors import InputError, ModelError, ModerationError, UsageError
from moderation.learning.recalibration import Change, log_odds, logistic, refit, shift_to
from moderation.learning.thresholds import Choice, Policy, choose, parse
from moderation.model.language import identify
from moderation.scoring.classifier import Classifier

Rows = list[tuple[str, str]]


def draw(n: int, slope: float, offset: float) -> tuple[np.ndarray, np.ndarray]:
    """Logits of a model and the labels of a site whose true probability is that of `slope * logit + offset`."""
    random = np.random.default_rng(0)
    logits = random.normal(-1.5, 2.0, n)
    return logits, (random.random(n) < logistic(slope * logits + offset)).astype(np.int64)


def write_rows(path: Path, rows: Rows) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([("text", "hostile"), *rows])
    return path


def write_comments(path: Path, texts: list[str]) -> Path:
    path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def rows(small_labels: Path) -> Rows:
    with small_labels.open(encoding="utf-8", newline="") as stream:
        judged = {row["text"]: row["hostile"] for row in csv.DictReader(stream) if row["hostile"]}
    return [(text, hostile) for text, hostile in judged.items() if identify(text) in {None, "en"}][:300]


# ---------------------------------------------------------------- probabilities


def test_many_labels_recover_the_site_s_own_slope_and_offset() -> None:
    slope, offset = refit(*draw(20_000, 0.4, -1.0))
    assert slope == pytest.approx(0.4, abs=0.02)
    assert offset == pytest.approx(-1.0, abs=0.05)


def test_no_labels_change_nothing_and_few_change_little() -> None:
    assert refit(np.zeros(0), np.zeros(0, np.int64)) == Change(1.0, 0.0)
    logits = np.array([-2.0, -1.0, 0.5])
    slope, offset = refit(logits, np.array([0, 1, 0]))
    assert abs(slope - 1) < 0.5
    assert abs(offset) < 1.0


def test_twenty_labels_do_no_harm_to_a_model_that_is_right_already() -> None:
    logits, y = draw(20_000, 1.0, 0.0)
    rest, truth = logits[10_000:], y[10_000:]

    def loss(change: Change) -> float:
        shifted = change.slope * rest + change.offset
        return float(np.mean(np.logaddexp(0, shifted) - truth * shifted))

    costs = [loss(refit(logits[at : at + 20], y[at : at + 20])) - loss(Change(1.0, 0.0)) for at in range(0, 10_000, 20)]
    assert np.mean(costs) < 0.02


def test_a_site_without_a_single_positive_among_its_labels_gets_lower_probabilities() -> None:
    change = refit(np.linspace(-3, 1, 200), np.zeros(200, np.int64))
    assert change.offset < -1
    assert change.slope > 0


def test_labels_against_the_scores_flatten_them_and_never_turn_their_order() -> None:
    logits, y = draw(2000, 1.0, 0.0)
    assert refit(logits, 1 - y).slope == 0.05


def test_a_known_share_becomes_the_mean_probability() -> None:
    logits, _ = draw(5000, 1.0, 0.0)
    change = shift_to(logits, 0.03)
    assert change.slope == 1.0
    assert logistic(logits + change.offset).mean() == pytest.approx(0.03, abs=1e-9)


# ---------------------------------------------------------------- thresholds

FEW = np.array([0.9, 0.8, 0.6, 0.4, 0.2, 0.1])


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("f1", Choice(0.3, 0.666667, 0.675)),
        ("precision=0.7", Choice(0.5, 0.5, 0.7667)),
        ("precision=0.85", Choice(0.7, 0.333333, 0.85)),
        ("load=0.34", Choice(0.7, 0.333333, 0.85)),
        ("load=0.5", Choice(0.5, 0.5, 0.7667)),
    ],
)
def test_a_policy_gives_a_threshold_with_its_load_and_expected_precision(policy: str, expected: Choice) -> None:
    assert choose(FEW, parse(policy), "hostile") == expected


@settings(max_examples=200, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=60), st.floats(0.01, 0.99))
def test_a_load_is_never_exceeded_by_the_scores_as_they_are_rounded(values: list[float], load: float) -> None:
    try:
        choice = choose(np.array(values), Policy("load", load), "hostile")
    except ModelError:
        return
    flagged = np.round(np.array(values), 4) >= choice.threshold
    assert flagged.mean() == pytest.approx(choice.load, abs=1e-6)
    assert choice.load <= load + 1e-6


def test_a_precision_out_of_reach_says_what_is_in_reach() -> None:
    with pytest.raises(ModelError) as caught:
        choose(FEW, parse("precision=0.95"), "hostile")
    assert str(caught.value) == (
        "no threshold of hostile reaches precision 0.95 on these comments: the best is 0.90; ask for less, or label more rows of the site"
    )


def test_a_load_that_the_highest_score_alone_exceeds_is_refused() -> None:
    with pytest.raises(ModelError) as caught:
        choose(np.array([0.9, 0.9, 0.1]), parse("load=0.5"), "hostile")
    assert str(caught.value) == (
        "no threshold of hostile sends so few of 3 comments to review: 2 share the highest score; "
        "allow more than load=0.5, or give more comments"
    )


@pytest.mark.parametrize("policy", ["", "f2", "precision", "precision=1", "load=two", "load=0", "f1=0.5", "load=nan"])
def test_an_unknown_policy_is_refused_with_those_there_are(policy: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(policy)
    assert str(caught.value) == (
        f'there is no policy "{policy}"; write f1, precision=SHARE or load=SHARE, with a share between 0 and 1'
    )


# ---------------------------------------------------------------- models


def test_labels_fit_one_head_and_leave_the_weights_and_the_other_head(
    small_model: Classifier, rows: Rows, tmp_path: Path
) -> None:
    adapted = moderation.adapt(write_rows(tmp_path / "judged.csv", rows), small_model)
    old, new = small_model.model, adapted.model
    assert new.weights is old.weights
    assert new.heads[1] == old.heads[1]
    assert new.heads[0].intercept == old.heads[0].intercept
    assert new.heads[0] != old.heads[0]
    record = new.about["adaptation"][-1]
    assert record["files"][0]["file"] == "judged.csv"
    assert len(record["files"][0]["sha256"]) == 64
    assert record["heads"]["hostile"]["method"] == "labels"
    assert record["heads"]["hostile"]["rows"] == 300
    assert "adaptation" not in old.about


def test_the_adapted_probabilities_are_those_of_the_reported_slope_and_offset(
    small_model: Classifier, rows: Rows, tmp_path: Path
) -> None:
    adapted = moderation.adapt(write_rows(tmp_path / "judged.csv", rows), small_model)
    report = adapted.model.about["adaptation"][-1]["heads"]["hostile"]
    for text, _ in rows[:20]:
        before, after = small_model.score(text).hostile, adapted.score(text).hostile
        assert before is not None
        if 0.01 < before < 0.99:
            wanted = float(logistic(np.array(report["slope"] * log_odds(before) + report["offset"])))
            assert after == pytest.approx(wanted, abs=0.005)


def test_a_known_share_and_a_load_hold_on_the_comments_they_were_set_on(
    small_model: Classifier, rows: Rows, tmp_path: Path
) -> None:
    texts = [text for text, _ in rows]
    path = write_comments(tmp_path / "dump.jsonl", texts)
    adapted = moderation.adapt(path, small_model, "load=0.05", {"hostile": 0.04})
    scores = [score for score in adapted.score_many(texts) if score.hostile is not None]
    assert np.mean([score.hostile for score in scores]) == pytest.approx(0.04, abs=1e-3)
    flagged = float(np.mean(["hostile" in score.flags for score in scores]))
    assert flagged == pytest.approx(adapted.model.about["adaptation"][-1]["heads"]["hostile"]["review_load"], abs=1e-6)
    assert 0 < flagged <= 0.05


def test_comments_alone_set_the_threshold_and_leave_probabilities(
    small_model: Classifier, rows: Rows, tmp_path: Path
) -> None:
    path = write_comments(tmp_path / "dump.jsonl", [text for text, _ in rows])
    adapted = moderation.adapt(path, small_model, "load=0.05", heads=["hostile"])
    old, new = small_model.model.heads[0], adapted.model.heads[0]
    assert (new.slope, new.offset) == (old.slope, old.offset)
    assert new.threshold != old.threshold
    assert adapted.model.about["adaptation"][0]["heads"]["hostile"]["method"] == "thresholds"


def test_comments_alone_adapt_every_head(small_model: Classifier, rows: Rows, tmp_path: Path) -> None:
    path = write_comments(tmp_path / "dump.jsonl", [text for text, _ in rows])
    adapted = moderation.adapt(path, small_model, "load=0.1")
    assert list(adapted.model.about["adaptation"][0]["heads"]) == ["hostile", "conspiracy"]


def test_every_adaptation_of_a_model_is_recorded(small_model: Classifier, rows: Rows, tmp_path: Path) -> None:
    path = write_comments(tmp_path / "dump.jsonl", [text for text, _ in rows])
    first = moderation.adapt(path, small_model, rates={"hostile": 0.04})
    second = moderation.adapt(path, first, "load=0.1", heads=["conspiracy"])
    assert [list(record["heads"]) for record in second.model.about["adaptation"]] == [["hostile"], ["conspiracy"]]
    assert second.model.heads[0] == first.model.heads[0]


def test_a_text_of_two_rows_counts_once(small_model: Classifier, rows: Rows, tmp_path: Path) -> None:
    path = write_rows(tmp_path / "judged.csv", rows + rows)
    report = moderation.adapt(path, small_model).model.about["adaptation"][-1]["heads"]["hostile"]
    assert report["rows"] == 300


def test_comments_in_other_languages_are_left_out(small_model: Classifier, rows: Rows, tmp_path: Path) -> None:
    spanish = [(f"No sé por qué la gente no se va de la ciudad con los niños, número {k}", "1") for k in range(50)]
    path = write_rows(tmp_path / "judged.csv", rows + spanish)
    report = moderation.adapt(path, small_model).model.about["adaptation"][-1]["heads"]["hostile"]
    assert report["rows"] == 300


def test_too_few_judged_rows_are_refused(small_model: Classifier, rows: Rows, tmp_path: Path) -> None:
    path = write_rows(tmp_path / "judged.csv", rows[:19])
    with pytest.raises(InputError) as caught:
        moderation.adapt(path, small_model)
    assert str(caught.value) == (
        "judged.csv: 19 rows judge hostile, and 20 are needed; label more rows, or leave the head out with --head"
    )


def test_too_few_comments_are_refused(small_model: Classifier, rows: Rows, tmp_path: Path) -> None:
    path = write_comments(tmp_path / "dump.jsonl", [text for text, _ in rows[:199]])
    with pytest.raises(InputError) as caught:
        moderation.adapt(path, small_model)
    assert str(caught.value) == (
        "dump.jsonl: 199 comments and no row that judges hostile are too few to adapt to; give 200 comments, or 20 judged rows"
    )


def test_a_rate_beside_labels_of_the_same_head_is_refused(small_model: Classifier, rows: Rows, tmp_path: Path) -> None:
    path = write_rows(tmp_path / "judged.csv", rows)
    with pytest.raises(InputError) as caught:
        moderation.adapt(path, small_model, rates={"hostile": 0.1})
    assert str(caught.value) == (
        "judged.csv: a rate is given for hostile, which 300 rows judge; give the rate or the judged rows"
    )


def test_a_rate_outside_0_to_1_is_refused(small_model: Classifier, rows: Rows, tmp_path: Path) -> None:
    path = write_comments(tmp_path / "dump.jsonl", [text for text, _ in rows])
    with pytest.raises(InputError) as caught:
        moderation.adapt(path, small_model, rates={"hostile": 3})
    assert str(caught.value) == "the rate 3 of hostile is not between 0 and 1; give a share, such as 0.05"


def test_an_unknown_head_is_refused_with_those_there_are(small_model: Classifier, rows: Rows, tmp_path: Path) -> None:
    path = write_rows(tmp_path / "judged.csv", rows)
    with pytest.raises(ModelError) as caught:
        moderation.adapt(path, small_model, heads=["spam"])
    assert str(caught.value) == f'{small_model.name}: the model has no head "spam"; it has: hostile, conspiracy'


# ---------------------------------------------------------------- the command


@pytest.fixture(scope="module")
def saved(small_model: Classifier, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from moderation.learning.card import write_card

    folder = tmp_path_factory.mktemp("models") / "base"
    copy = Classifier(small_model.model)
    copy.save(folder)
    write_card(copy.model, folder)
    return folder


def invoke(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(cli, ["adapt", *map(str, arguments)])
    return result.exit_code, str(result.exception) if isinstance(result.exception, ModerationError) else result.output


def test_the_command_writes_a_model_whose_card_tells_the_adaptation(saved: Path, rows: Rows, tmp_path: Path) -> None:
    judged = write_rows(tmp_path / "judged.csv", rows)
    out = tmp_path / "site"
    code, said = invoke(judged, "--model", saved, "--out", out, "--policy", "load=0.02")
    assert code == 0, said
    lines = said.splitlines()
    assert lines[0].startswith("hostile: fitted to 300 judged rows, ")
    assert re.search(r"; flags from [01]\.\d{4}: [012]\.\d\d% of comments to review, \d+% of them rightly$", lines[0])
    assert lines[1] == f"Saved to {out}. Score with: moderation score --model {out} INPUT"
    card = (out / "card.md").read_text(encoding="utf-8")
    assert "## Adaptation to a site\n\nFrom `base` (sha256 `" in card
    assert "policy load=0.02" in card
    assert lines[0] in card
    assert moderation.load(out).model.about["adaptation"][0]["model"]["sha256"] == moderation.load(saved).hash


def test_the_same_files_give_the_same_bytes(saved: Path, rows: Rows, tmp_path: Path) -> None:
    judged = write_rows(tmp_path / "judged.csv", rows)
    for name in ("a", "b"):
        assert invoke(judged, "--model", saved, "--out", tmp_path / name)[0] == 0
    for path in sorted((tmp_path / "a").iterdir()):
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes(), path.name


def test_the_command_refuses_to_overwrite_the_model_it_reads(saved: Path, rows: Rows, tmp_path: Path) -> None:
    judged = write_rows(tmp_path / "judged.csv", rows)
    assert invoke(judged, "--model", saved, "--out", saved) == (
        1,
        f"{saved}: the output would overwrite the model that it is made from; give another --out",
    )


def test_the_command_refuses_what_is_no_rate(saved: Path, rows: Rows, tmp_path: Path) -> None:
    judged = write_rows(tmp_path / "judged.csv", rows)
    assert invoke(judged, "--model", saved, "--out", tmp_path / "m", "--rate", "hostile") == (
        1,
        '"hostile" is not a rate; write HEAD=SHARE, such as hostile=0.03',
    )


def test_bad_records_are_told_and_the_exit_code_is_3(saved: Path, rows: Rows, tmp_path: Path) -> None:
    path = write_comments(tmp_path / "dump.jsonl", [text for text, _ in rows])
    with path.open("a", encoding="utf-8") as stream:
        stream.write("{broken\n")
    code, said = invoke(path, "--model", saved, "--out", tmp_path / "m", "--rate", "hostile=0.05")
    assert code == 3
    assert f"Bad record: {path}, line 301: " in said
    assert "hostile: moved to the given share 0.050 of 300 comments" in said


@pytest.mark.parametrize(
    ("name", "header", "sign"),
    [
        ("judged.csv", "Text,Hostile", ","),
        ("judged.csv", "text, hostile", ","),
        ("judged.tsv", "text\thostile", "\t"),
        ("judged.txt", "text,hostile", ","),
        ("judged.csv", "sep=;\ntext;hostile", ";"),
    ],
)
def test_judgements_are_read_however_the_table_is_written(
    small_model: Classifier, tmp_path: Path, name: str, header: str, sign: str
) -> None:
    path = tmp_path / name
    rows = [f"good morning number {at}{sign}{'1.0' if at % 3 else '0.0'}" for at in range(60)]
    path.write_text("\n".join([header, *rows]), encoding="utf-8")
    adapted = moderation.adapt(path, small_model)
    assert adapted.model.about["adaptation"][0]["heads"]["hostile"]["rows"] == 60


def test_judgements_without_a_text_column_are_refused(small_model: Classifier, tmp_path: Path) -> None:
    path = tmp_path / "judged.csv"
    path.write_text("comment,hostile\n" + "good morning,0\n" * 300, encoding="utf-8")
    with pytest.raises(ModerationError) as caught:
        moderation.adapt(path, small_model)
    assert (
        str(caught.value)
        == f"{path}: no column text among comment, hostile; rename the column that holds the comments to text"
    )


def test_a_model_of_stances_alone_has_nothing_to_adapt(small_labels: Path, rows: Rows, tmp_path: Path) -> None:
    with small_labels.open(encoding="utf-8", newline="") as stream:
        own = [row for row in csv.DictReader(stream) if row["target"] == "bike lane" and row["stance"]]
    with (tmp_path / "stances.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, ["text", "target", "stance"], extrasaction="ignore")
        writer.writeheader()
        writer.writerows(own)
    alone = moderation.train(tmp_path / "stances.csv")
    with pytest.raises(ModelError) as caught:
        moderation.adapt(write_rows(tmp_path / "judged.csv", rows), alone)
    assert caught.value.fact == "the model judges stances alone, so nothing can be fitted"
