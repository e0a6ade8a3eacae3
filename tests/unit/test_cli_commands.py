"""Every command over a published generation: what it prints for people, and what for scripts."""

import csv
import json
import shutil
from pathlib import Path

import duckdb
import pytest
from tests.support.cli import invoke

import identity.cli


@pytest.fixture
def own(published: Path, tmp_path: Path) -> Path:
    """A copy of the published generation that a test may change."""
    return shutil.copytree(published, tmp_path / "own")


def _query(folder: Path, text: str) -> list[tuple]:
    with duckdb.connect(str(folder / "w.duckdb"), read_only=True) as connection:
        return connection.execute(text).fetchall()


def test_every_command_is_known() -> None:
    names = {command.name or command.callback.__name__ for command in identity.cli.app.registered_commands}
    pipeline = {"run", "demo", "sources", "validate", "status", "check", "prune", "release", "rollback"}
    stewardship = {"undo", "decisions", "queue", "report"}
    privacy = {"access", "erase", "object", "rectify", "readmit", "requests", "restrict"}
    further = {"explain", "evaluate", "train", "model", "journey", "export", "roles", "serve"}
    assert names == pipeline | stewardship | privacy | further


def test_status_names_the_live_generation(published: Path) -> None:
    run_id = _query(published, "select run_id from ops.run")[0][0]
    told = invoke("status", "-w", published / "w.duckdb")
    assert told.exit_code == 0
    assert f"(published by run {run_id})" in told.stdout
    (row,) = json.loads(invoke("status", "-w", published / "w.duckdb", "--json").stdout)
    assert (row["run_id"], row["status"], row["number"], row["reason"]) == (run_id, "published", 1, "")


def test_status_before_any_run_creates_nothing(tmp_path: Path) -> None:
    told = invoke("status", "-w", tmp_path / "w.duckdb")
    assert told.exit_code == 0
    assert "no run yet" in told.stdout
    assert json.loads(invoke("status", "-w", tmp_path / "w.duckdb", "--json").stdout) == []
    assert list(tmp_path.iterdir()) == []


def test_sources_shows_each_file_and_where_its_columns_go(inbox: Path) -> None:
    reports = json.loads(invoke("sources", inbox, "--json").stdout)
    assert {report["path"] for report in reports} == {
        path.relative_to(inbox).as_posix() for path in inbox.rglob("*") if path.is_file()
    }
    assert all(report["source"] for report in reports)
    told = invoke("sources", inbox / "klaviyo")
    assert told.exit_code == 0
    assert "klaviyo_profile" in told.stdout
    assert "(kept, not mapped)" in told.stdout


def test_sources_names_the_reason_of_a_refusal(tmp_path: Path) -> None:
    (tmp_path / "what.csv").write_text("a,b\n1,2\n")
    (report,) = json.loads(invoke("sources", tmp_path, "--json").stdout)
    assert report["rule"] == "unrecognised"
    assert "generic source" in report["reason"]
    assert invoke("sources", tmp_path).exit_code == 0


def test_check_runs_the_expectations_again(own: Path) -> None:
    results = json.loads(invoke("check", "-w", own / "w.duckdb", "--json").stdout)
    assert len(results) > 100
    assert all(entry["success"] for entry in results if entry["severity"] == "critical")
    assert "expectations" in invoke("check", "-w", own / "w.duckdb").stdout
    unknown = invoke("check", "-w", own / "w.duckdb", "--run", "g9")
    assert unknown.exit_code == 2
    assert "no run g9" in unknown.stderr


def test_validate_tells_what_a_configuration_says(tmp_path: Path) -> None:
    (tmp_path / "people").mkdir()
    (tmp_path / "people" / "a.csv").write_text("id\n1\n")
    config = tmp_path / "run.toml"
    config.write_text('[[sources]]\nname = "shop"\nfiles = "people/*.csv"\nrecord_id = "id"\n')
    told = invoke("validate", config)
    assert told.exit_code == 0
    assert "source shop: people/*.csv, 1 files there now" in told.stdout


@pytest.mark.parametrize("name", ["orders.csv", "orders.parquet"])
def test_export_writes_the_whole_table(published: Path, tmp_path: Path, name: str) -> None:
    told = invoke("export", "gold.orders", tmp_path / name, "-w", published / "w.duckdb")
    assert told.exit_code == 0
    count = _query(published, "select count(*) from gold.orders")[0][0]
    assert told.stdout.startswith(f"{count:,} rows written to ")
    with duckdb.connect() as connection:
        assert connection.execute(f"select count(*) from '{tmp_path / name}'").fetchall() == [(count,)]


