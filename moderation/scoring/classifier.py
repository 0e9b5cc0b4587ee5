"""The Classifier: from comments to scores, one at a time or many, with whichever execution of the loops is quicker.

A few comments are scored in plain Python, which needs no compiled code; from `KERNEL_FROM` on, the compiled kernel is loaded and
used from then on. Both compute the same sums.
"""

import os
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt
from msgspec import UNSET
from msgspec.structs import replace

from moderation import storage
from moderation.errors import ModelError
from moderation.features.vocabulary import pair_key, word_key
from moderation.model import explanation
from moderation.model.language import COMMON, identify, is_plain_english
from moderation.model.linear import NAME, STANCE_LABELS, LinearModel, alias_key
from moderation.model.policy import UNREAD, decide, tabulate
from moderation.records import Comment, Decision, Reason, Score, Stance, Thread
from moderation.text import find_words, normalise

if TYPE_CHECKING:
    from moderation.features.kernel import Kernel

__all__ = ["Classifier", "load", "score"]

KERNEL_FROM = 400
"""Comments in one call from which loading the compiled kernel (about a second) pays; plain Python takes some 2 ms a comment."""

DIGITS = 4
"""Decimals of every probability in a Score."""

BATCH = 2048

_APPROVED = decide({}, {})

Floats = npt.NDArray[np.float64]


class _Sums(NamedTuple):
    """As `moderation.features.kernel.Sums`, whose module is loaded only when it is wanted."""

    logits: Floats
    sides: Floats
    common: npt.NDArray[np.int64]


