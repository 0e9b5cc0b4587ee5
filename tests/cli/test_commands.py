"""The command line as a user meets it: help, errors on one line, exit codes, and the documentation generated from it."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from moderation.cli import COMMANDS, cli

ROOT = Path(__file__).resolve().parents[2]


def run(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "moderation", *arguments], input=stdin, capture_output=True, check=False
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_s_help_has_an_example_that_names_it(name: str) -> None:
    result = CliRunner().invoke(cli, [name, "--help"])
    assert result.exit_code == 0
    assert f"moderation {name}" in result.output.split("Example", 1)[-1]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_in_the_docs_with_its_options(name: str) -> None:
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    section = (
        (ROOT / "docs" / "cli.md").read_text(encoding="utf-8").split(f"## moderation {name}\n")[1].split("\n## ")[0]
    )
    for option in command.params:
        for flag in option.opts:
            assert flag in section or isinstance(option, click.Argument), flag


def test_docs_cli_md_is_what_the_help_says_now() -> None:
    command = [sys.executable, "-m", "moderation.cli.reference"]
    generated = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True).stdout
    written = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    assert written == generated, "run: python -m moderation.cli.reference > docs/cli.md"


def test_an_unknown_command_is_wrong_usage() -> None:
    done = run("scoer")
    assert done.returncode == 2
    assert b"No such command 'scoer'" in done.stderr


def test_a_missing_label_file_is_one_line_and_exit_code_1(tmp_path: Path) -> None:
    done = run("train", str(tmp_path / "none.csv"), "--out", str(tmp_path / "m"))
    assert done.returncode == 1
    assert (
        done.stderr.decode()
        == f"Error: {tmp_path}/none.csv: there is no such file; name a CSV file with a text column\n"
    )


def test_training_that_fails_leaves_no_folder(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text("text,hostile\nyou fool,1\nhello,0\n", encoding="utf-8")
    done = run("train", str(tmp_path / "labels.csv"), "--out", str(tmp_path / "new" / "m"))
    assert done.returncode == 1
    assert b"too few labels to learn from" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["labels.csv"]


def test_a_missing_model_says_how_to_train_one(tmp_path: Path) -> None:
    done = run("info", "--model", str(tmp_path / "none"))
    assert done.returncode == 1
    assert done.stderr.decode() == (
        f"Error: {tmp_path}/none: there is no such model folder; train one with: moderation train labels.csv --out DIR\n"
    )


def test_train_evaluate_and_info_work_one_after_another(small_labels: Path, tmp_path: Path) -> None:
    model = str(tmp_path / "m")
    trained = run("train", str(small_labels), "--out", model)
    assert trained.returncode == 0, trained.stderr
    assert f"Saved to {model}".encode() in trained.stdout
    assert "## Limits" in (tmp_path / "m" / "card.md").read_text(encoding="utf-8")
    evaluated = run("evaluate", str(small_labels), "--model", model, "--json")
    assert set(json.loads(evaluated.stdout)) == {"hostile", "conspiracy", "stance"}
    assert (
        evaluated.stderr.decode()
        == f"Warning: the model was trained on {small_labels.name}; these figures flatter it.\n"
    )
    told = json.loads(run("info", "--model", model, "--json").stdout)
    assert told["heads"][0]["name"] == "hostile"
    assert told["metrics"]["hostile"]["majority"]["roc_auc"] == 0.5


def test_check_ends_with_1_when_a_row_fails(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("text,hostile\nhi,maybe\n", encoding="utf-8")
    done = run("check", str(path))
    assert done.returncode == 1
    assert done.stdout.decode().startswith(
        f'fail: {path}, line 2: hostile "maybe" is not one of 0, 1, or empty for not judged'
    )


def test_the_repository_s_labels_pass_their_own_check() -> None:
    done = run("check", str(ROOT / "labels.csv"))
    assert done.returncode == 0, done.stdout.decode()


def test_a_closed_pipe_is_no_failure(tmp_path: Path) -> None:
    path = tmp_path / "many.jsonl"
    path.write_bytes(b"".join(b'{"text": "comment %d"}\n' % k for k in range(20000)))
    command = [sys.executable, "-m", "moderation", "score", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(timeout=60) == 0


PAGE = "The bridge is closed.\n2 Comments\nAbout time, it was rotten.\nNo it was not! I use it daily.\n"


def test_segment_never_writes_over_what_it_reads(tmp_path: Path) -> None:
    page = tmp_path / "page.txt"
    page.write_text(PAGE, encoding="utf-8")
    for option in ("-o", "--write-cuts"):
        done = run("segment", str(page), option, str(page))
        assert done.returncode == 1
        assert (
            done.stderr.decode()
            == f"Error: {page}: the output would overwrite this input; give another name with {option}\n"
        )
    assert page.read_text(encoding="utf-8") == PAGE


def test_a_segment_run_that_fails_leaves_the_earlier_output(tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_text(PAGE, encoding="utf-8")
    (tmp_path / "binary.txt").write_bytes(b"\0\1")
    output = tmp_path / "out.jsonl"
    assert run("segment", str(tmp_path / "page.txt"), "-o", str(output)).returncode == 0
    before = output.read_bytes()
    assert before.count(b"\n") == 2
    assert run("segment", str(tmp_path / "binary.txt"), "-o", str(output)).returncode == 1
    assert output.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["binary.txt", "out.jsonl", "page.txt"]


def test_segment_keeps_the_fields_that_it_is_told_to_keep(tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text('{"id": "1", "text": "Fine.", "likes": 3}\n', encoding="utf-8")
    (line,) = run("segment", str(source), "--keep", "likes").stdout.splitlines()
    assert json.loads(line)["kept"] == {"likes": 3}


@pytest.mark.parametrize(
    "arguments",
    [("convert", "PAGE", "-o", "gone/x.jsonl"), ("segment", "PAGE", "--write-cuts", "gone/cuts.txt")],
    ids=["convert", "cuts"],
)
def test_an_output_in_a_folder_that_is_not_there_is_one_line(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    page = tmp_path / "page.txt"
    page.write_text(PAGE, encoding="utf-8")
    target = tmp_path / arguments[-1]
    done = run(arguments[0], str(page), arguments[2], str(target))
    assert done.returncode == 1
    assert (
        done.stderr.decode()
        == f"Error: {target}: cannot be written (No such file or directory); name another file with {arguments[2]}\n"
    )


def test_score_splits_pages_with_the_segmenter_of_its_model_folder(tmp_path: Path) -> None:
    from moderation.segmenter.model import load_default
    from moderation.storage import find_default

    mine = tmp_path / "mine"
    shutil.copytree(find_default(), mine)
    own = load_default()
    assert own is not None
    own.document["threshold"] = 0.999
    own.save(mine)
    load_default.cache_clear()
    page = tmp_path / "page.txt"
    page.write_text(PAGE.replace("2 Comments", "Comments"), encoding="utf-8")
    counts = [
        run(command, str(page), *option).stdout.count(b"\n")
        for command in ("segment", "score")
        for option in ((), ("--model", str(mine)))
    ]
    assert counts == [2, 1, 2, 1]
    (mine / "segmenter.json").unlink()
    assert run("segment", str(page), "--model", str(mine)).stdout.count(b"\n") == 2
    done = run("segment", str(page), "--model", str(tmp_path))
    assert done.stderr.decode() == f"Error: {tmp_path}: there is no model in this folder; check the name\n"


def test_a_model_is_not_trained_into_the_one_it_leans_on(small_labels: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    done = run("train", str(small_labels), "--from", str(tmp_path / "mine"), "--out", str(tmp_path / "mine"))
    assert done.returncode == 1
    assert (
        done.stderr.decode()
        == f"Error: {tmp_path / 'mine'}: the output would overwrite the model that it is made from; give another --out\n"
    )


@pytest.mark.parametrize("command", ["train", "adapt"])
def test_a_folder_that_cannot_be_written_is_told_before_the_work(
    small_labels: Path, tmp_path: Path, command: str
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    out = tmp_path / "file" / "model"
    done = run(command, str(small_labels), "--out", str(out))
    assert done.returncode == 1
    assert done.stderr.decode() == f"Error: {out}: no model can be written here (Not a directory); give another --out\n"


def test_train_segmenter_refuses_sources_of_one_name_and_files_without_threads(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "threads.jsonl").write_text(
            '{"article": null, "comments": [{"id": 1, "text": "One."}]}\n', encoding="utf-8"
        )
    first, second = tmp_path / "a" / "threads.jsonl", tmp_path / "b" / "threads.jsonl"
    out = ("--out", str(tmp_path / "m"))
    assert run("train-segmenter", str(first), str(second), *out).stderr.decode() == (
        f'Error: {second}: two files are named "threads", and a source goes by its file\'s name; rename one\n'
    )
    assert run("train-segmenter", str(first), *out).stderr.decode() == (
        f"Error: {first}: no thread with two comments or more; see docs/segmenting.md for the form\n"
    )


def test_check_fails_a_file_that_judges_nothing(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("text,label\nYou moron.,toxic\n", encoding="utf-8")
    done = run("check", str(path))
    assert done.returncode == 1
    assert (
        f"fail: {path}: no row judges anything; fill the columns hostile, conspiracy or target and stance"
        in done.stdout.decode().splitlines()
    )


@pytest.mark.parametrize("command", ["segment", "convert"])
def test_a_reader_of_the_output_that_leaves_is_no_failure(tmp_path: Path, command: str) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text('{"text": "Good morning to all of you."}\n' * 20_000, encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, "-m", "moderation", command, str(source)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr is not None
    assert (process.stderr.read(), process.wait(timeout=60)) == (b"", 0)


def test_check_says_that_a_file_without_rows_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("text,hostile\n", encoding="utf-8")
    done = run("check", str(path))
    assert (done.returncode, done.stdout.decode()) == (1, f"fail: {path}: no rows below the header\n")
