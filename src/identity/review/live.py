"""The live generation, open for many pages: one read-only connection, small indexes in memory, the cases.

A new generation is a new file under the warehouse's name. It is opened beside the old one, which is closed when the
last page that reads it is done; nothing of it is kept on disk.
"""

import contextlib
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import sqlalchemy as sa

from identity import reviewing
from identity.desk import Desk
from identity.engine.connection import connect
from identity.engine.sql import load
from identity.engine.warehouse import attach
from identity.errors import ConfigurationError
from identity.matching import codes
from identity.matching.model import Model, from_json
from identity.matching.reading import Codes
from identity.runs.store import open_store, store_secret
from identity.runs.store_tables import decision_table
from identity.settings import Settings
from identity.stewardship import log as decision_log
from identity.stewardship.decisions import Decision, Key

Row = dict[str, Any]
_NEEDED = {"steward.review_item", "steward.sample_item", "steward.decision", "identity.profile_xref", "gold.orders"}


@dataclass(frozen=True)
class Known:
    """What explains a pair without a query: the encoded records of the run, and its model."""

    codes: Codes
    model: Model


@dataclass
class Generation:
    """A published generation that is open; `users` are the pages that read it."""

    number: int
    run_id: str
    connection: duckdb.DuckDBPyConnection
    file: tuple[int, int, int]
    cases: reviewing.Cases
    by_id: dict[str, Row]
    by_profile: dict[str, list[Row]]
    by_evidence: dict[str, list[Row]]
    order: dict[str, int]
    known: Known | None
    users: int = 0
    is_retired: bool = False


@dataclass
class Page:
    """What one page reads: a cursor of the generation, the store, the log, and the state of the cases."""

    settings: Settings
    generation: Generation
    cursor: duckdb.DuckDBPyConnection
    desk: Desk
    settled: set[str]
    fresh: list[Row] = field(default_factory=list)

    @property
    def store(self) -> sa.Engine:
        """The operational store."""
        return self.desk.store

    def rows(self, query: str, **parameters: Any) -> list[Row]:
        """Rows of `sql/review/<query>.sql`."""
        return list(self.cursor.sql(load(f"review/{query}"), params=parameters).to_arrow_table().to_pylist())

    def offer(self, name: str, **columns: list[str]) -> None:
        """Make texts readable as a temporary table for the queries of this page."""
        table = pa.table({key: pa.array(values, pa.string()) for key, values in columns.items()})
        self.cursor.register("_offered", table)
        self.cursor.execute(f"create or replace temp table {name} as select * from _offered").fetchall()  # noqa: S608 - a name of ours
        self.cursor.unregister("_offered")

    def want(self, records: list[Key]) -> None:
        """Name the records that the next queries are about, as `wanted`."""
        self.offer("wanted", source=[key[0] for key in records], source_pk=[key[1] for key in records])


class Live:
    """Opens the generation that is live and lends it to pages; safe for threads."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.store = open_store(settings)
        self.secret = store_secret(settings.state)
        self._lock = threading.Lock()
        self._now: Generation | None = None
        self._log: tuple[tuple[int, str], list[Decision]] | None = None
        self._states: tuple[Any, set[str], list[Row]] | None = None

    @contextlib.contextmanager
    def page(self) -> Iterator[Page]:
        """The live generation for one page. Raises ConfigurationError when nothing is published."""
        generation = self._borrow()
        cursor = generation.connection.cursor()
        try:
            cursor.execute("use warehouse").fetchall()
            desk = Desk(self.settings, cursor, self.store, list(self.log()))
            settled, fresh = self._stated(generation, desk)
            yield Page(self.settings, generation, cursor, desk, settled, fresh)
        finally:
            cursor.close()
            self._give_back(generation)

    def follow(self) -> None:
        """Open the generation that is live, if another one is open or none; raises ConfigurationError."""
        self._give_back(self._borrow())

    def close(self) -> None:
        """Close the generation."""
        with self._lock:
            if self._now is not None:
                self._retire(self._now)
                self._now = None

    def log(self) -> list[Decision]:
        """The decision log, read again when it grew or a text of it was erased."""
        table = decision_table.c
        with self.store.connect() as connection:
            last, erased = connection.execute(sa.select(sa.func.max(table.number), sa.func.max(table.erased_at))).one()
        mark = (int(last or 0), str(erased))
        with self._lock:
            if self._log is None or self._log[0] != mark:
                self._log = (mark, decision_log.read(self.store))
            return self._log[1]

    def _stated(self, generation: Generation, desk: Desk) -> tuple[set[str], list[Row]]:
        key = (generation.file, len(desk.log), desk.log[-1].chain_hash if desk.log else "")
        if self._states is None or self._states[0] != key:
            settled = reviewing.settled(generation.cases, desk.log)
            self._states = (key, settled, reviewing.fresh_contradictions(desk, generation.cases))
        return self._states[1], self._states[2]

    def _borrow(self) -> Generation:
        with self._lock:
            file = _file(self.settings.warehouse)
            if self._now is None or self._now.file != file:
                opened = _opened(self.settings, file)
                if self._now is not None:
                    self._retire(self._now)
                self._now = opened
            self._now.users += 1
            return self._now

    def _give_back(self, generation: Generation) -> None:
        with self._lock:
            generation.users -= 1
            if generation.is_retired and generation.users == 0:
                generation.connection.close()

    def _retire(self, generation: Generation) -> None:
        generation.is_retired = True
        if generation.users == 0:
            generation.connection.close()


def _file(path: Path) -> tuple[int, int, int]:
    """What tells one generation's file from the next."""
    try:
        found = os.stat(path)  # noqa: PTH116 - the same
    except FileNotFoundError:
        raise ConfigurationError(f"{path}: no warehouse there yet; `identity run` publishes one") from None
    return found.st_ino, found.st_mtime_ns, found.st_size


