"""Turns objects with named fields (JSON objects, CSV rows) into records: our own schema as it is, others by guessed columns."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from moderation.readers.columns import Columns, guess
from moderation.readers.duplicates import Seen
from moderation.readers.making import Draft, finish, look_up
from moderation.readers.options import ReadOptions
from moderation.readers.values import identify, mend, to_text
from moderation.records import Comment, Record, Skipped, Span, Thread

__all__ = ["Mapper"]

_MARKS = frozenset(("[deleted]", "[removed]"))
_FLAGS = (
    *((key, "deleted") for key in ("deleted", "is_deleted", "isDeleted", "removed")),
    *((key, "spam") for key in ("spam", "is_spam", "isSpam")),
)
_TRUE = ("true", "1", "yes")
_END = object()


NAMED = 120
"""Characters of a title that name a thread without an id."""


class _OwnComment(msgspec.Struct, kw_only=True):
    """A comment or score line that this project wrote; `kept` is what score lines call `extra`."""

    text: str
    quotes: tuple[Span, ...]
    thread: str = ""
    id: str = ""
    parent: str | None = None
    start: int | None = None
    end: int | None = None
    quote_lines: tuple[int | None, ...] = ()
    boundary: float | None = None
    parent_probability: float | None = None
    author: str | None = None
    time: str | None = None
    extra: dict[str, Any] = {}
    kept: dict[str, Any] = {}


class Mapper:
    """Maps objects to records; remembers the columns it guessed and the thread headers it gave."""

    def __init__(self, options: ReadOptions, stem: str = "") -> None:
        self.options = options
        self.stem = stem
        self._columns: dict[tuple[str, ...], Columns] = {}
        self._headers = Seen(options.max_ids)

    def map(self, fields: Mapping[str, Any]) -> Iterator[Record]:
        """The records of one object: a thread header of ours, a thread with its comments inside, or a comment.

        Raises ValueError with the reason when the object is none of these.
        """
        if isinstance(fields.get("quotes"), list) and isinstance(fields.get("text"), str):
            own = _read_own(fields)
            if own is not None:
                yield own
                return
        if fields.get("record") == "thread":
            yield _read_header(fields)
            return
        if isinstance(fields.get("comments"), list):
            yield from self._map_thread(fields)
            return
        columns = self.columns(fields)
        thread = ""
        for record in self.map_row(fields, columns):
            thread = record.thread if isinstance(record, Comment) else thread
            yield record
        replies = _find_replies(fields)
        if any(isinstance(reply, dict) for reply in replies):
            yield from self._walk(replies, thread, look_up(fields, columns.id) if columns.id else None)

    def columns(self, fields: Mapping[str, Any]) -> Columns:
        """The columns for objects with these keys; guessed once for each set of keys."""
        keys = tuple(fields)
        found = self._columns.get(keys)
        if found is None:
            if len(self._columns) >= 1000:
                self._columns.clear()
            found = self._columns[keys] = guess(keys, self.options)
        return found

    def map_row(self, fields: Mapping[str, Any], columns: Columns) -> Iterator[Record]:
        """The comment of one row, after its thread's header when the row brings a title or an article that is new."""
        if columns.text is None or (columns.text not in fields and look_up(fields, columns.text) is None):
            raise ValueError(self._no_text(fields))
        thread = identify(look_up(fields, columns.thread)) if columns.thread else ""
        if columns.title or columns.article:
            title = to_text(look_up(fields, columns.title)).strip() if columns.title else ""
            article = to_text(look_up(fields, columns.article)).strip() if columns.article else ""
            # without a thread's id its title is its name: comments under other titles are about something else
            thread = thread if columns.thread else mend((title or article)[:NAMED])
            if not self._headers.add("", thread) and (title or article):
                yield Thread(id=thread, title=title or None, article=article or None)
        text = look_up(fields, columns.text)
        gone = _mark(fields) or (text.strip().strip("[]") if isinstance(text, str) and text.strip() in _MARKS else "")
        if gone:
            yield Skipped(reason=gone)
            return
        parent = look_up(fields, columns.parent) if columns.parent else None
        if isinstance(parent, dict):
            parent = parent.get("id")
        yield finish(
            Draft(
                text=to_text(text),
                markup=self.options.markup,
                id=look_up(fields, columns.id) if columns.id else None,
                parent=None if parent in (0, "0", -1, "-1", "null", "None") else parent,
                thread=thread,
                author=look_up(fields, columns.author) if columns.author else None,
                time=look_up(fields, columns.time) if columns.time else None,
                fields=fields,
            ),
            self.options,
        )

    def _map_thread(self, fields: Mapping[str, Any]) -> Iterator[Record]:
        """A thread object with its comments in a list, as many exports and our own test sets nest them."""
        article = fields.get("article", fields.get("body", fields.get("text")))
        if isinstance(article, list):
            article = "\n".join(to_text(part) for part in article)
        thread = identify(fields.get("thread_id", fields.get("id", fields.get("url"))))
        yield Thread(
            id=thread,
            title=to_text(fields.get("title")).strip() or None,
            article=to_text(article).strip() or None,
            url=to_text(fields.get("url", fields.get("link"))) or None,
        )
        yield from self._walk(fields["comments"], thread, None)

    def _walk(self, comments: list[Any], thread: str, parent: Any) -> Iterator[Record]:
        """Comments in lists in comments, each before its replies, however deep."""
        waiting = [iter(comments)]
        parents = [parent]
        while waiting:
            child = next(waiting[-1], _END)
            if child is _END:
                waiting.pop()
                parents.pop()
            elif isinstance(child, dict) and not isinstance(child.get("comments"), list):
                yield from self._map_nested(child, thread, parents[-1])
                if replies := _find_replies(child):
                    id = self.columns(child).id
                    waiting.append(iter(replies))
                    parents.append(look_up(child, id) if id else None)
            else:
                yield Skipped(reason="no comment object")

    def _map_nested(self, child: Mapping[str, Any], thread: str, parent: Any) -> Iterator[Record]:
        columns = self.columns(child)
        if columns.text is None:
            yield Skipped(reason="no text field")
            return
        for record in self.map_row(child, columns):
            if isinstance(record, Comment):
                changes: dict[str, Any] = {"thread": thread} if thread else {}
                if parent is not None and record.parent is None:
                    changes["parent"] = identify(parent)
                record = msgspec.structs.replace(record, **changes)
            if not isinstance(record, Thread):
                yield record

    def _no_text(self, fields: Mapping[str, Any]) -> str:
        seen = ", ".join(list(fields)[:12]) or "nothing"
        if self.options.text_column:
            return f'there is no "{self.options.text_column}" among its fields ({seen})'
        return f"no field looks like a comment's text among its fields ({seen}); name it with --text-column"


