"""A map from ids to text that lies on disk, for joins over dumps of any size."""

import os
import sqlite3
import tempfile
import weakref
from pathlib import Path

__all__ = ["DiskMap"]


class DiskMap:
    """A map of strings in a temporary SQLite file, which is deleted with the map."""

    def __init__(self) -> None:
        handle, name = tempfile.mkstemp(prefix="moderation-", suffix=".index")
        os.close(handle)
        self._base = sqlite3.connect(name, isolation_level=None, check_same_thread=False)
        for setting in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-32768", "locking_mode=EXCLUSIVE"):
            self._base.execute(f"PRAGMA {setting}")
        self._base.execute("CREATE TABLE map (id TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID")
        self._base.execute("BEGIN")
        self._finalizer = weakref.finalize(self, _remove, self._base, Path(name))

    def __setitem__(self, key: str, value: str) -> None:
        self._base.execute("INSERT OR REPLACE INTO map VALUES (?, ?)", (key, value))

    def get(self, key: str) -> str | None:
        """The value of `key`, or None."""
        row = self._base.execute("SELECT value FROM map WHERE id = ?", (key,)).fetchone()
        return row[0] if row else None

    def close(self) -> None:
        """Delete the file."""
        self._finalizer()


def _remove(base: sqlite3.Connection, path: Path) -> None:
    base.close()
    path.unlink(missing_ok=True)
