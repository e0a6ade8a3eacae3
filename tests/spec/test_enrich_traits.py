"""The traits on customer_360, and that nothing is lost between events and profiles."""

from decimal import Decimal

import pytest

from identity.stages.enrich import enrich
from identity.stages.unify import unify
from pictures import expect, given, new_run


@pytest.fixture
def run(tmp_path):
    run = new_run(tmp_path)
    given(
        run,
        std_source_record="""
        source | source_pk | system | source_created_at | source_updated_at
        shop   | 1         | shop   | 2024-01-01        | 2024-06-01
        shop   | 2         | shop   |                   |
        """,
        identity_profile_xref="""
        source | source_pk | profile_id
        shop   | 1         | p1
        shop   | 2         | p2
        """,
    )
    return run


def run_both(run):
    return unify(run) | enrich(run)


def test_orders_revenue_and_average_order_value_leave_test_orders_out(run):
    given(
        run,
        std_order="""
        source | order_id | person_source | person_pk | order_at   | channel | currency | gross | discount | returned_revenue | net_revenue | is_test
        shop   | 1        | shop          | 1         | 2025-01-01 | online  | USD      | 10.00 | 0        | 0                | 10.00       | false
        shop   | 2        | shop          | 1         | 2025-02-01 | online  | USD      | 10.00 | 0.01     | 4                | 5.99        | false
        shop   | 3        | shop          | 1         | 2025-03-01 | online  | USD      | 10.00 |          | 0                | 10.00       | false
        shop   | 4        | shop          | 1         | 2025-04-01 | online  | USD      | 99.00 | 0        | 0                | 99.00       | true
    """,
    )
    run_both(run)
    expect(
        run,
        "gold.customer_360",
        """
        profile_id | orders | revenue | revenue_currency | aov    | first_order_at      | last_order_at
        p1         | 3      | 25.9900 | USD              | 9.9967 | 2025-01-01 00:00:00 | 2025-03-01 00:00:00
        p2         | 0      | 0.0000  |                  |        |                     |
    """,
    )


def test_revenue_in_two_currencies_is_not_added_up(run):
    given(
        run,
        std_order="""
        source | order_id | person_source | person_pk | currency | gross | net_revenue
        shop   | 1        | shop          | 1         | USD      | 10    | 10
        shop   | 2        | shop          | 1         | GBP      | 10    | 10
        shop   | 3        | shop          | 2         | GBP      | 10    | 10
    """,
    )
    metrics = run_both(run)
    expect(
        run,
        "gold.customer_360",
        """
        profile_id | orders | revenue | revenue_currency | aov
        p1         | 2      |         |                  |
        p2         | 1      | 10.0000 | GBP              | 10.0000
    """,
    )
    assert metrics["profiles_mixed_currency"] == 1


def test_the_preferred_channel_is_that_of_most_orders_then_the_latest_then_by_name(run):
    given(
        run,
        std_order="""
        source | order_id | person_source | person_pk | order_at   | channel
        shop   | 1        | shop          | 1         | 2025-01-01 | online
        shop   | 2        | shop          | 1         | 2025-03-01 | online
        shop   | 3        | shop          | 1         | 2025-02-01 | store
        shop   | 4        | shop          | 1         | 2025-04-01 | store
        shop   | 5        | shop          | 2         | 2025-04-01 | store
        shop   | 6        | shop          | 2         | 2025-04-01 | online
    """,
    )
    run_both(run)
    expect(
        run,
        "gold.customer_360",
        """
        profile_id | preferred_channel
        p1         | store
        p2         | online
    """,
    )


def test_without_orders_the_preferred_channel_is_that_of_most_interactions(run):
    given(
        run,
        std_touchpoint="""
        source | source_pk | person_source | person_pk | occurred_at | channel | touch_type
        mail   | 1         | shop          | 1         | 2025-01-01  | email   | email_opened
        mail   | 2         | shop          | 1         | 2025-01-02  | email   | email_opened
        web    | 3         | shop          | 1         | 2025-01-03  | web     | page
        mail   | 4         | shop          | 2         | 2025-01-04  | email   | email_sent
        mail   | 5         | shop          | 2         | 2025-01-04  | email   | email_sent
        web    | 6         | shop          | 2         | 2025-01-03  | web     | page
    """,
    )
    run_both(run)
    expect(
        run,
        "gold.customer_360",
        """
        profile_id | preferred_channel
        p1         | email
        p2         | web
    """,
    )


def test_first_and_last_seen_span_records_and_events(run):
    given(
        run,
        std_order="""
        source | order_id | person_source | person_pk | order_at
        shop   | 1        | shop          | 1         | 2023-05-01
        shop   | 2        | shop          | 2         | 2023-05-01
        """,
        std_touchpoint="""
        source | source_pk | person_source | person_pk | occurred_at | channel | touch_type
        mail   | 1         | shop          | 1         | 2025-01-01  | email   | email_opened
        mail   | 2         | shop          | 1         |             | email   | email_opened
        mail   | 3         | shop          | 1         | 2026-01-01  | email   | email_sent
        mail   | 4         | shop          | 2         | 2022-01-01  | email   | email_sent
        """,
    )
    run_both(run)
    expect(
        run,
        "gold.customer_360",
        """
        profile_id | first_seen_at       | last_seen_at
        p1         | 2023-05-01 00:00:00 | 2025-01-01 00:00:00
        p2         | 2023-05-01 00:00:00 | 2023-05-01 00:00:00
    """,
    )


