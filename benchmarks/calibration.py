"""Calibration error on public sets, each taken for a site: as the model comes, and after each way of adapting it.

    python benchmarks/calibration.py --data DIR [--model DIR] [--share 0.1] [--limit 5000] [--draws 5] [--others] [--json]

DIR holds CSV files in the columns of labels.csv, in any depth, one per set. A hash of the text and the draw splits each set in
halves: the model is adapted on one and measured on the other; figures are means over the draws. "known share" and "labels" are what
`moderation adapt` does with comments and their true share of positives, and with 20, 50 or 200 labels. "estimated share" takes the share
from the comments alone (expectation maximisation, Saerens, Latinne and Decaestecker 2002), "held" lets it move the log-odds by 0.5 at
most: methods that were left out because of these figures. "floor" is the error that a perfectly calibrated model would show on as many
rows, for with few rows it is never zero.

`--share` thins every set to that share of positives, as on a site where most comments are harmless. With `--others` the model's
slope and offset are first fitted to all other sets of the head, a thousand rows of each. A model folder may hold {set}, for models
that were each trained without one set.
"""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import click
import numpy as np
import numpy.typing as npt

import moderation
from moderation.errors import ModelError
from moderation.learning import labels
from moderation.learning.metrics import calibration_error
from moderation.learning.recalibration import Change, log_odds, logistic, refit, shift_to

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

WAYS = ("before", "known share", "20 labels", "50 labels", "200 labels", "estimated share", "held", "floor")
LABELS = (20, 50, 200)


class Rows(NamedTuple):
    """One set for one head: texts [n], calibrated logits [n], judgements [n]."""

    name: str
    head: str
    texts: list[str]
    logits: Floats
    y: Ints
    base: float


def draw_numbers(texts: list[str], salt: str) -> Floats:
    """For each text a number from 0 to 1 that depends on the text and the salt alone."""
    digests = (hashlib.sha256(f"{salt} {text}".encode("utf-8", "surrogatepass")).digest() for text in texts)
    return np.array([int.from_bytes(digest[:6], "big") / (1 << 48) for digest in digests])


