"""A real `airflow standalone` on loopback: the DAG triggered over REST, success awaited, warehouse queried."""

import sys
import time
from pathlib import Path

import duckdb
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from airflow_local import Standalone

from identity.pipeline import STAGES
from identity.sample import demo

pytestmark = pytest.mark.deep


def test_dag_triggered_over_rest_publishes_a_warehouse(tmp_path: Path) -> None:
    exports = demo.prepare(tmp_path / "demo", people=300, seed=11)
    warehouse = tmp_path / "warehouse.duckdb"
    environment = {
        "IDENTITY_INBOX": str(exports.inbox),
        "IDENTITY_WAREHOUSE": str(warehouse),
        "IDENTITY_REGION": "US",
        "IDENTITY_SCHEDULE": "",
    }
    with Standalone(tmp_path / "airflow", environment) as airflow:
        airflow.wait_until_healthy()
        token = airflow.token()
        runs = "/api/v2/dags/identity_resolution/dagRuns"
        _until(lambda: _has_dag(airflow, token), 120)
        started = airflow.call("POST", runs, {"logical_date": None, "conf": {}}, token=token)
        place = f"{runs}/{started['dag_run_id']}"
        ended = _until(lambda: _ended(airflow.call("GET", place, token=token)), 480)
        tasks = airflow.call("GET", f"{place}/taskInstances?limit=100", token=token)["task_instances"]
        states = {(t["task_id"], t["map_index"]): t["state"] for t in tasks}
        assert ended["state"] == "success", states
        assert states.pop(("ask_for_release", -1)) == "skipped"
        assert set(states.values()) == {"success"}
        done = {task_id.split(".")[0] for task_id, _ in states}
        assert done == {"begin", *(stage.name for stage in STAGES), "is_held", "finish"}
        events = airflow.call("GET", "/api/v2/assets/events", token=token)
        assert events["total_entries"] == 1
        _held_and_released(airflow, token, tmp_path)
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        profiles = connection.execute("select count(*) from gold.customer_360").fetchall()[0][0]
        runs_told = connection.execute("select verdict, reason from ops.run order by run_number").fetchall()
    assert 200 <= profiles <= 900
    assert [verdict.split("_")[0] for verdict, _ in runs_told] == ["published", "released"]
    assert runs_told[1][1] == "looked at it"


def _held_and_released(airflow: Standalone, token: str, folder: Path) -> None:
    """A run that the gate holds starts the release DAG; a person approves over the API; it is published."""
    config = folder / "holds.toml"
    config.write_text(
        f'inbox = "{folder}/demo/inbox"\nwarehouse = "{folder}/warehouse.duckdb"\nregion = "US"\n'
        "[gate]\nmax_profile_records = 1\n"
    )
    dags = "/api/v2/dags"
    started = airflow.call(
        "POST",
        f"{dags}/identity_resolution/dagRuns",
        {"logical_date": None, "conf": {"config": str(config)}},
        token=token,
    )
    place = f"{dags}/identity_resolution/dagRuns/{started['dag_run_id']}"
    assert _until(lambda: _ended(airflow.call("GET", place, token=token)), 300)["state"] == "failed"
    waiting = f"{dags}/identity_release/dagRuns/~/hitlDetails?response_received=false"
    asked = _until(lambda: airflow.call("GET", waiting, token=token)["hitl_details"], 120)[0]
    assert "the largest profile has" in asked["body"]
    instance = asked["task_instance"]
    run = f"{dags}/identity_release/dagRuns/{instance['dag_run_id']}"
    airflow.call(
        "PATCH",
        f"{run}/taskInstances/{instance['task_id']}/{instance['map_index']}/hitlDetails",
        {"chosen_options": ["Approve"], "params_input": {"reason": "looked at it"}},
        token=token,
    )
    assert _until(lambda: _ended(airflow.call("GET", run, token=token)), 180)["state"] == "success"


def _has_dag(airflow: Standalone, token: str) -> bool:
    dags = airflow.call("GET", "/api/v2/dags", token=token)["dags"]
    return any(entry["dag_id"] == "identity_resolution" for entry in dags)


def _ended(run: dict) -> dict | None:
    return run if run["state"] in ("success", "failed") else None


def _until(question, seconds: float):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        answer = question()
        if answer:
            return answer
        time.sleep(1)
    raise TimeoutError(f"not within {seconds} s")
