"""Dumps of other people, which are not part of this repository: recognised and counted as verified by hand."""

from pathlib import Path

import pytest

from moderation.readers import sniff

from .gathering import Gathered

SAMPLES = Path(__file__).parents[3] / "shared" / "formats"

# format, thread headers, comments, with a parent, with an author, with a time, skipped
EXPECTED = {
    "convokit_utterances.jsonl": ("convokit", 0, 6, 5, 5, 6, {}),
    "coral_mongo_comment.json": ("coral", 0, 1, 0, 1, 1, {}),
    "coral_user_download.csv": ("coral", 0, 1, 0, 0, 1, {}),
    "discourse_topic.json": ("discourse", 1, 1, 0, 1, 1, {"system": 1, "empty": 1}),
    "disqus_export.xml": ("disqus", 3, 5, 2, 5, 5, {"deleted": 1}),
    "facebook_graph_comments.json": ("facebook", 0, 2, 1, 1, 2, {}),
    "hn_algolia_item.json": ("hackernews", 1, 1, 0, 1, 1, {}),
    "isso_comments.db": ("isso", 2, 8, 3, 8, 8, {}),
    "isso_generic.json": ("isso", 2, 2, 0, 2, 2, {}),
    "isso_wordpress.xml": ("wordpress", 2, 8, 3, 8, 8, {}),
    "plain_copied_msnbc.txt": ("text", 1, 0, 0, 0, 0, {}),
    "plain_copied_wordpress.txt": ("text", 1, 0, 0, 0, 0, {}),
    "reddit_pushshift.ndjson": ("reddit", 0, 1, 0, 1, 1, {"deleted": 1}),
    "reddit_pushshift.ndjson.zst": ("reddit", 0, 1, 0, 1, 1, {"deleted": 1}),
    "schema_org_comment.html": ("html", 1, 2, 0, 2, 2, {}),
    "usenet_like.mbox": ("mbox", 3, 3, 0, 3, 0, {}),
    "wordpress_commentlist.html": ("html", 1, 11, 2, 11, 11, {}),
    "wordpress_rest_comments.json": ("wordpress", 0, 1, 0, 1, 1, {}),
    "wordpress_wxr.xml": ("wordpress", 1, 20, 9, 20, 20, {}),
    "youtube_comment_downloader.jsonl": ("youtube", 0, 2, 0, 2, 2, {}),
    "ytdlp.info.json": ("youtube", 1, 2, 1, 2, 2, {}),
}


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the samples lie beside the repository, and are not there")
@pytest.mark.parametrize("name", EXPECTED)
def test_samples_are_recognised_and_counted_right(name):
    path = SAMPLES / name
    found = Gathered(path)
    counts = (
        sniff(path),
        len(found.threads),
        len(found.comments),
        sum(comment.parent is not None for comment in found.comments),
        sum(comment.author is not None for comment in found.comments),
        sum(comment.time is not None for comment in found.comments),
        dict(found.skipped),
    )
    assert counts == EXPECTED[name]
    assert not found.bad
