"""The README runs: its Python blocks are executed, its shell commands exist and its links lead somewhere."""

import re
from pathlib import Path

import click
import pytest

from moderation.cli import cli

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PYTHON = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
SHELL = [line for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL) for line in block.splitlines() if line]
LINKS = [link for link in re.findall(r"\]\(([^)#]+)\)", README) if "://" not in link]


@pytest.mark.parametrize("code", PYTHON)
def test_a_python_block_runs_and_prints(
    code: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    exec(compile(code, "README.md", "exec"), {})
    assert "hostile" in capsys.readouterr().out


@pytest.mark.parametrize("line", [line for line in SHELL if line.startswith("moderation ")])
def test_a_shell_line_names_a_command_and_its_real_options(line: str) -> None:
    words = line.split("#")[0].split()
    command = cli.get_command(click.Context(cli), words[1])
    assert command is not None, line
    known = {flag for option in command.params for flag in (*option.opts, *option.secondary_opts)}
    assert {word for word in words[2:] if word.startswith("-") and word != "-"} <= known


@pytest.mark.parametrize("link", sorted(set(LINKS)))
def test_a_link_leads_to_a_file(link: str) -> None:
    assert (ROOT / link).exists()


def test_the_two_set_up_commands_are_one_line_each_and_ci_calls_the_second() -> None:
    first, second = (line for line in SHELL if line.startswith("python3 -m venv"))
    assert first.endswith(".venv/bin/moderation score examples/thread.txt")
    assert second in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
