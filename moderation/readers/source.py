"""Opens an input: a path, "-" or a stream, unpacked on the way, with its first kilobytes at hand.

A `Source` is read once. Packed inputs (.gz, .zst, .bz2, .xz) are known by their first bytes, not by their name. What unpacks
to more than `MAX_RATIO` times its size is refused as a bomb. `Source(path, start=…, end=…)` gives only the lines that begin
within that byte range, for workers that share one file.
"""

import io
import re
import sys
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, NamedTuple

from moderation.errors import InputError
from moderation.readers.unpacking import MAX_RATIO, Counted, Unpacked, find_packing
from moderation.readers.values import WINDOWS

__all__ = ["HEAD", "MAX_RATIO", "Block", "Line", "Source"]

HEAD = 64 << 10
"""Bytes that `Source.head` holds at most."""

BLOCK = 128 << 10
"""Bytes that `Source.blocks` reads at a time."""

_KEY = re.compile(rb'(?<!\\)"([\w$@.:-]{1,50})"\s*:')


class Line(NamedTuple):
    """One line without its line break: its number from 1, its byte offset, its bytes; None when over the limit."""

    number: int
    byte: int
    data: bytes | None


class Block(NamedTuple):
    """Whole lines with their line breaks: the number and byte offset of the first, and their bytes."""

    number: int
    byte: int
    data: bytes

    def lines(self) -> "Iterator[Line]":
        """The lines one by one."""
        byte = self.byte
        for at, data in enumerate(_split(self.data)):
            yield Line(self.number + at, byte, data.removesuffix(b"\n").removesuffix(b"\r"))
            byte += len(data)


