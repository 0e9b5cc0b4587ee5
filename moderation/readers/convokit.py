"""ConvoKit: a corpus folder (utterances and conversations), or its utterances file alone."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from moderation.errors import FormatError
from moderation.readers.duplicates import Seen
from moderation.readers.index import DiskMap
from moderation.readers.making import Draft, finish
from moderation.readers.options import Format, ReadOptions
from moderation.readers.source import Source
from moderation.readers.trees import read_objects, stream_items
from moderation.readers.values import identify, to_text
from moderation.records import BadRecord, Record, Skipped, Thread

__all__ = ["FORMAT"]

_GONE = {"[deleted]": "deleted", "[removed]": "removed"}


def refuse(source: Source) -> str:
    """Why this is no ConvoKit corpus, or ""."""
    if source.is_folder:
        return "" if _utterances(source) else "there is no utterances.jsonl in this folder"
    keys = source.keys
    if (
        keys & {"reply-to", "reply_to"}
        and keys & {"speaker", "user"}
        and keys & {"conversation_id", "root"}
        and "text" in keys
    ):
        return ""
    return "no object has reply-to, speaker and conversation_id"


def _utterances(source: Source) -> Path | None:
    assert source.path is not None
    found = (source.path / name for name in ("utterances.jsonl", "utterances.json"))
    return next((path for path in found if path.is_file()), None)


def read(source: Source, options: ReadOptions) -> Iterator[Record]:
    """Every utterance is a comment, the first of a conversation too; conversations.json gives the titles."""
    if not source.is_folder:
        yield from _read_utterances(source, options, None)
        return
    path = _utterances(source)
    if path is None:
        raise FormatError("there is no utterances.jsonl in this folder", source.name)
    assert source.path is not None
    titles = _index_titles(source.path / "conversations.json", options)
    try:
        with Source(path) as utterances:
            yield from _read_utterances(utterances, options, titles)
            utterances.check()
    finally:
        if titles is not None:
            titles.close()


def _index_titles(path: Path, options: ReadOptions) -> DiskMap | None:
    """Titles of conversations by id, on disk."""
    if not path.is_file():
        return None
    titles = DiskMap()
    with Source(path) as source:
        # any array name makes the outer object be entered, so that its members come one by one
        for id, value in stream_items(source, ("conversations",), options.max_document):
            meta = value.get("meta", value) if isinstance(value, dict) else None
            if isinstance(meta, dict):
                title = next((meta[key] for key in ("title", "page_title", "topic", "subject") if meta.get(key)), None)
                if isinstance(title, str):
                    titles[id] = to_text(title)
        source.check()
    return titles


def _read_utterances(source: Source, options: ReadOptions, titles: DiskMap | None) -> Iterator[Record]:
    headed = Seen(options.max_ids)
    for item in read_objects(source, options):
        if isinstance(item, BadRecord):
            yield item
            continue
        row = item[1]
        if not isinstance(row, dict) or "text" not in row:
            yield BadRecord(file=source.name, reason="the utterance has no text", raw=repr(row)[:500])
            continue
        thread = identify(row.get("conversation_id") or row.get("root"))
        if titles is not None and not headed.add("", thread):
            title = titles.get(thread)
            if title:
                yield Thread(id=thread, title=title)
        yield _make(row, thread, options)


def _make(row: dict[str, Any], thread: str, options: ReadOptions) -> Record:
    text = row["text"]
    gone = _GONE.get(text.strip()) if isinstance(text, str) else None
    if gone:
        return Skipped(reason=gone)
    meta = row.get("meta")
    speaker = row.get("speaker", row.get("user"))
    return finish(
        Draft(
            text=text,
            markup="reddit" if isinstance(meta, dict) and "subreddit" in meta else "plain",
            id=row.get("id"),
            parent=row.get("reply-to", row.get("reply_to")),
            thread=thread,
            author=None if speaker == "[deleted]" else speaker,
            time=row.get("timestamp"),
            fields=row,
        ),
        options,
    )


FORMAT = Format(
    name="convokit",
    summary="ConvoKit: a corpus folder, or its utterances file",
    refuse=refuse,
    read=read,
    line_based=True,
)
