"""The DuckDB warehouse: one file a generation, built beside the live one (`generation`) and switched by a rename.

Written in a storage version that DuckDB 1.4 and later opens. Readers keep the old file open until they
open the path again. The last generations stay as files of their own, so that going back is a rename too.
"""

import contextlib
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import duckdb

from identity.engine.connection import connect
from identity.engine.sql import literal, quote, quote_column
from identity.errors import ConfigurationError
from identity.tables import SCHEMA_VERSION, Table, tables

STORAGE_VERSION = "v1.4.0"


def on_disk(path: Path) -> None:
    """Wait until a file or folder is on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def opened(path: Path, *, threads: int = 0) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection whose tables are those of a warehouse file; read-only unless `threads` are given to write.

    The file is attached under a name of ours: a catalogue named after a file `identity.duckdb` would make
    `identity.profile_xref` ambiguous.
    """
    options = f"storage_version {literal(STORAGE_VERSION)}" if threads else "read_only"
    with connect(**({"threads": str(threads)} if threads else {})) as connection:
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
    on_disk(live.parent)


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
    have = columns_of(connection, table)
    chosen = [column for column in table.columns if not columns or column.name in columns]
    select = ", ".join(
        quote_column(column.name) if column.name in have else f"null::{column.type} as {quote_column(column.name)}"
        for column in chosen
    )
    source = f" from warehouse.{quote(table.name)}" if have else " where false"
    return f"select {select}{source}"


def columns_of(connection: duckdb.DuckDBPyConnection, table: Table) -> set[str]:
    """Columns of a table as this file has it; none when it lacks the table."""
    schema, name = table.name.split(".")
    query = (
        "select column_name from duckdb_columns() "
        "where database_name = 'warehouse' and schema_name = $schema and table_name = $name"
    )
    return {row[0] for row in connection.execute(query, {"schema": schema, "name": name}).fetchall()}


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
