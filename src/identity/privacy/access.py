"""Everything that is held on a person, as one JSON document (docs/privacy.md has its structure).

What is shown is what an erasure would take away: the same plan, the same rows. Of rows of other people that mention the
person only their place is told.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from identity.engine.sql import quote
from identity.engine.warehouse import opened, published_runs
from identity.landing.headers import OWN_COLUMNS
from identity.privacy import requests
from identity.privacy.plan import FileRows, Plan
from identity.privacy.relations import Shape, Tokens, about, offer_plan
from identity.privacy.requests import Request
from identity.privacy.target import state_files
from identity.runs.places import landed_file
from identity.runs.store import open_store
from identity.settings import Settings

FORMAT = "identity-access-1"
SECTIONS: Mapping[str, str] = {
    "source_records": "std.source_record", "names": "std.name", "identifiers": "std.identifier",
    "addresses": "std.address", "attributes": "std.attribute", "stated_links": "std.hard_link",
    "profile": "gold.customer_360", "golden_lineage": "gold.field_lineage", "contact_points": "gold.contact_point",
    "consents": "gold.consent", "consent_evidence": "gold.consent_event", "orders": "gold.orders",
    "order_items": "gold.order_items", "refunds": "gold.refunds",
    "touchpoints": "gold.touchpoint", "visits": "gold.session", "interactions": "std.touchpoint",
    "abandoned_checkouts": "gold.checkout", "journeys": "mart.journey", "journey_steps": "mart.journey_step",
    "household": "gold.household_member", "tickets": "gold.tickets",
    "survey_responses": "std.survey_response", "profile_ids": "identity.profile",
    "profile_records": "identity.profile_xref", "profile_events": "identity.profile_event",
    "aliases": "identity.profile_alias", "email_engagement": "gold.email_engagement",
    "support_summary": "gold.support_summary", "traits": "gold.customer_traits",
    "segments": "gold.segment_membership", "attribution": "mart.attribution_credit",
    "changes": "mart.changes_since_last", "decisions": "steward.decision", "review_items": "steward.review_item",
    "rejected_rows": "raw.rejected",
}  # fmt: skip
"""Sections of the document that are rows of a published table."""


def document(settings: Settings, request: Request, plan: Plan) -> dict[str, Any]:
    """The document of a plan."""
    found: dict[str, Any] = {
        "format": FORMAT,
        "request_id": request.request_id,
        "made_at": request.requested_at,
        "profile_id": plan.profiles[0] if plan.profiles else None,
        "generation": published_runs(settings.warehouse)[-1][0],
    }
    with opened(settings.warehouse) as connection:
        offer_plan(connection, plan, Tokens(tuple((*key, "") for key in plan.orders), ()))
        for section, table in SECTIONS.items():
            found[section] = _rows(connection, table)
    found["delivered_rows"] = [row for file in plan.files for row in _delivered(settings, file)]
    found["mentions"] = [
        {"source": file.source, "file": file.sha256, "row": row, "delivered_as": [list(place) for place in file.places]}
        for file in plan.files
        for row in file.redact
    ]
    found["golden_history"] = _history(settings, plan)
    store = open_store(settings)
    found["exports"] = [
        {"path": row["path"], "table": row["table_name"], "written_at": row["at"]}
        for row in requests.exports(store)
        if row["mode"] != "access"
    ]
    found["requests"] = [
        {"request_id": other.request_id, "type": other.type, "status": other.status, "requested_at": other.requested_at}
        for other in requests.every(store)
        if other.profile_id is not None and other.profile_id in plan.profiles
    ]
    return found


def _rows(connection: duckdb.DuckDBPyConnection, table: str) -> list[dict[str, Any]]:
    """The rows of a published table that are about the person; none where the warehouse has no such table."""
    try:
        described = connection.execute(f"describe {quote(table)}").fetchall()
    except duckdb.CatalogException:
        return []
    shape = Shape(table, tuple((str(row[0]), str(row[1])) for row in described), quote(table))
    query = f"select t.* from {quote(table)} as t where {about(shape)} order by all"  # noqa: S608 - declared names
    rows: list[dict[str, Any]] = connection.sql(query).to_arrow_table().to_pylist()
    return rows


def _delivered(settings: Settings, file: FileRows) -> list[dict[str, Any]]:
    """The rows of a file as they were delivered: where they stood, and their filled columns."""
    path, wanted = landed_file(settings.state, file.source, file.sha256), [*file.blank, *file.unlink]
    if not wanted or not path.exists():
        return []
    return [
        {
            "source": file.source,
            "delivered_as": [list(place) for place in file.places],
            "row": row["_row"],
            "lines": [row["_line_from"], row["_line_to"]],
            "values": {name: text for name, text in row.items() if name not in OWN_COLUMNS and text is not None},
        }
        for row in pq.read_table(path, filters=[("_row", "in", wanted)]).to_pylist()
    ]


def _history(settings: Settings, plan: Plan) -> list[dict[str, Any]]:
    """The golden profile in each kept generation, oldest first."""
    found = []
    for path in sorted(state_files(settings)):
        number = published_runs(path)[-1][0]
        with opened(path) as connection:
            offer_plan(connection, plan, Tokens((), ()))
            found += [{"generation": number, **row} for row in _rows(connection, "gold.customer_360")]
    return found


def write(path: Path, found: Mapping[str, Any]) -> dict[str, int]:
    """Write the document, readable by its owner only, and say how much is in each section."""
    partial = path.with_name(f".{path.name}.partial")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        json.dump(found, stream, ensure_ascii=False, indent=1, default=str)
        stream.write("\n")
    partial.replace(path)
    return {name: len(rows) for name, rows in found.items() if isinstance(rows, list)}
