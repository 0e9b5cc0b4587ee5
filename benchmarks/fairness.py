"""Identity fairness of the hostile head: how well it tells hostile from harmless comments that mention a group, beside all others.

    python benchmarks/fairness.py --data DIR [--model DIR] [--limit 10000] [--json]

DIR holds CSV files in the columns of labels.csv, in any depth, one per set. Measures are those of Borkan et al. 2019 ("Nuanced metrics
for measuring unintended bias with real data"): subgroup AUC within the comments that mention the group; BPSN AUC between hostile
comments that do not mention it and harmless ones that do (low: mentioning the group is taken for hostility); BNSP AUC the other way
round (low: hostility towards the group is missed). Each is computed within a set that has at least 50 mentioning comments of each class,
and averaged over those sets. Below them stands the share of neutral and positive battery sentences that is flagged,
beside the share of harmless comments without any such mention. A model folder may hold {set}.
"""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import click
import numpy as np
import numpy.typing as npt
from batteries import flag_with, share, try_identities
from sklearn.metrics import roc_auc_score

import moderation
from moderation.errors import ModelError
from moderation.learning import labels

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

MIN_CLASS = 50

TERMS = {
    "women": r"wom[ae]n|females?|girls?|ladies|lady|wife|wives|moms?|mothers?|feminists?",
    "men": r"m[ae]n|males?|boys?|guys?|husbands?|dads?|fathers?|masculin\w+",
    "gay": r"gays?|homosexuals?|queers?|lgbt\w*|bisexuals?|homos?|fag\w*",
    "lesbian": r"lesbians?|dykes?|lesbos?",
    "trans": r"trans|transgender\w*|transsexuals?|trann(?:y|ies)|non-?binary",
    "muslim": r"muslims?|moslems?|islam\w*|mosques?|hijabs?|muzz?ies?|sharia",
    "jewish": r"jews?|jewish|judaism|synagogues?|rabbis?|semit\w+|antisemit\w+|zionists?|kikes?",
    "christian": r"christians?|christianity|catholics?|evangelicals?|church(?:es)?|priests?|pope",
    "black": r"blacks?|african[- ]americans?|africans?|negro(?:es)?|nigg\w+",
    "white": r"whites?|caucasians?|white ?trash|crackers?|rednecks?",
    "asian": r"asians?|chinese|japanese|koreans?|indians?|vietnamese|chinks?|pakis?",
    "latino": r"latin[oaxe]s?|hispanics?|mexicans?|mexico|spics?|beaners?",
    "arab": r"arabs?|arabic|syrians?|iraqis?|palestinians?|iranians?|saudis?",
    "immigrants": r"(?:im)?migrants?|immigrat\w+|refugees?|asylum|foreigners?|aliens?|illegals",
    "disabled": r"disab\w+|handicap\w*|wheelchairs?|autis\w+|deaf|blind|downs|retard\w*|cripples?",
    "old people": r"elderly|pensioners?|boomers?|grand(?:ma|pa|mother|father)s?|old (?:people|folks?|m[ae]n|wom[ae]n)",
}
"""Words that mention a group, neutral, positive and abusive ones, as whole words."""

PATTERNS = {group: re.compile(rf"\b(?:{terms})\b", re.IGNORECASE) for group, terms in TERMS.items()}


class Mentions(NamedTuple):
    """One set for one group: rows of each class that mention it, the three AUCs, and false-positive rates with and without a mention."""

    rows: int
    hostile: int
    subgroup: float
    bpsn: float
    bnsp: float
    overall: float
    flagged: float
    background_flagged: float


def compare(y: Bools, scores: Floats, mentions: Bools, threshold: float) -> Mentions | None:
    """The measures of one set and group; None where either class has too few comments that mention the group."""
    if min((y & mentions).sum(), (~y & mentions).sum()) < MIN_CLASS or mentions.all():
        return None

    def auc(rows: Bools) -> float:
        return float(roc_auc_score(y[rows], scores[rows])) if 0 < y[rows].sum() < rows.sum() else float("nan")

    flagged = scores >= threshold
    return Mentions(
        int(mentions.sum()),
        int((y & mentions).sum()),
        auc(mentions),
        auc((y & ~mentions) | (~y & mentions)),
        auc((~y & ~mentions) | (y & mentions)),
        auc(np.ones(len(y), bool)),
        float(flagged[~y & mentions].mean()),
        float(flagged[~y & ~mentions].mean()),
    )


