"""What people decided, brought to the numbers of the matching core: before resolving and after it.

Records that are equal in everything compared stand for one another (`folding.fold_repeats`). Where a decision
tells such records apart they have to stand for themselves again, with the evidence they shared.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from identity.matching.comparison import Field, compare, pack
from identity.matching.model import Model, tables
from identity.matching.reading import Encoded
from identity.matching.records import Longs
from identity.matching.rules import IDENTICAL
from identity.matching.score import evidence_of, weights
from identity.matching.stacking import rows_of

Group = tuple[int, ...]
"""Numbers of records that people say are one."""


def unfold(
    encoded: Encoded, scored: pa.Table, groups: Sequence[Group], core: tuple[tuple[Field, ...], Model]
) -> tuple[Encoded, pa.Table]:
    """Let equal records stand for themselves where records of two `groups` are equal; everything else stays.

    `scored` are the pairs that link kept (`sql/resolve/scored_pairs.sql`); the records that stand for themselves
    get the pairs of the one that stood for them, and one with it.
    """
    held: dict[int, set[int]] = {}
    for number, group in enumerate(groups):
        for record in group:
            held.setdefault(int(encoded.distinct_of[record]), set()).add(number)
    mixed = np.array(sorted(distinct for distinct, names in held.items() if len(names) > 1), dtype=np.int64)
    if not len(mixed):
        return encoded, scored
    members = np.flatnonzero(np.isin(encoded.distinct_of, mixed))
    stood_for = encoded.first[encoded.distinct_of[members]]
    alone = members != stood_for
    first = np.sort(np.concatenate([encoded.first, members[alone]]))
    standing = encoded.first[encoded.distinct_of]
    standing[members] = members
    unfolded = Encoded(
        keys=encoded.keys,
        records=rows_of(encoded.records, encoded.distinct_of[first]),
        first=first,
        distinct_of=np.searchsorted(first, standing),
    )
    copies = _copied(scored, members, stood_for)
    return unfolded, pa.concat_tables([scored, copies, _equal_pairs(unfolded, members[alone], stood_for[alone], core)])


def _copied(scored: pa.Table, members: Longs, stood_for: Longs) -> pa.Table:
    """The pairs of records that stood for others, said of those as well."""
    others: dict[int, list[int]] = {}
    for member, first in zip(members.tolist(), stood_for.tolist(), strict=True):
        others.setdefault(first, []).append(member)
    left, right = scored["left_record"].to_numpy(), scored["right_record"].to_numpy()
    firsts = np.array(sorted(others))
    rows, ends = [], []
    for row in np.flatnonzero(np.isin(left, firsts) | np.isin(right, firsts)).tolist():
        one, other = int(left[row]), int(right[row])
        for a in others.get(one, [one]):
            for b in others.get(other, [other]):
                if (a, b) != (one, other):
                    rows.append(row)
                    ends.append((min(a, b), max(a, b)))
    return _with_ends(scored.take(pa.array(rows, pa.int64())), np.array(ends, dtype=np.int64).reshape(-1, 2))


def _equal_pairs(encoded: Encoded, members: Longs, stood_for: Longs, core: tuple[tuple[Field, ...], Model]) -> pa.Table:
    """Pairs of equal records, as the model weighs them."""
    compared, model = core
    ends = encoded.distinct_of[stood_for].astype(np.int32), encoded.distinct_of[members].astype(np.int32)
    vectors = compare(encoded.records, compared, *ends)
    weight = weights(model, evidence_of(tables(model, encoded.records.size), vectors))
    name = pa.array([IDENTICAL] * len(members), pa.string())
    return pa.table(
        {
            "left_record": pa.array(stood_for, pa.int32()),
            "right_record": pa.array(members, pa.int32()),
            "blocking_rule": name,
            "rule_id": name,
            "match_weight": pa.array(weight, pa.float64()),
            "comparison_vector": pa.array(pack(compared, vectors.levels), pa.int64()),
        }
    )


def _with_ends(pairs: pa.Table, ends: "np.ndarray[tuple[int, int], np.dtype[np.int64]]") -> pa.Table:
    sides = {"left_record": ends[:, 0], "right_record": ends[:, 1]}
    for place, (name, values) in enumerate(sides.items()):
        pairs = pairs.set_column(place, name, pa.array(values, pa.int32()))
    return pairs


@dataclass(frozen=True)
class Contested:
    """A distinct record that fits two groups kept apart: `record`, and in each of both the one it fits."""

    record: int
    one: int
    other: int


@dataclass(frozen=True)
class Sides:
    """The groups that people told apart, by numbers of distinct records.

    `groups` are their records, `apart` pairs of positions in `groups`, `home` the profile (a code, -1 for none)
    each distinct record is published in.
    """

    groups: Sequence[Group]
    apart: Sequence[tuple[int, int]]
    home: Longs


def contested(sides: Sides, strong: tuple[Longs, Longs]) -> tuple[list[Contested], tuple[Longs, Longs]]:
    """Newcomers that fit both of two groups told apart, and the pairs that keep them alone until somebody decides.

    `strong` are the pairs of distinct records that would link by themselves. A newcomer is a record that is not
    published in a profile of either side.
    """
    if not sides.apart:
        return [], (np.zeros(0, np.int64), np.zeros(0, np.int64))
    leads, homes = _leads(sides)
    nearest = _nearest(leads, strong, len(sides.home))
    enemies: dict[int, set[int]] = {}
    for one, other in sides.apart:
        enemies.setdefault(one, set()).add(other)
    group_of = {record: number for number, group in enumerate(sides.groups) for record in group}
    members: dict[int, list[int]] = {}
    for record, numbers in leads.items():
        for number in numbers:
            members.setdefault(number, []).append(record)
    found, pairs = [], []
    for record in sorted(nearest):
        near = nearest[record]
        own = homes.get(group_of.get(record, -1), frozenset()) | ({int(sides.home[record])} - {-1})
        for one in sorted(near):
            for other in sorted(enemies.get(one, set()) & near.keys()):
                if group_of.get(record) in (one, other) or own & (homes[one] | homes[other]):
                    continue
                found.append(Contested(record, near[one], near[other]))
                pairs += [(record, member) for member in (*members[one], *members[other])]
    ends = np.array(sorted(set(pairs)), dtype=np.int64).reshape(-1, 2)
    return found, (ends[:, 0], ends[:, 1])


def _leads(sides: Sides) -> tuple[dict[int, set[int]], dict[int, frozenset[int]]]:
    """(groups that each record stands for: its own, or the one whose profile it is published in; homes by group)."""
    concerned = sorted({number for pair in sides.apart for number in pair})
    homes = {
        number: frozenset(int(sides.home[record]) for record in sides.groups[number]) - {-1} for number in concerned
    }
    shared = {code for one, other in sides.apart for code in homes[one] & homes[other]}
    leads: dict[int, set[int]] = {}
    owners: dict[int, set[int]] = {}
    for number in concerned:
        for record in sides.groups[number]:
            leads.setdefault(record, set()).add(number)
        for code in homes[number] - shared:  # a profile about to be divided stands for neither
            owners.setdefault(code, set()).add(number)
    named = set(leads)
    for record in np.flatnonzero(np.isin(sides.home, sorted(owners))).tolist():
        if record not in named:
            leads.setdefault(record, set()).update(owners[int(sides.home[record])])
    for number, group in enumerate(sides.groups):
        homes.setdefault(number, frozenset(int(sides.home[record]) for record in group) - {-1})
    return leads, homes


def _nearest(leads: Mapping[int, set[int]], strong: tuple[Longs, Longs], size: int) -> dict[int, dict[int, int]]:
    """Per record the groups it fits, each with the first record it fits there."""
    leading = np.zeros(size, dtype=bool)
    leading[list(leads)] = True
    left, right = strong
    found: dict[int, dict[int, int]] = {}
    for row in np.flatnonzero(leading[left] | leading[right]).tolist():
        for record, partner in ((int(left[row]), int(right[row])), (int(right[row]), int(left[row]))):
            for group in leads.get(partner, ()):
                near = found.setdefault(record, {})
                near[group] = min(near.get(group, partner), partner)
    return found
