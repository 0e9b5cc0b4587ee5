"""Finds comments in the elements of a web page: containers, their parents, authors, times and words."""

import re
from typing import Any

from msgspec import Struct

from moderation.readers.html_text import walk
from moderation.records import Span

__all__ = ["Node", "find_comments", "find_time", "read_content", "text_of"]

_ID = re.compile(r"(?:li-|div-|dsq-)?comment[-_]?(\d+)|(?:comment|cmt|c|post)[-_](?:id[-_])?(\w*\d\w*)", re.IGNORECASE)
_TYPE = re.compile(r"schema\.org/(?:Comment|UserComments|Answer)\b")
_CLASS = frozenset(
    [
        "comment",
        "comment-item",
        "commentitem",
        "comment-container",
        "comment-entry",
        "comment-block",
        "single-comment",
        "post-comment",
        "user-comment",
        "comment-row",
        "comment_item",
        "reply-comment",
        "c-comment",
        "comment-list-item",
        "comment-thread-item",
    ]
)
_CONTENT_CLASS = (
    "comment-content", "comment_content", "comment-text", "comment_text", "commenttext", "comment__content", "comment__text",
    "comment-message", "comment__body", "comment-body-text", "commentcontent", "commentbody", "comment_body", "comment-copy",
    "usertext-body", "e-content", "comment-body", "comment-inner", "message", "text", "body", "content",
)  # fmt: skip
_NOISE_CLASS = frozenset(
    [
        "comment-author",
        "comment-meta",
        "commentmetadata",
        "comment-metadata",
        "comment_meta",
        "comment__meta",
        "comment-header",
        "comment-footer",
        "comment-date",
        "comment-time",
        "comment-info",
        "comment-actions",
        "comment-reply",
        "comment-reply-link",
        "comment-edit-link",
        "reply",
        "vcard",
        "avatar",
        "says",
        "fn",
        "author",
        "username",
        "user-name",
        "date",
        "timestamp",
        "actions",
        "votes",
        "vote",
        "edit-link",
        "reply-link",
        "moderated",
        "awaiting-moderation",
        "comment-awaiting-moderation",
        "permalink",
        "comment-permalink",
        "meta",
    ]
)
_AUTHOR_CLASS = (
    "fn",
    "comment-author-name",
    "author-name",
    "comment__author",
    "comment-author",
    "username",
    "user-name",
    "author",
    "p-author",
    "nickname",
    "user",
    "name",
)
_TIME_CLASS = (
    "comment-date",
    "comment-time",
    "comment_date",
    "comment__date",
    "date",
    "timestamp",
    "time",
    "comment-metadata",
    "commentmetadata",
    "comment-meta",
)
_LEAVE = frozenset(("form", "nav", "button", "input", "textarea", "select", "time"))


class Node(Struct, kw_only=True):
    """A comment's container, with the containers of answers inside it, which are not part of its words."""

    element: Any
    id: str | None
    parent: str | None
    inner: list[Any]
    author: str | None = None


def text_of(element: Any) -> str:
    """All text in an element."""
    return "".join(element.itertext()) if element is not None else ""


def _classes(element: Any) -> list[str]:
    return (element.get("class") or "").lower().split()


def _number(element: Any) -> str | None:
    """The id of a comment in an element's id, or None."""
    match = _ID.fullmatch(element.get("id") or element.get("data-comment-id") or "")
    return (match[1] or match[2]) if match else None


def find_comments(root: Any) -> list[Node]:
    """The containers in the order of the page, by microdata, else by ids, else by classes (then at least two)."""
    elements = [
        element for element in root.iter() if isinstance(element.tag, str) and element.tag not in ("html", "body")
    ]
    marked = [element for element in elements if _TYPE.search(element.get("itemtype") or "")]
    if marked:
        return _nest(marked)
    numbered = _outermost(
        [element for element in elements if element.tag != "a" and _ID.fullmatch(element.get("id") or "")]
    )
    if numbered and any(
        match in (element.get("id") or "").lower() for element in numbered for match in ("comment", "cmt")
    ):
        return _nest([element for element in numbered if "post" not in (element.get("id") or "").lower()])
    classed = [element for element in elements if element.tag != "a" and not _CLASS.isdisjoint(_classes(element))]
    return _nest(classed) if len(classed) >= 2 else []


