"""The command line. Every command is a thin call; heavy imports happen inside, so that `--help` is quick.

Exit codes: 0 published, 1 failed, 2 wrong use, 3 stopped by a critical check, 4 held, 5 input refused,
75 another run holds the lease, 130 interrupted.
"""

import functools
import json
import os
import traceback
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console

from identity.errors import ConfigurationError, ExitCode, IdentityError

app = typer.Typer(
    name="identity",
    help="Find which records are the same customer and publish one golden profile for each.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    epilog="Exit codes: 0 published · 1 failed · 2 wrong use · 3 stopped by a check · 4 held · 5 input refused · "
    "75 another run · 130 interrupted.",
)
# names of files, columns and sources are text: no markup, no emoji codes
out = Console(highlight=False, markup=False, emoji=False)
err = Console(stderr=True, highlight=False, markup=False, emoji=False)

Config = Annotated[Path | None, typer.Option("--config", "-c", help="TOML file of the run.")]
Inbox = Annotated[Path | None, typer.Option(help="Folder with exports, read unmodified.")]
Region = Annotated[str | None, typer.Option(help="Default country of phones and addresses, e.g. US.")]
Warehouse = Annotated[Path | None, typer.Option("--warehouse", "-w", help="DuckDB file to publish to.")]
AsJson = Annotated[bool, typer.Option("--json", help="Machine-readable output.")]

C = TypeVar("C", bound=Callable[..., Any])


def command(function: C) -> C:
    """Register a command whose errors end in a message and an exit code, never a traceback.

    Of a fault nobody foresaw the message is left out, since messages of libraries may quote values of people.
    """

    @functools.wraps(function)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except BrokenPipeError:
            raise  # the reader of a pipe went away; the library ends quietly
        except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the one place where every error ends
            message, code = _worded(error)
            err.print(message, style="red", soft_wrap=True)
            raise typer.Exit(code) from None

    app.command()(guarded)
    return function


def _worded(error: BaseException) -> tuple[str, ExitCode]:
    """What is told of an error, and the exit code."""
    match error:
        case IdentityError():
            return str(error), error.exit_code
        case KeyboardInterrupt():
            return "interrupted; nothing was published, the next `identity run` carries on", ExitCode.INTERRUPTED
        case OSError():
            cause = os.strerror(error.errno) if error.errno else type(error).__name__
            place = f"{error.filename}: " if error.filename else ""
            return f"{place}{cause}; correct the path, its permissions or the space left, then retry", ExitCode.FAILED
    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{type(error).__name__} at {frame.filename}:{frame.lineno} in {frame.name}"
    return f"{place}: a fault of the program; report this line with the version and the command", ExitCode.FAILED


def _settings(config: Path | None, **overrides: Any) -> Any:
    from identity import settings

    if config is None and Path("identity.toml").is_file() and not overrides.get("inbox"):
        config = Path("identity.toml")
    return settings.load(config, **overrides)


@command
def run(
    config: Config = None,
    inbox: Inbox = None,
    region: Region = None,
    warehouse: Warehouse = None,
    as_of: Annotated[datetime | None, typer.Option(help="The run's time in UTC; default: now.")] = None,
    threads: Annotated[int | None, typer.Option(min=1, help="Threads of the engine.")] = None,
    full: Annotated[bool, typer.Option(help="Estimate the model anew.")] = False,
    as_json: AsJson = False,
) -> None:
    """Run the pipeline over new exports and publish the next generation of the warehouse."""
    from identity import console, pipeline

    settings = _settings(config, inbox=inbox, region=region, warehouse=warehouse, threads=threads)
    if settings.inbox is None and not settings.sources:
        raise ConfigurationError("nothing to read: give --inbox DIR, or --config FILE with [[sources]]")
    if settings.inbox is not None and not settings.inbox.is_dir():
        raise ConfigurationError(f"{settings.inbox}: no such folder; give --inbox the folder that holds the exports")
    if as_json:
        published = pipeline.run(settings, as_of=as_of, full=full)
        out.print_json(json.dumps(console.summary(published)))
        return
    with console.progress(err) as progress:
        published = pipeline.run(settings, as_of=as_of, full=full, progress=progress)
    console.print_summary(out, published)


@command
def demo(
    people: Annotated[int, typer.Option(min=10, help="Customers to invent.")] = 5000,
    seed: Annotated[int, typer.Option(help="Same seed, same exports.")] = 7,
    folder: Annotated[Path, typer.Option(help="Where exports, truth and warehouse go.")] = Path("demo"),
) -> None:
    """Invent exports of six systems, run the pipeline over them and compare with the truth."""
    from identity import console, pipeline, settings
    from identity.sample import demo as sample

    exports = sample.prepare(folder, people=people, seed=seed, say=err.print)
    chosen = settings.load(None, inbox=exports.inbox, region="US", warehouse=folder / "warehouse.duckdb")
    with console.progress(err) as progress:
        published = pipeline.run(chosen, progress=progress)
    console.print_summary(out, published)
    console.print_truth(out, sample.compare(chosen.warehouse, exports.truth))


