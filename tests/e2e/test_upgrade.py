"""A newer program takes over the store and the warehouse of every earlier one, and refuses those of later ones."""

import tarfile
from pathlib import Path

import duckdb
import pytest
import sqlalchemy as sa
from tests.support.cli import invoke

from identity.runs.store import SCHEMA_VERSION, open_store
from identity.runs.store_tables import meta_table
from identity.tables import published

FIRST = Path(__file__).parents[1] / "data" / "first_published_version.tar.xz"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A store and a warehouse with one generation, four records and three profiles, as version 1 left them."""
    with tarfile.open(FIRST) as archive:
        archive.extractall(tmp_path, filter="data")
    with (tmp_path / "w" / "run.toml").open("a") as stream:  # one of four people more is much
        stream.write("[gate]\nmax_profile_count_change = 1.0\nmax_fill_rate_change = 1.0\n")
    return tmp_path / "w"


def command(folder: Path, *arguments: object):
    return invoke(*arguments, "--config", folder / "run.toml", "-w", folder / "w.duckdb")


def query(folder: Path, sql: str) -> list[tuple]:
    with duckdb.connect(str(folder / "w.duckdb"), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def store_version(folder: Path) -> int:
    with open_store(folder / "w.state").connect() as connection:
        found = connection.execute(sa.select(meta_table.c.value).where(meta_table.c.name == "schema_version"))
        return int(found.scalar_one())


def test_reading_commands_work_on_the_first_published_version(folder: Path) -> None:
    assert "g000001-20260701T030000" in command(folder, "status").stdout
    assert (
        command(folder, "explain", query(folder, "select min(profile_id) from identity.profile")[0][0]).exit_code == 0
    )
    assert command(folder, "export", "gold.customer_360", folder / "golden.csv").exit_code == 0


def test_the_next_run_upgrades_both_and_keeps_every_id(folder: Path) -> None:
    before = dict(query(folder, "select source_pk, profile_id from identity.profile_xref"))
    with (folder / "in" / "people2.csv").open("w") as stream:
        stream.write("id,first,last,mail,phone,changed\nd1,Edsger,Dijkstra,edsger@example.com,,2026-06-01\n")
    told = command(folder, "run", "--as-of", "2026-07-02T03:00:00")
    assert told.exit_code == 0, told.output
    now = dict(query(folder, "select source_pk, profile_id from identity.profile_xref"))
    assert {key: now[key] for key in before} == before
    assert now.keys() - before.keys() == {"d1"}
    assert store_version(folder) == SCHEMA_VERSION
    tables = {
        f"{schema}.{name}" for schema, name in query(folder, "select schema_name, table_name from duckdb_tables()")
    }
    assert {table.name for table in published()} <= tables
    assert query(folder, "select run_number, decided_by from ops.run order by 1") == [(1, None), (2, None)]


def test_a_rollback_to_the_first_published_version_has_the_tables_of_today(folder: Path) -> None:
    with (folder / "in" / "people2.csv").open("w") as stream:
        stream.write("id,first,last,mail,phone,changed\nd1,Edsger,Dijkstra,edsger@example.com,,2026-06-01\n")
    assert command(folder, "run", "--as-of", "2026-07-02T03:00:00").exit_code == 0
    told = command(folder, "rollback", 1, "--by", "Ada", "--reason", "a test file")
    assert told.exit_code == 0, told.output
    columns = {
        (f"{schema}.{table}", column)
        for schema, table, column in query(folder, "select schema_name, table_name, column_name from duckdb_columns()")
    }
    assert {(table.name, column.name) for table in published() for column in table.columns} <= columns
    assert query(folder, "select count(*) from gold.customer_360") == [(3,)]
    assert command(folder, "run", "--as-of", "2026-07-03T03:00:00").exit_code == 0
    assert query(folder, "select count(*) from gold.customer_360") == [(4,)]


def test_a_store_of_a_newer_program_is_refused(folder: Path) -> None:
    store = open_store(folder / "w.state")
    with store.begin() as connection:
        connection.execute(sa.update(meta_table).values(value="99").where(meta_table.c.name == "schema_version"))
    told = command(folder, "status")
    assert told.exit_code != 0
    assert "the store has schema version 99" in told.stderr


def test_a_warehouse_of_a_newer_program_is_refused(folder: Path) -> None:
    with duckdb.connect(str(folder / "w.duckdb")) as connection:
        connection.execute("update ops.run set schema_version = 99")
    told = command(folder, "run", "--as-of", "2026-07-02T03:00:00")
    assert told.exit_code == 2
    assert "its tables have schema version 99" in told.stderr
    assert "install the newer identity" in told.stderr
