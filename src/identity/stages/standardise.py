"""Standardise: delivered rows become records, identifiers and events in one form.

Per source object, over all its landed files at once: every row gets its key and fate (`versions`), the valid versions
are read once per distinct value (`records`), events are put into their tables by the source's queries (`events`).
What needs all sources stands at the end (`settle`): blocked values, companies, orders told of twice, people named by
an e-mail.
"""

from identity.runs.run import Run
from identity.runs.workspace import Metrics
from identity.standardising import settle
from identity.standardising.delivered import LandedFile
from identity.standardising.workers import all_rows

READS = ("raw.file", "prior.blocked_value")
WRITES = (
    "std.row_disposition", "std.source_record", "std.name", "std.identifier", "std.address", "std.attribute",
    "std.hard_link", "std.blocked_value", "std.organisation", "std.order", "std.order_item", "std.touchpoint",
    "std.ticket", "std.survey_response", "std.consent_event", "raw.rejected",
)  # fmt: skip


def standardise(run: Run) -> Metrics:
    """Read every landed row of every source object; see the module."""
    gathered, order_sources = settle.Gathered(), []
    metrics: dict[str, float] = {}
    for source, found in all_rows(run, _files(run)):
        for name, rows in found.tables.items():
            gathered.add(name, rows)
        metrics |= found.metrics
        if source.events and source.record is not None:
            order_sources.append(source.name)
    with run.open(*READS) as db:
        settle.write(run, db, gathered, order_sources)
        counts = {f"rows:{name}": float(db.count(name)) for name in WRITES if name.startswith("std.")}
    return metrics | counts


def _files(run: Run) -> dict[str, list[LandedFile]]:
    """Landed files by source object."""
    found: dict[str, list[LandedFile]] = {}
    with run.open("raw.file") as db:
        for source, digest, path, member, first_run in db.rows("standardise/files"):
            place = run.landed_file(source, digest)
            found.setdefault(source, []).append(LandedFile(digest, path, member, first_run, place))
    return found
