"""Promises of every standardised value: never raises, idempotent, keys stay under case, spacing and composition."""

import re
import unicodedata
from datetime import UTC, date
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from identity.standard.address_columns import address_columns
from identity.standard.addresses import ADDRESS_PARTS, parse_address
from identity.standard.consent import parse_consent
from identity.standard.dates import DateOrder, parse_date, vote_date_order
from identity.standard.emails import emails_in, parse_email
from identity.standard.gender import parse_gender
from identity.standard.money import parse_money, vote_decimal_mark
from identity.standard.names import parse_name
from identity.standard.nicknames import nickname_group, phonetic_key
from identity.standard.phones import parse_phone
from identity.standard.places import city_key, parse_country, parse_postal_code, parse_region
from identity.standard.streets import house_number_key, read_box, read_unit, street_key
from identity.standard.text import clean, fold, is_null_word, value
from identity.standard.timestamps import parse_timestamp

TODAY = date(2026, 11, 22)
COUNTRIES = st.sampled_from([None, "US", "GB", "DE", "FR", "ES", "NL", "CA", "IT", "BR", "PL", "CH", "AU"])
ORDERS = st.sampled_from(list(DateOrder))


# Fragments of the kinds of values that exports hold, so that the rules meet each other and not only noise.
FRAGMENTS = st.sampled_from([
    " ", "  ", "\n", ", ", "-", "/", ".", ":", "'", '"', "(", ")", "#", "@", "+", "|", "*", "\u200b", "\u00a0", "é", "e\u0301", "ß", "Ø", "İ",
    "ı", "王", "伟", "김", "か\u3099", "ا", "n", "s", "e", "w", "o", "mc", "st", "rd", "ave", "str", "strasse", "north", "east", "dr", "sr", "jr",
    "iii", "van", "der", "de la", "smith", "JOHN", "Mary", "bob", "Acme", "GmbH", "guest", "test", "n/a", "none", "apt", "unit", "suite", "po box",
    "floor", "no", "county road", "hwy", "rue", "calle", "c/", "0", "1", "12", "00", "1990", "07", "22", "32nd", "555", "4155550196", "+1", "+44", "(0)",
    "ext. 5", "x9", "LS1 1AA", "10115", "M1S 1T4", "CA", "US", "London", "gmail.com", "example.com", "a.b", "+tag", "$", "€", "1,250", "(3.00)",
    "T10:37:33", "10:37:33", "-0500", "Z", "PM", "Jun", "july", "--12-25", "first", "sir", "hon.", "2nd", "lady",
])  # fmt: skip
TEXTS = st.one_of(
    st.text(max_size=40), st.lists(FRAGMENTS, max_size=8).map("".join), st.lists(FRAGMENTS, max_size=6).map(" ".join)
)
OPTIONAL = st.one_of(st.none(), TEXTS)


def typed_otherwise(text: str) -> list[str]:
    """The same text in other cases, spacings and compositions."""
    return [
        unicodedata.normalize("NFD", text),
        unicodedata.normalize("NFC", text),
        f"  {text}\t",
        text.replace(" ", "  "),
        text.replace(" ", "\u00a0"),
    ]


