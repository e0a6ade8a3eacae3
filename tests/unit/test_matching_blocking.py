"""Blocking: every promised pair once, no block explodes, the budget holds."""

import numpy as np
from tests.support.matching_cases import records_of

from identity.matching import blocking
from identity.matching.records import Records


def everything(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """A judge to whom every pair looks like a match."""
    return np.ones(len(left), dtype=bool)


def nothing(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """A judge to whom no pair does."""
    return np.zeros(len(left), dtype=bool)


def proposed(records: Records, pairs_per_record: int = 40) -> list[tuple[int, int]]:
    _, pairs = blocking.propose(records, pairs_per_record, everything)
    return list(zip(pairs.left.tolist(), pairs.right.tolist(), strict=True))


def crowd(size: int, **shared: object) -> list[dict[str, object]]:
    """People who have nothing in common but what is given."""
    return [
        {"name": (f"g{n}x", f"f{n}y"), "birth": (1900 + n % 97, 1 + n % 12, 1 + n % 28), **shared} for n in range(size)
    ]


def test_a_small_set_is_compared_as_a_whole():
    assert len(proposed(records_of(crowd(40)))) == 40 * 39 // 2


def test_every_pair_comes_once_and_in_order():
    people = (
        crowd(1200) + [{"name": ("ann", "lee"), "email": "ann@lee.org", "phone": ["+4930111111", "+4930222222"]}] * 5
    )
    pairs = proposed(records_of(people))
    assert len(pairs) == len(set(pairs))
    assert all(left < right for left, right in pairs)
    assert {(a, b) for a in range(1200, 1205) for b in range(a + 1, 1205)} <= set(pairs)


def test_a_hub_of_a_thousand_records_does_not_explode():
    records = records_of(crowd(1500, email="info@shop.org"))
    planned, pairs = blocking.propose(records, 40, everything)
    assert len(pairs.left) <= 40 * 1500
    email = next(blocks for blocks in planned if blocks.name == "email")
    assert email.largest == 1500
    assert email.refined_blocks == 1


def test_a_block_that_no_key_can_split_is_skipped_and_reported():
    twins = [{"name": ("ann", "lee"), "birth": (1980, 1, 1)} for _ in range(1200)]
    planned, pairs = blocking.propose(records_of(twins), 40, everything)
    assert len(pairs.left) == 0
    assert all(blocks.skipped_blocks == 1 and blocks.skipped_pairs == 1200 * 1199 // 2 for blocks in planned)


def test_swapped_names_meet():
    people = [*crowd(1200), {"name": ("ann", "lee")}, {"name": ("lee", "ann")}]
    assert (1200, 1201) in proposed(records_of(people))


def test_two_records_without_values_never_meet_in_a_block():
    people = [*crowd(1200), {}, {}]
    assert not [pair for pair in proposed(records_of(people)) if max(pair) >= 1200]


def test_counts_told_before_are_the_pairs_that_come():
    planned, pairs = blocking.propose(records_of(crowd(1300, phone="+4930111111")), 40, everything)
    new = np.bincount(pairs.rule, minlength=len(planned))
    assert all(found <= blocks.pairs for found, blocks in zip(new, planned, strict=True))


def test_a_costly_rule_without_matches_is_left_out(monkeypatch):
    monkeypatch.setattr(blocking, "CHEAP", 0)
    records = records_of(crowd(1300, company="one employer of all", attributes={"city of birth": "york"}))
    some, _ = blocking.propose(records, 40, everything)
    none, pairs = blocking.propose(records, 40, nothing)
    assert {blocks.name for blocks in none} < {blocks.name for blocks in some}
    assert len(pairs.left) < 1300 * len(none)
