"""Reads JSON Lines: one object a line, a bad line costs only itself.

msgspec decodes (measured fastest for lines of which few fields are wanted, and already needed for the records). What it refuses but
old dumps hold (half an emoji as a lone surrogate, bare control characters, bytes that are not UTF-8 and
are taken for Windows-1252) is given to the standard library's lenient decoder before the line counts as bad.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from moderation.readers.source import HEAD, Line, Source
from moderation.readers.values import WINDOWS, say_size
from moderation.records import BadRecord

__all__ = ["MAX_RAW", "bad_line", "decode_line", "decode_lines", "decode_loosely", "is_lines", "say_too_long"]

MAX_RAW = 2000
"""Characters of a bad record that are kept in its report."""

_LONG_LINE = 1 << 20
"""How far to look for the end of a first line that is longer than the head."""

_DECODE = msgspec.json.Decoder().decode
_LENIENT = json.JSONDecoder(strict=False)


def decode_lines(
    source: Source, limit: int, decode: Callable[[bytes], Any] | None = None
) -> Iterator[tuple[Line, Any] | BadRecord]:
    """Each line with its decoded object; a BadRecord for a line that is no JSON object; blank lines are passed over."""
    decode = decode or _DECODE
    for line in source.lines(limit):
        if line.data is None:
            yield bad_line(source, line, say_too_long(limit))
        elif (item := decode_line(line, source, decode)) is not None:
            yield item


def decode_line(
    line: Line, source: Source, decode: Callable[[bytes], Any] = _DECODE
) -> tuple[Line, Any] | BadRecord | None:
    """One line with its decoded object, or its BadRecord, or None where it is blank."""
    data = line.data or b""
    try:
        return line, decode(data)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        if not data or data.isspace():
            return None
    value = decode_loosely(data)
    return bad_line(source, line, value) if isinstance(value, str) else (line, value)


def say_too_long(limit: int) -> str:
    """The reason for a line over the limit."""
    return f"the line is longer than {say_size(limit)}"


def decode_loosely(data: bytes) -> dict[str, Any] | str:
    """The object in `data`, decoded leniently, or the reason why there is none."""
    try:
        value = _LENIENT.decode(data.decode("utf-8", WINDOWS))
    except json.JSONDecodeError as error:
        return f"the line is not JSON: {error.msg.removesuffix(' at')} at column {error.colno}"
    except RecursionError:
        return "the line is nested too deeply"
    except ValueError as error:
        return f"the line is not JSON: {error}"
    return value if isinstance(value, dict) else "the line is not a JSON object"


def bad_line(source: Source, line: Line, reason: str) -> BadRecord:
    """The report of a bad line."""
    raw = (line.data or b"")[:MAX_RAW].decode("utf-8", "replace")
    return BadRecord(file=source.name, line=line.number, byte=line.byte, reason=reason, raw=raw)


def is_lines(source: Source) -> bool:
    """Whether the input holds one JSON object a line, by its first lines; a byte window always does."""
    if source.start or source.end is not None:
        return True
    text = source.head
    if b"\n" not in text.strip() and len(text) == HEAD:
        text = source.peek(_LONG_LINE)
    text = text.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not text.startswith(b"{"):
        return False
    first, _, rest = text.partition(b"\n")
    if isinstance(decode_loosely(first), dict):
        return True
    # the first line may be the bad one; but in a pretty-printed document the second begins inside the object
    second = rest.partition(b"\n")[0]
    return second.startswith(b"{") and isinstance(decode_loosely(second), dict)
