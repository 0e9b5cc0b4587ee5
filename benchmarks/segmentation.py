"""Measures the segmenter on threads with known comments, flattened to one paragraph a line with all metadata gone.

    python benchmarks/segmentation.py THREADS.jsonl... [--json]            the shipped segmenter, or --model DIR
    python benchmarks/segmentation.py A.jsonl B.jsonl --leave-one-out      each file by a segmenter trained on the others
    python benchmarks/segmentation.py NEWS.jsonl --train A.jsonl B.jsonl   trained on these

A file holds a thread a line: {"thread_id", "article": [paragraphs] or null, "comments": [{"id", "reply_to", "text"}]}, or is a label file.
Boundary: every line below the article, the first one included; precision, recall and F1 over all lines; Pk (Beeferman et al. 1999) and
WindowDiff (Pevzner and Hearst 2002) with a window of half the thread's mean comment, at least two lines, mean over threads; exact: threads
without one wrong line; ece: ten equal bins, first lines left out (they are known). Article: pages with an article and no marker. Replies:
the true comments in their order, structure removed; `previous` answers the comment before each time. Count told, count given: boundaries
where the page's heading tells the true number of comments (it is believed as far as it is plausible), and where a person gives it (so many
come out).
"""

import argparse
import json
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from moderation.cli.factors import parse_factor
from moderation.learning.boundaries import Measured, leave_one_out, train_segmenter
from moderation.learning.phrases import learn_phrases, read_comments
from moderation.learning.threads import TrainingThread, read_threads
from moderation.segmenter import SegmenterModel, segment
from moderation.segmenter.boundaries import PLAUSIBLE, TOLD_THRESHOLD, meet_count, score_lines
from moderation.segmenter.model import load_default
from moderation.segmenter.page import Array
from moderation.segmenter.quotes import WHOLE
from moderation.segmenter.replies import choose_parents


def measure_windows(truth: Array, found: Array) -> tuple[float, float] | None:
    """(Pk, WindowDiff) of one thread, or None where it is no longer than the window."""
    size = max(2, round(len(truth) / (2 * max(int(truth.sum()), 1))))
    if len(truth) <= size:
        return None
    true_count, found_count = np.cumsum(truth), np.cumsum(found)
    true_inside, found_inside = true_count[size:] - true_count[:-size], found_count[size:] - found_count[:-size]
    return float(((true_inside > 0) != (found_inside > 0)).mean()), float((true_inside != found_inside).mean())


def measure_calibration(truth: Array, chances: Array) -> float:
    """Expected calibration error over ten equal bins."""
    bins = np.minimum((chances * 10).astype(int), 9)
    parts = [(bins == place) for place in range(10) if (bins == place).any()]
    return float(sum(abs(truth[part].mean() - chances[part].mean()) * part.mean() for part in parts))


def measure_boundaries(truths: Sequence[Array], chances: Sequence[Array], threshold: float) -> dict[str, float]:
    founds = [np.where(np.arange(len(chance)) == 0, True, chance >= threshold) for chance in chances]
    hits = sum(int((truth & found).sum()) for truth, found in zip(truths, founds, strict=True))
    said, wanted = sum(int(found.sum()) for found in founds), sum(int(truth.sum()) for truth in truths)
    windows = [pair for truth, found in zip(truths, founds, strict=True) if (pair := measure_windows(truth, found))]
    later = [(truth[1:], chance[1:]) for truth, chance in zip(truths, chances, strict=True)]
    return {
        "precision": hits / max(said, 1),
        "recall": hits / max(wanted, 1),
        "f1": 2 * hits / max(said + wanted, 1),
        "pk": float(np.mean([pair[0] for pair in windows])) if windows else 0.0,
        "windowdiff": float(np.mean([pair[1] for pair in windows])) if windows else 0.0,
        "exact": float(np.mean([np.array_equal(truth, found) for truth, found in zip(truths, founds, strict=True)])),
        "ece": measure_calibration(
            np.concatenate([pair[0] for pair in later]), np.concatenate([pair[1] for pair in later])
        ),
    }


def measure_told(truths: Sequence[Array], chances: Sequence[Array], threshold: float) -> dict[str, float]:
    """As `measure_boundaries`, where the page's heading tells the true number of comments."""
    moved, found = [], []
    for truth, chance in zip(truths, chances, strict=True):
        met = meet_count(chance, int(truth.sum()), PLAUSIBLE)
        moved.append(chance if met is None else met)
        found.append(np.asarray(chance >= threshold if met is None else met >= TOLD_THRESHOLD, float))
    return {**measure_boundaries(truths, found, 0.5), "ece": measure_boundaries(truths, moved, 0.5)["ece"]}


def measure_given(truths: Sequence[Array], chances: Sequence[Array]) -> dict[str, float]:
    """As `measure_boundaries`, where a person gives the true number of comments: so many of the likeliest lines."""
    moved, found = [], []
    for truth, chance in zip(truths, chances, strict=True):
        count = int(truth.sum())
        moved.append(met := meet_count(chance, count))
        starts = np.zeros(len(truth))
        starts[np.append(0, 1 + np.argsort(-met[1:], kind="stable")[: count - 1])] = 1
        found.append(starts)
    return {**measure_boundaries(truths, found, 0.5), "ece": measure_boundaries(truths, moved, 0.5)["ece"]}


def measure_article(members: Iterable[Measured], model: SegmenterModel) -> dict[str, float | None]:
    """Where the whole segmenter ends the article of pages that have one and no marker."""
    errors = []
    for member in members:
        if member.flat.article:
            article = segment(member.flat.page.text, model=model).article
            errors.append((article.count("\n") + 1 if article else 0) - member.flat.article)
    if not errors:
        return {"exact": None, "within_2": None}
    away = np.abs(errors)
    return {"exact": float((away == 0).mean()), "within_2": float((away <= 2).mean())}


