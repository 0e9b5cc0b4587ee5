"""Cut files, and the page as it is shown to a person."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from moderation.cli.segment import segment_cli
from moderation.errors import InputError, UsageError
from moderation.segmenter import Cuts, segment
from moderation.segmenter.cuts import check_cuts, read_cuts, write_cuts
from moderation.segmenter.display import show

ROOT = Path(__file__).resolve().parents[2]
PAGE = (
    "The bridge.\n"
    "It shakes badly when trucks pass over it.\n"
    "3 Comments\n"
    "It shakes badly when trucks pass over it.\n"
    "I know, I live there.\n"
    "Paint it.\n"
    "Blue?\n"
)


def test_what_is_written_is_read_back() -> None:
    thread = segment(PAGE)
    again = segment(PAGE, cuts=read_cuts(write_cuts(PAGE, thread)))
    assert [comment.text for comment in again.comments] == [comment.text for comment in thread.comments]
    assert again.article == thread.article


def test_numbers_are_read_and_the_rest_of_a_line_is_not() -> None:
    assert read_cuts("# hand\narticle 2\n\n4 0.98 # It\n6  0.5 ?  # Paint") == Cuts((4, 6), 2)
    assert read_cuts("7\n5") == Cuts((5, 7), 4)


def test_a_cut_file_that_says_something_else_is_refused() -> None:
    with pytest.raises(InputError) as error:
        read_cuts("4\nmerge 6", "cuts.txt")
    assert (
        str(error.value)
        == 'cuts.txt, line 2: "merge" is not a line number; begin with a number, as in "26", or write "article 24"'
    )
    with pytest.raises(InputError, match="it names no line where a comment starts"):
        read_cuts("# nothing", "cuts.txt")


def test_the_page_is_shown_with_rules_quotes_and_doubts() -> None:
    shown = show(PAGE, segment(PAGE, cuts=Cuts((4, 6), 2))).splitlines()
    assert shown[2] == "    3   3 Comments"
    assert shown[3] == "── c1 1.00 ───"
    assert shown[4] == "    4 > It shakes badly when trucks pass over it."
    assert shown[6] == "── c2 1.00 ───" or shown[6].startswith("── c2 1.00  answers c1")
    assert shown[-1] == "    7 | Blue?"


def test_control_characters_are_not_shown() -> None:
    assert "\x1b" not in show("A\nB\x1b[31m\u202e", segment("A\nB\x1b[31m\u202e"))


def test_the_cut_file_of_the_example_splits_it() -> None:
    run = CliRunner().invoke(
        segment_cli,
        [str(ROOT / "examples/thread.txt"), "--cuts", str(ROOT / "examples/thread-cuts.txt"), "--article"],
        catch_exceptions=False,
    )
    assert run.exit_code == 0
    lines = run.stdout.splitlines()
    assert lines[0].startswith('{"record":"thread"')
    assert len(lines) == 22


def test_cuts_are_written_for_one_page_only(tmp_path: Path) -> None:
    page = tmp_path / "page.txt"
    page.write_text(PAGE, encoding="utf-8")
    cuts = tmp_path / "cuts.txt"
    run = CliRunner().invoke(segment_cli, [str(page), "--write-cuts", str(cuts)], catch_exceptions=False)
    assert run.exit_code == 0
    assert cuts.read_text(encoding="utf-8").startswith("article 2\n4  ")
    other = tmp_path / "other.txt"
    other.write_text(PAGE, encoding="utf-8")
    with pytest.raises(UsageError, match="a cut file belongs to one page"):
        CliRunner().invoke(segment_cli, [str(page), str(other), "--cuts", str(cuts)], catch_exceptions=False)


def test_a_count_is_for_one_page_without_cuts(tmp_path: Path) -> None:
    page = tmp_path / "page.txt"
    page.write_text(PAGE, encoding="utf-8")
    run = CliRunner().invoke(segment_cli, [str(page), "--count", "1"], catch_exceptions=False)
    assert (run.exit_code, len(run.stdout.splitlines())) == (0, 1)
    for others in ([str(ROOT / "examples/thread.txt")], ["--cuts", str(page)]):
        with pytest.raises(UsageError, match="--count is for one page, and for one without --cuts"):
            CliRunner().invoke(segment_cli, [str(page), "--count", "1", *others], catch_exceptions=False)


def test_show_prints_the_page() -> None:
    run = CliRunner().invoke(segment_cli, [str(ROOT / "examples/thread.txt"), "--show"], catch_exceptions=False)
    assert run.exit_code == 0
    assert "── c1 1.00" in run.stdout


@pytest.mark.parametrize(
    ("cuts", "message"),
    [
        (Cuts((4, 99), 2), "cuts.txt: line 99 is named, and the page has 8; is it the cut file of this page?"),
        (Cuts((4,), 99), "cuts.txt: line 99 is named, and the page has 8; is it the cut file of this page?"),
        (
            Cuts((4, 6), 5),
            "cuts.txt: a comment starts on line 4, inside the article, which ends on line 5; correct one of the two",
        ),
    ],
)
def test_cuts_that_do_not_fit_the_page_are_refused(cuts: Cuts, message: str) -> None:
    with pytest.raises(InputError) as error:
        check_cuts(cuts, PAGE, "cuts.txt")
    assert str(error.value) == message
    check_cuts(Cuts((4, 6), 3), PAGE)


@pytest.mark.parametrize("option", ["--cuts", "--write-cuts"])
def test_cuts_of_comments_that_are_known_are_refused(tmp_path: Path, option: str) -> None:
    (tmp_path / "in.jsonl").write_text('{"text": "Good."}\n', encoding="utf-8")
    (tmp_path / "cuts.txt").write_text("1\n", encoding="utf-8")
    result = CliRunner().invoke(segment_cli, [str(tmp_path / "in.jsonl"), option, str(tmp_path / "cuts.txt")])
    assert isinstance(result.exception, InputError)
    assert result.exception.fact == "its comments are known, so there is nothing to cut"
