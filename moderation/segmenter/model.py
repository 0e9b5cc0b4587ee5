"""The numbers that the segmenter learned: linear weights and small trees in plain arrays, loaded without scikit-learn.

Stored as `segmenter` in a model folder (see `moderation.storage`): `first` and `first_trees` judge whether a line starts a comment; `side`
and `cut` place the end of the article; `replies` weighs the cues of an answer; `phrases` (may be missing) how comments open and close.
"""

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from moderation import storage
from moderation.errors import ModelError
from moderation.segmenter.page import Array
from moderation.segmenter.phrases import SIZE

__all__ = ["NAME", "Linear", "SegmenterModel", "Trees", "find_segmenter", "load_default"]

NAME = "segmenter"

_CHUNK = 32
"""Rows that go down the trees together: what they need stays in the cache, and in memory that is not given back in between."""

LINEAR = ("first", "side", "cut")
FORESTS = ("first_trees",)


class Linear:
    """A logistic regression on standardised columns: `(x - mean) / scale @ weights + bias`, folded into one product.

    A column whose scale is 0 never varied and says nothing: it is left out.
    """

    def __init__(self, mean: Array, scale: Array, weights: Array, bias: float) -> None:
        self.mean, self.scale, self.weights, self.bias = mean, scale, weights, bias
        slopes = np.divide(weights, scale, out=np.zeros(len(weights)), where=scale > 0)
        self._slopes = slopes.astype(np.float32)
        self._level = float(bias - (mean * slopes).sum())

    def score(self, rows: Array) -> Array:
        """Logits of `rows` (n, columns)."""
        return np.asarray(rows @ self._slopes + self._level, np.float64)

    def to_array(self) -> Array:
        """(3, columns + 1): means, scales, weights; the last column holds the bias."""
        table = np.zeros((3, len(self.weights) + 1))
        table[0, :-1], table[1, :-1], table[2, :-1] = self.mean, self.scale, self.weights
        table[2, -1] = self.bias
        return table.astype(np.float32)

    @classmethod
    def from_array(cls, table: Array) -> "Linear":
        """The inverse of `to_array`."""
        whole = np.asarray(table, np.float64)
        return cls(whole[0, :-1], whole[1, :-1], whole[2, :-1], float(whole[2, -1]))


class Trees:
    """Boosted trees: the logit is `base` plus one leaf of every tree.

    `nodes` (trees, size, 4): column tested (-1 at a leaf), threshold or leaf value, child where x <= threshold, child where x > it.
    """

    def __init__(self, nodes: Array, base: float) -> None:
        self.nodes, self.base = nodes, base
        trees, size = nodes.shape[:2]
        leaf = nodes[:, :, 0] < 0
        own = np.arange(trees * size).reshape(trees, size)
        self._roots = own[:, 0].astype(np.int32)
        self._columns = np.where(leaf, 0, nodes[:, :, 0]).astype(np.int32).ravel()
        self._limits = nodes[:, :, 1].astype(np.float32).ravel()
        children = np.where(leaf[:, :, None], own[:, :, None], nodes[:, :, 2:] + own[:, :1, None])
        self._children = children.astype(np.int32).ravel()
        self._depth = self._measure_depth(leaf.ravel())

    def score(self, rows: Array) -> Array:
        """Logits of `rows` (n, columns): all trees go down one level at a time, for as many rows as stay in the cache."""
        return np.concatenate([self._descend(rows[at : at + _CHUNK]) for at in range(0, max(len(rows), 1), _CHUNK)])

    def _measure_depth(self, leaf: Array) -> int:
        depth, level = 0, self._roots
        while len(level := level[~leaf[level]]):
            depth, level = depth + 1, self._children.reshape(-1, 2)[level].ravel()
        return depth

    def _descend(self, rows: Array) -> Array:
        offsets = (np.arange(len(rows), dtype=np.int32) * np.int32(rows.shape[1]))[:, None]
        rows = np.ascontiguousarray(rows, np.float32)
        flat = rows.ravel()
        right = rows.take(self._columns[self._roots], axis=1) > self._limits[self._roots]
        at = self._children.take(2 * self._roots + right)
        for _ in range(self._depth - 1):
            right = flat.take(self._columns.take(at) + offsets) > self._limits.take(at)
            at = self._children.take(2 * at + right)
        return np.asarray(self.base + self._limits.take(at).sum(axis=1, dtype=np.float64))

    def to_array(self) -> Array:
        """`nodes` with one tree more in front that holds the base."""
        head = np.zeros((1, *self.nodes.shape[1:]))
        head[0, 0, :2] = -1, self.base
        return np.concatenate([head, self.nodes]).astype(np.float32)

    @classmethod
    def from_array(cls, table: Array) -> "Trees":
        """The inverse of `to_array`."""
        whole = np.asarray(table)
        return cls(whole[1:], float(whole[0, 0, 1]))


