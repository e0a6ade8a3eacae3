"""The operational store on Postgres: a schema `identity_store`, where text has no length and the log only grows.

The tables are those of `store_tables`; the address is libpq's, its password from `PGPASSWORD` or `~/.pgpass`.
"""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from pydantic import SecretStr

from identity.errors import ConfigurationError
from identity.runs.store_tables import APPEND_ONLY, metadata

SCHEMA = "identity_store"
_LOCK = sa.text("select pg_advisory_xact_lock(hashtextextended('identity store', 0))")


def engine(address: SecretStr) -> sa.Engine:
    """An engine whose connections look into the store's schema first; ConfigurationError without the driver."""
    try:
        import psycopg
    except ImportError:
        raise ConfigurationError(
            "a store on Postgres needs the driver psycopg: pip install 'identity[postgres]'"
        ) from None

    def connect() -> Any:
        connection = psycopg.connect(address.get_secret_value(), application_name="identity")
        connection.execute(f"set search_path = {SCHEMA}")
        connection.execute("set client_min_messages = warning")
        connection.commit()
        return connection

    return sa.create_engine("postgresql+psycopg://", creator=connect, poolclass=sa.NullPool, hide_parameters=True)


def lock(connection: sa.Connection) -> None:
    """Wait until no other transaction that asked for this is under way."""
    connection.execute(_LOCK)


def create(connection: sa.Connection) -> None:
    """The tables that are missing. Text has no length: SQLite keeps none, and others' names may be long."""
    connection.execute(sa.text(f"create schema if not exists {SCHEMA}"))
    unbounded = sa.MetaData()
    for table in metadata.sorted_tables:
        copy = table.to_metadata(unbounded)
        for column in copy.columns:
            if isinstance(column.type, sa.String):
                column.type = sa.Text()
    unbounded.create_all(connection)
    for statement in _append_only():
        connection.execute(sa.text(statement))


def rewriting() -> list[str]:
    """Statements that write each table anew, each in a transaction of its own."""
    return [f"vacuum (full) {table.name}" for table in metadata.sorted_tables]


def _append_only() -> Iterator[str]:
    """What keeps the log of decisions from being changed: the same as SQLite's triggers."""
    yield (
        "create or replace function append_only() returns trigger language plpgsql as "
        "$$ begin raise exception 'the decision log is append-only'; end $$"
    )
    for table, columns in APPEND_ONLY.items():
        events = {"delete": "delete", "update": f"update of {columns}", "truncate": "truncate"}
        for name, event in events.items():
            each = "statement" if name == "truncate" else "row"
            yield (
                f"create or replace trigger {table.name}_{name} before {event} on {table.name} "
                f"for each {each} execute function append_only()"
            )
