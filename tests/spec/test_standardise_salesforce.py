"""Salesforce exports as std rows: Contact, Lead, Account (ISO-8859-1) and a Data Loader file."""

from datetime import date, datetime

import pytest
from tests.support.exports import standardised
from tests.support.tables import read

from identity.runs.run import Run

RENE, MERGED, ZOE, LUKASZ = "0035f00000AAAAaAAB", "0035f00000BBBBbAAB", "0035f00000CCCCcAAB", "0035f00000FFFFfAAB"
LEAD, COMPANY_LEAD = "00Q5f00000DDDDdAAB", "00Q5f00000EEEEeAAB"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return standardised(tmp_path_factory.mktemp("salesforce"), "salesforce")


def of(run: Run, table: str, columns: str, key: str) -> list[tuple]:
    return [row[1:] for row in read(run, table, f"source_pk {columns}") if row[0] == key]


def test_every_file_is_recognised_whatever_its_encoding(run: Run) -> None:
    assert sorted(read(run, "raw.file", "path source")) == [
        ("salesforce/Account.csv", "salesforce_account"),
        ("salesforce/Contact.csv", "salesforce_contact"),
        ("salesforce/Lead.csv", "salesforce_lead"),
        ("salesforce/data_loader.csv", "salesforce_contact"),
    ]


def test_contact_with_accents_a_line_break_in_the_street_and_an_extension_for_a_phone(run: Run) -> None:
    # Mr. René Müller Jr., "Hauptstraße 5\nHinterhaus", Phone 4711, MobilePhone +49 (0) 151 23456789
    assert of(run, "std.source_record", "title given_name family_name suffix birth_date company", RENE) == [
        ("Mr", "René", "Müller", "Jr", date(1970, 7, 22), "Acme Werke Köln")  # the company by AccountId
    ]
    assert of(run, "std.source_record", "address_line1 house_number street postal_code country_iso2", RENE) == [
        ("Hauptstraße 5, Hinterhaus", "5", "Hauptstraße", "10115", "DE")
    ]
    assert of(run, "std.identifier", "id_type id_value_norm", RENE) == [
        ("customer_id", RENE),
        ("email", "rene.mueller@acme-werke.de"),
        ("phone", "+4915123456789"),
    ]
    assert of(run, "std.source_record", "quality_flags", RENE) == [(["phone_impossible"],)]


def test_times_and_opt_outs(run: Run) -> None:
    assert of(run, "std.source_record", "source_created_at source_updated_at", RENE) == [
        (datetime(2020, 1, 2, 3, 4, 5), datetime(2023, 3, 3, 17, 3, 21))
    ]
    # a flag that is set denies, one that is not says nothing; DoNotCall without a phone is about the person
    assert of(run, "std.consent_event", "channel contact status evidence", RENE) == [
        ("email", "rene.mueller@acme-werke.de", "denied", "HasOptedOutOfEmail")
    ]
    assert of(run, "std.consent_event", "channel contact status evidence", ZOE) == [
        ("phone", "", "denied", "DoNotCall")
    ]


def test_a_bounced_address_is_flagged(run: Run) -> None:
    assert of(run, "std.source_record", "quality_flags", ZOE) == [(["email_bounced"],)]


def test_a_merged_contact_is_no_record_but_its_link_stays_and_later_links_reach_the_survivor(run: Run) -> None:
    assert of(run, "std.source_record", "full_name", MERGED) == []
    assert of(run, "std.row_disposition", "disposition rule", MERGED) == [("deleted", "deleted_in_source")]
    assert read(run, "std.hard_link", "source source_pk other_source other_pk rule") == [
        ("salesforce_contact", MERGED, "salesforce_contact", RENE, "salesforce_merged"),
        ("salesforce_lead", LEAD, "salesforce_contact", RENE, "salesforce_converted"),  # converted to MERGED
        ("salesforce_lead", LEAD, "salesforce_contact", MERGED, "salesforce_converted"),
    ]


def test_a_lead_that_names_a_company_only(run: Run) -> None:
    # LastName [not provided], Company Fjørd AS
    assert of(run, "std.source_record", "full_name company email_norm", COMPANY_LEAD) == [
        (None, "Fjørd AS", "post@fjord-as.no")
    ]
    assert of(run, "std.identifier", "id_type is_valid", COMPANY_LEAD) == [("customer_id", True), ("email", False)]


def test_a_data_loader_file_with_true_false_and_iso_times(run: Run) -> None:
    assert of(run, "std.source_record", "full_name company source_updated_at", LUKASZ) == [
        ("Łukasz Nowak", "Firma", datetime(2023, 2, 1, 12))
    ]
    assert of(run, "std.consent_event", "channel status", LUKASZ) == [("email", "denied")]


def test_accounts_are_organisations_without_the_deleted(run: Run) -> None:
    assert read(run, "std.organisation", "source_pk name city country_iso2 phone_e164") == [
        ("0015f00000ACMEaAAB", "Acme Werke Köln", "Köln", "DE", "+492214710000")
    ]
