"""Author, date and button lines of copied pages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.segmenter import segment
from moderation.segmenter.dates import _BARE_TIME, _DATE, _SHORT_AGE, find_date, find_words, to_iso
from moderation.segmenter.noise import _BUTTON, _BUTTONS, _SAYING, _SAYS, BUTTONS, META, TEXT, read_noise
from moderation.segmenter.structure import read_layout

DATE_PIECES = (
    *(
        "an hour",
        "a day",
        "one",
        "eine",
        "einer Stunde",
        "einem Tag",
        "une heure",
        "un día",
        "una ora",
        "en timme",
        "uma hora",
    ),
    *(
        "år",
        "dag",
        "ago",
        "fa",
        "назад",
        "тому",
        "geleden",
        "sedan",
        "siden",
        "temu",
        "atrás",
        "önce",
        "vor",
        "hace",
        "há",
    ),
    *(
        "for",
        "för",
        "acum",
        "πριν",
        "منذ",
        "před",
        "il y",
        "a",
        "just now",
        "gerade eben",
        "3",
        "May",
        "2019",
        "10:15",
        "h",
        "today,",
    ),
)


@pytest.mark.parametrize(
    ("line", "author", "time"),
    [
        ("Tue Jul 24, 2012 10:14 AM EDT", None, "2012-07-24T10:14:00-04:00"),
        ("Mary, 12. März 2019, 08:15 Uhr", "Mary", "2019-03-12T08:15:00"),
        ("paul_k July 7, 2012 at 12:27 am", "paul_k", "2012-07-07T00:27:00"),
        ("posted by Bob on March 3, 2011 at 5:30 pm", "Bob", "2011-03-03T17:30:00"),
        ("Anna says:", "Anna", None),
        ("Comment author avatarbob99", "bob99", None),
        ("Profile picture of Ann", "Ann", None),
        ("3 hours ago", None, "3 hours ago"),
        ("il y a 2 heures", None, "il y a 2 heures"),
        ("hace 3 días", None, "hace 3 días"),
        ("vor 3 Stunden", None, "vor 3 Stunden"),
        ("5 дней назад", None, "5 дней назад"),
        ("3 godziny temu", None, "3 godziny temu"),
        ("2019年4月7日 12:30", None, "2019-04-07T12:30:00"),
        ("John Smith • 3 days ago", "John Smith", "3 days ago"),
        ("user123 5 points 3 hours ago", "user123", "3 hours ago"),
    ],
)
def test_names_and_dates_are_read(line: str, author: str | None, time: str | None) -> None:
    noise = read_noise(line)
    assert noise.kind == META
    assert (noise.author, noise.time) == (author, time)


@pytest.mark.parametrize(
    "line",
    [
        "Reply",
        "Like · Reply · 3h",
        "12 likes",
        "Share",
        "2 Replies",
        "Load more comments",
        "#12",
        "↑ 5 ↓ Reply",
        "👍 3 👎 Reply Share ›",
        "-----",
        "Gefällt mir",
    ],
)
def test_buttons_and_counts_are_furniture(line: str) -> None:
    assert read_noise(line).kind == BUTTONS


@pytest.mark.parametrize(
    "line",
    [
        "May 2019 was worse",
        "I was there yesterday at 5",
        "Agreed",
        "Thank you for 3 years ago",
        "Tomorrow at 10:30 we march on May 4",
        "I said:",
        "More",
        "Like what?",
        "He died on 4 July 1976 and nobody cared.",
        "In 2012 things were different.",
        "Share your toys, children.",
        "Reply to what?",
    ],
)
def test_what_people_say_stays(line: str) -> None:
    assert read_noise(line).kind == TEXT


@pytest.mark.parametrize(
    ("words", "iso"),
    [
        ("4/7/2019", "4/7/2019"),
        ("14/7/2019 18:05", "2019-07-14T18:05:00"),
        ("2019-07-14", "2019-07-14"),
        ("7 juillet 2019", "2019-07-07"),
        ("Monday", "Monday"),
        ("31 febrero 2019 26:99", "2019-02-31"),
        ("1 May 2020 12:05 am GMT", "2020-05-01T00:05:00+00:00"),
    ],
)
def test_only_sure_dates_become_iso(words: str, iso: str) -> None:
    assert to_iso(words) == iso


def test_long_lines_are_not_searched_for_dates() -> None:
    assert find_date("on May 4, 2019 " * 20) is None


AFTER = """3 COMMENTS

