"""P3 to P6, P14, P17: whatever happens to a shop in whatever order, the promises hold after every step."""

import random
from pathlib import Path

import pytest
from tests.support.kills import import_once
from tests.support.life import Life, invariants

# (what, how often, whether something is published by it)
STEPS = (
    ("arrive", 4, False),
    ("correct", 5, False),
    ("withdraw", 3, False),
    ("redeliver", 2, False),
    ("decide", 5, False),
    ("undo", 2, False),
    ("run", 6, True),
    ("decide_and_undo", 1, True),
    ("killed_run", 2, True),
    ("erase", 2, True),
    ("rollback", 1, True),
    ("rollback_and_run", 1, True),
)


@pytest.fixture(scope="module", autouse=True)
def _imported() -> None:
    import_once()


def walk(folder: Path, seed: int, acts: int, *, all_suites: bool = False) -> None:
    """Steps in an order that the seed gives, until so many of them published something."""
    folder.mkdir(parents=True)
    life = Life(folder, random.Random(seed), all_suites)
    life.open()
    life.run()
    invariants(life)
    while acts:
        ((step, _, publishes),) = life.random.choices(STEPS, [weight for _, weight, _ in STEPS])
        life.told.append(step)
        try:
            getattr(life, step)()
            if publishes:
                acts -= 1
                invariants(life)
        except Exception as error:
            error.add_note(f"seed {seed}: {' '.join(life.told)}")
            raise


@pytest.mark.parametrize("seed", [2])
def test_promises_hold_whatever_happens_in_whatever_order(tmp_path: Path, seed: int) -> None:
    walk(tmp_path / "shop", seed, acts=5)


@pytest.mark.deep
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(100, 110))
def test_promises_hold_over_long_lives(tmp_path: Path, seed: int) -> None:
    walk(tmp_path / "shop", seed, acts=25, all_suites=seed % 3 == 0)
