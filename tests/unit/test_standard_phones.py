"""Phones: every spelling of one number gives one number, and the fast path is the library."""

import random

import phonenumbers
import pytest

from identity.standard.phone_plans import Number
from identity.standard.phones import parse_phone, phone_columns, read_number


@pytest.mark.parametrize(
    ("typed", "region", "e164"),
    [
        ("+880 01711 123456", None, "+8801711123456"),
        ("+8801711123456", None, "+8801711123456"),
        ("+44 (0)20 7946 0958", None, "+442079460958"),
        ("p:+61412000999", None, "+61412000999"),
        ("'+61412000999", None, "+61412000999"),
        ("0049 30 1234567", "US", "+49301234567"),
        ("030 1234567", "DE", "+49301234567"),
        ("328) 916-5454", "US", "+13289165454"),
        ("1-800-FLOWERS", "US", "+18003569377"),
        ("18188922818", "US", "+18188922818"),
        ("0352 6553537", "IT", "+3903526553537"),
        ("tel: (415) 555-0196", "US", "+14155550196"),
        ("+1\u200b415\u00a0555 0196", None, "+14155550196"),
        ("4155550196.0", "US", "+14155550196"),
    ],
)
def test_every_spelling_of_a_number_gives_its_worldwide_form(typed: str, region: str | None, e164: str) -> None:
    phone = parse_phone(typed, region)
    assert phone is not None
    assert phone.e164 == e164


@pytest.mark.parametrize(
    ("typed", "extension"),
    [("(415) 555-0196 x12", "12"), ("415-555-0196 ext. 5", "5"), ("415 555 0196 #9", "9"), ("415 555 0196", None)],
)
def test_extensions_are_kept_apart(typed: str, extension: str | None) -> None:
    phone = parse_phone(typed, "US")
    assert phone is not None
    assert (phone.e164, phone.extension) == ("+14155550196", extension)


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("6.14E+10", "scientific"),
        ("6,14e10", "scientific"),
        ("(555) 555-5555", "dummy"),
        ("0000000000", "dummy"),
        ("1234567890", "dummy"),
        ("1234", "impossible"),
        ("(9480) 764-31231", "impossible"),
        ("n/a", None),
        (None, None),
    ],
)
def test_numbers_that_identify_nobody_are_refused_with_a_reason(typed: str | None, problem: str | None) -> None:
    assert parse_phone(typed, "US") is None
    assert phone_columns([typed], "US")["problem"].to_pylist() == [problem]


def test_numbers_without_a_country_still_compare_by_their_digits() -> None:
    phone = parse_phone("971-421 8250")
    assert phone is not None
    assert (phone.e164, phone.national) == (None, "9714218250")
    local = parse_phone("221-2412", "US")
    assert local is not None
    assert (local.e164, local.national) == (None, "2212412")


def test_a_number_the_plan_does_not_issue_is_kept_unverified() -> None:
    assert [parse_phone(text, "US").verified for text in ("(328) 916-5454", "(415) 555-0196")] == [False, True]  # type: ignore[union-attr]


def test_fictional_numbers_of_test_data_stay() -> None:
    phone = parse_phone("415-555-0100", "US")
    assert phone is not None
    assert phone.e164 == "+14155550100"


def by_library(text: str, region: str | None) -> Number | None:
    """The answer of `phonenumbers`, straight."""
    try:
        parsed = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    reason = phonenumbers.is_possible_number_with_reason(parsed)
    return Number(
        parsed.country_code or 0,
        phonenumbers.national_significant_number(parsed),
        reason == phonenumbers.ValidationResult.IS_POSSIBLE,
        reason == phonenumbers.ValidationResult.IS_POSSIBLE_LOCAL_ONLY,
        phonenumbers.is_valid_number(parsed),
        phonenumbers.number_type(parsed) == phonenumbers.PhoneNumberType.TOLL_FREE,
    )


def spellings(region: str, rng: random.Random) -> list[tuple[str, str | None]]:
    """Valid, damaged and random numbers of a region, in the ways people write them."""
    code = phonenumbers.country_code_for_region(region)
    examples = [
        phonenumbers.national_significant_number(example)
        for kind in (0, 1, 3)
        if (example := phonenumbers.example_number_for_type(region, kind)) is not None
    ]
    numbers = []
    for _ in range(5):
        digits = (
            list(rng.choice(examples))
            if examples and rng.random() < 0.7
            else [rng.choice("0123456789") for _ in range(rng.randint(4, 13))]
        )
        for _ in range(rng.randint(0, 4)):
            digits[rng.randrange(len(digits))] = rng.choice("0123456789")
        numbers.append("".join(digits))
    forms: list[tuple[str, str | None]] = []
    for number in numbers:
        forms += [
            (number, region), (f"0{number}", region), (f"({number[:3]}) {number[3:6]}-{number[6:]}", region),
            (f"+{code}{number}", None), (f"+{code} 0{number}", region), (f"{code}{number}", region), (f"+{code}-{number[:2]} {number[2:]}", "US"),
        ]  # fmt: skip
    return forms


def test_the_fast_path_answers_exactly_as_the_library_for_every_country() -> None:
    rng = random.Random(20261122)
    shapes = [shape for region in sorted(phonenumbers.SUPPORTED_REGIONS) for shape in spellings(region, rng)]
    assert len(shapes) > 8_000
    different = [shape for shape in shapes if read_number(*shape) != by_library(*shape)]
    assert different == []


def test_columns_hold_what_the_one_value_function_returns() -> None:
    values = ["(415) 555-0196 x12", None, "junk", "+49 30 1234567", "221-2412", "1234567890"]
    rows = phone_columns(values, "US").to_pylist()
    for text, row in zip(values, rows, strict=True):
        phone = parse_phone(text, "US")
        assert row["e164"] == (None if phone is None else phone.e164)
        assert row["national"] == (None if phone is None else phone.national)
    regions = phone_columns(["030 1234567", "020 7946 0958"], ["DE", "gb"])
    assert regions["e164"].to_pylist() == ["+49301234567", "+442079460958"]
