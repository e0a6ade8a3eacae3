"""The review application inside Airflow: loaded by its plugin manager, guarded by its login and our accounts."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.office import Office

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.airflow
@pytest.mark.deep
def test_the_plugin_serves_the_application_to_whom_airflow_has_let_in(published: Path, tmp_path: Path) -> None:
    office = Office(published, tmp_path / "own")
    office.close()
    told = subprocess.run(
        [sys.executable, ROOT / "tests/airflow_standalone/plugin_process.py", tmp_path / "airflow", ROOT / "plugins"],
        env={**os.environ, "IDENTITY_WAREHOUSE": str(office.settings.warehouse), "IDENTITY_CONFIG": ""},
        check=False,
        capture_output=True,
        text=True,
    )
    assert told.returncode == 0, told.stderr[-2000:]
    found = json.loads(told.stdout.strip().splitlines()[-1])
    assert found["views"] == [["/identity-review/", "nav"]]
    assert (found["nobody"], found["forged"]) == (403, 403)
    assert found["Ada"] == 200
    assert found["Zoe"] == 403, "whom Airflow knows and we do not"
    assert found["links"] > 10
    assert found["policy"] == "frame-ancestors 'self'"
    assert found["login"] == 404, "passwords are Airflow's"
