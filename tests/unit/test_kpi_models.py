"""BG/NBD, Gamma–Gamma and attribution against published figures and against slow, obvious ways to the same numbers."""

import csv
import itertools
import math
import random
from pathlib import Path

import numpy as np
import pytest

from identity.kpi import buying, spending, worth
from identity.kpi.attribution import Paths, markov, shapley

CDNOW = Path(__file__).parents[1] / "data" / "cdnow" / "customers.csv"


@pytest.fixture(scope="module")
def cdnow() -> tuple[np.ndarray, ...]:
    with CDNOW.open() as stream:
        rows = list(csv.DictReader(stream))
    return tuple(np.array([float(row[name]) for row in rows]) for name in ("x", "t_x", "T", "zbar"))


@pytest.fixture(scope="module")
def model(cdnow) -> buying.Buying:
    histories, _ = buying.Histories.of(*cdnow[:3])
    found = buying.fit(histories)
    assert isinstance(found, buying.Buying)
    return found


@pytest.fixture(scope="module")
def spend(cdnow) -> spending.Spending:
    found = spending.fit(cdnow[0], cdnow[3])
    assert isinstance(found, spending.Spending)
    return found


def test_bgnbd_on_cdnow_has_the_published_parameters(model) -> None:
    assert [model.r, model.alpha, model.a, model.b] == pytest.approx([0.2426, 4.4135, 0.7929, 2.4258], abs=5e-5)
    assert model.log_likelihood == pytest.approx(-9582.43, abs=0.005)
    assert not model.is_penalised


def test_bgnbd_expects_of_a_cdnow_customer_what_the_paper_does(model) -> None:
    history = (np.array([2.0]), np.array([30.43]), np.array([38.86]))
    assert buying.expected_purchases(model, *history, 39)[0] == pytest.approx(1.2259, abs=5e-5)
    assert buying.p_alive(model, *history)[0] == pytest.approx(0.7266, abs=5e-5)


def test_gamma_gamma_on_cdnow_has_the_published_parameters(spend, cdnow) -> None:
    assert ((cdnow[0] > 0) & (cdnow[3] > 0)).sum() == 946
    assert [spend.p, spend.q, spend.v] == pytest.approx([6.249, 3.745, 15.448], abs=2e-3)
    assert spend.log_likelihood == pytest.approx(-4055.92, abs=0.005)
    assert spend.mean == pytest.approx(35.17, abs=0.005)
    assert spend.correlation == pytest.approx(0.114, abs=5e-4)


def test_the_gradients_are_those_of_the_likelihoods(cdnow) -> None:
    histories, _ = buying.Histories.of(*cdnow[:3])
    keep = (cdnow[0] > 0) & (cdnow[3] > 0)
    x, m = cdnow[0][keep], cdnow[3][keep]
    for function, logs in (
        (lambda at: buying.log_likelihood(at, histories), np.log([0.4, 3.0, 0.6, 2.0])),
        (lambda at: spending.log_likelihood(at, x, m), np.log([4.0, 3.0, 20.0])),
    ):
        _, gradient = function(logs)
        step = 1e-5
        for n in range(len(logs)):
            aside = np.eye(len(logs))[n] * step
            slope = (function(logs + aside)[0] - function(logs - aside)[0]) / (2 * step)
            assert gradient[n] == pytest.approx(slope, rel=1e-5, abs=1e-3)


def test_expected_purchases_equal_the_papers_own_formula(model) -> None:
    from scipy.special import hyp2f1

    r, alpha, a, b = model.r, model.alpha, model.a, model.b
    x, t_x, t, horizon = np.array([0.0, 1, 2, 7]), np.array([0.0, 5, 30, 20]), np.array([10.0, 20, 38, 39]), 25.0
    z = horizon / (alpha + t + horizon)
    series = hyp2f1(r + x, b + x, a + b + x - 1, z)
    above = (a + b + x - 1) / (a - 1) * (1 - ((alpha + t) / (alpha + t + horizon)) ** (r + x) * series)
    below = 1 + (x > 0) * a / (b + x - 1) * ((alpha + t) / (alpha + t_x)) ** (r + x)
    assert buying.expected_purchases(model, x, t_x, t, horizon) == pytest.approx(above / below, rel=1e-9)