class Source:
    """An input that is read once, from its start or within a byte window.

    `source` is a path, "-" for standard input, or a binary stream. `start` and `end` are byte offsets into an unpacked file: lines
    that begin within [start, end) belong to the window, and `first_line` is the number of the first of them.
    Raises InputError, also while reading: missing or unreadable file, damaged archive, decompression bomb.
    """

    def __init__(
        self,
        source: "str | Path | BinaryIO",
        *,
        start: int = 0,
        end: int | None = None,
        first_line: int = 1,
    ) -> None:
        self.path: Path | None = None
        self.start, self.end, self.first_line = start, end, first_line
        self._given: BinaryIO | None = None
        self._unpacked: Unpacked | None = None
        if isinstance(source, str | Path) and str(source) != "-":
            self.path = Path(source)
            self.name = str(source)
        elif isinstance(source, str | Path):
            self._given, self.name = sys.stdin.buffer, "-"
        else:
            self._given = source
            name = getattr(source, "name", None)
            self.name = name if isinstance(name, str) else "<stream>"

    @property
    def stem(self) -> str:
        """The file's name without folder and suffixes: the thread id where a format has none."""
        name = Path(self.name).name if self.path is not None else ""
        while name.count(".") and name.rsplit(".", 1)[1].lower() in ("gz", "zst", "bz2", "xz"):
            name = name.rsplit(".", 1)[0]
        return name.rsplit(".", 1)[0] if "." in name.lstrip(".") else name

    @property
    def is_folder(self) -> bool:
        """Whether the input is a folder (a ConvoKit corpus)."""
        return self.path is not None and self.path.is_dir()

    @cached_property
    def size(self) -> int | None:
        """Bytes of the file as it lies on disk (of the window, if there is one), or None for a stream."""
        if self.path is None or not self.path.is_file():
            return None
        whole = self.path.stat().st_size
        return max(0, min(whole, self.end if self.end is not None else whole) - self.start)

    @property
    def damage(self) -> InputError | None:
        """Why the unpacked data ended before their end, if they did so far."""
        return self._unpacked.damage if self._unpacked else None

    def check(self) -> None:
        """Raise the InputError of damaged data, once all before the damage has been read."""
        if self.damage is not None:
            raise self.damage

    def tell(self) -> int:
        """Bytes read so far of the input as it lies on disk: against `size`, the progress."""
        return self._raw.count if "_raw" in self.__dict__ else 0

    @cached_property
    def _raw(self) -> "Counted":
        if self._given is not None:
            return Counted(self._given, self.name)
        assert self.path is not None
        try:
            return Counted(self.path.open("rb", buffering=0), self.name)
        except IsADirectoryError:
            raise InputError("this is a folder", self.name, "give its files, for example with FOLDER/*") from None
        except FileNotFoundError:
            raise InputError("there is no such file", self.name) from None
        except OSError as error:
            raise InputError(f"it cannot be opened: {error.strerror}", self.name) from None

    @cached_property
    def packed(self) -> str:
        """The compression, by the first bytes: "", gzip, zstd, bzip2, xz."""
        kind = find_packing(self._raw.peek(6))
        if kind == "zip":
            raise InputError("this is a zip archive", self.name, "unpack it and give the files inside")
        return kind

    @cached_property
    def stream(self) -> io.BufferedReader:
        """The unpacked bytes from the window's start, buffered; what `head` showed is still to be read here."""
        if (self.start or self.end is not None) and (self.packed or self.path is None):
            raise InputError("a packed file or a stream cannot be cut into byte ranges", self.name, "read it whole")
        if self.start:
            self._raw.seek(self.start - 1)
        self._unpacked = Unpacked(self._raw, self.packed)
        return io.BufferedReader(self._unpacked, HEAD * 4)

    @cached_property
    def head(self) -> bytes:
        """The first `HEAD` unpacked bytes (fewer when the input is shorter), without consuming them."""
        return self.peek(HEAD)

    def peek(self, size: int) -> bytes:
        """The first `size` unpacked bytes, held until they are read; to be asked before anything is read."""
        raw = self.stream.raw
        assert isinstance(raw, Unpacked)
        return raw.peek_all(size)

    @cached_property
    def keys(self) -> frozenset[str]:
        """The keys of JSON objects at any depth that occur in `head`; none when it does not begin like JSON."""
        head = self.head.removeprefix(b"\xef\xbb\xbf").lstrip()
        if head[:1] not in (b"{", b"[") and not self.start:
            return frozenset()
        return frozenset(key.decode("utf-8", "replace") for key in _KEY.findall(head))

    @cached_property
    def head_text(self) -> str:
        """`head` as text: UTF-16 by its byte order mark, else UTF-8, bytes that are none taken for Windows-1252."""
        head = self.head
        if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return head.decode("utf-16", "replace").removeprefix("\ufeff")
        return head.decode("utf-8-sig", WINDOWS)

    def lines(self, limit: int) -> Iterator[Line]:
        """The lines of the window. A line of more than `limit` bytes has `data` None and is never held in memory."""
        stream, end = self.stream, self.end
        number, offset = self.first_line, self.start
        if self.start:
            offset = self.start - 1 + _pass_line(stream)
        elif self.head.startswith(b"\xef\xbb\xbf"):
            offset = len(stream.read(3))
        readline = stream.readline
        while end is None or offset < end:
            data = readline(limit + 2)
            if not data:
                return
            size = len(data)
            if data[-1] == 10:
                yield Line(number, offset, data[:-2] if data[-2:] == b"\r\n" else data[:-1])
            elif size <= limit:
                yield Line(number, offset, data)
            else:
                size += _pass_line(stream)
                yield Line(number, offset, None)
            offset += size
            number += 1

    def blocks(self, limit: int) -> "Iterator[Block | Line]":
        """The lines of the window, many at a time; a line of more than `limit` bytes as `lines` gives it."""
        stream, end, size = self.stream, self.end, min(BLOCK, limit)
        number, offset = self.first_line, self.start
        if self.start:
            offset = self.start - 1 + _pass_line(stream)
        elif self.head.startswith(b"\xef\xbb\xbf"):
            offset = len(stream.read(3))
        while end is None or offset < end:
            data = stream.read(size if end is None else min(size, end - offset))
            if not data:
                return
            if data[-1] != 10:
                whole = data.rfind(b"\n") + 1
                last = data[whole:] + stream.readline(max(limit + 2 - (len(data) - whole), 1))
                if (last[-1] != 10 and len(last) > limit) or len(last) > limit + 2:
                    if whole:
                        yield Block(number, offset, data[:whole])
                    number += data.count(b"\n", 0, whole)
                    yield Line(number, offset + whole, None)
                    offset += whole + len(last) + (_pass_line(stream) if last[-1] != 10 else 0)
                    number += 1
                    continue
                data = data[:whole] + last
            yield Block(number, offset, data)
            number += data.count(b"\n")
            offset += len(data)

    def close(self) -> None:
        """Close the file; a stream that was handed in stays open."""
        if self._given is None and "_raw" in self.__dict__:
            self._raw.close()

    def __enter__(self) -> "Source":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _split(data: bytes) -> list[bytes]:
    """Lines with their breaks, at line feeds only."""
    parts = data.split(b"\n")
    return [part + b"\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def _pass_line(stream: BinaryIO | io.BufferedReader) -> int:
    """Read to the end of the line and return the number of bytes passed over."""
    passed = 0
    while piece := stream.readline(1 << 20):
        passed += len(piece)
        if piece[-1] == 10:
            break
    return passed
