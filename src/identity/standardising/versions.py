"""Which delivered row is the valid version of a record or event, and what becomes of every other row."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from identity.runs.run import Run
from identity.runs.workspace import Session
from identity.sources.base import Source, column_name
from identity.standardising.arrays import SEPARATOR, Mask, Numbers, codes, nulls, whole
from identity.standardising.delivered import each, text
from identity.standardising.rulings import Rulings
from identity.standardising.times import instants

NO_KEY = ("null", "none", "nan", "n/a", "#n/a", "-", ".", "undefined", "(null)")


def elect(db: Session, run: Run, source: Source, rows: pa.Table, rulings: Rulings | None = None) -> pa.Table:
    """Give every row its key and its fate.

    Returns the rows with `_source`, `_pk`, `_disposition` (record, event, superseded, duplicate, deleted or
    rejected), `_rule` and `_head` (the row carries its document's own fields; always, without documents).

    The later version wins: by the source's own time of change, else the run that delivered it, else the file's path,
    else the row. Of equal versions the first delivered stands for all, so that a redelivery changes nothing.
    """
    pk, names = keys(run, source, rows), source_names(source, rows)
    key = codes(pk if source.name_column is None else pc.binary_join_element_wise(names, pk, SEPARATOR))
    updated = instants(text(rows, _updated(source)), source, rulings, "version")
    version = pa.table(
        {
            "position": pa.array(np.arange(rows.num_rows)),
            "key": key,
            "updated": updated.cast(pa.int64()),
            "run": rows.column("_run"),
            "file": rows.column("_file"),
            "row_number": rows.column("_row"),
            "filled": _filled(source, rows),
            "is_deleted": _deleted(source, rows),
        }
    )
    fate = _fates(db, source, version, rows.column("_hash"))
    for name, values in (
        ("_source", names),
        ("_pk", pk),
        ("_disposition", fate.column("disposition")),
        ("_rule", fate.column("rule")),
        ("_head", fate.column("is_head")),
    ):
        rows = rows.append_column(name, values)
    return rows


def _fates(db: Session, source: Source, version: pa.Table, hashes: pa.ChunkedArray) -> pa.Table:
    """Columns disposition, rule and is_head, row by row.

    Rows that share their key with others, those without a key and those of documents are judged by the query.
    """
    alone = _alone(version.column("key").to_numpy()) & (not source.document)
    several = np.flatnonzero(~alone)
    kind, is_full = "record" if source.record is not None else "event", source.delivery == "full"
    latest = pc.max(version.column("run")).as_py()
    judged = version.append_column("content", hashes)
    judged = judged.take(pa.array(several)) if alone.any() else judged
    db.offer("version", judged.set_column(judged.num_columns - 1, "content", pa.array(codes(judged.column("content")))))
    query = "standardise/documents" if source.document else "standardise/versions"
    fate = db.query(query, full=is_full, kind=kind, latest=latest)
    db.withdraw("version")
    if not alone.any():
        return fate
    withdrawn = pc.and_(is_full, pc.less(version.column("run"), latest))
    is_deleted = version.column("is_deleted")
    disposition = pc.if_else(pc.or_(is_deleted, withdrawn), "deleted", kind)
    rule = pc.if_else(is_deleted, "deleted_in_source", pc.if_else(withdrawn, "withdrawn", None))
    single = pa.table(
        {"disposition": disposition, "rule": rule.cast(pa.string()), "is_head": pa.repeat(True, len(alone))}
    )
    place = np.arange(len(alone))
    place[several] = len(alone) + np.arange(len(several))
    return pa.concat_tables([single, fate.cast(single.schema)]).take(pa.array(place))


def _alone(key: Numbers) -> Mask:
    """Which rows are the only one of their key; not those without one."""
    counts = np.bincount(key + 1, minlength=1)
    counts[0] = 0
    alone: Mask = counts[key + 1] == 1
    return alone


def keys(run: Run, source: Source, rows: pa.Table) -> pa.Array:
    """The key of every row; null where it has none."""
    if source.record is not None:
        return _record_keys(run, source, rows)
    parts = [bare(text(rows, name)) for name in source.event_key]
    if not parts:
        return nulls(rows.num_rows)
    if len(parts) == 1 and not source.hashed_key:
        return parts[0]
    joined = pc.binary_join_element_wise(*parts, "|", null_handling="replace", null_replacement="")
    joined = pc.if_else(pc.is_null(parts[0]), pa.scalar(None, pa.string()), joined)
    if source.repeats:
        joined = _numbered(joined, rows)
    return _hashed(run, joined) if source.hashed_key else joined


def _record_keys(run: Run, source: Source, rows: pa.Table) -> pa.Array:
    record = source.record
    assert record is not None
    pk = bare(text(rows, record.key))
    if record.key_fallback and (others := each(rows, record.key_fallback)):
        lowered = pc.utf8_lower(bare(others[0] if len(others) == 1 else pc.coalesce(*others)))
        pk = pc.coalesce(pk, _hashed(run, pc.if_else(pc.is_null(pk), lowered, None)))
    if record.key_from_row and pk.null_count:
        pk = pc.coalesce(pk, _hashed(run, pc.if_else(pc.is_null(pk), whole(rows.column("_hash")), None)))
    return whole(pk)


def bare(values: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Keys without outer spaces and the apostrophe of spreadsheets; words of absence are null."""
    trimmed = pc.utf8_trim_whitespace(whole(values))
    if pc.any(pc.starts_with(trimmed, "'")).as_py():
        trimmed = pc.replace_substring_regex(trimmed, r"^'([0-9+=@#-])", r"\1")
    absent = pc.is_in(pc.utf8_lower(trimmed), pa.array(["", *NO_KEY]))
    return pc.if_else(absent, pa.scalar(None, pa.string()), trimmed)


def _hashed(run: Run, values: pa.Array) -> pa.Array:
    """Keyed hashes of the distinct values; nulls stay."""
    encoded = whole(values).dictionary_encode()
    hashed = pa.array(run.keyed_hashes(encoded.dictionary.to_pylist()), pa.string())
    return hashed.take(encoded.indices)


def _numbered(joined: pa.Array, rows: pa.Table) -> pa.Array:
    """Tell equal keys of one file apart by their number in it, in order of content, then row."""
    key, file = codes(joined), np.asarray(rows.column("_file").to_numpy())
    order = np.lexsort((np.asarray(rows.column("_row").to_numpy()), codes(rows.column("_hash")), file, key))
    new = np.ones(len(order), dtype=np.bool_)
    new[1:] = (key[order][1:] != key[order][:-1]) | (file[order][1:] != file[order][:-1])
    start = np.maximum.accumulate(np.where(new, np.arange(len(order)), 0))
    number = np.empty(len(order), dtype=np.int64)
    number[order] = np.arange(len(order)) - start + 1
    suffix = pc.binary_join_element_wise("#", pa.array(number).cast(pa.string()), "")
    return pc.if_else(pa.array(number > 1), pc.binary_join_element_wise(joined, suffix, ""), joined)


def source_names(source: Source, rows: pa.Table) -> pa.Array:
    """The source object of every row: the source's name, or what its name column says."""
    if source.name_column is None:
        return pa.repeat(pa.scalar(source.name, pa.string()), rows.num_rows)
    named = pc.utf8_trim_whitespace(whole(text(rows, source.name_column)))
    prefixed = pc.binary_join_element_wise(source.prefix, named, "_") if source.prefix else named
    return pc.coalesce(prefixed, pa.scalar(source.name, pa.string()))


def _updated(source: Source) -> tuple[str, ...]:
    names = source.record.updated_at if source.record is not None else source.updated_at
    return (names,) if isinstance(names, str) else names


def _filled(source: Source, rows: pa.Table) -> pa.Array:
    """How many of the document's own fields a row fills."""
    total = pa.array([0] * rows.num_rows, pa.int64())
    for name in source.document:
        if column_name(name) in rows.column_names:
            total = pc.add(total, pc.is_valid(rows.column(column_name(name))).cast(pa.int64()))
    return whole(total)


def _deleted(source: Source, rows: pa.Table) -> pa.Array:
    names = source.record.deleted if source.record is not None else ()
    said = pc.utf8_lower(pc.utf8_trim_whitespace(whole(text(rows, names))))
    return pc.fill_null(pc.is_in(said, pa.array(["1", "true", "yes", "t", "y"])), fill_value=False)
