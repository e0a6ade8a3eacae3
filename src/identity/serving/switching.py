"""Which generation readers of the server see, and how another takes its place: renames in one transaction.

    gold                  what readers see
    gold__g000041         a kept generation
    gold__g000042_new     the next one while it is loaded and checked

A statement that is being read while the schemas are renamed could find one of its tables before and another after. So
the switch first asks for every live table for itself, which waits until such statements have all their tables; a long
query holds it up for a few seconds at most, then the renames are done without (docs/adr/0012).
"""

import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence

from identity.errors import AnotherRun, ConfigurationError
from identity.serving import roles
from identity.serving.connection import Connection, connected, rows
from identity.serving.loading import Loaded
from identity.settings import Settings

STAGED = "_new"
SCHEMAS = roles.SCHEMAS
_ATTEMPTS, _WAIT_MS, _PAUSE = 6, 250, 0.1


def live(connection: Connection) -> tuple[int, str] | None:
    """(generation, run id) of what readers see; None of an empty database.

    Raises ConfigurationError where schemas of our names stand there that are not ours.
    """
    present = [name for (name,) in rows(connection, "postgres/schemas", names=list(SCHEMAS))]
    if not present:
        return None
    if not rows(connection, "postgres/is_published"):
        raise ConfigurationError(
            f"the database has schemas {', '.join(present)} that `identity` did not publish; give --warehouse another "
            "database, or rename them"
        )
    found = rows(connection, "postgres/live_run")
    return (int(found[0][0]), str(found[0][1])) if found else None


def live_generation(settings: Settings) -> tuple[int, str] | None:
    """The same of the server that the settings name; None where they name none."""
    if settings.server is None:
        return None
    with connected(settings) as connection:
        return live(connection)


def kept(connection: Connection) -> dict[int, list[str]]:
    """Schemas of each generation that is kept beside the live one."""
    found: dict[int, list[str]] = {}
    for number, name in rows(connection, "postgres/kept_schemas", names=list(SCHEMAS)):
        found.setdefault(int(number), []).append(str(name))
    return found


@contextlib.contextmanager
def alone(connection: Connection) -> Iterator[None]:
    """One loader at a time on a database. The server needs a moment to notice that a loader was killed."""
    import psycopg

    connection.execute("set lock_timeout = '30s'")
    try:
        rows(connection, "postgres/take_lock")
    except psycopg.errors.LockNotAvailable:
        raise AnotherRun("another process is loading this database; wait for it, or end it") from None
    connection.execute("set lock_timeout = 0")
    yield
    rows(connection, "postgres/give_back_lock")


def switch(connection: Connection, settings: Settings, loaded: Loaded) -> None:
    """Make a loaded generation what readers see, with its grants; what they saw until then is kept under its number."""
    before = live(connection)
    aside = f"__g{before[0]:06d}" if before else ""
    for attempt in range(_ATTEMPTS):
        if _renamed(connection, settings, (loaded, aside), at_rest=attempt + 1 < _ATTEMPTS):
            return
        time.sleep(_PAUSE * (attempt + 1))


def _renamed(connection: Connection, settings: Settings, what: tuple[Loaded, str], *, at_rest: bool) -> bool:
    """Rename in one transaction; False where `at_rest` was asked for and a query kept a table busy."""
    import psycopg

    loaded, aside = what
    try:
        with connection.transaction():
            if at_rest:
                _hold_still(connection)
            if aside:
                _move(connection, {name: f"{name}{aside}" for name in _present(connection)})
            _move(connection, {place: schema for schema, place in loaded.places.items()})
            roles.grant(connection, settings.postgres)
            if aside:
                roles.close(connection, settings.postgres, [f"{name}{aside}" for name in SCHEMAS])
    except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
        if not at_rest:
            raise
        return False
    return True


def _hold_still(connection: Connection) -> None:
    """Every live table for this transaction alone, so that no statement is between two of its tables."""
    from psycopg import sql

    connection.execute(sql.SQL("set local lock_timeout = {}").format(sql.Literal(f"{_WAIT_MS}ms")))
    names = [sql.Identifier(*row) for row in rows(connection, "postgres/live_tables", names=list(SCHEMAS))]
    if names:
        connection.execute(sql.SQL("lock table {} in access exclusive mode").format(sql.SQL(", ").join(names)))


def _present(connection: Connection) -> list[str]:
    return [name for (name,) in rows(connection, "postgres/schemas", names=list(SCHEMAS))]


def _move(connection: Connection, names: Mapping[str, str]) -> None:
    """Rename schemas; one that has the new name already (a generation of that number, once more) goes."""
    from psycopg import sql

    for old, new in names.items():
        connection.execute(sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(new)))
        connection.execute(sql.SQL("alter schema {} rename to {}").format(sql.Identifier(old), sql.Identifier(new)))


def drop(connection: Connection, schemas: Sequence[str]) -> None:
    """Delete schemas, each in a transaction of its own; one that a query still reads stays until the next time."""
    import psycopg
    from psycopg import sql

    for name in schemas:
        try:
            with connection.transaction():
                connection.execute("set local lock_timeout = '5s'")
                connection.execute(sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(name)))
        except psycopg.errors.LockNotAvailable:
            continue
