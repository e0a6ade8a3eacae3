"""Weights learned from labelled pairs, by the classifiers of recordlinkage on our comparison vectors.

Pairs travel as its MultiIndex of record numbers. Both ways give a model of the same form as the unsupervised one:

- naive Bayes: m of every level from the labelled pairs that are one person, shrunk to the unsupervised m. Chance rates
  stay, since labelled pairs of two people are no random ones.
- logistic regression: one factor per field on its bits, so that fields which say the same count once, and the prior.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import log

import numpy as np
import pandas as pd

from identity.matching.comparison import Vectors
from identity.matching.em import PRIOR_MATCHES
from identity.matching.model import Doubles, FieldModel, Model, tables
from identity.matching.records import Bools
from identity.matching.score import CALIBRATION_SHIFT, CALIBRATION_SLOPE, evidence_of

ORIGIN = "labels"
SEEN = 5
"""Labelled pairs of one person from which a level's m is said to come from labels."""
PRIOR_PAIRS = 50.0
"""Labelled pairs that the factor 1 counts for."""
FACTORS = (0.3, 2.0)
MOST_SHIFT = 6.0
"""Bits by which the prior may move."""


@dataclass(frozen=True)
class Labelled:
    """Labelled pairs: MultiIndex of record numbers, vectors, and whether they are one person.

    `by_score` are those chosen by their score and not because they are one person: only they tell how often a score is
    right.
    """

    index: pd.MultiIndex
    vectors: Vectors
    same: Bools
    by_score: Bools

    def rows(self, chosen: Bools) -> "Labelled":
        """Some of the pairs."""
        vectors = Vectors(self.vectors.levels[:, chosen], self.vectors.shares[:, chosen])
        return Labelled(self.index[chosen], vectors, self.same[chosen], self.by_score[chosen])


def naive_bayes(start: Model, _size: int, given: Labelled) -> Model:
    """Learn m of every level from labelled pairs."""
    from recordlinkage import NaiveBayesClassifier

    names = [field.name for field in start.fields]
    levels = pd.DataFrame(given.vectors.levels.T.astype(np.int64), index=given.index, columns=names)
    classifier = NaiveBayesClassifier(alpha=1e-4)
    classifier.fit(levels, given.index[given.same])
    learned = classifier.m_probs
    return replace(
        start, fields=tuple(_with_m(field, levels[field.name][given.same], learned) for field in start.fields)
    )


def _with_m(field: FieldModel, seen: "pd.Series[int]", learned: dict[str, dict[int, float]]) -> FieldModel:
    """The field with m of its levels given that there is something to compare."""
    counts = np.bincount(seen, minlength=len(field.labels))[: len(field.labels)]
    real = np.array([label not in ("missing", "implied") for label in field.labels])
    shares = np.array([learned[field.name].get(level, 0.0) for level in range(len(field.labels))])
    total, compared = shares[real].sum(), float(counts[real].sum())
    if total <= 0 or compared == 0:
        return field
    m = np.array(field.m)
    m[real] = (compared * shares[real] / total + PRIOR_MATCHES * m[real]) / (compared + PRIOR_MATCHES)
    origin = tuple(
        ORIGIN if is_real and count >= SEEN else old
        for is_real, count, old in zip(real, counts, field.origin, strict=True)
    )
    return replace(field, m=tuple(map(float, m)), origin=origin)


def logistic(start: Model, size: int, given: Labelled) -> Model:
    """One factor per field on its bits, and the prior, from pairs that were chosen by their score; `size` records."""
    from recordlinkage import LogisticRegressionClassifier

    chosen = given.rows(given.by_score)
    evidence = evidence_of(tables(start, size), chosen.vectors)
    rest = np.log2(max(1 - start.match_share - start.household_share, 1e-6))
    household = np.logaddexp2(rest, np.log2(start.household_share) + evidence.household.sum(axis=0, dtype=np.float64))
    features = pd.DataFrame(evidence.match.T.astype(np.float64), index=chosen.index)
    features["household"] = -household
    classifier = LogisticRegressionClassifier(C=1.0, max_iter=1000)
    classifier.fit(features, chosen.index[chosen.same])
    factor = np.asarray(classifier.coefficients, np.float64)[:-1] / log(2) / CALIBRATION_SLOPE
    known = min(int(chosen.same.sum()), int((~chosen.same).sum()))
    factor = (np.clip(factor, *FACTORS) * known + PRIOR_PAIRS) / (known + PRIOR_PAIRS)
    prior = (float(np.ravel(classifier.intercept)[0]) / log(2) - CALIBRATION_SHIFT) / CALIBRATION_SLOPE
    old = float(np.log2(start.match_share))
    share = float(np.exp2(np.clip(prior, old - MOST_SHIFT, old + MOST_SHIFT)))
    fields = tuple(_scaled(field, float(by)) for field, by in zip(start.fields, factor, strict=True))
    return replace(start, fields=fields, match_share=min(share, 0.2))


def _scaled(field: FieldModel, factor: float) -> FieldModel:
    """The field with log2(m/u) of every level times a factor.

    For a level that speaks for one person u moves, for one that speaks against it m does, so that both stay shares;
    h keeps its ratio to u.
    """
    m, u, h = (np.array(values) for values in (field.m, field.u, field.h))
    ratio = np.power(m / u, factor)
    for_it = m > u
    new_u: Doubles = np.where(for_it, m / ratio, u)
    new_m: Doubles = np.where(for_it, m, u * ratio)
    real = np.array([label not in ("missing", "implied") for label in field.labels])
    origin = tuple(ORIGIN if is_real else old for is_real, old in zip(real, field.origin, strict=True))
    return replace(
        field,
        m=tuple(map(float, new_m)),
        u=tuple(map(float, new_u)),
        h=tuple(map(float, h * new_u / u)),
        origin=origin,
    )


LEARNERS: dict[str, Callable[[Model, int, Labelled], Model]] = {
    "naive Bayes": naive_bayes,
    "logistic regression": logistic,
}
