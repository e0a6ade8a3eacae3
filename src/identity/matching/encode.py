"""From the tables of standardise to codes: strings are read once, pairs carry integers only."""

from collections.abc import Sequence
from dataclasses import fields
from itertools import pairwise
from operator import contains

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from rapidfuzz.distance import JaroWinkler

from identity.matching.grouping import groups
from identity.matching.parallel import side_by_side
from identity.matching.records import (
    MISSING,
    Addresses,
    Birth,
    Bools,
    Column,
    Emails,
    Ints,
    Longs,
    Names,
    Records,
    column,
    empty_column,
)
from identity.matching.words import Words
from identity.standard.nicknames import same_person_names

NAME_SLOTS = 3
CONTACT_SLOTS = 4
ADDRESS_SLOTS = 3
MAX_TYPES = 6
"""Most identifier types and most attributes that are compared: the most filled ones (the packed vector is 63 bits)."""


def coded(
    size: int,
    facts: pa.Table,
    names: pa.Table,
    identifiers: pa.Table,
    addresses: pa.Table,
    attributes: pa.Table,
    threads: int = 1,
) -> Records:
    """Encode the results of `sql/link/{facts,names,identifiers,addresses,attributes}.sql`, each ordered by record.

    All frequencies are counted over records: for those who take a part of them, or let count `with_holders`.
    """
    by_type, (coded_names, guests), places, by_name, birth, gender, company = side_by_side(
        (
            lambda: _by_type(size, identifiers, "id_type"),
            lambda: without_guests(_names(size, names)),
            lambda: _addresses(size, addresses),
            lambda: _by_type(size, attributes, "name"),
            lambda: _birth(facts),
            lambda: _single(facts["gender"]),
            lambda: _single(facts["company"]),
        ),
        threads,
    )
    bare = _holds_nothing(birth, [*by_type.values(), *by_name.values(), *_parts(places), company])
    emails = by_type.pop("email", empty_column(size))
    phone = by_type.pop("phone", empty_column(size))
    return Records(
        size=size,
        names=coded_names,
        birth=birth,
        emails=_emails(emails, coded_names),
        phone=phone,
        ids=_most_filled(by_type),
        addresses=_primary_only(places, guests),
        gender=gender,
        company=company,
        attributes=_most_filled(by_name),
        bare=bare,
    )


def _parts(group: Names | Addresses) -> list[Column]:
    return [getattr(group, field.name) for field in fields(group)]


def _holds_nothing(birth: Birth, columns: Sequence[Column]) -> Bools:
    """Records without a birth date and without a value in any of the columns."""
    told = birth.year > 0
    for values in columns:
        told = told | (values.codes >= 0).any(axis=1)
    return np.asarray(~told)


def slots_of(records: Longs, limit: int) -> Longs:
    """Position of each row among the rows of its record (rows ordered by record); rows from `limit` on give -1."""
    slot = np.zeros(len(records), np.int64)
    begins = np.r_[True, records[1:] != records[:-1]]
    further = np.flatnonzero(~begins[: len(records)])
    if len(further):
        firsts = np.flatnonzero(begins)
        position = further - firsts[np.searchsorted(firsts, further) - 1]
        slot[further] = np.where(position < limit, position, -1)
    return slot


def _codes(values: pa.ChunkedArray) -> tuple[Ints, Words]:
    """int32 code per row in order of first appearance, -1 for null, and the text of each code."""
    array = values.combine_chunks() if values.num_chunks else pa.array([], pa.string())
    if isinstance(array, pa.ChunkedArray):
        array = pa.concat_arrays(array.chunks) if array.num_chunks else pa.array([], pa.string())
    encoded = array.cast(pa.string()).dictionary_encode()
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)
    return codes, Words(encoded.dictionary)


def _spread(size: int, records: Longs, slots: Longs, codes: Ints, width: int) -> Ints:
    out = np.full((size, max(width, 1)), MISSING)
    place = records * out.shape[1] + slots
    if slots.min(initial=0) < 0:
        keep = slots >= 0
        place, codes = place[keep], codes[keep]
    out.reshape(-1)[place] = codes
    return out


def _single(values: pa.ChunkedArray) -> Column:
    codes, texts = _codes(values)
    return column(codes.reshape(-1, 1), texts)


