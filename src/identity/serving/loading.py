"""A generation's tables loaded into schemas of their own, beside what readers see: `gold__g42` beside `gold`.

DuckDB writes each table as CSV into a pipe, Postgres reads it by COPY; nothing is put on disk between them. A table is
created, filled and indexed in one transaction, several tables at a time, the largest first, each compared row by row
with what was sent. Rows are frozen as they come, so that no reader's older snapshot finds the new tables empty.
"""

import contextlib
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from queue import Empty, SimpleQueue

import duckdb

from identity.engine.sql import load
from identity.engine.warehouse import opened
from identity.errors import ServerFailed
from identity.serving.connection import Connection, connected, told
from identity.serving.equal import KEY_BYTES, expect_equal, in_file, on_server
from identity.serving.shape import ServedTable, rows_query, shapes
from identity.settings import Settings

_BLOCK = 1 << 20


@dataclass(frozen=True)
class Loaded:
    """What was loaded: its tables, and the schema on the server that each schema's tables stand in."""

    tables: tuple[ServedTable, ...]
    places: dict[str, str]
    rows: int


def stage(settings: Settings, generation: Path, suffix: str) -> Loaded:
    """Load a generation's file into schemas named with `suffix`; what stands there is replaced.

    Raises ServerFailed where a table could not be loaded or does not equal the file's.
    """
    with opened(generation, threads=0) as connection:
        connection.execute(f"set threads = {max(1, settings.threads)}").fetchall()
        found = shapes(connection, raw_rows=settings.postgres.raw_rows)
        places = {table.schema: f"{table.schema}{suffix}" for table in found}
        _schemas(settings, list(places.values()))
        rows = _fill(settings, connection, found, places)
    with connected(settings) as server:
        _functions(server, places)
    return Loaded(tuple(found), places, rows)


def _schemas(settings: Settings, names: Sequence[str]) -> None:
    from psycopg import sql

    with connected(settings) as server, server.transaction():
        for name in names:
            server.execute(sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(name)))
            server.execute(sql.SQL("create schema {}").format(sql.Identifier(name)))


def _fill(
    settings: Settings, connection: duckdb.DuckDBPyConnection, tables: Sequence[ServedTable], places: dict[str, str]
) -> int:
    """Load all tables over a few connections; returns the rows. The first fault ends the work."""
    waiting: SimpleQueue[ServedTable] = SimpleQueue()
    for table in sorted(tables, key=lambda table: -_weight(connection, table)):
        waiting.put(table)
    failed = threading.Event()

    def work() -> int:
        rows = 0
        with connected(settings) as server, connection.cursor() as cursor:
            server.execute("set maintenance_work_mem = '256MB'")
            with contextlib.suppress(Empty):
                while not failed.is_set():
                    table = waiting.get(block=False)
                    try:
                        rows += _table(server, cursor, table, places[table.schema])
                    except BaseException:
                        failed.set()
                        raise
        return rows

    count = min(settings.postgres.connections, len(tables))
    with ThreadPoolExecutor(count) as pool:
        return sum(done.result() for done in [pool.submit(work) for _ in range(count)])


def _weight(connection: duckdb.DuckDBPyConnection, table: ServedTable) -> int:
    query = (
        "select estimated_size * column_count from duckdb_tables() "
        "where database_name = 'warehouse' and schema_name = $schema and table_name = $name"
    )
    return int(connection.execute(query, {"schema": table.schema, "name": table.short}).fetchall()[0][0] or 0)


def _table(server: Connection, source: duckdb.DuckDBPyConnection, table: ServedTable, schema: str) -> int:
    """Create, fill, index and compare one table; returns its rows."""
    sent, key_bytes, has_nul = in_file(source, table)
    if has_nul:
        table = replace(table, has_nul=True)
        sent, key_bytes, _ = in_file(source, table)
    with told(table.name), server.transaction():
        _declare(server, table, schema)
        _copy(server, source, table, schema)
        _index(server, table, schema, long_key=key_bytes > KEY_BYTES)
    with told(table.name):
        expect_equal(table, sent, on_server(server, table, schema))
        from psycopg import sql

        server.execute(sql.SQL("analyze {}").format(sql.Identifier(schema, table.short)))
    return sent.rows


