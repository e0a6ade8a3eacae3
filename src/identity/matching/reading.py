"""Reads the standardised tables of a run into encoded records, and folds repeats of one record into one."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from identity.matching import codes, frozen_tables
from identity.matching.encode import coded
from identity.matching.folding import fold_repeats
from identity.matching.frozen import Frozen, with_frozen
from identity.matching.records import Longs, Records
from identity.runs.workspace import Session

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
    codes.save(codes_folder(db.workspace.folder), encoded.records, encoded.first, encoded.distinct_of)


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
    found = codes.load(codes_folder(run_folder))
    if found is None or len(found[2]) != db.count("std.source_record"):
        return None
    return Codes(*found)


def codes_folder(run_folder: Path) -> Path:
    """Where the encoded records of a run stand."""
    return run_folder / "spill" / "codes"
