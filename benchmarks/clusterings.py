"""Ways from scored pairs to clusters, compared on the labelled sets with the same scores.

usage: python benchmarks/clusterings.py --datasets DIR [--only NAME ...] [--json FILE]

All start from the pairs inside the components of the pairs that `link` keeps, each of them scored by the trained
model, and differ only in what they join:

components .95, .50    connected components over pairs of that calibrated probability
greedy                 pairs by falling weight; two groups join unless a pair between them speaks against it
cut                    components at even odds; where a pair inside speaks against, the weakest link between is cut
average, complete      linkage over all pairs between two groups, weights clipped to [-6, 25]
fieldwise              what `resolve` does: evidence of two groups field by field, joined by mutual best partners
"""

import argparse
import json
import tempfile
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.cluster.hierarchy import fcluster, linkage

from identity.matching.cluster import Constraints, Limits
from identity.matching.components import labels
from identity.matching.linking import link_records
from identity.matching.resolving import STOP, Pairs, Resolved, limited_values, resolve_records
from identity.matching.score import weight_of
from peers import evaluator_of
from sets import Known, known, places, run_stages, truth_of

AGAINST = -8.0
"""Weight from which a pair speaks against its two groups."""
LOWEST, HIGHEST = -6.0, 25.0
NOTHING = np.zeros(0, dtype=np.int64)
Clustering = Callable[[Resolved, int], np.ndarray]


def connected(chance: float) -> Clustering:
    def cluster(resolved: Resolved, size: int) -> np.ndarray:
        keep = resolved.inner.weight >= weight_of(chance)
        return labels(size, resolved.inner.left[keep], resolved.inner.right[keep])

    return cluster


def greedy(resolved: Resolved, size: int) -> np.ndarray:
    """Groups as lists of members, smallest first; a joined group takes the enemies of both."""
    inner = resolved.inner
    group = list(range(size))
    members: dict[int, list[int]] = {}
    enemies: dict[int, set[int]] = {}
    against = inner.weight < AGAINST
    for a, b in zip(inner.left[against].tolist(), inner.right[against].tolist(), strict=True):
        enemies.setdefault(a, set()).add(b)
        enemies.setdefault(b, set()).add(a)
    order = np.lexsort((inner.right, inner.left, -inner.weight))
    for row in order[inner.weight[order] >= STOP].tolist():
        one, other = sorted((group[int(inner.left[row])], group[int(inner.right[row])]))
        theirs = members.get(other, [other])
        if one == other or not enemies.get(one, set()).isdisjoint(theirs):
            continue
        members[one] = members.get(one, [one]) + theirs
        enemies[one] = enemies.get(one, set()) | enemies.get(other, set())
        for record in theirs:
            group[record] = one
    return np.array(group)


def cut(resolved: Resolved, size: int) -> np.ndarray:
    """The strongest tree of each component; the worst contradiction first, its path is cut at the weakest link."""
    import networkx as nx

    inner = resolved.inner
    graph = nx.Graph()
    graph.add_nodes_from(range(size))
    keep = np.flatnonzero(inner.weight >= STOP).tolist()
    graph.add_weighted_edges_from(
        (int(inner.left[row]), int(inner.right[row]), float(inner.weight[row])) for row in keep
    )
    tree = nx.maximum_spanning_tree(graph)
    part = np.zeros(size, dtype=np.int64)
    for number, nodes in enumerate(nx.connected_components(tree)):
        part[list(nodes)] = number
    parts = int(part.max(initial=0)) + 1
    order = np.lexsort((inner.right, inner.left, inner.weight))
    for row in order[inner.weight[order] < AGAINST].tolist():
        one, other = int(inner.left[row]), int(inner.right[row])
        if part[one] == part[other]:
            path = nx.bidirectional_shortest_path(tree, one, other)
            tree.remove_edge(*min(pairwise(path), key=lambda step: (tree.edges[step]["weight"], step)))
            part[list(nx.node_connected_component(tree, other))] = parts
            parts += 1
    return part


