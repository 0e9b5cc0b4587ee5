"""Makes any number of comments that never repeat: random spans of real texts, with a share of misspelt words, about 280 characters each."""

import argparse
import csv
import random
from collections.abc import Iterator
from pathlib import Path

import msgspec

__all__ = ["find_texts", "make_comments", "write_comments"]

LENGTH = 280
MISSPELT = 0.03
"""Share of words with one letter changed: real dumps go on bringing new words, spans of a finite set would not."""


def find_texts(paths: list[Path]) -> list[list[str]]:
    """The words of every text in CSV files with a column `text`."""
    texts = []
    for path in paths:
        with path.open(encoding="utf-8", newline="") as stream:
            texts += [words for row in csv.DictReader(stream) if len(words := row["text"].split(" ")) > 3]
    return texts


def make_comments(texts: list[list[str]], count: int, seed: int = 0) -> Iterator[str]:
    """`count` different texts; the same seed gives the same ones."""
    rng = random.Random(seed)
    letters = "abcdefghijklmnopqrstuvwxyz"
    for _ in range(count):
        size = rng.randrange(LENGTH // 2, LENGTH * 3 // 2)
        words: list[str] = []
        length = 0
        while length < size:
            text = texts[rng.randrange(len(texts))]
            start = rng.randrange(len(text))
            for word in text[start : start + rng.randrange(4, 30)]:
                if word and rng.random() < MISSPELT:
                    place = rng.randrange(len(word))
                    word = word[:place] + letters[rng.randrange(26)] + word[place + 1 :]
                words.append(word)
                length += len(word) + 1
        yield " ".join(words)[:size]


def write_comments(path: Path, texts: list[list[str]], count: int, seed: int = 0) -> None:
    """Write JSON Lines with id, thread, author, time and text, 40 comments a thread."""
    with path.open("wb") as stream:
        for number, text in enumerate(make_comments(texts, count, seed)):
            record = {
                "thread": f"t{number // 40}",
                "id": f"c{number}",
                "author": f"user{number * 7919 % 100_003}",
                "time": "2026-11-22T10:00:00Z",
                "text": text,
            }
            stream.write(msgspec.json.encode(record) + b"\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("output", type=Path)
    parser.add_argument("count", type=int)
    parser.add_argument("texts", type=Path, nargs="+", help="CSV files with a column text")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    write_comments(given.output, find_texts(given.texts), given.count, given.seed)


if __name__ == "__main__":
    main()
