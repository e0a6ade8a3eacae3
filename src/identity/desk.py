"""A steward's desk: the published generation and the decision log, open for one command.

Records are looked up in the published generation; a profile id stands for the records it has at that moment.
"""

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import duckdb
import pyarrow as pa
import sqlalchemy as sa

from identity.engine import warehouse
from identity.engine.sql import load
from identity.errors import ConfigurationError
from identity.runs.store import open_store, store_secret
from identity.settings import Settings
from identity.stewardship import log as decision_log
from identity.stewardship.closure import Contradiction, ruling
from identity.stewardship.decisions import UNKNOWN, Decision, Key, State, keys_of, mark, standing, states

Parts = tuple[tuple[Key, ...], ...]
_OF_DECISIONS = ("queue", "published_decisions")


class Desk:
    """The published generation (None before the first run) and the decision log, open for one command or one page.

    Who keeps the store and the log open over many pages hands them in.
    """

    def __init__(
        self,
        settings: Settings,
        connection: duckdb.DuckDBPyConnection | None,
        store: sa.Engine | None = None,
        log: list[Decision] | None = None,
    ) -> None:
        self.settings = settings
        self._connection = connection
        self.store: sa.Engine = open_store(settings) if store is None else store
        self.secret = store_secret(settings.state)
        self.log = decision_log.read(self.store) if log is None else log

    @property
    def is_published(self) -> bool:
        """Whether there is a generation to look records up in."""
        return self._connection is not None

    def rows(self, query: str, **parameters: Any) -> list[dict[str, Any]]:
        """Rows of `sql/steward/<query>.sql` over the published generation."""
        if self._connection is None:
            raise _unpublished(self.settings)
        if query in _OF_DECISIONS and not self._knows_decisions():
            return []  # published by a program that knew no decisions
        return list(self._connection.sql(load(f"steward/{query}"), params=parameters).to_arrow_table().to_pylist())

    def _knows_decisions(self) -> bool:
        query = "select 1 from duckdb_tables() where database_name = 'warehouse' and schema_name = 'steward'"
        return self._connection is not None and bool(self._connection.execute(query).fetchall())

    def wanted(self, keys: Sequence[Key]) -> None:
        """Name the records that the next query is about."""
        if self._connection is not None:
            columns = {"source": [key[0] for key in keys], "source_pk": [key[1] for key in keys]}
            schema = pa.schema([("source", pa.string()), ("source_pk", pa.string())])
            self._connection.register("_wanted", pa.table(columns, schema=schema))
            self._connection.execute("create or replace temp table wanted as select * from _wanted").fetchall()

    def facts(self, keys: Sequence[Key]) -> dict[Key, dict[str, Any]]:
        """record_hash and profile_id of those records that are published."""
        if self._connection is None or not keys:
            return {}
        self.wanted(keys)
        return {(row["source"], row["source_pk"]): row for row in self.rows("record_facts")}

    def records(self, text: str) -> tuple[Key, ...]:
        """The record written source:key, or all records of the profile with this id.

        Raises ConfigurationError when there is neither.
        """
        if not self.is_published:
            raise _unpublished(self.settings)
        source, colon, source_pk = text.partition(":")
        if colon:
            if not self.facts([(source, source_pk)]):
                raise ConfigurationError(
                    f"{text}: no such record in the published warehouse; take source and source_pk from a row of "
                    "identity.profile_xref, or give a profile id"
                )
            return ((source, source_pk),)
        found = tuple((row["source"], row["source_pk"]) for row in self.rows("records_of", profile_id=text))
        if not found:
            fate = self.rows("fate_of", profile_id=text)
            known = f"that profile is {fate[0]['status']} and has no records" if fate else "no such profile"
            raise ConfigurationError(f"{text}: {known}; give an id of identity.profile, or a record as source:key")
        return found

    def marks(self, parts: Parts) -> tuple[str, ...]:
        """Marks of the records' content of today."""
        facts = self.facts([record for part in parts for record in part])
        return tuple(
            mark(facts[record]["record_hash"]) if record in facts else UNKNOWN for part in parts for record in part
        )

    def states(self) -> dict[int, State]:
        """State of every decision, against the records as published."""
        facts = self.facts(keys_of(self.log))
        return states(self.log, {key: row["record_hash"] for key, row in facts.items() if row["record_hash"]})

    def contradictions(self, decisions: Sequence[Decision]) -> tuple[Contradiction, ...]:
        """Contradictions among the decisions that stand."""
        return ruling(standing(decisions), {}).contradictions

    def number(self, text: str) -> int:
        """The number of a decision written D12; raises ConfigurationError when there is none."""
        digits = text[1:] if text[:1] in ("D", "d") else text
        if not digits.isdecimal() or int(digits) not in {decision.number for decision in self.log}:
            raise ConfigurationError(f"{text}: no such decision; `identity decisions` lists them")
        return int(digits)


@contextlib.contextmanager
def desk(settings: Settings) -> Iterator[Desk]:
    """Open the desk. Raises ConfigurationError when nothing was ever run here."""
    if not settings.warehouse.exists():
        if not settings.state.exists():
            raise _unpublished(settings)
        yield Desk(settings, None)
        return
    with warehouse.opened(settings.warehouse) as connection:
        yield Desk(settings, connection)


def _unpublished(settings: Settings) -> ConfigurationError:
    return ConfigurationError(f"{settings.warehouse}: no warehouse there yet; `identity run` publishes one")
