"""What depends on a whole column: the order of its dates, and birthdays that mean "unknown".

Such rulings stand with what they rest on, so that a run which reads only what is new can tell whether they would still
be the same: the new rows can have added no more evidence than they hold, and taken away no more than they replace.
`Undecided` says that they may not; everything is then read again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from identity.sources.base import Source
from identity.standard.dates import DateEvidence, DateOrder, date_evidence, order_by
from identity.standardising.arrays import Texts

NOTHING = DateEvidence(0, 0, 0, 0, 0)
Day = tuple[int, int, int]


class Undecided(Exception):
    """What is new may change a ruling about the whole column."""


@dataclass(frozen=True)
class Vote:
    """The order ruled for a column, and the least and most evidence that its texts can hold.

    `alike` texts (all `YYYY-MM-DD…`) are read the same in any order.
    """

    order: DateOrder
    least: DateEvidence
    most: DateEvidence
    alike: bool = False


@dataclass(frozen=True)
class BirthRule:
    """How the birth dates of a source are read: their order, days that say nothing, and whether 1 January does."""

    order: DateOrder
    unknown: frozenset[Day]
    new_year_is_unknown: bool


@dataclass
class Rulings:
    """Rulings made while rows are read; with `standing` ones, those are kept or `Undecided` is raised.

    `replaced` is the number of rows that what is read now takes the place of. `births` are the birth dates as delivered
    with how often each stands.
    """

    standing: Mapping[str, Vote] | None = None
    standing_birth: BirthRule | None = None
    replaced: int = 0
    votes: dict[str, Vote] = field(default_factory=dict)
    birth: BirthRule | None = None
    births: dict[str, int] = field(default_factory=dict)

    def order(self, column: str, texts: Texts, source: Source) -> DateOrder:
        """The order of the dates of a column by its distinct texts; what is configured wins."""
        return self._ruled(column, date_evidence(texts), source)

    def alike(self, column: str, texts: int, source: Source) -> None:
        """A column of so many distinct texts that are all written alike with the year first."""
        self._ruled(column, DateEvidence(texts, 0, 0, 0, 0), source, alike=True)

    def _ruled(self, column: str, evidence: DateEvidence, source: Source, *, alike: bool = False) -> DateOrder:
        hint = DateOrder(source.date_order) if source.date_order else None
        if self.standing is None:
            vote = Vote(hint or order_by(evidence, source.region), evidence, evidence, alike)
        else:
            before = self.standing.get(column, Vote(DateOrder.YMD, NOTHING, NOTHING, alike=True))
            least = DateEvidence(
                *(max(count - self.replaced, new) for count, new in zip(before.least, evidence, strict=True))
            )
            most = DateEvidence(*(count + more for count, more in zip(before.most, evidence, strict=True)))
            both_alike = before.alike and alike
            order = before.order if both_alike else hint or settled(least, most, source.region)
            if order is None or (order != before.order and not before.alike):
                raise Undecided
            vote = Vote(order, least, most, both_alike)
        self.votes[column] = vote
        return vote.order


def settled(least: DateEvidence, most: DateEvidence, region: str | None) -> DateOrder | None:
    """The order that any evidence between these two speaks for; None where it may speak for several."""
    if least.day_first > most.month_first:
        return DateOrder.DMY
    if least.month_first > most.day_first:
        return DateOrder.MDY
    if most.day_first or most.month_first:
        return None
    if not most.dotted + most.slashed:
        return order_by(most, region) if bool(least.year_first) == bool(most.year_first) else None
    always_both_ways = least.dotted + least.slashed > 0
    is_one_way_of_writing = least.dotted > most.slashed or least.slashed >= most.dotted
    return order_by(most, region) if always_both_ways and is_one_way_of_writing else None


def plain(rulings: Rulings) -> dict[str, Any]:
    """Rulings as JSON values; `births` stand in a table of their own."""
    birth = rulings.birth
    return {
        "votes": {
            name: [vote.order.value, vote.least, vote.most, vote.alike] for name, vote in sorted(rulings.votes.items())
        },
        "birth": birth and [birth.order.value, sorted(birth.unknown), birth.new_year_is_unknown],
    }


def from_plain(found: Mapping[str, Any]) -> tuple[dict[str, Vote], BirthRule | None]:
    """What `plain` wrote."""
    read: Callable[[list[int]], DateEvidence] = lambda counts: DateEvidence(*counts)  # noqa: E731
    votes = {
        name: Vote(DateOrder(order), read(least), read(most), alike)
        for name, (order, least, most, alike) in found["votes"].items()
    }
    birth = found["birth"]
    if birth is None:
        return votes, None
    order, unknown, new_year = birth
    return votes, BirthRule(DateOrder(order), frozenset((y, m, d) for y, m, d in unknown), new_year)
