"""Linking: candidate pairs, a trained model, and the weight of every pair worth keeping."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from identity.matching import blocking
from identity.matching.chance import Chance, chance_of
from identity.matching.comparison import Field, compare, fields_of, pack
from identity.matching.em import count_patterns, learn, patterns_of, start_model
from identity.matching.model import Doubles, Model, fitted, tables
from identity.matching.records import Bools, Ints, Longs, Records
from identity.matching.rules import rules_that_fire
from identity.matching.score import evidence_of, weights

FLOOR = -4.0
"""Pairs below this weight (1 : 16) are not kept: no group evidence brings them back."""
EVEN = 0.0
"""Weight from which the untrained model takes a pair for a match."""
TRAINING_PAIRS = 2_000_000
CHUNK = 500_000


@dataclass(frozen=True)
class Candidates:
    """The blocking rules that ran, their pairs, and the model before training that judged the rules."""

    plan: Sequence[blocking.Blocks]
    left: Ints
    right: Ints
    rule: NDArray[np.int8]
    seen: Chance
    start: Model


@dataclass(frozen=True)
class Scored:
    """Pairs at or above FLOOR. `fired` is the deterministic rule, -1 for none."""

    left: Ints
    right: Ints
    rule: NDArray[np.int8]
    fired: NDArray[np.int8]
    weight: Doubles
    vector: Longs


def candidates(records: Records, fields: tuple[Field, ...], pairs_per_record: int) -> Candidates:
    """Every pair that a worthwhile blocking rule proposes within the budget, once."""
    seen = chance_of(records, fields)
    start = start_model(fields, records.size, seen)
    lookup = tables(start, records.size)

    def looks_like_a_match(left: Ints, right: Ints) -> Bools:
        found = weights(start, evidence_of(lookup, compare(records, fields, left, right)))
        return np.asarray(found >= EVEN)

    plan, pairs = blocking.propose(records, pairs_per_record, looks_like_a_match)
    return Candidates(plan, pairs.left, pairs.right, pairs.rule, seen, start)


def train(records: Records, fields: tuple[Field, ...], pairs: Candidates) -> Model:
    """Learn the model from the candidate pairs, or from an even sample of them where there are many."""
    lookup = tables(pairs.start, records.size)
    step = max(len(pairs.left) // TRAINING_PAIRS, 1)
    left, right = pairs.left[::step], pairs.right[::step]
    parts = [
        patterns_of(fields, lookup, compare(records, fields, left[at : at + CHUNK], right[at : at + CHUNK]))
        for at in range(0, len(left), CHUNK)
    ]
    counted = count_patterns(fields, parts, len(pairs.left) / max(len(left), 1))
    return learn(pairs.start, pairs.seen, counted, records.size)


def score(records: Records, fields: tuple[Field, ...], model: Model, pairs: Candidates, floor: float = FLOOR) -> Scored:
    """Weigh all candidate pairs, chunk by chunk, and keep those at or above the floor."""
    lookup = tables(model, records.size)
    kept: list[Scored] = []
    for at in range(0, len(pairs.left), CHUNK):
        left, right = pairs.left[at : at + CHUNK], pairs.right[at : at + CHUNK]
        vectors = compare(records, fields, left, right)
        weight = weights(model, evidence_of(lookup, vectors))
        fired = rules_that_fire(fields, vectors.levels)
        keep: Bools = weight >= floor
        kept.append(
            Scored(
                left[keep],
                right[keep],
                pairs.rule[at : at + CHUNK][keep],
                fired[keep],
                weight[keep],
                pack(fields, vectors.levels[:, keep]),
            )
        )
    return _joined(kept)


def _joined(parts: list[Scored]) -> Scored:
    ids, small = np.zeros(0, np.int32), np.zeros(0, np.int8)
    nothing = Scored(ids, ids, small, small, np.zeros(0), np.zeros(0, np.int64))
    return Scored(
        *(np.concatenate([getattr(part, name) for part in (nothing, *parts)]) for name in Scored.__dataclass_fields__)
    )


def chosen_candidates(records: Records, fields: tuple[Field, ...], left: Ints, right: Ints) -> Candidates:
    """Pairs (left < right, each once) that somebody chose, in place of the blocking rules."""
    seen = chance_of(records, fields)
    nothing = np.zeros(0, np.int32)
    plan = [blocking.Blocks("chosen", nothing, nothing, nothing.astype(np.int64), len(left), 0, 0, 0, 0, 0)]
    start = start_model(fields, records.size, seen)
    return Candidates(plan, left, right, np.zeros(len(left), np.int8), seen, start)


def link_records(
    records: Records,
    pairs_per_record: int,
    given: Model | None = None,
    chosen: tuple[Ints, Ints] | None = None,
) -> tuple[tuple[Field, ...], Candidates, Model, Scored]:
    """The whole of linking: block (or take the `chosen` pairs), train (or take the `given` model), score."""
    fields = fields_of(records)
    if chosen is None:
        pairs = candidates(records, fields, pairs_per_record)
    else:
        pairs = chosen_candidates(records, fields, *chosen)
    model = train(records, fields, pairs) if given is None else fitted(given, pairs.start, records.size)
    return fields, pairs, model, score(records, fields, model, pairs)
