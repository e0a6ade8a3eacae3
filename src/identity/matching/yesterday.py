"""Linking goes on from the run before: what it kept is brought to today's numbers, and only the rest is worked out.

Pairs of records that both are as they were, in blocks that are as they were, weigh what they weighed: parameters are
frozen. The result is that of `linking.link_frozen` over all records, to the last bit.
"""

from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import pyarrow as pa

from identity.matching import codes, kept, reading
from identity.matching.block_pairs import Pairs
from identity.matching.carrying import Aligned, Carried, carry
from identity.matching.frozen import Frozen, with_frozen
from identity.matching.linking import Scored, score_frozen
from identity.matching.reading import Codes, Encoded
from identity.matching.records import Bools, Longs, Records
from identity.matching.regrouping import Changes
from identity.matching.stacking import compact, rows_of
from identity.matching.touched import touched
from identity.runs.workspace import Session, Workspace, declared

_READ = ("source_record", "name", "identifier", "address", "attribute")


@dataclass(frozen=True)
class Yesterday:
    """What the run before kept: its distinct records, the pairs of them that it scored, and where its tables stand."""

    workspace: Workspace
    codes: Codes
    scored: Scored


@dataclass(frozen=True)
class Linked:
    """Today's records and scored pairs, of which `reused` are yesterday's, and what changed for resolve.

    `restated` are the numbers of the records of which anything at all is new or said otherwise, for unify.
    """

    encoded: Encoded
    scored: Scored
    changes: Changes
    reused: int
    restated: Longs


def keep(run_folder: Path, frozen: Frozen, scored: Scored) -> None:
    """Leave the scored pairs for the next run (the codes are kept by `reading.keep_codes`)."""
    arrays = {entry.name: getattr(scored, entry.name) for entry in fields(Scored)}
    kept.save(_folder(run_folder), _about(frozen), arrays)


def find(run_folder: Path, frozen: Frozen) -> Yesterday | None:
    """What a run kept in its folder, if it used the same parameters and this program."""
    workspace = Workspace(run_folder)
    encoded, scored = codes.load(reading.codes_folder(run_folder)), kept.load(_folder(run_folder), _about(frozen))
    if encoded is None or scored is None or not workspace.files("std.source_record"):
        return None
    return Yesterday(workspace, Codes(*encoded), Scored(**scored[1]))


def _folder(run_folder: Path) -> Path:
    return run_folder / "spill" / "scored"


def _about(frozen: Frozen) -> dict[str, object]:
    return {"model": frozen.model.version, "since": frozen.since}


def link_changed(db: Session, before: Yesterday, frozen: Frozen, threads: int) -> Linked:
    """Link the records of a session that has `reading.READS` open, going on from the run before."""
    aligned, restated = _aligned(db, before.workspace)
    keys = db.query("link/keys")
    carried = carry(before.codes, aligned, _fresh(db, aligned.changed, frozen), frozen)
    looked_at = touched(carried, frozen.plan, threads)
    found = _scored(carried.codes.records, frozen, looked_at.pairs, threads)
    brought = _brought(before.scored, carried, looked_at.records)
    scored = _together(brought, found, carried.codes.records.size)
    encoded = Encoded(carried.codes.records, carried.codes.first, carried.codes.distinct_of, keys)
    changes = _changes(before, carried, aligned, looked_at.records, found)
    return Linked(encoded, scored, changes, len(brought.left), restated)


def _aligned(db: Session, before: Workspace) -> tuple[Aligned, Longs]:
    """Today's records beside yesterday's, and the numbers of those of which anything is new or said otherwise."""
    for name in _READ:
        db.engine.attach(f"before.{name}", before.files(f"std.{name}"), table=declared(f"std.{name}"))
        for day, files in zip(("now", "earlier"), _differing(f"std.{name}", db.workspace, before), strict=True):
            db.engine.attach(f"{day}.{name}", files, table=declared(f"std.{name}"))
    db.execute("link/numbered")
    numbers = db.query("link/aligned")
    earlier = np.full(db.count("numbered"), -1, dtype=np.int64)
    earlier[numbers["record"].to_numpy()] = numbers["earlier"].to_numpy()
    changed = db.query("link/changed")
    restated = changed["record"].to_numpy().astype(np.int64)
    is_compared = changed["is_compared"].to_numpy(zero_copy_only=False).astype(bool)
    return Aligned(earlier, restated[is_compared]), restated


