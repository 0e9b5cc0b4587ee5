"""Scoring rate of the compiled kernel beside scikit-learn and the classifiers that users would pick, paired in one run.

    python benchmarks/kernel.py --data DIR [--rounds 5]

DIR holds CSV files with a column `text` (any depth). Texts of 150 to 450 characters are taken and halved: one half
gives the vocabulary and warms the caches, the other, unseen, is timed. All contestants score the same texts in turn,
round after round, on one core (CPU seconds of the process), and the ratio of each round is taken before the median, so
that a machine that slows down slows both.
Weights are random: the rate does not depend on them. Contestants that are not installed are left out.
"""

import csv
import random
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import click
import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import HashingVectorizer, TfidfVectorizer
from sklearn.linear_model import SGDClassifier

from moderation.features.discovery import discover
from moderation.features.vocabulary import Settings, Vocabulary
from moderation.model.linear import Head, LinearModel, Target
from moderation.scoring.classifier import Classifier, score

TARGETS = 15
STANCE_FEATURES = 20_000


def read_texts(folder: Path) -> list[str]:
    csv.field_size_limit(1 << 26)
    texts: set[str] = set()
    for path in sorted(folder.rglob("*.csv")):
        with path.open(encoding="utf-8", newline="") as stream:
            texts.update(row["text"] for row in csv.DictReader(stream) if 150 < len(row.get("text") or "") < 450)
    found = sorted(texts)
    random.Random(0).shuffle(found)
    return found


def make_model(vocabulary: Vocabulary) -> Classifier:
    """Two heads and fifteen targets with random weights; each target is named by a frequent word."""
    random_numbers = np.random.default_rng(0)
    size = len(vocabulary)
    names = [name for name in vocabulary.names()[:3000] if len(name) > 5 and " " not in name][:TARGETS]
    ids = [np.sort(random_numbers.choice(size, STANCE_FEATURES, replace=False)).astype(np.int32) for _ in names]
    arrays = {
        "weights": (random_numbers.normal(size=(size, 2)) * vocabulary.idf[:, None]).astype(np.float32),
        "stance_starts": np.arange(len(names) + 1, dtype=np.int64) * STANCE_FEATURES,
        "stance_ids": np.concatenate(ids),
        "stance_weights": random_numbers.normal(size=(STANCE_FEATURES * len(names), 3)).astype(np.float32),
    }
    heads = tuple(Head(name, 0.0, 1.0, 0.0, 0.5) for name in ("hostile", "conspiracy"))
    targets = tuple(Target(name, (), (0.0, 0.0, 0.0), 1.0, 0.4) for name in names)
    return Classifier(LinearModel(vocabulary, heads, targets, arrays, {}))


def make_pipeline(vocabulary: Vocabulary, model: Classifier) -> Callable[[Sequence[str]], object]:
    """What one writes with scikit-learn: two TfidfVectorizers of the same vocabulary, one matrix of weights, a logistic function."""
    names, split, idf = vocabulary.names(), vocabulary.n_words, vocabulary.idf
    words = TfidfVectorizer(
        vocabulary=index(names[:split]), token_pattern=r"\w+", ngram_range=(1, 2), sublinear_tf=True
    )
    ngrams = (vocabulary.settings.char_min, vocabulary.settings.char_max)
    chars = TfidfVectorizer(vocabulary=index(names[split:]), analyzer="char_wb", ngram_range=ngrams, sublinear_tf=True)
    words.idf_, chars.idf_ = idf[:split], idf[split:]
    weights = model.model.weights / idf[:, None]

    def predict(texts: Sequence[str]) -> object:
        values = sparse.hstack([words.transform(texts), chars.transform(texts)]).tocsr()
        return 1 / (1 + np.exp(-(values @ weights)))

    return predict


def index(names: list[str]) -> dict[str, int]:
    return {name: at for at, name in enumerate(names)}


def make_rivals(seen: list[str]) -> dict[str, Callable[[Sequence[str]], object]]:
    vectorizer = HashingVectorizer(ngram_range=(1, 2), analyzer="word")
    labels = np.arange(len(seen)) % 2
    sgd = SGDClassifier(loss="log_loss", max_iter=5).fit(vectorizer.transform(seen), labels)
    rivals: dict[str, Callable[[Sequence[str]], object]] = {
        "HashingVectorizer (words 1-2) + SGD, one head": lambda texts: sgd.predict_proba(vectorizer.transform(texts))
    }
    try:
        from profanity_check import predict_prob

        rivals["alt-profanity-check, one head"] = lambda texts: predict_prob(list(texts))
    except ImportError:
        click.echo("alt-profanity-check is not installed: left out", err=True)
    try:
        import fasttext

        path = Path("/tmp") / "fasttext-benchmark.txt"
        path.write_text(
            "\n".join(f"__label__{k % 2} {' '.join(text.split())}" for k, text in enumerate(seen)), encoding="utf-8"
        )
        trained = fasttext.train_supervised(str(path), wordNgrams=2, verbose=0)
        rivals["fastText, one head"] = lambda texts: [trained.predict(" ".join(text.split())) for text in texts]
    except ImportError:
        click.echo("fasttext is not installed: left out", err=True)
    return rivals


@click.command()
@click.option("--data", required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--rounds", default=5, show_default=True)
def main(data: Path, rounds: int) -> None:
    """Print a table of rates and ratios."""
    texts = read_texts(data)
    seen, unseen = texts[: len(texts) // 2], texts[len(texts) // 2 :][:6000]
    vocabulary = discover(seen, Settings(min_df=3, max_words=130_000, max_chars=200_000))
    model = make_model(vocabulary)
    kernel = model.load_kernel()
    kernel.score(seen[:20_000], np.zeros((20_000, TARGETS), np.uint8)[: len(seen[:20_000])])
    slow = unseen[:1000]
    contestants: dict[str, tuple[Callable[[Sequence[str]], object], list[str]]] = {
        "scikit-learn pipeline, 2 heads": (make_pipeline(vocabulary, model), slow),
        "kernel, 2 heads, 15 targets": (
            lambda part: kernel.score(part, np.zeros((len(part), TARGETS), np.uint8)),
            unseen,
        ),
        "moderation.score, 2 heads, 15 targets": (lambda part: list(score(part, model)), unseen),
        **{name: (predict, unseen) for name, predict in make_rivals(seen[:5000]).items()},
    }
    seconds: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, (predict, part) in contestants.items():
            start = time.process_time()
            predict(part)
            seconds[name].append((time.process_time() - start) / len(part))
    length = statistics.mean(map(len, unseen))
    click.echo(
        f"{len(vocabulary):,} features, {len(unseen):,} unseen comments of {length:.0f} characters, {rounds} rounds\n"
    )
    click.echo(
        "| contestant | comments per CPU-second (median) | times scikit-learn (median of paired ratios, range) |"
    )
    click.echo("|---|---|---|")
    baseline = seconds["scikit-learn pipeline, 2 heads"]
    for name, own in seconds.items():
        ratios = [first / second for first, second in zip(baseline, own, strict=True)]
        click.echo(
            f"| {name} | {1 / statistics.median(own):,.0f} | {statistics.median(ratios):.1f} ({min(ratios):.1f}-{max(ratios):.1f}) |"
        )


if __name__ == "__main__":
    main()
