"""Wrong use ends with exit code 2 and a message that names the file or key and what to do next."""

from pathlib import Path

import duckdb
import pytest
from tests.support.cli import invoke, start

CASES = {
    "nothing to read": (["run"], "nothing to read: give --inbox DIR, or --config FILE"),
    "no inbox": (["run", "--inbox", "{}/nowhere"], "nowhere: no such folder; give --inbox the folder that holds"),
    "inbox is a file": (["run", "--inbox", "{}/a.csv"], "a.csv: no such folder"),
    "no country": (["run", "--inbox", "{}", "--region", "UK"], "region: no such country; give its ISO 3166 code"),
    "warehouse is a folder": (["run", "--inbox", "{}", "-w", "{}"], "a folder; give --warehouse the name of a file"),
    "warehouse is text": (["run", "--inbox", "{}", "-w", "{}/a.csv"], "cannot be opened as a DuckDB file"),
    "another's warehouse": (["run", "--inbox", "{}", "-w", "{}/other.duckdb"], "that `identity` did not publish"),
    "no configuration": (["validate", "{}/none.toml"], "none.toml: no such file; give --config the path"),
    "configuration is a folder": (["validate", "{}"], "cannot be read: Is a directory"),
    "unknown key": (["validate", "{}/typo.toml"], "typo.toml: regoin: unknown key; did you mean `region`?"),
    "no TOML": (["run", "--config", "{}/bad.toml"], "bad.toml: not valid TOML: "),
    "unknown field": (["validate", "{}/field.toml"], "source shop: unknown fields firstname; a record knows"),
    "unknown system": (["validate", "{}/system.toml"], "system = 'sap' is unknown; known are klaviyo, mailchimp"),
    "nothing there": (["sources", "{}/nowhere"], "nowhere: no such file or folder"),
    "no warehouse": (["export", "gold.orders", "{}/x.csv", "-w", "{}/none.duckdb"], "`identity run` publishes one"),
    "unknown mode": (["export", "gold.orders", "{}/x.csv", "--mode", "excel"], "choose machine or spreadsheet"),
    "no run to check": (["check", "-w", "{}/none.duckdb"], "no run yet; `identity run` makes one"),
    "no run to prune": (["prune", "-w", "{}/none.duckdb"], "no run yet, nothing to delete"),
    "no run to explain": (["explain", "p1", "-w", "{}/none.duckdb"], "none"),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.csv").write_text("a,b\n1,2\n")
    (tmp_path / "typo.toml").write_text('regoin = "US"\n')
    (tmp_path / "bad.toml").write_text('region = "US\n')
    source = '[[sources]]\nname = "shop"\nfiles = "*.csv"\nrecord_id = "id"\nfields = { firstname = "first" }\n'
    (tmp_path / "field.toml").write_text(source)
    (tmp_path / "system.toml").write_text('[[sources]]\nsystem = "sap"\n')
    with duckdb.connect(str(tmp_path / "other.duckdb")) as connection:
        connection.execute("create table orders (id integer)").fetchall()
    return tmp_path


@pytest.mark.parametrize("name", CASES)
def test_wrong_use_is_told_with_the_next_step(folder: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    arguments, message = CASES[name]
    result = invoke(*(argument.format(folder) for argument in arguments))
    assert result.exit_code == 2, result.output
    assert message in result.stderr
    assert result.stdout == ""


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "inbox").mkdir()
    result = invoke("run", "--inbox", tmp_path / "inbox", "-w", tmp_path / "file" / "w.duckdb")
    assert result.exit_code == 1
    assert f"{tmp_path}/file/w.state: Not a directory; correct the path" in result.stderr


def test_a_damaged_store_is_named(tmp_path: Path) -> None:
    (tmp_path / "w.state").mkdir()
    (tmp_path / "w.state" / "store.sqlite").write_text("not a database at all")
    result = invoke("status", "-w", tmp_path / "w.duckdb")
    assert result.exit_code == 1
    assert "store.sqlite: cannot be opened as the operational store" in result.stderr


def test_a_warehouse_open_for_writing_elsewhere_is_told(tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    with duckdb.connect(str(tmp_path / "w.duckdb")) as connection:
        connection.execute("create table t (n integer)").fetchall()
        process = start("run", "--inbox", tmp_path / "inbox", "-w", tmp_path / "w.duckdb")
        _, told = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "w.duckdb: open for writing in another process; close it there, or open it there read-only" in told


def test_text_from_files_is_neither_markup_nor_control_sequence(tmp_path: Path) -> None:
    name = "[red]\x1b[31m:smile:.csv"
    (tmp_path / name).write_text("Klaviyo ID,Email,[bold]\x1b[1m:heart:\n1,a@example.com,2\n")
    result = invoke("sources", tmp_path)
    assert result.exit_code == 0
    assert "[bold]" in result.stdout
    assert ":heart:" in result.stdout
    assert "\x1b" not in result.stdout


def test_the_version_and_the_exit_codes_are_told() -> None:
    assert invoke("--version").stdout.strip()[0].isdigit()
    help_text = " ".join(invoke("--help").stdout.split())
    for code in ("0 published", "2 wrong use", "3 stopped", "5 input refused", "75 another run"):
        assert code in help_text
