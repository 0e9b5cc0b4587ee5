"""The records that flow through the pipeline; their fields are the wire schema.

Readers give `Thread` headers, `Comment`s, `BadRecord`s and `Skipped` notes; the segmenter turns a `Thread` that still
holds one undivided `text` into comments; scoring turns a `Comment` into a `Score`. All are frozen `msgspec.Struct`s:
`msgspec.json.encode(record)` writes the JSON Lines form, `msgspec.to_builtins(record)` the dict.
Offsets are code points, half open, as in `text[start:end]`.
"""

from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType

__all__ = [
    "Action",
    "BadRecord",
    "Comment",
    "Decision",
    "Reason",
    "Record",
    "Score",
    "Skipped",
    "Span",
    "Stance",
    "StanceLabel",
    "Thread",
]

StanceLabel = Literal["favor", "against", "neutral"]
Action = Literal["approve", "review"]


class Span(Struct, frozen=True, array_like=True):
    """A half-open range of code points; `[start, end]` on the wire."""

    start: int
    end: int


class Comment(Struct, frozen=True, kw_only=True):
    """One reader comment.

    `start`, `end` are set when the comment is a slice of a pasted page; `quotes` lie in `text` and are not the commenter's
    own words; `quote_lines` gives, for each quote, the line of the page (from 1) that it copies, or None.
    `boundary` is the calibrated probability that a comment starts here, `parent_probability` that `parent` is right;
    both are None where the source itself said so. `time` is ISO 8601, or the page's own words when they cannot be dated.
    `extra` holds the source's other fields.
    """

    text: str
    thread: str = ""
    id: str = ""
    parent: str | None = None
    start: int | None = None
    end: int | None = None
    quotes: tuple[Span, ...] = ()
    quote_lines: tuple[int | None, ...] = ()
    boundary: float | None = None
    parent_probability: float | None = None
    author: str | None = None
    time: str | None = None
    extra: dict[str, Any] = {}


class Thread(Struct, frozen=True, kw_only=True):
    """A page: its title, the article that people comment on, and the comments where they are held together.

    Streaming readers give the header first (no `comments`) and the comments one by one after it. A pasted page that has
    not been segmented yet has its whole source in `text` and no comments.
    """

    id: str = ""
    title: str | None = None
    article: str | None = None
    url: str | None = None
    text: str | None = None
    comments: tuple[Comment, ...] = ()


class BadRecord(Struct, frozen=True, kw_only=True):
    """A record that could not be read: where it stood, why, and its raw bytes as text (shortened)."""

    file: str
    reason: str
    line: int | None = None
    byte: int | None = None
    raw: str = ""


class Skipped(Struct, frozen=True, kw_only=True):
    """`count` records passed over on purpose: deleted, removed, empty, spam, system, duplicate."""

    reason: str
    count: int = 1


Record = Thread | Comment | BadRecord | Skipped


class Stance(Struct, frozen=True):
    """Probabilities of one comment's stance toward one target; `label` is None where the model abstains."""

    target: str
    label: StanceLabel | None
    favor: float
    against: float
    neutral: float


class Reason(Struct, frozen=True):
    """A span of the raw text and its exact share of a head's logit."""

    start: int
    end: int
    weight: float


class Decision(Struct, frozen=True):
    """What the policy makes of the probabilities: flags, an action, and one sentence that says why."""

    flags: tuple[str, ...]
    action: Action
    reason: str


class Score(Struct, frozen=True, kw_only=True):
    """One scored comment, in the field order of the JSON Lines contract.

    A head that the model lacks or that does not apply is None and never flagged.
    """

    thread: str
    id: str
    parent: str | None
    start: int | None
    end: int | None
    text: str
    quotes: tuple[Span, ...]
    boundary: float | None
    stance: tuple[Stance, ...]
    conspiracy: float | None
    hostile: float | None
    flags: tuple[str, ...]
    action: Action
    language: str | None
    author: str | None
    time: str | None
    reasons: dict[str, tuple[Reason, ...]] | UnsetType = UNSET
    kept: dict[str, Any] | UnsetType = UNSET
