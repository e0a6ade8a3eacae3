"""What became of every delivered row: `std.row_disposition`, and the rows that could not be used."""

import json
from collections.abc import Iterable, Mapping

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from identity.sources.base import Source
from identity.standardising.arrays import whole
from identity.standardising.delivered import LandedFile

ERASED = "_erased"
"""The part of `std.row_disposition` that tells of erased rows, which no object holds; the others are by object."""

REASONS = {
    "no_key": "the row has no key by which its record or event could be known; correct the export",
    "line_without_first_row": "a further line of an order whose first row was not delivered; deliver the whole order",
}


def dispositions(rows: pa.Table, nobody: pa.ChunkedArray) -> pa.Table:
    """The fate of every delivered row; the first row of an order that names nobody (their keys) is an event."""
    disposition, rule = rows.column("_disposition"), rows.column("_rule")
    if len(nobody):
        events_only = pc.and_(pc.is_in(rows.column("_pk"), whole(nobody)), pc.equal(disposition, "record"))
        disposition = pc.if_else(events_only, "event", disposition)
        rule = pc.if_else(events_only, "names_nobody", rule)
    rejected = pc.equal(disposition, "rejected")
    return pa.table(
        {
            "source": rows.column("_source"),
            "sha256": rows.column("_sha256"),
            "row_number": rows.column("_row"),
            "disposition": disposition,
            "source_pk": pc.if_else(rejected, pa.scalar(None, pa.string()), rows.column("_pk")),
            "rule": rule,
        }
    )


def rejected(source: Source, files: Iterable[LandedFile], rows: pa.Table) -> pa.Table:
    """Rows of `raw.rejected` for the rows that have no key or no order, with their content as JSON."""
    chosen = rows.filter(pc.equal(rows.column("_disposition"), "rejected"))
    if not chosen.num_rows:
        return chosen.select([])
    by_digest = {file.sha256: file for file in files}
    found = []
    for row in chosen.select(["_sha256", "_row", "_line_from", "_line_to", "_rule"]).to_pylist():
        file = by_digest[row["_sha256"]]
        found.append(
            {
                "source": source.name,
                "path": file.path,
                "member": file.member,
                "sha256": row["_sha256"],
                "row_number": row["_row"],
                "line_from": row["_line_from"],
                "line_to": row["_line_to"],
                "rule": row["_rule"],
                "detail": REASONS[row["_rule"]],
                "first_run": file.first_run,
            }
        )
    result = pa.Table.from_pylist(found)
    return result.append_column("raw_text", _raw_texts(by_digest, chosen))


def _raw_texts(files: Mapping[str, LandedFile], chosen: pa.Table) -> pa.Array:
    """The delivered columns of some rows as JSON."""
    wanted: dict[str, list[int]] = {}
    for digest, row in zip(chosen.column("_sha256").to_pylist(), chosen.column("_row").to_pylist(), strict=True):
        wanted.setdefault(digest, []).append(row)
    texts: dict[tuple[str, int], str] = {}
    for digest, numbers in wanted.items():
        landed = pq.read_table(files[digest].parquet, filters=[("_row", "in", numbers)])
        for row in landed.to_pylist():
            content = {name: text for name, text in row.items() if not name.startswith("_") and text is not None}
            texts[digest, row["_row"]] = json.dumps(content, ensure_ascii=False)
    keys = zip(chosen.column("_sha256").to_pylist(), chosen.column("_row").to_pylist(), strict=True)
    return pa.array([texts[key] for key in keys], pa.string())
