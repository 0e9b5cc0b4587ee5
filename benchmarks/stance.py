"""Measure stance on public sets: macro-F1 per target beside two plain TF-IDF + logistic regressions and the majority, and learning curves.

    python benchmarks/stance.py --data DIR [--draws 5] [--limit 600]

DIR holds CSV files in the columns of labels.csv with `split` train and val, in any depth. Sets: P-Stance, HCQ, MT-CSD (Reddit),
RuW tweets. The vocabulary and the word vectors come from all training texts of DIR and no label; validation texts are never looked at.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import click
import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.pipeline import make_pipeline, make_union

from moderation.features.discovery import discover, normalise_many
from moderation.features.kernel import Kernel
from moderation.features.vocabulary import Vocabulary
from moderation.learning import labels
from moderation.learning.fitting import project, to_values
from moderation.learning.stance import fit_stance
from moderation.learning.vectors import learn_vectors
from moderation.model.linear import STANCE_LABELS

SETS = {"pstance": "P-Stance", "hcq_stance": "HCQ", "mtcsd_reddit": "MT-CSD", "ruw_tweets": "RuW"}
SIZES = (50, 100, 200, 500)
MOST = 150_000
"""Texts that vocabulary and vectors are learned from."""

Part = tuple[list[str], npt.NDArray[np.int64], Any]
"""Texts, labels and inputs of one split."""


class Scores(NamedTuple):
    majority: float
    defaults: float
    plain: float
    ours: float


def defaults(texts, y, unseen):
    """What a user would write first: scikit-learn's TF-IDF of words and logistic regression with every setting as it comes."""
    model = make_pipeline(TfidfVectorizer(), LogisticRegression(max_iter=1000))
    return model.fit(texts, y).predict(unseen)


def plain(texts, y, unseen):
    """What a user would write last: TF-IDF of words 1-2 and char_wb 3-5, balanced logistic regression, C = 1."""
    features = make_union(TfidfVectorizer(ngram_range=(1, 2)), TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5)))
    model = make_pipeline(features, LogisticRegression(class_weight="balanced", max_iter=1000))
    return model.fit(texts, y).predict(unseen)


def macro_f1(y, guess):
    return float(f1_score(y, guess, labels=np.unique(y), average="macro", zero_division=0))


def read(data: Path):
    """Rows of each stance set, and all texts that may be learned from."""
    sets, corpus = {}, []
    for path in sorted(data.rglob("*.csv")):
        rows = [row for row in labels.scan(path) if isinstance(row, labels.Label)]
        corpus += [row.text for row in rows if row.split in ("", "train")]
        if path.stem in SETS:
            sets[path.stem] = [row for row in rows if row.stance]
    return sets, list(dict.fromkeys(corpus))


class Prepared(NamedTuple):
    """Rows by set, and what turns texts into inputs: vocabulary, vectors and the kernel that counts."""

    sets: dict[str, list[labels.Label]]
    vocabulary: Vocabulary
    vectors: npt.NDArray[np.float32]
    kernel: Kernel

    def targets(self) -> Iterator[tuple[str, str]]:
        """Every set with each of its targets."""
        for name, rows in self.sets.items():
            for target in sorted({row.target for row in rows}):
                yield name, target

    def splits(self, name: str, target: str) -> list[Part]:
        """Texts, labels and inputs of the training rows and of the validation rows."""
        parts = []
        for split in ("train", "val"):
            own = [row for row in self.sets[name] if row.target == target and row.split == split]
            texts = [row.text for row in own]
            y = np.array([STANCE_LABELS.index(row.stance or "") for row in own], np.int64)
            parts.append((texts, y, project(to_values(self.kernel.count(texts), self.vocabulary), self.vectors)))
        return parts


def prepare(data: Path, most: int) -> Prepared:
    """The sets of a folder with a vocabulary and vectors of at most `most` of its training texts."""
    sets, corpus = read(data)
    corpus = corpus[:: max(1, -(-len(corpus) // most))]
    vocabulary = discover(corpus)
    vectors = learn_vectors(normalise_many(corpus), vocabulary)
    kernel = Kernel(vocabulary, np.zeros((len(vocabulary), 0), np.float32))
    return Prepared(sets, vocabulary, vectors, kernel)


def show_full(prepared: Prepared) -> None:
    """Print what all training labels of each target give."""
    click.echo("\n| set | target | train | val | majority | defaults | plain | moderation |\n" + "|---" * 8 + "|")
    totals = []
    for name, target in prepared.targets():
        parts = prepared.splits(name, target)
        sizes = [len(part[1]) for part in parts]
        scores = compare(parts, np.arange(sizes[0]), np.arange(sizes[1]))
        totals.append(scores)
        figures = " | ".join(f"{figure:.3f}" for figure in scores)
        click.echo(f"| {SETS[name]} | {target} | {sizes[0]} | {sizes[1]} | {figures} |")
    click.echo("| mean | | | | " + " | ".join(f"{figure:.3f}" for figure in np.mean(totals, axis=0)) + " |")


def show_curves(prepared: Prepared, draws: int, limit: int) -> None:
    """Print what a few labels of each target give, mean of the targets and of `draws` samples."""
    curves: dict[int, list[Scores]] = {size: [] for size in SIZES}
    for name, target in prepared.targets():
        parts = prepared.splits(name, target)
        tried = np.random.default_rng(0).permutation(len(parts[1][1]))[:limit]
        for size in SIZES:
            for draw in range(draws):
                drawn = np.random.default_rng(draw).permutation(len(parts[0][1]))[:size]
                curves[size].append(compare(parts, drawn, tried))
    click.echo("\n| labels | majority | defaults | plain | moderation | gain on plain |\n" + "|---" * 6 + "|")
    for size in SIZES:
        figures = np.mean(curves[size], axis=0)
        shown = " | ".join(f"{figure:.3f}" for figure in figures)
        click.echo(f"| {size} | {shown} | {figures[3] - figures[2]:+.3f} |")


@click.command()
@click.option("--data", required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--draws", default=5, show_default=True, help="Random training samples of each size; 0: no curves.")
@click.option("--limit", default=600, show_default=True, help="Validation rows of each target in the learning curves.")
@click.option("--corpus", "most", default=MOST, show_default=True, help="Texts for vocabulary and vectors.")
def main(data: Path, draws: int, limit: int, most: int) -> None:
    """Print both tables as Markdown."""
    prepared = prepare(data, most)
    show_full(prepared)
    if draws:
        show_curves(prepared, draws, limit)


def compare(parts, drawn, tried) -> Scores:
    """Macro-F1 on the tried validation rows after training on the drawn ones."""
    (texts, y, inputs), (unseen, truth, held) = parts
    learned, asked = [texts[k] for k in drawn], [unseen[k] for k in tried]
    peers = [peer(learned, y[drawn], asked) for peer in (defaults, plain)]
    ours = fit_stance(inputs.take(drawn), y[drawn]).logits(held.take(tried)).argmax(axis=1)
    majority = np.full(len(tried), np.bincount(y[drawn]).argmax())
    right = truth[tried]
    return Scores(*(macro_f1(right, guess) for guess in (majority, *peers, ours)))


if __name__ == "__main__":
    main()
