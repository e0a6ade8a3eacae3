"""Precision and recall estimated from a reviewed stratified sample, with intervals, and how far reviewers agree.

Shares of strata are weighted by their pairs. Intervals: Wilson (1927) for each stratum, put together by the method of
variance estimates recovery: Zou & Donner (2008), "Construction of confidence limits about effect measures", Statistics
in Medicine 27, for the sum; Newcombe (2016), "MOVER-R confidence intervals for ratios and products", Statistical
Methods in Medical Research 25, for the ratio that recall is made of.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

Z = 1.959963984540054
ENOUGH = 10
"""Reviews of each kind of answer below which nothing is estimated, where it has that many pairs."""


@dataclass(frozen=True)
class Stratum:
    """A kind of automatic answer: its pairs in the run, how many were reviewed, and of them one person."""

    name: str
    is_joined: bool
    pairs: int
    reviewed: int
    same: int

    @property
    def lacking(self) -> int:
        """Reviews that are lacking for an estimate."""
        return max(min(ENOUGH, self.pairs) - self.reviewed, 0)


@dataclass(frozen=True)
class Estimate:
    """A share with the ends of its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Agreement:
    """Pairs that two people reviewed: the share they agree on, and Cohen's kappa (1960), None where chance is sure."""

    pairs: int
    agreed: float
    kappa: float | None


def wilson(same: int, reviewed: int) -> Estimate:
    """A share and its Wilson interval; of no reviews everything is possible."""
    if reviewed == 0:
        return Estimate(0.5, 0.0, 1.0)
    share = same / reviewed
    middle = (share + Z * Z / (2 * reviewed)) / (1 + Z * Z / reviewed)
    half = Z * math.sqrt(share * (1 - share) / reviewed + Z * Z / (4 * reviewed * reviewed)) / (1 + Z * Z / reviewed)
    return Estimate(share, max(middle - half, 0.0), min(middle + half, 1.0))


def precision(strata: Sequence[Stratum]) -> Estimate | None:
    """Of the pairs joined, the share that are one person; None with too few reviews."""
    joined = [stratum for stratum in strata if stratum.is_joined and stratum.pairs]
    pairs = sum(stratum.pairs for stratum in joined)
    if not pairs or any(stratum.lacking for stratum in joined):
        return None
    found = _total(joined)
    return Estimate(found.value / pairs, max(found.low / pairs, 0.0), min(found.high / pairs, 1.0))


def recall(strata: Sequence[Stratum]) -> Estimate | None:
    """Of the pairs of one person among those compared, the share that are joined; None with too few reviews."""
    joined = [stratum for stratum in strata if stratum.is_joined and stratum.pairs]
    apart = [stratum for stratum in strata if not stratum.is_joined and stratum.pairs]
    if not joined or any(stratum.lacking for stratum in (*joined, *apart)):
        return None
    found, missed = _total(joined), _total(apart)
    if found.value <= 0:
        return None
    low, high = _ratio(missed, found)
    return Estimate(1 / (1 + missed.value / found.value), 1 / (1 + high), 1 / (1 + low))


def _total(strata: Sequence[Stratum]) -> Estimate:
    """Pairs of one person in some strata."""
    shares = [(stratum.pairs, wilson(stratum.same, stratum.reviewed)) for stratum in strata]
    value = sum(pairs * share.value for pairs, share in shares)
    below = math.sqrt(sum((pairs * (share.value - share.low)) ** 2 for pairs, share in shares))
    above = math.sqrt(sum((pairs * (share.high - share.value)) ** 2 for pairs, share in shares))
    return Estimate(value, max(value - below, 0.0), min(value + above, float(sum(pairs for pairs, _ in shares))))


def _ratio(top: Estimate, bottom: Estimate) -> tuple[float, float]:
    """Ends of the interval of top / bottom; the upper one is infinite where the bottom may be nothing."""
    product = top.value * bottom.value
    l1, u1, l2, u2 = top.low, top.high, bottom.low, bottom.high
    low_root = max(product**2 - l1 * u2 * (2 * top.value - l1) * (2 * bottom.value - u2), 0.0)
    low = (product - math.sqrt(low_root)) / (u2 * (2 * bottom.value - u2)) if 2 * bottom.value > u2 else 0.0
    if l2 <= 0:
        return max(low, 0.0), math.inf
    high_root = max(product**2 - u1 * l2 * (2 * top.value - u1) * (2 * bottom.value - l2), 0.0)
    return max(low, 0.0), (product + math.sqrt(high_root)) / (l2 * (2 * bottom.value - l2))


def strata_of(populations: Iterable[tuple[str, bool, int]], opinions: Iterable[tuple[str, str, str]]) -> list[Stratum]:
    """Strata from (name, is joined, pairs) and opinions (pair, stratum, verdict), the earliest of a pair first.

    A pair counts with what most of its reviewers say, between equally many with the last word; `unsure` counts as no
    review.
    """
    verdicts: dict[tuple[str, str], list[str]] = {}
    for item, stratum, verdict in opinions:
        verdicts.setdefault((stratum, item), []).append(verdict)
    settled = Counter((stratum, _said(said)) for (stratum, _), said in verdicts.items())
    return [
        Stratum(
            name, is_joined, pairs, settled[name, "same"] + settled[name, "not_same"], settled[name, "same"]
        )
        for name, is_joined, pairs in populations
    ]  # fmt: skip


def _said(verdicts: Sequence[str]) -> str:
    counts = Counter(verdicts)
    most = max(counts.values())
    return next(verdict for verdict in reversed(verdicts) if counts[verdict] == most)


def agreement(pairs: Iterable[tuple[str, str]]) -> Agreement | None:
    """How far the first and the second reviewer agree; None without pairs that two reviewed."""
    listed = list(pairs)
    if not listed:
        return None
    count = len(listed)
    agreed = sum(one == other for one, other in listed) / count
    first: Mapping[str, int] = Counter(one for one, _ in listed)
    second: Mapping[str, int] = Counter(other for _, other in listed)
    chance = sum(first[verdict] * second.get(verdict, 0) for verdict in first) / count**2
    return Agreement(count, agreed, (agreed - chance) / (1 - chance) if chance < 1 else None)
