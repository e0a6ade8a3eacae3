"""Zendesk: users and tickets, NDJSON or CSV (exports.md section 10).

Exports by time repeat records across pages: the last `updated_at` counts. Tickets name their requester by id
only; an e-mail ticket carries the address that was really used, which may be a further one of the requester.
"""

import json

import pyarrow as pa
import pyarrow.compute as pc

from identity.sources.base import Events, FileFacts, NameColumns, RecordColumns, Source
from identity.sources.text import column, each_distinct, truth, with_column

USER = RecordColumns(
    key="id",
    names=(NameColumns(full="name"),),
    emails="email",
    phones="own_phone",
    shared_phones="shared_phone",
    identifiers={"customer_id": "external_id"},
    created_at="created_at",
    updated_at="updated_at",
    deleted="is_deleted",
    is_staff="is_staff",
    tags="tags",
)


def prepare_user(rows: pa.Table) -> pa.Table:
    """Tell staff by role, deleted users by `active` and by name, and keep shared phones apart."""
    gone = each_distinct(column(rows, "name"), _erased)
    inactive = pc.equal(truth(column(rows, "active"), "false"), "true")
    erased = pc.is_valid(gone)
    rows = with_column(rows, "is_deleted", pc.if_else(pc.or_(pc.fill_null(inactive, False), erased), "true", "false"))
    customer = pc.equal(truth(column(rows, "role"), "end-user"), "true")
    rows = with_column(rows, "is_staff", pc.if_else(pc.fill_null(customer, True), "false", "true"))
    shared = pc.fill_null(pc.equal(truth(column(rows, "shared_phone_number"), "true"), "true"), False)
    phone = column(rows, "phone")
    rows = with_column(rows, "own_phone", pc.if_else(shared, None, phone))
    return with_column(rows, "shared_phone", pc.if_else(shared, phone, None))


def _erased(name: str) -> str | None:
    return "yes" if name.strip().casefold() == "permanently deleted user" else None


def prepare_ticket(rows: pa.Table) -> pa.Table:
    """Take channel, sender and satisfaction out of their JSON objects; the CSV form has them as columns."""
    via, rating = column(rows, "via"), column(rows, "satisfaction_rating")
    rows = with_column(rows, "ticket_channel", each_distinct(via, _channel))
    sender = each_distinct(via, _from_address)
    rows = with_column(with_column(rows, "from_address", sender), "from_email", sender)
    score = pc.coalesce(each_distinct(rating, _score), column(rows, "satisfaction_score"))
    rows = with_column(rows, "satisfaction", each_distinct(score, _satisfaction))
    replies = pc.coalesce(column(rows, "replies"), column(rows, "reply_count"))
    return with_column(rows, "replies", replies)


def _object(text: str) -> dict[str, object]:
    if not text.lstrip().startswith("{"):
        return {}
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _channel(text: str) -> str | None:
    plain = text.strip()
    channel = _object(plain).get("channel") if plain.startswith("{") else plain.casefold()
    return "email" if channel == "mail" else str(channel) if channel else None


def _from_address(text: str) -> str | None:
    source = _object(text).get("source")
    sender = source.get("from") if isinstance(source, dict) else None
    address = sender.get("address") if isinstance(sender, dict) else None
    return str(address) if address else None


def _score(text: str) -> str | None:
    score = _object(text).get("score")
    return str(score) if score else None


def _satisfaction(text: str) -> str | None:
    """`good_with_comment` is good; the CSV form writes `Offered`, `Not Offered`."""
    word = text.strip().casefold().replace(" ", "_")
    if word in {"not_offered", "unoffered"}:
        return "unoffered"
    return next((known for known in ("good", "bad", "offered") if word.startswith(known)), None)


def _is_ticket(facts: FileFacts) -> bool:
    return {"requester_id", "submitter_id"} <= facts.columns or {"requester id", "ticket type"} <= facts.columns


SOURCES = (
    Source(
        name="zendesk_user",
        system="zendesk",
        signature=frozenset({"id", "name", "email", "role", "active"}),
        without=frozenset({"requester_id"}),
        formats=frozenset({"ndjson", "json"}),
        record=USER,
        columns=("active", "role", "phone", "shared_phone_number"),
        prepare=prepare_user,
    ),
    Source(
        name="zendesk_ticket",
        system="zendesk",
        signature=frozenset({"id", "subject", "status"}),
        accepts=_is_ticket,
        formats=frozenset({"ndjson", "json", "csv"}),
        events=(
            Events("std.ticket", "zendesk_ticket"),
            Events("std.identifier", "zendesk_ticket_email", together=True),
        ),
        columns=(
            "id", "requester_id", "Requester email", "created_at", "updated_at", "Solved at", "status", "priority",
            "via", "subject", "Replies", "reply_count", "Reopens", "First reply time in minutes",
            "Full resolution time in minutes", "satisfaction_rating", "Satisfaction Score", "satisfaction",
            "ticket_channel", "from_address",
        ),
        typed={
            "created_at": "time", "updated_at": "time", "Solved at": "time", "Requester email": "email",
            "Replies": "number", "Reopens": "number", "First reply time in minutes": "number",
            "Full resolution time in minutes": "number", "from_email": "email",
        },
        event_key=("id",),
        updated_at="updated_at",
        prepare=prepare_ticket,
        person_by_email="zendesk_user",
        persons={"requester_id": "zendesk_user"},
    ),
)  # fmt: skip
