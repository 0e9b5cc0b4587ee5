"""Measures the segmenter on copied pages with their names, dates and buttons: known threads, printed in the layouts of `layouts.py`.

    python benchmarks/pages.py THREADS.jsonl... [--most 30] [--threads 6] [--json]

A file holds a thread a line, as for `segmentation.py`. Authors, dates, likes and who answers whom are made up, the same on every run. A
comment is exact when all its paragraphs and nothing else came out as one comment; wrong are all comments that came out and are not exact,
as a share of the true ones; author: exact, with the author as printed.
"""

import argparse
import json
import random
from collections import Counter
from pathlib import Path

from layouts import LAYOUTS, Layout, Said

from moderation.segmenter import segment

NAMES = (
    *(
        "Tidewatcher",
        "Moira Quayle",
        "salty_dog77",
        "Per Olsen",
        "KJ",
        "harbour_girl",
        "Zoë Brandt",
        "Anonymous",
        "J. R. Smith",
    ),
    *(
        "xX_dragon_Xx",
        "MaryAnn",
        "Bob from Leeds",
        "the_real_dave",
        "Dr. Who",
        "ann",
        "Luis Pérez",
        "Grumpy Old Man",
        "kiwi82",
    ),
    *("Nadia B.", "T", "Владимир", "steve", "Chris O'Neil"),
)


def make_threads(path: Path, threads: int, fewest: int, most: int) -> list[tuple[Said, ...]]:
    """Some threads of a file with at least `fewest` comments, cut after `most`, by two to twenty authors each."""
    rng = random.Random(f"{path.name} {fewest} {most}")
    with path.open(encoding="utf-8") as stream:
        found = [[one["text"] for one in json.loads(line)["comments"] if one["text"].strip()] for line in stream]
    found = [texts[:most] for texts in found if len(texts) >= fewest]
    return [make_thread(texts, rng) for texts in rng.sample(found, min(threads, len(found)))]


def make_thread(texts: list[str], rng: random.Random) -> tuple[Said, ...]:
    authors = rng.sample(NAMES, rng.choice([2, 5, 12, 20]))
    said: list[Said] = []
    minutes = 9 * 60
    for at, text in enumerate(texts):
        minutes += rng.randint(1, 25)
        ago = rng.choice(["5 hours ago", "4 hours ago", "3 hours ago", "2 hours ago", "1 hour ago"])
        paragraphs = tuple(" ".join(line.split()) for line in text.split("\n") if line.strip())
        answers = rng.randrange(at) if at and rng.random() < 0.4 else None
        clock = f"{minutes // 60 % 24:02}:{minutes % 60:02}"
        said.append(
            Said(rng.choice(authors), ago, "20", clock, rng.choice([0, 0, 1, 2, 5, 12, 31]), paragraphs, answers)
        )
    return tuple(said)


def measure(layout: Layout, threads: list[tuple[Said, ...]]) -> dict[str, float]:
    """Exact, wrong and author, as shares of the true comments."""
    true = exact = wrong = named = 0
    for said in threads:
        found = segment(layout.print(said)).comments
        got = [tuple(line.strip() for line in one.text.splitlines() if line.strip()) for one in found]
        wanted = [tuple(part.strip() for part in layout.paragraphs(said, one)) for one in said]
        hits = (Counter(got) & Counter(wanted)).total()
        true, exact, wrong = true + len(said), exact + hits, wrong + len(got) - hits
        if layout.author:
            printed = Counter(zip(wanted, map(layout.author, said), strict=True))
            named += (Counter(zip(got, (one.author for one in found), strict=True)) & printed).total()
    return {"exact": exact / true, "wrong": wrong / true, "author": named / true, "comments": true}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--threads", type=int, default=6, help="of each file")
    parser.add_argument("--fewest", type=int, default=4, help="comments of a thread")
    parser.add_argument("--most", type=int, default=30, help="comments of a thread")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    threads = [thread for path in given.files for thread in make_threads(path, given.threads, given.fewest, given.most)]
    figures = {name: measure(layout, threads) for name, layout in LAYOUTS.items()}
    means = {key: sum(row[key] for row in figures.values()) / len(figures) for key in ("exact", "wrong", "author")}
    if given.json:
        print(json.dumps({**figures, "mean": means}))
        return
    print("| layout | exact | wrong | author |\n|---|---|---|---|")
    for name, row in [*figures.items(), (f"mean of {len(figures)}", means)]:
        print(f"| {name} | {row['exact']:.3f} | {row['wrong']:.3f} | {row['author']:.3f} |")


if __name__ == "__main__":
    main()
