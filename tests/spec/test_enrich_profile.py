"""What the events say of a profile: e-mail, support, checkouts, resellers, households."""

import pytest

from identity.settings_groups import HouseholdSettings, ResellerSettings
from identity.stages.enrich import enrich
from identity.stages.unify import unify
from pictures import expect, given, new_run, seen


def people(run, *names):
    """Profiles p1, p2 … with one record each."""
    rows = "\n".join(f"shop | {number} | shop" for number in range(1, len(names) + 1))
    xref = "\n".join(f"shop | {number} | {name}" for number, name in enumerate(names, 1))
    given(
        run,
        std_source_record="source | source_pk | system\n" + rows,
        identity_profile_xref="source | source_pk | profile_id\n" + xref,
    )


def run_both(run):
    return unify(run) | enrich(run)


@pytest.fixture
def run(tmp_path):
    run = new_run(tmp_path)
    people(run, "p1", "p2", "p3")
    return run


def test_rates_of_an_e_mail_are_of_what_was_delivered_and_machines_are_apart(run):
    given(
        run,
        std_touchpoint="""
        source | source_pk | person_source | person_pk | occurred_at | channel | touch_type    | campaign | is_machine
        mail   | 1         | shop          | 1         | 2025-01-01  | email   | email_sent    | a        |
        mail   | 2         | shop          | 1         | 2025-01-02  | email   | email_sent    | b        |
        mail   | 3         | shop          | 1         | 2025-01-03  | email   | email_sent    | c        |
        mail   | 4         | shop          | 1         | 2025-01-03  | email   | email_bounced | c        |
        mail   | 5         | shop          | 1         | 2025-01-04  | email   | email_opened  | a        | true
        mail   | 6         | shop          | 1         | 2025-01-05  | email   | email_opened  | b        | false
        mail   | 7         | shop          | 1         | 2025-01-06  | email   | email_opened  | b        | true
        mail   | 8         | shop          | 1         | 2025-01-07  | email   | email_clicked | b        |
        mail   | 9         | shop          | 2         | 2025-01-07  | email   | email_opened  | b        | false
        """,
    )
    run_both(run)
    expect(
        run,
        "gold.email_engagement",
        """
        profile_id | sends | bounces | delivered | opens | unique_opens | machine_opens | unique_human_opens | clicks | open_rate | human_open_rate | click_rate | click_to_open_rate | last_sent_at        | last_click_at
        p1         | 3     | 1       | 2         | 3     | 2            | 2             | 1                  | 1      | 1.0       | 0.5             | 0.5        | 0.5                | 2025-01-03 00:00:00 | 2025-01-07 00:00:00
        p2         | 0     | 0       | 0         | 1     | 1            | 0             | 1                  | 0      |           |                 |            | 0.0                |                     |
        p3         | 0     | 0       | 0         | 0     | 0            | 0             | 0                  | 0      |           |                 |            |                    |                     |
        """,
    )


def test_what_no_source_tells_of_an_e_mail_is_unknown(run):
    given(
        run,
        std_touchpoint="""
        source | source_pk | person_source | person_pk | occurred_at | channel | touch_type   | campaign
        mail   | 1         | shop          | 1         | 2025-01-01  | email   | email_opened | a
        """,
    )
    run_both(run)
    expect(
        run,
        "gold.email_engagement",
        """
        profile_id | sends | bounces | delivered | unique_opens | machine_opens | open_rate | human_open_rate
        p1         |       |         |           | 1            |               |           |
        p2         |       |         |           | 0            |               |           |
        p3         |       |         |           | 0            |               |           |
        """,
    )


