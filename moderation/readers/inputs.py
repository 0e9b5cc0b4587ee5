"""Finds the input files that a user's paths, globs and folders stand for."""

import glob
import os
from collections.abc import Iterable
from pathlib import Path

from moderation.errors import InputError

__all__ = ["find_inputs", "is_corpus"]


def find_inputs(patterns: Iterable[str | Path]) -> list[Path]:
    """The inputs, each once: files as given, globs and folders as their sorted files, "-" as it is.

    A ConvoKit corpus folder (it holds utterances.jsonl) is one input. Hidden files in folders are left out.
    Raises InputError for a path that does not exist, a glob that matches nothing, an empty folder.
    """
    found: dict[Path, None] = {}
    for pattern in patterns:
        text = os.fspath(pattern)
        if text == "-":
            found[Path("-")] = None
            continue
        path = Path(text)
        if path.exists():
            matches = [path]
        elif glob.has_magic(text):
            matches = [Path(match) for match in sorted(glob.glob(text, recursive=True))]  # noqa: PTH207 - absolute ones too
            if not matches:
                raise InputError("no file matches this pattern", text)
        else:
            raise InputError("there is no such file", text)
        for match in matches:
            found.update(dict.fromkeys(_expand(match)))
    return list(found)


def _expand(path: Path) -> list[Path]:
    if not path.is_dir() or is_corpus(path):
        return [path]
    files: list[Path] = []
    for folder, below, names in os.walk(path):
        here = Path(folder)
        if here != path and is_corpus(here):
            files.append(here)
            below.clear()
            continue
        below[:] = sorted(name for name in below if not name.startswith("."))
        files.extend(here / name for name in names if not name.startswith("."))
    if not files:
        raise InputError("there is no file in this folder", str(path))
    return sorted(files)


def is_corpus(folder: Path) -> bool:
    """Whether the folder is a ConvoKit corpus."""
    return any((folder / name).is_file() for name in ("utterances.jsonl", "utterances.json"))
