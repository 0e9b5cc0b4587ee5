"""Isso: its SQLite database, and the generic JSON that `isso import` takes."""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote_plus

from moderation.errors import FormatError
from moderation.readers.duplicates import Seen
from moderation.readers.making import Draft, finish
from moderation.readers.options import Format, ReadOptions
from moderation.readers.source import Source
from moderation.readers.trees import read_objects
from moderation.readers.values import identify, to_text
from moderation.records import BadRecord, Record, Skipped, Thread

__all__ = ["FORMAT"]

_MAGIC = b"SQLite format 3\x00"
_DELETED = 4
_COLUMNS = ("id", "tid", "parent", "created", "mode", "text", "author")
_STEPS = 200_000_000
"""Steps of SQLite's machine between two rows before a crafted schema is taken for a trap; a real row takes about 50."""


def refuse(source: Source) -> str:
    """Why this is not from Isso, or ""."""
    head = source.head
    if head.startswith(_MAGIC):
        return (
            "" if b"comments" in head and b"tid" in head else "it is an SQLite database without Isso's comments table"
        )
    if source.keys >= {"comments", "remote_addr", "created"}:
        return ""
    return "it is neither an SQLite database nor JSON with comments, remote_addr and created"


def read(source: Source, options: ReadOptions) -> Iterator[Record]:
    """Comments in the order of their ids, with a header before the first of each thread; deleted ones are skipped.

    Comments that wait for approval are read too. Raises FormatError for a damaged database or other tables.
    """
    if not source.head.startswith(_MAGIC):
        yield from _read_generic(source, options)
        return
    if source.path is not None and not source.packed:
        yield from _read_database(source.path, source, options)
        return
    with tempfile.TemporaryDirectory(prefix="moderation-") as folder:
        copy = Path(folder) / "comments.db"
        with copy.open("wb") as stream:
            shutil.copyfileobj(source.stream, stream, 1 << 20)
        yield from _read_database(copy, source, options)


def _read_database(path: Path, source: Source, options: ReadOptions) -> Iterator[Record]:
    try:
        uri = f"file:{quote(str(path.resolve()))}?mode=ro&immutable=1"
        with closing(sqlite3.connect(uri, uri=True)) as base:
            base.text_factory = lambda data: data.decode("utf-8", "replace")
            base.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, options.max_line)
            for setting in ("trusted_schema=OFF", "query_only=ON", "cell_size_check=ON", "mmap_size=0"):
                base.execute(f"PRAGMA {setting}")
            _check_tables(base, source)
            yield from _read_rows(base, source, options)
    except (sqlite3.Error, OverflowError, UnicodeDecodeError) as error:
        fact = f"the SQLite database cannot be read: {error}"
        raise FormatError(fact, source.name, "try: sqlite3 comments.db .recover") from None


def _check_tables(base: sqlite3.Connection, source: Source) -> None:
    """Only plain tables are read: a view or a virtual table could run for ever."""
    rows = base.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name IN ('comments', 'threads')")
    plain = {
        name
        for name, sql in rows
        if isinstance(sql, str)
        and sql[:12].upper().split()[:2] == ["CREATE", "TABLE"]
        and "GENERATED" not in sql.upper()
    }
    if "comments" not in plain:
        raise FormatError("there is no plain table named comments", source.name)
    found = {row[1] for row in base.execute("PRAGMA table_info(comments)")}
    missing = [column for column in _COLUMNS if column not in found]
    if missing:
        raise FormatError(f"its table comments has no column {', '.join(missing)}", source.name)


def _read_rows(base: sqlite3.Connection, source: Source, options: ReadOptions) -> Iterator[Record]:
    steps = [0]

    def watch() -> int:
        steps[0] += 100_000
        return int(steps[0] > _STEPS)

    base.set_progress_handler(watch, 100_000)
    columns = ", ".join([*_COLUMNS, *_kept_columns(base, options)])
    headed = Seen(options.max_ids)
    for row in base.execute(f"SELECT {columns} FROM comments ORDER BY id"):
        steps[0] = 0
        fields = dict(zip(columns.split(", "), row, strict=True))
        thread = identify(fields["tid"])
        if not headed.add("", thread):
            yield _make_header(base, fields["tid"], thread)
        yield _make(fields, thread, options)


def _kept_columns(base: sqlite3.Connection, options: ReadOptions) -> list[str]:
    found = [row[1] for row in base.execute("PRAGMA table_info(comments)")]
    return [name for name in found if name in options.keep and name not in _COLUMNS and name.isidentifier()]


def _make_header(base: sqlite3.Connection, tid: Any, thread: str) -> Thread:
    try:
        row = base.execute("SELECT title, uri FROM threads WHERE id = ?", (tid,)).fetchone()
    except sqlite3.OperationalError:
        row = None
    title, uri = row if row else (None, None)
    return Thread(id=thread, title=to_text(title).strip() or None, url=to_text(uri) or None)


def _make(fields: dict[str, Any], thread: str, options: ReadOptions) -> Record:
    if fields.get("mode") == _DELETED:
        return Skipped(reason="deleted")
    return finish(
        Draft(
            text=fields["text"],
            markup="markdown",
            id=fields["id"],
            parent=fields["parent"],
            thread=thread,
            author=fields["author"],
            time=fields["created"],
            fields={key: value for key, value in fields.items() if not isinstance(value, bytes)}
            if options.keep
            else {},
        ),
        options,
    )


def _read_generic(source: Source, options: ReadOptions) -> Iterator[Record]:
    """Threads with their comments; titles may be URL-quoted, and ids begin anew in each thread."""
    for item in read_objects(source, options):
        if isinstance(item, BadRecord):
            yield item
            continue
        row = item[1]
        comments = row.get("comments") if isinstance(row, dict) else None
        if not isinstance(comments, list):
            yield BadRecord(file=source.name, reason="the thread has no list of comments", raw=repr(row)[:500])
            continue
        thread = identify(row.get("id"))
        title = to_text(row.get("title"))
        if " " not in title and ("+" in title or "%" in title):
            title = unquote_plus(title)
        yield Thread(id=thread, title=title or None, url=thread or None)
        for comment in comments:
            if isinstance(comment, dict):
                yield _make_generic(comment, thread, options)
            else:
                yield Skipped(reason="no comment object")


def _make_generic(comment: dict[str, Any], thread: str, options: ReadOptions) -> Record:
    draft = Draft(
        text=comment.get("text"),
        markup="markdown",
        id=comment.get("id"),
        parent=comment.get("parent"),
        thread=thread,
        author=comment.get("author"),
        time=comment.get("created"),
        fields=comment,
    )
    return finish(draft, options)


FORMAT = Format(name="isso", summary="Isso: its SQLite database, or the JSON for isso import", refuse=refuse, read=read)
