"""Check label files before training: bad rows one by one, then warnings about what makes a model poor."""

from collections import Counter
from collections.abc import Iterable
from typing import Literal

from msgspec import Struct

from moderation.errors import LabelError
from moderation.learning import labels
from moderation.learning.labels import HEADS, Label, Paths
from moderation.model.linear import MAX_ALIAS_WORDS, alias_key
from moderation.text import normalise

__all__ = ["Finding", "check"]

FEW = 50
"""Rows of a class below which a head is warned of; below 10 it is not trained at all."""

MANY = 20
"""Bad rows that are shown one by one."""


class Finding(Struct, frozen=True):
    """One line of a check."""

    level: Literal["good", "warn", "fail"]
    message: str


def check(paths: Paths) -> list[Finding]:
    """Findings about label files, in the order of the files; "fail" where training would stop."""
    files = labels.find_files(paths)
    rows: list[Label] = []
    findings: list[Finding] = []
    for path in files:
        try:
            for row in labels.scan(path):
                if isinstance(row, LabelError):
                    findings.append(Finding("fail", str(row)))
                else:
                    rows.append(row)
        except LabelError as error:
            findings.append(Finding("fail", str(error)))
    if len(findings) > MANY:
        findings[MANY:] = [Finding("fail", f"{len(findings) - MANY} more bad rows")]
    if not rows and not findings:
        findings.append(Finding("fail", f"{', '.join(map(str, files))}: no rows below the header"))
    if rows:
        findings += [*_count(rows), *_names(rows), *_contradictions(rows), *_repeats(rows)]
    if rows and not any(row.stance or row.judged(head) is not None for row in rows for head in HEADS):
        columns = ", ".join(HEADS) + " or target and stance"
        findings.append(
            Finding("fail", f"{', '.join(map(str, files))}: no row judges anything; fill the columns {columns}")
        )
    return findings


def _count(rows: list[Label]) -> Iterable[Finding]:
    yield Finding("good", f"{len(rows):,} rows can be read")
    texts = {row.text for row in rows}
    for head in HEADS:
        judged = {(row.text, row.judged(head)) for row in rows if row.judged(head) is not None}
        counts = Counter(value for _, value in judged)
        silent = len(texts - {text for text, _ in judged})
        few = min(counts[0], counts[1])
        text = f"{head}: {counts[1]:,} yes, {counts[0]:,} no, {silent:,} not judged"
        if counts[0] + counts[1] == 0:
            continue
        if few < 10:
            yield Finding("warn", f"{text}; fewer than 10 of a class: this head is left out")
        else:
            yield Finding("warn" if few < FEW else "good", text + ("; fewer than 50 of a class" if few < FEW else ""))
    for target in sorted({row.target for row in rows if row.stance}):
        stances = Counter(row.stance for row in rows if row.target == target and row.stance)
        text = f"stance toward {target}: " + ", ".join(
            f"{stances[label]} {label}" for label in ("favor", "against", "neutral")
        )
        enough = sum(count >= 10 for count in stances.values()) >= 2
        yield Finding(
            "good" if enough else "warn", text + ("" if enough else "; needs 10 rows of two labels: left out")
        )


def _names(rows: list[Label]) -> Iterable[Finding]:
    """What hides a target: another spelling of its name, names too long to be looked for, an alias of two targets."""
    yield from (Finding("fail", str(error)) for error in labels.find_respelt(rows))
    owners: dict[str, str] = {}
    for row in rows:
        for name in (row.target, *row.aliases) if row.target else ():
            if name.casefold() not in owners and not alias_key(name):
                text = f'"{name}" has more than {MAX_ALIAS_WORDS} words, so no comment is searched for it'
                yield Finding("warn", f"{text}; add a short alias, or score with --target")
            if owners.setdefault(name.casefold(), row.target) != row.target:
                owners[name.casefold()] = row.target
                yield Finding("warn", f'{row.file}, line {row.line}: "{name}" names another target as well')


def _contradictions(rows: list[Label]) -> Iterable[Finding]:
    stances: dict[tuple[str, str], Label] = {}
    for row in rows:
        earlier = stances.setdefault((row.target, row.text), row) if row.stance else row
        if earlier.stance != row.stance:
            place = f"{row.file}, line {row.line}"
            yield Finding(
                "warn",
                f"{place}: stance {row.stance} contradicts line {earlier.line} of {earlier.file}, which has the same text and target",
            )
    for head in HEADS:
        seen: dict[str, Label] = {}
        for row in rows:
            if row.judged(head) is None:
                continue
            earlier = seen.setdefault(row.text, row)
            if earlier.judged(head) != row.judged(head):
                place = f"{row.file}, line {row.line}"
                yield Finding(
                    "fail",
                    f"{place}: {head} contradicts line {earlier.line} of {earlier.file}, which has the same text",
                )


def _repeats(rows: list[Label]) -> Iterable[Finding]:
    texts = Counter((normalise(row.text).text, row.target) for row in rows)
    again = sum(count - 1 for count in texts.values())
    if again:
        yield Finding("warn", f"{again:,} rows repeat another row's text and target")
    ids = Counter(row.id for row in rows if row.id)
    for id, count in ids.items():
        if count > 1:
            yield Finding("warn", f'the id "{id}" stands on {count} rows')
