"""Measure a label file: what it holds, whether it transfers, whether it reads like real comments, what it repeats, who agrees.

    python benchmarks/labels.py [PIECE ...] [--data DIR] [--labels labels.csv] [--limit 1500] [--json]

The pieces, all of them unless some are named: counts, agreement, repetition (these need no data), profile, realism, transfer, curve.
DIR holds CSV files in the columns of labels.csv, one per public set, in any depth; where they come from is listed in
docs/benchmarks.md. Every text of a set falls into one of two halves by a hash: figures are reported on one, rival models learn from
the other.
"""

import itertools
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import mean
from typing import Any

import click
import makeup
import realism
import repetition
import sets
import transfer

from moderation.learning import labels
from moderation.learning.labels import Label

ROOT = Path(__file__).resolve().parents[1]
GIVEAWAYS = 20
THREADS = ("haacked_blog", "iac_4forums")
"""Files of threads, which keep the paragraphs that the sets have lost."""


class Job:
    """What a piece may use: the rows, their different comments, the folder of public sets, and how many rows of each."""

    def __init__(self, rows: list[Label], data: Path | None, limit: int) -> None:
        self.rows, self.limit = makeup.comments_of(rows), limit
        self.all_rows = rows
        self.texts = list(dict.fromkeys(row.text for row in self.rows))
        self._data = data

    @property
    def data(self) -> Path:
        """The folder of public sets; ends the run where none was named."""
        if self._data is None:
            raise click.UsageError("this piece compares with public sets: name their folder with --data")
        return self._data

    def real(self) -> dict[str, list[str]]:
        """Real comments by source, `limit` of each at most."""
        paths = sets.find_sets(self.data)
        return {name: sets.read_comments(paths[name], self.limit) for name in sets.REAL if name in paths}


def counts(job: Job) -> dict[str, Any]:
    return makeup.count(job.all_rows)


def agreement(job: Job) -> dict[str, Any]:
    return dict(makeup.agreement(ROOT / "docs" / "agreement.csv"))


def repeats(job: Job) -> dict[str, Any]:
    pairs = repetition.near_duplicates(job.texts)
    alike = {text for _, first, second in pairs for text in (first, second)}
    return {
        "texts": len(job.texts),
        "exact": repetition.exact_repeats([(row.text, row.target) for row in job.rows]),
        "alike": len(alike),
        "share": len(alike) / len(job.texts),
        "sharing eight words": repetition.sharing_runs(job.texts),
        "pairs": pairs,
        "frames": repetition.common_frames(job.texts),
    }


def profile(job: Job) -> dict[str, Any]:
    columns = {"labels": makeup.profile(job.texts)}
    columns |= {name: makeup.profile(texts) for name, texts in job.real().items()}
    for name in THREADS:
        for path in job.data.rglob(f"{name}.jsonl"):
            columns[name] = makeup.profile(sets.read_threads(path, job.limit))
    for name in set(columns) & set(sets.REAL):
        columns[name]["several paragraphs"] = float("nan")  # the sets came with white space folded
    return columns


def manner(job: Job) -> dict[str, Any]:
    real = job.real()
    matched = {name: realism.match_lengths(job.texts, texts, job.limit) for name, texts in real.items()}
    pairs = {
        f"{first} / {second}": realism.match_lengths(real[first], real[second], job.limit)
        for first, second in itertools.combinations(real, 2)
    }
    share = min(map(len, real.values()))
    pooled = realism.match_lengths(
        job.texts, [text for texts in real.values() for text in texts[:share]], 2 * job.limit
    )
    return {
        "rows / one source": {name: [len(a), realism.auc(a, b)] for name, (a, b) in matched.items()},
        "two sources": {name: [len(a), realism.auc(a, b)] for name, (a, b) in pairs.items()},
        "one source / the others": {
            name: realism.auc(
                *realism.match_lengths(
                    real[name], [text for other in real if other != name for text in real[other][:share]], job.limit
                )
            )
            for name in real
        },
        "rows / all sources": [len(pooled[0]), realism.auc(*pooled)],
        "giveaways": realism.giveaways(*pooled, GIVEAWAYS),
    }


def moved(job: Job) -> dict[str, Any]:
    return transfer.compare(job.rows, job.data, job.limit)


def curve(job: Job) -> dict[str, Any]:
    return {"points": transfer.learning_curve(job.rows, job.data, job.limit)}


