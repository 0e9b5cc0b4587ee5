"""The measuring of a label file: masking, likeness, length matching, kappa, halves, counts."""

import csv
import itertools
import random
from pathlib import Path

import makeup
import pytest
import realism
import repetition
import sets
import transfer
import wording
from hypothesis import given
from hypothesis import strategies as st

import moderation
from moderation.learning import labels
from moderation.learning.labels import Label
from moderation.scoring.classifier import Classifier


def test_mask_keeps_function_words_and_marks_and_hides_content():
    assert wording.mask("I DON'T trust the ministers... ok?") == [
        *("<", "I", "DON'T", "{5-7 low}", "the", "{8+ low -s}", "...", "ok", "?", ">"),
    ]


def test_mask_shows_numbers_addresses_stretches_and_curly_apostrophes_as_classes():
    assert wording.mask("It’s sooooo 45% https://example.com/a Zürich") == [
        *("<", "It's", "{curly '}", "{5-7 low stretched}", "{number}", "{link}", "{5-7 Title}", ">"),
    ]


def test_mask_drops_the_names_a_site_puts_before_a_reply():
    assert wording.mask("@some_body @x, the end") == wording.mask("the end")


@given(st.text(max_size=200))
def test_mask_shows_no_content_word(text: str):
    for token in wording.mask(text):
        assert (
            token.startswith("{")
            or not any(char.isalpha() for char in token)
            or token.lower() in wording.FUNCTION_WORDS
        )


def test_frames_mask_content_and_leave_out_short_sentences():
    assert wording.frames("Same bank, same judge, same lie. Ok then. Funny how the cameras failed!") == [
        "same _ , same _ , same _ .",
        "_ how the _ _ !",
    ]


def test_common_frames_count_a_comment_once():
    twice = "The dog is the boss. The cat is the boss."
    assert repetition.common_frames([twice, "the sea is the limit.", "the sky is the sea."], more_than=2) == [
        ("the _ is the _ .", 3),
    ]


def test_near_duplicates_are_those_of_every_pair_compared_directly():
    draw = random.Random(3)
    words = [
        "council",
        "fire",
        "minister",
        "budget",
        "school",
        "never",
        "river",
        "tram",
        "Monday",
        "people",
        "again",
        "vote",
        "water",
    ]
    texts = [" ".join(draw.choices(words, k=draw.randrange(3, 12))) for _ in range(150)]
    texts += [text + " ok" for text in texts[:40]] + [text.replace("e", "E!") for text in texts[40:60]]
    texts = list(dict.fromkeys(texts))

    runs = {text: repetition._runs(repetition.squeeze(text)) for text in texts}
    direct = {
        frozenset((a, b))
        for a, b in itertools.combinations(texts, 2)
        if len(runs[a] & runs[b]) >= 0.7 * len(runs[a] | runs[b])
    }
    found = repetition.near_duplicates(texts)
    assert {frozenset((a, b)) for _, a, b in found} == direct
    assert len(direct) >= 40
    assert [pair[0] for pair in found] == sorted((pair[0] for pair in found), reverse=True)


def test_shared_runs_are_counted_by_text():
    quoted = "one two three four five six seven eight"
    assert repetition.sharing_runs([quoted, f"He said: {quoted.upper()}!", "one two three", quoted[4:]]) == 2
    assert repetition.sharing_runs(["a b", "c d"]) == 0


def test_emoji_are_compared_as_they_are():
    assert repetition.near_duplicates(["👏", "💀"]) == []
    assert repetition.exact_repeats([("👏", ""), ("💀", ""), ("Fair", ""), ("fair!", ""), ("fair", "NATO")]) == 1


def test_matched_lengths_are_equal_in_number_and_class():
    draw = random.Random(1)
    ours = [" ".join(["a"] * draw.randrange(1, 60)) + f" {k}" for k in range(300)]
    theirs = [" ".join(["b"] * draw.randrange(20, 90)) + f" {k}" for k in range(200)]
    a, b = realism.match_lengths(ours, theirs, 50)
    assert len(a) == len(b) == 50
    assert [realism.length_class(text) for text in a] == [realism.length_class(text) for text in b]


def test_texts_of_one_making_cannot_be_told_apart_and_of_two_can():
    draw = random.Random(2)
    small = ["the", "a", "of", "to", "it", "is", "was", "and", "in", "on"]
    plain = [" ".join(draw.choices(small, k=12)) for _ in range(400)]
    marked = [text + " !!!" for text in plain[200:]]
    assert realism.auc(plain[:200], plain[200:]) < 0.65
    assert realism.auc(plain[:200], marked) > 0.99
    assert realism.giveaways(plain[:200], marked, 4)[0]["feature"] in {"!!!", "!!! >"}