def test_customers_with_thousands_of_purchases_have_finite_expectations() -> None:
    model = buying.Buying(0.3, 5.0, 1.0, 0.2, 0.0)
    x, t_x, t = np.array([0.0, 1, 5_000, 20_000]), np.array([0.0, 1, 300, 520]), np.array([520.0, 520, 300, 520])
    expected = buying.expected_purchases(model, x, t_x, t, 52)
    assert np.isfinite(expected).all()
    assert (expected >= 0).all()
    assert 0.9 * 52 * 5_000 / 305 < expected[2] < 52 * 5_000 / 305
    assert buying.p_alive(model, x, t_x, t)[1] < 1


def test_lifetime_value_is_the_sum_over_months_of_discounted_purchases(model, spend) -> None:
    x, t_x, t = np.array([0.0, 2]), np.array([0.0, 30.43]), np.array([20.0, 38.86])
    found = worth.outlook(model, (x, t_x, t), months=12, monthly_discount=0.01)
    purchases, discounted = [], []
    for customer in range(2):
        one = (x[[customer]], t_x[[customer]], t[[customer]])
        until = [buying.expected_purchases(model, *one, month * 30 / 7)[0] for month in range(13)]
        purchases.append(until[12])
        discounted.append(sum((until[i] - until[i - 1]) / 1.01**i for i in range(1, 13)))
    assert found.purchases == pytest.approx(purchases)
    assert found.discounted == pytest.approx(discounted)
    money = spending.expected_spend(spend, x, np.array([0.0, 22.35]))
    weight = spend.p * 2 / (spend.p * 2 + spend.q - 1)
    assert money == pytest.approx([spend.mean, weight * 22.35 + (1 - weight) * spend.mean])


def test_parameters_are_found_again_in_customers_drawn_from_them() -> None:
    rng = random.Random(7)
    truth = (0.8, 10.0, 1.2, 4.0)
    rows = []
    for _ in range(6000):
        rate, drop = rng.gammavariate(truth[0], 1 / truth[1]), rng.betavariate(truth[2], truth[3])
        until, at, last, count = rng.uniform(20, 100), 0.0, 0.0, 0
        while rng.random() >= drop or count == 0:  # the first repeat purchase comes before any drop-out
            at += rng.expovariate(rate)
            if at > until:
                break
            last, count = at, count + 1
        rows.append((count, last, until))
    histories, _ = buying.Histories.of(*(np.array(column) for column in zip(*rows, strict=True)))
    found = buying.fit(histories)
    assert isinstance(found, buying.Buying)
    assert found.r == pytest.approx(truth[0], rel=0.15)
    assert found.alpha == pytest.approx(truth[1], rel=0.2)


def test_too_few_buyers_have_no_model_but_a_reason() -> None:
    few, _ = buying.Histories.of(np.ones(99), np.ones(99), np.full(99, 2.0))
    assert buying.fit(few) == "99 buyers; 100 are needed"
    once, _ = buying.Histories.of(np.zeros(500), np.zeros(500), np.arange(500.0))
    assert buying.fit(once) == "0 buyers bought again; 30 are needed"
    assert spending.fit(np.ones(29), np.ones(29)) == "29 buyers spent something on a repeat purchase; 30 are needed"
    assert isinstance(spending.fit(np.ones(200), np.full(200, 7.0)), str)


def test_where_nobody_drops_out_the_weak_prior_keeps_the_parameters_finite() -> None:
    rng = np.random.default_rng(3)
    t = rng.uniform(50, 100, 400)
    x = rng.poisson(t * 0.2).astype(float)
    found = buying.fit(buying.Histories.of(x, np.where(x > 0, t * 0.99, 0), t)[0])
    assert isinstance(found, buying.Buying)
    assert found.is_penalised
    assert buying.p_alive(found, np.array([10.0]), np.array([49.0]), np.array([50.0]))[0] > 0.8


