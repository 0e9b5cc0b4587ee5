"""Stored folders: same content, same bytes; every kind of damage is a one-line error that names the file."""

import json
from pathlib import Path

import numpy as np
import pytest

from moderation import storage
from moderation.errors import ModelError

ARRAYS = {"weights": np.arange(6, dtype=np.float32).reshape(2, 3), "ids": np.array([], np.int32)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    storage.write(tmp_path / "m", "thing", {"b": 1, "a": "ü"}, ARRAYS)
    return tmp_path / "m"


def test_what_is_written_is_read_back(folder: Path) -> None:
    document, arrays = storage.read(folder, "thing")
    assert (document["a"], document["b"], document["format"]) == ("ü", 1, storage.FORMAT)
    assert arrays["weights"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert arrays["ids"].shape == (0,)


def test_the_same_content_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    storage.write(tmp_path / "again", "thing", {"a": "ü", "b": 1}, dict(reversed(ARRAYS.items())))
    for path in folder.iterdir():
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes()


def test_a_missing_folder_says_how_to_train_one(tmp_path: Path) -> None:
    with pytest.raises(ModelError) as caught:
        storage.read(tmp_path / "none", "thing")
    assert (
        str(caught.value)
        == f"{tmp_path}/none: there is no such model folder; train one with: moderation train labels.csv --out DIR"
    )


@pytest.mark.parametrize("size", [0, 1, 60, 130])
def test_a_truncated_array_is_named(folder: Path, size: int) -> None:
    path = folder / "thing.weights.npy"
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(
        ModelError, match=r"thing\.weights\.npy: damaged: its sha256 differs from the one in the JSON; restore"
    ):
        storage.read(folder, "thing")


@pytest.mark.parametrize("name", ["thing.weights.npy", "thing.ids.npy", "thing.json"])
def test_a_flipped_byte_is_noticed_wherever_it_is(folder: Path, name: str) -> None:
    path = folder / name
    whole = path.read_bytes()
    for at in range(0, len(whole), 7):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(ModelError):
            storage.read(folder, "thing")


def test_a_missing_array_is_named(folder: Path) -> None:
    (folder / "thing.ids.npy").unlink()
    with pytest.raises(
        ModelError, match=r"thing\.ids\.npy: the file is missing; copy the whole model folder, or train it again"
    ):
        storage.read(folder, "thing")


def test_a_newer_format_says_to_upgrade(folder: Path) -> None:
    path = folder / "thing.json"
    document = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({**document, "format": storage.FORMAT + 1}), "utf-8")
    with pytest.raises(
        ModelError, match=r"written in format 2, and this version reads up to 1; upgrade with: pip install"
    ):
        storage.read(folder, "thing")


def test_an_array_of_objects_is_refused_even_with_the_right_hash(folder: Path) -> None:
    path = folder / "thing.ids.npy"
    np.save(path, np.array([{"code": "to run"}], object), allow_pickle=True)
    document = json.loads((folder / "thing.json").read_text("utf-8"))
    document["arrays"]["ids"] = {"dtype": "|O", "shape": [1], "sha256": storage._sha256(path)}
    document["sha256"] = storage._own_hash(document)
    (folder / "thing.json").write_text(json.dumps(document), "utf-8")
    with pytest.raises(ModelError, match="not a numeric array"):
        storage.read(folder, "thing")
