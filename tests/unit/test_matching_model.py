"""The model: what it learns, what it owns up to, and how it weighs."""

import numpy as np
import pytest
from tests.support.matching_cases import records_of

from identity.matching import levels as lv
from identity.matching.comparison import compare, fields_of
from identity.matching.linking import link_records
from identity.matching.model import from_json, prior_model, tables
from identity.matching.records import Records
from identity.matching.score import evidence_of, probability, weight_of, weights

GIVEN = ("ann", "bob", "carla", "dave", "erik", "fiona", "george", "hilde", "ines", "jakob")
FAMILY = ("lee", "stone", "brandt", "olsen", "meyer", "rossi", "garcia", "novak", "dubois", "moreau", "smith")


def people(size: int) -> list[dict[str, object]]:
    """Everybody twice, the second time without the phone."""
    rows = []
    for n in range(size):
        name = (GIVEN[n % 10], FAMILY[n // 10 % 11])
        person = {
            "name": name,
            "birth": (1930 + n * 7 % 70, 1 + n * 5 % 12, 1 + n * 11 % 28),
            "email": f"user{n * 7919}@mail.org",
        }
        rows += [{**person, "phone": f"+4930{n * 104729 % 10**7:07d}"}, person]
    return rows


def weight(records: Records, left: int, right: int) -> float:
    fields = fields_of(records)
    model = prior_model(fields, 1000)
    vectors = compare(records, fields, np.array([left], np.int32), np.array([right], np.int32))
    return float(weights(model, evidence_of(tables(model, 1000), vectors))[0])


def test_two_hundred_records_are_matched_without_training_data():
    records = records_of(people(100))
    _, pairs, model, scored = link_records(records, 40)
    sure = probability(scored.weight) >= 0.95
    found = set(zip(scored.left[sure].tolist(), scored.right[sure].tolist(), strict=True))
    assert found == {(row, row + 1) for row in range(0, 200, 2)}
    assert len(pairs.left) == 200 * 199 // 2
    assert model.em_converged


def test_em_admits_what_it_could_not_learn():
    _, _, model, _ = link_records(records_of(people(100)), 40)
    family = next(field for field in model.fields if field.name == "family_name")
    origin = dict(zip(family.labels, family.origin, strict=True))
    assert origin["exact"] == "em"
    assert origin["typo"] == "prior"


def test_the_model_survives_its_json():
    _, _, model, _ = link_records(records_of(people(60)), 40)
    again = from_json(model.to_json())
    assert again.to_json() == model.to_json()
    assert again.version == model.version


def test_a_model_of_another_schema_is_refused():
    with pytest.raises(ValueError, match="schema version"):
        from_json('{"schema_version": 99}')


def test_every_level_of_every_field_has_probabilities():
    records = records_of([{"name": ("a", "b", "c", "jr"), "birth": (1980, 1, 2), "email": "a@b.de", "phone": "+491", "ids": {"national_id": "1"},
                           "address": ("1", "s", None, "p", "c"), "gender": "male", "company": "x", "attributes": {"job": "y"}}] * 2)  # fmt: skip
    for field in prior_model(fields_of(records), 100).fields:
        for name in ("m", "h", "u"):
            values = [
                value
                for label, value in zip(field.labels, getattr(field, name), strict=True)
                if label not in ("missing", "implied")
            ]
            assert sum(values) == pytest.approx(1, abs=2e-3), (field.name, name)


def test_records_with_nothing_but_a_name_never_join_each_other():
    bare = {"name": ("zebedee", "quackenbush"), "gender": "male"}
    records = records_of([bare, bare, *people(50)])
    assert probability(np.array([weight(records, 0, 1)]))[0] < 0.05


def test_a_common_name_alone_joins_nobody():
    crowd = [{**person, "name": ("ann", "smith")} for person in people(120)[200::2]]
    _, _, _, scored = link_records(records_of([{"name": ("ann", "smith")}, *crowd, *people(100)]), 40)
    assert (probability(scored.weight[scored.left == 0]) < 0.5).all()


def test_names_that_go_together_count_less():
    """Two towns whose people bear other names: strangers share whole names more often than their parts say."""
    towns = [(GIVEN[town * 5 : town * 5 + 5], FAMILY[town * 5 : town * 5 + 5]) for town in (0, 1)]
    crowd = [
        {
            "name": (given[n % 5], family[n * n % 5]),
            "birth": (1930 + n * 7 % 70, 1 + n * 5 % 12, 1 + n * 11 % 28),
            "email": f"user{n * 7919}@mail.org",
        }
        for given, family in towns
        for n in range(400)
    ]
    _, _, model, _ = link_records(records_of(crowd), 40)
    mixed = [{**person, "name": (GIVEN[n % 10], FAMILY[n * n % 10])} for n, person in enumerate(crowd)]
    _, _, even, _ = link_records(records_of(mixed), 40)
    assert model.namesakes > 1.3 * even.namesakes


def namesakes_and_others() -> list[dict[str, object]]:
    """People who are in twice, under two e-mails made of their name; and sixty of one name, each in once."""
    found = []
    for n in range(600):
        given, family = GIVEN[n % 10], f"{FAMILY[n * n % 10]}{chr(97 + n % 26)}{chr(97 + n // 26)}"
        person = {"name": (given, family), "birth": (1930 + n * 7 % 70, 1 + n * 5 % 12, 1 + n * 11 % 28)}
        found += [person | {"email": f"{given}.{family}{tail}@mail.org"} for tail in ("", "1")]
    for n in range(60):
        born = (1930 + n * 11 % 70, 1 + n * 5 % 12, 1 + n * 17 % 28)
        found.append({"name": ("wilma", "zander"), "birth": born, "email": f"wilma.zander{n * 37}@mail.org"})
    return found


def test_a_whole_name_that_many_bear_is_worth_less_than_its_parts_say():
    _, _, model, _ = link_records(records_of(namesakes_and_others()), 40)
    (whole,) = [field for field in model.fields if field.name == "whole_name"]
    bits = np.log2(np.array(whole.m) / np.array(whole.u))
    assert bits[lv.Whole.AS_EXPECTED] > bits[lv.Whole.TWELVE_TIMES]
    assert bits[lv.Whole.TWELVE_TIMES] < -0.5


def test_e_mails_made_of_one_name_tell_nothing_where_namesakes_have_such_e_mails():
    alone = namesakes_and_others()[:1200]
    found = []
    for people_ in (alone, namesakes_and_others()):
        _, _, model, _ = link_records(records_of(people_), 40)
        (email,) = [field for field in model.fields if field.name == "email"]
        level = lv.Email.SIMILAR_FROM_NAME
        found.append(np.log2(email.m[level] / email.u[level]))
    assert found[1] < found[0] - 0.5


def test_a_household_never_joins_two_people_of_different_given_names():
    home = {"address": ("1", "mill lane", None, "AB1", "york"), "phone": "+4930111111", "email": "family@lee.org"}
    records = records_of([{"name": ("ann", "lee"), **home}, {"name": ("victor", "lee"), **home}, *people(50)])
    assert probability(np.array([weight(records, 0, 1)]))[0] < 0.5


def test_the_same_household_evidence_joins_one_person():
    home = {"address": ("1", "mill lane", None, "AB1", "york"), "phone": "+4930111111"}
    records = records_of([{"name": ("ann", "lee"), **home}, {"name": ("anne", "lee"), **home}, *people(50)])
    assert probability(np.array([weight(records, 0, 1)]))[0] > 0.8


def test_father_and_son_are_two_people():
    home = {"address": ("1", "mill lane", None, "AB1", "york")}
    records = records_of(
        [{"name": ("john", "lee", None, "jr"), **home}, {"name": ("john", "lee", None, "sr"), **home}, *people(50)]
    )
    without = records_of([{"name": ("john", "lee"), **home}, {"name": ("john", "lee"), **home}, *people(50)])
    assert weight(records, 0, 1) < weight(without, 0, 1) - 1


def test_a_rare_value_is_worth_more_than_a_common_one():
    crowd = [{"name": (GIVEN[n % 10], "smith" if n % 2 else f"f{n}"), "email": f"u{n}@x.org"} for n in range(300)]
    pair = {"address": ("1", "mill lane", None, "AB1", "york")}
    rare = records_of([{"name": ("ann", "quackenbush"), **pair}] * 2 + crowd)
    common = records_of([{"name": ("ann", "smith"), **pair}] * 2 + crowd)
    ours = []
    for records in (rare, common):
        fields = fields_of(records)
        _, _, model, _ = link_records(records, 40)
        vectors = compare(records, fields, np.array([0], np.int32), np.array([1], np.int32))
        ours.append(float(weights(model, evidence_of(tables(model, records.size), vectors))[0]))
    assert ours[0] > ours[1]


def test_thresholds_and_weights_are_inverse():
    for chance in (0.5, 0.8, 0.95, 0.999):
        assert probability(np.array([weight_of(chance)]))[0] == pytest.approx(chance)


def test_candidates_of_nothing_are_none():
    assert len(link_records(records_of([]), 40)[1].left) == 0


def test_a_box_is_no_more_common_because_a_record_without_a_name_holds_it():
    known = {"name": ("ada", "lovelace"), "email": "ada.lovelace@analytical.org", "phone": "+4930111111"}
    subscriber = {"email": "ada.lovelace@analytical.org"}
    records = records_of([known, subscriber, *people(10)])
    assert probability(np.array([weight(records, 0, 1)]))[0] > 0.8
