"""Standardise: delivered rows become records, identifiers and events in one form.

Per source object, over all its landed files at once: every row gets its key and fate (`versions`), the valid versions
are read once per distinct value (`records`), events are put into their tables by the source's queries (`events`).
What needs all sources stands at the end: blocked values, companies, orders told of twice, people named by e-mail.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from identity.runs.run import Run
from identity.runs.workspace import Metrics, Session
from identity.sources.base import Source
from identity.sources.registry import by_name
from identity.standard.emails import email_columns
from identity.standardising import blocked, events, fates, records
from identity.standardising.arrays import Mask, mask, parsed, whole
from identity.standardising.delivered import LandedFile, load
from identity.standardising.versions import elect
from identity.tables import table

READS = ("raw.file", "prior.blocked_value")
WRITES = (
    "std.row_disposition", "std.source_record", "std.name", "std.identifier", "std.address", "std.attribute",
    "std.hard_link", "std.blocked_value", "std.organisation", "std.order", "std.order_item", "std.touchpoint",
    "std.ticket", "std.survey_response", "std.consent_event", "raw.rejected",
)  # fmt: skip

_BY_EMAIL = ("std.touchpoint", "std.ticket", "std.survey_response")


@dataclass
class Gathered:
    """Rows of all tables, source by source."""

    tables: dict[str, list[pa.Table]] = field(default_factory=dict)
    order_sources: list[str] = field(default_factory=list)
    metrics: dict[str, float] = field(default_factory=dict)

    def add(self, found: Mapping[str, pa.Table]) -> None:
        """Keep the rows of some tables."""
        for name, rows in found.items():
            if rows.num_rows:
                self.tables.setdefault(name, []).append(rows)

    def whole(self, name: str) -> pa.Table:
        """All rows of a table; without any, a table of its declared columns."""
        if name not in self.tables:
            declared = table(name) if name in {*WRITES} else None
            names = [column.name for column in declared.columns] if declared else []
            return pa.table({column: pa.nulls(0, pa.string()) for column in names})
        return pa.concat_tables(self.tables.pop(name), promote_options="permissive")


def standardise(run: Run) -> Metrics:
    """Read every landed row of every source object; see the module."""
    gathered = Gathered()
    with run.open(*READS) as db:
        known = by_name(run.settings)
        for name, files in sorted(_files(run, db).items()):
            if name not in known:
                continue  # a source that the configuration no longer names: its rows are withdrawn with it
            _source(run, db, known[name], files, gathered)
        _write(run, db, gathered)
    return gathered.metrics


def _files(run: Run, db: Session) -> dict[str, list[LandedFile]]:
    found: dict[str, list[LandedFile]] = {}
    for source, digest, path, member, first_run in db.rows("standardise/files"):
        place = run.landed_file(source, digest)
        found.setdefault(source, []).append(LandedFile(digest, path, member, first_run, place))
    return found


def _source(run: Run, db: Session, source: Source, files: list[LandedFile], gathered: Gathered) -> None:
    """All tables of one source object."""
    rows = load(source, files)
    if not rows.num_rows:
        return
    versions = elect(db, run, source, rows)
    live = versions.live()
    # The first rows of documents, and every live row of a source without documents, are records.
    heads = live.filter(live.column("_head"))
    has_identity = np.zeros(heads.num_rows, dtype=np.bool_)
    if source.record is not None:
        made = records.records(run, source, source.record, heads)
        has_identity = made.has_identity
        gathered.add(_with_company_source(source, made.tables))
        stated = versions.rows.filter(pc.is_in(versions.rows.column("_disposition"), pa.array(["record", "deleted"])))
        gathered.add({"std.hard_link": records.links(source, source.record, stated)})
    if source.events:
        found = events.events(db, source, live, _of_document(heads, live, has_identity))
        gathered.add(_tagged(source, found))
        if source.record is not None:
            gathered.order_sources.append(source.name)
    nobody = heads.filter(pa.array(~has_identity)) if source.events and source.record is not None else heads.slice(0, 0)
    disposed = fates.dispositions(versions.rows, nobody)
    gathered.add({"std.row_disposition": disposed, "raw.rejected": fates.rejected(source, files, versions.rows)})
    for entry in pc.value_counts(whole(disposed.column("disposition"))).to_pylist():
        gathered.metrics[f"{entry['values']}:{source.name}"] = float(entry["counts"])


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
        elif name in _BY_EMAIL and source.person_by_email is not None:
            holder = pa.repeat(pa.scalar(prefix + source.person_by_email), rows.num_rows)
            found[name] = rows.append_column("person_by_email", holder)
    if "std.identifier" in found:
        found["further_email"] = found.pop("std.identifier")
    return found


def _write(run: Run, db: Session, gathered: Gathered) -> None:
    """Settle what needs all sources, and write every table."""
    _put_people(run, db, gathered)
    db.save("std.source_record", "standardise/source_record")
    blocked.block(db, run, gathered.order_sources)
    db.save("std.identifier", "standardise/identifier")
    db.save("std.name", "select * from name")
    db.save("std.address", "select * from address")
    db.save("std.organisation", "select * from organisation")
    db.put("orders", _with_columns(gathered.whole("std.order"), "_own"))
    db.save("std.order", "standardise/order")
    db.execute("standardise/person")
    for name in _BY_EMAIL:
        short = name.removeprefix("std.")
        db.put(
            "touchpoint" if name == "std.touchpoint" else "told", _with_columns(gathered.whole(name), "person_by_email")
        )
        db.save(name, f"standardise/{'touchpoint' if short == 'touchpoint' else 'told'}")
    for name in ("std.attribute", "std.hard_link", "std.order_item", "std.consent_event", "std.row_disposition"):
        db.save_arrow(name, gathered.whole(name))
    db.save_arrow("raw.rejected", gathered.whole("raw.rejected"), part="standardise")
    gathered.metrics |= {f"rows:{name}": float(db.count(name)) for name in WRITES if name.startswith("std.")}


def _put_people(run: Run, db: Session, gathered: Gathered) -> None:
    """Offer records, names, addresses and identifiers as relations."""
    db.put("source_record", _with_columns(gathered.whole("std.source_record"), "_company_id", "_company_source"))
    db.put("name", gathered.whole("std.name"))
    db.put("address", gathered.whole("std.address"))
    db.put("organisation", gathered.whole("std.organisation"))
    db.put("identifier", _hashed(run, gathered.whole("std.identifier")))
    further = gathered.whole("further_email")
    texts = further.column("email") if "email" in further.column_names else pa.chunked_array([], pa.string())
    read = parsed(texts, email_columns)
    known = {
        name: further.column(name) if further.num_rows else pa.nulls(0, pa.string()) for name in ("source", "source_pk")
    }
    emails = pa.table(
        {
            **known,
            "id_type": pa.repeat(pa.scalar("email"), read.num_rows),
            "id_value_norm": read.column("normal"),
            "id_match_key": read.column("match_key"),
            "is_valid": pc.invert(pc.fill_null(read.column("role_account"), fill_value=False)),
        }
    )
    db.put("further_email", _hashed(run, emails.filter(pc.is_valid(emails.column("id_value_norm")))))


def _hashed(run: Run, rows: pa.Table) -> pa.Table:
    """Add the keyed hash of the match key, computed once per distinct value."""
    encoded = whole(rows.column("id_match_key")).dictionary_encode()
    hashes = pa.array([run.keyed_hash(text) for text in encoded.dictionary.to_pylist()], pa.string())
    kept = rows.drop_columns([name for name in ("id_value_hash",) if name in rows.column_names])
    return kept.append_column("id_value_hash", hashes.take(encoded.indices))


def _with_columns(rows: pa.Table, *names: str) -> pa.Table:
    """The rows with these columns, null where no source has them."""
    for name in names:
        if name not in rows.column_names:
            rows = rows.append_column(name, pa.nulls(rows.num_rows, pa.string()))
    return rows
