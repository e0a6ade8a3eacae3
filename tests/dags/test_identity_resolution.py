"""The Airflow DAG: parsed without complaint, one task a stage, run to a published, a stopped and a held end.

Airflow runs in a process of its own (`airflow_process.py`), once for this file.
"""

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from identity import pipeline, scheduling
from identity.engine.sql import data_folder
from identity.runs import lifecycle
from identity.sample import demo
from identity.settings import load
from tests.dags.receivers import mailbox, webhook
from tests.support.generations import AS_OF, differing, table_hashes

# setting up Airflow and three runs belong to the first test that asks for them
pytestmark = [pytest.mark.airflow, pytest.mark.timeout(900)]

STAGES = [stage.name for stage in pipeline.STAGES]
# What may travel between tasks: a run's id, or names of source objects.
RUN_ID = re.compile(r"g\d{6}-\d{8}T\d{6}(-\d+)?")
SOURCE = re.compile(r"[a-z]+_[a-z_]+")

COMMON = """
inbox = "demo/inbox"
warehouse = "w.duckdb"
region = "US"
memory_limit = "1GB"
threads = 1
[notify]
webhook = "{webhook}"
email = ["night.shift@example.com"]
"""


@dataclass(frozen=True)
class Airflow:
    """What came of the runs: `answer` of the process, its output, the messages sent, and where it all stands."""

    folder: Path
    answer: dict[str, Any]
    output: str
    posted: list[dict[str, Any]]
    mails: list[str]

    @property
    def runs(self) -> list[dict[str, Any]]:
        return self.answer["runs"]

    @property
    def database(self) -> Path:
        return self.folder / "home" / "airflow.db"


@pytest.fixture(scope="module")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> Airflow:
    """Three DAG runs over the same exports: published, stopped by a critical expectation, held by the gate."""
    folder = tmp_path_factory.mktemp("airflow")
    demo.prepare(folder / "demo", people=40, seed=5)
    with webhook() as (address, posted), mailbox() as (port, mails):
        common = COMMON.format(webhook=address)
        (folder / "publishes.toml").write_text(common)
        (folder / "stops.toml").write_text(f'expectations = "suites"\n{common}')
        (folder / "holds.toml").write_text(f"{common}\n[gate]\nmax_profile_records = 1\n")
        _suites_nobody_passes(folder / "suites")
        confs = [
            {"config": str(folder / "publishes.toml"), "as_of": f"{AS_OF.isoformat()}Z"},
            {"config": str(folder / "stops.toml")},
            {"config": str(folder / "holds.toml")},
        ]
        smtp = f"smtp://127.0.0.1:{port}?disable_ssl=true&disable_tls=true&from_email=identity%40example.com"
        output = _process(folder, confs, {"AIRFLOW_CONN_SMTP_DEFAULT": smtp})
    return Airflow(folder, json.loads((folder / "answer.json").read_text()), output, posted, mails)