def test_export_for_a_spreadsheet_escapes_what_a_machine_gets_exactly(published: Path, tmp_path: Path) -> None:
    for mode in ("machine", "spreadsheet"):
        target = tmp_path / f"{mode}.csv"
        invoke("export", "std.identifier", target, "--mode", mode, "-w", published / "w.duckdb")
    phones = {}
    for mode in ("machine", "spreadsheet"):
        with (tmp_path / f"{mode}.csv").open(newline="", encoding="utf-8") as stream:
            phones[mode] = {row["id_value_norm"] for row in csv.DictReader(stream) if row["id_type"] == "phone"}
    assert all(phone.startswith("+") for phone in phones["machine"])
    assert phones["spreadsheet"] == {f"'{phone}" for phone in phones["machine"]}


@pytest.mark.parametrize(
    ("table", "target", "message"),
    [
        ("gold.nope", "x.csv", "gold.nope: no such table; there are gold.checkout, gold.consent"),
        ("gold.orders", "x.xlsx", "the ending must be .csv or .parquet"),
        ("gold.orders", "none/x.csv", "none: no such folder; create it first"),
    ],
)
def test_an_export_that_cannot_be_is_told(
    published: Path, tmp_path: Path, table: str, target: str, message: str
) -> None:
    told = invoke("export", table, tmp_path / target, "-w", published / "w.duckdb")
    assert told.exit_code == 2
    assert message in told.stderr
    assert list(tmp_path.iterdir()) == []


def test_explain_tells_of_two_records_and_of_a_profile(published: Path) -> None:
    (profile, first, second), *_ = _query(
        published,
        "select profile_id, min(source || ':' || source_pk), max(source || ':' || source_pk) "
        "from identity.profile_xref group by profile_id having count(*) > 1 order by profile_id",
    )
    pair = invoke("explain", first, second, "-w", published / "w.duckdb")
    assert pair.exit_code == 0
    assert "are in one profile" in " ".join(pair.stdout.split())
    assert invoke("explain", profile, "-w", published / "w.duckdb").exit_code == 0
    story = json.loads(invoke("explain", first, second, "-w", published / "w.duckdb", "--json").stdout)
    assert set(story["tables"]) == {"Records", "Weight in bits"}


@pytest.mark.parametrize("records", [("shopify_customer:none", "shopify_customer:nobody"), ("nobody",), ("a", "b")])
def test_explain_of_what_is_not_there_is_told(published: Path, records: tuple[str, ...]) -> None:
    told = invoke("explain", *records, "-w", published / "w.duckdb")
    assert told.exit_code in (1, 2)
    assert any(record.split(":")[-1] in told.stderr for record in records)
    assert "identity.profile" in told.stderr or "source:key" in told.stderr


def test_prune_tells_before_it_deletes(own: Path) -> None:
    told = invoke("prune", "-w", own / "w.duckdb", "--dry-run")
    assert told.exit_code == 0
    assert told.stdout.startswith("would delete 0 run folders")
    assert invoke("prune", "-w", own / "w.duckdb").stdout.startswith("deleted 0 run folders and 0 generations")


def test_demo_makes_exports_publishes_and_compares_with_the_truth(tmp_path: Path) -> None:
    told = invoke("demo", "--people", 40, "--seed", 3, "--folder", tmp_path / "demo")
    assert told.exit_code == 0
    assert "Generation 1" in told.stdout
    assert "Against the truth of the sample" in told.stdout
    assert "any shared e-mail or phone" in told.stdout
    assert (tmp_path / "demo" / "warehouse.duckdb").is_file()
    before = _profiles(tmp_path)
    again = invoke("demo", "--people", 40, "--seed", 3, "--folder", tmp_path / "demo")
    assert again.exit_code == 0
    assert "Generation 2" in again.stdout
    assert _profiles(tmp_path) == before


def _profiles(folder: Path) -> list[tuple]:
    with duckdb.connect(str(folder / "demo" / "warehouse.duckdb"), read_only=True) as connection:
        return connection.execute("select * from identity.profile_xref order by all").fetchall()
