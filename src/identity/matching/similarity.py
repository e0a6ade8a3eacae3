"""One similarity per distinct pair of values, whichever way round the records stand."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from rapidfuzz import process
from rapidfuzz.distance import OSA, JaroWinkler

from identity.matching.records import COMMON, Bools, Column, Floats, Ints, Levels, Longs
from identity.matching.words import Words

Judge = Callable[[Column, Ints, Ints], Levels]
"""Level of each pair of differing value codes (smaller code first)."""


Sieve = Callable[[Words, Ints, Ints], Bools]
"""Pairs of value codes that a judge may find anything in; cheap, and never wrong about the others."""


def by_distinct(
    values: Column, left: Ints, right: Ints, judge: Judge, sieve: Sieve | None = None, otherwise: int = 0
) -> Levels:
    """Apply a judge to the distinct unordered pairs of codes and hand each row its answer.

    Rows that the sieve holds back are `otherwise`, which must be what the judge would say of them. What was said of two
    common values is remembered: names and cities meet again in every chunk of pairs.
    """
    low, high = np.minimum(left, right), np.maximum(left, right)
    rank = values.common_rank
    if rank is None:
        return _sieved(values, low, high, judge, sieve, otherwise)
    known = values.remembered.setdefault(judge, np.full((COMMON + 1) ** 2, _UNKNOWN, dtype=np.uint8))
    cell = rank.take(low, mode="clip") * np.int32(COMMON + 1) + rank.take(high, mode="clip")
    out: Levels = known.take(cell, mode="clip")
    rows = np.flatnonzero(out == _UNKNOWN)
    if len(rows):
        cell = cell[rows]
        found = _sieved(values, low[rows], high[rows], judge, sieve, otherwise)
        out[rows] = found
        # threads may write one cell at once: they write the same
        both = (cell % (COMMON + 1) < COMMON) & (cell < COMMON * (COMMON + 1))
        known[cell[both]] = found[both]
    return out


_UNKNOWN = 255


def equal_or_not(one: Ints, other: Ints) -> tuple[Levels, Longs]:
    """(1 where two codes are equal, else 0; the rows that have two codes which differ)."""
    both, same = (one >= 0) & (other >= 0), one == other
    return (both & same).view(np.uint8), np.flatnonzero(both & ~same)


def _sieved(values: Column, low: Ints, high: Ints, judge: Judge, sieve: Sieve | None, otherwise: int) -> Levels:
    if sieve is None:
        return _judged(values, low, high, judge)
    out = np.full(len(low), otherwise, dtype=np.uint8)
    rows = np.flatnonzero(sieve(values.values, low, high))
    out[rows] = _judged(values, low[rows], high[rows], judge)
    return out


def _judged(values: Column, low: Ints, high: Ints, judge: Judge) -> Levels:
    width = max(len(values.values), 1)
    inverse, distinct = pd.factorize(low.astype(np.int64) * width + high)
    keys = np.asarray(distinct, dtype=np.int64)
    answers = judge(values, (keys // width).astype(np.int32), (keys % width).astype(np.int32))
    return answers[inverse]


def among(levels: Levels, chosen: Iterable[int]) -> Bools:
    """Whether each level is one of the chosen."""
    table = np.zeros(256, dtype=bool)
    table[list(chosen)] = True
    return np.asarray(table[levels])


@dataclass(frozen=True)
class Glance:
    """What a look at two texts tells, for each pair.

    `common` is at least the number of characters that they have in common (all of the longer where one is not ASCII),
    `a` and `b` are their lengths.
    """

    common: Ints
    a: Ints
    b: Ints
    same_initial: Bools

    @property
    def longest(self) -> Ints:
        """Characters of the longer."""
        return np.maximum(self.a, self.b)


def glance(words: Words, low: Ints, high: Ints) -> Glance:
    """Look at pairs of texts. All that is asked of a text lies together in memory, for one visit."""
    one, other = (words.outlines.take(codes, mode="clip") for codes in (low, high))
    beyond = np.minimum(one["beyond"], other["beyond"])
    common = np.bitwise_count(one["characters"] & other["characters"]) + beyond
    a, b = one["length"], other["length"]
    if not words.all_ascii:
        plain = words.is_ascii[low] & words.is_ascii[high]
        common = np.where(plain, common, np.maximum(a, b))
    return Glance(common.astype(np.int32), a, b, one["initial"] == other["initial"])


def may_begin(seen: Glance) -> Bools:
    """False where the shorter of two texts surely does not stand whole in the longer."""
    return np.asarray(np.minimum(seen.a, seen.b) <= seen.common)


def may_be_edits(seen: Glance, most: int) -> Bools:
    """False where the distance of two texts is surely above `most`: an edit leaves all but one character."""
    return np.asarray(seen.longest - seen.common <= most)


def may_be_alike(seen: Glance, least: float) -> Bools:
    """False where the Jaro-Winkler similarity of two texts is surely below `least`.

    Jaro is at most (c/a + c/b + 1) / 3 with c characters in common; the beginning adds at most .4 of what is
    missing to 1, nothing where the first letters differ, and nothing to a similarity of .7 or less.
    """
    common = seen.common.astype(np.float32)
    jaro = (common / np.maximum(seen.a, 1) + common / np.maximum(seen.b, 1) + 1) / 3
    with_beginning = min(max((least - 0.4) / 0.6, 0.7), least)
    needed = np.where(seen.same_initial, np.float32(with_beginning), np.float32(least))
    return np.asarray(jaro >= needed - np.float32(1e-4))


def texts(values: Column, codes: Ints) -> list[str]:
    """The strings of some codes."""
    return values.values.take(codes)


def jaro_winkler(one: list[str], other: list[str], least: float = 0.6) -> Floats:
    """Similarity 0..1 of each pair; 0 below `least`, to be set a little lower than what is asked for."""
    return np.asarray(process.cpdist(one, other, scorer=JaroWinkler.normalized_similarity, score_cutoff=least))


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