def rival_scores(texts: Sequence[str]) -> Floats | None:
    """Probabilities of alt-profanity-check, where it is installed."""
    try:
        from profanity_check import predict_prob
    except ImportError:
        return None
    return np.asarray(predict_prob(list(texts)))


class Measured(NamedTuple):
    """Over all sets: measures by group, the rival's, and for each set the share of harmless comments without a mention that is flagged."""

    own: dict[str, list[Mentions]]
    rival: dict[str, list[Mentions]]
    base: dict[str, float]


def measure(data: Path, model: str | None, limit: int) -> Measured:
    labels_file = Path(__file__).parents[1] / "labels.csv"
    known = {row.text for row in labels.read(labels_file)} if labels_file.exists() else set()
    measured, loaded = Measured({}, {}, {}), None
    for path in sorted(data.rglob("*.csv")):
        found = [row for row in labels.scan(path) if isinstance(row, labels.Label) and row.text not in known]
        judged = {row.text: row.hostile for row in found if row.hostile is not None}
        texts = list(judged)[:: max(1, -(-len(judged) // limit))]
        y = np.array([judged[text] == 1 for text in texts], bool)
        if not 0 < y.sum() < len(y):
            continue
        if loaded is None or (model and "{set}" in model):
            try:
                loaded = moderation.load(model and model.format(set=path.stem))
            except ModelError as error:
                click.echo(f"{path.stem}: left out: {error}", err=True)
                continue
        threshold = next(head.threshold for head in loaded.model.heads if head.name == "hostile")
        scores = np.array([score.hostile or 0.0 for score in loaded.score_many(texts)])
        other = rival_scores(texts)
        mentions = {
            group: np.array([bool(pattern.search(text)) for text in texts]) for group, pattern in PATTERNS.items()
        }
        unmentioned = ~np.any(list(mentions.values()), axis=0) & ~y
        if unmentioned.sum() >= MIN_CLASS:
            measured.base[path.stem] = float((scores[unmentioned] >= threshold).mean())
        for group, rows in mentions.items():
            if one := compare(y, scores, rows, threshold):
                measured.own.setdefault(group, []).append(one)
                if other is not None and (two := compare(y, other, rows, 0.5)):
                    measured.rival.setdefault(group, []).append(two)
    return measured


def average(rows: Sequence[Mentions], field: str) -> float:
    return float(np.mean([getattr(row, field) for row in rows])) if rows else float("nan")


@click.command()
@click.option("--data", required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--model", help="Model folder; it may hold {set}.")
@click.option("--limit", default=10000, show_default=True, help="Rows of each set, evenly spaced.")
@click.option("--json", "as_json", is_flag=True)
def main(data: Path, model: str | None, limit: int, as_json: bool) -> None:
    """Print a table by group, or JSON with the figures of every set."""
    measured = measure(data, model, limit)
    if as_json:
        plain = {group: [row._asdict() for row in rows] for group, rows in measured.own.items()}
        click.echo(json.dumps({"groups": plain, "base": measured.base}, indent=1))
        return
    click.echo(
        "| group | sets | rows | hostile | subgroup AUC | BPSN AUC | BNSP AUC | AUC of the sets | "
        "harmless flagged | without the mention | alt-profanity-check: subgroup | BPSN | BNSP |"
    )
    click.echo("|---|---|---|---|---|---|---|---|---|---|---|---|---|")
    for group in TERMS:
        rows, others = measured.own.get(group, []), measured.rival.get(group, [])
        if rows:
            means = [average(rows, name) for name in ("subgroup", "bpsn", "bnsp", "overall", "flagged")]
            means += [average(rows, "background_flagged")]
            means += [average(others, name) for name in ("subgroup", "bpsn", "bnsp")]
            shown = " | ".join(f"{value:.3f}" for value in means)
            total, hostile = sum(row.rows for row in rows), sum(row.hostile for row in rows)
            click.echo(f"| {group} | {len(rows)} | {total:,} | {hostile:,} | {shown} |")
    if model and "{set}" in model:
        return
    battery = [row for row in try_identities(flag_with(moderation.load(model))) if not row.hostile]
    base = float(np.mean(list(measured.base.values())))
    own = share(row.flagged for row in battery)
    click.echo(
        f"\nNeutral and positive identity sentences flagged hostile: {own:.3f} of {len(battery)}; harmless comments without any of "
        f"these mentions: {base:.3f} (mean of {len(measured.base)} sets). Ratio {own / base if base else float('nan'):.2f}."
    )


if __name__ == "__main__":
    main()
