"""Addresses as one comparison: house number, street, unit, postcode and city depend on each other and count once."""

from functools import cache

import numpy as np

from identity.matching.compare_contacts import best_pairing
from identity.matching.levels import Address
from identity.matching.records import Addresses, Bools, Column, Floats, Ints, Levels
from identity.matching.similarity import (
    Judge,
    Sieve,
    among,
    by_distinct,
    edits,
    equal_or_not,
    glance,
    jaro_winkler,
    may_be_alike,
    may_be_edits,
    may_begin,
    texts,
)
from identity.matching.words import Words

_ABSENT, _EQUAL, _NEAR, _OTHER = 0, 1, 2, 3


def compare_addresses(addresses: Addresses, left: Ints, right: Ints) -> tuple[Levels, Floats]:
    """Best pairing of the addresses; the frequency is that of the finest part that agrees exactly."""

    def slot_pair(a: Ints, b: Ints, one: int, other: int) -> tuple[Levels, Floats]:
        return _one_pairing(addresses, a, b, one, other)

    return best_pairing(addresses.filled, left, right, slot_pair)


def _graded(part: Column, x: Ints, y: Ints, judge: Judge) -> Levels:
    """Absent, equal, near or other."""
    out, rows = equal_or_not(x, y)
    if len(rows):
        out[rows] = by_distinct(part, x.take(rows), y.take(rows), judge, _SIEVES[judge], _OTHER)
    return out


def _near_text(values: Column, low: Ints, high: Ints) -> Levels:
    """Spelt alike, or sharing a long word that is not the last (that one is the kind of street)."""
    one, other = texts(values, low), texts(values, high)
    words = values.values
    similarity = jaro_winkler(one, other)
    alike = similarity >= 0.9
    rows = np.flatnonzero(~alike & (similarity > 0) & (np.minimum(words.lengths[low], words.lengths[high]) >= 6))
    alike[rows] = edits([one[row] for row in rows.tolist()], [other[row] for row in rows.tolist()], 2) <= 2
    sets = words.word_sets
    for row in np.flatnonzero(~alike & _may_share_word(words, low, high)).tolist():
        alike[row] = not sets[low[row]].isdisjoint(sets[high[row]])
    return np.where(alike, _NEAR, _OTHER).astype(np.uint8)


def _near_code(values: Column, low: Ints, high: Ints) -> Levels:
    """One character typed wrong or swapped; one code the beginning of the other (ZIP+4)."""
    one, other = texts(values, low), texts(values, high)
    lengths = values.values.lengths
    near = edits(one, other, 1) == 1
    long_enough = np.minimum(lengths[low], lengths[high]) >= 5
    for row in np.flatnonzero((lengths[low] != lengths[high]) & long_enough).tolist():
        near[row] |= one[row].startswith(other[row]) or other[row].startswith(one[row])
    return np.where(near, _NEAR, _OTHER).astype(np.uint8)


def _may_share_word(words: Words, low: Ints, high: Ints) -> Bools:
    return np.asarray((words.word_masks[low] & words.word_masks[high]) != 0)


def _text_may_be_near(words: Words, low: Ints, high: Ints) -> Bools:
    seen = glance(words, low, high)
    near = may_be_alike(seen, 0.9) | may_be_edits(seen, 2)
    return np.asarray(near | _may_share_word(words, low, high))


def _code_may_be_near(words: Words, low: Ints, high: Ints) -> Bools:
    seen = glance(words, low, high)
    begins = (seen.a != seen.b) & (np.minimum(seen.a, seen.b) >= 5) & may_begin(seen)
    return np.asarray(begins | may_be_edits(seen, 1))


_SIEVES: dict[Judge, Sieve] = {_near_text: _text_may_be_near, _near_code: _code_may_be_near}