def _outermost(elements: list[Any]) -> list[Any]:
    """Of nested elements for the same comment (li-comment-1, div-comment-1, comment-1) the outermost."""
    around = _containers(elements)
    kept: list[Any] = []
    numbers: dict[Any, str | None] = {}
    for element in elements:
        numbers[element] = _number(element)
        above = around[element]
        if above is None or numbers[above] != numbers[element]:
            kept.append(element)
    return kept


def _containers(elements: list[Any]) -> dict[Any, Any]:
    """For each element the nearest of the others around it, or None; one walk, for pages may be nested 2,000 deep."""
    from lxml import etree

    chosen = set(elements)
    found: dict[Any, Any] = {}
    around: list[Any] = [None]
    if elements:
        for event, element in etree.iterwalk(elements[0].getroottree().getroot(), events=("start", "end")):
            if element not in chosen:
                continue
            if event == "start":
                found[element] = around[-1]
                around.append(element)
            else:
                around.pop()
    return found


def _nest(elements: list[Any]) -> list[Node]:
    """Nodes with their parents: the nearest container around each, else what data-parent-id and the like say."""
    nodes: dict[Any, Node] = {}
    around = _containers(elements)
    for position, element in enumerate(elements, 1):
        above = around[element]
        id = (
            _number(element)
            or element.get("data-comment-id")
            or element.get("data-id")
            or element.get("id")
            or f"c{position}"
        )
        parent = nodes[above].id if above is not None else element.get("data-parent-id") or element.get("data-parent")
        node = Node(element=element, id=id, parent=None if parent == "0" else parent, inner=[])
        if above is not None:
            nodes[above].inner.append(element)
        nodes[element] = node
    for node in nodes.values():
        node.author = _find_author(node)
    return list(nodes.values())


def _own(node: Node) -> list[Any]:
    """Elements of a comment without those of the answers inside it, in the order of the page."""
    inner = set(node.inner)
    found: list[Any] = []
    stack = list(reversed(list(node.element)))
    while stack:
        element = stack.pop()
        if element in inner or not isinstance(element.tag, str):
            continue
        found.append(element)
        stack.extend(reversed(list(element)))
    return found


def _prop(element: Any) -> list[str]:
    return (element.get("itemprop") or "").lower().split()


def _first(elements: list[Any], names: tuple[str, ...]) -> Any:
    """The first element with the earliest of these classes."""
    for name in names:
        for element in elements:
            if name in _classes(element):
                return element
    return None


def _find_author(node: Node) -> str | None:
    elements = _own(node)
    for element in elements:
        if {"author", "creator"} & set(_prop(element)):
            named = next(
                (inner for inner in element.iter() if isinstance(inner.tag, str) and "name" in _prop(inner)), element
            )
            words = " ".join((named.get("content") or text_of(named)).split())
            if words:
                return words
    by_class = _first(elements, _AUTHOR_CLASS)
    if by_class is None:
        by_class = next((element for element in elements if element.tag == "cite"), None)
    words = " ".join(text_of(by_class).split()) if by_class is not None else node.element.get("data-author") or ""
    return words[:200] or None


def find_time(node: Node) -> str | None:
    """When a comment was written: a machine-readable time if the page has one, else its words."""
    elements = _own(node)
    for element in elements:
        if {"datecreated", "datepublished", "commenttime"} & set(_prop(element)):
            return element.get("datetime") or element.get("content") or text_of(element)
    for element in elements:
        if element.tag in ("time", "abbr") and (element.get("datetime") or element.get("title")):
            return element.get("datetime") or element.get("title")  # type: ignore[no-any-return]
    found = _first(elements, _TIME_CLASS)
    return " ".join(text_of(found).split())[:100] or None if found is not None else None


def read_content(node: Node) -> tuple[str, tuple[Span, ...]]:
    """The words of a comment and the quotes in them, without author, date, buttons and the answers inside."""
    elements = _own(node)
    inner = set(node.inner)
    content = next((element for element in elements if {"text", "commenttext"} & set(_prop(element))), None)
    if content is None:
        content = _first(elements, _CONTENT_CLASS)

    def skip(element: Any) -> bool:
        if element in inner or element.tag in _LEAVE:
            return True
        if {"author", "creator", "datecreated", "datepublished"} & set(_prop(element)):
            return True
        return element.tag not in ("p", "blockquote") and not _NOISE_CLASS.isdisjoint(_classes(element))

    text, quotes = walk(content if content is not None else node.element, skip=skip)
    if not text.strip() and content is not None:
        text, quotes = walk(node.element, skip=skip)
    return text, quotes
