"""Comparisons: pictures of two values and the level they deserve."""

import numpy as np
import pytest
from tests.support.matching_cases import records_of

from identity.matching import levels as lv
from identity.matching.comparison import compare, fields_of, pack, unpack
from identity.matching.records import Records

BORN = (1950, 2, 3)


def level_of(records: Records, field: str) -> int:
    fields = fields_of(records)
    vectors = compare(records, fields, np.array([0], np.int32), np.array([1], np.int32))
    return int(vectors.levels[[entry.name for entry in fields].index(field), 0])


@pytest.mark.parametrize(
    ("one", "other", "given", "family"),
    [
        (("robert", "smith"), ("robert", "smith"), lv.Given.EXACT, lv.Family.EXACT),
        (("robert", "smith"), ("bob", "smith"), lv.Given.NICKNAME, lv.Family.EXACT),
        (("robert", "smith"), ("smith", "robert"), lv.Given.SWAPPED, lv.Family.SWAPPED),
        (("robert", "smith"), ("r", "smith"), lv.Given.INITIAL, lv.Family.EXACT),
        (("katharina", "smith"), ("kathariina", "smyth"), lv.Given.TYPO, lv.Family.TYPO),
        (("anna maria", "garcia lopez"), ("maria", "garcia"), lv.Given.PART, lv.Family.PART),
        (("mark", "white"), ("mary", "white"), lv.Given.SIMILAR, lv.Family.EXACT),
        (("robert", "smith"), ("wilhelmina", "jones"), lv.Given.DIFFERS, lv.Family.DIFFERS),
        (("александр", "васильев"), ("aleksandr", "vasilev"), lv.Given.TYPO, lv.Family.TYPO),
        (("太郎", "smith"), ("taro", "smith"), lv.Given.MISSING, lv.Family.EXACT),
        (("太郎", "佐藤"), ("花子", "佐藤"), lv.Given.DIFFERS, lv.Family.EXACT),
        (("robert", None), ("robert", "smith"), lv.Given.EXACT, lv.Family.MISSING),
        (("smith", None), ("robert", "smith"), lv.Given.MISSING, lv.Family.SWAPPED),
    ],
)
def test_names_agree_as_far_as_a_person_would_say(one, other, given, family):
    records = records_of([{"name": one, "birth": BORN}, {"name": other}])
    assert level_of(records, "given_name") == given
    assert level_of(records, "family_name") == family


@pytest.mark.parametrize(
    ("others", "level"),
    [
        ([], lv.Whole.AS_EXPECTED),  # two of two: (2 + 3) / (2 + 3)
        ([("ann", "jones"), ("bob", "smith")] * 20, lv.Whole.AS_EXPECTED),  # 2 borne, 11.5 expected of the parts
        ([("bob", "jones")] * 40, lv.Whole.AS_EXPECTED),  # (2 + 3) / (0.1 + 3)
        ([("ann", "smith")] * 12 + [("bob", "jones")] * 200, lv.Whole.FOUR_TIMES),  # (14 + 3) / (0.9 + 3)
        ([("ann", "smith")] * 60 + [("bob", "jones")] * 2000, lv.Whole.TWELVE_TIMES),  # (62 + 3) / (1.9 + 3)
    ],
)
def test_a_whole_name_is_held_against_its_parts(others, level):
    twice = [{"name": ("ann", "smith"), "birth": BORN}] * 2
    records = records_of([*twice, *({"name": name, "birth": BORN} for name in others)])
    assert level_of(records, "whole_name") == level


