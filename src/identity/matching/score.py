"""From a vector to a match weight: log2 of the odds that two records are one person, prior included."""

from dataclasses import dataclass

import numpy as np

from identity.matching.comparison import Vectors
from identity.matching.model import Doubles, Model, Tables, rarity, together
from identity.matching.records import Bools, Floats

NEVER_JOINS = -3.0
"""Highest weight of a pair that a rule of principle keeps apart: below the weight at which groups join."""
CONFLICT = -1.5
"""Bits on the given name from which it counts as another one."""
OWN_SUPPORT = 5.0
"""Bits of a person's own evidence (birth date, ids, middle name) that outweigh another given name."""
STRANGE = 0.0
"""Weight from which all evidence together outweighs another given name even so."""
CALIBRATION_SLOPE = 0.8
CALIBRATION_SHIFT = 0.7
"""Pooled logistic fit of truth on weight over the labelled sets (docs/matching.md): probability .5 at -1 bits."""
_OWN_KINDS = ("birth_date", "identifier", "middle_name")


@dataclass(frozen=True)
class Evidence:
    """Bits per field [fields, pairs] for "same person" and for "one household", both against "any two people"."""

    match: Floats
    household: Floats


def evidence_of(lookup: Tables, vectors: Vectors) -> Evidence:
    """Bits of every field of every pair; 0 where a value is missing."""
    bits = rarity(lookup, vectors.levels, vectors.shares)
    match, household = np.empty_like(bits), np.empty_like(bits)
    for found, table in ((match, lookup.match), (household, lookup.household)):
        for row, worth in enumerate(table.astype(np.float32)):
            np.take(worth, vectors.levels[row], out=found[row], mode="clip")
        np.add(found, bits, out=found)
    if lookup.names is not None and lookup.namesakes:
        less = np.where(together(lookup, vectors.levels), np.float32(lookup.namesakes), np.float32(0))
        match[lookup.names[0]] -= less
        household[lookup.names[0]] -= less
    return Evidence(match, household)


def weights(model: Model, evidence: Evidence) -> Doubles:
    """Match weight in bits of each pair (or of each two groups, from their mean evidence).

    Whatever the sum says, what a household shares does not join two people of different given names: such weights
    are capped at NEVER_JOINS.
    """
    rest = np.log2(max(1 - model.match_share - model.household_share, 1e-6))
    household = np.log2(model.household_share) + _summed(evidence.household)
    weight = np.log2(model.match_share) + _summed(evidence.match) - np.logaddexp2(rest, household)
    capped = strange(model, evidence.match) & (weight < STRANGE)
    return np.asarray(np.where(capped, np.minimum(weight, NEVER_JOINS), weight))


def _summed(bits: Floats) -> Doubles:
    """Sum over the fields, one after the other: the same to the last digit however the bits lie in memory."""
    total = np.zeros(bits.shape[1])
    for row in bits:
        total += row
    return total


def strange(model: Model, match: Floats) -> Bools:
    """Pairs of different given names without evidence of their own."""
    given = [row for row, field in enumerate(model.fields) if field.name == "given_name"]
    if not given:
        return np.zeros(match.shape[1], dtype=bool)
    own = [row for row, field in enumerate(model.fields) if field.kind in _OWN_KINDS]
    return np.asarray((match[given[0]] < CONFLICT) & (match[own].sum(axis=0) < OWN_SUPPORT))


def probability(weight: Doubles) -> Doubles:
    """Calibrated probability of match weights."""
    bits = CALIBRATION_SLOPE * np.asarray(weight, np.float64) + CALIBRATION_SHIFT
    return np.asarray(1 / (1 + np.exp2(-np.clip(bits, -200, 200))))


def weight_of(chance: float) -> float:
    """The match weight at which the calibrated probability is `chance`."""
    return float((np.log2(chance / (1 - chance)) - CALIBRATION_SHIFT) / CALIBRATION_SLOPE)
