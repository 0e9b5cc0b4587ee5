"""Leave one source out: how well the shipped recipe, and plainer ones, do on comments from a source that was not trained on.

    python benchmarks/quality.py --data DIR [--model models/default] [--half report|tune] [--json]

DIR holds CSV files in the columns of labels.csv, in any depth, one per set (docs/benchmarks.md says where each comes from).
Which sets teach a head, and with what factor, is read from the model; a set that does is left out of the fit that scores it. Every set is
halved by a hash of its texts: decisions were made on the half `tune`, figures are reported on the other.
Recipes: the shipped one; the same without word vectors (plain TF-IDF + logistic regression on the balanced pool); the same
rows without balancing either. Beside them alt-profanity-check, where it is installed. Vocabulary and vectors have seen the texts of
the pool, never the labels of a source left out; sets outside the pool were not seen at all, and their mean is the cleanest figure.
"""

import csv
import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import click
import numpy as np
import numpy.typing as npt
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold

import moderation
from moderation.features.discovery import discover, normalise_many
from moderation.features.kernel import Kernel
from moderation.features.vocabulary import Vocabulary
from moderation.learning import labels
from moderation.learning.fitting import Inputs, fit_binary, project, to_values
from moderation.learning.labels import Label
from moderation.learning.pool import Pool, Task
from moderation.learning.train import STRENGTH
from moderation.learning.vectors import learn_vectors

Floats = npt.NDArray[np.float64]
SUBREDDITS = "psycomark"
"""The set whose column `fine` names the subreddit: it is also cut into folds of whole subreddits."""

MADE_FOR = ("jigsaw_wiki", "davidson")
"""Sets that alt-profanity-check was trained on."""


class Bench(NamedTuple):
    """The pool, its inputs with and without vectors, the vocabulary for further texts, and the sets whose texts were seen."""

    pool: Pool
    smooth: Inputs
    plain: Inputs
    vocabulary: Vocabulary
    seen: frozenset[str]

    def read(self, texts: Sequence[str]) -> Any:
        kernel = Kernel(self.vocabulary, np.zeros((len(self.vocabulary), 0), np.float32))
        return to_values(kernel.count(texts), self.vocabulary)


def read_sets(folder: Path) -> dict[str, list[Label]]:
    """All readable sets by name; rows that use another label set are left out."""
    csv.field_size_limit(1 << 26)
    sets = {}
    for path in sorted(folder.rglob("*.csv")):
        rows = [row for row in labels.scan(path) if isinstance(row, Label) and row.text.strip()]
        if rows:
            sets[path.stem] = list({row.text: row for row in rows}.values())
    return sets


def in_half(text: str, half: str) -> bool:
    normalised = moderation.text.normalise(text).text
    return (hashlib.sha256(normalised.encode("utf-8", "surrogatepass")).digest()[0] & 1) == (half == "report")


def prepare(own: Path, sets: dict[str, list[Label]], factors: dict[str, float], settings: Any) -> Bench:
    rows = labels.read(own)
    added = [row for name in factors for row in sets.get(name, [])]
    pool = Pool([*rows, *added], {row.file: factors[Path(row.file).stem] for row in added})
    vocabulary = discover(pool.texts + pool.unjudged, settings)
    kernel = Kernel(vocabulary, np.zeros((len(vocabulary), 0), np.float32))
    values = to_values(kernel.count(pool.texts), vocabulary)
    smooth = project(values, learn_vectors(normalise_many(pool.texts + pool.unjudged), vocabulary))
    plain = Inputs(values, smooth.vectors[:, :0], smooth.shadows[:, :0])
    return Bench(pool, smooth, plain, vocabulary, frozenset(factors))


def naive_weights(task: Task) -> Floats:
    """What pooling without a thought does: every row counts the same, classes balanced over the whole pool."""
    positives = task.y.mean()
    return np.where(task.y == 1, 0.5 / positives, 0.5 / (1 - positives))


def recipes(bench: Bench) -> dict[str, tuple[Inputs, Callable[[Task], Floats]]]:
    return {
        "shipped recipe": (bench.smooth, lambda task: task.weights),
        "without word vectors": (bench.plain, lambda task: task.weights),
        "nor balancing": (bench.plain, naive_weights),
    }


def leave_out(bench: Bench, task: Task, inputs: Inputs, weights: Floats, source: str) -> Floats:
    """Weights (with the intercept last) of a fit on all rows of the task but those of `source` and their doubles."""
    held = task.sources == source
    kept = ~held & ~np.isin(task.groups, task.groups[held])
    return fit_rows(inputs, task, weights, np.flatnonzero(kept))


def fit_rows(inputs: Inputs, task: Task, weights: Floats, rows: npt.NDArray[np.int64]) -> Floats:
    part = weights[rows] / weights[rows].mean()
    fit = fit_binary(inputs.take(task.places[rows]), task.y[rows], part, STRENGTH)
    return np.append(fit.weights, fit.intercept)


