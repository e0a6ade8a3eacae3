"""What the commands print: tables for people, plain dictionaries for `--json`."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from identity.landing.model import printable
from identity.runs.lifecycle import matching
from identity.runs.run import Run
from identity.runs.workspace import StageEntry, read_verdict
from identity.tables import published

if TYPE_CHECKING:
    from identity.landing.inspect import FileReport
    from identity.pipeline import Progress
    from identity.sample.demo import Comparison
    from identity.settings import Settings


@contextlib.contextmanager
def progress(console: Console) -> Iterator["Progress"]:
    """A line for every stage: a spinner while it works, then its seconds and rows."""
    with console.status("starting", spinner="dots") as status:

        def tell(stage: str, entry: StageEntry | None) -> None:
            if entry is None:
                status.update(f"{stage} …")
                if not console.is_terminal:
                    console.print(f"{stage} …")
                return
            rows = sum(written.rows for written in entry.written)
            console.print(f"  {stage:<12} {entry.seconds:8.2f} s   {rows:>12,} rows written")

        yield tell


def summary(run: Run) -> dict[str, Any]:
    """What a run did: records per source, rejected, profiles, verdict, seconds per stage, places."""
    entries = run.workspace.entries()
    with run.open("raw.file", "raw.rejected", "std.source_record", "identity.profile") as db:
        records = dict(db.rows("select source, count(*) from std.source_record group by source order by source"))
        rejected = db.count("raw.rejected")
        files = dict(db.rows("select status, count(*) from raw.file group by status order by status"))
        profiles = db.rows("select count(*) from identity.profile where status = 'active'")[0][0]
    seconds: dict[str, float] = {}
    for entry in entries:
        seconds[entry.stage] = round(seconds.get(entry.stage, 0.0) + entry.seconds, 2)
    total = sum(records.values())
    return {
        "run_id": run.run_id,
        "generation": run.number,
        "verdict": read_verdict(run.workspace).verdict,
        "files": files,
        "records": records,
        "rejected": rejected,
        "profiles": profiles,
        "records_per_profile": round(total / profiles, 3) if profiles else None,
        "seconds": seconds,
        "warehouse": run.settings.warehouse_name,
        "report": str(run.settings.state / "reports" / f"{run.run_id}.html"),
    }


def print_summary(console: Console, run: Run) -> None:
    """The closing table of a run."""
    from identity.pipeline import STAGES

    facts = summary(run)
    table = Table(title=f"Generation {run.number}, {facts['verdict'].replace('_', ' ')}", title_justify="left")
    table.add_column("")
    table.add_column("", justify="right")
    for source, count in facts["records"].items():
        table.add_row(f"records of {source}", f"{count:,}")
    table.add_row("records in all", f"{sum(facts['records'].values()):,}", end_section=True)
    table.add_row("rows rejected", f"{facts['rejected']:,}")
    table.add_row("files", ", ".join(f"{count} {status}" for status, count in facts["files"].items()))
    table.add_row("profiles", f"{facts['profiles']:,}")
    table.add_row("records per profile", f"{facts['records_per_profile'] or 0:.2f}", end_section=True)
    for stage in STAGES:
        if stage.name in facts["seconds"]:
            table.add_row(f"seconds for {stage.name}", f"{facts['seconds'][stage.name]:.2f}")
    table.add_row("seconds in all", f"{sum(facts['seconds'].values()):.2f}")
    console.print(table)
    console.print(f"warehouse  {facts['warehouse']}", markup=False, soft_wrap=True)
    console.print(f"report     {facts['report']}", markup=False, soft_wrap=True)
    if run.settings.server is None and run.settings.warehouse.stem in {table.schema for table in published()}:
        console.print(
            f"note       DuckDB names the catalogue after the file: open it with `attach … as warehouse`, since "
            f"{run.settings.warehouse.stem}.<table> is ambiguous while a schema has the same name",
            markup=False,
            soft_wrap=True,
        )


def print_truth(console: Console, comparison: "Comparison") -> None:
    """Pair figures of the run and of the naive rule, against the truth of the sample."""
    table = Table(title="Against the truth of the sample", title_justify="left")
    for heading in ("", "pair precision", "pair recall", "pair F1"):
        table.add_column(heading, justify="right" if heading else "left")
    for name, figures in comparison.rows:
        table.add_row(name, f"{figures.precision:.4f}", f"{figures.recall:.4f}", f"{figures.f1:.4f}")
    console.print(table)
    console.print(
        f"of the profiles with several records, {comparison.household_mixed:.2%} hold two people of one household"
    )


def file_report(entry: "FileReport") -> dict[str, Any]:
    """One inspected file as plain data; `columns` maps each header to the fields it feeds, or null."""
    from dataclasses import asdict

    return {**asdict(entry), "columns": dict(entry.columns)}


def print_sources(console: Console, reports: Sequence["FileReport"]) -> None:
    """Each file with what it is, then which of its columns feed which field."""
    table = Table(title="Files", title_justify="left")
    for heading in ("file", "recognised as", "format", "columns", "not mapped"):
        table.add_column(heading, overflow="fold")
    for entry in reports:
        unmapped = [name for name, field in entry.columns if field is None]
        table.add_row(
            "/".join(part for part in (str(entry.path), entry.member) if part),
            entry.source or f"refused: {entry.reason}",
            entry.format or "",
            str(len(entry.columns)),
            str(len(unmapped)),
        )
    console.print(table)
    for entry in reports:
        if entry.source:
            console.print(f"\n{entry.path} → {entry.source}", markup=False, style="bold")
            for name, field in entry.columns:
                console.print(f"  {printable(name):<40} {field or '(kept, not mapped)'}", markup=False)


def ledger_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """One run of the ledger as plain data."""
    return {key: value.isoformat() if hasattr(value, "isoformat") else value for key, value in row.items()}


def print_status(console: Console, settings: "Settings", ledger: Sequence[Mapping[str, Any]]) -> None:
    """The runs, newest first, and the live generation."""
    table = Table(title="Runs", title_justify="left")
    for heading in ("run", "status", "as of (UTC)", "seconds"):
        table.add_column(heading, no_wrap=True, justify="right" if heading == "seconds" else "left")
    for row in ledger:
        seconds = f"{(row['finished_at'] - row['started_at']).total_seconds():.0f}" if row["finished_at"] else ""
        table.add_row(row["run_id"], row["status"], f"{row['as_of']:%Y-%m-%d %H:%M:%S}", seconds)
    console.print(table if ledger else f"no run yet in {settings.state}")
    if ledger and ledger[0]["reason"]:
        console.print(f"last run {ledger[0]['status']}: {ledger[0]['reason']}", markup=False, soft_wrap=True)
    live = next((row["run_id"] for row in ledger if row["status"] == "published"), None)
    state = f"published by run {live}" if live and settings.warehouse.exists() else "nothing published"
    console.print(f"warehouse  {settings.warehouse_name} ({state})", markup=False, soft_wrap=True)


def quality_results(run: Run) -> list[dict[str, Any]]:
    """The expectations of a run as plain data, failed ones first."""
    with run.open("ops.quality_result") as db:
        return db.query("console/quality_results").to_pylist()  # type: ignore[no-any-return]


def print_quality(console: Console, results: Sequence[Mapping[str, Any]]) -> None:
    """Failed expectations one by one, the others counted."""
    failed = [entry for entry in results if not entry["success"]]
    title = f"{len(results)} expectations, {len(failed)} failed"
    if not failed:
        console.print(title)
        return
    table = Table(title=title, title_justify="left")
    for heading in ("severity", "suite", "expectation", "about", "observed", "expected"):
        table.add_column(heading, overflow="fold")
    for entry in failed:
        table.add_row(
            *(
                str(entry[name] or "")
                for name in ("severity", "suite", "expectation", "subject", "observed", "expected")
            )
        )
    console.print(table)


def print_validation(console: Console, config: Path, settings: "Settings") -> None:
    """A valid configuration in a few lines."""
    console.print(f"{config}: valid", markup=False)
    for source in settings.sources:
        label = source.name or source.name_column or source.system
        patterns = (source.files,) if isinstance(source.files, str) else source.files or ()
        files = sum(Path(settings.base_dir, name).is_file() for name in matching(settings.base_dir, patterns))
        found = f"{', '.join(patterns)}, {files} files there now" if patterns else "files recognised by their headers"
        console.print(f"  source {label}: {found}", markup=False)
    console.print(f"  warehouse {settings.warehouse_name}\n  state     {settings.state}", markup=False)


def print_story(console: Console, story: Mapping[str, Any]) -> None:
    """An explanation: headline, then its tables; records stand side by side, one line a field."""
    console.print(story["headline"], style="bold", markup=False, soft_wrap=True)
    for title, rows in story["tables"].items():
        if not rows:
            console.print(f"{title}: none", markup=False)
        elif title == "Records":
            _print_records(console, rows)
        else:
            table = Table(title=title, title_justify="left")
            for heading in rows[0]:
                table.add_column(heading.replace("_", " "), overflow="fold")
            for row in rows:
                table.add_row(*(_shown(value) for value in row.values()))
            console.print(table)


def _print_records(console: Console, rows: Sequence[Mapping[str, Any]], beside: int = 4) -> None:
    """Records as columns, a few at a time, without the fields that none of them fills."""
    for start in range(0, len(rows), beside):
        shown = rows[start : start + beside]
        last = min(start + beside, len(rows))
        table = Table(title=f"Records {start + 1} to {last} of {len(rows)}", title_justify="left")
        table.add_column("")
        for row in shown:
            table.add_column(f"{row['source']}\n{row['source_pk']}", overflow="fold")
        for name in shown[0]:
            if name not in ("source", "source_pk") and any(row[name] is not None for row in shown):
                table.add_row(name.replace("_", " "), *(_shown(row[name]) for row in shown))
        console.print(table)


def _shown(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.2f}" if isinstance(value, float) else printable(str(value))


def print_rows(console: Console, rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
    """Plain rows as a table; columns in which no row has anything are left out."""
    shown = [name for name in columns if any(row.get(name) not in (None, [], "") for row in rows)]
    table = Table()
    for name in shown:
        table.add_column(name.replace("_", " "), overflow="fold")
    for row in rows:
        table.add_row(*(printable(_cell(row.get(name))) for name in shown))
    console.print(table)


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(str(entry) for entry in value)
    if isinstance(value, float):
        return f"{value:,.4g}" if abs(value) < 1 else f"{value:,.0f}"
    return "" if value is None else str(value)
