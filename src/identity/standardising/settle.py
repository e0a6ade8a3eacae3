"""What needs all sources: blocked values, companies, orders told of twice, people named by an e-mail.

A table of the run is one part per source object. A part that settling leaves as it is, is the file that is kept of the
object; the others are written anew.
"""

import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from identity.runs.run import Run
from identity.runs.workspace import Session
from identity.sources.base import Source
from identity.standard.emails import email_columns
from identity.standardising import blocked, kept
from identity.standardising.arrays import parsed
from identity.standardising.kept import Kept
from identity.standardising.objects import BY_EMAIL, with_hashes
from identity.tables import table

_AS_THEY_ARE = (
    "std.name", "std.address", "std.organisation", "std.attribute", "std.order_item", "std.refund", "std.consent_event",
    "std.row_disposition",
)  # fmt: skip

Objects = Mapping[str, Kept]


def write(run: Run, db: Session, objects: Objects, known: Mapping[str, Source]) -> None:
    """Write every table from what is kept of the source objects."""
    for name in _AS_THEY_ARE:
        _clear(run, name)
        _share(run, db, name, objects)
    _records(run, db, objects)
    for name in ("identifier", "name", "address"):
        _relation(db, name, f"std.{name}", objects)
    orders = [name for name in objects if known[name].events and known[name].record is not None]
    blocked.block(db, run, sorted(orders))
    _identifiers(run, db, objects)
    stated = [rows for entry in objects.values() if (rows := entry.read("std.hard_link")) is not None]
    names = ("source", "source_pk", "other_pk", "other_source", "rule")
    empty = pa.schema([(name, pa.string()) for name in names]).empty_table()
    db.put("stated", pa.concat_tables([empty, *(rows.select(names) for rows in stated)]))
    db.save("std.hard_link", "standardise/hard_link")
    _orders(run, db, objects)
    db.execute("standardise/person")
    for name in BY_EMAIL:
        _told(run, db, name, objects, known)
    bad = [rows for entry in objects.values() if (rows := entry.read("raw.rejected")) is not None]
    shape = db.query("select * from raw.rejected limit 0")
    db.save_arrow("raw.rejected", pa.concat_tables([shape, *bad], promote_options="permissive"), part="standardise")


def _clear(run: Run, name: str) -> None:
    """Remove what an earlier attempt of this run wrote."""
    run.workspace.path(name).unlink(missing_ok=True)
    shutil.rmtree(run.folder / name, ignore_errors=True)


def _share(run: Run, db: Session, name: str, objects: Objects, *, but: Iterable[str] = ()) -> None:
    """Let what is kept stand as the parts of a table, but for those of some objects."""
    own = set(but)
    for part, entry in objects.items():
        file = entry.file(name)
        if file is not None and part not in own:
            kept.share(file, run.workspace.path(name, part))
    _attach(run, db, name)


def _settle(
    run: Run, db: Session, entry: Kept, name: str, part: str, rests_on: object, query: str, **parameters: Any
) -> None:
    """Write a part of a table by a query, unless that was done before and what it `rests_on` is the same."""

    def write(path: Path) -> None:
        db.engine.save(table(name), f"standardise/{query}", path, **parameters)

    kept.share(kept.settled(entry, name, rests_on, write), run.workspace.path(name, part))


def _attach(run: Run, db: Session, name: str) -> None:
    """Make a table readable; one without any part is written empty."""
    if not run.workspace.files(name):
        empty = pa.table({column.name: pa.nulls(0) for column in table(name).columns})
        db.save_arrow(name, empty)
    db.attach(name)


def _relation(db: Session, relation: str, name: str, objects: Objects) -> None:
    """The rows of a table as they are kept of some objects, readable under another name."""
    files = [file for entry in objects.values() if (file := entry.file(name)) is not None]
    db.engine.attach(relation, files, table=table(name))


