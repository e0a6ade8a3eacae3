"""What decisions mean together: groups that must stay one, pairs of groups that must stay apart, contradictions.

`same(A, B)` and `not_same(B, C)` keep A and C apart. Where decisions say of two records both that they are one
and that they are two, neither is followed: their records stay as they are published today, records nobody has
published stay alone, and the contradiction is for a person to solve.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from identity.stewardship.decisions import Decision, Key, Kind

Pair = tuple[Key, Key]


@dataclass(frozen=True)
class Contradiction:
    """Numbers of the decisions that cannot all hold, and the records they are about."""

    decisions: tuple[int, ...]
    records: tuple[Key, ...]


@dataclass(frozen=True)
class Ruling:
    """What must be one and what must be apart.

    `groups` must be one each (every record that a decision names is in exactly one), `apart` are pairs of
    positions in `groups` that must not meet.
    """

    groups: tuple[tuple[Key, ...], ...]
    apart: tuple[tuple[int, int], ...]
    contradictions: tuple[Contradiction, ...]

    @property
    def contradicted(self) -> frozenset[int]:
        """Numbers of the decisions that are not followed."""
        return frozenset(number for entry in self.contradictions for number in entry.decisions)


def musts(decision: Decision) -> Iterator[Pair]:
    """Pairs of records that a decision wants to be one: all of a `same`, and each part that leaves in a `split`."""
    said = decision.said
    chains: Sequence[Sequence[Key]] = ()
    if said.kind is Kind.SAME:
        chains = (said.records,)
    elif said.kind is Kind.SPLIT:
        chains = said.parts[1:]
    for chain in chains:
        yield from pairwise(chain)


def cannots(decision: Decision) -> Iterator[Pair]:
    """Pairs of records that a decision wants apart: of different parts of a `not_same` or a `split`."""
    if decision.said.kind in (Kind.NOT_SAME, Kind.SPLIT):
        for one, other in combinations(decision.said.parts, 2):
            yield from ((a, b) for a in one for b in other)


def ruling(decisions: Sequence[Decision], today: Mapping[Key, str]) -> Ruling:
    """What the standing `decisions` mean; `today` is the profile each record is published in, where it is."""
    parents: dict[Key, Key] = {}
    for decision in decisions:
        for pair in (*musts(decision), *cannots(decision)):
            for record in pair:
                parents.setdefault(record, record)
        for one, other in musts(decision):
            _join(parents, one, other)
    torn = {_root(parents, a) for decision in decisions for a, b in cannots(decision) if _meet(parents, a, b)}

    def group_of(record: Key) -> tuple[Key, str | Key]:
        root = _root(parents, record)
        return root, today.get(record, record) if root in torn else ""

    members: dict[tuple[Key, str | Key], list[Key]] = {}
    for record in sorted(parents):
        members.setdefault(group_of(record), []).append(record)
    place = {name: number for number, name in enumerate(members)}
    apart = {
        (place[group_of(a)], place[group_of(b)])
        for decision in decisions
        for a, b in cannots(decision)
        if group_of(a) != group_of(b)
    }
    for root in torn:
        apart.update(combinations([place[name] for name in members if name[0] == root], 2))
    return Ruling(
        tuple(tuple(records) for records in members.values()),
        tuple(sorted({(min(pair), max(pair)) for pair in apart})),
        tuple(_contradiction(decisions, parents, root) for root in sorted(torn)),
    )


def _contradiction(decisions: Iterable[Decision], parents: dict[Key, Key], root: Key) -> Contradiction:
    numbers = [
        decision.number
        for decision in decisions
        if any(_root(parents, a) == root for a, _ in musts(decision))
        or any(_root(parents, a) == root == _root(parents, b) for a, b in cannots(decision))
    ]
    return Contradiction(tuple(numbers), tuple(record for record in sorted(parents) if _root(parents, record) == root))


def _root(parents: dict[Key, Key], record: Key) -> Key:
    while parents[record] != record:
        parents[record] = parents[parents[record]]
        record = parents[record]
    return record


def _join(parents: dict[Key, Key], one: Key, other: Key) -> None:
    low, high = sorted((_root(parents, one), _root(parents, other)))
    parents[high] = low


def _meet(parents: dict[Key, Key], one: Key, other: Key) -> bool:
    return _root(parents, one) == _root(parents, other)
