"""How good a clustering is: figures against the truth, counted by groups instead of pairs, and intervals of shares."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_matrix

from identity.matching.model import Doubles
from identity.matching.records import Bools, Longs

Z90 = 1.6448536269514722
"""Half width of a two-sided 90 % interval, in standard deviations."""


@dataclass(frozen=True)
class Measures:
    """Figures of a clustering; shares between 0 and 1.

    Pairs are unordered pairs of labelled records after clustering. B-cubed (Bagga and Baldwin 1998) is the mean over
    records. `exact_entities` is the share of true entities that are one cluster of their own.
    """

    records: int
    missing: int
    pair_precision: float
    pair_recall: float
    pair_f1: float
    b3_precision: float
    b3_recall: float
    b3_f1: float
    exact_entities: float
    clusters: int
    entities: int
    largest_cluster: int
    largest_entity: int
    true_pairs: int
    said_pairs: int
    hit_pairs: int

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def pairs_in(sizes: ArrayLike) -> int:
    """Unordered pairs inside groups of these sizes."""
    counted = np.asarray(sizes, dtype=np.int64)
    return int((counted * (counted - 1) // 2).sum())


def f1(precision: float, recall: float) -> float:
    """Harmonic mean; 0 where both are 0."""
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def measures(entity: Longs, cluster: Longs, missing: int = 0) -> Measures:
    """Compare two groupings of the same records, given as one code per record.

    `missing` tells how many of them the clustering lacks (each in a cluster of its own).
    """
    entity, cluster = _dense(entity), _dense(cluster)
    width = int(cluster.max(initial=-1)) + 1
    cells, cell = np.unique(entity * max(width, 1) + cluster, return_counts=True)
    entities, clusters = np.bincount(entity), np.bincount(cluster)
    of_entity, of_cluster = entities[cells // max(width, 1)], clusters[cells % max(width, 1)]
    true, said, hit = pairs_in(entities), pairs_in(clusters), pairs_in(cell)
    precision, recall = hit / said if said else 1.0, hit / true if true else 1.0
    total = max(len(entity), 1)
    b3_precision = float((cell**2 / of_cluster).sum()) / total
    b3_recall = float((cell**2 / of_entity).sum()) / total
    exact = int(((cell == of_entity) & (cell == of_cluster)).sum())
    return Measures(
        records=len(entity),
        missing=missing,
        pair_precision=precision,
        pair_recall=recall,
        pair_f1=f1(precision, recall),
        b3_precision=b3_precision,
        b3_recall=b3_recall,
        b3_f1=f1(b3_precision, b3_recall),
        exact_entities=exact / max(len(entities), 1),
        clusters=len(clusters),
        entities=len(entities),
        largest_cluster=int(clusters.max(initial=0)),
        largest_entity=int(entities.max(initial=0)),
        true_pairs=true,
        said_pairs=said,
        hit_pairs=hit,
    )


def _dense(codes: Longs) -> Longs:
    return np.unique(codes, return_inverse=True)[1].astype(np.int64) if len(codes) else np.zeros(0, np.int64)


def pairs_by_source(entity: Longs, cluster: Longs, source: Longs, sources: int) -> "NDArray[np.int64]":
    """[3, sources, sources]: true, said and hit pairs between each two sources, upper triangle with the diagonal."""
    width = int(_dense(cluster).max(initial=0)) + 1
    groups = [_dense(codes) for codes in (entity, cluster, _dense(entity) * width + _dense(cluster))]
    found = np.zeros((3, sources, sources), dtype=np.int64)
    for place, group in enumerate(groups):
        counts = csr_matrix((np.ones(len(group), np.int64), (group, source)), shape=(len(group) or 1, sources))
        between = (counts.T @ counts).toarray()
        own = np.diag(between) - np.bincount(source, minlength=sources)
        found[place] = np.triu(between, 1) + np.diag(own // 2)
    return found


def wilson(hits: float, of: float, z: float = Z90) -> tuple[float, float]:
    """Interval of a share (Wilson 1927); (0, 1) where nothing was counted."""
    if of <= 0:
        return 0.0, 1.0
    share, square = hits / of, z * z / of
    middle = (share + square / 2) / (1 + square)
    half = z * float(np.sqrt(share * (1 - share) / of + square / (4 * of))) / (1 + square)
    return max(middle - half, 0.0), min(middle + half, 1.0)


@dataclass(frozen=True)
class Curve:
    """Precision and recall of "probability at least `threshold`" over scored pairs, by falling threshold."""

    threshold: Doubles
    pairs: Longs
    hits: Longs
    precision: Doubles
    recall: Doubles

    @property
    def f1(self) -> Doubles:
        """Harmonic mean at each threshold."""
        both = self.precision + self.recall
        return np.where(both > 0, 2 * self.precision * self.recall / np.where(both > 0, both, 1), 0.0)

    def at(self, threshold: float) -> int:
        """Row of the lowest threshold not below this one; -1 where no pair reaches it."""
        return int(np.searchsorted(-self.threshold, -threshold, side="right")) - 1


def curve(probability: Doubles, pairs: Longs, hits: Longs, true_pairs: int) -> Curve:
    """The curve of scored pairs, each standing for `pairs` pairs of records of which `hits` are true."""
    order = np.argsort(-probability, kind="stable")
    said, found = np.cumsum(pairs[order]), np.cumsum(hits[order])
    last = np.flatnonzero(np.r_[probability[order][1:] != probability[order][:-1], True]) if len(order) else order
    said, found = said[last], found[last]
    return Curve(probability[order][last], said, found, found / np.maximum(said, 1), found / max(true_pairs, 1))


@dataclass(frozen=True)
class Reliability:
    """One bin of a reliability diagram: what was foretold, what came true, of how many pairs."""

    low: float
    high: float
    pairs: int
    foretold: float
    observed: float


def reliability(probability: Doubles, pairs: Longs, hits: Longs, edges: ArrayLike) -> tuple[Reliability, ...]:
    """Bins between the edges (the last one closed), empty ones left out."""
    bounds = np.asarray(edges, np.float64)
    place = np.clip(np.searchsorted(bounds, probability, side="right") - 1, 0, len(bounds) - 2)
    found = []
    for number in range(len(bounds) - 1):
        inside: Bools = place == number
        total = int(pairs[inside].sum())
        if total:
            foretold = float((probability[inside] * pairs[inside]).sum()) / total
            observed = float(hits[inside].sum()) / total
            found.append(Reliability(float(bounds[number]), float(bounds[number + 1]), total, foretold, observed))
    return tuple(found)
