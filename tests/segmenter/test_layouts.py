"""Pages copied from the comment sections of known programs, whose lines around the comments are furniture."""

import sys
from itertools import pairwise
from pathlib import Path
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moderation.segmenter import segment
from moderation.segmenter.noise import BUTTONS, META, TEXT
from moderation.segmenter.recurrence import read_page_noise

sys.path.append(str(Path(__file__).resolve().parents[2] / "benchmarks"))
from layouts import COMMENTS, LAYOUTS, Said

HARD = {"tripadvisor"}
"""A layout that is not read: no date or picture stands near its authors, and the date below the words looks like the next head."""

PLAIN = {"arstechnica"}
"""A layout whose first author is missed: two lines of menu stand above it, and no foot tells where a head begins."""


LONG_FIRST = {"fourchan"}
"""A layout without heading or buttons, whose first comment is taken for the article where it is much longer than the others."""


def read_texts(page: str) -> list[tuple[str, ...]]:
    return [tuple(line.strip() for line in one.text.splitlines() if line.strip()) for one in segment(page).comments]


@pytest.mark.parametrize("name", sorted(set(LAYOUTS) - HARD))
def test_comments_come_out_without_the_lines_around_them(name: str) -> None:
    layout = LAYOUTS[name]
    got = read_texts(layout.print(COMMENTS))
    assert got == [layout.paragraphs(COMMENTS, said) for said in COMMENTS]


@pytest.mark.parametrize("name", sorted({name for name, layout in LAYOUTS.items() if layout.author} - HARD - PLAIN))
def test_authors_and_times_are_those_printed_beside_the_comment(name: str) -> None:
    layout = LAYOUTS[name]
    assert layout.author is not None
    comments = segment(layout.print(COMMENTS)).comments
    assert [one.author for one in comments] == [layout.author(said) for said in COMMENTS]
    assert None not in [one.time for one in comments]


@pytest.mark.parametrize("name", ["disqus", "disqus_2025", "guardian", "coral", "discourse"])
def test_a_head_that_names_whom_it_answers_gives_the_parent(name: str) -> None:
    comments = segment(LAYOUTS[name].print(COMMENTS)).comments
    told = [
        (one.parent, one.parent_probability)
        for one, said in zip(comments, COMMENTS, strict=True)
        if said.answers is not None
    ]
    assert told == [(f"c{said.answers + 1}", 0.95) for said in COMMENTS if said.answers is not None]


def test_a_sentence_that_everybody_pastes_is_no_furniture() -> None:
    raid = "Shut this paper down, it has lied to us for years."
    said = [one._replace(paragraphs=(raid,)) if at % 2 else one for at, one in enumerate(COMMENTS)]
    for name in ("reddit", "guardian", "disqus", "hackernews", "wordpress"):
        assert sum(text == (raid,) for text in read_texts(LAYOUTS[name].print(said))) == 4, name


def test_a_short_word_that_many_say_stays_what_they_say() -> None:
    said = [one._replace(paragraphs=("First!",)) if at % 2 else one for at, one in enumerate(COMMENTS)]
    for name in ("reddit", "guardian", "disqus", "hackernews", "wordpress"):
        assert sum(text == ("First!",) for text in read_texts(LAYOUTS[name].print(said))) == 4, name


@pytest.mark.parametrize(
    ("line", "kind", "author"),
    [
        ("Comment posted by {}, at 09:14 20 Nov", META, True),
        ("{}, Bristol, United Kingdom, 3 hours ago", META, True),
        ("[–]{} 3 points 4 hours ago", META, True),
        ("Post by {} » Fri Nov 20, 2026 9:14 am", META, True),
        ("{}20 November 2026 at 09:14", META, True),
        ("{} · 12 May 2026, 09:14 · Permalink", META, True),
        ("{} met the mayor on 3 May 2026 and nothing came of it.", TEXT, False),
    ],
)
def test_dated_lines_that_are_built_alike_name_their_authors(line: str, kind: int, author: bool) -> None:
    names = ["Anna", "Ben Okoro", "cyclist"]
    noise = read_page_noise(
        [part for name in names for part in (line.format(name), "It was on time until May, I swear.")]
    )
    assert [item.kind for item in noise[::2]] == [kind] * 3
    assert [item.author for item in noise[::2]] == (names if author else [None] * 3)


