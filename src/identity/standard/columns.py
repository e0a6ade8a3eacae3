"""From rows of standardised values to Arrow columns.

Every `*_columns` function of this package takes DISTINCT raw texts (or parallel columns of distinct tuples), one
entry per output row, and returns a `pyarrow.Table` of the same length in the same order; the caller joins it
back to its rows. A value that says nothing gives a row of nulls.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import pyarrow as pa

Texts = Sequence[str | None]


def to_table(rows: Iterable[tuple[Any, ...] | None], schema: pa.Schema) -> pa.Table:
    """Turn one tuple per value (None: nothing could be read) into a table of the given schema."""
    empty = (None,) * len(schema)
    filled = [empty if row is None else row for row in rows]
    if not filled:
        return schema.empty_table()
    columns = zip(*filled, strict=True)
    arrays = [pa.array(column, type=field.type) for column, field in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)


def schema_of(**types: pa.DataType) -> pa.Schema:
    """Build a schema from `name=type` in the given order."""
    return pa.schema(list(types.items()))