anna7

The market is too small for that.

Tue Jul 24, 2012 10:14 AM EDT
Comment author avatarBen Okoro

It was fine last year.

Nobody complained then.

Tue Jul 24, 2012 11:00 AM EDT
Comment author avatarcyclist

Same here.

Tue Jul 24, 2012 12:30 PM EDT
"""


def test_a_date_below_the_words_belongs_to_them() -> None:
    comments = segment(AFTER).comments
    assert [(comment.author, comment.time) for comment in comments] == [
        ("anna7", "2012-07-24T10:14:00-04:00"),
        ("Ben Okoro", "2012-07-24T11:00:00-04:00"),
        ("cyclist", "2012-07-24T12:30:00-04:00"),
    ]
    assert comments[1].text == "It was fine last year.\n\nNobody complained then."


BEFORE = """The pool stays shut.
2 Comments
Maja Lind
3 hours ago
Again? Every winter the same.
It is a scandal.
Like · Reply
Tom
2 hours ago
They should sell it.
Like · Reply · 4
"""


def test_names_above_dates_and_buttons_below_lie_outside_the_words() -> None:
    comments = segment(BEFORE).comments
    assert [(comment.author, comment.time, comment.text) for comment in comments] == [
        ("Maja Lind", "3 hours ago", "Again? Every winter the same.\nIt is a scandal."),
        ("Tom", "2 hours ago", "They should sell it."),
    ]


def test_an_answer_by_name_finds_its_author() -> None:
    page = "Road closed.\nComments\n" + "".join(
        f"{name} says:\n{words}\n"
        for name, words in [("Anna", "Good."), ("Ben", "Bad."), ("Cleo", "@Anna it is not good at all, you will see.")]
    )
    assert segment(page).comments[2].author == "Cleo"


@given(st.lists(st.sampled_from(DATE_PIECES), max_size=7).map(" ".join))
def test_the_quick_look_before_a_date_is_searched_misses_none(line: str) -> None:
    assert (find_date(line) is None) == (not any(pattern.search(line) for pattern in (_DATE, _BARE_TIME, _SHORT_AGE)))


@given(
    st.sampled_from(_BUTTON.removeprefix("(?:").removesuffix(")").split("|")),
    st.sampled_from(["", " · ", "👍 ", "( ", "+12 ", "3h · "]),
    st.sampled_from(["", "!", " (3)", " · 4 likes", " you"]),
)
def test_the_quick_look_before_buttons_are_matched_misses_none(button: str, before: str, after: str) -> None:
    for line in (before + button + after, before + button.capitalize() + after):
        # one such word alone may be somebody's whole comment
        if _BUTTONS.match(line) and " " in line.strip():
            assert read_noise(line).kind != TEXT


@given(st.sampled_from("says said wrote replied dit dijo ha-scritto a-écrit napisał пишет skrev".split()), st.text())  # noqa: SIM905
def test_the_quick_look_before_a_speaker_is_read_misses_none(verb: str, after: str) -> None:
    line = f"Anna {verb.replace('-', ' ')}{after}"
    if _SAYS.match(line):
        assert not line.isascii() or find_words(line) & _SAYING


def test_a_favour_is_no_date() -> None:
    assert find_date("They favor a day off") is None
    assert find_date("vor 3 Tagen") is not None


def test_two_dates_in_a_long_thread_do_not_cut_it_there() -> None:
    lines = [f"I have driven bus number {number} for years and it was never late." for number in range(2, 60)]
    lines[10] = "14 September 2007"
    lines[40] = "21 September 2007"
    noise = [read_noise(line) for line in lines]
    assert [at for at, item in enumerate(noise) if item.kind != TEXT] == [10, 40]
    assert not read_layout(lines, noise, 0).structured
    assert read_layout(lines[8:44], noise[8:44], 0).structured is False
    assert read_layout(lines[8:14] + lines[38:44], noise[8:14] + noise[38:44], 0).structured
