"""Texts that name a person are found as whole words, by the engine and by Python alike."""

from datetime import datetime

import duckdb
import pytest

from identity.privacy import words
from identity.privacy.landed import redacted
from identity.privacy.requests import a_month_after

WORDS = words.of_phone("+16467308407") | {"ann@mail.org", "ann o'brien", "renée müller"}

FOUND = [
    "write to ann@mail.org.", "Ann@Mail.ORG", "<ann@mail.org>", "rang from (646) 730-8407, limps", "646.730.8407",
    "+1 646-730-8407", "tel 6467308407!", "for Ann O'Brien", "Renée Müller; Köln",
]  # fmt: skip
NOT_FOUND = [
    "joann@mail.org", "ann@mail.org.uk", "ann@mail.organic", "ref 16467308407999", "Joann O'Brien", "Ann O'Brienne", "",
    "jo.ann@mail.org", "ann+news@mail.org",
]  # fmt: skip


@pytest.mark.parametrize(("text", "is_found"), [*((t, True) for t in FOUND), *((t, False) for t in NOT_FOUND)])
def test_a_word_is_found_where_nothing_touches_it(text: str, is_found: bool) -> None:
    pattern = words.compiled(WORDS)
    assert pattern is not None
    assert bool(pattern.search(text)) is is_found
    with duckdb.connect() as connection:
        told = connection.execute("select regexp_matches($t, $p)", {"t": text, "p": words.pattern(WORDS)}).fetchall()
    assert told == [(is_found,)]


def test_a_text_that_names_the_person_goes_as_a_whole_and_a_bare_value_is_null() -> None:
    pattern = words.compiled(WORDS)
    assert pattern is not None
    assert redacted("ann@mail.org limps", pattern, whole=True) == "[erased]"
    assert redacted("ann@mail.org limps", pattern, whole=False) == "[erased] limps"
    assert redacted("ann@mail.org", pattern, whole=True) is None
    assert redacted("ann@mail.org, Ann O'Brien", pattern, whole=False) == "[erased], [erased]"
    assert redacted("nobody", pattern, whole=True) == "nobody"


def test_nothing_is_found_without_words() -> None:
    assert words.pattern([]) is None
    assert words.compiled([]) is None


def test_a_request_is_due_a_month_later() -> None:
    assert a_month_after(datetime(2026, 1, 31)) == datetime(2026, 2, 28)
    assert a_month_after(datetime(2026, 12, 15)) == datetime(2027, 1, 15)
