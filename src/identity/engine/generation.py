"""A generation as a DuckDB file: every published table with its comments, then the raw rows as delivered.

`build` writes all of it; `renewal.renew` starts from the last generation's file. Both give the same tables.

Writing is compression of text for the most part, and one table compresses on one core. So the tables are written side
by side, one core each, the largest first; a query that sorts or spreads itself over the cores would only be in the way.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import duckdb

from identity.engine.sql import literal, load, quote, quote_column
from identity.engine.warehouse import on_disk, opened
from identity.tables import Table, published

Connection: TypeAlias = duckdb.DuckDBPyConnection

_MEMORY = "1500MB"
MEMORY_BESIDE = "500MB"
"""Enough for a row group of each table in work; what is written already is only kept in memory for want of a limit."""


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
    begun: Collection[str] = (),
    threads: int,
) -> None:
    """Write a whole generation as the DuckDB file `path`: the only way to be sure that nothing older is in its bytes.

    `tables` gives the Parquet files of each published table, `raw` the landed rows of each `raw.<source>`. Where
    `begin` filled some of them from the same files, `begun` names those. The file is complete and on disk when this
    returns.
    """
    if not begun:
        remove(path)
    with opened(path, threads=threads) as connection:
        prepare(connection, path)
        if not begun:
            declare(connection, published())
        work = [*loads({name: files for name, files in tables.items() if name not in begun})]
        fill(connection, [*work, *raw_loads({name: rows for name, rows in raw.items() if name not in begun})], threads)
        connection.execute(load("publish/profile_as_of")).fetchall()
        connection.execute("checkpoint").fetchall()
    on_disk(path)


def begin(
    path: Path, tables: Mapping[str, Sequence[Path]], raw: Mapping[str, RawRows], wanted: Callable[[], bool]
) -> list[str]:
    """Write what of a generation is known already, with one core and little memory, for `build` to go on.

    Tables are filled one after the other, the heaviest first, as long as more are `wanted`; returns their names.
    """
    remove(path)
    work = {name: load for name, files in tables.items() for load in loads({name: files})}
    work |= {name: load for name, rows in raw.items() for load in raw_loads({name: rows})}
    done = []
    with opened(path, threads=1) as connection:
        prepare(connection, path, memory=MEMORY_BESIDE)
        declare(connection, published())
        for name in sorted(work, key=lambda name: (-work[name][0], name)):
            if not wanted():
                break
            fill(connection, [work[name]], threads=1)
            done.append(name)
        connection.execute("checkpoint").fetchall()
    return done


def remove(path: Path) -> None:
    """Remove what an interrupted run left of a file, with the log of what it did not write to it."""
    for leftover in (path, path.with_name(path.name + ".wal")):
        leftover.unlink(missing_ok=True)


Load: TypeAlias = tuple[int, Callable[[Connection], None]]
"""What it weighs (bytes of Parquet), and how it is done."""


def fill(connection: Connection, work: Iterable[Load], threads: int) -> None:
    """Do the work side by side, the heaviest first; each is a transaction of its own."""
    ordered = [load for _, load in sorted(work, key=lambda load: -load[0])]

    def one(load: Callable[[Connection], None]) -> None:
        with connection.cursor() as cursor:
            cursor.execute("use warehouse").fetchall()
            load(cursor)

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(one, ordered))


def declare(connection: Connection, tables: Iterable[Table]) -> None:
    """Published tables, empty, with their comments."""
    connection.execute("begin").fetchall()
    for table in tables:
        connection.execute(f"create schema if not exists {quote(table.schema)}").fetchall()
        connection.execute(declaration(table)).fetchall()
    connection.execute("commit").fetchall()


def prepare(connection: Connection, path: Path, memory: str = _MEMORY) -> None:
    """One core for each statement, and the log written to the file at the end in place of after each table."""
    connection.execute("set threads = 1").fetchall()
    connection.execute("set wal_autocheckpoint = '1TB'").fetchall()
    # without this a join of equal sides may be turned round, and raw rows would not stand as they were delivered
    connection.execute("set disabled_optimizers = 'join_order,build_side_probe_side'").fetchall()
    connection.execute(f"set temp_directory = {literal(str(path.with_name(path.name + '.spill')))}").fetchall()
    connection.execute(f"set memory_limit = {literal(memory)}").fetchall()


def declaration(table: Table) -> str:
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


def loads(tables: Mapping[str, Sequence[Path]]) -> Iterable[Load]:
    """How each published table is filled."""
    for table in published():
        files = tables.get(table.name, ())
        if files:
            yield sum(map(size, files)), insertion(table, files)


def insertion(table: Table, files: Sequence[Path]) -> Callable[[Connection], None]:
    """Fill an empty table from its files: rows stand file by file, in each in the order of the key.

    A part of a table is a source object, and its key begins with the source: sorting the whole would move next to
    nothing, and costs a quarter of writing.
    """
    places = ", ".join(literal(str(path)) for path in files)
    names = ", ".join(quote_column(column.name) for column in table.columns)
    insert = f"insert into {quote(table.name)} select {names} from read_parquet([{places}])"  # noqa: S608 - from tables.py
    return lambda connection: _run(connection, insert)


def raw_loads(raw: Mapping[str, RawRows]) -> Iterable[Load]:
    """How each raw table is created and filled."""
    for name, rows in raw.items():
        yield landed_bytes(rows), _create_raw(name, rows)


def landed_bytes(rows: RawRows) -> int:
    """Bytes of the landed files of a source."""
    return sum(map(size, rows.files.values()))


def size(path: Path) -> int:
    """Bytes of a file."""
    return path.stat().st_size


def _create_raw(name: str, rows: RawRows) -> Callable[[Connection], None]:
    return lambda connection: _run(connection, f"create table {quote(name)} as {raw_query(rows)}")


def fates(rows: RawRows) -> str:
    """Query of the disposition of every row of a source."""
    digests = ", ".join(literal(digest) for digest in sorted(rows.files))
    places = ", ".join(literal(str(path)) for path in rows.dispositions)
    return (
        "select sha256, row_number, disposition, source_pk "  # noqa: S608 - quoted places and digests
        f"from read_parquet([{places}]) where sha256 in ({digests})"
    )


def raw_query(rows: RawRows) -> str:
    """Every landed row as delivered, by file and row, with its place and disposition."""
    files = ", ".join(literal(str(path)) for _, path in sorted(rows.files.items()))
    hidden = ", ".join(quote_column(name) for name in ("_sha256", "_row", "_line_from", "_line_to", "_hash"))
    return (
        "select landed._sha256, landed._row, landed._line_from, landed._line_to, "  # noqa: S608 - quoted places
        f"fate.disposition as _disposition, fate.source_pk as _source_pk, landed.* exclude ({hidden}) "
        f"from read_parquet([{files}], union_by_name = true) as landed "
        f"left join ({fates(rows)}) as fate on fate.sha256 = landed._sha256 and fate.row_number = landed._row"
    )


def _run(connection: Connection, statement: str) -> None:
    connection.execute(statement).fetchall()
