"""Rows and physical lines of landed files, counted on what was kept of them."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq


def landed_lines(files: Iterable[tuple[str, Path]]) -> pa.Table:
    """sha256, landed_rows, landed_lines, overlapping_rows of each landed file, given by content hash and place.

    `landed_lines` are the physical lines its rows span, `overlapping_rows` those that begin inside an earlier row.
    """
    return pa.Table.from_pylist([{"sha256": digest, **_counted(path)} for digest, path in files], schema=_SCHEMA)


_SCHEMA = pa.schema(
    [
        ("sha256", pa.string()), ("landed_rows", pa.int64()), ("landed_lines", pa.int64()),
        ("overlapping_rows", pa.int64()),
    ]
)  # fmt: skip


def _counted(path: Path) -> dict[str, int]:
    rows = pq.read_table(path, columns=["_row", "_line_from", "_line_to"], use_threads=False)
    row, first, last = (column.to_numpy() for column in rows.columns)
    order = np.lexsort((row, first))
    first, last = first[order], last[order]
    reached = np.maximum.accumulate(last)[:-1]
    return {
        "landed_rows": len(first),
        "landed_lines": int((last - first + 1).sum()),
        "overlapping_rows": int(((first[1:] > 0) & (first[1:] <= reached)).sum()),
    }
