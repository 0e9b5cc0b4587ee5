"""Saved web pages: comments from the page's own structure, the article from beside them.

In this order: schema.org JSON-LD, schema.org microdata, elements with ids like "comment-12" (WordPress and its kin), elements whose
class says comment. A page with none of these is given as plain text for the segmenter.
"""

import json
from collections.abc import Iterator
from typing import Any

from moderation.errors import FormatError, InputError
from moderation.readers.dom import Node, find_comments, find_time, read_content, text_of
from moderation.readers.html_text import is_crowded, walk
from moderation.readers.making import Draft, finish
from moderation.readers.options import Format, ReadOptions
from moderation.readers.source import Source
from moderation.readers.values import identify, say_size, to_text
from moderation.records import Comment, Record, Skipped, Span, Thread

__all__ = ["FORMAT"]

_MARKS = (b"<!doctype html", b"<html", b"<head", b"<body", b"<meta", b"<title")
_MAX_TRIES = 20
"""Elements that are looked at as the article; each costs a walk through all that is in it."""

_COMMENT_TYPES = ("Comment", "UserComments", "Answer")
_LIST_KEYS = ("comment", "comments", "suggestedAnswer", "acceptedAnswer")


def refuse(source: Source) -> str:
    """Why this is no web page, or ""."""
    head = source.head.removeprefix(b"\xef\xbb\xbf").lstrip()[:4096].lower()
    if not head.startswith(b"<"):
        return "it does not begin with a tag"
    if head.startswith(b"<?xml") and b"<html" not in head:
        return "it is XML"
    if any(mark in head for mark in _MARKS) or b'class="comment' in source.head or b"<div" in head:
        return ""
    return "its first tags are not those of a web page"


def read(source: Source, options: ReadOptions) -> Iterator[Record]:
    """A header with title, article and address, then the comments in the order of the page.

    Raises InputError for a page over `options.max_page` bytes, FormatError when there is nothing in it.
    """
    data = source.stream.read(options.max_page + 1)
    if len(data) > options.max_page:
        raise InputError(f"the page is larger than {say_size(options.max_page)}", source.name, "split it")
    root = _parse(data, source)
    nodes = find_comments(root)
    linked = _read_linked(root)
    header = _make_header(root, source.stem, nodes)
    if len(linked) >= max(1, len(nodes)):
        yield header
        for row, parent in linked:
            yield _make_linked(row, parent, header.id, options)
    elif nodes:
        yield header
        for node in nodes:
            yield _make(node, header.id, options)
    else:
        body = root.find("body")
        text, _ = walk(body if body is not None else root)
        if not text.strip():
            raise FormatError(
                "the page holds no text", source.name, "its comments may be loaded by a script; save what you see"
            )
        yield Thread(id=header.id, title=header.title, url=header.url, text=text)


def _parse(data: bytes, source: Source) -> Any:
    from lxml import etree

    if is_crowded(data):
        raise FormatError("an element of the page has thousands of attributes", source.name)
    encoding = None
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        data, encoding = data.decode("utf-16", "replace").encode(), "utf-8"
    elif _is_utf8(data):
        encoding = "utf-8"
    parser = etree.HTMLParser(encoding=encoding, remove_comments=True, remove_pis=True, huge_tree=True)
    try:
        root = etree.fromstring(data.replace(b"\0", b""), parser)
    except (etree.XMLSyntaxError, etree.ParserError, ValueError, LookupError) as error:
        raise FormatError(f"the page cannot be parsed: {error}", source.name) from None
    if root is None:
        raise FormatError("the page holds no text", source.name)
    return root


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _make_header(root: Any, stem: str, nodes: list[Node]) -> Thread:
    def meta(*names: str) -> str:
        for name in names:
            for key in ("property", "name", "itemprop"):
                for found in root.iterfind(f".//meta[@{key}='{name}']"):
                    if (found.get("content") or "").strip():
                        return " ".join(found.get("content").split())
        return ""

    link = root.find(".//link[@rel='canonical']")
    url = (link.get("href") if link is not None else "") or meta("og:url")
    title = meta("og:title", "headline")
    if not title:
        element = root.find(".//title")
        title = " ".join(text_of(element).split()) if element is not None else ""
    return Thread(id=stem or url, title=title or None, article=_find_article(root, nodes) or None, url=url or None)


