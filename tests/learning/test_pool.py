"""Pooling: sources are balanced, quarrels between files settled, folds never part what belongs together."""

from pathlib import Path

import numpy as np
import pytest

from moderation.learning.fitting import make_folds
from moderation.learning.labels import Label
from moderation.learning.pool import MIN_CLASS, Pool, Task, find_groups


def rows_of(file: str, positives: int, negatives: int, head: str = "hostile") -> list[Label]:
    labels = [1] * positives + [0] * negatives
    return [Label(text=f"{file} {k}", file=file, **{head: label}) for k, label in enumerate(labels)]


def assembled(pool: Pool, head: str = "hostile") -> Task:
    task = pool.assemble(head)
    assert task is not None
    return task


def test_inside_a_source_classes_weigh_as_the_roots_of_their_sizes_and_factors_multiply_its_rows() -> None:
    pool = Pool([*rows_of("own.csv", 10, 40), *rows_of("more.csv", 25, 25)], {"more.csv": 2.0})
    task = assembled(pool)
    mass = {
        (source, label): float(task.weights[(task.sources == source) & (task.y == label)].sum())
        for source in ("own", "more")
        for label in (0, 1)
    }
    assert mass["own", 0] == pytest.approx(2 * mass["own", 1])
    assert mass["more", 0] == pytest.approx(mass["more", 1])
    assert (mass["more", 0] + mass["more", 1]) / (mass["own", 0] + mass["own", 1]) == pytest.approx(2.0)
    assert task.weights.mean() == pytest.approx(1.0)


def test_an_added_file_that_never_judges_the_head_lends_ordinary_comments_at_a_tenth_of_the_weight() -> None:
    pool = Pool([*rows_of("own.csv", 10, 10, "conspiracy"), *rows_of("more.csv", 5, 35)], {"more.csv": 1.0})
    task = assembled(pool, "conspiracy")
    lent = task.sources == "more"
    assert (task.judged, int(lent.sum()), int(task.y[lent].sum())) == (20, 40, 0)
    assert task.weights[lent].sum() / task.weights[~lent].sum() == pytest.approx(0.1)


def test_a_label_file_that_does_not_judge_a_row_lends_nothing() -> None:
    pool = Pool([*rows_of("own.csv", 10, 10, "conspiracy"), *rows_of("own.csv", 5, 35)], {})
    assert len(assembled(pool, "conspiracy").y) == 20


def test_too_few_rows_of_a_class_give_no_task() -> None:
    assert Pool(rows_of("own.csv", MIN_CLASS - 1, 50), {}).assemble("hostile") is None


def test_the_first_file_is_believed_where_files_disagree() -> None:
    rows = [*rows_of("own.csv", 10, 10), Label(text="own.csv 0", file="more.csv", hostile=0)]
    task = assembled(Pool(rows, {"more.csv": 1.0}))
    assert (len(task.y), int(task.y[0])) == (20, 1)


def test_everyday_weights_have_the_prevalence_and_count_every_source_alike() -> None:
    task = assembled(Pool([*rows_of("own.csv", 10, 30), *rows_of("more.csv", 20, 60)], {"more.csv": 1.0}))
    weights = task.everyday(0.1)
    assert weights[task.y == 1].sum() / weights.sum() == pytest.approx(0.1)
    assert weights[task.sources == "own"].sum() == pytest.approx(weights[task.sources == "more"].sum())


def test_threads_and_doubled_texts_share_a_group() -> None:
    rows = [
        Label(text="a", thread="t", source="s"),
        Label(text="b", thread="t", source="s"),
        Label(text="You Fool"),
        Label(text="you fool"),
    ]
    groups = find_groups(rows)
    assert groups[0] == groups[1] != groups[2] == groups[3]


def test_folds_never_part_a_group() -> None:
    rows = [Label(text=str(k), thread=str(k // 4), file="own.csv", hostile=k % 2) for k in range(80)]
    task = assembled(Pool(rows, {}))
    folds = list(make_folds(task))
    assert len(folds) == 5
    for train, test in folds:
        assert not set(task.groups[train].tolist()) & set(task.groups[test].tolist())
    assert np.array_equal(np.sort(np.concatenate([test for _, test in folds])), np.arange(80))


def test_with_three_judged_sources_a_fold_is_a_source_without_its_doubles_elsewhere() -> None:
    rows = [row for file in ("a.csv", "b.csv", "c.csv") for row in rows_of(file, 10, 10)]
    rows.append(Label(text="A.csv 0", file="b.csv", hostile=1))
    task = assembled(Pool(rows, {"b.csv": 1.0, "c.csv": 1.0}))
    folds = {task.sources[test[0]]: (train, test) for train, test in make_folds(task)}
    train, test = folds["a"]
    assert {str(source) for source in task.sources[test]} == {"a"}
    assert len(train) == 40, "the double of a's first text stands in b and is left out too"
    assert sorted(folds) == ["a", "b", "c"]


def test_file_names_name_the_sources() -> None:
    task = assembled(Pool(rows_of(str(Path("deep") / "fox.csv"), 10, 10), {}))
    assert set(task.sources.tolist()) == {"fox"}
