"""What became of decisions in a run, as rows of the published tables."""

from collections.abc import Container, Mapping, Sequence
from typing import Any

import pyarrow as pa

from identity.stewardship.closure import Ruling
from identity.stewardship.decisions import GROUPING, Decision, Key, Kind, State, undone_by

APPLIED, WAITING, CONTRADICTED = "applied", "waiting", "contradiction"
_HOLDS = (State.ACTIVE, State.STALE)


def effects(
    log: Sequence[Decision], state: Mapping[int, State], contradicted: Container[int], live: Container[Key]
) -> dict[int, str | None]:
    """Effect of every decision by number: applied, waiting for its records, contradiction, or None."""
    found: dict[int, str | None] = {}
    for decision in log:
        said = decision.said
        here = [record for record in said.records if record in live]
        if state[decision.number] not in _HOLDS or said.kind is Kind.UNDO:
            found[decision.number] = None
        elif decision.number in contradicted:
            found[decision.number] = CONTRADICTED
        elif said.parts and len(here) < (2 if said.kind in GROUPING else 1):
            found[decision.number] = WAITING
        else:
            found[decision.number] = APPLIED
    return found


def decision_rows(
    log: Sequence[Decision],
    state: Mapping[int, State],
    effect: Mapping[int, str | None],
    prior: Mapping[int, Mapping[str, Any]],
    run_number: int,
) -> pa.Table:
    """The rows of `steward.decision`; `prior` are those of the last generation by number."""
    ended = undone_by(log)
    rows = []
    for decision in log:
        number, said = decision.number, decision.said
        before = prior.get(number)
        unchanged = before is not None and (before["state"], before["effect"]) == (state[number], effect[number])
        rows.append(
            {
                "number": number,
                "decision_id": decision.name,
                "kind": said.kind.value,
                "state": state[number].value,
                "effect": effect[number],
                "decided_by": said.decided_by,
                "at": said.at,
                "reason": said.reason,
                "records": [written(record) for record in said.records],
                "parts": [part for part, records in enumerate(said.parts) for _ in records],
                "field": said.field,
                "value": said.value,
                "undoes": _name(said.undoes),
                "supersedes": _name(said.supersedes),
                "ended_by": ended[number].said.decided_by if number in ended else None,
                "assignee": said.assignee,
                "due": said.due,
                "evidence": " ".join(said.evidence),
                "since_run": before["since_run"] if before is not None and unchanged else run_number,
                "chain_hash": decision.chain_hash,
            }
        )
    return pa.Table.from_pylist(rows, schema=_DECISION)


_TEXTS = (
    "decision_id", "kind", "state", "effect", "decided_by", "reason", "field", "value", "undoes", "supersedes",
    "ended_by", "assignee", "evidence", "chain_hash",
)  # fmt: skip
_DECISION = pa.schema(
    [
        ("number", pa.int64()), ("at", pa.timestamp("us")), ("records", pa.list_(pa.string())),
        ("parts", pa.list_(pa.int32())), ("due", pa.date32()), ("since_run", pa.int64()),
        *((name, pa.string()) for name in _TEXTS),
    ]
)  # fmt: skip


def contradictions(ruling: Ruling) -> pa.Table:
    """Of every contradiction the names of its `decisions` and its `records`."""
    return pa.table(
        {
            "decisions": pa.array(
                [[f"D{number}" for number in entry.decisions] for entry in ruling.contradictions],
                pa.list_(pa.string()),
            ),
            "records": pa.array(
                [[written(record) for record in entry.records] for entry in ruling.contradictions],
                pa.list_(pa.string()),
            ),
        }
    )


def written(record: Key) -> str:
    """A record as people write it, source:key."""
    return f"{record[0]}:{record[1]}"


def key_of(text: str) -> Key:
    """The record of a text that `written` made."""
    source, _, source_pk = text.partition(":")
    return source, source_pk


def _name(number: int | None) -> str | None:
    return None if number is None else f"D{number}"
