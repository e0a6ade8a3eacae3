"""Land: delivered files become rows of text, with every file, line and row accounted for (P1, P2, P3).

`recognise` decides about every file of the delivery, `extract` lands those of one source, `close` ends the stage;
`land` does all three.
Landed rows are kept across runs by content (`run.landed_file`), so a file delivered before costs nothing.
"""

import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from identity.errors import ConfigurationError, InputRefused
from identity.landing import delivery
from identity.landing.archives import unpacked
from identity.landing.arrivals import Row, key_of, with_arrivals
from identity.landing.columns import column_rows
from identity.landing.decide import Before, check_kept, decide, kept
from identity.landing.delivery import Piece
from identity.landing.model import Reading, Refusal
from identity.landing.read import Plan, land_file
from identity.privacy import returning
from identity.runs.run import Run
from identity.runs.workspace import Metrics, Session
from identity.sources import registry
from identity.standardising.delivered import LandedFile
from identity.standardising.fates import REASONS as UNUSABLE  # landed, and rejected by standardise every time

READS = ("prior.file", "prior.rejected", "privacy.tombstone")
WRITES = ("raw.file", "raw.rejected", "raw.column")

_REFUSED = "_delivery"
_NAME = re.compile(r"\w[\w .-]*")


def recognise(run: Run) -> list[str]:
    """Decide about every file of the delivery; returns the source objects that have landed or new files.

    Writes `delivery.json` and the refused files' part of `raw.file`. Raises InputRefused when no file can be
    used and none was landed before, IdentityError when rows landed before are gone.
    """
    with run.open(*READS) as db:
        return _recognise(run, db)


def new_bytes(run: Run) -> dict[str, int]:
    """Bytes to be landed of every source object; nothing for a delivery that is done with."""
    found: dict[str, int] = {}
    for piece in delivery.load(run.folder) if run.workspace.entry("land") is None else []:
        if piece.source is not None and piece.status == "new":
            found[piece.source] = found.get(piece.source, 0) + piece.bytes
    return found


def extract(run: Run, source: str) -> Metrics:
    """Land the new files of one source object and carry over what it landed before.

    Safe to repeat, and to run at once with other sources.
    """
    with run.open(*READS) as db:
        return _extract(run, db, source, delivery.load(run.folder))


def land(run: Run) -> Metrics:
    """Recognise the delivery and land every source object of it.

    Raises InputRefused when not one file could be landed, now or before.
    """
    metrics: dict[str, float] = {}
    with run.open(*READS) as db:
        names = _recognise(run, db)
        pieces = delivery.load(run.folder)
        for source in names:
            metrics.update(_extract(run, db, source, pieces))
    metrics.update(close(run))
    return metrics


def close(run: Run) -> Metrics:
    """End the stage once all sources are extracted: `files_refused`; InputRefused when no file landed."""
    with run.open("raw.file") as db:
        rows: list[Row] = db.query("select * from raw.file order by path, member").to_pylist()
    if not any(row["status"] == "landed" for row in rows):
        raise InputRefused(_nothing_usable(rows))
    return {"files_refused": sum(row["status"] == "refused" for row in rows)}


def _recognise(run: Run, db: Session) -> list[str]:
    sources = registry.by_name(run.settings)
    _check_names(sources)
    _clear_partial(run)
    before = _before(run, db)
    found = delivery.contents(run.settings, run.folder / "spill" / "recognise.partial")
    pieces = decide(found, before, sources)
    carried = kept(before, pieces)
    check_kept(carried, before, sources)
    delivery.save(run.folder, pieces)
    refused = [_refused(run, before, piece) for piece in pieces if piece.status == "refused"]
    refused += [row for row in carried if row["source"] is None]
    refused = with_arrivals(refused, before.of(None), {piece.key for piece in pieces}, run.number, is_full=False)
    names = {piece.source for piece in pieces if piece.source} | {row["source"] for row in carried if row["source"]}
    _clear_parts(run, {*names, _REFUSED})
    _save(db, "raw.file", refused, _REFUSED)
    if not names:
        raise InputRefused(_nothing_usable(refused))
    return sorted(names)


def _extract(run: Run, db: Session, source: str, pieces: Sequence[Piece]) -> Metrics:
    before = _before(run, db)
    files = [row for row in kept(before, pieces) if row["source"] == source]
    own = [piece for piece in pieces if piece.source == source]
    carried = {row["sha256"] for row in files if row["status"] == "landed"}
    rejected = [
        row
        for row in _prior(db, "prior.rejected")
        if row["source"] == source and row["sha256"] in carried and row["rule"] not in UNUSABLE
    ]
    present = {key_of(row) for row in files}
    stones, returned = returning.tombstones(db), 0
    for piece in own:
        if piece.status == "new":
            row, bad = _land_piece(run, before, piece, stones)
            if stones and row["status"] == "landed":
                returned += _without_erased(run, db, piece, row, stones)
            files.append(row)
            rejected += bad
        elif piece.key not in present:
            files.append(_file_row(run, before, piece))
    is_full = registry.by_name(run.settings)[source].delivery == "full"
    delivered = {piece.key for piece in pieces}
    files = with_arrivals(files, before.of(source), delivered, run.number, is_full=is_full)
    _save(db, "raw.file", files, source)
    _save(db, "raw.rejected", rejected, source)
    landed = sorted({row["sha256"] for row in files if row["status"] == "landed"})
    columns = column_rows(registry.by_name(run.settings)[source], [run.landed_file(source, sha) for sha in landed])
    db.save_arrow("raw.column", columns, part=source)
    erased = {f"rows_erased:{source}": float(returned)} if returned else {}
    return {**_metrics(source, own, files), **erased}


