"""Parameters stay between full runs, and a run goes on from what the last one kept (P12; DESIGN.md decision 11)."""

import random
import shutil
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from tests.support.batches import Shop, both_ways, done, next_run
from tests.support.tables import fill, read

from identity.matching import blocking, frozen
from identity.reporting.figures.model import model
from identity.reporting.figures.reader import Reader
from identity.runs.run import Run
from identity.stages import link
from identity.stages.report import READS


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where small sets are blocked as large ones are."""
    monkeypatch.setattr(blocking, "ALL_PAIRS", 0)
    return tmp_path


def shop_of(records: int = 60) -> Shop:
    shop = Shop(random.Random(3))
    shop.arrive(records)
    return shop


def model_of(run: Run) -> tuple[Any, ...]:
    (row,) = read(run, "match.model", "model_version estimated_run estimated_records")
    return row


def profiles(run: Run) -> dict[str, str]:
    return {
        f"{source} {key}": profile
        for source, key, profile in read(run, "identity.profile_xref", "source source_pk profile_id")
    }


def test_parameters_stay_until_a_full_run(folder: Path) -> None:
    shop = shop_of()
    done(next_run(folder, shop, 1))
    shop.arrive(20)
    second = next_run(folder, shop, 2)
    done(second)
    assert model_of(second) == model_of(Run(second.settings, "g000001-test", 1, second.as_of, second.secret))
    third = next_run(folder, shop, 3)
    link.link(Run(third.settings, third.run_id, 3, third.as_of, third.secret, full=True))
    assert model_of(third)[0] != model_of(second)[0]
    assert model_of(third)[1:] == (3, 80)


def test_other_settings_of_the_estimate_make_a_new_one(folder: Path) -> None:
    shop = shop_of()
    done(next_run(folder, shop, 1))
    second = next_run(folder, shop, 2, matching={"link_threshold": 0.9})
    link.link(second)
    assert model_of(second)[1] == 1
    third = next_run(folder, shop, 2, matching={"link_threshold": 0.9, "pairs_per_record": 10})
    link.link(third)
    assert model_of(third)[1] == 2


def test_a_set_compared_as_a_whole_is_estimated_anew_when_it_has_outgrown_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frozen, "MOST_PAIRS", 65 * 64 // 2)
    shop = shop_of(40)
    link.link(next_run(tmp_path, shop, 1))
    shop.arrive(10)
    second = next_run(tmp_path, shop, 2)
    link.link(second)
    assert model_of(second)[1] == 1
    shop.arrive(60)
    third = next_run(tmp_path, shop, 3)
    link.link(third)
    assert model_of(third)[1] == 3


def test_parameters_of_few_records_are_not_put_upon_many(folder: Path) -> None:
    shop = shop_of(30)
    link.link(next_run(folder, shop, 1))
    shop.arrive(90)
    second = next_run(folder, shop, 2)
    link.link(second)
    assert model_of(second)[1] == 1
    shop.arrive(1)
    third = next_run(folder, shop, 3)
    link.link(third)
    assert model_of(third)[1:] == (3, 121)


def test_unchanged_records_are_neither_weighed_nor_grouped_again(folder: Path) -> None:
    shop = shop_of()
    _, first = done(next_run(folder, shop, 1))
    _, second = done(next_run(folder, shop, 2))
    assert second["pairs_reused"] == second["pairs_kept"] == first["pairs_kept"]
    assert second["records_regrouped"] == 0
    assert not [name for name in second if name.startswith("events:")]


def test_after_a_rollback_everything_is_worked_out_with_the_same_parameters(folder: Path) -> None:
    shop = shop_of()
    done(next_run(folder, shop, 1))
    shop.change(5)
    run = next_run(folder, shop, 2)
    on, _ = done(run)
    shutil.rmtree(run.folder / "spill")
    fill(run, "prior.run", "run_number run_id verdict", [(1, "g000001-test", "rolled_back")])
    anew, figures = done(run)
    assert anew == on
    assert "pairs_reused" not in figures
    assert model_of(run)[1] == 1


def test_a_value_that_becomes_blocked_takes_its_profile_apart_and_unblocked_joins_it_again(folder: Path) -> None:
    shop = shop_of()
    one = {"name": ("zoe", "abel"), "birth": None, "email": "zoe@abel.org", "phone": None, "address": None}
    shop.records |= {"a 1": one, "b 2": {**one, "name": ("zoe", None)}}
    shop.records["b 2"]["name"] = ("zoe", "abell")
    before = next_run(folder, shop, 1)
    done(before)
    assert profiles(before)["a 1"] == profiles(before)["b 2"]
    shop.blocked = {"zoe@abel.org"}
    blocked = next_run(folder, shop, 2)
    _, figures = done(blocked)
    assert profiles(blocked)["a 1"] != profiles(blocked)["b 2"]
    assert figures["records_regrouped"] < len(shop.records) / 2
    shop.blocked = set()
    again = next_run(folder, shop, 3)
    done(again)
    assert profiles(again)["a 1"] == profiles(again)["b 2"] == profiles(before)["a 1"]


def test_repeats_delivered_under_later_keys_end_as_working_everything_out(folder: Path) -> None:
    shop = shop_of()
    born = {"birth": (1970, 1, 2), "email": "zoe@abel.org", "phone": None, "address": None}
    twin, other = {"name": ("zoe", "abel"), **born}, {"name": ("zoe", "abell"), **born}
    shop.records |= {"a 1": twin, "a 2": twin, "b 1": other}
    done(next_run(folder, shop, 1))
    del shop.records["a 1"], shop.records["a 2"]
    shop.records |= {"c 1": twin, "c 2": twin}
    run = next_run(folder, shop, 2)
    anew, on, _ = both_ways(run, 2)
    assert on == anew
    assert len({profiles(run)[key] for key in ("b 1", "c 1", "c 2")}) == 1


def test_the_report_says_what_is_not_compared_and_when_the_model_is_outgrown(folder: Path) -> None:
    shop = shop_of(40)
    for person in shop.records.values():
        person["phone"] = None
    first = next_run(folder, shop, 1)
    link.link(first)
    assert told_of_the_model(first) == []
    shop.arrive(40)
    second = next_run(folder, shop, 2)
    link.link(second)
    outgrown, left_out = told_of_the_model(second)
    assert "estimated on 40 records, in generation 1; now there are 80" in outgrown
    assert "phone (" in left_out
    assert "email" not in left_out


def told_of_the_model(run: Run) -> list[str]:
    with run.open(*READS) as db:
        return [signal.text for signal in model(Reader(run, db)).signals]


def test_frequencies_are_kept_without_values(folder: Path) -> None:
    shop = shop_of()
    run = next_run(folder, shop, 1)
    link.link(run)
    table = pq.read_table(run.workspace.path("match.term_frequency"))
    assert table.num_rows > 20
    assert set(table.column("field").to_pylist()) <= {
        "names.given", "names.family", "names.whole", "emails.key", "emails.local", "addresses.house", "addresses.street",
        "addresses.line", "addresses.postal", "addresses.city", "birth.date", "phone",
    }  # fmt: skip
    values = [value for person in shop.records.values() for value in person.values() if value]
    held = {str(part) for value in values for part in (value if isinstance(value, tuple) else (value,))}
    kept = (run.workspace.path("match.term_frequency").read_bytes(), run.workspace.path("match.model").read_bytes())
    assert not [text for text in held if len(text) > 4 and any(text.encode() in part for part in kept)]
