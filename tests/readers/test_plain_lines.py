"""The quick way through JSON Lines gives what the long way gives, line by line and block by block."""

import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moderation.readers import ReadOptions, jsonl, plain_lines, source
from moderation.readers.source import Source
from moderation.records import Record

PLAIN = st.fixed_dictionaries(
    {"text": st.text("ab >[]\n'x", max_size=12) | st.sampled_from(["[deleted]", " [removed] ", "> said\nno"])},
    optional={
        "id": st.none() | st.integers(-2, 3) | st.sampled_from([" a ", "", "b"]),
        "thread": st.none() | st.integers(-2, 3) | st.sampled_from([" t ", "", "u"]),
        "parent": st.none() | st.integers(-2, 3) | st.sampled_from([" p ", "", "0", "-1", "null", "None"]),
        "author": st.none() | st.text(max_size=5),
        "time": st.none()
        | st.integers(0, 2**40)
        | st.sampled_from(
            ["2026-11-22T10:00:00Z", "2026-02-30T10:00:00Z", "2026-11-22T24:00:00Z", "2 weeks ago", "2026-11-22 10:00"]
        ),
    },
)
ODD = st.sampled_from(
    [
        b"",
        b"nonsense",
        b'{"text": "x", "deleted": true}',
        b'{"text": "a"}{"text": "b"}',
        b'{"text":',
        b'"a"}',
        b'{"text": "\\ud83d"}',
        b'{"text": 3}',
        b'{"body": "other columns", "comment_id": 3}',
        b'{"record": "thread", "id": "t", "title": "A title"}',
        b'{"text": "ours", "quotes": [[0, 2]], "thread": "t"}',
        b'{"text": "bad utf \xff"}',
        b"  ",
    ]
)


def read_all(data: bytes, options: ReadOptions) -> list[Record]:
    return list(jsonl.read(Source(io.BytesIO(data)), options))


@settings(max_examples=400, deadline=None)
@given(
    lines=st.lists(
        PLAIN.map(lambda row: json.dumps(row, ensure_ascii=False).encode("utf-8", "replace")) | ODD, max_size=12
    ),
    end=st.sampled_from([b"\n", b"\r\n"]),
    last=st.booleans(),
    block=st.integers(1, 400),
)
def test_the_quick_way_reads_what_the_long_way_reads(lines: list[bytes], end: bytes, last: bool, block: int) -> None:
    data = end.join(lines) + (end if last else b"")
    options = ReadOptions(max_line=90)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(source, "BLOCK", block)
        quick = read_all(data, options)
        patch.setattr(jsonl, "is_plain", lambda options: False)
        assert quick == read_all(data, options)


def test_byte_windows_split_the_lines_among_them(tmp_path) -> None:
    path = tmp_path / "dump.jsonl"
    path.write_text("".join(f'{{"text": "comment {k}", "id": {k}}}\n' for k in range(300)), encoding="utf-8")
    size = path.stat().st_size
    for cut in (1, 7, size // 3, size - 1):
        with Source(path, start=0, end=cut) as first, Source(path, start=cut, end=size) as second:
            found = [*jsonl.read(first, ReadOptions()), *jsonl.read(second, ReadOptions())]
        assert [comment.text for comment in found] == [f"comment {k}" for k in range(300)]


def test_it_is_asked_only_where_nothing_was_said() -> None:
    assert plain_lines.is_plain(ReadOptions(max_line=5, quote_lines=False))
    assert not plain_lines.is_plain(ReadOptions(keep=("score",)))
    assert not plain_lines.is_plain(ReadOptions(text_column="body"))
    assert not plain_lines.is_plain(ReadOptions(markup="html"))
