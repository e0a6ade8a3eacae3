"""Resolve: which records are one person, and which stable profile id they have.

All the evidence between groups of records is weighed, within limits and the word of sources; then the
clusters inherit the profile ids of the last published generation (`profile_ids`).
"""

import numpy as np
import pyarrow as pa

from identity.matching import frozen_tables, outcomes, reading, regrouping
from identity.matching.cluster import Constraints, Limits
from identity.matching.comparison import fields_named
from identity.matching.estimate import estimate
from identity.matching.model import from_json
from identity.matching.records import Longs
from identity.matching.regrouping import Case, Regrouped
from identity.matching.resolving import Given, Pairs, Resolved, limited_values, resolve_records
from identity.runs.run import Run
from identity.runs.workspace import Metrics, Session
from identity.settings_groups import ResolveSettings
from identity.stages import decisions, profile_ids

_OWN = (*decisions.READS, *profile_ids.STEERING, *profile_ids.PRIOR)
READS = (*dict.fromkeys((*reading.READS, *frozen_tables.READS, "match.scored_pair", *_OWN)),)
WRITES = (
    "match.candidate_pair", "match.cluster_member", *profile_ids.WRITES, "match.cluster", *decisions.WRITES,
)  # fmt: skip


def resolve(run: Run) -> Metrics:
    """Cluster the records, keep or issue profile ids, and tell what became of every pair and every decision."""
    matching = run.settings.matching
    with run.open(*READS) as db:
        encoded = reading.kept_records(db)
        model = from_json(str(db.rows("select parameters from match.model")[0][0]))
        fields = fields_named(encoded.records, (field.name for field in model.fields))
        scored = db.query("resolve/scored_pairs")
        steering = decisions.steer(db, encoded, scored, (fields, model), matching.link_threshold)
        linked, encoded, scored = encoded, steering.encoded, steering.scored
        stated = _stated(db, encoded)
        constraints = Constraints(
            _limits(run.settings.resolve), encoded.multiplicity, limited_values(encoded.records), steering.apart
        )
        given = Given(steering.together, stated)
        kept = _kept(scored, encoded)
        case = Case(encoded.records, fields, model, kept, constraints, given, matching.link_threshold)
        is_linked = steering.encoded is linked
        regrouped = _resolved(run, case, is_linked=is_linked)
        resolved = regrouped.resolved
        told = outcomes.Told(encoded, fields, model, resolved, stated)
        pairs = outcomes.candidate_pairs(told, scored, matching.review_threshold, matching.link_threshold)
        decisions.save_pairs(db, steering, told, pairs)
        members = decisions.told_members(steering, outcomes.cluster_members(told))
        db.save_arrow("match.cluster_member", members, in_order=True)
        decisions.save_decisions(run, db, steering)
        counts = profile_ids.write(run, db)
        figures = outcomes.cluster_figures(told, matching.link_threshold, regrouped.is_bridge)
        db.put("cluster_figures", figures)
        if is_linked:
            regrouping.keep(run.folder, case, resolved, figures["is_bridge"].to_numpy())
        clusters = db.save("match.cluster", "resolve/cluster")
        queue = {**decisions.save_queue(run, db, steering), **decisions.save_sample(run, db)}
        outcome = {f"pairs:{name}": float(rows) for name, rows in db.rows("resolve/pair_outcomes")}
    return {
        **counts, **outcome, **queue, **_expected(resolved, encoded.multiplicity),
        "clusters": clusters, "inner_pairs": len(resolved.inner.left), "records_regrouped": regrouped.looked_at,
    }  # fmt: skip


def _resolved(run: Run, case: Case, *, is_linked: bool) -> Regrouped:
    """The result, gone on from the last run's where that is kept.

    `is_linked`: the records are as link left them, none was unfolded for a decision.
    """
    earlier = regrouping.found(run.folder, case) if is_linked else None
    if earlier is not None:
        return regrouping.resolve_changed(case, *earlier, run.settings.threads)
    found = resolve_records(
        case.records, case.fields, case.model, case.pairs, case.constraints, case.given, run.settings.threads
    )
    return Regrouped(found, case.records.size, np.full(case.records.size, -1, dtype=np.int64))


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