def test_support_counts_ratings_of_tickets_and_surveys_and_the_latest_recommendation(run):
    given(
        run,
        std_ticket="""
        source | ticket_id | person_source | person_pk | created_at | status | first_reply_minutes | resolution_minutes | satisfaction
        desk   | 1         | shop          | 1         | 2025-01-01 | closed | 10                  | 100                | good
        desk   | 2         | shop          | 1         | 2025-01-02 | open   | 20                  |                    | offered
        """,
        std_survey_response="""
        source | response_id | person_source | person_pk | kind | score | answered_at
        ask    | 1           | shop          | 1         | nps  | 10    | 2025-01-01
        ask    | 2           | shop          | 1         | nps  | 6     | 2025-02-01
        ask    | 3           | shop          | 1         | csat | 4     | 2025-02-01
        ask    | 4           | shop          | 1         | csat | 3     | 2025-02-01
        ask    | 5           | shop          | 2         | nps  | 9     |
        ask    | 6           | shop          | 2         | nps  | 8     | 2025-01-01
        ask    | 7           |               |           | nps  | 8     | 2025-01-01
        """,
    )
    run_both(run)
    expect(
        run,
        "gold.support_summary",
        """
        profile_id | tickets | open_tickets | first_reply_minutes | resolution_minutes | csat_good | csat_bad | nps_last | nps_last_at         | nps_class
        p1         | 2       | 1            | 15.0                | 100.0              | 2         | 1        | 6.0000   | 2025-02-01 00:00:00 | detractor
        p2         | 0       | 0            |                     |                    | 0         | 0        | 8.0000   | 2025-01-01 00:00:00 | passive
        """,
    )


def test_a_checkout_is_recovered_by_the_first_online_order_of_the_profile_within_a_week(run):
    given(
        run,
        std_order="""
        source | order_id | person_source | person_pk | order_at            | channel | gross | net_revenue
        shop   | 1        | shop          | 1         | 2025-01-08 10:00:00 | online  | 10    | 10
        shop   | 2        | shop          | 1         | 2025-01-01 10:00:00 | store   | 10    | 10
        shop   | 3        | shop          | 1         | 2025-01-09 10:00:00 | online  | 10    | 10
        """,
        std_touchpoint="""
        source | source_pk | person_source | person_pk | occurred_at         | time_zone | touch_type         | value | currency
        cart   | a         | shop          | 1         | 2025-01-01 10:00:00 | -05:00    | checkout_abandoned | 12    | USD
        cart   | b         | shop          | 1         | 2025-01-01 09:59:59 | -05:00    | checkout_abandoned | 12    | USD
        cart   | c         | shop          | 2         | 2025-01-01 10:00:00 | -05:00    | checkout_abandoned | 12    | USD
        cart   | d         |               |           | 2025-01-01 10:00:00 | -05:00    | checkout_abandoned | 12    | USD
        """,
    )
    run_both(run)
    expect(
        run,
        "gold.checkout",
        """
        checkout_id | profile_id | abandoned_at        | time_zone | value   | is_recovered | order_source | order_id
        a           | p1         | 2025-01-01 10:00:00 | -05:00    | 12.0000 | true         | shop         | 1
        b           | p1         | 2025-01-01 09:59:59 | -05:00    | 12.0000 | false        |              |
        c           | p2         | 2025-01-01 10:00:00 | -05:00    | 12.0000 | false        |              |
        d           |            | 2025-01-01 10:00:00 | -05:00    | 12.0000 |              |              |
        """,
    )


def test_resellers_are_told_by_tag_domain_company_or_volume(tmp_path):
    rules = ResellerSettings(
        tags=("Wholesale",), email_domains=("trade.example",), companies=("Big Box, Ltd.",), orders_per_year=2
    )
    run = new_run(tmp_path, resellers=rules)
    given(
        run,
        std_source_record="""
        source | source_pk | tags                 | company
        shop   | 1         | [vip, wholesale]     |
        shop   | 2         | [vip]                | BIG BOX LTD
        shop   | 3         |                      |
        shop   | 4         |                      | Big Boxes
        shop   | 5         |                      |
        shop   | 6         |                      |
        """,
        identity_profile_xref="\n".join(
            ["source | source_pk | profile_id", *(f"shop | {number} | p{number}" for number in range(1, 7))]
        ),
        std_identifier="""
        source | source_pk | id_type | id_value_norm
        shop   | 3         | email   | ann@shops.trade.example
        shop   | 4         | email   | ann@nottrade.example
        """,
        std_order="""
        source | order_id | person_source | person_pk | order_at
        shop   | 1        | shop          | 5         | 2024-01-01
        shop   | 2        | shop          | 5         | 2024-06-01
        shop   | 3        | shop          | 5         | 2024-12-31
        shop   | 4        | shop          | 6         | 2024-01-01
        shop   | 5        | shop          | 6         | 2024-06-01
        shop   | 6        | shop          | 6         | 2025-01-01
        """,
    )
    metrics = run_both(run)
    expect(
        run,
        "gold.customer_360",
        """
        profile_id | is_reseller | reseller_rule
        p1         | true        | tag
        p2         | true        | company
        p3         | true        | email_domain
        p4         | false       |
        p5         | true        | order_volume
        p6         | false       |
        """,
    )
    assert metrics["resellers"] == 4


