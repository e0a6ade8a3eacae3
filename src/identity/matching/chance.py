"""How often levels agree by chance: closed form from value counts where a level is exact, else random pairs."""

from dataclasses import dataclass

import numpy as np

from identity.matching.comparison import Field, Vectors, compare
from identity.matching.model import Doubles
from identity.matching.parallel import in_order
from identity.matching.records import Column, Ints, Records

SAMPLE = 400_000
CHUNK = 100_000
"""Pairs that a thread compares at once."""
_SEED = 20_240_229


@dataclass(frozen=True)
class Chance:
    """Observed rates over all pairs with a value on both sides, matches among them.

    `rate` and `reference` are [fields, 16]; `pairs` [fields, 16] is how many pairs the rate rests on.
    """

    rate: Doubles
    pairs: Doubles
    reference: Doubles


def random_pairs(size: int, wanted: int = SAMPLE) -> tuple[Ints, Ints]:
    """Pairs of different records, the same for the same size; all of them where there are few."""
    if size * (size - 1) // 2 <= wanted:
        left, right = np.triu_indices(size, 1)
        return left.astype(np.int32), right.astype(np.int32)
    generator = np.random.default_rng(_SEED)
    left = generator.integers(0, size, wanted)
    right = (left + generator.integers(1, size, wanted)) % size
    return np.minimum(left, right).astype(np.int32), np.maximum(left, right).astype(np.int32)


def chance(records: Records, fields: tuple[Field, ...], sample: Vectors) -> Chance:
    """Rates per level from random pairs, replaced by value counts for levels that are plain equality."""
    shape = (len(fields), 16)
    rate, pairs, reference = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    for row in range(len(fields)):
        levels, shares = sample.levels[row], sample.shares[row].astype(np.float64)
        counts = np.bincount(levels, minlength=16).astype(np.float64)[:16]
        compared = max(counts[1:].sum(), 1)
        rate[row], pairs[row] = counts / compared, compared
        held = shares > 0
        number = np.bincount(levels[held], minlength=16)[:16]
        inverse = np.bincount(levels[held], weights=1 / shares[held], minlength=16)[:16]
        enough = number >= 20
        reference[row][enough] = number[enough] / inverse[enough]
    for row, field in enumerate(fields):
        values = _exact_column(records, field)
        if values is None or values.is_empty:
            continue
        exact, filled = _equal_pairs(values)
        if filled > 1:
            rate[row, 1] = exact
            pairs[row, 1] = filled * (filled - 1) / 2
    return Chance(rate, pairs, reference)


def _exact_column(records: Records, field: Field) -> Column | None:
    """The column whose equality is level 1 of a comparison."""
    known = {
        "given_name": records.names.given,
        "middle_name": records.names.middle,
        "family_name": records.names.family,
        "birth_date": records.birth.date,
        "email": records.emails.key,
        "phone": records.phone,
        "address": records.addresses.line,
        "company": records.company,
    }
    if field.kind == "identifier":
        return records.ids[field.name]
    if field.kind == "attribute":
        return records.attributes[field.name.removeprefix("attribute.")]
    return known.get(field.name)


def _equal_pairs(values: Column) -> tuple[float, int]:
    """Share of the pairs of records with a value that agree on one, and the number of such records."""
    filled = int((values.codes[:, 0] >= 0).sum())
    counts = np.bincount(values.codes[values.codes >= 0], minlength=len(values.values)).astype(np.float64)
    possible = filled * (filled - 1) / 2
    return (float((counts * (counts - 1) / 2).sum() / possible) if possible else 0.0), filled


def chance_of(records: Records, fields: tuple[Field, ...], threads: int = 1) -> Chance:
    """Draw random pairs, compare them and count."""
    left, right = random_pairs(records.size)

    def compared(first: int) -> Vectors:
        return compare(records, fields, left[first : first + CHUNK], right[first : first + CHUNK])

    parts = list(in_order(compared, range(0, max(len(left), 1), CHUNK), threads))
    levels, shares = (np.concatenate([getattr(part, name) for part in parts], axis=1) for name in ("levels", "shares"))
    return chance(records, fields, Vectors(levels, shares))
