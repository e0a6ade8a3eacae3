"""`identity train`: a model from labels, kept only where it beats the unsupervised one on labels it has not seen.

Labelled pairs are dealt into FOLDS by person; every pair is judged by a model that was learned without its person.
Figures are pair precision, recall and F1 at even odds over the labelled pairs, with 90 % intervals from drawing persons
anew; the learned model is kept where the whole interval of the difference in F1 lies above 0.
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from identity.analysis import labels
from identity.analysis.labels import Labels
from identity.analysis.matched import Matched
from identity.errors import ConfigurationError
from identity.matching.components import inner_pairs
from identity.matching.measures import f1
from identity.matching.model import Doubles, Model, tables
from identity.matching.records import Bools, Longs
from identity.matching.score import evidence_of, probability, weights
from identity.matching.supervised import LEARNERS, Labelled

FOLDS = 5
DRAWS = 400
LEAST = 20
"""Labelled pairs of each kind without which nothing is learned."""
MOST_PAIRS = 200_000
UNSUPERVISED = "unsupervised"
_SEED = 20_240_229


@dataclass(frozen=True)
class Held:
    """Figures of one model on held-out labels; intervals are (low, high)."""

    model: str
    precision: float
    recall: float
    f1: float
    f1_interval: tuple[float, float]
    log_loss: float
    gain: float
    gain_interval: tuple[float, float]


@dataclass(frozen=True)
class Training:
    """What came of it: `kept` names the learner whose `model` beat the unsupervised one, None where none did."""

    same: int
    not_same: int
    missing: int
    persons: int
    held: tuple[Held, ...]
    kept: str | None
    reason: str
    model: Model

    def as_dict(self) -> dict[str, Any]:
        """For JSON, without the parameters."""
        return {
            "pairs_same": self.same,
            "pairs_not_same": self.not_same,
            "labels_missing_in_run": self.missing,
            "persons": self.persons,
            "held_out": [asdict(entry) for entry in self.held],
            "kept": self.kept,
            "reason": self.reason,
            "model_version": self.model.version,
        }


def train(matched: Matched, given: Labels) -> Training:
    """Learn from labels and judge what was learned. Raises ConfigurationError where there are too few."""
    pairs, missing = _labelled(matched, given)
    same, not_same = int(pairs.same.sum()), int((~pairs.same).sum())
    if min(same, not_same) < LEAST:
        raise ConfigurationError(
            f"labels: {same} pairs of one person and {not_same} of two people are in this run; training needs at least "
            f"{LEAST} of each"
        )
    person = _persons(pairs, len(matched.keys))
    size = matched.encoded.records.size
    chances = {UNSUPERVISED: _judged(matched.model, size, pairs)}
    for name in LEARNERS:
        chances[name] = _held_out(matched.model, size, pairs, person, name)
    held = _figures(chances, pairs.same, person)
    best = max(held[1:], key=lambda entry: (entry.f1, -entry.log_loss))
    kept = best.gain_interval[0] > 0
    learned = LEARNERS[best.model](matched.model, size, pairs) if kept else matched.model
    return Training(
        same, not_same, missing, len(np.unique(person)), held, best.model if kept else None, _reason(best), learned
    )


def _reason(best: Held) -> str:
    told = f"{best.model}: F1 {best.gain:+.4f} on held-out labels, {best.gain_interval[0]:+.4f} to "
    told += f"{best.gain_interval[1]:+.4f}"
    if best.gain_interval[0] > 0:
        return f"kept: {told}, better than the unsupervised model whatever persons are drawn"
    if best.gain <= 0:
        return f"not kept: {told}, no better than the unsupervised model"
    return f"not kept: {told}, which may be chance; more labels would tell"


def _labelled(matched: Matched, given: Labels) -> tuple[Labelled, int]:
    """The labelled pairs of distinct records, and how many labels the run lacks."""
    if given.by_pair:
        known = labels.pairs(given, matched)
        left, right, same, missing = known.left, known.right, known.same, known.missing
        scored = np.ones(len(left), dtype=bool)
    else:
        of_records = labels.entities(given, matched)
        left, right, same, scored = _from_entities(matched, of_records.entity)
        missing = of_records.missing
    different = matched.encoded.distinct_of[left] != matched.encoded.distinct_of[right]
    rows = np.flatnonzero(different)
    rows = rows[:: max(len(rows) // MOST_PAIRS, 1)]
    left, right, same, scored = left[rows], right[rows], same[rows], scored[rows]
    vectors, _, _ = matched.compared(left, right)
    index = pd.MultiIndex.from_arrays([left, right], names=["record_a", "record_b"])
    return Labelled(index, vectors, same, scored), missing


def _from_entities(matched: Matched, entity: Longs) -> tuple[Longs, Longs, Bools, Bools]:
    """Scored pairs of labelled records, and the pairs of one person that were not scored."""
    first = matched.encoded.first
    of_distinct = entity[first]
    known = (of_distinct[matched.left] >= 0) & (of_distinct[matched.right] >= 0)
    left, right = matched.left[known].astype(np.int64), matched.right[known].astype(np.int64)
    labelled = np.flatnonzero(of_distinct >= 0)
    ends = inner_pairs(np.unique(of_distinct[labelled], return_inverse=True)[1].astype(np.int64))
    one, other = labelled[np.minimum(*ends)], labelled[np.maximum(*ends)]
    size = len(first)
    missed = ~np.isin(one * size + other, np.minimum(left, right) * size + np.maximum(left, right))
    same = of_distinct[left] == of_distinct[right]
    count = int(missed.sum())
    return (
        np.concatenate([first[left], first[one[missed]]]),
        np.concatenate([first[right], first[other[missed]]]),
        np.concatenate([same, np.ones(count, dtype=bool)]),
        np.concatenate([np.ones(len(left), dtype=bool), np.zeros(count, dtype=bool)]),
    )


def _persons(pairs: Labelled, size: int) -> Longs:
    """Person of each pair: records tied by labels `same` are one, and a pair belongs to that of its first record."""
    ends = [np.asarray(pairs.index.get_level_values(level), np.int64) for level in (0, 1)]
    left, right = ends[0][pairs.same], ends[1][pairs.same]
    graph = coo_matrix((np.ones(len(left), np.int8), (left, right)), shape=(size, size))
    person = connected_components(graph, directed=False)[1]
    return np.unique(person[ends[0]], return_inverse=True)[1].astype(np.int64)


def _judged(model: Model, size: int, pairs: Labelled) -> Doubles:
    return probability(weights(model, evidence_of(tables(model, size), pairs.vectors)))


def _held_out(start: Model, size: int, pairs: Labelled, person: Longs, name: str) -> Doubles:
    """Every pair's probability by a model learned without its fold."""
    found = np.full(len(pairs.same), np.nan)
    fold = np.random.default_rng(_SEED).permutation(int(person.max()) + 1)[person] % FOLDS
    for number in range(FOLDS):
        learning, judging = fold != number, fold == number
        enough = pairs.rows(learning & pairs.by_score).same
        usable = min(int(enough.sum()), int((~enough).sum())) >= 2
        model = LEARNERS[name](start, size, pairs.rows(learning)) if usable else start
        if judging.any():
            found[judging] = _judged(model, size, pairs.rows(judging))
    return found