def household(run, homes, **settings):
    """Profiles named after who lives where; homes are rows of surname, house number, unit."""
    names = [f"p{number:02d}" for number in range(1, len(homes) + 1)]
    people(run, *names)
    given(
        run,
        std_name="source | source_pk | given_name | family_name\n"
        + "\n".join(f"shop | {number} | Ann | {home[0]}" for number, home in enumerate(homes, 1)),
        std_address="source | source_pk | line1 | house_number | street_key | unit | city | city_key | postal_code | postal_key | country_iso2 | address_key\n"
        + "\n".join(
            f"shop | {number} | {house} Oak St | {house} | oak street | {unit} | Reno | reno | 89501 | 89501 | US | "
            f"US\N{BROKEN BAR}{house}\N{BROKEN BAR}{unit}"
            for number, (_, house, unit) in enumerate(homes, 1)
        ),
    )
    run_both(run)
    found = seen(run, "gold.household_member", ("profile_id", "household_id"))
    groups: dict[str, list[str]] = {}
    for profile, home in found:
        groups.setdefault(home, []).append(profile)
    return sorted(groups.values())


def test_people_of_one_surname_at_one_address_are_a_household(run):
    homes = [("Núñez", "1", ""), ("NUNEZ", "1", ""), ("Smith", "1", ""), ("Núñez", "2", ""), ("Núñez", "", "")]
    assert household(run, homes) == [["p01", "p02"], ["p03"], ["p04"]]


def test_who_does_not_tell_the_flat_lives_in_the_only_one_told_for_the_surname(run):
    homes = [("Smith", "1", "4"), ("Smith", "1", ""), ("Jones", "1", "5"), ("Jones", "1", "6"), ("Jones", "1", "")]
    assert household(run, homes) == [["p01", "p02"], ["p03"], ["p04"], ["p05"]]


def test_in_a_house_of_many_names_only_the_same_flat_makes_a_household(tmp_path):
    run = new_run(tmp_path, household=HouseholdSettings(max_surnames=2))
    homes = [("Smith", "1", ""), ("Smith", "1", ""), ("Jones", "1", "5"), ("Jones", "1", "5"), ("Novak", "1", "")]
    assert household(run, homes) == [["p03", "p04"]]
    expect(run, "gold.household", "rule | members\nsame_surname_and_unit | 2")


def test_more_people_than_a_household_has_are_none(tmp_path):
    run = new_run(tmp_path, household=HouseholdSettings(max_members=2))
    assert household(run, [("Smith", "1", "")] * 3 + [("Jones", "2", "")] * 2) == [["p04", "p05"]]


def test_a_household_keeps_its_id_whoever_joins_or_leaves(tmp_path):
    ids = []
    for number, homes in enumerate(([("Smith", "1", "")], [("Jones", "2", ""), ("Smith", "1", "")] * 2)):
        folder = tmp_path / str(number)
        folder.mkdir()
        run = new_run(folder)
        household(run, homes)
        ids.append(
            {row[0] for row in seen(run, "gold.household", ("household_id", "surname_key")) if row[1] == "smith"}
        )
    assert ids[0] == ids[1]
    assert len(ids[0]) == 1
