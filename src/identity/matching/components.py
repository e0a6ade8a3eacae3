"""Connected components of the kept pairs, and all the pairs inside them."""

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from identity.matching.model import Doubles
from identity.matching.records import Ints, Longs

MAX_COMPONENT = 400
"""Components above this are split at a higher threshold first: inner pairs grow with the square."""
STEP = 2.0
HIGHEST = 40.0


def labels(size: int, left: Ints, right: Ints) -> Longs:
    """Component of each record, named by its smallest record."""
    graph = coo_matrix((np.ones(len(left), dtype=np.int8), (left, right)), shape=(size, size))
    _, found = connected_components(graph, directed=False)
    first = np.full(found.max(initial=-1) + 1, size, dtype=np.int64)
    np.minimum.at(first, found, np.arange(size))
    return np.asarray(first[found], dtype=np.int64)


def split_large(size: int, left: Ints, right: Ints, weight: Doubles, floor: float) -> Longs:
    """Components over pairs of at least `floor`; in those above MAX_COMPONENT the floor rises step by step."""
    floors = np.full(size, floor, dtype=np.float64)
    while True:
        keep = weight >= np.minimum(floors[left], floors[right])
        found = labels(size, left[keep], right[keep])
        sizes = np.bincount(found, minlength=size)
        large = (sizes[found] > MAX_COMPONENT) & (floors < HIGHEST)
        if not large.any():
            return found
        floors[large] += STEP


def inner_pairs(component: Longs, most: int = MAX_COMPONENT) -> tuple[Ints, Ints]:
    """All pairs (left < right) inside components of 2 to `most` records."""
    order = np.argsort(component, kind="stable")
    one, other = pairs_within(component[order], most)
    return order[one].astype(np.int32), order[other].astype(np.int32)


def pairs_within(labels: Longs, most: int = MAX_COMPONENT) -> tuple[Longs, Longs]:
    """Places (one < other) of all pairs with equal labels, of labels in order that stand 2 to `most` times."""
    starts = np.flatnonzero(np.r_[True, labels[1:] != labels[:-1]]) if len(labels) else np.zeros(0, np.int64)
    lengths = np.diff(np.r_[starts, len(labels)])
    ends = np.repeat(starts + lengths, lengths)
    partners = np.where(np.repeat(lengths, lengths) <= most, ends - 1 - np.arange(len(labels)), 0)
    one = np.repeat(np.arange(len(labels)), partners)
    return one, one + 1 + np.arange(len(one)) - np.repeat(np.cumsum(partners) - partners, partners)
