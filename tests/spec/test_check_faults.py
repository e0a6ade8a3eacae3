"""Each critical expectation bites: the fault it is there for is seeded into a clean run and stops it."""

from collections.abc import Callable
from dataclasses import replace

import pyarrow.parquet as pq
import pytest

from identity.checking.suites import Severity, load_suites
from identity.engine.sql import data_folder
from identity.runs.run import Run
from identity.settings_groups import ResolveSettings, SourceSettings
from identity.stages.check import READS, decide, judge
from support.small_store import SHOP, copy_of, next_run, small_store, spoil

SUITES = {suite.name: suite for suite in load_suites(data_folder("expectations"))}
Fault = Callable[[Run], Run]


def change(table: str, query: str) -> Fault:
    """Rewrite a table by a query over `t`."""

    def fault(run: Run) -> Run:
        spoil(run, table, query)
        return run

    return fault


def put(table: str, column: str, value: str, where: str = "true") -> Fault:
    """Set a column of some rows."""
    return change(table, f"select * replace (if({where}, {value}, {column}) as {column}) from t")


def drop(table: str, where: str) -> Fault:
    """Lose some rows."""
    return change(table, f"select * from t where ({where}) is not true")


def twice(table: str, **changed: str) -> Fault:
    """A second copy of the first row, with some columns changed."""
    columns = ", ".join(f"{value} as {column}" for column, value in changed.items())
    copy = f"* replace ({columns})" if changed else "*"
    return change(table, f"select * from t union all by name (select {copy} from t limit 1)")


def most_rows_rejected(run: Run) -> Run:
    spoil(run, "raw.rejected", "select t.* replace (row_number + n as row_number) from t, range(100) as more(n)")
    return run


def overlapping_lines(run: Run) -> Run:
    path = run.landed_file("shop_customer", SHOP)
    data = pq.read_table(path)
    pq.write_table(data.set_column(2, "_line_from", [[2, 2, 4, 5]]), path)
    return run


def small_cap(run: Run) -> Run:
    return replace(run, settings=run.settings.model_copy(update={"resolve": ResolveSettings(max_records=1)}))


def two_national_ids(run: Run) -> Run:
    put("std.identifier", "id_type", "'national_id'", "source_pk = '1'")(run)
    source = SourceSettings(name="registry", record_id="id", files="x.csv", immutable=("national_id",))
    return replace(run, settings=run.settings.model_copy(update={"sources": (source,)}))


def lost_alias(run: Run) -> Run:
    with run.open("identity.profile") as db:
        living = db.rows("select min(profile_id) from identity.profile")[0][0]
    spoil(
        run, "prior.profile_alias", f"select 'P0' as old_profile_id, '{living}' as current_profile_id, 1 as since_run"
    )
    return run


PROFILE = "identity.profile"
ALIAS = "identity.profile_alias"
GOLDEN = "gold.customer_360"
ANN = "n_source_records = 2"
SOMEBODY = "(select min(profile_id) from t)"
an_alias = "select 'P0' as old_profile_id, 'P1' as current_profile_id, 1 as since_run"


def decided(kind: str, records: str = "[]", parts: str = "[]", effect: str = "'applied'") -> Fault:
    """One decision in the published copy, about these records."""
    return change(
        "steward.decision",
        f"select 1 as number, 'D1' as decision_id, '{kind}' as kind, 'active' as state, {effect} as effect, "
        f"{records}::varchar[] as records, {parts}::integer[] as parts, 'email' as field, 'x@example.com' as value",
    )


