"""Values that identify nobody: listed, learned by distinct names, configured; a family's phone is none of them."""

from pathlib import Path

import pytest
from tests.support.exports import standardised
from tests.support.tables import read

from identity.settings_groups import MatchingSettings, SourceSettings
from identity.standardising.blocked import limit

PEOPLE = SourceSettings(
    name="people",
    files="people.csv",
    record_id="id",
    fields={"given_name": "first", "family_name": "last", "email": "mail", "phone": "tel", "loyalty_id": "card"},
)
FIRST = (
    "Ann",
    "Bob",
    "Cid",
    "Dora",
    "Emil",
    "Fay",
    "Gus",
    "Hal",
    "Ina",
    "Jon",
    "Kim",
    "Leo",
    "Mia",
    "Ned",
    "Ole",
    "Pia",
)
LAST = (
    "Abel",
    "Bone",
    "Cook",
    "Dent",
    "Eck",
    "Fox",
    "Gold",
    "Hunt",
    "Ives",
    "Jung",
    "Kerr",
    "Lund",
    "Marx",
    "Nash",
    "Orr",
    "Pike",
)


def blocked(folder: Path, rows: list[str], **matching: object) -> list[tuple]:
    text = "\n".join(["id,first,last,mail,tel,card", *rows])
    run = standardised(folder, texts={"people.csv": text}, sources=(PEOPLE,), matching=MatchingSettings(**matching))
    listed = read(run, "std.blocked_value", "id_type id_value rule origin since_run")
    held = read(run, "std.identifier", "id_type id_match_key is_blocked block_reason")
    assert {row[:2] for row in held if row[2]} == {row[:2] for row in listed if row[:2] in {h[:2] for h in held}}
    return listed


def test_a_family_of_six_that_shares_a_phone_is_not_blocked(tmp_path: Path) -> None:
    rows = [f"{n},{FIRST[n]},Miller,,(212) 555-0143," for n in range(6)]
    assert blocked(tmp_path, rows) == []


def test_one_person_with_many_spellings_is_not_blocked(tmp_path: Path) -> None:
    spelled = ("Smith", "Smyth", "Smithe", "Smit", "Smiht", "Schmith", "Smitth", "Simth", "Smth", "Smith-")
    rows = [f"{n},Jon,{family},jon@one-mail.org,," for n, family in enumerate(spelled)]
    assert blocked(tmp_path, rows) == []


def test_a_reception_phone_with_many_names_is_blocked(tmp_path: Path) -> None:
    rows = [f"{n},{FIRST[n]},{LAST[n]},,(212) 555-0143," for n in range(16)]
    assert blocked(tmp_path, rows) == [("phone", "+12125550143", "distinct_names", "auto", 1)]


def test_an_email_on_many_nameless_records_is_blocked_by_frequency(tmp_path: Path) -> None:
    rows = [f"{n},,,till@our-shop.org,," for n in range(30)]
    assert blocked(tmp_path, rows) == [("email", "till@our-shop.org", "frequency", "auto", 1)]


@pytest.mark.parametrize("junk", ["0000000", "null", "Anonymous", "-1", "999999999"])
def test_junk_ids_are_blocked_from_the_first_record_on(tmp_path: Path, junk: str) -> None:
    listed = blocked(tmp_path, [f"1,Ann,Abel,,,{junk}"])
    assert [(row[0], row[2], row[3]) for row in listed] == [("loyalty_id", "placeholder", "global")]


@pytest.mark.parametrize("short", ["1", "11", "10", "4711"])
def test_a_short_id_is_no_junk(tmp_path: Path, short: str) -> None:
    assert blocked(tmp_path, [f"1,Ann,Abel,,,{short}"]) == []


def test_a_placeholder_email_is_blocked(tmp_path: Path) -> None:
    assert blocked(tmp_path, ["1,Ann,Abel,Test@Test.com,,"]) == [("email", "test@test.com", "placeholder", "global", 1)]


def test_a_configured_value_is_blocked_however_it_is_written(tmp_path: Path) -> None:
    rows = ["1,Ann,Abel,office@acme-mail.org,212.555.0143,AB-12"]
    values = {"email": ("Office@Acme-Mail.org",), "phone": ("(212) 555 0143",), "loyalty_id": ("ab 12",)}
    assert blocked(tmp_path, rows, blocked_values=values) == [
        ("email", "office@acme-mail.org", "configured", "manual", 1),
        ("loyalty_id", "AB12", "configured", "manual", 1),
        ("phone", "+12125550143", "configured", "manual", 1),
    ]


@pytest.mark.parametrize(
    ("configured", "records", "expected"),
    [(20, 0, 5), (20, 10, 5), (20, 1_000, 12), (20, 100_000, 20), (20, 10_000_000, 20), (3, 10, 3), (40, 10_000, 32)],
)
def test_the_limit_grows_with_the_data(configured: int, records: int, expected: int) -> None:
    assert limit(configured, records) == expected
