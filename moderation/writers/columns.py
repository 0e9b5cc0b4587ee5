"""What every writer needs to know: the optional columns, and how to mend a score that no encoding can hold."""

from typing import Any

import msgspec
from msgspec import Struct

from moderation.records import Score

__all__ = ["Columns", "mend"]

LARGEST = 2**63 - 1


class Columns(Struct, frozen=True):
    """Optional columns: `explain` adds the reasons, `keep` names fields of the source that are carried over."""

    explain: bool = False
    keep: tuple[str, ...] = ()


def mend(score: Score) -> Score:
    """The score with lone surrogates replaced by U+FFFD and kept values turned into what JSON can hold.

    One code point takes the place of one, so every offset stays right.
    """
    fields = {
        name: mend_value(getattr(score, name))
        for name in ("thread", "id", "parent", "text", "language", "author", "time")
    }
    if isinstance(score.kept, dict):
        fields["kept"] = mend_value(score.kept)
    return msgspec.structs.replace(score, **fields)


def mend_value(value: Any) -> Any:
    """A JSON value like `value` that every writer can encode: see `mend`; what JSON does not know becomes its `str`."""
    match value:
        case None | bool() | float():
            return value
        case str():
            return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if not value.isascii() else value
        case int():
            return value if -LARGEST <= value <= LARGEST else str(value)
        case dict():
            return {mend_value(str(key)): mend_value(item) for key, item in value.items()}
        case list() | tuple():
            return [mend_value(item) for item in value]
    return mend_value(str(value))
