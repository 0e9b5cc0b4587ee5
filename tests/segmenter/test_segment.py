"""`segment`: the whole way from a pasted page to records."""

import json
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moderation.errors import InputError
from moderation.segmenter import Cuts, segment
from moderation.segmenter.habits import measure_habits
from moderation.segmenter.page import Page

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = (ROOT / "examples" / "thread.txt").read_text(encoding="utf-8")

LINES = st.lists(
    st.one_of(
        st.text(max_size=60),
        st.sampled_from(
            [
                "12 Comments", "Reply", "Like · 3h", "Anna says:", "> quoted words here and there", "Leave a reply", "2 hours ago", "",
                "The council met on Tuesday to vote about the bridge over the river.", "I think the council met on Tuesday to vote.",
                "MORE ON THE TOPIC:", "#4", "bob99", "Tue Jul 24, 2012 10:14 AM EDT", "Comment author avatarbob99", "\u2028", "\r",
                "bob99 3 hours ago | parent | next [–]", "anna 2 hours ago | next [–]", "View 3 replies", "4 Comments", "Joined", "T",
                "Reactions:", "In reply to bob99", "Re: the bridge", "Posted by: bob99 | May 3, 2020", "Downvote", "12", "2012",
            ]
        ),
    ),
    max_size=25,
)  # fmt: skip


@settings(deadline=None, max_examples=150)
@given(LINES)
def test_every_comment_is_a_slice_of_the_page(lines: list[str]) -> None:
    text = "\n".join(lines)
    thread = segment(text, thread="t")
    end = 0
    for number, comment in enumerate(thread.comments, 1):
        assert comment.id == f"c{number}"
        assert comment.start is not None
        assert comment.end is not None
        assert end <= comment.start < comment.end
        assert text[comment.start : comment.end] == comment.text
        assert comment.text == comment.text.strip()
        assert comment.boundary is not None
        assert 0 <= comment.boundary <= 1
        assert len(comment.quotes) == len(comment.quote_lines)
        for span in comment.quotes:
            assert 0 <= span.start < span.end <= len(comment.text)
        assert comment.parent is None or int(comment.parent[1:]) < number
        assert (comment.parent is None) == (comment.parent_probability is None)
        end = comment.end


@pytest.mark.parametrize(
    "text", ["", " \n\t\n", "\u200b", "\x00", "\ud800", "a", "\n\n.\n", ">", '"', "1 Comment", "Reply\nReply\nReply"]
)
def test_odd_pages_give_a_thread(text: str) -> None:
    assert segment(text, thread="t").id == "t"


def test_a_page_without_words_has_no_comments() -> None:
    assert segment(" \n \n").comments == ()


def test_the_same_page_gives_the_same_thread() -> None:
    assert segment(EXAMPLE) == segment(EXAMPLE)


def test_the_example_is_split_at_its_heading() -> None:
    thread = segment(EXAMPLE)
    assert thread.title == "Harrow Street bike lane opens to cheers, horns and one very large dog"
    assert thread.article is not None
    assert thread.article.endswith("it was led away with a sausage.")
    assert thread.comments[0].text.startswith("About time.")
    assert thread.comments[-1].text.endswith("Biscuit for mayor!")
    assert 17 <= len(thread.comments) <= 26


def test_copied_lines_are_quotes_of_the_comment_that_they_open() -> None:
    thread = segment(EXAMPLE)
    opening = next(comment for comment in thread.comments if comment.text.startswith("The traders"))
    span = opening.quotes[0]
    assert opening.text[span.start : span.end].endswith("between April and August.")
    assert opening.quote_lines[0] == 11
    assert "Of course they did" in opening.text


def test_cuts_by_hand_decide_where_comments_start() -> None:
    text = "Article.\n\nOne.\nTwo.\nThree.\nFour."
    thread = segment(text, cuts=Cuts((3, 5), 1))
    assert [comment.text for comment in thread.comments] == ["One.\nTwo.", "Three.\nFour."]
    assert [comment.boundary for comment in thread.comments] == [1.0, 1.0]
    assert thread.article == "Article."


