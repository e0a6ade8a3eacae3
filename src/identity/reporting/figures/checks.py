"""Quality checks and the run itself: what held, what failed, seconds per stage."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from identity.reporting.figures.reader import Column, Reader, Row, codes, counts, grid, part, plural, when
from identity.reporting.page import Grid, Link, Section
from identity.runs.workspace import StageEntry, read_verdict

STAGES = {
    "land": "read the files",
    "standardise": "bring names, contacts, addresses and dates into one form",
    "link": "compare records",
    "resolve": "decide who is who, keep ids stable",
    "unify": "choose the golden values",
    "enrich": "attach orders, tickets and interactions",
    "check": "check quality",
    "publish": "publish the warehouse",
}


_TONES = {"critical": "bad:critical", "warning": "warn:warning"}


def quality(reader: Reader) -> Section:
    """Every expectation with what was seen; failures first."""
    answer = reader.ask("quality")
    failed = [row for row in answer.rows if not row["success"]]
    held = [row for row in answer.rows if row["success"]]
    critical = sum(row["severity"] == "critical" for row in failed)
    warned = len(failed) - critical
    return Section(
        id="quality",
        title="Quality checks",
        shows="What was checked before publishing. A critical failure stops the run; a warning is only shown.",
        alarming="any failed critical check; a warning that stays for several runs.",
        body=(_checks("Failed checks", failed), _checks("Checks that held", held, folded=True)) if answer.rows else (),
        queries=(answer.query,),
        signals=(
            *when(critical, "bad", f"{plural(critical, 'critical check')} failed.", "quality"),
            *when(warned, "warn", f"{plural(warned, 'check')} failed with a warning.", "quality"),
        ),
        reached=reader.reached("ops.quality_result"),
        empty="No check was run.",
        links=_docs(reader),
    )


def _docs(reader: Reader) -> tuple[Link, ...]:
    """The pages of Great Expectations about this run, where they were written."""
    place = Path("data-docs") / reader.run.run_id / "index.html"
    written = (reader.run.settings.state / "reports" / place).is_file()
    return (Link(place.as_posix(), "Great Expectations Data Docs of this run"),) if written else ()


def _checks(caption: str, rows: Sequence[Row], *, folded: bool = False) -> Grid:
    return grid(
        caption,
        rows,
        Column("result", "state", _result),
        Column("suite", "text", "suite"),
        Column("what was found", "text", "message"),
        Column("expected", "text", "expected"),
        Column("seen", "text", "observed"),
        *counts("failed_rows=rows"),
        Column("about", "code", lambda row: row["subject"] or row["expectation"]),
        folded=folded,
    )


def _result(row: Row) -> str:
    return "good:held" if row["success"] else _TONES.get(row["severity"], "plain:info")


def seconds(reader: Reader) -> Section:
    """Seconds and rows per stage, from the run's manifest."""
    entries = reader.run.workspace.entries()
    decided = read_verdict(reader.run.workspace).verdict
    rows = [_stage(name, [entry for entry in entries if entry.stage == name], decided) for name in STAGES]
    longest = max(row["seconds"] or 0.0 for row in rows)
    listing = grid(
        "Seconds per stage",
        rows,
        *codes("stage"),
        Column("what it does", "text", lambda row: STAGES[row["stage"]]),
        Column("state", "state", "state"),
        Column("seconds", "number", "seconds"),
        Column("", "bar", lambda row: part(row["seconds"], longest)),
        *counts("tables=tables written", "rows=rows written"),
    )
    return Section(
        id="seconds",
        title="Stages",
        shows="How far the run came and how long each stage took.",
        alarming="a stage that was not reached, or one that takes much longer than it used to.",
        body=(listing,),
    )


def _stage(name: str, entries: Sequence[StageEntry], decided: str) -> dict[str, Any]:
    """One stage; check leaves no manifest entry when it stops or holds the run."""
    if not entries:
        stopped = name == "check" and decided in {"stopped", "held"}
        state = f"bad:{decided} the run" if stopped else "plain:not reached"
        return {"stage": name, "state": state, "seconds": None, "tables": None, "rows": None}
    written = {file.file: file for entry in entries for file in entry.written}.values()
    return {
        "stage": name,
        "state": "good:done",
        "seconds": sum(entry.seconds for entry in entries),
        "tables": len({file.table for file in written}),
        "rows": sum(file.rows for file in written),
    }
