"""A generation made from an earlier one's file: the next one (`renew`), or that one again (`revise`).

What may be taken over and why that is safe: docs/adr/0005-what-a-generation-takes-over-from-the-last.md.
"""

import shutil
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from identity.engine.generation import (
    MEMORY_BESIDE,
    Connection,
    RawRows,
    declaration,
    declare,
    fates,
    fill,
    insertion,
    landed_bytes,
    loads,
    prepare,
    raw_loads,
    raw_query,
    remove,
    size,
)
from identity.engine.sql import literal, load, quote, quote_column
from identity.engine.warehouse import columns_of, on_disk, opened
from identity.tables import Table, published
from identity.tables import table as declared

_PATCH_FROM = 1_000_000
"""Bytes of Parquet from which comparing a table row by row is cheaper than writing it."""

_MANY = 0.3
"""The share of rows that differ beyond which a table is written anew: comparing costs a third of writing."""

_SAMPLE = 1000
"""Rows that are looked at to tell whether comparing all is worth while."""


def renew(
    path: Path,
    base: Path | None,
    tables: Mapping[str, Sequence[Path]],
    raw: Mapping[str, RawRows],
    *,
    equal: Collection[str] = (),
    patch_from: int = _PATCH_FROM,
    threads: int,
) -> None:
    """Write a generation as `path` from the file of the last one: raw rows stay, new ones are added.

    Tables that are named in `equal` stay, large published ones are patched, the others are written anew. The caller
    vouches that the `equal` ones are the same in `base`, that `base` holds no raw rows beyond those of `raw`, and that
    the landed files it was made of have not changed since. Without a `base`, `path` is what `begin` made of the same
    files, and the tables that it brought up to date are `equal`. Rows that were replaced may stay in the file's free
    blocks until the next `build`.
    """
    if base is not None:
        copied(base, path)
    with opened(path, threads=threads) as connection:
        prepare(connection, path)
        known = {table.name for table in published()} | raw.keys()
        _drop(connection, {f"raw.{name}" for name in _names(connection, "raw")} - known)
        _bring_up(connection, published(), tables, raw, equal, patch_from, threads)
        connection.execute(load("publish/profile_as_of")).fetchall()
        connection.execute("checkpoint").fetchall()
    on_disk(path)


def begin(
    path: Path,
    base: Path,
    tables: Mapping[str, Sequence[Path]],
    raw: Mapping[str, RawRows],
    wanted: Callable[[], bool],
    *,
    equal: Collection[str] = (),
) -> list[str]:
    """Bring up to date what of a generation is known already, with one core and little memory, for `renew` to go on.

    Tables are done one after the other, the heaviest first, as long as more are `wanted`; returns their names.
    """
    copied(base, path)
    weights = {name: sum(map(size, files)) for name, files in tables.items()}
    weights |= {name: landed_bytes(rows) for name, rows in raw.items()}
    done = []
    with opened(path, threads=1) as connection:
        prepare(connection, path, memory=MEMORY_BESIDE)
        for name in sorted(weights, key=lambda name: (-weights[name], name)):
            if not wanted():
                break
            own = [declared(name)] if name in tables else []
            rows = {name: raw[name]} if name in raw else {}
            _bring_up(connection, own, tables, rows, equal, _PATCH_FROM, threads=1)
            done.append(name)
        connection.execute("checkpoint").fetchall()
    return done


def _bring_up(
    connection: Connection,
    wanted: Sequence[Table],
    tables: Mapping[str, Sequence[Path]],
    raw: Mapping[str, RawRows],
    equal: Collection[str],
    patch_from: int,
    threads: int,
) -> None:
    """Make some published tables and the raw ones of a copied generation what their files hold."""
    alike = {
        table.name for table in wanted if columns_of(connection, table) == {column.name for column in table.columns}
    }
    large = {name for name in alike if tables.get(name) and sum(map(size, tables[name])) >= patch_from}
    patched = {name for name in large - set(equal) if not _mostly_differs(connection, declared(name), tables[name])}
    anew = [table for table in wanted if table.name not in patched | (alike & set(equal))]
    held = {f"raw.{name}" for name in _names(connection, "raw")} & raw.keys()
    grown = {name for name in held if _columns_held(connection, name) == _wanted(connection, raw[name])}
    _drop(connection, {*(held - grown), *(table.name for table in anew)})
    declare(connection, anew)
    work = [
        *loads({table.name: tables.get(table.name, ()) for table in anew}),
        *raw_loads({name: rows for name, rows in raw.items() if name not in grown}),
        *((sum(map(size, tables[name])), _patch(declared(name), tables[name])) for name in sorted(patched)),
        *((landed_bytes(raw[name]), _grow(name, raw[name])) for name in sorted(grown - set(equal))),
    ]
    fill(connection, work, threads)


def _drop(connection: Connection, names: Collection[str]) -> None:
    """Drop tables, which makes room for what comes."""
    connection.execute("begin").fetchall()
    for name in sorted(names):
        connection.execute(f"drop table if exists {quote(name)}").fetchall()
    connection.execute("commit").fetchall()
    if names:
        connection.execute("checkpoint").fetchall()


def copied(source: Path, path: Path) -> None:
    """Make `path` a copy of a generation, in place of what an interrupted run left there."""
    remove(path)
    shutil.copyfile(source, path)


