"""Readers: any comment dump -> Thread headers and Comments, streamed.

One module a format, registered in `FORMATS`; to add one, write the module and add it to `ORDER`. A format's module is imported
when its turn comes, so that lxml and others load only where they are used.
"""

from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import BinaryIO

import msgspec

from moderation.errors import FormatError, InputError
from moderation.readers.duplicates import Seen
from moderation.readers.inputs import find_inputs
from moderation.readers.lines import is_lines
from moderation.readers.options import Format, ReadOptions
from moderation.readers.source import Source
from moderation.records import Comment, Record, Skipped

__all__ = [
    "FORMATS",
    "ORDER",
    "Format",
    "ReadOptions",
    "Source",
    "can_cut",
    "find_inputs",
    "read",
    "sniff",
    "with_submissions",
]

ORDER = (
    "text",
    "jsonl",
    "json",
    "csv",
    "reddit",
    "hackernews",
    "youtube",
    "disqus",
    "wordpress",
    "discourse",
    "isso",
    "coral",
    "facebook",
    "convokit",
    "mastodon",
    "bluesky",
    "telegram",
    "mbox",
    "html",
)
"""Format names in the order of the documentation."""

TRIED = (
    "convokit",
    "isso",
    "disqus",
    "wordpress",
    "reddit",
    "coral",
    "youtube",
    "hackernews",
    "discourse",
    "bluesky",
    "mastodon",
    "telegram",
    "facebook",
    "mbox",
    "html",
    "jsonl",
    "json",
    "csv",
    "text",
)
"""The order in which `sniff` asks: the most particular first, then what is any page, any JSON, any table, any text."""


class _Formats(Mapping[str, Format]):
    """The formats by name; a module is imported when its format is asked for."""

    def __getitem__(self, name: str) -> Format:
        if name not in ORDER:
            raise KeyError(name)
        found: Format = import_module(f"moderation.readers.{name}").FORMAT
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(ORDER)

    def __len__(self) -> int:
        return len(ORDER)


FORMATS: Mapping[str, Format] = _Formats()

Input = str | Path | BinaryIO | Source


def read(source: Input, format: str | None = None, options: ReadOptions | None = None) -> Iterator[Record]:
    """Stream the records of one input.

    Gives a `Thread` header before its comments where the format has one, `Comment`s in the order of the file, a `BadRecord` for
    what could not be read, and `Skipped` for what was passed over: deleted, removed, empty, spam, system, "duplicate id" (an id
    that came before in the same thread). `format` is one of `FORMATS`; without it the first kilobytes decide.
    Raises InputError or FormatError, also while streaming.

    >>> import io
    >>> [comment.text for comment in read(io.BytesIO(b'{"id": 1, "body": "First!"}'))]
    ['First!']
    """
    options = options or ReadOptions()
    opened = source if isinstance(source, Source) else Source(source)
    try:
        name = format or sniff(opened, options)
        if name not in FORMATS:
            raise FormatError(f'there is no format "{name}"', opened.name, f"the formats are: {', '.join(FORMATS)}")
        try:
            yield from _without_duplicates(FORMATS[name].read(opened, options), options.max_ids)
        except FormatError as error:
            raise opened.damage or error from None
        opened.check()
    finally:
        if opened is not source:
            opened.close()


def _without_duplicates(records: Iterable[Record], limit: int) -> Iterator[Record]:
    seen = Seen(limit)
    for record in records:
        if type(record) is Comment and record.id and seen.add(record.thread, record.id):
            yield Skipped(reason="duplicate id")
        else:
            yield record


def sniff(source: Input, options: ReadOptions | None = None) -> str:
    """The name of the input's format, by its first kilobytes. Formats are asked in the order of `TRIED`; where `options` name the column
    of the text, a table that has it is one.

    Raises FormatError that says what each format missed; InputError when the input is missing or empty.
    """
    from moderation.readers.csv import first_names

    opened = source if isinstance(source, Source) else Source(source)
    try:
        if not opened.is_folder and not opened.head.strip():
            raise opened.damage or InputError("it is empty", opened.name)
        reasons = []
        text_column = options.text_column if options else None
        for name in ("convokit",) if opened.is_folder else TRIED:
            reason = FORMATS[name].refuse(opened)
            if not reason or (name == "csv" and text_column and text_column in first_names(opened)):
                return name
            reasons.append(f"not {name}: {reason}")
            if name == "csv" and opened.name.lower().endswith((".csv", ".tsv")):
                raise FormatError(reason, opened.name, "name the column of the text with --text-column NAME")
        raise opened.damage or FormatError(
            f"no format fits ({'; '.join(reasons)})", opened.name, "name one with --format, see: moderation formats"
        )
    finally:
        if opened is not source:
            opened.close()


def can_cut(source: Input, format: str) -> bool:
    """Whether byte ranges of this input may be read by themselves: a plain file of this format with a record a line."""
    opened = source if isinstance(source, Source) else Source(source)
    try:
        if not FORMATS[format].line_based or opened.path is None or not opened.path.is_file() or opened.packed:
            return False
        return is_lines(opened)
    finally:
        if opened is not source:
            opened.close()


def with_submissions(paths: Iterable[Path], format: str | None, options: ReadOptions) -> tuple[list[Path], ReadOptions]:
    """Inputs and options with Reddit submission files joined to the comment files among the same inputs.

    When both kinds are there, the submission files move from the inputs to `options.submissions`; otherwise nothing changes.
    """
    inputs = list(paths)
    if len(inputs) < 2 or format not in (None, "reddit"):
        return inputs, options
    from moderation.readers.reddit import FORMAT, holds_submissions

    kinds: dict[Path, bool] = {}
    for path in inputs:
        if str(path) != "-" and path.is_file():
            with Source(path) as source:
                if not FORMAT.refuse(source):
                    kinds[path] = holds_submissions(source)
    submissions = [path for path, is_submissions in kinds.items() if is_submissions]
    if not submissions or len(submissions) == len(kinds):
        return inputs, options
    joined = (*options.submissions, *map(str, submissions))
    return [path for path in inputs if not kinds.get(path)], msgspec.structs.replace(options, submissions=joined)
