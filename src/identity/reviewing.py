"""What `identity decisions` and `identity queue` show: every decision with its state, and the cases that wait."""

from collections.abc import Sequence
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


def queue(at: Desk) -> list[dict[str, Any]]:
    """The cases of the last generation and contradictions since, the most important first.

    `state` is `open`, or `decided` when a decision made since then settles it with the next run.
    """
    items = at.rows("queue") if at.is_published else []
    known = {row["number"] for row in at.rows("published_decisions")} if at.is_published else set()
    since = [decision for decision in standing(at.log) if decision.number not in known]
    ended = {
        n
        for decision in at.log
        if decision.number not in known
        for n in (decision.said.undoes, decision.said.supersedes)
    }
    torn = at.contradictions(at.log)
    told = {tuple(item["decisions"]) for item in items if item["kind"] == "contradiction"}
    for item in items:
        item["state"] = "decided" if _is_decided(item, since, ended) else "open"
        item["due"] = item["due"].isoformat() if item["due"] else None
    fresh = [
        {
            "item_id": None,
            "kind": "contradiction",
            "why": "decisions_disagree",
            "priority": None,
            "records": [written(record) for record in entry.records],
            "decisions": [f"D{number}" for number in entry.decisions],
            "state": "open",
        }
        for entry in torn
        if tuple(f"D{number}" for number in entry.decisions) not in told
    ]
    return [*fresh, *items]


def _is_decided(item: dict[str, Any], since: Sequence[Decision], ended: set[int | None]) -> bool:
    if item["kind"] in ("contradiction", "stale_decision"):
        return any(int(name[1:]) in ended for name in item["decisions"])
    if item["kind"] == "shared_contact":
        return any(
            (decision.said.field, decision.said.value) == (item["id_type"], item["id_value"]) for decision in since
        )
    concerned = set(item["records"])
    return any(
        decision.said.kind in GROUPING and len(concerned & {written(record) for record in decision.said.records}) > 1
        for decision in since
    )


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
