"""Which value of a profile becomes golden, and what field_lineage says about it."""

import pytest

from identity.runs.run import Run
from identity.stages.unify import unify
from pictures import expect, given, new_run, seen


@pytest.fixture
def run(tmp_path):
    return new_run(tmp_path)


def one_profile(run: Run, records: str, **tables: str) -> None:
    """Records (system as prefix of the source) that all belong to profile p1."""
    _, *lines = records.strip().splitlines()
    given(run, std_source_record=records, **tables)
    xref = "\n".join(" | ".join([*line.split("|")[:2], "p1"]) for line in lines)
    given(run, identity_profile_xref="source | source_pk | profile_id\n" + xref)


RECORDS = """
    source           | source_pk | system     | source_updated_at
    shopify_customer | 1         | shopify    | 2025-03-01
    salesforce_lead  | 2         | salesforce | 2024-01-01
    square_customer  | 3         | square     | 2025-12-01
"""


def test_a_name_with_given_and_family_beats_initials_and_a_company_whatever_the_source(run):
    one_profile(
        run,
        RECORDS,
        std_name="""
        source           | source_pk | given_name | family_name | is_person
        salesforce_lead  | 2         | J          | Smith       | true
        square_customer  | 3         | Smith      | Joinery     | false
        shopify_customer | 1         | Jane       | Smith       | true
    """,
    )
    unify(run)
    expect(
        run,
        "gold.profile_core",
        """
        profile_id | given_name | family_name | full_name
        p1         | Jane       | Smith       | Jane Smith
    """,
    )
    expect(
        run,
        "gold.field_lineage",
        """
        field_group | winning_source   | winning_source_pk | rule         | n_candidates | n_records | losing_values
        name        | shopify_customer | 1                 | completeness | 3            | 3         | ["J. S.","S. J."]
    """,
    )


def test_a_name_stays_whole(run):
    one_profile(
        run,
        RECORDS,
        std_name="""
        source           | source_pk | title | given_name | middle_name | family_name | suffix
        salesforce_lead  | 2         |       | Jane       |             | Smith       |
        shopify_customer | 1         | Dr    | Janet      | Maria       | Smith       | II
    """,
    )
    unify(run)
    expect(
        run,
        "gold.profile_core",
        """
        title | given_name | middle_name | family_name | suffix
              | Jane       |             | Smith       |
    """,
    )


def test_between_equally_complete_values_the_better_source_wins_though_older(run):
    one_profile(
        run,
        RECORDS,
        std_identifier="""
        source           | source_pk | id_type | id_value_norm
        shopify_customer | 1         | email   | new@example.com
        salesforce_lead  | 2         | email   | old@example.org
    """,
    )
    unify(run)
    expect(
        run,
        "gold.field_lineage",
        """
        field_group | winning_source  | winning_updated_at  | rule     | n_candidates | losing_values
        email       | salesforce_lead | 2024-01-01 00:00:00 | priority | 2            | ["n***@e***.com"]
    """,
    )
    expect(
        run,
        "gold.profile_core",
        """
        email
        old@example.org
    """,
    )


def test_the_order_of_sources_is_set_per_field_group(tmp_path):
    run = new_run(tmp_path, survivorship={"groups": {"email": ["shopify"]}})
    one_profile(
        run,
        RECORDS,
        std_identifier="""
        source           | source_pk | id_type | id_value_norm
        shopify_customer | 1         | email   | new@example.com
        salesforce_lead  | 2         | email   | old@example.org
        shopify_customer | 1         | phone   | +12025550101
        salesforce_lead  | 2         | phone   | +12025550102
    """,
    )
    unify(run)
    expect(
        run,
        "gold.profile_core",
        """
        email           | phone
        new@example.com | +12025550102
    """,
    )


def test_a_source_object_may_be_ranked_apart_from_its_system(tmp_path):
    run = new_run(tmp_path, survivorship={"default": ["shopify_order", "shopify"]})
    one_profile(
        run,
        """
        source           | source_pk | system  | source_updated_at
        shopify_customer | 1         | shopify | 2025-03-01
        shopify_order    | #9        | shopify | 2024-01-01
        """,
        std_identifier="""
        source           | source_pk | id_type | id_value_norm
        shopify_customer | 1         | phone   | +12025550101
        shopify_order    | #9        | phone   | +12025550102
        """,
    )
    unify(run)
    expect(
        run,
        "gold.field_lineage",
        """
        winning_source | rule     | losing_values
        shopify_order  | priority | ["***01"]
    """,
    )


