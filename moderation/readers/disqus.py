"""Disqus: the XML export of a forum."""

from collections.abc import Iterator
from typing import Any

from moderation.readers.making import Draft, finish
from moderation.readers.markup import clean
from moderation.readers.options import Format, ReadOptions
from moderation.readers.source import Source
from moderation.readers.xml import children, children_text, local, stream_elements, xml_root
from moderation.records import BadRecord, Record, Skipped, Thread

__all__ = ["FORMAT"]

_ID = "{http://disqus.com/disqus-internals}id"


def refuse(source: Source) -> str:
    """Why this is no Disqus export, or ""."""
    return "" if xml_root(source) == "disqus" else "its first element is not <disqus>"


def read(source: Source, options: ReadOptions) -> Iterator[Record]:
    """A header for every thread that has an id, as they stand in the file, and a comment for every post.

    A post whose thread is missing keeps the missing id, and so does one whose parent is missing.
    """
    for element in stream_elements(source, ("thread", "post")):
        if isinstance(element, BadRecord):
            yield element
        elif local(element) == "post":
            yield _make_post(element, options)
        elif len(element):
            yield _make_thread(element)


def _id(element: Any) -> str:
    return (element.get(_ID) or element.get("id") or "").strip() if element is not None else ""


def _make_thread(element: Any) -> Thread:
    parts = children_text(element)
    title, _ = clean(parts.get("title", ""), "html")
    article, _ = clean(parts.get("message", ""), "html")
    return Thread(
        id=_id(element), title=title or None, article=article or None, url=parts.get("link", "").strip() or None
    )


def _make_post(element: Any, options: ReadOptions) -> Record:
    elements = children(element)
    parts = {name: inner.text or "" for name, inner in elements.items()}
    if parts.get("isDeleted") == "true":
        return Skipped(reason="deleted")
    if parts.get("isSpam") == "true":
        return Skipped(reason="spam")
    author = elements.get("author")
    names = children_text(author) if author is not None else {}
    return finish(
        Draft(
            text=parts.get("message", ""),
            markup="html",
            id=_id(element),
            parent=_id(elements.get("parent")),
            thread=_id(elements.get("thread")),
            author=names.get("name") or names.get("username"),
            time=parts.get("createdAt"),
            fields=parts,
        ),
        options,
    )


FORMAT = Format(name="disqus", summary="Disqus: the XML export of a forum", refuse=refuse, read=read)
