"""Consent: per contact point the latest dated statement, across them the most restrictive, objection always."""

import pytest

from identity.stages.unify import unify
from pictures import expect, given, new_run


@pytest.fixture
def run(tmp_path):
    run = new_run(tmp_path)
    given(
        run,
        std_source_record="""
        source | source_pk | system
        crm    | 1         | crm
        shop   | 2         | shop
        news   | 3         | news
        """,
        identity_profile_xref="""
        source | source_pk | profile_id
        crm    | 1         | p1
        shop   | 2         | p1
        news   | 3         | p2
        """,
        std_identifier="""
        source | source_pk | id_type | id_value_norm
        crm    | 1         | email   | a@example.com
        shop   | 2         | email   | b@example.com
        news   | 3         | email   | b@example.com
        """,
    )
    return run


CASES = {
    "one statement": (
        """
        source | source_pk | channel | contact       | status  | effective_at
        crm    | 1         | email   | a@example.com | granted | 2024-01-01
        """,
        "granted | only_evidence | crm | 1",
    ),
    "the latest of one contact point, though it grants": (
        """
        source | source_pk | channel | contact       | status  | effective_at
        crm    | 1         | email   | a@example.com | denied  | 2023-01-01
        shop   | 2         | email   | a@example.com | granted | 2024-01-01
        """,
        "granted | latest_per_contact_point | shop | 2",
    ),
    "an undated one loses to a dated one": (
        """
        source | source_pk | channel | contact       | status  | effective_at
        crm    | 1         | email   | a@example.com | granted |
        shop   | 2         | email   | a@example.com | denied  | 2019-01-01
        """,
        "denied | latest_per_contact_point | shop | 2",
    ),
    "at one time the most restrictive": (
        """
        source | source_pk | channel | contact       | status  | effective_at
        crm    | 1         | email   | a@example.com | granted | 2024-01-01
        shop   | 2         | email   | a@example.com | denied  | 2024-01-01
        """,
        "denied | most_restrictive | shop | 2",
    ),
    "across contact points the most restrictive, though older": (
        """
        source | source_pk | channel | contact       | status  | effective_at
        crm    | 1         | email   | a@example.com | denied  | 2020-01-01
        shop   | 2         | email   | b@example.com | granted | 2024-01-01
        """,
        "denied | most_restrictive | crm | 1",
    ),
    "unknown takes nothing back": (
        """
        source | source_pk | channel | contact       | status  | effective_at
        crm    | 1         | email   | a@example.com | unknown | 2025-01-01
        shop   | 2         | email   | a@example.com | granted | 2024-01-01
        """,
        "granted | latest_per_contact_point | shop | 2",
    ),
    "unknown where nobody says anything": (
        """
        source | source_pk | channel | contact       | status  | effective_at
        crm    | 1         | email   | a@example.com | unknown | 2023-01-01
        shop   | 2         | email   | b@example.com | unknown |
        """,
        "unknown | latest_per_contact_point | crm | 1",
    ),
    "an objection wins over a later grant": (
        """
        source | source_pk | channel | contact       | status  | effective_at | is_objection
        crm    | 1         | email   | a@example.com | denied  |              | true
        shop   | 2         | email   | a@example.com | granted | 2025-01-01   | false
        """,
        "denied | objection | crm | 1",
    ),
    "a statement without a contact point is one of its own": (
        """
        source | source_pk | channel | contact       | status  | effective_at
        crm    | 1         | email   |               | denied  | 2020-01-01
        shop   | 2         | email   | b@example.com | granted | 2024-01-01
        """,
        "denied | most_restrictive | crm | 1",
    ),
}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_consent_of_a_profile(run, case):
    statements, expected = CASES[case]
    given(run, std_consent_event=statements)
    unify(run)
    expect(
        run,
        "gold.consent",
        f"""
        profile_id | channel | purpose   | status | rule | evidence_source | evidence_source_pk
        p1         | email   | marketing | {expected}
    """,
    )


def test_an_objection_holds_for_every_profile_with_that_contact_point(run):
    given(
        run,
        std_consent_event="""
        source | source_pk | channel | contact       | status  | effective_at | is_objection
        news   | 3         | email   | b@example.com | denied  | 2022-01-01   | true
        crm    | 1         | email   | a@example.com | granted | 2024-01-01   | false
        crm    | 1         | sms     | ''            | granted | 2024-01-01   | false
    """,
    )
    metrics = unify(run)
    expect(
        run,
        "gold.consent",
        """
        profile_id | channel | status  | rule          | evidence_source | n_events
        p1         | email   | denied  | objection     | news            | 2
        p1         | sms     | granted | only_evidence | crm             | 1
        p2         | email   | denied  | objection     | news            | 1
    """,
    )
    assert metrics["consent:email:denied"] == 2


def test_a_denial_is_no_objection_and_stays_with_its_profile(run):
    given(
        run,
        std_consent_event="""
        source | source_pk | channel | contact       | status  | effective_at
        news   | 3         | email   | b@example.com | denied  | 2022-01-01
        shop   | 2         | email   | b@example.com | granted | 2021-01-01
    """,
    )
    unify(run)
    expect(
        run,
        "gold.consent",
        """
        profile_id | status
        p1         | granted
        p2         | denied
    """,
    )


def test_a_statement_for_all_purposes_counts_for_each(run):
    given(
        run,
        std_consent_event="""
        source | source_pk | channel | purpose   | contact       | status  | effective_at
        crm    | 1         | email   | all       | a@example.com | denied  | 2024-01-01
        shop   | 2         | email   | marketing | a@example.com | granted | 2023-01-01
    """,
    )
    unify(run)
    expect(
        run,
        "gold.consent",
        """
        profile_id | purpose   | status | rule                     | n_events
        p1         | all       | denied | only_evidence            | 1
        p1         | marketing | denied | latest_per_contact_point | 2
    """,
    )


def test_a_record_merged_in_its_source_still_speaks(run):
    given(
        run,
        std_hard_link="""
        source | source_pk | other_source | other_pk | rule
        crm    | 8         | crm          | 9        | crm_merged
        crm    | 9         | crm          | 1        | crm_merged
        """,
        std_consent_event="""
        source | source_pk | channel | contact | status | effective_at
        crm    | 8         | phone   | ''      | denied | 2022-01-01
        crm    | 77        | phone   | ''      | denied | 2022-01-01
        """,
    )
    metrics = unify(run)
    expect(
        run,
        "gold.consent_event",
        """
        profile_id | source | source_pk | status
        p1         | crm    | 8         | denied
                   | crm    | 77        | denied
    """,
    )
    expect(
        run,
        "gold.consent",
        """
        profile_id | channel | status
        p1         | phone   | denied
    """,
    )
    assert metrics["consent_statements_without_profile"] == 1
