"""Resolving: clusters out of scored pairs, with all evidence between groups and within limits."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from identity.matching.cluster import Bonds, Constraints, Guard, Refusal, agglomerate, regrouped, still_open
from identity.matching.comparison import Field, compare, pack
from identity.matching.components import HIGHEST, MAX_COMPONENT, pairs_within, split_large
from identity.matching.model import Doubles, Model, Tables, tables
from identity.matching.parallel import in_order
from identity.matching.records import Bools, Ints, Longs, Records
from identity.matching.score import Evidence, evidence_of, weights
from identity.matching.sizes import bits_of, size_bits

STOP = -1.0
"""Groups join down to this weight. The mean over all pairs of two groups understates what they know together:
on every labelled set joins at -2 bits are right about seven times in ten (docs/matching.md)."""
CONNECTS = -2.0
"""Pairs from this weight on, less what group sizes may add, make a component: weaker ones never join two groups by
themselves, and inner pairs, which are all compared, grow with the square."""
SEVERAL = ("email", "phone", "address")
"""Kinds of which a person has several: of these the best agreement between two groups counts TOP_SHARE."""
TOP_SHARE = 0.25
OWN = ("given_name", "middle_name", "suffix", "birth_date", "identifier", "attribute")
"""Kinds by which people differ. Two groups of several records that differ in one on average differ for good: errors
of typing do not repeat. Such evidence grows with the square root of the smaller group, up to MOST_GROWTH."""
MOST_GROWTH = 3.0
BATCH = 200_000
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
    """Pairs of distinct records said to be one person: `decided` by stewards, `stated` by a source."""

    decided: tuple[Longs, Longs] = (_NOTHING, _NOTHING)
    stated: tuple[Longs, Longs] = (_NOTHING, _NOTHING)


NOTHING_GIVEN = Given()


@dataclass(frozen=True)
class Resolved:
    """`group` of each distinct record, named by its smallest record.

    `inner` are all pairs inside the components, component by component and in order of their ends, `outer` the pairs
    that link kept between two of them. `component` of each distinct record is named by its smallest as well.
    """

    group: Longs
    component: Longs
    inner: Pairs
    outer: Pairs
    refusals: tuple[Refusal, ...]


class FieldwiseMean:
    """Weight between groups: per field the mean over the pairs that could compare it, then the odds of the sum.

    And what the sizes of the two groups say.
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        self._several = np.flatnonzero([field.kind in SEVERAL for field in model.fields])
        self._own = np.flatnonzero([field.kind in OWN for field in model.fields])
        self._sizes = size_bits(model.sizes)

    def __call__(self, bonds: Bonds, sizes: Longs) -> Doubles:
        """One weight per row."""
        found = bonds.evidence[bonds.row]
        match, household, counts, *tops = np.split(found, self._columns(found.shape[1]), axis=1)
        np.maximum(counts, 1, out=counts)
        for mean, top in zip((match, household), tops, strict=True):
            np.divide(mean, counts, out=mean)
            best = mean[:, self._several]
            mean[:, self._several] = best + np.float32(TOP_SHARE) * np.maximum(top - best, 0)
        one, other = sizes[bonds.one], sizes[bonds.other]
        grown = np.flatnonzero(np.minimum(one, other) > 1)
        if len(grown):
            growth = np.minimum(np.sqrt(np.minimum(one, other)[grown]), MOST_GROWTH).astype(np.float32)
            own = match[grown[:, None], self._own]
            match[grown[:, None], self._own] = own * np.where(own < 0, growth[:, None], np.float32(1))
        return self.sized(weights(self.model, Evidence(match.T, household.T)), one, other)

    @property
    def most_for_sizes(self) -> float:
        """The most bits that the sizes of two groups say for joining them."""
        return max(float(self._sizes.max()), 0.0)

    def sized(self, weight: Doubles, one: Longs, other: Longs) -> Doubles:
        """Weights with what the sizes of the two groups say."""
        return np.asarray(weight + bits_of(self._sizes, one, other))

    def bonds(self, ends: tuple[Longs, Longs], evidence: Evidence, compared: Bools, chosen: Longs) -> Bonds:
        """The bonds of chosen pairs, of their evidence and which fields they compared, [fields, pairs]."""
        width = len(evidence.match)
        several = len(self._several)
        rows = np.empty((len(chosen), 3 * width + 2 * several), dtype=np.float32)
        match, household, counts, *tops = np.split(rows, self._columns(rows.shape[1]), axis=1)
        match[:], household[:], counts[:] = (
            evidence.match[:, chosen].T,
            evidence.household[:, chosen].T,
            compared[:, chosen].T,
        )
        tops[0][:], tops[1][:] = match[:, self._several], household[:, self._several]
        return Bonds(ends[0][chosen], ends[1][chosen], np.arange(len(chosen)), rows, 3 * width)

    def _columns(self, width: int) -> list[int]:
        """Where match, household, counts, and the highest match and household of SEVERAL end."""
        fields = (width - 2 * len(self._several)) // 3
        return [fields, 2 * fields, 3 * fields, 3 * fields + len(self._several)]


