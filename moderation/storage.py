"""A folder of JSON and arrays: how models are kept, without pickle and without scikit-learn.

A stored thing named `classifier` is `classifier.json` (readable, sorted keys) and one `classifier.<array>.npy` for each
array, whose sha256, dtype and shape stand in the JSON under "arrays"; the JSON holds its own sha256 too. Reading checks them all before
anything is used, so a truncated or altered file is an error that names it. The same content always gives the same bytes.
"""

import hashlib
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from moderation.errors import ModelError

__all__ = ["FORMAT", "digest", "find_default", "read", "write"]

FORMAT = 1
"""Number of the folder format; a reader refuses a greater one and keeps loaders for the smaller ones."""

Arrays = dict[str, np.ndarray[Any, Any]]


def find_default() -> Path:
    """Folder of the shipped model: inside the installed package, or in the checkout."""
    package = Path(__file__).resolve().parent
    installed = package / "models" / "default"
    return installed if installed.is_dir() else package.parent / "models" / "default"


def write(
    folder: Path | str, name: str, document: Mapping[str, Any], arrays: Mapping[str, np.ndarray[Any, Any]]
) -> None:
    """Write `document` and `arrays` as `name` into `folder`, which is made if need be; other files there stay.

    Each file takes its name when all are complete: a model may be saved over the one that it came from, and whoever has that one loaded
    keeps it.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".saving-", dir=folder) as place:
        unfinished = Path(place)
        entries = {}
        for key in sorted(arrays):
            array = np.ascontiguousarray(arrays[key])
            path = unfinished / f"{name}.{key}.npy"
            with path.open("wb") as stream:
                np.lib.format.write_array(stream, array, version=(1, 0), allow_pickle=False)
            entries[key] = {"dtype": array.dtype.str, "shape": list(array.shape), "sha256": _sha256(path)}
        whole = {**document, "format": FORMAT, "arrays": entries}
        whole["sha256"] = _own_hash(whole)
        (unfinished / f"{name}.json").write_text(_dump(whole) + "\n", encoding="utf-8", newline="\n")
        for path in sorted(unfinished.iterdir(), reverse=True):
            path.replace(folder / path.name)


def read(folder: Path | str, name: str) -> tuple[dict[str, Any], Arrays]:
    """The document and the arrays stored as `name` in `folder`; arrays are read-only memory maps.

    Raises ModelError when something is missing, damaged, or written by a newer version.
    """
    folder = Path(folder)
    path = folder / f"{name}.json"
    if not folder.is_dir():
        raise ModelError(
            "there is no such model folder", str(folder), "train one with: moderation train labels.csv --out DIR"
        )
    document = _read_document(path)
    arrays = {key: _read_array(folder / f"{name}.{key}.npy", entry) for key, entry in document["arrays"].items()}
    return document, arrays


def digest(folder: Path | str, name: str) -> str:
    """Sha256 of `name`.json, which holds the hash of every array: one value for the whole stored thing."""
    return _sha256(Path(folder) / f"{name}.json")


def _read_document(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ModelError("the file is missing", str(path), "copy the whole model folder, or train it again") from None
    except (OSError, ValueError) as error:
        raise ModelError(
            f"not readable as JSON ({error})", str(path), "restore the folder, or train it again"
        ) from None
    if not isinstance(document, dict) or not isinstance(document.get("format"), int):
        raise ModelError(
            "not a model file: it has no format number", str(path), "name a folder written by: moderation train"
        )
    if document["format"] > FORMAT:
        raise ModelError(
            f"written in format {document['format']}, and this version reads up to {FORMAT}",
            str(path),
            "upgrade with: pip install --upgrade moderation",
        )
    if document.get("sha256") != _own_hash(document):
        raise ModelError(
            "damaged: its sha256 differs from its content", str(path), "restore the file, or train the model again"
        )
    if not isinstance(document.get("arrays"), dict):
        raise ModelError('the entry "arrays" is missing', str(path), "restore the folder, or train it again")
    return document


def _read_array(path: Path, entry: Any) -> np.ndarray[Any, Any]:
    remedy = "restore the file, or train the model again"
    try:
        wanted = (entry["sha256"], entry["dtype"], tuple(entry["shape"]))
    except (TypeError, KeyError):
        raise ModelError("the JSON lacks its hash, dtype or shape", str(path), remedy) from None
    try:
        found = _sha256(path)
    except FileNotFoundError:
        raise ModelError("the file is missing", str(path), "copy the whole model folder, or train it again") from None
    except OSError as error:
        raise ModelError(f"cannot be read ({error.strerror})", str(path), remedy) from None
    if found != wanted[0]:
        raise ModelError("damaged: its sha256 differs from the one in the JSON", str(path), remedy)
    try:
        array: np.ndarray[Any, Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    except ValueError as error:
        # an array of no elements cannot be mapped
        if "empty" not in str(error):
            raise ModelError(f"not a numeric array ({error})", str(path), remedy) from None
        array = np.load(path, allow_pickle=False)
    if (array.dtype.str, array.shape) != wanted[1:]:
        raise ModelError("its dtype or shape differs from the one in the JSON", str(path), remedy)
    return array


def _dump(document: Mapping[str, Any]) -> str:
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False)


def _own_hash(document: Mapping[str, Any]) -> str:
    rest = {key: value for key, value in document.items() if key != "sha256"}
    return hashlib.sha256(_dump(rest).encode()).hexdigest()


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