def _records_of(table: pa.Table) -> Longs:
    return np.asarray(table["record"].to_numpy(), dtype=np.int64)


def _aligned(size: int, table: pa.Table, columns: Sequence[str], limit: int) -> dict[str, Column]:
    """Columns whose values of one row stay in one slot."""
    records = _records_of(table)
    slots = slots_of(records, limit)
    width = int(slots.max(initial=0)) + 1
    found = {}
    for name in columns:
        codes, texts = _codes(table[name])
        found[name] = column(_spread(size, records, slots, codes, width), texts)
    return found


def _names(size: int, table: pa.Table) -> Names:
    """Given, middle and family names share one vocabulary, so that swapped parts are equal codes."""
    records = _records_of(table)
    slots = slots_of(records, NAME_SLOTS)
    width = int(slots.max(initial=0)) + 1
    parts = ("given_key", "middle_key", "family_key")
    codes, words = _codes(pa.chunked_array([chunk for part in parts for chunk in table[part].chunks], pa.string()))
    given, middle, family = (
        column(_spread(size, records, slots, part, width), words) for part in np.split(codes, len(parts))
    )
    suffix = _aligned(size, table, ("suffix",), NAME_SLOTS)["suffix"]
    return Names(given, middle, family, suffix, _together(given, family))


def without_guests(names: Names) -> tuple[Names, Bools]:
    """Drop the names of other people that stand on a record, such as the recipient of a gift.

    A further name stays when it shares a word (or a nickname) with the first, or is of another script.
    Returns the names and the records that lost one.
    """
    pool = names.given.values
    guests = np.zeros(names.given.codes.shape, dtype=bool)
    for slot in range(1, names.given.slots):
        given, family = names.given.codes[:, [0, slot]], names.family.codes[:, [0, slot]]
        for row in np.flatnonzero((given[:, 1] >= 0) & (family[:, 1] >= 0) & (given[:, 0] >= 0) & (family[:, 0] >= 0)):
            first, further = ([pool[part[row, side]] for part in (given, family)] for side in (0, 1))
            guests[row, slot] = not _same_person_named(first, further)
    lost = np.asarray(guests.any(axis=1))
    if not lost.any():
        return names, lost
    kept = (
        column(np.where(guests, MISSING, part.codes), part.values)
        for part in (names.given, names.middle, names.family, names.suffix, names.whole)
    )
    return Names(*kept), lost


def _same_person_named(first: list[str], further: list[str]) -> bool:
    """Whether two (given, family) names may be of one person: any part alike, in either place, or another script."""
    if "".join(first).isascii() != "".join(further).isascii():
        return True
    return any(
        same_person_names(a, b) or JaroWinkler.similarity(a, b) >= 0.85 or not set(a.split()).isdisjoint(b.split())
        for a in first
        for b in further
    )


def _primary_only(addresses: Addresses, rows: Bools) -> Addresses:
    """Keep only the first address of some records."""
    if not rows.any() or addresses.line.slots == 1:
        return addresses
    parts = {}
    for field in fields(addresses):
        part: Column = getattr(addresses, field.name)
        codes = part.codes.copy()
        codes[rows, 1:] = MISSING
        parts[field.name] = column(codes, part.values)
    return Addresses(**parts)


def _addresses(size: int, table: pa.Table) -> Addresses:
    parts = _aligned(
        size,
        table,
        ("house_number", "street_key", "unit", "postal_key", "city_key", "region"),
        ADDRESS_SLOTS,
    )
    return Addresses(
        line=_together(parts["house_number"], parts["street_key"]),
        house=parts["house_number"],
        street=parts["street_key"],
        unit=parts["unit"],
        postal=parts["postal_key"],
        city=parts["city_key"],
        region=parts["region"],
    )


