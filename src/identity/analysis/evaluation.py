"""A run against labels: pairs and clusters, the curve over thresholds, calibration, sources, the worst errors.

Labels of entities give the full picture. Labelled pairs give precision and recall over those pairs: shares of what was
labelled, not of all pairs, since nobody labels pairs at random.
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from identity.analysis import errors, labels
from identity.analysis.errors import Errors
from identity.analysis.labels import EntityLabels, Labels, PairLabels
from identity.analysis.matched import Matched
from identity.matching.measures import (
    Curve,
    Measures,
    Reliability,
    curve,
    f1,
    measures,
    pairs_by_source,
    reliability,
    wilson,
)
from identity.matching.model import Doubles
from identity.matching.records import Bools, Longs
from identity.matching.score import probability

THRESHOLDS = (0.999, 0.99, 0.98, 0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2)
BINS = (0.0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999, 1.0)


@dataclass(frozen=True)
class PairFigures:
    """Pairs that are one person (`true`), that the run says are (`said`), and both (`hit`), with 90 % intervals."""

    true: int
    said: int
    hit: int

    @property
    def precision(self) -> float:
        """Share of the said that are true."""
        return self.hit / self.said if self.said else 1.0

    @property
    def recall(self) -> float:
        """Share of the true that are said."""
        return self.hit / self.true if self.true else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of both."""
        return f1(self.precision, self.recall)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            **asdict(self),
            "precision": self.precision,
            "recall": self.recall,
            "f1": self.f1,
            "precision_interval": wilson(self.hit, self.said),
            "recall_interval": wilson(self.hit, self.true),
        }


@dataclass(frozen=True)
class Evaluation:
    """All figures of a run against labels.

    `measures` and `sources` need labels of entities. `curve` is of the score alone, before clustering; its recall
    counts true pairs that were never compared. `sources` maps two sources to the figures of the pairs between them.
    """

    by_pair: bool
    missing: int
    pairs: PairFigures
    measures: Measures | None
    curve: Curve
    reliability: tuple[Reliability, ...]
    sources: dict[tuple[str, str], PairFigures]
    errors: Errors

    @property
    def thresholds(self) -> list[dict[str, Any]]:
        """Precision, recall and F1 of the score alone at some thresholds, and at its best."""
        rows = [(threshold, self.curve.at(threshold)) for threshold in THRESHOLDS]
        table = [self._row(threshold, row) for threshold, row in rows]
        if len(self.curve.threshold):
            best = int(np.argmax(self.curve.f1))
            table.append({**self._row(float(self.curve.threshold[best]), best), "best": True})
        return table

    def _row(self, threshold: float, row: int) -> dict[str, Any]:
        known = row >= 0
        return {
            "threshold": threshold,
            "pairs": int(self.curve.pairs[row]) if known else 0,
            "precision": float(self.curve.precision[row]) if known else None,
            "recall": float(self.curve.recall[row]) if known else 0.0,
            "f1": float(self.curve.f1[row]) if known else 0.0,
            "best": False,
        }

    def as_dict(self) -> dict[str, Any]:
        """For JSON; errors with the keys of the records, without values."""
        return {
            "labels": "pairs" if self.by_pair else "entities",
            "labels_missing_in_run": self.missing,
            "pairs": self.pairs.as_dict(),
            "clusters": None if self.measures is None else self.measures.as_dict(),
            "thresholds": self.thresholds,
            "calibration": [asdict(entry) for entry in self.reliability],
            "sources": [
                {"source_a": a, "source_b": b, **figures.as_dict()} for (a, b), figures in self.sources.items()
            ],
            **self.errors.as_dict(),
        }


def evaluate(matched: Matched, given: Labels, link_threshold: float) -> Evaluation:
    """Hold a run against labels. Raises ConfigurationError where no label names a record of the run."""
    if given.by_pair:
        return _by_pair(matched, labels.pairs(given, matched), link_threshold)
    return _by_entity(matched, labels.entities(given, matched), link_threshold)


