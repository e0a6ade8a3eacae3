"""What is kept of one source object: used again, patched by the rows of new files, or made of all its landed rows.

A patch gives what a making anew would give, or is not done. It reads the keys of the new files, elects the valid
versions of all rows that have one of these keys, and reads the values of those keys only whose valid rows are others
than before. Where the queries of a source put rows of several keys together by a column (`Source.group`), it does the
same with groups in place of keys. Everything else stands. What depends on whole columns (`rulings`) must come out as
before; where the new rows leave that open, or bring a column that no file had, or where a query puts rows of several
keys together otherwise, the object is made anew.
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
from identity.standardising.arrays import whole
from identity.standardising.delivered import LandedFile, columns_of, filled, load, text
from identity.standardising.kept import Kept
from identity.standardising.objects import ObjectRows, rows_of
from identity.standardising.rulings import Rulings, Undecided, from_plain, plain
from identity.standardising.touched import PLACE, is_in, key_of, place_of, rows_touched
from identity.standardising.versions import bare, elect
from identity.tables import tables

_KEY_OF = {"std.order": "order_id", "std.order_item": "order_id", "std.refund": "order_id", "std.ticket": "ticket_id",
           "std.survey_response": "response_id"}  # fmt: skip
Way = Literal["kept", "patched", "made"]
WAYS: tuple[Way, ...] = ("kept", "patched", "made")
_BY_PLACE = ("std.row_disposition", "raw.rejected")


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
        and (bool(source.group) or not any(event.together for event in source.events))
        and columns_of(source, new) <= set(found.about["columns"])
        and bool(found.about["rows"])
        and _still_holds(run, source, found)
    )


def _patched(run: Run, db: Session, source: Source, files: list[LandedFile], before: Kept) -> Kept:
    votes, birth = from_plain(before.about)
    rulings = Rulings(standing=votes, votes=dict(votes))
    disposed = before.read("std.row_disposition")
    assert disposed is not None
    rows = elect(db, run, source, rows_touched(run, source, files, disposed, before), rulings)
    digests = rows.column("_sha256").cast(pa.string()).unique()
    touched = place_of(rows, "_sha256", "_row", digests)
    standing = disposed.filter(is_in(place_of(disposed, *PLACE, digests), touched))
    then = _states_then(touched, standing, digests)
    is_changed = pc.or_(_is_changed(source, rows, then), _is(rows, "rejected"))
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
    gone = whole(text(news, source.group)) if source.group else key_of(news, "_source", "_pk")

    def is_gone(name: str, file: Path) -> pa.Array:
        if name in _BY_PLACE:
            return is_in(place_of(pq.read_table(file, columns=list(PLACE)), *PLACE, digests), touched)
        key = _KEY_OF.get(name, "source_pk")
        old = pq.read_table(file, columns=["source", key])
        return is_in(whole(old.column(key)) if source.group else key_of(old, "source", key), gone)

    def write(folder: Path) -> None:
        for name in (*tables(), "company", "further_email"):
            _write_patched(db, folder, name, before, given.get(name), is_gone)
        _write(db, folder, {}, births)

    return kept.keep(run, source.name, about, write)


def _states_then(places: pa.Array, standing: pa.Table, digests: pa.Array) -> pa.Array:
    """What the row of every place was: record, event or deleted with its rule; null where new or not in force."""
    place = pc.index_in(places, value_set=place_of(standing, *PLACE, digests))
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


def _is_changed(source: Source, rows: pa.Table, then: pa.Array) -> pa.Array:
    """Rows of a key (or group) of which another row is in force than before."""
    now = _states(whole(rows.column("_disposition")), whole(rows.column("_rule")))
    differs = pc.not_equal(pc.fill_null(now, ""), pc.fill_null(then, ""))
    key = bare(text(rows, source.group)) if source.group else key_of(rows, "_source", "_pk")
    return is_in(key, key.filter(differs))


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
    is_gone: Callable[[str, Path], pa.Array],
) -> None:
    """A table without the rows that are gone and with the fresh ones; the same file where there are neither."""
    file = before.file(name)
    added = [] if fresh is None or not fresh.num_rows else [fresh]
    if file is None:
        kept.save(db, folder, name, *added)
        return
    gone = is_gone(name, file)
    if not added and not pc.any(gone).as_py():
        kept.share(file, folder / file.name)
        return
    kept.save(db, folder, name, pq.read_table(file).filter(pc.invert(gone)), *added)


def _is(rows: pa.Table, disposition: str) -> pa.ChunkedArray:
    return pc.equal(rows.column("_disposition"), disposition)
