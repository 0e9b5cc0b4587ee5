"""A table for people: one line a comment, cut to the width of the terminal.

Comments are untrusted: control and direction-changing characters are shown as a middle dot, so that no text can move the cursor.
"""

import shutil
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import BinaryIO

from moderation.records import Score
from moderation.writers.columns import Columns
from moderation.writers.jsonl import copy

__all__ = ["join", "write"]

HEAD = f"{'action':<8}{'hostile':>7}{'consp.':>8}  {'stance':<24}  {'id':<12}  text\n".encode()


def write(chunks: Iterable[Sequence[Score]], stream: BinaryIO, columns: Columns) -> None:
    """Write a header and one line for each score, with the stances that the model is sure of.

    The width is the terminal's, 100 where there is none.
    """
    width = max(80, shutil.get_terminal_size((100, 24)).columns)
    stream.write(HEAD)
    for chunk in chunks:
        stream.write("".join(_line(score, width) for score in chunk).encode(errors="replace"))
        stream.flush()


def join(parts: Iterable[Path], stream: BinaryIO, columns: Columns) -> None:
    """Concatenate tables under one header."""
    stream.write(HEAD)
    for part in parts:
        copy(part, stream, skip=len(HEAD))


def _line(score: Score, width: int) -> str:
    stance = ", ".join(f"{item.target} {item.label}" for item in score.stance if item.label)
    start = f"{score.action:<8}{_share(score.hostile):>7}{_share(score.conspiracy):>8}  {_fit(stance, 24)}  {_fit(score.id, 12)}  "
    return start + _fit(score.text, width - 65).rstrip() + "\n"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _fit(text: str, width: int) -> str:
    """`text` on one line in exactly `width` terminal cells, wide characters counted as two, an ellipsis where it is cut."""
    shown, used = [], 0
    for char in " ".join(text[: 4 * width].split()):
        cells = _cells(char)
        if used + cells > width - 1 and len(text) > 1:
            shown.append("…")
            used += 1
            break
        shown.append(char if char.isprintable() else "·")
        used += cells
    return "".join(shown) + " " * (width - used)


def _cells(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
