"""Square exports as std rows: customers, transactions of both widths, items of three generations."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from tests.support.exports import standardised
from tests.support.tables import read

from identity.runs.run import Run

D = Decimal

ONE, TWO, THREE = "SQC1AAAAAAAAAAAAAAAAAAAAAA", "SQC2BBBBBBBBBBBBBBBBBBBBBB", "SQC3CCCCCCCCCCCCCCCCCCCCCC"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return standardised(tmp_path_factory.mktemp("square"), "square")


def of(run: Run, table: str, columns: str, key: str, column: str = "source_pk") -> list[tuple]:
    return [row[1:] for row in read(run, table, f"{column} {columns}") if row[0] == key]


def test_every_width_is_recognised(run: Run) -> None:
    assert sorted(read(run, "raw.file", "path source")) == [
        ("square/export-20260701-101500.csv", "square_customer"),
        ("square/items_21.csv", "square_item"),
        ("square/items_33.csv", "square_item"),
        ("square/items_35.csv", "square_item"),
        ("square/transactions_37.csv", "square_transaction"),
        ("square/transactions_55.csv", "square_transaction"),
    ]


def test_a_customer_carries_the_merchants_own_id(run: Run) -> None:
    assert of(run, "std.source_record", "full_name birth_date email_norm phone_e164", ONE) == [
        ("Renee OConnor", date(1990, 5, 2), "renee.oconnor@harbourmail.com", "+61412000999")
    ]
    assert of(run, "std.identifier", "id_type id_value_norm", ONE)[0] == ("customer_id", "7210448301122")
    assert of(run, "std.consent_event", "channel status", ONE) == [("email", "granted")]


def test_an_instant_profile_with_nothing_in_it_is_a_record_of_its_own(run: Run) -> None:
    assert of(run, "std.source_record", "full_name email_norm phone_e164 has_identity", TWO) == [
        (None, None, None, False)
    ]
    assert of(run, "std.row_disposition", "disposition", TWO) == [("record",)]


def test_guest_123_is_nobodys_name_and_seven_digits_no_certain_phone(run: Run) -> None:
    assert of(run, "std.name", "given_name", THREE) == []
    assert of(run, "std.identifier", "id_type id_value_norm is_valid", THREE) == [("phone", "5550100", False)]


def test_a_transaction_with_a_refund_row_is_one_order_with_returned_revenue(run: Run) -> None:
    # 07/18/2025 2:30:00 PM Eastern; $1,240.00 less -$40.00; refund row -$40.00 of the same transaction
    columns = "person_source person_pk order_at time_zone channel store_id status currency"
    assert of(run, "std.order", columns, "TX1", "order_id") == [
        (
            "square_customer", ONE, datetime(2025, 7, 18, 18, 30), "Eastern Time (US & Canada)", "store", "Main Street",
            "partially_refunded", "USD",
        )
    ]  # fmt: skip
    money = "gross discount tax returned_revenue net_revenue total_charged"
    assert of(run, "std.order", money, "TX1", "order_id") == [
        (D("1240.0000"), D("40.0000"), D("96.0000"), D("40.0000"), D("1160.0000"), D("1262.8000"))
    ]


def test_an_online_sale_in_another_zone_without_a_customer(run: Run) -> None:
    assert of(run, "std.order", "person_pk order_at channel net_revenue", "TX2", "order_id") == [
        (None, datetime(2026, 1, 15, 20, 59, 30), "online", D("3.0000"))
    ]


def test_a_transaction_known_by_its_items_only_is_an_order_too(run: Run) -> None:
    assert of(run, "std.order", "person_source person_pk order_at gross net_revenue", "TX0", "order_id") == [
        ("square_customer", TWO, datetime(2024, 10, 5, 14), D("12.0000"), D("12.0000"))
    ]


def test_two_equal_lines_of_one_sale_are_two_lines(run: Run) -> None:
    # the category "None" is none; "Regular" is no variation
    assert of(
        run, "std.order_item", "line_number product quantity unit_price gross discount category", "TX1", "order_id"
    ) == [
        (1, "Armchair", D("1.0000"), D("1200.0000"), D("1200.0000"), D("40.0000"), None),
        (2, "Espresso - Double", D("2.0000"), D("10.0000"), D("20.0000"), D("0.0000"), "Drinks"),
        (3, "Espresso - Double", D("2.0000"), D("10.0000"), D("20.0000"), D("0.0000"), "Drinks"),
    ]


def test_every_row_has_one_fate(run: Run) -> None:
    landed = sum(row[0] for row in read(run, "raw.file", "rows"))
    assert len(read(run, "std.row_disposition", "sha256 row_number")) == landed == 11


def test_a_refund_row_is_a_refund_with_its_time_and_zone(run: Run) -> None:
    columns = "order_id refund_number refunded_at time_zone amount"
    (found,) = [row for row in read(run, "std.refund", columns) if row[0] == "TX1"]
    assert found[1] == 1
    assert found[3:] == ("Eastern Time (US & Canada)", D("40.0000"))
