"""What needs all sources: blocked values, companies, orders told of twice, people named by an e-mail; and writing."""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from identity.runs.run import Run
from identity.runs.workspace import Session
from identity.standard.emails import email_columns
from identity.standardising import blocked
from identity.standardising.arrays import parsed, whole
from identity.standardising.objects import BY_EMAIL
from identity.tables import table, tables

_PEOPLE = ("std.name", "std.address", "std.organisation")
_AS_THEY_ARE = ("std.attribute", "std.order_item", "std.consent_event", "std.row_disposition")


class Gathered:
    """Rows of all tables, source by source; each is handed out once."""

    def __init__(self) -> None:
        self._tables: dict[str, list[pa.Table]] = {}

    def add(self, name: str, rows: pa.Table) -> None:
        """Keep the rows of one table."""
        if rows.num_rows:
            self._tables.setdefault(name, []).append(rows)

    def whole(self, name: str, *further: str) -> pa.Table:
        """All rows of a table, with every declared and these further columns even where no source feeds them."""
        found = self._tables.pop(name, [])
        declared = [column.name for column in table(name).columns] if name in tables() else []
        kind = pa.null() if found else pa.string()
        empty = pa.schema([(column, kind) for column in (*declared, *further)]).empty_table()
        rows = pa.concat_tables([empty, *found], promote_options="permissive")
        for number, column in enumerate(rows.schema):
            if pa.types.is_null(column.type):
                rows = rows.set_column(number, column.name, rows.column(number).cast(pa.string()))
        return rows


def write(run: Run, db: Session, gathered: Gathered, order_sources: Sequence[str]) -> None:
    """Write every table; `order_sources` are the objects whose records are orders."""
    _offer_people(run, db, gathered)
    db.save("std.source_record", "standardise/source_record")
    db.withdraw("source_record")
    blocked.block(db, run, order_sources)
    db.save("std.identifier", "standardise/identifier")
    db.withdraw("identifier")
    for name in _PEOPLE:
        db.save(name, f"select * from {name.removeprefix('std.')}")  # noqa: S608 - one of ours
        db.withdraw(name.removeprefix("std."))
    db.put("stated", gathered.whole("std.hard_link"))
    db.save("std.hard_link", "standardise/hard_link")
    db.offer("orders", gathered.whole("std.order", "_own"))
    db.save("std.order", "standardise/order")
    db.withdraw("orders")
    db.execute("standardise/person")
    for name in BY_EMAIL:
        short = "touchpoint" if name == "std.touchpoint" else "told"
        db.offer(short, gathered.whole(name, "person_by_email"))
        db.save(name, f"standardise/{short}")
        db.withdraw(short)
    for name in _AS_THEY_ARE:
        db.save_arrow(name, gathered.whole(name))
    db.save_arrow("raw.rejected", gathered.whole("raw.rejected"), part="standardise")


def _offer_people(run: Run, db: Session, gathered: Gathered) -> None:
    """Offer records, names, addresses and identifiers as relations."""
    db.offer("source_record", gathered.whole("std.source_record", "_company_id", "_company_source"))
    for name in _PEOPLE:
        db.offer(name.removeprefix("std."), gathered.whole(name))
    db.offer("identifier", _hashed(run, gathered.whole("std.identifier")))
    further = gathered.whole("further_email", "source", "source_pk", "email")
    read = parsed(further.column("email"), email_columns)
    emails = pa.table(
        {
            "source": further.column("source"),
            "source_pk": further.column("source_pk"),
            "id_type": pa.repeat(pa.scalar("email"), read.num_rows),
            "id_value_norm": read.column("normal"),
            "id_match_key": read.column("match_key"),
            "is_valid": pc.invert(pc.fill_null(read.column("role_account"), fill_value=False)),
        }
    )
    db.offer("further_email", _hashed(run, emails.filter(pc.is_valid(emails.column("id_value_norm")))))


def _hashed(run: Run, rows: pa.Table) -> pa.Table:
    """Add the keyed hash of the match key, computed once per distinct value."""
    encoded = whole(rows.column("id_match_key")).dictionary_encode()
    hashes = pa.array([run.keyed_hash(text) for text in encoded.dictionary.to_pylist()], pa.string())
    kept = rows.drop_columns([name for name in ("id_value_hash",) if name in rows.column_names])
    return kept.append_column("id_value_hash", hashes.take(encoded.indices))
