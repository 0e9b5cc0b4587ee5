"""WordPress: WXR exports (XML of any version) and the REST API's comments and posts (JSON)."""

from collections.abc import Iterator
from typing import Any

from moderation.readers.making import Draft, finish
from moderation.readers.markup import clean
from moderation.readers.options import Format, ReadOptions
from moderation.readers.source import Source
from moderation.readers.trees import read_objects
from moderation.readers.values import identify
from moderation.readers.xml import children_text, local, stream_elements, xml_root
from moderation.records import BadRecord, Record, Skipped, Thread

__all__ = ["FORMAT"]

_SYSTEM_TYPES = ("pingback", "trackback", "pingbacks", "webmention", "order_note", "action_log")
_APPROVED = {"spam": "spam", "trash": "deleted", "post-trashed": "deleted"}


def refuse(source: Source) -> str:
    """Why this is not from WordPress, or ""."""
    head = source.head
    if xml_root(source) == "rss":
        return (
            ""
            if b"wordpress.org/export/" in head or b"<wp:" in head
            else "it is RSS without WordPress's export namespace"
        )
    if source.keys >= {"author_name", "content", "post"} and source.keys & {"rendered", "raw"}:
        return ""
    return "it is neither RSS with the WordPress export namespace nor JSON with author_name, post and content.rendered"


def read(source: Source, options: ReadOptions) -> Iterator[Record]:
    """Comments under a header for each item that has any: title, content as article, link.

    Line breaks count in WXR comments, as they do when WordPress shows them. Comments that wait for approval are read too;
    spam, trash, pingbacks and trackbacks are skipped.
    """
    yield from _read_rest(source, options) if source.keys else _read_wxr(source, options)


def _read_wxr(source: Source, options: ReadOptions) -> Iterator[Record]:
    item: Any = None
    thread = ""
    for element in stream_elements(source, ("item", "comment"), nested=True):
        if isinstance(element, BadRecord):
            yield element
        elif local(element) == "item":
            item = None
        elif len(element):
            around = element.getparent()
            if around is not None and around is not item:
                item = around
                header = _make_header(item)
                thread = header.id
                yield header
            yield _make_wxr(children_text(element), thread, options)


def _make_header(item: Any) -> Thread:
    """The item's parts that stand before its first comment."""
    parts: dict[str, str] = {}
    for inner in item:
        name = local(inner)
        if name == "comment":
            break
        if name == "encoded" and "excerpt" in inner.tag:
            continue
        parts.setdefault(name, inner.text or "")
    article, _ = clean(parts.get("encoded", ""), "html-lines")
    title, _ = clean(parts.get("title", ""), "html")
    link = parts.get("link", "").strip()
    id = parts.get("post_id", "").strip() or link
    return Thread(id=id, title=title or None, article=article or None, url=link or None)


def _make_wxr(parts: dict[str, str], thread: str, options: ReadOptions) -> Record:
    if parts.get("comment_type", "").strip() in _SYSTEM_TYPES:
        return Skipped(reason="system")
    approved = parts.get("comment_approved", "").strip()
    if approved in _APPROVED:
        return Skipped(reason=_APPROVED[approved])
    parent = identify(parts.get("comment_parent"))
    gmt = parts.get("comment_date_gmt", "").strip()
    time = f"{gmt}Z" if gmt and not gmt.startswith("0000") else parts.get("comment_date")
    return finish(
        Draft(
            text=parts.get("comment_content", ""),
            markup="html-lines",
            id=parts.get("comment_id"),
            parent=None if parent == "0" else parent,
            thread=thread,
            author=parts.get("comment_author"),
            time=time,
            fields=parts,
        ),
        options,
    )


def _read_rest(source: Source, options: ReadOptions) -> Iterator[Record]:
    for item in read_objects(source, options):
        if isinstance(item, BadRecord):
            yield item
        elif not isinstance(item[1], dict):
            yield BadRecord(file=source.name, reason="the comment is not an object", raw=repr(item[1])[:200])
        else:
            yield _make_rest(item[1], options)


def _rendered(value: Any) -> tuple[Any, str]:
    """A text and its markup: as shown if there is such a form, else as stored."""
    if isinstance(value, dict):
        return (
            (value["rendered"], "html") if isinstance(value.get("rendered"), str) else (value.get("raw"), "html-lines")
        )
    return value, "html"


def _make_rest(row: dict[str, Any], options: ReadOptions) -> Record:
    text, markup = _rendered(row.get("content"))
    if "author_name" not in row and isinstance(row.get("title"), dict):
        title, _ = clean(str(_rendered(row["title"])[0] or ""), "html")
        article, _ = clean(str(text or ""), markup)
        return Thread(
            id=identify(row.get("id")),
            title=title or None,
            article=article or None,
            url=identify(row.get("link")) or None,
        )
    if row.get("type") in _SYSTEM_TYPES:
        return Skipped(reason="system")
    if row.get("status") in ("spam", "trash"):
        return Skipped(reason="spam" if row["status"] == "spam" else "deleted")
    parent = identify(row.get("parent"))
    gmt = row.get("date_gmt")
    return finish(
        Draft(
            text=text,
            markup=markup,
            id=row.get("id"),
            parent=None if parent == "0" else parent,
            thread=row.get("post"),
            author=row.get("author_name"),
            time=f"{gmt}Z" if isinstance(gmt, str) and gmt and gmt[-1].isdigit() else row.get("date"),
            fields=row,
        ),
        options,
    )


FORMAT = Format(
    name="wordpress",
    summary="WordPress: WXR export, REST API comments and posts",
    refuse=refuse,
    read=read,
)
