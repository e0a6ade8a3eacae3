"""Klaviyo profiles as std rows: today's consent words and the older TRUE, FALSE or a time."""

from datetime import date, datetime

import pytest
from tests.support.exports import standardised
from tests.support.tables import read

from identity.runs.run import Run

RENEE, MIA, BOUNCED = "01HKLAVAAAAAAAAAAAAAAAAAAA", "01HKLAVBBBBBBBBBBBBBBBBBBB", "01HKLAVCCCCCCCCCCCCCCCCCCC"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return standardised(tmp_path_factory.mktemp("klaviyo"), "klaviyo")


def of(run: Run, table: str, columns: str, key: str) -> list[tuple]:
    return [row[1:] for row in read(run, table, f"source_pk {columns}") if row[0] == key]


def test_a_file_with_a_byte_order_mark_and_one_with_older_names_are_recognised(run: Run) -> None:
    assert {row[0] for row in read(run, "raw.file", "source")} == {"klaviyo_profile"}
    assert of(run, "std.address", "house_number street city region postal_key", "KLOLD1") == [
        ("5", "Elm St", "Boise", "ID", "83702")  # Address 1, Region, Zip
    ]


def test_a_profile(run: Run) -> None:
    # "  Renee.OConnor@HarbourMail.com ", O’Connor, Birthday 05/02/1990 in a US account
    assert of(run, "std.source_record", "given_name family_name email_norm phone_e164 birth_date", RENEE) == [
        ("Renee", "O’Connor", "renee.oconnor@harbourmail.com", "+61412000999", date(1990, 5, 2))
    ]
    assert of(run, "std.name", "given_key family_key", RENEE) == [("renee", "oconnor")]


def test_consent_has_its_time_and_never_subscribed_is_unknown(run: Run) -> None:
    assert of(run, "std.consent_event", "channel contact status effective_at is_objection", RENEE) == [
        ("email", "renee.oconnor@harbourmail.com", "granted", datetime(2024, 5, 1, 10), False),
        ("sms", "+61412000999", "unknown", None, False),
    ]


def test_a_suppression_is_an_objection_beside_the_consent_it_beats(run: Run) -> None:
    assert of(run, "std.consent_event", "channel status is_objection evidence", MIA) == [
        ("email", "granted", False, "Email Marketing Consent"),
        ("email", "denied", True, "Email Suppressions"),
    ]
    assert of(run, "std.source_record", "quality_flags", BOUNCED) == [(["email_bounced"],)]


def test_older_files_say_true_false_or_a_time(run: Run) -> None:
    said = {key: of(run, "std.consent_event", "status effective_at", key) for key in ("KLOLD1", "KLOLD2", "KLOLD3")}
    assert said == {
        "KLOLD1": [("granted", None)],
        "KLOLD2": [("denied", None)],
        "KLOLD3": [("granted", datetime(2019, 4, 5, 6, 7, 8))],
    }


def test_a_custom_property_nobody_mapped_is_reported(run: Run) -> None:
    columns = dict(read(run, "raw.column", "column_name mapped_to"))
    assert columns["shoe size"] is None
    assert columns["Birthday"] == "birth_date"
    assert columns["Email Suppressions"] == "record"
