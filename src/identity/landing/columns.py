"""The columns of a source object as delivered: which files have them, how full they are, what they feed."""

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from identity.landing.headers import OWN_COLUMNS
from identity.sources import registry
from identity.sources.base import Source


def column_rows(source: Source, landed: Iterable[Path]) -> pa.Table:
    """Rows of `raw.column`, counted from the statistics of the landed files."""
    files: dict[str, int] = {}
    filled: dict[str, int] = {}
    rows: dict[str, int] = {}
    for path in landed:
        about = pq.read_metadata(path)
        for place, name in enumerate(about.schema.names):
            if name in OWN_COLUMNS:
                continue
            files[name] = files.get(name, 0) + 1
            rows[name] = rows.get(name, 0) + about.num_rows
            groups = (about.row_group(group).column(place) for group in range(about.num_row_groups))
            filled[name] = filled.get(name, 0) + sum(
                group.num_values - group.statistics.null_count
                for group in groups
                if group.statistics is not None  # a file without rows has none
            )
    names = sorted(files)
    return pa.table(
        {
            "source": pa.array([source.name] * len(names), pa.string()),
            "column_name": pa.array(names, pa.string()),
            "mapped_to": pa.array([registry.mapped(source, name) for name in names], pa.string()),
            "files": pa.array([files[name] for name in names], pa.int64()),
            "filled": pa.array([filled[name] for name in names], pa.int64()),
            "rows": pa.array([rows[name] for name in names], pa.int64()),
        }
    )
