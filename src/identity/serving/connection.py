"""Connections to the warehouse's server, and what may be said of its errors.

The address is libpq's (`postgresql://user@host/database?sslmode=verify-full`). Its password comes from `PGPASSWORD`,
`~/.pgpass` or the address itself, and is never shown. Errors of Postgres quote keys and values of rows (PROMISES.md
P16): of those only the kind, the table and the constraint are told.
"""

import contextlib
import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from identity.engine.sql import load
from identity.errors import ConfigurationError, ServerFailed
from identity.settings import Settings, shown_address
from identity.settings_groups import PostgresSettings

Connection: TypeAlias = Any
"""psycopg's connection; the library is an optional extra and is loaded when a server is named."""

# SQLSTATE classes whose messages name objects, roles and the machine, never a value of a row.
_WORDED = ("08", "25", "28", "3D", "3F", "42", "53", "55", "57", "58")


@contextlib.contextmanager
def connected(settings: Settings, *, as_owner: bool = True) -> Iterator[Connection]:
    """A connection of its own transactions (autocommit); as the role that owns the warehouse, where it exists.

    Raises ConfigurationError without the driver or with an address that is none, ServerFailed for all that the
    server refuses.
    """
    with told(_address(settings)), connect(settings, as_owner=as_owner) as connection:
        connection.autocommit = True
        yield connection


def connect(settings: Settings, *, as_owner: bool = True) -> Connection:
    """The same without a word about its errors and with a transaction open from the first statement on."""
    connection = _driver().connect(_address(settings), application_name="identity")
    connection.autocommit = True
    connection.execute("set timezone = 'UTC'")
    connection.execute("set client_min_messages = warning")
    if as_owner:
        _as_owner(connection, settings.postgres)
    connection.autocommit = False
    return connection


@contextlib.contextmanager
def told(place: str = "") -> Iterator[None]:
    """Errors of Postgres as ServerFailed about a place (an address, a table), without values."""
    psycopg = _driver()
    try:
        yield
    except psycopg.Error as error:
        raise ServerFailed(f"{shown_address(place)}: {_without(worded(error), place)}".removeprefix(": ")) from None


def _without(words: str, address: str) -> str:
    """Words without pieces of a password that libpq took for a host or a port, since a sign in it was not escaped."""
    held = re.match(r"\w+://[^:@/?]*:(.*)@", address)
    pieces = [piece for piece in re.split(r"[@:/?#]", held[1]) if piece] if held else []
    for piece in sorted(pieces, key=len, reverse=True):
        words = re.sub(rf"(?<!\w){re.escape(piece)}(?!\w)", "…", words)
    return words


def worded(error: Any) -> str:
    """What is told of an error of psycopg."""
    state, known = error.sqlstate, error.diag
    place = ", ".join(filter(None, (known.schema_name, known.table_name, known.constraint_name)))
    if state is None and type(error).__name__ == "OperationalError":  # no connection: host, port, user, cause
        words = " ".join(str(error).split())
        return f"{words}; see that the server runs and the address, the user and its password are right"
    if state is None:
        return f"{type(error).__name__}: the address is not one libpq reads; write postgresql://user@host:5432/database"
    said = known.message_primary if state.startswith(_WORDED) else type(error).__name__
    return f"Postgres refused ({state}): {said}{f' in {place}' if place else ''}"


def statement(name: str, **values: object) -> tuple[str, Mapping[str, object]]:
    """Text of `sql/<name>.sql` with its `$name` parameters as psycopg writes them, and their values."""
    text = load(name).replace("%", "%%")
    for key in sorted(values, key=len, reverse=True):
        text = text.replace(f"${key}", f"%({key})s")
    return text, values


def rows(connection: Connection, name: str, **values: object) -> list[tuple[Any, ...]]:
    """All rows of a query of `sql/`."""
    return list(connection.execute(*statement(name, **values)).fetchall())


def role(chosen: PostgresSettings, name: str) -> str:
    """The role of this name on the server."""
    return f"{chosen.role_prefix}{name}"


def _as_owner(connection: Connection, chosen: PostgresSettings) -> None:
    """What is created belongs to the loader's role, whoever of its members creates it."""
    from psycopg import sql

    if rows(connection, "roles/member", role=role(chosen, "loader")):
        connection.execute(sql.SQL("set role {}").format(sql.Identifier(role(chosen, "loader"))))


def _address(settings: Settings) -> str:
    if settings.server is None:
        raise ConfigurationError("no server: give --warehouse postgresql://user@host/database, or set it in the TOML")
    return settings.server.get_secret_value()


def _driver() -> Any:
    try:
        import psycopg
    except ImportError:
        raise ConfigurationError(
            "a warehouse on Postgres needs the driver psycopg: pip install 'identity[postgres]'"
        ) from None
    return psycopg