def by_linkage(method: str) -> Clustering:
    def cluster(resolved: Resolved, size: int) -> np.ndarray:
        found = np.arange(size)
        for members, weight in _components(resolved.inner, size):
            tree = linkage(HIGHEST - np.clip(weight, LOWEST, HIGHEST), method=method)
            part = fcluster(tree, HIGHEST - STOP, criterion="distance")
            for number in np.unique(part):
                found[members[part == number]] = members[part == number][0]
        return found

    return cluster


def _components(inner: Pairs, size: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """(members, condensed matrix of weights) of each component; pairs not scored weigh LOWEST."""
    component = labels(size, inner.left.astype(np.int32), inner.right.astype(np.int32))
    order = np.lexsort((inner.right, inner.left, component[inner.left]))
    left, right, weight = inner.left[order], inner.right[order], inner.weight[order]
    ends = np.flatnonzero(np.r_[component[left][1:] != component[left][:-1], True]) + 1 if len(left) else NOTHING
    for first, last in zip(np.r_[0, ends[:-1]].tolist() if len(ends) else [], ends.tolist(), strict=True):
        members = np.unique(np.r_[left[first:last], right[first:last]])
        one, other = np.searchsorted(members, left[first:last]), np.searchsorted(members, right[first:last])
        count = len(members)
        condensed = np.full(count * (count - 1) // 2, LOWEST)
        condensed[count * one - one * (one + 1) // 2 + other - one - 1] = weight[first:last]
        yield members, condensed


def fieldwise(resolved: Resolved, size: int) -> np.ndarray:  # noqa: ARG001 - the signature of a clustering
    return resolved.group


CLUSTERINGS: dict[str, Clustering] = {
    "components .95": connected(0.95),
    "components .50": connected(0.5),
    "greedy": greedy,
    "cut": cut,
    "average": by_linkage("average"),
    "complete": by_linkage("complete"),
    "fieldwise": fieldwise,
}


def resolved_of(data: Known) -> Resolved:
    """Link and resolve in memory, without limits, to have every pair inside the components scored."""
    records = data.encoded.records
    fields, _, model, scored = link_records(records, 40)
    pairs = Pairs(scored.left.astype(np.int64), scored.right.astype(np.int64), scored.weight, scored.vector)
    limits = Limits(10**9, dict.fromkeys(("emails", "phones", "addresses"), 10**9))
    constraints = Constraints(limits, data.encoded.multiplicity, limited_values(records), (NOTHING, NOTHING))
    return resolve_records(records, fields, model, pairs, constraints)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--datasets", type=Path, required=True)
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    evaluate = evaluator_of(options.datasets).evaluate
    found: list[dict[str, Any]] = []
    print(f"| {'set':24} | " + " | ".join(f"{name:>17}" for name in CLUSTERINGS) + " |", flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        for place in places(options.datasets, Path(scratch), options.only):
            truth = truth_of(place)
            data = known(run_stages(place, Path(scratch))[0], truth)
            resolved = resolved_of(data)
            cells = []
            for name, cluster in CLUSTERINGS.items():
                group = cluster(resolved, data.encoded.records.size)[data.encoded.distinct_of]
                figures = evaluate(truth, pd.DataFrame({"record_id": data.record_ids, "cluster_id": group}))
                found.append({"set": place.name, "clustering": name, **figures})
                cells.append(f"{figures['pair_f1']:.4f} ({figures['largest_cluster']:3})")
            print(f"| {place.name:24} | " + " | ".join(f"{cell:>17}" for cell in cells) + " |", flush=True)
    means = pd.DataFrame(found).groupby("clustering")[["pair_f1", "b3_f1"]].mean()
    print(means.reindex(list(CLUSTERINGS)).round(4).to_string())
    if options.json:
        options.json.write_text(json.dumps(found, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