# suite → subject (column or name of the expectation) → the fault, in a first run
FAULTS: dict[str, dict[str, Fault]] = {
    "matched.decisions": {
        "not_same_violated": decided("not_same", "['shop_customer:1', 'crm_contact:11']", "[0, 1]"),
        "same_not_held": decided("same", "['shop_customer:1', 'crm_contact:12']", "[0, 1]"),
        "split_parts_divided": decided("split", "['shop_customer:2', 'crm_contact:12', 'crm_contact:13']", "[0, 1, 1]"),
        "decisions_without_effect": decided("pin_value", effect="null"),
        "contradictions_not_in_queue": decided("same", effect="'contradiction'"),
        "blocked_values_not_blocked": decided("block_value"),
    },
    "raw.files": {
        "landed_rows": drop("raw.file", "status = 'landed'"),
        "files_without_status": put("raw.file", "status", "'lost'", "path = 'shop.csv'"),
        "landed_files_without_source": put("raw.file", "source", "null", "path = 'shop.csv'"),
        "refused_files_without_reason": put("raw.file", "status", "'refused'", "path = 'shop.csv'"),
        "seen_files_without_original": drop("raw.file", "path = 'crm.csv'"),
        "files_with_unaccounted_lines": put("raw.file", "lines", "7", "path = 'shop.csv'"),
        "files_with_unaccounted_rows": put("raw.file", "rows", "5", "path = 'shop.csv'"),
        "files_with_overlapping_rows": overlapping_lines,
        "rejected_rows_without_reason": put("raw.rejected", "rule", "''"),
        "not most rows rejected": most_rows_rejected,
    },
    "standardised.accounts": {
        "files_with_undisposed_rows": drop("std.row_disposition", "row_number = 4"),
        "dispositions_of_no_file": twice("std.row_disposition", sha256="'c'"),
        "unknown_dispositions": put("std.row_disposition", "disposition", "'lost'", "row_number = 4"),
        "kept_rows_without_key": put("std.row_disposition", "source_pk", "null", "row_number = 4"),
        "record_rows_without_record": drop("std.source_record", "source_pk = '2'"),
        "records_without_row": put("std.row_disposition", "disposition", "'superseded'", "source_pk = '2'"),
    },
    "standardised.keys": {
        "records_without_key": put("std.source_record", "source_pk", "null", "source_pk = '2'"),
        "record_keys_twice": twice("std.source_record"),
        "parts_of_no_record": put("std.name", "source_pk", "'99'", "source_pk = '2'"),
        "identifiers_twice": twice("std.identifier"),
        "incomplete_identifiers": put("std.identifier", "id_match_key", "null", "source_pk = '2'"),
        "blocked_without_reason": put("std.identifier", "block_reason", "null"),
        "event_keys_twice": twice("std.order"),
        "events_without_key": put("std.touchpoint", "source_pk", "null"),
    },
    "standardised.values": {
        "bad_phones": put("std.source_record", "phone_e164", "'2125550101'", "source_pk = '11'"),
        "bad_emails": put("std.source_record", "email_norm", "'ann at example.com'", "source_pk = '1'"),
        "bad_countries": put("std.address", "country_iso2", "'USA'", "source_pk = '1'"),
    },
    "matched.pairs": {
        "pairs_out_of_order": change(
            "match.candidate_pair",
            "select * replace (source_b as source_a, source_a as source_b, pk_a as pk_b, pk_b as pk_a) from t",
        ),
        "pairs_twice": twice("match.candidate_pair"),
        "paired_records_unknown": put("match.candidate_pair", "pk_b", "'99'"),
        "probabilities_out_of_range": put("match.candidate_pair", "match_probability", "1.5"),
        "unknown_outcomes": put("match.candidate_pair", "outcome", "'perhaps'"),
        "links_below_review_threshold": change(
            "match.candidate_pair",
            "select * replace ('link' as outcome, 'fuzzy' as stage, null as rule_id, 0.3 as match_probability) from t",
        ),
    },
    "matched.profiles": {
        "profiles_above_cap": small_cap,
        "profiles_with_two_immutable_ids": two_national_ids,
    },
    "matched.fates": {
        "profiles_without_fate": put(PROFILE, "status", "'lost'"),
        "profile_ids_twice": twice(PROFILE),
        "profiles_with_wrong_end": put(PROFILE, "retired_run", "1"),
        "merged_without_active_id": twice(
            PROFILE, profile_id="'P0'", status="'merged'", survivor_profile_id="'P0'", retired_run="1"
        ),
        "split_without_children": twice(PROFILE, profile_id="'P0'", status="'split'", retired_run="1"),
        "aliases_of_aliases": change(ALIAS, f"{an_alias} union all select 'P1', 'P2', 1"),
        "aliases_astray": change(ALIAS, an_alias),
        "aliases_twice": change(ALIAS, f"{an_alias} union all {an_alias}"),
        "events_of_no_profile": put("identity.profile_event", "profile_id", "'P0'"),
    },
    "golden.conservation": {
        "records_without_profile": drop("identity.profile_xref", "source_pk = '12'"),
        "profile_records_unknown": put("identity.profile_xref", "source_pk", "'99'", "source_pk = '12'"),
        "records_in_two_profiles": twice("identity.profile_xref", profile_id="'P0'"),
        "profiles_not_active": put(PROFILE, "status", "'retired'"),
        "active_profiles_without_record": drop("identity.profile_xref", "source_pk = '12'"),
        "profiles_miscounted": put(GOLDEN, "n_source_records", "7", ANN),
        "active_profiles_without_golden": drop(GOLDEN, ANN),
        "golden_of_no_active_profile": drop(PROFILE, "n_records = 2"),
        "golden_profiles_twice": twice(GOLDEN),
    },
    "golden.lineage": {
        "golden_values_without_lineage": drop("gold.field_lineage", "field_group = 'email'"),
        "lineage_without_value": put(GOLDEN, "company", "null"),
        "winners_of_another_profile": put(
            "gold.field_lineage", "winning_source_pk", "'13'", "winning_source_pk = '12'"
        ),
        "golden_values_not_of_winner": put(GOLDEN, "family_name", "'Other'", ANN),
        "addresses_not_of_one_record": put(GOLDEN, "city", "'Boston'", ANN),
    },
    "golden.contacts": {
        "golden_contacts_not_own": put(GOLDEN, "email", "'bob@example.com'", ANN),
        "blocked_values_golden": put(GOLDEN, "email", "'box@example.com'", "given_name = 'Cy'"),
        "contact_points_lost": drop("gold.contact_point", "type = 'phone'"),
        "contact_points_not_own": put("gold.contact_point", "value", "'zed@example.com'", "type = 'email'"),
        "two_primary_contacts": twice("gold.contact_point", is_primary="true", value="'zed@example.com'"),
        "primary_contacts_not_golden": put(GOLDEN, "email", "null", ANN),
    },
    "golden.consent": {
        "consents_too_permissive": put("gold.consent", "status", "'granted'", "channel = 'sms'"),
        "consents_without_grant": put("gold.consent", "status", "'granted'", "channel = 'phone'"),
        "statements_without_consent": drop("gold.consent", "channel = 'sms'"),
        "customers_shown_as_consenting": put(GOLDEN, "consent_sms", "'granted'", ANN),
        "consent_statements_lost": drop("gold.consent_event", "channel = 'sms'"),
    },
    "golden.orders_and_money": {
        "orders_lost": drop("gold.orders", "order_id = '1001'"),
        "orders_invented": put("gold.orders", "order_id", "'9'", "order_id = '1001'"),
        "orders_twice": twice("gold.orders"),
        "orders_changed": put("gold.orders", "currency", "'EUR'", "order_id = '1001'"),
        "orders_of_no_profile": put("gold.orders", "profile_id", "'P0'", "order_id = '1001'"),
        "orders_of_another_profile": put("gold.orders", "profile_id", "null", "order_id = '1001'"),
        "order_items_not_conserved": drop("gold.order_items", "order_id = '1001'"),
        "order_items_of_another_profile": put("gold.order_items", "profile_id", "null", "order_id = '1001'"),
        "profiles_with_wrong_revenue": put(GOLDEN, "orders", "5", ANN),
        "orders_wrongly_converted": put("gold.orders", "net_revenue_reporting", "1", "order_id = '1001'"),
        "orders_wrongly_refunded": change(
            "gold.refunds", "select 'shop_order' as source, '1001' as order_id, 1 as refund_number, 1 as amount"
        ),
        "order_money_difference": put("gold.orders", "net_revenue", "9.01", "order_id = '1001'"),
        "profile_money_difference": put(GOLDEN, "revenue", "9.01", ANN),
    },
    "golden.journeys": {
        "conversions_without_journey": drop("mart.journey", "is_converted"),
        "journeys_torn": put("mart.journey", "touches", "99"),
        "transitions_not_conserved": drop("mart.channel_transition", "to_channel in ('conversion', 'none')"),
    },
    "golden.events": {
        "touchpoints_not_conserved": drop("gold.touchpoint", "touch_type = 'email_clicked'"),
        "touchpoint_ids_twice": twice("gold.touchpoint"),
        "tickets_not_conserved": drop("gold.tickets", "true"),
        "events_of_no_profile": put("gold.touchpoint", "profile_id", "'P0'"),
        "sessions_not_conserved": put("gold.touchpoint", "session_id", "'s_0'", "touch_type = 'email_clicked'"),
    },
    "golden.kpis": {
        "conversions_with_wrong_credit": drop("mart.attribution_credit", "model = 'linear'"),
        "models_that_lose_conversions": put("mart.attribution_channel", "value", "1", "model = 'markov'"),
        "rates_out_of_range": put("mart.cohort_retention", "retention", "1.5"),
        "profiles_without_their_traits": put("gold.customer_traits", "orders_lifetime", "5"),
        "stays_out_of_order": put("gold.segment_membership", "profile_id", "'P0'"),
        "people_money_difference": put("gold.customer_traits", "clv_historic", "1", "orders_lifetime > 0"),
        "kpi_money_difference": put("mart.kpi", "numerator", "1", "kpi = 'net_revenue'"),
        "daily_money_difference": drop("mart.kpi_daily", "kpi = 'net_revenue'"),
    },
}

