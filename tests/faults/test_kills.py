"""P7 and P8: killed anywhere, readers see a whole generation and the rerun ends with the same bytes.

A command is killed at a lasting step, started again, killed at the next one, and so on in one and the same store; a
second store does the same commands undisturbed. After every command both have the same bytes.
"""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from tests.support.cli import people
from tests.support.erasure import shop
from tests.support.generations import AS_OF, differing, pin_secret, settings, table_hashes
from tests.support.kills import AGAIN, chain, import_once, in_child
from tests.support.life import SUITES

from identity import deciding, generations, pipeline
from identity import settings as settings_
from identity.desk import desk
from identity.engine.sql import data_folder
from identity.errors import RunHeld
from identity.privacy import desk as privacy_desk
from identity.runs import lifecycle
from identity.settings import Settings
from identity.stewardship.decisions import Kind, State

WORD = deciding.Word("Stella", "seen on paper")


@dataclass(frozen=True)
class Step:
    """What is delivered before, and the command; both are told the folder. At least every `most`-th step is a kill."""

    name: str
    work: Callable[[Path], object]
    prepare: Callable[[Path], object] = lambda _folder: None
    most: int = 1000


@pytest.fixture(scope="module", autouse=True)
def _imported() -> None:
    import_once()


def _story(steps: Sequence[Step], tmp_path: Path, every: int) -> int:
    """The steps in two stores, one of which is killed all the time; returns how often."""
    kills = 0
    for name in ("calm", "killed"):
        (tmp_path / name).mkdir()
        pin_secret(tmp_path / name)
    calm, killed = tmp_path / "calm", tmp_path / "killed"
    for step in steps:
        for folder in (calm, killed):
            step.prepare(folder)
        assert in_child(lambda step=step: step.work(calm), tmp_path) == 0, (tmp_path / "error").read_text()
        kills += chain(lambda step=step: step.work(killed), killed, tmp_path, every=min(every, step.most))
        whole = step is steps[-1]
        expected, found = _tables(calm, whole=whole), _tables(killed, whole=whole)
        assert expected.keys() == found.keys(), step.name
        assert [(name, table) for name in found for table in differing(found[name], expected[name])] == [], step.name
        statuses = [[row["status"] for row in lifecycle.runs(_config(folder)) if row["status"] != "failed"]
                    for folder in (killed, calm)]  # fmt: skip
        assert statuses[0] == statuses[1], step.name
    return kills


def _tables(folder: Path, *, whole: bool) -> dict[str, dict[str, str]]:
    """Hashes of the tables of the live generation, and of all that are kept where the `whole` is asked for."""
    if not (folder / "w.duckdb").exists():
        return {}
    kept = sorted((folder / "w.state" / "generations").glob("g*.duckdb")) if whole else []
    return {path.name: _hashes(path) for path in (*kept, folder / "w.duckdb")}


def _hashes(generation: Path) -> dict[str, str]:
    """The account of an erasure names runs: one that was started over has another id, and has left another folder."""
    hashes = table_hashes(generation, without=["privacy.action_log"])
    with duckdb.connect(str(generation), read_only=True) as connection:
        rows = connection.execute(
            "select place, table_name, action, rows from privacy.action_log where place not like 'runs/%'"
        ).fetchall()
    return hashes | {"privacy.action_log": repr(sorted((AGAIN.sub(r"\1", place), *rest) for place, *rest in rows))}


def _publish(chosen: Settings, moment: datetime, *, full: bool = False) -> None:
    """A run, unless it was killed after its last step: `identity status` says that it is done."""
    if (moment, "published") not in {(row["as_of"], row["status"]) for row in lifecycle.runs(chosen)}:
        pipeline.run(chosen, as_of=moment, full=full)


# -- runs over the exports of six systems


def _runs(inbox: Path) -> list[Step]:
    """A first run, one over a further delivery (renewed, with kept objects), a full one."""

    def run(day: int, *, full: bool = False) -> Callable[[Path], object]:
        moment = AS_OF + timedelta(days=day)
        return lambda folder: _publish(settings(folder / "inbox", folder), moment, full=full)

    def first(folder: Path) -> None:
        shutil.copytree(inbox, folder / "inbox")

    def further(folder: Path) -> None:
        rows = (folder / "inbox" / "shopify" / "customers_export.csv").read_text(encoding="utf-8").splitlines()
        late = [rows[0], *(row.replace("@", ".new@", 1) for row in rows[1:9])]
        (folder / "inbox" / "shopify" / "customers_late.csv").write_text("\n".join(late) + "\n", encoding="utf-8")

    return [
        Step("first run", run(0), first),
        Step("further delivery", run(1), further),
        Step("full", run(2, full=True)),
    ]


# -- everything that people do, in a small shop


def _config(folder: Path, **gate: object) -> Settings:
    path = folder / "run.toml"
    chosen = settings_.load(path, {}) if path.exists() else settings(folder / "inbox", folder)
    return chosen.model_copy(update={"gate": chosen.gate.model_copy(update=gate)})


