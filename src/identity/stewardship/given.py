"""The decisions of a run: the log as it stood when the run began."""

from typing import Any

from identity.runs.workspace import Session
from identity.stewardship.decisions import Decision, Kind, standing
from identity.stewardship.log import decisions_of

READS = ("steward.log", "steward.log_record")


def decisions(db: Session) -> list[Decision]:
    """All entries of the log that the run took along; `db` has READS open."""
    records: dict[int, list[dict[str, Any]]] = {}
    for record in db.query("select * from steward.log_record order by number, position").to_pylist():
        records.setdefault(record["number"], []).append(record)
    return decisions_of(db.query("select * from steward.log order by number").to_pylist(), records)


def blocking(log: list[Decision]) -> dict[tuple[str, str], Decision]:
    """The standing word about each (identifier type, value): the decision that blocks or unblocks it."""
    return {
        (decision.said.field, decision.said.value): decision
        for decision in standing(log)
        if decision.said.kind in (Kind.BLOCK_VALUE, Kind.UNBLOCK_VALUE)
        and decision.said.field is not None
        and decision.said.value is not None
    }