# the same, in a second run
LATER_FAULTS: dict[str, dict[str, Fault]] = {
    "raw.files": {"files_lost": drop("raw.file", "path = 'shop.csv'")},
    "matched.fates": {
        "profile_ids_forgotten": drop(PROFILE, f"profile_id = {SOMEBODY}"),
        "profile_ids_issued_again": put("prior.profile", "status", "'retired'", f"profile_id = {SOMEBODY}"),
        "erased_profiles_back": put("prior.profile", "status", "'erased'", f"profile_id = {SOMEBODY}"),
        "aliases_lost": lost_alias,
    },
}

# row-level suites: all columns of one table spoiled at once, every critical expectation must fail
SPOILED_ROWS: dict[str, Fault] = {
    "raw.file": change(
        "raw.file",
        """select null as path, member, 'no hash' as sha256, source, null as status, -1 as bytes, -1 as rows,
        -1 as rejected_rows, first_run from (from t limit 1)
        union all by name select path, member, sha256, 'lost' as status, first_run from t""",
    ),
    "standardised.source_record": change(
        "std.source_record",
        """select null as source, null as source_pk, null as has_identity, '0049' as phone_e164, 'a b' as email_norm,
        'XX' as country_iso2, 'f' as gender, 13 as birth_month, 32 as birth_day from (from t limit 1)
        union all by name select 'a' as source, 'b' as source_pk from range(2)""",
    ),
    "standardised.identifier": change(
        "std.identifier",
        """select source, source_pk, null as id_type, null as id_value_norm, -1 as position from (from t limit 1)
        union all by name select source, source_pk, 'E-Mail' as id_type, 'x' as id_value_norm from t""",
    ),
    "standardised.consent_event": change(
        "std.consent_event", "select source, source_pk, 'yes' as status, 'email' as channel, contact from t"
    ),
    "matched.candidate_pair": change(
        "match.candidate_pair",
        """select * replace ('guess' as stage, 'perhaps' as outcome, 1.5 as match_probability) from t
        union all by name select * replace (null as match_probability) from t""",
    ),
    "matched.cluster": change("match.cluster", "select * replace (2 as confidence, 0 as n_records) from t"),
    "golden.customer_360": change(
        GOLDEN,
        """select null as profile_id, '0049' as phone, 'a b' as email, 'XX' as country_iso2, 'f' as gender,
        'yes' as consent_email, 'yes' as consent_sms, 'yes' as consent_phone, 2 as match_confidence,
        0 as n_source_records, -1 as orders, 2 as csat from (from t limit 1)
        union all by name select 'P1' as profile_id from range(2)""",
    ),
    "golden.customer_traits": change(
        "gold.customer_traits",
        """select profile_id, 2.0 as p_alive, -1.0 as predicted_orders_12m, -1 as recency_days, -1 as orders_lifetime,
        2.0 as open_rate, 2.0 as click_rate, 2.0 as csat, 11 as nps, 10 as rfm_recency, 10 as rfm_frequency,
        10 as rfm_monetary, 'gone' as lifecycle_status, 'fan' as nps_class from t""",
    ),
    "golden.field_lineage": change(
        "gold.field_lineage", "select profile_id, 'hair' as field_group, 'whim' as rule, 0 as n_candidates from t"
    ),
    "golden.support_summary": change("gold.support_summary", "select profile_id, 2.0 as csat, -1 as tickets from t"),
}


