"""A run that the gate held is published by two administrators, from the list of runs (P11)."""

import time
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from identity.review import accounts
from identity.review.access import SESSION
from identity.review.accounts import Role
from identity.review.web import create_app
from identity.runs import lifecycle
from identity.settings import load
from tests.support.cli import AS_OF, invoke, people, write_rows
from tests.support.office import BASE, post
from tests.support.people import people_config

CONFIG = people_config('warehouse = "w.duckdb"', source='delivery = "full"')


@pytest.mark.deep
def test_two_administrators_publish_a_held_run(tmp_path: Path) -> None:
    config = tmp_path / "run.toml"
    config.write_text(CONFIG)
    write_rows(tmp_path / "in" / "people1.csv", "id,first,last,mail,phone", people(60))
    assert invoke("run", "--config", config, "--as-of", AS_OF).exit_code == 0
    write_rows(tmp_path / "in" / "people2.csv", "id,first,last,mail,phone", people(60)[::2])
    assert invoke("run", "--config", config, "--as-of", "2026-07-02T03:00:00").exit_code == 4
    settings = load(config)
    app = create_app(settings)
    run_id = lifecycle.runs(settings)[0]["run_id"]
    clients = {}
    for name in ("Ada", "Bo"):
        accounts.add(app.state.live.store, name, Role.ADMIN, None)
        clients[name] = TestClient(app, base_url=BASE, follow_redirects=False)
        session = accounts.open_session(app.state.live.store, name, 1)
        clients[name].cookies.set(SESSION, session, domain="127.0.0.1")
    post(clients["Ada"], f"/runs/{run_id}/release", answer="propose", reason="half of the shop was closed")
    assert lifecycle.runs(settings)[0]["status"] == "held"
    waiting = post(clients["Bo"], f"/runs/{run_id}/release", answer="confirm").headers["location"]
    shown = []
    for _ in range(240):
        shown.append("data-reload" in clients["Bo"].get(waiting).text)
        if lifecycle.runs(settings)[0]["status"] == "published":
            break
        time.sleep(0.5)
    assert shown[0], "the page waits"
    row = lifecycle.runs(settings)[0]
    assert (row["status"], row["reason"]) == ("published", "released by Ada, Bo: half of the shop was closed")
    assert "Generation 2 is live" in clients["Ada"].get("/runs").text
    app.state.live.close()
