"""Precision and recall without labels: what the calibrated scores expect of the clusters, with an interval.

A pair that stands in one cluster is right with the probability of its own score or, where that is higher, with that of
the worse supported of its two records: support is half way between the mean and the best weight to the rest of the
cluster (the mean alone promised up to .035 too little on the labelled sets, the best alone too much). A pair left apart
is one person with the probability of its own score or, where that is lower, of the mean weight between its two
clusters. So precision is the mean over the joined pairs, and recall the expected true pairs that are joined, of all
expected ones. Pairs that no blocking rule proposed and no component holds are not seen: recall is that among the pairs
considered. The interval is that of a calibration off by SPREAD bits either way (docs/matching.md has how honest it is).
"""

from dataclasses import dataclass

import numpy as np

from identity.matching.measures import wilson
from identity.matching.model import Doubles
from identity.matching.records import Longs
from identity.matching.score import probability

SPREAD = 3.0
"""Bits either way by which the calibration may be off on other data; measured on the labelled sets."""


@dataclass(frozen=True)
class Share:
    """An estimated share with its interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Estimate:
    """Estimated precision and recall of the pairs of records in one cluster, and how many those are."""

    precision: Share
    recall: Share
    joined_pairs: int

    def as_metrics(self) -> dict[str, float]:
        """Figures of a stage: `estimated_precision`, `estimated_precision:low` and so on."""
        found = {"estimated_pairs": float(self.joined_pairs)}
        for name, share in (("precision", self.precision), ("recall", self.recall)):
            found[f"estimated_{name}"] = share.value
            found[f"estimated_{name}:low"] = share.low
            found[f"estimated_{name}:high"] = share.high
        return found


def estimate(group: Longs, multiplicity: Longs, left: Longs, right: Longs, weight: Doubles) -> Estimate:
    """The estimate of a clustering of distinct records, each standing for `multiplicity` records.

    `left`, `right`, `weight` are the pairs that were weighed. Repeats of one record count as certainly right.
    """
    pairs = (multiplicity[left] * multiplicity[right]).astype(np.float64)
    repeats = float((multiplicity * (multiplicity - 1) // 2).sum())
    inside = np.asarray(group[left] == group[right])
    best = np.asarray(weight, np.float64).copy()
    best[inside] = np.maximum(weight[inside], _support(len(group), left[inside], right[inside], weight[inside]))
    best[~inside] = np.minimum(weight[~inside], _between(group[left[~inside]], group[right[~inside]], weight[~inside]))
    joined, apart = (
        tuple(float((pairs[chosen] * probability(best[chosen] + shift)).sum()) for shift in (0.0, -SPREAD, SPREAD))
        for chosen in (inside, ~inside)
    )
    said = float(pairs[inside].sum()) + repeats
    precision = tuple((value + repeats) / said if said else 1.0 for value in joined)
    true = joined[0] + repeats
    recall = tuple(true / (true + value) if true + value else 1.0 for value in (apart[0], apart[2], apart[1]))
    return Estimate(_share(precision, said), _share(recall, said), int(said))


def _share(values: tuple[float, ...], of: float) -> Share:
    """(value, low, high) with the interval of chance added: few pairs tell little whatever the calibration."""
    value, low, high = values
    chance = wilson(value * of, of)
    return Share(value, min(low, chance[0]), max(high, chance[1]))


def _support(size: int, left: Longs, right: Longs, weight: Doubles) -> Doubles:
    """Of the two records of each joined pair, the lower support: between mean and best weight to its cluster."""
    ends, held = np.concatenate([left, right]), np.tile(weight, 2)
    mean = np.bincount(ends, weights=held, minlength=size) / np.maximum(np.bincount(ends, minlength=size), 1)
    best = np.full(size, held.min(initial=0))
    np.maximum.at(best, ends, held)
    return np.asarray((np.minimum(mean[left], mean[right]) + np.minimum(best[left], best[right])) / 2)


def _between(one: Longs, other: Longs, weight: Doubles) -> Doubles:
    """Mean weight of the pairs between the clusters `one` and `other` of each pair's records."""
    low, high = np.minimum(one, other).astype(np.int64), np.maximum(one, other)
    _, place = np.unique(low * (int(high.max(initial=0)) + 1) + high, return_inverse=True)
    return np.asarray((np.bincount(place, weights=weight) / np.maximum(np.bincount(place), 1))[place])
