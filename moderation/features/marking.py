"""The fold's table as the compiled loops want it: with what they ask next in the bits above each folded code point."""

import numpy as np
import numpy.typing as npt

from moderation import folding
from moderation.text import LETTER, SIGNS

__all__ = ["mark_folds"]


def mark_folds(fold: folding.FoldTable) -> npt.NDArray[np.int32]:
    """The fold's entries with each folded code point's kind, and whether it can stand for a letter, in the bits above it."""
    single = fold.entries >= 0
    points = np.where(single, fold.entries, 0)
    kinds = fold.kinds[fold.pages[points >> 8] + (points & 255)].astype(np.int32)
    signs = np.array(SIGNS, bool)[np.minimum(points, 127)] & (points < 128)
    marked = points | kinds << 21 | signs.astype(np.int32) << 23 | (kinds == LETTER).astype(np.int32) << 24
    return np.where(single, marked, fold.entries).astype(np.int32)
