"""Run the image's own commands without an engine: the Dockerfile's build stage in a temporary folder, its programs.

The RUN and COPY lines of the build stage are carried out with /opt/identity and /build below that folder, so that
requirements come from the lock by hash and the queries and suites from the wheel. The programs then run from another
folder, as an unprivileged user where this is started by root. `make test-image` calls it; it takes some minutes.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NOBODY = 65534


def build_stage(dockerfile: str) -> list[tuple[str, str]]:
    """RUN and COPY instructions of the first stage, in order."""
    lines = re.sub(r"\\\n", " ", dockerfile).splitlines()
    steps = [tuple(line.split(None, 1)) for line in lines if line.strip() and not line.startswith("#")]
    stages = [number for number, step in enumerate(steps) if step[0] == "FROM"]
    return [(kind, rest) for kind, rest in steps[stages[0] : stages[1]] if kind in ("RUN", "COPY")]


def build(steps: list[tuple[str, str]], folder: Path) -> None:
    """Carry out the steps with the image's folders below `folder`."""
    # `python` of the image is the interpreter of this tool, but not the environment it may run in
    (folder / "bin").mkdir()
    (folder / "bin" / "python").symlink_to(Path(sys.base_prefix) / "bin" / "python3")
    environment = {**os.environ, "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    for kind, rest in steps:
        placed = re.sub(r"(?<![\w.])/(opt/identity|build)\b", rf"{folder}/\1", rest)
        print(f"{kind} {rest}", flush=True)
        if kind == "RUN":
            done = subprocess.run(
                ["sh", "-ec", placed], env=environment, cwd=folder, check=False, capture_output=True, text=True
            )
            if done.returncode != 0:
                sys.exit(done.stdout[-3000:] + done.stderr[-3000:])
        else:
            *sources, target = placed.split()
            for source in sources:
                _copy(ROOT / source, Path(target), into=target.endswith("/"))


def _copy(source: Path, target: Path, *, into: bool) -> None:
    place = target / source.name if into else target
    place.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, place, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copyfile(source, place)


def programs(folder: Path) -> None:
    """Run what the services run, from a folder of its own, with nothing of this environment."""
    data = folder / "data"
    data.mkdir()
    shutil.copytree(ROOT / "dags", folder / "opt" / "identity" / "dags", ignore=shutil.ignore_patterns("__pycache__"))
    user = _user(folder, data)
    binaries = folder / "opt" / "identity" / "bin"
    environment = {
        "PATH": f"{binaries}{os.pathsep}/usr/bin{os.pathsep}/bin",
        "HOME": str(data),
        "PYTHONDONTWRITEBYTECODE": "1",
        "AIRFLOW_HOME": str(data / "airflow"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(folder / "opt" / "identity" / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    }
    where = _run([str(binaries / "python"), "-c", "import identity; print(identity.__file__)"], environment, data, user)
    assert str(folder) in where, f"identity is imported from {where}, not from what was installed"
    _run(["identity", "--help"], environment, data, user)
    demo = _run(["identity", "demo", "--people", "100"], environment, data, user)
    assert "pair precision" in demo, demo
    assert "3." in _run(["airflow", "version"], environment, data, user)
    _run(["airflow", "db", "migrate"], environment, data, user)
    _run(["airflow", "dags", "reserialize"], environment, data, user)
    dags = _run(["airflow", "dags", "list"], environment, data, user)
    assert "identity_resolution" in dags, dags
    errors = _run(["airflow", "dags", "list-import-errors"], environment, data, user)
    assert "No data found" in errors, errors


def _user(folder: Path, data: Path) -> int | None:
    """The user to run as: nobody, unless we are not root or nobody cannot reach the interpreter."""
    if os.getuid() != 0:
        return None
    folder.chmod(0o755)
    os.chown(data, NOBODY, NOBODY)
    python = str(folder / "opt" / "identity" / "bin" / "python")
    try:
        subprocess.run([python, "-c", ""], user=NOBODY, group=NOBODY, extra_groups=[], check=True)
    except (OSError, subprocess.CalledProcessError):
        print("as root: this interpreter is closed to other users")
        return None
    print(f"as user {NOBODY}")
    return NOBODY


def _run(command: list[str], environment: dict[str, str], folder: Path, user: int | None) -> str:
    started = time.monotonic()
    program = shutil.which(command[0], path=environment["PATH"]) or command[0]
    who = {} if user is None else {"user": user, "group": user, "extra_groups": []}
    done = subprocess.run(
        [program, *command[1:]], env=environment, cwd=folder, check=False, capture_output=True, text=True, **who
    )
    name = " ".join([Path(command[0]).name, *command[1:]])
    print(f"{name}: {done.returncode} after {time.monotonic() - started:.1f} s", flush=True)
    if done.returncode != 0:
        sys.exit(done.stdout[-3000:] + done.stderr[-3000:])
    return done.stdout + done.stderr


def main() -> None:
    """Build, run, delete."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="identity-image-") as name:
        folder = Path(name).resolve()
        build(build_stage((ROOT / "docker" / "Dockerfile").read_text(encoding="utf-8")), folder)
        print(f"built in {time.monotonic() - started:.0f} s")
        programs(folder)
    print(f"the image's commands work; {time.monotonic() - started:.0f} s in all")


if __name__ == "__main__":
    main()
