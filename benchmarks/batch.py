"""Measures batch scoring end to end, JSON Lines to JSON Lines: rate, time by stage, processes against threads, memory against dump size.

    python benchmarks/batch.py --texts labels.csv --counts 100000 2000000

The comments never repeat (see comments.py). The kernel's own rate (texts in memory to logits, no records, no files) is measured on
comments of the same dump in the same run; shares of it compare CPU seconds, which other load on the machine disturbs least.
Peak memory is the largest resident set of any one process of the run.
"""

import argparse
import json
import platform
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from comments import find_texts, write_comments

SAMPLE = 100_000
COLUMNS = (
    *(
        ("comments", "{:,}"),
        ("engine", "{}"),
        ("workers", "{}"),
        ("wall s", "{:.1f}"),
        ("CPU s", "{:.1f}"),
        ("per wall s", "{:,.0f}"),
    ),
    *(("per CPU s", "{:,.0f}"), ("of kernel", "{:.0%}"), ("peak MB", "{:.0f}"), ("parent MB", "{:.0f}")),
)


def measure_kernel(dump: Path, model: str | None) -> dict[str, float]:
    """Comments per CPU second of the kernel alone, one thread, after a first pass over other comments."""
    import numpy as np

    from moderation.scoring.classifier import load

    with dump.open("rb") as stream:
        texts = [json.loads(line)["text"] for line, _ in zip(stream, range(SAMPLE), strict=False)]
    classifier = load(model)
    kernel = classifier.load_kernel()
    quarter = len(texts) // 4
    seconds = 0.0
    for start in range(0, len(texts), 1024):
        part = texts[start : start + 1024]
        about = np.zeros((len(part), kernel.targets), np.uint8)
        began = time.process_time()
        kernel.score(part, about)
        seconds += time.process_time() - began if start >= quarter else 0.0
    counted = len(texts) - -(-quarter // 1024) * 1024
    return {"per CPU s": counted / seconds, "characters": sum(map(len, texts)) / len(texts)}


def measure_run(dump: Path, output: Path, model: str | None, engine: str, workers: int) -> dict[str, Any]:
    """One whole run in this process and its workers."""
    from moderation.scoring.batch import run
    from moderation.scoring.job import Job

    began = time.perf_counter()
    summary = run(Job(inputs=(str(dump),), output=output, model=model, engine=engine, workers=workers, overwrite=True))  # type: ignore[arg-type]
    wall = time.perf_counter() - began
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime
    return {
        "comments": summary.comments,
        "engine": engine if workers > 1 else "here",
        "workers": workers,
        "wall s": wall,
        "CPU s": cpu,
        "per wall s": summary.comments / wall,
        "per CPU s": summary.comments / cpu,
        "peak MB": max(own.ru_maxrss, children.ru_maxrss) / 1024,
        "parent MB": own.ru_maxrss / 1024,
        "stages": summary.seconds,
    }


def call(*arguments: object) -> dict[str, Any]:
    """Measure in a process of its own; what it prints is the result."""
    done = subprocess.run([sys.executable, __file__, *map(str, arguments)], stdout=subprocess.PIPE, check=True)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def show(rows: list[dict[str, Any]], kernel: dict[str, float]) -> None:
    print(
        f"kernel alone: {kernel['per CPU s']:,.0f} comments a CPU second, {kernel['characters']:.0f} characters each\n"
    )
    print("| " + " | ".join(name for name, _ in COLUMNS) + " |\n|" + "---|" * len(COLUMNS))
    for row in rows:
        print("| " + " | ".join(form.format(row[name]) for name, form in COLUMNS) + " |")
    print(
        "\n| comments | engine | workers | "
        + " | ".join(rows[0]["stages"])
        + " |\n|---|---|---|"
        + "---|" * len(rows[0]["stages"])
    )
    for row in rows:
        total = sum(row["stages"].values())
        shares = [f"{seconds:.1f} s, {seconds / total:.0%}" for seconds in row["stages"].values()]
        print(f"| {row['comments']:,} | {row['engine']} | {row['workers']} | " + " | ".join(shares) + " |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--texts", type=Path, nargs="+", default=[Path("labels.csv")], help="CSV files with a column text"
    )
    parser.add_argument("--model", help="model folder; the shipped model unless given")
    parser.add_argument("--counts", type=int, nargs="+", default=[100_000, 2_000_000])
    parser.add_argument(
        "--folder", type=Path, help="where dumps and outputs go and stay; a temporary folder unless given"
    )
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--child", nargs="+", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        what, dump, *rest = given.child
        if what == "kernel":
            print(json.dumps(measure_kernel(Path(dump), given.model)))
        else:
            print(json.dumps(measure_run(Path(dump), Path(rest[0]), given.model, rest[1], int(rest[2]))))
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.folder or Path(temporary)
        folder.mkdir(exist_ok=True)
        model = ["--model", given.model] if given.model else []
        rows = []
        kernel: dict[str, float] = {}
        for count in given.counts:
            dump = folder / f"{count}.jsonl"
            if not dump.exists():
                write_comments(dump, find_texts(given.texts), count, seed=count)
            kernel = kernel or call(*model, "--child", "kernel", dump)
            for engine, workers in (("local", 1), ("local", 2), ("threads", 2)):
                rows.append(call(*model, "--child", "run", dump, folder / "out.jsonl", engine, workers))
                rows[-1]["of kernel"] = rows[-1]["per CPU s"] / kernel["per CPU s"]
    if given.json:
        print(
            json.dumps(
                {"machine": platform.platform(), "python": platform.python_version(), "kernel": kernel, "runs": rows},
                indent=1,
            )
        )
    else:
        print(
            f"{platform.platform()}, {platform.processor() or platform.machine()}, Python {platform.python_version()}\n"
        )
        show(rows, kernel)


if __name__ == "__main__":
    main()
