"""Loads the plugin through Airflow's own plugin manager, in a process of its own; answers what it found as JSON.

python tests/airflow_standalone/plugin_process.py HOME PLUGINS
"""

import json
import os
import sys
import warnings
from pathlib import Path
from typing import Any


def main() -> None:
    home, plugins = Path(sys.argv[1]), Path(sys.argv[2])
    home.mkdir(parents=True)
    os.environ |= {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(plugins),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": "Ada:admin,Zoe:admin",
    }
    warnings.simplefilter("ignore")
    print("\n" + json.dumps(answers()))


def answers() -> dict[str, Any]:
    from airflow import plugins_manager
    from airflow.api_fastapi.app import create_auth_manager, init_plugins
    from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
    from airflow.utils.db import initdb
    from fastapi import FastAPI
    from starlette.testclient import TestClient

    initdb()  # tokens that were revoked stand there
    views, _ = plugins_manager._get_ui_plugins()
    app = FastAPI()
    manager = create_auth_manager()
    manager.init()
    init_plugins(app)
    client = TestClient(app, base_url="http://127.0.0.1:8080", follow_redirects=False)
    found: dict[str, Any] = {
        "errors": dict(plugins_manager.get_import_errors()) if hasattr(plugins_manager, "get_import_errors") else {},
        "views": [(view["href"], view["destination"]) for view in views],
        "nobody": client.get("/identity-review/").status_code,
        "forged": client.get("/identity-review/", headers={"Cookie": "_token=abc"}).status_code,
    }
    for name in ("Ada", "Zoe"):
        token = manager.generate_jwt(SimpleAuthManagerUser(username=name, role="ADMIN"))
        answer = client.get("/identity-review/", headers={"Cookie": f"_token={token}"})
        found[name] = answer.status_code
        if name == "Ada":
            found["links"] = answer.text.count('href="/identity-review/')
            found["policy"] = answer.headers["content-security-policy"].rpartition("; ")[2]
            found["login"] = client.get("/identity-review/login", headers={"Cookie": f"_token={token}"}).status_code
    return found


if __name__ == "__main__":
    main()
