"""Manifests: where everything stands, and what is refused."""

from pathlib import Path

import pytest

from moderation.errors import ModerationError
from moderation.scoring.job import Input, Job
from moderation.scoring.manifest import begin, compose, discard, lay_out, lock, read_manifest, write_manifest
from moderation.writers import Columns


class Model:
    name, hash = "mine", "0123456789abcdef"


def composed(*inputs, **changes):
    return compose(
        Job(inputs=(), **changes), [Input(path, "jsonl", 10, 5, "e") for path in inputs or ("a",)], Model(), "1.0"
    )


@pytest.mark.parametrize(
    ("output", "folder", "manifest", "receipts", "quarantine"),
    [
        ("o.jsonl", False, "o.jsonl.manifest.json", "o.jsonl.unfinished", "o.jsonl.quarantine.jsonl"),
        ("o", False, "o/manifest.json", "o/.unfinished", "o/quarantine.jsonl"),
        ("o.v1", True, "o.v1/manifest.json", "o.v1/.unfinished", "o.v1/quarantine.jsonl"),
    ],
)
def test_where_everything_stands(output, folder, manifest, receipts, quarantine):
    layout = lay_out(Job(inputs=(), folder=folder), Path(output))
    assert (layout.manifest, layout.receipts, layout.quarantine) == (Path(manifest), Path(receipts), Path(quarantine))
    assert lay_out(Job(inputs=(), folder=folder, quarantine=Path("q")), Path(output)).quarantine == Path("q")


def test_a_folder_that_is_there_is_a_folder_whatever_its_name(tmp_path):
    (tmp_path / "o.jsonl").mkdir()
    assert not lay_out(Job(inputs=()), tmp_path / "o.jsonl").single


def test_a_manifest_comes_back_as_it_was_written(tmp_path):
    whole = composed("a", "b", columns=Columns(keep=("x",)), targets=("NATO",))
    write_manifest(tmp_path / "m", whole)
    assert read_manifest(tmp_path / "m") == whole
    assert read_manifest(tmp_path / "none") is None


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"{", "not a manifest of this program (Input data was truncated)"),
        (b'{"format": 1}', "not a manifest of this program (Object missing required field `version`)"),
        (
            b'{"format": 9, "version": "9", "model": {}, "options": {}, "inputs": []}',
            "written in format 9, and this version knows 1",
        ),
    ],
)
def test_a_damaged_or_newer_manifest_is_told(tmp_path, content, told):
    path = tmp_path / "m"
    path.write_bytes(content)
    with pytest.raises(ModerationError) as error:
        read_manifest(path)
    assert str(error.value) == f"{path}: {told}; choose another -o, or begin again with --overwrite"


@pytest.mark.parametrize(
    ("now", "told"),
    [
        (composed("b"), "the input a, which is not given now; no input b, which is given now"),
        (composed("a", "b"), "no input b, which is given now"),
        (composed(targets=("NATO",)), "no --target, not --target NATO"),
        (composed(to="csv"), "--to jsonl, not --to csv"),
        (compose(Job(inputs=()), [Input("a", "jsonl", 11, 5, "e")], Model(), "1.0"), "another content of a"),
        (compose(Job(inputs=()), [Input("a", "jsonl", 10, 5, "e")], Model(), "1.1"), "moderation 1.0, not 1.1"),
        (
            composed("c", "d", "e"),
            "the input a, which is not given now; no input c, which is given now; no input d, which is given now and 1 more differences",
        ),
    ],
)
def test_what_differs_is_named(tmp_path, now, told):
    layout = lay_out(Job(inputs=()), tmp_path / "o")
    begin(layout, composed(), overwrite=False)
    with pytest.raises(ModerationError) as error:
        begin(layout, now, overwrite=False)
    remedy = "give the same command as then, choose another -o, or begin again with --overwrite"
    assert str(error.value) == f"{tmp_path / 'o'}: this output was begun with {told}; {remedy}"


def test_another_model_is_named_by_its_hash(tmp_path):
    layout = lay_out(Job(inputs=()), tmp_path / "o")
    begin(layout, composed(), overwrite=False)
    other = type("Other", (), {"name": "mine", "hash": "fedcba9876543210"})()
    with pytest.raises(ModerationError, match="begun with the model mine 01234567, not mine fedcba98; give"):
        begin(layout, compose(Job(inputs=()), [Input("a", "jsonl", 10, 5, "e")], other, "1.0"), overwrite=False)


def test_inputs_in_another_order_are_another_run(tmp_path):
    layout = lay_out(Job(inputs=()), tmp_path / "o")
    begin(layout, composed("a", "b"), overwrite=False)
    with pytest.raises(ModerationError, match="begun with the same inputs in another order; give"):
        begin(layout, composed("b", "a"), overwrite=False)


@pytest.mark.parametrize("output", ["o", "o.jsonl"])
def test_overwrite_removes_what_a_run_left_and_nothing_else(tmp_path, output):
    layout = lay_out(Job(inputs=()), tmp_path / output)
    begin(layout, composed(), overwrite=False)
    mine = (layout.parts if not layout.single else tmp_path) / "mine.txt"
    mine.write_text("mine")
    for path in (layout.parts / "part-000000.jsonl", layout.receipts / "000000.json", layout.quarantine):
        path.write_text("theirs")
    discard(layout)
    left = sorted(path for path in tmp_path.rglob("*") if path.is_file())
    assert left == [mine]


def test_part_files_of_another_program_are_not_mixed_in(tmp_path):
    (tmp_path / "part-1.parquet").touch()
    with pytest.raises(ModerationError) as error:
        begin(lay_out(Job(inputs=()), tmp_path), composed(), overwrite=False)
    told = "the folder holds part files, without a manifest of this program; choose another -o, or replace it with --overwrite"
    assert str(error.value) == f"{tmp_path}: {told}"


def test_a_file_in_the_place_of_the_folder_is_told(tmp_path):
    (tmp_path / "o").touch()
    with pytest.raises(ModerationError) as error:
        begin(lay_out(Job(inputs=()), tmp_path / "o"), composed(), overwrite=False)
    assert (
        str(error.value)
        == f"{tmp_path / 'o'}: a file has this name; choose another -o, or give the name a suffix such as .jsonl"
    )


def test_the_lock_is_let_go_of(tmp_path):
    layout = lay_out(Job(inputs=()), tmp_path / "o")
    for _ in range(2):
        with lock(layout):
            pass
    assert list(tmp_path.iterdir()) == []
