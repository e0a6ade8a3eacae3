"""Segments: what a definition may say, and who is in one since when."""

from pathlib import Path

import pytest

from identity import settings
from identity.errors import ConfigurationError
from identity.kpi.segments import read_segment
from identity.measuring import members
from identity.settings_groups import SegmentSettings
from identity.tables import published
from pictures import expect, given, new_run

TABLES = {table.name for table in published()}
HEADER = "-- name: {name}\n-- owner: marketing\n-- description: A test.\n"


def definition(folder: Path, query: str, name: str = "own") -> Path:
    path = folder / f"{name}.sql"
    path.write_text(HEADER.format(name=name) + query)
    return path


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("select profile_id from gold.orders; drop table gold.orders", "holds 2 statements"),
        ("drop table gold.orders", "is no query"),
        ("insert into gold.orders select * from gold.orders", "is no query"),
        ("copy (select 1) to '/tmp/x'", "is no query"),
        ("attach '/tmp/x.duckdb'", "is no query"),
        ("select profile_id, email from gold.customer_360", "selects other columns"),
        ("select * from gold.customer_360", "selects other columns"),
        ("select count(*) from gold.customer_360", "selects other columns"),
        ("select profile_id from read_csv('/etc/passwd')", "reads from a function"),
        ("select content as profile_id from read_text('/etc/passwd')", "reads from a function"),
        ("select profile_id from '/etc/passwd'", "reads /etc/passwd"),
        ("select profile_id from \"gold.orders.parquet\"", "reads gold.orders.parquet"),
        ("select source_pk as profile_id from std.source_record", "reads std.source_record"),
        ("select request_id as profile_id from privacy.request", "reads privacy.request"),
        ("select profile_id from trait", "reads trait"),
        ("select profile_id from information_schema.tables", "reads information_schema.tables"),
        ("select profile_id from gold.segment_membership", "reads gold.segment_membership"),
        ("select getenv('HOME') as profile_id from gold.orders", "calls getenv()"),
        ("select profile_id from gold.orders where exists (from glob('/etc/*'))", "reads from a function"),
        ("select profile_id from gold.orders where order_at > now()", "calls now()"),
        ("select profile_id from gold.orders where random() < 0.5", "calls rand()"),
        ("select profile_id from gold.orders where current_setting('threads') = 1", "calls current_setting()"),
        ("select profile_id from query('select 1 as profile_id')", "reads from a function"),
        ("select profile_id from query_table('gold.orders')", "reads from a function"),
        ("select profile_id from gold.orders using sample 5", "TABLESAMPLE"),
        ("select $x as profile_id from gold.orders", "which a segment may not"),
        ("select profile_id fromm gold.orders where (", "not a query that is understood"),
        ("pragma database_list", "is no query"),
    ],
)  # fmt: skip
def test_p19_a_definition_that_does_more_than_read_published_tables_is_refused(
    tmp_path: Path, query: str, told: str
) -> None:
    with pytest.raises(ConfigurationError, match=r"own\.sql: ") as refused:
        read_segment(definition(tmp_path, query), TABLES - members.NOT_READABLE)
    assert told in str(refused.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("select profile_id from gold.orders", "lacks `-- name: …`"),
        ("-- name: own\n-- owner: x\nselect profile_id from gold.orders", "lacks `-- description: …`"),
        (HEADER.format(name="other") + "select profile_id from gold.orders", "its name has to be the file's (own)"),
    ],
)
def test_a_definition_says_who_owns_it_and_what_it_is(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "own.sql").write_text(text)
    with pytest.raises(ConfigurationError) as refused:
        read_segment(tmp_path / "own.sql", TABLES)
    assert told in str(refused.value)


def test_p19_what_runs_is_written_anew_from_what_was_understood(tmp_path: Path) -> None:
    query = "select profile_id /* ; drop table x */ from gold.orders where title = 'a;--' -- end"
    found = read_segment(definition(tmp_path, query), TABLES)
    assert found.query == "SELECT profile_id FROM gold.orders WHERE title = 'a;--'"
    assert found.tables == ("gold.orders",)


def test_shipped_segments_are_ten_or_more_and_run(tmp_path: Path) -> None:
    chosen = new_run(tmp_path).settings
    found = members.definitions(chosen)
    assert len(found) >= 10
    members.try_out(chosen, found)


def own_settings(folder: Path, query: str) -> settings.Settings:
    (folder / "segments").mkdir()
    definition(folder / "segments", query)
    (folder / "run.toml").write_text('[segments]\nfiles = "segments/*.sql"\nshipped = false\n')
    return settings.load(folder / "run.toml", {})


