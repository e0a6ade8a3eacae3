"""What is kept of one source object: used again, patched by the rows of new files, or made of all its landed rows.

A patch gives what a making anew would give, or is not done. It reads the keys of the new files, elects the valid
versions of all rows that have one of these keys, and reads the values of those keys only whose valid rows are others
than before. Everything else stands. What depends on whole columns (`rulings`) must come out as before; where the new
rows leave that open, or bring a column that no file had, or where a query puts rows of several keys together, the
object is made anew.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from identity.runs.run import Run
from identity.runs.workspace import Session
from identity.sources.base import RecordColumns, Source
from identity.standard.dates import date_columns
from identity.standardising import facts, fates, kept
from identity.standardising.arrays import SEPARATOR, whole
from identity.standardising.delivered import LandedFile, columns_of, filled, load
from identity.standardising.kept import Kept
from identity.standardising.objects import ObjectRows, rows_of
from identity.standardising.rulings import Rulings, Undecided, from_plain, plain
from identity.standardising.versions import elect, keys, source_names
from identity.tables import table, tables

_KEY_OF = {"std.order": "order_id", "std.order_item": "order_id", "std.refund": "order_id", "std.ticket": "ticket_id",
           "std.survey_response": "response_id"}  # fmt: skip
Way = Literal["kept", "patched", "made"]
WAYS: tuple[Way, ...] = ("kept", "patched", "made")
_BY_PLACE = ("std.row_disposition", "raw.rejected")
_PLACE = ("sha256", "row_number")


@dataclass(frozen=True)
class Made:
    """What is kept of an object, in which way this run came to it, and how many delivered rows it did not read anew."""

    kept: Kept
    way: Way
    rows_reused: int


def valid(run: Run, source: Source, files: list[LandedFile]) -> Made | None:
    """What is kept of an object, where it was made of these files and in this way."""
    found = kept.kept(run, source.name)
    if found is None or found.files != set(kept.identity_of(files)):
        return None
    return Made(found, "kept", found.about["rows"]) if _still_holds(run, source, found) else None


def done(run: Run, source: Source, files: list[LandedFile]) -> Made | None:
    """What a helper made of an object in this run; None where it left it undone."""
    found = valid(run, source, files)
    return found and _as_told(found.kept)


def _as_told(found: Kept) -> Made:
    return Made(found, found.about["way"], found.about["reused"])


def made(run: Run, db: Session, source: Source, files: list[LandedFile]) -> Made:
    """Standardise an object and keep what it gives."""
    found = kept.kept(run, source.name)
    if found is not None and _can_be_patched(run, source, found, files):
        try:
            return _as_told(_patched(run, db, source, files, found))
        except Undecided:
            pass
    rulings, given = Rulings(), ObjectRows()
    rows = sum(filled(file) for file in files)
    if rows:  # handed on without a name: the delivery as text is the largest thing in memory
        given = rows_of(run, db, source, files, elect(db, run, source, load(source, files), rulings), rulings)
    about = _about(run, source, files, rulings) | {"way": "made", "reused": 0, "rows": rows}
    found = kept.keep(run, source.name, about, lambda folder: _write(db, folder, given.tables, rulings.births))
    return _as_told(found)


def _write(db: Session, folder: Path, found: dict[str, pa.Table], births: Mapping[str, int]) -> None:
    """Write all tables, each let go of when it is written."""
    while found:
        name, rows = found.popitem()
        kept.save(db, folder, name, rows)
    kept.save(db, folder, "birth", pa.table({"text": pa.array(births, pa.string()), "count": list(births.values())}))


def _about(run: Run, source: Source, files: list[LandedFile], rulings: Rulings) -> dict[str, Any]:
    return {
        "files": [list(file) for file in kept.identity_of(files)],
        "fingerprint": kept.fingerprint(run, source),
        "today": run.as_of.date().isoformat(),
        "columns": sorted(columns_of(source, files)),
        **plain(rulings),
    }


def _still_holds(run: Run, source: Source, found: Kept) -> bool:
    """Whether an object would be read in the same way today."""
    today = run.as_of.date()
    if found.about["fingerprint"] != kept.fingerprint(run, source):
        return False
    births = found.read("birth")
    if found.today == today or births is None:
        return True
    texts, (_, rule) = births.column("text").to_pylist(), from_plain(found.about)
    assert rule is not None
    as_then, as_now = (date_columns(texts, rule.order, today=day) for day in (found.today, today))
    return as_then.equals(as_now) and facts.birth_rule(_counts(births), source, today) == rule


def _can_be_patched(run: Run, source: Source, found: Kept, files: list[LandedFile]) -> bool:
    before, now = found.files, set(kept.identity_of(files))
    new = [file for file in files if before.isdisjoint(kept.identity_of([file]))]
    return (
        before < now
        and not any(event.together for event in source.events)
        and columns_of(source, new) <= set(found.about["columns"])
        and bool(found.about["rows"])
        and _still_holds(run, source, found)
    )


def _patched(run: Run, db: Session, source: Source, files: list[LandedFile], before: Kept) -> Kept:
    votes, birth = from_plain(before.about)
    rulings = Rulings(standing=votes, votes=dict(votes))
    disposed = before.read("std.row_disposition")
    assert disposed is not None
    rows = elect(db, run, source, _touched(run, source, files, disposed, before), rulings)
    standing = disposed.filter(_is_in(_place(disposed, *_PLACE), _place(rows, "_sha256", "_row")))
    then = _states_then(rows, standing)
    is_changed = pc.or_(_is_in(_key(rows, "_source", "_pk"), _changed(rows, then)), _is(rows, "rejected"))
    news, same = rows.filter(is_changed), rows.filter(pc.invert(is_changed))
    before_news = then.filter(is_changed)
    rulings.replaced = pc.sum(pc.match_substring_regex(before_news, "^(record|event)")).as_py() or 0
    births: dict[str, int] = {}
    if source.record is not None:
        births = _births(source.record, before, news, news.filter(pc.equal(before_news, "record ")))
        if (facts.birth_rule(births, source, run.as_of.date()) if births else None) != birth:
            raise Undecided
        rulings.standing_birth = birth
    given = rows_of(run, db, source, files, news, rulings).tables
    nobody = standing.filter(pc.fill_null(pc.equal(standing.column("rule"), "names_nobody"), False))
    given["std.row_disposition"] = pa.concat_tables(
        [given["std.row_disposition"], fates.dispositions(same, nobody.column("source_pk"))],
        promote_options="permissive",
    )
    rulings.birth = birth
    about = {
        **_about(run, source, files, rulings),
        "way": "patched",
        "columns": before.about["columns"],
        "rows": disposed.num_rows - standing.num_rows + rows.num_rows,
        "reused": disposed.num_rows - standing.num_rows,
    }
    gone, touched = _key(news, "_source", "_pk"), _place(rows, "_sha256", "_row")

    def is_gone(name: str, old: pa.Table) -> pa.Array:
        if name in _BY_PLACE:
            return _is_in(_place(old, *_PLACE), touched)
        return _is_in(_key(old, "source", _KEY_OF.get(name, "source_pk")), gone)

    def write(folder: Path) -> None:
        for name in (*tables(), "company", "further_email"):
            _write_patched(db, folder, name, before, given.get(name), is_gone)
        _write(db, folder, {}, births)

    return kept.keep(run, source.name, about, write)


def _touched(run: Run, source: Source, files: list[LandedFile], disposed: pa.Table, before: Kept) -> pa.Table:
    """All rows of new files, and the earlier rows that have a key of theirs (or whose order was not delivered yet).

    Where a full delivery withdraws what it lacks, every row counts.
    """
    known = {file[0] for file in before.files}
    columns = before.about["columns"]
    if source.delivery == "full":
        return load(source, files, columns=columns)
    new = load(source, files, columns=columns, only={file.sha256: None for file in files if file.sha256 not in known})
    key = pc.binary_join_element_wise(source_names(source, new), keys(run, source, new), SEPARATOR)
    again = pc.or_(
        _is_in(_key(disposed, "source", "source_pk"), key),
        pc.fill_null(pc.equal(disposed.column("rule"), "line_without_first_row"), False),
    )
    places = disposed.filter(again).select(list(_PLACE)).combine_chunks()
    wanted: dict[str, pa.Array | None] = {}
    for digest in pc.unique(places.column("sha256")).to_pylist():
        wanted[digest] = whole(places.filter(pc.equal(places.column("sha256"), digest)).column("row_number"))
    wanted |= {file.sha256: None for file in files if file.sha256 not in known}
    return load(source, files, columns=columns, only=wanted)


def _states_then(rows: pa.Table, standing: pa.Table) -> pa.Array:
    """What every row was before: record, event or deleted with its rule; null where it was new or not in force."""
    place = pc.index_in(_place(rows, "_sha256", "_row"), value_set=_place(standing, *_PLACE))
    found = standing.take(place)
    nobody = pc.fill_null(pc.equal(found.column("rule"), "names_nobody"), False)
    return _states(
        pc.if_else(nobody, "record", whole(found.column("disposition"))),
        pc.if_else(nobody, pa.scalar(None, pa.string()), whole(found.column("rule"))),
    )


def _states(disposition: pa.Array, rule: pa.Array) -> pa.Array:
    """`record `, `event `, `event further_line`, `deleted withdrawn` …; null for rows that are not in force."""
    told = pc.binary_join_element_wise(disposition, rule, " ", null_handling="replace", null_replacement="")
    return pc.if_else(
        pc.is_in(disposition, pa.array(["record", "event", "deleted"])), told, pa.scalar(None, pa.string())
    )


def _changed(rows: pa.Table, then: pa.Array) -> pa.Array:
    """Keys of which another row is in force than before."""
    now = _states(whole(rows.column("_disposition")), whole(rows.column("_rule")))
    differs = pc.not_equal(pc.fill_null(now, ""), pc.fill_null(then, ""))
    return _key(rows, "_source", "_pk").filter(differs)


def _births(record: RecordColumns, before: Kept, news: pa.Table, old: pa.Table) -> dict[str, int]:
    """Birth dates as delivered of all records in force, with how often each stands."""
    standing = before.read("birth")
    counts = Counter(_counts(standing) if standing is not None else {})
    heads = news.filter(pc.and_(_is(news, "record"), news.column("_head")))
    for rows, add in ((heads, counts.update), (old, counts.subtract)):
        texts, _, numbers = facts.birth_texts(rows, record)
        add({text: number for text, number in zip(texts, numbers, strict=True) if text is not None})
    return {text: count for text, count in sorted(counts.items()) if count > 0}


def _counts(births: pa.Table) -> dict[str, int]:
    return dict(zip(births.column("text").to_pylist(), births.column("count").to_pylist(), strict=True))


def _write_patched(
    db: Session,
    folder: Path,
    name: str,
    before: Kept,
    fresh: pa.Table | None,
    is_gone: Callable[[str, pa.Table], pa.Array],
) -> None:
    """A table without the rows that are gone and with the fresh ones; the same file where there are neither."""
    file = before.file(name)
    if file is None:
        if fresh is not None:
            kept.save(db, folder, name, fresh)
        return
    old = pq.read_table(file)
    gone = is_gone(name, old)
    rest = old.filter(pc.invert(gone))
    if fresh is None or not fresh.num_rows:
        if rest.num_rows == old.num_rows:
            kept.share(file, folder / file.name)
        else:
            kept.save(db, folder, name, rest)
        return
    if name in kept.BESIDE:
        kept.save(
            db, folder, name, pa.concat_tables([rest, fresh.select(rest.column_names)], promote_options="permissive")
        )
        return
    db.offer("rest", rest)
    db.offer("fresh", fresh)
    path = folder / file.name
    db.engine.save(table(name), "select * from rest union all by name select * from fresh", path)
    db.withdraw("rest")
    db.withdraw("fresh")


def _is(rows: pa.Table, disposition: str) -> pa.ChunkedArray:
    return pc.equal(rows.column("_disposition"), disposition)


def _is_in(values: pa.Array, others: pa.Array) -> pa.Array:
    """Which of the values occur among others; null never does."""
    return pc.and_(pc.is_valid(values), pc.is_in(values, value_set=others.unique().drop_null()))


def _key(rows: pa.Table, source: str, pk: str) -> pa.Array:
    """Source object and key as one text; null without a key."""
    return whole(pc.binary_join_element_wise(rows.column(source), rows.column(pk), SEPARATOR))


def _place(rows: pa.Table, digest: str, number: str) -> pa.Array:
    """File and row as one text."""
    parts = (rows.column(name).cast(pa.string()) for name in (digest, number))
    return whole(pc.binary_join_element_wise(*parts, SEPARATOR))
