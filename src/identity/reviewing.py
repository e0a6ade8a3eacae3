"""What `identity decisions` and `identity queue` show: every decision with its state, and the cases that wait."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from identity.desk import Desk
from identity.reporting import masking
from identity.stewardship import log as decision_log
from identity.stewardship.decisions import GROUPING, Decision, standing
from identity.stewardship.outcome import written


def described(at: Desk) -> list[dict[str, Any]]:
    """Every decision with its state and what the last generation made of it, the latest first."""
    state = at.states()
    published = {row["number"]: row for row in at.rows("published_decisions")} if at.is_published else {}
    torn = {number for entry in at.contradictions(at.log) for number in entry.decisions}
    found = []
    for decision in reversed(at.log):
        said, here = decision.said, published.get(decision.number)
        found.append(
            {
                "decision": decision.name,
                "kind": said.kind.value,
                "state": state[decision.number].value,
                "effect": "contradiction" if decision.number in torn else here["effect"] if here else "next run",
                "decided_by": said.decided_by,
                "at": said.at.isoformat(sep=" "),
                "parts": [[written(record) for record in part] for part in said.parts],
                "field": said.field,
                "value": said.value,
                "reason": said.reason,
                "undoes": f"D{said.undoes}" if said.undoes else None,
                "supersedes": f"D{said.supersedes}" if said.supersedes else None,
                "assignee": said.assignee,
                "due": said.due.isoformat() if said.due else None,
                "since_run": here["since_run"] if here else None,
                "erased": decision.erased,
            }
        )
    return found


def verify(at: Desk) -> decision_log.Verified:
    """Verify the chain of the log, also against what the live warehouse was published with."""
    published = {row["number"]: row["chain_hash"] for row in at.rows("published_decisions")} if at.is_published else {}
    return decision_log.verify(at.store, at.secret, published)


@dataclass(frozen=True)
class Cases:
    """The cases of a generation, which of them name a record, and the decisions it was published with."""

    items: list[dict[str, Any]]
    of_record: dict[str, list[dict[str, Any]]]
    known: frozenset[int]


def cases(at: Desk) -> Cases:
    """The cases of the published generation, the most important first."""
    items = at.rows("queue") if at.is_published else []
    of_record: dict[str, list[dict[str, Any]]] = {}
    for item in items:
        item["due"] = item["due"].isoformat() if item["due"] else None
        for record in item["records"]:
            of_record.setdefault(record, []).append(item)
    known = frozenset(row["number"] for row in at.rows("published_decisions")) if at.is_published else frozenset()
    return Cases(items, of_record, known)


def settled(found: Cases, log: Sequence[Decision]) -> set[str]:
    """Ids of the cases that decisions made since the generation settle with the next run."""
    since = [decision for decision in standing(log) if decision.number not in found.known]
    ended = {
        number
        for decision in log
        if decision.number not in found.known
        for number in (decision.said.undoes, decision.said.supersedes)
    }
    done = {
        item["item_id"] for decision in since if decision.said.kind in GROUPING for item in _concerned(found, decision)
    }
    values = {(decision.said.field, decision.said.value) for decision in since}
    for item in found.items if values or ended else ():
        if item["kind"] in _OF_DECISIONS:
            done.discard(item["item_id"])
            if any(int(name[1:]) in ended for name in item["decisions"]):
                done.add(item["item_id"])
        elif item["kind"] == "shared_contact":
            done.discard(item["item_id"])
            if (item["id_type"], item["id_value"]) in values:
                done.add(item["item_id"])
    return done


_OF_DECISIONS = ("contradiction", "stale_decision")


def _concerned(found: Cases, decision: Decision) -> Iterator[dict[str, Any]]:
    """The cases of which a decision names at least two records."""
    named = [written(record) for record in decision.said.records]
    seen = Counter(item["item_id"] for record in named for item in found.of_record.get(record, ()))
    by_id = {item["item_id"]: item for record in named for item in found.of_record.get(record, ())}
    yield from (by_id[item_id] for item_id, count in seen.items() if count > 1)


def queue(at: Desk) -> list[dict[str, Any]]:
    """The cases of the last generation and contradictions since, the most important first.

    `state` is `open`, or `decided` when a decision made since then settles it with the next run.
    """
    found = cases(at)
    done = settled(found, at.log)
    for item in found.items:
        item["state"] = "decided" if item["item_id"] in done else "open"
    return [*fresh_contradictions(at, found), *found.items]


def fresh_contradictions(at: Desk, found: Cases) -> list[dict[str, Any]]:
    """Decisions that came to disagree since the last generation."""
    told = {tuple(item["decisions"]) for item in found.items if item["kind"] == "contradiction"}
    return [
        {
            "item_id": None,
            "kind": "contradiction",
            "why": "decisions_disagree",
            "priority": None,
            "records": [written(record) for record in entry.records],
            "decisions": [f"D{number}" for number in entry.decisions],
            "state": "open",
        }
        for entry in at.contradictions(at.log)
        if tuple(f"D{number}" for number in entry.decisions) not in told
    ]


def masked_decisions(rows: list[dict[str, Any]], *, unmasked: bool) -> list[dict[str, Any]]:
    """Decisions as they are shown: `records` in one text, values and reasons hidden unless asked for."""
    for row in rows:
        row["records"] = " | ".join(", ".join(part) for part in row["parts"]) or None
        if not unmasked:
            row["value"] = masking.mask_identifier(_type_of(row["field"]), row["value"])
            row["reason"] = masking.mask_hidden(row["reason"])
    return rows


def masked_items(items: list[dict[str, Any]], *, unmasked: bool) -> list[dict[str, Any]]:
    """Cases as they are shown: shared values hidden unless asked for."""
    return [
        item
        if unmasked or not item.get("id_value")
        else {**item, "id_value": masking.mask_identifier(item["id_type"], item["id_value"])}
        for item in items
    ]


def _type_of(field: str | None) -> str:
    """Which mask belongs to a field: contact points show their ends, everything else nothing."""
    return field if field in ("email", "phone") else "address"
