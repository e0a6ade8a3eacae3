"""Figures of a clustering against a slow obvious count of pairs; intervals; the curve; estimates without labels."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.matching.estimate import estimate
from identity.matching.measures import curve, measures, pairs_by_source, reliability, wilson

GROUPINGS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(0, 2)), min_size=1, max_size=14)


def columns(rows: list[tuple[int, int, int]]) -> list[np.ndarray]:
    return [np.array(column, dtype=np.int64) for column in zip(*rows, strict=True)]


@given(GROUPINGS)
def test_measures_equal_a_count_of_every_pair(rows: list[tuple[int, int, int]]) -> None:
    entity, cluster, _ = columns(rows)
    found = measures(entity, cluster)
    pairs = [(a[0] == b[0], a[1] == b[1]) for a, b in combinations(rows, 2)]
    true, said = sum(same for same, _ in pairs), sum(joined for _, joined in pairs)
    hit = sum(same and joined for same, joined in pairs)
    assert (found.true_pairs, found.said_pairs, found.hit_pairs) == (true, said, hit)
    shares = []
    for own in rows:
        cell = sum(other[0] == own[0] and other[1] == own[1] for other in rows)
        shares.append((cell / sum(o[1] == own[1] for o in rows), cell / sum(o[0] == own[0] for o in rows)))
    assert found.b3_precision == pytest.approx(np.mean([share for share, _ in shares]))
    assert found.b3_recall == pytest.approx(np.mean([share for _, share in shares]))
    sets = [{n for n, row in enumerate(rows) if row[1] == name} for name in set(cluster.tolist())]
    exact = sum({n for n, row in enumerate(rows) if row[0] == name} in sets for name in set(entity.tolist()))
    assert found.exact_entities == pytest.approx(exact / len(set(entity.tolist())))


@given(GROUPINGS)
def test_pairs_by_source_add_up_to_all_pairs(rows: list[tuple[int, int, int]]) -> None:
    entity, cluster, source = columns(rows)
    found, whole = pairs_by_source(entity, cluster, source, 3), measures(entity, cluster)
    assert found.sum(axis=(1, 2)).tolist() == [whole.true_pairs, whole.said_pairs, whole.hit_pairs]
    between = sum(a[0] == b[0] and {a[2], b[2]} == {0, 1} for a, b in combinations(rows, 2))
    assert found[0, 0, 1] == between


def test_an_interval_holds_its_share_and_narrows_with_more() -> None:
    few, many = wilson(9, 10), wilson(900, 1000)
    assert few[0] < 0.9 < few[1]
    assert few[0] < many[0] < 0.9 < many[1] < few[1]
    assert wilson(0, 0) == (0.0, 1.0)


def test_the_curve_counts_true_pairs_that_were_never_scored() -> None:
    chance = np.array([0.9, 0.9, 0.6, 0.3])
    found = curve(chance, np.array([1, 2, 1, 1]), np.array([1, 1, 0, 1]), true_pairs=4)
    assert found.threshold.tolist() == [0.9, 0.6, 0.3]
    assert found.precision.tolist() == [2 / 3, 0.5, 0.6]
    assert found.recall.tolist() == [0.5, 0.5, 0.75]
    assert [found.at(threshold) for threshold in (0.95, 0.9, 0.5, 0.3)] == [-1, 0, 1, 2]


def test_reliability_sets_what_was_foretold_beside_what_came_true() -> None:
    (low, high) = reliability(np.array([0.1, 0.3, 1.0]), np.array([1, 1, 2]), np.array([0, 1, 2]), (0.0, 0.5, 1.0))
    assert (low.pairs, low.foretold, low.observed) == (2, pytest.approx(0.2), 0.5)
    assert (high.pairs, high.foretold, high.observed) == (2, 1.0, 1.0)


def test_an_estimate_falls_with_the_weights_inside_and_with_those_left_apart() -> None:
    group, one, left, right = (
        np.array([0, 0, 0, 3]),
        np.ones(4, np.int64),
        np.array([0, 0, 1, 2]),
        np.array([1, 2, 2, 3]),
    )
    sure = estimate(group, one, left, right, np.array([20.0, 20, 20, -10]))
    weak = estimate(group, one, left, right, np.array([20.0, 1, 1, -10]))
    missed = estimate(group, one, left, right, np.array([20.0, 20, 20, -1]))
    assert sure.precision.value > 0.999 > weak.precision.value
    assert sure.recall.value > 0.98 > missed.recall.value
    for found in (sure, weak, missed):
        assert found.precision.low <= found.precision.value <= found.precision.high
        assert found.recall.low <= found.recall.value <= found.recall.high
    assert estimate(np.array([0]), one[:1], left[:0], right[:0], np.zeros(0)).precision.value == 1.0