def resolve_records(
    records: Records,
    fields: tuple[Field, ...],
    model: Model,
    pairs: Pairs,
    constraints: Constraints,
    given: Given = NOTHING_GIVEN,
    threads: int = 1,
) -> Resolved:
    """Components of the kept pairs, every pair inside them weighed, groups joined by all their evidence.

    What people and sources state (`given`) is joined first: nothing stops what a steward decided, limits and
    cannot-link pairs stop what a source says. The result depends neither on BATCH nor on `threads`: no component
    knows of another.
    """
    lookup, linkage = tables(model, records.size), FieldwiseMean(model)
    component = _components(records.size, pairs, given, CONNECTS - linkage.most_for_sizes)

    def resolve_batch(batch: Batch) -> tuple[Longs, Longs, Pairs, list[Refusal]]:
        guard = Guard(_within(constraints, batch), len(batch.members))
        group = _join_stated(guard, batch.given, len(batch.members))
        bonds, weight, inner = _bonds(records, fields, lookup, linkage, batch)
        if batch.is_given:
            bonds = regrouped(bonds, group)
            weight = linkage(bonds, guard.sizes)
        found = agglomerate(bonds, weight, linkage, STOP, guard)[group]
        return batch.members, batch.members[found], inner, [_named(refusal, batch.members) for refusal in guard.refused]

    group = np.arange(records.size, dtype=np.int64)
    inner: list[Pairs] = []
    refused: list[Refusal] = []
    for members, joined, weighed, refusals in in_order(resolve_batch, _batches(component, pairs, given), threads):
        group[members] = joined
        inner.append(weighed)
        refused += refusals
    # the rounds of all components of a batch run side by side: told component by component, whatever the batch
    refused.sort(key=lambda refusal: int(component[refusal.one[0]]))
    return Resolved(group, component, _joined(inner), between(component, pairs), tuple(refused))


def between(component: Longs, pairs: Pairs) -> Pairs:
    """The pairs between two components."""
    rows = np.flatnonzero(component[pairs.left] != component[pairs.right])
    return Pairs(pairs.left[rows], pairs.right[rows], pairs.weight[rows], pairs.vector[rows])


@dataclass(frozen=True)
class Batch:
    """Whole components: their records, component after component and in order, and pairs by place among them."""

    members: Longs
    left: Longs
    right: Longs
    given: Given

    @property
    def is_given(self) -> bool:
        """Whether anything is said of its records."""
        return bool(len(self.given.decided[0]) or len(self.given.stated[0]))


def limited_values(records: Records) -> dict[str, Ints]:
    """The values whose distinct number per cluster is limited (settings.resolve)."""
    return {
        "emails": records.emails.key.codes,
        "phones": records.phone.codes,
        "addresses": records.addresses.line.codes,
    }


def _components(size: int, pairs: Pairs, given: Given, connects: float) -> Longs:
    left = np.concatenate([pairs.left, given.decided[0], given.stated[0]]).astype(np.int32)
    right = np.concatenate([pairs.right, given.decided[1], given.stated[1]]).astype(np.int32)
    weight = np.concatenate([pairs.weight, np.full(len(left) - len(pairs.left), HIGHEST + 1)])
    return split_large(size, left, right, weight, connects)


def _join_stated(guard: Guard, given: Given, size: int) -> Longs:
    """Join what stewards decided, then stated pairs one after the other, as far as limits allow."""
    group = np.arange(size, dtype=np.int64)
    for pairs, is_decided in ((given.decided, True), (given.stated, False)):
        order = np.lexsort((pairs[1], pairs[0]))
        for row in order.tolist():
            one, other = sorted((int(group[pairs[0][row]]), int(group[pairs[1][row]])))
            ends = np.array([one]), np.array([other])
            if one != other and (is_decided or guard.allows(*ends)[0]):
                group[guard.members(other)] = one
                guard.join(*ends)
    return group