def _one_pairing(addresses: Addresses, left: Ints, right: Ints, one: int, other: int) -> tuple[Levels, Floats]:
    def sides(part: Column) -> tuple[Ints, Ints]:
        return part.at(left, one), part.at(right, other)

    street = _graded(addresses.street, *sides(addresses.street), _near_text)
    house = _graded(addresses.house, *sides(addresses.house), _near_code)
    postal = _graded(addresses.postal, *sides(addresses.postal), _near_code)
    city = _graded(addresses.city, *sides(addresses.city), _near_text)
    unit_a, unit_b = sides(addresses.unit)
    region_a, region_b = sides(addresses.region)
    other_unit = (unit_a >= 0) & (unit_b >= 0) & (unit_a != unit_b)
    same_region = (region_a >= 0) & (region_a == region_b)
    level = _level(street, house, postal, city, other_unit, same_region)
    share = np.zeros(len(left), dtype=np.float32)
    for part, exact in (
        (addresses.city, among(level, (Address.CITY, Address.CITY_OTHER_REST)) & (city == _EQUAL)),
        (addresses.postal, among(level, _BY_POSTCODE) & (postal == _EQUAL)),
        (addresses.street, among(level, _BY_STREET) & (street == _EQUAL)),
        (addresses.line, among(level, _BY_LINE) & (street == _EQUAL) & (house == _EQUAL)),
    ):
        rows = np.flatnonzero(exact)
        share[rows] = part.frequency[part.at(left[rows], one)]
    return level, share


_BY_POSTCODE = (Address.POSTCODE, Address.POSTCODE_OTHER_STREET, Address.HOUSE_AND_PLACE)
_BY_LINE = (Address.FULL, Address.OTHER_UNIT, Address.OTHER_PLACE)
_BY_STREET = (Address.HOUSE_NEAR, Address.STREET_AND_PLACE, Address.STREET, Address.OTHER_HOUSE)


def _level(street: Levels, house: Levels, postal: Levels, city: Levels, other_unit: Bools, region: Bools) -> Levels:
    """What agrees, looked up."""
    place = np.zeros(len(street), dtype=np.uint16)
    for number, part in enumerate((street, house, postal, city)):
        place |= part.astype(np.uint16) << np.uint16(2 * number)
    place |= other_unit.astype(np.uint16) << np.uint16(8)
    place |= region.astype(np.uint16) << np.uint16(9)
    return np.asarray(_every_level()[place])


@cache
def _every_level() -> Levels:
    """The level of every combination of what agrees."""
    place = np.arange(1 << 10)
    parts = [(place >> 2 * number & 3).astype(np.uint8) for number in range(4)]
    return _ruled((parts[0], parts[1], parts[2], parts[3]), (place >> 8 & 1) > 0, (place >> 9 & 1) > 0)


def _ruled(parts: tuple[Levels, Levels, Levels, Levels], other_unit: Bools, region: Bools) -> Levels:
    """The table of levels: what agrees, from the whole address down to the region."""
    street, house, postal, city = parts
    line = among(street, (_EQUAL, _NEAR))
    place_open = (postal == _ABSENT) & (city == _ABSENT)
    place = among(postal, (_EQUAL, _NEAR)) | among(city, (_EQUAL, _NEAR))
    nothing = place_open & (street == _ABSENT) & (house == _ABSENT)
    rules = [
        (nothing & ~region, Address.MISSING),
        (line & (house == _EQUAL) & (place | place_open) & other_unit, Address.OTHER_UNIT),
        (line & (house == _EQUAL) & (place | place_open), Address.FULL),
        (line & (house == _EQUAL), Address.OTHER_PLACE),
        (line & (house == _NEAR) & (place | place_open), Address.HOUSE_NEAR),
        (line & (house == _ABSENT) & place, Address.STREET_AND_PLACE),
        (line & (house == _ABSENT), Address.STREET),
        (line & (place | place_open), Address.OTHER_HOUSE),
        ((house == _EQUAL) & ((postal == _EQUAL) | ((street == _ABSENT) & place)), Address.HOUSE_AND_PLACE),
        ((postal == _EQUAL) & (street == _OTHER), Address.POSTCODE_OTHER_STREET),
        (postal == _EQUAL, Address.POSTCODE),
        (among(city, (_EQUAL, _NEAR)) & ((street == _OTHER) | (postal == _OTHER)), Address.CITY_OTHER_REST),
        (among(city, (_EQUAL, _NEAR)), Address.CITY),
        (postal == _NEAR, Address.POSTCODE_NEAR),
        (region, Address.REGION),
    ]
    return np.select([rule for rule, _ in rules], [found for _, found in rules], Address.DIFFERS).astype(np.uint8)
