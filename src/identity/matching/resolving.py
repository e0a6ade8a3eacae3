"""Resolving: clusters out of scored pairs, with all evidence between groups and within limits."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from identity.matching.cluster import Bonds, Constraints, Guard, Refusal, agglomerate, regrouped
from identity.matching.comparison import Field, compare, pack
from identity.matching.components import HIGHEST, MAX_COMPONENT, inner_pairs, split_large
from identity.matching.linking import FLOOR
from identity.matching.model import Doubles, Model, Tables, tables
from identity.matching.records import Ints, Longs, Records
from identity.matching.score import Evidence, evidence_of, weights

STOP = -1.0
"""Groups join down to this weight. The mean over all pairs of two groups understates what they know together:
on every labelled set joins at -2 bits are right about seven times in ten (docs/matching.md)."""
SEVERAL = ("email", "phone", "address")
"""Kinds of which a person has several: of these the best agreement between two groups counts TOP_SHARE."""
TOP_SHARE = 0.25
OWN = ("given_name", "middle_name", "suffix", "birth_date", "identifier", "attribute")
"""Kinds by which people differ. Two groups of several records that differ in one on average differ for good: errors
of typing do not repeat. Such evidence grows with the square root of the smaller group, up to MOST_GROWTH."""
MOST_GROWTH = 3.0
BATCH = 500_000
"""Inner pairs whose evidence is held at once."""
_NOTHING = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class Pairs:
    """Scored pairs (left < right) of distinct records; `vector` packs the levels."""

    left: Longs
    right: Longs
    weight: Doubles
    vector: Longs


@dataclass(frozen=True)
class Given:
    """What people and sources say: pairs to be one (`together`), pairs never to be one (`apart`)."""

    together: tuple[Longs, Longs] = (_NOTHING, _NOTHING)
    apart: tuple[Longs, Longs] = (_NOTHING, _NOTHING)


@dataclass(frozen=True)
class Resolved:
    """`group` of each distinct record, named by its smallest record, and the pairs inside the components."""

    group: Longs
    inner: Pairs
    refusals: tuple[Refusal, ...]


class FieldwiseMean:
    """Weight between groups: per field the mean over the pairs that could compare it, then the odds of the sum."""

    def __init__(self, model: Model) -> None:
        self._model = model
        several = np.array([field.kind in SEVERAL for field in model.fields])
        self._own = np.array([field.kind in OWN for field in model.fields], dtype=bool)
        self._share_of_top = np.where(several, TOP_SHARE, 0).astype(np.float32)

    def __call__(self, bonds: Bonds, sizes: Longs) -> Doubles:
        """One weight per row."""
        growth = np.minimum(np.sqrt(np.minimum(sizes[bonds.one], sizes[bonds.other])), MOST_GROWTH).astype(np.float32)
        compared = np.maximum(bonds.counts, 1)
        match, household = bonds.match / compared, bonds.household / compared
        match += self._share_of_top * np.maximum(bonds.match_top - match, 0)
        household += self._share_of_top * np.maximum(bonds.household_top - household, 0)
        match *= np.where((match < 0) & self._own, growth[:, None], 1)
        return weights(self._model, Evidence(match.T.astype(np.float32), household.T.astype(np.float32)))


def resolve_records(
    records: Records,
    fields: tuple[Field, ...],
    model: Model,
    pairs: Pairs,
    constraints: Constraints,
    together: tuple[Longs, Longs] = (_NOTHING, _NOTHING),
) -> Resolved:
    """Components of the kept pairs, every pair inside them weighed, groups joined by all their evidence.

    `together` are pairs that a source or a steward states to be one person; only limits and cannot-link
    pairs stop them.
    """
    size = records.size
    component = _components(size, pairs, together)
    guard = Guard(constraints, size)
    group = _join_stated(guard, together, size)
    lookup, linkage = tables(model, size), FieldwiseMean(model)
    found: list[Pairs] = []
    for left, right in _batches(component, pairs):
        bonds, inner = _bonds(records, fields, model, lookup, (left, right))
        found.append(inner)
        bonds = regrouped(bonds, group)
        group = agglomerate(size, bonds, linkage, STOP, guard)[group]
    return Resolved(group, _joined(found), tuple(guard.refused))


def limited_values(records: Records) -> dict[str, Ints]:
    """The values whose distinct number per cluster is limited (settings.resolve)."""
    return {
        "emails": records.emails.key.codes,
        "phones": records.phone.codes,
        "addresses": records.addresses.line.codes,
    }


def _components(size: int, pairs: Pairs, together: tuple[Longs, Longs]) -> Longs:
    left = np.concatenate([pairs.left, together[0]]).astype(np.int32)
    right = np.concatenate([pairs.right, together[1]]).astype(np.int32)
    weight = np.concatenate([pairs.weight, np.full(len(together[0]), HIGHEST + 1)])
    return split_large(size, left, right, weight, FLOOR)


def _join_stated(guard: Guard, together: tuple[Longs, Longs], size: int) -> Longs:
    """Join stated pairs one after the other, as far as limits allow."""
    group = np.arange(size, dtype=np.int64)
    order = np.lexsort((together[1], together[0]))
    for row in order.tolist():
        one, other = sorted((int(group[together[0][row]]), int(group[together[1][row]])))
        ends = np.array([one]), np.array([other])
        if one != other and guard.allows(*ends)[0]:
            group[guard.members(other)] = one
            guard.join(*ends)
    return group


def _batches(component: Longs, pairs: Pairs) -> Iterator[tuple[Ints, Ints]]:
    """Inner pairs of whole components, about BATCH at a time; of a component still too large, its kept pairs only."""
    left, right = inner_pairs(component)
    if len(pairs.left):
        sizes = np.bincount(component)
        same = component[pairs.left] == component[pairs.right]
        large = same & (sizes[component[pairs.left]] > MAX_COMPONENT)
        left = np.concatenate([left, pairs.left[large].astype(np.int32)])
        right = np.concatenate([right, pairs.right[large].astype(np.int32)])
    order = np.lexsort((right, left, component[left]))
    left, right = left[order], right[order]
    ends = np.flatnonzero(np.r_[component[left][1:] != component[left][:-1], True]) + 1 if len(left) else _NOTHING
    first = 0
    while first < len(left):
        last = int(ends[min(int(np.searchsorted(ends, first + BATCH)), len(ends) - 1)])
        yield left[first:last], right[first:last]
        first = last


def _bonds(
    records: Records, fields: tuple[Field, ...], model: Model, lookup: Tables, ends: tuple[Ints, Ints]
) -> tuple[Bonds, Pairs]:
    """One bond per inner pair, and the pair as scored."""
    vectors = compare(records, fields, *ends)
    evidence = evidence_of(lookup, vectors)
    weight = weights(model, evidence)
    left, right = ends[0].astype(np.int64), ends[1].astype(np.int64)
    compared = (vectors.levels > 0).T.astype(np.float32)
    match, household = evidence.match.T, evidence.household.T
    bonds = Bonds(left, right, match, household, compared, match, household)
    return bonds, Pairs(left, right, weight, pack(fields, vectors.levels))


def _joined(parts: list[Pairs]) -> Pairs:
    nothing = Pairs(_NOTHING, _NOTHING, np.zeros(0), _NOTHING)
    names = Pairs.__dataclass_fields__
    return Pairs(*(np.concatenate([getattr(part, name) for part in (nothing, *parts)]) for name in names))
