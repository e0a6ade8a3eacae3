"""Commands of analysts: follow a person's journey, take published tables along."""

import json
from pathlib import Path
from typing import Annotated

import typer

from identity.commands.base import AsJson, Config, Warehouse, command, out, settings_of
from identity.errors import ConfigurationError


@command("Tables")
def journey(
    profile: Annotated[str, typer.Argument(help="A profile id; one that was merged is followed.")],
    rows: Annotated[int, typer.Option(min=1, help="Interactions to show, the latest.")] = 200,
    config: Config = None,
    warehouse: Warehouse = None,
    unmasked: Annotated[bool, typer.Option(help="Show the sources' own words.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show what a person did across channels, in order, and what led to each conversion."""
    from identity import console, explaining

    settings = settings_of(config, warehouse=warehouse)
    story = explaining.tell_journey(settings, profile, rows=rows, unmasked=unmasked)
    if as_json:
        out.print_json(json.dumps(story, default=str))
    else:
        console.print_story(out, story)


@command("Tables")
def export(
    table: Annotated[str, typer.Argument(help="Table, e.g. gold.customer_360.")],
    target: Annotated[Path, typer.Argument(help="File to write: .csv or .parquet.")],
    mode: Annotated[str, typer.Option(help="machine (exact) or spreadsheet (formulas made harmless).")] = "machine",
    config: Config = None,
    warehouse: Warehouse = None,
) -> None:
    """Write a published table as CSV or Parquet."""
    from identity.privacy import desk, exports, requests
    from identity.runs.store import open_store

    if mode not in ("machine", "spreadsheet"):
        raise ConfigurationError(f"--mode {mode}: choose machine or spreadsheet")
    settings = settings_of(config, warehouse=warehouse)
    restricted = desk.restricted(settings)
    if settings.state.exists():  # an erasure has to find the file
        requests.remember_export(open_store(settings), str(target.resolve()), table, mode, 0)
    rows = exports.export_table(settings.warehouse, table, target, mode, leave_out=restricted)  # type: ignore[arg-type]
    left_out = f", without {len(restricted)} people whose data are restricted" if restricted else ""
    out.print(f"{rows:,} rows written to {target}{left_out}")
