"""Frozen parameters as tables of a generation: `match.model`, `match.blocking_rule`, `match.term_frequency`.

They are published with everything else, so that going back to a generation goes back to its parameters, and a run that
is killed finds those of the last published generation.
"""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from identity.matching.blocking import Blocks, Planned
from identity.matching.frozen import FORMAT, Frozen, Shares
from identity.matching.model import Model, from_json, read_model
from identity.runs.workspace import Metrics, Session
from identity.settings_groups import MatchingSettings

READS = ("match.model", "match.blocking_rule", "match.term_frequency")
PRIOR = ("prior.model", "prior.blocking_rule", "prior.term_frequency")


def basis(settings: MatchingSettings) -> str:
    """Digest of the settings that parameters are estimated by: where it changes they are estimated anew.

    ConfigurationError for a model that cannot be read.
    """
    model = read_model(settings.model).to_json().encode() if settings.model is not None else b""
    told = json.dumps([FORMAT, settings.pairs_per_record]).encode()
    return hashlib.sha256(told + b"\0" + model).hexdigest()[:16]


def write(db: Session, frozen: Frozen, figures: pa.Table, told: Metrics, settings: MatchingSettings) -> None:
    """Write the three tables; `figures` are those of the rules (`rule_figures`), `told` those of the estimate."""
    db.save_arrow("match.blocking_rule", figures)
    terms = [
        pa.table(
            {
                "field": pa.array([name] * len(shares.keys), pa.string()),
                "frequency": shares.frequency,
                "term": shares.keys,
            }
        )
        for name, shares in frozen.shares.items()
    ]
    db.save_arrow("match.term_frequency", pa.concat_tables(terms))
    body = {
        "format": FORMAT,
        "basis": basis(settings),
        "ids": frozen.ids,
        "attributes": frozen.attributes,
        "shares": {name: {"unseen": shares.unseen, "held": shares.held} for name, shares in frozen.shares.items()},
    }
    model = frozen.model
    db.save_arrow(
        "match.model",
        pa.table(
            {
                "model_version": [model.version],
                "parameters": [model.to_json()],
                "em_iterations": [model.em_iterations],
                "em_converged": [model.em_converged],
                "prior_match_probability": [model.match_share],
                "pairs_scored": [int(told["pairs_compared"])],
                "estimated_run": [frozen.since],
                "estimated_records": [frozen.records],
                "frozen": [json.dumps(body)],
            }
        ),
    )


def carry_over(db: Session) -> None:
    """Let the parameters of the last published generation, which `db` has open, stand for this run."""
    for name, prior in zip(READS, PRIOR, strict=True):
        db.save(name, f"select * from {prior}")  # noqa: S608 - a name of ours


def rule_figures(plan: Sequence[Blocks], new_pairs: Sequence[int]) -> pa.Table:
    """`match.blocking_rule` of the rules of an estimate."""
    rows: list[dict[str, Any]] = [
        {
            "rule": blocks.name,
            "rank": rank,
            "cap": blocks.cap,
            "pairs": blocks.pairs,
            "new_pairs": new,
            "blocks": blocks.blocks,
            "largest_block": blocks.largest,
            "refined_blocks": blocks.refined_blocks,
            "skipped_blocks": blocks.skipped_blocks,
            "skipped_pairs": blocks.skipped_pairs,
        }
        for rank, (blocks, new) in enumerate(zip(plan, new_pairs, strict=True))
    ]
    return pa.Table.from_pylist(rows, schema=_RULES)


_RULES = pa.schema(
    [
        ("rule", pa.string()), ("rank", pa.int32()),
        *((name, pa.int64()) for name in (
            "cap", "pairs", "new_pairs", "blocks", "largest_block", "refined_blocks", "skipped_blocks", "skipped_pairs",
        )),
    ]
)  # fmt: skip


def read(db: Session, tables: Sequence[str] = READS) -> Frozen | None:
    """The parameters in the tables READS (or PRIOR) that a session has open; None where they are of another format."""
    found = _body(db, tables[0])
    if found is None:
        return None
    model, body, since, records = found
    rules = db.rows(f"select rule, cap from {tables[1]} order by rank")  # noqa: S608 - a name of ours
    terms = db.query(f"select field, frequency, term from {tables[2]} order by field, term")  # noqa: S608
    field = terms["field"].to_numpy()
    keys, frequency = terms["term"].to_numpy().astype(np.int64), terms["frequency"].to_numpy().astype(np.float32)
    shares = {}
    for name, told in body["shares"].items():
        first, last = np.searchsorted(field, [name, f"{name}\0"]) if len(field) else (0, 0)
        shares[name] = Shares(keys[first:last], frequency[first:last], float(told["unseen"]), int(told["held"]))
    plan = tuple(Planned(str(rule), int(cap)) for rule, cap in rules)
    return Frozen(model, plan, tuple(body["ids"]), tuple(body["attributes"]), shares, db.secret(), since, records)


def standing(db: Session, settings: MatchingSettings) -> Frozen | None:
    """The last published generation's parameters where they hold for a run with these settings."""
    found = _body(db, PRIOR[0])
    return read(db, PRIOR) if found is not None and found[1]["basis"] == basis(settings) else None


def _body(db: Session, table: str) -> tuple[Model, dict[str, Any], int, int] | None:
    rows = db.rows(f"select parameters, frozen, estimated_run, estimated_records from {table}")  # noqa: S608 - a name of ours
    if len(rows) != 1 or rows[0][1] is None:
        return None
    body = json.loads(rows[0][1])
    return (from_json(rows[0][0]), body, int(rows[0][2]), int(rows[0][3])) if body["format"] == FORMAT else None
