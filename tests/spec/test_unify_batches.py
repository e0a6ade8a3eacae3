"""Unify goes on from the run before (P12; DESIGN.md decision 11): what keeps its rows, and when everything is anew."""

import random
import shutil
from pathlib import Path
from typing import Any

import pytest
from tests.support.batches import Shop, both_ways, done, next_run
from tests.support.tables import read

from identity.matching import blocking, kept
from identity.runs.run import Run
from identity.stages import link, resolve, unify


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Shop:
    """Records that are blocked as those of a large set are."""
    monkeypatch.setattr(blocking, "ALL_PAIRS", 0)
    found = Shop(random.Random(5))
    found.arrive(60)
    return found


def carried(folder: Path, shop: Shop, number: int, **settings: Any) -> float:
    """Run again; how many profiles kept their rows."""
    return done(next_run(folder, shop, number, **settings))[1]["profiles_carried"]


def profiles(folder: Path, shop: Shop) -> int:
    """Publish the first generation; its profiles."""
    run = next_run(folder, shop, 1)
    assert done(run)[1]["profiles_carried"] == 0
    return len(read(run, "gold.profile_core", "profile_id"))


def test_profiles_of_which_nothing_changed_keep_their_rows(tmp_path: Path, shop: Shop) -> None:
    known = profiles(tmp_path, shop)
    assert carried(tmp_path, shop, 2) == known


def test_what_matching_does_not_compare_is_seen_too(tmp_path: Path, shop: Shop) -> None:
    known = profiles(tmp_path, shop)
    shop.restate(1)
    anew, on, figures = both_ways(next_run(tmp_path, shop, 2), 2)
    assert on == anew
    assert figures["profiles_carried"] == known - 1


def test_a_word_of_a_steward_and_its_undoing_are_seen(tmp_path: Path, shop: Shop) -> None:
    known = profiles(tmp_path, shop)
    key = next(key for key in sorted(shop.records) if shop.records[key]["email"])
    for number, kind in ((2, "exclude_value"), (3, "undo")):
        shop.words.append((kind, *key.split()))
        anew, on, figures = both_ways(next_run(tmp_path, shop, number), number)
        assert on == anew
        assert figures["profiles_carried"] == known - 1


def test_a_contact_point_that_another_profile_takes_up_becomes_shared(tmp_path: Path, shop: Shop) -> None:
    key = next(key for key in sorted(shop.records) if shop.records[key]["phone"])
    person = shop.records[key]
    profiles(tmp_path, shop)
    stranger = {**shop.person(), "name": ("zoe", "zimmermann"), "email": None, "address": None, "birth": (1931, 1, 1)}
    shop.records["a zoe-1"] = {**stranger, "phone": person["phone"]}
    run = next_run(tmp_path, shop, 2)
    anew, on, _ = both_ways(run, 2)
    assert on == anew
    shared = read(run, "gold.contact_point", "value is_shared")
    assert (person["phone"], True) in shared


def test_other_survivorship_another_program_and_a_full_run_work_everything_out(
    tmp_path: Path, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = profiles(tmp_path, shop)
    assert carried(tmp_path, shop, 2, survivorship={"default": ["b", "a"]}) == 0
    assert carried(tmp_path, shop, 3, survivorship={"default": ["b", "a"]}) == known
    fourth = next_run(tmp_path, shop, 4, survivorship={"default": ["b", "a"]})
    full = Run(fourth.settings, fourth.run_id, 4, fourth.as_of, fourth.secret, full=True)
    link.link(full)
    resolve.resolve(full)
    assert unify.unify(full)["profiles_carried"] == 0
    monkeypatch.setattr(kept, "program", lambda: "another program")
    assert carried(tmp_path, shop, 5, survivorship={"default": ["b", "a"]}) == 0


def test_without_what_the_last_run_kept_everything_is_worked_out(tmp_path: Path, shop: Shop) -> None:
    profiles(tmp_path, shop)
    run = next_run(tmp_path, shop, 2)
    shutil.rmtree(run.folder.with_name("g000001-test") / "spill" / "unified")
    assert done(run)[1]["profiles_carried"] == 0
