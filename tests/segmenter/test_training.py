"""Training: reading threads, fitting, storing, loading without scikit-learn."""

import json
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from moderation.errors import LabelError, ModelError
from moderation.learning.boundaries import Sources, leave_one_out, train_segmenter
from moderation.learning.threads import TrainingThread, drop, flatten, read_threads
from moderation.segmenter import SegmenterModel, segment
from moderation.segmenter.model import Linear, Trees

OPENERS = [
    "I think the pool is fine",
    "No, you are wrong about that",
    "Thanks for the report",
    "@Ben nobody asked you",
    "Great, another tax",
]
MIDDLES = [
    "And then there is the heating, which never worked.",
    "but who listens",
    "The other thing is the roof of the old hall.",
    "- the price",
]


def make_threads(seed: int) -> list[TrainingThread]:
    """Toy threads whose starts can be told from their first words."""
    chance = np.random.default_rng(seed)
    threads = []
    for number in range(30):
        comments = [
            [
                f"{OPENERS[chance.integers(5)]} {chance.integers(99)}.",
                *(MIDDLES[chance.integers(4)] for _ in range(chance.integers(0, 3))),
            ]
            for _ in range(8)
        ]
        article = [
            "The pool in the park will be closed, the council said.",
            "Repairs are to begin in May, according to the mayor.",
        ]
        threads.append(TrainingThread(f"t{number}", article, comments, [-1, *range(7)], True))
    return threads


@pytest.fixture(scope="module")
def model() -> SegmenterModel:
    return train_segmenter({"a": make_threads(1), "b": make_threads(2)})


def test_it_learns_what_starts_a_comment(model: SegmenterModel) -> None:
    thread = make_threads(3)[0]
    flat = flatten(thread)
    found = segment("\n".join([*thread.article, "Comments", *flat.page.line_texts[2:]]), model=model)
    assert [comment.text.split("\n") for comment in found.comments] == thread.comments


def test_a_stored_segmenter_is_the_same(model: SegmenterModel, tmp_path: Path) -> None:
    model.save(tmp_path)
    page = "\n".join(["Comments", *flatten(make_threads(4)[0]).page.line_texts])
    assert segment(page, model=SegmenterModel.load(tmp_path)) == segment(page, model=model)


def test_training_twice_gives_the_same_bytes(model: SegmenterModel, tmp_path: Path) -> None:
    model.save(tmp_path / "one")
    train_segmenter({"a": make_threads(1), "b": make_threads(2)}).save(tmp_path / "two")
    for path in sorted((tmp_path / "one").iterdir()):
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


def test_trees_agree_with_scikit_learn() -> None:
    from sklearn.ensemble import HistGradientBoostingClassifier

    from moderation.learning.weights import fit_trees

    chance = np.random.default_rng(0)
    rows = chance.normal(size=(3000, 6)).astype(np.float32)
    truth = (rows[:, 0] * rows[:, 1] + rows[:, 2] > 0) & (rows[:, 3] < 1)
    reference = HistGradientBoostingClassifier(
        max_iter=20,
        learning_rate=0.05,
        max_leaf_nodes=20,
        max_depth=7,
        min_samples_leaf=40,
        l2_regularization=10,
        max_features=0.1,
        early_stopping=False,
        random_state=0,
    ).fit(rows, truth, np.ones(3000))
    ours = fit_trees(rows, truth, np.ones(3000), 20)
    assert np.abs(ours.score(rows) - reference.decision_function(rows)).max() < 0.02
    assert np.abs(Trees.from_array(ours.to_array()).score(rows) - ours.score(rows)).max() < 1e-6


def test_it_runs_where_scikit_learn_cannot_be_imported() -> None:
    code = (
        "import sys; sys.modules['sklearn'] = None; from moderation.segmenter import segment; "
        "print(len(segment('News.\\n2 Comments\\nI agree.\\nNo, you are wrong!').comments) > 0, 'scipy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False"]


def test_a_part_that_does_not_fit_is_refused(model: SegmenterModel, tmp_path: Path) -> None:
    from moderation import storage

    storage.write(tmp_path, "segmenter", {}, {"first": np.zeros((3, 8), np.float32)})
    with pytest.raises(ModelError, match=r'the part "first" has 7 weights, and this version measures \d+ cues'):
        SegmenterModel.load(tmp_path)
    storage.write(tmp_path / "none", "segmenter", {}, {})
    with pytest.raises(ModelError, match='the part "first" is missing'):
        SegmenterModel.load(tmp_path / "none")


