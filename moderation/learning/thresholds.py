"""Choose a head's threshold by a stated policy, and say what review load and precision to expect of it.

    f1              the highest F1
    precision=0.8   the most flags of which at least this share is right
    load=0.02       at most this share of comments sent to review

All are expectations under calibrated probabilities p of a site's comments: a flag is right with probability p, so that
a threshold's precision is the mean p of what it flags, and F1 is
`2 * sum(p flagged) / (number flagged + sum(p))` (Lipton, Elkan and Naryanaswamy 2014).
"""

import math

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from moderation.errors import ModelError, UsageError

__all__ = ["Choice", "Policy", "choose", "parse"]

Floats = npt.NDArray[np.float64]
STEPS = 10_000
"""Scores are rounded to this part, and thresholds too."""


class Policy(Struct, frozen=True):
    """`kind` is f1, precision or load; `share` is the number given with the latter two."""

    kind: str
    share: float = 0.0

    def __str__(self) -> str:
        return self.kind if self.kind == "f1" else f"{self.kind}={self.share:g}"


class Choice(Struct, frozen=True):
    """A threshold, with the share of comments that it sends to review and the share of those expected to be right."""

    threshold: float
    load: float
    precision: float


def parse(text: str) -> Policy:
    """The policy that a user wrote; raises UsageError for any other.

    >>> parse("load=0.02")
    Policy(kind='load', share=0.02)
    """
    kind, _, number = text.partition("=")
    if text == "f1":
        return Policy("f1")
    try:
        share = float(number)
    except ValueError:
        share = 0.0
    if kind not in {"precision", "load"} or not 0 < share < 1:
        raise UsageError(
            f'there is no policy "{text}"',
            remedy="write f1, precision=SHARE or load=SHARE, with a share between 0 and 1",
        )
    return Policy(kind, share)


def choose(probabilities: Floats, policy: Policy, head: str) -> Choice:
    """The threshold that `policy` asks for on comments with these calibrated probabilities [n].

    Raises ModelError when no threshold reaches the precision, or even one flag is more than the load.
    """
    ranked = -np.sort(-np.round(probabilities, 4))
    last = np.append(ranked[:-1] > ranked[1:], True)  # equal scores are flagged together
    counts = np.arange(1, len(ranked) + 1)
    sums = np.cumsum(ranked)
    if policy.kind == "f1":
        found = np.flatnonzero(last)[np.argmax((2 * sums / (counts + sums[-1]))[last])]
    elif policy.kind == "precision":
        found = _last(last & (sums / counts >= policy.share))
        if found < 0:
            best = float((sums / counts)[last].max())
            raise ModelError(
                f"no threshold of {head} reaches precision {policy.share:g} on these comments: the best is {best:.2f}",
                remedy="ask for less, or label more rows of the site",
            )
    else:
        found = _last(last & (counts <= policy.share * len(ranked) + 1e-9))
        if found < 0:
            same = int(np.argmax(last)) + 1
            raise ModelError(
                f"no threshold of {head} sends so few of {len(ranked):,} comments to review: {same:,} share the highest score",
                remedy=f"allow more than load={policy.share:g}, or give more comments",
            )
    found = int(found)
    following = float(ranked[found + 1]) if found + 1 < len(ranked) else 0.0
    threshold = math.ceil(round((float(ranked[found]) + following) / 2 * STEPS, 4)) / STEPS
    return Choice(threshold, round((found + 1) / len(ranked), 6), round(float(sums[found] / counts[found]), 4))


def _last(fits: npt.NDArray[np.bool_]) -> int:
    """The greatest index that is true, or -1."""
    found = np.flatnonzero(fits)
    return int(found[-1]) if len(found) else -1
