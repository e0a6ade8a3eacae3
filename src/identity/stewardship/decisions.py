"""Decisions as values: what a steward said about which records, and in which state that stands.

Decisions name records by (source, source_pk), never profiles, whose ids merge and split. They are never
changed: a later decision supersedes an earlier one, or undoes it (quality.md, "Semantics to copy").
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

Key = tuple[str, str]
"""(source, source_pk) of a record."""


class Kind(StrEnum):
    """What a decision says."""

    SAME = "same"
    NOT_SAME = "not_same"
    UNSURE = "unsure"
    SPLIT = "split"
    PIN_VALUE = "pin_value"
    EXCLUDE_VALUE = "exclude_value"
    BLOCK_VALUE = "block_value"
    UNBLOCK_VALUE = "unblock_value"
    CORRECT_VALUE = "correct_value"
    UNDO = "undo"


class State(StrEnum):
    """Where a decision stands. `stale` still holds, but its records changed since: it is raised again."""

    ACTIVE = "active"
    STALE = "stale"
    REVOKED = "revoked"
    SUPERSEDED = "superseded"


GROUPING = (Kind.SAME, Kind.NOT_SAME, Kind.UNSURE, Kind.SPLIT)
"""Kinds about which records are one person; their parts matter."""
GOLDEN = (Kind.PIN_VALUE, Kind.EXCLUDE_VALUE, Kind.CORRECT_VALUE)
"""Kinds about a golden value of the profile that holds the record they name."""
BLOCKING = (Kind.BLOCK_VALUE, Kind.UNBLOCK_VALUE)
"""Kinds about an identifier value, whoever holds it."""
UNKNOWN = "-"


@dataclass(frozen=True)
class Said:
    """What a steward says; everything of a decision but its place in the log.

    `parts` are the records: of same, not_same and unsure two sides, of a split the ones that stay and then each
    group that leaves, of a golden value one record. `field` is a field group or an identifier type. `evidence` has
    one mark (`mark`) for each record, in the order of the parts.
    """

    kind: Kind
    decided_by: str
    at: datetime
    reason: str | None
    parts: tuple[tuple[Key, ...], ...] = ()
    field: str | None = None
    value: str | None = None
    undoes: int | None = None
    supersedes: int | None = None
    assignee: str | None = None
    due: date | None = None
    evidence: tuple[str, ...] = ()

    @property
    def records(self) -> tuple[Key, ...]:
        """All records, part by part."""
        return tuple(record for part in self.parts for record in part)

    @property
    def subject(self) -> tuple[object, ...]:
        """What it is about: of two decisions about one thing the later one renews or contradicts the earlier."""
        if self.kind in GROUPING:
            return ("records", frozenset(frozenset(part) for part in self.parts))
        if self.kind in BLOCKING:
            return ("identifier", self.field, self.value)
        if self.kind is Kind.EXCLUDE_VALUE:
            return (self.kind, self.records, self.field, self.value)
        return ("golden", self.records, self.field)


@dataclass(frozen=True)
class Decision:
    """An entry of the log: `said` under its `number`, and the chain's hash up to it."""

    number: int
    said: Said
    chain_hash: str = ""
    erased: bool = False

    @property
    def name(self) -> str:
        """How people call it, for example D12."""
        return f"D{self.number}"


def mark(record_hash: str | None) -> str:
    """Sixteen hexadecimal digits that change when a record's content does; `-` for a record nobody has."""
    return hashlib.sha256(record_hash.encode()).hexdigest()[:16] if record_hash else UNKNOWN


def states(log: Sequence[Decision], hashes: Mapping[Key, str] | None = None) -> dict[int, State]:
    """State of every decision by number; `hashes` are the records' content hashes of today, where known.

    An undo that is itself undone revokes nothing. A decision that supersedes another and is then undone gives
    the earlier one back.
    """
    found: dict[int, State] = {}
    undone: set[int] = set()
    replaced: set[int] = set()
    for decision in sorted(log, key=lambda entry: -entry.number):
        if decision.number in undone:
            found[decision.number] = State.REVOKED
            continue
        if decision.number in replaced:
            found[decision.number] = State.SUPERSEDED
        elif hashes is not None and _changed(decision, hashes):
            found[decision.number] = State.STALE
        else:
            found[decision.number] = State.ACTIVE
        if decision.said.undoes is not None:
            undone.add(decision.said.undoes)
        if decision.said.supersedes is not None:
            replaced.add(decision.said.supersedes)
    return dict(sorted(found.items()))


def _changed(decision: Decision, hashes: Mapping[Key, str]) -> bool:
    pairs = zip(decision.said.records, decision.said.evidence, strict=False)
    return any(known != UNKNOWN and key in hashes and mark(hashes[key]) != known for key, known in pairs)


def standing(log: Sequence[Decision]) -> list[Decision]:
    """The decisions that hold: neither revoked nor superseded, and no undoing itself."""
    state = states(log)
    return [
        decision for decision in log if state[decision.number] is State.ACTIVE and decision.said.kind is not Kind.UNDO
    ]


def renewed(log: Sequence[Decision], said: Said) -> int | None:
    """Number of the standing decision that `said` replaces by itself: the same kind about the same thing.

    Of values also another kind: who corrects a field no longer pins it, who unblocks a value no longer blocks
    it. A `same` never replaces a `not_same` silently, nor the other way round.
    """
    for decision in reversed(standing(log)):
        same_kind = decision.said.kind is said.kind
        of_values = said.kind not in GROUPING
        unsure = Kind.UNSURE in (decision.said.kind, said.kind) and said.kind in GROUPING
        if decision.said.subject == said.subject and (same_kind or of_values or unsure):
            return decision.number
    return None


def undone_by(log: Sequence[Decision]) -> dict[int, Decision]:
    """The decision that ended another, by the other's number: its undo, or what superseded it."""
    state = states(log)
    found: dict[int, Decision] = {}
    for decision in log:
        if state[decision.number] is State.REVOKED:
            continue
        for number in (decision.said.undoes, decision.said.supersedes):
            if number is not None:
                found[number] = decision
    return found


def keys_of(decisions: Iterable[Decision]) -> list[Key]:
    """All records that some decisions name, in order."""
    return sorted({record for decision in decisions for record in decision.said.records})
