"""Reads the standardised tables of a run into encoded records, and folds repeats of one record into one."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from identity.matching import codes, frozen_tables
from identity.matching.encode import coded
from identity.matching.frozen import Frozen, with_frozen
from identity.matching.records import Bools, Column, Longs, Records
from identity.runs.workspace import Session

Unsigned = NDArray[np.uint64]
READS = (
    "std.source_record",
    "std.name",
    "std.identifier",
    "std.address",
    "std.attribute",
    "std.hard_link",
)


@dataclass(frozen=True)
class Codes:
    """The records that are compared, and which they are.

    `records` are the distinct ones; `first` [distinct] is the record each stands for, `distinct_of` [all] the distinct
    one each record is.
    """

    records: Records
    first: Longs
    distinct_of: Longs

    @property
    def multiplicity(self) -> Longs:
        """How many records each distinct one stands for."""
        return np.bincount(self.distinct_of, minlength=len(self.first))


@dataclass(frozen=True)
class Encoded(Codes):
    """Codes with `keys`: source and source_pk in order of the record number."""

    keys: pa.Table


def read_records(db: Session, frozen: Frozen | None = None) -> Encoded:
    """Number, read and encode the records of a session that has READS open, with `frozen` parameters if given."""
    db.execute("link/numbered")
    keys = db.query("link/keys")
    everything = numbered_records(db, frozen)
    first, distinct_of = fold_repeats(everything)
    records = everything.take(first)
    return Encoded(with_frozen(records, frozen) if frozen else records, first, distinct_of, keys)


def numbered_records(db: Session, frozen: Frozen | None = None) -> Records:
    """The records of the relation `numbered`, frequencies counted over all of them."""
    facts, names, identifiers, addresses, attributes = (
        db.query(f"link/{name}") for name in ("facts", "names", "identifiers", "addresses", "attributes")
    )
    if frozen is not None:
        compared = pa.array(["email", "phone", *frozen.ids], pa.string())
        identifiers = identifiers.filter(pc.is_in(identifiers["id_type"], value_set=compared))
        attributes = attributes.filter(pc.is_in(attributes["name"], value_set=pa.array(frozen.attributes, pa.string())))
    return coded(db.count("numbered"), facts, names, identifiers, addresses, attributes)


def keep_codes(db: Session, encoded: Codes) -> None:
    """Leave the encoded records in the run's folder for the stages to come, where erasing clears them away."""
    codes.save(_codes_folder(db.workspace.folder), encoded.records, encoded.first, encoded.distinct_of)


def kept_codes(db: Session, run_folder: Path) -> Codes:
    """The records as link of a run encoded them; encoded again where that is gone. `db` also has FROZEN open."""
    return _kept(db, run_folder) or read_records(db, frozen_tables.read(db))


def kept_records(db: Session) -> Encoded:
    """The same with all keys, and the records numbered in the session."""
    kept = _kept(db, db.workspace.folder)
    if kept is None:
        return read_records(db, frozen_tables.read(db))
    db.execute("link/numbered")
    return Encoded(kept.records, kept.first, kept.distinct_of, db.query("link/keys"))


def _kept(db: Session, run_folder: Path) -> Codes | None:
    found = codes.load(_codes_folder(run_folder))
    if found is None or len(found[2]) != db.count("std.source_record"):
        return None
    return Codes(*found)


def _codes_folder(run_folder: Path) -> Path:
    return run_folder / "spill" / "codes"


def fold_repeats(records: Records) -> tuple[Longs, Longs]:
    """(first record of each distinct one, distinct one of each record).

    Records that are equal in every compared field are one, but only where that is enough to say they are
    the same person: an e-mail or strong id, or a given name with a phone or a full address. Two records with
    nothing but one name stay two.
    """
    one, other = _hashes(records)
    alone = ~_identifying(records)
    one[alone] = np.flatnonzero(alone).astype(np.uint64)
    other[alone] = np.uint64(0)
    label = _labels(one ^ (other * np.uint64(0x9E3779B97F4A7C15)))
    first = _firsts(label)
    mistaken = np.flatnonzero(other != other[first[label]])
    if len(mistaken):  # two different rows with one hash: practically never, and then they stay apart
        label[mistaken] = label.max() + 1 + np.arange(len(mistaken))
        label = _labels(label)
        first = _firsts(label)
    return first, label


def _labels(keys: Unsigned | Longs) -> Longs:
    """Number of each key in order of first appearance."""
    return np.asarray(pd.factorize(keys)[0], dtype=np.int64)


def _firsts(label: Longs) -> Longs:
    """First place of each label."""
    highest = np.maximum.accumulate(label)
    return np.flatnonzero(np.r_[True, highest[1:] > highest[:-1]][: len(label)])


def _columns(records: Records) -> list[Column]:
    names, addresses = records.names, records.addresses
    return [
        names.given, names.middle, names.family, names.suffix,
        addresses.house, addresses.street, addresses.unit, addresses.postal, addresses.city, addresses.region,
        records.emails.key, records.phone, records.gender, records.company,
        *records.ids.values(), *records.attributes.values(),
    ]  # fmt: skip


def _hashes(records: Records) -> tuple[Unsigned, Unsigned]:
    """Two independent 64-bit hashes of each record: equal ones and, for all practical purposes, no others agree."""
    one = np.full(records.size, 0x9E3779B97F4A7C15, dtype=np.uint64)
    other = np.full(records.size, 0xC2B2AE3D27D4EB4F, dtype=np.uint64)
    birth = records.birth
    slots = [column.codes[:, slot] for column in _columns(records) for slot in range(column.slots)]
    for values in (*slots, birth.year, birth.month, birth.day):
        value = values.astype(np.int64).view(np.uint64)
        one ^= value
        one *= np.uint64(0xBF58476D1CE4E5B9)
        one ^= one >> np.uint64(29)
        other += value
        other *= np.uint64(0x94D049BB133111EB)
        other ^= other >> np.uint64(31)
    return one, other


def _identifying(records: Records) -> Bools:
    """Whether a record holds enough that an equal one is the same person."""

    def has(column: Column) -> Bools:
        return np.asarray(column.codes[:, 0] >= 0)

    named = has(records.names.given) & has(records.names.family)
    strong = has(records.emails.key)
    for column in records.ids.values():
        strong |= has(column)
    born = (records.birth.day > 0) & named
    return strong | (named & (has(records.phone) | has(records.addresses.line))) | born
