"""The HTML report: what it shows, that no comment can break out of its card, and that a browser shows and hides as the buttons say."""

import io
import os
import shutil
from pathlib import Path

import lxml.html
import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scores import PLAIN

from moderation.records import Reason, Score, Span, Stance
from moderation.writers import Columns, find_writer

CALM = msgspec.structs.replace(PLAIN, text="Fine by me.", hostile=0.1, flags=(), action="approve", author=None)
FLAGGED = msgspec.structs.replace(
    CALM,
    id="2",
    parent="1",
    text='He said "no"\nyou liar, and they know',
    quotes=(Span(8, 12),),
    hostile=0.91,
    conspiracy=None,
    flags=("hostile",),
    action="review",
    author="Ann",
    time="2024-05-01",
    stance=(Stance("NATO", "favor", 0.7, 0.1, 0.2), Stance("the plan", None, 0.4, 0.3, 0.3)),
    reasons={
        "hostile": (Reason(13, 16, 0.5), Reason(17, 22, 1.5), Reason(23, 26, -0.2), Reason(27, 31, 0.1)),
        "conspiracy": (Reason(27, 31, 2.0),),
    },
    kept={"likes": 3, "flair": "<i>"},
)
THEORY = msgspec.structs.replace(CALM, id="3", flags=("conspiracy",), action="review")
COLUMNS = Columns(explain=True, keep=("likes", "flair", "absent"))


def report(*scores: Score) -> str:
    stream = io.BytesIO()
    find_writer("html").write([scores], stream, COLUMNS)
    return stream.getvalue().decode()


def cards(page: str) -> list[lxml.html.HtmlElement]:
    return lxml.html.document_fromstring(page).findall(".//article")


def words(element: lxml.html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def test_a_card_says_who_wrote_what_in_answer_to_whom_and_what_the_model_makes_of_it() -> None:
    card = cards(report(CALM, FLAGGED))[1]
    assert card.get("class") == "review hostile"
    assert words(card.find("header")) == "reviewhostile2answers 1Ann2024-05-01in t"
    assert [link.get("href") for link in card.findall("header//a")] == ["#t%2F2", "#t%2F1"]
    assert card.get("id") == "t%2F2"
    assert words(card.find("div")) == "hostile 0.91conspiracy not judged"
    assert words(card.find("dl")) == "stanceNATO: favor (0.70)likes3flair<i>"


def test_quotes_and_the_words_that_speak_for_the_flag_are_marked_and_faint_ones_are_not() -> None:
    text = cards(report(FLAGGED))[0].find("p")
    assert text.text_content() == FLAGGED.text
    assert [quote.text_content() for quote in text.findall("q")] == ['"no"']
    assert [(mark.text_content(), mark.get("class"), mark.get("title")) for mark in text.findall("mark")] == [
        ("you", "for2", "hostile +0.50"),
        ("liar,", "for3", "hostile +1.50"),
        ("and", "against1", "hostile -0.20"),
    ]


def test_without_a_flag_the_clear_reasons_of_both_heads_are_marked() -> None:
    calm = msgspec.structs.replace(FLAGGED, flags=())
    marks = cards(report(calm))[0].findall("p/mark")
    assert [(mark.text_content(), mark.get("title")) for mark in marks] == [
        ("you", "hostile +0.50"),
        ("liar,", "hostile +1.50"),
        ("they", "conspiracy +2.00"),
    ]


def test_the_totals_are_those_of_all_cards_also_of_joined_parts(tmp_path: Path) -> None:
    paths = [tmp_path / "1", tmp_path / "2"]
    paths[0].write_text(report(CALM, FLAGGED), encoding="utf-8")
    paths[1].write_text(report(THEORY), encoding="utf-8")
    stream = io.BytesIO()
    find_writer("html").join(paths, stream, COLUMNS)
    page = stream.getvalue().decode()
    assert page == report(CALM, FLAGGED, THEORY)
    footer = lxml.html.document_fromstring(page).find(".//footer")
    assert words(footer) == "comments3review2hostile1conspiracy1"


def test_characters_that_cannot_be_seen_are_shown_by_name() -> None:
    odd = msgspec.structs.replace(CALM, text="a\u202eb\u200bc\x07d\u00a0e 👩\u200d💻")
    text = cards(report(odd))[0].find("p")
    assert text.text_content() == "a◆b◆c◆d\u00a0e 👩\u200d💻"
    assert [sign.get("title") for sign in text.findall("s")] == ["RIGHT-TO-LEFT OVERRIDE", "ZERO WIDTH SPACE", "U+0007"]


def test_the_page_forbids_itself_scripts_and_outside_files() -> None:
    page = report(CALM)
    assert "default-src 'none'; style-src 'unsafe-inline'" in page
    assert "<script" not in page
    assert "http:" not in page
    assert "https:" not in page


SPANS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)).map(sorted), max_size=4)


