"""What takes two people: joining large profiles and releasing a held run, from the first's word to the second's."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from identity.errors import ConfigurationError
from identity.runs import lease
from identity.runs.review_tables import review_proposal_table

LONGEST = 2000


@dataclass(frozen=True)
class Proposal:
    """Something that takes a second person; `subject` is a case or a run, empty for records that are no case."""

    number: int
    kind: str
    subject: str
    parts: tuple[tuple[str, ...], ...]
    size: int
    proposed_by: str
    reason: str | None
    state: str

    @property
    def name(self) -> str:
        """How people write it: P3."""
        return f"P{self.number}"


def propose(store: sa.Engine, kind: str, subject: str, parts: Sequence[Sequence[str]], said: Mapping[str, Any]) -> int:
    """Ask a second person; `said` has `by`, `reason` and `size`. Answers the proposal's number.

    Raises ConfigurationError where the same is proposed already, or without a reason.
    """
    reason = " ".join(str(said["reason"]).split())
    if not reason or len(reason) > LONGEST:
        raise ConfigurationError(f"a reason has 1 to {LONGEST:,} characters")
    same = tuple(tuple(part) for part in parts)
    for found in proposals(store):
        if found.kind == kind and (found.subject == subject if subject else found.parts == same):
            raise ConfigurationError(f"that is proposed already, as {found.name}; it waits for a second person")
    row = {
        "kind": kind,
        "subject": subject,
        "parts": json.dumps(same),
        "size": said["size"],
        "proposed_by": said["by"],
        "reason": reason,
        "at": lease.now(),
        "state": "open",
    }
    with store.begin() as connection:
        done = connection.execute(sa.insert(review_proposal_table).values(row))
    assert done.inserted_primary_key is not None
    return int(done.inserted_primary_key[0])


def proposals(store: sa.Engine) -> list[Proposal]:
    """The open proposals, oldest first."""
    table = review_proposal_table
    query = sa.select(table).where(table.c.state == "open").order_by(table.c.number)
    with store.connect() as connection:
        rows = connection.execute(query).mappings().all()
    return [
        Proposal(
            row["number"], row["kind"], row["subject"], tuple(tuple(part) for part in json.loads(row["parts"] or "[]")),
            row["size"], row["proposed_by"], row["reason"], row["state"],
        )
        for row in rows
    ]  # fmt: skip


def found(store: sa.Engine, kind: str, text: str) -> Proposal | None:
    """The open proposal of this kind that is written P3 or 3; None when there is none."""
    wanted = {text.upper(), f"P{text}"}
    return next((each for each in proposals(store) if each.kind == kind and each.name in wanted), None)


def may_confirm(proposal: Proposal, by: str) -> None:
    """Raises ConfigurationError for the person who proposed it, however the name is written."""
    if _name(by) in {_name(name) for name in (proposal.proposed_by, *proposal.proposed_by.split(","))}:
        raise ConfigurationError("a second person has to confirm what you proposed")


def _name(text: str) -> str:
    return " ".join(text.split()).casefold()


def close(store: sa.Engine, proposal: Proposal, by: str, *, confirmed: bool) -> None:
    """Close an open proposal as a second person; raises ConfigurationError when that may not be."""
    if confirmed:
        may_confirm(proposal, by)
    table = review_proposal_table
    state = {"state": "confirmed" if confirmed else "declined", "closed_by": by, "closed_at": lease.now()}
    with store.begin() as connection:
        mine = sa.update(table).where(table.c.number == proposal.number, table.c.state == "open")
        if connection.execute(mine.values(state)).rowcount != 1:
            raise ConfigurationError("somebody else was quicker")