def test_blank_lines_between_comments_and_none_within_are_believed() -> None:
    texts = [
        "I was there and saw it.\nIt rained.",
        "No way it did.\nIt was dry all day in town.",
        "You both missed it.\nRead it again.",
    ]
    thread = segment("The fair.\n5 Comments\n" + "\n\n".join(texts))
    assert [comment.text for comment in thread.comments] == texts


def test_so_many_comments_come_out_as_a_person_says_there_are() -> None:
    for count in (1, 2, 15, 28):
        comments = segment(EXAMPLE, count=count).comments
        assert len(comments) == count
        assert sum(comment.boundary or 0 for comment in comments) <= count
    with pytest.raises(InputError) as caught:
        segment(EXAMPLE, count=29)
    assert str(caught.value) == "29 comments do not fit: the page has 28 lines that may start one"


def test_a_heading_that_tells_a_plausible_number_of_comments_is_believed() -> None:
    usual = [comment.start for comment in segment(EXAMPLE).comments]

    def told(number: int) -> list[int | None]:
        heading = f"{number} COMMENTS"
        thread = segment(EXAMPLE.replace("READERS' COMMENTS", heading))
        return [comment.start + 17 - len(heading) for comment in thread.comments if comment.start is not None]

    assert len(told(15)) < len(usual) < len(told(28)) == 28
    assert told(5) == told(300) == usual


def test_a_page_with_author_lines_heeds_them_and_no_count() -> None:
    page = "Anna says:\nIt shakes.\nBob says:\nIt does.\nAnd it is old.\nCleo says:\nSame here.\n"
    assert len(segment(page).comments) == len(segment(page, count=5).comments) == 3


def test_a_page_of_one_line_is_one_comment() -> None:
    assert [comment.text for comment in segment("just this").comments] == ["just this"]


@pytest.mark.parametrize(
    "page",
    [
        "x" * 1_000_000, "a " * 500_000, "\n" * 1_000_000, ".\n" * 200_000, '"' * 1_000_000, "> " * 500_000,
        "Like · " * 150_000, "3 h " * 250_000,
        "(" * 1_000_000, "the same line again\n" * 20_000, "1 2 3 4 5 6 7 8 9 10 " * 40_000,
    ],
    ids=["letters", "words", "blank", "dots", "marks", "arrows", "buttons", "ages", "parens", "repeats", "numbers"],
)  # fmt: skip
def test_hostile_pages_take_linear_time(page: str) -> None:
    began = time.process_time()
    segment(page)
    assert time.process_time() - began < 12


def test_the_thread_of_the_seed_is_found() -> None:
    folder = ROOT.parent / "shared" / "seed"
    if not folder.is_dir():
        pytest.skip("the seed thread is not here")
    text, gold = (
        (folder / "thread.txt").read_text(encoding="utf-8"),
        json.loads((folder / "gold.json").read_text(encoding="utf-8")),
    )
    thread = segment(text)
    starts = {text.count("\n", 0, comment.start) + 1 for comment in thread.comments}
    assert len(starts & set(gold["starts"])) >= 12
    assert len(starts - set(gold["starts"]) - set(gold["ambiguous"])) <= 2
    assert thread.article is not None
    assert thread.article.count("\n") + 1 == gold["article_last"]
    quoted = {
        text.count("\n", 0, comment.start + span.start) + 1: line
        for comment in thread.comments
        for span, line in zip(comment.quotes, comment.quote_lines, strict=True)
    }
    assert {int(key): value for key, value in gold["quotes"].items()}.items() <= quoted.items()


@pytest.mark.parametrize("breaks", ["\r\n", "\n \n", "  \n"])
def test_line_ends_and_white_space_between_lines_change_no_habit(breaks: str) -> None:
    lines = [line for line in EXAMPLE.split("\n") if line.strip()]
    plain, other = (measure_habits(Page(joint.join(lines))) for joint in ("\n", breaks))
    assert (plain == other).all()


def test_a_page_that_is_no_text_is_refused() -> None:
    with pytest.raises(TypeError, match="a page is a str, not bytes"):
        segment(b"Good.")  # type: ignore[arg-type]
