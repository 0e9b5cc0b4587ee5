"""Dumps and a model that the batch tests share."""

from pathlib import Path

import pytest
from dumps import write_dump


@pytest.fixture(scope="session")
def dump(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """3,000 comments as JSON Lines."""
    path = tmp_path_factory.mktemp("dump") / "dump.jsonl"
    write_dump(path, 3000)
    return path
