"""The DuckDB warehouse: one file a generation, built beside the live one and switched by a rename.

Written in a storage version that DuckDB 1.4 and later opens. Readers keep the old file open until they
open the path again. The last generations stay as files of their own, so that going back is a rename too.
"""

import contextlib
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import duckdb

from identity.engine.sql import literal, load, quote, quote_column
from identity.errors import ConfigurationError
from identity.tables import SCHEMA_VERSION, Table, published, tables

STORAGE_VERSION = "v1.4.0"


def build(path: Path, files: Mapping[str, Sequence[Path]], raw: Mapping[str, str], *, threads: int) -> None:
    """Write a whole generation as the DuckDB file `path`: published tables with comments, then raw rows.

    `files` gives the Parquet files of each published table, `raw` a query over Parquet files for each
    `raw.<source>` table. The file is complete and on disk when this returns.
    """
    for leftover in (path, path.with_name(path.name + ".wal")):
        leftover.unlink(missing_ok=True)
    with opened(path, threads=threads) as connection:
        connection.execute("begin").fetchall()  # one write to disk instead of one for every comment
        for table in published():
            connection.execute(f"create schema if not exists {quote(table.schema)}").fetchall()
            _create(connection, table, files.get(table.name, ()))
        for name, query in raw.items():
            connection.execute(f"create table {quote(name)} as {query}").fetchall()
        connection.execute(load("publish/profile_as_of")).fetchall()
        connection.execute("commit").fetchall()
        connection.execute("checkpoint").fetchall()
    _on_disk(path)


def _on_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _create(connection: duckdb.DuckDBPyConnection, table: Table, files: Sequence[Path]) -> None:
    columns = ", ".join(
        f"{quote_column(column.name)} {column.type}{' not null' if column.name in table.key else ''}"
        for column in table.columns
    )
    connection.execute(f"create table {quote(table.name)} ({columns})").fetchall()
    if files:
        places = ", ".join(literal(str(path)) for path in files)
        names = ", ".join(quote_column(column.name) for column in table.columns)
        order = ", ".join(quote_column(name) for name in table.key) if len(files) > 1 else ""
        connection.execute(
            f"insert into {quote(table.name)} select {names} "  # noqa: S608 - names from tables.py
            f"from read_parquet([{places}]){' order by ' + order if order else ''}"
        ).fetchall()
    key = ", ".join(table.key)
    connection.execute(
        f"comment on table {quote(table.name)} is {literal(f'One row per {table.grain}. Key: {key}.')}"
    ).fetchall()
    for column in table.columns:
        note = " (personal)" if column.personal else ""
        place = f"{quote(table.name)}.{quote_column(column.name)}"
        connection.execute(f"comment on column {place} is {literal(column.description + note)}").fetchall()