@given(st.text(max_size=30), st.text(max_size=10), SPANS, SPANS)
@example("</p></article><script>alert(1)</script>", '"><img src=x onerror=alert(1)>', [], [])
@example("<!-- totals {} --> & &lt;", "' onmouseover='", [[0, 9]], [[3, 12]])
def test_no_text_breaks_out_of_its_card(text: str, name: str, quotes: list[list[int]], told: list[list[int]]) -> None:
    size = len(text)
    score = msgspec.structs.replace(
        FLAGGED,
        text=text,
        id=name,
        thread=name,
        author=name,
        time=name,
        kept={"likes": name},
        quotes=tuple(Span(min(start, size), min(end, size)) for start, end in quotes),
        reasons={"hostile": tuple(Reason(min(start, size), min(end, size), 1.0) for start, end in told)},
    )
    page = lxml.html.document_fromstring(report(score, CALM))
    found = page.findall(".//article")
    assert len(found) == 2
    assert words(page.find(".//footer")) == "comments2review1hostile1conspiracy0"
    known = {
        "article",
        "header",
        "i",
        "b",
        "span",
        "a",
        "p",
        "q",
        "mark",
        "s",
        "div",
        "label",
        "meter",
        "dl",
        "dt",
        "dd",
    }
    assert {element.tag for element in found[0].iter()} <= known
    shown = [char if char.isprintable() else None for char in found[0].find("p").text_content()]
    assert [char for char in shown if char and char != "◆"] == [
        char for char in text if char.isprintable() and char != "◆"
    ]


@pytest.fixture(scope="module")
def browser():
    """A headless Chromium driven by Selenium."""
    webdriver = pytest.importorskip("selenium.webdriver", reason="needs Selenium")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    driver = shutil.which("chromedriver")
    if not (chromium and driver):
        pytest.skip("needs Chromium and its driver (Debian: apt-get install chromium chromium-driver)")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    flags = ["--headless", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
    for flag in [*flags, *(["--no-sandbox"] if os.geteuid() == 0 else [])]:
        options.add_argument(flag)
    found = webdriver.Chrome(options, webdriver.ChromeService(driver))
    yield found
    found.quit()


@pytest.fixture
def opened(browser, tmp_path: Path):
    path = tmp_path / "report.html"
    path.write_text(report(CALM, FLAGGED, THEORY), encoding="utf-8")
    browser.get(path.as_uri())
    return browser


def shown(browser) -> list[str]:
    return [card.get_attribute("id") for card in browser.find_elements("tag name", "article") if card.is_displayed()]


@pytest.mark.parametrize(
    ("button", "ids"),
    [
        ("all", ["t%2F1", "t%2F2", "t%2F3"]),
        ("review", ["t%2F2", "t%2F3"]),
        ("hostile", ["t%2F2"]),
        ("conspiracy", ["t%2F3"]),
    ],
)
def test_in_a_browser_the_buttons_show_the_cards_that_they_name(opened, button: str, ids: list[str]) -> None:
    assert shown(opened) == ["t%2F1", "t%2F2", "t%2F3"]
    opened.find_element("id", button).click()
    assert shown(opened) == ids


def test_in_a_browser_the_totals_stand_above_the_cards_and_a_parent_is_one_click_away(opened) -> None:
    footer, first = opened.find_element("tag name", "footer"), opened.find_element("tag name", "article")
    assert footer.location["y"] < first.location["y"]
    opened.find_element("link text", "1").click()
    assert opened.find_element("css selector", "article:target").get_attribute("id") == "t%2F1"
