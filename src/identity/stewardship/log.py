"""The decision log in the operational store: append, read, verify, erase text.

The chain's hash of an entry covers the hash before it, the entry's structure and keyed digests of what may be
personal (reason, value, each record's key). So text can be erased later and the chain still proves that no
entry was changed, removed or put in between (PROMISES.md P15). A keyed digest of the last hash stands beside
the log: an entry cut off at the end is noticed as well.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from identity.runs.keyed import keyed_hash
from identity.runs.store import one_at_a_time
from identity.runs.store_tables import decision_record_table, decision_table, meta_table
from identity.stewardship.decisions import UNKNOWN, Decision, Key, Kind, Said

GENESIS = "0" * 64
_HEAD = "decision_head"


@dataclass(frozen=True)
class Verified:
    """What a look over the whole chain found; `problems` is empty when it is whole."""

    decisions: int
    erased: int
    head: str
    problems: tuple[str, ...]


def append(store: sa.Engine, secret: bytes, said: Sequence[Said]) -> list[Decision]:
    """Add entries in one transaction and return them with their numbers."""
    with store.connect() as connection:
        one_at_a_time(connection)  # two stewards at once get two numbers
        last = connection.execute(
            sa.select(decision_table.c.number, decision_table.c.chain_hash)
            .order_by(decision_table.c.number.desc())
            .limit(1)
        ).one_or_none()
        number, previous = (int(last[0]), str(last[1])) if last else (0, GENESIS)
        added = []
        for entry in said:
            number += 1
            row, records = _rows(number, entry, previous, secret)
            connection.execute(sa.insert(decision_table).values(row))
            if records:
                connection.execute(sa.insert(decision_record_table), records)
            previous = row["chain_hash"]
            added.append(Decision(number, entry, previous))
        _write_head(connection, secret, number, previous)
        connection.commit()
    return added


def read(store: sa.Engine) -> list[Decision]:
    """All entries in order."""
    with store.connect() as connection:
        rows, records = _everything(connection)
    return decisions_of(rows, records)


def decisions_of(
    rows: Iterable[Mapping[str, Any]], records: Mapping[int, Sequence[Mapping[str, Any]]]
) -> list[Decision]:
    """Decisions from the rows of the log, in their order, and of its records by number, each in their order."""
    return [_decision(row, records.get(row["number"], ())) for row in rows]


def erase_text(store: sa.Engine, numbers: Iterable[int], records: Iterable[Key], at: datetime) -> int:
    """Empty reason and value of these entries, and these records' keys wherever they stand; returns rows changed.

    The entries, their order and the chain stay. What a decision without its records or its value was about can
    no longer be followed.
    """
    changed = 0
    with store.begin() as connection:
        for number in numbers:
            emptied = sa.update(decision_table).where(decision_table.c.number == number)
            changed += connection.execute(emptied.values(reason=None, value=None, erased_at=at)).rowcount
        for source, source_pk in records:
            place = (decision_record_table.c.source == source) & (decision_record_table.c.source_pk == source_pk)
            named = sa.select(decision_record_table.c.number).where(place)
            marked = sa.update(decision_table).where(decision_table.c.number.in_(named))
            connection.execute(marked.values(erased_at=at))
            gone = sa.update(decision_record_table).where(place).values(source=None, source_pk=None)
            changed += connection.execute(gone).rowcount
    return changed


def verify(store: sa.Engine, secret: bytes, published: Mapping[int, str] | None = None) -> Verified:
    """Check every link of the chain, every digest, its head and, where given, the hashes that were published."""
    with store.connect() as connection:
        rows, records = _everything(connection)
        head = connection.execute(sa.select(meta_table.c.value).where(meta_table.c.name == _HEAD)).scalar_one_or_none()
    problems: list[str] = []
    previous, expected = GENESIS, 1
    for row in rows:
        name = f"D{row['number']}"
        if row["number"] != expected:
            problems.append(f"{name}: follows D{expected - 1}; entries between them are gone")
        if row["previous_hash"] != previous:
            problems.append(f"{name}: does not continue the chain of the entry before it")
        problems += [f"{name}: {problem}" for problem in _wrong(row, records.get(row["number"], []), secret)]
        previous, expected = row["chain_hash"], row["number"] + 1
    last = rows[-1]["number"] if rows else 0
    if head != _head(secret, last, previous) and (rows or head is not None):
        problems.append(f"the log ends at D{last}, but that is not where it ended when it was last written")
    known = {row["number"]: row["chain_hash"] for row in rows}
    for number, chain_hash in sorted((published or {}).items()):
        if known.get(number) != chain_hash:
            problems.append(f"D{number}: not what the last generation published")
    erased = sum(row["erased_at"] is not None for row in rows)
    return Verified(len(rows), erased, previous, tuple(problems))


def _wrong(row: Mapping[str, Any], records: Sequence[Mapping[str, Any]], secret: bytes) -> list[str]:
    found = []
    if row["erased_at"] is None and row["text_digest"] != _text_digest(row, secret):
        found.append("its reason or value was changed")
    for record in records:
        if record["source"] is None and row["erased_at"] is not None:
            continue
        if record["digest"] != _record_digest(record, secret):
            found.append(f"its record {record['position'] + 1} was changed")
    if row["chain_hash"] != _chain_hash(row, records):
        found.append("its content is not what its hash was made of")
    return found


def _rows(number: int, said: Said, previous: str, secret: bytes) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The row of `decision` and those of `decision_record`."""
    row: dict[str, Any] = {
        "number": number,
        "kind": said.kind.value,
        "decided_by": said.decided_by,
        "at": said.at,
        "field": said.field,
        "value": said.value,
        "reason": said.reason,
        "undoes": said.undoes,
        "supersedes": said.supersedes,
        "assignee": said.assignee,
        "due": said.due,
        "evidence": " ".join(said.evidence),
        "previous_hash": previous,
        "erased_at": None,
    }
    row["text_digest"] = _text_digest(row, secret)
    records: list[dict[str, Any]] = []
    for part, members in enumerate(said.parts):
        for source, source_pk in members:
            record = {
                "number": number,
                "position": len(records),
                "part": part,
                "source": source,
                "source_pk": source_pk,
            }
            records.append({**record, "digest": _record_digest(record, secret)})
    row["chain_hash"] = _chain_hash(row, records)
    return row, records


