"""The gate: what stops a run, what holds it, what is only shown, and what can be read of it afterwards (P7, P11)."""

import json
import shutil
from dataclasses import replace

import pytest

from identity.checking.parameters import Absent, resolve
from identity.checking.suites import load_suites
from identity.engine.sql import data_folder, load
from identity.errors import CheckStopped, ConfigurationError, RunHeld
from identity.landing.model import HARMLESS_RULES
from identity.runs.workspace import read_verdict
from identity.settings_groups import GateSettings
from identity.stages.check import READS, check, decide, judge
from support.small_store import copy_of, next_run, small_store, spoil


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    """A clean first generation, checked."""
    run = small_store(tmp_path_factory.mktemp("first"))
    check(run)
    return run


@pytest.fixture
def second(first, tmp_path):
    """The generation after it, over the same tables."""
    return next_run(copy_of(first, tmp_path))


def gated(run, **gate):
    return replace(run, settings=run.settings.model_copy(update={"gate": GateSettings(**gate)}))


def hold(run):
    """The reasons that hold the run; the suites are not asked."""
    with run.open(*READS) as db:
        judgement = judge(run, db, [])
    assert decide(judgement.results, judgement.holds).verdict == ("held" if judgement.holds else "passed")
    return judgement.holds


def rows(run, query, *tables):
    with run.open(*tables) as db:
        return db.rows(query)


def test_a_clean_first_run_passes_with_its_warning(first):
    assert read_verdict(first.workspace).verdict == "passed_with_warnings"
    told = rows(first, "select suite, expectation from ops.quality_result where not success", "ops.quality_result")
    assert told == [("raw.files", "few rows rejected")]


def test_a_first_run_is_never_held(first):
    assert hold(gated(first, max_reject_rate=0.0, max_profile_records=1)) == []


def test_an_unchanged_second_run_passes(second):
    figures = check(second)
    assert figures["changed_ids"] == 0
    assert figures["known_records"] == 6
    assert read_verdict(second.workspace).verdict == "passed"


def test_a_stopped_run_leaves_results_figures_and_verdict_for_the_report(first, tmp_path):
    run = copy_of(first, tmp_path)
    spoil(run, "gold.orders", "select * from t where order_id <> '1001'")
    spoil(run, "ops.quality_result", "select * from t where false")
    with pytest.raises(
        CheckStopped, match=r"Found 1 \(for instance shop_order 1001\), expected at most 0 \(\S+orders_lost\)"
    ) as stop:
        check(run)
    assert stop.value.exit_code == 3
    verdict = read_verdict(run.workspace)
    assert verdict.verdict == "stopped"
    assert any("orders_lost" in reason for reason in verdict.reasons)
    failed = rows(
        run,
        "select subject, failed_rows from ops.quality_result where not success and subject like '%orders_lost'",
        "ops.quality_result",
    )
    assert failed == [("checks/traits_money.orders_lost", 1)]
    assert rows(run, "select value from ops.run_metric where name = 'failed' and label = 'critical'", "ops.run_metric")


def test_no_personal_value_is_told_when_a_row_fails(first, tmp_path):
    run = copy_of(first, tmp_path)
    spoil(run, "gold.customer_360", "select * replace ('canary person@' as email, 'canary' as phone) from t")
    with pytest.raises(CheckStopped) as stop:
        check(run)
    written = "".join(str(row) for row in rows(run, "select * from ops.quality_result", "ops.quality_result")) + (
        run.folder / "verdict.json"
    ).read_text(encoding="utf-8")
    assert "canary" not in str(stop.value) + written
    assert "Found 5 of 5 rows fail (for instance P" in str(stop.value)
    assert "(gold.customer_360.phone)" in str(stop.value)


