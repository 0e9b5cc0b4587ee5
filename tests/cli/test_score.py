"""`moderation score`: where output goes, exit codes, what is told on stderr, pipes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from moderation.cli.forecast import describe as describe_forecast
from moderation.cli.progress import describe, format_seconds, show_progress
from moderation.scoring.forecast import Forecast
from moderation.scoring.job import Job, Progress

ROOT = Path(__file__).resolve().parents[2]


def score(*arguments, **options):
    """Run the command; both outputs are captured."""
    command = [sys.executable, "-m", "moderation", "score", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, cwd=ROOT, timeout=300, check=False, **options)


def write(path, count, bad=0):
    lines = [json.dumps({"id": str(k), "text": f"Comment number {k} about the bike lane."}) for k in range(count)]
    path.write_text("\n".join([*lines, *["{broken"] * bad]) + "\n")
    return path


def test_json_lines_go_into_a_pipe_in_order(tmp_path):
    done = score(write(tmp_path / "in.jsonl", 30))
    assert done.returncode == 0, done.stderr
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == [str(k) for k in range(30)]
    assert done.stderr == b""


def test_stdin_is_read_and_dash_is_stdout():
    done = score("-", "-o", "-", input=b'{"text": "You absolute moron."}\n')
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["text"] == "You absolute moron."


def test_bad_records_are_told_on_stderr_and_the_exit_code_is_3(tmp_path):
    source = write(tmp_path / "in.jsonl", 3, bad=22)
    done = score(source, "--quarantine", tmp_path / "bad.jsonl")
    assert done.returncode == 3
    told = done.stderr.decode().splitlines()
    assert told[0].startswith(f"Bad record: {source}, line 4: the line is not JSON: ")
    assert len(told) == 21
    assert told[-1] == f"22 bad records; they are in {tmp_path / 'bad.jsonl'}"
    kept = [json.loads(line) for line in (tmp_path / "bad.jsonl").read_bytes().splitlines()]
    assert [record["line"] for record in kept] == list(range(4, 26))
    assert score(source).stderr.decode().splitlines()[-1] == "22 bad records; keep them with --quarantine FILE"


@pytest.mark.parametrize("output", [[], ["-o", "out.jsonl"]])
def test_a_field_to_keep_that_no_comment_has_is_told(tmp_path, output):
    (tmp_path / "in.jsonl").write_text('{"text": "Fine.", "likes": 3}\n{"text": "No."}\n')
    command = [sys.executable, "-m", "moderation", "score", "in.jsonl", "--keep", "likes", "--keep", "nosuch", *output]
    done = subprocess.run(command, capture_output=True, cwd=tmp_path, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    warnings = [line for line in done.stderr.decode().splitlines() if line.startswith("Warning")]
    assert warnings == ['Warning: no comment has the field "nosuch" that --keep names']


def test_several_workers_write_to_a_pipe_in_order(tmp_path):
    source = write(tmp_path / "in.jsonl", 2500, bad=1)
    one, two = (score(source, "--workers", workers, "--shard-size", 0.05) for workers in (1, 2))
    assert (one.returncode, two.returncode) == (3, 3)
    assert one.stdout == two.stdout
    assert one.stdout.count(b"\n") == 2500
    assert one.stderr == two.stderr


def test_a_closed_pipe_is_no_failure(tmp_path):
    source = write(tmp_path / "in.jsonl", 20_000)
    for workers in ("1", "2"):
        command = [
            sys.executable,
            "-m",
            "moderation",
            "score",
            str(source),
            "--workers",
            workers,
            "--shard-size",
            "0.1",
        ]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert process.stdout.readline().startswith(b'{"thread"')
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) == 0


def test_records_left_out_and_comments_not_scored_are_told(tmp_path):
    source = tmp_path / "in.csv"
    rows = [f"7,comment {number}\n" for number in range(3)]
    german = "8,Das ist nicht der richtige Weg und ich glaube auch nicht dass es sich noch ändert.\n"
    source.write_text("id,text\n" + "".join(rows) + german, encoding="utf-8")
    done = score(source, "-o", tmp_path / "out.jsonl")
    assert done.returncode == 0
    assert done.stderr.decode().splitlines() == [
        f"2 comments scored, 1 to review: {tmp_path / 'out.jsonl'}",
        "1 to review were not scored: the model does not know their language",
        "skipped: 2 duplicate id",
        "Warning: many records share an id and only the first of each was kept; if that field is not the comment's own id, "
        "name another with --id-column",
    ]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_device_is_one_line_and_exit_code_1(tmp_path):
    source = write(tmp_path / "in.jsonl", 3)
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "moderation", "score", str(source)],
            stdout=full,
            stderr=subprocess.PIPE,
            cwd=ROOT,
            check=False,
        )
    assert done.stderr == b"Error: standard output: cannot be written (No space left on device)\n"
    assert done.returncode == 1


def test_the_same_command_again_says_that_there_is_nothing_to_do(tmp_path):
    source, output = write(tmp_path / "in.jsonl", 3, bad=1), tmp_path / "out.jsonl"
    first, second = score(source, "-o", output), score(source, "-o", output)
    assert first.stderr.decode().splitlines() == [
        f"3 comments scored, 0 to review: {output}",
        f"1 bad records; they are in {output}.quarantine.jsonl",
    ]
    assert second.stderr.decode().splitlines() == [
        f"Nothing to do: {output} is complete, 3 comments.",
        f"1 bad records; they are in {output}.quarantine.jsonl",
    ]
    assert (first.returncode, second.returncode) == (3, 3)


@pytest.mark.parametrize(
    ("arguments", "message", "code"),
    [
        (["nowhere.jsonl"], "nowhere.jsonl: there is no such file", 1),
        (["IN", "-o", "OUT.xls"], 'OUT.xls: the suffix ".xls" names no output format; use one of ', 2),
        (["IN", "--engine", "dask"], "the workers of --engine dask write files; name an output", 2),
        (["IN", "--engine", "dask", "-o", "OUT.csv"], "--engine dask needs a scheduler; name one with", 2),
        (["IN", "--to", "xml"], "'xml' is not one of 'jsonl', 'csv', 'parquet', 'table', 'html'", 2),
        (["IN", "--model", "nowhere"], "nowhere: there is no such model folder", 1),
        (["IN", "--target", "Atlantis"], 'the model was not trained on the target "Atlantis"', 1),
        (["IN", "--limit", "0"], "Invalid value for '--limit'", 2),
        ([], "Missing argument 'INPUT...'", 2),
    ],
)
def test_wrong_use_is_told_without_a_traceback(tmp_path, arguments, message, code):
    source = write(tmp_path / "in.jsonl", 3)
    places = {"IN": source, "OUT.xls": tmp_path / "OUT.xls", "OUT.csv": tmp_path / "OUT.csv"}
    done = score(*[places.get(word, word) for word in arguments])
    assert done.returncode == code
    assert message in done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()
    assert done.stdout == b""


def test_the_output_may_not_lie_in_the_input_folder(tmp_path):
    write(tmp_path / "in.jsonl", 3)
    done = score(tmp_path, "-o", tmp_path / "scores" / "out.jsonl")
    assert done.returncode == 1
    assert done.stderr.decode() == (
        f"Error: {tmp_path}: the output would lie in this input folder, and be read the next time; choose another -o\n"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["in.jsonl"]


def test_a_slash_at_the_end_means_a_folder(tmp_path):
    done = score(write(tmp_path / "in.jsonl", 3), "-o", f"{tmp_path}/scores.v1/")
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in (tmp_path / "scores.v1").iterdir()) == ["manifest.json", "part-000000.jsonl"]


def test_a_dry_run_says_what_would_be_done_and_writes_nothing(tmp_path):
    source, output = write(tmp_path / "in.jsonl", 600), tmp_path / "out"
    done = score(source, "-o", output, "--dry-run")
    told = done.stdout.decode().splitlines()
    assert done.returncode == 0, done.stderr
    assert told[0].startswith("input: 1 files (jsonl 1), 0.0 MB")
    assert told[1] == "work: about 600 comments in about 1 parts"
    assert told[2].startswith("model: default ")
    assert told[3] == f"output: {output} (jsonl), not begun"
    assert told[4].startswith("time: about ")
    assert told[5] == "Nothing was written."
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.jsonl"]


def test_scoring_imports_neither_scikit_learn_nor_numba_for_a_few_comments(tmp_path):
    source = write(tmp_path / "in.jsonl", 3)
    script = (
        "import sys; from moderation.cli import main\n"
        f"sys.argv = ['moderation', 'score', {str(source)!r}]\n"
        "try: main()\n"
        "except SystemExit as end: assert end.code == 0, end.code\n"
        "heavy = {'sklearn', 'numba', 'scipy', 'joblib', 'pyarrow', 'distributed'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, cwd=ROOT, check=False)
    assert done.stderr == b"[]\n"


class Terminal:
    def __init__(self, real):
        self.real, self.text = real, ""

    def isatty(self):
        return self.real

    def write(self, text):
        self.text += text

    def flush(self):
        pass


def test_progress_is_shown_on_a_terminal_only():
    assert show_progress(Terminal(False)) is None
    terminal = Terminal(True)
    show = show_progress(terminal)
    show(Progress(read=50, total=200, comments=1000, bad=2, parts=1, resumed=0))
    show(None)
    assert " 25%, 1,000 comments, " in terminal.text
    assert terminal.text.endswith("\r\033[K")


def test_progress_tells_rate_and_time_left():
    progress = Progress(read=50, total=200, comments=2000, bad=2, parts=5, resumed=1000)
    assert describe(progress, 10.0) == " 25%, 2,000 comments, 100/s, 1 min 0 s left, 2 bad"
    unknown = Progress(read=50, total=None, comments=2000, bad=0, parts=5, resumed=0)
    assert describe(unknown, 10.0) == "2,000 comments, 200/s"


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.2, "0 s"), (61, "1 min 1 s"), (3725, "1 h 2 min"), (400_000, "111 h 6 min")]
)
def test_durations_have_two_units(seconds, text):
    assert format_seconds(seconds) == text


def test_a_forecast_reads_as_facts():
    found = Forecast(
        files=12,
        refused=1,
        formats={"reddit": 12},
        bytes=4_100_000_000,
        comments=9_800_000,
        shards=489,
        workers=2,
        model="default 1a2b3c4d",
        per_second=20_000.0,
        seconds=245.0,
        state="begun; 31 parts are done",
    )
    assert describe_forecast(found, Job(inputs=("x",), output=Path("out"))) == (
        "input: 12 files (reddit 12), 4,100.0 MB\n"
        "refused: 1 files that no reader takes; they will be in the quarantine\n"
        "work: about 9,800,000 comments in about 489 parts\n"
        "model: default 1a2b3c4d\n"
        "output: out (jsonl), begun; 31 parts are done\n"
        "time: about 4 min 5 s with 2 workers at 20,000 comments/s each\n"
        "Nothing was written."
    )


def test_the_quarantine_takes_the_place_of_no_other_file(tmp_path):
    source = write(tmp_path / "in.jsonl", 3, bad=1)
    notes = tmp_path / "notes.txt"
    notes.write_text("my notes\n", encoding="utf-8")
    for output in ([], ["-o", tmp_path / "out.jsonl"]):
        over_input = score(source, *output, "--quarantine", source)
        assert over_input.returncode == 1
        assert b"overwrite this input" in over_input.stderr or b"lie over this input" in over_input.stderr
        over_notes = score(source, *output, "--quarantine", notes)
        assert over_notes.stderr.decode() == (
            f"Error: {notes}: a file stands there that holds no bad records; give another name with --quarantine\n"
        )
    assert len(source.read_text().splitlines()) == 4
    assert notes.read_text() == "my notes\n"


def test_a_finished_run_over_stdin_is_not_taken_for_another_one(tmp_path):
    first = score("-", "-o", tmp_path / "out.jsonl", input=b'{"text": "One."}\n')
    assert first.returncode == 0
    second = score("-", "-o", tmp_path / "out.jsonl", input=b'{"text": "Two."}\n')
    assert second.returncode == 1
    assert second.stderr.decode() == (
        f"Error: {tmp_path / 'out.jsonl'}: a finished run over standard input stands there, perhaps another one; "
        "choose another -o, or begin again with --overwrite\n"
    )


def test_a_dry_run_is_refused_where_the_run_would_be(tmp_path):
    first, second = write(tmp_path / "a.jsonl", 3), write(tmp_path / "b.jsonl", 3)
    output = tmp_path / "out.jsonl"
    assert score(first, "-o", output).returncode == 0
    for changed in ([second], [first, "--shard-size", 2]):
        dry, wet = score(*changed, "-o", output, "--dry-run"), score(*changed, "-o", output)
        assert (dry.returncode, dry.stderr) == (wet.returncode, wet.stderr)
        assert dry.returncode == 1
    assert b"this output was begun with --shard-size 8, not --shard-size 2; give the same command" in dry.stderr
    assert b"done already" in score(first, "-o", output, "--dry-run").stdout


@pytest.mark.skipif(sys.platform == "win32", reason="closes streams with a POSIX shell")
def test_closed_standard_streams_are_told_or_done_without(tmp_path):
    source, output = write(tmp_path / "in.jsonl", 3), tmp_path / "out.jsonl"

    def run(words):
        line = f'"$0" -m moderation {words}'
        return subprocess.run(
            ["sh", "-c", line, sys.executable, str(source), str(output)], capture_output=True, cwd=ROOT, check=False
        )

    for words in ('score "$1" >&-', 'segment "$1" >&-', 'convert "$1" >&-'):
        done = run(words)
        assert (done.returncode, done.stderr) == (2, b"Error: standard output is closed; name a file with -o\n")
    whole = run('score "$1"').stdout
    assert run('score "$1" 2>&-').stdout == whole
    assert run('score "$1" -o "$2" >&- 2>&- <&-').returncode == 0
    assert output.read_bytes() == whole
    assert run("score - <&-").stderr == b"Error: -: it is empty\n"