@given(TEXTS)
def test_cleaning_and_folding_twice_changes_nothing(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    lines = clean(text, lines=True)
    assert clean(lines, lines=True) == lines
    folded = fold(text)
    assert fold(folded) == folded
    assert once is None or isinstance(is_null_word(once, "name"), bool)
    again = value(text)
    assert value(again) == again


@given(TEXTS)
@example("Straße")
@example("ΑΣ")
def test_folding_forgets_case_spacing_and_composition(text: str) -> None:
    folded = fold(text)
    for variant in typed_otherwise(text):
        assert fold(variant) == folded
    if text.isascii() or all(char.lower().upper().lower() == char.lower() for char in text):
        assert fold(text.upper()) == fold(text.lower()) == folded


@given(TEXTS)
def test_a_standard_email_is_its_own_standard(text: str) -> None:
    email = parse_email(text)
    assert all(parse_email(address) is not None for address in emails_in(text))
    if email is not None:
        assert parse_email(email.normal) == email
        key = parse_email(email.match_key)
        assert key is not None
        assert key.match_key == email.match_key
        assert email.normal == f"{email.local}@{email.domain}"
        for variant in [*typed_otherwise(text), text.upper() if text.isascii() else text]:
            other = parse_email(variant)
            assert other is not None
            assert other.match_key == email.match_key


@given(TEXTS, COUNTRIES)
def test_a_standard_phone_is_its_own_standard(text: str, region: str | None) -> None:
    phone = parse_phone(text, region)
    if phone is None:
        return
    if phone.e164 is None:
        assert phone.national.isdigit()
    else:
        assert re.fullmatch(r"\+[1-9]\d{6,14}", phone.e164)
        again = parse_phone(phone.e164, region)
        assert again is not None
        assert (again.e164, again.national, again.verified) == (phone.e164, phone.national, phone.verified)


@given(OPTIONAL, OPTIONAL, OPTIONAL, OPTIONAL)
def test_a_standard_name_is_its_own_standard(
    given_: str | None, middle: str | None, family: str | None, full: str | None
) -> None:
    name = parse_name(given=given_, middle=middle, family=family, full=full)
    if name is None or name.not_a_person or name.company or not (name.given and name.family):
        return
    suffix = " ".join(part for part in (name.generation, name.suffix) if part) or None
    again = parse_name(given=name.given, middle=name.middle, family=name.family, title=name.title, suffix=suffix)
    assert again is not None
    assert (again.given_key, again.middle_key, again.family_key) == (name.given_key, name.middle_key, name.family_key)
    assert (again.given, again.family) == (name.given, name.family)


@given(OPTIONAL, OPTIONAL)
def test_case_spacing_and_composition_do_not_move_name_keys(given_: str | None, family: str | None) -> None:
    name = parse_name(given=given_, family=family)
    for index in range(5):
        variant = parse_name(
            given=None if given_ is None else typed_otherwise(given_)[index],
            family=None if family is None else typed_otherwise(family)[index],
        )
        assert (variant is None) == (name is None)
        if variant is not None and name is not None:
            assert (variant.given_key, variant.family_key) == (name.given_key, name.family_key)


@given(
    st.sampled_from(["john", "o'brien", "müller", "mary-ann", "łukasz", "björn", "san", "li"]),
    st.sampled_from(["smith", "mcdonald", "garcía lópez", "ström"]),
)
def test_capitals_do_not_move_name_keys(given_: str, family: str) -> None:
    keys = {
        (name.given_key, name.family_key)
        for change in (str.upper, str.lower, str.title)
        if (name := parse_name(given=change(given_), family=change(family))) is not None
    }
    assert len(keys) == 1


@given(TEXTS, COUNTRIES)
def test_street_city_and_unit_keys_are_their_own_keys(text: str, country: str | None) -> None:
    key = street_key(text, country)
    if key is not None:
        assert street_key(key, country) == key
        for variant in [*typed_otherwise(text), text.upper() if text.isascii() else text]:
            assert street_key(variant, country) == key
    for function in (city_key, house_number_key, read_unit, read_box):
        once = function(text)
        if once is not None:
            assert function(once) == once


@given(TEXTS, COUNTRIES)
def test_places_are_their_own_standard(text: str, country: str | None) -> None:
    code = parse_country(text)
    assert code is None or parse_country(code) == code
    region = parse_region(text, country)
    assert region is None or parse_region(region, country) in {region, None}
    postal = parse_postal_code(text, country)
    if postal is not None:
        again = parse_postal_code(postal.shown, country)
        assert again is not None
        assert (again.shown, again.key) == (postal.shown, postal.key)


@given(OPTIONAL, OPTIONAL, OPTIONAL, OPTIONAL, OPTIONAL, COUNTRIES)
def test_no_address_raises_and_lines_keep_their_keys(
    line1: str | None, line2: str | None, address: str | None, city: str | None, postal: str | None, country: str | None
) -> None:
    parse_address(line1=line1, line2=line2, city=city, postal_code=postal, default_region=country)
    parse_address(address=address, default_region=country)
    found = parse_address(street=line1, house_number=line2, city=city, postal_code=postal, default_region=country)
    if found is not None and found.house_number is not None and found.street is not None:
        again = parse_address(
            street=found.street, house_number=found.house_number, city=found.city, region=found.region,
            postal_code=found.postal_code, country=found.country_iso2, default_region=country,
        )  # fmt: skip
        assert again is not None
        assert (again.house_number, again.postal_key) == (found.house_number, found.postal_key)


WORDS = st.sampled_from([
    "7", "12", "0", "004", "99999", "123456", "66", "1/2", "27b", "N12", "B", "n", "E", "Oak", "Elm", "St", "St.", "Street", "Place", "Rd",
    "Hauptstr.", "Calle", "Mayor", "Dorpslaan", "Rue", "de", "la", "O'Hara", "Apt", "Unit", "no.", "Flat", "Room", "Lot", "floor", "P.O.", "Box",
    "PO Box", "Highway", "Route", "County Road", "Broadway", "First", "32nd", "#", "-", "Straße", "n/a", "", "x", "'", "Austin, TX 78701",
])  # fmt: skip
LINES = st.one_of(st.none(), st.lists(WORDS, max_size=5).map(" ".join), st.lists(WORDS, max_size=4).map(", ".join))
PLACES = st.tuples(
    st.sampled_from([None, "", "Austin", "-", "Singapore", "Köln"]), st.sampled_from([None, "TX", "x"]),
    st.sampled_from([None, "78701", "LS1 1AA", "1085 NF"]), st.sampled_from([None, "US", "Spain", "Nowhere"]),
)  # fmt: skip
ONE_LINE = st.tuples(LINES, *[st.none()] * 6, PLACES)
ANY_LINES = st.tuples(
    LINES, LINES, st.none() | WORDS, st.none() | LINES, st.none() | WORDS, st.none(), st.none() | LINES, PLACES
)


@given(st.lists(st.one_of(ONE_LINE, ANY_LINES), min_size=1, max_size=12), COUNTRIES)
def test_addresses_by_the_column_are_those_read_one_by_one(said: list[tuple[Any, ...]], country: str | None) -> None:
    addresses = [(*texts, *place) for *texts, place in said]
    columns = dict(zip(ADDRESS_PARTS, zip(*addresses, strict=True), strict=True))
    rows = address_columns(columns, country).to_pylist()
    for row, texts in zip(rows, addresses, strict=True):
        one = parse_address(**dict(zip(ADDRESS_PARTS, texts, strict=True)), default_region=country)
        assert row == (dict.fromkeys(row) if one is None else {name: getattr(one, name) for name in row})


@given(TEXTS, ORDERS)
def test_a_standard_date_is_its_own_standard_and_never_in_the_future(text: str, order: DateOrder) -> None:
    parse_date(text, order)
    found = parse_date(text, order, today=TODAY)
    if found is not None:
        again = parse_date(found.text, order, today=TODAY)
        assert again is not None
        assert (again.year, again.month, again.day) == (found.year, found.month, found.day)
        assert found.text <= TODAY.isoformat() or found.year is None


@given(st.dates(date(1900, 1, 1), TODAY), ORDERS)
def test_every_date_written_in_the_columns_order_is_read_back(day: date, order: DateOrder) -> None:
    written = {"ymd": "%Y-%m-%d", "mdy": "%m/%d/%Y", "dmy": "%d.%m.%Y"}[order.value]
    for form in (written, "%Y%m%d", "%d-%b-%Y", "%B %d, %Y", "%Y-%m-%d 00:00:00"):
        found = parse_date(day.strftime(form), order, today=TODAY)
        assert found is not None
        assert found.text == day.isoformat()


@given(st.lists(TEXTS, max_size=6), st.randoms(use_true_random=False))
def test_votes_do_not_depend_on_order_or_repetition(values: list[str], random: object) -> None:
    shuffled = sorted(values * 2, reverse=True)
    assert vote_date_order(values) == vote_date_order(shuffled)
    assert vote_decimal_mark(values) == vote_decimal_mark(shuffled)


@given(TEXTS, st.sampled_from([None, "America/New_York", "Eastern Time (US & Canada)", "-0330", "Nowhere/Land"]))
def test_a_standard_moment_is_its_own_standard(text: str, zone: str | None) -> None:
    moment = parse_timestamp(text, zone)
    if moment is not None:
        assert moment.tzinfo is UTC
        assert parse_timestamp(moment.isoformat(), zone) == moment


@given(TEXTS, st.sampled_from([".", ","]))
def test_standard_words_and_amounts_are_their_own_standard(text: str, mark: str) -> None:
    money = parse_money(text, "," if mark == "," else ".")
    if money is not None:
        again = parse_money(str(money.amount))
        assert again is not None
        assert again.amount == money.amount
    gender = parse_gender(text)
    assert gender is None or parse_gender(gender) == gender
    for opt_out in (False, True):
        consent = parse_consent(text, opt_out=opt_out)
        assert parse_consent(consent, opt_out=opt_out) == consent
    assert nickname_group(fold(text)) is not None
    assert isinstance(phonetic_key(fold(text)), str)
