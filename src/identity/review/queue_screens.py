"""The queue, and the cases whose evidence is identical."""

from starlette.responses import Response

from identity.reporting import masking
from identity.review import listing
from identity.review.visit import NotFound, Visit
from identity.stewardship import proposals

SHOWN = 40
MOST_AT_ONCE = 50


def queue(visit: Visit) -> Response:
    """The cases that wait, by filter."""
    chosen = listing.filter_of(visit.query)
    items = listing.listed(visit, chosen)
    number = visit.query.get("page", "1")
    last = max(1, -(-len(items) // SHOWN))
    at = min(max(int(number) if number.isdecimal() and len(number) < 7 else 1, 1), last)
    shown = listing.as_shown(visit, items[(at - 1) * SHOWN : at * SHOWN])
    visit.saw("queue", f"{len(shown)} cases")
    for item in shown:
        if item.get("id_value") and visit.is_masked:
            item["id_value"] = masking.mask_identifier(item["id_type"], item["id_value"])
    return visit.show(
        "queue.html.j2", items=shown, total=len(items), at=at, last=last, chosen=chosen,
        names=listing.named(visit, shown), kinds=listing.KINDS, states=listing.STATES,
        proposals=proposals.proposals(visit.live.store), number=visit.page.generation.number,
        done=visit.query.get("done", "")[:12],
    )  # fmt: skip


def alike(visit: Visit) -> Response:
    """The open cases in which the model saw exactly the same, to decide at one go."""
    item = listing.found(visit, visit.part("item_id"))
    over = listing.overlay(visit)
    same = [
        case
        for case in visit.page.generation.by_evidence.get(item["evidence"] or "", ())
        if listing.state_of(visit, case, over) == "open"
    ]
    if not same:
        raise NotFound("No open case has exactly the same evidence.")
    shown = same[:MOST_AT_ONCE]
    visit.saw("batch", item["item_id"])
    return visit.show(
        "alike.html.j2", item=item, items=shown, total=len(same), names=listing.named(visit, shown),
        chosen=listing.filter_of(visit.query),
    )  # fmt: skip
