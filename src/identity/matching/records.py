"""Records as the matching core sees them: dense ids, one int32 code per value, strings kept apart."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from identity.matching.grouping import groups
from identity.matching.words import Words

Ints = NDArray[np.int32]
Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]
Longs = NDArray[np.int64]
Levels = NDArray[np.uint8]

MISSING = np.int32(-1)
COMMON = 2_000
"""Values of a field, the most frequent ones, of which it is remembered how alike any two are ..."""
COMMON_SHARE = 0.3
"""... where they are at least this share of all values held."""
NOBODY_ELSE = 1e-9
"""Frequency of a value that only one name holds (0 says that no frequency counts)."""
NAMELESS = 0
"""The holder who tells no name."""


@dataclass(frozen=True)
class Column:
    """Values of one field. `codes` is [records, slots], -1 where there is none; slot 0 fills first.

    `values` holds the text of each code; `counted` is its frequency, and `counted_values` how many values (of all
    records, in all slots) it was counted from, where that is not the share of the records here.
    """

    codes: Ints
    values: Words
    counted: Floats | None = None
    counted_values: int | None = None

    @property
    def slots(self) -> int:
        """Most values a record holds (at least 1)."""
        return int(self.codes.shape[1])

    @cached_property
    def frequency(self) -> Floats:
        """The share of the records with a value that hold each value; counted when first asked for."""
        if self.counted is not None:
            return self.counted
        counts = np.bincount(self.codes.ravel() + 1, minlength=len(self.values) + 1)[1:].astype(np.float64)
        return (counts / max(int((self.codes[:, 0] >= 0).sum()), 1)).astype(np.float32)

    @cached_property
    def held(self) -> int:
        """How many values the frequencies were counted from: of all records, in all slots."""
        return int((self.codes >= 0).sum()) if self.counted_values is None else self.counted_values

    @cached_property
    def filled(self) -> list[Bools]:
        """Per slot, which records have a value there."""
        return [self.codes[:, slot] >= 0 for slot in range(self.slots)]

    @cached_property
    def common_rank(self) -> Ints | None:
        """Rank of each value among the COMMON most frequent, COMMON for the others; None where they are held seldom."""
        order = np.argsort(-self.frequency, kind="stable")[:COMMON]
        if not self.frequency[order].sum(dtype=np.float64) >= COMMON_SHARE * self.frequency.sum(dtype=np.float64) > 0:
            return None
        rank = np.full(len(self.frequency), COMMON, dtype=np.int32)
        rank[order] = np.arange(len(order), dtype=np.int32)
        return rank

    @cached_property
    def remembered(self) -> dict[Any, Levels]:
        """Levels of pairs of common values by what judged them (`similarity.by_distinct`)."""
        return {}

    @cached_property
    def _by_slot(self) -> list[Ints]:
        return [np.ascontiguousarray(self.codes[:, slot]) for slot in range(self.slots)]

    def at(self, rows: Ints | Longs, slot: int) -> Ints:
        """The codes of some records in one slot (`take` on one slot is several times as fast as two indices)."""
        return self._by_slot[slot].take(rows, mode="clip")

    @property
    def is_empty(self) -> bool:
        """Whether no record has a value."""
        return not len(self.values)

    def take(self, rows: Longs) -> "Column":
        """The column of some records, frequencies counted among them."""
        return column(self.codes.take(rows, axis=0), self.values)

    def by_holders(self, holder: Longs) -> "Column":
        """Frequencies counted over other holders (names) than one, not over records: repeat customers are no crowd."""
        rows, slots = np.nonzero(self.codes >= 0)
        if not len(rows):
            return self
        width = int(holder.max(initial=0)) + 1
        held = np.sort(self.codes[rows, slots].astype(np.int64) * width + holder[rows])
        held = held[np.flatnonzero(np.r_[True, held[1:] != held[:-1]])]
        # who tells no name may be any of the others
        counts = np.bincount(held[held % width > NAMELESS] // width, minlength=len(self.values)).astype(np.float64)
        filled = max(int((self.codes[:, 0] >= 0).sum()), 1)
        return replace(self, counted=np.maximum((counts - 1) / filled, NOBODY_ELSE).astype(np.float32))


@dataclass(frozen=True)
class Names:
    """Names of a record, up to `slots`; the parts of one name stand in one slot.

    `whole` is given and family name together, where both are there.
    """

    given: Column
    middle: Column
    family: Column
    suffix: Column
    whole: Column

    @cached_property
    def filled(self) -> list[Bools]:
        """Per slot, which records have a given or a family name there."""
        return [given | family for given, family in zip(self.given.filled, self.family.filled, strict=True)]


@dataclass(frozen=True)
class Emails:
    """E-mail match keys with their parts.

    `from_name` [records, slots]: the local part repeats the person's name.
    """

    key: Column
    local: Column
    from_name: Bools


@dataclass(frozen=True)
class Addresses:
    """Addresses of a record, up to `slots`; `line` is house number and street together."""

    line: Column
    house: Column
    street: Column
    unit: Column
    postal: Column
    city: Column
    region: Column

    @cached_property
    def filled(self) -> list[Bools]:
        """Per slot, which records have a street, house number, postcode or city there."""
        parts = (self.street.filled, self.house.filled, self.postal.filled, self.city.filled)
        return [np.logical_or.reduce(slot) for slot in zip(*parts, strict=True)]


@dataclass(frozen=True)
class Birth:
    """Birth date by parts, -1 where unknown; `date` codes the full dates."""

    year: Ints
    month: Ints
    day: Ints
    date: Column

    @cached_property
    def known(self) -> Bools:
        """Records with a year of birth at least."""
        return np.asarray(self.year > 0)


@dataclass(frozen=True)
class Records:
    """All encoded fields of `size` records. `bare` ones hold nothing but a name: not compared with each other."""

    size: int
    names: Names
    birth: Birth
    emails: Emails
    phone: Column
    ids: Mapping[str, Column]
    addresses: Addresses
    gender: Column
    company: Column
    attributes: Mapping[str, Column]
    bare: Bools

    def take(self, rows: Longs) -> "Records":
        """These records only, renumbered from 0 in the given order."""
        return self._rows(rows).with_holders()

    def with_holders(self) -> "Records":
        """Frequencies of contact points and ids counted over the distinct names that hold them."""
        names = self.names
        width = max(len(names.family.values), 1) + 1
        holder = (names.given.codes[:, 0].astype(np.int64) + 1) * width + names.family.codes[:, 0] + 1
        holder = np.where(holder == 0, NAMELESS, groups(holder)[0].astype(np.int64) + 1)
        return replace(
            self,
            emails=replace(
                self.emails, key=self.emails.key.by_holders(holder), local=self.emails.local.by_holders(holder)
            ),
            phone=self.phone.by_holders(holder),
            ids={name: entry.by_holders(holder) for name, entry in self.ids.items()},
            addresses=replace(self.addresses, line=self.addresses.line.by_holders(holder)),
        )

    def _rows(self, rows: Longs) -> "Records":
        return replace(
            self,
            size=len(rows),
            names=_take(self.names, rows),
            birth=_take(self.birth, rows),
            emails=_take(self.emails, rows),
            phone=self.phone.take(rows),
            ids={name: entry.take(rows) for name, entry in self.ids.items()},
            addresses=_take(self.addresses, rows),
            gender=self.gender.take(rows),
            company=self.company.take(rows),
            attributes={name: entry.take(rows) for name, entry in self.attributes.items()},
            bare=self.bare[rows],
        )


_Group = TypeVar("_Group", Names, Birth, Emails, Addresses)


def _take(group: _Group, rows: Longs) -> _Group:
    parts: dict[str, Any] = {}
    for field in fields(group):
        value = getattr(group, field.name)
        parts[field.name] = value.take(rows) if isinstance(value, Column) else value[rows]
    return replace(group, **parts)


def column(codes: Ints, values: Words | tuple[str, ...]) -> Column:
    """A column of which the frequencies are those of its codes."""
    return Column(codes, values if isinstance(values, Words) else Words(values))


def empty_column(size: int) -> Column:
    """A column without values."""
    return Column(np.full((size, 1), MISSING), Words(()))
