"""Streams the elements of large XML files through lxml, and refuses what could harm: DOCTYPE, entities.

Control characters that XML forbids, which WordPress exports carry, are taken out before parsing; unfinished parts are
recovered where libxml2 can. Every element is freed as soon as it was handled, so memory does not grow with the file.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from moderation.errors import FormatError
from moderation.readers.source import Source
from moderation.records import BadRecord

__all__ = ["children", "children_text", "local", "stream_elements", "xml_root"]

_FORBIDDEN = bytes([*range(9), 11, 12, *range(14, 32)])
_ROOT = re.compile(rb"<([A-Za-z_][\w.:-]*)")


def xml_root(source: Source) -> str:
    """The name of the first element in the head, without its prefix; "" when the head is no XML."""
    head = source.head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not head.startswith(b"<"):
        return ""
    found = _ROOT.match(head, _skip_prolog(head, 0)[0])
    return found[1].decode("ascii", "replace").rpartition(":")[2] if found else ""


def _skip_prolog(data: bytes, start: int) -> tuple[int, str]:
    """Where the scan for the first element stands, and what is there: "root", "doctype", or "more" bytes are needed.

    Every byte is looked at once, so that a prolog of many unfinished comments takes no longer than any other.
    """
    while True:
        start = data.find(b"<", start)
        if start < 0 or len(data) - start < 9:
            return max(start, 0) if start >= 0 else len(data), "more"
        if data.startswith(b"<!--", start) or data.startswith(b"<?", start):
            ending = b"-->" if data[start + 1] == 33 else b"?>"
            end = data.find(ending, start + 2)
            if end < 0:
                return start, "more"
            start = end + len(ending)
        elif data[start : start + 9].upper() == b"<!DOCTYPE":
            return start, "doctype"
        elif data[start + 1] == 33:
            start += 2
        else:
            return start, "root"


def local(element: Any) -> str:
    """An element's name without its namespace; "" for comments and the like."""
    tag = element.tag
    return _local(tag) if isinstance(tag, str) else ""


@lru_cache(maxsize=1024)
def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def children(element: Any) -> dict[str, Any]:
    """The child elements by local name; of several with one name, the first."""
    found: dict[str, Any] = {}
    for inner in element:
        found.setdefault(local(inner), inner)
    return found


def children_text(element: Any) -> dict[str, str]:
    """The text of each child element by local name; of several with one name, the first."""
    return {name: inner.text or "" for name, inner in children(element).items()}


class _Stream:
    """The source's bytes for the parser: forbidden characters removed, a DOCTYPE refused before anything is parsed."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._clean = source.head[:2] not in (b"\xff\xfe", b"\xfe\xff") and b"\0<" not in source.head[:4]
        self._prolog = b""
        self._in_prolog = True
        self._scanned = 0

    def read(self, size: int = -1) -> bytes:
        data = self._source.stream.read(size)
        if self._clean:
            data = data.translate(None, _FORBIDDEN)
        if self._in_prolog:
            self._prolog += data
            self._scanned, found = _skip_prolog(self._prolog, self._scanned)
            if found == "doctype":
                raise _refuse_doctype(self._source)
            self._in_prolog = found == "more" and len(self._prolog) < 1 << 20
        return data


def _refuse_doctype(source: Source) -> FormatError:
    return FormatError(
        "this XML has a DOCTYPE, which can hide entities that read other files or fill the memory",
        source.name,
        "remove the <!DOCTYPE …> if you trust the file",
    )


def stream_elements(source: Source, names: tuple[str, ...], nested: bool = False) -> Iterator[Any | BadRecord]:
    """Each finished element with one of these local names, then a BadRecord when the parser had to mend something.

    Of such elements inside one another only the outermost come, or all when `nested`, the inner ones first. The caller
    must be done with an element before it asks for the next. Raises FormatError: DOCTYPE, no XML at all.
    """
    from lxml import etree

    stream = _Stream(source)
    tags = tuple(f"{{*}}{name}" for name in names)
    context = etree.iterparse(
        stream,
        events=("end",),
        tag=tags,
        recover=True,
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    count = 0
    try:
        for _, element in context:
            if not count and element.getroottree().docinfo.doctype:
                raise _refuse_doctype(source)
            count += 1
            if not nested and _is_inside(element, names):
                continue
            yield element
            _free(element)
    except etree.XMLSyntaxError as error:
        if not count:
            raise FormatError(f"this is not XML: {error.msg}", source.name) from None
        yield BadRecord(file=source.name, line=error.lineno, reason=f"the XML breaks off: {error.msg}")
        return
    errors = [entry for entry in context.error_log if entry.level >= etree.ErrorLevels.ERROR]
    if errors:
        first = errors[0]
        more = f", and {len(errors) - 1} more like it" if len(errors) > 1 else ""
        reason = f"the XML is damaged and was read on: {first.message.strip()}{more}"
        yield BadRecord(file=source.name, line=first.line, reason=reason)


def _is_inside(element: Any, names: tuple[str, ...]) -> bool:
    parent = element.getparent()
    return parent is not None and local(parent) in names


def _free(element: Any) -> None:
    """Empty an element and drop the finished ones before it; WordPress comments lie inside an item that is not finished."""
    element.clear(keep_tail=False)
    parent = element.getparent()
    if parent is None:
        return
    before = element.getprevious()
    if before is not None and local(before) == local(element):
        parent.remove(before)
