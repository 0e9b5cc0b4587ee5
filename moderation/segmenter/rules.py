"""What a few rules say of where comments start: copied lines glue to what follows, some openings go on, wide gaps part.

They decide alone where no model is at hand; a model takes them as cues among others.
"""

import re

import numpy as np

from moderation.segmenter.page import Array, Page
from moderation.segmenter.quotes import WHOLE, Copies

__all__ = ["NAMES", "follow_rules", "measure_rules", "read_spacing"]

NAMES = ("glued", "goes_on")
"""Cues of a line: the line above is copied or quoted; its first words go on with something."""

_GOES_ON = re.compile(
    r"[a-zà-ÿ]|[-•*–(]|\d{1,2}[.)]\s|(?i:moreover|furthermore|in addition|additionally|however|therefore|finally|"
    r"secondly|second,|thirdly|lastly|"
    r"on the other hand|p\.?\s?s\.?\b|edit:|also,|then,|nevertheless|in short|in conclusion|to sum up|meanwhile)"
)


SPACED = 3.0
"""Logits for or against a start, told by blank lines: twenty to one, set by hand, for no public set of threads has kept them."""


def measure_rules(page: Page, copies: Copies, rows: Array) -> Array:
    """Cues (len(rows), len(NAMES)), float32, of consecutive lines."""
    sizes = page.line_words[rows + 1] - page.line_words[rows]
    marked = page.points[page.starts[rows]] == ord(">")
    quoted = marked | ((copies.share[rows] >= WHOLE) & (sizes >= 4))
    glued = np.concatenate([[False], quoted[:-1]])[: len(rows)]
    goes_on = np.array([_GOES_ON.match(page.line_texts[at]) is not None for at in rows.tolist()], bool)
    return np.stack([glued, goes_on], axis=1).astype(np.float32)


def follow_rules(page: Page, copies: Copies, first: int) -> Array:
    """Chances for the lines from `first` on where no model is at hand."""
    against = measure_rules(page, copies, np.arange(first, len(page))).any(axis=1)
    chances = np.where(against, 0.1, 0.6)
    spacing = read_spacing(page.gaps[first:])
    if spacing is not None:
        chances = np.where(spacing > 0, 0.9, np.where(spacing < 0, 0.1, chances))
    chances[:1] = 1.0
    return chances


def read_spacing(gaps: Array) -> Array | None:
    """Logits from the blank lines before each line, where a page has narrow and wide gaps: wide ones stand between comments."""
    if len(gaps) < 4:
        return None
    later = np.minimum(gaps[1:], 3)
    narrow, wide = int(later.min()), int(later.max())
    share = float((later > narrow).mean())
    if narrow == wide or not 0.08 <= share <= 0.92:
        return None
    told = np.where(np.minimum(gaps, 3) > narrow, SPACED, -SPACED)
    told[0] = 0.0
    return told