@command
def sources(
    path: Annotated[Path, typer.Argument(help="File or folder to look at.")],
    config: Config = None,
    region: Region = None,
    as_json: AsJson = False,
) -> None:
    """Show what each file would be recognised as, and which columns go where, before running."""
    from identity import console
    from identity.landing.inspect import inspect

    if not path.exists():
        raise ConfigurationError(f"{path}: no such file or folder")
    reports = inspect([path], _settings(config, region=region))
    if as_json:
        out.print_json(json.dumps([console.file_report(entry) for entry in reports]))
    else:
        console.print_sources(out, reports)


@command
def status(config: Config = None, warehouse: Warehouse = None, as_json: AsJson = False) -> None:
    """List the runs and what is published."""
    from identity import console
    from identity.runs import lifecycle

    settings = _settings(config, warehouse=warehouse)
    ledger = lifecycle.runs(settings) if settings.state.exists() else []
    if as_json:
        out.print_json(json.dumps([console.ledger_row(row) for row in ledger]))
    else:
        console.print_status(out, settings, ledger)


@command
def explain(
    first: Annotated[str, typer.Argument(help="A record as source:key, or a profile id.")],
    second: Annotated[str | None, typer.Argument(help="The other record, as source:key.")] = None,
    config: Config = None,
    warehouse: Warehouse = None,
    unmasked: Annotated[bool, typer.Option(help="Show values of people.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show why two records are (not) the same person, or what a profile consists of."""
    from identity import console, explaining

    settings = _settings(config, warehouse=warehouse)
    story = (
        explaining.explain_profile(settings, first, unmasked=unmasked)
        if second is None
        else explaining.explain_records(settings, first, second, unmasked=unmasked)
    )
    if as_json:
        out.print_json(json.dumps(story, default=str))
    else:
        console.print_story(out, story)


@command
def check(
    config: Config = None,
    warehouse: Warehouse = None,
    run_id: Annotated[str | None, typer.Option("--run", help="Run to check; default: the newest.")] = None,
    as_json: AsJson = False,
) -> None:
    """Run the expectations again over the tables of a run that is still kept."""
    from identity import console
    from identity.runs import lifecycle
    from identity.stages import check as stage

    settings = _settings(config, warehouse=warehouse)
    ledger = lifecycle.runs(settings) if settings.state.exists() else []
    chosen = run_id or next((row["run_id"] for row in ledger), None)
    if chosen is None:
        raise ConfigurationError(f"{settings.state}: no run yet; `identity run` makes one")
    current = lifecycle.find(settings, chosen)
    if not current.workspace.files("gold.customer_360"):
        raise ConfigurationError(f"run {chosen}: its tables are no longer kept; run again, or name a newer one")
    try:
        stage.check(current)
    finally:
        results = console.quality_results(current)
        if as_json:
            out.print_json(json.dumps(results))
        else:
            console.print_quality(out, results)


@command
def validate(config: Annotated[Path, typer.Argument(help="TOML file.")]) -> None:
    """Check a configuration without running it."""
    from identity import console, settings
    from identity.sources import registry

    chosen = settings.load(config)
    registry.by_name(chosen)  # raises for fields that no source knows
    console.print_validation(out, config, chosen)


@command
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
    settings = _settings(config, warehouse=warehouse)
    rows = exports.export_table(settings.warehouse, table, target, mode)  # type: ignore[arg-type]
    out.print(f"{rows:,} rows written to {target}")


@command
def prune(
    config: Config = None,
    warehouse: Warehouse = None,
    dry_run: Annotated[bool, typer.Option(help="Only say what would be deleted.")] = False,
) -> None:
    """Delete run folders and generations beyond the configured numbers."""
    from identity.runs import retention

    settings = _settings(config, warehouse=warehouse)
    if not settings.state.exists():
        raise ConfigurationError(f"{settings.state}: no run yet, nothing to delete")
    pruned = retention.prune(settings, dry_run=dry_run)
    verb = "would delete" if dry_run else "deleted"
    out.print(
        f"{verb} {len(pruned.run_folders)} run folders and {len(pruned.generations)} generations, "
        f"{pruned.bytes / 1e6:.1f} MB"
    )


@app.callback(invoke_without_command=True)
def _root(version: Annotated[bool, typer.Option("--version", help="Show the version.")] = False) -> None:
    if version:
        from identity import __version__

        out.print(__version__)
        raise typer.Exit


def main() -> None:
    """Entry point of the `identity` program."""
    app()
