"""The operational store: small transactional state that is not in the warehouse file.

Runs, the lease, decisions and people's requests live here, through SQLAlchemy: SQLite in the state folder, or Postgres
(`store = "postgresql://…"`, `store_server`). The store's secret (for keyed hashes of personal values) is a file of its
own in the state folder.
"""

import os
import secrets
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from identity.errors import IdentityError
from identity.runs import (
    review_tables,  # noqa: F401 - its tables are created with the others
    store_server,
)
from identity.runs.store_tables import meta_table, metadata
from identity.settings import Settings


def _to_2(_connection: sa.Connection) -> None:
    """Decisions, releases and privacy requests: new tables only, which `create_all` has made."""


def _to_3(_connection: sa.Connection) -> None:
    """The review application: new tables only."""


MIGRATIONS: tuple[Callable[[sa.Connection], None], ...] = (_to_2, _to_3)
"""Step n brings a store from schema version n + 1 to n + 2; new tables need no words here."""
SCHEMA_VERSION = len(MIGRATIONS) + 1

_VERSION = sa.select(meta_table.c.value).where(meta_table.c.name == "schema_version")


def open_store(place: Settings | Path) -> sa.Engine:
    """The store that settings name, created at first use; of a state folder alone, the SQLite file in it.

    Raises IdentityError when it cannot be opened, or was written by a newer program.
    """
    state = place if isinstance(place, Path) else place.state
    state.mkdir(parents=True, exist_ok=True)
    engine = _sqlite(state) if isinstance(place, Path) or place.store is None else store_server.engine(place.store)
    name = state / "store.sqlite" if engine.dialect.name == "sqlite" else "the store's database"
    try:
        found = _schema_version(engine)
        if found is None or found < SCHEMA_VERSION:
            found = _set_up(engine)
    except sa.exc.DatabaseError as error:
        advice = (
            "correct its permissions, or restore it from a backup"
            if engine.dialect.name == "sqlite"
            else "see that the server runs, and that address, user and password in `store` are right"
        )
        raise IdentityError(
            f"{name}: cannot be opened as the operational store ({type(error.orig).__name__}); {advice}"
        ) from None
    if found > SCHEMA_VERSION:
        raise IdentityError(
            f"{name}: the store has schema version {found}, this program knows {SCHEMA_VERSION}; "
            "install the newer identity that wrote it"
        )
    return engine


def has_store(settings: Settings) -> bool:
    """Whether there is a store already; looking does not create the one of a state folder."""
    return settings.store is not None or (settings.state / "store.sqlite").exists()


def one_at_a_time(connection: sa.Connection) -> None:
    """Begin a transaction that no other of these runs beside: what it reads still holds when it writes."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("begin immediate")
    else:
        store_server.lock(connection)


def inserting(connection: sa.Connection, table: sa.Table) -> "sqlite.Insert | postgresql.Insert":
    """An insert that can say what happens where the row is there already."""
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)


def compact(store: sa.Engine) -> None:
    """Write the store anew, since what was emptied stays in its bytes until then."""
    with store.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for statement in ["vacuum"] if store.dialect.name == "sqlite" else store_server.rewriting():
            connection.exec_driver_sql(statement)


def _sqlite(state: Path) -> sa.Engine:
    engine = sa.create_engine(
        f"sqlite:///{state / 'store.sqlite'}", connect_args={"timeout": 30}, poolclass=sa.NullPool
    )
    sa.event.listen(engine, "connect", _strict_sqlite)
    return engine


def _schema_version(engine: sa.Engine) -> int | None:
    """The version a store says it has; None of a new one."""
    with engine.connect() as connection:
        if not sa.inspect(connection).has_table(meta_table.name):
            return None
        found = connection.execute(_VERSION).scalar_one_or_none()
    return None if found is None else int(found)


def _set_up(engine: sa.Engine) -> int:
    """Create or upgrade the store in one transaction, so that two starters do not meet half a store."""
    with engine.connect() as connection:
        one_at_a_time(connection)
        new = not sa.inspect(connection).has_table(meta_table.name)
        if engine.dialect.name == "sqlite":
            metadata.create_all(connection)
        else:
            store_server.create(connection)
        if new:
            connection.execute(sa.insert(meta_table).values(name="schema_version", value=str(SCHEMA_VERSION)))
        found = int(connection.execute(_VERSION).scalar_one())
        for upgrade in MIGRATIONS[found - 1 :]:
            upgrade(connection)
        if found < SCHEMA_VERSION:
            named = sa.update(meta_table).where(meta_table.c.name == "schema_version")
            connection.execute(named.values(value=str(SCHEMA_VERSION)))
        connection.commit()
    return max(found, SCHEMA_VERSION)


def _strict_sqlite(connection: sa.engine.interfaces.DBAPIConnection, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("pragma synchronous = full")
    cursor.execute("pragma foreign_keys = on")
    cursor.close()


def store_secret(state: Path) -> bytes:
    """The store's 32 secret bytes, from `secret.key` (mode 0600), drawn at first use."""
    path = state / "secret.key"
    try:
        return bytes.fromhex(path.read_text(encoding="ascii").strip())
    except FileNotFoundError:
        partial = path.with_name(f"secret.key.{os.getpid()}")
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as stream:
            stream.write(secrets.token_hex(32))
            stream.flush()
            os.fsync(stream.fileno())
        try:
            os.link(partial, path)  # the first of two starters wins
        except FileExistsError:
            pass
        finally:
            partial.unlink()
        return store_secret(state)
    except ValueError:
        raise IdentityError(f"{path}: not 64 hexadecimal digits; restore it from a backup") from None
