"""A generation on Postgres: every published table is DuckDB's, with comments, keys, indexes and functions (P13)."""

import traceback
from datetime import datetime
from pathlib import Path

import duckdb
import pytest
from tests.support.server import ask, database, settings

from identity.engine.warehouse import opened, published_runs
from identity.errors import ServerFailed
from identity.runs import lifecycle
from identity.serving import loading, roles, serve, switching
from identity.serving.connection import connected
from identity.tables import published as published_tables


@pytest.fixture(scope="module")
def served(server: str, published: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """A database that the shared generation was served to, and that generation's file."""
    place, file = database(server), published / "w.duckdb"
    assert serve.serve(settings(place, tmp_path_factory.mktemp("served")), file) > 0
    return place, file


def test_every_published_table_on_postgres_equals_duckdbs_row_by_row(served: tuple[str, Path]) -> None:
    place, file = served
    differing = []
    with opened(file) as connection:
        names = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables() where database_name = 'warehouse'"
        ).fetchall()
        assert {name for (name,) in names} >= {table.name for table in published_tables()}
        for (name,) in names:
            schema, short = name.split(".")
            here = connection.execute(f'select * from "{schema}"."{short}"').fetchall()
            there = ask(place, f'select * from "{schema}"."{short}"')
            if sorted(map(repr, here)) != sorted(map(repr, there)):
                differing.append(name)
    assert differing == []


def test_tables_and_columns_have_the_comments_of_duckdb(served: tuple[str, Path]) -> None:
    place, _ = served
    for entry in published_tables():
        about = f"One row per {entry.grain}. Key: {', '.join(entry.key)}."
        assert ask(place, "select obj_description(%s::regclass)", entry.name) == [(about,)]
        columns = ask(
            place,
            "select attname, col_description(attrelid, attnum) from pg_attribute "
            "where attrelid = %s::regclass and attnum > 0 order by attnum",
            entry.name,
        )
        said = [(c.name, c.description + (" (personal)" if c.personal else "")) for c in entry.columns]
        assert columns == said


def test_keys_are_primary_keys_and_lookups_have_indexes(served: tuple[str, Path]) -> None:
    place, _ = served
    keys = dict(
        ask(
            place,
            "select conrelid::regclass::text, array(select attname::text from unnest(conkey) with ordinality as k (n, i) "
            "join pg_attribute on attrelid = conrelid and attnum = n order by i) from pg_constraint where contype = 'p'",
        )
    )
    assert {entry.name: list(entry.key) for entry in published_tables()}.items() <= {
        name.replace('"', ""): key for name, key in keys.items()
    }.items()
    indexed = ask(place, "select indexdef from pg_indexes where schemaname = 'gold' and tablename = 'orders'")
    assert any("(profile_id)" in text for (text,) in indexed)


def test_profile_as_of_answers_as_in_duckdb(served: tuple[str, Path]) -> None:
    place, file = served
    query = "select * from identity.profile_as_of(timestamp '2026-12-31')"
    with opened(file) as connection:
        here = connection.execute(query).fetchall()
    assert sorted(here) == sorted(ask(place, query)) != []
    assert ask(place, "select * from identity.profile_as_of(timestamp '2020-01-01')") == []


def generation(path: Path, *statements: str, number: int = 1) -> Path:
    """A small generation's file with tables of its own."""
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "create schema ops; create table ops.run (run_number bigint, run_id varchar, schema_version int)"
        )
        connection.execute(f"insert into ops.run values ({number}, 'run-{number}', 2)")
        for statement in statements:
            connection.execute(statement).fetchall()
    return path


TEXTS = [
    "",
    "NULL",
    "\\N",
    'a "quoted", \\back\\slash',
    "line\nand\r\nline",
    "tab\there",
    "{curly,}",
    "ÅßçΩ漢字🙂",
    " x ",
]


