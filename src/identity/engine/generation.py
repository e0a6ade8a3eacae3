"""A generation as a DuckDB file: every published table with its comments, then the raw rows as delivered.

`build` writes all of it; `renew` starts from the last generation's file and keeps its raw rows, which only grow
(docs/adr/0005-what-a-generation-takes-over-from-the-last.md). Both give the same tables.

Writing is compression of text for the most part, and one table compresses on one core. So the tables are written side
by side, one core each, the largest first; a query that sorts or spreads itself over the cores would only be in the way.
"""

import os
import shutil
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

import duckdb

from identity.engine.sql import literal, quote, quote_column
from identity.engine.warehouse import opened
from identity.tables import Table, published
from identity.tables import table as declared

Connection: TypeAlias = duckdb.DuckDBPyConnection

_MEMORY = "1500MB"
"""Enough for a row group of each table in work; what is written already is only kept in memory for want of a limit."""


_PATCH_FROM = 1_000_000
"""Bytes of Parquet from which comparing a table row by row is cheaper than writing it."""

_MANY = 0.3
"""The share of rows that differ beyond which a table is written anew: comparing costs about half of writing."""


@dataclass(frozen=True)
class RawRows:
    """The landed rows of one source object: its Parquet files by content hash, and those of all rows' dispositions."""

    files: Mapping[str, Path]
    dispositions: Sequence[Path]


def build(
    path: Path,
    tables: Mapping[str, Sequence[Path]],
    raw: Mapping[str, RawRows],
    *,
    threads: int,
) -> None:
    """Write a whole generation as the DuckDB file `path`: the only way to be sure that nothing older is in its bytes.

    `tables` gives the Parquet files of each published table, `raw` the landed rows of each `raw.<source>`. The file
    is complete and on disk when this returns.
    """
    for leftover in (path, path.with_name(path.name + ".wal")):
        leftover.unlink(missing_ok=True)
    with opened(path, threads=threads) as connection:
        _prepare(connection, path)
        _declare(connection, published())
        _fill(connection, [*_loads(tables), *_raw_loads(raw)], threads)
        connection.execute("checkpoint").fetchall()
    _to_disk(path)


def renew(
    path: Path,
    base: Path,
    tables: Mapping[str, Sequence[Path]],
    raw: Mapping[str, RawRows],
    *,
    equal: Collection[str] = (),
    patch_from: int = _PATCH_FROM,
    threads: int,
) -> None:
    """Write a generation as `path` from the file of the last one: raw rows stay, new ones are added.

    Published tables that are named in `equal` stay, large ones are patched, the others are written anew. The caller
    vouches that the `equal` ones are the same in `base` and all are declared alike there, that `base` holds no raw
    rows beyond those of `raw`, and that the landed files it was made of have not changed since. Rows that were
    replaced may stay in the file's free blocks until the next `build`.
    """
    path.with_name(path.name + ".wal").unlink(missing_ok=True)
    shutil.copyfile(base, path)
    patched = {name for name, files in tables.items() if files and sum(map(_size, files)) >= patch_from} - set(equal)
    anew = [table for table in published() if table.name not in patched | set(equal)]
    with opened(path, threads=threads) as connection:
        _prepare(connection, path)
        held = {f"raw.{name}" for name in _names(connection, "raw")} - {table.name for table in published()}
        grown = {name for name in held & set(raw) if _columns_held(connection, name) == _wanted(connection, raw[name])}
        connection.execute("begin").fetchall()
        for name in (*sorted(held - grown), *(table.name for table in anew)):
            connection.execute(f"drop table if exists {quote(name)}").fetchall()
        connection.execute("commit").fetchall()
        connection.execute("checkpoint").fetchall()  # what was dropped makes room for what comes
        _declare(connection, anew)
        loads = [
            *_loads({table.name: tables.get(table.name, ()) for table in anew}),
            *_raw_loads({name: rows for name, rows in raw.items() if name not in grown}),
            *((sum(map(_size, tables[name])), _patch(declared(name), tables[name])) for name in sorted(patched)),
            *((_bytes(raw[name]), _grow(name, raw[name])) for name in sorted(grown)),
        ]
        _fill(connection, loads, threads)
        connection.execute("checkpoint").fetchall()
    _to_disk(path)


