"""The forum formats that are JSON, each on a fixture of its own."""

import sqlite3

import pytest

from moderation.errors import FormatError
from moderation.readers import ReadOptions, read
from moderation.records import Thread

from .gathering import DATA, Gathered


def test_reddit_comments_keep_ids_parents_and_quotes_and_skip_the_gone():
    found = Gathered(DATA / "reddit/comments.ndjson")
    assert found.table == [
        ("g1aaaa", None, "rowan_t"),
        ("g1aaab", "g1aaaa", "keel"),
        ("g1aaae", "g1aaac", None),
        ("g1aaag", None, "mast"),
    ]
    assert found.skipped == {"deleted": 1, "removed": 1}
    assert [(bad.line, bad.reason) for bad in found.bad] == [
        (6, "the line is not JSON: Unterminated string starting at column 68")
    ]
    assert found.texts[0] == "Depends on the *boat*, see this."
    assert found.texts[1] == "Depends on the boat\n\nAT&T would \u200b say so. It sinks"
    assert found.quoted()[1] == ["Depends on the boat"]
    assert found.comments[1].time == "2020-09-13T12:28:20Z"
    assert {comment.thread for comment in found.comments} == {"isle01", "isle02"}


def test_reddit_submissions_become_thread_headers():
    found = Gathered(DATA / "reddit/submissions.ndjson")
    assert found.threads == [
        Thread(
            id="isle01",
            title="Boats & money",
            article="Which boat for <30 feet?\n\nBudget is small.",
            url="https://www.reddit.com/r/sailing/comments/isle01/",
        ),
        Thread(id="isle02", title="Knots", url="https://example.org/knots"),
    ]


def test_reddit_submissions_are_joined_before_the_first_comment_of_their_thread():
    options = ReadOptions(submissions=(str(DATA / "reddit/submissions.ndjson"),))
    found = Gathered(DATA / "reddit/comments.ndjson", options=options)
    kinds = [record.id for record in found.records if hasattr(record, "id")]
    assert kinds == ["isle01", "g1aaaa", "g1aaab", "g1aaae", "isle02", "g1aaag"]


def test_hackernews_tree_keeps_orphans_of_deleted_comments():
    found = Gathered(DATA / "hackernews/algolia_item.json")
    assert found.threads == [Thread(id="900", title="A small & quiet computer", url="https://quiet.example")]
    assert found.table == [("901", None, "mo"), ("903", "902", "ny")]
    assert found.texts[0] == "It isn't quiet.\n\nMine hums:\n\ndB = 31\n  at night"
    assert found.texts[1] == "> Mine hums\n\nSo does mine. h.example/x"
    assert found.quoted()[1] == ["> Mine hums"]
    assert found.skipped == {"deleted": 1}


@pytest.mark.parametrize("name", ["firebase.jsonl", "bigquery.csv"])
def test_hackernews_rows_find_their_story_through_their_parents(name):
    found = Gathered(DATA / "hackernews" / name)
    assert found.threads[0].title == "Quiet"
    assert ("901", None, "mo") in found.table
    assert found.comments[0].thread == "900"
    assert found.comments[0].text == "It isn't."
    assert found.skipped["deleted"] == 1


def test_hackernews_firebase_orphan_keeps_its_parent_and_has_no_thread():
    found = Gathered(DATA / "hackernews/firebase.jsonl")
    assert [(comment.id, comment.parent, comment.thread) for comment in found.comments[1:]] == [
        ("903", "901", "900"),
        ("905", "888", ""),
    ]
    assert found.skipped == {"removed": 1, "deleted": 1}


def test_hackernews_search_hits_are_read():
    hit = b'{"hits": [{"objectID": "5", "comment_text": "a<p>b", "story_id": 3, "parent_id": 3, "author": "x"}]}'
    found = Gathered(hit)
    assert found.table == [("5", None, "x")]
    assert found.texts == ["a\n\nb"]


def test_youtube_downloader_takes_parents_from_ids_and_threads_from_the_file_name():
    found = Gathered(DATA / "youtube/downloader.jsonl")
    assert found.table == [("UgAAA", None, "@anna"), ("UgAAA.9x1", "UgAAA", "@ben")]
    assert [comment.thread for comment in found.comments] == ["downloader", "downloader"]
    assert [comment.time for comment in found.comments] == ["2022-04-15T05:20:00.250000Z", "vor 1 Woche"]


