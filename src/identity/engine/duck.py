"""The DuckDB engine: relations over the Parquet tables of a run.

Thirteen verbs: `attach`, `attach_published`, `put`, `offer`, `withdraw`, `query`, `rows`, `save`, `save_arrow`,
`execute`, `count`, `columns`, `close`. No stage names a DuckDB type. Every result is fetched whole: DuckDB 2 streams
results and drops an unfinished one when the next statement starts.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import pyarrow as pa

from identity.engine import parquet
from identity.engine.connection import connect
from identity.engine.sql import literal, load, quote, quote_column
from identity.engine.warehouse import attach, select_declared
from identity.errors import ConfigurationError
from identity.tables import Table, tables

_PARAMETER = re.compile(r"\$([a-z_]\w*)")


class DuckEngine:
    """An in-memory DuckDB over Parquet files; spills to `temp`; used by one thread."""

    def __init__(self, *, threads: int, memory_limit: str, temp: Path) -> None:
        temp.mkdir(parents=True, exist_ok=True)
        self._connection = connect(
            threads=str(threads),
            memory_limit=memory_limit,
            temp_directory=str(temp),
            preserve_insertion_order="true",
        )
        self._run("set TimeZone = 'UTC'")
        self._run("set enable_progress_bar = false")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Release the engine; a second call does nothing."""
        self._connection.close()

    def attach(self, name: str, files: Sequence[Path], *, table: Table | None = None) -> None:
        """Make Parquet files readable as `name`; no file and a `table` make an empty relation of its columns."""
        if "." in name:
            self._run(f"create schema if not exists {quote(name.split('.', maxsplit=1)[0])}")
        if files:
            places = ", ".join(literal(str(path)) for path in files)
            source = f"select * from read_parquet([{places}], union_by_name = true)"  # noqa: S608 - quoted paths
        elif table is not None:
            empty = ", ".join(f"null::{column.type} as {quote_column(column.name)}" for column in table.columns)
            source = f"select {empty} where false"
        else:
            raise ValueError(f"nothing to attach as {name}")
        self._run(f"create or replace view {quote(name)} as {source}")

    def attach_published(self, warehouse: Path, names: Iterable[str]) -> None:
        """Make tables of a published generation readable under their names, instead of a run's files."""
        if not warehouse.exists():
            raise ConfigurationError(f"{warehouse}: nothing is published there yet; `identity run` publishes")
        attach(self._connection, warehouse)
        for name in names:
            self._run(f"create schema if not exists {quote(name.split('.', maxsplit=1)[0])}")
            source = select_declared(self._connection, tables()[name])
            self._run(f"create or replace view {quote(name)} as {source}")

    def put(self, name: str, data: pa.Table) -> None:
        """Make an Arrow table readable as `name` (a copy inside the engine)."""
        if "." in name:
            self._run(f"create schema if not exists {quote(name.split('.', maxsplit=1)[0])}")
        self._connection.register("_incoming", data)
        self._run(f"create or replace table {quote(name)} as select * from _incoming")  # noqa: S608 - quoted
        self._connection.unregister("_incoming")

    def offer(self, name: str, data: pa.Table) -> None:
        """Make an Arrow table readable as `name` without a copy, until `withdraw` or the end of the engine."""
        self._connection.register(name, data)

    def withdraw(self, name: str) -> None:
        """End an `offer`."""
        self._connection.unregister(name)

    def execute(self, sql_name: str, **parameters: Any) -> None:
        """Run `sql/<sql_name>.sql` for its effect, e.g. a temporary table that later queries share."""
        self._run(load(sql_name), parameters)

    def query(self, sql: str, **parameters: Any) -> pa.Table:
        """Arrow result of `sql/<sql>.sql`, or of a one-line query where it holds a space."""
        text = sql if " " in sql else load(sql)
        return self._connection.sql(text, params=_used(text, parameters)).to_arrow_table()

    def rows(self, sql: str, **parameters: Any) -> list[tuple[Any, ...]]:
        """The same as `query`, as Python tuples."""
        text = sql if " " in sql else load(sql)
        return list(self._connection.execute(text, _used(text, parameters)).fetchall())

    def count(self, name: str) -> int:
        """Rows of a relation."""
        return int(self.rows(f"select count(*) from {quote(name)}")[0][0])  # noqa: S608 - quoted

    def columns(self, name: str) -> tuple[str, ...]:
        """Column names of a relation."""
        return tuple(row[0] for row in self.rows(f"describe {quote(name)}"))

    def save(self, table: Table, sql: str, path: Path, *, in_order: bool = False, **parameters: Any) -> int:
        """Write the result of a query as the Parquet file of `table`: its columns, types and order.

        The file appears under its name only when whole. Returns the rows written. Rows come in key
        order, so that equal content is equal bytes; the query vouches for rows that are `in_order` already.
        """
        text = sql if " " in sql else load(sql)
        relation = f"({text}\n)"
        have = set(self._columns_of(relation, parameters))
        _refuse_undeclared(table, have)
        select = ", ".join(
            f"{quote_column(c.name) if c.name in have else 'null'}::{c.type} as {quote_column(c.name)}"
            for c in table.columns
        )
        order = "" if in_order else "order by " + ", ".join(quote_column(name) for name in table.key)
        partial = path.with_name(path.name + ".partial")
        copy = (
            f"copy (select {select} from {relation} {order}) "  # noqa: S608 - from tables.py
            f"to {literal(str(partial))} ({parquet.COPY_OPTIONS})"
        )
        rows = self._connection.execute(copy, _used(copy, parameters)).fetchall()
        partial.replace(path)
        return int(rows[0][0])

    def save_arrow(
        self, table: Table, data: pa.Table | Sequence[pa.Table], path: Path, *, in_order: bool = False
    ) -> int:
        """Write an Arrow table, or the rows of several, as the Parquet file of `table`; columns they lack are null.

        The caller vouches for rows `in_order` of the key: they are written as they come.
        """
        pieces = [data] if isinstance(data, pa.Table) else data
        for piece in pieces:
            _refuse_undeclared(table, piece.column_names)
        rows = pa.concat_tables([self._typed(table, piece) for piece in pieces]).combine_chunks()
        parquet.write(path, rows, None if in_order else self._order(table, rows))
        return int(rows.num_rows)

    def _typed(self, table: Table, data: pa.Table) -> pa.Table:
        """The declared columns in their types; only those of another type go through the engine."""
        nothing = ", ".join(f"null::{column.type} as {quote_column(column.name)}" for column in table.columns)
        schema = self.query(f"select {nothing} limit 0").schema
        types = dict(zip(data.column_names, data.schema.types, strict=True))
        other = [c for c in table.columns if types.get(c.name, schema.field(c.name).type) != schema.field(c.name).type]
        found = {name: data.column(name) for name in data.column_names}
        if other:
            select = ", ".join(f"{quote_column(c.name)}::{c.type} as {quote_column(c.name)}" for c in other)
            cast = self._of(data.select([c.name for c in other]), f"select {select} from _saved_arrow")  # noqa: S608 - from tables.py
            found |= {c.name: cast.column(c.name) for c in other}
        columns = [found.get(field.name, pa.nulls(data.num_rows, field.type)) for field in schema]
        return pa.table(columns, schema=schema)

    def _order(self, table: Table, rows: pa.Table) -> pa.Array:
        """The positions of rows in the order of the table's key."""
        positions = pa.array(np.arange(rows.num_rows))
        keys = rows.select(list(table.key)).append_column("_position", positions)
        order = ", ".join(quote_column(name) for name in table.key)
        found = self._of(keys, f"select _position from _saved_arrow order by {order}")  # noqa: S608 - quoted
        return found.column(0).combine_chunks()

    def _of(self, data: pa.Table, text: str) -> pa.Table:
        """The result of a query of `_saved_arrow`."""
        self.offer("_saved_arrow", data)
        try:
            return self.query(text)
        finally:
            self.withdraw("_saved_arrow")

    def _columns_of(self, relation: str, parameters: Mapping[str, Any]) -> list[str]:
        text = f"describe select * from {relation}"  # noqa: S608 - a query of `sql/`
        return [row[0] for row in self._connection.execute(text, _used(text, parameters)).fetchall()]

    def _run(self, text: str, parameters: Mapping[str, Any] | None = None) -> None:
        self._connection.execute(text, _used(text, parameters or {})).fetchall()


def _refuse_undeclared(table: Table, names: Iterable[str]) -> None:
    unknown = set(names) - {column.name for column in table.columns}
    if unknown:
        raise ValueError(f"{table.name}: columns not declared in tables.py: {sorted(unknown)}")


def _used(text: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters that a text names; DuckDB refuses any others."""
    wanted = set(_PARAMETER.findall(text))
    return {name: value for name, value in parameters.items() if name in wanted}
