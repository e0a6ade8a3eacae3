"""Link and resolve as stages: tables in, tables out (P4, P12)."""

import json
import random
import shutil
from pathlib import Path

import pytest
from tests.support.tables import fill, make_run, read

from identity.errors import IdentityError
from identity.matching.explain import READS as EXPLAIN_READS
from identity.matching.explain import explain_pair
from identity.runs.run import Run
from identity.stages import link, resolve

ANN = ("ann", "quackenbush")
PEOPLE = {
    # key: (given, family), birth, e-mail, phone, (house, street, postcode, city)
    "crm 1": (ANN, (1980, 4, 17), "ann@one.org", "+4930111111", ("1", "mill lane", "AB1", "york")),
    "shop 1": (("annie", "quackenbush"), None, "ann@one.org", None, ("1", "mill lane", "AB1", "york")),
    "shop 2": (ANN, None, "ann@one.org", None, ("1", "mill lane", "AB1", "york")),
    "shop 3": (ANN, None, "ann@one.org", None, ("1", "mill lane", "AB1", "york")),
    "crm 2": (("victor", "quackenbush"), (1978, 2, 1), None, "+4930111111", ("1", "mill lane", "AB1", "york")),
    "till 1": (("zebedee", "olsen"), None, None, None, None),
    "till 2": (("zebedee", "olsen"), None, None, None, None),
    "till 3": (None, None, None, None, None),
    "mail 1": (None, None, "ann@one.org", None, None),
}


def crowd(size: int = 120) -> dict[str, tuple]:
    chance = random.Random(11)

    def word() -> str:
        return "".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=8))

    return {
        f"crowd {n}": (
            (word(), word()), (chance.randint(1930, 2000), chance.randint(1, 12), chance.randint(1, 28)),
            f"{word()}@mail.org", f"+4930{chance.randrange(10**7)}", (str(n), f"{word()} street", word()[:3], word()),
        )
        for n in range(size)
    }  # fmt: skip


def prepared(folder: Path, people: dict[str, tuple], seed: int | None = None, links: list[tuple] | None = None) -> Run:
    """A run whose std tables hold these people, rows in shuffled order where a seed is given."""
    run = make_run(folder)
    records, names, identifiers, addresses = [], [], [], []
    for key, (name, birth, email, phone, address) in people.items():
        source, pk = key.split()
        records.append((source, pk, *(birth or (None, None, None))))
        if name:
            names.append((source, pk, 0, *name, True))
        for kind, value in (("email", email), ("phone", phone)):
            if value:
                identifiers.append((source, pk, kind, value, value, 0, False))
        if address:
            addresses.append((source, pk, 0, *address))
    if seed is not None:
        for rows in (records, names, identifiers, addresses):
            random.Random(seed).shuffle(rows)
    fill(run, "std.source_record", "source source_pk birth_year birth_month birth_day", records)
    fill(run, "std.name", "source source_pk position given_key family_key is_person", names)
    fill(run, "std.identifier", "source source_pk id_type id_value_norm id_match_key position is_blocked", identifiers)
    fill(run, "std.address", "source source_pk position house_number street_key postal_key city_key", addresses)
    fill(run, "std.attribute", "source source_pk name value", [])
    fill(run, "std.hard_link", "source source_pk other_source other_pk rule", links or [])
    return run


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Run:
    run = prepared(tmp_path_factory.mktemp("link"), {**PEOPLE, **crowd()})
    link.link(run)
    resolve.resolve(run)
    return run


def together(run: Run) -> dict[str, int]:
    return {
        f"{source} {pk}": cluster
        for source, pk, cluster in read(run, "match.cluster_member", "source source_pk cluster_id")
    }


def test_every_live_record_is_in_exactly_one_cluster(done: Run) -> None:
    assert set(together(done)) == {*PEOPLE, *crowd()}


def test_records_of_one_person_join_and_others_stay(done: Run) -> None:
    cluster = together(done)
    assert len({cluster[key] for key in ("crm 1", "shop 1", "shop 2", "shop 3")}) == 1
    assert cluster["crm 2"] != cluster["crm 1"]
    assert len({cluster[f"crowd {n}"] for n in range(120)}) == 120


def test_names_alone_and_records_without_anything_stay_single(done: Run) -> None:
    cluster = together(done)
    assert len({cluster[key] for key in ("till 1", "till 2", "till 3")}) == 3
    methods = {
        f"{s} {pk}": method for s, pk, method in read(done, "match.cluster_member", "source source_pk link_method")
    }
    assert methods["till 3"] == "single"