def read_sets(data: Path, model: str | None, limit: int, share: float | None) -> Iterator[Rows]:
    own = Path(__file__).parents[1] / "labels.csv"
    known = {row.text for row in labels.read(own)} if own.exists() else set()
    loaded = None
    for path in sorted(data.rglob("*.csv")):
        if loaded is None or (model and "{set}" in model):
            try:
                loaded = moderation.load(model and model.format(set=path.stem))
            except ModelError as error:
                click.echo(f"{path.stem}: left out: {error}", err=True)
                continue
        found = [row for row in labels.scan(path) if isinstance(row, labels.Label) and row.text not in known]
        for column, head in enumerate(loaded.model.heads):
            judged = {row.text: row.judged(head.name) for row in found if row.judged(head.name) is not None}
            texts = thin(judged, share) if share else list(judged)
            texts = texts[:: max(1, -(-len(texts) // limit))]
            y = np.array([judged[text] for text in texts], np.int64)
            if 2 * max(LABELS) <= len(y) and 0 < y.sum() < len(y):
                sums = loaded.load_kernel().score(texts, np.zeros((len(texts), len(loaded.targets)), np.uint8)).logits
                logits = head.slope * (sums[:, column] + head.intercept) + head.offset
                yield Rows(path.stem, head.name, texts, logits, y, trained_share(loaded, head.name))


def trained_share(model: moderation.Classifier, head: str) -> float:
    figures = model.model.about["metrics"][head]
    return float(figures["positives"] / figures["n"])


def thin(judged: dict[str, int | None], share: float) -> list[str]:
    """Texts of which about `share` are positive: the class of which there are too many is thinned by a hash of the text."""
    positives = sum(1 for value in judged.values() if value)
    negatives = len(judged) - positives
    keep = {1: 1.0, 0: 1.0}
    if positives and negatives:
        odds = share / (1 - share) * negatives / positives
        keep = {1: min(1.0, odds), 0: min(1.0, 1 / odds)}
    numbers = draw_numbers(list(judged), "thin")
    return [text for (text, value), number in zip(judged.items(), numbers, strict=True) if number < keep[value or 0]]


def estimate_share(logits: Floats, base: float) -> float:
    """The share of positives among unlabelled comments, of a model that is calibrated to the share `base`."""
    odds = np.exp(np.clip(logits, -30, 30)) * (1 - base) / base
    share = base
    for _ in range(1000):
        raised = odds * share / (1 - share)
        share, before = min(max(float(np.mean(raised / (1 + raised))), 1e-6), 1 - 1e-6), share
        if abs(share - before) < 1e-7:
            break
    return share


def measure(rows: Rows, draw: int) -> list[float]:
    """Calibration errors on one half, in the order of WAYS, adapted on the other."""
    order = draw_numbers(rows.texts, f"draw {draw}")
    first = order < 0.5
    ranked = np.argsort(order)[: int(first.sum())]
    logits, y = rows.logits[~first], rows.y[~first]
    site, judged = rows.logits[ranked], rows.y[ranked]
    estimated = log_odds(estimate_share(site, rows.base)) - log_odds(rows.base)
    changes = [
        Change(1.0, 0.0),
        shift_to(site, float(min(max(judged.mean(), 0.001), 0.999))),
        *(refit(site[:n], judged[:n]) for n in LABELS),
        Change(1.0, estimated),
        Change(1.0, min(max(estimated, -0.5), 0.5)),
    ]
    errors = [calibration_error(logistic(slope * logits + offset), y) for slope, offset in changes]
    slope, offset = refit(rows.logits, rows.y)
    truth = logistic(slope * logits + offset)
    random = np.random.default_rng(draw)
    drawn = (random.random((10, len(truth))) < truth).astype(np.int64)
    return [*errors, float(np.mean([calibration_error(truth, labels_drawn) for labels_drawn in drawn]))]


def fit_to_others(found: list[Rows]) -> Iterator[Rows]:
    """Each set with logits as a model gives them that was calibrated on the other sets of the same head."""
    for rows in found:
        others = [other for other in found if other.head == rows.head and other.name != rows.name]
        if not others:
            continue
        steps = [max(1, len(other.y) // 1000) for other in others]
        logits = np.concatenate([other.logits[::step][:1000] for other, step in zip(others, steps, strict=True)])
        y = np.concatenate([other.y[::step][:1000] for other, step in zip(others, steps, strict=True)])
        slope, offset = refit(logits, y)
        yield rows._replace(logits=slope * rows.logits + offset, base=float(y.mean()))


@click.command()
@click.option("--data", required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--model", help="Model folder; it may hold {set}.")
@click.option("--share", type=click.FloatRange(0, 1, min_open=True, max_open=True), help="Thin each set to this share.")
@click.option("--limit", default=5000, show_default=True, help="Rows of each set, evenly spaced.")
@click.option("--draws", default=5, show_default=True)
@click.option("--others", is_flag=True, help="Calibrate on the other sets first.")
@click.option("--json", "as_json", is_flag=True)
def main(
    data: Path, model: str | None, share: float | None, limit: int, draws: int, others: bool, as_json: bool
) -> None:
    """Print a table of expected calibration errors (15 bins), or JSON."""
    found = list(read_sets(data, model, limit, share))
    if others:
        found = list(fit_to_others(found))
    figures = {rows[:2]: np.mean([measure(rows, draw) for draw in range(draws)], axis=0) for rows in found}
    if as_json:
        plain = [
            {"set": name, "head": head, **dict(zip(WAYS, map(float, row), strict=True))}
            for (name, head), row in figures.items()
        ]
        click.echo(json.dumps(plain, indent=1))
        return
    click.echo(f"| set | head | rows | positives | {' | '.join(WAYS)} |\n|---|---|{'---|' * (len(WAYS) + 2)}")
    for rows in found:
        shown = " | ".join(f"{value:.3f}" for value in figures[rows[:2]])
        click.echo(f"| {rows.name} | {rows.head} | {len(rows.y)} | {rows.y.mean():.3f} | {shown} |")
    for head in dict.fromkeys(rows.head for rows in found):
        own = [figures[rows[:2]] for rows in found if rows.head == head]
        shown = " | ".join(f"{value:.3f}" for value in np.mean(own, axis=0))
        click.echo(f"| mean of {len(own)} | {head} | | | {shown} |")
    sites = np.array([refit(rows.logits, rows.y) for rows in found])
    spread = np.sqrt(np.mean((sites - [1.0, 0.0]) ** 2, axis=0))
    click.echo(
        f"\nFitted to all labels of a set, slopes lie {spread[0]:.2f} from 1 and offsets {spread[1]:.2f} from 0 (root mean square); "
        f"mean slope {sites[:, 0].mean():.2f}."
    )


if __name__ == "__main__":
    main()
