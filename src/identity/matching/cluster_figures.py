"""What can be said about finished clusters: their weakest link, density, bridges, conflicts."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import minimum_spanning_tree

from identity.matching.comparison import Field, shifts
from identity.matching.model import Doubles
from identity.matching.records import Bools, Longs
from identity.matching.resolving import Pairs
from identity.matching.score import probability

_CONFLICTING = {"birth_date": "birth_date", "gender": "gender", "suffix": "suffix"}


@dataclass(frozen=True)
class ClusterFigures:
    """One entry per cluster, by position in `groups` (the smallest distinct record of each).

    `conflicts` are the names of the fields in which two of its records contradict each other, in order.
    """

    groups: Longs
    weakest: Doubles
    confidence: Doubles
    density: Doubles
    is_bridge: Bools
    conflicts: pa.ListArray


def figures(
    group: Longs, inner: Pairs, fields: tuple[Field, ...], link_weight: float, known: Longs | None = None
) -> ClusterFigures:
    """Figures of all clusters, each named in `group` by its smallest record; NaN for those of one distinct record.

    `known`, by record, tells of its cluster whether it is a bridge (1) or not (0), where that is known (else -1).

    `weakest` is the probability of the weakest pair of the strongest tree that holds the cluster together,
    `confidence` the product of that tree's probabilities. A pair counts as linked from `link_weight` on.
    """
    is_smallest = group == np.arange(len(group))
    groups = np.flatnonzero(is_smallest)
    number = np.cumsum(is_smallest)[group] - 1
    size = len(groups)
    inside = group[inner.left] == group[inner.right]
    left, right, weight = inner.left[inside], inner.right[inside], inner.weight[inside]
    cluster = number[left]
    tree = _tree(len(group), left, right, weight)
    tree_cluster = number[tree[0]]
    weakest = np.full(size, np.inf)
    np.minimum.at(weakest, tree_cluster, tree[1])
    chances = np.log(np.maximum(probability(tree[1]), 1e-12))
    confidence = np.exp(np.bincount(tree_cluster, weights=chances, minlength=size))
    members = np.bincount(number, minlength=size)
    possible = members * (members - 1) / 2
    linked = weight >= link_weight
    density = np.bincount(cluster[linked], minlength=size) / np.maximum(possible, 1)
    alone = members < 2
    return ClusterFigures(
        groups=groups,
        weakest=np.where(alone, np.nan, probability(np.where(np.isfinite(weakest), weakest, 0))),
        confidence=np.where(alone, 1.0, confidence),
        density=np.where(alone, np.nan, density),
        is_bridge=_bridges(
            (left[linked], right[linked], cluster[linked]),
            members,
            density,
            np.full(size, -1, dtype=np.int64) if known is None else known[groups],
        ),
        conflicts=_conflicts(size, cluster, inner.vector[inside], fields),
    )


def _tree(size: int, left: Longs, right: Longs, weight: Doubles) -> tuple[Longs, Doubles]:
    """(one end, weight) of the edges of the strongest spanning forest."""
    cost = weight.max(initial=0) + 1 - weight
    # the pairs of a component stand in order of their ends, which breaks ties
    order = np.argsort(cost, kind="stable")
    rank = np.empty(len(order), dtype=np.float64)
    rank[order] = np.arange(1, len(order) + 1)
    forest = minimum_spanning_tree(coo_matrix((rank, (left, right)), shape=(size, size)).tocsr()).tocoo()
    chosen = order[forest.data.astype(np.int64) - 1]
    return left[chosen], weight[chosen]


def _conflicts(size: int, cluster: Longs, vector: Longs, fields: tuple[Field, ...]) -> pa.ListArray:
    """Names of the fields in which two records of a cluster contradict each other, sorted."""
    offsets = shifts(fields)
    named = [
        (row, field) for row, field in enumerate(fields) if field.kind == "identifier" or field.name in _CONFLICTING
    ]
    named.sort(key=lambda entry: entry[1].name)
    found = np.zeros((size, len(named)), dtype=bool)
    for column, (row, field) in enumerate(named):
        level = vector >> offsets[row] & ((1 << field.bits) - 1)
        found[cluster[level == int(field.levels["DIFFERS"])], column] = True
    names = pa.array([field.name for _, field in named], pa.string())
    places = np.r_[0, np.cumsum(found.sum(axis=1))].astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(places), names.take(pa.array(np.nonzero(found)[1])))


def _bridges(edges: tuple[Longs, Longs, Longs], members: Longs, density: Doubles, known: Longs) -> Bools:
    """Clusters of three records or more that one removed pair would split; full ones cannot be."""
    left, right, cluster = edges
    found = np.zeros(len(members), dtype=bool)
    degree = np.bincount(np.concatenate([left, right]), minlength=1)
    for ends in (left, right):
        found[cluster[degree[ends] == 1]] = True
    found &= members >= 3
    found |= known == 1
    suspects = (members >= 3) & (density < 1) & ~found & (known < 0)
    rows = np.flatnonzero(suspects[cluster])
    order = rows[np.argsort(cluster[rows], kind="stable")]
    for number, chosen in _runs(cluster, order):
        found[number] = _has_bridge(left[chosen].tolist(), right[chosen].tolist())
    return found


def _runs(cluster: Longs, order: Longs) -> Iterator[tuple[int, Longs]]:
    values = cluster[order]
    if not len(values):
        return
    starts = np.flatnonzero(np.r_[True, values[1:] != values[:-1]])
    for first, last in zip(starts.tolist(), [*starts[1:].tolist(), len(values)], strict=True):
        yield int(values[first]), order[first:last]


def _has_bridge(left: list[int], right: list[int]) -> bool:
    """Whether a graph has an edge on no cycle.

    Every edge off a walked tree closes a cycle over the tree edges between its ends (Schmidt 2013, chain
    decomposition): a tree edge that no chain covers is a bridge.
    """
    neighbours: dict[int, list[int]] = {}
    for a, b in zip(left, right, strict=True):
        neighbours.setdefault(a, []).append(b)
        neighbours.setdefault(b, []).append(a)
    if any(len(found) == 1 for found in neighbours.values()):
        return True
    order, parent = _walk(neighbours)
    covered: set[int] = set()
    visited: set[int] = set()
    for node in order:
        for other in neighbours[node]:
            if parent[other] == node or parent[node] == other or order[node] > order[other]:
                continue
            visited.add(node)
            end = other
            while end not in visited:
                visited.add(end)
                covered.add(end)
                end = parent[end]
    roots = sum(1 for above in parent.values() if above < 0)
    return len(covered) < len(order) - roots


def _walk(neighbours: dict[int, list[int]]) -> tuple[dict[int, int], dict[int, int]]:
    """(rank in depth-first order, parent or -1) of every node."""
    order: dict[int, int] = {}
    parent: dict[int, int] = {}
    for root in neighbours:
        stack = [(root, -1)]
        while stack:
            node, above = stack.pop()
            if node not in order:
                order[node], parent[node] = len(order), above
                stack += [(other, node) for other in reversed(neighbours[node]) if other not in order]
    return order, parent
