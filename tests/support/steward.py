"""A steward's small world: deliveries of one source, runs, decisions, and what the warehouse says afterwards."""

import json
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb

from tests.support.cli import invoke, people, write_rows

HEADER = "id,first,last,mail,phone,birth"
CONFIG = """
region = "US"
threads = 1
memory_limit = "1GB"
[gate]
max_changed_ids = 1.0
max_profile_count_change = 10
max_fill_rate_change = 1.0
{more}
[[sources]]
name = "crm"
files = "in/*.csv"
record_id = "id"
delivery = "full"
updated_at = "changed"
[sources.fields]
given_name = "first"
family_name = "last"
email = "mail"
phone = "phone"
birth_date = "birth"
"""
BY = ("--by", "Stella", "--reason", "seen on paper")
Row = tuple[str, str, str, str, str, str]


class Story:
    """Runs over whole deliveries of records `crm:<id>`, with thirty strangers beside them."""

    def __init__(self, folder: Path, more: str = "") -> None:
        self.folder = folder
        self.day = date(2026, 7, 1)
        folder.mkdir(parents=True, exist_ok=True)
        self.config = folder / "run.toml"
        self.config.write_text(CONFIG.format(more=more).replace('updated_at = "changed"\n', ""))
        self.strangers = [(*person, f"19{50 + n}-0{1 + n % 9}-1{n % 9}") for n, person in enumerate(people(30))]

    def run(self, rows: Iterable[Row]) -> dict[str, str]:
        """Deliver these records and run; answers the profile id of each, by the record's key."""
        self.day += timedelta(days=1)
        for path in (self.folder / "in").glob("*.csv"):
            path.unlink()
        write_rows(self.folder / "in" / f"{self.day}.csv", HEADER, [*self.strangers, *rows])
        return self.again()

    def again(self) -> dict[str, str]:
        """Run over what was delivered last."""
        self.day += timedelta(days=1)
        told = invoke("run", "--config", self.config, "-w", self.warehouse, "--as-of", f"{self.day}T03:00:00")
        assert told.exit_code == 0, told.output
        return self.profiles()

    @property
    def warehouse(self) -> Path:
        return self.folder / "w.duckdb"

    def profiles(self) -> dict[str, str]:
        rows = self.query("select source_pk, profile_id from identity.profile_xref")
        return {key: profile for key, profile in rows if not key.startswith("r0")}

    def query(self, text: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            return connection.execute(text).fetchall()

    def command(self, *arguments: object, code: int = 0) -> Any:
        told = invoke(*arguments, "--config", self.config, "-w", self.warehouse)
        assert told.exit_code == code, told.output
        return told

    def decide(self, kind: str, *arguments: str) -> str:
        """Decide and answer the decision's name; records may be written without their source."""
        told = self.command("decide", kind, *arguments, *BY)
        return str(told.stdout.split(" recorded")[0].splitlines()[-1])

    def undo(self, decision: str) -> None:
        self.command("undo", decision, *BY)

    def queue(self, kind: str | None = None) -> list[dict[str, Any]]:
        items = json.loads(self.command("queue", "--json", "--limit", "1000").stdout)
        return [item for item in items if kind in (None, item["kind"])]

    def states(self) -> dict[str, tuple[str, str | None]]:
        """State and effect of every decision as published."""
        rows = self.query("select decision_id, state, effect from steward.decision")
        return {name: (state, effect) for name, state, effect in rows}

    def events(self) -> set[tuple[Any, ...]]:
        """Type, profile, other, record, cause and actor of the events of the last generation."""
        return set(
            self.query(
                "select event_type, profile_id, other_profile_id, source_pk, cause, actor from identity.profile_event "
                "where run_number = (select max(run_number) from ops.run)"
            )
        )


ANN: Row = ("a1", "Ann", "Quackenbush", "ann@one-mail.org", "(212) 555-0101", "1980-04-17")
ANN_AGAIN: Row = ("a2", "Ann", "Quackenbush", "ann@one-mail.org", "(212) 555-0101", "1980-04-17")
ANNE: Row = ("a3", "Anne", "Quackenbush", "ann@one-mail.org", "(212) 555-0101", "1980-04-17")
BEA: Row = ("b1", "Beatrix", "Zimmerli", "bea@two-mail.org", "(415) 555-0177", "1975-02-03")
CARL: Row = ("c1", "Carlton", "Ostrowski", "carl@three-mail.org", "(617) 555-0123", "1990-11-30")