def _declare(server: Connection, table: ServedTable, schema: str) -> None:
    """The empty table with its comments; it owns nobody anything yet."""
    from psycopg import sql

    place = sql.Identifier(schema, table.short)
    columns = sql.SQL(", ").join(
        sql.SQL("{} {}").format(
            sql.Identifier(column.name),
            sql.SQL(_declared(column.type) + (" not null" if column.name in table.key else "")),
        )
        for column in table.columns
    )
    server.execute(sql.SQL("create table {} ({})").format(place, columns))
    server.execute(sql.SQL("comment on table {} is {}").format(place, sql.Literal(table.comment)))
    for column in table.columns:
        if column.comment:
            name = sql.Identifier(schema, table.short, column.name)
            server.execute(sql.SQL("comment on column {} is {}").format(name, sql.Literal(column.comment)))


def _declared(kind: str) -> str:
    """A column's type; text in the order of its bytes, as DuckDB sorts it; indexes are built soonest over that."""
    return f'{kind} collate "C"' if kind.startswith("text") else kind


def _copy(server: Connection, source: duckdb.DuckDBPyConnection, table: ServedTable, schema: str) -> None:
    """Rows from DuckDB to Postgres through a pipe, as CSV: an empty field is null, a quoted one an empty text."""
    from psycopg import sql

    names = sql.SQL(", ").join(sql.Identifier(column.name) for column in table.columns)
    into = sql.SQL("copy {} ({}) from stdin (format csv, freeze)").format(sql.Identifier(schema, table.short), names)
    reading, writing = os.pipe()
    export = f"copy ({rows_query(table)}) to '/dev/fd/{writing}' (format csv, header false, use_tmp_file false)"
    writer = _Writer(lambda: source.execute(export).fetchall(), writing)
    writer.start()
    try:
        with os.fdopen(reading, "rb", buffering=0) as stream, server.cursor() as cursor, cursor.copy(into) as copying:
            while block := stream.read(_BLOCK):
                copying.write(block)
            writer.join()
            if writer.failed:  # what came through is only a part
                raise ServerFailed(f"{table.name}: its rows could not be read from the generation ({writer.failed})")
    finally:
        writer.join()


class _Writer(threading.Thread):
    """The thread that writes a table into the pipe and closes its end; `failed` is the kind of error that ended it."""

    def __init__(self, write: Callable[[], object], descriptor: int) -> None:
        super().__init__(name="generation-to-pipe", daemon=True)
        self._write, self._descriptor = write, descriptor
        self.failed = ""

    def run(self) -> None:
        """Write, then close."""
        try:
            self._write()
        except Exception as error:  # noqa: BLE001 - told by the reader, which waits for this thread
            self.failed = type(error).__name__
        finally:
            os.close(self._descriptor)


def _index(server: Connection, table: ServedTable, schema: str, *, long_key: bool) -> None:
    """The key, and an index for each lookup. Keys too long for an index are kept unique by their digests."""
    from psycopg import sql

    place = sql.Identifier(schema, table.short)
    if table.key and not long_key:
        names = sql.SQL(", ").join(sql.Identifier(name) for name in table.key)
        server.execute(sql.SQL("alter table {} add primary key ({})").format(place, names))
    elif table.key:
        digests = sql.SQL(", ").join(
            sql.SQL("md5({})" if column.type == "text" else "{}").format(sql.Identifier(column.name))
            for column in table.columns
            if column.name in table.key
        )
        server.execute(sql.SQL("create unique index on {} ({})").format(place, digests))
    for name in table.lookups:  # a hash has room for any length
        form = sql.SQL("create index on {} using hash ({})" if long_key else "create index on {} ({})")
        server.execute(form.format(place, sql.Identifier(name)))


def _functions(server: Connection, places: dict[str, str]) -> None:
    """What DuckDB has as macros, bound to the tables of this generation."""
    from psycopg import sql

    if "identity" not in places:
        return
    with told(), server.transaction():
        found = sql.SQL("set local search_path = {}").format(sql.Identifier(places["identity"]))
        server.execute(found)
        server.execute(load("postgres/profile_as_of"))
        server.execute("revoke all on function profile_as_of(timestamp) from public")
