"""A score that the writer tests start from."""

from moderation.records import Score

PLAIN = Score(
    thread="t",
    id="1",
    parent=None,
    start=None,
    end=None,
    text="No, you.",
    quotes=(),
    boundary=None,
    stance=(),
    conspiracy=0.04,
    hostile=0.91,
    flags=("hostile",),
    action="review",
    language="en",
    author="Ann",
    time=None,
)
