"""Local comment-thread classifier: segment a reader thread, label stance, flag conspiracy and hostile comments, say why.

>>> import moderation
>>> model = moderation.load()
>>> model.score("You absolute moron, read the article.").flags
('hostile',)

Scoring needs neither scikit-learn nor a network; training imports scikit-learn when it is called.
"""

import os
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from moderation.errors import ModerationError
from moderation.records import Comment, Decision, Reason, Score, Span, Stance, Thread
from moderation.scoring.classifier import Classifier, load, score

if TYPE_CHECKING:
    from moderation.segmenter import segment

__all__ = [
    "Classifier",
    "Comment",
    "Decision",
    "ModerationError",
    "Reason",
    "Score",
    "Span",
    "Stance",
    "Thread",
    "adapt",
    "evaluate",
    "load",
    "score",
    "segment",
    "train",
]


def __getattr__(name: str) -> Any:
    """`segment`, imported when it is first asked for: its patterns take longer to compile than `--help` to print."""
    if name == "segment":
        from moderation.segmenter import segment

        return segment
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def train(labels: str | os.PathLike[str] | Iterable[str | os.PathLike[str]], split: str | None = None) -> Classifier:
    """Train a Classifier from label files; see `docs/labelling-guide.md` for the columns.

    Raises LabelError, a ModerationError, for rows that cannot be used.
    """
    from moderation.learning.train import train as train_from

    return train_from(labels, split)


def evaluate(
    labels: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    model: Classifier | None = None,
    split: str | None = None,
) -> dict[str, object]:
    """Figures of a model on labelled rows it has not seen, each beside the majority baseline.

    Raises LabelError, a ModerationError, for rows that cannot be used.
    """
    from moderation.learning.evaluate import evaluate as evaluate_on

    return evaluate_on(labels, model, split)


def adapt(
    files: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    model: Classifier | None = None,
    policy: str = "f1",
    rates: Mapping[str, float] | None = None,
    heads: Collection[str] = (),
) -> Classifier:
    """A model whose probabilities and thresholds are fitted to a site, from about 200 judged rows or from unlabelled comments.

    `policy` is f1, precision=SHARE or load=SHARE; `rates` gives known shares of positives by head; see `moderation adapt`.
    Raises ModerationError when the files do not suffice or the policy cannot be met.
    """
    from moderation.learning.adaptation import adapt as adapt_model

    return adapt_model(files, model, policy, rates, heads)