def test_youtube_info_json_gives_title_and_description():
    found = Gathered(DATA / "youtube/video.info.json")
    assert found.threads[0].title == "Ride to the coast"
    assert found.threads[0].article == "Filmed in May."
    assert found.table == [("UgB", None, "@anna"), ("UgB.1", "UgB", "@ben")]
    assert found.skipped == {"empty": 1}


def test_youtube_api_prefers_the_original_text_and_reads_answers():
    found = Gathered(DATA / "youtube/threads.json")
    assert found.table == [("UgD", None, "Dee"), ("UgD.1", "UgD", "Eli")]
    assert found.texts == ["a <3\nb", "only & shown\nform"]
    assert {comment.thread for comment in found.comments} == {"vid2"}
    assert found.skipped == {"spam": 1}


def test_discourse_topic_has_its_first_post_as_article():
    found = Gathered(DATA / "discourse/topic.json")
    assert found.threads == [Thread(id="44", title="Yeast", article="Which yeast?", url="/t/yeast/44")]
    assert found.table == [("501", None, "nils"), ("502", "501", "olga"), ("505", "post-25", "quin")]
    assert found.texts[0] == "mia:\n\nWhich yeast?\n\nAny. :bread:"
    assert found.quoted()[0] == ["mia:\n\nWhich yeast?"]
    assert found.skipped == {"system": 1, "deleted": 1, "on another page": 2}


def test_discourse_raw_posts_have_bbcode_quotes_in_markdown():
    found = Gathered(DATA / "discourse/posts.json")
    assert found.texts == ["Rye or wheat?\n\nRye, see here."]
    assert found.quoted() == [["Rye or wheat?"]]
    assert found.threads == [Thread(id="45", title="Rye", article="Rye or wheat?")]


@pytest.fixture
def isso_database(tmp_path):
    path = tmp_path / "comments.db"
    base = sqlite3.connect(path)
    base.executescript((DATA / "isso/comments.sql").read_text())
    base.commit()
    base.close()
    return path


def test_isso_database(isso_database):
    found = Gathered(isso_database, options=ReadOptions(keep=("likes",)))
    assert found.table == [
        ("1", None, "Tom"),
        ("2", "1", None),
        ("4", "3", "Vic"),
        ("5", "77", "Wim"),
        ("6", None, "Xi"),
    ]
    assert found.threads == [Thread(id="1", title="Kites", url="/kites/"), Thread(id="9"), Thread(id="2", url="/nets/")]
    assert found.comments[0].extra == {"likes": 2}
    assert found.comments[0].time == "2014-05-13T16:53:20.500000Z"
    assert found.quoted()[1] == ["They fly."]
    assert found.texts[-1] == "\ufffdok"
    assert found.skipped == {"deleted": 1}


def test_isso_database_from_a_stream_and_compressed(isso_database, tmp_path):
    import gzip

    assert Gathered(isso_database.read_bytes()).records == Gathered(isso_database).records
    packed = tmp_path / "comments.db.gz"
    packed.write_bytes(gzip.compress(isso_database.read_bytes()))
    assert Gathered(packed).records == Gathered(isso_database).records


def test_isso_refuses_views_which_could_run_for_ever(tmp_path):
    path = tmp_path / "trap.db"
    base = sqlite3.connect(path)
    base.execute(
        "CREATE VIEW comments AS WITH RECURSIVE r(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM r) "
        "SELECT id, 1 AS tid, NULL AS parent, 0 AS created, 1 AS mode, 'x' AS text, 'y' AS author FROM r"
    )
    base.commit()
    base.close()
    with pytest.raises(FormatError, match="there is no plain table named comments"):
        list(read(path))