def _records(run: Run, db: Session, objects: Objects) -> None:
    """Records; those that name their organisation by its key get its name."""
    _clear(run, "std.source_record")
    companies = {part: rows for part, entry in objects.items() if (rows := entry.read("company")) is not None}
    _relation(db, "organisation", "std.organisation", objects)
    for part, rows in companies.items():
        db.put("company", rows)
        _relation(db, "source_record", "std.source_record", {part: objects[part]})
        named = db.rows("standardise/digest_of_organisations")
        _settle(run, db, objects[part], "std.source_record", part, named, "source_record")
    _share(run, db, "std.source_record", objects, but=companies)


def _identifiers(run: Run, db: Session, objects: Objects) -> None:
    """Identifiers, with the addresses that events name, and which of them are blocked."""
    _clear(run, "std.identifier")
    further = _further_emails(run, objects)
    anew = set()
    for part, entry in objects.items():
        if not entry.rows("std.source_record"):
            continue
        _relation(db, "identifier", "std.identifier", {part: entry})
        _relation(db, "record", "std.source_record", {part: entry})
        named = pa.array([row[0] for row in db.rows("select distinct source from record order by all")], pa.string())
        own = further.filter(pc.is_in(further.column("source"), value_set=named))
        if own.num_rows or (db.count("identifier") and db.rows("standardise/identifier_changes")[0][0]):
            db.put("further_email", own)
            told = db.rows("standardise/digest_of_identifiers")
            _settle(run, db, entry, "std.identifier", part, told, "identifier")
            anew.add(part)
    _share(run, db, "std.identifier", objects, but=anew)


def _further_emails(run: Run, objects: Objects) -> pa.Table:
    """Addresses that events name, as identifiers of the records they concern."""
    columns = {name: pa.string() for name in ("source", "source_pk", "email")}
    found = [
        rows.select(list(columns)) for entry in objects.values() if (rows := entry.read("further_email")) is not None
    ]
    further = pa.concat_tables([pa.schema(list(columns.items())).empty_table(), *found])
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
    return with_hashes(run, emails.filter(pc.is_valid(emails.column("id_value_norm"))))


def _orders(run: Run, db: Session, objects: Objects) -> None:
    """Orders; the object's own file wins over what another object tells of it."""
    _clear(run, "std.order")
    feeding = {part: entry for part, entry in objects.items() if entry.file("std.order") is not None}
    told = set()
    for part, entry in feeding.items():
        _relation(db, "told", "std.order", {part: entry})
        others = {name: other for name, other in feeding.items() if name != part}
        named = {row[0] for row in db.rows("select distinct source from told order by all")}
        if named <= {part} or not named & others.keys():
            continue
        _relation(db, "own", "std.order", {name: other for name, other in others.items() if name in named})
        db.save("std.order", "standardise/order", part=part)
        told.add(part)
    _share(run, db, "std.order", objects, but=told)


def _told(run: Run, db: Session, name: str, objects: Objects, known: Mapping[str, Source]) -> None:
    """Events, with the person whom an e-mail names."""
    _clear(run, name)
    short = "touchpoint" if name == "std.touchpoint" else "told"
    feeding = {part: entry for part, entry in objects.items() if entry.file(name) is not None}
    _relation(db, "all_told", name, feeding)
    anew = set()
    for part, entry in feeding.items():
        source = known[part]
        if source.person_by_email is None and not (short == "touchpoint" and _tells_of_openings(db, name, entry)):
            continue
        prefix = f"{source.prefix}_" if source.prefix else ""
        holder = prefix + source.person_by_email if source.person_by_email else None
        _relation(db, "told", name, {part: entry})
        told = db.rows(f"standardise/digest_of_{short}", holder=holder)
        _settle(run, db, entry, name, part, (holder, told), short, holder=holder)
        anew.add(part)
    _share(run, db, name, objects, but=anew)


def _tells_of_openings(db: Session, name: str, entry: Kept) -> bool:
    """Whether openings without a time are among an object's touchpoints."""
    _relation(db, "told", name, {"": entry})
    query = "select count(*) from told where touch_type = 'email_opened' and occurred_at is null"
    return bool(db.rows(query)[0][0])
