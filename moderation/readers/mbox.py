"""Mailing lists and Usenet: mbox files, message by message."""

import email
import email.errors
import email.header
import email.utils
import re
from collections.abc import Iterator
from email.message import Message

from moderation.readers.duplicates import Seen
from moderation.readers.index import DiskMap
from moderation.readers.making import Draft, finish
from moderation.readers.options import Format, ReadOptions
from moderation.readers.source import Source
from moderation.readers.values import mend, say_size, tell_time
from moderation.records import BadRecord, Record, Skipped, Thread

__all__ = ["FORMAT"]

_HEADER = re.compile(rb"From [^\n]{0,1000}\r?\n(?:>From[^\n]*\n)?[A-Za-z][A-Za-z0-9-]{0,60}:")
_ID = re.compile(r"<([^<>\s]{1,990})>")
_REPLY = re.compile(r"^\s*(?:(?:re|aw|sv|antw|fwd?|wg)(?:\[\d+\])?:\s*)+", re.IGNORECASE)
_ESCAPED_FROM = re.compile(rb"^>(>*From )", re.MULTILINE)
_CONTENT_TYPE = re.compile(rb"^content-type:[^\n]*(?:\n[ \t][^\n]*)*", re.IGNORECASE | re.MULTILINE)
_CHARSET = re.compile(r"charset\s*=\s*\"?([\w.:+-]{1,40})", re.IGNORECASE)
_MAX_PARTS = 200
_MAX_HEADER = 4000
"""Characters of a header that are looked at; the email package takes time quadratic in the length of some."""


def refuse(source: Source) -> str:
    """Why this is no mbox, or ""."""
    return "" if _HEADER.match(source.head) else 'it does not begin with a "From " line and mail headers'


def read(source: Source, options: ReadOptions) -> Iterator[Record]:
    """Each message a comment; its thread is the first message of its references, the subject the title.

    Quoted lines (">") are spans of the text. A message over `options.max_line` bytes is a BadRecord.
    """
    roots = DiskMap()
    headed = Seen(options.max_ids)
    try:
        for line, data in _split(source, options.max_line):
            if data is None:
                reason = f"the message is larger than {say_size(options.max_line)}"
                yield BadRecord(file=source.name, line=line, reason=reason)
                continue
            try:
                yield from _read_message(data, roots, headed, options)
            except (
                email.errors.MessageError,
                ValueError,
                LookupError,
                AttributeError,
                TypeError,
                RecursionError,
            ) as error:
                # the email package lets such errors of its own through for some malformed headers and parts
                reason = f"the message cannot be read: {type(error).__name__}: {error}"
                yield BadRecord(file=source.name, line=line, reason=reason, raw=data[:500].decode("utf-8", "replace"))
    finally:
        roots.close()


def _split(source: Source, limit: int) -> Iterator[tuple[int, bytes | None]]:
    """The messages with the number of their first line; None for one over `limit` bytes."""
    begin, size, blank = 1, 0, True
    lines: list[bytes] = []
    for line in source.lines(limit):
        data = line.data
        if data is not None and blank and data.startswith(b"From "):
            if size:
                yield begin, b"\n".join(lines) if size <= limit else None
            begin, size, lines = line.number, 0, []
            blank = False
            continue
        size += limit + 1 if data is None else len(data) + 1
        if size <= limit:
            lines.append(data or b"")
        else:
            lines = []
        blank = not data and data is not None
    if size:
        yield begin, b"\n".join(lines) if size <= limit else None


def _read_message(data: bytes, roots: DiskMap, headed: Seen, options: ReadOptions) -> Iterator[Record]:
    if any(len(found[0]) > _MAX_HEADER for found in _CONTENT_TYPE.finditer(data)):
        raise ValueError(f"a Content-Type longer than {_MAX_HEADER} bytes")
    message = email.message_from_bytes(data)
    if _header(message, "X-Spam-Flag").upper() == "YES":
        yield Skipped(reason="spam")
        return
    own = _ids(_header(message, "Message-ID"))[:1]
    references = _ids(_header(message, "References"))
    answered = _ids(_header(message, "In-Reply-To"))[:1] or references[-1:]
    id, parent = "".join(own), "".join(answered)
    thread = roots.get(references[0]) or references[0] if references else roots.get(parent) or parent or id
    roots[id] = thread
    subject = _REPLY.sub("", _header(message, "Subject")).strip()
    if thread and subject and not headed.add("", thread):
        yield Thread(id=thread, title=subject)
    text, markup = _body(message)
    if not text.strip():
        yield Skipped(reason="empty")
        return
    name, address = email.utils.parseaddr(_header(message, "From"))
    date = _header(message, "Date")
    yield finish(
        Draft(
            text=text.strip("\n") if markup == "plain" else text,
            markup=markup,
            id=id,
            parent=parent,
            thread=thread,
            author=name or address,
            time=tell_time(date.partition(" (")[0]),
            fields={key: _header(message, key) for key in message} if options.keep else {},
        ),
        options,
    )


def _header(message: Message, name: str) -> str:
    value = message.get(name)
    return "" if value is None else " ".join(_decode(str(value)[:_MAX_HEADER]).split())


def _decode(value: object) -> str:
    """A header with its encoded words decoded; bytes that fit no charset are replaced."""
    parts = []
    for part, charset in email.header.decode_header(value):  # type: ignore[arg-type]
        parts.append(part if isinstance(part, str) else _decode_bytes(part, charset))
    return mend("".join(parts))


def _decode_bytes(data: bytes, charset: str | None) -> str:
    if charset and charset.lower() != "unknown-8bit":
        try:
            return data.decode(charset, "replace")
        except (LookupError, UnicodeError, ValueError):
            pass
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _ids(value: str) -> list[str]:
    return _ID.findall(value)


def _body(message: Message) -> tuple[str, str]:
    """The text and its markup: the first text/plain part, else the first text/html part."""
    shown: dict[str, str] = {}
    for count, part in enumerate(message.walk()):
        if count > _MAX_PARTS:
            break
        kind = part.get_content_type()
        if part.is_multipart() or kind not in ("text/plain", "text/html") or kind in shown:
            continue
        if str(part.get("Content-Disposition", "")).strip().lower().startswith("attachment"):
            continue
        payload = part.get_payload(decode=True)
        data = payload if isinstance(payload, bytes) else b""
        charset = _CHARSET.search(str(part.get("Content-Type", "")))
        shown[kind] = _decode_bytes(_ESCAPED_FROM.sub(rb"\1", data), charset[1] if charset else None).replace(
            "\r\n", "\n"
        )
    if "text/plain" in shown:
        return shown["text/plain"], "plain"
    return shown.get("text/html", ""), "html"


FORMAT = Format(name="mbox", summary="mbox: mailing lists, Usenet archives", refuse=refuse, read=read)
