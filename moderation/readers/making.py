"""Makes a Comment of what a reader found: markup to text, quotes to spans, empty ones to Skipped."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from moderation.readers.markup import clean
from moderation.readers.options import ReadOptions
from moderation.readers.values import identify, mend, name, tell_time
from moderation.records import Comment, Skipped, Span

__all__ = ["Draft", "finish", "keep_fields", "look_up"]


class Draft(Struct, kw_only=True):
    """The parts of a comment as the dump has them: any types, markup still in the text.

    With `quotes` the text is taken as it stands.
    """

    text: Any
    markup: str = "plain"
    id: Any = None
    parent: Any = None
    thread: Any = None
    author: Any = None
    time: Any = None
    fields: Mapping[str, Any] = {}
    quotes: tuple[Span, ...] | None = None


def finish(draft: Draft, options: ReadOptions) -> Comment | Skipped:
    """The comment, or Skipped("empty") when no text is left.

    Source fields named in `options.keep` go to `extra` (dots reach into objects).
    """
    text = draft.text
    if not isinstance(text, str):
        return Skipped(reason="empty")
    if draft.quotes is None:
        text, quotes = clean(mend(text), draft.markup, options.quote_lines)
    else:
        text, quotes = mend(text), draft.quotes
    if not text or text.isspace():
        return Skipped(reason="empty")
    return Comment(
        text=text,
        thread=identify(draft.thread),
        id=identify(draft.id),
        parent=identify(draft.parent) or None,
        quotes=quotes,
        author=name(draft.author),
        time=tell_time(draft.time),
        extra=keep_fields(draft.fields, options.keep) if options.keep else {},
    )


def keep_fields(fields: Mapping[str, Any], keep: tuple[str, ...]) -> dict[str, Any]:
    """The fields named in `keep`, where they exist."""
    kept = {}
    for key in keep:
        value = look_up(fields, key)
        if value is not None:
            kept[key] = mend(value) if isinstance(value, str) else value
    return kept


def look_up(fields: Mapping[str, Any], key: str) -> Any:
    """The value of `key`; with dots ("content.rendered") the value inside objects; None where there is none.

    >>> look_up({"content": {"rendered": "Hi"}}, "content.rendered")
    'Hi'
    """
    if key in fields:
        return fields[key]
    value: Any = fields
    for part in key.split("."):
        if not isinstance(value, Mapping) or part not in value:
            return None
        value = value[part]
    return value
