"""Guesses which columns of a table, or keys of an object, hold the text, the id, the parent and so on."""

import re
from collections.abc import Iterable

from msgspec import Struct

from moderation.readers.options import ReadOptions

__all__ = ["Columns", "guess"]

_NAMES = {
    "text": """text comment comment_text commenttext body message content comment_body comment_content selftext raw
               full_text text_original textoriginal textdisplay tweet post reply_text msg description""",
    "id": "id comment_id commentid cid post_id postid message_id uuid guid tweet_id _id",
    "parent": """parent parent_id parentid reply_to in_reply_to in_reply_to_id replyto parent_comment_id reply_to_id
                 comment_parent reply_to_comment_id in_reply_to_status_id parentcommentid""",
    "author": """author author_name username user_name user screen_name display_name authorname speaker nickname nick
                 authordisplayname comment_author by from name posted_by userid user_id author_id""",
    "time": """time created_at date timestamp created datetime published_at published created_utc createdat posted_at
               comment_date_gmt comment_date publishedat published_timestamp create_time post_date time_text""",
    "thread": """thread thread_id threadid conversation_id link_id article_id articleid story_id storyid topic_id post_url
                 video_id videoid article_url discussion_id submission_id root page""",
    "title": "title thread_title article_title headline topic_title subject",
    "article": "article article_text article_body",
}
_PREFERENCE = {part: names.split() for part, names in _NAMES.items()}
_NOT_LETTERS = re.compile(r"[^a-z0-9]+")


class Columns(Struct, frozen=True, kw_only=True):
    """The column of each part of a comment; None where there is none."""

    text: str | None = None
    id: str | None = None
    parent: str | None = None
    author: str | None = None
    time: str | None = None
    thread: str | None = None
    title: str | None = None
    article: str | None = None


def guess(names: Iterable[str], options: ReadOptions) -> Columns:
    """The columns among `names`: what `options` says, else the likeliest name that no earlier part has taken.

    >>> guess(["Comment ID", "Comment Text", "Author"], ReadOptions()).text
    'Comment Text'
    """
    spelled: dict[str, str] = {}
    for column in names:
        spelled.setdefault(_NOT_LETTERS.sub("_", column.lower()).strip("_"), column)
    found: dict[str, str] = {}
    for part in _PREFERENCE:
        given = getattr(options, f"{part}_column")
        if given is not None:
            found[part] = given
    for part, preferred in _PREFERENCE.items():
        if part in found:
            continue
        for wanted in preferred:
            column_found = spelled.get(wanted)
            if column_found is not None and column_found not in found.values():
                found[part] = column_found
                break
    return Columns(**found)
