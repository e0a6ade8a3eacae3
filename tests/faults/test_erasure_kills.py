"""P8 and P17: an erasure that is killed anywhere is carried on by the same command, or by the next run.

As in `test_kills.py` a forked child is killed before or after its n-th lasting step.
"""

import shutil
from pathlib import Path

import pytest
from tests.support.cli import invoke, people
from tests.support.erasure import shop, traces
from tests.support.generations import AS_OF, pin_secret, table_hashes
from tests.support.kills import KILLED, chain, in_child

from identity import settings
from identity.privacy import desk, requests
from identity.runs.store import open_store

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


def _work(folder: Path) -> None:
    chosen = settings.load(folder / "run.toml", {})
    if desk.done_before(chosen, "erase", "people:r0002", None) is None:
        request, found = desk.ask(chosen, "erase", "people:r0002", by="Dora", reason="a letter")
        desk.carry_out(chosen, request, found, lambda _word: None)


def _erase(folder: Path, kill_at: int = 0, *, before: bool = True) -> int:
    return in_child(lambda: _work(folder), folder, kill_at, before=before)


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
    return _state(folder), int((folder / "steps").read_text())


def _found(folder: Path) -> list[str]:
    return traces(folder, lambda text: [word for word in GONE if word.encode() in _bytes(text)])


def _bytes(text: str | bytes) -> bytes:
    return (text.encode() if isinstance(text, str) else text).lower()


def _kill_and_rerun(
    delivered: Path, folder: Path, undisturbed: dict[str, object], kill_at: int, *, before: bool
) -> None:
    _copy(delivered, folder)
    assert _erase(folder, kill_at, before=before) == KILLED
    assert _erase(folder) == 0, (folder / "error").read_text()
    assert _found(folder) == [], f"step {kill_at}, before={before}"
    state = _state(folder)
    assert [name for name in undisturbed if state[name] != undisturbed[name]] == [], f"step {kill_at}, before={before}"


def test_p17_killed_on_its_way_the_same_command_ends_with_the_same_result(
    delivered: Path, undisturbed: tuple[dict[str, object], int], tmp_path: Path
) -> None:
    state, renames = undisturbed
    assert renames > 20
    for place in sorted({2, *(renames * share // 5 for share in (1, 3))}):
        _kill_and_rerun(delivered, tmp_path / str(place), state, place, before=bool(place % 2))


@pytest.mark.deep
@pytest.mark.timeout(3600)
def test_p17_killed_at_every_step_in_turn(
    delivered: Path, undisturbed: tuple[dict[str, object], int], tmp_path: Path
) -> None:
    folder = _copy(delivered, tmp_path / "shop")
    assert chain(lambda: _work(folder), folder, tmp_path / "scratch") > 40
    assert _found(folder) == []
    assert _state(folder) == undisturbed[0]


def test_p17_a_run_finishes_an_erasure_that_was_killed(delivered: Path, tmp_path: Path) -> None:
    folder = _copy(delivered, tmp_path / "shop")
    assert _erase(folder, 6) == KILLED
    told = invoke("run", "--config", folder / "run.toml", "--as-of", "2026-07-03")
    assert told.exit_code == 0, told.output
    assert _found(folder) == []
    assert [request.status for request in requests.every(open_store(folder / "w.state"))] == ["done"]
