"""What stays as it is between full runs: the model, how often values are held, and how records are blocked.

With frozen parameters a pair weighs the same whatever else is delivered, so that yesterday's scores are today's and
batches end as one delivery would. How often a value is held is kept under a keyed hash of the value, and only where
more than one record (of contact points: more than one name) held it: an unseen value is as one that nobody else has.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from identity.matching.blocking import EVERY_PAIR, Planned
from identity.matching.comparison import Field, fields_named
from identity.matching.model import Model
from identity.matching.records import NOBODY_ELSE, Addresses, Column, Emails, Floats, Names, Records, empty_column
from identity.matching.words import Words
from identity.runs.keyed import keyed_short_hashes

FORMAT = 2
"""Version of what is frozen; parameters of another version are estimated anew."""
MOST_PAIRS = 2_000_000
"""A set that was compared as a whole is blocked, and so estimated anew, once it has more pairs than this."""

MOST_GROWTH = 4
"""Times the records of the estimate beyond which parameters no longer hold: rules and caps that few records afford
would let many explode."""

Keys = NDArray[np.int64]


@dataclass(frozen=True)
class Shares:
    """How often the values of a field were held: `frequency` by sorted `keys`, `unseen` for all others.

    `held` values were counted.
    """

    keys: Keys
    frequency: Floats
    unseen: float
    held: int


@dataclass(frozen=True)
class Frozen:
    """Everything but the records that the weight of a pair, and whether it is looked at, depend on.

    `ids` and `attributes` are those compared, `shares` belong to the columns of `columns`; `secret` keys the hashes.
    `since` is the generation whose run estimated them, on so many `records` (repeats counted).
    """

    model: Model
    plan: tuple[Planned, ...]
    ids: tuple[str, ...]
    attributes: tuple[str, ...]
    shares: Mapping[str, Shares]
    secret: bytes
    since: int
    records: int

    def fields(self, records: Records) -> tuple[Field, ...]:
        """The comparisons."""
        return fields_named(records, (field.name for field in self.model.fields))

    def is_current(self, records: Records) -> bool:
        """Whether the program still tells the same levels apart."""
        fields = zip(self.fields(records), self.model.fields, strict=True)
        return all(tuple(level.name.lower() for level in field.levels) == known.labels for field, known in fields)

    @property
    def is_whole(self) -> bool:
        """Whether every pair is looked at, since there are few."""
        return any(planned.name == EVERY_PAIR for planned in self.plan)

    def outgrown(self, records: int) -> bool:
        """Whether there are too many records for rules and caps that were chosen for fewer."""
        if self.is_whole:
            return records * (records - 1) // 2 > MOST_PAIRS
        return records > MOST_GROWTH * self.records


def columns(records: Records) -> Iterator[tuple[str, Column]]:
    """All columns by name, in a fixed order."""
    for group in (records.names, records.emails, records.addresses):
        for entry in fields(group):
            value = getattr(group, entry.name)
            if isinstance(value, Column):
                yield f"{type(group).__name__.lower()}.{entry.name}", value
    yield "birth.date", records.birth.date
    for name in ("phone", "gender", "company"):
        yield name, getattr(records, name)
    yield from ((f"id.{name}", column) for name, column in records.ids.items())
    yield from ((f"attribute.{name}", column) for name, column in records.attributes.items())


def with_columns(records: Records, changed: Mapping[str, Column]) -> Records:
    """Records with other columns in place of those of the same names."""

    def of(prefix: str, names: Iterable[str]) -> dict[str, Any]:
        return {name: changed[f"{prefix}.{name}"] for name in names if f"{prefix}.{name}" in changed}

    def grown(group: Names | Emails | Addresses) -> Any:
        found = of(type(group).__name__.lower(), (entry.name for entry in fields(group)))
        return replace(group, **found)

    single: dict[str, Any] = {name: changed[name] for name in ("phone", "gender", "company") if name in changed}
    return replace(
        records,
        names=grown(records.names),
        emails=grown(records.emails),
        addresses=grown(records.addresses),
        birth=replace(records.birth, date=changed.get("birth.date", records.birth.date)),
        ids={**records.ids, **of("id", records.ids)},
        attributes={**records.attributes, **of("attribute", records.attributes)},
        **single,
    )


def term_keys(words: Words, secret: bytes) -> Keys:
    """The keyed hash of each text: 64 bits that tell nobody the text."""
    return np.frombuffer(keyed_short_hashes(secret, words.array.to_pylist()), dtype="<i8").astype(np.int64)


def freeze(records: Records, secret: bytes) -> dict[str, Shares]:
    """How often the values of all columns are held, as it stands in their frequencies."""
    return {
        name: _shares(column, secret, by_names=name in _BY_NAMES or name.startswith("id."))
        for name, column in columns(records)
    }


_BY_NAMES = {"emails.key", "emails.local", "phone", "addresses.line"}
"""Columns whose frequencies count other names, not records (`Records.with_holders`)."""


def _shares(column: Column, secret: bytes, *, by_names: bool) -> Shares:
    filled = max(int((column.codes[:, 0] >= 0).sum()), 1)
    unseen = np.float32(NOBODY_ELSE if by_names else 1 / filled)
    often = np.flatnonzero(column.frequency > unseen)
    keys = term_keys(Words(column.values.array.take(often)), secret)
    order = np.argsort(keys)
    return Shares(keys[order], column.frequency[often][order], float(unseen), column.held)


def with_least(records: Records, shares: Mapping[str, Shares]) -> Records:
    """Records with the frequency of the unseen for texts that no record holds in a column, though others do."""
    changed = {
        name: replace(column, counted=np.maximum(column.frequency, np.float32(shares[name].unseen)))
        for name, column in columns(records)
    }
    return with_columns(records, changed)


def frequencies(shares: Shares, keys: Keys) -> Floats:
    """The frequency of each value, by its keyed hash."""
    found = np.full(len(keys), shares.unseen, dtype=np.float32)
    if len(shares.keys) and len(keys):
        place = np.minimum(np.searchsorted(shares.keys, keys), len(shares.keys) - 1)
        known = shares.keys[place] == keys
        found[known] = shares.frequency[place[known]]
    return found


def with_frozen(records: Records, frozen: Frozen) -> Records:
    """The records with the ids and attributes that are compared, and frozen frequencies."""
    chosen = replace(
        records,
        ids={name: records.ids.get(name) or empty_column(records.size) for name in frozen.ids},
        attributes={name: records.attributes.get(name) or empty_column(records.size) for name in frozen.attributes},
    )
    known: dict[int, Keys] = {}
    changed = {}
    for name, column in columns(chosen):
        shares = frozen.shares[name]
        if id(column.values) not in known:
            known[id(column.values)] = term_keys(column.values, frozen.secret)
        found = frequencies(shares, known[id(column.values)])
        changed[name] = replace(column, counted=found, counted_values=shares.held)
    return with_columns(chosen, changed)
