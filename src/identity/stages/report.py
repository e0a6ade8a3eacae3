"""report: one HTML page about a run that a person reads without knowing the code, also when check stopped it.

Reads whatever tables the run wrote; a table that is missing makes its section say so. Writes

    <state>/reports/<run id>.html   the report          <state>/reports/<run id>.json   its line in the list of runs
    <state>/reports/latest.html     a copy              <state>/reports/index.html      the list of runs
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from identity import __version__
from identity.reporting.figures import Reader, chapters
from identity.reporting.figures.checks import STAGES
from identity.reporting.kept import keep, kept
from identity.reporting.page import Chapter, IndexEntry, Page, Signal, Tile, Verdict
from identity.reporting.render import render, write_index
from identity.reporting.verdict import verdict
from identity.reporting.words import count, share
from identity.runs.places import generation_file
from identity.runs.run import Run
from identity.runs.workspace import Metrics, Session, read_verdict, write_atomically

READS = (
    "raw.file",
    "raw.rejected",
    "raw.column",
    "std.row_disposition",
    "std.source_record",
    "std.name",
    "std.identifier",
    "std.address",
    "std.attribute",
    "std.blocked_value",
    "match.blocking_rule",
    "match.vector",
    "match.model",
    "match.scored_pair",
    "match.candidate_pair",
    "match.cluster",
    "identity.profile_xref",
    "identity.profile_event",
    "gold.customer_360",
    "gold.field_lineage",
    "gold.consent",
    "gold.consent_event",
    "gold.orders",
    "mart.kpi",
    "mart.cohort_retention",
    "mart.attribution_channel",
    "mart.model",
    "gold.session",
    "mart.journey",
    "mart.journey_path",
    "steward.decision",
    "steward.review_item",
    "steward.sample_stratum",
    "steward.sample_item",
    "steward.opinion",
    "privacy.request",
    "privacy.tombstone",
    "ops.quality_result",
    "ops.run_metric",
    "prior.profile_xref",
    "prior.review_item",
    "prior.run",
    "prior.model",
)
WRITES: tuple[str, ...] = ()

_ORDER = {"bad": 0, "warn": 1, "note": 2, "plain": 3}


def report_path(run: Run) -> Path:
    """Where the report of a run stands."""
    return run.settings.state / "reports" / f"{run.run_id}.html"


def report(run: Run) -> Metrics:
    """Write the report of a run and the list of runs; figures: sections, signals and bytes."""
    place = report_path(run)
    with run.open(*READS) as db:
        reader = reader_of(run, db)
        page, entry = _page(reader)
    html = render(page)
    keep(place.parent, run.run_id, {name: answer.rows for name, answer in reader.answers.items()})
    write_atomically(place, html)
    write_atomically(place.with_name("latest.html"), html)
    write_atomically(place.with_suffix(".json"), json.dumps(asdict(entry), indent=1, sort_keys=True))
    write_index(place.parent)
    return {
        "sections": sum(len(chapter.sections) for chapter in page.chapters),
        "signals": len(page.signals),
        "bytes": len(html.encode()),
    }


def unmasked(run: Run) -> str:
    """The report of a run with values of people in full; written nowhere."""
    with run.open(*READS) as db:
        page, _ = _page(reader_of(run, db, is_unmasked=True))
    return render(page)


def reader_of(run: Run, db: Session, *, is_unmasked: bool = False) -> Reader:
    """The tables of a run and what the report of the last published run kept."""
    last = db.query("report/last_run").to_pylist()
    before = kept(report_path(run).parent, last[0]["tables_of"] if last else None)
    return Reader(run, db, before, is_unmasked)


def _page(reader: Reader) -> tuple[Page, IndexEntry]:
    run = reader.run
    totals, last, model = (reader.ask(name).one for name in ("totals", "last_run", "model"))
    found = _verdict(run, last)
    parts = chapters(reader)
    page = Page(
        title=f"Identity report, run {run.run_id}, {run.as_of:%Y-%m-%d %H:%M} UTC",
        verdict=found,
        tiles=_tiles(reader, totals),
        facts=_facts(reader, totals, last, model),
        signals=_signals(parts),
        chapters=parts,
        compared=_compared(last),
        is_unmasked=reader.is_unmasked,
        generation=generation_file(run.settings.state, run.number).name if found.word.startswith("Published") else "",
    )
    return page, _entry(reader, totals, found)


def _entry(reader: Reader, totals: Mapping[str, Any], found: Verdict) -> IndexEntry:
    """The run's line in the list of runs."""
    run, moved, entry = reader.run, reader.ask("moved").one, reader.run.workspace.entry("resolve")
    told = {} if entry is None else entry.metrics
    records, profiles = int(totals["records"]), int(totals["profiles"])
    return IndexEntry(
        run_id=run.run_id,
        number=run.number,
        as_of=f"{run.as_of:%Y-%m-%d %H:%M}",
        word=found.word,
        tone=found.tone,
        records=records,
        profiles=profiles,
        file=report_path(run).name,
        joined=1 - profiles / records if records and profiles else None,
        waiting=sum(row["cases"] for row in reader.ask("queue").rows if row["kind"] != "sample"),
        moved=moved["moved_records"] / moved["known_records"] if moved["known_records"] else None,
        precision=told.get("estimated_precision"),
        recall=told.get("estimated_recall"),
    )


