"""The delivered rows that new files concern: their own, and earlier ones whose fate or values may change by them."""

import pyarrow as pa
import pyarrow.compute as pc

from identity.runs.run import Run
from identity.sources.base import Source
from identity.standardising.arrays import SEPARATOR, whole
from identity.standardising.delivered import LandedFile, column_of, load, text
from identity.standardising.kept import Kept
from identity.standardising.versions import bare, keys, source_names

PLACE = ("sha256", "row_number")
"""The columns of `std.row_disposition` that say where a row stands."""


def rows_touched(run: Run, source: Source, files: list[LandedFile], disposed: pa.Table, before: Kept) -> pa.Table:
    """All rows of new files, and earlier ones that have a key (or are of a group) of theirs, or wait for their order.

    Where a full delivery withdraws what it lacks, every row counts.
    """
    known = {file[0] for file in before.files}
    columns = before.about["columns"]
    if source.delivery == "full":
        return load(source, files, columns=columns)
    new = load(source, files, columns=columns, only={file.sha256: None for file in files if file.sha256 not in known})
    earlier = [file for file in files if file.sha256 in known]
    of_new = _of_groups(source, earlier, new) if source.group else _of_keys(run, source, disposed, new)
    return load(
        source, files, columns=columns, only=of_new | {file.sha256: None for file in files if file not in earlier}
    )


def _of_keys(run: Run, source: Source, disposed: pa.Table, new: pa.Table) -> dict[str, pa.Array | None]:
    """The rows by file that have a key of new rows, or whose order was not delivered yet."""
    key = pc.binary_join_element_wise(source_names(source, new), keys(run, source, new), SEPARATOR)
    again = pc.or_(
        is_in(key_of(disposed, "source", "source_pk"), key),
        pc.fill_null(pc.equal(disposed.column("rule"), "line_without_first_row"), False),
    )
    places = disposed.filter(again).select(list(PLACE)).combine_chunks()
    wanted: dict[str, pa.Array | None] = {}
    for digest in pc.unique(places.column("sha256")).to_pylist():
        wanted[digest] = whole(places.filter(pc.equal(places.column("sha256"), digest)).column("row_number"))
    return wanted


def _of_groups(source: Source, earlier: list[LandedFile], new: pa.Table) -> dict[str, pa.Array | None]:
    """The rows of earlier files that are of a group of new rows; those with a key of theirs are among them."""
    groups = bare(text(new, source.group))
    wanted: dict[str, pa.Array | None] = {}
    for file in earlier:
        numbers, named = column_of(source, file, source.group)
        found = numbers.filter(is_in(bare(named), groups))
        if len(found):
            wanted[file.sha256] = found
    return wanted


def is_in(values: pa.Array, others: pa.Array) -> pa.Array:
    """Which of the values occur among others; null never does."""
    return pc.and_(pc.is_valid(values), pc.is_in(values, value_set=others.unique().drop_null()))


def key_of(rows: pa.Table, source: str, pk: str) -> pa.Array:
    """Source object and key as one text; null without a key."""
    return whole(pc.binary_join_element_wise(rows.column(source), rows.column(pk), SEPARATOR))


def place_of(rows: pa.Table, digest: str, number: str, digests: pa.Array) -> pa.Array:
    """File (its number among `digests`) and row as one number; null for rows of other files."""
    file = pc.index_in(rows.column(digest).cast(pa.string()), value_set=digests).cast(pa.int64())
    return whole(pc.add(pc.shift_left(file, 40), rows.column(number).cast(pa.int64())))
