"""Copied words: whole lines, edited lines, words inside a line, and whose they are."""

from moderation.segmenter import segment

ARTICLE = (
    "The harbour will be dredged in spring, the ministry said on Friday.\n"
    "Local fishermen fear for the spawning grounds near the island.\n"
    "Comments\n"
)


def quotes_of(words: str) -> list[tuple[str, int | None]]:
    comment = segment(ARTICLE + words).comments[0]
    return [
        (comment.text[span.start : span.end], line)
        for span, line in zip(comment.quotes, comment.quote_lines, strict=True)
    ]


def test_a_copied_line_is_a_quote_and_glued_to_what_follows() -> None:
    thread = segment(ARTICLE + "Local fishermen fear for the spawning grounds near the island.\nRightly so.")
    assert len(thread.comments) == 1
    assert quotes_of("Local fishermen fear for the spawning grounds near the island.\nRightly so.") == [
        ("Local fishermen fear for the spawning grounds near the island.", 2)
    ]


def test_a_lightly_edited_line_is_still_a_quote() -> None:
    assert quotes_of("“The harbor will be dredged in spring, the ministry said…”\nNever.")[0][1] == 1


def test_part_of_a_line_needs_quotation_marks_or_eight_words() -> None:
    assert quotes_of(
        'They write "will be dredged in spring" and I laugh, because they wrote that ten years ago already.'
    ) == [('"will be dredged in spring"', 1)]
    assert quotes_of("So it will be dredged in spring now, I do not believe a word of what they tell us there.") == []


def test_arrow_lines_are_quotes_without_a_source() -> None:
    assert quotes_of("> you know nothing\nI know enough.") == [("> you know nothing", None)]


def test_a_line_in_quotation_marks_is_a_quote_without_a_source() -> None:
    assert quotes_of('"All fishermen are drunkards and liars."\nWho says such a thing?') == [
        ('"All fishermen are drunkards and liars."', None)
    ]


def test_an_earlier_comment_can_be_the_source() -> None:
    thread = segment(
        ARTICLE + "My grandfather fished here until nineteen eighty four.\nReally?\n"
        "My grandfather fished here until nineteen eighty four.\nSo did mine."
    )
    assert any(4 in comment.quote_lines for comment in thread.comments)
