"""Commands of analysts: take published tables along."""

from pathlib import Path
from typing import Annotated

import typer

from identity.commands.base import Config, Warehouse, command, out, settings_of
from identity.errors import ConfigurationError


@command("Tables")
def export(
    table: Annotated[str, typer.Argument(help="Table, e.g. gold.customer_360.")],
    target: Annotated[Path, typer.Argument(help="File to write: .csv or .parquet.")],
    mode: Annotated[str, typer.Option(help="machine (exact) or spreadsheet (formulas made harmless).")] = "machine",
    config: Config = None,
    warehouse: Warehouse = None,
) -> None:
    """Write a published table as CSV or Parquet."""
    from identity.privacy import exports

    if mode not in ("machine", "spreadsheet"):
        raise ConfigurationError(f"--mode {mode}: choose machine or spreadsheet")
    settings = settings_of(config, warehouse=warehouse)
    rows = exports.export_table(settings.warehouse, table, target, mode)  # type: ignore[arg-type]
    out.print(f"{rows:,} rows written to {target}")
