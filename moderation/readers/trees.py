"""Streams a JSON document of any size: the items of its long arrays one by one, everything else whole.

The standard library's C decoder reads one item at a time from a sliding window of text, so memory is bounded by the largest
item, and deep nesting ends in its RecursionError instead of exhausting memory, as path-building parsers do. It accepts what
old dumps hold: bare control characters, lone surrogates, NaN.
"""

import codecs
import json
from collections.abc import Collection, Iterator
from typing import Any

from moderation.errors import FormatError
from moderation.readers.lines import decode_lines, is_lines
from moderation.readers.options import ReadOptions
from moderation.readers.source import Source
from moderation.readers.values import say_size
from moderation.records import BadRecord

__all__ = ["Item", "read_objects", "stream_items"]

_BLOCK = 1 << 18
_SPACE = " \t\r\n\ufeff\x00,"
_DECODER = json.JSONDecoder(strict=False)

Item = tuple[str, Any]
"""The dotted path of a value ("messages.item") and the value."""


def read_objects(source: Source, options: ReadOptions, arrays: Collection[str] = ()) -> Iterator[Item | BadRecord]:
    """What `stream_items` gives, but a file with an object a line is read line by line, so that a bad line costs only itself."""
    if not is_lines(source):
        yield from stream_items(source, arrays, options.max_document)
        return
    enter = _prefixes(arrays)
    for item in decode_lines(source, options.max_line):
        if isinstance(item, BadRecord):
            yield item
        else:
            yield from _unfold(item[1], enter, "")


def _unfold(value: Any, enter: Collection[str], path: str) -> Iterator[Item]:
    """The items of a value that is in memory already; as deep as the paths in `enter`."""
    if isinstance(value, list) and (not path or path in enter):
        for item in value:
            yield from _unfold(item, enter, f"{path}.item" if path else "item")
    elif isinstance(value, dict) and enter and (not path or path in enter):
        for key, member in value.items():
            yield from _unfold(member, enter, f"{path}.{key}" if path else key)
        yield f"{path}.", None
    else:
        yield path, value


def stream_items(source: Source, arrays: Collection[str], limit: int) -> Iterator[Item]:
    """Pairs of path and value, in the order of the input.

    `arrays` are the dotted paths of arrays to enter ("comments", "chats.list"); of a top-level array the items always come one by
    one, as "item". Objects on the way to one of `arrays` are entered too, and their other members come as
    ("title", "…"). With no `arrays`, a top-level object comes whole, as "".
    Several values one after the other (also one a line) are read on. Leaving an entered object gives ("<path>.", None).
    Raises FormatError: not JSON, ends too early, one value larger than `limit` characters.
    """
    window = _Window(source, limit)
    enter = _prefixes(arrays)
    found = False
    while window.skip_space():
        found = True
        yield from _walk(window, enter)
    if not found:
        raise FormatError("there is no JSON in it", source.name)


def _prefixes(arrays: Collection[str]) -> frozenset[str]:
    """All containers on the way to `arrays`, and those themselves."""
    parts = [array.split(".") for array in arrays]
    return frozenset(".".join(names[:size]) for names in parts for size in range(1, len(names) + 1))


def _walk(window: "_Window", enter: Collection[str]) -> Iterator[Item]:
    """One top-level value. A stack of (path, kind) stands for the containers that were entered."""
    stack: list[tuple[str, str]] = []
    path = ""
    while True:
        opener = window.peek()
        if opener == "[" and (not stack or path in enter):
            window.pos += 1
            stack.append((path, "]"))
        elif opener == "{" and enter and (not path or path in enter):
            window.pos += 1
            stack.append((path, "}"))
        else:
            yield path, window.decode()
        while stack:
            outer, closer = stack[-1]
            following = window.next_mark()
            if following != closer:
                break
            window.pos += 1
            stack.pop()
            if closer == "}":
                yield f"{outer}.", None
        if not stack:
            return
        outer, closer = stack[-1]
        prefix = f"{outer}." if outer else ""
        path = f"{prefix}item" if closer == "]" else prefix + window.decode_key()


class _Window:
    """A sliding window of decoded text over a source."""

    def __init__(self, source: Source, limit: int) -> None:
        self.source, self.limit = source, limit
        self.text, self.pos, self.passed, self.ended = "", 0, 0, False
        start = source.head[:2]
        encoding = "utf-16" if start in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")

    def grow(self) -> bool:
        """Read more text; False at the end. What lies before `pos` is dropped."""
        if self.ended:
            return False
        size = max(_BLOCK, len(self.text) - self.pos)
        data = self.source.stream.read(size)
        self.ended = not data
        self.passed += self.pos
        self.text = self.text[self.pos :] + self._decoder.decode(data, final=self.ended)
        self.pos = 0
        return True

    def skip_space(self, space: str = _SPACE) -> bool:
        """Move to the next character that is not white space (or a stray comma between values); False at the end."""
        while True:
            text, pos, size = self.text, self.pos, len(self.text)
            while pos < size and text[pos] in space:
                pos += 1
            self.pos = pos
            if pos < size:
                return True
            if not self.grow():
                return False

    def peek(self) -> str:
        if not self.skip_space():
            raise self.broken("it ends in the middle of a value")
        return self.text[self.pos]

    def next_mark(self) -> str:
        """The next character after white space and a comma."""
        if not self.skip_space():
            raise self.broken("it ends before the last bracket is closed")
        return self.text[self.pos]

    def decode_key(self) -> str:
        key = self.decode()
        if not isinstance(key, str) or not self.skip_space() or self.text[self.pos] != ":":
            raise self.broken("a key is missing")
        self.pos += 1
        return key

    def decode(self) -> Any:
        """The value at `pos`; moves behind it, reading more text as long as the value is incomplete."""
        while True:
            try:
                value, end = _DECODER.raw_decode(self.text, self.pos)
            except json.JSONDecodeError as error:
                cut = error.msg.startswith("Unterminated") or error.pos >= len(self.text) - 16
                if cut and not self.ended:
                    if len(self.text) - self.pos > self.limit:
                        raise self.broken(f"one value is larger than {say_size(self.limit)}") from None
                    self.grow()
                    continue
                raise self.broken(error.msg, error.pos) from None
            except RecursionError:
                raise self.broken("it is nested too deeply") from None
            except ValueError as error:
                raise self.broken(str(error).partition(";")[0]) from None
            if end == len(self.text) and not self.ended:  # a number may go on in the next block
                self.grow()
                continue
            self.pos = end
            return value

    def broken(self, reason: str, pos: int | None = None) -> FormatError:
        at = self.passed + (self.pos if pos is None else pos)
        return FormatError(
            f"the JSON breaks off at character {at}: {reason}", self.source.name, "what came before it was read"
        )
