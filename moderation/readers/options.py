"""What a reader is told (`ReadOptions`) and what a reader is (`Format`)."""

from collections.abc import Callable, Iterator
from typing import Literal

from msgspec import Struct

from moderation.readers.source import Source
from moderation.records import Record

__all__ = ["Format", "Markup", "ReadOptions"]

Markup = Literal["plain", "html", "markdown", "bbcode"]


class ReadOptions(Struct, frozen=True, kw_only=True):
    """How to read an input; the defaults suit every format.

    `*_column` name the column (CSV) or key (JSON; dots reach into objects) of a part of the comment where it cannot be
    guessed. `keep` lists source fields to copy into `Comment.extra`; all other fields are dropped, so that records stay small.
    `markup` says what the texts of CSV, JSON and JSON Lines are written in; the other formats know it themselves.
    With `quote_lines`, lines that begin with ">" in plain text count as quoted words. `submissions` are Reddit submission files whose
    titles and texts become the thread headers of the comments read. The limits are bytes, except `max_ids` (how many
    different comment ids are remembered to find duplicates: 16 bytes each).
    """

    text_column: str | None = None
    id_column: str | None = None
    parent_column: str | None = None
    author_column: str | None = None
    time_column: str | None = None
    thread_column: str | None = None
    title_column: str | None = None
    article_column: str | None = None
    keep: tuple[str, ...] = ()
    markup: Markup = "plain"
    quote_lines: bool = True
    submissions: tuple[str, ...] = ()
    max_page: int = 32 << 20
    max_line: int = 64 << 20
    max_document: int = 256 << 20
    max_ids: int = 1 << 25


class Format(Struct, frozen=True, kw_only=True):
    """One dump format.

    `refuse(source)` looks at the first kilobytes only and returns "" when the input is of this format, else why not.
    `read(source, options)` yields records in the order of the file. `line_based` says that files of this format hold a record
    a line, so that `moderation.readers.can_cut` may allow a byte range to be read alone.
    """

    name: str
    summary: str
    refuse: Callable[[Source], str]
    read: Callable[[Source, ReadOptions], Iterator[Record]]
    line_based: bool = False