SAME_SOURCE = """
    source          | source_pk | system | source_updated_at
    square_customer | 1         | square | 2025-01-01
    square_customer | 2         | square | 2025-02-01
    square_customer | 3         | square | 2025-02-01
"""


def test_within_one_source_the_latest_record_wins(run):
    one_profile(
        run,
        SAME_SOURCE,
        std_identifier="""
        source          | source_pk | id_type | id_value_norm
        square_customer | 1         | email   | a@example.com
        square_customer | 2         | email   | b@example.com
    """,
    )
    unify(run)
    expect(
        run,
        "gold.field_lineage",
        """
        winning_source_pk | rule
        2                 | recency
    """,
    )


def test_at_one_time_the_value_of_more_records_wins(run):
    one_profile(
        run,
        SAME_SOURCE,
        std_identifier="""
        source          | source_pk | id_type | id_value_norm
        square_customer | 1         | email   | b@example.com
        square_customer | 2         | email   | a@example.com
        square_customer | 3         | email   | b@example.com
    """,
    )
    unify(run)
    expect(
        run,
        "gold.field_lineage",
        """
        winning_source_pk | rule      | n_candidates | n_records
        3                 | frequency | 2            | 3
    """,
    )


def test_the_record_key_breaks_what_ties(run):
    one_profile(
        run,
        SAME_SOURCE,
        std_identifier="""
        source          | source_pk | id_type | id_value_norm
        square_customer | 2         | email   | b@example.com
        square_customer | 3         | email   | a@example.com
    """,
    )
    unify(run)
    expect(
        run,
        "gold.field_lineage",
        """
        winning_source_pk | rule
        2                 | tie_break
    """,
    )


def test_one_value_held_by_several_records_is_no_conflict(run):
    one_profile(
        run,
        RECORDS,
        std_identifier="""
        source           | source_pk | id_type | id_value_norm
        shopify_customer | 1         | email   | a@example.com
        salesforce_lead  | 2         | email   | a@example.com
    """,
    )
    metrics = unify(run)
    expect(
        run,
        "gold.field_lineage",
        """
        winning_source  | rule           | n_candidates | n_records | losing_values
        salesforce_lead | only_candidate | 1            | 2         | []
    """,
    )
    assert metrics["golden_conflicts:email"] == 0
    assert metrics["winner:email:salesforce"] == 1
    assert metrics["fill:email"] == 1
    assert metrics["fill:phone"] == 0


def test_an_address_stays_whole_and_the_fuller_one_wins(run):
    one_profile(
        run,
        RECORDS,
        std_address="""
        source           | source_pk | position | line1         | line2  | house_number | street  | street_key | unit | city   | city_key | region | postal_code | postal_key | country_iso2
        salesforce_lead  | 2         | 0        |               |        |              |         |            |      | Leeds  | leeds    |        | LS1 1AA     | ls11aa     | GB
        shopify_customer | 1         | 0        | 12 Mill St    |        | 12           | Mill St | mill st    |      | Leeds  | leeds    |        | LS1 1AB     | ls11ab     | GB
        shopify_customer | 1         | 1        | 9 High Street | Flat 2 | 9            | High St | high st    | 2    |        |          |        |             |            | GB
    """,
    )
    unify(run)
    expect(
        run,
        "gold.profile_core",
        """
        address_line1 | address_line2 | city  | region | postal_code | country_iso2
        12 Mill St    |               | Leeds |        | LS1 1AB     | GB
    """,
    )
    expect(
        run,
        "gold.field_lineage",
        """
        field_group | winning_source   | rule         | n_candidates | losing_values
        address     | shopify_customer | completeness | 3            | ["l***, l***, g***","9***, g***"]
    """,
    )


def test_blocked_values_and_national_phone_numbers_never_become_golden(run):
    one_profile(
        run,
        RECORDS,
        std_identifier="""
        source           | source_pk | id_type | id_value_norm     | is_valid | is_blocked | block_reason
        salesforce_lead  | 2         | email   | store@example.com | true     | true       | too_many_names
        shopify_customer | 1         | email   | info@example.com  | false    | false      |
        salesforce_lead  | 2         | phone   | 5550100           | false    | false      |
    """,
    )
    unify(run)
    expect(
        run,
        "gold.profile_core",
        """
        email            | phone
        info@example.com |
    """,
    )
    expect(
        run,
        "gold.field_lineage",
        """
        field_group | winning_source   | rule           | n_candidates
        email       | shopify_customer | only_candidate | 1
    """,
    )


