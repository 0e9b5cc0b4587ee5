"""The common way through: sniffing, duplicates, our own JSON Lines, and that nothing but our own errors comes out."""

import io
import json
import subprocess
import sys

import msgspec
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from moderation.cli.convert import convert_cli
from moderation.cli.formats import formats_cli
from moderation.errors import FormatError, InputError, ModerationError
from moderation.readers import FORMATS, ORDER, TRIED, ReadOptions, read, sniff
from moderation.readers.duplicates import Seen
from moderation.readers.values import identify, tell_time
from moderation.readers.wire import encode
from moderation.records import Comment, Skipped, Span, Thread

from .gathering import DATA, Gathered

FIXTURES = sorted(
    path
    for path in DATA.rglob("*")
    if path.is_file() and path.suffix != ".sql" and path.parent.name in ORDER and path.name != "account.json"
)


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_each_fixture_is_recognised(path):
    assert sniff(path) == path.parent.name


def test_a_corpus_folder_is_recognised():
    assert sniff(DATA / "convokit/corpus") == "convokit"


def test_every_format_is_registered_once_and_asked_once():
    assert sorted(ORDER) == sorted(TRIED)
    assert [FORMATS[name].name for name in ORDER] == list(ORDER)
    assert all(FORMATS[name].summary for name in ORDER)


def test_what_fits_nothing_lists_what_was_tried():
    with pytest.raises(FormatError) as error:
        sniff(io.BytesIO(b"\x7fELF\x00\x01"))
    message = str(error.value)
    assert message.startswith(
        "<stream>: no format fits (not convokit: no object has reply-to, speaker and conversation_id; not isso: "
    )
    assert message.endswith("not text: it is binary: byte 4 is zero); name one with --format, see: moderation formats")
    assert all(f"not {name}: " in message for name in ORDER)


def test_an_empty_input_says_so():
    with pytest.raises(InputError) as error:
        sniff(io.BytesIO(b" \n"))
    assert str(error.value) == "<stream>: it is empty"


def test_a_wrong_format_name_lists_the_right_ones():
    with pytest.raises(
        FormatError, match='there is no format "xml"; the formats are: text, jsonl, json, csv, reddit, '
    ):
        list(read(io.BytesIO(b"a"), "xml"))


def test_duplicates_are_reported_within_a_thread_only():
    lines = [
        {"thread": "a", "id": 1, "text": "x"},
        {"thread": "b", "id": 1, "text": "y"},
        {"thread": "a", "id": 1, "text": "z"},
    ]
    found = Gathered("\n".join(map(json.dumps, lines)).encode())
    assert found.texts == ["x", "y"]
    assert found.records[-1] == Skipped(reason="duplicate id")


def test_duplicates_are_found_among_many_and_memory_has_a_limit():
    seen = Seen(1 << 20)
    assert not any(seen.add("t", str(number)) for number in range(200_000))
    assert all(seen.add("t", str(number)) for number in range(0, 200_000, 997))
    small = Seen(300)
    for number in range(1000):
        small.add("t", str(number))
    assert small.add("t", "999")
    assert not small.add("t", "0")


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(lambda text: text.strip())
IDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


@st.composite
def comments(draw):
    text = draw(TEXTS)
    cuts = sorted(set(draw(st.lists(st.integers(0, len(text)), max_size=4))))
    spans = tuple(Span(start, end) for start, end in zip(cuts[::2], cuts[1::2], strict=False))
    return Comment(
        text=text,
        thread=draw(IDS),
        id="",
        parent=draw(st.none() | IDS),
        start=draw(st.none() | st.integers(0, 99)),
        end=draw(st.none() | st.integers(0, 99)),
        quotes=spans,
        quote_lines=tuple(draw(st.none() | st.integers(1, 9)) for _ in spans),
        boundary=draw(st.none() | st.floats(0, 1)),
        parent_probability=draw(st.none() | st.floats(0, 1)),
        author=draw(st.none() | IDS),
        time=draw(st.none() | IDS),
        extra=draw(st.dictionaries(IDS, st.integers(0, 9) | IDS | st.none(), max_size=2)),
    )


THREADS = st.builds(
    Thread,
    id=IDS.map(str.strip),
    title=st.none() | IDS,
    article=st.none() | IDS,
    url=st.none() | IDS,
    text=st.none() | IDS,
)


@given(st.lists(comments() | THREADS, min_size=1, max_size=5))
def test_our_json_lines_give_back_equal_records(records):
    data = b"".join(map(encode, records))
    assert list(read(io.BytesIO(data), "jsonl")) == records


