"""Unpacks compressed inputs on the way: counted bytes in, plain bytes out, bombs and damage as the project's own errors."""

import io
import zlib
from typing import Any, BinaryIO

from moderation.errors import InputError

__all__ = ["BOMB_FLOOR", "MAX_RATIO", "Counted", "Unpacked", "find_packing"]

MAX_RATIO = 400
"""Unpacked bytes allowed for each packed byte, once `BOMB_FLOOR` bytes are out. Comment dumps stay below 40."""

BOMB_FLOOR = 64 << 20

WINDOW = 1 << 31
"""Zstandard window that the large Reddit dumps need; the library's own limit is 2^27."""

_MAGIC = {
    b"\x1f\x8b": "gzip",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
    b"PK\x03\x04": "zip",
}

_SEAL = b"\n- moderation: end of the zstandard data -\n"


def find_packing(start: bytes) -> str:
    """The compression by an input's first bytes: "", gzip, zstd, bzip2, xz, zip."""
    return next((kind for magic, kind in _MAGIC.items() if start.startswith(magic)), "")


class Counted:
    """The input's own bytes, counted, with a peek at the first of them."""

    def __init__(self, inner: BinaryIO, name: str) -> None:
        self.inner, self.name, self.count, self._ahead = inner, name, 0, b""

    def peek(self, size: int) -> bytes:
        """The first `size` bytes, still to be read."""
        while len(self._ahead) < size and (more := self._read(size - len(self._ahead))):
            self._ahead += more
        return self._ahead

    def read(self, size: int = -1) -> bytes:
        """The next bytes, at most `size`."""
        if self._ahead:
            taken, self._ahead = self._ahead[:size], self._ahead[size:]
        else:
            taken = self._read(size)
        self.count += len(taken)
        return taken

    def _read(self, size: int) -> bytes:
        try:
            return self.inner.read(size) or b""
        except OSError as error:
            raise InputError(f"it cannot be read: {error.strerror or error}", self.name) from None
        except ValueError as error:
            raise InputError(f"it cannot be read: {error}", self.name) from None

    def seek(self, offset: int) -> None:
        """Go to a byte of the file."""
        self._ahead = b""
        self.inner.seek(offset)

    def close(self) -> None:
        """Close the file."""
        self.inner.close()


def _unpack(raw: Any, kind: str) -> Any:
    if kind == "zstd":
        return _Sealed(raw)
    if kind == "gzip":
        import gzip

        return gzip.GzipFile(fileobj=raw)
    if kind == "bzip2":
        import bz2

        return bz2.BZ2File(raw)
    if kind == "xz":
        import lzma

        return lzma.LZMAFile(raw)
    return raw


class _Sealed:
    """Zstandard frames, checked for a complete end.

    The library takes a file that is cut off for a short one. So a frame of our own follows the file's last: if its
    content does not come out at the end, the frame before it was not finished.
    """

    def __init__(self, raw: Counted) -> None:
        import zstandard

        self._raw = raw
        self._frame = zstandard.ZstdCompressor().compress(_SEAL)
        self._held = b""
        decompressor = zstandard.ZstdDecompressor(max_window_size=WINDOW)
        feed: Any = _Feed(self)
        self._reader = decompressor.stream_reader(feed, read_across_frames=True, read_size=1 << 17)

    def feed(self, size: int) -> bytes:
        """The file's bytes, then the seal's frame, once."""
        data = self._raw.read(size)
        if not data:
            data, self._frame = self._frame, b""
        return data

    def read1(self, size: int) -> bytes:
        """Up to `size` bytes; b"" at the end. Raises ValueError when the data are cut off."""
        while True:
            data = self._reader.read1(size)
            if not data:
                if self._held != _SEAL:
                    raise ValueError("the data are cut off")
                return b""
            data = self._held + data
            self._held = data[-len(_SEAL) :]
            if len(data) > len(_SEAL):
                return data[: -len(_SEAL)]


class _Feed:
    """What the decompressor reads from."""

    def __init__(self, sealed: _Sealed) -> None:
        self._sealed = sealed

    def read(self, size: int = -1) -> bytes:
        return self._sealed.feed(size)


class Unpacked(io.RawIOBase):
    """Unpacked bytes, with a peek, a guard against bombs, and the project's own errors for damaged archives.

    Where the data are damaged they end, so that all before can be read; `damage` is the error to raise then.
    """

    damage: InputError | None = None

    def __init__(self, raw: Counted, kind: str) -> None:
        super().__init__()
        self._inner, self._raw, self._kind = _unpack(raw, kind), raw, kind
        self._ahead, self._out, self._ended = b"", 0, False

    def readable(self) -> bool:
        """Always."""
        return True

    def peek_all(self, size: int) -> bytes:
        """Up to `size` bytes, read ahead until there are so many or the input ends."""
        while len(self._ahead) < size and (more := self._read(size - len(self._ahead))):
            self._ahead += more
        return self._ahead[:size]

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer with the next bytes; 0 at the end."""
        size = len(buffer)
        if self._ahead:
            data, self._ahead = self._ahead[:size], self._ahead[size:]
        else:
            data = self._read(size)
        buffer[: len(data)] = data
        return len(data)

    def _read(self, size: int) -> bytes:
        if not self._kind:
            return self._raw.read(size)
        if self._ended:
            return b""
        try:
            data: bytes = self._inner.read1(size)
        except InputError:
            raise
        except Exception as error:
            # zstandard.ZstdError and lzma.LZMAError are imported only where they can occur
            known = isinstance(error, OSError | EOFError | zlib.error | ValueError)
            if not known and type(error).__name__ not in ("ZstdError", "LZMAError"):
                raise
            self.damage, data = self._damaged(error), b""
        self._ended = not data
        self._out += len(data)
        if self._out > BOMB_FLOOR and self._out > MAX_RATIO * self._raw.count:
            raise InputError(
                f"this {self._kind} file unpacks to more than {MAX_RATIO} times its size, as a decompression bomb does",
                self._raw.name,
                "unpack it yourself if you trust it",
            )
        return data

    def _damaged(self, error: Exception) -> InputError:
        fact = f"the {self._kind} data are damaged after byte {self._raw.count}: {error}"
        return InputError(fact, self._raw.name, "unpack it with its own tool to see what can be saved")
