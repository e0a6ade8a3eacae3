"""Decisions in the numbers of the matching core: equal records told apart, newcomers between two sides (P14)."""

import numpy as np
import pyarrow as pa
from tests.support.matching_cases import records_of

from identity.matching.comparison import fields_of
from identity.matching.decided import Contested, Sides, contested, unfold
from identity.matching.folding import fold_repeats
from identity.matching.linking import link_records
from identity.matching.reading import Encoded

ANN = {"name": ("ann", "quackenbush"), "email": "ann@one.org", "birth": (1980, 4, 17)}
ANNE = {**ANN, "name": ("anne", "quackenbush")}
CARL = {"name": ("carl", "ostrowski"), "email": "carl@two.org", "birth": (1970, 1, 2)}


def encoded(*people: dict) -> tuple[Encoded, pa.Table, tuple]:
    everything = records_of(people)
    first, distinct_of = fold_repeats(everything)
    keys = pa.table({"source": ["crm"] * len(people), "source_pk": [str(n) for n in range(len(people))]})
    folded = Encoded(keys=keys, records=everything.take(first), first=first, distinct_of=distinct_of)
    fields, _, model, scored = link_records(folded.records, 40)
    pairs = pa.table(
        {
            "left_record": pa.array(first[scored.left], pa.int32()),
            "right_record": pa.array(first[scored.right], pa.int32()),
            "blocking_rule": pa.array(["email"] * len(scored.left)),
            "rule_id": pa.array([None] * len(scored.left), pa.string()),
            "match_weight": scored.weight,
            "comparison_vector": scored.vector,
        }
    )
    return folded, pairs, (fields, model)


def ends(pairs: pa.Table) -> set[tuple[int, int]]:
    return set(zip(pairs["left_record"].to_pylist(), pairs["right_record"].to_pylist(), strict=True))


def test_p14_equal_records_stand_for_themselves_only_where_decisions_tell_them_apart() -> None:
    folded, pairs, core = encoded(ANN, ANN, CARL, ANNE, ANN)
    assert folded.distinct_of.tolist() == [0, 0, 1, 2, 0]
    same, unchanged = unfold(folded, pairs, [(0, 1)], core)
    assert (same, unchanged) == (folded, pairs)
    unfolded, further = unfold(folded, pairs, [(0,), (1,)], core)
    assert unfolded.first.tolist() == [0, 1, 2, 3, 4]
    assert unfolded.distinct_of.tolist() == [0, 1, 2, 3, 4]
    assert unfolded.records.size == 5
    assert unfolded.records.emails.key.codes.tolist() == folded.records.emails.key.codes[[0, 0, 1, 2, 0]].tolist()
    assert (unfolded.records.emails.key.frequency == folded.records.emails.key.frequency).all()
    # what was found of the first is said of its equals, and they are a pair with it
    assert ends(further) == {*ends(pairs), (1, 3), (3, 4), (0, 1), (0, 4)}
    assert fields_of(unfolded.records) == core[0]


def strong(*pairs: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([pair[0] for pair in pairs]), np.array([pair[1] for pair in pairs])


def test_p14_a_newcomer_that_fits_both_sides_is_kept_from_all_records_of_both() -> None:
    # 0 and 1 were told apart and live in profiles 7 and 8; 2 lives with 0; 3 is new and fits 2 and 1
    sides = Sides([(0,), (1,)], [(0, 1)], np.array([7, 8, 7, -1]))
    found, apart = contested(sides, strong((2, 3), (1, 3)))
    assert found == [Contested(3, 2, 1)]
    assert set(zip(*(side.tolist() for side in apart), strict=True)) == {(3, 0), (3, 1), (3, 2)}


def test_p14_who_belongs_to_a_side_is_no_newcomer() -> None:
    home = np.array([7, 8, 7, -1])
    assert contested(Sides([(0,), (1,)], [(0, 1)], home), strong((0, 2), (1, 2)))[0] == []  # 2 lives with 0
    assert contested(Sides([(0, 3), (1,)], [(0, 1)], home), strong((0, 3), (1, 3)))[0] == []  # said to be 0
    with_two = Sides([(0,), (1,), (2, 3)], [(0, 1)], home)
    assert contested(with_two, strong((0, 3), (1, 3)))[0] == []  # said to be one with 2, who lives with 0
    assert contested(Sides([(0,), (1,)], [(0, 1)], home), strong((0, 3)))[0] == []  # fits one side only


def test_p14_a_profile_about_to_be_divided_has_no_newcomers_of_its_own() -> None:
    # 0, 1 and 2 are one profile today: 2 goes with the side that fits it better
    sides = Sides([(0,), (1,)], [(0, 1)], np.array([7, 7, 7]))
    assert contested(sides, strong((0, 2), (1, 2)))[0] == []