def _patch(table: Table, files: Sequence[Path]) -> Callable[[Connection], None]:
    """Make a table what its files hold, by taking out and putting in the rows that differ; all where many do."""
    relation = quote(table.name)
    places = ", ".join(literal(str(path)) for path in files)
    names = ", ".join(quote_column(column.name) for column in table.columns)
    row = ", ".join(f"{quote_column(column.name)}::{column.type}" for column in table.columns)
    wanted = f"read_parquet([{places}], filename = true, file_row_number = true)"
    place = "(filename, file_row_number)"
    insert = f"insert into {relation} ({names}) select {names} from {wanted}"  # noqa: S608 - names from tables.py
    in_order = " order by " + ", ".join(quote_column(name) for name in table.key)
    steps = (
        f"create temp table old as select rowid as id, hash({row}) as content from {relation}",  # noqa: S608
        f"create temp table new as select filename, file_row_number, hash({row}) as content from {wanted}",  # noqa: S608
        "create temp table gone as select id from old anti join new using (content)",
        "create temp table come as select filename, file_row_number from new anti join old using (content)",
    )

    def patch(connection: Connection) -> None:
        for step in steps:
            connection.execute(step).fetchall()
        gone, held, come = (
            connection.execute(f"select count(*) from {name}").fetchall()[0][0]  # noqa: S608 - the names above
            for name in ("gone", "old", "come")
        )
        connection.execute("begin").fetchall()
        if gone + come > _MANY * held:
            connection.execute(f"delete from {relation}").fetchall()  # noqa: S608 - quoted
            connection.execute(insert + in_order).fetchall()
        else:
            connection.execute(f"delete from {relation} where rowid in (select id from gone)").fetchall()  # noqa: S608
            connection.execute(f"{insert} where {place} in (select {place} from come){in_order}").fetchall()  # noqa: S608
        connection.execute("commit").fetchall()

    return patch


def _names(connection: Connection, schema: str) -> list[str]:
    query = "select table_name from duckdb_tables() where database_name = 'warehouse' and schema_name = $schema"
    return [str(name) for (name,) in connection.execute(query, {"schema": schema}).fetchall()]


def _columns(connection: Connection, query: str) -> list[tuple[str, str]]:
    return [(str(row[0]), str(row[1])) for row in connection.execute(f"describe {query}").fetchall()]


def _columns_held(connection: Connection, name: str) -> list[tuple[str, str]]:
    return _columns(connection, f"from {quote(name)}")


def _wanted(connection: Connection, rows: RawRows) -> list[tuple[str, str]]:
    return _columns(connection, _raw_query(rows))


def _grow(name: str, rows: RawRows) -> Callable[[Connection], None]:
    """Add the rows of files that a raw table does not hold, and tell what became of those it holds."""
    relation = quote(name)
    held_digests = f"select distinct _sha256 from {relation}"  # noqa: S608 - quoted
    ruling = (
        f"update {relation} as held set _disposition = fate.disposition, _source_pk = fate.source_pk "  # noqa: S608
        f"from ({_fates(rows)}) as fate where fate.sha256 = held._sha256 and fate.row_number = held._row "
        "and (fate.disposition, fate.source_pk) is distinct from (held._disposition, held._source_pk)"
    )

    def grow(connection: Connection) -> None:
        held = {str(digest) for (digest,) in connection.execute(held_digests).fetchall()}
        added = replace(rows, files={digest: file for digest, file in rows.files.items() if digest not in held})
        connection.execute("begin").fetchall()
        connection.execute(ruling).fetchall()
        if added.files:
            connection.execute(f"insert into {relation} by name {_raw_query(added)}").fetchall()
        connection.execute("commit").fetchall()

    return grow


Load: TypeAlias = tuple[int, Callable[[Connection], None]]
"""What it weighs (bytes of Parquet), and how it is done."""


def _fill(connection: Connection, loads: Iterable[Load], threads: int) -> None:
    """Do the loads side by side, the heaviest first; each is a transaction of its own."""
    ordered = [load for _, load in sorted(loads, key=lambda load: -load[0])]

    def one(load: Callable[[Connection], None]) -> None:
        with connection.cursor() as cursor:
            cursor.execute("use warehouse").fetchall()
            load(cursor)

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(one, ordered))