def test_threads_are_read_from_json_lines_and_label_files(tmp_path: Path) -> None:
    whole = {
        "thread_id": "x",
        "article": ["A.\nB."],
        "comments": [{"id": 1, "reply_to": None, "text": "one\n\ntwo"}, {"id": 2, "reply_to": "1", "text": "three"}],
    }
    (tmp_path / "a.jsonl").write_text(json.dumps(whole) + "\n", encoding="utf-8")
    expected = TrainingThread("x", ["A.", "B."], [["one", "two"], ["three"]], [-1, 0], True)
    assert read_threads(tmp_path / "a.jsonl") == [expected]
    rows = [("article", "", "A.\nB."), ("k1", "", "one\ntwo"), ("k2", "k1", "three"), ("k2", "k1", "three")]
    lines = ["id,text,thread,parent", *(f'{key},"{text}",x,{parent}' for key, parent, text in rows), "q,alone,,"]
    (tmp_path / "b.csv").write_text("\n".join(lines), encoding="utf-8")
    assert read_threads(tmp_path / "b.csv") == [expected]


def test_the_row_of_kind_article_is_the_article_of_a_label_file(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('id,text,thread,kind\nx/a,"Title\nBody.",x,article\nx/1,one,x,\nx/2,two,x,\n', encoding="utf-8")
    assert read_threads(path) == [TrainingThread("x", ["Title", "Body."], [["one"], ["two"]], [-1, -1], False)]


def test_a_source_left_out_teaches_its_own_segmenter_nothing() -> None:
    models = leave_one_out({"a": make_threads(1), "b": make_threads(2), "c": make_threads(3)}, trees=False)
    assert {name: sorted(model.document["sources"]) for name, model in models.items()} == {
        "a": ["b", "c"],
        "b": ["a", "c"],
        "c": ["a", "b"],
    }
    assert sorted(models["a"].document["held_out"]) == ["b", "c"]


def test_a_copy_with_comments_left_out_keeps_the_others_whole_and_in_order() -> None:
    thread = make_threads(1)[0]
    copies = [copy for seed in range(20) if (copy := drop(thread, random.Random(seed)))]
    assert len({len(copy.comments) for copy in copies}) > 2
    for copy in copies:
        places = [thread.comments.index(comment) for comment in copy.comments]
        assert places == sorted(set(places))
        assert copy.article == thread.article
        assert all(parent < child for child, parent in enumerate(copy.parents))


def test_a_factor_says_what_a_line_counts_and_varied_copies_add_no_weight() -> None:
    threads = {"a": make_threads(1), "b": make_threads(2)}
    sources = Sources(threads, factors={"b": 3.0})
    for name, factor in (("a", 1.0), ("b", 3.0)):
        members, weights = sources.gather([name])
        lines = [len(member.flat.starts) for member in members]
        assert len(members) > 2 * len(threads[name])
        assert weights @ lines == pytest.approx(factor * sum(lines[: -len(sources.varied[name])]))
    plain, leaning = (train_segmenter(threads, False, factors=factors) for factors in ({}, {"b": 3.0}))
    assert leaning.document["factors"] == {"a": 1.0, "b": 3.0}
    assert not np.allclose(plain.linear("first").weights, leaning.linear("first").weights)


def test_trees_of_different_depths_are_followed_to_their_leaves() -> None:
    nodes = np.full((2, 5, 4), -1.0)
    nodes[0] = [[0, 0.5, 1, 2], [-1, 10, 0, 0], [1, 0.5, 3, 4], [-1, 20, 0, 0], [-1, 30, 0, 0]]
    nodes[1, 0] = [-1, 1, 0, 0]
    rows = np.array([[0.0, 9.0], [0.5, 9.0], [1.0, 0.0], [1.0, 1.0]], np.float32)
    assert Trees(nodes, 0.25).score(rows).tolist() == [11.25, 11.25, 21.25, 31.25]
    assert Trees(nodes, 0.25).score(rows[:0]).tolist() == []


def test_bad_thread_files_are_named(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"comments": []}\n{', encoding="utf-8")
    with pytest.raises(LabelError, match=r"a\.jsonl, line 2: not JSON"):
        read_threads(path)
    path.write_text('{"comments": [{"id": 1}]}\n', encoding="utf-8")
    with pytest.raises(LabelError, match=r"a\.jsonl, thread 1: a thread needs article and comments with id and text"):
        read_threads(path)


def test_a_column_without_spread_is_left_out_of_the_logit() -> None:
    linear = Linear(np.array([1.0, 5.0]), np.array([2.0, 0.0]), np.array([4.0, 3.0]), 0.5)
    assert linear.score(np.array([[3.0, 7.0]])).tolist() == [4.5]
