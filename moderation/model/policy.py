"""From calibrated probabilities to a decision: which flags, and whether a person should look.

The only actions are `approve` and `review`: nothing here rejects a comment.
"""

from collections.abc import Mapping, Sequence

from moderation.records import Decision

__all__ = ["UNREAD", "decide", "tabulate"]

UNREAD = Decision((), "review", "in a language that the model does not know")
"""What is decided of a comment that was not scored: to approve it would let through whatever is written in another language."""


def decide(probabilities: Mapping[str, float | None], thresholds: Mapping[str, float]) -> Decision:
    """Flag each head whose probability reaches its threshold; any flag means review.

    >>> decide({"hostile": 0.91, "conspiracy": None}, {"hostile": 0.6, "conspiracy": 0.5}).reason
    'hostile 0.91 reaches 0.60'
    """
    flags, reasons = [], []
    for head, probability in probabilities.items():
        if probability is not None and probability >= thresholds[head]:
            flags.append(head)
            reasons.append(f"{head} {probability:.2f} reaches {thresholds[head]:.2f}")
    return Decision(
        tuple(flags), "review" if flags else "approve", "; ".join(reasons) or "nothing reaches its threshold"
    )


def tabulate(heads: Sequence[str]) -> list[Decision]:
    """The decision for each set of heads that reach their threshold, at the sum of 2 ** k over the heads k in it; without figures.

    >>> [decision.flags for decision in tabulate(["hostile", "conspiracy"])]
    [(), ('hostile',), ('conspiracy',), ('hostile', 'conspiracy')]
    """
    thresholds = dict.fromkeys(heads, 1.0)
    return [
        decide({head: float(number >> k & 1) for k, head in enumerate(heads)}, thresholds)
        for number in range(1 << len(heads))
    ]
