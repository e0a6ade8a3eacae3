"""Recognising exports by their headers, and what a configuration changes about the sources."""

from pathlib import PurePosixPath

import pytest

from identity.errors import ConfigurationError
from identity.settings import Settings
from identity.settings_groups import SourceSettings
from identity.sources import registry
from identity.sources.base import FileFacts, Format, base_header, column_key, column_name
from identity.sources.mailchimp import campaign_of, status_of
from identity.sources.text import key_value_lines

SHOPIFY_ORDER = "Name,Email,Financial Status,Total,Lineitem name,Id"


def facts(path: str, header: str, kind: Format = "csv", *rows: dict[str, str]) -> FileFacts:
    return FileFacts(PurePosixPath(path), kind, frozenset(column_key(name) for name in header.split(",")), rows)


def name_of(file: FileFacts, *entries: SourceSettings) -> str | None:
    source = registry.recognise(file, Settings(sources=entries))
    return source.name if source else None


@pytest.mark.parametrize(
    ("path", "header", "kind", "expected"),
    [
        ("a.csv", "First Name,Email,Accepts Marketing,Total Spent,Tax Exempt", "csv", "shopify_customer"),
        ("a.csv", "Customer ID,Email,Accepts Email Marketing,Total Spent,Tax Exempt", "csv", "shopify_customer"),
        ("a.csv", SHOPIFY_ORDER, "csv", "shopify_order"),
        ("checkouts_export_1.csv", SHOPIFY_ORDER, "csv", "shopify_checkout"),
        ("a.csv", "  \ufeffemail , klaviyo  ID ", "csv", "klaviyo_profile"),
        ("x/granular_activity/opens/c.csv", "Timestamp,Email", "csv", "mailchimp_open"),
        ("x/granular_activity/clicks/c.csv", "Timestamp,Email,Url", "csv", "mailchimp_click"),
        ("x/aggregate_activity/not_opened/c.csv", "Email", "csv", "mailchimp_not_opened"),
        ("x/opens/c.csv", "Timestamp,Email", "csv", None),
        ("u.ndjson", "id,name,email,role,active", "ndjson", "zendesk_user"),
        ("u.csv", "id,name,email,role,active", "csv", None),
        ("t.ndjson", "id,subject,status,requester_id,submitter_id", "ndjson", "zendesk_ticket"),
        ("Lead.csv", "Id,FirstName,LastName,Email,IsConverted,MasterRecordId,SystemModstamp", "csv", "salesforce_lead"),
        ("a.csv", "name,mail", "csv", None),
    ],
)
def test_an_export_is_recognised_by_its_columns(path: str, header: str, kind: Format, expected: str | None) -> None:
    assert name_of(facts(path, header, kind)) == expected


def test_a_checkout_is_told_from_an_order_by_its_first_rows() -> None:
    assert name_of(facts("a.csv", SHOPIFY_ORDER, "csv", {"name": "#99", "id": "99"})) == "shopify_checkout"
    assert name_of(facts("a.csv", SHOPIFY_ORDER, "csv", {"name": "#1001", "id": "6001"})) == "shopify_order"
    assert name_of(facts("checkouts.csv", SHOPIFY_ORDER, "csv", {"name": "#1001", "id": "6001"})) == "shopify_order"


def test_a_second_shop_has_its_prefix_and_its_folder() -> None:
    british = SourceSettings(system="shopify", prefix="uk", files="uk/*.csv", default_region="GB", currency="GBP")
    assert name_of(facts("uk/orders.csv", SHOPIFY_ORDER), british) == "uk_shopify_order"
    assert name_of(facts("us/orders.csv", SHOPIFY_ORDER), british) == "shopify_order"
    known = registry.by_name(Settings(sources=(british,), region="US"))
    assert (known["uk_shopify_order"].region, known["uk_shopify_order"].currency) == ("GB", "GBP")
    assert known["shopify_order"].region == "US"


def test_an_override_without_files_changes_the_preset_itself() -> None:
    entry = SourceSettings(system="mailchimp_member", time_zone="Europe/Berlin", delivery="full")
    known = registry.by_name(Settings(sources=(entry,)))
    assert (known["mailchimp_member"].time_zone, known["mailchimp_member"].delivery) == ("Europe/Berlin", "full")
    assert known["mailchimp_open"].time_zone == "UTC"


def test_a_configured_file_goes_before_a_known_export() -> None:
    entry = SourceSettings(name="list", files="lists/*.csv", record_id="Klaviyo ID", fields={"email": "Email"})
    header = "Email,Klaviyo ID"
    assert name_of(facts("lists/a.csv", header), entry) == "list"
    assert name_of(facts("lists.zip/lists/a.csv", header), entry) == "list"
    assert name_of(facts("other/a.csv", header), entry) == "klaviyo_profile"


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (SourceSettings(system="shopfy"), "shopfy.*known are klaviyo"),
        (SourceSettings(name="a", files="a.csv", record_id="id", fields={"e_mail": "m"}), "unknown fields e_mail"),
        (
            SourceSettings(name="klaviyo_profile", files="a.csv", record_id="id"),
            "two sources are named klaviyo_profile",
        ),
    ],
)
def test_a_wrong_configuration_is_explained(entry: SourceSettings, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        registry.sources(Settings(sources=(entry,)))


def test_the_nearest_source_is_named_with_what_is_missing() -> None:
    words = registry.nearest(facts("a.csv", "Transaction ID,Event Type,Total Collected"), Settings())
    assert words.startswith("nearest is square_transaction, but it lacks net total")
    assert registry.nearest(facts("a.csv", "Foo,Bar"), Settings()).startswith("no known export has such columns")


def test_columns_say_which_fields_they_feed() -> None:
    customer = registry.by_name(Settings())["shopify_customer"]
    assert registry.mapped(customer, "Default Address Phone") == "phones"
    assert registry.mapped(customer, "Customer ID") == "key, customer_id"
    assert registry.mapped(customer, "Email #2") == registry.mapped(customer, "Email")
    assert registry.mapped(customer, "Birthday (customer.metafields.facts.birthday)") == "birth_date"
    assert registry.mapped(customer, "Shoe size (customer.metafields.custom.shoe)") is None


def test_a_source_with_a_name_column_is_named_after_its_file() -> None:
    entry = SourceSettings(name_column="source", files="people/records.parquet", record_id="id")
    assert name_of(facts("people/records.parquet", "id,source", "parquet"), entry) == "records"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("a.zip/subscribed_email_audience_export_ab12cd.csv", "subscribed"),
        ("a.zip/unsubscribed_email_audience_export_ab12cd.csv", "unsubscribed"),
        ("nonsubscribed_x.csv", "nonsubscribed"),
        ("cleaned_x.csv", "cleaned"),
        ("subscribed/members_export_1.csv", None),
    ],
)
def test_a_members_status_is_read_from_the_file_name_only(given: str, expected: str | None) -> None:
    assert status_of(given) == expected


def test_small_readings() -> None:
    assert campaign_of("granular_activity/opens/spring-sale_3f9a21bb.csv") == "spring-sale"
    assert column_name("Lineitem compare at price") == "lineitem_compare_at_price"
    assert base_header("UNSUB_REASON #2") == "UNSUB_REASON"
    assert key_value_lines("Full Name: Karim\r\nphone_number = 01\nno pair\nURL: https://a.b") == {
        "full name": "Karim",
        "phone number": "01",
        "url": "https://a.b",
    }
