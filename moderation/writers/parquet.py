"""Parquet: typed columns, zstd, one row group a chunk or part (needs the extra `moderation[parquet]`)."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from moderation.errors import MissingExtra
from moderation.records import Score
from moderation.writers.columns import Columns, mend

try:
    import pyarrow as arrow
    import pyarrow.parquet as parquet
except ModuleNotFoundError:
    raise MissingExtra("pyarrow", "parquet") from None

__all__ = ["join", "schema", "write"]

GROUP = 20_000
"""Rows of a row group, at least; the last one of a file may be smaller."""

encode = msgspec.json.Encoder().encode


def schema(columns: Columns) -> Any:
    """The Arrow schema: the fields of `Score`; kept fields are columns `kept.FIELD` that hold JSON."""
    span = arrow.list_(arrow.int64())
    stance = arrow.struct(
        [
            ("target", arrow.string()),
            ("label", arrow.string()),
            *((name, arrow.float64()) for name in ("favor", "against", "neutral")),
        ]
    )
    reason = arrow.struct([("start", arrow.int64()), ("end", arrow.int64()), ("weight", arrow.float64())])
    text, number, share = arrow.string(), arrow.int64(), arrow.float64()
    fields = [
        *(("thread", text), ("id", text), ("parent", text), ("start", number), ("end", number), ("text", text)),
        *(("quotes", arrow.list_(span)), ("boundary", share), ("stance", arrow.list_(stance)), ("conspiracy", share)),
        *(
            ("hostile", share),
            ("flags", arrow.list_(text)),
            ("action", text),
            ("language", text),
            ("author", text),
            ("time", text),
        ),
    ]
    if columns.explain:
        fields.append(("reasons", arrow.map_(text, arrow.list_(reason))))
    return arrow.schema(fields + [(f"kept.{name}", text) for name in columns.keep])


def write(chunks: Iterable[Sequence[Score]], stream: BinaryIO, columns: Columns) -> None:
    """Write the scores in row groups of `GROUP` rows or a little more; memory is bounded by one group."""
    shape = schema(columns)
    with _open(stream, shape) as file:
        rows: list[dict[str, Any]] = []
        for chunk in chunks:
            rows += [_row(score, columns) for score in chunk]
            if len(rows) >= GROUP:
                file.write_table(_tabulate(rows, shape))
                rows = []
        if rows:
            file.write_table(_tabulate(rows, shape))


def join(parts: Iterable[Path], stream: BinaryIO, columns: Columns) -> None:
    """Copy the row groups of Parquet files into one file."""
    shape = schema(columns)
    with _open(stream, shape) as file:
        for part in parts:
            with parquet.ParquetFile(part) as source:
                for group in range(source.num_row_groups):
                    file.write_table(source.read_row_group(group).cast(shape))


def _open(stream: BinaryIO, shape: Any) -> Any:
    return parquet.ParquetWriter(stream, shape, compression="zstd")


def _tabulate(rows: list[dict[str, Any]], shape: Any) -> Any:
    return arrow.Table.from_pylist(rows, schema=shape)


def _row(score: Score, columns: Columns) -> dict[str, Any]:
    row: dict[str, Any] = msgspec.to_builtins(mend(score))
    kept = row.pop("kept", {})
    if columns.explain:
        row["reasons"] = list((row.get("reasons") or {}).items())
    for name in columns.keep:
        value = kept.get(name)
        row[f"kept.{name}"] = None if value is None else encode(value).decode()
    return row
