"""Pairs out of blocks: one integer per pair and rule, each pair once under its first rule."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from identity.matching.parallel import in_order
from identity.matching.records import Ints, Longs

CHUNK = 1_000_000
"""Pairs that are made at once."""
RULES = 128
"""More than there can be rules: a pair and its rule are one integer."""
RANGES = 8
"""Ranges of records in which the pairs are put in order."""


@dataclass(frozen=True)
class Members:
    """The records of all blocks, block after block; `total` counts the pairs up to and with each as smaller end."""

    records: Ints
    partners: Ints
    total: Longs


@dataclass(frozen=True)
class Pairs:
    """Distinct pairs (left < right), in order, with the number of the first rule that proposed each."""

    left: Ints
    right: Ints
    rule: NDArray[np.int8]


def pair_keys(members: Members, rule: int, size: int) -> Longs:
    """One integer per pair of a rule: (left, right, rule), so that sorting brings the first rule of a pair first."""
    pairs = int(members.total[-1]) if len(members.total) else 0
    keys = np.empty(pairs, dtype=np.int64)
    edges = np.searchsorted(members.total, np.arange(CHUNK, pairs, CHUNK), side="left").tolist()
    for first, last in pairwise([0, *edges, len(members.total)]):
        partners = members.partners[first:last]
        one = np.repeat(np.arange(first, last), partners)
        at = int(members.total[first - 1]) if first else 0
        other = one + 1 + np.arange(at, at + len(one)) - (members.total[one] - members.partners[one])
        # records of a block stand in order, so the first is the smaller one
        keys[at : at + len(one)] = (
            members.records[one].astype(np.int64) * size + members.records[other]
        ) * RULES + rule
    return keys


def distinct_pairs(size: int, keys: list[Longs], threads: int) -> Pairs:
    """Every pair once, in order, under its first rule: by ranges of records, which threads sort side by side."""
    edges = np.linspace(0, 1, RANGES + 1)
    # a smaller end is the rarer the greater its number: ranges with about as many pairs
    lows = (size * (1 - np.sqrt(1 - edges))).astype(np.int64) * size * RULES
    lows[-1] = np.iinfo(np.int64).max
    found = list(in_order(partial(_range_of, size, keys), pairwise(lows.tolist()), threads))
    keys.clear()
    return Pairs(*(np.concatenate([getattr(part, name) for part in found]) for name in Pairs.__dataclass_fields__))


def _range_of(size: int, keys: Sequence[Longs], limits: tuple[int, int]) -> Pairs:
    nothing = np.zeros(0, np.int64)
    everything = np.concatenate([nothing, *(part[(part >= limits[0]) & (part < limits[1])] for part in keys)])
    everything.sort()
    rule = (everything & (RULES - 1)).astype(np.int8)
    everything >>= RULES.bit_length() - 1
    first = np.empty(len(everything), dtype=bool)
    first[:1] = True
    np.not_equal(everything[1:], everything[:-1], out=first[1:])
    chosen = everything[first]
    left = chosen // max(size, 1)
    return Pairs(left.astype(np.int32), (chosen - left * size).astype(np.int32), rule[first])
