"""The figures of a clustering are those one gets by writing out all pairs."""

from itertools import combinations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.sample import any_shared_contact, household_mixed, pair_figures


def _truth(people: list[str], households: list[str] | None = None) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "source": "shop",
            "source_pk": [str(i) for i in range(len(people))],
            "person_id": people,
            "household_id": households or people,
        }
    )


def _clusters(labels: list[int]) -> pd.DataFrame:
    return pd.DataFrame({"source": "shop", "source_pk": [str(i) for i in range(len(labels))], "cluster": labels})


def test_pairs_are_counted_as_by_hand() -> None:
    figures = pair_figures(_truth(["a", "a", "a", "b", "b"]), _clusters([1, 1, 2, 2, 2]))
    assert (figures.true_pairs, figures.said_pairs, figures.hit_pairs) == (4, 4, 2)
    assert (figures.precision, figures.recall, figures.f1) == (0.5, 0.5, 0.5)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=14))
def test_counts_equal_enumerated_pairs(rows: list[tuple[int, int]]) -> None:
    people, labels = [str(p) for p, _ in rows], [c for _, c in rows]
    pairs = list(combinations(range(len(rows)), 2))
    true = {(i, j) for i, j in pairs if people[i] == people[j]}
    said = {(i, j) for i, j in pairs if labels[i] == labels[j]}
    figures = pair_figures(_truth(people), _clusters(labels))
    assert (figures.true_pairs, figures.said_pairs, figures.hit_pairs) == (len(true), len(said), len(true & said))


def test_records_the_clustering_lacks_count_as_alone() -> None:
    figures = pair_figures(_truth(["a", "a", "a"]), _clusters([1, 1]))
    assert (figures.hit_pairs, figures.said_pairs, figures.true_pairs, figures.missing) == (1, 1, 3, 1)


def test_records_outside_the_truth_are_ignored() -> None:
    assert pair_figures(_truth(["a", "b"]), _clusters([1, 2, 1, 1])).said_pairs == 0


def test_a_record_that_stands_twice_is_refused() -> None:
    twice = pd.concat([_clusters([1, 2]), _clusters([1])])
    with pytest.raises(ValueError, match="1 records stand more than once"):
        pair_figures(_truth(["a", "b"]), twice)


def test_mixed_households_are_a_share_of_profiles_with_several_records() -> None:
    truth = _truth(["a", "b", "a", "c", "d", "d", "e"], ["h", "h", "h", "i", "j", "j", "k"])
    xref = _clusters([1, 1, 2, 2, 3, 3, 4]).rename(columns={"cluster": "profile_id"})
    # Profile 1 holds two people of h, profile 2 two of different households, 3 one person, 4 a single record.
    assert household_mixed(truth, xref) == pytest.approx(1 / 3)


def test_sharing_any_contact_point_joins_in_chains() -> None:
    records = pd.DataFrame(
        {
            "source": "shop",
            "source_pk": ["1", "2", "3", "4", "5", "6", "6"],
            "email": ["x@a.com", "x@a.com", None, "", None, None, "y@a.com"],
            "phone": [None, "+1", "+1", "", None, "+2", None],
        }
    )
    found = any_shared_contact(records).set_index("source_pk")["cluster"]
    assert found["1"] == found["2"] == found["3"]
    assert len({found[key] for key in ("1", "4", "5", "6")}) == 4


def test_equal_text_as_email_and_as_phone_joins_nothing() -> None:
    records = pd.DataFrame({"source": "s", "source_pk": ["1", "2"], "email": ["7", None], "phone": [None, "7"]})
    assert any_shared_contact(records)["cluster"].nunique() == 2