def test_opens_clicks_and_checkouts_are_counted_and_sends_only_where_a_source_tells(run):
    given(
        run,
        std_touchpoint="""
        source | source_pk | person_source | person_pk | occurred_at | channel | touch_type         | campaign | is_machine
        mail   | 1         | shop          | 1         | 2025-01-01  | email   | email_opened       | spring   | true
        mail   | 2         | shop          | 1         | 2025-01-02  | email   | email_opened       | spring   | false
        mail   | 3         | shop          | 1         | 2025-01-03  | email   | email_clicked      | spring   |
        shop   | c1        | shop          | 1         | 2025-01-04  | online  | checkout_abandoned |          |
    """,
    )
    run_both(run)
    expect(
        run,
        "gold.email_engagement",
        """
        profile_id | sends | opens | unique_opens | machine_opens | clicks | unique_clicks | last_open_at        | last_click_at       | consent_email
        p1         |       | 2     | 1            | 1             | 1      | 1             | 2025-01-02 00:00:00 | 2025-01-03 00:00:00 | unknown
        p2         |       | 0     | 0            | 0             | 0      | 0             |                     |                     | unknown
    """,
    )
    expect(
        run,
        "gold.customer_360",
        """
        profile_id | email_opens | email_clicks | abandoned_checkouts
        p1         | 2           | 1            | 1
        p2         | 0           | 0            | 0
    """,
    )


def test_tickets_and_ratings(run):
    given(
        run,
        std_ticket="""
        source  | ticket_id | person_source | person_pk | created_at | solved_at  | status | satisfaction | first_reply_minutes
        zendesk | 1         | shop          | 1         | 2025-01-01 |            | open   | offered      | 10
        zendesk | 2         | shop          | 1         | 2025-01-02 | 2025-01-03 | Solved | good         | 20
        zendesk | 3         | shop          | 1         | 2025-01-03 | 2025-01-04 | closed | bad          |
        zendesk | 4         | shop          | 1         | 2025-01-04 |            |        | good         |
        zendesk | 5         |               |           | 2025-01-04 |            | open   |              |
    """,
    )
    metrics = run_both(run)
    expect(
        run,
        "gold.support_summary",
        """
        profile_id | tickets | open_tickets | first_reply_minutes | csat_good | csat_bad | csat               | last_ticket_at
        p1         | 4       | 2            | 15.0                | 2         | 1        | 0.6666666666666666 | 2025-01-04 00:00:00
    """,
    )
    expect(
        run,
        "gold.customer_360",
        """
        profile_id | tickets | open_tickets
        p1         | 4       | 2
        p2         | 0       | 0
    """,
    )
    assert metrics["tickets_without_person"] == 1


def test_marketing_consent_stands_on_the_profile_and_unknown_where_nothing_is_said(run):
    given(
        run,
        std_consent_event="""
        source | source_pk | channel | purpose   | status  | effective_at
        shop   | 1         | email   | marketing | granted | 2025-01-01
        shop   | 1         | sms     | all       | denied  | 2025-01-01
        shop   | 1         | phone   | invoices  | granted | 2025-01-01
    """,
    )
    run_both(run)
    expect(
        run,
        "gold.customer_360",
        """
        profile_id | consent_email | consent_sms | consent_phone
        p1         | granted       | denied      | unknown
        p2         | unknown       | unknown     | unknown
    """,
    )


def test_money_over_profiles_and_orders_without_a_person_is_the_money_of_the_orders(run):
    given(
        run,
        std_order="""
        source | order_id | person_source | person_pk | currency | gross   | discount | net_revenue
        shop   | 1        | shop          | 1         | USD      | 10.1000 | 0.0001   | 10.0999
        shop   | 2        | shop          | 2         | USD      | 0.1000  | 0        | 0.1000
        shop   | 3        | shop          | 2         | USD      | 0.2000  | 0        | 0.2000
        shop   | 4        |               |           | USD      | 7.7000  | 0        | 7.7000
        till   | 5        | shop          | gone      | USD      | 1.0000  | 0        | 1.0000
    """,
    )
    run_both(run)
    with run.open("std.order", "gold.orders", "gold.customer_360") as db:
        (delivered,) = db.rows('select sum(net_revenue), sum(gross), count(*) from std."order"')
        (attached,) = db.rows("select sum(net_revenue), sum(gross), count(*) from gold.orders")
        ((by_profile,),) = db.rows("select sum(revenue) from gold.customer_360")
        ((by_nobody,),) = db.rows("select sum(net_revenue) from gold.orders where profile_id is null")
    assert attached == delivered
    assert by_profile + by_nobody == delivered[0] == Decimal("19.0999")
