"""The delivered rows of a source object over all its landed files, so that no vote depends on the file split."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from identity.sources.base import Names, Source, base_header, column_name
from identity.sources.registry import mapping
from identity.standardising.arrays import nulls, whole

KEEP = ("_sha256", "_row", "_line_from", "_line_to", "_hash")


@dataclass(frozen=True)
class LandedFile:
    """One landed file: its content hash, where it was delivered, in which runs first and last, and its Parquet file."""

    sha256: str
    path: str
    member: str
    first_run: int
    last_run: int
    parquet: Path

    @property
    def place(self) -> str:
        """Path as delivered, with the archive's member as last part."""
        return f"{self.path}/{self.member}" if self.member else self.path


def load(
    source: Source,
    files: Sequence[LandedFile],
    *,
    columns: Iterable[str] = (),
    only: Mapping[str, pa.Array | None] | None = None,
) -> pa.Table:
    """All rows of the files: text columns named by `column_name`, blanks as nulls, beside the columns of land.

    Rows of which an erasure left nothing but their place (`erased`) are not among them.

    Adds `_run` (the last that brought it) and `_file` (rank of the file by path), and for `source.prepare` `_path` (as
    delivered); `_sha256` is encoded as a dictionary. Only columns that the source maps are read; equal names (a header
    that stands twice) count as one, the first filled value wins. `columns` are there in any case; `only` names the
    files to be read and their rows (all where None).
    """
    ordered = sorted(files, key=lambda file: (file.place, file.sha256))
    chosen = [(rank, file) for rank, file in enumerate(ordered) if only is None or file.sha256 in only]
    tables = [_read(source, file, rank, only[file.sha256] if only is not None else None) for rank, file in chosen]
    rows = pa.concat_tables(tables, promote_options="default") if tables else pa.table({})
    for name in columns:
        if name not in rows.column_names:
            rows = rows.append_column(name, nulls(rows.num_rows))
    if not tables:
        return rows
    rows = source.prepare(rows) if source.prepare is not None else rows
    return rows.drop_columns(["_path"]).unify_dictionaries()


def columns_of(source: Source, files: Sequence[LandedFile]) -> set[str]:
    """Names of the delivered columns that `load` reads."""
    return {name for file in files for name in _chosen(source, file)}


def _chosen(source: Source, file: LandedFile) -> dict[str, list[str]]:
    """Columns of a landed file by the name they get."""
    wanted = {column_name(key) for key in mapping(source)}
    chosen: dict[str, list[str]] = {}
    for header in pq.read_schema(file.parquet).names:
        name = column_name(base_header(header))
        if header not in KEEP and name in wanted:
            chosen.setdefault(name, []).append(header)
    return chosen


def _read(source: Source, file: LandedFile, rank: int, numbers: pa.Array | None) -> pa.Table:
    chosen = _chosen(source, file)
    headers = [header for group in chosen.values() for header in group]
    table = pq.read_table(file.parquet, columns=[*KEEP, *headers], read_dictionary=["_sha256"])
    if numbers is not None:
        table = table.filter(pc.is_in(table.column("_row"), value_set=numbers.cast(pa.int64())))
    if table.column("_hash").null_count:
        table = table.filter(pc.is_valid(table.column("_hash")))
    columns = {name: table.column(name) for name in KEEP}
    for name, group in chosen.items():
        columns[name] = _filled_text(table, group)
    columns["_path"] = _constant(file.place, table.num_rows)
    columns["_run"] = pa.repeat(pa.scalar(file.last_run, pa.int64()), table.num_rows)
    columns["_file"] = pa.repeat(pa.scalar(rank, pa.int64()), table.num_rows)
    return pa.table(columns)


def column_of(source: Source, file: LandedFile, name: str) -> tuple[pa.Array, pa.ChunkedArray | pa.Array]:
    """Row numbers of a landed file and one of its columns, as `load` gives it before the source prepares it."""
    headers = _chosen(source, file).get(column_name(name), [])
    table = pq.read_table(file.parquet, columns=["_row", *headers])
    return whole(table.column("_row")), _filled_text(table, headers)


def filled(file: LandedFile) -> int:
    """Rows of a landed file that an erasure left as they were."""
    about = pq.read_metadata(file.parquet)
    place = about.schema.names.index("_hash")
    rows = 0
    for number in range(about.num_row_groups):
        group = about.row_group(number)
        told = group.column(place).statistics
        rows += group.num_rows - (told.null_count if told is not None else 0)
    return rows


def erased(source: Source, files: Sequence[LandedFile]) -> pa.Table:
    """The dispositions of erased rows: they stand in their files by place and lines only."""
    empty = pa.schema([("_sha256", pa.string()), ("_row", pa.int64())]).empty_table()
    found = [
        pq.read_table(file.parquet, columns=["_sha256", "_row"], filters=pc.field("_hash").is_null())
        for file in files
        if filled(file) < pq.read_metadata(file.parquet).num_rows
    ]
    rows = pa.concat_tables([empty, *found])
    count = rows.num_rows
    return pa.table(
        {
            "source": pa.repeat(pa.scalar(source.name), count),
            "sha256": rows.column("_sha256"),
            "row_number": rows.column("_row"),
            "disposition": pa.repeat(pa.scalar("erased"), count),
            "source_pk": pa.nulls(count, pa.string()),
            "rule": pa.repeat(pa.scalar("content_removed"), count),
        }
    )


def _filled_text(table: pa.Table, headers: Sequence[str]) -> pa.ChunkedArray | pa.Array:
    """The first filled of the columns that bear one name."""
    return pc.coalesce(*(_text(table.column(header)) for header in headers)) if headers else nulls(table.num_rows)


def _constant(text: str, rows: int) -> pa.Array:
    return pa.repeat(pa.scalar(text, pa.string()), rows)


def _text(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """A delivered column as text, blanks as nulls."""
    texts = values.cast(pa.string())
    blank = pc.or_(pc.utf8_is_space(texts), pc.equal(texts, ""))
    return pc.if_else(blank, pa.scalar(None, pa.string()), texts) if pc.any(blank).as_py() else texts


def text(rows: pa.Table, names: Names) -> pa.ChunkedArray | pa.Array:
    """The first filled of several columns, row by row; nulls where the delivery lacks them all."""
    present = each(rows, names)
    if not present:
        return nulls(rows.num_rows)
    return present[0] if len(present) == 1 else pc.coalesce(*present)


def each(rows: pa.Table, names: Names) -> list[pa.ChunkedArray]:
    """Those of several columns that the delivery has, in order."""
    wanted = dict.fromkeys(column_name(name) for name in ((names,) if isinstance(names, str) else names))
    return [rows.column(name) for name in wanted if name in rows.column_names]
