"""What became of the records and pairs: members of clusters, outcomes of candidate pairs, figures of clusters."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa

from identity.matching.cluster_figures import figures
from identity.matching.comparison import Field, compare, pack, unpack
from identity.matching.model import Doubles, Model, tables
from identity.matching.reading import Encoded
from identity.matching.records import Longs
from identity.matching.resolving import Pairs, Resolved
from identity.matching.rules import HARD_LINK, IDENTICAL, rule_names, rules_that_fire
from identity.matching.score import evidence_of, probability, weight_of, weights
from identity.matching.stacking import compact, rows_of

CONFLICT = "linkage_conflict"
"""Why a pair above the link threshold ended apart, where no limit forbade it: the evidence of the rest of its group."""


@dataclass(frozen=True)
class Told:
    """Everything that is known once the clusters stand. `stated` are pairs that a source says are one."""

    encoded: Encoded
    fields: tuple[Field, ...]
    model: Model
    resolved: Resolved
    stated: tuple[Longs, Longs]

    def weighed(self, left: Longs, right: Longs) -> Pairs:
        """Pairs of distinct records as the model weighs them; a record with itself is its repeat."""
        rows, places = np.unique(np.concatenate([left, right]), return_inverse=True)
        few = compact(rows_of(self.encoded.records, rows))  # what is asked of texts is asked of theirs only
        one, other = np.split(places.astype(np.int32), [len(left)])
        vectors = compare(few, self.fields, one, other)
        weight = weights(self.model, evidence_of(tables(self.model, self.encoded.records.size), vectors))
        return Pairs(left, right, weight, pack(self.fields, vectors.levels))

    @cached_property
    def repeats(self) -> tuple[Longs, Pairs]:
        """(records that repeat an earlier one, that distinct record paired with itself)."""
        first = self.encoded.first[self.encoded.distinct_of]
        rows = np.flatnonzero(first != np.arange(len(first)))
        distinct, inverse = np.unique(self.encoded.distinct_of[rows], return_inverse=True)
        pairs = self.weighed(distinct, distinct)
        return rows, Pairs(*(getattr(pairs, name)[inverse] for name in ("left", "right", "weight", "vector")))

    @cached_property
    def cluster(self) -> Longs:
        """Cluster of each distinct record, numbered from 1 in order of the smallest record key."""
        group = self.resolved.group
        return np.asarray(np.cumsum(group == np.arange(len(group)))[group])


def candidate_pairs(told: Told, scored: pa.Table, review: float, link: float) -> pa.Table:
    """`match.candidate_pair`: scored pairs from the review threshold on, source links, and repeats of a record.

    In order of the records' keys.
    """
    encoded = told.encoded
    weight = scored["match_weight"].to_numpy()
    chosen = np.flatnonzero((probability(weight) >= review) | scored["rule_id"].is_valid().to_numpy())
    kept = scored.take(pa.array(chosen))
    pairs = pa.table(
        {
            "left": kept["left_record"].cast(pa.int64()),
            "right": kept["right_record"].cast(pa.int64()),
            "blocking_rule": kept["blocking_rule"],
            "rule_id": kept["rule_id"],
            "match_weight": kept["match_weight"],
            "comparison_vector": kept["comparison_vector"],
        }
    )
    rows, repeated = told.repeats
    stated = told.weighed(*told.stated)
    pairs = _without(pairs, encoded.first[stated.left], encoded.first[stated.right])
    everything = pa.concat_tables(
        [
            pairs,
            _named(encoded.first[repeated.left], rows, repeated, IDENTICAL),
            _named(encoded.first[stated.left], encoded.first[stated.right], stated, HARD_LINK),
        ]
    )
    ends = everything["left"].to_numpy() * len(encoded.distinct_of) + everything["right"].to_numpy()
    return _with_outcome(told, everything.take(pa.array(np.argsort(ends, kind="stable"))), link)


def _named(left: Longs, right: Longs, pairs: Pairs, rule: str) -> pa.Table:
    name = pa.array([rule] * len(left), pa.string())
    return pa.table(
        {
            "left": left,
            "right": right,
            "blocking_rule": name,
            "rule_id": name,
            "match_weight": pairs.weight,
            "comparison_vector": pairs.vector,
        }
    )


def _without(pairs: pa.Table, left: Longs, right: Longs) -> pa.Table:
    """Pairs but for those that come again under a source's statement."""
    if not len(left):
        return pairs
    width = int(max(right.max(), pairs["right"].to_numpy().max(initial=0))) + 1
    keys = pairs["left"].to_numpy() * width + pairs["right"].to_numpy()
    return pairs.filter(pa.array(~np.isin(keys, left * width + right)))


