"""BG/NBD: how often people buy and when they silently stop, from their repeat purchases (Fader, Hardie, Lee 2005).

While alive a customer buys at a Poisson rate (gamma over customers: r, alpha); after each purchase he drops out with
a probability (beta over customers: a, b). Known of a customer are x, the number of repeat purchases, t_x, the time
of the last one, and T, the time of observation, both since the first purchase and in the same unit; purchases of one
day count as one. Formulas: https://www.brucehardie.com/papers/bgnbd_2004-04-20.pdf.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]

LEAST_BUYERS = 100
LEAST_REPEATERS = 30
_LOG_BOUND = 10.0
_PRIOR_WIDTH = 2.0
"""Standard deviation of the logarithms of the parameters under the prior that is asked only where the likelihood has
no inner maximum (nobody seems to drop out, or all are alike): wide enough to double or halve any of them freely."""


@dataclass(frozen=True)
class Buying:
    """A fitted BG/NBD; `is_penalised` where the weak prior had to keep the parameters finite."""

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float
    is_penalised: bool = False


@dataclass(frozen=True)
class Histories:
    """Distinct purchase histories: x, t_x and T of each, and how many customers have it."""

    x: Array
    t_x: Array
    t: Array
    customers: Array

    @classmethod
    def of(cls, x: Array, t_x: Array, t: Array) -> tuple["Histories", NDArray[np.intp]]:
        """The distinct histories of customers, in order, and which of them each customer has."""
        columns = [np.asarray(column, float) for column in (x, t_x, t)]
        first, which = distinct_rows(*columns)
        x, t_x, t = (column[first] for column in columns)
        return cls(x, t_x, t, np.bincount(which, minlength=len(first)).astype(float)), which


def distinct_rows(*columns: Array) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The position of one row of each distinct kind, in the order of the columns, and which of these each row is.

    As `np.unique` of whole rows tells it, which compares them as bytes of any length: eight times as slow.
    """
    order = np.lexsort(columns[::-1])
    is_new = np.ones(len(order), bool)
    is_new[1:] = np.any([column[order][1:] != column[order][:-1] for column in columns], axis=0)
    which = np.empty(len(order), np.intp)
    which[order] = np.cumsum(is_new) - 1
    return order[is_new], which


def why_not(histories: Histories) -> str | None:
    """Why these customers are too few or too alike to tell of buying, or None."""
    buyers = histories.customers.sum()
    repeaters = histories.customers[histories.x > 0].sum()
    if buyers < LEAST_BUYERS:
        return f"{buyers:.0f} buyers; {LEAST_BUYERS} are needed"
    if repeaters < LEAST_REPEATERS:
        return f"{repeaters:.0f} buyers bought again; {LEAST_REPEATERS} are needed"
    if not (histories.t > 0).any():
        return "every buyer was first seen on the last day"
    return None


def fit(histories: Histories) -> Buying | str:
    """The parameters of greatest likelihood, or in words why there are none.

    Where the likelihood grows towards infinite or vanishing parameters, a weak normal prior on their logarithms
    (mean 0, standard deviation 2) is added, within bounds of e^-10 and e^10, and `is_penalised` says so.
    """
    reason = why_not(histories)
    if reason:
        return reason
    for width in (None, _PRIOR_WIDTH):
        found = _maximise(histories, width)
        if found is not None:
            r, alpha, a, b = (float(value) for value in np.exp(found))
            likelihood = float(log_likelihood(found, histories)[0])
            return Buying(r, alpha, a, b, likelihood, is_penalised=width is not None)
    return "the search for the parameters did not settle"


def _maximise(histories: Histories, prior_width: float | None) -> Array | None:
    """Logarithms of the best parameters; None without a maximum inside the bounds.

    Under the prior the bounds may be touched: among very many customers it weighs too little to keep parameters from
    where the likelihood hardly changes any more.
    """
    from scipy.optimize import minimize

    total = histories.customers.sum()

    def loss(logs: Array) -> tuple[float, Array]:
        value, gradient = log_likelihood(logs, histories)
        if prior_width is not None:
            value -= float(logs @ logs) / (2 * prior_width**2)
            gradient = gradient - logs / prior_width**2
        return -value / total, -gradient / total

    scale = float(np.log(max(histories.t.max() / 10, 0.1)))
    best: Array | None = None
    least = np.inf
    for start in ([0.0, scale, 0.0, 0.5], [-1.0, scale + 1, -0.5, 1.0]):
        found = minimize(
            loss,
            np.array(start),
            jac=True,
            method="L-BFGS-B",
            bounds=[(-_LOG_BOUND, _LOG_BOUND)] * 4,
            options={"ftol": 1e-14, "gtol": 1e-8, "maxiter": 500},
        )
        free = np.abs(found.x) < 0.9 * _LOG_BOUND
        inner = free.all() or prior_width is not None
        flat = np.abs(found.jac[free]).max(initial=0) < 1e-4
        if np.isfinite(found.fun) and flat and inner and found.fun < least:
            best, least = np.asarray(found.x), float(found.fun)
    return best


