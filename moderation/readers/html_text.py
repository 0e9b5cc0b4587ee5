"""Turns the HTML of comments into text: paragraphs as blank lines, quotes as spans, entities decoded once.

Most comments hold only paragraphs, line breaks and emphasis; those take a short way of regular expressions (7 times as fast),
the rest is parsed by lxml. Tests hold both ways to the same result.
"""

import html
import re
from typing import Any

from moderation.records import Span

__all__ = ["convert", "is_crowded", "is_quote", "walk"]

# only what changes: a single space, which is most white space, is no match
_SPACE = re.compile(r"[\t\r\n\f][ \t\r\n\f]*| [ \t\r\n\f]+")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\ufffe\uffff]")
_TAG = re.compile(r"<[^<>]*>")
_SIMPLE = re.compile(
    r"[^<]*(?:<(?:/?(?:b|i|u|s|em|strong|small|big|span|del|ins|sub|sup|code|tt|strike|cite|p)|a(?: [^<>]*)?|/a|br ?/?)>[^<]*)*",
    re.IGNORECASE,
)
_FOLDABLE = re.compile(r"[\t\r\n\f]|  ")
_BREAKS = {"p": "\n\n", "br": "\n"}
_SPACE_IN_LINE = re.compile(r"[\t\r\f][ \t\r\f]*| [ \t\r\f]+")
_MANY_BREAKS = re.compile(r"\n{3,}")
_REFERENCE = re.compile(r"&#?\w+;")
_ESCAPED_TAGS = re.compile(
    r"&lt;(?:p|br ?/?|div|blockquote|i|b|em|strong|a href=[^&]{1,300})&gt;|&lt;a ", re.IGNORECASE
)
_ESCAPED_TWICE = re.compile(
    r"&amp;(?:amp|quot|apos|nbsp|hellip|[mn]dash|[lr][sd]quo|#0?39|#34|#8\d{3}|#x27|#x2F);", re.IGNORECASE
)

_LONG_TAG = 20_000
_ATTRIBUTE = re.compile(rb"[\s\"'/][\w:-]{1,40}=")
_WITHOUT_END = re.compile(rb"[^>]{20000,}")

_SILENT = frozenset(("script", "style", "template", "head", "svg", "object", "iframe", "noscript", "button", "select"))
_FAR = frozenset(
    ("p", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "pre", "hr", "dl", "figure")
)
_NEAR = frozenset(
    [
        "div",
        "li",
        "tr",
        "section",
        "article",
        "aside",
        "header",
        "footer",
        "address",
        "dt",
        "dd",
        "fieldset",
        "form",
        "main",
        "details",
        "summary",
        "body",
        "figcaption",
        "center",
    ]
)
_QUOTE_CLASSES = frozenset(
    [
        "quote",
        "quotecontent",
        "bbcode_quote",
        "quote_container",
        "quote-container",
        "quotebox",
        "blockquote",
        "bbcodeblock--quote",
        "gmail_quote",
    ]
)
_EMOJI = frozenset(("emoji", "wp-smiley", "emoticon", "smilies", "smiley", "custom-emoji"))


def convert(source: str, keep_lines: bool = False) -> tuple[str, tuple[Span, ...]]:
    """The text of an HTML fragment and the spans of it that are quoted.

    Paragraphs are separated by a blank line, other blocks and <br> by a line break; other white space is folded, but with
    `keep_lines` line breaks count, as in WordPress exports. What was escaped as a whole once too often is unescaped first.
    """
    if not source.isprintable() and _CONTROL.search(source):
        source = _CONTROL.sub("", source)
    if "&" in source and (_ESCAPED_TWICE.search(source) or ("<" not in source and _ESCAPED_TAGS.search(source))):
        source = html.unescape(source) if "<" not in source else source.replace("&amp;", "&")
    if "<" not in source or _SIMPLE.fullmatch(source):
        return _convert_simple(source, keep_lines), ()
    root, whole = (None, False) if is_crowded(source.encode("utf-8", "replace")) else _parse(source)
    return walk(root, keep_lines) if whole else (_convert_simple(_TAG.sub(" ", source), keep_lines), ())


def _convert_simple(source: str, keep_lines: bool) -> str:
    if keep_lines:
        text = source.replace("\r\n", "\n")
        text = _SPACE_IN_LINE.sub(" ", text) if _FOLDABLE.search(text) else text
    else:
        text = _SPACE.sub(" ", source) if _FOLDABLE.search(source) else source
    if "<" in text:
        text = _TAG.sub(_break_for, text)
        text = re.sub(" {2,}", " ", text) if "  " in text else text
    if "\n" in text:
        text = _MANY_BREAKS.sub("\n\n", "\n".join([line.strip(" ") for line in text.split("\n")]))
    return html.unescape(text.strip(" \n")) if "&" in text else text.strip(" \n")


def _break_for(tag: re.Match[str]) -> str:
    return _BREAKS.get(tag[0].strip("</ >").lower(), "")


