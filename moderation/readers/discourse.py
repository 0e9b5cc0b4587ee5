"""Discourse: a topic's JSON (/t/ID.json), lists of posts (/posts.json), single posts."""

from collections.abc import Iterator
from typing import Any

from moderation.readers.making import Draft, finish
from moderation.readers.markup import clean
from moderation.readers.options import Format, ReadOptions
from moderation.readers.source import Source
from moderation.readers.trees import read_objects
from moderation.readers.values import identify, to_text
from moderation.records import BadRecord, Record, Skipped, Thread

__all__ = ["FORMAT"]

_REGULAR = (1, 4, None)
"""Post types of people's words: regular and whisper; 2 and 3 are notes of what a moderator did."""


def refuse(source: Source) -> str:
    """Why this is not from Discourse, or ""."""
    keys = source.keys
    if "post_stream" in keys or {"post_number", "topic_id"} <= keys & {"post_number", "topic_id", "cooked", "raw"}:
        return ""
    return "no object has post_stream (a topic) or post_number and topic_id (posts)"


def read(source: Source, options: ReadOptions) -> Iterator[Record]:
    """The first post of a topic as the article of its header, the others as comments.

    Parents are the ids of the posts answered, where their numbers are in the same file. Posts that the topic lists but the file
    does not hold, since Discourse gives twenty at a time, count as skipped "on another page".
    """
    for item in read_objects(source, options):
        if isinstance(item, BadRecord):
            yield item
            continue
        row = item[1]
        if not isinstance(row, dict):
            yield BadRecord(file=source.name, reason="the record is not an object", raw=repr(row)[:200])
            continue
        stream = row.get("post_stream")
        if isinstance(stream, dict):
            yield from _read_topic(row, stream, options)
        elif isinstance(row.get("latest_posts"), list):
            yield from _read_posts(row["latest_posts"], options)
        else:
            yield from _read_posts([row], options)


def _read_topic(topic: dict[str, Any], stream: dict[str, Any], options: ReadOptions) -> Iterator[Record]:
    listed = stream.get("posts")
    posts = [post for post in listed if isinstance(post, dict)] if isinstance(listed, list) else []
    thread = identify(topic.get("id") or (posts[0].get("topic_id") if posts else None))
    first = next((post for post in posts if post.get("post_number") == 1), {})
    title = to_text(topic.get("title")) or clean(to_text(topic.get("fancy_title")), "html")[0]
    url = f"/t/{topic['slug']}/{thread}" if isinstance(topic.get("slug"), str) else None
    yield Thread(id=thread, title=title or None, article=clean(*_words(first))[0] or None, url=url)
    numbers = {post.get("post_number"): post.get("id") for post in posts if isinstance(post.get("post_number"), int)}
    for post in posts:
        if post is not first:
            yield _make(post, thread, numbers, options)
    ids = stream.get("stream")
    if isinstance(ids, list):
        held = {post.get("id") for post in posts if isinstance(post.get("id"), int)}
        missing = sum(isinstance(id, int) and id not in held for id in ids)
        if missing:
            yield Skipped(reason="on another page", count=missing)


def _read_posts(posts: list[Any], options: ReadOptions) -> Iterator[Record]:
    for post in posts:
        if not isinstance(post, dict) or not post.keys() & {"cooked", "raw"}:
            yield Skipped(reason="no comment object")
        elif post.get("post_number") == 1:
            title = to_text(post.get("topic_title") or post.get("title"))
            yield Thread(
                id=identify(post.get("topic_id")), title=title or None, article=clean(*_words(post))[0] or None
            )
        else:
            yield _make(post, identify(post.get("topic_id")), {}, options)


def _words(post: dict[str, Any]) -> tuple[str, str]:
    """A post's text and its markup: cooked HTML where there is some, for it shows the quotes best."""
    cooked = post.get("cooked")
    return (cooked, "html") if isinstance(cooked, str) else (to_text(post.get("raw")), "markdown")


def _make(post: dict[str, Any], thread: str, numbers: dict[Any, Any], options: ReadOptions) -> Record:
    if post.get("post_type") not in _REGULAR or post.get("action_code"):
        return Skipped(reason="system")
    if post.get("deleted_at") or post.get("user_deleted"):
        return Skipped(reason="deleted")
    if post.get("hidden") is True:
        return Skipped(reason="removed")
    text, markup = _words(post)
    answered = post.get("reply_to_post_number")
    parent = None if answered == 1 or not isinstance(answered, int) else numbers.get(answered, f"post-{answered}")
    return finish(
        Draft(
            text=text,
            markup=markup,
            id=post.get("id"),
            parent=parent,
            thread=thread,
            author=post.get("username") or post.get("name"),
            time=post.get("created_at"),
            fields=post,
        ),
        options,
    )


FORMAT = Format(
    name="discourse", summary="Discourse: a topic's JSON, or lists of posts (cooked or raw)", refuse=refuse, read=read
)
