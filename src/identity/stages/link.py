"""Link: which pairs of records may be one person, and how much speaks for it.

Reads the standardised records, proposes pairs by blocking rules, learns the matching model and weighs the
pairs. What becomes of them is for `resolve` to say, with all evidence in view.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa

from identity.matching import frozen_tables, reading, regrouping, restated, yesterday
from identity.matching.blocking import Planned
from identity.matching.comparison import Field, shifts
from identity.matching.frozen import Frozen, freeze, with_least
from identity.matching.linking import Scored, link_frozen, link_records
from identity.matching.model import Model, read_model
from identity.matching.records import Ints
from identity.matching.rules import rule_names
from identity.matching.yesterday import Linked
from identity.runs.run import Run
from identity.runs.workspace import Metrics, Session

Key = tuple[str, str]
READS = (*reading.READS, *frozen_tables.PRIOR, "prior.run")
WRITES = ("match.blocking_rule", "match.term_frequency", "match.vector", "match.model", "match.scored_pair")


def link(run: Run, *, given: Model | None = None, only: Sequence[tuple[Key, Key]] | None = None) -> Metrics:
    """Propose pairs and weigh them; returns the figures of the stage.

    The parameters of the last published generation hold, unless the run is full, there are none, or the settings they
    were estimated by have changed: then they are estimated. A model `given`, here or by the settings, is used as it
    stands. `only` these pairs of records are compared.
    """
    regrouping.forget_changes(run.folder)
    restated.forget(run.folder)
    with run.open(*READS) as db:
        plain = given is None and only is None and not run.full
        standing = frozen_tables.standing(db, run.settings.matching) if plain else None
        if standing is None or standing.outgrown(db.count("std.source_record")):
            return _estimated(run, db, given, only)
        linked = _gone_on(run, db, standing)
        if linked is not None:
            frozen_tables.carry_over(db)
            return {**_saved(run, db, linked.encoded, standing, linked.scored), "pairs_reused": float(linked.reused)}
        encoded = reading.read_records(db, standing)
        if not standing.is_current(encoded.records):
            return _estimated(run, db, given, only)
        scored = link_frozen(encoded.records, standing, run.settings.threads)
        frozen_tables.carry_over(db)
        return _saved(run, db, encoded, standing, scored)


def _estimated(run: Run, db: Session, given: Model | None, only: Sequence[tuple[Key, Key]] | None) -> Metrics:
    """Estimate the parameters on the records of the run."""
    matching = run.settings.matching
    if given is None and matching.model is not None:
        given = read_model(matching.model)
    encoded = reading.read_records(db)
    chosen = None if only is None else _numbers(encoded, only)
    _, pairs, model, scored = link_records(
        encoded.records, matching.pairs_per_record, run.settings.threads, given=given, chosen=chosen
    )
    records = encoded.records
    frozen = Frozen(
        model,
        tuple(Planned(blocks.name, blocks.cap) for blocks in pairs.plan),
        tuple(records.ids),
        tuple(records.attributes),
        freeze(records, run.secret),
        run.secret,
        run.number,
        encoded.keys.num_rows,
    )
    told = {
        "pairs_compared": float(len(pairs.left)),
        "skipped_blocks": float(sum(blocks.skipped_blocks for blocks in pairs.plan)),
    }
    new = np.bincount(pairs.rule, minlength=len(pairs.plan))[: len(pairs.plan)]
    frozen_tables.write(db, frozen, frozen_tables.rule_figures(pairs.plan, new.tolist()), told, matching)
    usual = replace(encoded, records=with_least(records, frozen.shares))
    return {**told, **_saved(run, db, usual, frozen, scored)}


def _gone_on(run: Run, db: Session, standing: Frozen) -> Linked | None:
    """Today's pairs from what the run that published last has kept; None where it kept nothing that can be used."""
    last = db.rows("link/last_run")
    before = yesterday.find(run.folder.with_name(last[0][0]), standing) if last else None
    if before is None or standing.is_whole or not standing.is_current(before.codes.records):
        return None
    linked = yesterday.link_changed(db, before, standing, run.settings.threads)
    regrouping.keep_changes(run.folder, last[0][0], linked.changes)
    restated.keep(run.folder, last[0][0], linked.restated)
    return linked