class Classifier:
    """A model ready to score. Safe to use from several threads; scoring needs no scikit-learn.

    `name` is the model folder's name and `hash` the sha256 of its JSON, None for a model that has not been saved.
    """

    def __init__(self, model: LinearModel, name: str = "unsaved", hash: str | None = None) -> None:
        self.model = model
        self.name = name
        self.hash = hash
        self._kernel: Kernel | None = None
        self._lock = threading.Lock()
        self._aliases = model.aliases()
        self._decisions = tabulate([head.name for head in model.heads])

    @property
    def targets(self) -> tuple[str, ...]:
        """Names of the stance targets that the model knows."""
        return tuple(target.name for target in self.model.targets)

    def score(
        self,
        comment: str | Comment,
        *,
        thread: Thread | None = None,
        targets: Sequence[str] = (),
        explain: bool = False,
    ) -> Score:
        """Score one comment, of `thread` where that is given; see `score_many`."""
        whole = _as_comment(comment, thread)
        threads = {whole.thread: thread} if thread else None
        return self.score_many([whole], threads=threads, targets=targets, explain=explain)[0]

    def score_many(
        self,
        comments: Sequence[str | Comment],
        *,
        threads: Mapping[str, Thread] | None = None,
        targets: Sequence[str] = (),
        explain: bool = False,
    ) -> list[Score]:
        """Scores of `comments`, in order.

        Quoted spans are not scored; in a plain text these are lines that begin with ">", where other words stand beside them. A stance
        is given for the targets that a comment names, those that its thread's title or article mainly names (`threads`, by thread id),
        and `targets`, which the caller says that all comments are about: by name or alias, in any case. Raises ModelError for a target
        that the model was not trained on.
        """
        _refuse_other(comments)
        if isinstance(targets, str):
            raise TypeError(f'targets must be a sequence of names, such as ["{targets}"]')
        try:
            whole = [comment if type(comment) is Comment else _as_comment(comment) for comment in comments]
        except TypeError as error:
            at = next(at for at, item in enumerate(comments) if not isinstance(item, str | Comment))
            raise TypeError(f"comments[{at}]: {error}") from None
        own = [own_words(comment) if comment.quotes else comment.text for comment in whole]
        about = self._about(whole, threads or {}, targets)
        sums = self._sums(own, about)
        languages = _languages(own, sums.common)
        scores = self._records(whole, languages, sums.logits, self._stances(about, sums.sides))
        for i, language in enumerate(languages):
            if language is not None and language not in self.model.languages:
                blank = {"stance": (), "conspiracy": None, "hostile": None, "flags": (), "action": UNREAD.action}
                scores[i] = replace(scores[i], **blank)
            elif explain:
                scores[i] = replace(scores[i], reasons=self._reasons(own[i]))
        return scores

    def decide(self, score: Score) -> Decision:
        """What the thresholds make of a score, with the sentence that says why.

        >>> model = load()
        >>> model.decide(model.score("I like this bridge.")).reason
        'nothing reaches its threshold'
        """
        if score.language is not None and score.language not in self.model.languages:
            return UNREAD
        heads = {head.name: head.threshold for head in self.model.heads}
        return decide({name: getattr(score, name) for name in heads}, heads)

    def find_target(self, name: str) -> int:
        """The place of a target among `targets`, by its name or an alias in any case; raises ModelError for an unknown one."""
        known = {target.casefold(): at for at, target in enumerate(self.targets)}
        at = known.get(name.strip().casefold(), self._aliases.get(alias_key(name)))
        if at is None:
            listed = ", ".join(self.targets) or "none"
            raise ModelError(f'the model was not trained on the target "{name}"', self.name, f"it knows: {listed}")
        return at

    def __reduce__(self) -> tuple[Any, ...]:
        """For processes and deep copies; what goes to another process is the whole model."""
        return Classifier, (self.model, self.name, self.hash)

    def __repr__(self) -> str:
        heads = ", ".join(head.name for head in self.model.heads)
        return f"<Classifier {self.name}: {heads}; {len(self.targets)} targets>"

    def save(self, folder: Path | str) -> None:
        """Write the model to a folder, for `moderation.load`."""
        self.model.save(folder)
        self.name, self.hash = Path(folder).name, storage.digest(folder, NAME)

    def _records(
        self,
        comments: list[Comment],
        languages: list[str | None],
        logits: Floats,
        stances: list[tuple[Stance, ...]],
    ) -> list[Score]:
        """Scores, the same for every language."""
        probabilities, decisions = self._probabilities(logits)
        # one pass that does nothing but build: at this rate every call and look-up by name shows
        return [
            Score(
                thread=comment.thread,
                id=comment.id,
                parent=comment.parent,
                start=comment.start,
                end=comment.end,
                text=comment.text,
                quotes=comment.quotes,
                boundary=comment.boundary,
                stance=stance,
                conspiracy=conspiracy,
                hostile=hostile,
                flags=decision.flags,
                action=decision.action,
                language=language,
                author=comment.author,
                time=comment.time,
                kept=comment.extra or UNSET,
            )
            for comment, language, stance, conspiracy, hostile, decision in zip(
                comments,
                languages,
                stances,
                probabilities["conspiracy"],
                probabilities["hostile"],
                decisions,
                strict=True,
            )
        ]

    def _stances(self, about: npt.NDArray[np.uint8], sides: Floats) -> list[tuple[Stance, ...]]:
        """For each comment the stances toward the targets that it is `about`, in the model's order."""
        found: list[tuple[Stance, ...]] = [()] * len(about)
        comments, numbers = np.nonzero(about)
        if not len(comments):
            return found
        targets = self.model.targets
        slopes, intercepts = np.array([t.slope for t in targets]), np.array([t.intercepts for t in targets])
        scaled = slopes[numbers, None] * (sides[comments, numbers] + intercepts[numbers])
        weights = np.exp(scaled - scaled.max(axis=1, keepdims=True))
        shares = weights / weights.sum(axis=1, keepdims=True)
        best = shares.argmax(axis=1).tolist()
        tops, rounded = shares.max(axis=1).tolist(), np.round(shares, DIGITS).tolist()
        for i, t, side, top, (favor, against, neutral) in zip(
            comments.tolist(), numbers.tolist(), best, tops, rounded, strict=True
        ):
            label = STANCE_LABELS[side] if top >= targets[t].min_probability else None
            found[i] += (Stance(targets[t].name, label, favor, against, neutral),)  # type: ignore[arg-type]
        return found

    def _probabilities(self, logits: Floats) -> tuple[dict[str, list[float | None]], list[Decision]]:
        """Calibrated probabilities of each head, rounded, None where the model lacks it; and the decision for each comment."""
        heads = self.model.heads
        intercepts, slopes, offsets = (
            np.array([getattr(head, part) for head in heads]) for part in ("intercept", "slope", "offset")
        )
        probabilities = np.round(1.0 / (1.0 + np.exp(-(slopes * (logits + intercepts) + offsets))), DIGITS)
        reached = probabilities >= np.array([head.threshold for head in heads])
        found: dict[str, list[float | None]] = dict.fromkeys(("hostile", "conspiracy"), [None] * len(logits))
        found.update({head.name: probabilities[:, k].tolist() for k, head in enumerate(heads)})
        return found, [self._decisions[number] for number in (reached @ (1 << np.arange(len(heads)))).tolist()]

    def _sums(self, texts: list[str], about: npt.NDArray[np.uint8]) -> "_Sums":
        """Weighted sums without intercepts, [n, H] and [n, T, 3], and common words; `about` gets the targets that texts name."""
        if self._kernel is None and len(texts) < KERNEL_FROM:
            return _Sums(*self._plain_sums(texts, about), np.zeros((len(texts), 2), np.int64))
        return _Sums(*self.load_kernel().score(texts, about))

    def load_kernel(self) -> "Kernel":
        """The compiled kernel, used for every call from now on: batch jobs ask for it, so that no result depends on what came before."""
        with self._lock:
            if self._kernel is None:
                from moderation.features.kernel import Aliases, Kernel, Stances

                model = self.model
                rows = [model.stance_rows(t) for t in range(len(model.targets))]
                stances = Stances(
                    [model.stance_ids[r] for r in rows],
                    [model.stance_weights[r] for r in rows],
                    Aliases(self._aliases, model.alias_ends()),
                )
                self._kernel = Kernel(model.vocabulary, model.weights, stances, COMMON)
        return self._kernel

    def _plain_sums(self, texts: list[str], about: npt.NDArray[np.uint8]) -> tuple[Floats, Floats]:
        model = self.model
        logits = np.zeros((len(texts), len(model.heads)))
        sides = np.zeros((len(texts), len(model.targets), 3))
        for i, text in enumerate(texts):
            normalised, occurrences = explanation.weigh(model, text)
            ids = np.array([feature.id for feature, _ in occurrences], np.int64)
            parts = np.array([part for _, part in occurrences])
            logits[i] = parts @ model.weights[ids].astype(np.float64)
            for target in self._named(normalised.text):
                about[i, target] = 1
            for target in np.flatnonzero(about[i]).tolist():
                rows = model.stance_rows(target)
                own = model.stance_ids[rows]
                at = np.minimum(np.searchsorted(own, ids), max(len(own) - 1, 0))
                hits = own[at] == ids if len(own) else np.zeros(len(ids), bool)
                sides[i, target] = parts[hits] @ model.stance_weights[rows][at[hits]].astype(np.float64)
        return logits, sides

    def _named(self, normalised: str) -> Counter[int]:
        """Targets that a normalised text names, and how often."""
        found: Counter[int] = Counter()
        runs = [0, 0, 0, 0]
        for word in find_words(normalised):
            key = word_key(word)
            runs = [key, *(pair_key(run, key) if run else 0 for run in runs[:-1])]
            found.update(self._aliases[run] for run in runs if run in self._aliases)
        return found

    def _main_targets(self, thread: Thread) -> set[int]:
        """What a thread is about: the targets that its title names, and those that its article names at least half as often as any.

        What an article mentions in passing is no subject of comments that never name it.
        """
        named = self._named(normalise(thread.article or "").text)
        most = max(named.values(), default=0)
        return {target for target, times in named.items() if 2 * times >= most} | set(
            self._named(normalise(thread.title or "").text)
        )

    def _about(
        self, comments: list[Comment], threads: Mapping[str, Thread], targets: Sequence[str]
    ) -> npt.NDArray[np.uint8]:
        about = np.zeros((len(comments), len(self.model.targets)), np.uint8)
        for target in targets:
            about[:, self.find_target(target)] = 1
        named = {id: self._main_targets(thread) for id, thread in threads.items()} if self.targets else {}
        if named:
            for i, comment in enumerate(comments):
                for number in named.get(comment.thread, ()):
                    about[i, number] = 1
        return about

    def _reasons(self, text: str) -> dict[str, tuple[Reason, ...]]:
        return {head.name: explanation.explain(self.model, text, head.name) for head in self.model.heads}


