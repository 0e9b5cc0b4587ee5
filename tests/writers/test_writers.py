"""Writers: exact bytes, joining, and scores that no encoding holds."""

import csv
import io
import json
from pathlib import Path

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scores import PLAIN

from moderation.errors import ModerationError
from moderation.records import Reason, Span, Stance
from moderation.writers import WRITERS, Columns, find_writer, guess_format

FULL = msgspec.structs.replace(
    PLAIN,
    id="2",
    parent="1",
    text='He said "a,b"\nand more',
    quotes=(Span(8, 13),),
    stance=(Stance("NATO", "favor", 0.7, 0.1, 0.2),),
    conspiracy=None,
    flags=("hostile", "conspiracy"),
    reasons={"hostile": (Reason(0, 2, 1.5),)},
    kept={"likes": 3, "flair": "mod"},
)
COLUMNS = Columns(explain=True, keep=("likes", "flair", "absent"))


def written(name, chunks, columns=COLUMNS):
    stream = io.BytesIO()
    find_writer(name).write(chunks, stream, columns)
    return stream.getvalue()


def test_jsonl_has_one_object_a_line_in_the_order_of_the_contract():
    assert written("jsonl", [[PLAIN]], Columns()) == (
        b'{"thread":"t","id":"1","parent":null,"start":null,"end":null,"text":"No, you.","quotes":[],"boundary":null,"stance":[],'
        b'"conspiracy":0.04,"hostile":0.91,"flags":["hostile"],"action":"review","language":"en","author":"Ann","time":null}\n'
    )


def test_jsonl_holds_reasons_and_kept_fields():
    line = json.loads(written("jsonl", [[FULL]]))
    assert line["reasons"] == {"hostile": [{"start": 0, "end": 2, "weight": 1.5}]}
    assert line["kept"] == {"likes": 3, "flair": "mod"}
    assert line["quotes"] == [[8, 13]]
    assert line["stance"] == [{"target": "NATO", "label": "favor", "favor": 0.7, "against": 0.1, "neutral": 0.2}]


def test_csv_has_a_header_and_json_in_nested_cells():
    rows = list(csv.DictReader(io.StringIO(written("csv", [[PLAIN], [FULL]]).decode(), newline="")))
    assert rows[0]["flags"] == "hostile"
    assert rows[0]["quotes"] == ""
    assert rows[0]["reasons"] == ""
    assert rows[1]["text"] == FULL.text
    assert rows[1]["flags"] == "hostile;conspiracy"
    assert rows[1]["conspiracy"] == ""
    assert json.loads(rows[1]["quotes"]) == [[8, 13]]
    assert (rows[1]["kept.likes"], rows[1]["kept.flair"], rows[1]["kept.absent"]) == ("3", "mod", "")


def test_parquet_keeps_types_and_nested_fields():
    parquet = pytest.importorskip("pyarrow.parquet", reason="needs the extra moderation[parquet]")
    rows = parquet.read_table(io.BytesIO(written("parquet", [[PLAIN], [FULL]]))).to_pylist()
    assert rows[0]["hostile"] == 0.91
    assert rows[0]["reasons"] == []
    assert rows[1]["stance"] == [{"target": "NATO", "label": "favor", "favor": 0.7, "against": 0.1, "neutral": 0.2}]
    assert rows[1]["quotes"] == [[8, 13]]
    assert rows[1]["reasons"] == [("hostile", [{"start": 0, "end": 2, "weight": 1.5}])]
    assert (rows[1]["kept.likes"], rows[1]["kept.flair"], rows[1]["kept.absent"]) == ("3", '"mod"', None)


def test_table_shows_one_line_a_comment():
    lines = written("table", [[PLAIN, FULL]]).decode().splitlines()
    assert lines[0] == "action  hostile  consp.  stance                    id            text"
    assert lines[1] == "review     0.91    0.04                            1             No, you."
    assert lines[2] == 'review     0.91       –  NATO favor                2             He said "a,b" and more'


def test_table_lets_no_text_move_the_cursor():
    score = msgspec.structs.replace(PLAIN, text="a\x1b[2Jb\u202ec\x07", id="\x9b1")
    line = written("table", [[score]]).decode().splitlines()[1]
    assert line.endswith("·1            a·[2Jb·c·")


def test_table_cuts_wide_text_to_the_terminal(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    line = written("table", [[msgspec.structs.replace(PLAIN, text="好" * 50)]]).decode().splitlines()[1]
    assert line.endswith("好…")
    assert line.count("好") == 7


@pytest.mark.parametrize("name", sorted(WRITERS))
def test_joined_parts_equal_one_whole(name, tmp_path):
    parts = []
    for number, chunk in enumerate([[PLAIN], [], [FULL, PLAIN]]):
        path = tmp_path / f"{number}"
        path.write_bytes(written(name, [chunk] if chunk else []))
        parts.append(path)
    joined = io.BytesIO()
    find_writer(name).join(parts, joined, COLUMNS)
    if name == "parquet":
        parquet = pytest.importorskip("pyarrow.parquet")
        whole = parquet.read_table(io.BytesIO(written(name, [[PLAIN], [FULL, PLAIN]])))
        assert parquet.read_table(io.BytesIO(joined.getvalue())).equals(whole)
    else:
        assert joined.getvalue() == written(name, [[PLAIN], [FULL, PLAIN]])


@pytest.mark.parametrize("name", sorted(WRITERS))
def test_a_lone_surrogate_becomes_a_replacement_character(name):
    odd = msgspec.structs.replace(
        PLAIN, text="a\ud800b", author="\udfff", kept={"likes": 2**80, "flair": ["\ud800", b"x", None]}
    )
    out = written(name, [[PLAIN, odd]])
    if name == "jsonl":
        second = json.loads(out.splitlines()[1])
        assert second["text"] == "a\ufffdb"
        assert second["author"] == "\ufffd"
        assert second["kept"] == {"likes": str(2**80), "flair": ["\ufffd", "b'x'", None]}
    elif name != "parquet":
        assert len(out.splitlines()) >= 2


@given(st.text(st.characters()), st.text(st.characters()))
@example("", "\r")
def test_any_text_comes_back_from_jsonl_and_csv(text, author):
    score = msgspec.structs.replace(PLAIN, text=text, author=author)
    expected = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    assert json.loads(written("jsonl", [[score]]))["text"] == expected
    rows = list(csv.DictReader(io.StringIO(written("csv", [[score]], Columns()).decode(), newline="")))
    assert [row["text"] for row in rows] == [expected]


def test_the_suffix_names_the_format():
    assert guess_format(Path("a/out.ndjson")) == "jsonl"
    assert guess_format(Path("OUT.CSV")) == "csv"
    with pytest.raises(ModerationError) as error:
        guess_format(Path("out.xls"))
    assert str(error.value) == (
        'out.xls: the suffix ".xls" names no output format; use one of .jsonl, .ndjson, .csv, .parquet, .pq, .txt, .html, .htm, '
        "or say --to FORMAT"
    )


def test_an_unknown_format_lists_the_known_ones():
    with pytest.raises(ModerationError) as error:
        find_writer("xml")
    assert str(error.value) == 'there is no output format "xml"; choose one of jsonl, csv, parquet, table, html'