def _with_outcome(told: Told, pairs: pa.Table, link: float) -> pa.Table:
    left, right = pairs["left"].to_numpy(), pairs["right"].to_numpy()
    one, other = told.encoded.distinct_of[left], told.encoded.distinct_of[right]
    chance = probability(pairs["match_weight"].to_numpy())
    ruled = pairs["rule_id"].is_valid().to_numpy()
    together = told.resolved.group[one] == told.resolved.group[other]
    vetoed = ~together & (ruled | (chance >= link))
    why = np.full(len(left), None, dtype=object)
    rows = np.flatnonzero(vetoed)
    reasons = _reasons(told)
    why[rows] = [reasons.get(ends, CONFLICT) for ends in zip(one[rows].tolist(), other[rows].tolist(), strict=True)]
    return pa.table(
        {
            **_keys(told.encoded, left, right),
            "blocking_rule": pairs["blocking_rule"],
            "stage": _STAGES.take(pa.array(ruled.astype(np.int8))),
            "rule_id": pairs["rule_id"],
            "match_weight": pairs["match_weight"],
            "match_probability": chance,
            "comparison_vector": pairs["comparison_vector"],
            "outcome": _OUTCOMES.take(pa.array(np.where(together, 0, np.where(vetoed, 1, 2)))),
            "vetoed_by": pa.array(why, pa.string()),
        }
    )


_OUTCOMES = pa.array(["link", "vetoed", "review"], pa.string())
_STAGES = pa.array(["fuzzy", "deterministic"], pa.string())


def _keys(encoded: Encoded, left: Longs, right: Longs) -> dict[str, pa.ChunkedArray]:
    source, source_pk = encoded.keys["source"], encoded.keys["source_pk"]
    a, b = pa.array(left), pa.array(right)
    return {
        "source_a": source.take(a),
        "pk_a": source_pk.take(a),
        "source_b": source.take(b),
        "pk_b": source_pk.take(b),
    }


def _reasons(told: Told) -> dict[tuple[int, int], str]:
    """The constraint that kept two distinct records apart, smaller first."""
    return {
        (min(a, b), max(a, b)): refusal.reason
        for refusal in told.resolved.refusals
        for a in refusal.one
        for b in refusal.other
    }


def cluster_members(told: Told) -> pa.Table:
    """`match.cluster_member`: every live record with its cluster and the best pair that holds it there."""
    encoded, inner = told.encoded, told.resolved.inner
    size = encoded.records.size
    inside = told.resolved.group[inner.left] == told.resolved.group[inner.right]
    best, weight = _best(size, inner, inside)
    names = pa.array(["single", "fuzzy", IDENTICAL, HARD_LINK, *rule_names(told.fields)], pa.string())
    fired = rules_that_fire(told.fields, unpack(told.fields, inner.vector[best[best >= 0]]))
    method = np.zeros(size, dtype=np.int64)
    method[best >= 0] = np.where(fired >= 0, fired + 4, 1)
    for side in told.stated:
        rows = side[told.resolved.group[told.stated[0]] == told.resolved.group[told.stated[1]]]
        method[rows] = 3
    all_method, all_weight = method[encoded.distinct_of], weight[encoded.distinct_of]
    rows, repeated = told.repeats
    lonely = method[repeated.left] == 0
    first = encoded.first[repeated.left]
    for place in (rows[lonely], first[lonely]):
        all_method[place] = 2
        all_weight[place] = repeated.weight[lonely]
    single = all_method == 0
    return pa.table(
        {
            "source": encoded.keys["source"],
            "source_pk": encoded.keys["source_pk"],
            "cluster_id": told.cluster[encoded.distinct_of],
            "link_method": names.take(pa.array(all_method)),
            "link_score": pa.array(all_weight, mask=single),
            "link_probability": pa.array(probability(all_weight), mask=single),
        }
    )


def _best(size: int, inner: Pairs, inside: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> tuple[Longs, Doubles]:
    """(row of the strongest inner pair of each distinct record, -1 for none; its weight)."""
    rows = np.flatnonzero(inside)
    weight = np.full(size, -np.inf)
    for ends in (inner.left[rows], inner.right[rows]):
        np.maximum.at(weight, ends, inner.weight[rows])
    best = np.full(size, len(inside), dtype=np.int64)
    for ends in (inner.left[rows], inner.right[rows]):
        # the pairs of a record stand in order of their ends, so that the first row breaks ties
        strongest = np.flatnonzero(inner.weight[rows] == weight[ends])
        np.minimum.at(best, ends[strongest], rows[strongest])
    alone = best == len(inside)
    return np.where(alone, -1, best), np.where(alone, 0.0, weight)


def cluster_figures(told: Told, link: float, known: Longs | None = None) -> pa.Table:
    """cluster_id and the figures of `match.cluster` that come from the pairs; for `known` see `figures`."""
    found = figures(told.resolved.group, told.resolved.inner, told.fields, weight_of(link), known)
    alone = np.isnan(found.density)
    return pa.table(
        {
            "cluster_id": np.arange(1, len(found.groups) + 1),
            "min_edge_probability": pa.array(found.weakest, mask=alone),
            "is_bridge": found.is_bridge,
            "density": pa.array(found.density, mask=alone),
            "conflict_flags": found.conflicts,
            "confidence": found.confidence,
        }
    )
