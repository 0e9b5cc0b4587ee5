"""Telegram Desktop: result.json of one chat or of the whole account."""

from collections.abc import Iterator
from typing import Any

from moderation.readers.making import Draft, finish
from moderation.readers.options import Format, ReadOptions
from moderation.readers.source import Source
from moderation.readers.trees import read_objects
from moderation.readers.values import identify, mend, to_text
from moderation.records import BadRecord, Record, Skipped, Span, Thread

__all__ = ["FORMAT"]

_CHATS = ("chats.list.item", "left_chats.list.item")


def refuse(source: Source) -> str:
    """Why this is no Telegram export, or ""."""
    keys = source.keys
    if "messages" in keys and keys & {"date_unixtime", "from_id", "text_entities", "actor_id"}:
        return ""
    return "it has no messages with date_unixtime, from_id or text_entities"


def read(source: Source, options: ReadOptions) -> Iterator[Record]:
    """Messages as comments, each chat a thread; service messages (joined, pinned) are skipped as "system"."""
    arrays = ("messages", *(f"{chat}.messages" for chat in _CHATS))
    chats: dict[str, dict[str, Any]] = {}
    headed: set[str] = set()
    for item in read_objects(source, options, arrays):
        if isinstance(item, BadRecord):
            yield item
            continue
        path, value = item
        chat, _, last = path.rpartition("messages.item")
        if path.endswith("messages.item") and not last:
            around = chats.get(chat, {})
            thread = identify(around.get("id")) or source.stem
            if chat not in headed:
                headed.add(chat)
                yield Thread(id=thread, title=to_text(around.get("name")).strip() or None)
            yield _make(value, thread, options)
        elif value is None and path.endswith("."):
            chats.pop(path if path != "." else "", None)
            headed.discard(path if path != "." else "")
        elif not isinstance(value, dict | list):
            prefix, dot, key = path.rpartition(".")
            chats.setdefault(prefix + dot, {})[key] = value


def _make(message: Any, thread: str, options: ReadOptions) -> Record:
    if not isinstance(message, dict):
        return Skipped(reason="no comment object")
    if message.get("type") not in ("message", None):
        return Skipped(reason="system")
    text, quotes = _join(message.get("text"))
    return finish(
        Draft(
            text=text,
            quotes=quotes,
            id=message.get("id"),
            parent=message.get("reply_to_message_id"),
            thread=thread,
            author=message.get("from") or message.get("from_id"),
            time=message.get("date_unixtime") or message.get("date"),
            fields=message,
        ),
        options,
    )


def _join(text: Any) -> tuple[str, tuple[Span, ...]]:
    """A text, or its pieces, of which blockquotes become quoted spans."""
    if not isinstance(text, list):
        return to_text(text), ()
    parts: list[str] = []
    spans: list[Span] = []
    size = 0
    for piece in text:
        words = mend(to_text(piece.get("text"))) if isinstance(piece, dict) else to_text(piece)
        if isinstance(piece, dict) and piece.get("type") in ("blockquote", "expandable_blockquote") and words.strip():
            spans.append(Span(size, size + len(words)))
        parts.append(words)
        size += len(words)
    return "".join(parts), tuple(spans)


FORMAT = Format(
    name="telegram", summary="Telegram Desktop: result.json of a chat or an account", refuse=refuse, read=read
)
