"""P8 and P17: an erasure that is killed anywhere is carried on by the same command, or by the next run.

As in `test_kills.py` a forked child is killed before or after its n-th rename: every lasting step ends in one.
"""

import os
import shutil
import signal
from pathlib import Path

import pytest
from tests.support.cli import invoke, people
from tests.support.erasure import shop, traces
from tests.support.generations import AS_OF, pin_secret, table_hashes

from identity import settings
from identity.privacy import desk, requests
from identity.runs.store import open_store

_replace = Path.replace
PERSON = people(6)[2]
GONE = (str(PERSON[3]), f"{PERSON[1]} {PERSON[2]}".lower(), "r0002")


@pytest.fixture(scope="module")
def delivered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two generations of six people, the third of whom is to be erased; one export."""
    folder = tmp_path_factory.mktemp("delivered")
    rows = [(*row, "5 Elm St, Boston, MA 02108", "") for row in people(6)]
    config = shop(folder, "1", rows, [("o1", "r0002", "10.00", "2026-01-02"), ("o2", "r0001", "5", "2026-02-02")])
    pin_secret(folder)
    for as_of in (AS_OF.isoformat(), "2026-07-02"):
        assert invoke("run", "--config", config, "--as-of", as_of).exit_code == 0
    assert invoke("export", "gold.customer_360", folder / "sheet.csv", "--config", config).exit_code == 0
    return folder


def _erase(folder: Path, kill_at: int = 0, *, before: bool = True) -> int:
    """The erasure in a child; 0 when it was done, else the signal that ended it. `kill_at` counts renames from 1."""
    child = os.fork()
    if child == 0:
        count = 0

        def replace(self: Path, target: Path) -> Path:
            nonlocal count
            count += 1
            if count == kill_at and before:
                os.kill(os.getpid(), signal.SIGKILL)
            done = _replace(self, target)
            if count == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)
            return done

        try:
            Path.replace = replace  # type: ignore[method-assign]
            chosen = settings.load(folder / "run.toml", {})
            request, found = desk.ask(chosen, "erase", "people:r0002", by="Dora", reason="a letter")
            desk.carry_out(chosen, request, found, lambda _word: None)
            (folder / "renames").write_text(str(count))
            os._exit(0)
        except BaseException as error:  # noqa: BLE001 - the child must never return into pytest
            (folder / "error").write_text(repr(error))
            os._exit(1)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def _copy(delivered: Path, folder: Path) -> Path:
    shutil.copytree(delivered, folder)
    store = open_store(folder / "w.state")  # exports are known by their full path
    (row,) = requests.exports(store)
    requests.forget_export(store, row["path"])
    requests.remember_export(store, str(folder / "sheet.csv"), row["table_name"], row["mode"], row["rows"])
    return folder


def _state(folder: Path) -> dict[str, object]:
    """What has to be equal: tables of every generation, landed files, the export, the account."""
    state = folder / "w.state"
    store = open_store(state)
    (request,) = requests.every(store)
    found: dict[str, object] = {path.name: table_hashes(path) for path in (state / "generations").glob("g*.duckdb")}
    found |= {path.name: path.read_bytes() for path in (state / "landed").rglob("*.parquet")}
    actions = [
        (a.place.replace(str(folder), ""), a.table, a.action, a.rows)
        for a in requests.actions(store, request.request_id)
    ]
    return found | {
        "live": table_hashes(folder / "w.duckdb"), "sheet": (folder / "sheet.csv").read_text(), "status": request.status,
        "actions": actions,
    }  # fmt: skip


@pytest.fixture(scope="module")
def undisturbed(delivered: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, object], int]:
    folder = _copy(delivered, tmp_path_factory.mktemp("undisturbed") / "shop")
    assert _erase(folder) == 0, (folder / "error").read_text()
    assert _found(folder) == []
    return _state(folder), int((folder / "renames").read_text())


def _found(folder: Path) -> list[str]:
    return traces(folder, lambda text: [word for word in GONE if word.encode() in _bytes(text)])


def _bytes(text: str | bytes) -> bytes:
    return (text.encode() if isinstance(text, str) else text).lower()


def _kill_and_rerun(
    delivered: Path, folder: Path, undisturbed: dict[str, object], kill_at: int, *, before: bool
) -> None:
    _copy(delivered, folder)
    assert _erase(folder, kill_at, before=before) == -signal.SIGKILL
    assert _erase(folder) == 0, (folder / "error").read_text()
    assert _found(folder) == [], f"rename {kill_at}, before={before}"
    state = _state(folder)
    assert [name for name in undisturbed if state[name] != undisturbed[name]] == [], (
        f"rename {kill_at}, before={before}"
    )


def test_p17_killed_on_its_way_the_same_command_ends_with_the_same_result(
    delivered: Path, undisturbed: tuple[dict[str, object], int], tmp_path: Path
) -> None:
    state, renames = undisturbed
    assert renames > 20
    for place in sorted({2, *(renames * share // 5 for share in (1, 3))}):
        _kill_and_rerun(delivered, tmp_path / str(place), state, place, before=bool(place % 2))


@pytest.mark.deep
@pytest.mark.timeout(3600)
def test_p17_killed_before_and_after_every_rename(
    delivered: Path, undisturbed: tuple[dict[str, object], int], tmp_path: Path
) -> None:
    state, renames = undisturbed
    for place in range(1, renames + 1):
        for before in (True, False):
            _kill_and_rerun(delivered, tmp_path / f"{place}-{before}", state, place, before=before)


def test_p17_a_run_finishes_an_erasure_that_was_killed(delivered: Path, tmp_path: Path) -> None:
    folder = _copy(delivered, tmp_path / "shop")
    assert _erase(folder, 6) == -signal.SIGKILL
    told = invoke("run", "--config", folder / "run.toml", "--as-of", "2026-07-03")
    assert told.exit_code == 0, told.output
    assert _found(folder) == []
    assert [request.status for request in requests.every(open_store(folder / "w.state"))] == ["done"]
