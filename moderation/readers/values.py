"""Turns the ids, names and times of dumps into the strings that records hold."""

import codecs
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

__all__ = ["WINDOWS", "identify", "mend", "name", "say_size", "tell_time", "to_text"]

WINDOWS = "moderation-windows-1252"
"""Name of an error handler for decoding UTF-8: bytes that are none are taken for Windows-1252, as spreadsheets save tables."""

_EPOCH = re.compile(r"-?\d{9,10}(?:\.\d+)?|-?\d{13}")
_ISO = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")
_RFC = re.compile(r"(?:[A-Z][a-z]{2}, )?\d{1,2} [A-Z][a-z]{2} \d{2,4} \d\d:\d\d")
_SURROGATE = re.compile("[\ud800-\udfff]")


def _as_windows(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error(WINDOWS, _as_windows)


def mend(text: str) -> str:
    """The text with lone surrogates (half an emoji, cut off by some program) replaced: they cannot be written as UTF-8."""
    return _SURROGATE.sub("\ufffd", text) if not text.isascii() and _SURROGATE.search(text) else text


def to_text(value: Any) -> str:
    """A string for any JSON scalar; "" for None and for what is not a scalar."""
    if isinstance(value, str):
        return value if value.isascii() else mend(value)
    if value is None or isinstance(value, bool | list | dict):
        return ""
    return str(value)


def say_size(size: int) -> str:
    """A number of bytes for people.

    >>> say_size(64 << 20), say_size(2048), say_size(5)
    ('64 MB', '2 kB', '5 bytes')
    """
    for unit, name_ in ((1 << 20, "MB"), (1 << 10, "kB")):
        if size >= unit:
            return f"{size // unit} {name_}"
    return f"{size} bytes"


def identify(value: Any) -> str:
    """An id as a string; whole floats, which spreadsheets make of numbers, lose their ".0".

    >>> identify(12), identify(12.0), identify(" a1 "), identify(None)
    ('12', '12', 'a1', '')
    """
    if type(value) is int:
        return str(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return to_text(value).strip()


def name(value: Any) -> str | None:
    """An author's name on one line, or None where it is empty.

    >>> name({"name": "Ann"}), name(" Bo\\nB "), name("")
    ('Ann', 'Bo B', None)
    """
    if isinstance(value, dict):
        value = next((value[key] for key in ("name", "username", "display_name", "id") if value.get(key)), None)
    return " ".join(to_text(value).split()) or None


def tell_time(value: Any) -> str | None:
    """ISO 8601 for epoch seconds, epoch milliseconds, ISO and RFC 2822 dates; other words stay as they are.

    What has a zone is given in UTC with "Z"; a date without a zone stays without one. The result, told again, is the same.

    >>> tell_time(1389720732), tell_time("2014-01-14 17:32:12"), tell_time("2 weeks ago"), tell_time(None)
    ('2014-01-14T17:32:12Z', '2014-01-14T17:32:12', '2 weeks ago', None)
    """
    if type(value) is int or type(value) is float:
        return _from_epoch(value) or str(value)
    text = " ".join(to_text(value).split())
    if not text or text.startswith("0000-00-00"):
        return None
    if text.isdigit() and _EPOCH.fullmatch(text):
        return _from_epoch(int(text)) or text
    if _EPOCH.fullmatch(text):
        return _from_epoch(float(text)) or text
    try:
        if _ISO.match(text):
            if " " in text:
                text = text.replace(" UTC", "Z").replace(" +", "+")
            return _spell(datetime.fromisoformat(text))
        if _RFC.match(text):
            return _spell(parsedate_to_datetime(text))
    except (ValueError, OverflowError, TypeError, IndexError):
        return text
    return text


def _from_epoch(seconds: float) -> str | None:
    try:
        if abs(seconds) >= 1e11:
            seconds /= 1000
        return datetime.fromtimestamp(seconds, UTC).isoformat()[:-6] + "Z"
    except (ValueError, OverflowError, OSError):
        return None


def _spell(moment: datetime) -> str:
    if moment.tzinfo is not None:
        try:
            moment = moment.astimezone(UTC)
        except OverflowError:
            return moment.isoformat()
        return moment.isoformat()[:-6] + "Z"
    return moment.isoformat()
