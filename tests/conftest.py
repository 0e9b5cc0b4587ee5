"""What every test may use: a small model trained once from the repository's labels, and the outside data where it is present."""

import os
from pathlib import Path

import pytest

from moderation.scoring.classifier import Classifier

ROOT = Path(__file__).resolve().parents[1]


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--lower-floors`: accept what the quality gate measures as the new floors."""
    parser.addoption(
        "--lower-floors", action="store_true", help="write the measured figures to tests/quality/floors.json"
    )


@pytest.fixture(scope="session")
def small_labels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every sixth row of labels.csv and all rows of two targets: enough for every head, quick to train on."""
    lines = _records((ROOT / "labels.csv").read_text(encoding="utf-8"))
    header, rows = lines[0], lines[1:]
    kept = [row for k, row in enumerate(rows) if k % 6 == 0 or ",Khalifa Haftar," in row or ",bike lane," in row]
    path = tmp_path_factory.mktemp("labels") / "small.csv"
    path.write_text("".join([header, *kept]), encoding="utf-8", newline="")
    return path


@pytest.fixture(scope="session")
def small_model(small_labels: Path) -> Classifier:
    """A model trained on `small_labels`."""
    from moderation.learning.train import train

    return train(small_labels)


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of public data sets; tests that need it skip where it is absent."""
    folder = Path(os.environ.get("MODERATION_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("the public data sets are not here (set MODERATION_DATA to their folder)")
    return folder


def _records(text: str) -> list[str]:
    """The CSV's records as they stand, quotes and line ends included."""
    records, current, quotes = [], "", 0
    for line in text.splitlines(keepends=True):
        current += line
        quotes += line.count('"')
        if quotes % 2 == 0:
            records.append(current)
            current, quotes = "", 0
    return records