def test_values_of_every_kind_arrive_as_they_are(server: str, tmp_path: Path) -> None:
    file = generation(
        tmp_path / "g.duckdb",
        "create schema raw; create table raw.odd (_row bigint, t varchar, l varchar[], n integer[], d double, "
        "m decimal(18,4), b boolean, day date, moment timestamp, h hugeint)",
    )
    numbers = [0.0, -0.0, 1e15, 123456789012345680.0, 1e-7, 5e-324, 1.7976931348623157e308, 0.1, -1 / 3, None]
    with duckdb.connect(str(file)) as connection:
        for row, text in enumerate([*TEXTS, None]):
            connection.execute(
                "insert into raw.odd values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [row, text, [text, None, "x"] if row % 3 else [], [row, None] if row % 2 else None, numbers[row],
                 f"{row - 5}.1234", None if row == 4 else row % 2 == 0, f"20{row:02d}-02-03", datetime(1999, 1, 2, 3, 4, 5, row * 1000),
                 10**30 + row],
            )  # fmt: skip
        here = connection.execute("select * from raw.odd order by _row").fetchall()
    place = database(server)
    serve.serve(settings(place, tmp_path), file)
    there = ask(place, "select * from raw.odd order by _row")
    assert [tuple(row) for row in there] == here


def test_the_sign_nul_is_left_out_since_postgres_has_no_place_for_it(server: str, tmp_path: Path) -> None:
    file = generation(
        tmp_path / "g.duckdb",
        "create schema raw; create table raw.odd as select 'a' || chr(0) || 'b' as t, ['x' || chr(0)] as l",
    )
    place = database(server)
    serve.serve(settings(place, tmp_path), file)
    assert ask(place, "select t, l from raw.odd") == [("ab", ["x"])]


def test_wide_tables_and_long_names_and_keys_have_a_place(server: str, tmp_path: Path) -> None:
    long = "ä" * 60
    columns = ", ".join([f"'v{n}' as c{n}" for n in range(350)])
    file = generation(
        tmp_path / "g.duckdb",
        f"create schema raw; create table raw.wide as select 1 as \"{long}1\", 2 as \"{long}2\", 3 as xmin, {columns}",
        "create schema std; create table std.attribute as select 's' as source, repeat(md5(i::varchar), 200) as source_pk, "
        "'n' as name, 'v' as value from range(3) as r (i)",
        "create schema gold; create table gold.long as select repeat(md5(i::varchar), 200) as order_id from range(3) as r (i)",
    )  # fmt: skip
    place = database(server)
    serve.serve(settings(place, tmp_path), file)
    names = [name for (name,) in ask(
        place, "select attname from pg_attribute where attrelid = 'raw.wide'::regclass and attnum > 0 order by attnum"
    )]  # fmt: skip
    assert len(names) == len(set(names)) == 301
    assert ask(place, "select more_columns::json ->> 'c349', c0 from raw.wide") == [("v349", "v0")]
    delivered = ask(place, "select col_description('raw.wide'::regclass, 1)")
    assert delivered == [(f"delivered as {long}1 (personal)",)]
    assert ask(place, "select count(*) from std.attribute") == [(3,)]
    assert ask(place, "select count(*) from gold.long where order_id = (select min(order_id) from gold.long)") == [(1,)]
    unique = ask(place, "select indexdef from pg_indexes where schemaname = 'std' and tablename = 'attribute'")
    assert any("UNIQUE" in text and "md5(source_pk)" in text for (text,) in unique)


