"""What a run takes along from the operational store at its start, so that a resumed run decides the same."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa

from identity.runs.store_tables import decision_record_table, decision_table

_SCHEMAS = {
    "steward.log": pa.schema(
        [
            ("number", pa.int64()), ("kind", pa.string()), ("decided_by", pa.string()), ("at", pa.timestamp("us")),
            ("field", pa.string()), ("value", pa.string()), ("reason", pa.string()), ("undoes", pa.int64()),
            ("supersedes", pa.int64()), ("assignee", pa.string()), ("due", pa.date32()), ("evidence", pa.string()),
            ("chain_hash", pa.string()), ("erased_at", pa.timestamp("us")),
        ]
    ),
    "steward.log_record": pa.schema(
        [
            ("number", pa.int64()), ("position", pa.int32()), ("part", pa.int32()), ("source", pa.string()),
            ("source_pk", pa.string()),
        ]
    ),
}  # fmt: skip
_TABLES = {"steward.log": decision_table, "steward.log_record": decision_record_table}


def take_decisions(store: sa.Engine, folder: Path) -> None:
    """Write the decision log as `steward.log` and `steward.log_record` of a run's folder."""
    with store.connect() as connection:
        found = {name: _rows(connection, table, _SCHEMAS[name].names) for name, table in _TABLES.items()}
    for name, rows in found.items():
        path = folder / f"{name}.parquet"
        partial = path.with_name(path.name + ".partial")
        pq.write_table(pa.Table.from_pylist(rows, schema=_SCHEMAS[name]), partial)
        partial.replace(path)


def _rows(connection: sa.Connection, table: sa.Table, names: list[str]) -> list[dict[str, Any]]:
    columns = [table.c[name] for name in names]
    query = sa.select(*columns).order_by(*table.primary_key.columns)
    return [dict(row) for row in connection.execute(query).mappings()]
