"""A steward's desk: what `identity decide`, `undo`, `decisions` and `queue` do between the warehouse and the log.

Records are looked up in the published generation; a profile id stands for the records it has at that moment.
"""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa
import sqlalchemy as sa

from identity.engine import warehouse
from identity.engine.sql import load
from identity.errors import ConfigurationError
from identity.runs import lease, lifecycle
from identity.runs.store import open_store, store_secret
from identity.settings import Settings
from identity.standardising.blocked import match_key
from identity.stewardship import log as decision_log
from identity.stewardship.closure import Contradiction, ruling
from identity.stewardship.decisions import (
    UNKNOWN,
    Decision,
    Key,
    Kind,
    Said,
    State,
    keys_of,
    mark,
    renewed,
    standing,
    states,
)
from identity.stewardship.golden import golden_value
from identity.stewardship.outcome import written

FIELDS = ("name", "email", "phone", "address", "birth_date", "gender", "company")
Parts = tuple[tuple[Key, ...], ...]


@dataclass(frozen=True)
class Word:
    """Who says it, why, and who is to look again when."""

    by: str
    reason: str
    due: date | None = None
    assignee: str | None = None
    replaces: int | None = None


@dataclass(frozen=True)
class Recorded:
    """A new entry of the log: what it replaced, what it contradicts, and the run that goes on without it."""

    decision: Decision
    replaced: int | None
    contradictions: tuple[Contradiction, ...]
    running: str | None


class Desk:
    """The published generation (None before the first run) and the decision log, open for one command."""

    def __init__(self, settings: Settings, connection: duckdb.DuckDBPyConnection | None) -> None:
        self.settings = settings
        self._connection = connection
        self.store: sa.Engine = open_store(settings.state)
        self.secret = store_secret(settings.state)
        self.log = decision_log.read(self.store)

    @property
    def is_published(self) -> bool:
        """Whether there is a generation to look records up in."""
        return self._connection is not None

    def rows(self, query: str, **parameters: Any) -> list[dict[str, Any]]:
        """Rows of `sql/steward/<query>.sql` over the published generation."""
        if self._connection is None:
            raise ConfigurationError(f"{self.settings.warehouse}: no warehouse there yet; `identity run` publishes one")
        return list(self._connection.sql(load(f"steward/{query}"), params=parameters).to_arrow_table().to_pylist())

    def wanted(self, keys: Sequence[Key]) -> None:
        """Name the records that the next query is about."""
        if self._connection is not None:
            columns = {"source": [key[0] for key in keys], "source_pk": [key[1] for key in keys]}
            schema = pa.schema([("source", pa.string()), ("source_pk", pa.string())])
            self._connection.register("_wanted", pa.table(columns, schema=schema))
            self._connection.execute("create or replace temp table wanted as select * from _wanted").fetchall()

    def facts(self, keys: Sequence[Key]) -> dict[Key, dict[str, Any]]:
        """record_hash and profile_id of those records that are published."""
        if self._connection is None or not keys:
            return {}
        self.wanted(keys)
        return {(row["source"], row["source_pk"]): row for row in self.rows("record_facts")}

    def records(self, text: str) -> tuple[Key, ...]:
        """The record written source:key, or all records of the profile with this id.

        Raises ConfigurationError when there is neither.
        """
        source, colon, source_pk = text.partition(":")
        if colon:
            if not self.facts([(source, source_pk)]):
                raise ConfigurationError(
                    f"{text}: no such record in the published warehouse; take source and source_pk from a row of "
                    "identity.profile_xref, or give a profile id"
                )
            return ((source, source_pk),)
        found = tuple((row["source"], row["source_pk"]) for row in self.rows("records_of", profile_id=text))
        if not found:
            fate = self.rows("fate_of", profile_id=text)
            known = f"that profile is {fate[0]['status']} and has no records" if fate else "no such profile"
            raise ConfigurationError(f"{text}: {known}; give an id of identity.profile, or a record as source:key")
        return found

    def marks(self, parts: Parts) -> tuple[str, ...]:
        """Marks of the records' content of today."""
        facts = self.facts([record for part in parts for record in part])
        return tuple(
            mark(facts[record]["record_hash"]) if record in facts else UNKNOWN for part in parts for record in part
        )

    def states(self) -> dict[int, State]:
        """State of every decision, against the records as published."""
        facts = self.facts(keys_of(self.log))
        return states(self.log, {key: row["record_hash"] for key, row in facts.items() if row["record_hash"]})

    def contradictions(self, decisions: Sequence[Decision]) -> tuple[Contradiction, ...]:
        """Contradictions among the decisions that stand."""
        return ruling(standing(decisions), {}).contradictions

    def number(self, text: str) -> int:
        """The number of a decision written D12; raises ConfigurationError when there is none."""
        digits = text[1:] if text[:1] in ("D", "d") else text
        if not digits.isdecimal() or int(digits) not in {decision.number for decision in self.log}:
            raise ConfigurationError(f"{text}: no such decision; `identity decisions` lists them")
        return int(digits)


