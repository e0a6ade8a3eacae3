"""Clusters: joined by all evidence, within limits, whatever the order."""

import random

import numpy as np
import pytest
from tests.support.matching_cases import records_of

from identity.matching.cluster import Constraints, Limits
from identity.matching.comparison import fields_of
from identity.matching.components import inner_pairs, labels, split_large
from identity.matching.linking import link_records
from identity.matching.records import Records
from identity.matching.resolving import Given, Pairs, Resolved, limited_values, resolve_records

NOBODY = np.zeros(0, dtype=np.int64)
LIMITS = Limits(200, {"emails": 10, "phones": 10, "addresses": 20})


def resolved(records: Records, limits: Limits = LIMITS, apart=(NOBODY, NOBODY), together=(NOBODY, NOBODY)) -> Resolved:
    fields, _, model, scored = link_records(records, 40)
    pairs = Pairs(scored.left.astype(np.int64), scored.right.astype(np.int64), scored.weight, scored.vector)
    constraints = Constraints(limits, np.ones(records.size, np.int64), limited_values(records), apart)
    return resolve_records(records, fields, model, pairs, constraints, Given(stated=together))


def crowd(size: int) -> list[dict[str, object]]:
    """People without anything in common."""
    chance = random.Random(7)
    word = lambda: "".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=8))  # noqa: E731
    return [
        {
            "name": (word(), word()),
            "birth": (chance.randint(1930, 2000), chance.randint(1, 12), chance.randint(1, 28)),
            "email": f"{word()}@mail.org",
        }
        for _ in range(size)
    ]


def pair_of(*rows: int) -> tuple[np.ndarray, np.ndarray]:
    return np.array([rows[0]], np.int64), np.array([rows[1]], np.int64)


ANN = {"name": ("ann", "quackenbush"), "birth": (1980, 4, 17)}


def test_one_person_with_two_e_mails_is_one_cluster():
    people = [{**ANN, "email": "ann@one.org"}, {**ANN, "email": "ann@two.org"}, {**ANN, "email": "ann@one.org"}]
    assert len(set(resolved(records_of([*people, *crowd(100)])).group[:3])) == 1


def test_a_borrowed_e_mail_does_not_bridge_two_people():
    victor = {"name": ("victor", "olsen"), "birth": (1951, 12, 2)}
    people = [
        {**ANN, "email": "ann@one.org"}, {**ANN, "email": "ann@one.org", "phone": "+4930111111"},
        {**victor, "email": "ann@one.org"}, {**victor, "email": "victor@olsen.org", "phone": "+4930222222"},
    ]  # fmt: skip
    group = resolved(records_of([*people, *crowd(100)])).group
    assert group[0] == group[1]
    assert group[2] == group[3]
    assert group[0] != group[2]


def test_a_thousand_records_sharing_one_e_mail_never_make_one_profile():
    people = [{**person, "email": "info@shop.org"} for person in crowd(1000)]
    group = resolved(records_of(people)).group
    assert np.unique(group, return_counts=True)[1].max() <= 3


def test_a_cannot_link_pair_stays_apart_and_a_must_link_pair_joins():
    people = [
        {**ANN, "email": "ann@one.org"},
        {**ANN, "email": "ann@one.org"},
        {"name": ("ute", "brandt")},
        *crowd(100),
    ]
    records = records_of(people)
    assert len(set(resolved(records).group[:2])) == 1
    kept = resolved(records, apart=pair_of(0, 1))
    assert kept.group[0] != kept.group[1]
    assert [refusal.reason for refusal in kept.refusals] == ["cannot_link"]
    joined = resolved(records, together=pair_of(0, 2))
    assert joined.group[0] == joined.group[2]
    assert len(set(joined.group)) == len(set(resolved(records).group)) - 1


def test_cannot_link_beats_must_link():
    records = records_of([{**ANN, "email": "ann@one.org"}, {**ANN, "email": "ann@one.org"}, *crowd(60)])
    both = resolved(records, apart=pair_of(0, 1), together=pair_of(0, 1))
    assert both.group[0] != both.group[1]


@pytest.mark.parametrize(
    ("limits", "reason"),
    [(Limits(3, LIMITS.values), "cap_records"), (Limits(200, {**LIMITS.values, "phones": 3}), "cap_phones")],
)
def test_a_cluster_beyond_a_limit_is_cut_and_told(limits: Limits, reason: str):
    people = [{**ANN, "email": "ann@one.org", "phone": f"+4930111{n}{n}9"} for n in range(8)]
    found = resolved(records_of([*people, *crowd(100)]), limits)
    assert np.unique(found.group[:8], return_counts=True)[1].max() <= 3
    assert reason in {refusal.reason for refusal in found.refusals}


def test_a_component_of_five_thousand_records_is_split_before_its_inner_pairs_are_listed():
    size = 5000
    left, right = np.arange(size - 1, dtype=np.int32), np.arange(1, size, dtype=np.int32)
    weight = np.where(right % 100 == 0, 1.0, 20.0)
    component = split_large(size, left, right, weight, -4.0)
    assert np.bincount(component).max() == 100
    assert len(inner_pairs(component)[0]) == 50 * 100 * 99 // 2


def test_components_are_named_by_their_smallest_record():
    found = labels(5, np.array([1, 2], np.int32), np.array([2, 4], np.int32))
    assert found.tolist() == [0, 1, 1, 3, 1]


def test_no_records_make_no_clusters():
    records = records_of([])
    assert fields_of(records) == ()
    assert len(resolved(records).group) == 0
