"""Blocking keys: what two records may have in common to be worth comparing.

A key is an int64, -1 where a part is missing. Every recipe here is general: which of them a data set can use,
and how far each may go, follows from its fill and its counts (`blocking.py`).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from identity.matching.records import MISSING, Ints, Longs, Records
from identity.matching.words import Words
from identity.standard.nicknames import phonetic_key

KEY_SLOTS = 6
NONE = np.int64(-1)


@dataclass(frozen=True)
class Atom:
    """Codes of one part [records, slots]; atoms of one `group` are aligned slot by slot."""

    group: str
    codes: Ints | Longs


@dataclass(frozen=True)
class Rule:
    """A blocking rule: its name and the parts that two records must have in common."""

    name: str
    atoms: tuple[Atom, ...]


@dataclass(frozen=True)
class Keys:
    """Keys of a rule: the `first` of each record, and `further` ones [rows, slots] of the few `rows` that have any."""

    first: Longs
    rows: Longs
    further: Longs


def mixed(one: Ints | Longs, other: Ints | Longs) -> Longs:
    """A well-spread non-negative hash of two codes; -1 where either is missing."""
    with np.errstate(over="ignore"):
        value = one.astype(np.uint64)
        value *= np.uint64(0x9E3779B97F4A7C15)
        value += other.astype(np.uint64)
        value ^= value >> np.uint64(31)
        value *= np.uint64(0xBF58476D1CE4E5B9)
        value ^= value >> np.uint64(29)
        value >>= np.uint64(1)
    found = value.view(np.int64)
    found[(one < 0) | (other < 0)] = NONE
    return found


def keys_of(atoms: tuple[Atom, ...]) -> Keys:
    """Keys of every record; several where an atom has several values."""
    first = _matrix([Atom(atom.group, atom.codes[:, :1]) for atom in atoms])[:, 0]
    several = np.zeros(len(first), dtype=bool)
    for codes in {id(atom.codes): atom.codes for atom in atoms}.values():
        for slot in range(1, codes.shape[1]):
            several |= codes[:, slot] >= 0
    rows = np.flatnonzero(several)
    further = _matrix([Atom(atom.group, atom.codes[rows]) for atom in atoms])[:, 1:]
    return Keys(first, rows, further)


def _matrix(atoms: list[Atom]) -> Longs:
    """Key matrix of several atoms: aligned inside a group, every pairing between groups."""
    groups: dict[str, Longs] = {}
    for atom in atoms:
        codes = atom.codes
        groups[atom.group] = mixed(groups[atom.group], codes) if atom.group in groups else codes.astype(np.int64)
    total: Longs | None = None
    for keys in groups.values():
        if total is None:
            total = keys
        else:
            columns = [mixed(total[:, a], keys[:, b]) for a in range(total.shape[1]) for b in range(keys.shape[1])]
            total = np.stack(columns[:KEY_SLOTS], axis=1)
    assert total is not None
    return total


def derived(words: Words, rule: Callable[[pa.StringArray], pa.StringArray]) -> Ints:
    """Code of a function of each value (initial, sound, prefix), -1 where its result is empty; one more for "none"."""
    found = rule(words.array)
    coded = pc.if_else(pc.equal(found, ""), pa.scalar(None, pa.string()), found).dictionary_encode()
    codes = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)
    return np.append(codes, MISSING)


def _prefix(length: int) -> Callable[[pa.StringArray], pa.StringArray]:
    """The beginning of texts that have at least two characters (or one where only one is asked for)."""

    def rule(texts: pa.StringArray) -> pa.StringArray:
        long_enough = pc.greater_equal(pc.utf8_length(texts), min(length, 2))
        return pc.if_else(long_enough, pc.utf8_slice_codeunits(texts, 0, length), "")

    return rule


def _tail(texts: pa.StringArray) -> pa.StringArray:
    """The last four characters of texts of six or more."""
    return pc.if_else(pc.greater_equal(pc.utf8_length(texts), 6), pc.utf8_slice_codeunits(texts, -4), "")


def _sound(texts: pa.StringArray) -> pa.StringArray:
    return pa.array([phonetic_key(text) for text in texts.to_pylist()], pa.string())


class Atoms:
    """The atoms of a set of records, each made once."""

    def __init__(self, records: Records) -> None:
        names, addresses, birth = records.names, records.addresses, records.birth
        given, family = names.given.codes, names.family.codes
        pool = names.given.values
        initial, sound, start = (derived(pool, rule) for rule in (_prefix(1), _sound, _prefix(2)))
        self.given = Atom("name", given)
        self.family = Atom("name", family)
        self.middle = Atom("name", names.middle.codes)
        self.given_initial = Atom("name", initial[given])
        self.family_initial = Atom("name", initial[family])
        self.given_sound = Atom("name", sound[given])
        self.family_sound = Atom("name", sound[family])
        self.given_prefix = Atom("name", derived(pool, _prefix(3))[given])
        self.family_prefix = Atom("name", derived(pool, _prefix(4))[family])
        self.given_start = Atom("name", start[given])
        self.family_start = Atom("name", start[family])
        self.single = Atom("single", np.where(family[:, :1] >= 0, family[:, :1], given[:, :1]))
        self.both_names = Atom("name", mixed(np.minimum(given, family), np.maximum(given, family)))
        self.street_prefix = Atom("address", derived(addresses.street.values, _prefix(4))[addresses.street.codes])
        self.date = Atom("birth", birth.date.codes)
        self.year = Atom("birth", _positive(birth.year))
        self.month_day = Atom("birth", _positive(np.where(birth.month > 0, birth.month * 100 + birth.day, -1)))
        self.line = Atom("address", addresses.line.codes)
        self.house = Atom("address", addresses.house.codes)
        self.street = Atom("address", addresses.street.codes)
        self.postal = Atom("address", addresses.postal.codes)
        self.city = Atom("address", addresses.city.codes)
        self.email = Atom("email", records.emails.key.codes)
        self.local = Atom("email", records.emails.local.codes)
        self.phone = Atom("phone", records.phone.codes)
        self.company = Atom("company", records.company.codes)
        self.ids = {name: Atom(name, column.codes) for name, column in records.ids.items()}
        self.id_tails = {
            name: Atom(name, derived(column.values, _tail)[column.codes]) for name, column in records.ids.items()
        }
        self.attributes = {name: Atom(name, column.codes) for name, column in records.attributes.items()}


def _positive(values: Ints) -> Ints:
    return np.where(values > 0, values, MISSING).reshape(-1, 1)


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
    known = {id(atom.codes): bool((atom.codes >= 0).any()) for _, parts in recipes for atom in parts}
    return [Rule(name, parts) for name, parts in recipes if all(known[id(atom.codes)] for atom in parts)]


def refinements(atoms: Atoms) -> list[Ints]:
    """Single columns by which an oversized block is split, in turn."""
    parts = (
        atoms.given_initial, atoms.year, atoms.family_initial, atoms.postal,
        atoms.given, atoms.family, atoms.street, atoms.city,
    )  # fmt: skip
    return [np.asarray(part.codes[:, 0], dtype=np.int32) for part in parts]
