"""Roles of the warehouse: who may read which columns. Denied by default (PROMISES.md P21).

`sql/roles/<role>.sql` says what a role may do, as a query over the columns of the live generation; `grants.sql` makes
statements of it, in which Postgres quotes the names. Which columns are personal is told by their comments, which are
made from `tables.py`. The roles have no login: people and programs become members (`grant identity_analyst to ada`).
They exist once `identity roles` was run by a login that may create roles.
"""

from collections.abc import Sequence

from identity.serving.connection import Connection, connected, role, rows, statement
from identity.settings import Settings
from identity.settings_groups import PostgresSettings
from identity.tables import published

SCHEMAS = tuple(dict.fromkeys(table.schema for table in published()))
READERS = ("analyst", "analyst_personal", "steward")
ROLES = ("loader", *READERS, "eraser")


def create(settings: Settings) -> list[str]:
    """Create the roles that are missing, give what exists to the loader, and grant; returns the roles' names.

    Needs a login that may create roles and owns what is there, or a superuser. Repeating it changes nothing.
    """
    from psycopg import sql

    names = {name: role(settings.postgres, name) for name in ROLES}
    with connected(settings, as_owner=False) as connection, connection.transaction():
        for name in names.values():
            if not rows(connection, "roles/known", role=name):
                connection.execute(sql.SQL("create role {} nologin").format(sql.Identifier(name)))
        _run(connection, "loader", role=names["loader"], roles=list(names.values()), names=list(SCHEMAS))
        grant(connection, settings.postgres)
    return list(names.values())


def grant(connection: Connection, chosen: PostgresSettings) -> None:
    """Give each role that exists its columns of the live generation, and nothing to anybody else."""
    _run(connection, "deny", names=list(SCHEMAS), roles=_known(connection, chosen, ROLES[1:]))
    connection.execute(*statement("roles/served_column"))
    for name in ROLES[1:]:
        if _known(connection, chosen, (name,)):
            connection.execute(*statement(f"roles/{name}"))
            _run(connection, "grants", role=role(chosen, name))


def close(connection: Connection, chosen: PostgresSettings, schemas: Sequence[str]) -> None:
    """Take a kept generation out of the readers' sight."""
    _run(connection, "deny", names=list(schemas), roles=_known(connection, chosen, READERS))


def _known(connection: Connection, chosen: PostgresSettings, names: Sequence[str]) -> list[str]:
    """The roles of these that exist on the server."""
    wanted = [role(chosen, name) for name in names]
    return [name for name in wanted if rows(connection, "roles/known", role=name)]


def _run(connection: Connection, name: str, **values: object) -> None:
    """Execute the statements that a query of `sql/roles/` answers."""
    for (text,) in rows(connection, f"roles/{name}", **values):
        connection.execute(text)