def measure_head(bench: Bench, sets: dict[str, list[Label]], head: str, half: str) -> dict[str, dict[str, Any]]:
    """ROC AUC of every recipe on every set that judges `head`."""
    task = bench.pool.assemble(head)
    assert task is not None
    report: dict[str, dict[str, Any]] = {}
    for recipe, (inputs, weigh) in recipes(bench).items():
        weights = weigh(task)
        whole: Floats | None = None
        for name, rows in judged_sets(sets, head):
            tried = [row for row in rows if in_half(row.text, half)]
            y = np.array([row.judged(head) for row in tried])
            if len(set(y.tolist())) < 2:
                continue
            if name in task.sources:
                fitted = leave_out(bench, task, inputs, weights, name)
            else:
                whole = fit_rows(inputs, task, weights, np.arange(len(task.y))) if whole is None else whole
                fitted = whole
            logits = bench.read([row.text for row in tried]) @ fitted[:-1] + fitted[-1]
            entry = report.setdefault(name, {"n": len(y), "positives": int(y.sum()), "in pool": name in bench.seen})
            entry[recipe] = float(roc_auc_score(y, logits))
            if recipe == "shipped recipe":
                entry["interval"] = bootstrap(y, logits)
                if head == "hostile":
                    entry["alt-profanity-check"] = rival([row.text for row in tried], y)
            click.echo(f"{recipe} on {name}: {entry[recipe]:.3f}", err=True)
    return report


def judged_sets(sets: dict[str, list[Label]], head: str) -> Iterator[tuple[str, list[Label]]]:
    for name, rows in sets.items():
        judged = [row for row in rows if row.judged(head) is not None]
        if judged:
            yield name, judged


def bootstrap(y: npt.NDArray[np.int64], logits: Floats, rounds: int = 200) -> list[float]:
    """95 % percentile interval of ROC AUC over resampled rows."""
    random = np.random.default_rng(0)
    found = []
    for _ in range(rounds):
        rows = random.integers(0, len(y), len(y))
        if 0 < y[rows].sum() < len(y):
            found.append(float(roc_auc_score(y[rows], logits[rows])))
    return [float(np.percentile(found, q)) for q in (2.5, 97.5)]


def rival(texts: list[str], y: npt.NDArray[np.int64]) -> float | None:
    try:
        from profanity_check import predict_prob
    except ImportError:
        return None
    return float(roc_auc_score(y, predict_prob(texts)))


def by_subreddit(bench: Bench, rows: list[Label], half: str) -> dict[str, float]:
    """ROC AUC of the conspiracy recipes on whole subreddits that were left out, five folds."""
    task = bench.pool.assemble("conspiracy")
    assert task is not None
    community = {row.text: row.extra.get("fine", "") for row in rows}
    own = np.flatnonzero(task.sources == SUBREDDITS)
    texts = [bench.pool.texts[place] for place in task.places]
    groups = [community.get(texts[row], "") for row in own]
    tried = np.array([in_half(texts[row], half) for row in own])
    report = {}
    for recipe, (inputs, weigh) in recipes(bench).items():
        logits = np.zeros(len(own))
        for _, test in GroupKFold(5).split(own, groups=groups):
            kept = np.setdiff1d(np.arange(len(task.y)), own[test])
            fitted = fit_rows(inputs, task, weigh(task), kept)
            logits[test] = inputs.values[task.places[own[test]]] @ fitted[:-1]
        report[recipe] = float(roc_auc_score(task.y[own][tried], logits[tried]))
    return report


def show(head: str, report: dict[str, dict[str, Any]]) -> None:
    names = ["shipped recipe", "without word vectors", "nor balancing", "alt-profanity-check"]
    names = [name for name in names if any(entry.get(name) for entry in report.values())]
    click.echo(f"\n{head}: ROC AUC on a source left out (* outside the pool); a majority answer has .500\n")
    click.echo("| set | rows | positives | " + " | ".join(names) + " |\n|---|---|---|" + "---|" * len(names))
    for name, entry in report.items():
        low, high = entry["interval"]
        cells = [f"{entry[column]:.3f}" for column in names]
        cells[0] += f" ({low:.3f}-{high:.3f})"
        click.echo(
            f"| {name}{'' if entry['in pool'] else ' *'} | {entry['n']} | {entry['positives']} | {' | '.join(cells)} |"
        )
    for title, part in means(report).items():
        cells = [f"{np.mean([entry[column] for entry in part]):.3f}" for column in names]
        click.echo(f"| **mean of {title} ({len(part)})** | | | {' | '.join(cells)} |")


def means(report: dict[str, dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    parts = {
        "all sets": list(report.values()),
        "sets that alt-profanity-check was not made for": [
            entry for name, entry in report.items() if name not in MADE_FOR
        ],
        "sets outside the pool": [
            entry for name, entry in report.items() if not entry["in pool"] and name not in MADE_FOR
        ],
    }
    return {title: part for title, part in parts.items() if part}


@click.command()
@click.option("--data", required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--model", type=click.Path(path_type=Path), help="Its sources and settings are used, not its weights.")
@click.option("--half", type=click.Choice(["report", "tune"]), default="report", show_default=True)
@click.option("--head", "heads", multiple=True, default=("hostile", "conspiracy"), show_default=True)
@click.option("--json", "as_json", is_flag=True)
def main(data: Path, model: Path | None, half: str, heads: tuple[str, ...], as_json: bool) -> None:
    """Print tables, or JSON."""
    shipped = moderation.load(model).model
    factors = {Path(entry["file"]).stem: entry["factor"] for entry in shipped.about["data"] if "factor" in entry}
    sets = read_sets(data)
    own = Path(__file__).parents[1] / "labels.csv"
    bench = prepare(own, sets, factors, shipped.vocabulary.settings)
    reports = {head: measure_head(bench, sets, head, half) for head in heads}
    communities = by_subreddit(bench, sets[SUBREDDITS], half) if SUBREDDITS in factors and "conspiracy" in heads else {}
    if as_json:
        click.echo(json.dumps({**reports, "subreddits": communities}, indent=1))
        return
    for head, report in reports.items():
        show(head, report)
    for recipe, area in communities.items():
        click.echo(f"\n{SUBREDDITS}, whole subreddits left out, {recipe}: {area:.3f}")


if __name__ == "__main__":
    main()
