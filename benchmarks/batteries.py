"""What the model makes of three batteries of written sentences: disguised insults, innocent look-alikes, and sentences about identities.

    python benchmarks/batteries.py [--model DIR] [--failures] [--json]

The batteries (tests/data/batteries) were written by someone who had not seen the code. A disguised insult counts as caught when it is
flagged and its plain form is flagged too; "decided by it" counts only those whose sentence is not flagged once the disguised words are
taken out, so that the rest of the sentence cannot do the work. tests/quality holds the shipped model to these shares.
"""

import csv
import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import click

import moderation

BATTERIES = Path(__file__).parents[1] / "tests" / "data" / "batteries"

Flagger = Callable[[Sequence[str]], list[tuple[str, ...]]]
"""From texts to the names of the heads that flag each."""


class Disguise(NamedTuple):
    way: str
    text: str
    plain_flagged: bool
    flagged: bool
    decided: bool


class Innocent(NamedTuple):
    kind: str
    text: str
    flags: tuple[str, ...]


class Identity(NamedTuple):
    group: str
    tone: str
    text: str
    hostile: bool
    flagged: bool


def read(name: str) -> list[dict[str, str]]:
    with (BATTERIES / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def flag_with(model: moderation.Classifier) -> Flagger:
    return lambda texts: [score.flags for score in model.score_many(texts)]


def without_insult(plain: str, disguised: str) -> str:
    """The plain sentence without the words that the disguised one lacks."""
    spare = Counter(disguised.split())
    kept = []
    for word in plain.split():
        if spare[word]:
            spare[word] -= 1
            kept.append(word)
    return " ".join(kept)


def try_disguises(flag: Flagger) -> list[Disguise]:
    rows = read("disguises")
    disguised = flag([row["text"] for row in rows])
    plain = flag([row["plain"] for row in rows])
    bare = flag([without_insult(row["plain"], row["text"]) for row in rows])
    return [
        Disguise(row["way"], row["text"], "hostile" in b, "hostile" in a, "hostile" not in c)
        for row, a, b, c in zip(rows, disguised, plain, bare, strict=True)
    ]


def try_innocents(flag: Flagger) -> list[Innocent]:
    rows = read("innocents")
    return [
        Innocent(row["kind"], row["text"], flags)
        for row, flags in zip(rows, flag([row["text"] for row in rows]), strict=True)
    ]


def try_identities(flag: Flagger) -> list[Identity]:
    rows = read("identity")
    return [
        Identity(row["group"], row["tone"], row["text"], row["hostile"] == "1", "hostile" in flags)
        for row, flags in zip(rows, flag([row["text"] for row in rows]), strict=True)
    ]


def share(hits: Iterable[bool]) -> float:
    """The share of true ones; nan of none."""
    counted = list(hits)
    return sum(counted) / len(counted) if counted else float("nan")


def caught_share(rows: Iterable[Disguise]) -> float:
    """Of the insults flagged in plain form, the share still flagged in disguise."""
    return share(row.flagged for row in rows if row.plain_flagged)


def rival() -> Flagger | None:
    """alt-profanity-check, where it is installed."""
    try:
        from profanity_check import predict
    except ImportError:
        return None
    return lambda texts: [("hostile",) if found else () for found in predict(list(texts))]


def tabulate_disguises(rows: list[Disguise], rivals: list[Disguise]) -> list[str]:
    lines = [
        "| way | caught | of | share | decided by it | raw share | alt-profanity-check caught | of |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for way in [*dict.fromkeys(row.way for row in rows), "all"]:
        own = [row for row in rows if way in ("all", row.way)]
        plain = [row for row in own if row.plain_flagged]
        other = [row for row in rivals if way in ("all", row.way) and row.plain_flagged]
        lines.append(
            f"| {way} | {sum(row.flagged for row in plain)} | {len(plain)} | {caught_share(own):.3f} | "
            f"{caught_share(row for row in own if row.decided):.3f} | {share(row.flagged for row in own):.3f} | "
            f"{sum(row.flagged for row in other)} | {len(other)} |"
        )
    return lines


def tabulate_innocents(rows: list[Innocent], rivals: list[Innocent]) -> list[str]:
    lines = ["| kind | rows | flagged | hostile | conspiracy | alt-profanity-check |", "|---|---|---|---|---|---|"]
    for kind in [*dict.fromkeys(row.kind for row in rows), "all"]:
        own = [row for row in rows if kind in ("all", row.kind)]
        other = [row for row in rivals if kind in ("all", row.kind)]
        lines.append(
            f"| {kind} | {len(own)} | {share(bool(row.flags) for row in own):.3f} | {share('hostile' in row.flags for row in own):.3f} | "
            f"{share('conspiracy' in row.flags for row in own):.3f} | {share(bool(row.flags) for row in other):.3f} |"
        )
    return lines


def tabulate_identities(rows: list[Identity], rivals: list[Identity]) -> list[str]:
    lines = [
        "| group | neutral and positive | flagged | hostile | flagged | alt-profanity-check: flagged | flagged |",
        "|---|---|---|---|---|---|---|",
    ]
    for group in [*dict.fromkeys(row.group for row in rows), "all"]:
        own = [row for row in rows if group in ("all", row.group)]
        other = [row for row in rivals if group in ("all", row.group)]
        calm, angry = [row for row in own if not row.hostile], [row for row in own if row.hostile]
        calm_other, angry_other = (
            share(row.flagged for row in other if row.hostile == hostile) for hostile in (False, True)
        )
        lines.append(
            f"| {group} | {len(calm)} | {share(row.flagged for row in calm):.3f} | {len(angry)} | "
            f"{share(row.flagged for row in angry):.3f} | "
            f"{calm_other:.3f} | {angry_other:.3f} |"
        )
    return lines


@click.command()
@click.option("--model", type=click.Path(path_type=Path))
@click.option("--failures", is_flag=True, help="List every sentence that failed.")
@click.option("--json", "as_json", is_flag=True, help="Print the overall shares as JSON.")
def main(model: Path | None, failures: bool, as_json: bool) -> None:
    """Print the shares by way, kind and group."""
    flag, other = flag_with(moderation.load(model)), rival()
    hidden, calm, groups = try_disguises(flag), try_innocents(flag), try_identities(flag)
    if as_json:
        figures = {
            "disguises_caught": caught_share(hidden),
            "disguises_caught_where_they_decide": caught_share(row for row in hidden if row.decided),
            "innocents_flagged": share(bool(row.flags) for row in calm),
            "identities_flagged": share(row.flagged for row in groups if not row.hostile),
        }
        click.echo(json.dumps({name: round(value, 4) for name, value in figures.items()}, indent=1))
        return
    if other is None:
        click.echo("alt-profanity-check is not installed: left out", err=True)
    click.echo("\n".join(tabulate_disguises(hidden, try_disguises(other) if other else [])))
    click.echo("\n" + "\n".join(tabulate_innocents(calm, try_innocents(other) if other else [])))
    click.echo("\n" + "\n".join(tabulate_identities(groups, try_identities(other) if other else [])))
    if failures:
        missed = [f"missed ({row.way}): {row.text}" for row in hidden if row.plain_flagged and not row.flagged]
        wrong = [f"flagged {row.flags} ({row.kind}): {row.text}" for row in calm if row.flags]
        unfair = [f"flagged ({row.group}): {row.text}" for row in groups if row.flagged and not row.hostile]
        click.echo("\n" + "\n".join(missed + wrong + unfair))


if __name__ == "__main__":
    main()
