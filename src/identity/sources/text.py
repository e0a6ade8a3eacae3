"""Small helpers with which a source's `prepare` adds or rewrites text columns of its delivered rows."""

import re
from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc


def column(table: pa.Table, name: str) -> pa.ChunkedArray:
    """A column as text; nulls where the delivery lacks it."""
    if name in table.column_names:
        return table.column(name).cast(pa.string())
    return pa.chunked_array([pa.nulls(table.num_rows, pa.string())])


def with_column(table: pa.Table, name: str, values: pa.Array | pa.ChunkedArray) -> pa.Table:
    """The table with this column set."""
    if name in table.column_names:
        return table.set_column(table.column_names.index(name), name, values)
    return table.append_column(name, values)


def first_filled(table: pa.Table, *names: str) -> pa.ChunkedArray:
    """The first of several columns that holds a value, row by row."""
    return pc.coalesce(*(blank_to_null(column(table, name)) for name in names))


def blank_to_null(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Empty and blank texts as nulls."""
    return pc.if_else(pc.equal(pc.utf8_trim_whitespace(values), ""), None, values)


def each_distinct(values: pa.ChunkedArray, change: Callable[[str], str | None]) -> pa.ChunkedArray:
    """Apply a function to the distinct texts of a column; nulls stay."""
    encoded = pa.chunked_array(values).combine_chunks().dictionary_encode() if len(values) else None
    if encoded is None:
        return values
    changed = pa.array([change(text) for text in encoded.dictionary.to_pylist()], pa.string())
    return pa.chunked_array([changed.take(encoded.indices)])


def truth(values: pa.ChunkedArray, meaning: str) -> pa.ChunkedArray:
    """`true` where the folded text equals `meaning`, else `false`; nulls stay."""
    same = pc.equal(pc.utf8_lower(pc.utf8_trim_whitespace(values)), meaning)
    return pc.if_else(same, "true", "false")


def key_value_lines(text: str) -> dict[str, str]:
    """Lines `key: value` (or `key = value`) by plain lower-case key; the first of equal keys counts."""
    found: dict[str, str] = {}
    for line in re.split(r"[\r\n]+", text):
        key, separator, rest = line.partition(":") if ":" in line else line.partition("=")
        if separator and rest.strip():
            found.setdefault(re.sub(r"[\W_]+", " ", key).strip().casefold(), rest.strip())
    return found