def test_a_whole_name_is_compared_only_where_both_parts_agree():
    for other in (("robert", "smyth"), ("r", "smith"), ("smith", "robert"), ("robert", None)):
        assert level_of(records_of([{"name": ("robert", "smith"), "birth": BORN}, {"name": other}]), "whole_name") == 0


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ((1980, 3, 4), (1980, 3, 4), lv.Birthday.EXACT),
        ((1980, 3, 4), (1980, 4, 3), lv.Birthday.SWAPPED),
        ((1980, 3, 14), (1980, 3, 15), lv.Birthday.ONE_DIGIT),
        ((1980, 3, 14), (1980, 3, 41 - 10), lv.Birthday.TWO_PARTS),
        ((1980, 3, 12), (1980, 3, 21), lv.Birthday.ONE_DIGIT),
        ((1980, 1, 1), (1980, 7, 30), lv.Birthday.YEAR_ONLY),
        ((1980, None, None), (1980, 7, 30), lv.Birthday.YEAR_ONLY),
        ((1980, 3, 4), (1980, 7, 30), lv.Birthday.SAME_YEAR),
        ((1980, 3, 4), (1982, 7, 30), lv.Birthday.NEAR_YEAR),
        ((1980, 3, 4), (1950, 7, 30), lv.Birthday.DIFFERS),
        ((None, None, None), (1950, 7, 30), lv.Birthday.MISSING),
    ],
)
def test_birth_dates_are_compared_by_their_parts(one, other, level):
    assert level_of(records_of([{"birth": one}, {"birth": other}]), "birth_date") == level


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("jd1984@gmail.com", "jd1984@gmail.com", lv.Email.EXACT),
        ("jd1984@gmail.com", "jd1984@yahoo.com", lv.Email.SAME_LOCAL),
        ("jd1984@gmail.com", "jd1985@gmail.com", lv.Email.TYPO),
        ("jd1984@gmail.com", "peter@example.org", lv.Email.DIFFERS),
        ("ann.lee@gmail.com", "ann.lee@yahoo.com", lv.Email.SAME_LOCAL_FROM_NAME),
        ("ann.lee7@gmail.com", "ann.lee8@gmail.com", lv.Email.TYPO_FROM_NAME),
    ],
)
def test_an_e_mail_that_repeats_the_name_is_told_apart(one, other, level):
    records = records_of([{"name": ("ann", "lee"), "email": one}, {"name": ("ann", "lee"), "email": other}])
    assert level_of(records, "email") == level


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        (("12", "high street", None, "AB1", "york"), ("12", "high street", None, "AB1", "york"), lv.Address.FULL),
        (("12", "high street", "1", "AB1", "york"), ("12", "high street", "2", "AB1", "york"), lv.Address.OTHER_UNIT),
        (("12", "high street", None, "AB1", "york"), ("12", "hihg street", None, "AB1", "york"), lv.Address.FULL),
        (("12", "high street", None, "AB1", "york"), ("99", "high street", None, "AB1", "york"), lv.Address.OTHER_HOUSE),
        (("12", "high street", None, "AB1", "york"), (None, None, None, "AB1", None), lv.Address.POSTCODE),
        (("12", "high street", None, "AB1", "york"), ("4", "mill lane", None, "AB1", "york"), lv.Address.POSTCODE_OTHER_STREET),
        (("12", "high street", None, None, "york"), (None, None, None, None, "york"), lv.Address.CITY),
        (("12", "high street", None, "AB1", "york"), ("4", "mill lane", None, "ZZ9", "hull"), lv.Address.DIFFERS),
    ],
)  # fmt: skip
def test_an_address_is_one_comparison(one, other, level):
    assert level_of(records_of([{"address": one}, {"address": other}]), "address") == level


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("123456789", "123456789", lv.Identifier.EXACT),
        ("123456789", "123456798", lv.Identifier.ONE_DIGIT),
        ("123456789", "123450780", lv.Identifier.TWO_DIGITS),
        ("123456789", "987654321", lv.Identifier.DIFFERS),
    ],
)
def test_ids_forgive_a_slip_but_no_more(one, other, level):
    records = records_of([{"ids": {"national_id": one}}, {"ids": {"national_id": other}}])
    assert level_of(records, "national_id") == level


def test_of_several_values_the_best_pairing_counts():
    records = records_of([{"phone": ["+4930111111", "+4930222222"]}, {"phone": ["+4930333333", "+4930222222"]}])
    assert level_of(records, "phone") == lv.Phone.EXACT


def test_a_missing_value_is_no_evidence():
    records = records_of([{"phone": ["+4930111111"], "name": ("ann", "lee")}, {"name": ("ann", "lee")}])
    assert level_of(records, "phone") == lv.Phone.MISSING


def test_agreement_on_gender_is_implied_by_the_given_name():
    ann = {"name": ("ann", "lee"), "gender": "female", "birth": BORN}
    records = records_of([ann, ann])
    assert level_of(records, "gender") == lv.Same.IMPLIED


def test_the_recipient_of_a_gift_is_not_the_customer():
    gift = {"names": [("ann", "lee"), ("victor", "prokofiev")], "birth": BORN}
    records = records_of([gift, {"name": ("victor", "prokofiev")}])
    assert level_of(records, "given_name") == lv.Given.DIFFERS


def test_two_records_with_nothing_but_a_name_say_nothing_of_each_other():
    records = records_of([{"name": ("ann", "lee"), "gender": "female"}] * 2 + [{"name": ("ann", "lee"), "birth": BORN}])
    assert level_of(records, "given_name") == lv.Given.MISSING
    assert level_of(records.take(np.array([0, 2])), "given_name") == lv.Given.EXACT


def test_vectors_survive_packing():
    records = records_of([{"name": ("ann", "lee"), "email": "a@b.de"}, {"name": ("anne", "lee"), "email": "c@d.de"}])
    fields = fields_of(records)
    levels = compare(records, fields, np.array([0], np.int32), np.array([1], np.int32)).levels
    assert np.array_equal(unpack(fields, pack(fields, levels)), levels)