def measure_links(members: Iterable[Measured], model: SegmenterModel) -> tuple[float | None, float | None]:
    """F1 of the parents named, and of naming the comment before."""
    hits = said = wanted = before = comments = 0
    for member in members:
        if not member.flat.linked:
            continue
        truth = member.flat.parents
        found = choose_parents(member.reply_cues, model.replies)
        sure = (found.probability >= model.sure) & (found.probability > found.nobody) & (found.parent >= 0)
        named = np.where(sure, found.parent, -1)
        hits += int(((named == truth) & (truth >= 0)).sum())
        said, wanted = said + int((named >= 0).sum()), wanted + int((truth >= 0).sum())
        before += int((truth[1:] == np.arange(len(truth) - 1)).sum())
        comments += len(truth) - 1
    if not wanted:
        return None, None
    return 2 * hits / max(said + wanted, 1), 2 * before / max(comments + wanted, 1)


def measure_file(threads: Sequence[TrainingThread], model: SegmenterModel) -> dict[str, Any]:
    """All figures of one file; also known counts, quotes and speed, which --json leaves out."""
    members = [Measured(thread, model.phrases) for thread in threads]
    truths = [member.flat.starts for member in members]
    chances = [score_lines(model, member.values) for member in members]
    linked, previous = measure_links(members, model)
    copied = np.concatenate([member.copies.share[member.flat.article :] >= WHOLE for member in members])
    every = [np.ones(len(truth)) for truth in truths]
    return {
        "boundary": measure_boundaries(truths, chances, model.threshold),
        "every_line": measure_boundaries(truths, every, 0.5),
        "told": measure_told(truths, chances, model.threshold),
        "given": measure_given(truths, chances),
        "article": measure_article(members, model),
        "replies": {"f1": linked},
        "previous": {"f1": previous},
        "quotes": {"lines": float(copied.mean())},
        "speed": measure_speed(members, model),
    }


def measure_speed(members: Sequence[Measured], model: SegmenterModel) -> dict[str, float]:
    """Lines a CPU second through the whole of `segment`, all threads of the file as one page with a marker."""
    lines = [line for member in members for line in member.flat.page.line_texts[member.flat.article :]][:20_000]
    text = "\n".join(["An article.", "Comments", *lines])
    began = time.process_time()
    segment(text, model=model)
    return {"lines_per_second": len(lines) / max(time.process_time() - began, 1e-9)}


def print_table(results: dict[str, dict[str, Any]]) -> None:
    head = f"{'file':<24}{'P':>6}{'R':>6}{'F1':>6}{'Pk':>6}{'WD':>6}{'exact':>7}{'ece':>6}   "
    print(head + f"{'article exact, within 2':<26}{'replies, previous':<20}{'copied':>7}{'lines/s':>9}")
    for name, result in results.items():
        for kind in ("boundary", "told", "given", "every_line"):
            row = result[kind]
            figures = "".join(f"{row[key]:>{width}.3f}" for key, width in _COLUMNS)
            label = {"boundary": name, "told": "  count told", "given": "  count given"}.get(kind, "  every line")
            print(f"{label:<24}{figures}", end="")
            if kind == "boundary":
                print(
                    f"   {_pair(result['article'].values()):<26}{_pair((result['replies']['f1'], result['previous']['f1'])):<20}",
                    end="",
                )
                print(f"{result['quotes']['lines']:>7.3f}{result['speed']['lines_per_second']:>9,.0f}", end="")
            print()


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


_COLUMNS = (("precision", 6), ("recall", 6), ("f1", 6), ("pk", 6), ("windowdiff", 6), ("exact", 7), ("ece", 6))


def _pair(values: Iterable[float | None]) -> str:
    return "  ".join("–" if value is None else f"{value:.3f}" for value in values)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", metavar="FILE[=FACTOR]", help="the factor is for training on the others")
    parser.add_argument("--model", type=Path, help="model folder; the shipped one unless given")
    parser.add_argument("--train", nargs="+", metavar="FILE[=FACTOR]", default=[], help="train on these files instead")
    parser.add_argument("--leave-one-out", action="store_true", help="train on the other files (and --train) for each")
    parser.add_argument(
        "--comments", nargs="+", type=Path, metavar="FILE", default=[], help="label files to learn phrases from"
    )
    parser.add_argument("--no-trees", action="store_true", help="train the logistic regression alone")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    shipped = SegmenterModel.load(given.model) if given.model else load_default()
    phrases = learn_phrases(read_comments(given.comments))
    factors = {Path(name): factor for name, factor in map(parse_factor, [*given.files, *given.train])}
    files, train = ([Path(parse_factor(name)[0]) for name in names] for names in (given.files, given.train))
    threads = {path: read_threads(path) for path in factors}
    counts = {path.stem: factor for path, factor in factors.items()}
    results = {}
    models = {}
    if given.leave_one_out:
        known = {path.stem: found for path, found in threads.items() if found}
        models = leave_one_out(known, not given.no_trees, _say, phrases, counts)
    elif train:
        used = {path.stem: threads[path] for path in train}
        trained = train_segmenter(used, not given.no_trees, _say, phrases, counts)
        models = dict.fromkeys([path.stem for path in files], trained)
    for path in files:
        model = models.get(path.stem, shipped)
        if model is None:
            sys.exit("there is no segmenter: name one with --model, or train one with: moderation train-segmenter")
        results[path.stem] = measure_file(threads[path], model)
    if given.json:
        kept = ("boundary", "every_line", "article", "replies", "previous")
        print(json.dumps({name: {key: result[key] for key in kept} for name, result in results.items()}))
    else:
        print_table(results)


if __name__ == "__main__":
    main()
