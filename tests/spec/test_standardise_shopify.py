"""Shopify exports as std rows: what comes out stands beside what is in the fixture of this name."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from tests.support.exports import standardised
from tests.support.tables import read

from identity.runs.run import Run

D = Decimal


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return standardised(tmp_path_factory.mktemp("shopify"), "shopify")


def of(run: Run, table: str, columns: str, key: str, column: str = "source_pk") -> list[tuple]:
    """Rows of one record or order, without the column that chose them."""
    return [row[1:] for row in read(run, table, f"{column} {columns}") if row[0] == key]


def test_every_file_of_every_header_generation_is_recognised(run: Run) -> None:
    assert sorted(read(run, "raw.file", "path source status")) == [
        ("shopify/checkouts_export_1.csv", "shopify_checkout", "landed"),
        ("shopify/customers_2022.csv", "shopify_customer", "landed"),
        ("shopify/customers_export.csv", "shopify_customer", "landed"),
        ("shopify/customers_older.csv", "shopify_customer", "landed"),
        ("shopify/orders_export.csv", "shopify_order", "landed"),
        ("shopify/orders_oldest.csv", "shopify_order", "landed"),
    ]


def test_customer_of_the_current_header_loses_its_apostrophes_and_keeps_both_phones(run: Run) -> None:
    # '7210448301122, Renée, O'Connor, … '2026, '+61412000998 (address), '+61412000999 (own), metafield '1990-05-02
    key = "7210448301122"
    assert of(run, "std.source_record", "given_name family_name birth_date postal_code region country_iso2", key) == [
        ("Renée", "O'Connor", date(1990, 5, 2), "2026", "NSW", "AU")
    ]
    assert of(run, "std.identifier", "id_type id_value_norm position", key) == [
        ("customer_id", "7210448301122", 0),
        ("email", "renee.oconnor@harbourmail.com", 0),
        ("phone", "+61412000998", 1),
        ("phone", "+61412000999", 0),
    ]
    assert of(run, "std.consent_event", "channel contact status effective_at evidence", key) == [
        ("email", "renee.oconnor@harbourmail.com", "granted", None, "Accepts Email Marketing"),
        ("sms", "+61412000999", "denied", None, "Accepts SMS Marketing"),
    ]


def test_customer_with_a_phone_only_and_one_with_a_name_only_are_records(run: Run) -> None:
    assert of(run, "std.source_record", "full_name email_norm phone_e164 has_identity", "7210448301123") == [
        (None, None, "+14155550196", True)
    ]
    # the box not ticked says nothing where there is no address to write to
    assert of(run, "std.consent_event", "channel status", "7210448301123") == [("sms", "granted")]
    assert of(run, "std.source_record", "full_name email_norm phone_e164 has_identity", "7210448301124") == [
        ("Ana", None, None, True)  # the last name is "-"
    ]


def test_customer_of_the_2022_header(run: Run) -> None:
    # Walter, Boyle*, W.Boyle@Example-Post.com, Boyle & Sons Ltd, 9 High Street, Leeds, GB, LS1 1AA
    key = "5550001112223"
    assert of(run, "std.source_record", "full_name company email_norm phone_e164 postal_code", key) == [
        ("Walter Boyle", "Boyle & Sons Ltd", "w.boyle@example-post.com", "+441134960999", "LS1 1AA")
    ]


def test_the_oldest_customer_header_has_no_id_so_the_key_is_a_hash_of_the_email_or_phone(run: Run) -> None:
    # mia@stone-house.net stands twice (once in capitals); the later row is valid; the third has a phone only
    mia, only = run.keyed_hash("mia@stone-house.net"), run.keyed_hash("+15125550111")
    assert of(run, "std.source_record", "full_name phone_e164", only) == [("Only Phone", "+15125550111")]
    assert of(run, "std.source_record", "full_name phone_e164", mia) == [("Mia Stone", None)]
    assert of(run, "std.row_disposition", "row_number disposition rule", mia) == [
        (1, "superseded", "older_version"),
        (2, "record", None),
    ]


def test_an_order_is_a_record_with_the_names_and_addresses_of_buyer_and_recipient(run: Run) -> None:
    assert of(run, "std.name", "position given_key family_key", "#1001") == [
        (0, "renee", "oconnor"),
        (1, "tom", "oconnor"),
    ]
    assert of(run, "std.address", "position kind house_number street unit city region country_iso2", "#1001") == [
        (0, "billing", "12", "Mill Road", "4", "Sydney", "NSW", "AU"),
        (1, "shipping", "7", "Bay St", None, "Perth", "WA", "AU"),
    ]
    assert of(run, "std.identifier", "id_type id_value_norm", "#1001") == [
        ("email", "renee.oconnor@harbourmail.com"),
        ("phone", "+61412000998"),  # billing, written 0412 000 998: read in the country of the address
        ("phone", "+61412000999"),
    ]


def test_money_and_lines_of_an_order_come_from_its_first_row_and_all_its_rows(run: Run) -> None:
    # Subtotal 45.00 after a discount of 5.00, shipping 5.00, tax 3.60; 2 mugs at 15.00 and a plate at 20.00
    assert of(
        run,
        "std.order",
        "order_at time_zone channel currency gross discount shipping tax net_revenue total_charged",
        "#1001",
        "order_id",
    ) == [
        (
            datetime(2025, 12, 6, 15, 37, 33), "-0500", "online", "USD",
            D("50.0000"), D("5.0000"), D("5.0000"), D("3.6000"), D("45.0000"), D("53.6000"),
        )
    ]  # fmt: skip
    assert of(run, "std.order_item", "line_number product quantity gross vendor", "#1001", "order_id") == [
        (1, "Mug - Blue", D("2.0000"), D("30.0000"), "Acme"),
        (2, "Plate", D("1.0000"), D("20.0000"), "Bisque"),
    ]


def test_a_cash_on_delivery_order_is_known_by_phone_and_the_form_in_its_note(run: Run) -> None:
    # Phone +8801712345678, billing +88001712345678 (trunk zero), note 01712-345678: one number, one address
    assert of(run, "std.identifier", "id_type id_value_norm", "#1002") == [("phone", "+8801712345678")]
    assert of(run, "std.name", "position given_name family_name", "#1002") == [(0, "Karim", "Uddin")]
    assert of(run, "std.address", "position city postal_code country_iso2", "#1002") == [(0, "Dhaka", None, "BD")]


def test_a_walk_in_at_the_till_is_an_event_without_a_person(run: Run) -> None:
    assert of(run, "std.order", "person_source person_pk channel store_id net_revenue", "#1003", "order_id") == [
        (None, None, "store", "Main Street", D("12.0000"))
    ]
    assert of(run, "std.source_record", "full_name", "#1003") == []
    assert of(run, "std.row_disposition", "disposition rule", "#1003") == [("event", "names_nobody")]


def test_a_refund_returns_no_more_than_the_goods_and_the_bogus_gateway_marks_a_test(run: Run) -> None:
    # 15.00 of goods, 21.20 refunded with shipping and tax, paid by (for testing) Bogus Gateway
    assert of(run, "std.order", "is_test gross returned_revenue net_revenue", "#1004", "order_id") == [
        (True, D("15.0000"), D("15.0000"), D("0.0000"))
    ]
    assert of(run, "std.source_record", "is_test", "#1004") == [(True,)]


def test_a_cancelled_order_is_cancelled_revenue(run: Run) -> None:
    assert of(run, "std.order", "status gross canceled_revenue net_revenue", "#1005", "order_id") == [
        ("cancelled", D("30.0000"), D("30.0000"), D("0.0000"))
    ]
    # STONE, MIA in one column
    assert of(run, "std.source_record", "given_name family_name", "#1005") == [("Mia", "Stone")]


def test_the_oldest_order_header_has_plain_digits_for_names(run: Run) -> None:
    assert of(run, "std.order", "order_at channel currency net_revenue", "1000", "order_id") == [
        (datetime(2019, 3, 2, 11), "online", "GBP", D("40.0000"))
    ]


def test_an_abandoned_checkout_is_a_record_and_a_touchpoint_not_an_order(run: Run) -> None:
    key = "38160123456"
    assert of(run, "std.source_record", "source email_norm", key) == [
        ("shopify_checkout", "renee.oconnor@harbourmial.com")
    ]
    assert of(run, "std.touchpoint", "person_source person_pk touch_type occurred_at value currency", key) == [
        ("shopify_checkout", key, "checkout_abandoned", datetime(2025, 12, 11, 1), D("60.0000"), "USD")
    ]
    assert of(run, "std.order", "net_revenue", key, "order_id") == []


def test_every_landed_row_has_one_fate_and_rows_beyond_the_first_are_events(run: Run) -> None:
    landed = sum(row[0] for row in read(run, "raw.file", "rows"))
    fates = read(run, "std.row_disposition", "sha256 row_number disposition rule")
    assert len(fates) == landed == len({row[:2] for row in fates})
    assert sorted(row[2:] for row in fates if row[3]) == [
        ("event", "further_line"),
        ("event", "further_line"),
        ("event", "further_line"),
        ("event", "names_nobody"),
        ("superseded", "older_version"),
    ]


HEAD = "Name,Email,Financial Status,Subtotal,Total,Discount Amount,Created at,Lineitem quantity,Lineitem name,Lineitem price"
OLDER = f"""{HEAD}
    #7,ann@ann-mail.org,paid,30.00,30.00,0.00,2026-01-01 10:00:00 +0000,1,Cup,10.00
    #7,ann@ann-mail.org,,,,,2026-01-01 10:00:00 +0000,2,Bowl,10.00"""