def _batches(component: Longs, pairs: Pairs, given: Given) -> Iterator[Batch]:
    """Components of two records or more, as many as have BATCH inner pairs; all pairs inside them.

    Of a component still too large only its kept pairs are looked at.
    """
    sizes = np.bincount(component, minlength=len(component))
    several = np.flatnonzero(sizes[component] > 1)
    order = several[np.argsort(component[several], kind="stable")]
    names = np.flatnonzero(sizes > 1)
    ends = np.cumsum(sizes[names])
    counts = sizes[names]
    work = np.cumsum(np.where(counts <= MAX_COMPONENT, counts * (counts - 1) // 2, counts))
    place = np.full(len(component), -1, dtype=np.int64)
    place[order] = np.arange(len(order))
    large = np.flatnonzero(sizes[component[pairs.left]] > MAX_COMPONENT) if len(pairs.left) else _NOTHING
    kept = place[pairs.left[large]], place[pairs.right[large]], component[pairs.left[large]]
    kept_places = tuple(side[kept[2] == component[pairs.right[large]]] for side in kept[:2])
    decided = place[given.decided[0]], place[given.decided[1]]
    stated = place[given.stated[0]], place[given.stated[1]]
    first = done = 0
    while done < len(names):
        before = int(work[done - 1]) if done else 0
        done = min(int(np.searchsorted(work, before + BATCH)) + 1, len(names))
        last = int(ends[done - 1])
        members = order[first:last]
        left, right = pairs_within(component[members])
        more = _between(kept_places, first, last)
        left, right = np.concatenate([left, more[0]]), np.concatenate([right, more[1]])
        if len(more[0]):
            by_ends = np.lexsort((right, left))
            left, right = left[by_ends], right[by_ends]
        yield Batch(members, left, right, Given(_between(decided, first, last), _between(stated, first, last)))
        first = last


def _between(pairs: tuple[Longs, ...], first: int, last: int) -> tuple[Longs, Longs]:
    """Those pairs of places that lie in a range, counted from its beginning."""
    inside = (pairs[0] >= first) & (pairs[0] < last) & (pairs[1] >= first) & (pairs[1] < last)
    return pairs[0][inside] - first, pairs[1][inside] - first


def _within(constraints: Constraints, batch: Batch) -> Constraints:
    """The constraints on the members of a batch, by place."""
    members = batch.members
    place = {int(record): number for number, record in enumerate(members)} if len(constraints.apart[0]) else {}
    apart = [
        (place[a], place[b])
        for a, b in zip(*(side.tolist() for side in constraints.apart), strict=True)
        if a in place and b in place
    ]
    sides = np.array(apart, dtype=np.int64).reshape(-1, 2)
    return Constraints(
        constraints.limits,
        constraints.multiplicity[members],
        {kind: codes[members] for kind, codes in constraints.values.items()},
        (sides[:, 0], sides[:, 1]),
    )


def _named(refusal: Refusal, members: Longs) -> Refusal:
    """A refusal by records instead of places."""
    one, other = (tuple(int(members[place]) for place in side) for side in (refusal.one, refusal.other))
    return Refusal(one, other, refusal.reason)


def _bonds(
    records: Records, fields: tuple[Field, ...], lookup: Tables, linkage: FieldwiseMean, batch: Batch
) -> tuple[Bonds, Doubles, Pairs]:
    """Bonds of the inner pairs, by place, with their weights, and all the pairs as scored.

    Where nothing is said of the records, there are bonds only of the pairs that a first round leaves open.
    """
    left, right = batch.members[batch.left], batch.members[batch.right]
    vectors = compare(records, fields, left.astype(np.int32), right.astype(np.int32))
    evidence = evidence_of(lookup, vectors)
    weight = weights(linkage.model, evidence)
    inner = Pairs(left, right, weight, pack(fields, vectors.levels))
    single = np.ones(len(left), dtype=np.int64)
    sized = linkage.sized(weight, single, single)
    is_open = np.ones(len(left), dtype=bool) if batch.is_given else still_open(batch.left, batch.right, sized >= STOP)
    chosen = np.flatnonzero(is_open)
    ends = batch.left, batch.right
    return linkage.bonds(ends, evidence, vectors.levels > 0, chosen), sized[chosen], inner


def _joined(parts: list[Pairs]) -> Pairs:
    nothing = Pairs(_NOTHING, _NOTHING, np.zeros(0), _NOTHING)
    names = Pairs.__dataclass_fields__
    return Pairs(*(np.concatenate([getattr(part, name) for part in (nothing, *parts)]) for name in names))
