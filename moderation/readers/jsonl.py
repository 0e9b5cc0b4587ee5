"""JSON Lines: one comment, score or thread an object, one object a line; our own schema or any with guessable keys."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from moderation.readers.lines import bad_line, decode_line, decode_lines, is_lines, say_too_long
from moderation.readers.mapping import Mapper
from moderation.readers.options import Format, ReadOptions
from moderation.readers.plain_lines import decode_block, is_plain
from moderation.readers.source import Line, Source
from moderation.records import BadRecord, Comment, Record

__all__ = ["FORMAT"]

HOPELESS = 3
"""Blocks in a row without a plain line, after which the quick way is not tried again."""


def refuse(source: Source) -> str:
    """Why these are no JSON Lines, or ""."""
    if not source.head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
        return 'it does not begin with "{"'
    return "" if is_lines(source) else "its first line is not a whole JSON object"


def read(source: Source, options: ReadOptions) -> Iterator[Record]:
    """Records of each line; a line that is too long, no JSON, or without a text is a BadRecord."""
    mapper = Mapper(options, source.stem)
    if not is_plain(options):
        for item in decode_lines(source, options.max_line):
            yield from _read_line(item, source, mapper)
        return
    hopeless = 0
    for block in source.blocks(options.max_line):
        if isinstance(block, Line):
            yield bad_line(source, block, say_too_long(options.max_line))
            continue
        found: Sequence[Comment | Line] = decode_block(block) if hopeless < HOPELESS else list(block.lines())
        lines = [item for item in found if type(item) is not Comment]
        if not lines:
            yield from found  # type: ignore[misc]
        else:
            yield from _read_mixed(found, source, mapper)
        hopeless = hopeless + 1 if len(lines) == len(found) else 0


def _read_mixed(found: Iterable[Comment | Line], source: Source, mapper: Mapper) -> Iterator[Record]:
    for item in found:
        if isinstance(item, Comment):
            yield item
        elif (decoded := decode_line(item, source)) is not None:
            yield from _read_line(decoded, source, mapper)


def _read_line(item: tuple[Line, Any] | BadRecord, source: Source, mapper: Mapper) -> Iterator[Record]:
    if isinstance(item, BadRecord):
        yield item
        return
    line, value = item
    if not isinstance(value, dict):
        yield bad_line(source, line, "the line is not a JSON object")
        return
    try:
        yield from mapper.map(value)
    except ValueError as error:
        yield bad_line(source, line, str(error))


FORMAT = Format(
    name="jsonl",
    summary="JSON Lines, one comment a line: ours, or any whose keys can be guessed or named",
    refuse=refuse,
    read=read,
    line_based=True,
)