def test_a_run_that_changes_known_ids_is_held_and_tells_by_what_cause(second):
    ann = "(select min(profile_id) from t where n_records = 2)"
    spoil(
        second, "prior.profile", f"select * replace (if(profile_id = {ann}, 'POLD', profile_id) as profile_id) from t"
    )
    most = "(select profile_id from t group by profile_id having count(*) = 2)"
    spoil(
        second,
        "prior.profile_xref",
        f"select * replace (if(profile_id = {most}, 'POLD', profile_id) as profile_id) from t",
    )
    spoil(
        second,
        "identity.profile",
        """select * from t union all by name (select * replace ('POLD' as profile_id, 'merged' as status, 2 as retired_run,
        (select min(profile_id) from t where n_records = 2) as survivor_profile_id, 0 as n_records) from t limit 1)""",
    )
    spoil(
        second,
        "identity.profile_alias",
        f"""select 'POLD' as old_profile_id, profile_id as current_profile_id, 2 as since_run
        from read_parquet('{second.workspace.path("identity.profile")}') where status = 'active' and n_records = 2""",
    )
    spoil(
        second,
        "identity.profile_event",
        "select * from t union all by name (select * replace ('e9' as event_id, 2 as run_number, 'merged_into' as "
        "event_type, 'POLD' as profile_id, 'steward' as cause) from t limit 1)",
    )
    with pytest.raises(RunHeld) as held:
        check(second)
    assert held.value.exit_code == 4
    reason = str(held.value)
    assert "33.3 % of the known records would change their profile id (limit 2 %)" in reason
    assert "2 by steward; largest moves: 2 from POLD to P" in reason
    assert read_verdict(second.workspace).verdict == "held"
    assert rows(
        second,
        "select value, threshold from ops.run_metric where name = 'changed_ids_share' and stage = 'check'",
        "ops.run_metric",
    ) == [(2 / 6, 0.02)]


def test_a_run_that_changes_the_number_of_profiles_is_held(second):
    spoil(second, "prior.profile_xref", "select * from t where source_pk not in ('12', '13')")
    assert hold(second) == ["the number of profiles would change by 66.7 % (limit 10 % either way)"]


def test_a_run_that_empties_a_golden_field_is_held(second):
    before = "if(name = 'fill_rate' and label = 'phone', 0.9, value)"
    spoil(second, "prior.run_metric", f"select * replace ({before} as value) from t")
    assert hold(second) == ["the share of profiles with phone would change by -33.3 % (limit 10 % either way)"]


def test_a_golden_field_that_loses_three_points_is_a_warning(second):
    before = "if(name = 'fill_rate' and label = 'family_name', 1.04, value)"
    spoil(second, "prior.run_metric", f"select * replace ({before} as value) from t")
    assert hold(second) == []
    with second.open(*READS) as db:
        results = judge(second, db, [s for s in load_suites(data_folder("expectations")) if s.name == "golden.drift"])
    (failed,) = [result for result in results.results if not result.success]
    assert failed.warns
    assert "1 of 11 rows fail (for instance fill_rate family_name)" in failed.message


def test_a_run_with_too_many_rejected_rows_is_held(second):
    for table in ("raw.file", "raw.rejected"):
        spoil(second, table, "select * replace (2 as first_run) from t")
    assert hold(second) == [
        "12.5 % of the delivered rows were rejected (limit 5 %); raw.rejected has each with its reason"
    ]


def test_a_run_with_too_large_a_profile_is_held(second):
    assert hold(gated(second, max_profile_records=1)) == ["the largest profile has 2 records (limit 1)"]


def test_a_fault_stops_even_a_run_that_would_be_held(second):
    spoil(second, "gold.orders", "select * from t where order_id <> '1001'")
    with pytest.raises(CheckStopped, match=r"(?s)orders_lost.*the largest profile has 2 records"):
        check(gated(second, max_profile_records=1))


def test_every_figure_of_every_stage_is_kept_beside_the_last_published_one(second):
    check(second)
    kept = rows(
        second,
        "select stage, name, label, value, previous from ops.run_metric where name in ('orders', 'consent', 'profiles')",
        "ops.run_metric",
    )
    assert ("enrich", "orders", "", 3.0, 3.0) in kept
    assert ("unify", "consent", "sms:denied", 1.0, 1.0) in kept
    assert ("check", "profiles", "", 5.0, 5.0) in kept


def test_large_tables_are_looked_at_by_a_sample_that_says_so(first):
    suite = next(s for s in load_suites(data_folder("expectations")) if s.name == "standardised.identifier")
    with first.open(*READS) as db:
        once, again = (judge(first, db, [replace(suite, sample_rows=4)]).results for _ in range(2))
    assert once == again
    assert once[0].observed.endswith("out of 8")
    assert once[0].success


def test_a_check_that_breaks_is_a_critical_failure_of_its_own(first):
    suite = next(s for s in load_suites(data_folder("expectations")) if s.name == "golden.events")
    broken = replace(suite.expectations[0], kwargs={"column": "no_such_count", "max_value": 0})
    with first.open(*READS) as db:
        (result,) = judge(first, db, [replace(suite, expectations=(broken,))]).results
    assert result.stops
    assert "the check itself broke" in result.observed