def _declare(connection: Connection, tables: Iterable[Table]) -> None:
    """Published tables, empty, with their comments."""
    connection.execute("begin").fetchall()
    for table in tables:
        connection.execute(f"create schema if not exists {quote(table.schema)}").fetchall()
        connection.execute(_declaration(table)).fetchall()
    connection.execute("commit").fetchall()


def _prepare(connection: Connection, path: Path) -> None:
    """One core for each statement, and the log written to the file at the end in place of after each table."""
    connection.execute("set threads = 1").fetchall()
    connection.execute("set wal_autocheckpoint = '1TB'").fetchall()
    # without this a join of equal sides may be turned round, and raw rows would not stand as they were delivered
    connection.execute("set disabled_optimizers = 'join_order,build_side_probe_side'").fetchall()
    connection.execute(f"set temp_directory = {literal(str(path.with_name(path.name + '.spill')))}").fetchall()
    connection.execute(f"set memory_limit = {literal(_MEMORY)}").fetchall()


def _declaration(table: Table) -> str:
    """The empty table and the comments on it and its columns, as one batch."""
    columns = ", ".join(
        f"{quote_column(column.name)} {column.type}{' not null' if column.name in table.key else ''}"
        for column in table.columns
    )
    words = f"One row per {table.grain}. Key: {', '.join(table.key)}."
    batch = [
        f"create table {quote(table.name)} ({columns})",
        f"comment on table {quote(table.name)} is {literal(words)}",
    ]
    for column in table.columns:
        place = f"{quote(table.name)}.{quote_column(column.name)}"
        note = " (personal)" if column.personal else ""
        batch.append(f"comment on column {place} is {literal(column.description + note)}")
    return "; ".join(batch)


def _loads(tables: Mapping[str, Sequence[Path]]) -> Iterable[Load]:
    for table in published():
        files = tables.get(table.name, ())
        if files:
            yield sum(map(_size, files)), _insert(table, files)


def _insert(table: Table, files: Sequence[Path]) -> Callable[[Connection], None]:
    places = ", ".join(literal(str(path)) for path in files)
    names = ", ".join(quote_column(column.name) for column in table.columns)
    order = ", ".join(quote_column(name) for name in table.key) if len(files) > 1 else ""
    insert = (
        f"insert into {quote(table.name)} select {names} "  # noqa: S608 - names from tables.py
        f"from read_parquet([{places}]){' order by ' + order if order else ''}"
    )
    return lambda connection: _run(connection, insert)


def _raw_loads(raw: Mapping[str, RawRows]) -> Iterable[Load]:
    for name, rows in raw.items():
        yield _bytes(rows), _create_raw(name, rows)


def _bytes(rows: RawRows) -> int:
    return sum(map(_size, rows.files.values()))


def _size(path: Path) -> int:
    return path.stat().st_size


def _create_raw(name: str, rows: RawRows) -> Callable[[Connection], None]:
    return lambda connection: _run(connection, f"create table {quote(name)} as {_raw_query(rows)}")


def _fates(rows: RawRows) -> str:
    digests = ", ".join(literal(digest) for digest in sorted(rows.files))
    places = ", ".join(literal(str(path)) for path in rows.dispositions)
    return (
        "select sha256, row_number, disposition, source_pk "  # noqa: S608 - quoted places and digests
        f"from read_parquet([{places}]) where sha256 in ({digests})"
    )


def _raw_query(rows: RawRows) -> str:
    """Every landed row as delivered, by file and row, with its place and disposition."""
    files = ", ".join(literal(str(path)) for _, path in sorted(rows.files.items()))
    hidden = ", ".join(quote_column(name) for name in ("_sha256", "_row", "_line_from", "_line_to", "_hash"))
    return (
        "select landed._sha256, landed._row, landed._line_from, landed._line_to, "  # noqa: S608 - quoted places
        f"fate.disposition as _disposition, fate.source_pk as _source_pk, landed.* exclude ({hidden}) "
        f"from read_parquet([{files}], union_by_name = true) as landed "
        f"left join ({_fates(rows)}) as fate on fate.sha256 = landed._sha256 and fate.row_number = landed._row"
    )


def _run(connection: Connection, statement: str) -> None:
    connection.execute(statement).fetchall()


def _to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
