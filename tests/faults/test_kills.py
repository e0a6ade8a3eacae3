"""P7 and P8: killed anywhere, readers see a whole generation and the rerun ends with the same bytes.

The run is a forked child that is killed (SIGKILL, no cleaning up) before or after its n-th rename: every
lasting step of the pipeline ends in one. The parent has only imported, so that forking is safe and quick.
"""

import importlib
import os
import signal
import warnings
from pathlib import Path

import pytest
from tests.support.generations import AS_OF, differing, pin_secret, settings, table_hashes

from identity import pipeline
from identity.checking import validate
from identity.runs import lifecycle

_replace = Path.replace
validate._great_expectations()
for library in ("pandas", "phonenumbers", "pyarrow.compute", "scipy.stats"):  # once here instead of in every child
    importlib.import_module(library)


def _run(inbox: Path, folder: Path, kill_at: int = 0, *, before: bool = True) -> int:
    """One run in a child; 0 when it published, else the signal that ended it. `kill_at` counts renames from 1."""
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
            pipeline.run(settings(inbox, folder), as_of=None if kill_at < 0 else AS_OF)
            (folder / "renames").write_text(str(count))
            os._exit(0)
        except BaseException as error:  # noqa: BLE001 - the child must never return into pytest
            (folder / "error").write_text(repr(error))
            os._exit(1)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


@pytest.fixture(scope="module", autouse=True)
def _imported() -> None:
    """Import here what takes seconds, so that not every child has to."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import great_expectations  # noqa: F401


@pytest.fixture(scope="module")
def undisturbed(inbox: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, str], int]:
    folder = tmp_path_factory.mktemp("undisturbed")
    pin_secret(folder)
    assert _run(inbox, folder) == 0, (folder / "error").read_text()
    return table_hashes(folder / "w.duckdb"), int((folder / "renames").read_text())


def _kill_and_rerun(inbox: Path, folder: Path, undisturbed: dict[str, str], kill_at: int, *, before: bool) -> None:
    folder.mkdir()
    pin_secret(folder)
    assert _run(inbox, folder, kill_at, before=before) == -signal.SIGKILL
    warehouse = folder / "w.duckdb"
    if warehouse.exists():
        assert differing(table_hashes(warehouse), undisturbed) == [], f"readers saw half a generation ({kill_at})"
    assert _run(inbox, folder, -1) == 0, (folder / "error").read_text()
    assert differing(table_hashes(warehouse), undisturbed) == [], f"rename {kill_at}, before={before}"
    statuses = [row["status"] for row in lifecycle.runs(settings(inbox, folder))]
    # killed before it was open, the run was started over
    assert statuses in (["published"], ["published", "failed"])


def test_p8_killed_at_every_stage_the_rerun_gives_the_same_bytes(
    inbox: Path, undisturbed: tuple[dict[str, str], int], tmp_path: Path
) -> None:
    hashes, renames = undisturbed
    places = sorted({2, *(renames * share // 8 for share in (2, 3, 5, 6, 7)), renames - 2})
    for place in places:
        _kill_and_rerun(inbox, tmp_path / str(place), hashes, place, before=bool(place % 2))


@pytest.mark.deep
def test_p8_killed_before_and_after_every_rename(
    inbox: Path, undisturbed: tuple[dict[str, str], int], tmp_path: Path
) -> None:
    hashes, renames = undisturbed
    for place in range(1, renames + 1):
        for before in (True, False):
            _kill_and_rerun(inbox, tmp_path / f"{place}-{before}", hashes, place, before=before)


def test_p7_readers_keep_the_old_generation_until_the_switch(inbox: Path, tmp_path: Path) -> None:
    import duckdb

    assert _run(inbox, tmp_path) == 0
    warehouse = tmp_path / "w.duckdb"
    with duckdb.connect(str(warehouse), read_only=True) as reader:
        assert _run(inbox, tmp_path) == 0
        assert reader.execute("select max(run_number) from ops.run").fetchall() == [(1,)]
    with duckdb.connect(str(warehouse), read_only=True) as reader:
        assert reader.execute("select max(run_number) from ops.run").fetchall() == [(2,)]
