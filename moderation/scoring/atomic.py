"""Write a file so that it is there whole or not at all, whatever kills the process or fills the disk."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

__all__ = ["clear_leftovers", "create", "sync_folder"]

MARK = ".tmp-"


@contextlib.contextmanager
def create(path: Path) -> Iterator[BinaryIO]:
    """Open a temporary file beside `path`; on leaving, sync it to disk and give it its name. On an error it is removed.

    The name is unique to the process and moment: two processes that write the same path both leave a whole file.
    """
    temporary = path.with_name(f"{MARK}{path.name}-{os.getpid()}-{os.urandom(4).hex()}")
    try:
        with temporary.open("xb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Sync a folder's entries to disk, where the system can."""
    with contextlib.suppress(OSError):  # Windows cannot open a folder
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def clear_leftovers(folder: Path) -> None:
    """Remove temporary files that killed processes left in `folder`."""
    if folder.is_dir():
        for path in folder.glob(f"{MARK}*"):
            with contextlib.suppress(OSError):
                path.unlink()