def _find_replies(fields: Mapping[str, Any]) -> list[Any]:
    """The list of replies that stands in a comment, if one does."""
    return next((fields[key] for key in ("replies", "children") if isinstance(fields.get(key), list)), [])


def _mark(fields: Mapping[str, Any]) -> str:
    """Why the source itself says that the comment is gone, or ""."""
    for key, reason in _FLAGS:
        if key in fields and str(fields[key]).strip().lower() in _TRUE:
            return reason
    return ""


def _read_own(fields: Mapping[str, Any]) -> Comment | None:
    """A comment in our own schema exactly as written, or None when the fields have other types."""
    try:
        own = msgspec.convert(fields, _OwnComment)
    except (msgspec.ValidationError, RecursionError):
        return None
    last = 0
    for span in own.quotes:
        if not last <= span.start < span.end:
            return None
        last = span.end
    if last > len(own.text) or not own.text.strip():
        return None
    return Comment(
        text=mend(own.text),
        thread=mend(own.thread),
        id=mend(own.id),
        parent=own.parent,
        start=own.start,
        end=own.end,
        quotes=own.quotes,
        quote_lines=own.quote_lines,
        boundary=own.boundary,
        parent_probability=own.parent_probability,
        author=own.author,
        time=own.time,
        extra=own.extra or own.kept,
    )


def _read_header(fields: Mapping[str, Any]) -> Thread:
    def part(key: str) -> str | None:
        value = fields.get(key)
        return mend(value) if isinstance(value, str) else None

    return Thread(
        id=identify(fields.get("id")), title=part("title"), article=part("article"), url=part("url"), text=part("text")
    )
