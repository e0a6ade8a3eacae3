"""Kept generations without a person: each written anew as a fresh file, since what is deleted stays in a file's bytes.

(Measured: after DELETE and VACUUM 50 of 50 markers were still found in the bytes, after a fresh copy none.)
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

import duckdb

from identity.engine.connection import connect
from identity.engine.sql import literal, load, quote, quote_column
from identity.engine.warehouse import STORAGE_VERSION, on_disk
from identity.privacy.plan import Plan
from identity.privacy.relations import Cleaned, Landed, Shape, Tokens, cleaned, offer_ending, offer_plan
from identity.privacy.requests import Action
from identity.tables import tables


def rewrite(
    path: Path, plan: Plan, tokens: Tokens, landed: Mapping[str, Landed], threads: int
) -> tuple[Path, list[Action]]:
    """Write a generation without the person beside it; returns the new file and what it lacks.

    `landed` gives the landed files, rewritten before, of each source object with changed rows.
    The caller puts the file in place.
    """
    partial = path.with_name(f".{path.name}.erasing")
    for leftover in (partial, partial.with_name(partial.name + ".wal")):
        leftover.unlink(missing_ok=True)
    with connect(threads=str(threads)) as connection:
        connection.execute("set preserve_insertion_order = true").fetchall()
        connection.execute(f"attach {literal(str(path))} as old (read_only)").fetchall()
        connection.execute(
            f"attach {literal(str(partial))} as new (storage_version {literal(STORAGE_VERSION)})"
        ).fetchall()
        connection.execute("copy from database old to new (schema)").fetchall()
        offer_plan(connection, plan, tokens)
        done = _tables(connection, path, landed)
        connection.execute("checkpoint new").fetchall()
        connection.execute("detach new").fetchall()
    on_disk(partial)
    return partial, done


def _tables(connection: duckdb.DuckDBPyConnection, path: Path, landed: Mapping[str, Landed]) -> list[Action]:
    """Fill every table of the new file; raw rows first, since the account of columns counts them."""
    found = connection.execute(
        "select schema_name, table_name from duckdb_tables() where database_name = 'old' and not internal order by all"
    ).fetchall()
    names = [f"{schema}.{name}" for schema, name in found]
    others = {name: f"old.{quote(name)}" for name in names}
    place = f"generations/{path.name}"
    actions = []
    _name_new(connection, names)
    connection.execute("begin").fetchall()
    offer_ending(connection, others)
    for name in sorted(names, key=lambda name: (name in _COUNTED, name)):
        described = connection.execute(f"describe old.{quote(name)}").fetchall()
        columns = tuple((str(row[0]), str(row[1])) for row in described)
        key = tables()[name].key if name in tables() else tuple(str(row[0]) for row in described if row[2] == "NO")
        shape = Shape(name, columns, others[name], key)
        if name in _COUNTED:
            _COUNTED[name](connection, shape, landed)
            continue
        actions += _fill(connection, shape, cleaned(shape, others, landed), place)
    connection.execute("commit").fetchall()
    return actions


def _fill(connection: duckdb.DuckDBPyConnection, shape: Shape, new: Cleaned, place: str) -> list[Action]:
    counted = [
        Action(place, shape.name, action, int(connection.execute(query).fetchall()[0][0]))
        for action, query in (("removed", new.removed), ("changed", new.changed))
    ]
    touched = any(action.rows for action in counted) or shape.name == "identity.profile_event"
    query = new.query if touched else f"select * from {shape.relation}"  # noqa: S608 - names from the catalogue
    connection.execute(f"insert into new.{quote(shape.name)} by name {query}").fetchall()
    return counted


def _recount(connection: duckdb.DuckDBPyConnection, shape: Shape, landed: Mapping[str, Landed]) -> None:
    """The account of delivered columns: how many rows still fill each."""
    connection.execute("create or replace temp table recount (source varchar, column_name varchar, filled bigint)")
    known = {
        row[0]
        for row in connection.execute(
            "select table_name from duckdb_tables() where database_name = 'new' and schema_name = 'raw'"
        ).fetchall()
    }
    for source in sorted(known & landed.keys()):
        table = quote(f"raw.{source}")
        listed = f"select column_name from {shape.relation} where source = ?"  # noqa: S608 - from the catalogue
        for (column,) in connection.execute(listed, [source]).fetchall():
            have = {row[0].lower() for row in connection.execute(f"describe new.{table}").fetchall()}
            if column.lower() in have:
                counted = f"select ?, ?, count({quote_column(column)}) from new.{table}"  # noqa: S608 - quoted
                connection.execute(f"insert into recount {counted}", [source, column]).fetchall()
    connection.execute(
        f"insert into new.{quote(shape.name)} select t.* replace (coalesce(recount.filled, t.filled) as filled) "  # noqa: S608
        f"from {shape.relation} as t left join recount using (source, column_name)"
    ).fetchall()


def _name_new(connection: duckdb.DuckDBPyConnection, names: Iterable[str]) -> None:
    """Give the tables that `checks/figures` reads the names it knows; before the transaction that fills them."""
    have = set(names)
    for name in _READ:
        connection.execute(f"create schema if not exists memory.{quote(name.split('.', maxsplit=1)[0])}").fetchall()
        if name in have:
            connection.execute(f"create or replace view memory.{quote(name)} as from new.{quote(name)}").fetchall()
    connection.execute("create schema if not exists memory.prior").fetchall()
    connection.execute("create or replace view memory.prior.profile_xref as from new.identity.profile_xref").fetchall()


def _refigure(connection: duckdb.DuckDBPyConnection, shape: Shape, _landed: Mapping[str, Landed]) -> None:
    """The figures that the gate compares the next run with: an erasure is no movement of the data."""
    counted = connection.execute(load("checks/figures"), {"number": 0}).fetchall()
    named = [(*name.partition(":")[::2], value) for name, value in counted]
    connection.execute("create or replace temp table refigured (name varchar, label varchar, value double)").fetchall()
    for name, label, value in named:
        if name in _OF_PEOPLE:
            connection.execute("insert into refigured values (?, ?, ?)", [name, label, value]).fetchall()
    connection.execute(
        f"insert into new.{quote(shape.name)} by name "  # noqa: S608 - names from the catalogue
        "select t.* replace (if(t.stage = 'check', coalesce(refigured.value, t.value), t.value) as value) "
        f"from {shape.relation} as t left join refigured using (name, label)"
    ).fetchall()


_OF_PEOPLE = frozenset(
    {"profiles", "profiles_with_several_records", "live_records", "largest_profile", "identifier_share", "fill_rate"}
)
_READ = (
    "std.source_record", "std.identifier", "match.candidate_pair", "identity.profile_xref", "gold.customer_360",
    "raw.file", "raw.rejected",
)  # fmt: skip
_COUNTED = {"raw.column": _recount, "ops.run_metric": _refigure}
"""Tables that count what other tables hold: filled when those stand."""
