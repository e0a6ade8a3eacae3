"""What a run takes along of people's requests at its start, so that a resumed run acts on the same ones.

The tables are those that are published as `privacy.*`: without the words of a request, with digests in place of keys.
"""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa

from identity.runs.store_tables import (
    privacy_action_table,
    privacy_key_table,
    privacy_request_table,
    tombstone_table,
)

_TIME = pa.timestamp("us")
_SCHEMAS = {
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
}  # fmt: skip
_TABLES = {
    "privacy.request": privacy_request_table,
    "privacy.action_log": privacy_action_table,
    "privacy.tombstone": tombstone_table,
}


def take_requests(store: sa.Engine, folder: Path) -> None:
    """Write `privacy.request`, `privacy.action_log` and `privacy.tombstone` into a run's folder."""
    with store.connect() as connection:
        keys: dict[str, list[str]] = {}
        named = privacy_key_table.c.kind == "identifier"
        for request_id, digest in connection.execute(
            sa.select(privacy_key_table.c.request_id, privacy_key_table.c.digest)
            .where(named)
            .order_by(privacy_key_table.c.request_id, privacy_key_table.c.digest)
        ):
            keys.setdefault(request_id, []).append(digest)
        found = {name: _rows(connection, name) for name in _TABLES}
    for row in found["privacy.request"]:
        row["keys"] = keys.get(row["request_id"], [])
    for name, rows in found.items():
        path = folder / f"{name}.parquet"
        partial = path.with_name(path.name + ".partial")
        pq.write_table(pa.Table.from_pylist(rows, schema=_SCHEMAS[name]), partial)
        partial.replace(path)


def _rows(connection: sa.Connection, name: str) -> list[dict[str, Any]]:
    table = _TABLES[name]
    columns = [table.c[column] for column in _SCHEMAS[name].names if column in table.c]
    query = sa.select(*columns).order_by(*table.primary_key.columns)
    return [dict(row) for row in connection.execute(query).mappings()]
