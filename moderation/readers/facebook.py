"""Facebook Graph API: /ID/comments answers, posts with their comments, or lists of either."""

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
    """Why this is not from the Graph API, or ""."""
    return "" if source.keys >= {"message", "created_time"} else "no object has message and created_time"


def read(source: Source, options: ReadOptions) -> Iterator[Record]:
    """Comments with their nested answers; a post that holds its comments is the header, its message the article."""
    around: dict[str, Any] = {}
    headed = False
    for item in read_objects(source, options, ("data", "comments.data")):
        if isinstance(item, BadRecord):
            yield item
            continue
        path, row = item
        if path == ".":
            if not headed and "message" in around and "id" in around:
                yield from _walk(around, _guess_thread(around), options)
            around, headed = {}, False
        elif path in ("", "item", "data.item", "comments.data.item"):
            if not isinstance(row, dict):
                yield BadRecord(file=source.name, reason="the comment is not an object", raw=repr(row)[:200])
                continue
            if path == "comments.data.item" and not headed:
                yield _make_header(around)
            headed = True
            thread = identify(around.get("id")) if path == "comments.data.item" else ""
            yield from _read_row(row, thread, options)
        elif "." not in path:
            around[path] = row


def _make_header(post: dict[str, Any]) -> Thread:
    article = to_text(post.get("message") or post.get("story")).strip()
    return Thread(id=identify(post.get("id")), article=article or None, url=to_text(post.get("permalink_url")) or None)


def _guess_thread(row: dict[str, Any]) -> str:
    """Comment ids are POST_COMMENT."""
    id = identify(row.get("id"))
    return id.rpartition("_")[0] if "_" in id else ""


def _read_row(row: dict[str, Any], thread: str, options: ReadOptions) -> Iterator[Record]:
    """A comment of a list, or a post of a list: posts have no comment_count or parent but a permalink or a story."""
    is_post = not thread and row.keys() & {"permalink_url", "story", "status_type", "shares"} and "comments" in row
    if not is_post:
        yield from _walk(row, thread or _guess_thread(row), options)
        return
    yield _make_header(row)
    for child in _children(row):
        yield from _walk(child, identify(row.get("id")), options)


def _children(row: dict[str, Any]) -> list[Any]:
    comments = row.get("comments")
    data = comments.get("data") if isinstance(comments, dict) else comments
    return data if isinstance(data, list) else []


def _walk(row: Any, thread: str, options: ReadOptions) -> Iterator[Record]:
    """A comment and the answers inside it, without recursion."""
    stack: list[tuple[Any, Any]] = [(row, None)]
    while stack:
        comment, above = stack.pop()
        if not isinstance(comment, dict):
            yield Skipped(reason="no comment object")
            continue
        parent = comment.get("parent")
        yield finish(
            Draft(
                text=comment.get("message"),
                id=comment.get("id"),
                parent=parent.get("id") if isinstance(parent, dict) else above,
                thread=thread,
                author=comment.get("from"),
                time=comment.get("created_time"),
                fields=comment,
            ),
            options,
        )
        stack.extend((child, comment.get("id")) for child in reversed(_children(comment)))


FORMAT = Format(
    name="facebook", summary="Facebook Graph API: comments of an object, posts with comments", refuse=refuse, read=read
)