@contextlib.contextmanager
def desk(settings: Settings) -> Iterator[Desk]:
    """Open the desk; the state folder is created when it is new."""
    if not settings.warehouse.exists():
        yield Desk(settings, None)
        return
    with warehouse.opened(settings.warehouse) as connection:
        yield Desk(settings, connection)


def say(at: Desk, kind: Kind, word: Word, parts: Parts = (), **details: Any) -> Recorded:
    """Add a decision to the log; `details` are `field`, `value`, `undoes`. Raises ConfigurationError on wrong use."""
    said = Said(
        kind=kind,
        decided_by=_text("--by", word.by, 200),
        at=lease.now().replace(microsecond=0),
        reason=_text("--reason", word.reason, 2000),
        parts=parts,
        assignee=_text("--assignee", word.assignee, 200) if word.assignee is not None else None,
        due=word.due,
        evidence=at.marks(parts) if parts else (),
        **details,
    )
    replaced = word.replaces if word.replaces is not None else renewed(at.log, said)
    if word.replaces is not None:
        _may_replace(at, word.replaces)
    before = {entry.decisions for entry in at.contradictions(at.log)}
    (decision,) = decision_log.append(at.store, at.secret, [replace(said, supersedes=replaced)])
    at.log.append(decision)
    fresh = tuple(entry for entry in at.contradictions(at.log) if entry.decisions not in before)
    return Recorded(decision, replaced, fresh, _running(at))


def _text(option: str, value: str, most: int) -> str:
    text = " ".join(value.split())
    if not text or len(text) > most:
        raise ConfigurationError(f"{option}: give 1 to {most} characters")
    return text


def _may_replace(at: Desk, number: int) -> None:
    if number not in {decision.number for decision in standing(at.log)}:
        raise ConfigurationError(f"D{number}: does not stand any more, so that nothing can replace it")


def _running(at: Desk) -> str | None:
    return next((row["run_id"] for row in lifecycle.runs(at.settings) if row["status"] == "running"), None)


def pair(at: Desk, kind: Kind, first: str, second: str, word: Word) -> Recorded:
    """Two records (or all of two profiles) are the same, are not, or nobody can tell."""
    one, other = at.records(first), at.records(second)
    if one == other:
        raise ConfigurationError(
            f"{first} and {second} are the same {'record' if len(one) == 1 else 'profile'}; name two, or divide a "
            "profile with `identity decide split`"
        )
    both = set(one) & set(other)
    if both:
        raise ConfigurationError(
            f"{written(min(both))} stands on both sides; name the other records of its profile one by one, or use "
            "`identity decide split`"
        )
    return say(at, kind, word, tuple(sorted((one, other))))


