"""One similarity per distinct pair of values, whichever way round the records stand."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from rapidfuzz import process
from rapidfuzz.distance import OSA, JaroWinkler

from identity.matching.records import Bools, Column, Floats, Ints, Levels, Longs

Judge = Callable[[Column, Ints, Ints], Levels]
"""Level of each pair of differing value codes (smaller code first)."""


def by_distinct(values: Column, left: Ints, right: Ints, judge: Judge) -> Levels:
    """Apply a judge to the distinct unordered pairs of codes and hand each row its answer."""
    low, high = np.minimum(left, right).astype(np.int64), np.maximum(left, right).astype(np.int64)
    width = max(len(values.values), 1)
    inverse, distinct = pd.factorize(low * width + high)
    keys = np.asarray(distinct, dtype=np.int64)
    answers = judge(values, (keys // width).astype(np.int32), (keys % width).astype(np.int32))
    return answers[inverse]


def texts(values: Column, codes: Ints) -> list[str]:
    """The strings of some codes."""
    return values.values.take(codes)


def jaro_winkler(one: list[str], other: list[str]) -> Floats:
    """Similarity 0..1 of each pair; 0 below .6."""
    return np.asarray(process.cpdist(one, other, scorer=JaroWinkler.normalized_similarity, score_cutoff=0.6))


def edits(one: list[str], other: list[str], most: int) -> Ints:
    """Optimal string alignment distance (a swap of neighbours is one edit); `most` + 1 for anything beyond."""
    found: Any = process.cpdist(one, other, scorer=OSA.distance, score_cutoff=most, dtype=np.int32)
    return np.asarray(found, dtype=np.int32)


def is_in(keys: Longs, sorted_keys: Longs) -> Bools:
    """Membership in a sorted array."""
    if not len(sorted_keys):
        return np.zeros(len(keys), dtype=bool)
    place = np.minimum(np.searchsorted(sorted_keys, keys), len(sorted_keys) - 1)
    return np.asarray(sorted_keys[place] == keys)
