"""Marts are SQL that analysts own: each file runs by hand over a published warehouse and gives the published table."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from identity.engine.sql import data_folder, quote
from identity.tables import published as published_tables
from identity.tables import table
from pictures import expect, given, new_run

MARTS = {entry.name for entry in published_tables() if entry.schema == "mart"}
FILES = [file for file in sorted((data_folder("sql") / "marts").glob("*.sql")) if f"mart.{file.stem}" in MARTS]
BEFORE = ("journey_unit", "own_touch", "contact", "conversion_path")
OF_PYTHON = {"mart.basis", "mart.model", "mart.attribution_joint"}


@pytest.fixture(scope="module")
def shell(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """A shell on a copy of the warehouse, in its first generation: the one before it was empty."""
    copy = tmp_path_factory.mktemp("shell") / "w.duckdb"
    shutil.copyfile(published / "w.duckdb", copy)
    with duckdb.connect(str(copy), config={"threads": "1"}) as connection:
        for name in BEFORE:
            connection.execute((data_folder("sql") / "marts" / f"{name}.sql").read_text(encoding="utf-8")).fetchall()
        connection.execute("create schema prior").fetchall()
        for name in ("customer_360", "segment_membership"):
            connection.execute(f"create view prior.{name} as from gold.{name} where false").fetchall()
        yield connection


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_mart_runs_by_hand_and_gives_the_published_table(shell: duckdb.DuckDBPyConnection, file: Path) -> None:
    declared = table(f"mart.{file.stem}")
    columns = ", ".join(f'"{column.name}"::{column.type} as "{column.name}"' for column in declared.columns)
    name = quote(declared.name)
    by_hand = f"select {columns} from ({file.read_text(encoding='utf-8')})"
    surplus = shell.execute(f"select count(*) from ({by_hand} except all from {name})").fetchall()
    missing = shell.execute(f"select count(*) from (from {name} except all {by_hand})").fetchall()
    assert (surplus, missing) == ([(0,)], [(0,)])


def test_the_published_sample_has_rows_in_every_mart(shell: duckdb.DuckDBPyConnection) -> None:
    empty = [name for name in sorted(MARTS) if shell.execute(f"select count(*) from {name}").fetchall() == [(0,)]]
    assert set(empty) <= {"mart.changes_since_last", "mart.conversion_by_channel"}  # no web visits in the sample


def test_every_mart_is_one_file_with_a_header(shell: duckdb.DuckDBPyConnection) -> None:
    assert {f"mart.{file.stem}" for file in FILES} == MARTS - OF_PYTHON
    for file in FILES:
        text = file.read_text(encoding="utf-8")
        assert all(f"\n-- {word}" in text for word in ("reads: ", f"writes: mart.{file.stem}", "one row per: ")), file


def test_definitions_stand_in_the_comments_of_the_warehouse(shell: duckdb.DuckDBPyConnection) -> None:
    query = "select comment from duckdb_columns() where schema_name in ('mart', 'gold') and comment is null"
    assert shell.execute(query).fetchall() == []
    ((comment,),) = shell.execute(
        "select comment from duckdb_columns() where table_name = 'customer_traits' and column_name = 'p_alive'"
    ).fetchall()
    assert "BG/NBD" in comment


def test_changes_name_ids_values_and_what_time_moved(tmp_path: Path) -> None:
    run = new_run(tmp_path)
    given(
        run,
        mart_basis="basis | generation\nkpi | 7",
        prior_customer_360="""
        profile_id | profile_hash | email             | consent_email | orders | revenue | lifecycle_status | n_source_records | is_restricted
        p1         | h1           | ann@example.com   | granted       | 1      | 10      | active           | 2                | false
        p2         | h2           | bob@example.com   | unknown       | 0      | 0       | prospect         | 1                | false
        p3         | h3           |                   | unknown       | 0      | 0       | active           | 1                | false
        p4         | h4           |                   | unknown       | 0      | 0       |                  | 1                | false
        """,
        gold_customer_360="""
        profile_id | profile_hash | email             | consent_email | orders | revenue | lifecycle_status | n_source_records | is_restricted
        p1         | h1b          | ann@example.net   | denied        | 2      | 15      | active           | 2                | false
        p2         | h2           | bob@example.com   | unknown       | 0      | 0       | prospect         | 1                | false
        p3         | h3           |                   | unknown       | 0      | 0       | lapsed           | 1                | false
        p4         | h4           |                   | unknown       | 0      | 0       | active           | 1                | false
        p5         | h5           |                   | unknown       | 0      | 0       | prospect         | 1                | false
        """,
        identity_profile_event="""
        event_id | run_number | event_type      | profile_id | other_profile_id
        e1       | 7          | created         | p5         |
        e2       | 7          | merged_into     | p6         | p1
        e3       | 7          | absorbed_record | p1         |
        e4       | 6          | created         | p2         |
        """,
        prior_segment_membership="""
        profile_id | segment | entered_at | exited_at
        p2         | vip     | 2025-01-01 |
        p3         | vip     | 2025-01-01 | 2025-02-01
        """,
        gold_segment_membership="""
        profile_id | segment | entered_at | exited_at
        p2         | vip     | 2025-01-01 | 2026-01-31
        p3         | vip     | 2025-01-01 | 2025-02-01
        p3         | new     | 2026-01-31 |
        p5         | new     | 2026-01-31 |
        """,
    )
    reads = ("gold.customer_360", "prior.customer_360", "identity.profile_event", "gold.segment_membership")
    with run.open(*reads, "prior.segment_membership", "mart.basis") as db:
        db.save("mart.changes_since_last", "marts/changes_since_last")
    expect(
        run,
        "mart.changes_since_last",
        """
        profile_id | kind  | change           | before          | after
        p1         | field | email            | ann@example.com | ann@example.net
        p1         | field | consent_email    | granted         | denied
        p1         | field | orders           | 1               | 2
        p1         | field | revenue          | 10.0000         | 15.0000
        p3         | time  | lifecycle_status | active          | lapsed
        p5         | event | created          |                 |
        p6         | event | merged_into      |                 | p1
        p2         | time  | segment:vip      | in              | out
        p3         | time  | segment:new      | out             | in
        """,
    )


def test_credits_come_in_the_order_of_their_key_whatever_the_threads(tmp_path: Path) -> None:
    run = new_run(tmp_path, threads=4)
    number = np.arange(60_000)
    paths = pa.table(
        {
            "conversion_id": [f"tp_{n * 7919 % 60_013:06d}" for n in number],
            "touchpoint_id": [f"tp_{n:06d}" for n in number],
            "channel": pa.array(["email"]).take(pa.array(number * 0)),
            **dict.fromkeys(("position", "touches", "named_so_far", "named"), number * 0 + 1),
            **dict.fromkeys(("decayed", "decayed_so_far", "decayed_in_all", "units"), number * 0 + 1),
            **{name: pa.nulls(len(number), pa.string()) for name in ("profile_id", "campaign", "currency")},
            **{name: pa.nulls(len(number), pa.timestamp("us")) for name in ("touched_at", "converted_at")},
        }
    )
    with run.open() as db:
        db.put("conversion_path", paths)
        db.save("mart.attribution_credit", "marts/attribution_credit", in_order=True)
    written = pq.read_table(run.workspace.path("mart.attribution_credit"))
    keys = list(zip(*(written[name].to_pylist() for name in table("mart.attribution_credit").key), strict=True))
    assert len(keys) == 6 * len(number)
    assert keys == sorted(keys)
