"""Commands of data engineers: run, look before running, look after, keep house."""

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from identity.commands.base import AsJson, Config, Inbox, Region, Warehouse, command, err, out, settings_of
from identity.errors import ConfigurationError


@command("Pipeline")
def run(
    config: Config = None,
    inbox: Inbox = None,
    region: Region = None,
    warehouse: Warehouse = None,
    as_of: Annotated[datetime | None, typer.Option(help="The run's time in UTC; default: now.")] = None,
    threads: Annotated[int | None, typer.Option(min=1, help="Threads of the engine.")] = None,
    full: Annotated[bool, typer.Option(help="Estimate the matching model anew and compare everything.")] = False,
    as_json: AsJson = False,
) -> None:
    """Run the pipeline over new exports and publish the next generation of the warehouse."""
    from identity import console, pipeline

    settings = settings_of(config, inbox=inbox, region=region, warehouse=warehouse, threads=threads)
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


@command("Pipeline")
def demo(
    people: Annotated[int, typer.Option(min=10, help="Customers to invent.")] = 5000,
    seed: Annotated[int, typer.Option(help="Same seed, same exports.")] = 7,
    folder: Annotated[Path, typer.Option(help="Where exports, truth and warehouse go.")] = Path("demo"),
) -> None:
    """Invent exports of six systems, run the pipeline over them and compare with the truth."""
    from identity import console, pipeline, settings
    from identity.sample import demo as sample

    exports = sample.prepare(folder, people=people, seed=seed, say=err.print)
    chosen = settings.load(exports.config)
    with console.progress(err) as progress:
        published = pipeline.run(chosen, as_of=sample.RUN_AT, progress=progress)
    console.print_summary(out, published)
    console.print_truth(out, sample.compare(chosen.warehouse, exports.truth))


@command("Pipeline")
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
    reports = inspect([path], settings_of(config, region=region))
    if as_json:
        out.print_json(json.dumps([console.file_report(entry) for entry in reports]))
    else:
        console.print_sources(out, reports)


@command("Pipeline")
def validate(config: Annotated[Path, typer.Argument(help="TOML file.")]) -> None:
    """Check a configuration without running it."""
    from identity import console, settings
    from identity.measuring import members
    from identity.sources import registry
    from identity.standard.rates import read_rates

    chosen = settings.load(config)
    registry.by_name(chosen)  # raises for fields that no source knows
    read_rates(chosen.money.rates)
    members.check_own(chosen)
    console.print_validation(out, config, chosen)


@command("Pipeline")
def status(config: Config = None, warehouse: Warehouse = None, as_json: AsJson = False) -> None:
    """List the runs and what is published."""
    from identity import console
    from identity.runs import lifecycle

    settings = settings_of(config, warehouse=warehouse)
    ledger = lifecycle.runs(settings) if settings.state.exists() else []
    if as_json:
        out.print_json(json.dumps([console.ledger_row(row) for row in ledger]))
    else:
        console.print_status(out, settings, ledger)


@command("Pipeline")
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

    settings = settings_of(config, warehouse=warehouse)
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


@command("Pipeline")
def prune(
    config: Config = None,
    warehouse: Warehouse = None,
    dry_run: Annotated[bool, typer.Option(help="Only say what would be deleted.")] = False,
) -> None:
    """Delete run folders, generations and delivered rows beyond the configured numbers and age."""
    from identity.privacy import aging
    from identity.runs import retention

    settings = settings_of(config, warehouse=warehouse)
    if not settings.state.exists():
        raise ConfigurationError(f"{settings.state}: no run yet, nothing to delete")
    pruned = retention.prune(settings, dry_run=dry_run)
    aged = aging.age(settings, dry_run=dry_run)
    verb = "would delete" if dry_run else "deleted"
    out.print(
        f"{verb} {len(pruned.run_folders)} run folders and {len(pruned.generations)} generations, "
        f"{pruned.bytes / 1e6:.1f} MB"
    )
    if settings.retention.delivered_days is not None:
        out.print(
            f"{verb} the content of {aged.rows} delivered rows in {aged.files} files that count no more, "
            f"and {len(aged.deleted)} landed files nobody refers to"
        )


By = Annotated[str, typer.Option("--by", help="Who decides; kept in ops.run.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; kept in ops.run.")]


@command("Pipeline")
def release(
    run_id: Annotated[str, typer.Argument(metavar="RUN", help="The held run, as `identity status` names it.")],
    by: By,
    reason: Reason,
    config: Config = None,
    warehouse: Warehouse = None,
) -> None:
    """Publish a held run after all."""
    from identity import generations
    from identity.stages.report import report_path

    released = generations.release(settings_of(config, warehouse=warehouse), run_id, by=by, reason=reason)
    out.print(f"run {run_id} is published as generation {released.number}, released by {by}", soft_wrap=True)
    out.print(f"report     {report_path(released)}", soft_wrap=True)


@command("Pipeline")
def rollback(
    by: By,
    reason: Reason,
    generation: Annotated[int | None, typer.Argument(help="Generation to go back to; default: the one before.")] = None,
    config: Config = None,
    warehouse: Warehouse = None,
) -> None:
    """Publish an earlier generation again, under a new number; ids issued since keep a fate."""
    from identity import generations

    run, target = generations.rollback(settings_of(config, warehouse=warehouse), generation, by=by, reason=reason)
    out.print(f"generation {target} is published again, as generation {run.number}")
