"""What a run takes along from the operational store at its start, so that a resumed run decides the same.

The decision log goes as it stands. Of people's requests only what is published as `privacy.*` goes along: without the
words of a request, with digests in place of keys.
"""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa

from identity.runs.review_tables import review_opinion_table
from identity.runs.store_tables import (
    decision_record_table,
    decision_table,
    privacy_action_table,
    privacy_key_table,
    privacy_request_table,
    tombstone_table,
)

_TIME = pa.timestamp("us")
_SCHEMAS = {
    "steward.log": pa.schema(
        [
            ("number", pa.int64()), ("kind", pa.string()), ("decided_by", pa.string()), ("at", _TIME),
            ("field", pa.string()), ("value", pa.string()), ("reason", pa.string()), ("undoes", pa.int64()),
            ("supersedes", pa.int64()), ("assignee", pa.string()), ("due", pa.date32()), ("evidence", pa.string()),
            ("chain_hash", pa.string()), ("erased_at", _TIME),
        ]
    ),
    "steward.log_record": pa.schema(
        [
            ("number", pa.int64()), ("position", pa.int32()), ("part", pa.int32()), ("source", pa.string()),
            ("source_pk", pa.string()),
        ]
    ),
    "privacy.request": pa.schema(
        [
            ("request_id", pa.string()), ("type", pa.string()), ("strategy", pa.string()), ("status", pa.string()),
            ("profile_id", pa.string()), ("scope", pa.string()), ("requested_by", pa.string()),
            ("requested_at", _TIME), ("due_at", _TIME), ("done_at", _TIME), ("keys", pa.list_(pa.string())),
        ]
    ),
    "privacy.action_log": pa.schema(
        [
            ("request_id", pa.string()), ("place", pa.string()), ("table_name", pa.string()), ("action", pa.string()),
            ("rows", pa.int64()), ("at", _TIME),
        ]
    ),
    "privacy.tombstone": pa.schema(
        [
            ("kind", pa.string()), ("digest", pa.string()), ("request_id", pa.string()), ("since", _TIME),
            ("place", pa.string()),
        ]
    ),
    "steward.opinion": pa.schema(
        [
            ("item_id", pa.string()), ("reviewer", pa.string()), ("verdict", pa.string()), ("stratum", pa.string()),
            ("run_number", pa.int64()), ("at", _TIME),
        ]
    ),
}  # fmt: skip
_TABLES = {
    "steward.log": decision_table,
    "steward.log_record": decision_record_table,
    "steward.opinion": review_opinion_table,
    "privacy.request": privacy_request_table,
    "privacy.action_log": privacy_action_table,
    "privacy.tombstone": tombstone_table,
}


def take(store: sa.Engine, folder: Path) -> None:
    """Write the decision log, the opinions and the `privacy.*` tables into a run's folder, read at one moment."""
    with store.connect() as connection:
        found = {name: _rows(connection, name) for name in _TABLES}
        keys = _keys(connection)
    for request in found["privacy.request"]:
        request["keys"] = keys.get(request["request_id"], [])
    for name, rows in found.items():
        path = folder / f"{name}.parquet"
        partial = path.with_name(path.name + ".partial")
        pq.write_table(pa.Table.from_pylist(rows, schema=_SCHEMAS[name]), partial)
        partial.replace(path)


def _rows(connection: sa.Connection, name: str) -> list[dict[str, Any]]:
    table = _TABLES[name]
    columns = [table.c[column] for column in _SCHEMAS[name].names if column in table.c]
    key = [column.name for column in table.primary_key.columns]
    found = [dict(row) for row in connection.execute(sa.select(*columns)).mappings()]
    return sorted(found, key=lambda row: [row[name] for name in key])  # databases differ in how they order texts


def _keys(connection: sa.Connection) -> dict[str, list[str]]:
    """The digests of the identifiers that each request is about."""
    columns = privacy_key_table.c
    query = (
        sa.select(columns.request_id, columns.digest)
        .where(columns.kind == "identifier")
        .order_by(columns.request_id, columns.digest)
    )
    keys: dict[str, list[str]] = {}
    for request_id, digest in connection.execute(query):
        keys.setdefault(request_id, []).append(digest)
    return keys
