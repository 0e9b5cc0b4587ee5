"""YouTube: yt-dlp's info.json, youtube-comment-downloader's JSON Lines, the Data API's commentThreads and comments."""

from collections.abc import Iterator
from typing import Any

from moderation.readers.making import Draft, finish
from moderation.readers.options import Format, ReadOptions
from moderation.readers.source import Source
from moderation.readers.trees import read_objects
from moderation.readers.values import identify, to_text
from moderation.records import BadRecord, Record, Skipped, Thread

__all__ = ["FORMAT"]


def refuse(source: Source) -> str:
    """Why this is not from YouTube, or ""."""
    keys = source.keys
    if keys >= {"cid", "text", "author", "votes"} or keys & {"topLevelComment", "textOriginal", "textDisplay"}:
        return ""
    if "_time_text" in keys or keys >= {"comments", "author_id", "like_count", "parent"}:
        return ""
    if keys >= {"extractor", "webpage_url"} or keys >= {"comment_count", "channel_id", "formats"}:
        return ""
    return "no object has cid and votes (youtube-comment-downloader), comments with author_id (yt-dlp), topLevelComment (API)"


def read(source: Source, options: ReadOptions) -> Iterator[Record]:
    """Comments in the order of the file; yt-dlp's title and description make the thread header.

    youtube-comment-downloader has no video id, so the file's name is the thread, and no parent field, so the part of the
    id before the dot is the parent. Its times are the estimate "time_parsed" or else the page's words ("2 weeks ago").
    """
    around: dict[str, Any] = {}
    headed = False
    for item in read_objects(source, options, ("comments", "items")):
        if isinstance(item, BadRecord):
            yield item
            continue
        path, row = item
        if path == ".":
            if "snippet" in around or "cid" in around:
                yield from _read_row(around, source.stem, options)
            around, headed = {}, False
        elif path not in ("", "item", "comments.item", "items.item"):
            around[path] = row
        elif not isinstance(row, dict):
            yield BadRecord(file=source.name, reason="the comment is not an object", raw=repr(row)[:200])
        elif path == "comments.item":
            if not headed:
                yield _make_header(around, source.stem)
                headed = True
            yield _make_ytdlp(row, identify(around.get("id")) or source.stem, options)
        else:
            yield from _read_row(row, source.stem, options)


def _make_header(around: dict[str, Any], stem: str) -> Thread:
    return Thread(
        id=identify(around.get("id")) or stem,
        title=to_text(around.get("title")).strip() or None,
        article=to_text(around.get("description")).strip() or None,
        url=to_text(around.get("webpage_url")) or None,
    )


def _make_ytdlp(row: dict[str, Any], thread: str, options: ReadOptions) -> Record:
    parent = row.get("parent")
    return finish(
        Draft(
            text=row.get("text"),
            id=row.get("id"),
            parent=None if parent == "root" else parent,
            thread=thread,
            author=row.get("author"),
            time=row.get("timestamp") or row.get("_time_text"),
            fields=row,
        ),
        options,
    )


def _read_row(row: dict[str, Any], stem: str, options: ReadOptions) -> Iterator[Record]:
    """One row of youtube-comment-downloader or of the Data API, or a whole page or info.json as one of several."""
    if "cid" in row:
        cid = identify(row["cid"])
        yield finish(
            Draft(
                text=row.get("text"),
                id=cid,
                parent=cid.partition(".")[0] if "." in cid else None,
                thread=stem,
                author=row.get("author"),
                time=row.get("time_parsed") or row.get("time"),
                fields=row,
            ),
            options,
        )
    elif isinstance(row.get("snippet"), dict):
        yield from _read_api(row, options)
    elif isinstance(row.get("items"), list):
        for inner in row["items"]:
            if isinstance(inner, dict) and isinstance(inner.get("snippet"), dict):
                yield from _read_api(inner, options)
    elif isinstance(row.get("comments"), list):
        yield _make_header(row, stem)
        for inner in row["comments"]:
            if isinstance(inner, dict):
                yield _make_ytdlp(inner, identify(row.get("id")) or stem, options)
    else:
        yield Skipped(reason="no comment object")


def _read_api(row: dict[str, Any], options: ReadOptions) -> Iterator[Record]:
    """A commentThread with its first answers, or a comment, of the Data API."""
    snippet = row["snippet"]
    top = snippet.get("topLevelComment")
    video = snippet.get("videoId") or snippet.get("channelId")
    if not isinstance(top, dict):
        yield _make_api(row, video, options)
        return
    yield _make_api(top, video, options)
    replies = row.get("replies")
    answers = replies.get("comments") if isinstance(replies, dict) else None
    for answer in answers if isinstance(answers, list) else ():
        if isinstance(answer, dict):
            yield _make_api(answer, video, options)


def _make_api(comment: dict[str, Any], video: Any, options: ReadOptions) -> Record:
    snippet = comment.get("snippet")
    if not isinstance(snippet, dict):
        return Skipped(reason="no comment object")
    if snippet.get("moderationStatus") in ("likelySpam", "rejected"):
        return Skipped(reason="spam" if snippet["moderationStatus"] == "likelySpam" else "removed")
    original = snippet.get("textOriginal")
    return finish(
        Draft(
            text=original if original is not None else snippet.get("textDisplay"),
            markup="plain" if original is not None else "html",
            id=comment.get("id"),
            parent=snippet.get("parentId"),
            thread=snippet.get("videoId") or video,
            author=snippet.get("authorDisplayName"),
            time=snippet.get("publishedAt"),
            fields={**comment, **snippet},
        ),
        options,
    )


FORMAT = Format(
    name="youtube",
    summary="YouTube: yt-dlp info.json, youtube-comment-downloader, Data API commentThreads",
    refuse=refuse,
    read=read,
    line_based=True,
)