def _opened(settings: Settings, file: tuple[int, int, int]) -> Generation:
    connection = connect(threads=str(min(settings.threads, 2)), memory_limit=settings.memory_limit)
    try:
        attach(connection, settings.warehouse)
        connection.execute("use warehouse").fetchall()
        _refuse_earlier(connection, settings.warehouse)
        for name in ("index", "case_records"):
            for statement in load(f"review/{name}").split(";\n"):
                connection.execute(statement).fetchall()
        return _read(settings, connection, file)
    except BaseException:
        connection.close()
        raise


def _refuse_earlier(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    query = "select schema_name || '.' || table_name from duckdb_tables() where database_name = 'warehouse'"
    lacking = _NEEDED - {row[0] for row in connection.execute(query).fetchall()}
    if lacking:
        raise ConfigurationError(
            f"{path}: published by an earlier version; `identity run` publishes what this one shows"
        )


def _read(settings: Settings, connection: duckdb.DuckDBPyConnection, file: tuple[int, int, int]) -> Generation:
    desk = Desk(settings, connection)
    found = reviewing.cases(desk)

    def ask(name: str) -> list[Row]:
        return list(connection.sql(load(f"review/{name}")).to_arrow_table().to_pylist())

    evidence = {row["item_id"]: row["evidence"] for row in ask("case_evidence")}
    items = [{**item, "evidence": evidence.get(item["item_id"]), "stratum": None} for item in found.items]
    items += [_sample(row) for row in ask("samples")]
    by_profile: dict[str, list[Row]] = {}
    by_evidence: dict[str, list[Row]] = {}
    for item in items:
        for profile_id in dict.fromkeys(item["profile_ids"] or ()):
            if profile_id:
                by_profile.setdefault(profile_id, []).append(item)
        if item["evidence"]:
            by_evidence.setdefault(item["evidence"], []).append(item)
    number, run_id = connection.execute(
        "select run_number, run_id from ops.run order by run_number desc limit 1"
    ).fetchall()[0]
    by_id = {item["item_id"]: item for item in items}
    order = {item_id: number for number, item_id in enumerate(by_id)}
    known = _known(settings.state / "runs" / str(run_id) / "spill" / "codes", connection)
    return Generation(
        number, str(run_id), connection, file, found, by_id, by_profile, by_evidence, order, known
    )  # fmt: skip


def _known(folder: Path, connection: duckdb.DuckDBPyConnection) -> Known | None:
    """None where the run's folder is gone or the records do not stand in the order in which link numbered them."""
    kept = codes.load(folder)
    records, moved = connection.execute(load("review/numbering")).fetchall()[0]
    if kept is None or len(kept[2]) != records or moved:
        return None
    parameters = connection.execute("select parameters from match.model").fetchall()[0][0]
    return Known(Codes(*kept), from_json(str(parameters)))


def _sample(row: Row) -> Row:
    return {
        **row,
        "kind": "sample",
        "why": row["stratum"],
        "priority": 0.0,
        "uncertainty": None,
        "business_value": None,
        "decisions": [],
        "id_type": None,
        "id_value": None,
        "match_probability": None,
        "assignee": None,
        "due": None,
        "since_run": None,
        "evidence": None,
    }
