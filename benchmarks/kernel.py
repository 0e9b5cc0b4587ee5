"""Scoring rate of the compiled kernel beside scikit-learn and the classifiers that users would pick, paired in one run.

    python benchmarks/kernel.py --data DIR [--rounds 7]

DIR holds CSV files with a column `text` (any depth). One half of the texts gives the vocabulary and warms the caches, the other, unseen,
is timed. All contestants score the same texts in turn, round after round, on one core (CPU seconds of the process), and the
ratio of each round is taken before the median, so that a machine that slows down slows both. Weights are random: the rate does not depend
on them. Contestants that are not installed are left out.

Long comments (about 285 characters): the model has two heads and 15 stance targets on both sides. scikit-learn's side is what a user
would write: a FeatureUnion of two TfidfVectorizers (words 1-2, char_wb 2-5, the same vocabulary, sublinear, L2) and `predict_proba` of one
LogisticRegression a head and a target. It is timed three times: lower-casing only (other numbers than ours on disguised text);
with our `normalise` as preprocessor, which gives our numbers; and with the two heads alone, in one matrix. The kernel computes
the stances that a comment names (every target is named by a word of about one comment in 200), and once more all 15 for every comment.

Short comments (about 108 characters): the rivals, each with its one head, against the same two-headed kernel.

The limit is what any code with this plan must do at least: for the pieces of each comment, known beforehand, read the cache entry and add
its sums, read and count its feature ids, read the rows of those that were repeated; no cutting, hashing, looking up, pairs or misses.
"""

import csv
import platform
import random
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import click
import numba
import numpy as np
import sklearn
from sklearn.feature_extraction.text import HashingVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.pipeline import FeatureUnion

from moderation.features import kernel as kernels
from moderation.features.discovery import discover
from moderation.features.vocabulary import Settings, Vocabulary
from moderation.model.linear import Head, LinearModel, Target
from moderation.scoring.classifier import Classifier, score
from moderation.text import normalise

TARGETS = 15
STANCE_FEATURES = 20_000
NAMED = 0.005
"""Share of the comments that name a target: as many as mention one of the most spoken-of people."""


def read_texts(folder: Path, shortest: int, longest: int) -> list[str]:
    """Distinct texts of so many characters, in an order that is always the same."""
    csv.field_size_limit(1 << 26)
    texts: set[str] = set()
    for path in sorted(folder.rglob("*.csv")):
        with path.open(encoding="utf-8", newline="") as stream:
            texts.update(
                row["text"] for row in csv.DictReader(stream) if shortest < len(row.get("text") or "") < longest
            )
    found = sorted(texts)
    random.Random(0).shuffle(found)
    return found


def make_model(vocabulary: Vocabulary) -> Classifier:
    """Two heads and fifteen targets with random weights; each target is named by a frequent word."""
    random_numbers = np.random.default_rng(0)
    size = len(vocabulary)
    share = vocabulary.arrays["word_df"] / vocabulary.documents
    names = [
        name
        for name, part in zip(vocabulary.names(), share.tolist(), strict=False)
        if part < NAMED and len(name) > 5 and " " not in name
    ][:TARGETS]
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


def make_union(vocabulary: Vocabulary, preprocess: Callable[[str], str] | None) -> FeatureUnion:
    names, split, idf = vocabulary.names(), vocabulary.n_words, vocabulary.idf
    shared = {"preprocessor": preprocess, "lowercase": preprocess is None, "sublinear_tf": True}
    words = TfidfVectorizer(vocabulary=index(names[:split]), token_pattern=r"\w+", ngram_range=(1, 2), **shared)
    ngrams = (vocabulary.settings.char_min, vocabulary.settings.char_max)
    chars = TfidfVectorizer(vocabulary=index(names[split:]), analyzer="char_wb", ngram_range=ngrams, **shared)
    words.idf_, chars.idf_ = idf[:split], idf[split:]
    return FeatureUnion([("words", words), ("chars", chars)])


