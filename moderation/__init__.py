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

from moderation.errors import InputError, LabelError, ModelError, ModerationError
from moderation.records import Comment, Decision, Reason, Score, Span, Stance, Thread
from moderation.scoring.classifier import Classifier, load, score

if TYPE_CHECKING:
    from moderation.segmenter import segment

    __version__: str

__all__ = [
    "Classifier",
    "Comment",
    "Decision",
    "InputError",
    "LabelError",
    "ModelError",
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


if not TYPE_CHECKING:  # so that type checkers know the names there are

    def __getattr__(name: str) -> Any:
        """`segment` and `__version__`, looked up when they are first asked for: either takes longer than `--help` to print."""
        if name == "segment":
            from moderation.segmenter import segment

            return segment
        if name == "__version__":
            from importlib.metadata import version

            return version("moderation")
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """What there is, also what is looked up later."""
    return sorted({*globals(), *__all__})


def train(
    labels: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    split: str | None = None,
    *,
    added: Mapping[str, float] | None = None,
    base: Classifier | None = None,
    tune: bool = False,
    keep_heads: bool = False,
) -> Classifier:
    """Train a Classifier from label files; see `docs/labelling-guide.md` for the columns.

    `added` (files, each with what one of its rows counts), `base`, `tune` and `keep_heads` are what `moderation train` calls --with,
    --from, --tune and --keep-heads. Raises LabelError for rows that cannot be used.
    """
    from moderation.learning.train import train as train_from

    _check_model(base, "base")
    if added is not None and not isinstance(added, Mapping):
        raise TypeError('added must map files to what one of their rows counts, such as {"more.csv": 0.5}')
    return train_from(labels, split, added=added, base=base, tune=tune, keep_heads=keep_heads)


def evaluate(
    labels: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    model: Classifier | None = None,
    split: str | None = None,
) -> dict[str, object]:
    """Figures of a model on labelled rows it has not seen, each beside the majority baseline.

    Raises LabelError for rows that cannot be used.
    """
    from moderation.learning.evaluate import evaluate as evaluate_on

    _check_model(model, "model")
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

    _check_model(model, "model")
    if isinstance(heads, str):
        raise TypeError(f'heads must be several names, such as ["{heads}"]')
    return adapt_model(files, model, policy, rates, heads)


def _check_model(model: object, name: str) -> None:
    if model is not None and not isinstance(model, Classifier):
        raise TypeError(f"{name} must be a Classifier, not {type(model).__name__}; load a folder with moderation.load")
