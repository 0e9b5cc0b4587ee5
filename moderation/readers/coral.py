"""Coral: comments and stories exported from its MongoDB, a story's GraphQL JSON, a user's own CSV download."""

from collections.abc import Iterator
from typing import Any

from moderation.readers.csv import first_names, read_rows
from moderation.readers.making import Draft, finish
from moderation.readers.options import Format, ReadOptions
from moderation.readers.source import Source
from moderation.readers.trees import read_objects
from moderation.readers.values import identify, to_text
from moderation.records import BadRecord, Record, Skipped, Thread

__all__ = ["FORMAT"]

_CSV = {"Comment ID", "Comment Text", "Article URL"}


def refuse(source: Source) -> str:
    """Why this is not from Coral, or ""."""
    keys = source.keys
    if keys >= {"storyID", "authorID"} or keys >= {"revisions", "authorID"}:
        return ""
    if "edges" in keys and "node" in keys and keys & {"story", "asset", "stream", "body"}:
        return ""
    if set(first_names(source)) >= _CSV:
        return ""
    return "no object has storyID and authorID (Mongo) or story, edges and node (GraphQL), and no Comment ID and Article URL (CSV)"


def read(source: Source, options: ReadOptions) -> Iterator[Record]:
    """Comments; a Thread header for each story object or GraphQL answer."""
    if not source.keys:
        yield from _read_csv(source, options)
        return
    for item in read_objects(source, options):
        if isinstance(item, BadRecord):
            yield item
            continue
        row = item[1]
        if not isinstance(row, dict):
            yield BadRecord(file=source.name, reason="the record is not an object", raw=repr(row)[:200])
        elif "revisions" in row or "storyID" in row:
            yield _make_mongo(row, options)
        elif (story := _find_story(row)) is not None:
            yield from _walk_story(story, options)
        elif "url" in row and "id" in row:
            yield _make_header(row)
        else:
            yield Skipped(reason="no comment object")


def _read_csv(source: Source, options: ReadOptions) -> Iterator[Record]:
    for row in read_rows(source, options):
        if isinstance(row, BadRecord):
            yield row
            continue
        yield finish(
            Draft(
                text=row.get("Comment Text"),
                markup="html",
                id=row.get("Comment ID"),
                thread=row.get("Article URL"),
                time=row.get("Published Timestamp"),
                fields=row,
            ),
            options,
        )


def _date(value: Any) -> Any:
    """A date as Mongo's extended JSON may write it."""
    if isinstance(value, dict) and "$date" in value:
        value = value["$date"]
    return value.get("$numberLong") if isinstance(value, dict) else value


def _gone(row: dict[str, Any]) -> str:
    if row.get("deletedAt") or row.get("deleted") is True:
        return "deleted"
    return {"REJECTED": "removed", "SPAM": "spam"}.get(to_text(row.get("status")), "")


def _make_mongo(row: dict[str, Any], options: ReadOptions) -> Record:
    gone = _gone(row)
    if gone:
        return Skipped(reason=gone)
    revisions = row.get("revisions")
    last = revisions[-1] if isinstance(revisions, list) and revisions and isinstance(revisions[-1], dict) else row
    return finish(
        Draft(
            text=last.get("body"),
            markup="html",
            id=row.get("id"),
            parent=row.get("parentID"),
            thread=row.get("storyID"),
            author=row.get("authorID"),
            time=_date(row.get("createdAt")),
            fields=row,
        ),
        options,
    )


def _find_story(row: dict[str, Any]) -> dict[str, Any] | None:
    """The story of a GraphQL answer, with or without "data" around it; an answer that has only comments is one too."""
    inner = row["data"] if isinstance(row.get("data"), dict) else row
    for key in ("story", "asset", "stream"):
        if isinstance(inner.get(key), dict):
            return inner[key]  # type: ignore[no-any-return]
    return inner if "comments" in inner else None


def _make_header(story: dict[str, Any]) -> Thread:
    metadata = story.get("metadata")
    title = metadata.get("title") if isinstance(metadata, dict) else story.get("title")
    return Thread(id=identify(story.get("id")), title=to_text(title) or None, url=to_text(story.get("url")) or None)


def _nodes(connection: Any) -> list[Any]:
    """The comments of a GraphQL connection."""
    if not isinstance(connection, dict):
        return []
    nodes = connection.get("nodes")
    if isinstance(nodes, list):
        return nodes
    edges = connection.get("edges")
    return [edge.get("node") for edge in edges if isinstance(edge, dict)] if isinstance(edges, list) else []


def _walk_story(story: dict[str, Any], options: ReadOptions) -> Iterator[Record]:
    """Header and comments in the order of the page, without recursion."""
    header = _make_header(story)
    yield header
    stack: list[tuple[Any, Any]] = [(node, None) for node in reversed(_nodes(story.get("comments")))]
    while stack:
        node, above = stack.pop()
        if not isinstance(node, dict):
            yield Skipped(reason="no comment object")
            continue
        gone = _gone(node)
        if gone:
            yield Skipped(reason=gone)
        else:
            parent = node.get("parent")
            revision = node.get("revision")
            body = node.get("body")
            yield finish(
                Draft(
                    text=body if body is not None or not isinstance(revision, dict) else revision.get("body"),
                    markup="html",
                    id=node.get("id"),
                    parent=parent.get("id") if isinstance(parent, dict) else above,
                    thread=header.id,
                    author=node.get("author") or node.get("user"),
                    time=_date(node.get("createdAt") or node.get("created_at")),
                    fields=node,
                ),
                options,
            )
        stack.extend((child, node.get("id")) for child in reversed(_nodes(node.get("replies"))))


FORMAT = Format(
    name="coral",
    summary="Coral: Mongo export of comments and stories, GraphQL story JSON, a user's CSV download",
    refuse=refuse,
    read=read,
    line_based=True,
)
