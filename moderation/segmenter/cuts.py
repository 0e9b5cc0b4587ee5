"""A cut file: where a person wants the comments of a page to start.

One line a start, the number of the page's line first; `article N` says where the article ends; anything after `#` is for the eye:

    article 24      # the last line of the article
    26  0.98        # Finally! My kids cycle to school there
    31  0.41 ?      # And another thing

Delete a line to merge a comment with the one before it, add a number to split one.
"""

from moderation.errors import InputError
from moderation.records import Thread
from moderation.segmenter.assembly import Cuts

__all__ = ["check_cuts", "read_cuts", "write_cuts"]

DOUBT = 0.7
"""Starts less probable than this are marked with a question mark."""


def read_cuts(text: str, place: str = "cut file") -> Cuts:
    """Parse a cut file. Raises InputError that names the line.

    >>> read_cuts("article 2\\n4\\n6 0.5 ? # maybe")
    Cuts(starts=(4, 6), article=2)
    """
    starts: set[int] = set()
    article: int | None = None
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split("#", 1)[0].split()
        if not words:
            continue
        told = words[1] if words[0].lower() == "article" and len(words) > 1 else words[0]
        if not told.isascii() or not told.isdigit():
            raise InputError(
                f'"{told[:40]}" is not a line number',
                f"{place}, line {number}",
                'begin with a number, as in "26", or write "article 24"',
            )
        if words[0].lower() == "article":
            article = int(told)
        elif int(told) > 0:
            starts.add(int(told))
    if not starts:
        raise InputError(
            "it names no line where a comment starts",
            place,
            "write one with: moderation segment PAGE --write-cuts FILE",
        )
    return Cuts(tuple(sorted(starts)), min(starts) - 1 if article is None else article)


def check_cuts(cuts: Cuts, text: str, place: str = "cut file") -> None:
    """Raise InputError where the cuts do not fit the page: lines that it does not have, comments inside the article."""
    last = len(text.split("\n" if "\n" in text else "\r"))
    for number in (cuts.article, *cuts.starts):
        if number > last:
            raise InputError(
                f"line {number} is named, and the page has {last}", place, "is it the cut file of this page?"
            )
    if cuts.starts[0] <= cuts.article:
        raise InputError(
            f"a comment starts on line {cuts.starts[0]}, inside the article, which ends on line {cuts.article}",
            place,
            "correct one of the two",
        )


def write_cuts(text: str, thread: Thread) -> str:
    """The cut file of a page as it was segmented, to be edited by a person."""
    article = thread.article.count("\n") + 1 if thread.article else 0
    ends = [number for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    lines = [f"article {ends[article - 1] if 0 < article <= len(ends) else 0}"]
    line, at = 1, 0
    for comment in thread.comments:
        start = comment.start or 0
        line += text.count("\n", at, start)
        at = start
        chance = 1.0 if comment.boundary is None else comment.boundary
        lines.append(f"{line}  {chance:.2f} {'?' if chance < DOUBT else ' '} # {' '.join(comment.text.split())[:70]}")
    return "\n".join(lines) + "\n"
