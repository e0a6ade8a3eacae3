"""Which pairs a delivery touches, when the rules of blocking and their caps stay.

A new record is compared with everybody in its blocks. Beside that, a block that a delivery lets outgrow its cap, or
fall within it again, is split otherwise: its records are looked at again like new ones. All other pairs stay.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from identity.matching.block_keys import Atoms, Rule, keys_of, mixed, refinements
from identity.matching.block_pairs import RULES, Pairs, distinct_pairs
from identity.matching.blocking import Grouped, Planned, entries, numbered, split
from identity.matching.carrying import Carried
from identity.matching.grouping import groups
from identity.matching.parallel import in_order
from identity.matching.records import Bools, Ints, Longs


@dataclass(frozen=True)
class Touched:
    """`records` are those of today's distinct records whose pairs were looked at anew: `pairs`, in order."""

    records: Bools
    pairs: Pairs


@dataclass(frozen=True)
class _Entries:
    """The keys of a rule: one entry per row of everybody and key."""

    number: int
    cap: int
    rows: Ints
    keys: Longs
    is_first: Bools


def touched(carried: Carried, plan: Sequence[Planned], threads: int = 1) -> Touched:
    """The records that are new or whose blocks are others than yesterday, with all their pairs."""
    atoms = Atoms(carried.everybody)
    finer = refinements(atoms)
    known = list(in_order(_entries, numbered(plan, atoms), threads))
    there = _There(carried)

    def moved(rule: _Entries) -> Longs:
        return _moved(rule, finer, there)

    again = carried.is_new.copy()
    for rows in in_order(moved, known, threads):
        again[there.place[rows]] = True
    size = len(carried.row)

    def keys(rule: _Entries) -> Longs:
        return _pair_keys(rule, finer, there.place, again)

    return Touched(again, distinct_pairs(size, list(in_order(keys, known, threads)), threads))


class _There:
    """Which rows of everybody are there today, were yesterday, and are there on one day only."""

    def __init__(self, carried: Carried) -> None:
        self.place = carried.place
        self.today = self.place >= 0
        self.yesterday = np.arange(carried.everybody.size) < carried.known
        self.one_day = self.today != self.yesterday


def _entries(rule: tuple[int, int, Rule]) -> _Entries:
    number, cap, parts = rule
    return _Entries(number, cap, *entries(keys_of(parts.atoms)))


def _moved(rule: _Entries, finer: Sequence[Ints], there: _There) -> Longs:
    """Rows of both days in blocks that are within the cap on one day and beyond it on the other."""
    chosen = _with_keys_of(rule.keys, there.one_day[rule.rows])
    rows, keys = rule.rows[chosen], rule.keys[chosen]
    found = []
    for column in (None, *finer):
        if column is not None:
            keys = mixed(keys, column[rows] + 1)
        group, counts = groups(keys)
        before, after, moving = (
            np.bincount(group, weights=there_then[rows], minlength=len(counts))
            for there_then in (there.yesterday, there.today, there.one_day)
        )
        fitted, fits = before <= rule.cap, after <= rule.cap
        stays = there.yesterday[rows] & there.today[rows]
        found.append(rows[((fitted != fits) & (moving > 0))[group] & stays])
        on = (~fitted & ~fits & (moving > 0))[group]
        rows, keys = rows[on], keys[on]
        if not len(rows):
            break
    return np.concatenate(found).astype(np.int64)


def _with_keys_of(keys: Longs, chosen: Bools) -> Longs:
    """Entries that have the key of a chosen one."""
    wanted = np.unique(keys[chosen])
    if not len(wanted):
        return np.zeros(0, np.int64)
    # most keys are told apart by a few of their bits
    bits = max(int(len(wanted) * 16).bit_length(), 10)
    seen = np.zeros(1 << bits, dtype=bool)
    seen[wanted & ((1 << bits) - 1)] = True
    near = np.flatnonzero(seen[keys & ((1 << bits) - 1)])
    place = np.minimum(np.searchsorted(wanted, keys[near]), len(wanted) - 1)
    return np.asarray(near[wanted[place] == keys[near]])


def _pair_keys(rule: _Entries, finer: Sequence[Ints], place: Longs, again: Bools) -> Longs:
    """One integer per pair that a rule proposes and that has an end in `again`, as `block_pairs.pair_keys` makes them.

    A pair of two such ends may come twice.
    """
    records = place[rule.rows]
    there = np.flatnonzero(records >= 0)
    looked_at = np.zeros(len(records), dtype=bool)
    looked_at[there] = again[records[there]]
    chosen = _with_keys_of(rule.keys, looked_at)
    chosen = chosen[records[chosen] >= 0]
    rows, keys = rule.rows[chosen], rule.keys[chosen]
    group, counts = groups(keys)
    grouped = Grouped("", rows, keys, group, counts[group], rule.is_first[chosen], counts.astype(np.int64), 0)
    block, sizes, _, _ = split(grouped, finer, rule.cap)
    mine = records[chosen]
    held = np.flatnonzero((sizes > 1) & (sizes <= rule.cap))
    order = held[np.argsort(block[held], kind="stable")]
    members, values = mine[order], block[order]
    starts = np.flatnonzero(np.r_[True, values[1:] != values[:-1]]) if len(values) else np.zeros(0, np.int64)
    lengths = np.diff(np.r_[starts, len(values)])
    start, length = np.repeat(starts, lengths), np.repeat(lengths, lengths)
    ends = np.flatnonzero(again[members])
    count = length[ends]
    one = np.repeat(ends, count)
    other = np.repeat(start[ends], count) + np.arange(len(one)) - np.repeat(np.cumsum(count) - count, count)
    apart = one != other
    a, b = members[one[apart]], members[other[apart]]
    return np.asarray((np.minimum(a, b) * len(again) + np.maximum(a, b)) * RULES + rule.number)