def _without_erased(run: Run, db: Session, piece: Piece, row: Row, stones: returning.Stones) -> int:
    """Erase what the new file brings of erased people; returns its rows of them."""
    assert piece.source is not None
    source = registry.by_name(run.settings)[piece.source]
    place = run.landed_file(piece.source, piece.sha256)
    file = LandedFile(piece.sha256, row["path"], row["member"], row["first_run"], run.number, place)
    return returning.erase_returned(run, db, source, file, stones)


def _land_piece(run: Run, before: Before, piece: Piece, stones: returning.Stones) -> tuple[Row, list[Row]]:
    """Read one new file; its row of `raw.file` and its rows of `raw.rejected`."""
    assert piece.source is not None
    source = registry.by_name(run.settings)[piece.source]
    plan = Plan(piece.sha256, piece.digest, piece.format, piece.dialect, source.encoding)
    scratch = run.folder / "spill" / f"{piece.source}.{piece.sha256}.partial"
    limits = run.settings.limits
    try:
        with unpacked(Path(piece.place), piece.packed, scratch, limits) as place:
            reading = land_file(place, run.landed_file(piece.source, piece.sha256), plan, limits)
    except Refusal as refusal:
        return _file_row(
            run, before, piece, status="refused", source=None, rule=refusal.rule, reason=refusal.reason
        ), []
    except (FileNotFoundError, PermissionError):
        if os.access(piece.place, os.R_OK):
            raise
        gone = "vanished or became unreadable during the run; deliver it again"
        return _file_row(run, before, piece, status="refused", source=None, rule="unreadable", reason=gone), []
    row = _file_row(run, before, piece, status="landed", **_figures(reading))
    place_of = {name: row[name] for name in ("source", "path", "member", "sha256", "first_run")}
    kept = returning.without_returned(run, reading.rejected, stones)
    return row, [{**bad._asdict(), **place_of} for bad in kept]


def _figures(reading: Reading) -> dict[str, Any]:
    return {
        "lines": reading.lines,
        "header_lines": reading.header_lines,
        "rows": reading.rows,
        "rejected_rows": len(reading.rejected),
        "rejected_lines": reading.rejected_lines,
        "encoding": reading.encoding,
        "delimiter": reading.delimiter,
    }


def _refused(run: Run, before: Before, piece: Piece) -> Row:
    return _file_row(run, before, piece, rule=piece.rule, reason=piece.reason)


def _file_row(run: Run, before: Before, piece: Piece, **figures: Any) -> Row:
    """A row of `raw.file`; a file that arrived before keeps the run and time of its first arrival."""
    earlier = before.same(piece.key)
    since = earlier or {"first_run": run.number, "delivered_at": run.as_of}
    return {
        "path": piece.path,
        "member": piece.member,
        "sha256": piece.sha256,
        "source": piece.source,
        "status": piece.status,
        "bytes": piece.bytes,
        "first_run": since["first_run"],
        "delivered_at": since["delivered_at"],
        **figures,
    }


def _metrics(source: str, pieces: Iterable[Piece], files: Iterable[Row]) -> Metrics:
    new = {piece.key for piece in pieces if piece.status == "new"}
    fresh = [row for row in files if key_of(row) in new and row["status"] == "landed"]
    return {
        f"files_landed:{source}": len(fresh),
        f"files_seen:{source}": sum(piece.status == "seen" for piece in pieces),
        f"rows_landed:{source}": sum(row["rows"] for row in fresh),
        f"rows_rejected:{source}": sum(row["rejected_rows"] for row in fresh),
        f"rows_kept:{source}": sum(row["rows"] for row in files if row["status"] == "landed"),
    }


def _before(run: Run, db: Session) -> Before:
    return Before(tuple(_prior(db, "prior.file")), run.landed_file)


def _prior(db: Session, name: str) -> list[Row]:
    rows: list[Row] = db.query(f"select * from {name} order by all").to_pylist()  # noqa: S608 - one of READS
    return rows


def _save(db: Session, name: str, rows: list[Row], part: str) -> None:
    """Write a part of a table; columns and types are the table's."""
    prior = f"prior.{name.removeprefix('raw.')}"
    shape = db.query(f"select * from {prior} limit 0").schema  # noqa: S608 - one of READS
    db.save_arrow(name, pa.Table.from_pylist([dict(row) for row in rows], schema=shape), part=part)


def _clear_parts(run: Run, names: Iterable[str]) -> None:
    """Remove what an earlier attempt of this run wrote for sources that have no files any more."""
    expected = set(names)
    for name in WRITES:
        for path in run.workspace.files(name):
            if path.parent.name == name and path.stem not in expected:
                path.unlink()


def _clear_partial(run: Run) -> None:
    """Remove what a killed run left half written; land is the first stage and one run holds the lease."""
    for path in (run.settings.state / "landed").glob("*/*.partial"):
        path.unlink(missing_ok=True)


def _check_names(sources: Iterable[str]) -> None:
    for name in sources:
        if not _NAME.fullmatch(name) or name == _REFUSED:
            raise ConfigurationError(f"source name {name!r}: use letters, digits, spaces, `_`, `.` and `-` only")


def _nothing_usable(rows: Iterable[Row]) -> str:
    lines = [
        f"  {'/'.join(part for part in (row['path'], row['member']) if part)}: {row['rule']}: {row['reason']}"
        for row in rows
        if row["status"] == "refused"
    ]
    shown = lines[:30] + ([f"  and {len(lines) - 30} more"] if len(lines) > 30 else [])
    return "\n".join(["no file could be used:", *shown] if lines else ["the inbox is empty: put exports into it"])
