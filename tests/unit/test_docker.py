"""What can be known of the container files without an engine: they fit each other and the program."""

import os
import re
import shutil
import subprocess
import tomllib
from fnmatch import fnmatch
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
import yaml

from identity.serving.roles import ROLES

ROOT = Path(__file__).resolve().parents[2]
DOCKER = ROOT / "docker"
COMPOSE: dict[str, Any] = yaml.safe_load((DOCKER / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"] == "identity"}
AIRFLOW_COMMANDS = {"api-server", "scheduler", "dag-processor", "triggerer", "db"}


def _instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions, continuation lines joined."""
    text = re.sub(r"\\\n", " ", (DOCKER / "Dockerfile").read_text(encoding="utf-8"))
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(line.split(None, 1)[0], line.split(None, 1)[1]) for line in lines]


def _ignored(path: str) -> bool:
    """Whether .dockerignore keeps a path of the project out of the build: the last line that matches decides."""
    ignored = False
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").split():
        pattern = line.removeprefix("!")
        if any(fnmatch(str(part), pattern) for part in [PurePosixPath(path), *PurePosixPath(path).parents]):
            ignored = not line.startswith("!")
    return ignored


def _variable(name: str) -> str:
    found = [re.search(rf"\b{name}=(\S+)", rest) for kind, rest in _instructions() if kind == "ENV"]
    return next(match[1] for match in found if match)


def test_every_airflow_service_runs_a_command_that_exists() -> None:
    from_image = {tuple(service["command"][:2]) for service in OURS.values()}
    assert from_image == {("airflow", name) for name in AIRFLOW_COMMANDS}
    assert {"api-server", "scheduler", "dag-processor", "triggerer", "migrate", "postgres"} == set(SERVICES)


def test_every_lasting_service_has_a_health_check_and_waits_for_the_migration() -> None:
    lasting = {name: service for name, service in OURS.items() if name != "migrate"}
    assert all("healthcheck" in service for service in (*lasting.values(), SERVICES["postgres"]))
    assert all(set(service["depends_on"]) == {"migrate"} for service in lasting.values())
    checked = {name: service["healthcheck"]["test"][1] for name, service in lasting.items()}
    for name, job in (("scheduler", "Scheduler"), ("dag-processor", "DagProcessor"), ("triggerer", "Triggerer")):
        assert f"--job-type {job}Job " in checked[name]


def test_every_container_of_ours_is_read_only_without_privileges() -> None:
    for name, service in OURS.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert "privileged" not in service, name


def test_every_path_the_program_writes_to_is_a_volume_or_in_memory() -> None:
    written = [_variable("AIRFLOW_HOME"), str(PurePosixPath(_variable("IDENTITY_WAREHOUSE")).parent), "/tmp"]
    for name, service in OURS.items():
        writable = [volume.split(":")[1] for volume in service["volumes"] if not volume.endswith(":ro")]
        assert set(written) <= {*writable, *service["tmpfs"]}, name
    warehouse = PurePosixPath(_variable("IDENTITY_WAREHOUSE"))
    reports = warehouse.with_suffix(".state") / "reports"  # settings.state and stages.report
    assert f"reports:{reports}" in OURS["scheduler"]["volumes"]


def test_the_warehouse_is_the_second_database_and_its_state_a_volume() -> None:
    made = (DOCKER / "create_databases.sh").read_text(encoding="utf-8")
    for service in OURS.values():
        address = service["environment"]["IDENTITY_WAREHOUSE"]
        assert address.endswith(":-postgresql://warehouse@postgres:5432/warehouse}")
        assert "create database warehouse owner warehouse" in made
        state = PurePosixPath(service["environment"]["IDENTITY_STATE_DIR"])
        assert f"reports:{state}/reports" in service["volumes"]
        assert f"warehouse:{state.parent}" in service["volumes"]
    assert all(f"create role identity_{name};" in made for name in ROLES)


def test_a_named_volume_gets_its_owner_from_a_folder_of_the_image() -> None:
    made = next(rest for kind, rest in _instructions() if kind == "RUN" and "useradd" in rest)
    for volume in OURS["scheduler"]["volumes"]:
        source, target = volume.replace("${IDENTITY_INBOX_FOLDER:-", "").split(":", 1)
        if source in COMPOSE["volumes"]:
            assert re.search(rf"{re.escape(target)}(\s|$)", made), target
    assert "install -d -o identity -g identity" in made


def test_the_inbox_is_mounted_read_only() -> None:
    inbox = _variable("IDENTITY_INBOX")
    for service in OURS.values():
        assert any(volume.endswith(f":{inbox}:ro") for volume in service["volumes"])


def test_published_ports_are_on_loopback_only() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", ())]
    assert ports == ["127.0.0.1:8080:8080"]


def test_no_secret_is_written_into_the_compose_file() -> None:
    for service in SERVICES.values():
        for name, value in service["environment"].items():
            if re.search(r"PASSWORD|SECRET|KEY", name):
                assert name.endswith("_FILE"), name
                assert value == f"/run/secrets/{PurePosixPath(value).name}"
                assert PurePosixPath(value).name in service["secrets"]


def test_make_secrets_draws_every_secret_once(tmp_path: Path) -> None:
    shutil.copy(DOCKER / "make_secrets.sh", tmp_path)
    script = ["sh", str(tmp_path / "make_secrets.sh")]
    subprocess.run(script, check=True, capture_output=True)
    made = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
    assert {f"./secrets/{name}" for name in made} == {entry["file"] for entry in COMPOSE["secrets"].values()}
    assert len(set(made.values())) == len(made)
    assert all(len(value) >= 40 and "\n" not in value for value in made.values())
    assert (tmp_path / "secrets").stat().st_mode & 0o077 == 0
    subprocess.run(script, check=True, capture_output=True)
    assert {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()} == made


def _entrypoint(tmp_path: Path, name: str, shown: str) -> str:
    secrets = tmp_path / "secrets"
    secrets.mkdir(exist_ok=True)
    environment = {"PATH": os.environ["PATH"]}
    for key, value in OURS[name]["environment"].items():
        environment[key] = str(value)
        if key.endswith("_FILE"):
            path = secrets / PurePosixPath(value).name
            path.write_text(f"value of {path.name}")
            environment[key] = str(path)
    command = ["sh", str(DOCKER / "entrypoint.sh"), "sh", "-c", f'printf %s "${shown}"']
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize(
    ("shown", "value"),
    [
        ("AIRFLOW__CORE__FERNET_KEY", "value of fernet_key"),
        ("AIRFLOW__API__SECRET_KEY", "value of api_secret_key"),
        ("AIRFLOW__API_AUTH__JWT_SECRET", "value of jwt_secret"),
        (
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN",
            "postgresql+psycopg2://airflow:value of airflow_db_password@postgres:5432/airflow",
        ),
        ("AIRFLOW__CORE__FERNET_KEY_FILE", ""),
        ("PGPASSWORD", "value of warehouse_db_password"),
        ("WAREHOUSE_DB_PASSWORD", ""),
    ],
)
def test_the_entrypoint_reads_secrets_from_files(tmp_path: Path, shown: str, value: str) -> None:
    assert _entrypoint(tmp_path, "scheduler", shown) == value


def test_the_entrypoint_fails_when_a_secret_is_missing() -> None:
    environment = {"PATH": os.environ["PATH"], "AIRFLOW__CORE__FERNET_KEY_FILE": "/nowhere/fernet_key"}
    command = ["sh", str(DOCKER / "entrypoint.sh"), "echo", "started"]
    done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
    assert done.returncode != 0
    assert "started" not in done.stdout


def test_the_entrypoint_becomes_the_command_so_that_signals_reach_it() -> None:
    lines = (DOCKER / "entrypoint.sh").read_text(encoding="utf-8").strip().splitlines()
    assert lines[-1] == 'exec "$@"'


def test_everything_the_image_copies_exists_and_reaches_the_build() -> None:
    copied = [rest.split() for kind, rest in _instructions() if kind == "COPY" and "--from" not in rest]
    sources = [source for words in copied for source in words[:-1]]
    assert {"src", "sql", "expectations", "dags", "requirements/image.txt"} <= set(sources)
    for source in sources:
        assert (ROOT / source).exists(), source
        assert not _ignored(source), source


def test_nothing_else_reaches_the_build() -> None:
    assert all(_ignored(name) for name in (".git", ".venv", "demo", "docker/secrets", "docker/secrets/fernet_key"))


def test_the_wheel_carries_the_queries_and_suites() -> None:
    build = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]
    assert build["targets"]["wheel"]["force-include"] == {
        "sql": "identity/_data/sql",
        "expectations": "identity/_data/expectations",
    }


def test_the_image_runs_as_a_user_that_is_not_root() -> None:
    users = [rest for kind, rest in _instructions() if kind == "USER"]
    assert users == ["10001:10001"]
    kinds = [kind for kind, _ in _instructions()]
    assert kinds.index("USER") < kinds.index("ENTRYPOINT")


def test_the_image_and_the_lock_are_of_one_python() -> None:
    bases = {rest.split()[0] for kind, rest in _instructions() if kind == "FROM"}
    assert bases == {"python:3.11-slim-bookworm"}
    assert "--python-version 3.11" in (ROOT / "Makefile").read_text(encoding="utf-8")


def test_the_image_installs_locked_requirements_with_hashes() -> None:
    text = (ROOT / "requirements" / "image.txt").read_text(encoding="utf-8")
    assert "://" not in text
    assert "--index" not in text
    assert "--find-links" not in text
    entries = re.split(r"\n(?=\S)", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).strip())
    assert all(
        re.match(r"[a-z0-9._-]+(\[[a-z0-9,_-]+\])?==\S+", entry) and "--hash=sha256:" in entry for entry in entries
    )
    assert len(entries) > 100
    assert f"apache-airflow=={version('apache-airflow')} " in text
    assert "psycopg2-binary==" in text  # the driver of the connection in entrypoint.sh
    installs = [rest for kind, rest in _instructions() if kind == "RUN" and "requirements/image.txt" in rest]
    assert len(installs) == 1
    assert "--require-hashes" in installs[0]
