"""The sample of automatic answers: random, repeatable, from every kind, without what was answered."""

from pathlib import Path
from typing import Any

from identity.runs.run import Run
from identity.runs.workspace import Metrics
from identity.stages import decisions
from pictures import new_run, seen, write

_READS = ("match.candidate_pair", "match.scored_pair", "identity.profile_xref", "std.source_record", "steward.opinion")
KINDS = {
    "joined_by_rule": ("link", "deterministic", 1.0), "joined_sure": ("link", "fuzzy", 0.9995),
    "joined_likely": ("link", "fuzzy", 0.96), "joined_by_others": ("link", "fuzzy", 0.7),
    "apart_review": ("review", "fuzzy", 0.7), "apart_vetoed": ("vetoed", "fuzzy", 0.99),
}  # fmt: skip
PAIRS = 30


def store(folder: Path, **settings: Any) -> Run:
    """Thirty pairs of each kind, and thirty far below the threshold, half of which are in one profile all the same."""
    run = new_run(folder, stewardship={"sample_pairs": 5, "sample_double": 0.5, **settings})
    records, pairs, scored = [], [], []
    for kind in (*KINDS, "apart_unlikely"):
        for number in range(PAIRS):
            one, other = f"{kind}{number:02}a", f"{kind}{number:02}b"
            together = kind.startswith("joined") or (kind == "apart_unlikely" and number % 2)
            records += [(one, one), (other, one if together else other)]
            if kind in KINDS:
                outcome, stage, chance = KINDS[kind]
                pairs.append(
                    {
                        "source_a": "crm", "pk_a": one, "source_b": "crm", "pk_b": other, "outcome": outcome,
                        "stage": stage, "match_probability": chance, "match_weight": 3.0,
                    }
                )  # fmt: skip
            else:
                scored.append((one, other))
    pairs.append({**pairs[0], "pk_b": "zz", "stage": "steward"})
    number_of = {record: place for place, record in enumerate(sorted(record for record, _ in records))}
    write(run, "std.source_record", [{"source": "crm", "source_pk": record} for record, _ in records])
    write(run, "identity.profile_xref", [{"source": "crm", "source_pk": r, "profile_id": p} for r, p in records])
    write(run, "match.candidate_pair", pairs)
    rows = [{"left_record": number_of[a], "right_record": number_of[b], "match_weight": -3.0} for a, b in scored]
    write(run, "match.scored_pair", rows)
    answer(run, {})
    return run


def answer(run: Run, given: dict[str, list[str]]) -> None:
    """Reviewers' answers by pair."""
    stratum = dict(seen(run, "steward.sample_item", ["item_id", "stratum"])) if given else {}
    rows = [
        {"item_id": item, "reviewer": f"r{n}", "verdict": verdict, "stratum": stratum[item], "run_number": "1"}
        for item, said in given.items()
        for n, verdict in enumerate(said)
    ]
    write(run, "steward.opinion", rows)


def draw(run: Run) -> Metrics:
    with run.open(*_READS) as db:
        db.execute("link/numbered")
        return decisions.save_sample(run, db)


def drawn(run: Run) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for item, stratum in seen(run, "steward.sample_item", ["item_id", "stratum"]):
        found.setdefault(str(stratum), []).append(str(item))
    return found


def test_every_kind_of_answer_is_drawn_and_counted(tmp_path: Path) -> None:
    run = store(tmp_path)
    metrics = draw(run)
    assert {kind: len(items) for kind, items in drawn(run).items()} == dict.fromkeys((*KINDS, "apart_unlikely"), 5)
    assert {kind: metrics[f"sample_pairs:{kind}"] for kind in KINDS} == dict.fromkeys(KINDS, PAIRS)
    assert metrics["sample_pairs:apart_unlikely"] == PAIRS / 2, "pairs that others joined are not apart"


def test_the_same_pairs_are_drawn_again_and_others_under_another_key(tmp_path: Path) -> None:
    one, again = store(tmp_path / "one"), store(tmp_path / "again")
    draw(one)
    draw(again)
    assert drawn(one) == drawn(again)
    other = store(tmp_path / "other")
    other = Run(other.settings, other.run_id, other.number, other.as_of, b"another key")
    draw(other)
    assert drawn(other) != drawn(one)


def test_answered_pairs_leave_and_others_come_while_those_half_answered_stay(tmp_path: Path) -> None:
    run = store(tmp_path, sample_double=0.0)
    draw(run)
    first = drawn(run)["joined_likely"]
    answer(run, {item: ["same"] for item in first[:3]})
    draw(run)
    after = drawn(run)["joined_likely"]
    assert len(after) == 5
    assert set(first[3:]) <= set(after)
    assert not set(first[:3]) & set(after)
    run = store(tmp_path / "double", sample_double=1.0)
    draw(run)
    first = drawn(run)["joined_likely"]
    answer(run, {first[0]: ["same"], first[1]: ["same", "unsure"]})
    draw(run)
    assert first[0] in drawn(run)["joined_likely"], "it takes two answers"
    assert first[1] not in drawn(run)["joined_likely"]


def test_every_pair_of_a_kind_has_the_same_chance(tmp_path: Path) -> None:
    """Over many keys each of thirty pairs is drawn about equally often."""
    run = store(tmp_path)
    counts: dict[str, int] = {}
    for key in range(20):
        keyed = Run(run.settings, run.run_id, run.number, run.as_of, str(key).encode())
        draw(keyed)
        for item in drawn(keyed)["joined_by_rule"]:
            counts[item] = counts.get(item, 0) + 1
    assert len(counts) >= PAIRS - 4, "0.8 are left out by chance"
    assert max(counts.values()) <= 11, "3.3 wanted; 11 is beyond four standard deviations"


def test_nothing_is_drawn_where_nothing_is_wanted(tmp_path: Path) -> None:
    run = store(tmp_path, sample_pairs=0)
    assert draw(run)["sample_drawn"] == 0