@pytest.fixture(scope="module")
def clean(tmp_path_factory):
    return small_store(tmp_path_factory.mktemp("clean"))


@pytest.fixture(scope="module")
def clean_again(clean, tmp_path_factory):
    return next_run(copy_of(clean, tmp_path_factory.mktemp("again")))


def failed(run: Run, *names: str) -> tuple[set[str], str]:
    """Critical expectations that fail (by subject and by name) and the verdict."""
    with run.open(*READS) as db:
        results = judge(run, db, [SUITES[name] for name in names]).results
    for result in results:
        told = f"{result.observed} {result.message}"
        assert not any(value in told for value in ("example.com", "2125550", "Ann", "Oak St")), (
            "a personal value is told"
        )
    critical = [result for result in results if result.stops]
    subjects = {result.subject.rsplit(".", 1)[-1] for result in critical} | {r.expectation for r in critical}
    return subjects, decide(results, []).verdict


@pytest.mark.parametrize(
    ("suite", "subject", "fault"),
    [(suite, subject, fault) for suite, faults in FAULTS.items() for subject, fault in faults.items()],
    ids=[f"{suite}-{subject}" for suite, faults in FAULTS.items() for subject in faults],
)
def test_a_seeded_fault_stops_the_run(clean, tmp_path, suite, subject, fault):
    subjects, verdict = failed(fault(copy_of(clean, tmp_path)), suite)
    assert subject in subjects
    assert verdict == "stopped"