def _together(one: Column, other: Column) -> Column:
    """A column whose values are the pairs of two aligned columns, where both have a value."""
    both = (one.codes >= 0) & (other.codes >= 0)
    width = max(len(other.values), 1)
    keys = one.codes[both].astype(np.int64) * width + other.codes[both]
    number, counts = groups(keys)
    distinct = np.empty(len(counts), dtype=np.int64)
    distinct[number] = keys
    codes = np.full(one.codes.shape, MISSING)
    codes[both] = number
    sides = (one.values.array.take(pa.array(distinct // width)), other.values.array.take(pa.array(distinct % width)))
    return column(codes, Words(pc.binary_join_element_wise(*sides, " ")))


def _by_type(size: int, table: pa.Table, type_column: str) -> dict[str, Column]:
    """One column per identifier type (or attribute); rows are ordered by type, then record, the best first.

    A record holds a value once: of equal ones the first counts.
    """
    types, names = _codes(table[type_column])
    records = _records_of(table)
    edges = np.flatnonzero(np.r_[True, types[1:] != types[:-1], True]) if len(types) else np.zeros(1, np.int64)
    found = {}
    for first, last in sorted(pairwise(edges.tolist()), key=lambda edge: names[int(types[edge[0]])]):
        codes, texts = _codes(table["value"].slice(first, last - first))
        of = records[first:last]
        stays = _not_repeated(of, codes)
        codes, of = codes[stays], of[stays]
        slots = slots_of(of, CONTACT_SLOTS)
        spread = _spread(size, of, slots, codes, int(slots.max(initial=0)) + 1)
        found[names[int(types[first])]] = column(spread, texts)
    return found


def _not_repeated(records: Longs, codes: Ints) -> Longs:
    """Rows but those of a record that has the code already (rows ordered by record)."""
    same = records[1:] == records[:-1]
    several = np.flatnonzero(np.r_[same, False] | np.r_[False, same])  # most records have one row
    keys = records[several] * (int(codes.max(initial=0)) + 2) + codes[several] + 1
    repeated = pd.Series(keys).duplicated().to_numpy()
    stays = np.ones(len(records), dtype=bool)
    stays[several[repeated]] = False
    return np.flatnonzero(stays)


def _most_filled(columns: dict[str, Column]) -> dict[str, Column]:
    ranked = sorted(columns, key=lambda name: (-int((columns[name].codes[:, 0] >= 0).sum()), name))[:MAX_TYPES]
    return {name: columns[name] for name in sorted(ranked)}


def _numbers(values: pa.ChunkedArray) -> Ints:
    return np.asarray(values.cast(pa.int32()).fill_null(-1).to_numpy(), dtype=np.int32)


def _birth(facts: pa.Table) -> Birth:
    year, month, day = (_numbers(facts[f"birth_{part}"]) for part in ("year", "month", "day"))
    whole = (year > 0) & (month > 0) & (day > 0)
    number = np.where(whole, year * 10000 + month * 100 + day, -1)
    distinct, inverse = np.unique(number[whole], return_inverse=True)
    codes = np.full(len(number), MISSING)
    codes[whole] = inverse.astype(np.int32)
    return Birth(year, month, day, column(codes.reshape(-1, 1), tuple(f"{value:08d}" for value in distinct.tolist())))


def _emails(key: Column, names: Names) -> Emails:
    of_key, locals_ = _codes(pa.chunked_array([key.values.locals.array]))
    local = column(np.where(key.codes >= 0, np.r_[of_key, MISSING][key.codes], MISSING).astype(np.int32), locals_)
    return Emails(key, local, _from_name(local, names))


def _from_name(local: Column, names: Names) -> Bools:
    """Whether a local part holds the given or the family name of its record (three letters or more)."""
    out = np.zeros(local.codes.shape, dtype=bool)
    joined = pc.replace_substring(names.given.values.array, " ", "")
    name_texts, local_texts = (np.array(texts.to_pylist(), object) for texts in (joined, local.values.array))
    lengths = names.given.values.lengths
    for slot in range(local.slots):
        codes = local.codes[:, slot]
        for part in (names.given, names.family):
            of = part.codes[:, 0]
            rows = np.flatnonzero((codes >= 0) & (of >= 0))
            rows = rows[lengths[of[rows]] >= 3]
            # the same local part and name often come again
            pair = codes[rows].astype(np.int64) * max(len(lengths), 1) + of[rows]
            inverse, distinct = pd.factorize(pair)
            longer, parts = np.divmod(distinct, max(len(lengths), 1))
            held = map(contains, local_texts[longer].tolist(), name_texts[parts].tolist())
            out[rows, slot] |= np.fromiter(held, np.bool_, len(distinct))[inverse]
    return out