def _parse(source: str) -> tuple[Any, bool]:
    """The parsed fragment, and False when libxml2 gave up on its depth, which would hide what comes after."""
    from lxml import etree

    # libxml2 knows fewer named references than HTML 5 has; only those that could become markup are left to it
    if "&" in source:
        source = _REFERENCE.sub(_decode_reference, source)
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    root = etree.fromstring(f"<div>{source}</div>".encode("utf-8", "replace"), parser)
    return root, not any("depth" in entry.message for entry in parser.error_log)


def _decode_reference(match: re.Match[str]) -> str:
    decoded = html.unescape(match[0])
    return match[0] if decoded in "<>&" or _CONTROL.search(decoded) else decoded


def is_crowded(data: bytes) -> bool:
    """Whether a tag has thousands of attributes, which no page has and for which libxml2 takes quadratic time."""
    return len(data) > _LONG_TAG and any(len(_ATTRIBUTE.findall(run[0])) > 5000 for run in _WITHOUT_END.finditer(data))


def is_quote(tag: str, classes: str | None) -> bool:
    """Whether an element holds quoted words."""
    if tag == "blockquote":
        return True
    return (
        classes is not None
        and tag in ("div", "aside", "fieldset", "section")
        and not _QUOTE_CLASSES.isdisjoint(classes.lower().split())
    )


def walk(root: Any, keep_lines: bool = False, skip: Any = None) -> tuple[str, tuple[Span, ...]]:
    """Text and quoted spans of an lxml element; elements for which `skip(element)` is true are left out."""
    from lxml import etree

    builder = Builder(keep_lines)
    if root is None:
        return builder.finish()
    walker = etree.iterwalk(root, events=("start", "end"))
    for event, element in walker:
        tag = element.tag if isinstance(element.tag, str) else ""
        if event == "start":
            if not tag or tag in _SILENT or (skip is not None and element is not root and skip(element)):
                walker.skip_subtree()
                continue
            _open(builder, element, tag)
            if element.text:
                builder.add(element.text)
        else:
            if tag and tag not in _SILENT:
                _close(builder, element, tag)
            if element.tail and element is not root:
                builder.add(element.tail)
    return builder.finish()


def _open(builder: "Builder", element: Any, tag: str) -> None:
    if tag == "br":
        builder.need(builder.breaks + 1)
    elif tag == "img":
        classes = element.get("class") or ""
        if not _EMOJI.isdisjoint(classes.lower().split()):
            builder.add(element.get("alt") or "")
    elif tag in ("td", "th"):
        builder.add(" ")
    _separate(builder, tag)
    if tag == "pre":
        builder.verbatim += 1
    if is_quote(tag, element.get("class")):
        builder.open_quote()


def _close(builder: "Builder", element: Any, tag: str) -> None:
    if tag == "pre":
        builder.verbatim -= 1
    if is_quote(tag, element.get("class")):
        builder.close_quote()
        builder.need(1)
    _separate(builder, tag)


def _separate(builder: "Builder", tag: str) -> None:
    if tag in _FAR:
        builder.need(2)
    elif tag in _NEAR:
        builder.need(1)


class Builder:
    """Collects text with folded white space, line breaks where needed, and the spans of quotes."""

    def __init__(self, keep_lines: bool = False) -> None:
        self.keep_lines = keep_lines
        self.parts: list[str] = []
        self.size = 0
        self.breaks = 0
        self.space = False
        self.verbatim = 0
        self.depth = 0
        self.begin: int | None = None
        self.spans: list[Span] = []

    def need(self, breaks: int) -> None:
        """Ask for at least so many line breaks (two at most) before the next text."""
        self.breaks = min(2, max(self.breaks, breaks))

    def add(self, text: str) -> None:
        """Add text, its white space folded."""
        if self.verbatim:
            self._put(text.rstrip("\n") if not text.isspace() else "")
            if text.endswith("\n"):
                self.need(1)
            return
        if self.keep_lines and "\n" in text:
            first, *others = text.replace("\r\n", "\n").split("\n")
            self._fold(first)
            for line in others:
                self.need(self.breaks + 1)
                self._fold(line)
            return
        self._fold(text)

    def _fold(self, text: str) -> None:
        folded = _SPACE.sub(" ", text) if _FOLDABLE.search(text) else text
        if folded.startswith(" "):
            self.space = True
        stripped = folded.strip(" ")
        if stripped:
            self._put(stripped)
            self.space = folded.endswith(" ")

    def _put(self, text: str) -> None:
        if not text:
            return
        separator = ""
        if self.size:
            separator = "\n" * self.breaks if self.breaks else " " if self.space else ""
        if self.depth and self.begin is None:
            self.begin = self.size + len(separator)
        self.parts.append(separator + text)
        self.size += len(separator) + len(text)
        self.breaks, self.space = 0, False

    def open_quote(self) -> None:
        """What follows is quoted; quotes inside quotes belong to the outer one."""
        self.depth += 1

    def close_quote(self) -> None:
        """End of the innermost quote."""
        self.depth -= 1
        if not self.depth and self.begin is not None:
            self.spans.append(Span(self.begin, self.size))
            self.begin = None

    def finish(self) -> tuple[str, tuple[Span, ...]]:
        """The text and the quotes in it."""
        return "".join(self.parts), tuple(self.spans)
