"""Turns Markdown and BBCode into text: quotes become spans, links keep their words, code and spoilers stay as text.

Emphasis marks stay: "f**k" and "*snake_case*" would suffer if they were taken out, and no reader minds them.
"""

import html
import re

from moderation.records import Span

__all__ = ["convert", "convert_bbcode"]

_TRIGGER = re.compile(r"[>&`\\]|\]\(|\[/quote\]|~~~", re.IGNORECASE)
_QUOTED = re.compile(r"(?: {0,3}>(?!!))+ ?")
_FENCE = re.compile(r" {0,3}(?:```|~~~)")
_LINK = re.compile(r"!?\[([^\[\]]*)\]\((?:[^()\s]|\([^()\s]*\))*(?:\s+\"[^\"]*\")?\s*\)")
_CODE = re.compile(r"`([^`\n]+)`")
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+\-.!>~|^\"'<])")
_BB_QUOTE = re.compile(r"\[(/?)quote\b[^\]\n]{0,300}\]", re.IGNORECASE)
_BB_DROP = re.compile(r"\[(img|youtube|media|attach|video)\b[^\]\n]{0,300}\][^\[\n]{0,2000}\[/\1\]", re.IGNORECASE)
_BB_TAG = re.compile(
    r"\[/?(?:b|i|u|s|url|email|spoiler|spoil|hide|code|pre|size|color|colour|font|list|\*|center|left|right|justify|indent|"
    r"table|tr|td|th|h[1-6]|hr|sub|sup|noparse|highlight|user|mention|post|thread|strike|media|img|youtube|align|php|html)"
    r"(?:[= ][^\]\n]{0,500})?\]",
    re.IGNORECASE,
)

Cleaned = tuple[str, tuple[Span, ...]]


def convert(text: str) -> Cleaned:
    """The text of Markdown and its quoted spans; [quote] blocks, which Discourse and others mix in, count too.

    >>> convert("> No.\\n\\nYes, [here](http://example.org)")
    ('No.\\n\\nYes, here', (Span(start=0, end=3),))
    """
    text = text.replace("\r\n", "\n")
    if not _TRIGGER.search(text):
        return text.strip(), ()
    return _assemble(_mark_bb_quotes(text), inline=True)


def convert_bbcode(text: str) -> Cleaned:
    """The text of BBCode and its quoted spans.

    >>> convert_bbcode('[quote="Ann"]No.[/quote][b]Yes[/b]')
    ('No.\\nYes', (Span(start=0, end=3),))
    """
    text = text.replace("\r\n", "\n")
    if "[" in text:
        text = _mark_bb_quotes(_BB_TAG.sub("", _BB_DROP.sub("", text)))
    return _assemble(text, inline=False)


def _mark_bb_quotes(text: str) -> str:
    """Lines inside [quote]…[/quote] with ">" before them. An opening without its end is taken as plain words."""
    marks = list(_BB_QUOTE.finditer(text)) if "[" in text else []
    closed = _pair(marks)
    if not closed:
        return text
    pieces: list[str] = []
    depth, last = 0, 0
    for index, match in enumerate(marks):
        if index not in closed:
            continue
        pieces.append(_prefix(text[last : match.start()], depth > 0))
        last = match.end()
        depth += -1 if match[1] else 1
    rest = text[last:]
    pieces.append("\n" + rest.lstrip("\n") if rest.startswith("\n\n") else rest.removeprefix("\n"))
    return "\n".join(piece for piece in pieces if piece.strip())


def _pair(marks: list[re.Match[str]]) -> set[int]:
    """Indexes of the marks that belong to a complete pair."""
    paired: set[int] = set()
    waiting: list[int] = []
    for index, match in enumerate(marks):
        if not match[1]:
            waiting.append(index)
        elif waiting:
            paired |= {waiting.pop(), index}
    return paired


def _prefix(piece: str, quoted: bool) -> str:
    if not quoted or not piece.strip():
        return piece
    return "\n".join(f"> {line}" for line in piece.strip("\n").split("\n"))


def _assemble(text: str, inline: bool) -> Cleaned:
    lines: list[str] = []
    spans: list[Span] = []
    size, begin, fenced = 0, -1, False
    for line in text.strip("\n").split("\n"):
        if inline and _FENCE.match(line):
            fenced = not fenced
            continue
        marker = None if fenced else _QUOTED.match(line)
        shown = line if fenced else _clean_line(line[marker.end() :] if marker else line, inline)
        if marker and begin < 0:
            begin = size
        elif not marker and begin >= 0:
            _close(spans, begin, size - 1)
            begin = -1
        lines.append(shown)
        size += len(shown) + 1
    if begin >= 0:
        _close(spans, begin, size - 1)
    return _strip("\n".join(lines), spans)


def _close(spans: list[Span], begin: int, end: int) -> None:
    if end > begin:
        spans.append(Span(begin, end))


def _clean_line(line: str, inline: bool) -> str:
    if inline:
        if ">!" in line and "!<" in line:
            line = line.replace(">!", "").replace("!<", "")
        if "](" in line:
            line = _LINK.sub(r"\1", line)
        if "`" in line:
            line = _CODE.sub(r"\1", line)
        if "\\" in line:
            line = _ESCAPE.sub(r"\1", line)
    return html.unescape(line) if "&" in line else line


def _strip(text: str, spans: list[Span]) -> Cleaned:
    """Strip white space at both ends of the text and of each span."""
    start = len(text) - len(text.lstrip())
    stripped = text.strip()
    moved = []
    for span in spans:
        begin, end = max(0, span.start - start), min(len(stripped), span.end - start)
        words = stripped[begin:end]
        begin += len(words) - len(words.lstrip())
        end -= len(words) - len(words.rstrip())
        if begin < end:
            moved.append(Span(begin, end))
    return stripped, tuple(moved)
