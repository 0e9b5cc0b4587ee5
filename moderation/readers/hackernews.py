"""Hacker News: Algolia item trees and search hits, Firebase items, BigQuery rows (JSON, JSON Lines or CSV).

Firebase items and BigQuery rows name only their parent; the story is found through an index on disk, which works because a
parent is always older than its answers and these dumps are in the order of ids.
"""

from collections.abc import Iterator
from typing import Any

from moderation.readers.csv import first_names, read_rows
from moderation.readers.index import DiskMap
from moderation.readers.making import Draft, finish
from moderation.readers.markup import clean
from moderation.readers.options import Format, ReadOptions
from moderation.readers.source import Source
from moderation.readers.trees import read_objects
from moderation.readers.values import identify, to_text
from moderation.records import BadRecord, Record, Skipped, Thread

__all__ = ["FORMAT"]

_ROW = {"id", "by", "parent", "text"}
_STORIES = ("story", "job", "poll")
_TRUE = (True, 1, "true", "True", "1")


def refuse(source: Source) -> str:
    """Why this is not from Hacker News, or ""."""
    keys = source.keys
    if keys >= {"children", "created_at_i"} or keys >= {"objectID", "comment_text", "story_id"}:
        return ""
    if {"by", "id", "time", "type"} <= keys and keys & {"kids", "parent", "descendants"}:
        return ""
    if keys >= _ROW and keys & {"dead", "ranking", "timestamp", "time_ts"}:
        return ""
    names = first_names(source)
    if set(names) >= _ROW and set(names) & {"dead", "ranking", "timestamp", "time_ts"}:
        return ""
    return "it has neither children and created_at_i (Algolia) nor by, parent, time and type (Firebase, BigQuery)"


def read(source: Source, options: ReadOptions) -> Iterator[Record]:
    """Comments under their story; the story's title and text are the header. An answer to the story has no parent."""
    roots = DiskMap()
    try:
        for row in _rows(source, options):
            if isinstance(row, BadRecord):
                yield row
            elif "children" in row:
                yield from _walk_tree(row, options)
            elif "objectID" in row:
                yield from _read_hit(row, options)
            elif "id" in row:
                yield from _read_item(row, options, roots)
            else:
                yield BadRecord(file=source.name, reason="the item has no id", raw=repr(row)[:500])
    finally:
        roots.close()


def _rows(source: Source, options: ReadOptions) -> Iterator[dict[str, Any] | BadRecord]:
    if not source.keys:
        yield from read_rows(source, options)
        return
    around: dict[str, Any] = {}
    for item in read_objects(source, options, ("hits",)):
        if isinstance(item, BadRecord):
            yield item
        elif item[0] == ".":
            if "children" in around or "id" in around:
                yield around
            around = {}
        elif item[0] in ("", "item", "hits.item"):
            if isinstance(item[1], dict):
                yield item[1]
            elif item[1] is not None:
                yield BadRecord(file=source.name, reason="the item is not an object", raw=repr(item[1])[:200])
        else:
            around[item[0]] = item[1]


def _text(value: Any) -> str:
    return clean(to_text(value), "html")[0]


def _head(row: dict[str, Any], key: str) -> Thread:
    return Thread(
        id=identify(row.get(key)),
        title=_text(row.get("title")) or None,
        article=_text(row.get("text")) or None,
        url=to_text(row.get("url")) or None,
    )


def _walk_tree(root: dict[str, Any], options: ReadOptions) -> Iterator[Record]:
    """An Algolia item with its nested children, in the order of the page, without recursion."""
    thread = identify(root.get("story_id") or root.get("id"))
    stack: list[Any] = [root]
    while stack:
        row = stack.pop()
        if not isinstance(row, dict):
            yield Skipped(reason="no comment object")
            continue
        if row.get("type") in _STORIES or (row is root and row.get("type") != "comment"):
            yield _head(row, "id")
        else:
            parent = identify(row.get("parent_id"))
            yield _make(row, row.get("text"), thread, None if parent == thread else parent, options)
        children = row.get("children")
        if isinstance(children, list):
            stack.extend(reversed(children))


def _make(row: dict[str, Any], text: Any, thread: str, parent: str | None, options: ReadOptions) -> Record:
    if row.get("deleted") in _TRUE or text is None:
        return Skipped(reason="deleted")
    if row.get("dead") in _TRUE:
        return Skipped(reason="removed")
    time = next(
        (row[key] for key in ("created_at_i", "time", "timestamp", "time_ts", "created_at") if row.get(key)), None
    )
    return finish(
        Draft(
            text=text,
            markup="html",
            id=row.get("id", row.get("objectID")),
            parent=parent,
            thread=thread,
            author=row.get("author") or row.get("by"),
            time=time,
            fields=row,
        ),
        options,
    )


def _read_hit(row: dict[str, Any], options: ReadOptions) -> Iterator[Record]:
    if row.get("comment_text") is None:
        yield _head({**row, "text": row.get("story_text")}, "objectID")
        return
    thread, parent = identify(row.get("story_id")), identify(row.get("parent_id"))
    yield _make(row, row["comment_text"], thread, None if parent == thread else parent, options)


def _read_item(row: dict[str, Any], options: ReadOptions, roots: DiskMap) -> Iterator[Record]:
    own, parent = identify(row["id"]), identify(row.get("parent"))
    if row.get("type") in _STORIES or (not parent and row.get("title")):
        roots[own] = own
        yield _head(row, "id")
        return
    if row.get("type") == "pollopt":
        yield Skipped(reason="system")
        return
    thread = roots.get(parent) or ""
    roots[own] = thread
    yield _make(row, row.get("text") or None, thread, None if parent == thread else parent, options)


FORMAT = Format(
    name="hackernews",
    summary="Hacker News: Algolia items and search hits, Firebase items, BigQuery rows",
    refuse=refuse,
    read=read,
)