def test_kappa_of_a_worked_example():
    pairs = [("1", "1")] * 20 + [("1", "0")] * 5 + [("0", "1")] * 10 + [("0", "0")] * 15
    assert makeup.kappa(pairs) == pytest.approx(0.4)
    assert makeup.kappa([("1", "1")] * 3) == 1.0


def test_agreement_counts_what_both_judged(tmp_path: Path):
    path = tmp_path / "agreement.csv"
    path.write_text(
        "id,column,first,second,settled\na,hostile,1,1,1\nb,hostile,0,1,1\nc,hostile,,0,\nd,hostile,0,0,0\n"
    )
    assert makeup.agreement(path) == {
        "hostile": {"n": 3, "equal": 2, "kappa": pytest.approx(0.4), "one empty": 1, "changed": 1}
    }


def test_the_recorded_agreement_names_rows_of_the_label_file():
    root = Path(__file__).resolve().parents[2]
    rows = {row.id: row for row in labels.read(root / "labels.csv")}
    with (root / "docs" / "agreement.csv").open(encoding="utf-8", newline="") as stream:
        recorded = list(csv.DictReader(stream))
    assert {row["column"] for row in recorded} == {"hostile", "conspiracy", "stance"}
    assert [row["id"] for row in recorded if row["id"] not in rows] == []


def test_the_two_halves_share_no_text_however_it_is_written():
    texts = [f"comment number {k}" for k in range(200)]
    halves = [sets.in_report_half(text) for text in texts]
    assert 70 < sum(halves) < 130
    assert halves == [sets.in_report_half(text.upper()) for text in texts]


def test_a_sample_is_of_one_half_evenly_spaced_and_read_back_as_written(tmp_path: Path):
    rows = [Label(text=f'say "{k}", twice', hostile=k % 2, target="NATO", stance="neutral") for k in range(100)]
    path = sets.write_rows(rows, tmp_path / "set.csv")
    half = sets.sample(path, 100, report=True)
    assert all(sets.in_report_half(row.text) for row in half)
    assert len(half) + len(sets.sample(path, 100, report=False)) == 100
    assert [row.text for row in sets.sample(path, 10, report=True)] == [
        half[k * len(half) // 10].text for k in range(10)
    ]
    assert (half[0].hostile, half[0].target, half[0].stance) in {(0, "NATO", "neutral"), (1, "NATO", "neutral")}


def test_counts_leave_articles_out():
    rows = [
        Label(text="An article", thread="t", extra={"kind": "article"}),
        Label(text="a", thread="t", hostile=1, conspiracy=0, extra={"kind": "insult/x"}),
        Label(text="b", thread="t", hostile=0, conspiracy=0, target="NATO", stance="favor"),
        Label(text="b", target="GNA", stance="neutral"),
    ]
    counts = makeup.count(rows)
    assert (counts["rows"], counts["texts"], counts["articles"], counts["comments in threads"]) == (3, 2, 1, 2)
    assert counts["hostile"] == {"yes": 1, "no": 1, "empty": 1}
    assert counts["stance"] == {"GNA": {"neutral": 1}, "NATO": {"favor": 1}}


def test_profile_of_three_comments():
    figures = makeup.profile(["what now?!", "FINE then", "They were really there.\n\nI would go."])
    assert figures['with "?"'] == pytest.approx(100 / 3)
    assert figures["several paragraphs"] == pytest.approx(100 / 3)
    assert figures["with a word in capitals"] == pytest.approx(100 / 3)
    assert figures["no final stop"] == pytest.approx(100 / 3)
    assert figures["all lower case"] == pytest.approx(100 / 3)
    assert figures["words, 50 %"] == 2
    assert figures["in -ly, per 1,000 words"] == pytest.approx(1000 / 11)


def test_measuring_says_what_evaluate_says(small_model: Classifier, tmp_path: Path):
    words = ["you absolute moron", "they planned it all in secret", "nice bread", "thanks", "what a vile pig you are"]
    rows = [
        Label(text=f"{words[k % 5]}, number {k}", hostile=int(k % 5 in (0, 4)), conspiracy=k % 2) for k in range(40)
    ]
    rows += [Label(text="lovely weather")]
    report = transfer.measure(rows, small_model)
    expected = moderation.evaluate(sets.write_rows(rows, tmp_path / "rows.csv"), small_model)
    assert {head: report[head] for head in transfer.HEADS} == expected
    assert report["flagged"]["hostile"] == expected["hostile"]["flagged"] / len(rows)


def test_a_text_judged_for_two_targets_is_drawn_once():
    rows = [Label(text="a", hostile=1, target=name, stance="favor") for name in ("NATO", "GNA")] + [Label(text="b")]
    assert [row.target for row in transfer.binary_rows(rows)] == ["NATO"]
    many = [Label(text=str(k), hostile=0) for k in range(50)]
    assert transfer.draw(many, 10, seed=1) == transfer.draw(many, 10, seed=1) != transfer.draw(many, 10, seed=2)
