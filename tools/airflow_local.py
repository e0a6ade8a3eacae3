"""A real Airflow on this machine: `airflow standalone` on loopback with the identity DAG.

`make airflow` runs it for a person over the sample exports and prints the address; the test of the whole
(`make test-airflow`) starts it the same way.
"""

import argparse
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[1]


class Standalone:
    """`airflow standalone` in a folder of its own; use it by `with`."""

    def __init__(self, home: Path, environment: dict[str, str], port: int = 0) -> None:
        self.home = home.resolve()
        self.port = port or free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._environment = {**os.environ, **self._settings(), **environment}
        self._process: subprocess.Popen[bytes] | None = None

    def _settings(self) -> dict[str, str]:
        return {
            "AIRFLOW_HOME": str(self.home),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
            "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
            "AIRFLOW__CORE__PARALLELISM": "2",
            "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{self.home}/airflow.db",
            "AIRFLOW__API__HOST": "127.0.0.1",
            "AIRFLOW__API__PORT": str(self.port),
            # without it the workers call port 8080 and every task fails
            "AIRFLOW__API__BASE_URL": self.address,
            "AIRFLOW__API__WORKERS": "1",
            "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(free_port()),
            "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": str(free_port()),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        }

    def __enter__(self) -> Self:
        self.home.mkdir(parents=True, exist_ok=True)
        with (self.home / "standalone.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "airflow", "standalone"],
                env=self._environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                # a background shell ignores SIGINT and its children inherit that; Airflow stops cleanly only on it
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - no threads yet
            )
        return self

    def __exit__(self, *_: object) -> None:
        process = self._process
        if process is None:
            return
        process.send_signal(signal.SIGINT)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def wait_until_healthy(self, seconds: float = 180) -> None:
        """Return when scheduler and DAG processor answer; raises TimeoutError with the end of the log."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self._process is not None and self._process.poll() is not None:
                break
            health = self._health()
            if all(health.get(name, {}).get("status") == "healthy" for name in ("scheduler", "dag_processor")):
                return
            time.sleep(1)
        log = (self.home / "standalone.log").read_text(errors="replace")
        raise TimeoutError(f"airflow standalone is not healthy:\n{log[-3000:]}")

    def _health(self) -> dict[str, Any]:
        try:
            return dict(self.call("GET", "/api/v2/monitor/health", token=None))
        except (OSError, ValueError):
            return {}

    def password(self) -> str:
        """The password that Airflow drew for `admin`."""
        path = self.home / "simple_auth_manager_passwords.json.generated"
        return str(json.loads(path.read_text())["admin"])

    def token(self) -> str:
        """A token for the API."""
        login = {"username": "admin", "password": self.password()}
        return str(self.call("POST", "/auth/token", login, token=None)["access_token"])

    def call(self, method: str, path: str, body: Any = None, *, token: str | None) -> Any:
        """A call of the API; raises urllib.error.HTTPError on a refusal."""
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.address + path, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read())


def free_port() -> int:
    """A port of the loopback interface nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> None:
    """Start Airflow over the sample exports and wait until interrupted."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--home", type=Path, default=ROOT / "airflow", help="folder for Airflow's own files")
    parser.add_argument("--inbox", type=Path, help="folder with exports; default: those of `make demo`")
    parser.add_argument("--port", type=int, default=8080)
    arguments = parser.parse_args()
    environment = {
        "IDENTITY_INBOX": str((arguments.inbox or _sample()).resolve()),
        "IDENTITY_WAREHOUSE": str(arguments.home.resolve() / "warehouse.duckdb"),
        "IDENTITY_REGION": os.environ.get("IDENTITY_REGION", "US"),
    }
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # stopped either way, Airflow is stopped cleanly
    try:
        print("starting Airflow (about a minute the first time) …", flush=True)
        with Standalone(arguments.home, environment, arguments.port) as airflow:
            airflow.wait_until_healthy()
            print(f"{airflow.address}   user admin   password {airflow.password()}")
            print(f"inbox      {environment['IDENTITY_INBOX']}\nwarehouse  {environment['IDENTITY_WAREHOUSE']}")
            print("Ctrl-C stops it.", flush=True)
            signal.pause()
    except KeyboardInterrupt:
        print("stopped")
    except TimeoutError as error:
        sys.exit(str(error))


def _sample() -> Path:
    """The inbox of `identity demo`, made if it does not stand there."""
    from identity.sample import demo

    return demo.prepare(ROOT / "demo", people=5000, seed=7, say=print).inbox


if __name__ == "__main__":
    main()
