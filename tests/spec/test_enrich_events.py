"""Which profile an order, a ticket or an interaction belongs to."""

import pytest

from identity.stages.enrich import enrich
from identity.stages.unify import unify
from pictures import expect, given, new_run, seen


@pytest.fixture
def run(tmp_path):
    run = new_run(tmp_path)
    given(
        run,
        std_source_record="""
        source            | source_pk | system    | is_test
        shopify_customer  | 1         | shopify   | false
        square_customer   | 2         | square    | false
        mailchimp_member  | 3         | mailchimp | false
        zendesk_user      | 4         | zendesk   | true
        """,
        identity_profile_xref="""
        source            | source_pk | profile_id
        shopify_customer  | 1         | p1
        square_customer   | 2         | p2
        mailchimp_member  | 3         | p1
        zendesk_user      | 4         | p3
        """,
        std_identifier="""
        source            | source_pk | id_type | id_value_norm     | is_blocked
        shopify_customer  | 1         | email   | both@example.com  | false
        square_customer   | 2         | email   | both@example.com  | false
        mailchimp_member  | 3         | email   | both@example.com  | false
        square_customer   | 2         | email   | own@example.com   | false
        square_customer   | 2         | email   | store@example.com | true
        """,
    )
    return run


def run_both(run):
    return unify(run) | enrich(run)


def test_an_order_belongs_to_the_profile_of_its_record_and_a_walk_in_to_nobody(run):
    given(
        run,
        std_order="""
        source             | order_id | person_source    | person_pk | channel | is_test
        shopify_order      | #1       | shopify_customer | 1         | online  | false
        shopify_order      | #2       | zendesk_user     | 4         | online  | false
        square_transaction | t1       |                  |           | store   | false
        square_transaction | t2       | square_customer  | 99        | store   | false
        """,
        std_order_item="""
        source             | order_id | line_number | sku
        shopify_order      | #1       | 1           | A
        shopify_order      | #1       | 2           | B
        square_transaction | t1       | 1           | A
        """,
    )
    metrics = run_both(run)
    expect(
        run,
        "gold.orders",
        """
        source             | order_id | profile_id | n_items | is_test
        shopify_order      | #1       | p1         | 2       | false
        shopify_order      | #2       | p3         | 0       | true
        square_transaction | t1       |            | 1       | false
        square_transaction | t2       |            | 0       | false
    """,
    )
    expect(
        run,
        "gold.order_items",
        """
        source             | order_id | line_number | profile_id | sku
        shopify_order      | #1       | 1           | p1         | A
        shopify_order      | #1       | 2           | p1         | B
        square_transaction | t1       | 1           |            | A
    """,
    )
    assert metrics["orders"] == 4
    assert metrics["orders_without_person"] == 2
    assert metrics["test_orders"] == 1


def test_a_record_merged_in_its_source_leads_to_the_survivor_through_any_number_of_merges(run):
    given(
        run,
        std_hard_link="""
        source           | source_pk | other_source     | other_pk | rule
        shopify_customer | old       | shopify_customer | older    | merged
        shopify_customer | older     | shopify_customer | 1        | merged
        square_customer  | 2         | square_customer  | alias    | alias
        crm              | torn      | shopify_customer | 1        | converted
        crm              | torn      | square_customer  | 2        | converted
        crm              | ring      | crm              | ring2    | merged
        crm              | ring2     | crm              | ring     | merged
        """,
        std_order="""
        source | order_id | person_source    | person_pk
        shop   | 1        | shopify_customer | old
        shop   | 2        | shopify_customer | older
        shop   | 3        | square_customer  | alias
        shop   | 4        | crm              | torn
        shop   | 5        | crm              | ring
        """,
    )
    metrics = run_both(run)
    expect(
        run,
        "gold.orders",
        """
        order_id | profile_id
        1        | p1
        2        | p1
        3        | p2
        4        |
        5        |
    """,
    )
    assert metrics["orders_of_merged_records"] == 3
    assert metrics["orders_without_person"] == 2