SUITE = {
    "name": "golden.extra",
    "meta": {"about": "More.", "table": "gold.orders", "columns": ["currency"]},
    "expectations": [
        {
            "type": "expect_column_values_to_not_be_null",
            "kwargs": {"column": "currency"},
            "severity": "warning",
            "meta": {"why": "Sums need it.", "next": "Set it."},
        }
    ],
}
WRONG = {
    "its name is 'golden.other', its place says 'golden.extra'": {"name": "golden.other"},
    "there is no table gold.nothing": {"meta": {**SUITE["meta"], "table": "gold.nothing"}},
    "gold.orders has no column colour": {"meta": {**SUITE["meta"], "columns": ["colour"]}},
    "which `columns` does not list": {"meta": {**SUITE["meta"], "columns": ["status"]}},
    "must be checks/<name>": {"meta": {"about": "More.", "query": "../../etc/passwd"}},
    "needs either `table` with `columns` or `query`": {"meta": {"about": "More."}},
    "KeyError: 'why'": {"expectations": [{**SUITE["expectations"][0], "meta": {}}]},
    "'fatal' is not a valid Severity": {"expectations": [{**SUITE["expectations"][0], "severity": "fatal"}]},
    "stands twice": {"expectations": SUITE["expectations"] * 2},
}


@pytest.mark.parametrize("problem", WRONG)
def test_a_wrong_suite_file_is_named_with_what_is_wrong(tmp_path, problem):
    path = tmp_path / "golden" / "extra.json"
    path.parent.mkdir()
    path.write_text(json.dumps({**SUITE, **WRONG[problem]}))
    with pytest.raises(ConfigurationError) as error:
        load_suites(tmp_path)
    assert "expectations/golden/extra.json" in str(error.value)
    assert problem in str(error.value)


def test_an_engineer_adds_an_expectation_by_a_file_alone(first, tmp_path):
    shutil.copytree(data_folder("expectations") / "raw", tmp_path / "raw")
    (tmp_path / "golden").mkdir()
    (tmp_path / "golden" / "extra.json").write_text(json.dumps(SUITE))
    with first.open(*READS) as db:
        results = judge(first, db, load_suites(tmp_path)).results
    assert ("golden.extra", True) in {(result.suite, result.success) for result in results}


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ({"type": "expect_wonders"}, "expect_wonders"),
        ({"kwargs": {"column": "currency", "colour": 1}}, "colour"),
        ({"kwargs": {"column": "currency", "mostly": {"$PARAMETER": "gate.colour"}}}, "no parameter 'gate.colour'"),
    ],
)
def test_an_expectation_that_does_not_exist_is_wrong_use(first, tmp_path, entry, told):
    (tmp_path / "golden").mkdir()
    suite = {**SUITE, "expectations": [{**SUITE["expectations"][0], **entry}]}
    (tmp_path / "golden" / "extra.json").write_text(json.dumps(suite))
    with first.open(*READS) as db, pytest.raises(ConfigurationError, match=told):
        judge(first, db, load_suites(tmp_path))


def test_parameters_reach_into_lists_and_a_figure_of_no_run_yet_is_absent():
    assert resolve({"a": [{"$PARAMETER": "x"}, 2]}, {"x": 1}) == {"a": [1, 2]}
    with pytest.raises(Absent):
        resolve({"min_value": {"$PARAMETER": "previous.check.profiles"}}, {})


def test_an_expectation_against_the_last_run_waits_for_one(first, second, tmp_path):
    (tmp_path / "golden").mkdir()
    entry = {**SUITE["expectations"][0], "type": "expect_table_row_count_to_be_between"}
    entry["kwargs"] = {"min_value": {"$PARAMETER": "previous.enrich.orders"}}
    (tmp_path / "golden" / "extra.json").write_text(json.dumps({**SUITE, "expectations": [entry]}))
    for run, observed in ((first, "not compared"), (second, "3")):
        with run.open(*READS) as db:
            (result,) = judge(run, db, load_suites(tmp_path)).results
        assert (result.observed, result.success) == (observed, True)


@pytest.mark.parametrize("query", ["checks/figures", "checks/raw_files"])
def test_titles_footers_and_blank_lines_are_no_rejected_rows(query):
    text = load(query)
    assert "rule not in (" in text
    assert all(f"'{rule}'" in text for rule in HARMLESS_RULES)
