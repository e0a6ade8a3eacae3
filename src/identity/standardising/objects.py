"""One source object: its delivered rows to the rows of every table it feeds."""

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from identity.runs.run import Run
from identity.runs.workspace import Session
from identity.sources.base import Source
from identity.standardising import events, fates, records
from identity.standardising.arrays import Mask, mask, whole
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
    live = rows.filter(pc.is_in(rows.column("_disposition"), pa.array(["record", "event"])))
    # The first rows of documents, and every live row of a source without documents, are records.
    heads = live.filter(live.column("_head"))
    has_identity = np.zeros(heads.num_rows, dtype=np.bool_)
    if source.record is not None:
        made = records.records(run, source, source.record, heads)
        has_identity = made.has_identity
        stated = rows.filter(pc.is_in(rows.column("_disposition"), pa.array(["record", "deleted"])))
        found.tables |= _with_company_source(source, made.tables)
        found.tables["std.hard_link"] = records.links(source, source.record, stated)
    if source.events:
        told = events.events(db, source, live, _of_document(heads, live, has_identity))
        found.tables |= _tagged(source, told)
    is_both = bool(source.events) and source.record is not None
    nobody = heads.filter(pa.array(~has_identity)) if is_both else heads.slice(0, 0)
    disposed = fates.dispositions(rows, nobody)
    found.tables |= {"std.row_disposition": disposed, "raw.rejected": fates.rejected(source, files, rows)}
    for entry in pc.value_counts(whole(disposed.column("disposition"))).to_pylist():
        found.metrics[f"{entry['values']}:{source.name}"] = float(entry["counts"])
    return found


def _of_document(heads: pa.Table, live: pa.Table, has_identity: Mask) -> Mask:
    """Whether the document of each live row is a record with something to resolve by."""
    if not has_identity.any():
        return np.zeros(live.num_rows, dtype=np.bool_)
    people = heads.column("_pk").filter(pa.array(has_identity))
    return mask(pc.is_in(live.column("_pk"), whole(people)))


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