def _find_article(root: Any, nodes: list[Node]) -> str:
    """The text of the likeliest article element, without the comments in it."""
    inside = {node.element for node in nodes}
    names = [
        "entry-content",
        "post-content",
        "article-body",
        "article-content",
        "story-body",
        "post-body",
        "td-post-content",
        "articlebody",
    ]
    candidates = [element for element in root.iter() if isinstance(element.tag, str) and element not in inside]

    def matches(element: Any) -> int:
        prop = (element.get("itemprop") or "").lower()
        classes = set((element.get("class") or "").lower().split())
        if prop == "articlebody":
            return 3
        if not classes.isdisjoint(names):
            return 2
        return 1 if element.tag == "article" else 0

    best, rank, tries = "", 0, 0
    for element in candidates:
        if matches(element) > rank and tries < _MAX_TRIES:
            tries += 1
            text, _ = walk(
                element, skip=lambda inner: inner in inside or inner.tag in ("aside", "nav", "footer", "form")
            )
            if len(text) > 80:
                best, rank = text, matches(element)
    return best


def _make(node: Node, thread: str, options: ReadOptions) -> Record:
    text, quotes = read_content(node)
    if not text.strip():
        return Skipped(reason="empty")
    return _finish(text, quotes, node, thread, options)


def _finish(text: str, quotes: tuple[Span, ...], node: Node, thread: str, options: ReadOptions) -> Record:
    return finish(
        Draft(
            text=text,
            quotes=quotes,
            id=node.id,
            parent=node.parent,
            thread=thread,
            author=node.author,
            time=find_time(node),
            fields=dict(node.element.items()) if options.keep else {},
        ),
        options,
    )


def _read_linked(root: Any) -> list[tuple[dict[str, Any], str | None]]:
    """Comments in JSON-LD with the id of the comment that each answers, in the order of the page."""
    found: list[tuple[dict[str, Any], str | None]] = []
    for script in root.iter("script"):
        if (script.get("type") or "").partition(";")[0].strip().lower() != "application/ld+json":
            continue
        try:
            stack: list[tuple[Any, str | None]] = [(json.loads(script.text or "", strict=False), None)]
        except (ValueError, RecursionError):
            continue
        while stack:
            value, parent = stack.pop()
            if isinstance(value, list):
                stack.extend((item, parent) for item in reversed(value))
            elif isinstance(value, dict):
                is_comment = _is_type(value, _COMMENT_TYPES) and isinstance(
                    value.get("text", value.get("description")), str
                )
                if is_comment:
                    found.append((value, parent))
                above = (
                    identify(value.get("@id") or value.get("url") or value.get("identifier")) if is_comment else parent
                )
                keys = _LIST_KEYS if is_comment else (*_LIST_KEYS, "@graph", "mainEntity")
                stack.extend(
                    (value[key], above or None) for key in reversed(keys) if isinstance(value.get(key), dict | list)
                )
    return found


def _is_type(value: dict[str, Any], names: tuple[str, ...]) -> bool:
    kinds = value.get("@type")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    return any(isinstance(kind, str) and kind.rpartition("/")[2] in names for kind in kinds)


def _make_linked(row: dict[str, Any], parent: str | None, thread: str, options: ReadOptions) -> Record:
    above = row.get("parentItem")
    if isinstance(above, dict) and _is_type(above, _COMMENT_TYPES):
        parent = identify(above.get("@id") or above.get("url")) or parent
    author = row.get("author", row.get("creator"))
    author = author[0] if isinstance(author, list) and author else author
    record = finish(
        Draft(
            text=to_text(row.get("text", row.get("description"))),
            markup="html",
            id=row.get("@id") or row.get("url") or row.get("identifier"),
            parent=parent,
            thread=thread,
            author=author,
            time=row.get("dateCreated") or row.get("datePublished") or row.get("commentTime"),
            fields=row,
        ),
        options,
    )
    return record if isinstance(record, Comment) else Skipped(reason="empty")


FORMAT = Format(
    name="html",
    summary="a saved web page: schema.org comments, WordPress comment lists, nested comment elements",
    refuse=refuse,
    read=read,
)
