"""Runs: what is published, what is going on, held runs and their release, reports; who saw values in full."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from starlette.responses import HTMLResponse, Response

from identity import pipeline
from identity.engine import warehouse
from identity.errors import ConfigurationError
from identity.review import applying, notes
from identity.review.visit import NotFound, Visit
from identity.runs import lease, lifecycle
from identity.runs.workspace import Workspace, read_verdict
from identity.stewardship import proposals

_MOST = 50
_PATIENCE = timedelta(seconds=90)
REPORT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox allow-popups"
Row = Mapping[str, Any]


def runs(visit: Visit) -> Response:
    """The runs, the latest first; of one that is going on its stages."""
    settings = visit.live.settings
    rows = [dict(row) for row in lifecycle.runs(settings)[:_MOST]]
    live = warehouse.published_runs(settings.warehouse)
    for row in rows:
        folder = settings.state / "runs" / row["run_id"]
        row["has_report"] = (settings.state / "reports" / f"{row['run_id']}.html").is_file()
        row["reasons"] = read_verdict(Workspace(folder)).reasons if row["status"] == "held" else ()
    running = next((row for row in rows if row["status"] == "running"), None)
    done = set()
    if running is not None:
        folder = settings.state / "runs" / running["run_id"]
        done = {entry.stage for entry in Workspace(folder).entries() if not entry.part}
    pending = _pending(visit, live)
    return visit.show(
        "runs.html.j2", rows=rows, live=live[-1] if live else None, running=running, pending=pending,
        stages=[(stage.name, stage.name in done) for stage in pipeline.STAGES],
        proposals={found.subject: found for found in proposals.proposals(visit.live.store) if found.kind == "release"},
        started=_is_awaited(visit.query, rows),
    )  # fmt: skip


def _is_awaited(query: Mapping[str, str], rows: list[dict[str, Any]]) -> bool:
    """Whether what was started has not begun to show: no newer run than `since`, or the released one still held.

    Waits a minute and a half at most, so that a start that failed does not keep the page waiting.
    """
    since, until = query.get("since"), query.get("until", "")
    if since is None or not until.isdecimal() or len(until) > 12 or int(until) < lease.now().timestamp():
        return False
    if query.get("release"):
        return any(row["run_id"] == query["release"] and row["status"] == "held" for row in rows)
    return (str(rows[0]["run_id"]) if rows else "none") == since


def _begun(visit: Visit, **more: str) -> Response:
    """To the list of runs, which looks again until what was started shows."""
    ledger = lifecycle.runs(visit.live.settings)
    since = str(ledger[0]["run_id"]) if ledger else "none"
    until = int((lease.now() + _PATIENCE).timestamp())
    return visit.go("runs", since=since, until=str(until), **more)


def _pending(visit: Visit, live: list[tuple[int, str]]) -> int:
    """How many decisions wait for the next run."""
    if not live:
        return 0
    with visit.live.page() as page:
        known = page.generation.cases.known
        return sum(decision.number not in known for decision in page.desk.log)


def report(visit: Visit) -> Response:
    """The report of a run; a page of its own, without scripts."""
    run_id = visit.part("run_id")
    settings = visit.live.settings
    known = {str(row["run_id"]) for row in lifecycle.runs(settings)}
    path = settings.state / "reports" / f"{run_id}.html"
    if run_id not in known or not path.is_file():
        raise NotFound("There is no report of that run.")
    text = path.read_text(encoding="utf-8").replace('href="index.html"', f'href="{visit.url("runs")}"')
    return HTMLResponse(text, headers={"Content-Security-Policy": REPORT_POLICY})


def docs(visit: Visit) -> Response:
    """A page of Great Expectations about a run, which its report links to."""
    run_id, name = visit.part("run_id"), visit.part("page")
    settings = visit.live.settings
    known = {str(row["run_id"]) for row in lifecycle.runs(settings)}
    pages = settings.state.glob(f"reports/data-docs/{run_id}/*.html") if run_id in known else ()
    found = next((path for path in pages if path.name == name and visit.part("docs") == run_id), None)
    if found is None:
        raise NotFound("There is no such page of that run.")
    return HTMLResponse(found.read_text(encoding="utf-8"), headers={"Content-Security-Policy": REPORT_POLICY})


def apply(visit: Visit) -> Response:
    """Start a run, so that pending decisions apply; raises ConfigurationError when one is going on."""
    settings = visit.live.settings
    if any(row["status"] == "running" for row in lifecycle.runs(settings)[:_MOST]):
        raise ConfigurationError("a run is going on; decisions made since its start apply with the one after it")
    if settings.inbox is None and not settings.sources:
        raise ConfigurationError("start `identity review` with --config or --inbox, so that it knows what to run over")
    begun = _begun(visit)
    applying.start(settings, "run")
    return begun


def release(visit: Visit) -> Response:
    """Propose to publish a held run, or confirm that as a second person."""
    run_id = visit.part("run_id")
    held = {str(row["run_id"]) for row in lifecycle.runs(visit.live.settings) if row["status"] == "held"}
    if run_id not in held:
        raise NotFound("There is no such held run.")
    store, answer = visit.live.store, visit.given("answer")
    open_ones = [found for found in proposals.proposals(store) if (found.kind, found.subject) == ("release", run_id)]
    if answer == "propose":
        said = {"by": visit.who.name, "reason": visit.given("reason"), "size": 0}
        proposals.propose(store, "release", run_id, (), said)
        return visit.go("runs")
    if answer not in ("confirm", "decline") or not open_ones:
        raise ConfigurationError("propose it first, with a reason")
    proposals.close(store, open_ones[0], visit.who.name, confirmed=answer == "confirm")
    if answer != "confirm":
        return visit.go("runs")
    both = f"{open_ones[0].proposed_by}, {visit.who.name}"
    applying.start(visit.live.settings, "release", run_id, both, open_ones[0].reason or "released")
    return _begun(visit, release=run_id)


def seen(visit: Visit) -> Response:
    """Who saw values in full, the latest first."""
    return visit.show("seen.html.j2", rows=notes.seen(visit.live.store))
