"""Cut files, and the page as it is shown to a person."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from moderation.cli.segment import segment_cli
from moderation.errors import InputError
from moderation.segmenter import Cuts, segment
from moderation.segmenter.cuts import read_cuts, write_cuts
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
    with pytest.raises(InputError, match="a cut file belongs to one page"):
        CliRunner().invoke(segment_cli, [str(page), str(other), "--cuts", str(cuts)], catch_exceptions=False)


def test_show_prints_the_page() -> None:
    run = CliRunner().invoke(segment_cli, [str(ROOT / "examples/thread.txt"), "--show"], catch_exceptions=False)
    assert run.exit_code == 0
    assert "── c1 1.00" in run.stdout
