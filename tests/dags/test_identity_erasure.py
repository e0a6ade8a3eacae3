"""The erasure DAG: parsed without complaint, carries out what was requested, and names nobody anywhere.

Airflow runs in a process of its own (`airflow_process.py`), once for this file.
"""

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from identity.privacy import requests
from identity.runs.store import open_store
from tests.support.cli import invoke, people
from tests.support.erasure import shop
from tests.support.generations import AS_OF, pin_secret

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict, str]:
    """A store with two recorded erasures, carried out by one DAG run; its answer and output."""
    folder = tmp_path_factory.mktemp("erasures")
    config = shop(folder, "1", [(*row, "5 Elm St, Boston, MA 02108", "") for row in people(6)])
    pin_secret(folder)
    assert invoke("run", "--config", config, "--as-of", AS_OF.isoformat()).exit_code == 0
    for person in ("people:r0001", f"email:{people(6)[4][3]}"):
        asked = invoke("erase", person, "--by", "Dora", "--reason", "a letter", "--later", "--config", config)
        assert asked.exit_code == 0, asked.output
    process = Path(__file__).with_name("airflow_process.py")
    done = subprocess.run(
        [sys.executable, str(process), str(folder), json.dumps([{"config": str(config)}]), "identity_erasure"],
        env=os.environ.copy(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return folder, json.loads((folder / "answer.json").read_text()), done.stdout + done.stderr


def test_the_dag_is_read_without_errors_and_warnings(airflow) -> None:
    _, answer, _ = airflow
    assert answer["import_errors"] == {}
    assert answer["warnings"] == []
    assert answer["tasks"]["erase"]["mapped"]
    assert (answer["max_active_runs"], answer["catchup"]) == (1, False)


def test_p17_every_recorded_erasure_is_carried_out(airflow) -> None:
    folder, answer, _ = airflow
    assert answer["runs"][0]["state"] == "success"
    assert [request.status for request in requests.every(open_store(folder / "w.state"))] == ["done", "done"]
    with duckdb.connect(str(folder / "w.duckdb"), read_only=True) as connection:
        left = connection.execute("select source_pk from identity.profile_xref order by 1").fetchall()
    assert left == [("r0000",), ("r0002",), ("r0003",), ("r0005",)]


def test_p16_no_person_in_task_values_parameters_and_logs(airflow) -> None:
    folder, _, output = airflow
    with sqlite3.connect(folder / "home" / "airflow.db") as connection:
        values = repr(connection.execute("select value from xcom").fetchall())
        confs = repr(connection.execute("select conf from dag_run").fetchall())
    connection.close()
    logs = "".join(path.read_text(errors="replace") for path in (folder / "home").rglob("*.log"))
    for row in (people(6)[1], people(6)[4]):
        for value in (row[2], row[3], row[4]):
            assert all(str(value) not in text for text in (values, confs, output, logs))
    assert "r000001" in values