def split(at: Desk, profile: str, leaving: Sequence[str], word: Word, *, each: bool = False) -> Recorded:
    """Records leave a profile, together or each for itself; the others stay."""
    facts = at.facts(at.records(profile)[:1])
    home = next(iter(facts.values()))["profile_id"]
    members = at.records(str(home))
    leave = [record for text in leaving for record in at.records(text)]
    strangers = [record for record in leave if record not in members]
    if strangers:
        raise ConfigurationError(f"{written(strangers[0])}: not a record of profile {home}, so that it cannot leave it")
    if len(set(leave)) < len(leave):
        raise ConfigurationError("a record is named twice; name each record that leaves once")
    stay = tuple(record for record in members if record not in leave)
    if not stay and not (each and len(leave) > 1):
        raise ConfigurationError(f"all records of profile {home} would leave; at least one has to stay")
    groups = tuple((record,) for record in sorted(leave)) if each else (tuple(sorted(leave)),)
    return say(at, Kind.SPLIT, word, (stay, *groups))


def pick(at: Desk, kind: Kind, subject: str, field: str, value: str | None, word: Word) -> Recorded:
    """Pin a value that a record offers as golden, or exclude it; of a profile id the golden value of today is meant."""
    _known_field(field)
    records = at.records(subject)
    wanted = None
    if value is not None:
        read = golden_value(field, value, at.settings.region)
        if read is None or field in ("name", "address"):
            raise ConfigurationError(
                f"--value: not readable as {field}"
                if read is None
                else f"--value: name the record whose {field} is meant"
            )
        wanted = read["value_key"]
    at.wanted(records)
    offered = [row for row in at.rows("field_values", field=field) if wanted in (None, row["value_key"])]
    if not offered:
        raise ConfigurationError(
            f"{subject}: no {field}{' with that value' if value is not None else ''} to decide about"
        )
    chosen = offered[0]
    if wanted is None and kind is Kind.EXCLUDE_VALUE:
        wanted = _golden_of(at, chosen, field)
    record = (chosen["source"], chosen["source_pk"])
    return say(at, kind, word, ((record,),), field=field, value=wanted)


def _golden_of(at: Desk, chosen: dict[str, Any], field: str) -> str | None:
    """The value of a record that is meant: the golden one where it is the winner, else the first it offers."""
    key = (chosen["source"], chosen["source_pk"])
    profile = str(at.facts([key])[key]["profile_id"])
    golden = at.rows("golden_value", profile_id=profile)
    if chosen["is_winner"] and golden and golden[0].get(field):
        return str(golden[0][field])
    return chosen["value_key"] if chosen["value_key"] is None else str(chosen["value_key"])


def correct(at: Desk, subject: str, field: str, value: str, word: Word) -> Recorded:
    """Type a golden value that no record has, for the profile of a record."""
    _known_field(field)
    if golden_value(field, value, at.settings.region) is None:
        raise ConfigurationError(
            f"VALUE: not readable as {field}; write it in full, for example as it would be exported"
        )
    records = at.records(subject)
    return say(at, Kind.CORRECT_VALUE, word, ((records[0],),), field=field, value=value.strip())


def _known_field(field: str) -> None:
    if field not in FIELDS:
        raise ConfigurationError(f"{field}: no such field; choose one of {', '.join(FIELDS)}")


def block(at: Desk, kind: Kind, id_type: str, value: str, word: Word) -> tuple[Recorded, dict[str, Any]]:
    """Say that an identifier value identifies nobody, or that it does; also tells how many hold it."""
    if not id_type.isidentifier():
        raise ConfigurationError(f"{id_type}: no identifier type; for example email, phone, address or loyalty_id")
    key = match_key(id_type, value, at.settings.region)
    if key is None:
        raise ConfigurationError(f"VALUE: not readable as {id_type}; write it in full (a phone with its country)")
    (holders,) = at.rows("holders", id_type=id_type, id_value=key) if at.is_published else ({},)
    return say(at, kind, word, field=id_type, value=key), holders


def undo(at: Desk, text: str, word: Word) -> Recorded:
    """Undo a decision by a counter entry; an undo can be undone as well."""
    number = at.number(text)
    state = states(at.log)[number]
    if state is State.REVOKED:
        by = next(
            decision.name
            for decision in reversed(at.log)
            if decision.said.undoes == number and states(at.log)[decision.number] is not State.REVOKED
        )
        raise ConfigurationError(f"D{number}: undone already, by {by}; undo {by} to bring it back")
    return say(at, Kind.UNDO, word, undoes=number)