def _compared(last: Mapping[str, Any]) -> str:
    """What the run is compared with."""
    return f"generation {last['run_number']}, run {last['run_id']}" if last else "none: this is the first"


def _verdict(run: Run, last: Mapping[str, Any]) -> Verdict:
    """The check stage's verdict beside what the manifest says was done."""
    finished = {entry.stage for entry in run.workspace.entries()}
    done = [stage for stage in STAGES if stage in finished]
    return verdict(read_verdict(run.workspace), done, run.number, last.get("run_number"))


def _tiles(reader: Reader, totals: Mapping[str, Any]) -> tuple[Tile, ...]:
    records, profiles = totals["records"], totals["profiles"]
    resolved = reader.reached("identity.profile_xref")
    delivered = (totals["landed_rows"] or 0) + (totals["rejected_rows"] or 0)
    return (
        Tile(
            "Rows delivered",
            count(delivered),
            f"in {count(totals['files'])} files, {count(totals['rejected_rows'])} rejected",
        ),
        Tile(
            "Records", count(records) if reader.reached("std.source_record") else "–", "of people, latest version each"
        ),
        Tile(
            "People (profiles)",
            count(profiles) if resolved else "–",
            f"{count(totals['joined_profiles'])} with several records" if resolved else "not reached",
        ),
        Tile(
            "Joined away",
            share(1 - profiles / records) if resolved and records else "–",
            f"{records / profiles:.2f} records per profile" if profiles else "",
        ),
    )


def _facts(
    reader: Reader, totals: Mapping[str, Any], last: Mapping[str, Any], model: Mapping[str, Any]
) -> tuple[tuple[str, str], ...]:
    run = reader.run
    spent = sum(entry.seconds for entry in run.workspace.entries() if entry.stage in STAGES)
    return (
        ("run", run.run_id),
        ("generation", str(run.number)),
        ("time of the run (UTC)", f"{run.as_of:%Y-%m-%d %H:%M:%S}"),
        ("kind of run", "full" if run.full else "new and changed records"),
        ("compared with", _compared(last)),
        ("settings (hash)", run.settings.fingerprint[:16]),
        ("model", str(model.get("model_version") or "–")[:16]),
        ("identity version", __version__),
        ("files", f"{count(totals['files'])}, {count(totals['refused_files'])} refused"),
        ("orders, and those that name nobody", f"{count(totals['orders'])}, {count(totals['orders_without_person'])}"),
        ("seconds before this report", f"{spent:,.1f}"),
    )


def _signals(parts: tuple[Chapter, ...]) -> tuple[Signal, ...]:
    """Signals of all sections, worst first, else in the order of the page."""
    found = [
        signal for chapter in parts for section in chapter.sections if section.reached for signal in section.signals
    ]
    return tuple(sorted(found, key=lambda signal: _ORDER[signal.tone]))
