"""Blocking keys: what two records may have in common to be worth comparing.

A key matrix is int64 [records, slots], -1 where a part is missing. Every recipe here is general: which of
them a data set can use, and how far each may go, follows from its fill and its counts (`blocking.py`).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from identity.matching.records import Column, Ints, Longs, Records
from identity.standard.nicknames import phonetic_key

KEY_SLOTS = 6
NONE = np.int64(-1)


@dataclass(frozen=True)
class Atom:
    """Codes of one part; atoms of one `group` are aligned slot by slot."""

    group: str
    codes: Longs


@dataclass(frozen=True)
class Rule:
    """A blocking rule: its name and its key matrix."""

    name: str
    keys: Longs


def mixed(one: Longs, other: Longs) -> Longs:
    """A well-spread non-negative hash of two codes; -1 where either is missing."""
    with np.errstate(over="ignore"):
        value = one.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + other.astype(np.uint64)
        value ^= value >> np.uint64(31)
        value *= np.uint64(0xBF58476D1CE4E5B9)
        value ^= value >> np.uint64(29)
    found = (value >> np.uint64(1)).astype(np.int64)
    return np.where((one < 0) | (other < 0), NONE, found)


def combined(*atoms: Atom) -> Longs:
    """Key matrix of several atoms: aligned inside a group, every pairing between groups."""
    groups: dict[str, Longs] = {}
    for number, atom in enumerate(atoms):
        keys = mixed(np.where(atom.codes < 0, NONE, np.int64(number + 1)), atom.codes)
        groups[atom.group] = mixed(groups[atom.group], keys) if atom.group in groups else keys
    total: Longs | None = None
    for keys in groups.values():
        if total is None:
            total = keys
        else:
            columns = [mixed(total[:, a], keys[:, b]) for a in range(total.shape[1]) for b in range(keys.shape[1])]
            total = np.stack(columns[:KEY_SLOTS], axis=1)
    assert total is not None
    return total


def derived(values: Column, rule: Callable[[str], str]) -> Longs:
    """Codes of a function of the values (initial, sound, prefix); an empty result is missing."""
    numbers: dict[str, int] = {"": -1}
    of_code = np.array([numbers.setdefault(rule(value), len(numbers)) for value in values.values], dtype=np.int64)
    if not len(of_code):
        return values.codes.astype(np.int64)
    return np.where(values.codes >= 0, of_code[values.codes], NONE)


def _first(text: str) -> str:
    return text[:1]


def _prefix(length: int) -> Callable[[str], str]:
    return lambda text: text[:length] if len(text) >= min(length, 2) else ""


def _tail(text: str) -> str:
    return text[-4:] if len(text) >= 6 else ""


class Atoms:
    """The atoms of a set of records, each made once."""

    def __init__(self, records: Records) -> None:
        names, addresses, birth = records.names, records.addresses, records.birth
        self.given = Atom("name", names.given.codes.astype(np.int64))
        self.family = Atom("name", names.family.codes.astype(np.int64))
        self.middle = Atom("name", names.middle.codes.astype(np.int64))
        self.given_initial = Atom("name", derived(names.given, _first))
        self.family_initial = Atom("name", derived(names.family, _first))
        self.given_sound = Atom("name", derived(names.given, phonetic_key))
        self.family_sound = Atom("name", derived(names.family, phonetic_key))
        self.given_prefix = Atom("name", derived(names.given, _prefix(3)))
        self.family_prefix = Atom("name", derived(names.family, _prefix(4)))
        self.given_start = Atom("name", derived(names.given, _prefix(2)))
        self.family_start = Atom("name", derived(names.family, _prefix(2)))
        self.single = Atom("single", _any_name(names.given.codes, names.family.codes))
        self.street_prefix = Atom("address", derived(addresses.street, _prefix(4)))
        self.both_names = Atom("name", _unordered(names.given.codes, names.family.codes))
        self.date = Atom("birth", birth.date.codes.astype(np.int64))
        self.year = Atom("birth", _positive(birth.year))
        self.month_day = Atom("birth", _positive(np.where(birth.month > 0, birth.month * 100 + birth.day, -1)))
        self.line = Atom("address", addresses.line.codes.astype(np.int64))
        self.house = Atom("address", addresses.house.codes.astype(np.int64))
        self.street = Atom("address", addresses.street.codes.astype(np.int64))
        self.postal = Atom("address", addresses.postal.codes.astype(np.int64))
        self.city = Atom("address", addresses.city.codes.astype(np.int64))
        self.email = Atom("email", records.emails.key.codes.astype(np.int64))
        self.local = Atom("email", records.emails.local.codes.astype(np.int64))
        self.phone = Atom("phone", records.phone.codes.astype(np.int64))
        self.company = Atom("company", records.company.codes.astype(np.int64))
        self.ids = {name: Atom(name, column.codes.astype(np.int64)) for name, column in records.ids.items()}
        self.id_tails = {name: Atom(name, derived(column, _tail)) for name, column in records.ids.items()}
        self.attributes = {
            name: Atom(name, column.codes.astype(np.int64)) for name, column in records.attributes.items()
        }


def _positive(values: Ints) -> Longs:
    return np.where(values > 0, values, -1).astype(np.int64).reshape(-1, 1)


def _any_name(given: Ints, family: Ints) -> Longs:
    """Every name of the records that know only one name, and the family names of the others to meet them.

    [records, 1]: the single name, or the family name.
    """
    alone = np.where(family[:, :1] >= 0, family[:, :1], given[:, :1])
    return alone.astype(np.int64)


def _unordered(one: Ints, other: Ints) -> Longs:
    low, high = np.minimum(one, other).astype(np.int64), np.maximum(one, other).astype(np.int64)
    return mixed(low, high)


def rules_of(atoms: Atoms) -> list[Rule]:
    """All rules, the most telling first: an earlier rule spends the budget before a later one."""
    a = atoms
    recipes: list[tuple[str, tuple[Atom, ...]]] = [
        *((name, (atom,)) for name, atom in a.ids.items()),
        ("email", (a.email,)),
        ("phone", (a.phone,)),
        ("given and family name, either order", (a.both_names,)),
        ("family name, birth date", (a.family, a.date)),
        ("given name, birth date", (a.given, a.date)),
        ("house, street, city", (a.line, a.city)),
        ("house, street, postcode", (a.line, a.postal)),
        ("family name, postcode", (a.family, a.postal)),
        ("given name, postcode", (a.given, a.postal)),
        ("given name, house, street", (a.given, a.line)),
        ("family name, street", (a.family, a.street)),
        ("given name, street", (a.given, a.street)),
        ("sound of both names", (a.given_sound, a.family_sound)),
        ("local part of e-mail", (a.local,)),
        *((f"end of {name}, given name", (atom, a.given)) for name, atom in a.id_tails.items()),
        *((f"end of {name}, family name", (atom, a.family)) for name, atom in a.id_tails.items()),
        ("birth date, postcode", (a.date, a.postal)),
        ("birth date, city", (a.date, a.city)),
        ("birth date, initials", (a.date, a.given_initial, a.family_initial)),
        ("family name, city, initial", (a.family, a.city, a.given_initial)),
        ("given name, city, initial", (a.given, a.city, a.family_initial)),
        ("house, postcode, initial", (a.house, a.postal, a.given_initial)),
        ("family name, birth year", (a.family, a.year)),
        ("given name, birth year", (a.given, a.year)),
        ("beginning of both names", (a.given_prefix, a.family_prefix)),
        *((f"birth date, {name}", (a.date, atom)) for name, atom in a.attributes.items()),
        *((f"family name, {name}", (a.family, atom)) for name, atom in a.attributes.items()),
        *((f"given name, {name}", (a.given, atom)) for name, atom in a.attributes.items()),
        ("family name, company", (a.family, a.company)),
        ("given name, company", (a.given, a.company)),
        ("birth date", (a.date,)),
        ("family name, month and day of birth", (a.family, a.month_day)),
        ("given name, middle name, initial", (a.given, a.middle, a.family_initial)),
        ("postcode, initials", (a.postal, a.given_initial, a.family_initial)),
        ("street, initial", (a.street, a.given_initial)),
        ("family name, initial", (a.family, a.given_initial)),
        ("house, street", (a.line,)),
        ("sound of family name, birth date", (a.family_sound, a.month_day)),
        ("sound of given name, birth date", (a.given_sound, a.month_day)),
        ("sound of family name, postcode", (a.family_sound, a.postal)),
        ("sound of family name, city", (a.family_sound, a.city)),
        *((f"sound of family name, {name}", (a.family_sound, atom)) for name, atom in a.attributes.items()),
        ("beginning of street, house, city", (a.street_prefix, a.house, a.city)),
        ("single name", (a.single,)),
        ("postcode, birth year", (a.postal, a.year)),
        ("city, birth year", (a.city, a.year)),
        ("postcode", (a.postal,)),
        ("city, beginning of family name", (a.city, a.family_prefix)),
        ("beginnings of names, birth year", (a.given_start, a.family_start, a.year)),
        *((f"postcode, {name}", (a.postal, atom)) for name, atom in a.attributes.items()),
        *((f"birth year, {name}", (a.year, atom)) for name, atom in a.attributes.items()),
        ("family name", (a.family,)),
        ("city, initial", (a.city, a.given_initial)),
        ("given name", (a.given,)),
    ]
    rules = (Rule(name, combined(*parts)) for name, parts in recipes)
    return [rule for rule in rules if bool((rule.keys >= 0).any())]


def refinements(atoms: Atoms) -> list[Longs]:
    """Single columns by which an oversized block is split, in turn."""
    parts = (
        atoms.given_initial, atoms.year, atoms.family_initial, atoms.postal,
        atoms.given, atoms.family, atoms.street, atoms.city,
    )  # fmt: skip
    return [part.codes[:, 0] for part in parts]
