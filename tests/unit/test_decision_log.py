"""P15: the decision log is append-only; whoever changes it is found, whoever is erased leaves it whole."""

import sqlite3
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from identity.runs.store import open_store
from identity.stewardship import log as decision_log
from identity.stewardship.decisions import Decision, Kind, Said, renewed, states

SECRET = b"secret of the test"
AT = datetime(2026, 7, 1, 9, 30)
A, B, C = ("crm", "a"), ("crm", "b"), ("crm", "c")


def same(*keys, kind=Kind.SAME, reason="told me herself", **further) -> Said:
    return Said(kind, "Stella", AT, reason, tuple((key,) for key in keys), evidence=("0" * 16,) * len(keys), **further)


@pytest.fixture
def store(tmp_path: Path) -> sa.Engine:
    engine = open_store(tmp_path)
    correction = Said(Kind.CORRECT_VALUE, "Stella", AT, "by phone", ((A,),), "phone", "+12125550101", evidence=("-",))
    decision_log.append(engine, SECRET, [same(A, B), correction])
    decision_log.append(engine, SECRET, [same(B, C, kind=Kind.NOT_SAME), Said(Kind.UNDO, "Max", AT, "no", undoes=1)])
    return engine


def problems(store: sa.Engine, published: dict[int, str] | None = None) -> tuple[str, ...]:
    return decision_log.verify(store, SECRET, published).problems


def tamper(store: sa.Engine, *statements: str) -> None:
    """Change the file as somebody would who drops the triggers first."""
    with sqlite3.connect(str(store.url.database)) as connection:
        for table in ("decision", "decision_record"):
            for event in ("delete", "update"):
                connection.execute(f"drop trigger {table}_{event}")
        for statement in statements:
            connection.execute(statement)
    connection.close()


def test_p15_an_untouched_log_is_whole(store: sa.Engine) -> None:
    assert problems(store) == ()
    assert decision_log.verify(store, SECRET).decisions == 4


@pytest.mark.parametrize(
    "statement",
    [
        "delete from decision where number = 4",
        "delete from decision_record",
        "update decision set decided_by = 'Eve'",
        "update decision set chain_hash = 'x' where number = 2",
        "update decision_record set digest = 'x'",
    ],
)
def test_p15_the_store_itself_refuses_changes(store: sa.Engine, statement: str) -> None:
    with pytest.raises(sa.exc.DatabaseError, match="append-only"), store.begin() as connection:
        connection.exec_driver_sql(statement)
    assert problems(store) == ()


@pytest.mark.parametrize(
    ("statement", "place"),
    [
        ("update decision set decided_by = 'Eve' where number = 2", "D2: its content is not what its hash"),
        ("update decision set kind = 'not_same' where number = 1", "D1: its content is not what its hash"),
        ("update decision set at = '2020-01-01 00:00:00.000000' where number = 3", "D3: its content"),
        ("update decision set reason = 'other' where number = 2", "D2: its reason or value was changed"),
        ("update decision set value = '+12125550199' where number = 2", "D2: its reason or value was changed"),
        ("update decision set reason = null where number = 2", "D2: its reason or value was changed"),
        (
            "update decision_record set source_pk = 'z' where number = 3 and position = 1",
            "D3: its record 2 was changed",
        ),
        ("delete from decision_record where number = 1 and position = 0", "D1: its content"),
        ("delete from decision where number = 2", "D3: follows D1; entries between them are gone"),
        ("delete from decision where number = 4", "the log ends at D3"),
        ("update decision set undoes = 3 where number = 4", "D4: its content"),
    ],
)
def test_p15_a_changed_entry_is_found_and_named(store: sa.Engine, statement: str, place: str) -> None:
    tamper(store, statement)
    assert any(problem.startswith(place) for problem in problems(store)), problems(store)


def test_p15_a_log_written_anew_is_found_by_the_published_hashes(store: sa.Engine, tmp_path: Path) -> None:
    published = {decision.number: decision.chain_hash for decision in decision_log.read(store)}
    forged = open_store(tmp_path / "forged")
    decision_log.append(forged, SECRET, [same(A, C)])
    assert problems(forged) == ()
    assert "D1: not what the last generation published" in problems(forged, published)


def test_p15_erased_text_and_keys_leave_the_chain_whole(store: sa.Engine) -> None:
    assert decision_log.erase_text(store, [2], [A], AT) == 3
    verified = decision_log.verify(store, SECRET)
    assert (verified.problems, verified.erased) == ((), 2)
    log = decision_log.read(store)
    assert log[1].said.value is None
    assert log[1].said.reason is None
    assert log[0].said.parts == ((), (B,))
    assert log[0].said.reason == "told me herself"  # that of another person's decision is erased by its number
    content = Path(str(store.url.database)).read_bytes()
    with sqlite3.connect(str(store.url.database)) as connection:
        connection.execute("vacuum")
    connection.close()
    content = Path(str(store.url.database)).read_bytes()
    assert b"+12125550101" not in content
    assert b"by phone" not in content


def test_p15_two_stewards_at_once_get_two_numbers(store: sa.Engine) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: decision_log.append(store, SECRET, [same(A, C)]), range(8)))
    assert [decision.number for decision in decision_log.read(store)] == list(range(1, 13))
    assert problems(store) == ()


def test_a_decision_about_the_same_thing_is_renewed_but_never_turned_silently() -> None:
    log = [Decision(1, same(A, B))]
    assert renewed(log, same(B, A)) == 1
    assert renewed(log, same(A, B, kind=Kind.NOT_SAME)) is None
    assert renewed(log, same(A, B, kind=Kind.UNSURE)) == 1
    pinned = Said(Kind.PIN_VALUE, "s", AT, "r", ((A,),), "email")
    log.append(Decision(2, pinned))
    assert renewed(log, replace(pinned, kind=Kind.CORRECT_VALUE, value="x")) == 2
    assert renewed(log, replace(pinned, field="phone")) is None


def test_an_undone_undo_brings_a_decision_back() -> None:
    undo = Said(Kind.UNDO, "s", AT, "r", undoes=1)
    log = [Decision(1, same(A, B)), Decision(2, undo), Decision(3, replace(undo, undoes=2))]
    assert list(states(log).values()) == ["active", "revoked", "active"]


def test_a_decision_whose_record_changed_is_stale() -> None:
    from identity.stewardship.decisions import mark

    said = replace(same(A, B), evidence=(mark("h1"), mark("h2")))
    assert states([Decision(1, said)], {A: "h1", B: "h2"})[1] == "active"
    assert states([Decision(1, said)], {A: "h1", B: "h3"})[1] == "stale"
    assert states([Decision(1, said)], {A: "h1"})[1] == "active"  # a withdrawn record says nothing
