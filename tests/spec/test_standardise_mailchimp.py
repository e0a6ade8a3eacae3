"""Mailchimp as std rows: the audience zip of four files, and campaign activity told by its folder."""

from datetime import datetime

import pytest
from tests.support.exports import standardised
from tests.support.tables import read

from identity.runs.run import Run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return standardised(tmp_path_factory.mktemp("mailchimp"), "mailchimp")


def of(run: Run, table: str, columns: str, key: str) -> list[tuple]:
    return [row[1:] for row in read(run, table, f"source_pk {columns}") if row[0] == key]


def test_members_are_told_by_headers_and_activity_by_folder(run: Run) -> None:
    found = sorted({(row[0].split("/")[1], row[1]) for row in read(run, "raw.file", "path source")})
    assert found == [
        ("aggregate_activity", "mailchimp_not_opened"),
        ("aggregate_activity", "mailchimp_opened"),
        ("audience_export_9f8e7d6c5b.zip", "mailchimp_member"),
        ("granular_activity", "mailchimp_click"),
        ("granular_activity", "mailchimp_open"),
    ]


def test_a_member_with_an_address_in_one_column_and_a_birthday_without_year(run: Run) -> None:
    # "1 Oak Ave  Austin  TX  73301  US", '+15125550100, Birthday 07/04
    assert of(run, "std.source_record", "full_name phone_e164 birth_date birth_month birth_day", "100001") == [
        ("Mia Stone", "+15125550100", None, 7, 4)
    ]
    assert of(run, "std.address", "house_number street city region postal_key country_iso2", "100001") == [
        ("1", "Oak Ave", "Austin", "TX", "73301", "US")
    ]


def test_status_comes_from_the_file_name(run: Run) -> None:
    said = {
        key: of(run, "std.consent_event", "status is_objection effective_at evidence", key)
        for key in ("100001", "100002", "100004", "ee11bb22cc", run.keyed_hash("trans.only@post-box.net"))
    }
    by_name = "status in the file name"
    assert list(said.values()) == [
        [("granted", False, datetime(2015, 3, 16, 14, 45), by_name)],  # confirmed
        [("denied", False, datetime(2021, 2, 3, 4, 5, 6), by_name)],  # unsubscribed
        [("denied", False, datetime(2018, 1, 1), by_name)],  # cleaned
        [  # unsubscribed with the reason SPAM, in a file whose UNSUB_REASON stands twice
            ("denied", True, datetime(2021, 2, 4, 4, 5, 6), "UNSUB_REASON"),
            ("denied", False, datetime(2021, 2, 4, 4, 5, 6), by_name),
        ],
        [("unknown", False, None, by_name)],  # nonsubscribed
    ]


def test_a_member_who_moved_between_the_files_is_known_by_the_later_one(run: Run) -> None:
    assert sorted(of(run, "std.row_disposition", "disposition", "100002")) == [("record",), ("superseded",)]
    assert of(run, "std.source_record", "source_updated_at", "100002") == [(datetime(2021, 2, 3, 4, 5, 6),)]


def test_without_leid_and_euid_the_key_is_a_hash_of_the_email(run: Run) -> None:
    key = run.keyed_hash("trans.only@post-box.net")
    assert of(run, "std.source_record", "source email_norm", key) == [("mailchimp_member", "trans.only@post-box.net")]


def test_opens_and_clicks_belong_to_the_member_with_the_email(run: Run) -> None:
    columns = "source touch_type person_pk person_email occurred_at campaign"
    timed = [row for row in read(run, "std.touchpoint", columns) if row[4]]
    assert sorted(timed, key=lambda row: (row[0], row[4])) == [
        (
            "mailchimp_click",
            "email_clicked",
            "100001",
            "mia@stone-house.net",
            datetime(2024, 3, 1, 8, 1),
            "spring-sale",
        ),
        ("mailchimp_open", "email_opened", "100001", "mia@stone-house.net", datetime(2024, 3, 1, 8), "spring-sale"),
        ("mailchimp_open", "email_opened", None, "stranger@else-where.com", datetime(2024, 3, 2, 9), "spring-sale"),
    ]


def test_aggregate_activity_tells_of_sends_and_of_openings_that_no_other_file_tells(run: Run) -> None:
    columns = "source touch_type person_pk occurred_at"
    assert sorted(row for row in read(run, "std.touchpoint", columns) if row[3] is None) == [
        ("mailchimp_not_opened", "email_sent", "100004", None),
        ("mailchimp_opened", "email_opened", "100002", None),
        ("mailchimp_opened", "email_sent", "100001", None),
        ("mailchimp_opened", "email_sent", "100002", None),
    ]


def test_an_equal_opening_counts_once(run: Run) -> None:
    fates = [row[1] for row in read(run, "std.row_disposition", "source disposition") if row[0] == "mailchimp_open"]
    assert sorted(fates) == ["duplicate", "event", "event"]


def test_keys_of_activity_hold_no_email(run: Run) -> None:
    assert not any("@" in row[0] for row in read(run, "std.touchpoint", "source_pk"))
