"""k batches = one batch: a run that goes on from what the last one kept ends as one that works everything out."""

import random
from pathlib import Path

import pytest
from tests.support.batches import Shop, both_ways, cut, done, next_run
from tests.support.tables import AS_OF

from identity.matching import blocking
from identity.runs.run import Run
from identity.settings import load
from identity.stages import land, standardise

DATA = Path(__file__).parents[1] / "data"


def walk(folder: Path, seed: int, records: int, runs: int) -> int:
    """Deliveries in an order that the seed gives; returns how many pairs were taken over from the run before."""
    chance = random.Random(seed)
    shop = Shop(chance)
    shop.arrive(records)
    done(next_run(folder, shop, 1))
    reused = 0
    for number in range(2, runs + 2):
        for _ in range(chance.randint(1, 3)):
            some = (shop.arrive, shop.change, shop.restate, shop.withdraw)
            act = chance.choice((*some, shop.block, shop.block_address, shop.link, shop.say))
            act(chance.randint(1, 1 + records // 20)) if act in some else act()
        anew, on, figures = both_ways(next_run(folder, shop, number), number)
        assert on == anew, f"seed {seed}, run {number}: {[name for name in on if on[name] != anew[name]]}"
        reused += int(figures["pairs_reused"])
    return reused


def test_going_on_from_the_last_run_ends_as_working_everything_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocking, "ALL_PAIRS", 0)
    monkeypatch.setattr(blocking, "BLOCK_CAP", 6)
    assert walk(tmp_path, seed=1, records=120, runs=3) > 0


@pytest.mark.deep
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", range(100, 120))
def test_long_histories_end_as_working_everything_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(blocking, "ALL_PAIRS", 0)
    monkeypatch.setattr(blocking, "BLOCK_CAP", (3, 8, 30, 150)[seed % 4])
    assert walk(tmp_path, seed, records=400, runs=12) > 0


@pytest.mark.deep
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", ["splink_fake_1000", "senzing_truthset"])
@pytest.mark.parametrize("batches", [2, 7])
def test_a_labelled_set_in_batches_is_grouped_as_in_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, batches: int
) -> None:
    monkeypatch.setattr(blocking, "ALL_PAIRS", 0)
    settings = load(DATA / name / "mapping.toml", environ={}, warehouse=tmp_path / "w.duckdb", threads=1)
    whole = Run(settings, "g000001-test", 1, AS_OF, b"secret of the test")
    whole.folder.mkdir(parents=True)
    land.land(whole)
    standardise.standardise(whole)
    done(whole)
    last = cut(whole, batches)
    for table in ("match.scored_pair", "match.candidate_pair", "match.cluster_member"):
        assert last.workspace.path(table).read_bytes() == whole.workspace.path(table).read_bytes(), table
