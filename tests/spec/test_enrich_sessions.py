"""Visits: which interactions belong together, whose they are, what brought them and what came of them."""

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
        source | source_pk | system
        shop   | 1         | shop
        shop   | 2         | shop
        """,
        identity_profile_xref="""
        source | source_pk | profile_id
        shop   | 1         | p1
        shop   | 2         | p2
        """,
        std_identifier="""
        source | source_pk | id_type    | id_value_norm
        shop   | 1         | visitor_id | COOKIE1
        """,
    )
    return run


def run_both(run):
    return unify(run) | enrich(run)


def test_a_visit_without_a_number_ends_after_half_an_hour_without_interaction(run):
    given(
        run,
        std_touchpoint="""
        source | source_pk | visitor_id | occurred_at         | channel | time_zone | page
        web    | e1        | COOKIE1    | 2025-01-01 10:00:00 | web     | +01:00    | /a
        web    | e2        | COOKIE1    | 2025-01-01 10:30:00 | web     | +01:00    | /b
        web    | e3        | COOKIE1    | 2025-01-01 11:00:01 | web     | +01:00    | /c
        web    | e4        | COOKIE9    | 2025-01-01 10:00:00 | web     | +01:00    | /d
        """,
    )
    run_both(run)
    expect(
        run,
        "gold.session",
        """
        source_pk | profile_id | started_at          | ended_at            | touches | landing_page | time_zone | is_converted
        e1        | p1         | 2025-01-01 10:00:00 | 2025-01-01 10:30:00 | 2       | /a           | +01:00    | false
        e3        | p1         | 2025-01-01 11:00:01 | 2025-01-01 11:00:01 | 1       | /c           | +01:00    | false
        e4        |            | 2025-01-01 10:00:00 | 2025-01-01 10:00:00 | 1       | /d           | +01:00    | false
        """,
    )


def test_a_number_that_repeats_among_visitors_joins_none_of_them(run):
    given(
        run,
        std_touchpoint="""
        source | source_pk | visitor_id | person_source | person_pk | session_id | occurred_at         | channel
        web    | e1        | COOKIE1    |               |           | 1          | 2025-01-01 10:00:00 | web
        web    | e2        | COOKIE1    |               |           | 1          | 2025-01-01 12:00:00 | web
        web    | e3        | COOKIE9    |               |           | 1          | 2025-01-01 10:00:00 | web
        app    | e4        |            | shop          | 1         | 7          | 2025-01-02 10:00:00 | app
        app    | e5        |            | shop          | 2         | 7          | 2025-01-02 10:01:00 | app
        """,
    )
    run_both(run)
    expect(
        run,
        "gold.session",
        """
        source_pk | profile_id | touches
        e1        | p1         | 2
        e3        |            | 1
        e4        | p1         | 1
        e5        | p2         | 1
        """,
    )


def test_what_a_visitor_did_before_signing_in_is_his_unless_two_profiles_share_the_device(run):
    given(
        run,
        std_touchpoint="""
        source | source_pk | visitor_id | person_source | person_pk | occurred_at         | channel
        web    | e1        | OWN        |               |           | 2025-01-01 10:00:00 | web
        web    | e2        | OWN        | shop          | 2         | 2025-01-01 10:05:00 | web
        web    | e3        | SHARED     |               |           | 2025-01-01 10:00:00 | web
        web    | e4        | SHARED     | shop          | 1         | 2025-01-01 10:05:00 | web
        web    | e5        | SHARED     | shop          | 2         | 2025-01-01 10:10:00 | web
        """,
    )
    run_both(run)
    expect(
        run,
        "gold.touchpoint",
        """
        source_pk | profile_id
        e1        | p2
        e2        | p2
        e3        |
        e4        | p1
        e5        | p2
        """,
    )


ORIGINS = """
    case            | channel | utm_source | utm_medium | referrer             | expected
    nothing said    | web     |            |            |                      | direct
    search page     | web     |            |            | google.co.uk         | organic_search
    search, tagged  | web     | bing       | organic    |                      | organic_search
    advertisement   | web     | google     | cpc        | google.com           | paid_search
    newsletter      | web     | klaviyo    | email      |                      | email
    mail in a page  | web     |            |            | mail.google.com      | email
    social page     | web     |            |            | l.instagram.com      | social
    short link      | web     |            |            | t.co                 | social
    paid social     | web     | facebook   | paid       |                      | paid_social
    affiliate       | web     | awin       | affiliate  |                      | affiliate
    banner          | web     | criteo     | display    |                      | display
    another site    | web     |            |            | blog.example         | referral
    host like t.co  | web     |            |            | t.example            | referral
    text message    | web     | twilio     | sms        |                      | sms
    own naming      | web     | poster     | qr         |                      | other
    named already   | Paid Search | x      |            |                      | paid_search
