"""Plain text: a page copied from a browser, not yet divided into article and comments."""

from collections.abc import Iterator

from moderation.errors import InputError
from moderation.readers.options import Format, ReadOptions
from moderation.readers.source import Source
from moderation.readers.values import say_size
from moderation.records import Record, Thread

__all__ = ["FORMAT", "decode_page"]

_BINARY = {
    b"%PDF": "a PDF file",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"\xd0\xcf\x11\xe0": "an old Office document",
}

_TABLES = (".csv", ".tsv", ".jsonl", ".ndjson", ".json", ".xml")
"""Names of files that hold records: one that no other format could read is a mistake, not a page."""


def refuse(source: Source) -> str:
    """Why this is no text, or ""."""
    head = source.head
    if not head.strip():
        return "it is empty"
    suffix = next((suffix for suffix in _TABLES if source.name.lower().endswith(suffix)), "")
    if suffix:
        return f"a {suffix} file holds records, and a pasted page is no record"
    kind = next((kind for magic, kind in _BINARY.items() if head.startswith(magic)), "")
    if kind:
        return f"it is {kind}"
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return ""
    if b"\0" in head:
        return f"it is binary: byte {head.index(0)} is zero"
    return ""


def read(source: Source, options: ReadOptions) -> Iterator[Record]:
    """One Thread that holds the whole page in `text`; the segmenter divides it.

    Raises InputError when the page is empty, binary, not UTF-8 (or UTF-16 with a byte order mark), or larger than
    `options.max_page` bytes.
    """
    yield Thread(id=source.stem, text=read_page(source, options.max_page))


def read_page(source: Source, limit: int) -> str:
    """The decoded page; see `read` for the errors."""
    data = source.stream.read(limit + 1)
    if len(data) > limit:
        raise InputError(
            f"a page of more than {say_size(limit)} is not one comment thread",
            source.name,
            "split it, or name its format with --format if it is a dump",
        )
    reason = refuse(source) if not data.strip() else _look_binary(data)
    if reason:
        raise InputError(reason, source.name, "give a page of text, or name the format with --format")
    return decode_page(data, source.name)


def decode_page(data: bytes, place: str) -> str:
    """UTF-8, with or without a byte order mark, or UTF-16 with one.

    Raises InputError that names the first byte that cannot be decoded.
    """
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        start = error.start + (3 if encoding == "utf-8-sig" and data.startswith(b"\xef\xbb\xbf") else 0)
        shown = "UTF-16" if encoding == "utf-16" else "UTF-8"
        remedy = "save it as UTF-8, for example: iconv -f WINDOWS-1252 -t UTF-8 page.txt > page-utf8.txt"
        raise InputError(
            f"this is not {shown} text: byte {start} (0x{data[start]:02x}) cannot be decoded", place, remedy
        ) from None


def _look_binary(data: bytes) -> str:
    kind = next((kind for magic, kind in _BINARY.items() if data.startswith(magic)), "")
    if kind:
        return f"it is {kind}"
    if data[:2] not in (b"\xff\xfe", b"\xfe\xff") and b"\0" in data:
        return f"it is binary: byte {data.index(0)} is zero"
    return ""


FORMAT = Format(
    name="text",
    summary="a page of plain text, copied or saved; its comments are found by the segmenter",
    refuse=refuse,
    read=read,
)
