"""P11: a run that moves too much is held; the last generation stays and the reasons can be read."""

import json
import shutil
from pathlib import Path

import duckdb
import pytest
from tests.support.cli import AS_OF, invoke, people, write_rows
from tests.support.generations import differing, table_hashes
from tests.support.people import CONTACTS, people_config

LATER = "2026-07-02T03:00:00"
HEADER = "id,first,last,mail,phone"
COUNT = 60


def configure(folder: Path, *, more: str = "", contacts: str = CONTACTS) -> None:
    (folder / "run.toml").write_text(people_config(more, source='delivery = "full"', contacts=contacts))


def deliver(folder: Path, rows: list[tuple[object, ...]], name: str) -> None:
    write_rows(folder / "in" / name, HEADER, rows)


def run(folder: Path, as_of: str):
    return invoke("run", "--config", folder / "run.toml", "-w", folder / "w.duckdb", "--as-of", as_of)


@pytest.fixture(scope="module")
def first_generation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixty people, twenty of them with a second record that shares nothing but e-mail and phone."""
    folder = tmp_path_factory.mktemp("first")
    configure(folder)
    found = people(COUNT)
    again = [(f"s{key}", given, f"{family}-Lee", mail, phone) for key, given, family, mail, phone in found[:20]]
    deliver(folder, [*found, *again], "people1.csv")
    told = run(folder, AS_OF)
    assert told.exit_code == 0, told.stderr
    return folder


@pytest.fixture
def folder(first_generation: Path, tmp_path: Path) -> Path:
    return shutil.copytree(first_generation, tmp_path / "next")


def assert_held(folder: Path, before: dict[str, str], *reasons: str) -> None:
    told = run(folder, LATER)
    assert told.exit_code == 4, told.output
    report = Path(told.stderr.rsplit("\nreport     ", 1)[1].strip()).read_text(encoding="utf-8")
    newest, published = json.loads(invoke("status", "-w", folder / "w.duckdb", "--json").stdout)
    shown = invoke("status", "-w", folder / "w.duckdb").stdout
    for reason in reasons:
        assert reason in told.stderr
        assert reason in newest["reason"]
        assert reason in shown
        assert reason in report
    assert "the run is held, nothing was published" in told.stderr
    assert (newest["status"], published["status"]) == ("held", "published")
    assert f"(published by run {published['run_id']})" in shown
    assert differing(table_hashes(folder / "w.duckdb"), before) == []


def test_p11_people_vanishing_from_a_full_delivery_hold_the_run(folder: Path) -> None:
    before = table_hashes(folder / "w.duckdb")
    deliver(folder, people(COUNT)[::2], "people2.csv")
    assert_held(folder, before, "the number of profiles would change by -50 % (limit 10 % either way)")


def test_p11_ids_moving_by_a_changed_configuration_hold_the_run(folder: Path) -> None:
    before = table_hashes(folder / "w.duckdb")
    configure(folder, contacts="")
    assert_held(folder, before, "of the known records would change their profile id (limit 2 %)", "by rule_or_model")


def test_p11_many_rejected_rows_hold_the_run(folder: Path) -> None:
    before = table_hashes(folder / "w.duckdb")
    deliver(folder, [*people(COUNT), *(("x", "too", "short") for _ in range(40))], "people2.csv")
    assert_held(folder, before, "of the delivered rows were rejected (limit 5 %)")


def test_p11_a_raised_limit_lets_the_wanted_movement_through(folder: Path) -> None:
    deliver(folder, people(COUNT)[::2], "people2.csv")
    assert run(folder, LATER).exit_code == 4
    configure(folder, more="[gate]\nmax_profile_count_change = 0.6\nmax_changed_ids = 0.5\nmax_fill_rate_change = 0.5")
    told = run(folder, LATER)
    assert told.exit_code == 0, told.stderr
    with duckdb.connect(str(folder / "w.duckdb"), read_only=True) as connection:
        assert connection.execute("select max(run_number) from ops.run").fetchall() == [(2,)]
        fates = dict(connection.execute("select status, count(*) from identity.profile group by status").fetchall())
    assert fates["active"] == COUNT // 2
    assert fates["retired"] == COUNT // 2  # P5: the ids of those who left have a fate


def test_p11_the_first_run_and_a_small_movement_are_not_held(folder: Path) -> None:
    deliver(folder, people(COUNT + 2), "people2.csv")
    configure(folder, more="[gate]\nmax_changed_ids = 0.5\nmax_fill_rate_change = 0.5")
    assert run(folder, LATER).exit_code == 0