@contextlib.contextmanager
def opened(path: Path, *, threads: int = 0) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection whose tables are those of a warehouse file; read-only unless `threads` are given to write.

    The file is attached under a name of ours: a catalogue named after a file `identity.duckdb` would make
    `identity.profile_xref` ambiguous.
    """
    config = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
    if threads:
        config["threads"] = str(threads)
    options = f"storage_version {literal(STORAGE_VERSION)}" if threads else "read_only"
    with duckdb.connect(config=config) as connection:
        attach(connection, path, options)
        connection.execute("use warehouse").fetchall()
        yield connection
        connection.execute("use memory").fetchall()
        connection.execute("detach warehouse").fetchall()


def attach(connection: duckdb.DuckDBPyConnection, path: Path, options: str = "read_only") -> None:
    """Attach a warehouse file as `warehouse`; raises ConfigurationError where it cannot be read."""
    try:
        connection.execute(f"attach {literal(str(path))} as warehouse ({options})").fetchall()
    except duckdb.Error as error:
        if options != "read_only":
            raise
        raise ConfigurationError(f"{path}: {_why_closed(path, error)}") from None


def _why_closed(path: Path, error: duckdb.Error) -> str:
    """Why a warehouse file cannot be opened, and what to do."""
    if path.is_dir():
        return "a folder; give --warehouse the name of a file"
    if "lock" in str(error):
        return "open for writing in another process; close it there, or open it there read-only"
    return "cannot be opened as a DuckDB file; give --warehouse another name, or restore it from <state>/generations"


def switch(generation: Path, live: Path) -> None:
    """Make `generation` what readers of `live` open next: one rename, never a moment without a file."""
    partial = live.with_name(f".{live.name}.partial")
    partial.unlink(missing_ok=True)
    live.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(generation, partial)
    except OSError:  # another file system
        shutil.copyfile(generation, partial)
    partial.replace(live)
    _on_disk(live.parent)


def export(live: Path, wanted: Mapping[str, tuple[str, ...]], folder: Path) -> None:
    """Write columns of a published generation's tables as `folder/prior.<table>.parquet`.

    `wanted` maps `schema.table` to the columns to take, all of them when empty. A table or column that the
    generation lacks, since an earlier program wrote it, comes out empty.
    """
    with opened(live) as connection:
        for name, columns in wanted.items():
            path = folder / f"prior.{name.split('.', maxsplit=1)[1]}.parquet"
            partial = path.with_name(path.name + ".partial")
            query = select_declared(connection, tables()[name], columns)
            connection.execute(f"copy ({query}) to {literal(str(partial))} (format parquet)").fetchall()
            partial.replace(path)


def select_declared(connection: duckdb.DuckDBPyConnection, table: Table, columns: Sequence[str] = ()) -> str:
    """A query of some (or all) declared columns of a table as the file attached as `warehouse` has it.

    A table or column that the file lacks, since an earlier program wrote it, comes out empty.
    """
    have = _columns(connection, table)
    chosen = [column for column in table.columns if not columns or column.name in columns]
    select = ", ".join(
        quote_column(column.name) if column.name in have else f"null::{column.type} as {quote_column(column.name)}"
        for column in chosen
    )
    source = f" from warehouse.{quote(table.name)}" if have else " where false"
    return f"select {select}{source}"


def _columns(connection: duckdb.DuckDBPyConnection, table: Table) -> set[str]:
    """Columns of a table as this file has it; none when it lacks the table."""
    schema, name = table.name.split(".")
    query = (
        "select column_name from duckdb_columns() "
        "where database_name = 'warehouse' and schema_name = $schema and table_name = $name"
    )
    return {row[0] for row in connection.execute(query, {"schema": schema, "name": name}).fetchall()}


def revise(source: Path, path: Path, replaced: Mapping[str, Path], *, threads: int) -> None:
    """Write `path`: a generation `source` with some tables replaced by Parquet files and the others as they stand.

    Tables that an earlier program wrote get the columns they lack, and tables it did not know appear empty.
    The file is complete and on disk when this returns.
    """
    for leftover in (path, path.with_name(path.name + ".wal")):
        leftover.unlink(missing_ok=True)
    shutil.copyfile(source, path)
    with opened(path, threads=threads) as connection:
        connection.execute("begin").fetchall()
        for table in published():
            connection.execute(f"create schema if not exists {quote(table.schema)}").fetchall()
            have = _columns(connection, table)
            if table.name in replaced:
                connection.execute(f"drop table if exists {quote(table.name)}").fetchall()
                _create(connection, table, [replaced[table.name]])
            elif not have:
                _create(connection, table, ())
            else:
                for column in table.columns:
                    if column.name not in have:
                        connection.execute(
                            f"alter table {quote(table.name)} add column {quote_column(column.name)} {column.type}"
                        ).fetchall()
        connection.execute(load("publish/profile_as_of")).fetchall()
        connection.execute("commit").fetchall()
        connection.execute("checkpoint").fetchall()
    _on_disk(path)


def published_runs(live: Path) -> list[tuple[int, str]]:
    """(generation, run id) of every run the live warehouse carries, oldest first; empty without a file."""
    if not live.exists():
        return []
    with opened(live) as connection:
        try:
            rows = connection.execute(
                "select run_number, run_id, schema_version from ops.run order by run_number"
            ).fetchall()
        except duckdb.CatalogException:
            raise ConfigurationError(
                f"{live}: a DuckDB file that `identity` did not publish; give --warehouse another name"
            ) from None
    if rows and (rows[-1][2] or 0) > SCHEMA_VERSION:
        raise ConfigurationError(
            f"{live}: its tables have schema version {rows[-1][2]}, this program knows {SCHEMA_VERSION}; "
            "install the newer identity that published it"
        )
    return [(int(number), str(run_id)) for number, run_id, _ in rows]