@pytest.mark.parametrize(
    ("suite", "subject", "fault"),
    [(suite, subject, fault) for suite, faults in LATER_FAULTS.items() for subject, fault in faults.items()],
    ids=[f"{suite}-{subject}" for suite, faults in LATER_FAULTS.items() for subject in faults],
)
def test_a_fault_against_the_last_generation_stops_the_run(clean_again, tmp_path, suite, subject, fault):
    subjects, verdict = failed(fault(copy_of(clean_again, tmp_path)), suite)
    assert subject in subjects
    assert verdict == "stopped"


@pytest.mark.parametrize("suite", SPOILED_ROWS)
def test_each_critical_look_at_a_row_sees_its_fault(clean, tmp_path, suite):
    run = SPOILED_ROWS[suite](copy_of(clean, tmp_path))
    with run.open(*READS) as db:
        results = judge(run, db, [SUITES[suite]]).results
    missed = [f"{r.expectation} {r.subject}" for r in results if r.severity is Severity.CRITICAL and r.success]
    assert missed == []


def test_every_critical_expectation_has_its_fault():
    seeded = {(suite, subject) for faults in (FAULTS, LATER_FAULTS) for suite in faults for subject in faults[suite]}
    critical = {
        (suite.name, entry.name if entry.name != entry.type else entry.column)
        for suite in SUITES.values()
        for entry in suite.expectations
        if entry.severity is Severity.CRITICAL and suite.name not in SPOILED_ROWS
    }
    assert critical - seeded == set()
    assert seeded - critical == set()


def test_a_clean_run_passes_every_critical_expectation(clean, clean_again):
    assert failed(clean, *SUITES) == (set(), "passed_with_warnings"), "one of eight rows was rejected"
    assert failed(clean_again, *SUITES) == (set(), "passed"), "nothing new was delivered"