def log_likelihood(logs: Array, histories: Histories) -> tuple[float, Array]:
    """Log-likelihood of all customers and its gradient by the logarithms of (r, alpha, a, b)."""
    from scipy.special import digamma, gammaln

    r, alpha, a, b = np.exp(logs)
    x, t_x, t, n = histories.x, histories.t_x, histories.t, histories.customers
    counts, which = np.unique(x, return_inverse=True)  # few: the special functions are asked once for each
    of_count = (
        gammaln(r + counts) - gammaln(r) + gammaln(a + b) + gammaln(b + counts) - gammaln(b) - gammaln(a + b + counts)
    )
    again = x > 0
    log_alive, log_gone = np.log(alpha + t), np.log(alpha + t_x)
    alive = -(r + x) * log_alive
    gone = np.where(again, np.log(a) - np.log(b + np.where(again, x, 1) - 1) - (r + x) * log_gone, -np.inf)
    either = np.logaddexp(alive, gone)
    value = float(np.sum(n * (of_count[which] + r * np.log(alpha) + either)))
    is_gone = np.exp(gone - either)
    is_alive = 1 - is_gone
    psi_r, psi_b, psi_ab = digamma(r + counts)[which], digamma(b + counts)[which], digamma(a + b + counts)[which]
    both = digamma(a + b) - psi_ab
    by_r = psi_r - digamma(r) + np.log(alpha) - is_alive * log_alive - is_gone * log_gone
    by_alpha = r / alpha - (r + x) * (is_alive / (alpha + t) + is_gone / (alpha + t_x))
    by_a = both + is_gone / a
    by_b = both + psi_b - digamma(b) - is_gone / (b + np.where(again, x, 1) - 1)
    # sums in one order, not dot products, whose last digits may go with the threads of the algebra library
    gradient = np.array([np.sum(n * slope) for slope in (by_r * r, by_alpha * alpha, by_a * a, by_b * b)])
    return value, gradient


def p_alive(model: Buying, x: Array, t_x: Array, t: Array) -> Array:
    """Probability that a customer has not dropped out; 1 for those who bought once only, as the model has it."""
    x = np.asarray(x, float)
    again = x > 0
    odds = (
        np.log(model.a)
        - np.log(model.b + np.where(again, x, 1) - 1)
        + (model.r + x) * (np.log(model.alpha + t) - np.log(model.alpha + t_x))
    )
    return np.where(again, 1 / (1 + np.exp(np.minimum(odds, 700))), 1.0)


def purchases_if_alive(model: Buying, x: Array, t: Array, horizon: float) -> Array:
    """Expected purchases within `horizon` of a customer who is alive at T: E[Y(horizon)] / P(alive).

    The paper's 2F1(r+x, b+x; a+b+x-1; z) with Euler's transformation, which lets the power of large x cancel.
    """
    from scipy.special import hyp2f1

    x, t = np.asarray(x, float), np.asarray(t, float)
    if horizon <= 0:
        return np.zeros_like(x)
    a = model.a if abs(model.a - 1) > 1e-7 else 1 + 1e-7  # a removable singularity
    c = a + model.b + x - 1
    c = np.where(np.abs(c) > 1e-7, c, 1e-7)
    z = horizon / (model.alpha + t + horizon)
    series = hyp2f1(a - 1, a + model.b - 1 - model.r, c, z)
    return np.asarray(c / (a - 1) * (1 - (1 - z) ** (a - 1) * series))


def expected_purchases(model: Buying, x: Array, t_x: Array, t: Array, horizon: float) -> Array:
    """E[Y(horizon) | x, t_x, T]: purchases expected within `horizon` from now, in the unit of t_x and T."""
    return purchases_if_alive(model, x, t, horizon) * p_alive(model, x, t_x, t)
