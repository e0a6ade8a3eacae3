"""From rows of standardised values to Arrow columns.

Every `*_columns` function of this package takes DISTINCT raw texts (or parallel columns of distinct tuples), one
entry per output row, and returns a `pyarrow.Table` of the same length in the same order; the caller joins it
back to its rows. A value that says nothing gives a row of nulls.
"""

import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

Texts = Sequence[str | None]


def to_table(rows: Iterable[tuple[Any, ...] | None], schema: pa.Schema) -> pa.Table:
    """Turn one tuple per value (None: nothing could be read) into a table of the given schema."""
    with no_collector():
        return _table(rows, schema)


def _table(rows: Iterable[tuple[Any, ...] | None], schema: pa.Schema) -> pa.Table:
    empty = (None,) * len(schema)
    filled = [empty if row is None else row for row in rows]
    if not filled:
        return schema.empty_table()
    columns = zip(*filled, strict=True)
    arrays = [pa.array(column, type=field.type) for column, field in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)


@contextmanager
def no_collector() -> Iterator[None]:
    """No search for reference cycles while tuples pile up: there are none, and it takes a tenth of the time.

    Also a decorator.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def schema_of(**types: pa.DataType) -> pa.Schema:
    """Build a schema from `name=type` in the given order."""
    return pa.schema(list(types.items()))


def distinct(columns: Sequence[pa.Array]) -> tuple[list[tuple[Any, ...]], npt.NDArray[np.int64]]:
    """Distinct rows of parallel columns as tuples in order of appearance, and the tuple's number row by row."""
    numbers = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        if column.null_count == len(column):
            continue
        encoded = column.dictionary_encode()
        codes = np.asarray(pc.fill_null(encoded.indices, -1).to_numpy(), dtype=np.int64)
        # dense again after every column, so that the product of the sizes cannot overflow
        numbers = pd.factorize(numbers * (len(encoded.dictionary) + 1) + codes + 1)[0]
    first = np.unique(numbers, return_index=True)[1]
    shown = pa.table(list(columns), names=[str(place) for place in range(len(columns))]).take(pa.array(first))
    return list(zip(*shown.to_pydict().values(), strict=True)), numbers
