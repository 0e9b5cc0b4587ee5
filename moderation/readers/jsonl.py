"""JSON Lines: one comment, score or thread an object, one object a line; our own schema or any with guessable keys."""

from collections.abc import Iterator

from moderation.readers.lines import bad_line, decode_lines, is_lines
from moderation.readers.mapping import Mapper
from moderation.readers.options import Format, ReadOptions
from moderation.readers.source import Source
from moderation.records import BadRecord, Record

__all__ = ["FORMAT"]


def refuse(source: Source) -> str:
    """Why these are no JSON Lines, or ""."""
    if not source.head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
        return 'it does not begin with "{"'
    return "" if is_lines(source) else "its first line is not a whole JSON object"


def read(source: Source, options: ReadOptions) -> Iterator[Record]:
    """Records of each line; a line that is too long, no JSON, or without a text is a BadRecord."""
    mapper = Mapper(options, source.stem)
    for item in decode_lines(source, options.max_line):
        if isinstance(item, BadRecord):
            yield item
            continue
        line, value = item
        if not isinstance(value, dict):
            yield bad_line(source, line, "the line is not a JSON object")
            continue
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
