"""The same bytes from a real Dask scheduler and two worker processes, one of which is killed half-way."""

import os
import signal
import subprocess
import sys
import time

import pytest
from dumps import ROOT, command, score, snapshot, write_dump

pytest.importorskip("distributed", reason="needs the extra moderation[dask]")


@pytest.fixture
def cluster(tmp_path):
    """The address of a scheduler, and its two workers as processes."""
    environment = {**os.environ, "DASK_DISTRIBUTED__WORKER__MEMORY__TERMINATE": "False"}
    python = [sys.executable, "-m", "distributed.cli.dask_scheduler"]
    found = tmp_path / "scheduler.json"
    quiet = {"cwd": ROOT, "env": environment, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    options = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(found)]
    processes = [subprocess.Popen([*python, *options], **quiet)]
    try:
        _wait(found.exists, "the scheduler did not start")
        time.sleep(0.2)
        worker = [
            sys.executable,
            "-m",
            "distributed.cli.dask_worker",
            "--scheduler-file",
            str(found),
            "--no-dashboard",
            "--no-nanny",
        ]
        for k in range(2):
            local = ["--nthreads", "1", "--local-directory", str(tmp_path / f"local{k}")]
            processes.append(subprocess.Popen([*worker, *local], **quiet))
        import json

        address = json.loads(found.read_text())["address"]
        _wait(lambda: _count_workers(address) == 2, "the workers did not start")
        yield address, processes[1:]
    finally:
        for process in processes:
            process.kill()
            process.wait()


def _wait(ready, complaint):
    for _ in range(300):
        if ready():
            return
        time.sleep(0.1)
    raise AssertionError(complaint)


def _count_workers(address):
    from distributed import Client

    with Client(address, set_as_default=False) as client:
        return len(client.nthreads())


def test_a_killed_dask_worker_costs_nothing_but_time(tmp_path, cluster):
    address, workers = cluster
    folder = tmp_path / "in"
    folder.mkdir()
    write_dump(folder / "a.jsonl", 12_000, bad=0.01)
    packed = folder / "b.jsonl.gz"
    import gzip

    write_dump(tmp_path / "b.jsonl", 11_000, seed=3)
    packed.write_bytes(gzip.compress((tmp_path / "b.jsonl").read_bytes()))
    for name in ("whole", "killed"):
        (tmp_path / name).mkdir()
    options = ("--shard-size", 0.1)
    assert score(folder, "-o", tmp_path / "whole" / "out.jsonl", *options, "--workers", 1).returncode == 3
    dask = (*options, "--engine", "dask", "--scheduler", address)
    process = subprocess.Popen(
        command(folder, "-o", tmp_path / "killed" / "out.jsonl", *dask),
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    parts = tmp_path / "killed" / "out.jsonl.unfinished"
    _wait(lambda: len(list(parts.glob("part-*"))) >= 8 or process.poll() is not None, "no part was written")
    assert process.poll() is None, process.stderr.read().decode()
    workers[0].send_signal(signal.SIGKILL)
    _, errors = process.communicate(timeout=180)
    assert process.returncode == 3, errors.decode()
    assert snapshot(tmp_path / "killed") == snapshot(tmp_path / "whole")


def test_dask_without_scheduler_or_output_is_told(tmp_path):
    source = tmp_path / "in.jsonl"
    write_dump(source, 3)
    output = tmp_path / "out.jsonl"
    assert score(source, "--engine", "dask", "-o", output).stderr.decode() == (
        "Error: --engine dask needs a scheduler; name one with: --scheduler tcp://HOST:8786\n"
    )
    nobody = score(source, "--engine", "dask", "--scheduler", "tcp://127.0.0.1:9", "-o", output)
    assert nobody.returncode == 1
    assert nobody.stderr.decode().splitlines()[-1].startswith("Error: tcp://127.0.0.1:9: no Dask scheduler answers (")
    assert nobody.stderr.decode().endswith("; start one with: dask scheduler\n")
    assert score(source, "--engine", "dask", "--scheduler", "tcp://127.0.0.1:9").stderr.decode() == (
        "Error: the workers of --engine dask write files; name an output that all of them reach with -o\n"
    )