"""


def test_a_visit_is_of_the_channel_that_its_link_or_the_page_before_names(run):
    head, *lines = [[cell.strip() for cell in line.split("|")] for line in ORIGINS.strip().splitlines()]
    cases = [dict(zip(head, line, strict=True)) for line in lines]
    rows = "\n".join(
        f"web | {case['case']} | {case['case']} | 2025-01-01 | {case['channel'].lower()} | {case['utm_source']} "
        f"| {case['utm_medium']} | {case['referrer']}"
        for case in cases
    )
    given(
        run,
        std_touchpoint="source | source_pk | visitor_id | occurred_at | channel | utm_source | utm_medium | referrer\n"
        + rows,
    )
    run_both(run)
    wanted = "\n".join(f"{case['case']} | {case['expected']}" for case in cases)
    expect(run, "gold.session", "source_pk | channel\n" + wanted)


def test_a_visit_keeps_the_first_origin_told_and_a_source_that_never_tells_is_unknown(run):
    given(
        run,
        std_touchpoint="""
        source | source_pk | visitor_id | session_id | occurred_at         | channel | utm_source | utm_medium | campaign
        web    | e1        | A          | 1          | 2025-01-01 10:00:00 | web     |            |            |
        web    | e2        | A          | 1          | 2025-01-01 10:01:00 | web     | news       | email      | spring
        web    | e3        | A          | 1          | 2025-01-01 10:02:00 | web     | google     | cpc        | summer
        app    | e4        | A          | 1          | 2025-01-01 10:00:00 | app     |            |            |
        """,
    )
    run_both(run)
    expect(
        run,
        "gold.session",
        """
        source_pk | channel | traffic_source | traffic_medium | campaign
        e1        | email   | news           | email          | spring
        e4        | unknown |                |                |
        """,
    )


def test_an_order_belongs_to_the_visit_that_reports_it_else_to_the_one_in_which_it_was_placed(run):
    given(
        run,
        std_order="""
        source | order_id | title | person_source | person_pk | order_at            | channel | gross | net_revenue
        shop   | 11       | #1001 | shop          | 1         | 2025-01-01 10:20:00 | online  | 10    | 10
        shop   | 12       | #1002 | shop          | 1         | 2025-01-01 11:00:00 | online  | 10    | 10
        shop   | 13       | #1003 | shop          | 1         | 2025-01-01 10:10:00 | store   | 10    | 10
        shop   | 14       | #1004 |               |           | 2025-01-05 10:10:00 | online  | 10    | 10
        """,
        std_touchpoint="""
        source | source_pk | visitor_id | occurred_at         | channel | order_id | is_conversion
        web    | e1        | COOKIE1    | 2025-01-01 10:00:00 | web     |          |
        web    | e2        | COOKIE1    | 2025-01-01 10:15:00 | web     |          | true
        web    | e3        | COOKIE9    | 2025-01-05 10:10:00 | web     | 1004     | true
        web    | e4        | COOKIE8    | 2025-01-06 10:10:00 | web     |          | true
        """,
    )
    run_both(run)
    expect(
        run,
        "gold.session",
        """
        source_pk | is_converted | orders | order_source | order_id
        e1        | true         | 1      | shop         | 11
        e3        | true         | 1      | shop         | 14
        e4        | true         | 0      |              |
        """,
    )
    # what the source calls a conversion counts once: as the order where there is one
    expect(
        run,
        "gold.touchpoint",
        """
        touch_type | source_pk | is_conversion
        order      | 11        | true
        order      | 12        | true
        order      | 13        | true
        order      | 14        | true
                   | e1        | false
                   | e2        | false
                   | e3        | false
                   | e4        | true
        """,
    )


def test_a_visitor_who_reports_an_order_is_the_person_of_that_order(run):
    given(
        run,
        std_order="""
        source | order_id | title | person_source | person_pk | order_at            | channel | gross | net_revenue
        shop   | 11       | #1001 | shop          | 2         | 2025-01-01 10:20:00 | online  | 10    | 10
        """,
        std_touchpoint="""
        source | source_pk | visitor_id | occurred_at         | channel | order_id
        web    | e1        | GUEST      | 2025-01-01 10:00:00 | web     |
        web    | e2        | GUEST      | 2025-01-01 10:20:00 | web     | #1001
        web    | e3        | OTHER      | 2025-01-01 10:20:00 | web     | #9999
        """,
    )
    run_both(run)
    expect(
        run,
        "gold.touchpoint",
        """
        touch_type | source_pk | profile_id
        order      | 11        | p2
                   | e1        | p2
                   | e2        | p2
                   | e3        |
        """,
    )