def make_heads(vocabulary: Vocabulary, targets: int) -> list[LogisticRegression]:
    """Fitted regressions of random weights: two with two classes, and one of three classes for each target."""
    random_numbers = np.random.default_rng(0)
    heads = []
    for classes in [2, 2, *[3] * targets]:
        head = LogisticRegression()
        rows = 1 if classes == 2 else classes
        head.classes_ = np.arange(classes)
        head.coef_, head.intercept_ = random_numbers.normal(size=(rows, len(vocabulary))), np.zeros(rows)
        head.n_features_in_ = len(vocabulary)
        heads.append(head)
    return heads


def make_pipeline(union: FeatureUnion, heads: list[LogisticRegression]) -> Callable[[Sequence[str]], object]:
    def predict(texts: Sequence[str]) -> object:
        values = union.transform(texts)
        return [head.predict_proba(values) for head in heads]

    return predict


def make_matrix_pipeline(union: FeatureUnion, vocabulary: Vocabulary) -> Callable[[Sequence[str]], object]:
    """Two heads alone, as one product with one matrix: the least that scikit-learn can be asked."""
    weights = np.random.default_rng(0).normal(size=(len(vocabulary), 2))
    return lambda texts: 1 / (1 + np.exp(-(union.transform(texts) @ weights)))


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
        trained = fasttext.train_supervised(str(path), wordNgrams=2, verbose=0).f
        # the wheel's own predict fails with numpy 2; what it calls is quicker anyway
        rivals["fastText, one head"] = lambda texts: [
            trained.predict(" ".join(text.split()) + "\n", 1, 0.0, "strict") for text in texts
        ]
    except ImportError:
        click.echo("fasttext is not installed: left out", err=True)
    return rivals


@numba.njit(error_model="numpy")
def do_least(which, counts, entries, piece_sums, ids, times, seen, repeated, rows, sums):
    place = 0
    for i in range(len(counts)):
        n_seen, n_repeated = 0, 0
        for c in range(place, place + counts[i]):
            entry = which[c]
            for column in range(len(sums)):
                sums[column] += piece_sums[entry, column]
            row = entries[entry, 5]
            first = np.int64(row & np.uint64(0xFFFFFFFF))
            for k in range(first, first + np.int64(row >> np.uint64(32))):
                id = ids[k]
                so_far = times[id]
                times[id] = so_far + np.uint32(1)
                seen[n_seen] = id
                n_seen += so_far == 0
                repeated[n_repeated] = id
                n_repeated += so_far == 1
        place += counts[i]
        for k in range(n_repeated):
            for column in range(rows.shape[1]):
                sums[column] += rows[repeated[k], column]
        for k in range(n_seen):
            times[seen[k]] = 0


def make_limit(kernel: kernels.Kernel, texts: list[str]) -> Callable[[Sequence[str]], object]:
    """The loop of what must be done at least, on the pieces of `texts`, which it ignores when called."""
    tables, (cache, work) = kernel._tables, kernel._own()
    which, counts = [], []
    places = {row[:3].tobytes().rstrip(b"\0"): at for at, row in enumerate(cache.entries[: cache.fill[0]])}
    for text in texts:
        pieces = [piece.lower() for piece in text.encode().split() if piece.lower() in places]
        which += [places[piece] for piece in pieces]
        counts.append(len(pieces))
    entries = (np.array(which), np.array(counts), cache.entries, cache.sums, cache.ids)
    scratch = (work.times, work.seen, work.repeated, tables.rows, np.zeros_like(work.sums))
    return lambda _: do_least(*entries, *scratch)


def measure(
    contestants: dict[str, tuple[Callable[[Sequence[str]], object], list[str]]], rounds: int, baselines: Sequence[str]
) -> list[str]:
    """Lines of a table: comments a CPU second, and for each of `baselines` how many times its rate."""
    seconds: dict[str, list[float]] = {name: [] for name in contestants}
    for number in range(rounds + 1):
        for name, (predict, part) in contestants.items():
            start = time.process_time()
            predict(part)
            if number:  # the first round warms up
                seconds[name].append((time.process_time() - start) / len(part))
    lines = [
        "| contestant | comments per CPU-second (median) | " + " | ".join(f"times {name}" for name in baselines) + " |",
        "|---|---|" + "---|" * len(baselines),
    ]
    for name, own in seconds.items():
        cells = [f"{1 / statistics.median(own):,.0f}"]
        for baseline in baselines:
            ratios = [first / second for first, second in zip(seconds[baseline], own, strict=True)]
            cells.append(f"{statistics.median(ratios):.1f} ({min(ratios):.1f}-{max(ratios):.1f})")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return lines