class SegmenterModel:
    """All parts, by name, and the document that is stored with them: settings, metrics, sources.

    Raises ModelError where a part is missing or does not fit this version's cues.
    """

    def __init__(
        self, parts: Mapping[str, Linear | Trees | Array], document: Mapping[str, Any], place: str = "segmenter"
    ) -> None:
        self.document = dict(document)
        self._parts = dict(parts)
        for name in (*LINEAR, "replies"):
            if name not in self._parts:
                raise ModelError(
                    f'the part "{name}" is missing', place, "train it again with: moderation train-segmenter"
                )

    def linear(self, name: str) -> Linear:
        """One of the logistic regressions."""
        part = self._parts[name]
        assert isinstance(part, Linear)
        return part

    def trees(self, name: str) -> Trees | None:
        """One of the forests, or None where the model has none."""
        part = self._parts.get(name)
        return part if isinstance(part, Trees) else None

    @property
    def replies(self) -> Array:
        """One weight for each cue of a reply."""
        return np.asarray(self._parts["replies"])

    @property
    def phrases(self) -> Array | None:
        """Weights of opening and closing phrases, (2, SIZE + 1), or None where the model has none."""
        part = self._parts.get("phrases")
        return None if part is None else np.asarray(part)

    @property
    def threshold(self) -> float:
        """Probability from which a line is taken for the start of a comment."""
        return float(self.document.get("threshold", 0.5))

    @property
    def sure(self) -> float:
        """Probability from which a parent is named."""
        return float(self.document.get("sure", 0.4))

    def save(self, folder: Path | str) -> None:
        """Write `segmenter.json` and its arrays into `folder`."""
        arrays = {name: part if isinstance(part, np.ndarray) else part.to_array() for name, part in self._parts.items()}
        if "phrases" in arrays:
            arrays["phrases"] = arrays["phrases"].astype(np.float16)
        storage.write(folder, NAME, self.document, arrays)

    @classmethod
    def load(cls, folder: Path | str) -> "SegmenterModel":
        """Read a stored segmenter. Raises ModelError for a missing, damaged or foreign one."""
        document, arrays = storage.read(folder, NAME)
        place = str(Path(folder) / f"{NAME}.json")
        parts: dict[str, Linear | Trees | Array] = {}
        for name, array in arrays.items():
            if name in LINEAR and array.ndim == 2 and array.shape[0] == 3:
                parts[name] = Linear.from_array(array)
            elif name in FORESTS and array.ndim == 3 and array.shape[2] == 4:
                parts[name] = Trees.from_array(array)
            elif name == "replies" and array.ndim == 1:
                parts[name] = np.asarray(array, np.float64)
            elif name == "phrases" and array.shape == (2, SIZE + 1):
                parts[name] = np.asarray(array, np.float32)
        _check_widths(parts, place)
        return cls(
            parts, {key: value for key, value in document.items() if key not in {"arrays", "format", "sha256"}}, place
        )


def _check_widths(parts: Mapping[str, Linear | Trees | Array], place: str) -> None:
    from moderation.segmenter.boundaries import FIRST_COLUMNS
    from moderation.segmenter.cut import CUT_COLUMNS, SIDE_COLUMNS
    from moderation.segmenter.replies import NONE_CUES, PAIR_CUES

    wanted = {
        "first": FIRST_COLUMNS, "side": SIDE_COLUMNS, "cut": CUT_COLUMNS,
        "replies": len(PAIR_CUES) + len(NONE_CUES),
    }  # fmt: skip
    for name, count in wanted.items():
        part = parts.get(name)
        found = len(part.weights) if isinstance(part, Linear) else len(part) if isinstance(part, np.ndarray) else count
        if found != count:
            raise ModelError(
                f'the part "{name}" has {found} weights, and this version measures {count} cues',
                place,
                "train it again with: moderation train-segmenter",
            )


@functools.cache
def load_default() -> SegmenterModel | None:
    """The shipped segmenter, or None where the installation has none; rules take its place then."""
    folder = storage.find_default()
    return SegmenterModel.load(folder) if (folder / f"{NAME}.json").exists() else None


@functools.cache
def find_segmenter(folder: Path | str | None) -> SegmenterModel | None:
    """The segmenter of a model folder where it holds one, else the shipped one: most folders hold a classifier alone."""
    if folder is None:
        return load_default()
    if not (Path(folder) / f"{NAME}.json").exists():
        if not (Path(folder) / "classifier.json").exists():
            raise ModelError("there is no model in this folder", str(folder), "check the name")
        return load_default()
    return SegmenterModel.load(folder)