def test_isso_damaged_database_is_one_error(isso_database):
    data = bytearray(isso_database.read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    with pytest.raises(
        FormatError, match=r"<stream>: the SQLite database cannot be read: .*; try: sqlite3 comments.db .recover"
    ):
        Gathered(bytes(data), "isso")


def test_isso_generic_keeps_equal_ids_of_different_threads():
    found = Gathered(DATA / "isso/generic.json")
    assert [thread.title for thread in found.threads] == ["Kites & nets", "Nets"]
    assert found.table == [("0", None, "Tom"), ("0", None, "Una")]
    assert not found.skipped


def test_coral_mongo_reads_the_last_revision():
    found = Gathered(DATA / "coral/mongo.jsonl")
    assert found.threads == [Thread(id="s1", title="Trams", url="https://paper.example/1")]
    assert found.table == [("c1", None, "u1"), ("c2", "c1", "u2")]
    assert found.texts == ["Slow.\n\nAnd late.", "Slow.\n\nFast & new."]
    assert found.quoted()[1] == ["Slow."]
    assert [comment.time for comment in found.comments] == ["2021-06-01T00:00:00Z", "2021-06-01T00:01:40Z"]
    assert found.skipped == {"removed": 1, "deleted": 1}


def test_coral_story_takes_parents_from_the_nesting():
    found = Gathered(DATA / "coral/story.json")
    assert found.threads == [Thread(id="s2", title="Buses", url="https://paper.example/2")]
    assert found.table == [("d1", None, "Yan"), ("d2", "d1", None)]
    assert found.skipped == {"no comment object": 1}


def test_coral_download():
    found = Gathered(DATA / "coral/download.csv")
    assert [(c.id, c.thread, c.text, c.time) for c in found.comments] == [
        ("e1", "https://paper.example/1", "Mine, mine", "Tuesday, June 1, 2021")
    ]


def test_facebook_comments_and_their_answers():
    found = Gathered(DATA / "facebook/comments.json")
    assert found.table == [("55_1", None, "Zoe"), ("55_2", "55_1", None), ("55_4", None, "Abe"), ("55_5", "55_4", None)]
    assert {comment.thread for comment in found.comments} == {"55"}
    assert found.skipped == {"empty": 1}


def test_facebook_post_is_the_header_of_its_comments():
    found = Gathered(DATA / "facebook/post.json")
    assert found.threads == [Thread(id="77_1", article="We open at nine.", url="https://f.example/77/1")]
    assert [(comment.thread, comment.text) for comment in found.comments] == [("77_1", "Ten is better.")]


def test_convokit_folder_joins_titles():
    found = Gathered(DATA / "convokit/corpus")
    assert found.threads == [Thread(id="p1", title="Which word")]
    assert found.table == [("p1", None, "cat"), ("p2", "p1", "dan"), ("p4", None, "eve")]
    assert found.texts == ["Which > what?", "Which\n\nThat.", "Talk page: 2 > 1"]
    assert found.quoted()[1] == ["Which"]
    assert found.skipped == {"deleted": 1}


def test_convokit_older_keys():
    found = Gathered(DATA / "convokit/old.json")
    assert found.table == [("q1", None, "fred"), ("q2", "q1", "gail")]
    assert [comment.time for comment in found.comments] == ["2008-01-10T21:20:00Z", None]


def test_mastodon_context_has_its_first_status_as_article():
    found = Gathered(DATA / "mastodon/context.json")
    assert found.threads == [Thread(id="1001", article="New trams!", url="https://rail.example/@hal/1001")]
    assert found.table == [("1002", None, "iris"), ("1003", "1002", "jan")]
    assert found.texts[0] == "trams & <b>\n\n@hal lovely\nreally"
    assert found.skipped == {"empty": 1}


def test_bluesky_thread_counts_what_is_gone():
    found = Gathered(DATA / "bluesky/thread.json")
    assert found.threads == [Thread(id="at://did:plc:a/app.bsky.feed.post/1", article="Root post.")]
    assert [(comment.parent, comment.author) for comment in found.comments] == [
        (None, "kim.example"),
        ("at://did:plc:a/app.bsky.feed.post/2", "mia.example"),
    ]
    assert found.skipped == {"deleted": 1, "blocked": 1}


def test_telegram_joins_pieces_and_marks_quotes():
    found = Gathered(DATA / "telegram/result.json")
    assert found.threads == [Thread(id="4242", title="Harbour talk")]
    assert found.table == [("2", None, "Ned"), ("3", "2", "Oda")]
    assert found.texts[1] == "The ship is in.\nWhich ship? https://s.example"
    assert found.quoted()[1] == ["The ship is in."]
    assert found.skipped == {"system": 1, "empty": 1}


def test_telegram_account_has_a_thread_for_each_chat():
    found = Gathered(DATA / "telegram/account.json", "telegram")
    assert [thread.title for thread in found.threads] == ["One", "Two"]
    assert [(comment.thread, comment.id, comment.text) for comment in found.comments] == [
        ("1", "1", "in one"),
        ("2", "1", "in two"),
    ]
