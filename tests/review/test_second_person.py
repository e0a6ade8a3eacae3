"""Joining many records takes two people, whichever way it is said: the command line, a file of decisions, a browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from identity.desk import desk
from identity.stewardship import log as decision_log
from identity.stewardship import proposals
from identity.stewardship.decisions import Kind
from tests.support.cli import invoke
from tests.support.office import Office, post


@pytest.fixture
def office(published: Path, tmp_path: Path) -> Iterator[Office]:
    made = Office(published, tmp_path / "own", second_person_records=4)
    (made.folder / "run.toml").write_text(
        'region = "US"\nwarehouse = "w.duckdb"\n[review]\nsecond_person_records = 4\n'
    )
    yield made
    made.close()


def say(office: Office, *words: object) -> str:
    found = invoke("decide", *words, "--config", office.folder / "run.toml")
    return f"{found.exit_code} {' '.join(found.output.split())}"


def profiles(office: Office, records: int) -> list[str]:
    """Profiles of so many records."""
    with desk(office.settings) as at:
        assert at._connection is not None
        query = "select profile_id from identity.profile_xref group by all having count(*) = ? order by profile_id"
        return [row[0] for row in at._connection.execute(query, [records]).fetchall()]


def test_the_command_line_proposes_and_somebody_else_confirms(office: Office) -> None:
    one, other = profiles(office, 2)[:2]
    by = ("--by", "Stella", "--reason", "one family book")
    told = say(office, "same", one, other, *by)
    assert told.startswith("0 P1 proposed: joining 4 records takes a second person (from 4 records")
    assert decision_log.read(office.store) == []
    assert "proposed already, as P1" in say(office, "same", one, other, *by)
    assert "P1: Stella proposes to join 4 records" in invoke("queue", "--config", office.folder / "run.toml").output
    for name in ("Stella", " stella "):
        assert say(office, "confirm", "P1", "--by", name).startswith("2 ")
    assert decision_log.read(office.store) == []
    assert say(office, "confirm", "P1", "--by", "Max", "--reason", "seen too").startswith("0 D1 recorded (same)")
    (decision,) = decision_log.read(office.store)
    assert (decision.said.kind, decision.said.decided_by) == (Kind.SAME, "Stella, Max")
    assert decision.said.reason == "one family book; seen too"
    assert len(decision.said.records) == 4, "all records of both profiles"
    assert "no such open proposal" in say(office, "confirm", "P1", "--by", "Ada")


def test_what_is_declined_is_not_decided_and_keeping_apart_takes_one(office: Office) -> None:
    one, other = profiles(office, 2)[:2]
    say(office, "same", one, other, "--by", "Stella", "--reason", "one family book")
    assert say(office, "decline", "p1", "--by", "Stella") == "0 p1 is declined; nothing was decided."
    assert decision_log.read(office.store) == []
    assert say(office, "not-same", one, other, "--by", "Stella", "--reason", "two").startswith("0 D1 recorded")


def test_a_large_join_is_not_made_of_small_ones(office: Office) -> None:
    pair, (single, *_) = profiles(office, 2), profiles(office, 1)
    assert say(office, "same", single, pair[0], "--by", "Stella", "--reason", "one").startswith("0 D1 recorded")
    assert "P1 proposed: joining 5 records" in say(office, "same", single, pair[1], "--by", "Stella", "--reason", "one")


def test_a_join_within_one_profile_joins_nothing_and_takes_one_person(office: Office) -> None:
    with desk(office.settings) as at:
        one, other = (":".join(record) for record in at.records(profiles(office, 2)[0]))
    assert say(office, "same", one, other, "--by", "Stella", "--reason", "confirmed").startswith("0 D1 recorded")


def test_a_file_of_decisions_is_no_way_around(office: Office, tmp_path: Path) -> None:
    config = office.folder / "run.toml"
    with desk(office.settings) as at:
        sides = ["\n".join(":".join(key) for key in at.records(name)) for name in profiles(office, 2)[:2]]
    batch = tmp_path / "batch.csv"

    def write(by: str) -> None:
        batch.write_text(f'kind,decided_by,reason,records_1,records_2\nsame,"{by}",one,"{sides[0]}","{sides[1]}"\n')

    write("Stella")
    told = invoke("decisions", "--import", batch, "--config", config)
    assert told.exit_code == 2
    assert "joining 4 records takes two people" in told.output
    assert decision_log.read(office.store) == []
    write("Stella, Max")
    assert invoke("decisions", "--import", batch, "--config", config).exit_code == 0
    assert decision_log.read(office.store)[0].said.decided_by == "Stella, Max"


def test_the_browser_shows_and_confirms_what_the_command_line_proposed(office: Office) -> None:
    one, other = profiles(office, 2)[:2]
    say(office, "same", one, other, "--by", "Stella", "--reason", "one family book")
    (found,) = proposals.proposals(office.store)
    page = office.client("Max").get("/").text
    assert found.parts[0][0] in page
    assert "Confirm as second person" in page
    assert "Confirm as second person" not in office.client("Stella").get("/").text
    post(office.client("Max"), f"/proposals/{found.number}", answer="confirm")
    assert decision_log.read(office.store)[0].said.decided_by == "Stella, Max"