def order(run: Run) -> list[tuple]:
    return read(run, "std.order_item", "order_id line_number product quantity")


def test_a_redelivered_order_replaces_the_older_whole(tmp_path: Path) -> None:
    newer = f"""{HEAD}
        #7,ann@ann-mail.org,refunded,10.00,10.00,0.00,2026-01-01 10:00:00 +0000,1,Cup,10.00
        #8,bob@bob-mail.org,paid,5.00,5.00,0.00,2026-01-02 10:00:00 +0000,1,Spoon,5.00"""
    run = standardised(tmp_path, texts={"a.csv": OLDER, "b.csv": newer})
    assert order(run) == [("#7", 1, "Cup", D("1.0000")), ("#8", 1, "Spoon", D("1.0000"))]
    assert read(run, "std.order", "order_id status gross") == [
        ("#7", "refunded", D("10.0000")),
        ("#8", "paid", D("5.0000")),
    ]


def test_an_order_cut_between_two_files_is_one_order(tmp_path: Path) -> None:
    lines = OLDER.splitlines()
    run = standardised(tmp_path, texts={"a.csv": "\n".join([HEAD, lines[2]]), "b.csv": "\n".join([HEAD, lines[1]])})
    assert order(run) == [("#7", 1, "Cup", D("1.0000")), ("#7", 2, "Bowl", D("2.0000"))]


def test_a_further_line_without_its_order_is_rejected_with_its_content(tmp_path: Path) -> None:
    lines = OLDER.splitlines()
    run = standardised(tmp_path, texts={"a.csv": "\n".join([HEAD, lines[2]])})
    assert read(run, "std.row_disposition", "disposition source_pk rule") == [
        ("rejected", None, "line_without_first_row")
    ]
    [(path, rule, raw)] = read(run, "raw.rejected", "path rule raw_text")
    assert (path, rule) == ("a.csv", "line_without_first_row")
    assert '"Lineitem name": "Bowl"' in raw


def test_rows_in_another_order_give_the_same_orders(tmp_path: Path) -> None:
    lines = OLDER.splitlines()
    turned = standardised(tmp_path / "turned", texts={"a.csv": "\n".join([HEAD, lines[2], lines[1]])})
    plain = standardised(tmp_path / "plain", texts={"a.csv": OLDER})
    assert order(turned) == order(plain)
    assert read(turned, "std.order", "order_id gross net_revenue") == read(
        plain, "std.order", "order_id gross net_revenue"
    )
