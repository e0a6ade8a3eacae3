"""One case: everything that helps to decide it, on one page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from identity.reporting import masking
from identity.review import consequences, evidence, listing, notes, sides
from identity.review.visit import Visit
from identity.stewardship.decisions import Decision, Key, states
from identity.stewardship.outcome import key_of, written

_MOST_RECORDS = 6
_MOST_MEMBERS = 60
_MOST_NEIGHBOURS = 8
Row = dict[str, Any]


@dataclass(frozen=True)
class Told:
    """A decision about the records of a case, and where it stands."""

    decision: Decision
    state: str


def item(visit: Visit) -> Response:
    """The page of a case."""
    case = listing.found(visit, visit.part("item_id"))
    chosen = listing.filter_of(visit.query)
    page, over = visit.page, listing.overlay(visit)
    keys = [key_of(record) for record in case["records"]][:_MOST_RECORDS]
    page.want(keys)
    records = {(row["source"], row["source_pk"]): row for row in page.rows("records")}
    shown = [records[key] for key in keys if key in records]
    profiles = list(dict.fromkeys(row["profile_id"] for row in shown if row["profile_id"]))
    page.offer("wanted_profile", profile_id=profiles)
    members = page.rows("members")
    drawn_members = _drawn(members, keys)
    page.want([(row["source"], row["source_pk"]) for row in drawn_members])
    pairs = page.rows("pairs")
    visit.saw("case", case["item_id"])
    given = over.opinions.get(case["item_id"], {})
    return visit.show(
        "item.html.j2", item={**case, "state": listing.state_of(visit, case, over)}, chosen=chosen, records=shown,
        gone=len(keys) - len(shown), lines=sides.lines(shown, masked=visit.is_masked), profiles=profiles,
        sizes={profile: sum(row["profile_id"] == profile for row in members) for profile in profiles},
        weighed=_weighed(visit, case, shown, pairs),
        graph=evidence.graph(drawn_members, pairs, keys, profiles), orders=_latest(page.rows("orders")),
        neighbours=_neighbours(visit, case, profiles, over), comments=notes.comments(visit.live.store, case["item_id"]),
        assigned=over.assignments.get(case["item_id"]), told=_told(visit, case), my_opinion=given.get(visit.who.name),
        alike=_alike(visit, case, over), after=listing.after(visit, case["item_id"], chosen, over),
        value=_value(visit, case), is_large=is_large(visit, members), done=visit.query.get("done", "")[:12],
    )  # fmt: skip


def _drawn(members: Sequence[Row], keys: Sequence[Key]) -> list[Row]:
    asked = [row for row in members if (row["source"], row["source_pk"]) in keys]
    return [*asked, *(row for row in members if row not in asked)][:_MOST_MEMBERS]


def is_large(visit: Visit, members: Sequence[Row]) -> bool:
    """Whether joining these records takes a second person."""
    return len(members) >= visit.page.settings.review.second_person_records


def change(visit: Visit) -> Response:
    """The part of the page that says what would change; it comes after the rest."""
    case = listing.found(visit, visit.part("item_id"))
    keys = [key_of(record) for record in case["records"]][:3]
    told = consequences.of_joining(visit.page, keys, masked=visit.is_masked)
    visit.saw("case", case["item_id"])
    return visit.show("change.html.j2", told=told, item=case)


def _weighed(
    visit: Visit, case: Row, records: Sequence[Row], pairs: Sequence[Row]
) -> list[tuple[str, str, evidence.Weighed]]:
    """The steps of the case's pair, or of a contested newcomer with both candidates."""
    if case["kind"] not in ("pair", "cap", "sample", "contested", "stale_decision") or len(records) < 2:
        return []
    found = []
    for other in records[1 : 3 if case["kind"] == "contested" else 2]:
        told = evidence.weighed(visit.page, records[0], other, pairs)
        if told is not None:
            found.append((records[0]["source"], other["source"], told))
    return found


def _latest(orders: list[Row]) -> list[Row]:
    return sorted(orders, key=lambda row: (row["order_at"] is not None, row["order_at"]), reverse=True)


def _neighbours(visit: Visit, case: Row, profiles: Sequence[str], over: listing.Overlay) -> list[Row]:
    found = {
        other["item_id"]: {**other, "state": listing.state_of(visit, other, over)}
        for profile in profiles
        for other in visit.page.generation.by_profile.get(profile, ())
        if other["item_id"] != case["item_id"]
    }
    return list(found.values())[:_MOST_NEIGHBOURS]


def _told(visit: Visit, case: Row) -> list[Told]:
    """The decisions that name at least two of the case's records, or that the case is about, the latest first."""
    log = visit.page.desk.log
    state = states(log)
    records = set(case["records"])
    return [
        Told(decision, state[decision.number].value)
        for decision in reversed(log)
        if decision.name in case["decisions"]
        or len(records & {written(record) for record in decision.said.records}) > 1
        or (case["id_value"] and (decision.said.field, decision.said.value) == (case["id_type"], case["id_value"]))
    ]


def _alike(visit: Visit, case: Row, over: listing.Overlay) -> int:
    return sum(
        listing.state_of(visit, other, over) == "open"
        for other in visit.page.generation.by_evidence.get(case["evidence"] or "", ())
        if other["item_id"] != case["item_id"]
    )


def _value(visit: Visit, case: Row) -> str | None:
    if not case["id_value"]:
        return None
    return masking.mask_identifier(case["id_type"], case["id_value"]) if visit.is_masked else str(case["id_value"])