def _differing(name: str, today: Workspace, before: Workspace) -> tuple[list[Path], list[Path]]:
    """The files of a table in both runs, but for those that have the same bytes in both, as their manifests tell."""
    now, then = (
        {written.file: written.sha256 for entry in workspace.entries() for written in entry.written}
        for workspace in (today, before)
    )
    same = {file for file, digest in now.items() if then.get(file) == digest}

    def others(workspace: Workspace) -> list[Path]:
        return [path for path in workspace.files(name) if path.relative_to(workspace.folder).as_posix() not in same]

    return others(today), others(before)


def _fresh(db: Session, changed: Longs, frozen: Frozen) -> Records:
    """The changed records encoded for themselves."""
    db.put("changed", pa.table({"record": pa.array(changed, pa.int32())}))
    db.execute("link/some_numbered")
    found = with_frozen(reading.numbered_records(db, frozen), frozen)
    db.execute("link/all_numbered")
    return found


def _changes(before: Yesterday, carried: Carried, aligned: Aligned, again: Bools, found: Scored) -> Changes:
    """Which of today's distinct records are to be resolved anew; `found` are the pairs of those looked at `again`."""
    earlier = np.where(carried.is_new, -1, carried.row)
    stirred = carried.is_new.copy()
    known = np.flatnonzero(earlier >= 0)
    was, now = earlier[known], carried.codes
    moved = aligned.earlier[now.first[known]] != before.codes.first[was]
    moved |= now.multiplicity[known] != before.codes.multiplicity[was]
    stirred[known[moved]] = True
    place, pairs = carried.place, before.scored
    left, right = place[pairs.left], place[pairs.right]
    for one, other in ((left, right), (right, left)):
        stirred[other[(one < 0) & (other >= 0)]] = True
    size = len(again)
    whole = (left >= 0) & (right >= 0)
    looked_at = whole & (again[left] | again[right])
    then = np.minimum(left, right)[looked_at] * size + np.maximum(left, right)[looked_at]
    on_one_day = np.setxor1d(then, found.left.astype(np.int64) * size + found.right, assume_unique=True)
    stirred[on_one_day // size] = stirred[on_one_day % size] = True
    return Changes(earlier, stirred)


def _brought(scored: Scored, carried: Carried, again: Bools) -> Scored:
    """Yesterday's pairs that stand, by today's numbers."""
    place = carried.place
    left, right = place[scored.left], place[scored.right]
    looked_at = np.r_[again, True]  # the last: records that are gone
    rows = np.flatnonzero(~looked_at[left] & ~looked_at[right])
    left, right = left[rows].astype(np.int32), right[rows].astype(np.int32)
    return Scored(
        np.minimum(left, right),
        np.maximum(left, right),
        scored.rule[rows],
        scored.fired[rows],
        scored.weight[rows],
        scored.vector[rows],
    )


def _scored(records: Records, frozen: Frozen, pairs: Pairs, threads: int) -> Scored:
    """Weigh pairs among the few records and texts that they need."""
    needed = np.zeros(records.size, dtype=bool)
    needed[pairs.left] = needed[pairs.right] = True
    rows = np.flatnonzero(needed)
    number = (np.cumsum(needed) - 1).astype(np.int32)
    few = Pairs(number[pairs.left], number[pairs.right], pairs.rule)
    found = score_frozen(compact(rows_of(records, rows)), frozen, few, threads)
    left, right = rows[found.left].astype(np.int32), rows[found.right].astype(np.int32)
    return Scored(left, right, found.rule, found.fired, found.weight, found.vector)


def _together(one: Scored, other: Scored, size: int) -> Scored:
    """Pairs of both, in order."""
    names = [entry.name for entry in fields(Scored)]
    both = Scored(*(np.concatenate([getattr(one, name), getattr(other, name)]) for name in names))
    order = np.argsort(both.left.astype(np.int64) * size + both.right, kind="stable")
    return Scored(*(getattr(both, name)[order] for name in names))
