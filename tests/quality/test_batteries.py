"""The shipped model on batteries written without sight of the code: disguised insults stay insults, innocents stay innocent.

The shares are those that `python benchmarks/batteries.py` prints. A floor is lowered only with its reason in the commit.
"""

import importlib.util
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

import pytest

import moderation

DISGUISES_CAUGHT = 0.9
"""Of the insults that are flagged in plain form, the share still flagged in disguise."""

DECIDING_DISGUISES_CAUGHT = 0.75
"""The same among sentences that are flagged only because of the disguised words."""

INSULTS_FLAGGED = 0.85
"""Of the insults in plain form, so that catching no insult at all does not pass."""

INNOCENTS_FLAGGED = 0.1
"""At most this share of innocent look-alikes is flagged, by either head."""

IDENTITIES_FLAGGED = 0.05
"""At most this share of neutral and positive sentences about identities is flagged hostile."""

GROUP_FLAGGED = 0.2
"""The same for any one group (12 sentences each)."""

HOSTILE_IDENTITIES_FLAGGED = 0.8
"""Of the hostile sentences about the same identities."""


@pytest.fixture(scope="module")
def batteries() -> ModuleType:
    path = Path(__file__).parents[2] / "benchmarks" / "batteries.py"
    spec = importlib.util.spec_from_file_location("batteries", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def shipped() -> moderation.Classifier:
    return moderation.load()


def listed(texts: Iterable[str]) -> str:
    return "failed:\n" + "\n".join(f"  {text}" for text in texts)


def test_an_insult_stays_an_insult_in_disguise(batteries: ModuleType, shipped: moderation.Classifier) -> None:
    rows = batteries.try_disguises(batteries.flag_with(shipped))
    missed = [f"{row.way}: {row.text}" for row in rows if row.plain_flagged and not row.flagged]
    assert batteries.share(row.plain_flagged for row in rows) >= INSULTS_FLAGGED
    assert batteries.caught_share(rows) >= DISGUISES_CAUGHT, listed(missed)
    assert batteries.caught_share(row for row in rows if row.decided) >= DECIDING_DISGUISES_CAUGHT, listed(missed)


def test_innocents_stay_innocent(batteries: ModuleType, shipped: moderation.Classifier) -> None:
    rows = batteries.try_innocents(batteries.flag_with(shipped))
    flagged = [f"{row.kind}, {' and '.join(row.flags)}: {row.text}" for row in rows if row.flags]
    assert len(flagged) / len(rows) <= INNOCENTS_FLAGGED, listed(flagged)


def test_naming_an_identity_is_no_offence(batteries: ModuleType, shipped: moderation.Classifier) -> None:
    rows = [row for row in batteries.try_identities(batteries.flag_with(shipped)) if not row.hostile]
    flagged = [f"{row.group}: {row.text}" for row in rows if row.flagged]
    assert len(flagged) / len(rows) <= IDENTITIES_FLAGGED, listed(flagged)
    for group in {row.group for row in rows}:
        own = batteries.share(row.flagged for row in rows if row.group == group)
        assert own <= GROUP_FLAGGED, listed(flagged)


def test_hostility_towards_an_identity_is_flagged(batteries: ModuleType, shipped: moderation.Classifier) -> None:
    rows = [row for row in batteries.try_identities(batteries.flag_with(shipped)) if row.hostile]
    missed = [f"{row.group}: {row.text}" for row in rows if not row.flagged]
    assert batteries.share(row.flagged for row in rows) >= HOSTILE_IDENTITIES_FLAGGED, listed(missed)
