"""The queue as a person sees it: cases with who is to look at them, filtered, in order of importance."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from identity.reporting import masking
from identity.review import notes
from identity.review.visit import NotFound, Visit
from identity.runs import lease
from identity.stewardship import proposals

Row = Mapping[str, Any]
KINDS = ("pair", "cap", "contested", "contradiction", "stale_decision", "shared_contact", "sample")
STATES = ("open", "waiting", "decided", "all")


@dataclass(frozen=True)
class Filter:
    """Which cases are asked for; empty means all, `assignee` may be `me` or `nobody`."""

    kind: str = ""
    why: str = ""
    priority: str = ""
    assignee: str = ""
    due: str = ""
    state: str = "open"

    def as_query(self) -> dict[str, str]:
        """For addresses; without what is usual."""
        return {key: value for key, value in asdict(self).items() if value and (key, value) != ("state", "open")}


def filter_of(given: Mapping[str, str]) -> Filter:
    """The filter that an address or a form names; unknown values count as none."""
    kind = given.get("kind", "")
    state = given.get("state", "open")
    least = given.get("priority", "")
    return Filter(
        kind=kind if kind in KINDS else "",
        why=given.get("why", "")[:40],
        priority=least if least.replace(".", "", 1).isdigit() and len(least) < 12 else "",
        assignee=given.get("assignee", "")[:100],
        due=given.get("due", "") if given.get("due", "") in ("overdue", "dated") else "",
        state=state if state in STATES else "open",
    )


@dataclass(frozen=True)
class Overlay:
    """What the store says of cases beside the warehouse."""

    assignments: Mapping[str, Row]
    opinions: Mapping[str, Mapping[str, str]]
    proposed: frozenset[str]


def overlay(visit: Visit) -> Overlay:
    """Assignments, opinions and open proposals."""
    store = visit.live.store
    proposed = frozenset(found.subject for found in proposals.proposals(store))
    return Overlay(notes.assignments(store), notes.opinions(store), proposed)


def state_of(visit: Visit, item: Row, over: Overlay) -> str:
    """open, waiting (for a second person) or decided (settled with the next run, or by opinions)."""
    item_id = item["item_id"]
    if item_id in over.proposed:
        return "waiting"
    if item["kind"] != "sample":
        return "decided" if item_id in visit.page.settled else "open"
    given = over.opinions.get(item_id, {})
    if visit.who.name in given:
        return "decided" if not item["is_double"] or len(given) > 1 else "waiting"
    return "decided" if len(given) >= (2 if item["is_double"] else 1) else "open"


def _touched(visit: Visit, over: Overlay) -> set[str]:
    """The cases that may not be open; all others are."""
    return {*over.proposed, *over.opinions, *visit.page.settled}


def listed(visit: Visit, chosen: Filter) -> list[Row]:
    """The cases of a filter, the most important first, as the generation has them."""
    over = overlay(visit)
    touched = _touched(visit, over)
    is_wanted = _test(visit, chosen, over)
    items = (*visit.page.fresh, *visit.page.generation.by_id.values())
    if chosen.state == "open":
        return [
            item
            for item in items
            if (item["item_id"] not in touched or state_of(visit, item, over) == "open") and is_wanted(item)
        ]
    if chosen.state != "all":
        return [item for item in items if item["item_id"] in touched and _in_state(visit, item, chosen, over)]
    return [item for item in items if is_wanted(item)]


def _in_state(visit: Visit, item: Row, chosen: Filter, over: Overlay) -> bool:
    return state_of(visit, item, over) == chosen.state and _test(visit, chosen, over)(item)


def _test(visit: Visit, chosen: Filter, over: Overlay) -> Callable[[Row], bool]:
    """Whether a case fits all of a filter but its state."""
    tests: list[Callable[[Row], bool]] = []
    if chosen.kind:
        tests.append(lambda item: bool(item["kind"] == chosen.kind))
    if chosen.why:
        tests.append(lambda item: bool(item["why"] == chosen.why))
    if chosen.priority:
        least = float(chosen.priority)
        tests.append(lambda item: item["priority"] is None or bool(item["priority"] >= least))
    if chosen.assignee:
        wanted = {"me": visit.who.name, "nobody": None}.get(chosen.assignee, chosen.assignee)
        tests.append(lambda item: bool(_assigned(item, over)["assignee"] == wanted))
    if chosen.due == "dated":
        tests.append(lambda item: _assigned(item, over)["due"] is not None)
    if chosen.due == "overdue":
        today = lease.now().date().isoformat()
        tests.append(lambda item: (_assigned(item, over)["due"] or "9999") <= today)
    return lambda item: all(test(item) for test in tests)


def as_shown(visit: Visit, items: Sequence[Row]) -> list[dict[str, Any]]:
    """Cases with their state, assignee and due day as they are now."""
    over = overlay(visit)
    return [
        {
            **item,
            **_assigned(item, over),
            "item_id": item["item_id"] or "",
            "state": state_of(visit, item, over) if item["item_id"] else "open",
        }
        for item in items
    ]


def _assigned(item: Row, over: Overlay) -> dict[str, Any]:
    said = over.assignments.get(item["item_id"] or "")
    if said is None:
        return {"assignee": item.get("assignee"), "due": item.get("due")}
    return {"assignee": said["assignee"], "due": said["due"].isoformat() if said["due"] else None}


def found(visit: Visit, item_id: str) -> dict[str, Any]:
    """A case by its id; raises NotFound."""
    item = visit.page.generation.by_id.get(item_id)
    if item is None:
        raise NotFound("There is no such case in the published generation; it may have been settled by the last run.")
    return item


def after(visit: Visit, item_id: str, chosen: Filter, over: Overlay | None = None) -> str | None:
    """The next case of a filter after this one, from the top again at the end; None when none is left."""
    over = over or overlay(visit)
    items = list(visit.page.generation.by_id.values())
    here = visit.page.generation.order[item_id]
    is_wanted = _test(visit, chosen, over)
    wanted = "open" if chosen.state == "all" else chosen.state
    for item in (*items[here + 1 :], *items[:here]):
        if is_wanted(item) and state_of(visit, item, over) == wanted:
            return str(item["item_id"])
    return None


def named(visit: Visit, items: Sequence[Row]) -> dict[str, dict[str, Any]]:
    """How the records of some cases are called, masked unless allowed, by source:key."""
    records = sorted({record for item in items for record in item["records"]})
    visit.page.offer("wanted_case", record=records)
    rows = visit.page.rows("case_names")
    if visit.is_masked:
        rows = [masking.masked_record(row) for row in rows]
    return {row["record"]: row for row in rows}
