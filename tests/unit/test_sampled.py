"""Precision and recall from a reviewed stratified sample, and agreement of reviewers."""

import random

import pytest

from identity.stewardship.sampled import Stratum, agreement, precision, recall, strata_of, wilson


def test_wilson_gives_the_published_interval() -> None:
    # Newcombe (1998), "Two-sided confidence intervals for the single proportion", table I: 81 of 263, 15 of 148, 0 of 20
    for same, of, low, high in ((81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611)):
        found = wilson(same, of)
        assert (round(found.low, 4), round(found.high, 4)) == (low, high)


def test_kinds_count_by_their_pairs() -> None:
    strata = [Stratum("joined_by_rule", True, 9000, 20, 20), Stratum("joined_likely", True, 1000, 20, 10)]
    found = precision(strata)
    assert found is not None
    assert found.value == pytest.approx(0.95)
    assert 0.78 < found.low < found.value < found.high < 1


def test_nothing_is_estimated_from_too_few_reviews() -> None:
    strata = [Stratum("joined_by_rule", True, 9000, 9, 9), Stratum("apart_review", False, 50, 20, 5)]
    assert precision(strata) is None
    assert recall(strata) is None
    assert recall([Stratum("joined_by_rule", True, 9000, 20, 20), Stratum("apart_review", False, 50, 9, 5)]) is None


def test_a_kind_of_few_pairs_needs_only_those() -> None:
    strata = [Stratum("joined_by_rule", True, 3, 3, 3), Stratum("apart_review", False, 2, 2, 0)]
    assert precision(strata) is not None
    assert recall(strata) is not None


def test_recall_is_what_was_joined_of_all_pairs_of_one_person() -> None:
    strata = [Stratum("joined_by_rule", True, 9000, 40, 40), Stratum("apart_review", False, 2000, 40, 20)]
    found = recall(strata)
    assert found is not None
    assert found.value == pytest.approx(0.9)
    assert 0.8 < found.low < 0.9 < found.high < 0.97


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    """Coverage by simulation: 95 % wanted; small samples of rare errors cost a little."""
    draw = random.Random(5)
    kinds = [("a", True, 8000, 0.99), ("b", True, 2000, 0.85), ("c", False, 3000, 0.3), ("d", False, 20000, 0.02)]
    true_joined = sum(n * p for _, joined, n, p in kinds if joined)
    truth = {
        precision: true_joined / 10000,
        recall: true_joined / (true_joined + sum(n * p for _, joined, n, p in kinds if not joined)),
    }
    hits = dict.fromkeys(truth, 0)
    for _ in range(400):
        strata = [
            Stratum(name, joined, n, 60, sum(draw.random() < p for _ in range(60))) for name, joined, n, p in kinds
        ]
        for of, value in truth.items():
            found = of(strata)
            assert found is not None
            hits[of] += found.low <= value <= found.high
    assert min(hits.values()) >= 0.92 * 400, hits


def test_a_pair_counts_once_with_what_most_say_and_unsure_as_no_review() -> None:
    opinions = [
        ("S1", "joined_likely", "same"), ("S1", "joined_likely", "not_same"), ("S1", "joined_likely", "same"),
        ("S2", "joined_likely", "same"), ("S2", "joined_likely", "not_same"), ("S3", "joined_likely", "unsure"),
    ]  # fmt: skip
    (stratum,) = strata_of([("joined_likely", True, 70)], opinions)
    assert (stratum.reviewed, stratum.same, stratum.pairs) == (2, 1, 70)


def test_kappa_takes_off_agreement_by_chance() -> None:
    pairs = (
        [("same", "same")] * 88
        + [("not_same", "not_same")] * 60
        + [("same", "not_same")] * 36
        + [("not_same", "same")] * 16
    )
    found = agreement(pairs)
    assert found is not None
    assert found.agreed == pytest.approx(0.74)
    assert found.kappa == pytest.approx((0.74 - (0.62 * 0.52 + 0.38 * 0.48)) / (1 - (0.62 * 0.52 + 0.38 * 0.48)))
    assert agreement([]) is None
    everybody = agreement([("same", "same")] * 5)
    assert everybody is not None
    assert everybody.kappa is None
