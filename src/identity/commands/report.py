"""The command of the match-quality report: where it stands, or the same page with values in full."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from identity.commands.base import AsJson, Config, Warehouse, command, out, settings_of
from identity.commands.decide import PANEL
from identity.errors import ConfigurationError

if TYPE_CHECKING:
    from identity.runs.run import Run


@command(PANEL)
def report(
    run_id: Annotated[str | None, typer.Argument(metavar="RUN", help="The run; default: the newest.")] = None,
    unmasked: Annotated[
        bool, typer.Option("--unmasked", help="Write the page with values of people in full, to --output.")
    ] = False,
    output: Annotated[Path | None, typer.Option("--output", help="Where the unmasked page goes.")] = None,
    config: Config = None,
    warehouse: Warehouse = None,
    as_json: AsJson = False,
) -> None:
    """Say where the match-quality report of a run stands; it is written again where it is missing."""
    from identity.runs import lifecycle

    settings = settings_of(config, warehouse=warehouse)
    if unmasked != (output is not None):
        raise ConfigurationError("--unmasked and --output FILE go together: the pages that are kept are always masked")
    ledger = lifecycle.runs(settings) if settings.state.exists() else []
    chosen = run_id or next((row["run_id"] for row in ledger), None)
    if chosen is None:
        raise ConfigurationError(f"{settings.state}: no run yet; `identity run` makes one")
    current = lifecycle.find(settings, chosen)
    place = _written(current) if output is None else _unmasked(current, output)
    told = {"run": chosen, "report": str(place), "runs": str(settings.state / "reports" / "index.html")}
    if as_json:
        out.print_json(json.dumps(told))
        return
    for name, value in told.items():
        out.print(f"{name:<8}{value}", soft_wrap=True)


def _written(run: "Run") -> Path:
    """The kept page of a run, written again from the run's tables where it is gone."""
    from identity.stages import report as stage

    place = stage.report_path(run)
    if not place.is_file():
        _kept(run)
        stage.report(run)
    return place


def _unmasked(run: "Run", output: Path) -> Path:
    """The page of a run with values in full; who asked for it is logged, and an erasure finds the file."""
    import getpass

    from identity.privacy import requests
    from identity.review import notes
    from identity.runs.store import open_store
    from identity.runs.workspace import write_atomically
    from identity.stages import report as stage

    _kept(run)
    if output.resolve().is_relative_to(run.settings.state.resolve()):
        raise ConfigurationError(f"{output}: not in the state folder; what stands there is masked")
    html = stage.unmasked(run)
    store = open_store(run.settings)
    notes.saw(store, getpass.getuser(), "report", run.run_id)
    requests.remember_export(store, str(output.resolve()), "report", "report", 0)
    write_atomically(output, html)
    output.chmod(0o600)
    return output


def _kept(run: "Run") -> None:
    if not run.workspace.entries():
        raise ConfigurationError(f"run {run.run_id}: its tables are no longer kept; name a newer one")
