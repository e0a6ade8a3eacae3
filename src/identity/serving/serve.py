"""Publishing to readers: the server first, where the warehouse is one, then the local file.

The order makes a kill between the two harmless: both carry the generation's number and run, the generation's file is
whole before either, and the next start takes the step that is missing (`settle`).
"""

import contextlib
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from identity.engine import warehouse
from identity.errors import ConfigurationError, IdentityError
from identity.serving import switching
from identity.serving.connection import Connection, connected, rows, told
from identity.serving.loading import Loaded, stage
from identity.settings import Settings

Judge = Callable[[Loaded], None]


def go_live(settings: Settings, generation: Path, judge: Judge | None = None) -> int:
    """Make a generation's file what readers see; returns the rows that the server was sent.

    `judge` sees the loaded tables before the switch and raises CheckStopped where they may not be published. Without
    a server this is one rename. Repeating it changes nothing.
    """
    sent = serve(settings, generation, judge) if settings.server is not None else 0
    warehouse.switch(generation, settings.warehouse)
    return sent


def serve(settings: Settings, generation: Path, judge: Judge | None = None, *, again: bool = False) -> int:
    """Load a generation's file into the server and switch it live; returns the rows, 0 where it is live already.

    `again` loads it also then. Keeps as many generations as the settings say, the live one among them. Raises
    ServerFailed, AnotherRun while somebody else loads, and what `judge` raises; then readers see what they saw.
    """
    number, run_id = warehouse.published_runs(generation)[-1]
    with connected(settings) as connection, switching.alone(connection):
        if switching.live(connection) == (number, run_id) and not again:
            return 0
        _drop_staged(connection)
        try:
            loaded = stage(settings, generation, f"__g{number:06d}{switching.STAGED}")
            if judge is not None:
                judge(loaded)
            with told():
                switching.switch(connection, settings, loaded)
        except IdentityError:
            with contextlib.suppress(Exception):  # the server may be gone; the next start drops it then
                _drop_staged(connection)
            raise
        _keep(connection, settings.retention.generations, number)
    return loaded.rows


def forget(settings: Settings, generation: Path) -> list[int]:
    """Load the live generation's file anew and drop all kept ones, since they hold a person who is erased.

    Returns the numbers of the generations dropped. What was deleted leaves the server's files with its tables; its
    write-ahead log and backups age by their own rules.
    """
    serve(settings, generation, again=True)
    with connected(settings) as connection:
        old = switching.kept(connection)
        _keep(connection, 1, max(old, default=0) + 1)
        with contextlib.suppress(Exception):  # allowed to members of pg_checkpoint; files go at the next one anyway
            connection.execute("checkpoint")
    return sorted(old)


def settle(settings: Settings, file_of: Callable[[int], Path]) -> tuple[int, str] | None:
    """Take the step that a kill left out: a generation that is live on the server and not yet here.

    `file_of` says where the file of a generation is kept. Returns that generation and its run, None where nothing was
    missing. Raises ConfigurationError where the server carries a generation that this state folder does not know: then
    another state folder publishes there.
    """
    seen = switching.live_generation(settings)
    if seen is None or seen in warehouse.published_runs(settings.warehouse):
        return None
    number, run_id = seen
    generation = file_of(number)
    if generation.exists() and warehouse.published_runs(generation)[-1:] == [seen]:
        warehouse.switch(generation, settings.warehouse)
        return seen
    raise ConfigurationError(
        f"{settings.warehouse_name} carries generation {number} of run {run_id}, which the state folder "
        f"{settings.state} does not know; give --config or state_dir of the folder that publishes there, or restore it "
        "from a backup"
    )


def kept_generations(settings: Settings) -> list[int]:
    """Numbers of the generations that the server keeps beside the live one."""
    with connected(settings) as connection:
        return sorted(switching.kept(connection))


def found(settings: Settings, texts: Sequence[str], pattern: str) -> list[tuple[str, int]]:
    """Tables of whichever generation on the server with rows that hold one of these lower-case texts: (table, rows).

    `pattern` finds them as whole words, as `privacy.words` writes it.
    """
    sought = ([f"%{_plain(text)}%" for text in texts], re.sub(r"\\x\{([0-9a-f]{2})\}", r"\\u00\1", pattern))
    hits = []
    with connected(settings) as connection:
        for schema, table in rows(connection, "postgres/all_tables", names=list(switching.SCHEMAS)):
            count = _holding(connection, (schema, table), sought)
            if count:
                hits.append((f"{schema}.{table}", count))
    return hits


def _holding(connection: Connection, place: tuple[str, str], sought: tuple[list[str], str]) -> int:
    """Rows of a table that hold a text: `like` finds the few that the pattern has to be tried on."""
    from psycopg import sql

    query = sql.SQL(
        "with likely as materialized (select t::text as words from {} as t where lower(t::text) like any(%s)) "
        "select count(*) from likely where words ~ %s"
    ).format(sql.Identifier(*place))
    return int(connection.execute(query, sought).fetchone()[0])


def _plain(text: str) -> str:
    """A text in which `like` finds no signs of its own."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _drop_staged(connection: Connection) -> None:
    switching.drop(connection, [name for (name,) in rows(connection, "postgres/staged_schemas", names=_NAMES)])


def _keep(connection: Connection, generations: int, live: int) -> None:
    """Drop the kept generations beyond a number (the live one counts), and such as are not from before it."""
    kept = switching.kept(connection)
    before = sorted((number for number in kept if number < live), reverse=True)[: generations - 1]
    for number in kept.keys() - set(before):
        switching.drop(connection, kept[number])


_NAMES = list(switching.SCHEMAS)