@pytest.mark.parametrize(
    "path", [*FIXTURES, DATA / "convokit/corpus"], ids=lambda path: f"{path.parent.name}/{path.name}"
)
def test_convert_writes_every_fixture_and_reading_back_gives_equal_records(path, tmp_path):
    out = tmp_path / "out.jsonl"
    result = CliRunner().invoke(convert_cli, [str(path), "--keep", "score", "--keep", "meta", "-o", str(out)])
    given = Gathered(path, options=ReadOptions(keep=("score", "meta")))
    assert result.exit_code == (3 if given.bad else 0), result.output
    wanted = [record for record in given.records if isinstance(record, Thread | Comment)]
    assert list(read(out, "jsonl")) == wanted
    assert not (tmp_path / "out.jsonl.partial").exists()
    assert (tmp_path / "out.jsonl.quarantine.jsonl").exists() == bool(given.bad)


def test_convert_joins_reddit_files_and_says_what_it_did(tmp_path):
    out = tmp_path / "out.jsonl"
    result = CliRunner().invoke(convert_cli, [str(DATA / "reddit"), "-o", str(out)])
    assert result.exit_code == 3
    assert result.stderr == "4 comments in 2 thread headers; skipped: 1 deleted, 1 removed; 1 bad records\n"
    assert [json.loads(line)["id"] for line in out.read_text().splitlines()] == [
        "isle01",
        "g1aaaa",
        "g1aaab",
        "g1aaae",
        "isle02",
        "g1aaag",
    ]
    bad = [json.loads(line) for line in (tmp_path / "out.jsonl.quarantine.jsonl").read_text().splitlines()]
    assert bad[0]["line"] == 6


def test_convert_does_not_overwrite_its_input(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "a"}\n')
    result = CliRunner().invoke(convert_cli, [str(path), "-o", str(path)])
    assert isinstance(result.exception, InputError)
    assert str(result.exception) == f"{path}: the output would overwrite this input; give another name with -o"
    assert path.read_text() == '{"text": "a"}\n'


def test_convert_that_fails_leaves_no_half_file(tmp_path):
    path = tmp_path / "a.json"
    path.write_text('[{"text": "a"}, {"text": ')
    result = CliRunner().invoke(convert_cli, [str(path), "-o", str(tmp_path / "out.jsonl")])
    assert isinstance(result.exception, FormatError)
    assert [found.name for found in tmp_path.iterdir()] == ["a.json"]


