"""A thread with its cuts, doubts and quotes marked, so that a person can check it at a glance."""

import unicodedata

from moderation.records import Comment, Thread
from moderation.segmenter.cuts import DOUBT

__all__ = ["show"]

_CUT_DOUBT = "?"


def show(text: str, thread: Thread, width: int = 100) -> str:
    """Lines of the page, numbered. A rule opens each comment: id, chance of the cut (`?`: doubtful), author, time, parent.

    `|` stands before the comments' lines, `>` where all of a line is quoted, « » around quotes inside a line, `·` before furniture.
    """
    opening = {comment.start: comment for comment in thread.comments}
    out: list[str] = []
    current: Comment | None = None
    at = 0
    for number, line in enumerate(text.split("\n"), 1):
        begin, end = at, at + len(line)
        at = end + 1
        if not line.strip():
            continue
        first = begin + len(line) - len(line.lstrip())
        if first in opening:
            current = opening[first]
            out.append(_rule(current, width))
        out.append(_row(number, text[first:end].rstrip(), first, current, width))
    return "\n".join(out) + "\n"


def _rule(comment: Comment, width: int) -> str:
    chance = (
        "" if comment.boundary is None else f" {comment.boundary:.2f}{_CUT_DOUBT if comment.boundary < DOUBT else ''}"
    )
    told = [comment.author or "", comment.time or ""]
    if comment.parent:
        sure = "" if comment.parent_probability is None else f" ({comment.parent_probability:.2f})"
        told.append(f"answers {comment.parent}{sure}")
    head = f"── {comment.id}{chance}  " + "  ".join(_clean(part) for part in told if part)
    return head.rstrip()[: width - 4] + " " + "─" * 3


def _row(number: int, line: str, first: int, comment: Comment | None, width: int) -> str:
    sign = " "
    if comment is not None:
        inside = comment.start is not None and comment.end is not None and comment.start <= first < comment.end
        sign = "|" if inside else "·"
        line, whole = _mark(line, first, comment) if inside else (line, False)
        sign = ">" if whole else sign
    return f"{number:>5} {sign} {_clean(line)}"[:width]


def _mark(line: str, first: int, comment: Comment) -> tuple[str, bool]:
    """The line with its quotes in « », and whether it is nothing but a quote."""
    base = comment.start or 0
    for span in sorted(comment.quotes, key=lambda span: span.start, reverse=True):
        start, end = max(span.start + base - first, 0), min(span.end + base - first, len(line))
        if start >= end:
            continue
        if end - start >= len(line):
            return line, True
        line = f"{line[:start]}«{line[start:end]}»{line[end:]}"
    return line, False


def _clean(line: str) -> str:
    """Untrusted text on a terminal: control and direction-changing characters become a middle dot."""
    return "".join("·" if unicodedata.category(char) in ("Cc", "Cf") and char != "\u200d" else char for char in line)
