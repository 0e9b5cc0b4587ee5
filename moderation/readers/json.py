"""JSON arrays of comments, JSON objects that hold one under "comments" or the like, several objects in a row."""

from collections.abc import Iterator
from typing import Any

from moderation.errors import FormatError
from moderation.readers.mapping import Mapper
from moderation.readers.options import Format, ReadOptions
from moderation.readers.source import Source
from moderation.readers.trees import read_objects
from moderation.readers.values import identify, to_text
from moderation.records import BadRecord, Comment, Record, Thread

__all__ = ["FORMAT"]

_ARRAYS = ("comments", "data", "items", "results", "posts", "records", "rows")


def refuse(source: Source) -> str:
    """Why this is no JSON, or ""."""
    return (
        ""
        if source.head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"[", b"{")
        else 'it begins with neither "[" nor "{"'
    )


def read(source: Source, options: ReadOptions) -> Iterator[Record]:
    """Comments of the array; a header first when the object around it has an id or a title."""
    mapper = Mapper(options, source.stem)
    around: dict[str, Any] = {}
    thread, headed, count, within, first_reason = "", False, 0, 0, ""
    for item in read_objects(source, options, _ARRAYS):
        if isinstance(item, BadRecord):
            yield item
            continue
        path, value = item
        if path == ".":
            if not headed and not within and around:
                yield from _map(mapper, around, source)
                count += 1
            around, headed, within, thread = {}, False, 0, ""
        elif not (path == "item" or path.endswith(".item")):
            around[path] = value
        elif isinstance(value, dict):
            if not headed and (around.get("id") or around.get("title")) and path != "item":
                thread = identify(around.get("id", around.get("url")))
                yield Thread(
                    id=thread,
                    title=to_text(around.get("title")).strip() or None,
                    url=to_text(around.get("url")) or None,
                )
            headed = True
            for record in _map(mapper, value, source):
                if isinstance(record, Comment):
                    count, within = count + 1, within + 1
                    if thread and not record.thread:
                        record = _in_thread(record, thread)
                elif isinstance(record, BadRecord):
                    first_reason = first_reason or record.reason
                else:
                    count, within = count + 1, within + 1
                yield record
        else:
            yield BadRecord(file=source.name, reason="an item of the array is not an object", raw=repr(value)[:200])
    if not count and first_reason:
        raise FormatError(f"no comment was found in this JSON: {first_reason}", source.name)


def _in_thread(record: Comment, thread: str) -> Comment:
    import msgspec

    return msgspec.structs.replace(record, thread=thread)


def _map(mapper: Mapper, value: dict[str, Any], source: Source) -> Iterator[Record]:
    try:
        yield from mapper.map(value)
    except ValueError as error:
        yield BadRecord(file=source.name, reason=str(error), raw=repr(value)[:500])


FORMAT = Format(
    name="json",
    summary="a JSON array of comments, or an object that holds one under comments, data, items, …",
    refuse=refuse,
    read=read,
)
