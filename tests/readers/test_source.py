"""Opening inputs: compression, bombs, damage, windows of lines, progress."""

import bz2
import gzip
import io
import lzma
import re
import zipfile

import msgspec
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from moderation.errors import InputError
from moderation.readers import Source, can_cut, find_inputs, read
from moderation.readers.source import HEAD
from moderation.records import BadRecord, Comment

from .gathering import DATA

TEXT = b'{"id": 1, "text": "packed"}\n' * 5000
PACKERS = {"gz": gzip.compress, "zst": zstandard.ZstdCompressor().compress, "bz2": bz2.compress, "xz": lzma.compress}


@pytest.mark.parametrize("suffix", PACKERS)
def test_packed_files_are_opened_by_content_whatever_their_name(tmp_path, suffix):
    for name in (f"dump.jsonl.{suffix}", "dump"):
        path = tmp_path / name
        path.write_bytes(PACKERS[suffix](TEXT))
        with Source(path) as source:
            assert source.head == TEXT[:HEAD]
            assert source.stream.read() == TEXT
            assert source.tell() == source.size == path.stat().st_size
            assert source.stem == "dump"


@pytest.mark.parametrize("suffix", PACKERS)
def test_packed_files_that_are_cut_off_are_an_error_after_what_can_be_read(tmp_path, suffix):
    path = tmp_path / f"cut.{suffix}"
    packed = PACKERS[suffix](TEXT)
    path.write_bytes(packed[: len(packed) - 9])
    with Source(path) as source:
        found = source.stream.read()
        assert TEXT.startswith(found)
        assert len(found) > (0 if suffix == "bz2" else 0.9 * len(TEXT))
        assert re.search(r"cut.*: the (gzip|zstd|bzip2|xz) data are damaged after byte \d+: ", str(source.damage))


@pytest.mark.parametrize("suffix", ["gz", "zst", "xz"])
def test_all_records_before_the_damage_are_given_and_then_the_error(tmp_path, suffix):
    lines = "".join(f'{{"id": {k}, "text": "comment {k * 7919 % 10007}"}}\n' for k in range(30_000)).encode()
    path = tmp_path / f"cut.{suffix}"
    path.write_bytes(PACKERS[suffix](lines)[:-100])
    found = []
    with pytest.raises(InputError, match="data are damaged after byte"):
        found.extend(read(path))
    ids = [record.id for record in found if isinstance(record, Comment)]
    assert ids == [str(k) for k in range(len(ids))]
    assert len(ids) > 20_000


def test_several_zstandard_frames_are_read_on():
    pack = zstandard.ZstdCompressor().compress
    assert Source(io.BytesIO(pack(b"one ") + pack(b"two"))).stream.read() == b"one two"


def test_zstandard_window_of_the_large_reddit_dumps():
    parameters = zstandard.ZstdCompressionParameters.from_level(1, window_log=31, write_content_size=False)
    compressor = zstandard.ZstdCompressor(compression_params=parameters)
    packed = compressor.compressobj()
    data = packed.compress(TEXT) + packed.flush()
    assert Source(io.BytesIO(data)).stream.read() == TEXT


@pytest.mark.parametrize("suffix", ["gz", "zst", "bz2", "xz"])
def test_decompression_bombs_stop(suffix):
    stream = Source(io.BytesIO(PACKERS[suffix](bytes(66 << 20)))).stream
    with pytest.raises(InputError) as error:
        all(stream.read(1 << 20) for _ in range(80))
    kind = {"gz": "gzip", "zst": "zstd", "bz2": "bzip2", "xz": "xz"}[suffix]
    assert str(error.value) == (
        f"<stream>: this {kind} file unpacks to more than 400 times its size, as a decompression bomb does; "
        "unpack it yourself if you trust it"
    )


