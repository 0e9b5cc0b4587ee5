"""Runs that are killed, run out of disk, or meet corrupt input: the same command again ends with the same bytes."""

import contextlib
import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from dumps import command, find_workers, kill_and_resume, score, snapshot, write_dump

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="finds workers in /proc")


def undisturbed(source, folder, *options):
    """The files of a run that nothing disturbs, and its exit code."""
    folder.mkdir()
    result = score(source, "-o", folder / "out", *options)
    assert result.returncode in (0, 3), result.stderr.decode()
    return snapshot(folder), result.returncode


@pytest.mark.parametrize("output", ["out", "out.jsonl"])
def test_killed_three_times_and_resumed_the_bytes_are_the_same(tmp_path, output):
    source = tmp_path / "in.jsonl"
    write_dump(source, 14_000, bad=0.01)
    (tmp_path / "whole").mkdir()
    (tmp_path / "killed").mkdir()
    options = ("--workers", 2, "--shard-size", 0.06)
    assert score(source, "-o", tmp_path / "whole" / output, *options).returncode == 3
    counts = kill_and_resume([source, "-o", tmp_path / "killed" / output, *options], 3, random.Random(5), 1.6)
    assert counts["exit"] == 3
    assert counts["parent"] + counts["worker"] == 3
    assert snapshot(tmp_path / "killed") == snapshot(tmp_path / "whole")


@pytest.mark.slow
@pytest.mark.parametrize(("suffix", "seed"), [("", 1), (".jsonl", 2), (".csv", 3)])
def test_killed_twenty_times_and_resumed_the_bytes_are_the_same(tmp_path, suffix, seed):
    source = tmp_path / "in.jsonl"
    write_dump(source, 600_000, bad=0.01)
    (tmp_path / "whole").mkdir()
    (tmp_path / "killed").mkdir()
    options = ("--workers", 2, "--shard-size", 0.5)
    assert score(source, "-o", tmp_path / "whole" / f"out{suffix}", *options).returncode == 3
    counts = kill_and_resume(
        [source, "-o", tmp_path / "killed" / f"out{suffix}", *options], 20, random.Random(seed), 4.0
    )
    print(counts)
    assert counts["parent"] + counts["worker"] == 20
    assert snapshot(tmp_path / "killed") == snapshot(tmp_path / "whole")


def test_a_killed_worker_is_replaced_within_the_run(tmp_path):
    source = tmp_path / "in.jsonl"
    write_dump(source, 14_000)
    whole, _ = undisturbed(source, tmp_path / "whole", "--shard-size", 0.06)
    (tmp_path / "killed").mkdir()
    process = subprocess.Popen(
        command(source, "-o", tmp_path / "killed" / "out", "--shard-size", 0.06, "--workers", 2), stderr=subprocess.PIPE
    )
    _kill_one_worker_at_work(process, tmp_path / "killed" / "out")
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors.decode()
    assert snapshot(tmp_path / "killed") == whole


def _kill_one_worker_at_work(process, output):
    while process.poll() is None:
        if len(list(output.glob("part-*"))) >= 3 and (workers := find_workers(process.pid)):
            os.kill(workers[0], signal.SIGKILL)
            return
        time.sleep(0.01)
    raise AssertionError("it was done before a worker could be killed")


def test_a_file_size_limit_stops_the_run_and_without_it_the_same_command_ends(tmp_path):
    source = tmp_path / "in.jsonl"
    write_dump(source, 3000)
    whole, _ = undisturbed(source, tmp_path / "whole", "--shard-size", 0.2)
    (tmp_path / "full").mkdir()
    arguments = (source, "-o", tmp_path / "full" / "out", "--shard-size", 0.2, "--workers", 2)

    def confine():
        resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000))

    failed = score(*arguments, preexec_fn=confine)
    assert failed.returncode == 1
    # a tracker of the killed workers' semaphores may add warnings of its own below
    assert failed.stderr.decode().splitlines()[0] == (
        f"Error: {tmp_path / 'full' / 'out'}: the disk is full (File too large); "
        "free some space and run the same command again; finished parts are kept"
    )
    assert not list((tmp_path / "full").rglob(".tmp-*"))
    again = score(*arguments)
    assert again.returncode == 0, again.stderr.decode()
    assert snapshot(tmp_path / "full") == whole


@contextlib.contextmanager
def small_disk(folder: Path, size: str):
    """A disk of `size` mounted at `folder`; the test is skipped where that is not allowed."""
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("mounting a small disk needs root")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", folder], check=False)


@pytest.mark.parametrize("output", ["out", "out.jsonl"])
def test_a_full_disk_stops_the_run_and_with_room_the_same_command_ends(tmp_path, output):
    source = tmp_path / "in.jsonl"
    write_dump(source, 9000)
    options = ("--shard-size", 0.2, "--workers", 2)
    (tmp_path / "whole").mkdir()
    assert score(source, "-o", tmp_path / "whole" / output, *options).returncode == 0
    disk = tmp_path / "disk"
    with small_disk(disk, "3m"):
        failed = score(source, "-o", disk / output, *options)
        assert failed.returncode == 1
        assert failed.stderr.decode() == (
            f"Error: {disk / output}: the disk is full (No space left on device); "
            "free some space and run the same command again; finished parts are kept\n"
        )
        assert list(disk.rglob("part-*"))
        assert not list(disk.rglob(".tmp-*"))
        subprocess.run(["mount", "-o", "remount,size=40m", disk], check=True)
        again = score(source, "-o", disk / output, *options)
        assert again.returncode == 0, again.stderr.decode()
        assert b"of them by an earlier run" in again.stderr
        assert snapshot(disk) == snapshot(tmp_path / "whole")


def test_ctrl_c_keeps_the_parts_and_exits_with_130(tmp_path):
    source = tmp_path / "in.jsonl"
    write_dump(source, 14_000)
    output = tmp_path / "out"
    process = subprocess.Popen(
        command(source, "-o", output, "--shard-size", 0.06, "--workers", 2),
        stderr=subprocess.PIPE,
        start_new_session=True,
        # a suite started in the background of a script inherits an ignored SIGINT
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    while process.poll() is None and len(list(output.glob("part-*"))) < 3:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert errors.decode().strip().splitlines()[-1] == "Interrupted; the same command goes on where it stopped."
    assert b"Traceback" not in errors
    again = score(source, "-o", output, "--shard-size", 0.06, "--workers", 2)
    assert again.returncode == 0
    assert b"of them by an earlier run" in again.stderr
    assert json.loads((output / "manifest.json").read_bytes())["totals"]["comments"] == 14_000


@pytest.mark.slow
def test_memory_does_not_grow_with_the_dump(tmp_path):
    peaks = []
    for count in (100_000, 1_000_000):
        source = tmp_path / f"{count}.jsonl"
        write_dump(source, count)
        script = (
            "import resource, subprocess, sys\n"
            "subprocess.run(sys.argv[1:], check=True)\n"
            "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n"
        )
        arguments = command(source, "-o", tmp_path / f"{count}.out.jsonl", "--workers", 2)
        done = subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, check=True)
        peaks.append(int(done.stdout) / 1024)
    assert max(peaks) < 500
    assert peaks[1] < 1.1 * peaks[0]