def _deliver(name: str, first: int, count: int) -> Callable[[Path], object]:
    rows = [(*row, f"{n} Elm St, Boston, MA 02108", "") for n, row in enumerate(people(count, first), first)]
    orders = [(f"o{row[0]}", row[0], "12.50", "2026-01-02") for row in rows[:4]]

    def prepare(folder: Path) -> None:
        config = shop(folder, name, rows, orders)
        config.write_text('expectations = "expectations"\n' + config.read_text())
        for suite in SUITES:
            place = folder / "expectations" / f"{suite}.json"
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(data_folder("expectations") / f"{suite}.json", place)

    return prepare


def _run(day: int) -> Callable[[Path], object]:
    return lambda folder: _publish(_config(folder), AS_OF + timedelta(days=day))


def _decide(kind: Kind, *records: str) -> Callable[[Path], object]:
    def work(folder: Path) -> None:
        with desk(_config(folder)) as at:
            deciding.pair(at, kind, *records, WORD)

    return work


def _undo(folder: Path) -> None:
    with desk(_config(folder)) as at:
        if at.states()[1] is not State.REVOKED:
            deciding.undo(at, "D1", WORD)


def _held(folder: Path) -> None:
    if any(row["status"] == "held" for row in lifecycle.runs(_config(folder))):
        return  # killed after its last step
    with pytest.raises(RunHeld):
        pipeline.run(_config(folder, max_profile_count_change=0.01), as_of=AS_OF + timedelta(days=4))


def _release(folder: Path) -> None:
    chosen = _config(folder, max_profile_count_change=0.01)
    held = [row["run_id"] for row in lifecycle.runs(chosen) if row["status"] == "held"]
    if held:
        generations.release(chosen, held[0], by="Ada", reason="a new shop")


def _rollback(folder: Path) -> None:
    if any(row["reason"].startswith("rolled back to") for row in lifecycle.runs(_config(folder))):
        return  # killed after its last step: `identity status` says that it is done
    moment = AS_OF + timedelta(days=5)
    generations.rollback(_config(folder), None, by="Ada", reason="wrong file", as_of=moment)


def _erase(folder: Path) -> None:
    chosen = _config(folder)
    if privacy_desk.done_before(chosen, "erase", "people:r0002", None) is None:
        request, found = privacy_desk.ask(chosen, "erase", "people:r0002", by="Dora", reason="a letter")
        privacy_desk.carry_out(chosen, request, found, lambda _word: None)


SHOP = [
    Step("first run", _run(0), _deliver("1", 0, 10)),
    Step("same", _decide(Kind.SAME, "people:r0000", "people:r0001"), most=1),
    Step("not same", _decide(Kind.NOT_SAME, "people:r0002", "people:r0003")),
    Step("run with decisions", _run(1)),
    Step("undo", _undo, most=1),
    Step("run after undo", _run(2), _deliver("2", 10, 3)),
    Step("held", _held, _deliver("3", 13, 8)),
    Step("release", _release, most=9),
    Step("rollback", _rollback, most=9),
    Step("run after rollback", _run(6)),
    Step("erase", _erase),
    Step("run after erasure", _run(7), _deliver("4", 2, 1)),
]


def test_p8_killed_and_started_again_runs_end_with_the_same_bytes(inbox: Path, tmp_path: Path) -> None:
    assert _story(_runs(inbox)[:2], tmp_path, every=151) >= 5


def test_p8_killed_and_started_again_decisions_release_and_rollback_end_with_the_same_bytes(tmp_path: Path) -> None:
    chosen = ("first run", "same", "run with decisions", "undo", "held", "release", "rollback", "run after rollback")
    assert _story([step for step in SHOP if step.name in chosen], tmp_path, every=97) >= 5


@pytest.mark.deep
@pytest.mark.timeout(3600)
def test_p8_killed_more_than_a_thousand_times(inbox: Path, tmp_path: Path) -> None:
    kills = 0
    for name, steps, every in (("runs", _runs(inbox), 3), ("shop", SHOP, 3)):
        (tmp_path / name).mkdir()
        kills += _story(steps, tmp_path / name, every=every)
    (tmp_path / "kills").write_text(str(kills))  # for docs/promises.md
    assert kills >= 1000


def test_p7_readers_keep_the_old_generation_until_the_switch(inbox: Path, tmp_path: Path) -> None:
    def run() -> object:
        return pipeline.run(settings(inbox, tmp_path))

    assert in_child(run, tmp_path) == 0
    warehouse = tmp_path / "w.duckdb"
    with duckdb.connect(str(warehouse), read_only=True) as reader:
        assert in_child(run, tmp_path) == 0
        assert reader.execute("select max(run_number) from ops.run").fetchall() == [(1,)]
    with duckdb.connect(str(warehouse), read_only=True) as reader:
        assert reader.execute("select max(run_number) from ops.run").fetchall() == [(2,)]