def revise(path: Path, replaced: Mapping[str, Path], *, threads: int) -> None:
    """Make a generation's file `path` one with some tables replaced by Parquet files and the others as they stand.

    Tables that an earlier program wrote get the columns they lack, and tables it did not know appear empty.
    The file is complete and on disk when this returns.
    """
    with opened(path, threads=threads) as connection:
        connection.execute("begin").fetchall()
        for table in published():
            connection.execute(f"create schema if not exists {quote(table.schema)}").fetchall()
            have = columns_of(connection, table)
            if table.name in replaced:
                connection.execute(f"drop table if exists {quote(table.name)}").fetchall()
                connection.execute(declaration(table)).fetchall()
                insertion(table, [replaced[table.name]])(connection)
            elif not have:
                connection.execute(declaration(table)).fetchall()
            else:
                for column in table.columns:
                    if column.name not in have:
                        connection.execute(
                            f"alter table {quote(table.name)} add column {quote_column(column.name)} {column.type}"
                        ).fetchall()
        connection.execute(load("publish/profile_as_of")).fetchall()
        connection.execute("commit").fetchall()
        connection.execute("checkpoint").fetchall()
    on_disk(path)


def _mostly_differs(connection: Connection, table: Table, files: Sequence[Path]) -> bool:
    """Whether of the first rows of the largest file too many stand otherwise in the table: an estimate, and quick."""
    relation, keys = quote(table.name), ", ".join(quote_column(name) for name in table.key)
    first = f"from read_parquet({literal(str(max(files, key=size)))}) limit {_SAMPLE}"
    counts = (
        f"with sample as materialized (select {keys}, hash({_row(table)}) as content from ({first})) "  # noqa: S608 - names from tables.py
        f"select (select count(*) from sample), count(*) from {relation} as held join sample using ({keys}) "
        f"where hash({_row(table, 'held')}) = sample.content"
    )
    [(seen, same)] = connection.execute(counts).fetchall()
    return bool(seen - same > _MANY * seen)


def _row(table: Table, relation: str = "") -> str:
    """The columns of a table in their types, as they are hashed."""
    prefix = f"{relation}." if relation else ""
    return ", ".join(f"{prefix}{quote_column(column.name)}::{column.type}" for column in table.columns)


def _patch(table: Table, files: Sequence[Path]) -> Callable[[Connection], None]:
    """Make a table what its files hold, by taking out and putting in the rows that differ; all where many do."""
    relation = quote(table.name)
    places = ", ".join(literal(str(path)) for path in files)
    names = ", ".join(quote_column(column.name) for column in table.columns)
    in_order = ", ".join(quote_column(name) for name in table.key)
    # one pass over both: rows of the files stream past the hashes of the rows that stand
    compare = (
        f"create temp table differing as select {names}, _held from "  # noqa: S608 - names from tables.py
        f"(select {names}, hash({_row(table)}) as _content from read_parquet([{places}])) as new "
        f"full join (select rowid as _held, hash({_row(table)}) as _content from {relation}) as old using (_content) "
        "where old._held is null or new._content is null"
    )
    gone = f"delete from {relation} where rowid in (select _held from differing)"  # noqa: S608
    come = f"insert into {relation} ({names}) select {names} from differing where _held is null order by {in_order}"  # noqa: S608

    def patch(connection: Connection) -> None:
        connection.execute(compare).fetchall()
        [(differ, held)] = connection.execute(
            f"select (select count(*) from differing), count(*) from {relation}"  # noqa: S608 - quoted
        ).fetchall()
        connection.execute("begin").fetchall()
        if differ > _MANY * held:
            connection.execute(f"delete from {relation}").fetchall()  # noqa: S608 - quoted
            insertion(table, files)(connection)
        else:
            connection.execute(gone).fetchall()
            connection.execute(come).fetchall()
        connection.execute("commit").fetchall()
        connection.execute("drop table differing").fetchall()

    return patch


def _names(connection: Connection, schema: str) -> list[str]:
    query = "select table_name from duckdb_tables() where database_name = 'warehouse' and schema_name = $schema"
    return [str(name) for (name,) in connection.execute(query, {"schema": schema}).fetchall()]


def _columns(connection: Connection, query: str) -> list[tuple[str, str]]:
    return [(str(row[0]), str(row[1])) for row in connection.execute(f"describe {query}").fetchall()]


def _columns_held(connection: Connection, name: str) -> list[tuple[str, str]]:
    return _columns(connection, f"from {quote(name)}")


def _wanted(connection: Connection, rows: RawRows) -> list[tuple[str, str]]:
    return _columns(connection, raw_query(rows))


def _grow(name: str, rows: RawRows) -> Callable[[Connection], None]:
    """Add the rows of files that a raw table does not hold, and tell what became of those it holds."""
    relation = quote(name)
    held_digests = f"select distinct _sha256 from {relation}"  # noqa: S608 - quoted
    ruling = (
        f"update {relation} as held set _disposition = fate.disposition, _source_pk = fate.source_pk "  # noqa: S608
        f"from ({fates(rows)}) as fate where fate.sha256 = held._sha256 and fate.row_number = held._row "
        "and (fate.disposition, fate.source_pk) is distinct from (held._disposition, held._source_pk)"
    )

    def grow(connection: Connection) -> None:
        held = {str(digest) for (digest,) in connection.execute(held_digests).fetchall()}
        added = replace(rows, files={digest: file for digest, file in rows.files.items() if digest not in held})
        connection.execute("begin").fetchall()
        connection.execute(ruling).fetchall()
        if added.files:
            connection.execute(f"insert into {relation} by name {raw_query(added)}").fetchall()
        connection.execute("commit").fetchall()

    return grow
