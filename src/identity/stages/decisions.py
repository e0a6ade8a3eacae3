"""Stewards' decisions inside resolve: read once, obeyed by the clustering, told of in pairs, records and the queue.

`steer` brings the decisions of the run to record numbers before the clusters are made; `write` says afterwards
what became of every decision and which cases wait for a person (`steward.decision`, `steward.review_item`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from identity.matching import decided
from identity.matching.comparison import Field
from identity.matching.model import Model
from identity.matching.outcomes import Told
from identity.matching.reading import Encoded
from identity.matching.records import Bools, Longs
from identity.matching.score import probability, weight_of
from identity.runs.run import Run
from identity.runs.workspace import Metrics, Session
from identity.stewardship import given, outcome
from identity.stewardship.closure import Ruling, cannots, ruling
from identity.stewardship.decisions import Decision, Key, Kind, State, standing, states

READS = (
    *given.READS, "std.order", "std.identifier", "std.blocked_value", "prior.profile_xref", "prior.decision",
    "prior.review_item", "steward.opinion",
)  # fmt: skip
WRITES = ("steward.decision", "steward.review_item", "steward.sample_stratum", "steward.sample_item")
SAME, NOT_SAME = "steward_same", "steward_not_same"
Longs2 = tuple[Longs, Longs]


@dataclass(frozen=True)
class Steering:
    """What decisions mean for the records of a run.

    `number` is the record number of each live record a decision names, `state` the state of each decision,
    `ruling` what the standing ones mean together. `encoded` and `scored` are those of link, with equal records
    unfolded where decisions tell them apart. `together` and `apart` are pairs of distinct records; `contested`
    are newcomers by record numbers.
    """

    log: list[Decision]
    state: Mapping[int, State]
    ruling: Ruling
    number: Mapping[Key, int]
    encoded: Encoded
    scored: pa.Table
    together: Longs2
    apart: Longs2
    contested: tuple[tuple[int, int, int], ...]


def steer(
    db: Session, encoded: Encoded, scored: pa.Table, core: tuple[tuple[Field, ...], Model], link: float
) -> Steering:
    """Read the decisions of the run; `db` has READS and the records open, `link` is the link threshold."""
    log = given.decisions(db)
    named = db.query("resolve/decided_record").to_pylist() if log else []
    number = {(row["source"], row["source_pk"]): int(row["record"]) for row in named}
    hashes = {(row["source"], row["source_pk"]): row["record_hash"] for row in named}
    today = {(row["source"], row["source_pk"]): row["profile_id"] for row in named if row["profile_id"]}
    rules = ruling(standing(log), today)
    live = [tuple(number[record] for record in group if record in number) for group in rules.groups]
    encoded, scored = decided.unfold(encoded, scored, live, core)
    groups = [tuple(sorted({int(encoded.distinct_of[record]) for record in group})) for group in live]
    apart = [pair for pair in rules.apart if groups[pair[0]] and groups[pair[1]]]
    found, alone = decided.contested(
        decided.Sides(groups, apart, _homes(db, encoded) if apart else np.zeros(0, np.int64)),
        _strong(encoded, scored, link),
    )
    return Steering(
        log=log,
        state=states(log, hashes),
        ruling=rules,
        number=number,
        encoded=encoded,
        scored=scored,
        together=_ends([(group[0], record) for group in groups for record in group[1:]]),
        apart=_ends(
            [*((groups[a][0], groups[b][0]) for a, b in apart), *zip(*(s.tolist() for s in alone), strict=True)]
        ),
        contested=tuple(
            (int(encoded.first[case.record]), int(encoded.first[case.one]), int(encoded.first[case.other]))
            for case in found
        ),
    )


def _ends(pairs: Sequence[tuple[int, int]]) -> Longs2:
    low = np.array([min(pair) for pair in pairs], dtype=np.int64)
    high = np.array([max(pair) for pair in pairs], dtype=np.int64)
    return low, high


def _strong(encoded: Encoded, scored: pa.Table, link: float) -> Longs2:
    """Pairs of distinct records that would link by themselves."""
    chosen = (scored["match_weight"].to_numpy() >= weight_of(link)) | scored["rule_id"].is_valid().to_numpy()
    left, right = (scored[name].to_numpy()[chosen] for name in ("left_record", "right_record"))
    return encoded.distinct_of[left], encoded.distinct_of[right]


def _homes(db: Session, encoded: Encoded) -> Longs:
    """Code of the profile each distinct record is published in, -1 for none."""
    rows = db.query("resolve/home")
    codes = pc.dictionary_encode(rows["profile_id"]).combine_chunks().indices.to_numpy(zero_copy_only=False)
    home = np.full(len(encoded.first), -1, dtype=np.int64)
    np.maximum.at(home, encoded.distinct_of[rows["record"].to_numpy()], codes.astype(np.int64))
    return home


def save_pairs(db: Session, steering: Steering, told: Told, pairs: pa.Table) -> None:
    """Write `match.candidate_pair`: the pairs of the model and the rules, and what stewards said of them."""
    said = _said(steering)
    if not said:
        db.save_arrow("match.candidate_pair", pairs, in_order=True)
        return
    left, right = (np.array([pair[side] for pair in said], dtype=np.int64) for side in (0, 1))
    weighed = told.weighed(told.encoded.distinct_of[left], told.encoded.distinct_of[right])
    source, source_pk = told.encoded.keys["source"], told.encoded.keys["source_pk"]
    db.put("told_pair", pairs)
    db.put(
        "decided_pair",
        pa.table(
            {
                "source_a": source.take(pa.array(left)),
                "pk_a": source_pk.take(pa.array(left)),
                "source_b": source.take(pa.array(right)),
                "pk_b": source_pk.take(pa.array(right)),
                "rule": pa.array(list(said.values()), pa.string()),
                "match_weight": weighed.weight,
                "match_probability": probability(weighed.weight),
                "comparison_vector": weighed.vector,
            }
        ),
    )
    db.save("match.candidate_pair", "resolve/candidate_pair")


def _said(steering: Steering) -> dict[tuple[int, int], str]:
    """What is said of each pair of live records, smaller first; contradicted decisions say nothing."""
    found: dict[tuple[int, int], str] = {}
    for decision in _followed(steering):
        pairs: Iterator[tuple[Key, Key]] = cannots(decision)
        if decision.said.kind is Kind.SAME:
            records = decision.said.records
            pairs = ((records[0], other) for other in records[1:])
        rule = SAME if decision.said.kind is Kind.SAME else NOT_SAME
        for one, other in pairs:
            if one in steering.number and other in steering.number:
                ends = sorted((steering.number[one], steering.number[other]))
                found[ends[0], ends[1]] = rule
    return dict(sorted(found.items()))


def _followed(steering: Steering) -> list[Decision]:
    kinds = (Kind.SAME, Kind.NOT_SAME, Kind.SPLIT)
    return [
        decision
        for decision in standing(steering.log)
        if decision.said.kind in kinds and decision.number not in steering.ruling.contradicted
    ]


def told_members(steering: Steering, members: pa.Table) -> pa.Table:
    """`match.cluster_member` (in order of the record number) where a steward's `same` is what holds a record."""
    held: Bools = np.zeros(members.num_rows, dtype=bool)
    for decision in _followed(steering):
        here = [steering.number[record] for record in decision.said.records if record in steering.number]
        if decision.said.kind is Kind.SAME and len(here) > 1:
            held[here] = True
    place = members.column_names.index("link_method")
    method = pc.if_else(pa.array(held), SAME, members["link_method"])
    return members.set_column(place, "link_method", method)


