"""What the number of records of people says about joining two groups."""

import numpy as np

from identity.matching.sizes import LARGEST, MOST, penalty_of, size_penalties, size_shares


def shares_of(sizes: list[int]) -> tuple[float, ...]:
    """Shares of components of these sizes, each a chain."""
    left, at = [], 0
    for size in sizes:
        left += range(at, at + size - 1)
        at += size
    return size_shares(at, np.array(left, np.int32), np.array(left, np.int32) + 1)


def test_where_everybody_has_two_records_four_are_unlikely():
    penalties = size_penalties(shares_of([2] * 2000))
    assert penalties[1, 1] == 0
    assert penalties[2, 2] == -MOST


def test_numbers_that_fall_off_evenly_say_nothing():
    even = [size for size in range(1, 12) for _ in range(4000 // 2**size)]
    assert not size_penalties(shares_of(even))[:6, :6].any()


def test_a_small_set_says_nothing():
    assert not size_penalties(shares_of([2] * 20)).any()
    assert not size_penalties(shares_of([])).any()
    assert not size_penalties(()).any()


def test_penalties_are_symmetric_and_never_a_bonus():
    penalties = size_penalties(shares_of([1] * 50 + [2] * 900 + [3] * 10))
    assert np.array_equal(penalties, penalties.T)
    assert (penalties <= 0).all()
    assert penalty_of(penalties, np.array([LARGEST + 7]), np.array([1]))[0] == penalties[LARGEST, 1]
