"""How many records people have in a set, and what that says about joining two groups.

Where nearly everybody has two records (two registers linked), a group of four is far less likely than its evidence
alone says; where the numbers fall off evenly, they say nothing. The shares of group sizes are counted on the
components of likely pairs, shrunk towards the even fall-off, and belong to the model, so that they stay frozen with it.
"""

from collections.abc import Sequence

import numpy as np

from identity.matching.components import labels
from identity.matching.model import Doubles
from identity.matching.records import Ints, Longs

LARGEST = 40
"""Most records by which groups are told apart."""
PRIOR_GROUPS = 200.0
"""Groups that the even fall-off (a geometric distribution of the same mean) counts for."""
NO_SURPRISE = 2.0
"""Bits of surprise that a size may hold without speaking against it."""
MOST = 4.0
"""Bits by which a size may speak against a join."""


def size_shares(size: int, left: Ints, right: Ints) -> tuple[float, ...]:
    """Share of groups with 1, 2, ... 2 * LARGEST records among the components of likely pairs."""
    counts = np.bincount(labels(size, left, right), minlength=1)
    held = np.minimum(counts[counts > 0], LARGEST)
    seen = np.bincount(held, minlength=2 * LARGEST + 1)[1:].astype(np.float64)
    goes_on = 1 - 1 / max(float(held.mean()) if len(held) else 1.0, 1.0001)
    even = (1 - goes_on) * goes_on ** np.arange(2 * LARGEST)
    return tuple(map(float, (seen + PRIOR_GROUPS * even) / (seen.sum() + PRIOR_GROUPS)))


def size_penalties(shares: Sequence[float]) -> Doubles:
    """Bits (0 or less) for joining groups of a and b records, [LARGEST + 1, LARGEST + 1]; without shares, none.

    Counted against the join of two single records, for which the match share of the model already stands.
    """
    penalty = np.zeros((LARGEST + 1, LARGEST + 1))
    if len(shares):
        bits = np.log2(np.maximum(np.array(shares), 1e-12))
        a, b = np.meshgrid(np.arange(1, LARGEST + 1), np.arange(1, LARGEST + 1), indexing="ij")
        surprise = bits[a + b - 1] - (bits[a - 1] + bits[b - 1]) - (bits[1] - 2 * bits[0])
        penalty[1:, 1:] = np.clip(surprise + NO_SURPRISE, -MOST, 0)
    return penalty


def penalty_of(penalties: Doubles, one: Longs, other: Longs) -> Doubles:
    """The penalty of each join of groups of so many records."""
    return np.asarray(penalties[np.minimum(one, LARGEST), np.minimum(other, LARGEST)])
