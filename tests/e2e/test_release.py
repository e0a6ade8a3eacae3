"""P11: a held run is published when a named person says so, with a reason, and only then."""

import json
import shutil
from pathlib import Path

import duckdb
import pytest
import sqlalchemy as sa
from tests.support.cli import AS_OF, invoke, people, write_rows
from tests.support.people import people_config

from identity.runs.store import open_store
from identity.runs.store_tables import run_table

COUNT = 60
LATER = "2026-07-02T03:00:00"
CONFIG = people_config(source='delivery = "full"')
HEADER = "id,first,last,mail,phone"


def run(folder: Path, as_of: str):
    return invoke("run", "--config", folder / "run.toml", "-w", folder / "w.duckdb", "--as-of", as_of)


def ledger(folder: Path) -> list[dict[str, str]]:
    return json.loads(invoke("status", "-w", folder / "w.duckdb", "--json").stdout)


def query(folder: Path, sql: str) -> list[tuple]:
    with duckdb.connect(str(folder / "w.duckdb"), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def release(folder: Path, run_id: str, *more: str):
    options = more or ("--by", "Ada Steward", "--reason", "half of the shop was closed")
    return invoke("release", run_id, *options, "--config", folder / "run.toml", "-w", folder / "w.duckdb")


@pytest.fixture(scope="module")
def held_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("held")
    (folder / "run.toml").write_text(CONFIG)
    write_rows(folder / "in" / "people1.csv", HEADER, people(COUNT))
    assert run(folder, AS_OF).exit_code == 0
    write_rows(folder / "in" / "people2.csv", HEADER, people(COUNT)[::2])
    assert run(folder, LATER).exit_code == 4
    return folder


@pytest.fixture
def folder(held_once: Path, tmp_path: Path) -> Path:
    return shutil.copytree(held_once, tmp_path / "copy")


def test_p11_a_named_person_releases_a_held_run_with_a_reason(folder: Path) -> None:
    run_id = ledger(folder)[0]["run_id"]
    told = release(folder, run_id)
    assert told.exit_code == 0, told.stderr
    assert "published as generation 2, released by Ada Steward" in told.stdout
    assert query(folder, "select verdict, decided_by, reason from ops.run where run_number = 2") == [
        ("released", "Ada Steward", "half of the shop was closed")
    ]
    assert query(folder, "select count(*) from gold.customer_360") == [(COUNT // 2,)]
    assert ledger(folder)[0]["status"] == "published"
    assert "Published after release" in (folder / "w.state" / "reports" / f"{run_id}.html").read_text("utf-8")
    assert run(folder, "2026-07-03T03:00:00").exit_code == 0
    assert query(folder, "select max(run_number) from ops.run") == [(3,)]


def test_p11_a_release_needs_a_name_and_a_reason(folder: Path) -> None:
    run_id = ledger(folder)[0]["run_id"]
    told = release(folder, run_id, "--by", " ", "--reason", "x")
    assert told.exit_code == 2
    assert "give --by NAME and --reason TEXT" in told.stderr
    assert release(folder, run_id, "--by", "Ada").exit_code == 2
    assert query(folder, "select max(run_number) from ops.run") == [(1,)]


def test_p11_only_a_held_run_that_nothing_overtook_can_be_released(folder: Path) -> None:
    held, published = ledger(folder)
    assert "is published, not held" in release(folder, published["run_id"]).stderr
    assert "no run g999" in release(folder, "g999").stderr
    (folder / "in" / "people2.csv").unlink()
    assert run(folder, "2026-07-03T03:00:00").exit_code == 0
    told = release(folder, held["run_id"])
    assert told.exit_code == 2
    assert "was overtaken: generation 2 was published since" in told.stderr


def test_p8_a_release_killed_after_the_switch_is_published(folder: Path) -> None:
    run_id = ledger(folder)[0]["run_id"]
    assert release(folder, run_id).exit_code == 0
    store = open_store(folder / "w.state")
    with store.begin() as connection:  # as the kill leaves it: switched, the ledger not yet told
        changed = sa.update(run_table).where(run_table.c.run_id == run_id)
        connection.execute(changed.values(status="held", finished_at=None))
    told = release(folder, run_id)
    assert told.exit_code == 0, told.stderr
    assert ledger(folder)[0]["status"] == "published"
    assert query(folder, "select count(*) from ops.run") == [(2,)]
