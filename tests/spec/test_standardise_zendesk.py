"""Zendesk as std rows: users and tickets (NDJSON), tickets (CSV)."""

from datetime import datetime

import pytest
from tests.support.exports import standardised
from tests.support.tables import read

from identity.runs.run import Run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return standardised(tmp_path_factory.mktemp("zendesk"), "zendesk")


def of(run: Run, table: str, columns: str, key: str, column: str = "source_pk") -> list[tuple]:
    return [row[1:] for row in read(run, table, f"{column} {columns}") if row[0] == key]


def test_users_and_both_ticket_formats_are_recognised(run: Run) -> None:
    assert sorted(read(run, "raw.file", "path source")) == [
        ("zendesk/tickets.csv", "zendesk_ticket"),
        ("zendesk/tickets.ndjson", "zendesk_ticket"),
        ("zendesk/users.ndjson", "zendesk_user"),
    ]


def test_of_a_repeated_user_the_last_update_counts(run: Run) -> None:
    assert of(run, "std.source_record", "full_name source_updated_at is_staff", "9001") == [
        ("Renée O'Connor", datetime(2023, 5, 5, 5, 5, 5), False)
    ]
    assert sorted(of(run, "std.row_disposition", "disposition", "9001")) == [("record",), ("superseded",)]


def test_agents_are_staff_and_deleted_users_are_no_records(run: Run) -> None:
    assert of(run, "std.source_record", "is_staff", "9002") == [(True,)]
    assert of(run, "std.source_record", "full_name", "9003") == []  # "Permanently deleted user", active false
    assert of(run, "std.row_disposition", "disposition", "9003") == [("deleted",)]


def test_a_shared_phone_identifies_nobody_for_certain(run: Run) -> None:
    assert of(run, "std.identifier", "id_type id_value_norm is_valid", "9004") == [("phone", "+12125550100", False)]


def test_the_address_a_ticket_was_sent_from_is_a_further_email_of_the_requester(run: Run) -> None:
    assert of(run, "std.identifier", "id_type id_value_norm position", "9001") == [
        ("customer_id", "7210448301122", 0),  # external_id
        ("email", "renee.private@else-mail.com", 1),
        ("email", "renee@old-mail.org", 0),
        ("phone", "+61412000999", 0),
    ]


def test_tickets_of_the_json_export(run: Run) -> None:
    columns = "person_source person_pk person_email status channel satisfaction updated_at"
    assert of(run, "std.ticket", columns, "501", "ticket_id") == [
        (
            "zendesk_user", "9001", "renee.private@else-mail.com", "solved", "email", "good",
            datetime(2024, 1, 2, 10),
        )
    ]  # fmt: skip
    assert of(run, "std.ticket", "satisfaction", "503", "ticket_id") == [("bad",)]  # bad_with_comment
    assert of(run, "std.ticket", "status", "502", "ticket_id") == []  # deleted


def test_tickets_of_the_csv_export(run: Run) -> None:
    # a custom column "Priority [list]" beside Priority, which is "-"
    assert of(run, "std.ticket", "person_pk person_email status priority channel satisfaction", "601", "ticket_id") == [
        ("9010", "mia@stone-house.net", "closed", None, "email", "good")
    ]
    columns = "created_at solved_at replies reopens first_reply_minutes resolution_minutes"
    assert of(run, "std.ticket", columns, "601", "ticket_id") == [
        (datetime(2024, 2, 1, 10), datetime(2024, 2, 2, 11, 30), 3, 1, 45, 1530)
    ]