def save_decisions(run: Run, db: Session, steering: Steering) -> None:
    """Write `steward.decision`: every entry of the log with its state and effect in this run."""
    prior = {row["number"]: row for row in db.query("select * from prior.decision order by number").to_pylist()}
    effect = outcome.effects(steering.log, steering.state, steering.ruling.contradicted, steering.number)
    rows = outcome.decision_rows(steering.log, steering.state, effect, prior, run.number)
    db.save_arrow("steward.decision", rows)


def save_queue(run: Run, db: Session, steering: Steering) -> Metrics:
    """Write `steward.review_item` once profiles are known; metrics `decisions`, `stale_decisions`, `queue:<kind>`."""
    db.put("contested", _cases(steering))
    db.put("contradiction", outcome.contradictions(steering.ruling))
    db.save(
        "steward.review_item",
        "resolve/review_item",
        number=run.number,
        as_of=run.as_of,
        shared_profiles=run.settings.stewardship.shared_contact_profiles,
    )
    queue = {f"queue:{kind}": float(rows) for kind, rows in db.rows("resolve/queue_counts")}
    stale = sum(state is State.STALE for state in steering.state.values())
    return {"decisions": float(len(steering.log)), "stale_decisions": float(stale), **queue}


def save_sample(run: Run, db: Session) -> Metrics:
    """Draw pairs for review from every kind of automatic answer; metrics `sample_pairs:<stratum>`, `sample_drawn`.

    Each pair has a permanent random number, the keyed hash of its records, and the lowest of a kind are drawn: so a
    sample is random, the same pairs stay in it from run to run, and those that were reviewed are passed over.
    """
    chosen = run.settings.stewardship
    sizes: dict[str, Any] = {"wanted": chosen.sample_pairs, "double_share": chosen.sample_double}
    keyed = {"sample_key": run.keyed_hash("sample of pairs"), "review_weight": _review_weight(run)}
    db.execute("resolve/sample", **sizes, **keyed)
    drawn = db.save("steward.sample_item", "resolve/sample_item", **sizes)
    db.save("steward.sample_stratum", "resolve/sample_stratum")
    pairs = db.rows("select stratum, pairs from steward.sample_stratum order by stratum")
    return {"sample_drawn": float(drawn), **{f"sample_pairs:{name}": float(count) for name, count in pairs}}


def _review_weight(run: Run) -> float:
    return float(weight_of(run.settings.matching.review_threshold))


def _cases(steering: Steering) -> pa.Table:
    """Contested newcomers with both candidates, as record keys."""
    keys = steering.encoded.keys
    columns: dict[str, pa.Array] = {}
    for place, name in enumerate(("record", "one", "other")):
        numbers = pa.array([case[place] for case in steering.contested], pa.int64())
        columns[name] = pc.binary_join_element_wise(keys["source"].take(numbers), keys["source_pk"].take(numbers), ":")
    return pa.table(columns)
