"""The operational store: small transactional state that is not in the warehouse file.

Runs and the lease live here, through SQLAlchemy: SQLite beside the warehouse, or any database SQLAlchemy
speaks. The store's secret (for keyed hashes of personal values) is a file of its own beside it.
"""

import os
import secrets
from pathlib import Path

import sqlalchemy as sa

from identity.errors import IdentityError

SCHEMA_VERSION = 1

metadata = sa.MetaData()

meta_table = sa.Table(
    "meta",
    metadata,
    sa.Column("name", sa.String(40), primary_key=True),
    sa.Column("value", sa.String(200), nullable=False),
)

run_table = sa.Table(
    "run",
    metadata,
    sa.Column("run_id", sa.String(60), primary_key=True),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("as_of", sa.DateTime, nullable=False),
    sa.Column("full", sa.Boolean, nullable=False),
    sa.Column("status", sa.String(20), nullable=False),
    sa.Column("reason", sa.Text, nullable=False, default=""),
    sa.Column("config_hash", sa.String(64), nullable=False),
    sa.Column("inbox_hash", sa.String(64), nullable=False),
    sa.Column("program_version", sa.String(20), nullable=False),
    sa.Column("started_at", sa.DateTime, nullable=False),
    sa.Column("finished_at", sa.DateTime),
)

lease_table = sa.Table(
    "lease",
    metadata,
    sa.Column("name", sa.String(20), primary_key=True),
    sa.Column("run_id", sa.String(60), nullable=False),
    sa.Column("host", sa.String(200), nullable=False),
    sa.Column("pid", sa.Integer, nullable=False),
    sa.Column("since", sa.DateTime, nullable=False),
    sa.Column("expires_at", sa.DateTime, nullable=False),
)


_VERSION = sa.select(meta_table.c.value).where(meta_table.c.name == "schema_version")


def open_store(state: Path) -> sa.Engine:
    """The store of a state folder, created at first use.

    Raises IdentityError when it was written by a newer program.
    """
    state.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(
        f"sqlite:///{state / 'store.sqlite'}", connect_args={"timeout": 30}, poolclass=sa.NullPool
    )
    sa.event.listen(engine, "connect", _strict_sqlite)
    try:
        found = _schema_version(engine) or _set_up(engine)
    except sa.exc.DatabaseError as error:
        raise IdentityError(
            f"{state / 'store.sqlite'}: cannot be opened as the operational store ({type(error.orig).__name__}); "
            "correct its permissions, or restore it from a backup"
        ) from None
    if found > SCHEMA_VERSION:
        raise IdentityError(
            f"{state}: the store has schema version {found}, this program knows {SCHEMA_VERSION}; "
            "install the newer identity that wrote it"
        )
    return engine


def _schema_version(engine: sa.Engine) -> int | None:
    """The version of a store that has all its tables; None of a new one."""
    with engine.connect() as connection:
        if not set(metadata.tables) <= set(sa.inspect(connection).get_table_names()):
            return None
        found = connection.execute(_VERSION).scalar_one_or_none()
    return None if found is None else int(found)


def _set_up(engine: sa.Engine) -> int:
    """Create what is missing, in one transaction, so that two starters do not meet half a store."""
    with engine.connect() as connection:
        connection.exec_driver_sql("begin immediate")
        metadata.create_all(connection)
        found = connection.execute(_VERSION).scalar_one_or_none()
        if found is None:
            connection.execute(sa.insert(meta_table).values(name="schema_version", value=str(SCHEMA_VERSION)))
        connection.commit()
    return SCHEMA_VERSION if found is None else int(found)


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