def _languages(texts: list[str], common: npt.NDArray[np.int64]) -> list[str | None]:
    """The language of each text; where the loops have counted enough common English words, nobody else is asked."""
    languages: list[str | None] = ["en"] * len(texts)
    for i in np.flatnonzero(~is_plain_english(common[:, 0], common[:, 1])).tolist():
        languages[i] = identify(texts[i])
    return languages


def _refuse_other(comments: object) -> None:
    """Raise TypeError for what can be iterated, but not over comments."""
    if isinstance(comments, str):
        raise TypeError("comments must be several texts, not one text; use Classifier.score for a single comment")
    if isinstance(comments, Mapping) or hasattr(comments, "columns"):
        kind = type(comments).__name__
        raise TypeError(f'comments must be texts, not a {kind}; give the column that holds them, such as table["text"]')


def _as_comment(comment: object, thread: Thread | None = None) -> Comment:
    if isinstance(comment, Comment):
        return comment
    if not isinstance(comment, str):
        raise TypeError(_say_other(comment))
    whole = Comment(text=comment, thread=thread.id if thread else "")
    if ">" not in comment:
        return whole
    from moderation.readers.markup import find_quote_lines

    quoting = replace(whole, quotes=find_quote_lines(comment))
    return quoting if own_words(quoting).strip() else whole