def slices(predict: Callable[[Sequence[str]], object], unseen: list[str]) -> Callable[[Sequence[str]], object]:
    """`predict` on another slice of `unseen` at each call, so that no text is ever seen twice."""
    place = 0

    def next_slice(part: Sequence[str]) -> object:
        nonlocal place
        place += len(part)
        return predict(unseen[place - len(part) : place])

    return next_slice


@click.command()
@click.option("--data", required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--rounds", default=7, show_default=True)
def main(data: Path, rounds: int) -> None:
    """Print two tables of rates and ratios."""
    texts = read_texts(data, 190, 560)
    seen, unseen = texts[: len(texts) // 2], texts[len(texts) // 2 :]
    unseen, others = unseen[: len(unseen) // 2], unseen[len(unseen) // 2 :]
    size = len(unseen) // (rounds + 1)
    vocabulary = discover(seen, Settings(min_df=3, max_words=130_000, max_chars=200_000))
    model = make_model(vocabulary)
    kernel = model.load_kernel()
    kernel.score(seen, np.zeros((len(seen), TARGETS), np.uint8))
    cache, _ = kernel._own()
    union, heads = make_union(vocabulary, None), make_heads(vocabulary, TARGETS)
    twin = make_union(vocabulary, lambda text: normalise(text).text)
    part, few = unseen[:size], unseen[:400]
    named = sum(bool(found.stance) for found in score(part, model)) / len(part)

    def run_kernel(texts: Sequence[str]) -> object:
        return kernel.score(texts, np.zeros((len(texts), TARGETS), np.uint8))

    plain = "scikit-learn, 2 heads + 15 targets"
    same = "scikit-learn with our normalise (same numbers)"
    limit = make_limit(kernel, part)
    before = int(cache.fill[0])
    lines = measure(
        {
            plain: (make_pipeline(union, heads), few),
            same: (make_pipeline(twin, heads), few[:200]),
            "scikit-learn, 2 heads alone, one matrix": (make_matrix_pipeline(union, vocabulary), few),
            "kernel, 2 heads + stances named": (slices(run_kernel, unseen), part),
            "kernel, 2 heads + all 15 stances each": (
                lambda texts: kernel.score(texts, np.ones((len(texts), TARGETS), np.uint8)),
                part[:1000],
            ),
            "moderation.score, stances named": (slices(lambda part: list(score(part, model)), others), part),
            "limit of the plan": (limit, part),
        },
        rounds,
        (plain, same),
    )
    mean = statistics.mean(map(len, unseen))
    click.echo(f"{platform.platform()}, Python {platform.python_version()}, numpy {np.__version__}, ", nl=False)
    click.echo(f"numba {numba.__version__}, scikit-learn {sklearn.__version__}\n")
    click.echo(
        f"{len(vocabulary):,} features, {rounds} rounds of {size:,} unseen comments of {mean:.0f} characters, "
        f"{named:.0%} of them name a target, {(int(cache.fill[0]) - before) / 2 / len(unseen):.1f} new pieces each\n"
    )
    click.echo("\n".join(lines))
    short = read_texts(data, 85, 135)[:4000]
    run_kernel(short[2000:])
    rivals = make_rivals(seen[:5000])
    contestants = {name: (predict, short[:2000]) for name, predict in rivals.items()}
    contestants["kernel, 2 heads + stances named"] = (run_kernel, short[:2000])
    contestants["moderation.score, stances named"] = (lambda part: list(score(part, model)), short[:2000])
    baseline = next((name for name in rivals if name.startswith("alt")), next(iter(rivals)))
    mean = statistics.mean(map(len, short[:2000]))
    click.echo(f"\n2,000 comments of {mean:.0f} characters, scored again in each round by all\n")
    click.echo("\n".join(measure(contestants, rounds, (baseline,))))


if __name__ == "__main__":
    main()
