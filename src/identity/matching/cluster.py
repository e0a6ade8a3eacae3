"""From scored pairs to clusters: groups join by all the evidence between them, never by a single chain.

Every round joins the groups that are each other's best partner, in all components at once, until no two
groups have enough evidence. The evidence of two groups is taken field by field: the mean over the pairs of
their records that have a value on both sides. So a record that knows little neither blocks nor bridges, and
the rarity of matches is counted once per decision, not once per pair.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from identity.matching.model import Doubles
from identity.matching.records import Bools, Floats, Ints, Longs


@dataclass(frozen=True)
class Bonds:
    """Evidence between groups, one row per pair of groups (`one` < `other`).

    `row` is the place of each pair in `evidence` [rows, columns]: the first `sums` columns are sums over pairs of
    records, the others the highest of any of the pairs. Where groups join, the evidence is added up in place.
    """

    one: Longs
    other: Longs
    row: Longs
    evidence: Floats
    sums: int

    def rows(self, chosen: Longs | Bools) -> "Bonds":
        """Some of the pairs."""
        return replace(self, one=self.one[chosen], other=self.other[chosen], row=self.row[chosen])

    def __len__(self) -> int:
        return len(self.one)


class Linkage(Protocol):
    """Match weight between groups, in bits."""

    def __call__(self, bonds: Bonds, sizes: Longs) -> Doubles:
        """One weight per row; `sizes` counts the distinct records of each group."""


@dataclass(frozen=True)
class Limits:
    """What a cluster may hold: records, and distinct values per kind."""

    records: int
    values: Mapping[str, int]


@dataclass(frozen=True)
class Constraints:
    """What stands above the evidence.

    `multiplicity` is the number of records behind each representative; `values` gives, per kind of `limits`,
    the codes [records, slots] whose distinct number is limited; `apart` are pairs never to be in one cluster.
    """

    limits: Limits
    multiplicity: Longs
    values: Mapping[str, Ints]
    apart: tuple[Longs, Longs]


@dataclass(frozen=True)
class Refusal:
    """Two groups that the evidence would join and a constraint kept apart."""

    one: tuple[int, ...]
    other: tuple[int, ...]
    reason: str


def agglomerate(bonds: Bonds, weight: Doubles, linkage: Linkage, stop: float, guard: "Guard") -> Longs:
    """Group of each record, named by its smallest record.

    `bonds` starts with the pairs of records or of groups that stand, and `weight` with what the linkage says of them.
    """
    sizes = guard.sizes
    size = len(sizes)
    group = np.arange(size, dtype=np.int64)
    while True:
        bonds, weight = _active(bonds, weight, stop)
        if not len(bonds):
            return group
        chosen = _mutual_best(bonds.one, bonds.other, np.where(weight >= stop, weight, -np.inf))
        allowed = guard.allows(bonds.one[chosen], bonds.other[chosen])
        weight[chosen[~allowed]] = -np.inf
        chosen = chosen[allowed]
        if not len(chosen):
            continue
        target = np.arange(size, dtype=np.int64)
        target[bonds.other[chosen]] = bonds.one[chosen]
        guard.join(bonds.one[chosen], bonds.other[chosen])
        group = target[group]
        bonds, weight = _relabelled(bonds, weight, target)
        fresh = np.isnan(weight)
        weight[fresh] = linkage(bonds.rows(fresh), sizes)


def _active(bonds: Bonds, weight: Doubles, stop: float) -> tuple[Bonds, Doubles]:
    """Drop the bonds between groups neither of which can still join anything."""
    keep = still_open(bonds.one, bonds.other, weight >= stop)
    return (bonds, weight) if keep.all() else (bonds.rows(keep), weight[keep])


def still_open(one: Longs, other: Longs, live: Bools) -> Bools:
    """Pairs of which an end belongs to a live pair."""
    busy = np.zeros(int(other.max(initial=0)) + 1, dtype=bool)
    busy[one[live]] = True
    busy[other[live]] = True
    return np.asarray(busy[one] | busy[other])


def _mutual_best(one: Longs, other: Longs, weight: Doubles) -> Longs:
    """Rows that are the best of both their groups; ties go to the smaller records, whatever the order of the rows."""
    size = int(other.max()) + 1
    best = np.full(size, -np.inf)
    np.maximum.at(best, one, weight)
    np.maximum.at(best, other, weight)
    first, second = weight == best[one], weight == best[other]
    rows = np.flatnonzero((first | second) & np.isfinite(weight))
    key = one[rows] * size + other[rows]
    smallest = np.full(size, np.iinfo(np.int64).max)
    np.minimum.at(smallest, one[rows[first[rows]]], key[first[rows]])
    np.minimum.at(smallest, other[rows[second[rows]]], key[second[rows]])
    both = first[rows] & second[rows] & (smallest[one[rows]] == key) & (smallest[other[rows]] == key)
    return np.asarray(rows[both])


def _relabelled(bonds: Bonds, weight: Doubles, target: Longs) -> tuple[Bonds, Doubles]:
    """Bonds between the groups after joining; those that changed are summed, their weight is NaN."""
    joined = np.zeros(len(target), dtype=bool)
    gone = np.flatnonzero(target != np.arange(len(target)))
    joined[gone] = True
    joined[target[gone]] = True
    changed = joined[bonds.one] | joined[bonds.other]
    summed = regrouped(bonds.rows(changed), target)
    kept = bonds.rows(~changed)
    one, other, row = (np.concatenate([getattr(kept, name), getattr(summed, name)]) for name in ("one", "other", "row"))
    weights = np.concatenate([weight[~changed], np.full(len(summed), np.nan)])
    return Bonds(one, other, row, bonds.evidence, bonds.sums), weights


def regrouped(bonds: Bonds, group: Longs) -> Bonds:
    """Bonds between groups of the ends of `bonds`, their evidence added up; those inside one group are gone."""
    one, other = group[bonds.one], group[bonds.other]
    rows = np.flatnonzero(one != other)
    low, high = np.minimum(one, other)[rows], np.maximum(one, other)[rows]
    order = _by_ends(low, high, len(group))
    row, low, high = bonds.row[rows[order]], low[order], high[order]
    starts = np.flatnonzero(np.r_[True, (low[1:] != low[:-1]) | (high[1:] != high[:-1])][: len(row)])
    lengths = np.diff(np.r_[starts, len(row)])
    _add_up(bonds.evidence, bonds.sums, row, starts, lengths)
    return Bonds(low[starts], high[starts], row[starts], bonds.evidence, bonds.sums)


def _by_ends(low: Longs, high: Longs, size: int) -> Longs:
    """Order of pairs by their ends, then place: in one integer where it fits, which sorts several times as fast."""
    bits = max(len(low) - 1, 1).bit_length()
    if 2 * max(size - 1, 1).bit_length() + bits > 63:
        return np.lexsort((high, low))
    packed = (low * size + high) << bits | np.arange(len(low))
    packed.sort()
    return packed & ((1 << bits) - 1)


def _add_up(evidence: Floats, sums: int, row: Longs, starts: Longs, lengths: Longs) -> None:
    """Evidence of runs of rows, in the first row of each: one after the other in their order (runs are short)."""
    several = np.flatnonzero(lengths > 1)
    step = 1
    while len(several):
        into = row[starts[several]]
        held, added = evidence[into], evidence[row[starts[several] + step]]
        held[:, :sums] += added[:, :sums]
        np.maximum(held[:, sums:], added[:, sums:], out=held[:, sums:])
        evidence[into] = held
        step += 1
        several = several[lengths[several] > step]


class Guard:
    """Keeps clusters within their limits, and cannot-link pairs apart, while groups join.

    `sizes` are the distinct records of each group, by its smallest record.
    """

    def __init__(self, constraints: Constraints, size: int) -> None:
        self._given = constraints
        self._records = constraints.multiplicity.astype(np.int64).copy()
        self._counts = {kind: (codes >= 0).sum(axis=1).astype(np.int64) for kind, codes in constraints.values.items()}
        self.sizes = np.ones(size, dtype=np.int64)
        self._next = np.full(size, -1, dtype=np.int64)
        self._last = np.arange(size, dtype=np.int64)
        self._enemies: dict[int, set[int]] = {}
        for a, b in zip(*(side.tolist() for side in constraints.apart), strict=True):
            self._enemies.setdefault(a, set()).add(b)
            self._enemies.setdefault(b, set()).add(a)
        self._contested = np.zeros(size, dtype=bool)
        self._contested[list(self._enemies)] = True
        self.refused: list[Refusal] = []

    def allows(self, one: Longs, other: Longs) -> Bools:
        """Whether each two groups may join; refusals are kept with the constraint's name."""
        allowed = np.ones(len(one), dtype=bool)
        suspects = self._records[one] + self._records[other] > self._given.limits.records
        suspects |= self._contested[one] & self._contested[other]
        for kind, counts in self._counts.items():
            suspects |= counts[one] + counts[other] > self._given.limits.values[kind]
        for row in np.flatnonzero(suspects).tolist():
            reason = self._reason(int(one[row]), int(other[row]))
            if reason is not None:
                allowed[row] = False
                self.refused.append(
                    Refusal(tuple(self.members(int(one[row]))), tuple(self.members(int(other[row]))), reason)
                )
        return allowed

    def _reason(self, one: int, other: int) -> str | None:
        if self._records[one] + self._records[other] > self._given.limits.records:
            return "cap_records"
        mine, theirs = self.members(one), self.members(other)
        if any(not self._enemies.get(record, _NOBODY).isdisjoint(theirs) for record in mine):
            return "cannot_link"
        rows = np.array(mine + theirs)
        for kind, codes in self._given.values.items():
            held = codes[rows]
            if len(np.unique(held[held >= 0])) > self._given.limits.values[kind]:
                return f"cap_{kind}"
        return None

    def members(self, group: int) -> list[int]:
        """Records of a group."""
        found = []
        while group >= 0:
            found.append(group)
            group = int(self._next[group])
        return found

    def join(self, one: Longs, other: Longs) -> None:
        """Record that each `other` became part of its `one`."""
        self._records[one] += self._records[other]
        self.sizes[one] += self.sizes[other]
        for counts in self._counts.values():
            counts[one] += counts[other]
        self._contested[one] |= self._contested[other]
        self._next[self._last[one]] = other
        self._last[one] = self._last[other]


_NOBODY: frozenset[int] = frozenset()
