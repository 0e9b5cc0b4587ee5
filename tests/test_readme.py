"""The README and the page for those who come from elsewhere run: Python blocks are executed, shell commands exist, links lead somewhere."""

import re
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from moderation.cli import cli

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
MIGRATING = ROOT / "docs" / "migrating.md"


def find_blocks(page: Path, kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)


SHELL = [
    line for page in (README, MIGRATING) for block in find_blocks(page, "sh") for line in block.splitlines() if line
]
LINKS = [
    (page.parent / link).resolve()
    for page in (README, MIGRATING)
    for link in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8"))
    if "://" not in link
]


@pytest.mark.parametrize("code", [*find_blocks(README, "python"), find_blocks(MIGRATING, "python")[0]])
def test_a_python_block_runs_and_prints(
    code: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    exec(compile(code, "example", "exec"), {})
    assert "hostile" in capsys.readouterr().out


@pytest.mark.parametrize("line", [line for line in SHELL if line.startswith("moderation ")])
def test_a_shell_line_names_a_command_and_its_real_options(line: str) -> None:
    words = line.split("#")[0].split()
    command = cli.get_command(click.Context(cli), words[1])
    assert command is not None, line
    known = {flag for option in command.params for flag in (*option.opts, *option.secondary_opts)}
    assert {word for word in words[2:] if word.startswith("-") and word != "-"} <= known


@pytest.mark.parametrize("link", sorted(set(LINKS)))
def test_a_link_leads_to_a_file(link: Path) -> None:
    assert link.exists()


def test_the_two_set_up_commands_are_one_line_each_and_ci_calls_the_second() -> None:
    first, second = (line for line in SHELL if line.startswith("python3 -m venv"))
    assert first.endswith(".venv/bin/moderation score examples/thread.txt")
    assert second in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()


def test_an_old_score_is_kept_and_compared(tmp_path: Path) -> None:
    dump, both = tmp_path / "last-month.csv", tmp_path / "both.csv"
    dump.write_text(
        "id,text,toxicity\n1,Shut up you pathetic little clown.,0.1\n2,Thanks for the kind answer.,0.2\n",
        encoding="utf-8",
    )
    result = CliRunner().invoke(cli, ["score", str(dump), "--keep", "toxicity", "-o", str(both)])
    assert result.exit_code == 0
    example: dict[str, Any] = {}
    exec(compile(find_blocks(MIGRATING, "python")[1], "example", "exec"), example)
    assert [found[1:] for found in example["read_disagreements"](both)] == [
        ("0.1", "Shut up you pathetic little clown.")
    ]
