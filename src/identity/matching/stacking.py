"""Encoded records beside others: a delivery put on top of what is kept, some rows, and those with their own texts only.

Frequencies stay what they are: with frozen parameters they do not depend on who else is there.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from identity.matching.frozen import Frozen, Keys, columns, frequencies, term_keys, with_columns
from identity.matching.records import MISSING, Birth, Column, Ints, Longs, Records
from identity.matching.words import Words


def rows_of(records: Records, rows: Longs) -> Records:
    """Records in a new order, each any number of times."""
    found: Records = _rows(records, rows)
    return replace(found, size=len(rows))


def _rows(value: Any, rows: Longs) -> Any:
    """Anything that holds columns or arrays by record, with these rows of them."""
    if isinstance(value, Column):
        return replace(value, codes=value.codes.take(rows, axis=0))
    if isinstance(value, np.ndarray):
        return value.take(rows, axis=0)
    if isinstance(value, Mapping):
        return {name: _rows(entry, rows) for name, entry in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{entry.name: _rows(getattr(value, entry.name), rows) for entry in fields(value)})
    return value


def compact(records: Records) -> Records:
    """The same records with no other texts than theirs, coded anew: what is asked of texts is asked of fewer."""
    sharing: dict[int, list[Column]] = {}
    for _, column in columns(records):
        sharing.setdefault(id(column.values), []).append(column)
    smaller = {key: _smaller(group) for key, group in sharing.items()}
    changed = {}
    for name, column in columns(records):
        used, words, code = smaller[id(column.values)]
        changed[name] = replace(
            column,
            codes=code[column.codes],
            values=words,
            counted=column.frequency[used],
            counted_values=column.held,
        )
    return with_columns(records, changed)


def _smaller(sharing: Iterable[Column]) -> tuple[Longs, Words, Ints]:
    """(codes that are used, their texts, new code of each code and, last, of none)."""
    group = list(sharing)
    held = np.zeros(len(group[0].values) + 1, dtype=bool)
    for column in group:
        held[column.codes.ravel()] = True
    used = np.flatnonzero(held[:-1])
    code = np.full(len(held), MISSING)
    code[used] = np.arange(len(used), dtype=np.int32)
    return used, Words(group[0].values.array.take(pa.array(used))), code


@dataclass
class Vocabulary:
    """Texts of two columns united: those of the first keep their codes."""

    frozen: Frozen
    united: dict[tuple[int, int], tuple[Words, Ints, Words]] = field(default_factory=dict)
    keys: dict[int, Keys] = field(default_factory=dict)

    def of(self, one: Words, other: Words) -> tuple[Words, Ints, Words]:
        """(all texts, code of each of the other's texts and, last, of none, the texts that the first lacks)."""
        place = id(one), id(other)
        if place not in self.united:
            self.united[place] = _united(one, other)
        return self.united[place]

    def frequencies(self, name: str, words: Words) -> Any:
        """Frozen frequencies of texts."""
        if id(words) not in self.keys:
            self.keys[id(words)] = term_keys(words, self.frozen.secret)
        return frequencies(self.frozen.shares[name], self.keys[id(words)])


def _united(one: Words, other: Words) -> tuple[Words, Ints, Words]:
    # the many are looked up among the few
    known = np.flatnonzero(pc.is_in(one.array, value_set=other.array).to_numpy(zero_copy_only=False))
    place = pc.index_in(other.array, value_set=one.array.take(pa.array(known)))
    place = place.fill_null(-1).to_numpy(zero_copy_only=False)
    lacking = np.flatnonzero(place < 0)
    code = np.full(len(other) + 1, MISSING)
    code[:-1] = np.r_[known, 0][place]
    code[lacking] = len(one) + np.arange(len(lacking), dtype=np.int32)
    fresh = Words(other.array.take(pa.array(lacking)))
    return Words(pa.concat_arrays([one.array, fresh.array])), code, fresh


def stacked(one: Records, other: Records, frozen: Frozen) -> Records:
    """The records of both, those of `other` last; of `one` all codes stay. Both hold what `frozen` compares."""
    vocabulary = Vocabulary(frozen)
    upper = dict(columns(other))
    changed = {}
    for name, column in columns(one):
        words, code, fresh = vocabulary.of(column.values, upper[name].values)
        changed[name] = Column(
            _on_top(column.codes, code[upper[name].codes], MISSING),
            words,
            np.concatenate([column.frequency, vocabulary.frequencies(name, fresh)]),
            column.held,
        )
    both = with_columns(one, changed)
    year, month, day = (
        np.concatenate([getattr(one.birth, part), getattr(other.birth, part)]) for part in ("year", "month", "day")
    )
    return replace(
        both,
        size=one.size + other.size,
        birth=Birth(year, month, day, both.birth.date),
        emails=replace(both.emails, from_name=_on_top(one.emails.from_name, other.emails.from_name, missing=False)),
        bare=np.concatenate([one.bare, other.bare]),
    )


def _on_top(one: Any, other: Any, missing: Any) -> Any:
    """Two [records, slots] arrays as one, as wide as the wider."""
    width = max(one.shape[1], other.shape[1])
    both = np.full((len(one) + len(other), width), missing, dtype=one.dtype)
    both[: len(one), : one.shape[1]] = one
    both[len(one) :, : other.shape[1]] = other
    return both
