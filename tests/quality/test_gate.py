"""The quality gate: what training on labels.csv, less a fixed tenth, gives must be what it gave before, and no worse on that tenth.

Figures on the tenth must stay above the floors of floors.json, and the probabilities of some comments must be those of reproduced.json,
within what another machine's sums may change. A change that moves them fails here. Where that is wanted, `pytest tests/quality
--lower-floors` writes both files anew (floors are the figures less a margin), so that the loss stands in the change itself.
"""

import csv
import hashlib
import json
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest

import moderation

ROOT = Path(__file__).parents[2]
FLOORS = Path(__file__).with_name("floors.json")
MARGIN = 0.02

REPRODUCED = Path(__file__).with_name("reproduced.json")
TOLERANCE = 0.01
COMMENTS = (
    "You are a worthless idiot and nobody wants you here.",
    "Thanks for the report, the second chart answers my question.",
    "They staged the whole thing and the papers were told what to print.",
    "I cycled over that bridge for ten years and never saw an accident.",
    "What an absolute moron, go back to where you came from",
    "The council voted nine to four, the minutes are on the website.",
    "wake up people the vaccine was ready before the virus was",
    "My damn printer is out of ink again.",
)


class Trained(NamedTuple):
    """The model of nine tenths, and ROC AUC of the heads and macro-F1 of the stances on the held-out tenth."""

    model: moderation.Classifier
    figures: dict[str, float]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    folder = tmp_path_factory.mktemp("gate")
    with (ROOT / "labels.csv").open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        columns = list(reader.fieldnames or ())
        rows = list(reader)
    parts: dict[bool, list[dict[str, str]]] = {True: [], False: []}
    for row in rows:
        group = row["thread"] or row["text"]
        parts[hashlib.sha256(group.encode()).digest()[0] % 10 == 0].append(row)
    for held, name in ((False, "train.csv"), (True, "held.csv")):
        with (folder / name).open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, columns)
            writer.writeheader()
            writer.writerows(parts[held])
    model = moderation.train(folder / "train.csv")
    report: dict[str, Any] = moderation.evaluate(folder / "held.csv", model)
    figures = {
        "hostile roc_auc": report["hostile"]["roc_auc"],
        "conspiracy roc_auc": report["conspiracy"]["roc_auc"],
        "stance macro_f1": report["stance"]["pooled"]["macro_f1"],
    }
    return Trained(model, figures)


def test_no_head_falls_below_its_floor(trained: Trained, request: pytest.FixtureRequest) -> None:
    figures = trained.figures
    if request.config.getoption("--lower-floors"):
        floors = {name: round(value - MARGIN, 3) for name, value in figures.items()}
        FLOORS.write_bytes(msgspec.json.format(msgspec.json.encode(floors), indent=1) + b"\n")
        pytest.skip("floors.json was written anew")
    floors = json.loads(FLOORS.read_text(encoding="utf-8"))
    assert sorted(floors) == sorted(figures)
    fallen = {name: (round(value, 3), floors[name]) for name, value in figures.items() if value < floors[name]}
    assert not fallen, "figure and floor; where the loss is wanted, run pytest tests/quality --lower-floors"


def test_the_same_labels_give_the_same_model(trained: Trained, request: pytest.FixtureRequest) -> None:
    scores = trained.model.score_many(COMMENTS, targets=["bike lane"])
    found = [[score.hostile, score.conspiracy, score.stance[-1].favor, score.stance[-1].against] for score in scores]
    if request.config.getoption("--lower-floors"):
        REPRODUCED.write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n")
        pytest.skip("reproduced.json was written anew")
    before = json.loads(REPRODUCED.read_text(encoding="utf-8"))
    assert len(before) == len(COMMENTS)
    for text, row, expected in zip(COMMENTS, found, before, strict=True):
        assert row == pytest.approx(expected, abs=TOLERANCE), text