def test_an_e_mail_names_a_profile_when_its_system_or_else_everybody_knows_only_one(run):
    given(
        run,
        std_touchpoint="""
        source           | source_pk | person_email      | person_source    | person_pk | touch_type
        mailchimp_open   | shared    | both@example.com  |                  |           | email_opened
        web_visit        | nobody    | both@example.com  |                  |           | page
        web_visit        | unique    | own@example.com   |                  |           | page
        web_visit        | blocked   | store@example.com |                  |           | page
        web_visit        | unheard   | who@example.com   |                  |           | page
        web_visit        | gone      | own@example.com   | square_customer  | 99        | page
        web_visit        | record    | own@example.com   | shopify_customer | 1         | page
        web_visit        | empty     |                   |                  |           | page
    """,
    )
    metrics = run_both(run)
    expect(
        run,
        "gold.touchpoint",
        """
        source_pk | profile_id
        shared    | p1
        nobody    |
        unique    | p2
        blocked   |
        unheard   |
        gone      | p2
        record    | p1
        empty     |
    """,
    )
    assert metrics["touchpoints_without_person"] == 4


def test_orders_tickets_surveys_and_interactions_make_one_journey(run):
    given(
        run,
        std_order="""
        source        | order_id | person_source    | person_pk | order_at         | channel | currency | gross | discount | canceled_revenue | net_revenue | is_test | title
        shopify_order | #1       | shopify_customer | 1         | 2025-01-01 10:00 | online  | USD      | 20    | 5        | 0                | 15          | false   | #1
        shopify_order | #2       | shopify_customer | 1         | 2025-01-02 10:00 | online  | USD      | 20    | 5        | 15               | 0           | false   | #2
        shopify_order | #3       | shopify_customer | 1         | 2025-01-03 10:00 | online  | USD      | 20    | 5        |                  | 15          | true    | #3
        """,
        std_ticket="""
        source         | ticket_id | person_source | person_pk | created_at       | subject
        zendesk_ticket | 7         | zendesk_user  | 4         | 2025-02-01 10:00 | my secret
        """,
        std_survey_response="""
        source | response_id | person_email    | kind | score | answered_at
        survey | r1          | own@example.com | nps  | 9     | 2025-02-02 10:00
        """,
        std_touchpoint="""
        source          | source_pk | person_source    | person_pk | occurred_at      | channel | touch_type         | campaign | title | value | currency | is_machine
        shopify_checkout | c1       | shopify_customer | 1         | 2025-01-01 09:00 | online  | checkout_abandoned |          | Cart  | 12.50 | USD      |
        """,
    )
    run_both(run)
    expect(
        run,
        "gold.touchpoint",
        """
        source           | source_pk | profile_id | occurred_at         | channel | touch_type         | campaign | title    | value   | currency | is_conversion
        shopify_order    | #1        | p1         | 2025-01-01 10:00:00 | online  | order              |          | #1       | 15.0000 | USD      | true
        shopify_order    | #2        | p1         | 2025-01-02 10:00:00 | online  | order              |          | #2       | 0.0000  | USD      | false
        shopify_order    | #3        | p1         | 2025-01-03 10:00:00 | online  | order              |          | #3       | 15.0000 | USD      | false
        zendesk_ticket   | 7         | p3         | 2025-02-01 10:00:00 | support | ticket_opened      |          | Ticket 7 |         |          | false
        survey           | r1        | p2         | 2025-02-02 10:00:00 | support | survey_answered    | nps      | NPS 9    |         |          | false
        shopify_checkout | c1        | p1         | 2025-01-01 09:00:00 | online  | checkout_abandoned |          | Cart     | 12.5000 | USD      | false
    """,
    )
    expect(
        run,
        "gold.tickets",
        """
        ticket_id | profile_id | is_test | subject
        7         | p3         | true    | my secret
    """,
    )
    ids = [row[0] for row in seen(run, "gold.touchpoint", ["touchpoint_id"])]
    assert len(set(ids)) == len(ids)
    assert all(i.startswith("tp_") and len(i) == 23 for i in ids)