def test_birth_date_gender_and_company_have_their_lineage(run):
    one_profile(
        run,
        """
        source           | source_pk | system     | source_updated_at | birth_date | gender | company
        shopify_customer | 1         | shopify    | 2025-03-01        |            |        | ACME Ltd
        salesforce_lead  | 2         | salesforce | 2024-01-01        | 1980-02-29 | female | Acme Ltd
        square_customer  | 3         | square     | 2025-12-01        | 1981-02-28 |        |
    """,
    )
    unify(run)
    expect(
        run,
        "gold.profile_core",
        """
        birth_date | gender | company
        1980-02-29 | female | Acme Ltd
    """,
    )
    expect(
        run,
        "gold.field_lineage",
        """
        field_group | winning_source  | rule           | n_candidates | losing_values
        birth_date  | salesforce_lead | priority       | 2            | ["1981-**-**"]
        gender      | salesforce_lead | only_candidate | 1            | []
        company     | salesforce_lead | only_candidate | 1            | []
    """,
    )


def test_a_profile_without_any_value_is_still_a_profile(run):
    one_profile(run, RECORDS)
    unify(run)
    expect(
        run,
        "gold.profile_core",
        """
        profile_id | full_name | email | n_source_records | sources                                              | systems                       | first_record_at     | last_record_at      | is_test | is_staff | profile_version
        p1         |           |       | 3                | [salesforce_lead, shopify_customer, square_customer] | [salesforce, shopify, square] | 2024-01-01 00:00:00 | 2025-12-01 00:00:00 | false   | false    | 1
    """,
    )
    assert seen(run, "gold.field_lineage", ["field_group"]) == []


def test_the_version_grows_only_when_a_golden_value_changes(tmp_path):
    versions = []
    prior = None
    for name, email in enumerate(["a@example.com", "a@example.com", "b@example.com"]):
        run = new_run(tmp_path / str(name))
        one_profile(
            run,
            RECORDS,
            std_identifier=f"""
            source          | source_pk | id_type | id_value_norm
            salesforce_lead | 2         | email   | {email}
        """,
        )
        if prior:
            given(
                run,
                prior_customer_360=f"""
                profile_id | profile_version | profile_hash
                p1         | {prior[0]}      | {prior[1]}
            """,
            )
        unify(run)
        ((version, digest),) = seen(run, "gold.profile_core", ["profile_version", "profile_hash"])
        versions.append(version)
        prior = (version, digest)
    assert versions == ["1", "1", "2"]


def test_confidence_is_that_of_the_cluster_and_one_for_a_single_record(run):
    given(
        run,
        std_source_record="""
        source | source_pk | system | is_test | is_staff
        crm    | 1         | crm    | true    | false
        crm    | 2         | crm    | false   | true
        crm    | 3         | crm    | true    | false
        """,
        identity_profile_xref="""
        source | source_pk | profile_id
        crm    | 1         | p1
        crm    | 2         | p1
        crm    | 3         | p2
        """,
        match_cluster="""
        cluster_id | profile_id | n_records | confidence
        1          | p1         | 2         | 0.75
        2          | p2         | 1         |
        """,
    )
    unify(run)
    expect(
        run,
        "gold.profile_core",
        """
        profile_id | match_confidence | is_test | is_staff
        p1         | 0.75             | false   | true
        p2         | 1.0              | true    | false
    """,
    )


def test_a_shorter_and_a_longer_masked_value_tell_no_more_than_their_first_letters(run):
    one_profile(
        run,
        RECORDS,
        std_identifier="""
        source           | source_pk | id_type | id_value_norm         | position
        salesforce_lead  | 2         | email   | win@example.com       | 0
        shopify_customer | 1         | email   | a@b                   | 0
        shopify_customer | 1         | email   | ann.lee@mail.shop.org | 1
        salesforce_lead  | 2         | phone   | +12025550101          | 1
        square_customer  | 3         | phone   | +447700900123         | 0
    """,
    )
    unify(run)
    expect(
        run,
        "gold.field_lineage",
        """
        field_group | losing_values
        email       | ["a***@b***","a***@m***.org"]
        phone       | ["***23"]
    """,
    )


def test_a_blocked_address_stays_and_says_so(run):
    one_profile(
        run,
        RECORDS,
        std_address="""
        source          | source_pk | line1    | street  | city  | city_key | postal_code | postal_key | country_iso2 | address_key
        salesforce_lead | 2         | 1 Campus | campus  | Leeds | leeds    | LS1         | ls1        | GB           | GB-1-campus
        """,
        std_blocked_value="""
        id_type | id_value
        address | GB-1-campus
        """,
    )
    unify(run)
    expect(
        run,
        "gold.contact_point",
        """
        type    | is_primary | is_blocked
        address | true       | true
    """,
    )
