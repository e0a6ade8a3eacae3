"""A steward's small world: deliveries of one source, runs, decisions, and what each generation says."""

import json
import shutil
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb

from identity.engine.sql import data_folder
from tests.support.cli import invoke, people, write_rows

HEADER = "id,first,last,mail,phone,birth"
CONFIG = """
region = "US"
threads = 1
memory_limit = "1GB"
expectations = "expectations"
[gate]
max_changed_ids = 1.0
max_profile_count_change = 10
max_fill_rate_change = 1.0
[[sources]]
name = "crm"
files = "in/people*.csv"
record_id = "id"
delivery = "full"
[sources.fields]
given_name = "first"
family_name = "last"
email = "mail"
phone = "phone"
birth_date = "birth"
[[sources]]
name = "till"
kind = "order"
files = "in/orders*.csv"
record_id = "order"
person_source = "crm"
person_id = "customer"
[sources.fields]
order_at = "at"
total_charged = "total"
gross = "total"
"""
SUITES = (
    "matched/decisions",
    "matched/fates",
    "matched/pairs",
    "matched/profiles",
    "golden/lineage",
    "golden/contacts",
)
BY = ("--by", "Stella", "--reason", "seen on paper")
Row = tuple[str, ...]


class Story:
    """Runs over whole deliveries of records `crm:<id>`, with thirty strangers beside them.

    Only the suites about pairs, ids, decisions and golden values are run.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.day = date(2026, 7, 1)
        folder.mkdir(parents=True, exist_ok=True)
        self.config = folder / "run.toml"
        self.config.write_text(CONFIG)
        for name in SUITES:
            place = folder / "expectations" / f"{name}.json"
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(data_folder("expectations") / f"{name}.json", place)
        self.strangers = [(*person, f"19{50 + n}-0{1 + n % 9}-1{n % 9}") for n, person in enumerate(people(30))]

    @property
    def warehouse(self) -> Path:
        return self.folder / "w.duckdb"

    def deliver(self, rows: Iterable[Row], orders: Iterable[Row] = ()) -> None:
        """Put a whole delivery into the inbox in place of the last one."""
        for path in (self.folder / "in").glob("people*.csv"):
            path.unlink()
        write_rows(self.folder / "in" / f"people{self.day}.csv", HEADER, [*self.strangers, *rows])
        if orders:
            write_rows(self.folder / "in" / "orders.csv", "order,customer,at,total", orders)

    def run(self) -> None:
        """Run over what was delivered last, a day later."""
        self.day += timedelta(days=1)
        told = invoke("run", "--config", self.config, "-w", self.warehouse, "--as-of", f"{self.day}T03:00:00")
        assert told.exit_code == 0, told.output

    def command(self, *arguments: object, code: int = 0) -> Any:
        told = invoke(*arguments, "--config", self.config, "-w", self.warehouse)
        assert told.exit_code == code, told.output
        return told

    def decide(self, kind: str, *arguments: str) -> str:
        """Decide and answer the decision's name."""
        told = self.command("decide", kind, *arguments, *BY)
        return str(told.stdout.split(" recorded")[0].splitlines()[-1])

    def undo(self, decision: str) -> str:
        return str(self.command("undo", decision, *BY).stdout.split(" ")[0])

    def queue(self, kind: str | None = None) -> list[dict[str, Any]]:
        """The open cases as the command tells them now."""
        items = json.loads(self.command("queue", "--json", "--limit", "1000").stdout)
        return [item for item in items if kind in (None, item["kind"])]

    def query(self, generation: int, text: str) -> list[tuple[Any, ...]]:
        """Rows of a query over a published generation."""
        path = self.folder / "w.state" / "generations" / f"g{generation:06d}.duckdb"
        with duckdb.connect(str(path), read_only=True) as connection:
            return connection.execute(text).fetchall()

    def profiles(self, generation: int) -> dict[str, str]:
        """Profile id of each record, by the record's key."""
        return dict(self.query(generation, "select source_pk, profile_id from identity.profile_xref"))

    def states(self, generation: int) -> dict[str, tuple[str, str | None]]:
        """State and effect of every decision."""
        rows = self.query(generation, "select decision_id, state, effect from steward.decision")
        return {name: (state, effect) for name, state, effect in rows}

    def events(self, generation: int) -> set[tuple[Any, ...]]:
        """Type, profile, other, record, cause and actor of the events of a generation."""
        return set(
            self.query(
                generation,
                "select event_type, profile_id, other_profile_id, source_pk, cause, actor from identity.profile_event "
                f"where run_number = {generation}",
            )
        )