def _process(folder: Path, confs: list[dict[str, Any]], environment: dict[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("airflow_process.py")), str(folder), json.dumps(confs)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout + done.stderr


def _suites_nobody_passes(folder: Path) -> None:
    """The shipped suites with one critical expectation that no delivery meets."""
    shutil.copytree(data_folder("expectations"), folder)
    path = folder / "golden" / "customer_360.json"
    suite = json.loads(path.read_text())
    suite["expectations"].append(
        {
            "type": "expect_column_values_to_be_null",
            "kwargs": {"column": "email"},
            "severity": "critical",
            "meta": {"name": "nobody_has_an_email", "why": "A test.", "next": "Nothing."},
        }
    )
    path.write_text(json.dumps(suite))


def _states(run: dict[str, Any]) -> dict[str, str]:
    """State by task; that of all its instances where a task is mapped."""
    states: dict[str, set[str]] = {}
    for name, state in run["tasks"].items():
        states.setdefault(name.split("[")[0], set()).add(state)
    assert all(len(found) == 1 for found in states.values()), states
    return {name: found.pop() for name, found in states.items()}


def _query(airflow: Airflow, query: str) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(airflow.database)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def _ledger(airflow: Airflow) -> list[tuple[str, str]]:
    """Number and status of every run, oldest first."""
    return [(row["number"], row["status"]) for row in reversed(lifecycle.runs(load(airflow.folder / "publishes.toml")))]


def test_the_dag_file_parses_without_error_or_warning_and_quickly(airflow: Airflow) -> None:
    assert airflow.answer["import_errors"] == {}
    assert airflow.answer["warnings"] == []
    # CPU seconds, so that a busy machine does not decide; the DAG processor parses again and again
    assert airflow.answer["cpu_seconds"] < 2.5


def test_the_tasks_are_the_stages_in_order(airflow: Airflow) -> None:
    tasks = list(airflow.answer["tasks"])
    groups = list(dict.fromkeys(name.split(".")[0] for name in tasks))
    assert sorted(groups) == sorted(["begin", *STAGES, "is_held", "ask_for_release", "finish"])
    assert [name for name in groups if name in STAGES] == STAGES
    assert airflow.answer["tasks"]["finish"]["upstream"] == ["begin", "report"]
    assert [name for name in tasks if "." in name] == ["land.recognise", "land.extract", "land.close"]
    assert [name for name, task in airflow.answer["tasks"].items() if task["mapped"]] == ["land.extract"]


def test_one_run_at_a_time_with_retries_and_callbacks_everywhere(airflow: Airflow) -> None:
    assert (airflow.answer["max_active_runs"], airflow.answer["catchup"]) == (1, False)
    assert all(task["retries"] == 2 and task["callbacks"] for task in airflow.answer["tasks"].values())
    assert {"inbox", "full", "as_of"} <= set(airflow.answer["params"])


def test_a_run_publishes_a_warehouse_as_the_command_line_would(airflow: Airflow) -> None:
    published = airflow.runs[0]
    assert published["state"] == "success", _states(published)
    assert {name for name, state in _states(published).items() if state != "success"} == {"ask_for_release"}
    settings = load(airflow.folder / "publishes.toml", warehouse=airflow.folder / "cli" / "w.duckdb")
    settings.state.mkdir(parents=True)
    # keyed hashes are equal only under the same secret
    shutil.copy(airflow.folder / "w.state" / "secret.key", settings.state)
    pipeline.run(settings, as_of=AS_OF)
    by_hand, by_airflow = table_hashes(settings.warehouse), table_hashes(airflow.folder / "w.duckdb")
    assert differing(by_hand, by_airflow) == []


def test_landing_is_mapped_over_the_source_objects(airflow: Airflow) -> None:
    with duckdb.connect(str(airflow.folder / "w.duckdb"), read_only=True) as connection:
        rows = connection.execute("select distinct source from raw.file where source is not null order by 1").fetchall()
    named = _query(
        airflow,
        "select rendered_map_index from task_instance where task_id = 'land.extract' and run_id = "
        "(select run_id from dag_run order by id limit 1) order by 1",
    )
    assert named == rows
    assert len(rows) > 5


def test_publishing_tells_the_asset_with_the_run_id(airflow: Airflow) -> None:
    events = _query(airflow, "select extra from asset_event")
    published = lifecycle.runs(load(airflow.folder / "publishes.toml"))[-1]["run_id"]
    assert [json.loads(extra) for (extra,) in events] == [{"run_id": published}]


def test_a_critical_failure_fails_check_without_retry_and_nothing_is_published(airflow: Airflow) -> None:
    stopped = airflow.runs[1]
    states = _states(stopped)
    assert stopped["state"] == "failed"
    assert {name for name, state in states.items() if state == "failed"} == {"check", "finish"}
    assert states["publish"] == "upstream_failed"
    assert states["report"] == "success"
    tries = _query(airflow, "select distinct try_number from task_instance where task_id = 'check'")
    assert tries == [(1,)]
    with duckdb.connect(str(airflow.folder / "w.duckdb"), read_only=True) as connection:
        assert connection.execute("select max(run_number) from ops.run").fetchall() == [(1,)]


def test_a_held_run_ends_held_with_its_report(airflow: Airflow) -> None:
    held = airflow.runs[2]
    states = _states(held)
    assert held["state"] == "failed"
    assert (states["check"], states["publish"], states["report"]) == ("failed", "upstream_failed", "success")
    assert _ledger(airflow) == [(1, "published"), (2, "stopped"), (2, "held")]
    reports = {path.stem for path in (airflow.folder / "w.state" / "reports").glob("g*.html")}
    assert reports == {row["run_id"] for row in lifecycle.runs(load(airflow.folder / "publishes.toml"))}


def test_a_held_run_asks_a_person_and_no_other_run_does(airflow: Airflow) -> None:
    assert [_states(run)["ask_for_release"] for run in airflow.runs] == ["skipped", "skipped", "success"]
    (asked,) = _query(airflow, "select conf from dag_run where dag_id = 'identity_release'")
    newest = lifecycle.runs(load(airflow.folder / "publishes.toml"))[0]
    conf = json.loads(asked[0])
    assert (newest["status"], conf["run_id"]) == ("held", newest["run_id"])
    assert conf["config"] == str(airflow.folder / "holds.toml")


def test_p11_an_approval_releases_the_run_in_the_name_of_who_approved(airflow: Airflow, tmp_path: Path) -> None:
    for part in ("w.duckdb", "w.state", "holds.toml"):
        place = airflow.folder / part
        (shutil.copytree if place.is_dir() else shutil.copy)(place, tmp_path / part)
    parameters = {"config": str(tmp_path / "holds.toml")}
    run_id = lifecycle.runs(load(tmp_path / "holds.toml"))[0]["run_id"]
    assert "the largest profile has" in scheduling.hold_reasons(parameters, run_id)
    answer = {"responded_by_user": {"id": "7", "name": "ada"}, "params_input": {"reason": "a merger of two shops"}}
    scheduling.release(parameters, run_id, answer)
    with duckdb.connect(str(tmp_path / "w.duckdb"), read_only=True) as connection:
        told = connection.execute("select verdict, decided_by, reason from ops.run where run_number = 2").fetchall()
    assert told == [("released", "ada", "a merger of two shops")]


def test_failure_and_held_are_told_once_by_log_webhook_and_mail(airflow: Airflow) -> None:
    runs = [row["run_id"] for row in reversed(lifecycle.runs(load(airflow.folder / "publishes.toml")))]
    told = [(message["event"], message["task"], message["run_id"]) for message in airflow.posted]
    assert told == [("stopped", "check", runs[1]), ("held", "check", runs[2])]
    assert all(Path(message["report"]).is_file() for message in airflow.posted)
    assert [mail.splitlines()[0] for mail in airflow.mails] == [
        "identity: stopped in check",
        "identity: held in check",
    ]
    assert all(f"run_id: {run}<br>" in mail for run, mail in zip(runs[1:], airflow.mails, strict=True))
    assert f"event=held run={runs[2]} task=check" in airflow.output


def test_p16_between_tasks_travel_run_ids_and_source_names_only(airflow: Airflow) -> None:
    rows = _query(airflow, "select task_id, value from xcom where task_id not in ('is_held', 'ask_for_release')")
    values = [json.loads(value) for _, value in rows]
    assert len(values) == 6  # of begin and of land.recognise, in three runs
    answers = _query(airflow, "select value from xcom where task_id = 'is_held' and key = 'return_value' order by 1")
    assert [json.loads(value) for (value,) in answers] == [True]  # a short circuit keeps no false
    for value in values:
        assert RUN_ID.fullmatch(value) if isinstance(value, str) else all(SOURCE.fullmatch(name) for name in value)


def test_p16_no_value_of_a_person_reaches_airflow_or_a_message(airflow: Airflow) -> None:
    with duckdb.connect(str(airflow.folder / "w.duckdb"), read_only=True) as connection:
        people = connection.execute(
            "select id_value_norm from std.identifier where length(id_value_norm) > 6 union "
            "select family_name from std.source_record where length(family_name) > 7 union "
            "select email_raw from std.source_record where length(email_raw) > 6"
        ).fetchall()
    kept = [path for path in (airflow.folder / "home").rglob("*") if path.is_file()]
    places = {path.name: path.read_bytes() for path in kept}
    places |= {"output": airflow.output.encode(), "webhook": json.dumps(airflow.posted).encode()}
    places |= {"mail": "\n".join(airflow.mails).encode()}
    found = {name for name, text in places.items() for (value,) in people if value.encode() in text}
    assert len(people) > 50
    assert found == set()
