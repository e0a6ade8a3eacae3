"""From a vector to a match weight: log2 of the odds that two records are one person, prior included."""

from dataclasses import dataclass

import numpy as np

from identity.matching.comparison import PERSONAL_FIELDS, Vectors
from identity.matching.model import Doubles, Model, Tables, rarity
from identity.matching.records import Floats

NAMES_ALONE = -1.0
"""Highest weight (in bits, below even odds) of a pair that agrees on nothing but names and gender."""
CALIBRATION_SLOPE = 1.0
CALIBRATION_SHIFT = 0.0
SUPPORT = 2.0
"""Bits that something other than the name must add before a pair may link."""


@dataclass(frozen=True)
class Evidence:
    """Bits per field [fields, pairs] for "same person" and for "one household", both against "any two people"."""

    match: Floats
    household: Floats


def evidence_of(lookup: Tables, vectors: Vectors) -> Evidence:
    """Bits of every field of every pair; 0 where a value is missing."""
    bits = rarity(lookup, vectors.levels, vectors.shares)
    rows = np.arange(len(lookup.match)).reshape(-1, 1)
    match = lookup.match[rows, vectors.levels].astype(np.float32) + bits
    household = lookup.household[rows, vectors.levels].astype(np.float32) + bits
    return Evidence(match, household)


def weights(model: Model, evidence: Evidence) -> Doubles:
    """Match weight of each pair in bits."""
    names = [row for row, field in enumerate(model.fields) if field.name in PERSONAL_FIELDS]
    others = [row for row in range(len(model.fields)) if row not in names]
    support = np.maximum(evidence.match[others], 0).sum(axis=0) if others else np.zeros(evidence.match.shape[1])
    return odds(model, evidence.match.sum(axis=0), evidence.household.sum(axis=0), support)


def odds(model: Model, match: Doubles | Floats, household: Doubles | Floats, support: Doubles | Floats) -> Doubles:
    """Match weight from summed bits; `support` is what speaks for the match besides the name."""
    rest = max(1 - model.match_share - model.household_share, 1e-6)
    against = np.logaddexp2(np.log2(rest), np.log2(model.household_share) + np.asarray(household, np.float64))
    weight = np.log2(model.match_share) + np.asarray(match, np.float64) - against
    return np.where(np.asarray(support) >= SUPPORT, weight, np.minimum(weight, NAMES_ALONE))


def probability(weight: Doubles) -> Doubles:
    """Calibrated probability of match weights."""
    bits = CALIBRATION_SLOPE * np.asarray(weight, np.float64) + CALIBRATION_SHIFT
    return np.asarray(1 / (1 + np.exp2(-np.clip(bits, -200, 200))))


def weight_of(chance: float) -> float:
    """The match weight at which the calibrated probability is `chance`."""
    return float((np.log2(chance / (1 - chance)) - CALIBRATION_SHIFT) / CALIBRATION_SLOPE)