_STRUCTURE = ("number", "kind", "decided_by", "field", "undoes", "supersedes", "assignee", "evidence", "text_digest")


def _chain_hash(row: Mapping[str, Any], records: Sequence[Mapping[str, Any]]) -> str:
    structure = {
        **{name: row[name] for name in _STRUCTURE},
        "at": row["at"].isoformat(),
        "due": row["due"].isoformat() if row["due"] else None,
        "records": [[record["part"], record["digest"]] for record in records],
    }
    text = json.dumps([row["previous_hash"], structure], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _text_digest(row: Mapping[str, Any], secret: bytes) -> str:
    return _hashed(secret, ["text", row["number"], row["reason"], row["value"]])


def _record_digest(record: Mapping[str, Any], secret: bytes) -> str:
    return _hashed(secret, ["record", record["number"], record["position"], record["source"], record["source_pk"]])


def _hashed(secret: bytes, parts: list[Any]) -> str:
    return keyed_hash(secret, json.dumps(parts))


def _head(secret: bytes, number: int, chain_hash: str) -> str:
    return f"{number}:{_hashed(secret, ['head', number, chain_hash])}"


def _write_head(connection: sa.Connection, secret: bytes, number: int, chain_hash: str) -> None:
    connection.execute(sa.delete(meta_table).where(meta_table.c.name == _HEAD))
    connection.execute(sa.insert(meta_table).values(name=_HEAD, value=_head(secret, number, chain_hash)))


def _everything(connection: sa.Connection) -> tuple[list[Mapping[str, Any]], dict[int, list[Mapping[str, Any]]]]:
    rows = connection.execute(sa.select(decision_table).order_by(decision_table.c.number)).mappings().all()
    records: dict[int, list[Mapping[str, Any]]] = {}
    order = (decision_record_table.c.number, decision_record_table.c.position)
    for record in connection.execute(sa.select(decision_record_table).order_by(*order)).mappings():
        records.setdefault(record["number"], []).append(dict(record))
    return [dict(row) for row in rows], records


def _decision(row: Mapping[str, Any], records: Sequence[Mapping[str, Any]]) -> Decision:
    evidence = row["evidence"].split()
    parts: list[list[Key]] = [[] for _ in range(max((record["part"] + 1 for record in records), default=0))]
    marks = []
    for record, known in zip(records, evidence or [UNKNOWN] * len(records), strict=True):
        if record["source"] is not None:
            parts[record["part"]].append((record["source"], record["source_pk"]))
            marks.append(known)
    said = Said(
        kind=Kind(row["kind"]),
        decided_by=row["decided_by"],
        at=row["at"],
        reason=row["reason"],
        parts=tuple(tuple(part) for part in parts),
        field=row["field"],
        value=row["value"],
        undoes=row["undoes"],
        supersedes=row["supersedes"],
        assignee=row["assignee"],
        due=row["due"],
        evidence=tuple(marks),
    )
    return Decision(row["number"], said, row["chain_hash"], row["erased_at"] is not None)
