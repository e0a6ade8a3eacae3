"""Standardise: delivered rows become records, identifiers and events in one form.

Per source object: every row gets its key and fate (`versions`), the valid versions are read once per distinct value
(`records`), events are put into their tables by the source's queries (`events`). What that gave is kept across runs
(`kept`); a run reads only what is new or changed (`making`), with the result of reading everything.
What needs all sources stands at the end (`settle`): blocked values, companies, orders told of twice, people named by
an e-mail.
"""

from collections.abc import Mapping

import pyarrow as pa

from identity.runs.run import Run
from identity.runs.workspace import Metrics, Session
from identity.sources.registry import by_name
from identity.standardising import settle
from identity.standardising.delivered import LandedFile, erased
from identity.standardising.fates import ERASED
from identity.standardising.making import WAYS
from identity.standardising.workers import all_kept
from identity.stewardship import given

READS = ("raw.file", "prior.blocked_value", "prior.source_record", *given.READS)
WRITES = (
    "std.row_disposition", "std.source_record", "std.name", "std.identifier", "std.address", "std.attribute",
    "std.hard_link", "std.blocked_value", "std.organisation", "std.order", "std.order_item", "std.refund",
    "std.touchpoint", "std.ticket", "std.survey_response", "std.consent_event", "std.record_change", "raw.rejected",
)  # fmt: skip


def standardise(run: Run) -> Metrics:
    """Read the landed rows that no run read before, and settle what needs all of them; see the module."""
    files = _files(run)
    objects = dict(sorted(all_kept(run, files).items()))
    with run.open(*READS, "raw.rejected") as db:
        settle.write(run, db, {name: found.kept for name, found in objects.items()}, by_name(run.settings))
        gone = _save_erased(run, db, files)
        db.save("std.record_change", "standardise/record_change")
        counts = {f"rows:{name}": float(db.count(name)) for name in WRITES if name.startswith("std.")}
        counts |= {f"records:{change}": float(rows) for change, rows in db.rows("standardise/changes")}
        fates = {f"{fate}:{part}": float(rows) for part in objects for fate, rows in _fates(run, db, part)}
    reused = {f"rows_reused:{part}": float(found.rows_reused) for part, found in objects.items()}
    ways = {f"objects_{way}": float(sum(found.way == way for found in objects.values())) for way in WAYS}
    return {**fates, **gone, **counts, **reused, **ways}


def _save_erased(run: Run, db: Session, files: Mapping[str, list[LandedFile]]) -> Metrics:
    """Beside the fates of the objects those of erased rows, which no object holds: a part of its own."""
    known = by_name(run.settings)
    found = {name: erased(known[name], group) for name, group in files.items()}
    if any(rows.num_rows for rows in found.values()):
        db.save_arrow("std.row_disposition", pa.concat_tables(found.values()), part=ERASED)
    return {f"erased:{name}": float(rows.num_rows) for name, rows in found.items() if rows.num_rows}


def _fates(run: Run, db: Session, part: str) -> list[tuple[str, int]]:
    """How many rows of a source object became what."""
    file = run.workspace.path("std.row_disposition", part)
    if not file.exists():
        return []
    db.engine.attach("fate", [file])
    return [(fate, rows) for fate, rows in db.rows("standardise/fates")]


def _files(run: Run) -> dict[str, list[LandedFile]]:
    """Landed files by source object."""
    found: dict[str, list[LandedFile]] = {}
    with run.open("raw.file") as db:
        for source, digest, path, member, first_run, last_run in db.rows("standardise/files"):
            place = run.landed_file(source, digest)
            found.setdefault(source, []).append(LandedFile(digest, path, member, first_run, last_run, place))
    return found
