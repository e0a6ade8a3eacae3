"""Folds repeats of one record into one: equal in everything compared, and enough of it to say that."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from identity.matching.records import Bools, Column, Longs, Records

Unsigned = NDArray[np.uint64]


def fold_repeats(records: Records) -> tuple[Longs, Longs]:
    """(first record of each distinct one, distinct one of each record).

    Records that are equal in every compared field are one, but only where that is enough to say they are
    the same person: an e-mail or strong id, or a given name with a phone or a full address. Two records with
    nothing but one name stay two.
    """
    one, other = _hashes(records)
    alone = ~_identifying(records)
    one[alone] = np.flatnonzero(alone).astype(np.uint64)
    other[alone] = np.uint64(0)
    label = _labels(one ^ (other * np.uint64(0x9E3779B97F4A7C15)))
    first = _firsts(label)
    mistaken = np.flatnonzero(other != other[first[label]])
    if len(mistaken):  # two different rows with one hash: practically never, and then they stay apart
        label[mistaken] = label.max() + 1 + np.arange(len(mistaken))
        label = _labels(label)
        first = _firsts(label)
    return first, label


def _labels(keys: Unsigned | Longs) -> Longs:
    """Number of each key in order of first appearance."""
    return np.asarray(pd.factorize(keys)[0], dtype=np.int64)


def _firsts(label: Longs) -> Longs:
    """First place of each label."""
    highest = np.maximum.accumulate(label)
    return np.flatnonzero(np.r_[True, highest[1:] > highest[:-1]][: len(label)])


def _columns(records: Records) -> list[Column]:
    names, addresses = records.names, records.addresses
    return [
        names.given, names.middle, names.family, names.suffix,
        addresses.house, addresses.street, addresses.unit, addresses.postal, addresses.city, addresses.region,
        records.emails.key, records.phone, records.gender, records.company,
        *records.ids.values(), *records.attributes.values(),
    ]  # fmt: skip


def _hashes(records: Records) -> tuple[Unsigned, Unsigned]:
    """Two independent 64-bit hashes of each record: equal ones and, for all practical purposes, no others agree."""
    one = np.full(records.size, 0x9E3779B97F4A7C15, dtype=np.uint64)
    other = np.full(records.size, 0xC2B2AE3D27D4EB4F, dtype=np.uint64)
    birth = records.birth
    slots = [column.codes[:, slot] for column in _columns(records) for slot in range(column.slots)]
    for values in (*slots, birth.year, birth.month, birth.day):
        value = values.astype(np.int64).view(np.uint64)
        one ^= value
        one *= np.uint64(0xBF58476D1CE4E5B9)
        one ^= one >> np.uint64(29)
        other += value
        other *= np.uint64(0x94D049BB133111EB)
        other ^= other >> np.uint64(31)
    return one, other


def _identifying(records: Records) -> Bools:
    """Whether a record holds enough that an equal one is the same person."""

    def has(column: Column) -> Bools:
        return np.asarray(column.codes[:, 0] >= 0)

    named = has(records.names.given) & has(records.names.family)
    strong = has(records.emails.key)
    for column in records.ids.values():
        strong |= has(column)
    born = (records.birth.day > 0) & named
    return strong | (named & (has(records.phone) | has(records.addresses.line))) | born