def _figures(chances: dict[str, Doubles], same: Bools, person: Longs) -> tuple[Held, ...]:
    """Figures of each model; the intervals from drawing persons with repetition, the same draws for all."""
    persons = int(person.max()) + 1
    draws = np.random.default_rng(_SEED).multinomial(persons, np.full(persons, 1 / persons), DRAWS)
    counts = {
        name: np.stack(
            [np.bincount(person[rows], minlength=persons) for rows in (same & (chance >= 0.5), chance >= 0.5, same)]
        )
        for name, chance in chances.items()
    }
    drawn = {name: np.array([_f1(table @ draw) for draw in draws]) for name, table in counts.items()}
    whole = {name: table.sum(axis=1) for name, table in counts.items()}
    found = []
    for name, chance in chances.items():
        hit, said, true = (float(value) for value in whole[name])
        gains = drawn[name] - drawn[UNSUPERVISED]
        found.append(
            Held(
                model=name,
                precision=hit / said if said else 1.0,
                recall=hit / true if true else 1.0,
                f1=_f1(whole[name]),
                f1_interval=_interval(drawn[name]),
                log_loss=_log_loss(chance, same),
                gain=_f1(whole[name]) - _f1(whole[UNSUPERVISED]),
                gain_interval=_interval(gains),
            )
        )
    return tuple(found)


def _f1(counts: "np.ndarray[Any, Any]") -> float:
    hit, said, true = (float(value) for value in counts)
    return f1(hit / said if said else 1.0, hit / true if true else 1.0)


def _interval(values: Doubles) -> tuple[float, float]:
    low, high = np.quantile(values, [0.05, 0.95])
    return float(low), float(high)


def _log_loss(chance: Doubles, same: Bools) -> float:
    clipped = np.clip(chance, 1e-6, 1 - 1e-6)
    return float(-np.mean(np.where(same, np.log2(clipped), np.log2(1 - clipped))))
