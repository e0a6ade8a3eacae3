"""One source object: its delivered rows to the rows of every table it feeds."""

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from identity.runs.run import Run
from identity.runs.workspace import Session
from identity.sources.base import RecordColumns, Source
from identity.standardising import events, fates, records
from identity.standardising.arrays import mask, whole
from identity.standardising.delivered import LandedFile, load
from identity.standardising.versions import elect

BY_EMAIL = ("std.touchpoint", "std.ticket", "std.survey_response")


@dataclass
class ObjectRows:
    """What one source object gives: rows by table (further_email: addresses that events name), and figures."""

    tables: dict[str, pa.Table] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)


def rows_of(run: Run, db: Session, source: Source, files: list[LandedFile]) -> ObjectRows:
    """All rows of one source object over all its landed files."""
    found = ObjectRows()
    rows = load(source, files)
    if not rows.num_rows:
        return found
    rows = elect(db, run, source, rows)
    is_live = pc.is_in(rows.column("_disposition"), pa.array(["record", "event"]))
    # The first rows of documents, and every live row of a source without documents, are records.
    is_head = pc.and_(is_live, rows.column("_head"))
    heads, has_identity = rows.column("_pk").filter(is_head), np.zeros(pc.sum(is_head).as_py() or 0, dtype=np.bool_)
    if source.record is not None:
        made = records.records(run, source, source.record, rows.filter(is_head))
        has_identity = made.has_identity
        found.tables |= _with_company_source(source, made.tables)
        found.tables["std.hard_link"] = _links(source, source.record, rows)
    is_both = bool(source.events) and source.record is not None
    disposed = fates.dispositions(rows, heads.filter(pa.array(~has_identity)) if is_both else heads.slice(0, 0))
    found.tables |= {"std.row_disposition": disposed, "raw.rejected": fates.rejected(source, files, rows)}
    if source.events:
        live = events.used(source, rows).filter(is_live)
        del rows  # the delivery as text is the largest thing in memory
        has_person = mask(pc.is_in(live.column("_pk"), whole(heads.filter(pa.array(has_identity)))))
        found.tables |= _tagged(source, events.events(db, source, live, has_person))
    for entry in pc.value_counts(whole(disposed.column("disposition"))).to_pylist():
        found.metrics[f"{entry['values']}:{source.name}"] = float(entry["counts"])
    pa.default_memory_pool().release_unused()
    return found


def _links(source: Source, record: RecordColumns, rows: pa.Table) -> pa.Table:
    """Hard links that live and deleted records state."""
    if not record.links:
        return records.links(source, record, rows.slice(0, 0))
    return records.links(
        source, record, rows.filter(pc.is_in(rows.column("_disposition"), pa.array(["record", "deleted"])))
    )


def _with_company_source(source: Source, tables: dict[str, pa.Table]) -> dict[str, pa.Table]:
    """Beside the key of a record's organisation, the object in which it stands."""
    record = source.record
    if record is None or record.company_id is None:
        return tables
    prefix = f"{source.prefix}_" if source.prefix else ""
    main = tables["std.source_record"]
    other = pa.repeat(pa.scalar(prefix + record.company_id[1]), main.num_rows)
    return {**tables, "std.source_record": main.append_column("_company_source", other)}


def _tagged(source: Source, found: dict[str, pa.Table]) -> dict[str, pa.Table]:
    """Mark orders by whether their own object tells of them, and name the object that may hold an e-mail."""
    prefix = f"{source.prefix}_" if source.prefix else ""
    for name, rows in found.items():
        if name == "std.order":
            own = pc.equal(rows.column("source").cast(pa.string()), source.name)
            found[name] = rows.append_column("_own", own)
        elif name in BY_EMAIL and source.person_by_email is not None:
            holder = pa.repeat(pa.scalar(prefix + source.person_by_email), rows.num_rows)
            found[name] = rows.append_column("person_by_email", holder)
    if "std.identifier" in found:
        found["further_email"] = found.pop("std.identifier")
    return found