def _say_other(comment: object) -> str:
    return f"a comment is a str or a moderation.Comment, not {type(comment).__name__}"


def own_words(comment: Comment) -> str:
    """The comment's text with its quotes blanked out, so that offsets stay."""
    text = comment.text
    for span in comment.quotes:
        text = text[: span.start] + " " * (span.end - span.start) + text[span.end :]
    return text


def load(folder: str | os.PathLike[str] | None = None) -> Classifier:
    """The shipped model, or the one in `folder`.

    Raises ModelError when the folder is missing, damaged or of a newer format.
    """
    path = storage.find_default() if folder is None else Path(folder)
    return Classifier(LinearModel.load(path), path.name, storage.digest(path, NAME))


def score(
    comments: Iterable[str | Comment] | Thread,
    model: Classifier | None = None,
    *,
    targets: Sequence[str] = (),
    explain: bool = False,
) -> Iterator[Score]:
    """Score a stream of comments in order, a batch at a time; `model` is the shipped one unless given.

    The comments of a whole Thread also get stances toward what its title and article are mainly about. `targets` and `explain` are those
    of `Classifier.score_many`. Raises TypeError at once for what holds no comments.
    """
    _refuse_other(comments)
    if model is not None and not isinstance(model, Classifier):
        raise TypeError(f"model must be a Classifier, not {type(model).__name__}; load a folder with moderation.load")
    thread = comments if isinstance(comments, Thread) else None
    stream = iter(thread.comments if thread else comments)  # type: ignore[arg-type]
    return _stream(stream, model or load(), {thread.id: thread} if thread else {}, targets, explain)


def _stream(
    stream: Iterator[str | Comment],
    classifier: Classifier,
    threads: Mapping[str, Thread],
    targets: Sequence[str],
    explain: bool,
) -> Iterator[Score]:
    done = 0
    while batch := list(islice(stream, BATCH)):
        try:
            scores = classifier.score_many(batch, threads=threads, targets=targets, explain=explain)
        except TypeError:
            for at, item in enumerate(batch, done):
                if not isinstance(item, str | Comment):
                    raise TypeError(f"comments[{at}]: {_say_other(item)}") from None
            raise
        yield from scores
        done += len(batch)