def test_zip_archives_are_refused_with_a_remedy():
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("a.txt", "a")
    archive.seek(0)
    with pytest.raises(InputError) as error:
        assert Source(archive).head
    assert str(error.value) == "<stream>: this is a zip archive; unpack it and give the files inside"


def test_a_missing_file_says_so(tmp_path):
    with pytest.raises(InputError) as error:
        list(read(tmp_path / "none.json"))
    assert str(error.value) == f"{tmp_path / 'none.json'}: there is no such file"


@given(st.lists(st.text("ab\r\x00é", max_size=9).map(str.encode), max_size=12), st.booleans(), st.data())
def test_windows_partition_the_lines_of_a_file(tmp_path_factory, lines, ended, data):
    content = b"\n".join(lines) + (b"\n" if ended and lines else b"")
    path = tmp_path_factory.mktemp("windows") / "lines"
    path.write_bytes(content)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(content)), max_size=3)))
    whole = [(line.byte, line.data) for line in Source(path).lines(100)]
    parts = []
    for start, end in zip([0, *cuts], [*cuts, None], strict=True):
        with Source(path, start=start, end=end) as source:
            parts.extend((line.byte, line.data) for line in source.lines(100))
    assert parts == whole


def test_a_window_of_a_packed_file_is_refused(tmp_path):
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(TEXT))
    with pytest.raises(InputError) as error:
        assert Source(path, start=5).head
    assert str(error.value) == f"{path}: a packed file or a stream cannot be cut into byte ranges; read it whole"
    assert not can_cut(path, "jsonl")


def test_line_numbers_go_on_from_the_first_line_of_a_window(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"a\nbb\nccc\n")
    assert can_cut(path, "csv") is False
    with Source(path, start=1, end=3, first_line=2) as source:
        assert [(line.number, line.byte, line.data) for line in source.lines(10)] == [(2, 2, b"bb")]


def test_only_files_with_a_record_a_line_can_be_cut(tmp_path):
    lines, tree = tmp_path / "lines.jsonl", tmp_path / "tree.json"
    lines.write_text('{"text": "a"}\n{"text": "b"}\n')
    tree.write_text('{\n "comments": [{"id": "1", "text": "a"}]\n}\n')
    assert can_cut(lines, "jsonl")
    assert not can_cut(tree, "youtube")


def test_inputs_are_files_globs_and_folders_each_once(tmp_path):
    for name in ("b.jsonl", "a.jsonl", ".hidden", "sub/c.csv", "corpus/utterances.jsonl", "corpus/index.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    found = find_inputs([tmp_path, str(tmp_path / "*.jsonl"), "-"])
    assert [str(path.relative_to(tmp_path)) if path.is_absolute() else str(path) for path in found] == [
        "a.jsonl",
        "b.jsonl",
        "corpus",
        "sub/c.csv",
        "-",
    ]


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("no.txt", "there is no such file"),
        ("*.none", "no file matches this pattern"),
        ("", "there is no file in this folder"),
    ],
)
def test_inputs_that_are_not_there(tmp_path, pattern, message):
    with pytest.raises(InputError) as error:
        find_inputs([tmp_path / pattern])
    assert str(error.value) == f"{tmp_path / pattern}: {message}".replace("/:", ":")


@pytest.mark.parametrize(
    "name", ["reddit/comments.ndjson", "jsonl/threads.jsonl", "youtube/downloader.jsonl", "coral/mongo.jsonl"]
)
def test_windows_of_a_dump_give_together_what_the_whole_gives(name):
    path = DATA / name
    format, size = path.parent.name, path.stat().st_size
    assert can_cut(path, format)
    whole = [strip_line(record) for record in read(path)]
    for cut in range(1, size, 97):
        parts = [*read(Source(path, end=cut), format), *read(Source(path, start=cut), format)]
        assert [strip_line(record) for record in parts] == whole


def strip_line(record):
    """A record without its line number, which a window cannot know."""
    return msgspec.structs.replace(record, line=None) if isinstance(record, BadRecord) else record
