"""`identity run --warehouse postgresql://…`: published, rolled back and erased there, and readers see whole generations."""

import json
import subprocess
import sys
import threading
from pathlib import Path

import psycopg
import pytest
from tests.support.cli import AS_OF, invoke, people, write_rows
from tests.support.generations import pin_secret
from tests.support.people import OPEN_GATE, people_config
from tests.support.server import as_url, ask, database

from identity.engine.warehouse import published_runs
from identity.settings import load

CONFIG = people_config(f'state_dir = "w.state"\n{OPEN_GATE}')
HEADER = "id,first,last,mail,phone"
EVERYBODY = people(24)
MARKER = str(EVERYBODY[3][3])
WHO = ("--by", "Ada", "--reason", "wrong file")
SCHEMAS = "select nspname from pg_namespace where nspname ~ '^(gold|raw)' order by nspname"


class Place:
    """A folder with a delivery, and the database its runs publish to."""

    def __init__(self, folder: Path, server: str) -> None:
        self.folder, self.database = folder, database(server)
        self.url = as_url(self.database)

    def told(self, *arguments: object):
        return invoke(*arguments, "--config", self.folder / "run.toml", "-w", self.url)

    def deliver(self, number: int, rows: list[tuple[object, ...]]) -> None:
        write_rows(self.folder / "in" / f"people{number}.csv", HEADER, rows)

    def run(self, day: int) -> None:
        told = self.told("run", "--as-of", f"2026-07-0{day}T03:00:00")
        assert told.exit_code == 0, told.output

    def ask(self, query: str) -> list[tuple]:
        return ask(self.database, query)

    def local(self) -> list[tuple[int, str]]:
        return published_runs(self.folder / "w.state" / "warehouse.duckdb")


