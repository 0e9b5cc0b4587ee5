"""Turns HTML, Markdown and BBCode into plain text, and quoted passages into spans of that text."""

import html
import re

from moderation.records import Span

__all__ = ["Cleaned", "clean", "find_quote_lines"]

Cleaned = tuple[str, tuple[Span, ...]]
"""A text and the spans of it that are quoted words."""

# what follows ">" must be words, or nothing: ">:(" and ">.<" are faces
_QUOTE_LINES = re.compile(r"(?:^[ ]{0,3}>[ \t>]*(?:[\w\"'“”‘’«„(\[*_@#$€£-].*)?(?:\n|\Z))+", re.MULTILINE)


def clean(text: str, markup: str, quote_lines: bool = True) -> Cleaned:
    """The plain text of `text` and its quoted spans, in code points.

    `markup` is "plain" (the text stays as it is; with `quote_lines`, runs of lines that begin with ">" are quotes), "html",
    "html-lines" (HTML in which line breaks count, as WordPress stores it), "markdown", "reddit" (Markdown with
    entities escaped once more) or "bbcode".
    """
    if markup == "plain":
        return (text, find_quote_lines(text)) if quote_lines and ">" in text else (text, ())
    from moderation.readers import html_text, markdown_text

    if markup in ("html", "html-lines"):
        words, quotes = html_text.convert(text, keep_lines=markup == "html-lines")
        return (words, find_quote_lines(words)) if quote_lines and not quotes and ">" in words else (words, quotes)
    if markup == "bbcode":
        return markdown_text.convert_bbcode(text)
    return markdown_text.convert(html.unescape(text) if markup == "reddit" and "&" in text else text)


def find_quote_lines(text: str) -> tuple[Span, ...]:
    """Runs of lines that begin with ">" and words; faces such as ">:(" do not count."""
    return tuple(
        Span(match.start(), match.start() + len(match[0].rstrip("\n")))
        for match in _QUOTE_LINES.finditer(text)
        if match[0].strip(" \t>\n")
    )