TOY = Paths.of([(("C1", "C2", "C3"), 1, 0), (("C1",), 0, 1), (("C2", "C3"), 0, 1)])


def test_markov_gives_the_toy_credits() -> None:
    assert markov(TOY) == pytest.approx({"C1": 0.2, "C2": 0.4, "C3": 0.4})


def test_shapley_gives_the_toy_credits() -> None:
    paths = Paths.of([(("A",), 2, 0), (("B",), 1, 0), (("B", "A", "B"), 3, 0), (("C",), 0, 9)])
    assert shapley(paths) == pytest.approx({"A": 3.5, "B": 2.5, "C": 0.0})


def drawn_paths(seed: int, channels: str = "ABCDE") -> list[tuple[tuple[str, ...], float, float]]:
    rng = random.Random(seed)
    return [
        (tuple(rng.choice(channels) for _ in range(rng.randint(1, 6))), rng.randint(0, 5), rng.randint(0, 9))
        for _ in range(60)
    ]


@pytest.mark.parametrize("seed", range(5))
def test_shapley_equals_its_definition_over_all_coalitions(seed: int) -> None:
    journeys = drawn_paths(seed)
    channels = sorted({channel for path, _, _ in journeys for channel in path})
    n = len(channels)

    def worth_of(coalition: frozenset[str]) -> float:
        return sum(won for path, won, _ in journeys if set(path) <= coalition)

    slow = {}
    for channel in channels:
        others = [name for name in channels if name != channel]
        slow[channel] = sum(
            math.factorial(size) * math.factorial(n - size - 1) / math.factorial(n)
            * (worth_of(frozenset(chosen) | {channel}) - worth_of(frozenset(chosen)))
            for size in range(n)
            for chosen in itertools.combinations(others, size)
        )  # fmt: skip
    assert shapley(Paths.of(journeys)) == pytest.approx(slow)


@pytest.mark.parametrize("seed", range(5))
def test_markov_equals_a_long_walk_step_by_step(seed: int) -> None:
    journeys = drawn_paths(seed)

    def converted(without: str | None) -> float:
        moves: dict[str, dict[str, float]] = {}
        for path, won, lost in journeys:
            for here, there in itertools.pairwise(("start", *path)):
                moves.setdefault(here, {})[there] = moves.setdefault(here, {}).get(there, 0) + won + lost
            last = moves.setdefault(path[-1], {})
            last["won"], last["null"] = last.get("won", 0) + won, last.get("null", 0) + lost
        at = {"start": 1.0}
        done = 0.0
        for _ in range(2000):
            after: dict[str, float] = {}
            for here, share in at.items():
                total = sum(moves[here].values())
                for there, count in moves[here].items():
                    if there == "won":
                        done += share * count / total
                    elif there not in ("null", without):
                        after[there] = after.get(there, 0) + share * count / total
            at = after
        return done

    everything = converted(None)
    channels = sorted({channel for path, _, _ in journeys for channel in path})
    effects = {channel: 1 - converted(channel) / everything for channel in channels}
    won = sum(row[1] for row in journeys)
    slow = {channel: won * effect / sum(effects.values()) for channel, effect in effects.items()}
    assert markov(Paths.of(journeys)) == pytest.approx(slow)


@pytest.mark.parametrize("model", [markov, shapley])
def test_credits_sum_to_the_conversions_over_many_channels(model) -> None:
    journeys = drawn_paths(11, channels="ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    assert sum(model(Paths.of(journeys)).values()) == pytest.approx(sum(won for _, won, _ in journeys))


@pytest.mark.parametrize("model", [markov, shapley])
def test_without_conversions_nothing_is_credited(model) -> None:
    assert model(Paths.of([(("A", "B"), 0, 4)])) == {"A": 0.0, "B": 0.0}
    assert model(Paths.of([])) == {}
