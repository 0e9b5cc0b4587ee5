"""The public API: every name documented, exported once and typed; the package stays light to import."""

import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import moderation

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("name", moderation.__all__)
def test_every_public_name_is_documented(name: str) -> None:
    found = getattr(moderation, name)
    assert found.__doc__
    if inspect.isclass(found):  # a class without its own words would show those of its base
        assert all(found.__doc__ != base.__doc__ for base in found.__mro__[1:])


def test_the_version_is_that_of_the_installed_package() -> None:
    assert f'version = "{moderation.__version__}"' in (ROOT / "pyproject.toml").read_text("utf-8")


def test_public_names_are_sorted_and_unique() -> None:
    assert moderation.__all__ == sorted(set(moderation.__all__))


def test_importing_the_package_loads_neither_scikit_learn_nor_numba_nor_parsers() -> None:
    code = "import sys, moderation; print([m for m in ('sklearn', 'scipy', 'numba', 'lxml', 'joblib') if m in sys.modules])"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    )


def test_the_top_level_of_the_repository_stays_short() -> None:
    allowed = {
        "pyproject.toml", "README.md", "moderation", "models", "tests", "labels.csv", "LICENSE", "CHANGELOG.md",
        "CONTRIBUTING.md", "docs", "benchmarks", "examples",
    }  # fmt: skip
    git = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if git.returncode != 0:
        pytest.skip("not a git checkout")
    assert {path.split("/")[0] for path in git.stdout.splitlines() if not path.startswith(".")} <= allowed


def test_the_shipped_model_is_found_and_small() -> None:
    from moderation.storage import find_default

    folder = find_default()
    assert {"classifier.json", "card.md"} <= {path.name for path in folder.iterdir()}
    assert sum(path.stat().st_size for path in folder.iterdir()) < 15_000_000


def test_no_file_of_the_package_is_longer_than_400_lines() -> None:
    long = [
        path.name for path in (ROOT / "moderation").rglob("*.py") if len(path.read_text("utf-8").splitlines()) > 400
    ]
    assert long == []
