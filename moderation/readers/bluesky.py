"""Bluesky: app.bsky.feed.getPostThread answers."""

from collections.abc import Iterator
from typing import Any

from moderation.readers.making import Draft, finish
from moderation.readers.options import Format, ReadOptions
from moderation.readers.source import Source
from moderation.readers.trees import read_objects
from moderation.readers.values import identify, to_text
from moderation.records import BadRecord, Record, Skipped, Thread

__all__ = ["FORMAT"]


def refuse(source: Source) -> str:
    """Why this is not from Bluesky, or ""."""
    if source.keys >= {"post", "record"} and b"app.bsky." in source.head:
        return ""
    return "it has no post and record of app.bsky"


def read(source: Source, options: ReadOptions) -> Iterator[Record]:
    """Posts as comments; the post that began the thread, when it is there, is the header's article."""
    for item in read_objects(source, options):
        if isinstance(item, BadRecord):
            yield item
            continue
        row = item[1]
        view = row.get("thread", row) if isinstance(row, dict) else None
        if not isinstance(view, dict):
            yield BadRecord(file=source.name, reason="the record is not an object", raw=repr(row)[:200])
        else:
            yield from _walk(view, options)


def _walk(view: dict[str, Any], options: ReadOptions) -> Iterator[Record]:
    """Ancestors from the top, the post itself, then its replies in the order of the page, without recursion."""
    chain: list[dict[str, Any]] = [view]
    while isinstance(chain[-1].get("parent"), dict):
        chain.append(chain[-1]["parent"])
    root = _root(chain)
    stack: list[Any] = list(chain)
    replies = set(map(id, chain[1:]))
    while stack:
        node = stack.pop()
        if not isinstance(node, dict) or not isinstance(node.get("post"), dict):
            yield Skipped(reason=_missing(node))
            continue
        post = node["post"]
        uri = identify(post.get("uri"))
        record = post["record"] if isinstance(post.get("record"), dict) else {}
        if uri == root and not isinstance(record.get("reply"), dict):
            yield Thread(id=uri, article=to_text(record.get("text")).strip() or None)
        else:
            yield _make(post, record, root, options)
        children = node.get("replies")
        if isinstance(children, list) and id(node) not in replies:
            stack.extend(reversed(children))


def _root(chain: list[dict[str, Any]]) -> str:
    """The uri of the post that began the thread."""
    for node in chain:
        post = node.get("post")
        record = post.get("record") if isinstance(post, dict) else None
        reply = record.get("reply") if isinstance(record, dict) else None
        first = reply.get("root") if isinstance(reply, dict) else None
        if isinstance(first, dict) and first.get("uri"):
            return identify(first["uri"])
    top = chain[-1].get("post")
    return identify(top.get("uri")) if isinstance(top, dict) else ""


def _missing(node: Any) -> str:
    kind = to_text(node.get("$type")) if isinstance(node, dict) else ""
    if kind.endswith("notFoundPost"):
        return "deleted"
    return "blocked" if kind.endswith("blockedPost") else "no comment object"


def _make(post: dict[str, Any], record: dict[str, Any], root: str, options: ReadOptions) -> Record:
    reply = record.get("reply")
    above = reply.get("parent") if isinstance(reply, dict) else None
    parent = identify(above.get("uri")) if isinstance(above, dict) else ""
    author = post.get("author")
    return finish(
        Draft(
            text=record.get("text"),
            id=post.get("uri"),
            parent=None if parent == root else parent,
            thread=root,
            author=author.get("handle") if isinstance(author, dict) else None,
            time=record.get("createdAt") or post.get("indexedAt"),
            fields={**post, **record},
        ),
        options,
    )


FORMAT = Format(name="bluesky", summary="Bluesky: getPostThread JSON", refuse=refuse, read=read)
