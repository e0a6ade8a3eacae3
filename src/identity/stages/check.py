"""Check: nothing is published that has not passed its suites, and a run that moves too much is held.

The suites stand in `expectations/`, the counts over whole tables in `sql/checks/`. A critical failure stops
the run (exit code 3), movement beyond the gate holds it (exit code 4), a warning is shown. The results, the
figures and the verdict are written before the run stops, so that the report can tell why.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from identity.checking.docs import keeping
from identity.checking.figures import Figure, figure_table, run_figures
from identity.checking.frames import frames
from identity.checking.lines import landed_lines
from identity.checking.movement import Move, hold_reasons
from identity.checking.parameters import countries, suite_parameters
from identity.checking.results import Result
from identity.checking.suites import Suite, load_suites
from identity.checking.validate import Keep, run_suites
from identity.engine.sql import data_folder
from identity.errors import CheckStopped, RunHeld
from identity.runs.run import Run
from identity.runs.workspace import Metrics, Session, Verdict, write_verdict
from identity.serving.loading import Loaded
from identity.sources import registry

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
    "std.consent_event",
    "std.order",
    "std.order_item",
    "std.touchpoint",
    "std.ticket",
    "std.survey_response",
    "match.candidate_pair",
    "match.cluster",
    "identity.profile_xref",
    "identity.profile",
    "identity.profile_event",
    "identity.profile_alias",
    "steward.decision",
    "steward.review_item",
    "gold.customer_360",
    "gold.field_lineage",
    "gold.contact_point",
    "gold.consent",
    "gold.consent_event",
    "gold.orders",
    "gold.order_items",
    "gold.refunds",
    "gold.session",
    "gold.touchpoint",
    "gold.tickets",
    "gold.support_summary",
    "mart.journey",
    "mart.journey_step",
    "mart.channel_transition",
    "gold.customer_traits",
    "gold.segment_membership",
    "mart.attribution_credit",
    "mart.attribution_channel",
    "mart.cohort_retention",
    "mart.repeat_rate",
    "mart.conversion_by_channel",
    "mart.kpi",
    "mart.kpi_daily",
    "prior.file",
    "prior.column",
    "prior.profile_xref",
    "prior.profile",
    "prior.profile_alias",
    "prior.run_metric",
)
WRITES = ("ops.quality_result", "ops.run_metric")

_SHOWN = 20
_LATER = ("check", "publish", "report")


def check(run: Run) -> Metrics:
    """Run every suite over the tables of the run and decide whether it may be published.

    Metrics: the figures of `sql/checks/figures.sql`, `expectations`, `failed:critical`, `failed:warning`.
    Raises CheckStopped (a critical expectation failed) or RunHeld (the run moves too much).
    """
    with run.open(*READS) as db:
        folder = run.settings.expectations or data_folder("expectations")
        judgement = judge(run, db, load_suites(folder), keeping(docs_folder(run)))
        db.save_arrow("ops.quality_result", _result_table(judgement.results, run.run_id))
        db.save_arrow("ops.run_metric", figure_table(judgement.figures, run.run_id))
    verdict = decide(judgement.results, judgement.holds)
    write_verdict(run.workspace, verdict)
    _raise(verdict, run.run_id)
    return judgement.counted


@dataclass(frozen=True)
class Judgement:
    """What the suites and the gate say about a run, before anything is decided."""

    results: list[Result]
    figures: list[Figure]
    holds: list[str]
    counted: Metrics


def docs_folder(run: Run) -> Path:
    """Where the pages of Great Expectations about a run stand, beside its report."""
    return run.settings.state / "reports" / "data-docs" / run.run_id


def judge(run: Run, db: Session, suites: Sequence[Suite], keep: Keep | None = None) -> Judgement:
    """Validate suites over the tables that `db` reads (READS) and compare the run with the last published one.

    `keep` is handed what Great Expectations answered for each suite.
    """
    db.put("landed_lines", _landed_lines(run, db))
    previous = _previous(db)
    counted = {name: float(value) for name, value in db.rows("checks/figures", number=run.number)}
    # killed after its report, a held run is checked again: what came after the check is no figure of it
    entries = [entry for entry in run.workspace.entries() if entry.stage not in _LATER]
    figures = run_figures(entries, counted, previous, run.settings.gate)
    db.put("run_figure", figure_table(figures, run.run_id))
    results = run_suites(suites, frames(db, _query_parameters(run)), suite_parameters(run, previous), keep)
    counted |= _outcome_metrics(results)
    figures = run_figures(entries, counted, previous, run.settings.gate)
    moves = [Move(*row) for row in db.rows("checks/churn", number=run.number)]
    # the first generation has nothing to move
    return Judgement(results, figures, hold_reasons(figures, moves) if run.number > 1 else [], counted)


def check_served(run: Run, loaded: Loaded) -> None:
    """Run the suites about tables once more, in SQL on the server that is about to show them.

    What the suites count over whole tables was counted on the same rows before: that the server has those rows is
    proved by their digests. Raises CheckStopped where a critical expectation fails there.
    """
    from identity.checking.server import run_on_server

    with run.open("prior.run_metric") as db:
        previous = _previous(db)
    suites = load_suites(run.settings.expectations or data_folder("expectations"))
    results = run_on_server(run.settings, suites, loaded, suite_parameters(run, previous))
    _raise(decide(results, ()), run.run_id)


def _previous(db: Session) -> list[tuple[str, str, str, float]]:
    """The figures of the last published run."""
    return [
        (stage, name, label, value)
        for stage, name, label, value in db.rows("select stage, name, label, value from prior.run_metric")
        if value is not None
    ]


def decide(results: Sequence[Result], holds: Sequence[str]) -> Verdict:
    """The verdict: a critical failure stops, else a reason to hold holds, else warnings are passed on."""
    critical = tuple(_worded(result) for result in results if result.stops)
    if critical:
        return Verdict("stopped", (*critical, *holds))
    if holds:
        return Verdict("held", tuple(holds))
    warnings = tuple(_worded(result) for result in results if result.warns)
    return Verdict("passed_with_warnings" if warnings else "passed", warnings)


def _worded(result: Result) -> str:
    return f"{result.message} [{result.suite}]"


def _raise(verdict: Verdict, run_id: str) -> None:
    """Stop the run where the verdict says so, with every reason in words."""
    shown = [f"- {reason}" for reason in verdict.reasons[:_SHOWN]]
    if len(verdict.reasons) > _SHOWN:
        shown.append(f"- and {len(verdict.reasons) - _SHOWN} more: see the report or ops.quality_result")
    reasons = "\n".join(shown)
    if verdict.verdict == "stopped":
        raise CheckStopped(
            f"nothing was published: the checks before publishing failed\n{reasons}\n"
            "The last generation stays. Mend the cause and run again; the report shows the run in full."
        )
    if verdict.verdict == "held":
        raise RunHeld(
            f"the run is held, nothing was published: it moves more than the gate allows\n{reasons}\n"
            "The last generation stays. Look at the report; where the movement is wanted, publish it with "
            f"`identity release {run_id} --by NAME --reason TEXT`, or raise the limit in [gate] and run again."
        )


def _query_parameters(run: Run) -> dict[str, Any]:
    """The parameters of `sql/checks/`."""
    declared = {name for source in registry.sources(run.settings) for name in source.immutable}
    return {
        "number": run.number,
        "year": run.as_of.year,
        "as_of": run.as_of,
        "countries": list(countries()),
        "immutable_types": sorted(declared),
        "max_records": run.settings.resolve.max_records,
        "review_threshold": run.settings.matching.review_threshold,
    }


def _landed_lines(run: Run, db: Session) -> pa.Table:
    """Rows and physical lines of every landed file, counted again on what was kept of it."""
    files = db.rows("select distinct source, sha256 from raw.file where status = 'landed' order by all")
    places = [(digest, run.landed_file(source, digest)) for source, digest in files if source]
    return landed_lines((digest, place) for digest, place in places if place.exists())


def _outcome_metrics(results: Sequence[Result]) -> dict[str, float]:
    return {
        "expectations": float(len(results)),
        "failed:critical": float(sum(result.stops for result in results)),
        "failed:warning": float(sum(result.warns for result in results)),
    }


def _result_table(results: Sequence[Result], run_id: str) -> pa.Table:
    """The rows of `ops.quality_result`."""
    return pa.Table.from_pylist(
        [
            {
                "run_id": run_id,
                "suite": result.suite,
                "expectation": result.expectation,
                "subject": result.subject,
                "severity": result.severity.value,
                "success": result.success,
                "observed": result.observed,
                "expected": result.expected,
                "failed_rows": result.failed_rows,
                "message": result.message,
            }
            for result in results
        ]
    )
