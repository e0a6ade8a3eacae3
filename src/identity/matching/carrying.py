"""From yesterday's encoded records to today's: only what is new or changed is encoded.

`Carried.everybody` are yesterday's distinct records, the changed ones on top; codes of texts go on. Today's distinct
records are some of its rows, yesterday's were the first ones.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from identity.matching.block_keys import mixed
from identity.matching.folding import fold_repeats
from identity.matching.frozen import Frozen
from identity.matching.reading import Codes
from identity.matching.records import Bools, Longs, Records
from identity.matching.stacking import rows_of, stacked


@dataclass(frozen=True)
class Aligned:
    """Today's records beside yesterday's.

    `earlier` is yesterday's number of each record, -1 where there was none; `changed` are the numbers of those that are
    new or changed, in order.
    """

    earlier: Longs
    changed: Longs


@dataclass(frozen=True)
class Carried:
    """Today's distinct records (`codes`), each a `row` of `everybody`; the first `known` rows were yesterday's."""

    codes: Codes
    everybody: Records
    row: Longs
    known: int

    @property
    def place(self) -> Longs:
        """Today's distinct record of each row of everybody, -1 for none."""
        found = np.full(self.everybody.size, -1, dtype=np.int64)
        found[self.row] = np.arange(len(self.row))
        return found

    @property
    def is_new(self) -> Bools:
        """Which of today's distinct records yesterday did not know."""
        return np.asarray(self.row >= self.known)

    @property
    def gone(self) -> Longs:
        """Yesterday's distinct records that are none today."""
        return np.flatnonzero(self.place[: self.known] < 0)


def carry(before: Codes, aligned: Aligned, fresh: Records, frozen: Frozen) -> Carried:
    """Today's records from yesterday's and the changed ones, which are encoded as `fresh`."""
    known = before.records.size
    everybody = stacked(before.records, fresh, frozen)
    standing = np.full(len(aligned.earlier), -1, dtype=np.int64)
    kept = np.flatnonzero(aligned.earlier >= 0)
    standing[kept] = before.distinct_of[aligned.earlier[kept]]
    standing[aligned.changed] = _stands_for(everybody, known)
    label, row = pd.factorize(standing)
    distinct_of = np.asarray(label, dtype=np.int64)
    highest = np.maximum.accumulate(distinct_of)
    first = np.flatnonzero(np.r_[True, highest[1:] > highest[:-1]][: len(distinct_of)])
    rows = np.asarray(row, dtype=np.int64)
    return Carried(Codes(rows_of(everybody, rows), first, distinct_of), everybody, rows, known)


def _stands_for(everybody: Records, known: int) -> Longs:
    """The row that each row from `known` on is a repeat of, itself where of none."""
    fresh = np.arange(known, everybody.size)
    outline = _outline(everybody)
    alike = np.flatnonzero(np.isin(outline[:known], outline[known:]))
    rows = np.concatenate([alike, fresh])
    first, label = fold_repeats(rows_of(everybody, rows))
    return rows[first[label]][len(alike) :]


def _outline(records: Records) -> Longs:
    """A hash by which repeats of a record are equal, and few others."""
    parts = (records.names.given, records.names.family, records.emails.key, records.phone, records.addresses.street)
    total = np.zeros(records.size, dtype=np.int64)
    for part in parts:
        total = mixed(total, part.codes[:, 0] + 1)
    return total
