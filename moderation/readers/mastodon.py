"""Mastodon: a status's context (/api/v1/statuses/ID/context), or a list of statuses."""

from collections.abc import Iterator
from typing import Any

from moderation.readers.making import Draft, finish
from moderation.readers.markup import clean
from moderation.readers.options import Format, ReadOptions
from moderation.readers.source import Source
from moderation.readers.trees import read_objects
from moderation.readers.values import identify, to_text
from moderation.records import BadRecord, Record, Skipped, Thread

__all__ = ["FORMAT"]


def refuse(source: Source) -> str:
    """Why this is not from Mastodon, or ""."""
    keys = source.keys
    if keys >= {"ancestors", "descendants"} or keys >= {"in_reply_to_id", "content", "account"}:
        return ""
    return "no object has ancestors and descendants (a context) or in_reply_to_id, content and account (statuses)"


def read(source: Source, options: ReadOptions) -> Iterator[Record]:
    """Statuses as comments. A first ancestor that answers nobody is the header's article."""
    for item in read_objects(source, options):
        if isinstance(item, BadRecord):
            yield item
            continue
        row = item[1]
        if not isinstance(row, dict):
            yield BadRecord(file=source.name, reason="the status is not an object", raw=repr(row)[:200])
        elif "descendants" in row or "ancestors" in row:
            yield from _read_context(row, options)
        else:
            yield _make(row, "", options)


def _read_context(context: dict[str, Any], options: ReadOptions) -> Iterator[Record]:
    statuses: list[Any] = []
    for key in ("ancestors", "descendants"):
        part = context.get(key)
        statuses.extend(part if isinstance(part, list) else ())
    statuses = [status for status in statuses if isinstance(status, dict)]
    if not statuses:
        return
    first = statuses[0]
    answered = identify(first.get("in_reply_to_id"))
    thread = answered or identify(first.get("id"))
    if not answered:
        text, _ = clean(_words(first), "html")
        yield Thread(id=thread, article=text or None, url=to_text(first.get("url")) or None)
    for status in statuses if answered else statuses[1:]:
        yield _make(status, thread, options)


def _words(status: dict[str, Any]) -> str:
    """The content after its warning, which the author wrote too."""
    warning = to_text(status.get("spoiler_text")).strip()
    escaped = warning.replace("&", "&amp;").replace("<", "&lt;")
    content = to_text(status.get("content"))
    return f"<p>{escaped}</p>{content}" if warning else content


def _make(status: dict[str, Any], thread: str, options: ReadOptions) -> Record:
    if isinstance(status.get("reblog"), dict):
        return Skipped(reason="boost of another status")
    parent = identify(status.get("in_reply_to_id"))
    account = status.get("account")
    author = account.get("acct") or account.get("username") if isinstance(account, dict) else None
    return finish(
        Draft(
            text=_words(status),
            markup="html",
            id=status.get("id"),
            parent=None if parent == thread else parent,
            thread=thread,
            author=author,
            time=status.get("created_at"),
            fields=status,
        ),
        options,
    )


FORMAT = Format(
    name="mastodon", summary="Mastodon: the context of a status, or a list of statuses", refuse=refuse, read=read
)