def _by_entity(matched: Matched, known: EntityLabels, link_threshold: float) -> Evaluation:
    held = np.flatnonzero(known.entity >= 0)
    entity, cluster = known.entity[held], matched.cluster[held]
    lonely = int(matched.cluster.max(initial=0)) + 1 + np.arange(known.missing)
    figures = measures(
        np.concatenate([entity, known.entity_of_missing]), np.concatenate([cluster, lonely]), known.missing
    )
    scored, pairs, hits, repeats = _scored(matched, known.entity)
    fuzzy = slice(0, len(scored) - repeats)
    return Evaluation(
        by_pair=False,
        missing=known.missing,
        pairs=PairFigures(figures.true_pairs, figures.said_pairs, figures.hit_pairs),
        measures=figures,
        curve=curve(scored, pairs, hits, figures.true_pairs),
        reliability=reliability(scored[fuzzy], pairs[fuzzy], hits[fuzzy], BINS),
        sources=_by_source(matched, held, entity),
        errors=errors.of_entities(matched, known.entity, link_threshold),
    )


def _scored(matched: Matched, entity: Longs) -> tuple[Doubles, Longs, Longs, int]:
    """Probability, pairs of labelled records it stands for, and true ones among them, of every scored pair.

    After the pairs of distinct records stand the distinct records with repeats, which are taken for certain; last how
    many those are.
    """
    distinct = matched.encoded.distinct_of
    labelled = entity >= 0
    size, width = matched.encoded.records.size, int(entity.max(initial=0)) + 1
    counts = csr_matrix(
        (np.ones(int(labelled.sum()), np.int64), (distinct[labelled], entity[labelled])), shape=(size, width)
    )
    total = np.asarray(counts.sum(axis=1)).ravel()
    left, right = matched.left, matched.right
    between = np.asarray(counts[left].multiply(counts[right]).sum(axis=1)).ravel()
    inside = np.asarray(counts.multiply(counts).sum(axis=1)).ravel()
    own, own_hits = total * (total - 1) // 2, (inside - total) // 2
    again = np.flatnonzero(own > 0)
    score = np.concatenate([probability(matched.weight), np.ones(len(again))])
    pairs = np.concatenate([total[left] * total[right], own[again]])
    hits = np.concatenate([between, own_hits[again]])
    keep = np.flatnonzero(pairs > 0)
    return score[keep], pairs[keep], hits[keep], len(again)


def _by_source(matched: Matched, held: Longs, entity: Longs) -> dict[tuple[str, str], PairFigures]:
    names = sorted(set(matched.sources))
    place = {name: number for number, name in enumerate(names)}
    source = np.array([place[matched.sources[number]] for number in held.tolist()], dtype=np.int64)
    true, said, hit = pairs_by_source(entity, matched.cluster[held], source, len(names))
    return {
        (names[a], names[b]): PairFigures(int(true[a, b]), int(said[a, b]), int(hit[a, b]))
        for a in range(len(names))
        for b in range(a, len(names))
        if true[a, b] or said[a, b]
    }


def _by_pair(matched: Matched, known: PairLabels, link_threshold: float) -> Evaluation:
    together: Bools = matched.cluster[known.left] == matched.cluster[known.right]
    hit = int((together & known.same).sum())
    chance = probability(matched.compared(known.left, known.right)[2])
    chance[matched.encoded.distinct_of[known.left] == matched.encoded.distinct_of[known.right]] = 1.0
    ones, hits = np.ones(len(chance), np.int64), known.same.astype(np.int64)
    return Evaluation(
        by_pair=True,
        missing=known.missing,
        pairs=PairFigures(int(known.same.sum()), int(together.sum()), hit),
        measures=None,
        curve=curve(chance, ones, hits, int(known.same.sum())),
        reliability=reliability(chance, ones, hits, BINS),
        sources={},
        errors=errors.of_pairs(matched, (known.left, known.right), known.same, link_threshold),
    )
