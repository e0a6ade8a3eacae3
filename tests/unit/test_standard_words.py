"""Text, words of absence, gender, consent and money."""

from decimal import Decimal

import pytest

from identity.standard.consent import consent_column, parse_consent
from identity.standard.gender import gender_column, parse_gender
from identity.standard.money import money_columns, parse_money, vote_decimal_mark
from identity.standard.tables_of_words import rows
from identity.standard.text import clean, fold, is_null_word, value


def test_cleaning_leaves_what_a_person_may_read() -> None:
    assert clean("  a\u200b  b\u00a0c \x00") == "a b c"
    assert clean("e\u0301") == "é"
    assert clean("'+49 30") == "+49 30"
    assert clean("'7210448301122") == "7210448301122"
    assert clean("'t Hooft") == "'t Hooft"
    assert clean("''1") == "''1"
    assert clean("12 Mill St\r\n\r\n Leeds", lines=True) == "12 Mill St\nLeeds"
    assert clean("\ud800") is None
    assert clean("   ") is None


def test_folding_forgets_case_accents_and_punctuation_and_keeps_scripts() -> None:
    assert fold("Straße") == "strasse"
    assert fold("Łódź, Ærø") == "lodz aero"
    assert fold("O’Brien-Smith") == "obrien smith"
    assert fold("ＡＢＣ１２") == "abc12"
    assert fold("ВАСИЛЬЕВ") == "васильев"
    assert fold("が") == fold("か\u3099") == "が"
    assert fold("تارا") == "تارا"
    assert fold("តារា") == "តារា"
    assert fold("१२३") == "123"


@pytest.mark.parametrize(
    "text", ["-", "n/a", "NONE", "Null", "#N/A", "(not set)", ".", "***", "<test lead: dummy data for city>"]
)
def test_words_of_absence_are_no_value_anywhere(text: str) -> None:
    assert is_null_word(text)
    assert value(text, "name") is None


def test_words_of_absence_depend_on_the_column() -> None:
    assert value("Na", "name") == "Na"
    assert value("NA", "place") == "NA"
    assert value("na", "phone") is None
    assert value("Nan", "name") == "Nan"
    assert value("test", "any") == "test"
    assert value("test", "name") is None


@pytest.mark.parametrize(
    ("text", "gender"),
    [
        ("F", "female"),
        ("Male", "male"),
        ("weiblich", "female"),
        ("she/her", "female"),
        ("non-binary", "other"),
        ("1", "male"),
        ("Unknown", None),
        ("female | male", None),
        ("", None),
        (None, None),
    ],
)
def test_gender_words_become_a_closed_set(text: str | None, gender: str | None) -> None:
    assert parse_gender(text) == gender
    assert gender_column([text]).to_pylist() == [gender]


@pytest.mark.parametrize(
    ("text", "consent", "of_objection"),
    [
        ("yes", "granted", "denied"), ("TRUE", "granted", "denied"), ("1", "granted", "denied"), ("1.0", "granted", "denied"),
        ("no", "denied", "unknown"), ("0", "denied", "unknown"), ("false", "denied", "unknown"),
        ("SUBSCRIBED", "granted", "granted"), ("UNSUBSCRIBED", "denied", "denied"), ("NEVER_SUBSCRIBED", "unknown", "unknown"),
        ("NEVER SUBSCRIBED", "unknown", "unknown"), ("[]", "unknown", "unknown"), ("[UNSUBSCRIBE,SPAM_COMPLAINT]", "denied", "denied"),
        ("2024-01-01 10:00:00", "granted", "denied"), ("Non-marketing contact", "unknown", "unknown"), ("maybe", "unknown", "unknown"),
        (None, "unknown", "unknown"), ("", "unknown", "unknown"),
    ],
)  # fmt: skip
def test_consent_words_become_a_closed_set_and_doubt_never_grants(
    text: str | None, consent: str, of_objection: str
) -> None:
    assert parse_consent(text) == consent
    assert parse_consent(text, opt_out=True) == of_objection
    assert consent_column([text], opt_out=True).to_pylist() == [of_objection]


@pytest.mark.parametrize(
    ("text", "mark", "amount", "currency"),
    [
        ("$1,240.00", ".", "1240.00", None), ("-$3.00", ".", "-3.00", None), ("$-3.00", ".", "-3.00", None), ("(3.00)", ".", "-3.00", None),
        ("1 234,56", ",", "1234.56", None), ("1\u202f234,56 €", ",", "1234.56", "EUR"), ("1.234,56", ",", "1234.56", None),
        ("1,250", ".", "1250.00", None), ("12.50 EUR", ".", "12.50", "EUR"), ("CHF 1'200.50", ".", "1200.50", "CHF"), ("7790.44", ".", "7790.44", None),
        ("1,23,456.00", ".", "123456.00", None), ("0.005", ".", "0.00", None), ("-0.00", ".", "0.00", None), (".5", ".", "0.50", None), ("5-", ".", "-5.00", None),
    ],
)  # fmt: skip
def test_amounts_are_exact_decimals(text: str, mark: str, amount: str, currency: str | None) -> None:
    money = parse_money(text, "," if mark == "," else ".")
    assert money is not None
    assert (money.amount, money.currency) == (Decimal(amount), currency)
    assert not money.amount.is_signed() or money.amount < 0


@pytest.mark.parametrize("text", ["abc", "", None, "1e5", "1.2.3", "12,5", "(3.00", "1.234,56", "--5", "9" * 20])
def test_what_contradicts_the_columns_mark_is_no_amount(text: str | None) -> None:
    assert parse_money(text) is None


def test_the_decimal_mark_is_voted_over_the_column() -> None:
    assert vote_decimal_mark(["1,250", "1 234,56", None]) == ","
    assert vote_decimal_mark(["1,250"]) == "."
    assert vote_decimal_mark(["1,234.56", "7.50", "3,5"]) == "."
    table = money_columns(["1.234,56", "7,50 €", "x", None])
    assert table["amount"].to_pylist() == [Decimal("1234.56"), Decimal("7.50"), None, None]
    assert table["currency"].to_pylist() == [None, "EUR", None, None]


def test_word_lists_are_folded_so_that_they_can_be_found() -> None:
    for name, column in (("titles", "title"), ("suffixes", "suffix"), ("street_words", "word")):
        for row in rows(name):
            assert fold(row[column]) == row[column]
    assert len(rows("nicknames")) > 500
