"""Why two records are, or are not, one person: the waterfall from the prior to the match weight.

Numbers and names of levels only; the values themselves stay in the tables, for whoever may read them.
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from identity.errors import IdentityError
from identity.matching.comparison import Field, Vectors, compare, fields_named
from identity.matching.frozen_tables import READS as FROZEN
from identity.matching.model import Model, Tables, from_json, rarity, tables
from identity.matching.reading import READS as STANDARDISED
from identity.matching.reading import Codes, kept_codes
from identity.matching.records import Bools
from identity.matching.rules import IDENTICAL, rule_names, rules_that_fire
from identity.matching.score import Evidence, evidence_of, probability, weights
from identity.runs.workspace import Session

READS = (*STANDARDISED, *FROZEN, "match.candidate_pair", "identity.profile_xref")


@dataclass(frozen=True)
class Step:
    """One field of the waterfall; `weight` = log2(m/u) (capped by the model) + `rarity`, all in bits.

    `frequency` is the share of records that hold the agreeing value, None where it does not count.
    """

    field: str
    level: str
    m: float
    u: float
    frequency: float | None
    rarity: float
    weight: float


@dataclass(frozen=True)
class Explanation:
    """From `prior` over the `steps` less `shared_household` to `match_weight`.

    `shared_household` is what the pair shares as a household would: evidence that does not tell two people of
    one household apart, taken off. `capped_by` names the principle that lowered the weight, if one did.
    `decided_by` is the deterministic rule, `fuzzy` or the constraint; `outcome` and `same_profile` what became of it.
    """

    record_a: tuple[str, str]
    record_b: tuple[str, str]
    prior: float
    steps: tuple[Step, ...]
    shared_household: float
    capped_by: str | None
    match_weight: float
    match_probability: float
    decided_by: str
    outcome: str
    same_profile: bool

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def explain_pair(
    db: Session, record_a: tuple[str, str], record_b: tuple[str, str], run_folder: Path | None = None
) -> Explanation:
    """Explain two records, each (source, source_pk), from a session that has READS open.

    `run_folder` is the folder of the run that made the tables (that of the session where not given): what link kept
    there spares encoding all records again.

    Raises IdentityError when the run does not know one of them.
    """
    encoded = kept_codes(db, run_folder or db.workspace.folder)
    keys = sorted((record_a, record_b))
    one, other = (_place(db, record) for record in keys)
    model = from_json(str(db.rows("select parameters from match.model")[0][0]))
    found = _outcome(db, *keys)
    return explanation(encoded, model, (keys, (one, other)), found)


def _place(db: Session, record: tuple[str, str]) -> int:
    """The number of a record: how many keys come before its own."""
    ((before, known),) = db.rows("link/record_number", source=record[0], source_pk=record[1])
    if not known:
        raise IdentityError(
            f"record {record[1]} of source {record[0]} is not in this run; "
            "take source and source_pk from a row of identity.profile_xref"
        )
    return int(before)


def _outcome(db: Session, a: tuple[str, str], b: tuple[str, str]) -> tuple[str, str | None, str | None, bool]:
    """(outcome, rule, constraint, same cluster) as resolve left the pair."""
    keys = {"source_a": a[0], "pk_a": a[1], "source_b": b[0], "pk_b": b[1]}
    pair = db.rows("link/explain_pair", **keys)
    together = bool(db.rows("link/explain_cluster", **keys)[0][0])
    if pair:
        outcome, rule, constraint = pair[0]
        return str(outcome), rule, constraint, together
    return ("link" if together else "no"), None, None, together


def explanation(
    encoded: Codes,
    model: Model,
    pair: tuple[list[tuple[str, str]], tuple[int, int]],
    found: tuple[str, str | None, str | None, bool],
) -> Explanation:
    """Explain a pair from what is known of it already.

    `pair` is the two record keys in order and the numbers of the records, `found` (outcome, rule, constraint, same
    cluster) as resolve left it.
    """
    keys, places = pair
    records, fields = encoded.records, fields_named(encoded.records, (field.name for field in model.fields))
    ends = encoded.distinct_of[np.array(places)]
    vectors = compare(records, fields, ends[:1].astype(np.int32), ends[1:].astype(np.int32))
    lookup = tables(model, records.size)
    evidence = evidence_of(lookup, vectors)
    weight = float(weights(model, evidence)[0])
    steps = _steps(model, lookup, vectors, evidence)
    prior = float(np.log2(model.match_share / (1 - model.match_share)))
    total = prior + sum(step.weight for step in steps)
    household = _household(model, evidence)
    outcome, rule, constraint, together = found
    return Explanation(
        record_a=keys[0],
        record_b=keys[1],
        prior=prior,
        steps=steps,
        shared_household=household,
        capped_by=_capped_by(records.bare[ends], lowered=weight < total + household - 1e-6),
        match_weight=weight,
        match_probability=float(probability(np.array([weight]))[0]),
        decided_by=constraint or rule or _rule(fields, vectors, identical=bool(ends[0] == ends[1])),
        outcome=outcome,
        same_profile=together,
    )


def _steps(model: Model, lookup: Tables, vectors: Vectors, evidence: Evidence) -> tuple[Step, ...]:
    bits = rarity(lookup, vectors.levels, vectors.shares)
    found = []
    for row, field in enumerate(model.fields):
        level = int(vectors.levels[row, 0])
        share = float(vectors.shares[row, 0])
        found.append(
            Step(
                field.name,
                field.labels[level],
                field.m[level],
                field.u[level],
                share if share > 0 else None,
                float(bits[row, 0]),
                float(evidence.match[row, 0]),
            )
        )
    return tuple(found)


def _household(model: Model, evidence: Evidence) -> float:
    """Bits taken off because two people of one household would agree as well (0 or less)."""
    rest = max(1 - model.match_share - model.household_share, 1e-6)
    shared = np.log2(model.household_share) + float(evidence.household[:, 0].sum(dtype=np.float64))
    return float(np.log2(1 - model.match_share) - np.logaddexp2(np.log2(rest), shared))


def _capped_by(bare: Bools, *, lowered: bool) -> str | None:
    """The rule of principle that keeps a pair apart, whatever its evidence."""
    if bare.all():
        return "nothing_but_names"
    return "household_of_other_given_name" if lowered else None


def _rule(fields: tuple[Field, ...], vectors: Vectors, *, identical: bool) -> str:
    if identical:
        return IDENTICAL
    fired = int(rules_that_fire(fields, vectors.levels)[0])
    return rule_names(fields)[fired] if fired >= 0 else "fuzzy"