def test_columns_can_be_named_on_the_command_line(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("nr,wort,wer\n1,Hallo,Uwe\n")
    arguments = [str(path), "--format", "csv", "--text-column", "wort", "--id-column", "nr", "--author-column", "wer"]
    result = CliRunner().invoke(convert_cli, arguments)
    assert json.loads(result.stdout) == {"text": "Hallo", "id": "1", "quotes": [], "author": "Uwe"}


def test_formats_lists_every_format():
    lines = CliRunner().invoke(formats_cli).output.splitlines()
    assert [line.split()[0] for line in lines] == list(ORDER)
    rows = [json.loads(line) for line in CliRunner().invoke(formats_cli, ["--json"]).output.splitlines()]
    assert [row["name"] for row in rows] == list(ORDER)


def test_help_shows_an_example():
    for command in (convert_cli, formats_cli):
        assert "Example" in CliRunner().invoke(command, ["--help"]).output


def test_importing_the_readers_loads_no_format():
    code = (
        "import sys, moderation.readers; heavy = {'lxml', 'zstandard', 'sqlite3', 'moderation.readers.html'} & set(sys.modules); "
        "sys.exit(str(heavy) if heavy else 0)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("value", "time"),
    [
        (1389720732, "2014-01-14T17:32:12Z"),
        ("1389720732", "2014-01-14T17:32:12Z"),
        (1389720732000, "2014-01-14T17:32:12Z"),
        (1389720732.5, "2014-01-14T17:32:12.500000Z"),
        ("2019-04-08T09:12:33+0200", "2019-04-08T07:12:33Z"),
        ("2013-02-04T15:26:26.278-05:00", "2013-02-04T20:26:26.278000Z"),
        ("2017-07-14 02:41:40 UTC", "2017-07-14T02:41:40Z"),
        ("Mon, 3 Jan 2005 10:00:00 +0100", "2005-01-03T09:00:00Z"),
        ("2 weeks ago", "2 weeks ago"),
        ("9999999999999999", "9999999999999999"),
        (float("nan"), "nan"),
        ("0001-01-01T00:00:00+09:00", "0001-01-01T00:00:00+09:00"),
        ("", None),
        (True, None),
    ],
)
def test_times(value, time):
    assert tell_time(value) == time


@given(st.one_of(st.integers(), st.floats(), st.text(), st.datetimes().map(str)))
def test_times_and_ids_told_again_are_the_same(value):
    told = tell_time(value)
    assert tell_time(told) == told
    assert identify(identify(value)) == identify(value)


KEYS = st.sampled_from(
    [
        "id",
        "text",
        "body",
        "parent",
        "parent_id",
        "link_id",
        "title",
        "selftext",
        "children",
        "comments",
        "data",
        "items",
        "snippet",
        "topLevelComment",
        "replies",
        "cid",
        "thread",
        "post",
        "record",
        "reply",
        "root",
        "uri",
        "messages",
        "chats",
        "list",
        "type",
        "date",
        "text_entities",
        "ancestors",
        "descendants",
        "content",
        "account",
        "status",
        "author",
        "author_name",
        "rendered",
        "post_stream",
        "posts",
        "cooked",
        "raw",
        "post_number",
        "topic_id",
        "stream",
        "story",
        "storyID",
        "revisions",
        "edges",
        "node",
        "nodes",
        "hits",
        "objectID",
        "by",
        "kids",
        "comment_text",
        "speaker",
        "conversation_id",
        "reply-to",
        "meta",
        "subreddit",
        "message",
        "created_time",
        "from",
        "name",
        "quotes",
        "extra",
        "kind",
    ]
)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["story", "comment", "message", "0"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=12,
)
SEEDS = {
    path.parent.name: [found.read_bytes() for found in FIXTURES if found.parent.name == path.parent.name]
    for path in FIXTURES
}


def check_reading(data, name):
    """Only records, and only the project's own errors."""
    try:
        for record in read(io.BytesIO(data), name, ReadOptions(keep=("id", "meta"))):
            if isinstance(record, Comment):
                assert record.text.strip()
                assert all(0 <= span.start < span.end <= len(record.text) for span in record.quotes)
            msgspec.json.encode(record)
    except ModerationError:
        pass


@pytest.mark.parametrize("name", ORDER)
@given(data=st.data())
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_damaged_fixtures_and_odd_values_give_only_records_and_our_errors(name, data):
    seed = data.draw(st.sampled_from(SEEDS[name]))
    start = data.draw(st.integers(0, len(seed)))
    size = data.draw(st.integers(0, 60))
    check_reading(seed[:start] + data.draw(st.binary(max_size=20)) + seed[start + size :], name)
    check_reading(data.draw(st.binary(max_size=200)), name)
    check_reading(json.dumps(data.draw(JSON)).encode(), name)


def test_a_table_without_a_text_column_is_not_taken_for_a_pasted_page(tmp_path):
    path = tmp_path / "people.csv"
    path.write_text("name,age\nbob,3\n", encoding="utf-8")
    with pytest.raises(FormatError) as caught:
        sniff(path)
    assert str(caught.value) == (
        f"{path}: no column of its first line (name, age) has the name of a comment's text; "
        "name the column of the text with --text-column NAME"
    )
    assert [record.text for record in read(path, "text") if isinstance(record, Thread)] == ["name,age\nbob,3\n"]


@pytest.mark.parametrize(
    ("table", "column"),
    [
        (b"   \n\nid,text\n1,hello there\n", None),
        (b"id,text\r1,hello there\r2,and you\r", None),
        (b'id,"What did you\nthink of it?"\n1,hello there\n', "What did you think of it?"),
        ("id,Präzisierung\n1,hello there\n".encode("cp1252"), "Präzisierung"),
    ],
    ids=["blank lines above", "carriage returns alone", "a cell of two lines", "Windows-1252"],
)
def test_headers_of_tables_are_found_as_other_programs_write_them(table, column, tmp_path):
    path = tmp_path / "in.csv"
    path.write_bytes(table)
    first = next(iter(read(path, None, ReadOptions(text_column=column))))
    assert (first.id, first.text) == ("1", "hello there")


def test_bytes_that_are_no_utf8_are_windows_1252_in_json_lines_as_in_tables(tmp_path):
    path = tmp_path / "in.jsonl"
    path.write_bytes('{"text": "café – “so”"}\n'.encode("cp1252") + '{"text": "café"}\n'.encode())
    assert [record.text for record in read(path)] == ["café – “so”", "café"]
