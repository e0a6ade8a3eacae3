"""Gamma–Gamma: what a customer spends on a purchase, from the mean of his repeat purchases (Fader, Hardie 2013).

The spends of one customer are gamma with shape p around his own mean; the means vary over customers (q, v). It holds
where spend does not go with frequency: look at `correlation`. https://www.brucehardie.com/notes/025/gamma_gamma.pdf.
"""

from dataclasses import dataclass

import numpy as np

from identity.kpi.buying import LEAST_REPEATERS, Array

_LOG_BOUND = 12.0


@dataclass(frozen=True)
class Spending:
    """A fitted Gamma–Gamma; `correlation` is Pearson's of repeat purchases and mean spend."""

    p: float
    q: float
    v: float
    log_likelihood: float
    correlation: float

    @property
    def mean(self) -> float:
        """Mean spend over all customers: what is expected of somebody who never bought again."""
        return self.p * self.v / (self.q - 1)


def fit(x: Array, mean_spend: Array) -> Spending | str:
    """The parameters of greatest likelihood, or in words why there are none.

    `x` repeat purchases and `mean_spend` their mean value, one entry a customer; those without a repeat purchase or
    with no positive value say nothing and are left out.
    """
    from scipy.optimize import minimize

    x, m = np.asarray(x, float), np.asarray(mean_spend, float)
    x, m = x[(x > 0) & (m > 0)], m[(x > 0) & (m > 0)]
    if len(x) < LEAST_REPEATERS:
        return f"{len(x)} buyers spent something on a repeat purchase; {LEAST_REPEATERS} are needed"
    unit = float(m.mean())

    def loss(logs: Array) -> tuple[float, Array]:
        value, gradient = log_likelihood(logs, x, m / unit)
        return -value / len(x), -gradient / len(x)

    found = minimize(
        loss,
        np.log([2.0, 3.0, 1.0]),
        jac=True,
        method="L-BFGS-B",
        bounds=[(-_LOG_BOUND, _LOG_BOUND)] * 3,
        options={"ftol": 1e-14, "gtol": 1e-8, "maxiter": 1000},
    )
    if not np.isfinite(found.fun) or np.abs(found.jac).max() > 1e-4 or np.abs(found.x).max() > 0.95 * _LOG_BOUND:
        return "the spends differ too little between customers, or too much, for the search to settle"
    p, q, v = (float(value) for value in np.exp(found.x))
    if q <= 1:
        return "the spends spread so far that they have no mean (q is not above 1)"
    varied = x.std() > 0 and m.std() > 0
    correlation = float(np.corrcoef(x, m)[0, 1]) if varied else 0.0
    return Spending(p, q, v * unit, -float(found.fun) * len(x) - len(x) * float(np.log(unit)), correlation)


def log_likelihood(logs: Array, x: Array, m: Array) -> tuple[float, Array]:
    """Log-likelihood of customers with x > 0 and m > 0 and its gradient by the logarithms of (p, q, v)."""
    from scipy.special import digamma, gammaln

    p, q, v = np.exp(logs)
    counts, customers = np.unique(x, return_counts=True)
    px = p * counts
    total = np.log(x * m + v)
    of_count = gammaln(px + q) - gammaln(px) - gammaln(q) + q * np.log(v) + px * np.log(counts)
    value = float(np.sum(customers * of_count) + np.sum((p * x - 1) * np.log(m) - (p * x + q) * total))
    psi = digamma(px + q)
    by_p = np.sum(customers * counts * (psi - digamma(px) + np.log(counts))) + np.sum(x * (np.log(m) - total))
    by_q = np.sum(customers * (psi - digamma(q) + np.log(v))) - total.sum()
    by_v = len(x) * q / v - np.sum((p * x + q) / (x * m + v))
    return value, np.array([by_p * p, by_q * q, by_v * v])


def expected_spend(model: Spending, x: Array, mean_spend: Array) -> Array:
    """E[M | m, x]: spend expected on a coming purchase; the mean of all where nothing was bought again."""
    x, m = np.asarray(x, float), np.maximum(np.asarray(mean_spend, float), 0)
    again = x > 0
    own = model.p * (model.v + np.where(again, x * m, 0)) / (model.p * np.where(again, x, 1) + model.q - 1)
    return np.where(again, own, model.mean)
