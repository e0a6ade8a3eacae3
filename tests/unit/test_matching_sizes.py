"""What the number of records of people says about joining two groups."""

import numpy as np

from identity.matching.sizes import LARGEST, MOST, MOST_FOR, bits_of, size_bits, size_shares


def shares_of(sizes: list[int]) -> tuple[float, ...]:
    """Shares of components of these sizes, each a chain."""
    left, at = [], 0
    for size in sizes:
        left += range(at, at + size - 1)
        at += size
    return size_shares(at, np.array(left, np.int32), np.array(left, np.int32) + 1)


def test_where_everybody_has_two_records_four_are_unlikely():
    bits = size_bits(shares_of([2] * 2000))
    assert bits[2, 2] == -MOST


def test_where_everybody_has_two_records_a_record_seeks_its_partner():
    assert size_bits(shares_of([2] * 20000))[1, 1] == MOST_FOR
    assert size_bits(shares_of([1] * 1000 + [2] * 1000))[1, 1] == 0
    assert size_bits(shares_of([1] * 1900 + [2] * 100))[1, 1] == 0


def test_numbers_that_fall_off_evenly_say_nothing():
    even = [size for size in range(1, 12) for _ in range(4000 // 2**size)]
    assert not size_bits(shares_of(even))[:6, :6].any()


def test_a_small_set_says_nothing():
    assert not size_bits(shares_of([2] * 20)).any()
    assert not size_bits(shares_of([])).any()
    assert not size_bits(()).any()


def test_the_order_of_two_groups_does_not_matter():
    bits = size_bits(shares_of([1] * 50 + [2] * 900 + [3] * 10))
    assert np.array_equal(bits, bits.T)
    assert bits_of(bits, np.array([LARGEST + 7]), np.array([1]))[0] == bits[LARGEST, 1]
