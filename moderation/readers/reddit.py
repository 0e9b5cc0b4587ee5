"""Reddit: Pushshift and Arctic Shift dumps of comments and submissions, an object a line.

Bodies are Markdown whose &, <, > the API escaped once more. A submission gives its thread's header (title, text as article);
comment files name only the thread's id, so `ReadOptions.submissions` joins the two through an index on disk.
"""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from moderation.readers.duplicates import Seen
from moderation.readers.index import DiskMap
from moderation.readers.lines import is_lines
from moderation.readers.making import Draft, finish
from moderation.readers.markup import clean
from moderation.readers.options import Format, ReadOptions
from moderation.readers.source import Source
from moderation.readers.trees import read_objects
from moderation.readers.values import identify, to_text
from moderation.records import BadRecord, Record, Skipped, Thread

__all__ = ["FORMAT", "holds_submissions"]

_GONE = {
    "[deleted]": "deleted",
    "[removed]": "removed",
    "[deleted by user]": "deleted",
    "[ removed by reddit ]": "removed",
    "[removed by reddit]": "removed",
}


def refuse(source: Source) -> str:
    """Why this is no Reddit dump, or ""."""
    keys = source.keys
    if keys >= {"body", "link_id", "parent_id"} or holds_submissions(source):
        return ""
    return "no object has link_id, parent_id and body (comments) or title, selftext and subreddit (submissions)"


def holds_submissions(source: Source) -> bool:
    """Whether the first objects are submissions and none is a comment."""
    return source.keys >= {"title", "selftext", "subreddit"} and "body" not in source.keys


def read(source: Source, options: ReadOptions) -> Iterator[Record]:
    """Comments; a Thread for each submission, and before the first comment of each thread in `options.submissions`."""
    index = _index(options.submissions) if options.submissions else None
    headed = Seen(options.max_ids)
    listing = ("data.children",) if source.keys >= {"kind", "children"} else ()
    for item in read_objects(source, options, listing):
        if isinstance(item, BadRecord):
            yield item
            continue
        path, value = item
        if not isinstance(value, dict):
            if path in ("", "item", "data.children.item"):
                yield BadRecord(file=source.name, reason="the record is not an object", raw=repr(value)[:200])
            continue
        inner = value.get("data")
        row: dict[str, Any] = inner if isinstance(inner, dict) and "kind" in value else value
        if "body" in row:
            thread = _bare(row.get("link_id"))
            if index is not None and thread and not headed.add("", thread):
                header = index.get(thread)
                if header is not None:
                    yield msgspec.json.decode(header, type=Thread)
            yield _make_comment(row, thread, options)
        elif "title" in row:
            yield _make_thread(row)
        else:
            yield BadRecord(file=source.name, reason="it has neither a body nor a title", raw=repr(row)[:500])


def _bare(value: Any) -> str:
    """An id without its kind: t1_abc -> abc."""
    text = identify(value)
    return text[3:] if text[:1] == "t" and text[2:3] == "_" else text


def _make_comment(row: dict[str, Any], thread: str, options: ReadOptions) -> Record:
    body = row["body"]
    gone = _GONE.get(body.strip().lower()) if isinstance(body, str) and body.lstrip()[:1] == "[" else None
    if gone:
        return Skipped(reason=gone)
    parent = identify(row.get("parent_id"))
    author = row.get("author")
    return finish(
        Draft(
            text=body,
            markup="reddit",
            id=_bare(row.get("id") or row.get("name")),
            parent=None if parent.startswith("t3_") or _bare(parent) == thread else _bare(parent),
            thread=thread,
            author=None if author == "[deleted]" else author,
            time=row.get("created_utc"),
            fields=row,
        ),
        options,
    )


def _make_thread(row: dict[str, Any]) -> Thread:
    article, _ = clean(to_text(row.get("selftext")), "reddit")
    title, _ = clean(to_text(row.get("title")), "reddit")
    return Thread(
        id=_bare(row.get("id") or row.get("name")),
        title=title or None,
        article=None if article.lower() in _GONE else article or None,
        url=to_text(row.get("url")) or None,
    )


def _index(paths: tuple[str, ...]) -> DiskMap:
    return _build_index(tuple((path, Path(path).stat().st_mtime_ns if Path(path).exists() else 0) for path in paths))


@lru_cache(maxsize=1)
def _build_index(files: tuple[tuple[str, int], ...]) -> DiskMap:
    """Thread headers of all submission files by id; kept for the next comment file of the same run."""
    index = DiskMap()
    encode = msgspec.json.Encoder().encode
    for path, _ in files:
        with Source(path) as source:
            is_lines(source)
            for record in read(source, ReadOptions()):
                if isinstance(record, Thread):
                    index[record.id] = encode(record).decode()
            source.check()
    return index


FORMAT = Format(
    name="reddit",
    summary="Pushshift or Arctic Shift ndjson (.zst as it is), comments and submissions",
    refuse=refuse,
    read=read,
    line_based=True,
)