def test_deterministic_rules_are_named_and_a_repeat_is_told(done: Run) -> None:
    pairs = {
        (f"{a} {x}", f"{b} {y}"): (stage, rule, outcome)
        for a, x, b, y, stage, rule, outcome in read(
            done, "match.candidate_pair", "source_a pk_a source_b pk_b stage rule_id outcome"
        )
    }
    assert pairs[("crm 1", "shop 1")] == ("deterministic", "same_email", "link")
    assert pairs[("shop 2", "shop 3")] == ("deterministic", "identical_record", "link")


def test_the_household_pair_does_not_link(done: Run) -> None:
    pairs = read(done, "match.candidate_pair", "source_a pk_a source_b pk_b outcome")
    assert ("crm", "1", "crm", "2", "link") not in pairs


def test_the_vector_decodes(done: Run) -> None:
    decoded = {(field, level): (shift, bits, label) for field, level, shift, bits, label in
               read(done, "match.vector", "field level shift bits label")}  # fmt: skip
    rows = read(done, "match.candidate_pair", "source_a pk_a source_b pk_b comparison_vector")
    vector = next(row[4] for row in rows if row[:4] == ("crm", "1", "shop", "1"))
    shift, bits, _ = decoded["email", 1]
    assert vector >> shift & (1 << bits) - 1 == 1


def test_the_model_is_one_readable_row(done: Run) -> None:
    ((version, parameters, converged),) = read(done, "match.model", "model_version parameters em_converged")
    assert len(version) == 16
    assert json.loads(parameters)["schema_version"] == 1
    assert converged


def test_every_cluster_has_its_profile_and_figures(done: Run) -> None:
    rows = read(done, "match.cluster", "cluster_id profile_id n_records confidence")
    assert len(rows) == len(set(together(done).values()))
    assert all(profile and records >= 1 and 0 <= confidence <= 1 for _, profile, records, confidence in rows)


def test_a_source_link_joins_what_the_evidence_would_not(tmp_path: Path) -> None:
    run = prepared(tmp_path, {**PEOPLE, **crowd()}, links=[("till", "1", "crm", "2", "salesforce_merged")])
    link.link(run)
    resolve.resolve(run)
    cluster = together(run)
    assert cluster["till 1"] == cluster["crm 2"]
    assert cluster["till 2"] != cluster["crm 2"]


def test_shuffled_rows_give_the_same_bytes(done: Run, tmp_path: Path) -> None:
    run = prepared(tmp_path, {**PEOPLE, **crowd()}, seed=5)
    link.link(run)
    resolve.resolve(run)
    for name in (*link.WRITES, "match.candidate_pair", "match.cluster_member", "match.cluster"):
        assert run.workspace.path(name).read_bytes() == done.workspace.path(name).read_bytes(), name


def test_an_unrelated_record_leaves_other_clusters_alone(done: Run, tmp_path: Path) -> None:
    people = {**PEOPLE, **crowd(), "zoo 1": (("xaver", "zwingli"), (1933, 3, 3), "x@zoo.org", None, None)}
    run = prepared(tmp_path, people)
    link.link(run)
    resolve.resolve(run)
    before, after = together(done), together(run)
    assert len({after["zoo 1"], *(after[key] for key in PEOPLE)}) == len({before[key] for key in PEOPLE}) + 1


def test_the_waterfall_adds_up(done: Run) -> None:
    with done.open(*EXPLAIN_READS) as db:
        told = explain_pair(db, ("shop", "1"), ("crm", "1"))
        apart = explain_pair(db, ("crm", "1"), ("crm", "2"))
    assert told.record_a == ("crm", "1")
    assert told.decided_by == "same_email"
    assert told.same_profile
    total = told.prior + sum(step.weight for step in told.steps) + told.shared_household
    assert told.match_weight == pytest.approx(total, abs=1e-4)
    assert not apart.same_profile
    assert apart.shared_household < -5


def test_an_unknown_record_is_named_in_the_error(done: Run) -> None:
    with done.open(*EXPLAIN_READS) as db, pytest.raises(IdentityError, match="record 99 of source crm"):
        explain_pair(db, ("crm", "99"), ("crm", "1"))


def test_what_link_kept_changes_no_explanation_and_no_cluster(done: Run, tmp_path: Path) -> None:
    with done.open(*EXPLAIN_READS) as db:
        kept = explain_pair(db, ("shop", "1"), ("crm", "1"))
        again = explain_pair(db, ("shop", "1"), ("crm", "1"), tmp_path)
    assert kept == again
    run = prepared(tmp_path, {**PEOPLE, **crowd()})
    link.link(run)
    shutil.rmtree(run.folder / "spill")
    resolve.resolve(run)
    assert together(run) == together(done)
