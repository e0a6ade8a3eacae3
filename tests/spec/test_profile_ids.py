"""Stable ids over generations: who inherits, who becomes an alias, what is told about it (P4, P5)."""

import itertools
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.tables import fill, make_run, read

from identity.runs.run import Run
from identity.runs.workspace import Session
from identity.stages import profile_ids

IDENTITY = ("profile_xref", "profile", "profile_event", "profile_alias")


class History:
    """Generations one after the other; a generation is a list of clusters, a cluster a string of record keys.

    `Ab` style: `"ab c"` means records a and b are one person and c another. A capital letter is the same
    record with changed content.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.last: Run | None = None

    def generation(self, clusters: str) -> dict[str, str]:
        """Resolve one more generation; answers profile id by record key."""
        number = self.last.number + 1 if self.last else 1
        run = make_run(self.folder, number)
        members = [(key, cluster) for cluster, text in enumerate(clusters.split(), 1) for key in text]
        fill(
            run,
            "match.cluster_member",
            "source source_pk cluster_id link_method link_score",
            [("crm", key.lower(), cluster, "fuzzy", 9.0) for key, cluster in members],
        )
        fill(
            run, "std.source_record", "source source_pk record_hash", [("crm", k.lower(), f"h{k}") for k, _ in members]
        )
        if self.last:
            for name in IDENTITY:
                source = self.last.workspace.path(f"identity.{name}")
                run.workspace.path(f"prior.{name}").write_bytes(source.read_bytes())
            source = self.last.workspace.path("std.source_record")
            run.workspace.path("prior.source_record").write_bytes(source.read_bytes())
        with run.open(*profile_ids.READS) as db:
            self.metrics = dict(profile_ids.write(run, db))
        self.last = run
        return dict(read(run, "identity.profile_xref", "source_pk profile_id"))

    def table(self, name: str, columns: str) -> list[tuple]:
        assert self.last is not None
        return read(self.last, name, columns)

    def events(self) -> set[tuple]:
        """Events of the last generation: type, profile, other, record, cause."""
        assert self.last is not None
        rows = self.table("identity.profile_event", "run_number event_type profile_id other_profile_id source_pk cause")
        return {row[1:] for row in rows if row[0] == self.last.number}


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path)


def test_first_generation_issues_one_id_a_cluster(history: History) -> None:
    ids = history.generation("ab c")
    assert ids["a"] == ids["b"] != ids["c"]
    assert history.events() == {
        ("created", ids["a"], None, None, "new_data"),
        ("created", ids["c"], None, None, "new_data"),
    }
    assert history.metrics["profiles"] == 2
    assert history.metrics["changed_ids"] == 0


def test_unchanged_input_changes_nothing(history: History) -> None:
    before = history.generation("ab c")
    assert history.generation("ab c") == before
    assert history.events() == set()


def test_order_of_clusters_does_not_change_ids(history: History, tmp_path: Path) -> None:
    before = history.generation("ab c de")
    other = History(tmp_path / "other").generation("de c ba")
    assert other == before


def test_new_record_joins_a_profile(history: History) -> None:
    before = history.generation("ab c")
    ids = history.generation("abd c")
    assert ids == {**before, "d": before["a"]}
    assert history.events() == {("absorbed_record", ids["a"], None, "d", "new_data")}


def test_merge_keeps_the_oldest_and_the_other_becomes_an_alias(history: History) -> None:
    old = history.generation("a")["a"]
    young = history.generation("a bcd")["b"]
    ids = history.generation("abcd")
    assert set(ids.values()) == {old}
    assert history.table("identity.profile", "profile_id status survivor_profile_id retired_run n_records") == sorted(
        [(old, "active", None, None, 4), (young, "merged", old, 3, 0)]
    )
    assert history.table("identity.profile_alias", "old_profile_id current_profile_id since_run") == [(young, old, 3)]
    assert ("merged_into", young, old, None, "rule_or_model") in history.events()
    assert history.metrics["changed_ids"] == 3


def test_merge_pulled_by_a_new_record_says_new_data(history: History) -> None:
    history.generation("a b")
    history.generation("abc")
    assert {event[-1] for event in history.events()} == {"new_data"}


def test_split_leaves_the_id_with_the_largest_part(history: History) -> None:
    before = history.generation("abc")["a"]
    ids = history.generation("ab c")
    assert ids["a"] == ids["b"] == before != ids["c"]
    assert history.table("identity.profile", "profile_id status split_from") == sorted(
        [(before, "active", None), (ids["c"], "active", before)]
    )
    assert history.events() == {
        ("split_from", ids["c"], before, None, "rule_or_model"),
        ("lost_record", before, ids["c"], "c", "rule_or_model"),
        ("absorbed_record", ids["c"], before, "c", "rule_or_model"),
    }


def test_changed_record_that_leaves_says_changed_data(history: History) -> None:
    history.generation("abc")
    history.generation("ab C")
    assert {event[-1] for event in history.events()} == {"changed_data"}


def test_withdrawn_profile_retires_and_returns_with_its_id(history: History) -> None:
    gone = history.generation("a bc")["a"]
    history.generation("bc")
    assert ("retired", gone, None, None, "withdrawn") in history.events()
    assert history.table("identity.profile", "profile_id status")[0:] == sorted(
        [(gone, "retired"), (history.generation("bc")["b"], "active")]
    )
    assert history.generation("a bc")["a"] == gone
    assert ("reinstated", gone, None, None, "new_data") in history.events()


def test_aliases_are_closed(history: History) -> None:
    first = history.generation("a")["a"]
    second = history.generation("a b")["b"]
    third = history.generation("a b c")["c"]
    history.generation("a bc")
    history.generation("abc")
    assert history.table("identity.profile_alias", "old_profile_id current_profile_id") == sorted(
        [(second, first), (third, first)]
    )


def test_ids_are_never_reused(history: History) -> None:
    seen = set(history.generation("a b c").values())
    for clusters in ("ab c", "a bc", "abc", "a b c", "c", "abc"):
        now = set(history.generation(clusters).values())
        issued = {row[0] for row in history.table("identity.profile", "profile_id")}
        assert seen <= issued
        assert now <= issued
        seen = issued


def test_every_live_record_is_in_exactly_one_active_profile(history: History) -> None:
    for clusters in ("ab c", "abc", "a bc d"):
        history.generation(clusters)
        active = {row[0] for row in history.table("identity.profile", "profile_id status") if row[1] == "active"}
        xref = history.table("identity.profile_xref", "source_pk profile_id")
        assert sorted(key for key, _ in xref) == sorted(clusters.replace(" ", ""))
        assert {profile for _, profile in xref} == active


def test_records_that_come_back_as_the_larger_part_take_the_id_of_a_profile_that_stayed_as_it_was(
    history: History,
) -> None:
    before = history.generation("abc d")
    history.generation("a d")
    ids = history.generation("a bc d")
    assert ids["b"] == ids["c"] == before["a"] != ids["a"]
    assert ids["d"] == before["d"]


def test_known_records_are_counted_whether_or_not_their_profile_moved(history: History) -> None:
    history.generation("ab c de")
    history.generation("ab cf d e")
    assert history.metrics["known_records"] == 5
    assert history.metrics["changed_ids"] == 1


def _life(chance: random.Random) -> Iterator[str]:
    """Generations of which most clusters stay as they are."""
    home = {key: place for place, key in enumerate("abcdefgh")}
    while True:
        moved, somebody = chance.choices("abcdefgh", k=2)
        home[moved] = chance.choice((home[somebody], chance.randint(10, 99), -1))  # -1: withdrawn
        here = [key for key in home if home[key] >= 0] or ["a"]
        clusters = ["".join(key for key in here if home[key] == place) for place in sorted({home[key] for key in here})]
        yield " ".join(text.upper() if chance.random() < 0.1 else text for text in clusters)


def test_history_worked_out_for_what_moved_is_that_worked_out_for_everything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    find_calm = profile_ids.find_calm

    def nobody_is_calm(db: Session) -> None:
        find_calm(db)
        db.rows("delete from calm")

    for seed in range(2):
        life, on, anew = _life(random.Random(seed)), History(tmp_path / f"on{seed}"), History(tmp_path / f"anew{seed}")
        for clusters in itertools.islice(life, 5):
            on.generation(clusters)
            with monkeypatch.context() as patch:
                patch.setattr(profile_ids, "find_calm", nobody_is_calm)
                anew.generation(clusters)
            assert on.metrics == anew.metrics, clusters
            for name in IDENTITY:
                assert on.table(f"identity.{name}", "*") == anew.table(f"identity.{name}", "*"), clusters
