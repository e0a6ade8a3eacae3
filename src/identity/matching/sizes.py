"""How many records people have in a set, and what that says about joining two groups.

Where nearly everybody has two records (two registers linked), a group of four is far less likely than its evidence
alone says, and a record without a partner as well; where the numbers fall off evenly, they say nothing. The shares
of group sizes are counted on the components of likely pairs, shrunk towards the even fall-off, and belong to the
model, so that they stay frozen with it.
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
NO_LONELINESS = 1.0
"""Bits that singles may be rarer than in an even fall-off without speaking for the join of two of them ..."""
MOST_FOR = 3.0
"""... and the most by which they do."""


def size_shares(size: int, left: Ints, right: Ints) -> tuple[float, ...]:
    """Share of groups with 1, 2, ... 2 * LARGEST records among the components of likely pairs."""
    counts = np.bincount(labels(size, left, right), minlength=1)
    held = np.minimum(counts[counts > 0], LARGEST)
    seen = np.bincount(held, minlength=2 * LARGEST + 1)[1:].astype(np.float64)
    goes_on = 1 - 1 / max(float(held.mean()) if len(held) else 1.0, 1.0001)
    even = (1 - goes_on) * goes_on ** np.arange(2 * LARGEST)
    return tuple(map(float, (seen + PRIOR_GROUPS * even) / (seen.sum() + PRIOR_GROUPS)))


def size_bits(shares: Sequence[float]) -> Doubles:
    """Bits that sizes add to the join of groups of a and b records, [LARGEST + 1, LARGEST + 1]; none without shares.

    Against a join: how much rarer groups of a + b are than two joined singles make one expect. For the join of two
    singles: how much rarer singles are than in an even fall-off of the same mean.
    """
    found = np.zeros((LARGEST + 1, LARGEST + 1))
    if len(shares):
        share = np.maximum(np.array(shares), 1e-12)
        bits = np.log2(share)
        a, b = np.meshgrid(np.arange(1, LARGEST + 1), np.arange(1, LARGEST + 1), indexing="ij")
        surprise = bits[a + b - 1] - (bits[a - 1] + bits[b - 1]) - (bits[1] - 2 * bits[0])
        found[1:, 1:] = np.clip(surprise + NO_SURPRISE, -MOST, 0)
        found[1, 1] = np.clip(_loneliness(share) - NO_LONELINESS, 0, MOST_FOR)
    return found


def _loneliness(share: Doubles) -> float:
    """log2 of the odds that a record has a partner, over those of an even fall-off with the same mean."""
    records = float((share * np.minimum(np.arange(1, len(share) + 1), LARGEST)).sum() / share.sum())
    partnered = max(1 - share[0], 1e-12) / share[0]
    return float(np.log2(partnered) - np.log2(max(records - 1, 1e-9)))


def bits_of(bits: Doubles, one: Longs, other: Longs) -> Doubles:
    """The bits of each join of groups of so many records."""
    return np.asarray(bits[np.minimum(one, LARGEST), np.minimum(other, LARGEST)])
