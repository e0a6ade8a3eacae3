"""Resolve: which records are one person, and which stable profile id they have.

All the evidence between groups of records is weighed, within limits and the word of sources; then the
clusters inherit the profile ids of the last published generation (`profile_ids`).
"""

import numpy as np
import pyarrow as pa

from identity.matching import outcomes, reading
from identity.matching.cluster import Constraints, Limits
from identity.matching.comparison import fields_of
from identity.matching.estimate import estimate
from identity.matching.model import from_json
from identity.matching.records import Longs
from identity.matching.resolving import Given, Pairs, Resolved, limited_values, resolve_records
from identity.runs.run import Run
from identity.runs.workspace import Metrics, Session
from identity.settings import ResolveSettings
from identity.stages import decisions, profile_ids

_OWN = (*decisions.READS, *profile_ids.STEERING, *profile_ids.PRIOR)
READS = (*dict.fromkeys((*reading.READS, "match.model", "match.scored_pair", *_OWN)),)
WRITES = (
    "match.candidate_pair", "match.cluster_member", *profile_ids.WRITES, "match.cluster", *decisions.WRITES,
)  # fmt: skip


def resolve(run: Run) -> Metrics:
    """Cluster the records, keep or issue profile ids, and tell what became of every pair and every decision."""
    matching = run.settings.matching
    with run.open(*READS) as db:
        encoded = reading.kept_records(db)
        fields = fields_of(encoded.records)
        model = from_json(str(db.rows("select parameters from match.model")[0][0]))
        scored = db.query("resolve/scored_pairs")
        steering = decisions.steer(db, encoded, scored, (fields, model), matching.link_threshold)
        encoded, scored = steering.encoded, steering.scored
        stated = _stated(db, encoded)
        constraints = Constraints(
            _limits(run.settings.resolve), encoded.multiplicity, limited_values(encoded.records), steering.apart
        )
        given = Given(steering.together, stated)
        kept = _kept(scored, encoded)
        resolved = resolve_records(encoded.records, fields, model, kept, constraints, given, run.settings.threads)
        told = outcomes.Told(encoded, fields, model, resolved, stated)
        pairs = outcomes.candidate_pairs(told, scored, matching.review_threshold, matching.link_threshold)
        decisions.save_pairs(db, steering, told, pairs)
        db.save_arrow("match.cluster_member", decisions.told_members(steering, outcomes.cluster_members(told)))
        decisions.save_decisions(run, db, steering)
        counts = profile_ids.write(run, db)
        db.put("cluster_figures", outcomes.cluster_figures(told, matching.link_threshold))
        clusters = db.save("match.cluster", "resolve/cluster")
        queue = {**decisions.save_queue(run, db, steering), **decisions.save_sample(run, db)}
        outcome = {f"pairs:{name}": float(rows) for name, rows in db.rows("resolve/pair_outcomes")}
    return {
        **counts, **outcome, **queue, **_expected(resolved, encoded.multiplicity),
        "clusters": clusters, "inner_pairs": len(resolved.inner.left),
    }  # fmt: skip


def _expected(resolved: Resolved, multiplicity: Longs) -> Metrics:
    """Precision and recall as the weights of all pairs that were looked at make one expect them."""
    left, right, weight = (
        np.concatenate([getattr(resolved.inner, name), getattr(resolved.outer, name)])
        for name in ("left", "right", "weight")
    )
    return estimate(resolved.group, multiplicity, left, right, weight).as_metrics()


def _limits(settings: ResolveSettings) -> Limits:
    return Limits(
        settings.max_records,
        {"emails": settings.max_emails, "phones": settings.max_phones, "addresses": settings.max_addresses},
    )


def _stated(db: Session, encoded: reading.Encoded) -> tuple[Longs, Longs]:
    """Pairs of distinct records that a source states to be one person."""
    links = db.query("link/hard_links")
    left = encoded.distinct_of[links["left_record"].to_numpy()]
    right = encoded.distinct_of[links["right_record"].to_numpy()]
    different = left != right
    return np.minimum(left, right)[different], np.maximum(left, right)[different]


def _kept(scored: pa.Table, encoded: reading.Encoded) -> Pairs:
    """The pairs that link kept, by the numbers of the distinct records."""
    left, right = (encoded.distinct_of[scored[name].to_numpy()] for name in ("left_record", "right_record"))
    return Pairs(left, right, scored["match_weight"].to_numpy(), scored["comparison_vector"].to_numpy())
