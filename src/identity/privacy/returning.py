"""Erased people who are delivered again: their rows are found by tombstones and erased before anything reads them.

A new file is read once as standardising will read it; a row is an erased person's when the digest of its record or
event, of an identifier of it, or of the person its event names is a tombstone.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from identity.landing.model import Rejected
from identity.privacy import landed, words
from identity.privacy.digests import digest
from identity.privacy.plan import FileRows, Key
from identity.runs.run import Run
from identity.runs.workspace import Session
from identity.sources.base import Source
from identity.standard.emails import emails_in, parse_email
from identity.standardising.delivered import LandedFile, filled, load
from identity.standardising.objects import rows_of
from identity.standardising.rulings import Rulings
from identity.standardising.versions import elect

Stones = Mapping[str, Mapping[str, str]]
"""Digests by kind; of a row in which only words about the person were erased also where it stands since."""

_PART = re.compile(r":[a-z_]+$")  # one row may tell of two things: `key` and `key:sent`
_VALUES = {"person_email": "email", "visitor_id": "visitor_id"}  # by which an event names its person otherwise
_EVENTS = {"std.touchpoint": "source_pk", "std.ticket": "ticket_id", "std.survey_response": "response_id"}


def tombstones(db: Session) -> Stones:
    """Digests by kind, as the run took them along; `db` reads privacy.tombstone."""
    found: dict[str, dict[str, str]] = {}
    for kind, stone, place in db.rows("select kind, digest, place from privacy.tombstone"):
        found.setdefault(kind, {})[stone] = place or ""
    return found


def erase_returned(run: Run, db: Session, source: Source, file: LandedFile, stones: Stones) -> int:
    """Erase the rows of erased people from a file that was just landed; returns how many there were."""
    found = _standardised(run, db, source, file)
    rows = _rows(run, source, file, found, stones)
    texts = _texts(run, found, stones)
    if texts:
        rows = replace(rows, redact=tuple(sorted(_holding(file.parquet, texts) - {*rows.blank, *rows.unlink})))
    if rows.blank or rows.unlink or rows.redact:
        landed.rewrite(file.parquet, rows, source, landed.Words(tuple(texts), whole=False), run.secret).replace(
            file.parquet
        )
    landed.put_again(run, file.parquet, stones.get("row", {}))
    return len(rows.blank) + len(rows.unlink)


def _standardised(run: Run, db: Session, source: Source, file: LandedFile) -> dict[str, pa.Table]:
    """The tables that a file alone gives."""
    if not filled(file):
        return {}
    rulings = Rulings()
    rows = elect(db, run, source, load(source, [file]), rulings)
    return rows_of(run, db, source, [file], rows, rulings).tables


def _rows(run: Run, source: Source, file: LandedFile, found: Mapping[str, pa.Table], stones: Stones) -> FileRows:
    keys = _records(run, found, stones) | _events(run, found, stones)
    orders = _orders(run, found, stones)
    disposed = found["std.row_disposition"].to_pylist() if "std.row_disposition" in found else []
    rows = {row["row_number"] for row in disposed if (row["source"], row["source_pk"]) in keys}
    rows |= landed.rows_of_orders(file.parquet, source, {order_id for _, order_id in orders})
    chosen = tuple(sorted(rows))
    return FileRows(source.name, file.sha256, () if source.accounting else chosen, chosen if source.accounting else ())


def _records(run: Run, found: Mapping[str, pa.Table], stones: Stones) -> set[Key]:
    """Records and events that have a tombstone of their own, and records that hold an erased identifier."""
    keys = {(row["source"], row["source_pk"]) for row in _distinct(found, "std.row_disposition", "source", "source_pk")}
    of_records = stones.get("record", {})
    gone = {key for key in keys if key[1] is not None and digest(run.secret, "record", *key) in of_records}
    for row in _distinct(found, "std.identifier", "source", "source_pk", "id_type", "id_match_key"):
        kind, value = row["id_type"], row["id_match_key"]
        if value is not None and kind in stones and digest(run.secret, kind, value) in stones[kind]:
            gone.add((row["source"], row["source_pk"]))
    return gone


def _events(run: Run, found: Mapping[str, pa.Table], stones: Stones) -> set[Key]:
    """Interactions, tickets and answers of an erased person."""
    gone = set()
    for table, key in _EVENTS.items():
        for row in _distinct(found, table, "source", key, "person_source", "person_pk", *_VALUES):
            if _is_gone(run, row, stones):
                gone |= {(row["source"], row[key]), (row["source"], _PART.sub("", row[key]))}
    return gone


def _orders(run: Run, found: Mapping[str, pa.Table], stones: Stones) -> set[Key]:
    """Orders of an erased person, and orders that were one's."""
    rows = _distinct(found, "std.order", "source", "order_id", "person_source", "person_pk")
    rows += _distinct(found, "std.order_item", "source", "order_id")
    known = stones.get("order", {})
    return {
        (row["source"], row["order_id"])
        for row in rows
        if row["order_id"] is not None
        and (digest(run.secret, "order", row["source"], row["order_id"]) in known or _is_gone(run, row, stones))
    }


def _is_gone(run: Run, row: Mapping[str, Any], stones: Stones) -> bool:
    source, key = (row.get(name) for name in ("person_source", "person_pk"))
    is_record = source is not None and key is not None
    if is_record and digest(run.secret, "record", str(source), str(key)) in stones.get("record", {}):
        return True
    return any(
        row.get(name) is not None and digest(run.secret, kind, str(row[name])) in stones.get(kind, {})
        for name, kind in _VALUES.items()
    )


def _texts(run: Run, found: Mapping[str, pa.Table], stones: Stones) -> set[str]:
    """The spellings of identifiers that were erased alone and stand in a record of this file."""
    values = stones.get("value", {})
    spoken: set[str] = set()
    if values:
        for row in _distinct(found, "std.identifier", "id_type", "id_value_norm", "id_match_key"):
            kind, key = row["id_type"], row["id_match_key"]
            if key is not None and digest(run.secret, kind, key) in values:
                spoken |= words.of_identifier(kind, row["id_value_norm"], key) or {key.lower()}
    return spoken


def _holding(path: Path, texts: Iterable[str]) -> set[int]:
    """The rows of a file that hold one of the texts."""
    pattern = words.compiled(texts)
    assert pattern is not None
    return {
        row["_row"]
        for row in pq.read_table(path).to_pylist()
        if any(pattern.search(text) for name, text in row.items() if not name.startswith("_") and text)
    }


def without_returned(run: Run, rejected: Iterable[Rejected], stones: Stones) -> list[Rejected]:
    """Rejected rows, without the text of those that hold an e-mail of an erased person."""
    known = {*stones.get("email", {}), *stones.get("value", {})}
    found = []
    for row in rejected:
        mails = emails_in(row.raw_text) if known and "@" in row.raw_text else ()
        keys = (email.match_key for mail in mails if (email := parse_email(mail)) is not None)
        gone = any(digest(run.secret, "email", key) in known for key in keys)
        found.append(row._replace(raw_text="") if gone else row)
    return found


def _distinct(found: Mapping[str, pa.Table], table: str, *names: str) -> list[dict[str, Any]]:
    """Distinct rows of some columns of a table; columns it lacks are left out."""
    rows = found.get(table)
    if rows is None or not rows.num_rows:
        return []
    present = [name for name in names if name in rows.column_names]
    distinct: list[dict[str, Any]] = rows.select(present).group_by(present).aggregate([]).to_pylist()
    return distinct
