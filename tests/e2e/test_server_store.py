"""The operational store on Postgres does what the SQLite one does: ledger, lease, decision log, requests."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.support.cli import invoke, people, write_rows
from tests.support.server import as_url, ask, database

from identity.errors import AnotherRun, IdentityError
from identity.privacy import requests
from identity.privacy.requests import Action, Asked
from identity.runs import lease
from identity.runs.store import compact, has_store, open_store
from identity.runs.store_tables import lease_table, metadata
from identity.settings import Settings
from identity.stewardship import log as decision_log
from identity.stewardship.decisions import Kind, Said

SECRET, AT = b"secret of the test", datetime(2026, 7, 1, 9, 30)
MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="module")
def settings(server: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(store=as_url(database(server)), state_dir=tmp_path_factory.mktemp("state"))


@pytest.fixture(scope="module")
def store(settings: Settings) -> sa.Engine:
    return open_store(settings)


def test_the_store_has_its_tables_in_a_schema_of_its_own_and_no_file(settings: Settings, store: sa.Engine) -> None:
    with store.connect() as connection:
        found = connection.execute(
            sa.text("select table_name from information_schema.tables where table_schema = 'identity_store'")
        )
        assert set(found.scalars()) == set(metadata.tables)
    assert has_store(settings)
    assert list(settings.state.iterdir()) == []
    with open_store(settings).connect() as connection:  # a second opening finds it
        assert connection.execute(sa.text("select value from meta where name = 'schema_version'")).scalar_one()


def test_p9_one_of_many_starters_gets_the_lease(store: sa.Engine) -> None:
    def take(name: str) -> bool:
        try:
            lease.take(store, name, MINUTE)
        except AnotherRun:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        got = list(pool.map(take, [f"run{n}" for n in range(6)]))
    assert got.count(True) == 1
    with store.connect() as connection:
        assert len(connection.execute(sa.select(lease_table)).all()) == 1
    lease.release(store, f"run{got.index(True)}")


def test_p15_the_log_grows_and_refuses_changes(store: sa.Engine) -> None:
    said = Said(
        Kind.SAME, "Stella", AT, "told me herself", ((("crm", "a"),), (("crm", "b"),)), evidence=("0" * 16,) * 2
    )
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(decision_log.append, store, SECRET, [said]) for _ in range(8)]:
            done.result()
    assert [decision.number for decision in decision_log.read(store)] == list(range(1, 9))
    for statement in (
        "delete from decision where number = 4",
        "update decision set decided_by = 'Eve'",
        "update decision_record set digest = 'x'",
        "truncate decision cascade",
    ):
        with pytest.raises(sa.exc.DatabaseError, match="append-only"), store.begin() as connection:
            connection.exec_driver_sql(statement)
    assert decision_log.erase_text(store, [2], [("crm", "a")], AT) > 0
    compact(store)
    verified = decision_log.verify(store, SECRET)
    assert (verified.problems, verified.decisions, verified.erased) == ((), 8, 8)


def test_requests_of_people_are_recorded_once_and_their_log_is_not_doubled(store: sa.Engine) -> None:
    asked = Asked(
        "erase", "connected", "d" * 32, "p1", "Dora " * 100, "asked by letter"
    )  # longer than SQLite's word for it
    first = requests.add(store, asked, [("record", "x" * 32), ("identifier", "y" * 32)])
    assert requests.add(store, asked, []) == first
    assert requests.add(store, replace(asked, target_digest="e" * 32), []).request_id == "r000002"
    for _ in range(2):
        requests.log(store, first.request_id, [Action("runs/x", "gold.orders", "removed", 3)])
        assert requests.entomb(store, first.request_id, [("record", "z" * 32, None)]) == 1
        requests.remember_export(store, "/tmp/a.csv", "gold.orders", "machine", 5)
    assert requests.actions(store, first.request_id) == [Action("runs/x", "gold.orders", "removed", 3)]
    assert len(requests.exports(store)) == 1


def test_a_store_that_cannot_be_reached_is_told_without_its_address(tmp_path: Path) -> None:
    with pytest.raises(IdentityError, match="cannot be opened as the operational store") as told:
        open_store(Settings(store="postgresql://ann:s3cret@127.0.0.1:9/w", state_dir=tmp_path))
    assert "s3cret" not in str(told.value)


@pytest.mark.deep
def test_runs_decisions_and_an_erasure_with_everything_on_postgres(server: str, tmp_path: Path) -> None:
    everybody, place = people(8), database(server)
    write_rows(tmp_path / "in" / "people1.csv", "id,first,last,mail,phone", everybody)
    (tmp_path / "run.toml").write_text(
        f'warehouse = "{as_url(place)}"\nstore = "{as_url(place)}"\nstate_dir = "s"\nregion = "US"\n'
        "[[sources]]\nname = 'people'\nfiles = 'in/people*.csv'\nrecord_id = 'id'\n"
        "[sources.fields]\ngiven_name = 'first'\nfamily_name = 'last'\nemail = 'mail'\nphone = 'phone'\n"
    )
    options = ("--config", tmp_path / "run.toml")
    who = ("--by", "Ada", "--reason", f"she is not {everybody[1][3]}")
    for command in (
        ("run", "--as-of", "2026-07-01T03:00:00"),
        ("decide", "same", "people:r0000", "people:r0001", *who),
        ("run", "--as-of", "2026-07-02T03:00:00"),  # held: one id of eight changes
        ("release", "g000002-20260702T030000", *who),
        ("erase", f"email:{everybody[3][3]}", *who, "--yes"),
        ("status",),
        ("requests",),
    ):
        told = invoke(*command, *options)
        assert told.exit_code == (4 if "2026-07-02T03:00:00" in command else 0), told.output
    assert not (tmp_path / "s" / "store.sqlite").exists()
    assert ask(place, "select status from identity_store.run order by number") == [("published",)] * 2
    assert ask(place, "select count(*) from gold.customer_360") == [(6,)]
    assert ask(place, "select count(*) from privacy.request") == [(0,)]
