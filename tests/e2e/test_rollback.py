"""P10: rollback to a kept generation, ids and history included, and the next run after it is right."""

import shutil
from datetime import datetime
from pathlib import Path

import duckdb
import pytest
from tests.support.cli import invoke, people, write_rows
from tests.support.generations import differing, pin_secret, table_hashes
from tests.support.people import OPEN_GATE, people_config

CONFIG = people_config(OPEN_GATE, source='updated_at = "changed"')
HEADER = "id,first,last,mail,phone,changed"
OF_THE_HISTORY = {"identity.profile", "identity.profile_alias", "identity.profile_event", "ops.run"}


def deliver(folder: Path, number: int, rows: list[tuple[object, ...]]) -> None:
    write_rows(folder / "in" / f"people{number}.csv", HEADER, [(*row, f"2026-06-0{number}") for row in rows])


def run(folder: Path, day: int, year: int = 2026) -> None:
    told = invoke(
        "run", "--config", folder / "run.toml", "-w", folder / "w.duckdb", "--as-of", f"{year}-07-0{day}T03:00:00"
    )
    assert told.exit_code == 0, told.output


def rollback(folder: Path, *more: object):
    return invoke(
        "rollback", *more, "--by", "Ada", "--reason", "wrong file", "--config", folder / "run.toml",
        "-w", folder / "w.duckdb",
    )  # fmt: skip


def query(folder: Path, sql: str) -> list[tuple]:
    with duckdb.connect(str(folder / "w.duckdb"), read_only=True) as connection:
        return connection.execute(sql).fetchall()


@pytest.fixture(scope="module")
def three_generations(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two people as two profiles; then one record that joins them, and newcomers; then more newcomers."""
    folder = tmp_path_factory.mktemp("generations")
    pin_secret(folder)
    (folder / "run.toml").write_text(CONFIG)
    everybody = people(24)
    deliver(folder, 1, everybody[:20])
    run(folder, 1)
    _, given, family, mail, _ = everybody[0]
    phone = everybody[0][4]
    deliver(folder, 2, [("moved", given, family, mail, phone), *everybody[20:22]])
    run(folder, 2)
    deliver(folder, 3, everybody[22:])
    run(folder, 3)
    return folder


@pytest.fixture
def folder(three_generations: Path, tmp_path: Path) -> Path:
    return shutil.copytree(three_generations, tmp_path / "copy")


def fates(folder: Path) -> None:
    """P5: every id ever issued has one fate, aliases are closed and end at active profiles."""
    assert query(folder, "select count(*) - count(distinct profile_id) from identity.profile") == [(0,)]
    assert query(
        folder,
        "select count(*) from identity.profile_alias anti join "
        "(select profile_id as current_profile_id from identity.profile where status = 'active') using (current_profile_id)",
    ) == [(0,)]
    assert query(
        folder,
        "select count(*) from identity.profile as p left join gold.customer_360 as c using (profile_id) "
        "where (p.status = 'active') <> (c.profile_id is not null)",
    ) == [(0,)]


def test_p10_every_table_is_the_earlier_generations_and_the_history_goes_on(folder: Path) -> None:
    first = folder / "w.state" / "generations" / "g000001.duckdb"
    issued = {row[0] for row in query(folder, "select profile_id from identity.profile")}
    events = set(query(folder, "select event_id from identity.profile_event"))
    told = rollback(folder, 1)
    assert told.exit_code == 0, told.output
    assert "generation 1 is published again, as generation 4" in told.stdout
    hashes = [table_hashes(path, without=OF_THE_HISTORY) for path in (first, folder / "w.duckdb")]
    assert differing(*hashes) == []
    assert query(folder, "select run_number, verdict, rolled_back_to, decided_by from ops.run")[-1] == (
        4, "rolled_back", 1, "Ada",
    )  # fmt: skip
    assert {row[0] for row in query(folder, "select profile_id from identity.profile")} == issued
    assert events < set(query(folder, "select event_id from identity.profile_event"))
    assert query(folder, "select distinct cause, actor from identity.profile_event where run_number = 4") == [
        ("steward", "Ada")
    ]
    fates(folder)


def test_p10_the_next_run_after_a_rollback_is_right_and_gives_people_their_ids_back(folder: Path) -> None:
    before = query(folder, "select source, source_pk, profile_id from identity.profile_xref order by all")
    golden = query(folder, "select * exclude (profile_version) from gold.customer_360 order by profile_id")
    assert rollback(folder, 1).exit_code == 0
    run(folder, 4)
    assert query(folder, "select source, source_pk, profile_id from identity.profile_xref order by all") == before
    assert query(folder, "select * exclude (profile_version) from gold.customer_360 order by profile_id") == golden
    fates(folder)


def test_p10_without_a_number_it_is_the_generation_before(folder: Path) -> None:
    told = rollback(folder)
    assert "generation 2 is published again, as generation 4" in told.stdout
    fates(folder)


def test_p10_a_generation_that_is_not_kept_is_named_with_those_that_are(folder: Path) -> None:
    told = rollback(folder, 9)
    assert told.exit_code == 2
    assert "generation 9 is not kept; one can go back to: 1, 2" in told.stderr
    assert "generation 3 is live" in rollback(folder, 3).stderr
    assert query(folder, "select max(run_number) from ops.run") == [(3,)]


def test_p10_back_and_forth(folder: Path) -> None:
    third = folder / "w.state" / "generations" / "g000003.duckdb"
    assert rollback(folder, 1).exit_code == 0
    assert rollback(folder, 3).exit_code == 0
    hashes = [table_hashes(path, without=OF_THE_HISTORY) for path in (third, folder / "w.duckdb")]
    assert differing(*hashes) == []
    assert query(folder, "select max(as_of) from ops.run")[0][0] > datetime(2026, 7, 3)
    fates(folder)


def test_who_belonged_where_can_be_asked_for_every_moment(folder: Path) -> None:
    assert rollback(folder, 1).exit_code == 0
    run(folder, 1, year=2126)  # after the rollback, whose time is the clock's
    for number in (1, 2, 3):
        generation = folder / "w.state" / "generations" / f"g{number:06d}.duckdb"
        with duckdb.connect(str(generation), read_only=True) as connection:
            expected = connection.execute(
                "select source, source_pk, profile_id from identity.profile_xref order by all"
            ).fetchall()
        moment = f"timestamp '2026-07-0{number} 12:00:00'"
        told = query(folder, f"select source, source_pk, profile_id from identity.profile_as_of({moment}) order by all")
        assert told == expected
    assert query(folder, "from identity.profile_as_of(timestamp '2026-06-30')") == []
    now = query(folder, "select source, source_pk, profile_id from identity.profile_xref order by all")
    later = query(
        folder, "select source, source_pk, profile_id from identity.profile_as_of(timestamp '2127-01-01') order by all"
    )
    assert later == now