def _saved(run: Run, db: Session, encoded: reading.Encoded, frozen: Frozen, scored: Scored) -> Metrics:
    """Write the scored pairs, and what the levels mean."""
    reading.keep_codes(db, encoded)
    yesterday.keep(run.folder, frozen, scored)
    fields, model = frozen.fields(encoded.records), frozen.model
    db.save_arrow("match.vector", _vectors(fields, model))
    db.save_arrow("match.scored_pair", _scored_pairs(encoded, fields, frozen, scored), in_order=True)
    return {
        "records": encoded.keys.num_rows,
        "distinct_records": encoded.records.size,
        "pairs_kept": len(scored.left),
        "parameters_of": frozen.since,
        "records_estimated": model.size,
        "em_iterations": model.em_iterations,
        "em_converged": float(model.em_converged),
        "estimated_matches": model.match_share * encoded.records.size * (encoded.records.size - 1) / 2,
        **{
            f"rule_pairs:{name}": float((scored.fired == number).sum())
            for number, name in enumerate(rule_names(fields))
        },
    }


def _numbers(encoded: reading.Encoded, only: Sequence[tuple[Key, Key]]) -> tuple[Ints, Ints]:
    """The pairs by the numbers of their distinct records, in order, each once; KeyError for an unknown record."""
    keys = zip(encoded.keys["source"].to_pylist(), encoded.keys["source_pk"].to_pylist(), strict=True)
    number = {key: place for place, key in enumerate(keys)}
    ends = encoded.distinct_of[np.array([[number[a], number[b]] for a, b in only], np.int64).reshape(-1, 2)]
    found = np.unique(np.sort(ends, axis=1), axis=0)
    found = found[found[:, 0] != found[:, 1]].astype(np.int32)
    return found[:, 0], found[:, 1]


def _vectors(fields: tuple[Field, ...], model: Model) -> pa.Table:
    rows = [
        {
            "field": field.name,
            "level": level,
            "shift": shift,
            "bits": field.bits,
            "label": label,
            "m": parameters.m[level],
            "u": parameters.u[level],
            "weight": float(np.log2(parameters.m[level] / parameters.u[level])),
            "origin": parameters.origin[level],
        }
        for field, shift, parameters in zip(fields, shifts(fields), model.fields, strict=True)
        for level, label in enumerate(parameters.labels)
    ]
    return pa.Table.from_pylist(rows, schema=_VECTOR_SCHEMA)


_VECTOR_SCHEMA = pa.schema(
    [
        ("field", pa.string()), ("level", pa.int32()), ("shift", pa.int32()), ("bits", pa.int32()),
        ("label", pa.string()), ("m", pa.float64()), ("u", pa.float64()), ("weight", pa.float64()),
        ("origin", pa.string()),
    ]
)  # fmt: skip


def _scored_pairs(encoded: reading.Encoded, fields: tuple[Field, ...], frozen: Frozen, scored: Scored) -> pa.Table:
    blocking = pa.array([planned.name for planned in frozen.plan], pa.string())
    rules = pa.array(rule_names(fields), pa.string())
    fired = pa.array(scored.fired.astype(np.int32), mask=scored.fired < 0)
    return pa.table(
        {
            "left_record": encoded.first[scored.left],
            "right_record": encoded.first[scored.right],
            "blocking_rule": blocking.take(pa.array(scored.rule.astype(np.int32))),
            "rule_id": rules.take(fired),
            "match_weight": scored.weight,
            "comparison_vector": scored.vector,
        }
    )