def test_a_column_that_is_not_there_is_told_before_any_work(tmp_path: Path) -> None:
    chosen = own_settings(tmp_path, "select profile_id from gold.customer_360 where shoe_size > 9")
    with pytest.raises(ConfigurationError, match=r"own\.sql: .*shoe_size"):
        members.check_own(chosen)


def test_a_pattern_without_a_file_is_told(tmp_path: Path) -> None:
    chosen = new_run(tmp_path, segments=SegmentSettings(files="none/*.sql")).settings
    with pytest.raises(ConfigurationError, match="no file matches"):
        members.check_own(chosen)


def test_another_definition_is_another_configuration(tmp_path: Path) -> None:
    chosen = own_settings(tmp_path, "select profile_id from gold.customer_360 where orders > 1")
    before = chosen.fingerprint
    definition(tmp_path / "segments", "select profile_id from gold.customer_360 where orders > 2")
    assert chosen.fingerprint != before


def after(tmp_path: Path, prior: str, golden: str, alias: str | None = None, query: str = "orders > 1"):
    """A run whose customers are drawn, with the stays of the last generation; returns it with memberships written."""
    chosen = own_settings(tmp_path, f"select profile_id from gold.customer_360 where {query}")
    run = new_run(tmp_path, segments=chosen.segments, base_dir=tmp_path)
    given(run, gold_customer_360=golden, prior_segment_membership=prior, mart_basis="basis | as_of\nkpi | 2026-01-31")
    given(run, prior_segment="segment | status | members\nold | active | 1")
    given(run, identity_profile_alias=alias or "old_profile_id | current_profile_id\nP9 | P8")
    reads = ("gold.customer_360", "prior.segment", "prior.segment_membership", "identity.profile_alias", "mart.basis")
    with run.open(*reads) as db:
        members.write(run, db)
    return run


def test_stays_begin_go_on_and_end(tmp_path: Path) -> None:
    run = after(
        tmp_path,
        prior="""
        profile_id | segment | entered_at | exited_at
        stays      | own     | 2025-01-01 |
        leaves     | own     | 2025-01-01 |
        returns    | own     | 2025-01-01 | 2025-02-01
        left       | own     | 2025-01-01 | 2025-02-01
        leaves     | old     | 2025-01-01 |
        gone       | own     | 2025-01-01 |
        """,
        golden="""
        profile_id | orders | is_restricted
        stays      | 2      | false
        leaves     | 1      | false
        returns    | 2      | false
        left       | 0      | false
        comes      | 3      | false
        asked      | 3      | true
        """,
    )
    expect(
        run,
        "gold.segment_membership",
        """
        profile_id | segment | entered_at          | exited_at
        stays      | own     | 2025-01-01 00:00:00 |
        leaves     | own     | 2025-01-01 00:00:00 | 2026-01-31 00:00:00
        leaves     | old     | 2025-01-01 00:00:00 | 2026-01-31 00:00:00
        returns    | own     | 2025-01-01 00:00:00 | 2025-02-01 00:00:00
        returns    | own     | 2026-01-31 00:00:00 |
        left       | own     | 2025-01-01 00:00:00 | 2025-02-01 00:00:00
        comes      | own     | 2026-01-31 00:00:00 |
        """,
    )
    expect(
        run,
        "gold.segment",
        """
        segment | status    | members
        own     | active    | 3
        old     | withdrawn | 0
        """,
    )


def test_a_merged_profile_takes_its_stays_along(tmp_path: Path) -> None:
    run = after(
        tmp_path,
        prior="""
        profile_id | segment | entered_at | exited_at
        P1         | own     | 2025-03-01 |
        P2         | own     | 2025-01-01 |
        P3         | own     | 2025-02-01 |
        P3         | own     | 2024-02-01 | 2024-03-01
        """,
        golden="""
        profile_id | orders | is_restricted
        P1         | 2      | false
        P4         | 2      | false
        """,
        alias="""
        old_profile_id | current_profile_id
        P2             | P1
        P3             | P4
        """,
    )
    expect(
        run,
        "gold.segment_membership",
        """
        profile_id | segment | entered_at          | exited_at
        P1         | own     | 2025-01-01 00:00:00 |
        P4         | own     | 2024-02-01 00:00:00 | 2024-03-01 00:00:00
        P4         | own     | 2025-02-01 00:00:00 |
        """,
    )