@pytest.fixture(scope="module")
def place(server: str, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """One generation, published to Postgres."""
    return begun(tmp_path_factory.mktemp("server"), server)


def begun(folder: Path, server: str) -> Place:
    pin_secret(folder)
    (folder / "run.toml").write_text(CONFIG)
    found = Place(folder, server)
    found.deliver(1, EVERYBODY[:20])
    found.run(1)
    return found


def test_p7_a_run_publishes_to_postgres(place: Place) -> None:
    assert place.ask("select count(*) from gold.customer_360") == [(20,)]
    assert place.ask("select run_number, run_id from ops.run") == place.local()
    status = place.told("status")
    assert "warehouse  postgresql://" in status.stdout
    assert [row["status"] for row in json.loads(place.told("status", "--json").stdout)] == ["published"]


@pytest.mark.deep
def test_p10_a_rollback_reaches_postgres_and_the_next_run_goes_on(server: str, tmp_path: Path) -> None:
    place = begun(tmp_path, server)
    before = place.ask("select * from gold.customer_360 order by profile_id")
    place.deliver(2, EVERYBODY[20:])
    place.run(2)
    assert place.ask(SCHEMAS) == [("gold",), ("gold__g000001",), ("raw",), ("raw__g000001",)]
    assert place.ask("select * from gold__g000001.customer_360 order by profile_id") == before
    told = place.told("rollback", *WHO)
    assert "generation 1 is published again, as generation 3" in told.stdout, told.output
    assert place.ask("select * from gold.customer_360 order by profile_id") == before
    assert place.ask("select verdict from ops.run where run_number = 3") == [("rolled_back",)]
    place.run(4)
    assert place.ask("select count(*) from gold.customer_360") == [(24,)]
    assert place.ask("select max(run_number) from ops.run") == [(4,)] == [(place.local()[-1][0],)]
    told = place.told("erase", f"email:{MARKER}", *WHO, "--yes")
    assert (told.exit_code, holding(place)) == (0, set()), told.output
    place.run(6)
    assert holding(place) == set()


def test_p7_readers_see_whole_generations_while_others_are_switched_in(place: Place) -> None:
    ended, seen, faults = threading.Event(), set(), []
    query = (
        "select (select max(run_number) from ops.run), (select count(*) from gold.customer_360), "
        "(select count(*) from identity.profile_xref), (select max(run_number) from identity.profile_event)"
    )

    def read() -> None:
        with psycopg.connect(place.database, autocommit=True) as connection:
            while not ended.is_set():
                try:
                    seen.add(connection.execute(query).fetchone())
                except psycopg.Error as error:
                    faults.append(error)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    try:
        told = place.told("serve")
        assert told.exit_code == 0, told.output
    finally:
        ended.set()
        for reader in readers:
            reader.join()
    assert (faults, len(seen)) == ([], 1)


def test_a_query_that_takes_long_neither_fails_nor_keeps_the_switch_from_happening(place: Place) -> None:
    with psycopg.connect(place.database) as reader, reader.cursor(name="slow") as cursor:
        cursor.execute("select profile_id from gold.customer_360")
        cursor.fetchone()
        assert place.told("serve").exit_code == 0
        assert len(cursor.fetchall()) == 19


def test_another_state_folder_is_refused_and_so_is_a_database_of_somebody_else(
    place: Place, server: str, tmp_path: Path
) -> None:
    write_rows(tmp_path / "in" / "people1.csv", HEADER, EVERYBODY[:5])
    (tmp_path / "run.toml").write_text(CONFIG)
    told = invoke("run", "--config", tmp_path / "run.toml", "-w", place.url)
    assert (told.exit_code, "does not know" in told.stderr) == (2, True), told.output
    foreign = Place(tmp_path, server)
    with psycopg.connect(foreign.database, autocommit=True) as connection:
        connection.execute("create schema gold; create table gold.theirs (n int)")
    told = foreign.told("run")
    assert (told.exit_code, "did not publish" in told.stderr) == (2, True), told.output
    assert foreign.ask("select count(*) from gold.theirs") == [(0,)]


def test_p17_an_erased_person_leaves_every_generation_on_postgres(place: Place) -> None:
    with psycopg.connect(place.database, autocommit=True) as connection:  # a generation before it
        connection.execute("create schema gold__g000000")
        connection.execute("create table gold__g000000.customer_360 as select * from gold.customer_360")
    assert holding(place) >= {"gold", "gold__g000000", "raw", "std"}
    told = place.told("erase", f"email:{MARKER}", *WHO, "--yes")
    assert told.exit_code == 0, told.output
    assert holding(place) == set()
    assert place.ask("select count(*) from gold.customer_360") == [(19,)]
    assert place.ask(SCHEMAS) == [("gold",), ("raw",)]


def holding(place: Place) -> set[str]:
    """Schemas with a table in whose rows the marker stands."""
    found = set()
    listed = place.ask(
        "select table_schema, table_name from information_schema.tables "
        "where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')"
    )
    for schema, table in listed:
        if place.ask(f'select count(*) from "{schema}"."{table}" as t where t::text ilike \'%%{MARKER}%%\'') != [(0,)]:
            found.add(schema)
    return found


@pytest.mark.deep
def test_p8_killed_between_the_two_switches_the_next_start_goes_on_from_the_servers(
    server: str, tmp_path: Path
) -> None:
    pin_secret(tmp_path)
    (tmp_path / "run.toml").write_text(CONFIG)
    place = Place(tmp_path, server)
    place.deliver(1, EVERYBODY[:6])
    program = (
        "import os, sys\nfrom identity.engine import warehouse\nfrom identity.cli import app\n"
        "warehouse.switch = lambda *_: os.kill(os.getpid(), 9)\n"
        "app(['run', '--config', sys.argv[1], '-w', sys.argv[2], '--as-of', sys.argv[3]])\n"
    )
    ended = subprocess.run([sys.executable, "-c", program, tmp_path / "run.toml", place.url, AS_OF], check=False)
    assert ended.returncode == -9
    seen = place.ask("select run_number, run_id from ops.run")
    assert (len(seen), place.local()) == (1, [])
    place.run(2)
    assert place.local() == place.ask("select run_number, run_id from ops.run order by 1")
    assert place.local()[: len(seen)] == seen
    ledger = json.loads(place.told("status", "--json").stdout)
    assert {row["run_id"]: row["status"] for row in ledger}[seen[0][1]] == "published"


def test_addresses_are_shown_without_their_password_and_a_closed_server_is_told_plainly(tmp_path: Path) -> None:
    (tmp_path / "run.toml").write_text(CONFIG)
    write_rows(tmp_path / "in" / "people1.csv", HEADER, EVERYBODY[:5])
    for url in ("postgresql://ann:s3cret@127.0.0.1:9/w", "postgresql://ann@127.0.0.1:9/w?password=s3cret"):
        for command in (("run",), ("status",), ("roles",)):
            told = invoke(*command, "--config", tmp_path / "run.toml", "-w", url)
            assert "s3cret" not in told.output
        assert told.exit_code == 1
        assert "see that the server runs" in told.stderr
        chosen = load(tmp_path / "run.toml", environ={}, warehouse=url)
        assert "s3cret" not in repr(chosen) + chosen.model_dump_json() + chosen.warehouse_name
    for password in ("s3%zzcret", "s3cret/7", "s3cret@home", "s3cret?x"):
        broken = invoke("roles", "--config", tmp_path / "run.toml", "-w", f"postgresql://ann:{password}@127.0.0.1:9/w")
        assert (broken.exit_code, "s3" in broken.output) == (1, False), broken.output