# ---------------------------------------------------------------- tables


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a Markdown table; floats with three decimals."""
    click.echo("| " + " | ".join(head) + " |")
    click.echo("|" + "---|" * len(head))
    for row in rows:
        click.echo("| " + " | ".join(cell(value) for value in row) + " |")


def cell(value: object) -> str:
    """A table cell: `-` for nothing and for not-a-number."""
    if value is None or value != value:
        return "-"
    return f"{value:.3f}" if isinstance(value, float) else str(value).replace("|", "\\|").replace("\n", " / ")


def show_counts(report: dict[str, Any]) -> None:
    plain = ("rows", "texts", "threads", "comments in threads", "articles", "neither", "different kinds")
    click.echo(", ".join(f"{name}: {report[name]:,}" for name in plain) + "\n")
    table(["column", "yes", "no", "empty"], [[head, *report[head].values()] for head in transfer.HEADS])
    click.echo()
    sides = ("favor", "against", "neutral")
    stances = report["stance"].items()
    rows = [[name, *(found.get(side, 0) for side in sides), sum(found.values())] for name, found in stances]
    table(["target", *sides, "all"], [*rows, ["all", *(sum(row[at] for row in rows) for at in range(1, 5))]])


def show_agreement(report: dict[str, Any]) -> None:
    names = ("n", "equal", "kappa", "one empty", "changed")
    table(["column", "judged by both", *names[1:]], [[c, *(report[c][n] for n in names)] for c in sorted(report)])


def show_repeats(report: dict[str, Any]) -> None:
    click.echo(f"{report['exact']} exact repeats; {report['alike']} of {report['texts']:,} comments ", nl=False)
    click.echo(f"({report['share']:.2%}) have a near-duplicate; ", nl=False)
    click.echo(f"{report['sharing eight words']} share a run of eight words with another.\n")
    table(["similarity", "one", "other"], report["pairs"])
    click.echo()
    table(["sentence frame", "comments"], report["frames"])


def show_profile(report: dict[str, Any]) -> None:
    table(["", *report], [[name, *(f"{report[c][name]:.0f}" for c in report)] for name in report["labels"]])


def show_manner(report: dict[str, Any]) -> None:
    two = [auc for _, auc in report["two sources"].values()]
    ours = [auc for _, auc in report["rows / one source"].values()]
    rest = report["one source / the others"]
    click.echo(f"rows / one real source: mean {mean(ours):.3f} ({min(ours):.3f} to {max(ours):.3f}); ", nl=False)
    click.echo(f"two real sources: mean {mean(two):.3f} ({min(two):.3f} to {max(two):.3f})\n")
    click.echo(f"rows / all real sources: {report['rows / all sources'][1]:.3f}; ", nl=False)
    click.echo(f"one real source / the others: mean {mean(rest.values()):.3f}\n")
    table(
        ["source", "pairs of equal length", "rows / source", "source / the other sources"],
        [[name, n, auc, rest[name]] for name, (n, auc) in report["rows / one source"].items()],
    )
    click.echo()
    table(["two real sources", "pairs", "ROC AUC"], [[name, *found] for name, found in report["two sources"].items()])
    click.echo()
    names = ("feature", "weight", "rows", "real")
    table(
        ["feature", "weight", "share of rows", "of real"],
        [[f"`{g['feature']}`", *(g[n] for n in names[1:])] for g in report["giveaways"]],
    )


def show_transfer(report: dict[str, Any]) -> None:
    found, trained = report["sets"], report["trained"]
    names = ("rows", *transfer.HEADS)
    table(["model", "rows", "hostile", "conspiracy"], [[key, *(n[c] for c in names)] for key, n in trained.items()])
    click.echo()
    for head, names in (("hostile", ("own", "hostile")), ("conspiracy", ("own", "fewer", "conspiracy"))):
        rows = []
        for name, figures in found.items():
            if head in figures["own"]:
                own = figures["own"][head]
                aucs = [figures[model][head]["roc_auc"] for model in names]
                f1s = [figures[model][head]["macro_f1"] for model in names]
                mark = " *" if name in transfer.AKIN[head] else ""
                rows.append([name + mark, own["n"], own["positives"], *aucs, *f1s, own["majority"]["macro_f1"]])
        for label, foreign in (("mean", False), ("mean without *", True)):
            means = [transfer.mean_auc(found, model, head, foreign=foreign) for model in names]
            rows.append([label, "", "", *means, *[""] * (len(names) + 1)])
        table(["set", "rows", "positives", *(f"AUC {n}" for n in names), *(f"F1 {n}" for n in names), "majority"], rows)
        click.echo()
    rows = []
    for name, figures in found.items():
        for head in transfer.HEADS:
            if head not in figures["own"]:
                shares = [figures[model]["flagged"][head] for model in ("own", head)]
                rows.append([name, head, figures["rows"], *shares])
    for head in transfer.HEADS:
        own = [row for row in rows if row[1] == head]
        rows.append(["mean", head, "", mean(row[3] for row in own), mean(row[4] for row in own)])
    table(["set that does not judge the head", "head", "rows", "flagged by own", "by the rival"], rows)


def show_curve(report: dict[str, Any]) -> None:
    table(list(report["points"][0]), [list(point.values()) for point in report["points"]])


PIECES: dict[str, tuple[Callable[[Job], dict[str, Any]], Callable[[dict[str, Any]], None]]] = {
    "counts": (counts, show_counts),
    "agreement": (agreement, show_agreement),
    "repetition": (repeats, show_repeats),
    "profile": (profile, show_profile),
    "realism": (manner, show_manner),
    "transfer": (moved, show_transfer),
    "curve": (curve, show_curve),
}


@click.command()
@click.argument("pieces", nargs=-1, type=click.Choice(list(PIECES)))
@click.option("--data", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Folder of public sets.")
@click.option("--labels", "path", default=ROOT / "labels.csv", type=click.Path(exists=True, path_type=Path))
@click.option("--limit", default=1500, show_default=True, help="Rows of each public set.")
@click.option("--json", "as_json", is_flag=True, help="Everything that was measured, instead of tables.")
def main(pieces: tuple[str, ...], data: Path | None, path: Path, limit: int, as_json: bool) -> None:
    """Print a table for each of PIECES, or for all of them; the seconds that each took go to standard error."""
    job = Job(labels.read(path), data, limit)
    reports = {}
    for name in pieces or PIECES:
        start = time.perf_counter()
        measure, show = PIECES[name]
        reports[name] = measure(job)
        print(f"{name}: {time.perf_counter() - start:.0f} s", file=sys.stderr)
        if not as_json:
            click.echo(f"## {name}\n")
            show(reports[name])
            click.echo()
    if as_json:
        click.echo(json.dumps(reports, indent=1))


if __name__ == "__main__":
    main()