def test_p19_names_of_delivered_columns_are_names_and_nothing_else(server: str, tmp_path: Path) -> None:
    names = [
        'a"; drop schema raw cascade; --',
        "100%s",
        "%(x)s",
        "{}",
        "$1 ':='",
        "it's",
        "Ünïcode 漢",
        "a b\nc",
        "CamelCase",
    ]
    columns = ", ".join(f"""'v{n}' as "{name.replace('"', '""')}" """ for n, name in enumerate(names))
    file = generation(tmp_path / "g.duckdb", f"create schema raw; create table raw.odd as select {columns}")
    place = database(server)
    chosen = settings(place, tmp_path)
    roles.create(chosen)
    serve.serve(chosen, file)
    query = "select attname from pg_attribute where attrelid = 'raw.odd'::regclass and attnum > 0 order by attnum"
    assert [name for (name,) in ask(place, query)] == names
    assert ask(place, "select * from raw.odd") == [tuple(f"v{n}" for n in range(len(names)))]


def test_p16_what_postgres_says_of_a_row_is_not_repeated(server: str, tmp_path: Path) -> None:
    file = generation(
        tmp_path / "g.duckdb",
        "create schema std; create table std.attribute as select 'crm' as source, 'ann@mail.org' as source_pk, "
        "'n' as name, 'v' as value from range(2)",
    )
    with pytest.raises(ServerFailed) as told:
        serve.serve(settings(database(server), tmp_path), file)
    assert str(told.value).startswith("std.attribute: Postgres refused (23505): UniqueViolation in std__g000001_new")
    assert "ann@mail.org" not in "".join(traceback.format_exception(told.value))


def test_a_row_that_differs_on_the_server_is_found_before_the_switch(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = generation(
        tmp_path / "g.duckdb", "create schema gold; create table gold.x as select range as n from range(9)"
    )
    place, own = database(server), loading._index

    def meddled(connection: object, table: object, schema: str, *, long_key: bool) -> None:
        own(connection, table, schema, long_key=long_key)
        if table.short == "x":
            connection.execute(f'update "{schema}".x set n = 77 where n = 3')

    monkeypatch.setattr(loading, "_index", meddled)
    with pytest.raises(ServerFailed, match=r"gold.x: Postgres holds 9 rows, not the same; nothing was switched"):
        serve.serve(settings(place, tmp_path), file)
    assert ask(place, "select count(*) from pg_namespace where nspname like 'gold%%'") == [(0,)]


def test_p10_seven_generations_are_kept_and_the_oldest_goes(server: str, tmp_path: Path) -> None:
    chosen = settings(database(server), tmp_path, retention={"generations": 3})
    for number in range(1, 6):
        file = generation(
            tmp_path / f"g{number}.duckdb",
            f"create schema gold; create table gold.x as select {number} as n",
            number=number,
        )
        serve.serve(chosen, file)
        assert serve.serve(chosen, file) == 0  # it is live already
    with connected(chosen) as connection:
        assert switching.live(connection) == (5, "run-5")
        assert list(switching.kept(connection)) == [3, 4]
        assert connection.execute("select n from gold__g000003.x").fetchone() == (3,)


def test_what_was_half_loaded_before_a_kill_is_cleared_away(server: str, tmp_path: Path) -> None:
    chosen = settings(database(server), tmp_path)
    file = generation(tmp_path / "g.duckdb", "create schema gold; create table gold.x as select 1 as n")
    loading.stage(chosen, file, "__g000009_new")
    serve.serve(chosen, file)
    with connected(chosen) as connection:
        found = connection.execute("select nspname from pg_namespace where nspname ~ '__g'").fetchall()
    assert found == []


def test_p8_a_kill_between_the_servers_switch_and_the_files_is_put_right(
    server: str, published: Path, tmp_path: Path
) -> None:
    chosen = settings(database(server), tmp_path)
    target = tmp_path / "generations" / "g000001.duckdb"
    target.parent.mkdir()
    target.write_bytes((published / "w.duckdb").read_bytes())
    serve.serve(chosen, target)  # and here the process ends
    assert published_runs(chosen.warehouse) == []
    lifecycle.settle(chosen)
    assert published_runs(chosen.warehouse) == published_runs(target)
    lifecycle.settle(chosen)
    assert published_runs(chosen.warehouse) == published_runs(target)
