"""Which channels earned the conversions, by all paths together: Markov chains and Shapley values.

The models that share out one conversion at a time (first, last, linear …) are `sql/marts/attribution_credit.sql`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from identity.kpi.buying import Array


@dataclass(frozen=True)
class Paths:
    """Distinct paths: their steps one after the other as numbers of `channels`, and how each of them ended.

    `ends[i]` is where path i ends in `steps`. `conversions` is how many journeys of that path (or how much money)
    converted, `losses` how many did not. No path is empty.
    """

    channels: tuple[str, ...]
    steps: NDArray[np.int64]
    ends: NDArray[np.int64]
    conversions: Array
    losses: Array

    @classmethod
    def of(cls, journeys: Iterable[tuple[Sequence[str], float, float]]) -> "Paths":
        """From (channels in order, conversions, losses)."""
        rows = [row for row in journeys if row[0]]
        channels = tuple(sorted({channel for path, _, _ in rows for channel in path}))
        number = {channel: n for n, channel in enumerate(channels)}
        return cls(
            channels,
            np.array([number[channel] for path, _, _ in rows for channel in path], np.int64),
            np.cumsum([len(path) for path, _, _ in rows], dtype=np.int64),
            np.array([won for _, won, _ in rows], float),
            np.array([lost for _, _, lost in rows], float),
        )

    @property
    def which(self) -> NDArray[np.int64]:
        """The path of each step."""
        return np.repeat(np.arange(len(self.ends)), np.diff(self.ends, prepend=0))


def markov(paths: Paths) -> dict[str, float]:
    """Conversions of each channel by its removal effect in a chain start → channels → conversion or null.

    A channel's removal effect is the share of conversions lost when every step into it leads to null. The credits
    sum to the conversions. Without conversions all are 0.
    """
    n = len(paths.channels)
    won = float(paths.conversions.sum())
    if not n or won <= 0:
        return dict.fromkeys(paths.channels, 0.0)
    inner, to_conversion, from_start = _transitions(paths)
    reached = _conversion_probability(inner, to_conversion, from_start)
    effects = np.array([1 - _without(c, inner, to_conversion, from_start) / reached for c in range(n)])
    shares = effects / effects.sum()
    return {channel: float(won * share) for channel, share in zip(paths.channels, shares, strict=True)}


def _transitions(paths: Paths) -> tuple[Array, Array, Array]:
    """P(channel to channel), P(channel to conversion) and P(start to channel), from all paths."""
    n = len(paths.channels)
    journeys = paths.conversions + paths.losses
    starts = np.concatenate([[0], paths.ends[:-1]])
    lasts = paths.ends - 1
    goes_on = np.ones(len(paths.steps), bool)
    goes_on[lasts] = False
    (at,) = np.nonzero(goes_on)
    weight = journeys[paths.which[at]]
    inner = np.bincount(paths.steps[at] * n + paths.steps[at + 1], weight, n * n).reshape(n, n)
    to_conversion = np.bincount(paths.steps[lasts], paths.conversions, n)
    to_null = np.bincount(paths.steps[lasts], paths.losses, n)
    from_start = np.bincount(paths.steps[starts], journeys, n)
    leaving = inner.sum(axis=1) + to_conversion + to_null
    leaving[leaving == 0] = 1
    return inner / leaving[:, None], to_conversion / leaving, from_start / from_start.sum()


def _conversion_probability(inner: Array, to_conversion: Array, from_start: Array) -> float:
    """[(I - Q)^-1 R] from start to conversion."""
    return float(from_start @ np.linalg.solve(np.eye(len(inner)) - inner, to_conversion))


def _without(channel: int, inner: Array, to_conversion: Array, from_start: Array) -> float:
    """The same when steps into a channel lead to null."""
    kept = np.delete(np.arange(len(inner)), channel)
    return _conversion_probability(inner[np.ix_(kept, kept)], to_conversion[kept], from_start[kept])


def shapley(paths: Paths) -> dict[str, float]:
    """Conversions of each channel by its Shapley value, where v(S) = conversions on paths with channels within S only.

    v is a sum of unanimity games, one for each set of channels that a path has, and in such a game the members share
    alike (Shapley 1953): so each path's conversions are shared alike between its distinct channels. This is exact
    for any number of channels; no sampling is needed. The credits sum to the conversions.
    """
    n = len(paths.channels)
    pairs = np.unique(paths.which * max(n, 1) + paths.steps)
    path, channel = pairs // max(n, 1), pairs % max(n, 1)
    distinct = np.bincount(path, minlength=len(paths.ends))
    credit = np.bincount(channel, paths.conversions[path] / distinct[path], n)
    return {name: float(value) for name, value in zip(paths.channels, credit, strict=True)}
