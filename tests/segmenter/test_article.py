"""Where the article ends, by markers and author lines."""

import pytest

from moderation.segmenter.article import find_marker, find_structure, find_title, is_heading
from moderation.segmenter.noise import read_noise

PROSE = ["The council met on Tuesday.", "It talked about the bridge for three hours.", "Nothing was decided."]


@pytest.mark.parametrize(
    "marker",
    [
        "123 Comments",
        "Comments (12)",
        "COMMENTS",
        "Leave a reply",
        "MORE ON THE TOPIC:",
        "READERS' COMMENTS",
        "12 thoughts on “The bridge”",
        "4 Responses to The bridge",
        "Kommentare",
        "5 commentaires",
        "3 comentarios",
        "Комментарии (7)",
        "Join the discussion",
        "What do you think?",
        "2 Kommentare",
        "Reacties (4)",
        "!@#$ COMMENTS",
        "Leave a comment",
        "1 Comment",
        "评论",
        "No Comments",
        "12 comments so far",
        "There are 12 comments",
        "12 Comments | Leave a comment",
        "12 Comments - Post a comment",
        "Comments: 12 | Add a comment",
        "Comments [12]",
        "12 Comments Add yours",
    ],
)
def test_a_marker_line_ends_the_article_exactly(marker: str) -> None:
    lines = [*PROSE, marker, "I cross it every day and it shakes.", "Same here."]
    cut = find_marker(lines, [read_noise(line) for line in lines])
    assert cut is not None
    assert (cut.article, cut.comments) == (3, 4)


@pytest.mark.parametrize(
    ("heading", "told"),
    [
        ("123 Comments", 123),
        ("1,204 comments:", 1204),
        ("Comments (12)", 12),
        ("Kommentare (1.234)", 1234),
        ("12 thoughts on “The bridge of 1924”", 12),
        ("3 Responses to 7 bridges", 3),
        ("评论 12", 12),
        ("There are 12 comments", 12),
        ("Comments: 12 | Add a comment", 12),
        ("12 Comments and 3 Replies", 12),
        ("Comment 3", None),
        ("Comments on bridge 2", None),
        ("2.5k comments", None),
        ("0 Comments", None),
        ("Comments", None),
        ("Leave a reply", None),
    ],
)
def test_a_heading_tells_how_many_comments_there_are(heading: str, told: int | None) -> None:
    lines = [*PROSE, heading, "I cross it every day and it shakes.", "Same here."]
    cut = find_marker(lines, [read_noise(line) for line in lines])
    assert cut is not None
    assert cut.told == told


@pytest.mark.parametrize(
    "line",
    [
        "No comment from the mayor.",
        "I left a comment yesterday",
        "Comments like yours are why I stopped reading this paper",
        "Discussion is useless with you",
        "12 comments so far and not one of them about the bridge",
        "There are 12 comments here that I would delete.",
        "View all 3 replies",
    ],
)
def test_sentences_about_comments_are_no_markers(line: str) -> None:
    assert not is_heading(line)


def test_an_invitation_at_the_foot_of_the_page_is_no_marker() -> None:
    lines = [*PROSE, "2 Comments", "I cross it every day and it shakes.", "Same here.", "Leave a reply"]
    cut = find_marker(lines, [read_noise(line) for line in lines])
    assert cut is not None
    assert cut.comments == 4


def test_invitations_below_the_heading_are_skipped() -> None:
    lines = [*PROSE, "2 Comments", "Leave a comment", "Newest first", "I cross it every day and it shakes."]
    cut = find_marker(lines, [read_noise(line) for line in lines])
    assert cut is not None
    assert cut.comments == 6


def test_author_lines_that_keep_coming_begin_the_comments_and_a_byline_does_not() -> None:
    talk = ["Anna says:", "Good.", "Ben says:", "Bad.", "Cleo says:", "So so."]
    lines = ["By Jane Doe", *PROSE * 5, *talk]
    cut = find_structure(lines, [read_noise(line) for line in lines])
    assert cut is not None
    assert cut.comments == 16


def test_a_title_is_short_and_ends_without_a_stop() -> None:
    assert find_title(["Bridge shakes again", *PROSE], 4) == "Bridge shakes again"
    assert find_title(PROSE, 3) is None
