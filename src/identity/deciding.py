"""Deciding: what `identity decide KIND` and `identity undo` check and add to the log.

Wrong use is refused; a decision that contradicts another is accepted and told of, since who is right is for
people to say.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from identity.desk import Desk, Parts
from identity.errors import ConfigurationError
from identity.runs import lease, lifecycle
from identity.standardising.blocked import match_key
from identity.stewardship import log as decision_log
from identity.stewardship import proposals
from identity.stewardship.closure import Contradiction
from identity.stewardship.decisions import Decision, Key, Kind, Said, State, renewed, standing, states
from identity.stewardship.golden import golden_value
from identity.stewardship.outcome import key_of, written
from identity.stewardship.proposals import Proposal

FIELDS = ("name", "email", "phone", "address", "birth_date", "gender", "company")


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

    @property
    def name(self) -> str:
        """How people write the decision: D12."""
        return self.decision.name


@dataclass(frozen=True)
class Proposed:
    """A join that takes a second person: how people write the proposal (P3), and the records that would be one."""

    name: str
    size: int


def say(at: Desk, kind: Kind, word: Word, parts: Parts = (), **details: Any) -> Recorded:
    """Add a decision to the log; `details` are `field`, `value`, `undoes`. Raises ConfigurationError on wrong use.

    The very same words of the same person, over records that did not change since, are recorded once: so a command
    that was killed can be given again.
    """
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
    known = _recorded_before(at.log, said, word.replaces)
    if known is not None:
        return Recorded(known, known.said.supersedes, (), _running(at))
    replaced = word.replaces if word.replaces is not None else renewed(at.log, said)
    if word.replaces is not None:
        _may_replace(at, word.replaces)
    before = {entry.decisions for entry in at.contradictions(at.log)}
    (decision,) = decision_log.append(at.store, at.secret, [replace(said, supersedes=replaced)])
    at.log.append(decision)
    fresh = tuple(entry for entry in at.contradictions(at.log) if entry.decisions not in before)
    return Recorded(decision, replaced, fresh, _running(at))


def _recorded_before(log: Sequence[Decision], said: Said, replaces: int | None) -> Decision | None:
    """The standing decision of these very words."""
    for decision in standing(log):
        supersedes = decision.said.supersedes if replaces is None else replaces
        if decision.said == replace(said, at=decision.said.at, supersedes=supersedes):
            return decision
    return None


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


def pair(at: Desk, kind: Kind, first: str, second: str, word: Word, *, case: str = "") -> Recorded | Proposed:
    """Two records (or all of two profiles) are the same, are not, or nobody can tell.

    Joining profiles that have `[review] second_person_records` records together is proposed only: it is decided when
    a second person confirms. `case` is the case of the queue that it settles.
    """
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
    parts = tuple(sorted((one, other)))
    size = joins(at, parts) if kind is Kind.SAME else 0
    if size >= at.settings.review.second_person_records:
        return _propose(at, word, parts, size, case)
    return say(at, kind, word, parts)


def joins(at: Desk, parts: Parts) -> int:
    """How many records would be one profile that are not yet; 0 where all stand in one profile already.

    Joins that were decided since the last run count, so that a large one cannot be made of small ones.
    """
    decided = [decision.said for decision in standing(at.log) if decision.said.kind is Kind.SAME]
    named = {key for part in parts for key in part}
    facts = at.facts(sorted(named.union(*(said.records for said in decided))))

    def profiles(records: Iterable[Key]) -> set[str]:
        return {str(facts[key]["profile_id"]) for key in records if key in facts and facts[key]["profile_id"]}

    found = profiles(named)
    if len(found) < 2:
        return 0
    others = [profiles(said.records) for said in decided]
    while more := [group for group in others if group & found and not group <= found]:
        found = found.union(*more)
    return sum(len(at.records(profile)) for profile in sorted(found))


def _propose(at: Desk, word: Word, parts: Parts, size: int, case: str) -> Proposed:
    if word.due or word.assignee or word.replaces is not None:
        raise ConfigurationError(
            f"joining {size:,} records takes two people; give --due, --assignee and --replaces when confirming it"
        )
    said = {"by": _text("--by", word.by, 100), "reason": _text("--reason", word.reason, 2000), "size": size}
    texts = [[written(record) for record in part] for part in parts]
    return Proposed(f"P{proposals.propose(at.store, Kind.SAME.value, case, texts, said)}", size)


def proposed(at: Desk, text: str) -> Proposal:
    """The open proposal of a join that is written P3 or 3; raises ConfigurationError when there is none."""
    proposal = proposals.found(at.store, Kind.SAME.value, text)
    if proposal is None:
        raise ConfigurationError("no such open proposal")
    return proposal


def second(at: Desk, proposal: Proposal, word: Word, *, confirmed: bool) -> Recorded | None:
    """A second person's word about a proposed join: the decision under both names, None where it is declined.

    The reason is that of the proposal, with the second person's after it. Raises ConfigurationError for the person
    who proposed it, and for a proposal that was closed meanwhile.
    """
    by = _text("--by", word.by, 99)
    recorded = None
    if confirmed:
        proposals.may_confirm(proposal, by)
        if not proposal.parts:
            raise ConfigurationError(f"{proposal.name}: its records were erased; decline it")
        parts = tuple(tuple(key_of(record) for record in part) for part in proposal.parts)
        reason = "; ".join(said for said in (proposal.reason, word.reason) if said)
        recorded = say(at, Kind.SAME, replace(word, by=f"{proposal.proposed_by}, {by}", reason=reason[:2000]), parts)
    proposals.close(at.store, proposal, by, confirmed=confirmed)
    return recorded


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
