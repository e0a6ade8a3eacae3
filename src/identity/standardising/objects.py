"""One source object: its delivered rows to the rows of every table it feeds."""

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from identity.runs.run import Run
from identity.runs.workspace import Session
from identity.sources.base import RecordColumns, Source
from identity.standardising import events, fates, records
from identity.standardising.arrays import Mask, mask, whole
from identity.standardising.delivered import LandedFile
from identity.standardising.rulings import Rulings

BY_EMAIL = ("std.touchpoint", "std.ticket", "std.survey_response")


@dataclass
class ObjectRows:
    """What rows of one source object give, by table, and beside the tables two more.

    `company`: the organisation that a record names by its key; `further_email`: addresses that events name.
    """

    tables: dict[str, pa.Table] = field(default_factory=dict)


def rows_of(
    run: Run, db: Session, source: Source, files: list[LandedFile], rows: pa.Table, rulings: Rulings
) -> ObjectRows:
    """The rows of every table that elected rows (see `versions.elect`) of a source object feed."""
    found = ObjectRows()
    is_live = pc.is_in(rows.column("_disposition"), pa.array(["record", "event"]))
    # The first rows of documents, and every live row of a source without documents, are records.
    is_head = pc.and_(is_live, rows.column("_head"))
    heads, has_identity = rows.column("_pk").filter(is_head), np.zeros(pc.sum(is_head).as_py() or 0, dtype=np.bool_)
    if source.record is not None:
        made = records.records(run, source, source.record, rows.filter(is_head), rulings)
        has_identity = made.has_identity
        found.tables |= _with_company(source, made.tables)
        found.tables["std.identifier"] = _identifiers(run, made.tables["std.identifier"])
        found.tables["std.hard_link"] = _links(source, source.record, rows)
    disposed = fates.dispositions(rows, nobodies(source, heads, has_identity))
    found.tables |= {"std.row_disposition": disposed, "raw.rejected": fates.rejected(source, files, rows)}
    if source.events:
        live = events.used(source, rows).filter(is_live)
        del rows  # the delivery as text is the largest thing in memory
        has_person = mask(pc.is_in(live.column("_pk"), whole(heads.filter(pa.array(has_identity)))))
        found.tables |= events.events(db, source, live, has_person, rulings)
    if source.events and source.record is None and "std.identifier" in found.tables:
        found.tables["further_email"] = found.tables.pop("std.identifier")
    pa.default_memory_pool().release_unused()
    return found


def nobodies(source: Source, heads: pa.ChunkedArray, has_identity: Mask) -> pa.ChunkedArray:
    """Keys of the records that are events only, because they name nobody."""
    is_both = bool(source.events) and source.record is not None
    return heads.filter(pa.array(~has_identity)) if is_both else heads.slice(0, 0)


def _links(source: Source, record: RecordColumns, rows: pa.Table) -> pa.Table:
    """Hard links that live and deleted records state."""
    if not record.links:
        return records.links(source, record, rows.slice(0, 0))
    return records.links(
        source, record, rows.filter(pc.is_in(rows.column("_disposition"), pa.array(["record", "deleted"])))
    )


def _identifiers(run: Run, rows: pa.Table) -> pa.Table:
    """Identifiers with the keyed hash of their match keys, those that are placeholders blocked."""
    blocked = pc.is_valid(rows.column("block_reason"))
    return with_hashes(run, rows).append_column("is_blocked", blocked)


def with_hashes(run: Run, rows: pa.Table) -> pa.Table:
    """Add the keyed hash of the match key, computed once per distinct value."""
    encoded = whole(rows.column("id_match_key")).dictionary_encode()
    hashes = pa.array(run.keyed_hashes(encoded.dictionary.to_pylist()), pa.string())
    return rows.append_column("id_value_hash", hashes.take(encoded.indices))


def _with_company(source: Source, tables: dict[str, pa.Table]) -> dict[str, pa.Table]:
    """Beside the tables, the key of a record's organisation and the object in which it stands."""
    record = source.record
    if record is None or record.company_id is None:
        return tables
    main = tables["std.source_record"]
    prefix = f"{source.prefix}_" if source.prefix else ""
    company = main.select(["source", "source_pk", "_company_id"]).filter(pc.is_valid(main.column("_company_id")))
    other = pa.repeat(pa.scalar(prefix + record.company_id[1]), company.num_rows)
    kept = main.drop_columns(["_company_id"])
    return {**tables, "std.source_record": kept, "company": company.append_column("_company_source", other)}
