"""Every exit code of `identity run`, with what stays published and what is told (P7, P9, P20)."""

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from tests.support.cli import AS_OF, invoke, people, start, write_rows
from tests.support.generations import differing, table_hashes
from tests.support.people import people_config

from identity import pipeline, settings
from identity.engine.sql import data_folder
from identity.runs import lease, lifecycle
from identity.runs.store import open_store

LATER = "2026-07-02T03:00:00"
HEADER = "id,first,last,mail,phone"
CONFIG = people_config()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A configuration with one small delivery."""
    (tmp_path / "run.toml").write_text(CONFIG)
    write_rows(tmp_path / "in" / "people1.csv", HEADER, people(12))
    return tmp_path


def run(folder: Path, *more: object, environment: dict[str, str] | None = None):
    options = ("--config", folder / "run.toml", "-w", folder / "w.duckdb", *more)
    return invoke("run", *options, environment=environment)


def test_0_published_and_the_summary_for_scripts(folder: Path) -> None:
    told = run(folder, "--as-of", AS_OF, "--json")
    assert told.exit_code == 0, told.stderr
    facts = json.loads(told.stdout)
    assert facts["records"] == {"people": 12}
    assert (facts["generation"], facts["profiles"], facts["rejected"]) == (1, 12, 0)
    assert Path(facts["warehouse"]).is_file()
    assert Path(facts["report"]).is_file()


def test_5_an_empty_inbox_is_told(tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    told = invoke("run", "--inbox", tmp_path / "inbox", "-w", tmp_path / "w.duckdb")
    assert told.exit_code == 5
    assert "the inbox is empty: put exports into it" in told.stderr
    assert not (tmp_path / "w.duckdb").exists()


def test_5_an_inbox_of_refused_files_names_each_with_its_rule(tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "what.csv").write_text("a,b\n1,2\n")
    (tmp_path / "inbox" / "picture.jpg").write_bytes(b"\xff\xd8\xff\x00\x01")
    told = invoke("run", "--inbox", tmp_path / "inbox", "-w", tmp_path / "w.duckdb")
    assert told.exit_code == 5
    assert "what.csv: unrecognised: " in told.stderr
    assert "picture.jpg: " in told.stderr
    status = json.loads(invoke("status", "-w", tmp_path / "w.duckdb", "--json").stdout)
    assert [row["status"] for row in status] == ["failed"]


def test_p1_a_file_that_vanishes_during_the_run_is_refused_and_the_others_land(folder: Path) -> None:
    """The file is deleted between `recognise` and `extract`, which may be tasks hours apart."""
    write_rows(folder / "in" / "people2.csv", HEADER, people(3, first=50))
    current = lifecycle.begin(settings.load(folder / "run.toml", {}, warehouse=folder / "w.duckdb"))
    (part,) = pipeline.parts(current, "land")
    (folder / "in" / "people2.csv").unlink()
    pipeline.run_part(current, "land", part)
    pipeline.run_part(current, "land")
    with current.open("raw.file") as db:
        rows = {row[0]: row[1:] for row in db.rows("select path, status, rule from raw.file")}
    assert rows == {"in/people1.csv": ("landed", None), "in/people2.csv": ("refused", "unreadable")}
    lifecycle.finish(current, "failed")


def test_p7_3_a_critical_check_stops_before_the_switch(folder: Path) -> None:
    assert run(folder, "--as-of", AS_OF).exit_code == 0
    before = table_hashes(folder / "w.duckdb")
    expectations = shutil.copytree(data_folder("expectations"), folder / "expectations")
    suite = expectations / "raw" / "files.json"
    described = json.loads(suite.read_text())
    described["expectations"].append(
        {
            "type": "expect_table_row_count_to_be_between",
            "kwargs": {"min_value": 100_000},
            "severity": "critical",
            "meta": {"why": "The delivery is never this small.", "next": "Ask for the rest."},
        }
    )
    suite.write_text(json.dumps(described))
    told = run(folder, "--as-of", LATER, environment={"IDENTITY_EXPECTATIONS": str(expectations)})
    assert told.exit_code == 3, told.stderr
    assert "nothing was published: the checks before publishing failed" in told.stderr
    assert "The delivery is never this small." in told.stderr
    report = Path(told.stderr.rsplit("\nreport     ", 1)[1].strip())
    assert "The delivery is never this small." in report.read_text(encoding="utf-8")
    assert differing(table_hashes(folder / "w.duckdb"), before) == []
    newest, *_ = json.loads(invoke("status", "-w", folder / "w.duckdb", "--json").stdout)
    assert newest["status"] == "stopped"
    assert "last run stopped: nothing was published" in invoke("status", "-w", folder / "w.duckdb").stdout
    assert json.loads(run(folder, "--as-of", LATER, "--json").stdout)["generation"] == 2


def test_p9_75_the_second_run_is_told_who_holds_the_lease(folder: Path) -> None:
    store = open_store(folder / "w.state")
    lease.take(store, "g000001-held", timedelta(minutes=1))
    told = run(folder)
    assert told.exit_code == 75
    assert f"run g000001-held holds the lease (process {os.getpid()} on " in told.stderr
    lease.release(store, "g000001-held")
    assert run(folder).exit_code == 0


def test_p9_of_two_runs_started_at_once_one_publishes_and_the_other_is_told(folder: Path) -> None:
    options = ("run", "--config", folder / "run.toml", "-w", folder / "w.duckdb")
    both = [start(*options), start(*options)]
    told = [process.communicate(timeout=240)[1] for process in both]
    codes = [process.returncode for process in both]
    assert sorted(codes) == [0, 75], told
    assert f"holds the lease (process {both[codes.index(0)].pid} on " in told[codes.index(75)]
    status = json.loads(invoke("status", "-w", folder / "w.duckdb", "--json").stdout)
    assert [row["status"] for row in status] == ["published"]


def test_p8_130_interrupted_at_the_keyboard_the_next_run_carries_on(folder: Path) -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job of a shell ignores it
    process = start("run", "--config", folder / "run.toml", "-w", folder / "w.duckdb")
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("link"):
            break
    process.send_signal(signal.SIGINT)
    rest = process.stderr.read()
    process.communicate(timeout=60)
    assert process.returncode == 130, rest
    assert "interrupted; nothing was published" in rest
    assert "Traceback" not in rest
    (interrupted,) = json.loads(invoke("status", "-w", folder / "w.duckdb", "--json").stdout)
    facts = json.loads(run(folder, "--json").stdout)
    assert facts["run_id"] == interrupted["run_id"]


def test_1_a_full_disk_is_told_and_the_next_run_mends_it(folder: Path) -> None:
    """Simulated by the largest file a process may write; the state stays usable."""

    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, resource.RLIM_INFINITY))

    command = [sys.executable, "-m", "identity", "run", "--config", "run.toml", "-w", "w.duckdb"]
    done = subprocess.run(command, cwd=folder, preexec_fn=small_files, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert "nothing was published" in done.stderr
    assert not (folder / "w.duckdb").exists()
    assert run(folder).exit_code == 0
