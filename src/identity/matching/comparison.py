"""Which comparisons a set of records allows, and the vector of levels of each pair."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from identity.matching import levels as lv
from identity.matching.compare_address import compare_addresses
from identity.matching.compare_contacts import (
    compare_emails,
    compare_values,
    judge_identifier,
    judge_phone,
    judge_same,
    judge_text,
)
from identity.matching.compare_dates import compare_birth
from identity.matching.compare_names import compare_names
from identity.matching.records import Column, Floats, Ints, Levels, Longs, Records

NAME_FIELDS = ("given_name", "middle_name", "family_name", "suffix", "whole_name")


@dataclass(frozen=True)
class Field:
    """One comparison: its name, its levels and the kind under which the prior model knows it."""

    name: str
    kind: str
    levels: type[IntEnum]

    @property
    def bits(self) -> int:
        """Width in the packed vector."""
        return max(len(self.levels) - 1, 1).bit_length()


@dataclass(frozen=True)
class Vectors:
    """Levels and frequencies [fields, pairs]; a frequency of 0 means that none adjusts the weight."""

    levels: Levels
    shares: Floats

    def __len__(self) -> int:
        return int(self.levels.shape[1])


def fields_of(records: Records) -> tuple[Field, ...]:
    """The comparisons for which at least one record has a value, in a fixed order."""
    return tuple(field for column, field in _known(records) if _has_values(records, column, field.name))


def fields_named(records: Records, names: Iterable[str]) -> tuple[Field, ...]:
    """The comparisons of a model, whatever the records hold; KeyError for an id or attribute that they do not know."""
    known = {field.name: field for _, field in _known(records)}
    return tuple(known[name] for name in names)


def _known(records: Records) -> list[tuple[Column, Field]]:
    names = records.names
    return [
        (names.given, Field("given_name", "given_name", lv.Given)),
        (names.middle, Field("middle_name", "middle_name", lv.Middle)),
        (names.family, Field("family_name", "family_name", lv.Family)),
        (names.suffix, Field("suffix", "suffix", lv.Same)),
        (names.whole, Field("whole_name", "whole_name", lv.Whole)),
        (records.birth.date, Field("birth_date", "birth_date", lv.Birthday)),
        (records.emails.key, Field("email", "email", lv.Email)),
        (records.phone, Field("phone", "phone", lv.Phone)),
        *((column, Field(name, "identifier", lv.Identifier)) for name, column in sorted(records.ids.items())),
        (records.addresses.line, Field("address", "address", lv.Address)),
        (records.gender, Field("gender", "gender", lv.Same)),
        (records.company, Field("company", "company", lv.Text)),
        *(
            (column, Field(f"attribute.{name}", "attribute", lv.Text))
            for name, column in sorted(records.attributes.items())
        ),
    ]


def _has_values(records: Records, column: Column, name: str) -> bool:
    if name == "birth_date":
        return bool((records.birth.year > 0).any())
    if name == "address":
        parts = records.addresses
        return any(bool((part.codes >= 0).any()) for part in (parts.street, parts.postal, parts.city))
    return bool((column.codes >= 0).any())


def compare(records: Records, fields: tuple[Field, ...], left: Ints, right: Ints) -> Vectors:
    """The vector of each pair (left[k], right[k]); the order of a pair does not matter."""
    found: dict[str, tuple[Levels, Floats]] = {}
    by_name = {field.name: field for field in fields}
    if by_name.keys() & set(NAME_FIELDS):
        named = compare_names(records, left, right)
        nothing = np.zeros(len(left), dtype=np.float32)
        found |= {
            "given_name": (named.given, named.given_share),
            "middle_name": (named.middle, named.middle_share),
            "family_name": (named.family, named.family_share),
            "suffix": (named.suffix, nothing),
            "whole_name": (named.whole, nothing),
        }
    for name, comparison in _COMPARISONS.items():
        if name in by_name:
            found[name] = comparison(records, left, right)
    for name, column in records.ids.items():
        if name in by_name:
            found[name] = compare_values(column, left, right, judge_identifier)
    for name, column in records.attributes.items():
        if f"attribute.{name}" in by_name:
            found[f"attribute.{name}"] = compare_values(column, left, right, judge_text)
    if {"gender", "given_name"} <= found.keys():
        _imply_gender(found)
    levels = np.stack([found[field.name][0] for field in fields]) if fields else np.zeros((0, len(left)), np.uint8)
    shares = np.stack([found[field.name][1] for field in fields]) if fields else np.zeros((0, len(left)), np.float32)
    return Vectors(levels, shares)


_COMPARISONS: dict[str, Callable[[Records, Ints, Ints], tuple[Levels, Floats]]] = {
    "birth_date": lambda records, left, right: compare_birth(records.birth, left, right),
    "email": lambda records, left, right: compare_emails(records.emails, left, right),
    "phone": lambda records, left, right: compare_values(records.phone, left, right, judge_phone),
    "address": lambda records, left, right: compare_addresses(records.addresses, left, right),
    "gender": lambda records, left, right: compare_values(records.gender, left, right, judge_same, rare=()),
    "company": lambda records, left, right: compare_values(records.company, left, right, judge_text),
}


def _imply_gender(found: dict[str, tuple[Levels, Floats]]) -> None:
    """A given name that agrees says the gender: agreement on it is no further evidence."""
    given = found["given_name"][0]
    gender, share = found["gender"]
    agrees = (given > lv.Given.MISSING) & (given < lv.Given.INITIAL)
    implied = np.where(agrees & (gender == lv.Same.EXACT), lv.Same.IMPLIED, gender).astype(np.uint8)
    found["gender"] = (implied, share)


def shifts(fields: tuple[Field, ...]) -> tuple[int, ...]:
    """Bit offset of each field in the packed vector."""
    offsets = np.cumsum([0, *(field.bits for field in fields)])
    return tuple(int(offset) for offset in offsets[:-1])


def pack(fields: tuple[Field, ...], levels: Levels) -> Longs:
    """One int64 per pair."""
    packed = np.zeros(levels.shape[1], dtype=np.int64)
    for row, shift in zip(levels, shifts(fields), strict=True):
        packed |= row.astype(np.int64) << shift
    return packed


def unpack(fields: tuple[Field, ...], packed: Longs) -> NDArray[np.uint8]:
    """Levels [fields, vectors] of packed vectors."""
    rows = [(packed >> shift) & ((1 << field.bits) - 1) for field, shift in zip(fields, shifts(fields), strict=True)]
    return np.array(rows, dtype=np.uint8).reshape(len(fields), len(packed))