def test_the_day_of_a_dated_line_is_read_whole() -> None:
    noise = read_page_noise([f"{name} · 12 May 2026, 09:14 · Permalien" for name in ("Anna", "Ben", "cyclist_9")])
    assert [(item.author, item.time) for item in noise] == [
        ("Anna", "2026-05-12T09:14:00"),
        ("Ben", "2026-05-12T09:14:00"),
        ("cyclist_9", "2026-05-12T09:14:00"),
    ]


def test_what_recurs_around_dates_is_furniture_in_any_language() -> None:
    page = [
        part
        for name in ("Anna", "Ben", "Cleo", "Dora")
        for part in (name, "3 hours ago", f"{name} was late again.", "Beğenmedim", "Şikâyet et")
    ]
    assert [item.kind for item in read_page_noise(page)][3:5] == [BUTTONS, BUTTONS]


@pytest.mark.parametrize(
    "lines",
    [
        ["Anna", "3 hours ago", "It was late.", "Like", "Reply"],
        ["Anna says:", "It was late.", "20 November 2026"],
        ["3 hours ago"],
        [
            "A",
            "Anna",
            "Joined",
            "May 2012",
            "1204",
            "Re: ferry",
            "3 hours ago",
            "So what?",
            "Reactions:",
            "Ben",
            "Report",
        ],
    ],
)
def test_copied_pages_take_linear_time(lines: list[str]) -> None:
    page = "\n".join(f"{line} {at}" if len(line) > 11 else line for at in range(60_000 // len(lines)) for line in lines)
    began = process_time()
    segment(page)
    assert process_time() - began < 12


SENTENCES = (
    "I have driven that road for years and nobody ever asked us.",
    "No.",
    "What does the mayor say to that?",
    "lol",
    "Read the report before you shout, it is all on page 12.",
    "- they promised a bridge",
    "You could not run a bath, let alone a ferry company!",
    "my sister works there, it is chaos since March",
    "Thanks, that helps.",
    "Anyone who still believes the council deserves what they get, and I say that as someone who voted for them twice in a row.",
    "Same here",
    "2029? We will all be dead by then.",
    "https://example.org/report.pdf",
    "Exactly this.",
    "Could somebody explain why a booking system needs to know where the ship is?",
)
NAMES = (
    "Anna",
    "Ben Okoro",
    "cyclist_9",
    "Maja Lind",
    "old salt",
    "J. R. Smith",
    "Дмитрий",
    "kiwi82",
    "T",
    "Grumpy Old Man",
)
AGES = ("5 hours ago", "4 hours ago", "3 hours ago", "2 hours ago", "1 hour ago")


@st.composite
def threads(draw: st.DrawFn) -> tuple[Said, ...]:
    """Four comments or more that say SENTENCES in any order, each once, by some of NAMES."""
    authors = draw(st.lists(st.sampled_from(NAMES), min_size=3, max_size=8, unique=True))
    sentences = draw(st.permutations(SENTENCES))
    cuts = sorted(draw(st.sets(st.integers(1, len(sentences) - 1), min_size=3)))
    said: list[Said] = []
    for at, (start, end) in enumerate(pairwise([0, *cuts, len(sentences)])):
        answers = draw(st.none() | st.integers(0, at - 1)) if at else None
        likes = draw(st.sampled_from([0, 0, 1, 2, 12]))
        clock = f"{9 + at}:{draw(st.integers(10, 59))}"
        author, ago = draw(st.sampled_from(authors)), draw(st.sampled_from(AGES))
        said.append(Said(author, ago, "20", clock, likes, tuple(sentences[start:end]), answers))
    return tuple(said)


@pytest.mark.parametrize("name", sorted(set(LAYOUTS) - HARD - LONG_FIRST))
@settings(max_examples=40)
@given(said=threads())
def test_whole_sentences_are_never_lost(name: str, said: tuple[Said, ...]) -> None:
    layout = LAYOUTS[name]
    page = layout.print(said)
    kept = {line for text in read_texts(page) for line in text}
    lost = [part for one in said for part in layout.paragraphs(said, one) if len(part.split()) > 6 and part not in kept]
    assert not lost
