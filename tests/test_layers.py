"""Imports go one way, and nothing on the scoring path loads scikit-learn."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "moderation"
LEVELS = (
    {"errors", "records"},
    {"text", "folding", "unmasking", "storage"},
    {"readers", "features"},
    {"model"},
    {"segmenter"},
    {"writers"},
    {"scoring"},
    {"learning"},
    {"cli"},
)
LEVEL = {name: level for level, names in enumerate(LEVELS) for name in names}
FILES = sorted(PACKAGE.rglob("*.py"))


def parts_imported(path: Path) -> list[tuple[str, int]]:
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names = (
                [f"{node.module}.{alias.name}" for alias in node.names]
                if node.module == "moderation"
                else [node.module]
            )
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        found += [(name, node.lineno) for name in names]
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_module_imports_only_from_its_own_level_s_part_or_lower_levels(path: Path) -> None:
    own = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    if own in {"__init__", "__main__"}:
        return
    for name, line in parts_imported(path):
        pieces = name.split(".")
        if pieces[0] == "moderation" and len(pieces) > 1 and pieces[1] in LEVEL and pieces[1] != own:
            assert LEVEL[pieces[1]] <= LEVEL[own], f"{path}:{line} imports {name}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_only_the_learning_wing_imports_scikit_learn(path: Path) -> None:
    allowed = path.relative_to(PACKAGE).parts[0] == "learning" and path.name not in {
        "labels.py",
        "check.py",
        "__init__.py",
    }
    for name, line in parts_imported(path):
        assert allowed or name.split(".")[0] not in {"sklearn", "scipy"}, f"{path}:{line} imports {name}"


def test_every_part_of_the_package_has_a_level() -> None:
    parts = {path.relative_to(PACKAGE).parts[0].removesuffix(".py") for path in FILES} - {"__init__", "__main__"}
    assert parts <= set(LEVEL)


@pytest.mark.parametrize(
    "code",
    [
        "import moderation; moderation.load().score('You idiot.')",
        "import moderation; list(moderation.score(['You idiot.'] * 500))",
        "import moderation.learning.check",
        "from moderation.cli.reference import render; render()",
    ],
)
def test_scoring_checking_and_help_run_where_scikit_learn_cannot_be_imported(code: str) -> None:
    block = "import sys; sys.modules['sklearn'] = None; sys.modules['scipy'] = None\n"
    done = subprocess.run([sys.executable, "-c", block + code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_single_comment_is_scored_without_loading_the_compiler() -> None:
    code = "import sys, moderation; moderation.load().score('You idiot.'); assert 'numba' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
