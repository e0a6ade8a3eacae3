"""Predicted customer lifetime value: purchases expected month by month, times the spend expected, discounted."""

from dataclasses import dataclass

import numpy as np

from identity.kpi.buying import Array, Buying, distinct_rows, p_alive, purchases_if_alive

DAYS_PER_MONTH = 30
DAYS_PER_UNIT = 7
"""BG/NBD counts time in weeks here."""


@dataclass(frozen=True)
class Outlook:
    """What is expected of each customer over the coming months: P(alive), purchases, and purchases discounted."""

    p_alive: Array
    purchases: Array
    discounted: Array


def outlook(model: Buying, history: tuple[Array, Array, Array], *, months: int, monthly_discount: float) -> Outlook:
    """Expected purchases over `months` months of 30 days; `history` is x, t_x and T of each customer, in weeks.

    Of a customer who is alive they depend on x and T only, so each distinct pair is worked out once.
    CLV(h) = sum over i = 1..h of E[M] (E[Y(30 i)] - E[Y(30 (i-1))]) / (1 + d)^i.
    """
    x, t_x, t = history
    first, which = distinct_rows(x, t)
    before = np.zeros(len(first))
    discounted = np.zeros(len(first))
    for month in range(1, months + 1):
        until = purchases_if_alive(model, x[first], t[first], month * DAYS_PER_MONTH / DAYS_PER_UNIT)
        discounted += (until - before) / (1 + monthly_discount) ** month
        before = until
    alive = p_alive(model, x, t_x, t)
    return Outlook(alive, before[which] * alive, discounted[which] * alive)
