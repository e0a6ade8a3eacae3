"""k batches = one batch: a run that goes on from what the last one kept ends as one that works everything out."""

import random
from pathlib import Path

import pytest
from tests.support.batches import Shop, both_ways, done, next_run

from identity.matching import blocking


def walk(folder: Path, seed: int, records: int, runs: int, cap: int) -> int:
    """Deliveries in an order that the seed gives; returns how many pairs were taken over from the run before."""
    chance = random.Random(seed)
    shop = Shop(chance)
    shop.arrive(records)
    done(next_run(folder, shop, 1))
    reused = 0
    for number in range(2, runs + 2):
        for _ in range(chance.randint(1, 3)):
            act = chance.choice((shop.arrive, shop.change, shop.withdraw, shop.block, shop.link))
            act(chance.randint(1, 1 + records // 20)) if act in (shop.arrive, shop.change, shop.withdraw) else act()
        anew, on, figures = both_ways(next_run(folder, shop, number), number)
        assert on == anew, f"seed {seed}, run {number}: {[name for name in on if on[name] != anew[name]]}"
        reused += int(figures["pairs_reused"])
    return reused


@pytest.mark.parametrize(("seed", "cap"), [(1, 6), (2, 150)])
def test_going_on_from_the_last_run_ends_as_working_everything_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, cap: int
) -> None:
    monkeypatch.setattr(blocking, "ALL_PAIRS", 0)
    monkeypatch.setattr(blocking, "BLOCK_CAP", cap)
    assert walk(tmp_path, seed, records=120, runs=4, cap=cap) > 0


@pytest.mark.deep
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", range(100, 120))
def test_long_histories_end_as_working_everything_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    cap = (3, 8, 30, 150)[seed % 4]
    monkeypatch.setattr(blocking, "ALL_PAIRS", 0)
    monkeypatch.setattr(blocking, "BLOCK_CAP", cap)
    assert walk(tmp_path, seed, records=400, runs=12, cap=cap) > 0
