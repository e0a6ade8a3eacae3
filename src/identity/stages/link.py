"""Link: which pairs of records may be one person, and how much speaks for it.

Reads the standardised records, proposes pairs by blocking rules, learns the matching model and weighs the
pairs. What becomes of them is for `resolve` to say, with all evidence in view.
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from identity.matching import reading
from identity.matching.comparison import Field, shifts
from identity.matching.linking import Candidates, Scored, link_records
from identity.matching.model import Model, read_model
from identity.matching.records import Ints
from identity.matching.rules import rule_names
from identity.runs.run import Run
from identity.runs.workspace import Metrics

Key = tuple[str, str]
READS = reading.READS
WRITES = ("match.blocking_rule", "match.vector", "match.model", "match.scored_pair")


def link(run: Run, *, given: Model | None = None, only: Sequence[tuple[Key, Key]] | None = None) -> Metrics:
    """Block, train, score; returns the figures of the stage.

    A model `given`, here or by the settings, is used as it stands. `only` these pairs of records are compared.
    """
    matching = run.settings.matching
    if given is None and matching.model is not None:
        given = read_model(matching.model)
    with run.open(*READS) as db:
        encoded = reading.read_records(db)
        reading.keep_codes(db, encoded)
        chosen = None if only is None else _numbers(encoded, only)
        fields, pairs, model, scored = link_records(
            encoded.records, matching.pairs_per_record, run.settings.threads, given=given, chosen=chosen
        )
        db.save_arrow("match.blocking_rule", _blocking_rules(pairs))
        db.save_arrow("match.vector", _vectors(fields, model))
        db.save_arrow("match.model", _model(model, len(pairs.left)))
        db.save_arrow("match.scored_pair", _scored_pairs(encoded, fields, pairs, scored))
    return {
        "records": encoded.keys.num_rows,
        "distinct_records": encoded.records.size,
        "pairs_compared": len(pairs.left),
        "pairs_kept": len(scored.left),
        "skipped_blocks": sum(blocks.skipped_blocks for blocks in pairs.plan),
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


def _blocking_rules(pairs: Candidates) -> pa.Table:
    new = np.bincount(pairs.rule, minlength=len(pairs.plan))
    return pa.table(
        {
            "rule": [blocks.name for blocks in pairs.plan],
            "pairs": [blocks.pairs for blocks in pairs.plan],
            "new_pairs": new[: len(pairs.plan)].tolist(),
            "blocks": [blocks.blocks for blocks in pairs.plan],
            "largest_block": [blocks.largest for blocks in pairs.plan],
            "refined_blocks": [blocks.refined_blocks for blocks in pairs.plan],
            "skipped_blocks": [blocks.skipped_blocks for blocks in pairs.plan],
            "skipped_pairs": [blocks.skipped_pairs for blocks in pairs.plan],
        },
        schema=pa.schema([("rule", pa.string()), *((name, pa.int64()) for name in _COUNTS)]),
    )


_COUNTS = ("pairs", "new_pairs", "blocks", "largest_block", "refined_blocks", "skipped_blocks", "skipped_pairs")


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


def _model(model: Model, pairs: int) -> pa.Table:
    return pa.table(
        {
            "model_version": [model.version],
            "parameters": [model.to_json()],
            "em_iterations": [model.em_iterations],
            "em_converged": [model.em_converged],
            "prior_match_probability": [model.match_share],
            "pairs_scored": [pairs],
        }
    )


def _scored_pairs(encoded: reading.Encoded, fields: tuple[Field, ...], pairs: Candidates, scored: Scored) -> pa.Table:
    blocking = pa.array([blocks.name for blocks in pairs.plan], pa.string())
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
