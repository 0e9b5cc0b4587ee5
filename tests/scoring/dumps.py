"""Makes dumps of comments that never repeat, runs the command line on them, and kills it."""

import csv
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def make_records(count: int, seed: int = 0) -> list[dict[str, object]]:
    """Comments of about 200 characters, glued from spans of the repository's own labelled texts."""
    rng = random.Random(seed)
    with (ROOT / "labels.csv").open(encoding="utf-8", newline="") as stream:
        texts = [words for row in csv.DictReader(stream) if len(words := row["text"].split()) > 4]
    records = []
    for number in range(count):
        words = [f"{number}:"]
        while len(words) < 30:
            text = texts[rng.randrange(len(texts))]
            start = rng.randrange(len(text))
            words += text[start : start + rng.randrange(3, 12)]
        records.append(
            {
                "thread": f"t{number // 9}",
                "id": f"c{number}",
                "author": f"u{number % 50}",
                "text": " ".join(words),
                "likes": number % 7,
            }
        )
    return records


def write_dump(path: Path, count: int, bad: float = 0.0, seed: int = 0) -> int:
    """Write JSON Lines, a share `bad` of the lines corrupt in one of five ways; returns how many are corrupt."""
    rng = random.Random(seed + 1)
    spoilt = 0
    with path.open("wb") as stream:
        for record in make_records(count, seed):
            line = json.dumps(record, ensure_ascii=False).encode()
            if rng.random() < bad:
                spoilt += 1
                line = rng.choice(
                    [line[: len(line) // 2], b"[1, 2]", b"\xff\xfe\x00garbage", b'{"id": "x"}', b'"text"']
                )
            stream.write(line + b"\n")
    return spoilt


def command(*arguments: object) -> list[str]:
    """The command line that scores."""
    return [sys.executable, "-m", "moderation", "score", *map(str, arguments)]


def score(*arguments: object, **options: object) -> subprocess.CompletedProcess[bytes]:
    """Run `moderation score` to its end; output and errors are captured."""
    options.setdefault("cwd", ROOT)
    options.setdefault("timeout", 300)
    return subprocess.run(command(*arguments), capture_output=True, check=False, **options)  # type: ignore[call-overload]


def find_workers(parent: int) -> list[int]:
    """The worker processes of a run, by what the system says of its children."""
    found = []
    try:
        for child in Path(f"/proc/{parent}/task/{parent}/children").read_text().split():
            words = Path(f"/proc/{child}/cmdline").read_bytes()
            if b"resource_tracker" not in words and b"loky" in words:
                found.append(int(child))
    except OSError:
        pass
    return found


def kill_and_resume(arguments: list[object], kills: int, rng: random.Random, longest: float) -> dict[str, int]:
    """Run `moderation score`, killing it or one of its workers at random moments until `kills` are done; then let it finish.

    A moment is up to `longest` seconds after the start or the last kill. A run that ends before all kills are done is begun again
    with --overwrite. Returns the counts of kills by victim, of runs and of such beginnings.
    """
    counts = {"parent": 0, "worker": 0, "runs": 0, "again": 0, "exit": 0}
    again: list[object] = []
    while True:
        counts["runs"] += 1
        process = subprocess.Popen(
            command(*arguments, *again), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        while counts["parent"] + counts["worker"] < kills:
            try:
                process.wait(rng.uniform(0.2, longest))
                break
            except subprocess.TimeoutExpired:
                pass
            workers = find_workers(process.pid)
            if workers and rng.random() < 0.5:
                os.kill(rng.choice(workers), signal.SIGKILL)
                counts["worker"] += 1
            else:
                process.kill()
                counts["parent"] += 1
                break
        _, errors = process.communicate(timeout=600)
        again = []
        if process.returncode in (0, 3):
            counts["exit"] = process.returncode
            if counts["parent"] + counts["worker"] >= kills:
                return counts
            again = ["--overwrite"]
            counts["again"] += 1
            continue
        assert process.returncode == -signal.SIGKILL, errors.decode()
        time.sleep(rng.uniform(0, 0.3))


def snapshot(folder: Path) -> dict[str, bytes]:
    """The files of a folder, by name, hidden ones too."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
