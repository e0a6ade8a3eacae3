"""All contact points of a profile are kept; one of each type is the primary."""

import pytest

from identity.stages.unify import unify
from pictures import expect, given, new_run


@pytest.fixture
def run(tmp_path):
    run = new_run(tmp_path)
    given(
        run,
        std_source_record="""
        source          | source_pk | system     | source_created_at | source_updated_at
        salesforce_lead | 1         | salesforce | 2020-01-01        | 2024-01-01
        square_customer | 2         | square     |                   | 2025-12-01
        square_customer | 3         | square     | 2019-01-01        |
        """,
        identity_profile_xref="""
        source          | source_pk | profile_id
        salesforce_lead | 1         | p1
        square_customer | 2         | p1
        square_customer | 3         | p2
        """,
    )
    return run


def test_all_are_kept_the_golden_one_first_and_blocked_ones_last(run):
    given(
        run,
        std_identifier="""
        source          | source_pk | id_type | id_value_norm     | position | is_valid | is_blocked
        salesforce_lead | 1         | email   | store@example.com | 0        | true     | true
        salesforce_lead | 1         | email   | ann@example.com   | 1        | true     | false
        square_customer | 2         | email   | ann@example.com   | 0        | true     | false
        square_customer | 2         | email   | info@example.com  | 1        | false    | false
        square_customer | 2         | phone   | 5550100           | 0        | false    | false
    """,
    )
    unify(run)
    expect(
        run,
        "gold.contact_point",
        """
        profile_id | type  | value             | is_primary | rank | first_seen          | last_seen           | sources                            | n_records | is_shared | is_blocked | validity
        p1         | email | ann@example.com   | true       | 1    | 2020-01-01 00:00:00 | 2025-12-01 00:00:00 | [salesforce_lead, square_customer] | 2         | false     | false      | valid
        p1         | email | info@example.com  | false      | 2    | 2025-12-01 00:00:00 | 2025-12-01 00:00:00 | [square_customer]                  | 1         | false     | false      | doubtful
        p1         | email | store@example.com | false      | 3    | 2020-01-01 00:00:00 | 2024-01-01 00:00:00 | [salesforce_lead]                  | 1         | false     | true       | valid
        p1         | phone | 5550100           | false      | 1    | 2025-12-01 00:00:00 | 2025-12-01 00:00:00 | [square_customer]                  | 1         | false     | false      | doubtful
    """,
    )


def test_a_value_in_two_profiles_is_shared_and_may_be_primary_in_both(run):
    given(
        run,
        std_identifier="""
        source          | source_pk | id_type | id_value_norm
        salesforce_lead | 1         | phone   | +441134960000
        square_customer | 3         | phone   | +441134960000
    """,
    )
    metrics = unify(run)
    expect(
        run,
        "gold.contact_point",
        """
        profile_id | value         | is_primary | is_shared
        p1         | +441134960000 | true       | true
        p2         | +441134960000 | true       | true
    """,
    )
    assert metrics["shared_contact_points:phone"] == 2


def test_one_address_written_in_two_ways_is_one_contact_point_and_a_country_is_none(run):
    given(
        run,
        std_address="""
        source          | source_pk | position | kind     | line1          | house_number | street     | street_key | city  | city_key | postal_code | postal_key | country_iso2
        salesforce_lead | 1         | 0        | billing  | 12 Mill Street | 12           | Mill St    | mill st    | Leeds | leeds    | LS1 1AA     | ls11aa     | GB
        salesforce_lead | 1         | 1        | shipping | 12, Mill St.   | 12           | Mill St.   | mill st    | LEEDS | leeds    | LS11AA      | ls11aa     | GB
        square_customer | 3         | 0        | mailing  |                |              |            |            |       |          |             |            | GB
    """,
    )
    unify(run)
    expect(
        run,
        "gold.contact_point",
        """
        profile_id | type    | value                         | is_primary | n_records | validity
        p1         | address | 12 mill st, leeds, ls11aa, gb | true       | 1         | valid
    """,
    )
    expect(
        run,
        "gold.profile_core",
        """
        profile_id | address_line1  | country_iso2
        p1         | 12 Mill Street | GB
        p2         |                | GB
    """,
    )
