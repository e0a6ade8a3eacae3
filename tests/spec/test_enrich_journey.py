"""Journeys: what led a person to a conversion, in order, across channels."""

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
        source | source_pk | system | is_staff
        shop   | 1         | shop   | false
        shop   | 2         | shop   | false
        shop   | 3         | shop   | true
        """,
        identity_profile_xref="""
        source | source_pk | profile_id
        shop   | 1         | p1
        shop   | 2         | p2
        shop   | 3         | p3
        """,
    )
    return run


JOURNEY = {
    "std_order": """
    source | order_id | person_source | person_pk | order_at            | channel | currency | gross | net_revenue
    shop   | 1        | shop          | 1         | 2025-01-10 12:10:00 | online  | USD      | 30    | 30
    shop   | 2        | shop          | 1         | 2025-01-20 12:00:00 | store   | USD      | 20    | 20
    shop   | 3        | shop          | 3         | 2025-01-20 12:00:00 | online  | USD      | 20    | 20
    shop   | 4        |               |           | 2025-01-20 12:00:00 | store   | USD      | 20    | 20
    """,
    "std_touchpoint": """
    source | source_pk | person_source | person_pk | occurred_at         | channel | touch_type    | campaign | utm_medium | referrer    | is_machine
    web    | old       | shop          | 1         | 2024-12-01 12:00:00 | web     | page          |          |            | blog.example |
    web    | w1        | shop          | 1         | 2025-01-01 12:00:00 | web     | page          |          |            | google.com  |
    web    | w2        | shop          | 1         | 2025-01-01 12:01:00 | web     | page          |          |            |             |
    mail   | m0        | shop          | 1         | 2025-01-04 12:00:00 | email   | email_sent    | new      |            |             |
    mail   | m1        | shop          | 1         | 2025-01-05 12:00:00 | email   | email_opened  | new      |            |             | true
    mail   | m2        | shop          | 1         | 2025-01-06 12:00:00 | email   | email_opened  | new      |            |             | false
    mail   | m3        | shop          | 1         | 2025-01-06 12:01:00 | email   | email_clicked | new      |            |             |
    web    | w3        | shop          | 1         | 2025-01-10 12:00:00 | web     | page          |          |            |             |
    web    | w4        | shop          | 1         | 2025-01-10 12:11:00 | web     | thanks        |          |            |             |
    web    | w5        | shop          | 2         | 2025-01-10 12:00:00 | web     | page          |          | cpc        | google.com  |
    web    | w6        | shop          | 2         | 2025-01-11 12:00:00 | web     | page          |          | cpc        | google.com  |
    web    | w7        |               |           | 2025-01-11 12:00:00 | web     | page          |          | cpc        | google.com  |
    """,
    "std_ticket": """
    source | ticket_id | person_source | person_pk | created_at
    desk   | t1        | shop          | 1         | 2025-01-15 12:00:00
    """,
}


def run_both(run, **pictures):
    given(run, **(pictures or JOURNEY))
    unify(run)
    return enrich(run)


def test_a_journey_tells_first_and_last_touch_path_and_time(run):
    run_both(run)
    expect(
        run,
        "mart.journey",
        """
        profile_id | journey_number | is_converted | converted_at        | value   | value_reporting | steps | touches | first_touch_channel | last_touch_channel | last_non_direct_channel | path                                | hours_to_convert
        p1         | 1              | true         | 2025-01-10 12:10:00 | 30.0000 | 30.0000         | 3     | 6       | organic_search      | direct             | email                   | organic_search > email > direct     | 216.16666666666666
        p1         | 2              | true         | 2025-01-20 12:00:00 | 20.0000 | 20.0000         | 1     | 1       | support             | support            | support                 | support                             | 120.0
        p2         | 1              | false        |                     |         |                 | 2     | 2       | paid_search         | paid_search        | paid_search             | paid_search                         |
        p3         | 1              | true         | 2025-01-20 12:00:00 | 20.0000 | 20.0000         | 0     | 0       |                     |                    |                         |                                     |
        """,
    )


def test_steps_are_visits_and_what_is_outside_them_with_the_time_to_the_next(run):
    run_both(run)
    expect(
        run,
        "mart.journey_step",
        """
        profile_id | step_number | channel        | campaign | source_pk | started_at          | ended_at            | touches | hours_to_next
        p1         | 1           | organic_search |          | w1        | 2025-01-01 12:00:00 | 2025-01-01 12:01:00 | 2       | 120.0
        p1         | 2           | email          | new      | m2        | 2025-01-06 12:00:00 | 2025-01-06 12:01:00 | 2       | 96.0
        p1         | 3           | direct         |          | w3        | 2025-01-10 12:00:00 | 2025-01-10 12:11:00 | 2       | 0.16666666666666666
        p1         | 1           | support        |          | t1        | 2025-01-15 12:00:00 | 2025-01-15 12:00:00 | 1       | 120.0
        p2         | 1           | paid_search    |          | w5        | 2025-01-10 12:00:00 | 2025-01-10 12:00:00 | 1       | 24.0
        p2         | 2           | paid_search    |          | w6        | 2025-01-11 12:00:00 | 2025-01-11 12:00:00 | 1       |
        """,
    )


def test_transitions_and_paths_leave_staff_out(run):
    run_both(run)
    expect(
        run,
        "mart.channel_transition",
        """
        from_channel   | to_channel     | transitions | journeys | median_hours
        start          | organic_search | 1           | 1        |
        organic_search | email          | 1           | 1        | 120.0
        email          | direct         | 1           | 1        | 96.0
        direct         | conversion     | 1           | 1        | 0.16666666666666666
        start          | support        | 1           | 1        |
        support        | conversion     | 1           | 1        | 120.0
        start          | paid_search    | 1           | 1        |
        paid_search    | paid_search    | 1           | 1        | 24.0
        paid_search    | none           | 1           | 1        |
        """,
    )
    expect(
        run,
        "mart.journey_path",
        """
        path                            | journeys | conversions | conversion_rate | value_reporting | median_hours
        organic_search > email > direct | 1        | 1           | 1.0             | 30.0000         | 216.16666666666666
        paid_search                     | 1        | 0           | 0.0             | 0.0000          |
        support                         | 1        | 1           | 1.0             | 20.0000         | 120.0
        """,
    )


def test_a_second_order_in_one_visit_has_that_visit_as_its_path(run):
    run_both(
        run,
        std_order="""
        source | order_id | person_source | person_pk | order_at            | channel | gross | net_revenue
        shop   | 1        | shop          | 1         | 2025-01-10 12:10:00 | online  | 30    | 30
        shop   | 2        | shop          | 1         | 2025-01-10 12:15:00 | online  | 20    | 20
        """,
        std_touchpoint="""
        source | source_pk | person_source | person_pk | occurred_at         | channel | touch_type | utm_source
        web    | w1        | shop          | 1         | 2025-01-10 12:00:00 | web     | page       | bing
        web    | w2        | shop          | 1         | 2025-01-10 12:20:00 | web     | page       |
        """,
    )
    expect(
        run,
        "mart.journey",
        """
        journey_number | is_converted | path           | touches
        1              | true         | organic_search | 2
        2              | true         | organic_search | 0
        """,
    )
