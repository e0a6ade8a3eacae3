"""Levels and weights of pairs under a Splink model; pairs that cannot reach the threshold are dropped early."""

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from identity.matching.records import Ints
from identity.matching.splink_columns import Coded, Columns, Doubles
from identity.matching.splink_conditions import Chunk, Prepared, is_costly, is_true
from identity.matching.splink_json import Comparison, Level, TermFrequency
from identity.matching.splink_tree import OneSide

OPEN = -2
"""Level of a comparison not decided yet."""
SLACK = 1e-6
"""Bits by which a bound may err: sums in another order."""
WORTH_KEEPING = 0.9
"""Share of pairs above which dropping the others costs more than it saves."""
Levels = NDArray[np.int8]


@dataclass(frozen=True)
class Frequencies:
    """A term frequency made ready: codes per record, the adjustment in bits per code, log2 shares."""

    codes: Ints
    log_share: Doubles
    adjustment: TermFrequency

    @property
    def most(self) -> float:
        """The largest adjustment in bits; 0 where there is no value."""
        if not len(self.log_share):
            return 0.0
        with np.errstate(divide="ignore"):
            rarest = max(float(self.log_share.min()), float(np.log2(self.adjustment.least)))
        decisive = rarest if self.adjustment.strength > 0 else float(self.log_share.max())
        return float(self._bits(np.array(decisive)))

    def bits(self, left: Ints, right: Ints) -> Doubles:
        """The adjustment per pair: by the more frequent of both values, 0 where both are missing."""
        share = np.append(self.log_share, -np.inf)
        found = np.maximum(share[self.codes[left]], share[self.codes[right]])
        with np.errstate(divide="ignore"):
            bits = self._bits(np.maximum(found, np.log2(self.adjustment.least)))
        return np.asarray(np.where(np.isneginf(found), 0.0, bits))

    def _bits(self, log_share: Doubles) -> Doubles:
        return np.asarray(self.adjustment.strength * (np.log2(self.adjustment.u) - log_share), dtype=np.float64)


@dataclass(frozen=True)
class Step:
    """A comparison made ready: its levels, a frequency per level, and the best weight from each level on."""

    comparison: Comparison
    frequencies: tuple[Frequencies | None, ...]
    best_from: tuple[float, ...]
    cheap: int

    @property
    def range(self) -> float:
        """How much the costly levels can still decide, in bits."""
        rest = [level.weight for level in self.comparison.levels[self.cheap :]]
        return max(rest) - min(rest) if rest else 0.0


@dataclass(frozen=True)
class Found:
    """Pairs with their weight, the level of each comparison [comparisons, pairs] and the rule that proposed them."""

    left: Ints
    right: Ints
    weight: Doubles
    levels: Levels
    rule: NDArray[np.int16]


def steps_of(comparisons: Sequence[Comparison], columns: Columns, pool: Executor) -> tuple[Step, ...]:
    """Make the comparisons ready: count the term frequencies."""
    names = sorted({level.frequency.column for c in comparisons for level in c.levels if level.frequency})
    sides = [OneSide(name, (name,), bare=True, side="l") for name in names]
    columns.prepare(sides, pool)
    coded = {name: columns.coded(side) for name, side in zip(names, sides, strict=True)}
    shares = dict(zip(names, pool.map(Coded.shares, coded.values()), strict=True))
    return tuple(_step(comparison, coded, shares) for comparison in comparisons)


def _step(comparison: Comparison, coded: dict[str, Coded], shares: dict[str, Doubles]) -> Step:
    def ready(frequency: TermFrequency | None) -> Frequencies | None:
        if frequency is None:
            return None
        return Frequencies(coded[frequency.column].codes, np.log2(shares[frequency.column]), frequency)

    frequencies = tuple(ready(level.frequency) for level in comparison.levels)
    tops = [
        level.weight + max(frequency.most, 0.0) if frequency else level.weight
        for level, frequency in zip(comparison.levels, frequencies, strict=True)
    ]
    best = tuple(max(tops[at:]) for at in range(len(tops)))
    costly = [at for at, level in enumerate(comparison.levels) if level.condition and is_costly(level.condition)]
    return Step(comparison, frequencies, best, costly[0] if costly else len(tops))


class _Scores:
    """A chunk while it is scored: what is decided, and the most that what is open may add."""

    def __init__(self, chunk: Chunk, prior: float, steps: Sequence[Step]) -> None:
        self.chunk = chunk
        self.weight = np.full(len(chunk.left), prior)
        self.levels = np.full((len(steps), len(chunk.left)), OPEN, np.int8)
        self.open_best = np.full(len(chunk.left), sum(step.best_from[0] for step in steps))

    def keep(self, threshold: float) -> None:
        """Drop the pairs that cannot reach the threshold."""
        good = self.weight + self.open_best >= threshold - SLACK
        if np.count_nonzero(good) > WORTH_KEEPING * len(good):
            return
        rows = np.flatnonzero(good)
        self.chunk = self.chunk.keep(rows)
        self.weight, self.open_best, self.levels = self.weight[rows], self.open_best[rows], self.levels[:, rows]


def score(
    chunk: Chunk, rule: int, prior: float, steps: Sequence[Step], ready: Prepared, threshold: float | None
) -> Found:
    """Levels and weight of each pair of a chunk at or above the threshold (log2 odds; None keeps all).

    First what codes can decide, of all comparisons; then the similarities, the most telling comparison first.
    """
    scores = _Scores(chunk, prior, steps)
    for at, step in enumerate(steps):
        _decide(scores, at, step, ready, 0, step.cheap)
        if threshold is not None:
            scores.keep(threshold)
    costly = [at for at, step in enumerate(steps) if step.cheap < len(step.comparison.levels)]
    for at in sorted(costly, key=lambda at: (-steps[at].range, at)):
        _decide(scores, at, steps[at], ready, steps[at].cheap, len(steps[at].comparison.levels))
        if threshold is not None:
            scores.keep(threshold)
    rows = np.flatnonzero(scores.weight >= threshold) if threshold is not None else np.arange(len(scores.weight))
    return Found(
        scores.chunk.left[rows],
        scores.chunk.right[rows],
        scores.weight[rows],
        scores.levels[:, rows],
        np.full(len(rows), rule, np.int16),
    )


def _decide(scores: _Scores, at: int, step: Step, ready: Prepared, first: int, last: int) -> None:
    """Try levels `first` to `last` of a comparison on the pairs it has not decided."""
    levels = scores.levels[at]
    rows = np.flatnonzero(levels == OPEN) if first else None
    scores.open_best[slice(None) if rows is None else rows] -= step.best_from[first]
    for number in range(first, last):
        if rows is not None and not len(rows):
            return
        level = step.comparison.levels[number]
        count = len(levels) if rows is None else len(rows)
        hit = np.ones(count, bool) if level.condition is None else is_true(level.condition, ready, scores.chunk, rows)
        taken = np.flatnonzero(hit) if rows is None else rows[hit]
        levels[taken] = level.value
        scores.weight[taken] += _weight(level, step.frequencies[number], scores.chunk, taken)
        rows = np.flatnonzero(~hit) if rows is None else rows[~hit]
    if last < len(step.comparison.levels):
        open_rows = np.arange(len(levels)) if rows is None else rows
        scores.open_best[open_rows] += step.best_from[last]


def _weight(level: Level, frequency: Frequencies | None, chunk: Chunk, rows: NDArray[np.int64]) -> Doubles | float:
    if frequency is None:
        return level.weight
    return level.weight + frequency.bits(chunk.left[rows], chunk.right[rows])
