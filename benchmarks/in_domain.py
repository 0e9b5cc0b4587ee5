"""Measure models trained on a public set's own training split, on its validation split, beside what a user would try first.

    python benchmarks/in_domain.py --data DIR [--only pan24_en_train] [--words SET …] [--stance]

DIR holds CSV files in the columns of labels.csv with `split` train and val, in any depth. Sets: PAN 2024 (conspiracy or critical
thinking, English) and TweetEval offensive. Beside ours: the majority, TF-IDF + logistic regression, HashingVectorizer + SGD and, where
it is installed, fastText (mean of three seeds each). `--words` names sets whose training texts, without labels, also teach words;
`--stance` prints the stance table of `benchmarks/stance.py` too. Validation texts are only scored.
"""

import csv
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import click
import numpy as np
import numpy.typing as npt
import stance
from sets import find_sets
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.linear_model import SGDClassifier
from sklearn.metrics import f1_score, matthews_corrcoef
from sklearn.pipeline import make_pipeline, make_union

import moderation
from moderation.learning import labels
from moderation.learning.labels import Label
from moderation.learning.train import train
from moderation.scoring.classifier import Classifier

SETS = {"pan24_en_train": "conspiracy", "tweeteval_offensive": "hostile"}
SEEDS = 3
Ints = npt.NDArray[np.int64]
Rows = Sequence[Label]


class Split(NamedTuple):
    """Texts and labels of the two splits."""

    texts: list[str]
    y: Ints
    unseen: list[str]
    truth: Ints


def read(path: Path, head: str) -> Split:
    """The rows of a set that judge `head`."""
    rows = [row for row in labels.scan(path) if isinstance(row, Label) and row.judged(head) is not None]
    parts: list[Any] = []
    for split in ("train", "val"):
        own = [row for row in rows if row.split == split]
        parts += [[row.text for row in own], np.array([row.judged(head) for row in own], np.int64)]
    return Split(*parts)


def plain(split: Split) -> list[Ints]:
    """TF-IDF of words 1-2 and char_wb 3-5, balanced logistic regression, C = 1."""
    return [stance.plain(split.texts, split.y, split.unseen)]


def hashing(split: Split) -> list[Ints]:
    """The same features hashed, logistic loss by stochastic gradient descent, balanced; one guess a seed."""
    guesses = []
    for seed in range(SEEDS):
        features = make_union(
            HashingVectorizer(ngram_range=(1, 2)), HashingVectorizer(analyzer="char_wb", ngram_range=(3, 5))
        )
        model = SGDClassifier(loss="log_loss", alpha=1e-5, class_weight="balanced", random_state=seed)
        guesses.append(make_pipeline(features, model).fit(split.texts, split.y).predict(split.unseen))
    return guesses


def fasttext(split: Split) -> list[Ints]:
    """fastText with word pairs and n-grams of 2 to 5, ten epochs at .5; one guess a seed; none where it is not installed."""
    try:
        import fasttext as rival
    except ImportError:
        return []
    guesses = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "train.txt"
        lines = [f"__label__{y} {' '.join(text.lower().split())}" for text, y in zip(split.texts, split.y, strict=True)]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        for seed in range(SEEDS):
            model = rival.train_supervised(
                str(path), wordNgrams=2, minn=2, maxn=5, epoch=10, lr=0.5, seed=seed, thread=1, verbose=0
            ).f
            asked = [" ".join(text.lower().split()) + "\n" for text in split.unseen]
            guesses.append(np.array([int(model.predict(text, 1, 0.0, "strict")[0][1][-1]) for text in asked]))
    return guesses


def ours(
    path: Path, head: str, base: Classifier | None, tune: bool, words: Sequence[Path]
) -> Callable[[Split], list[Ints]]:
    """`moderation train FILE --split train`, with the options named; flags as the model sets its own threshold."""

    def guess(split: Split) -> list[Ints]:
        added = {str(file): 0.0 for file in words}
        model = train(path, "train", added=added, base=base, tune=tune)
        flags = [head in score.flags for score in model.score_many(split.unseen)]
        found = model.model.about["metrics"][head]["macro_f1"]
        recipe = model.model.about.get("recipes", {}).get(head, "")
        click.echo(f"  out of fold: macro-F1 {found:.3f} {recipe}", err=True)
        return [np.array(flags, np.int64)]

    return guess


def write_words(files: dict[str, Path], names: Sequence[str], folder: Path) -> list[Path]:
    """Files with the training texts of some sets and no judgement."""
    written = []
    for name in names:
        texts = [row.text for row in labels.scan(files[name]) if isinstance(row, Label) and row.split in ("", "train")]
        written.append(folder / f"{name}.csv")
        with written[-1].open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([["text"], *([text] for text in dict.fromkeys(texts))])
    return written


def systems(path: Path, head: str, words: Sequence[Path]) -> Iterator[tuple[str, Callable[[Split], list[Ints]]]]:
    """Everything that is compared, by name."""
    shipped = moderation.load()
    yield "majority", lambda split: [np.full(len(split.truth), np.bincount(split.y).argmax())]
    yield "TF-IDF + logistic regression", plain
    yield "HashingVectorizer + SGD (3 seeds)", hashing
    yield "fastText (3 seeds)", fasttext
    yield "moderation train", ours(path, head, None, False, ())
    yield "moderation train --tune", ours(path, head, None, True, ())
    yield "moderation train --from models/default", ours(path, head, shipped, False, ())
    yield "moderation train --from models/default --tune", ours(path, head, shipped, True, ())
    if words:
        yield "the same with words of other sets", ours(path, head, shipped, True, words)


@click.command()
@click.option("--data", required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--only", multiple=True, type=click.Choice(list(SETS)), help="Sets to measure; default all.")
@click.option("--words", multiple=True, help="Sets whose training texts teach words, without labels.")
@click.option("--stance", "also", is_flag=True, help="Print the stance table too.")
def main(data: Path, only: tuple[str, ...], words: tuple[str, ...], also: bool) -> None:
    """Print Markdown tables."""
    files = find_sets(data)
    with tempfile.TemporaryDirectory() as folder:
        lent = write_words(files, words, Path(folder))
        for name in only or SETS:
            split = read(files[name], SETS[name])
            click.echo(f"\n{name}: {len(split.y)} training rows, {len(split.truth)} validation rows\n")
            click.echo("| system | macro-F1 | MCC | seconds |\n|---|---|---|---|")
            for title, guess in systems(files[name], SETS[name], lent):
                begun = time.perf_counter()
                guesses = guess(split)
                if guesses:
                    f1 = np.mean([f1_score(split.truth, found, average="macro") for found in guesses])
                    mcc = np.mean([matthews_corrcoef(split.truth, found) for found in guesses])
                    taken = (time.perf_counter() - begun) / len(guesses)
                    click.echo(f"| {title} | {f1:.3f} | {mcc:.3f} | {taken:.0f} |")
    if also:
        stance.show_full(stance.prepare(data, stance.MOST))


if __name__ == "__main__":
    main()
