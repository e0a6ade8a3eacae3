"""Linking: candidate pairs, a trained model, and the weight of every pair worth keeping."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from identity.matching import blocking
from identity.matching.block_pairs import Pairs
from identity.matching.chance import Chance, chance_of
from identity.matching.comparison import Field, Vectors, compare, fields_of, pack
from identity.matching.em import count_patterns, learn, patterns_of, start_model
from identity.matching.frozen import Frozen
from identity.matching.model import Doubles, Model, fitted, rounded, tables
from identity.matching.parallel import in_order
from identity.matching.records import Bools, Ints, Longs, Records
from identity.matching.rules import rules_that_fire
from identity.matching.score import evidence_of, weight_of, weights
from identity.matching.sizes import size_shares

FLOOR = -4.0
"""Pairs below this weight (1 : 16) are not kept: no group evidence brings them back."""
EVEN = 0.0
"""Weight from which the untrained model takes a pair for a match."""
TRAINING_PAIRS = 1_000_000
"""Pairs from which the model is learned, at least (and fewer than twice as many)."""
CHUNK = 250_000
"""Pairs whose vectors are held at once by a thread."""


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


@dataclass(frozen=True)
class Compared:
    """Vectors of every `step`-th candidate pair, kept from training so that no pair is compared twice."""

    step: int
    parts: Sequence[Vectors]


def candidates(records: Records, fields: tuple[Field, ...], pairs_per_record: int, threads: int = 1) -> Candidates:
    """Every pair that a worthwhile blocking rule proposes within the budget, once."""
    seen = chance_of(records, fields, threads)
    start = start_model(fields, records.size, seen)
    lookup = tables(start, records.size)

    def looks_like_a_match(left: Ints, right: Ints) -> Bools:
        found = weights(start, evidence_of(lookup, compare(records, fields, left, right)))
        return np.asarray(found >= EVEN)

    plan, pairs = blocking.propose(records, pairs_per_record, looks_like_a_match, threads)
    return Candidates(plan, pairs.left, pairs.right, pairs.rule, seen, start)


def train(records: Records, fields: tuple[Field, ...], pairs: Candidates, threads: int = 1) -> tuple[Model, Compared]:
    """Learn the model from the candidate pairs, or from an even sample of them where there are many."""
    lookup = tables(pairs.start, records.size)
    step = max(len(pairs.left) // TRAINING_PAIRS, 1)
    sampled = in_order(partial(_sampled, records, fields, pairs, step), _chunks(pairs, step), threads)
    sample = Compared(step, list(sampled))
    parts = [patterns_of(fields, lookup, vectors) for vectors in sample.parts]
    total = sum(len(vectors) for vectors in sample.parts)
    counted = count_patterns(fields, parts, len(pairs.left) / max(total, 1))
    return learn(pairs.start, pairs.seen, counted, records.size), sample


def _chunks(pairs: Candidates | Pairs, step: int) -> list[slice]:
    """Whole steps, so that the sample is the same whatever the size of a chunk."""
    size = max(CHUNK // step, 1) * step
    return [slice(at, min(at + size, len(pairs.left))) for at in range(0, len(pairs.left), size)]


def _sampled(records: Records, fields: tuple[Field, ...], pairs: Candidates, step: int, chunk: slice) -> Vectors:
    """Vectors of the first and every `step`-th pair after it in a chunk."""
    return compare(records, fields, pairs.left[chunk][::step], pairs.right[chunk][::step])


def score(
    records: Records,
    fields: tuple[Field, ...],
    model: Model,
    pairs: Candidates | Pairs,
    compared: Compared | None = None,
    threads: int = 1,
) -> Scored:
    """Weigh all candidate pairs, chunk by chunk, and keep those at or above FLOOR."""
    lookup = tables(model, records.size)
    chunks = _chunks(pairs, compared.step if compared else 1)

    def scored(place: tuple[int, slice]) -> Scored:
        number, chunk = place
        left, right = pairs.left[chunk], pairs.right[chunk]
        if compared is None:
            vectors = compare(records, fields, left, right)
        else:
            vectors = _completed(records, fields, (left, right), compared.step, compared.parts[number])
        weight = weights(model, evidence_of(lookup, vectors))
        rows = np.flatnonzero(weight >= FLOOR)
        levels = vectors.levels[:, rows]
        return Scored(
            left[rows],
            right[rows],
            pairs.rule[chunk][rows],
            rules_that_fire(fields, levels),
            weight[rows],
            pack(fields, levels),
        )

    return _joined(list(in_order(scored, enumerate(chunks), threads)))


def _completed(
    records: Records, fields: tuple[Field, ...], ends: tuple[Ints, Ints], step: int, sampled: Vectors
) -> Vectors:
    """Vectors of a chunk of pairs of which every `step`-th is known."""
    if step == 1:
        return sampled
    rest = np.arange(len(ends[0])) % step > 0
    fresh = compare(records, fields, ends[0][rest], ends[1][rest])
    levels = np.empty((len(fields), len(rest)), dtype=np.uint8)
    shares = np.empty((len(fields), len(rest)), dtype=np.float32)
    levels[:, ::step], levels[:, rest] = sampled.levels, fresh.levels
    shares[:, ::step], shares[:, rest] = sampled.shares, fresh.shares
    return Vectors(levels, shares)


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
    plan = [blocking.Blocks("chosen", 0, nothing, (nothing, nothing), len(left), 0, 0, 0, 0, 0)]
    start = start_model(fields, records.size, seen)
    return Candidates(plan, left, right, np.zeros(len(left), np.int8), seen, start)


def link_records(
    records: Records,
    pairs_per_record: int,
    threads: int = 1,
    *,
    given: Model | None = None,
    chosen: tuple[Ints, Ints] | None = None,
) -> tuple[tuple[Field, ...], Candidates, Model, Scored]:
    """The whole of linking: block (or take the `chosen` pairs), train (or take the `given` model), score.

    The result does not depend on `threads`.
    """
    fields = fields_of(records)
    if chosen is None:
        pairs = candidates(records, fields, pairs_per_record, threads)
    else:
        pairs = chosen_candidates(records, fields, *chosen)
    if given is not None:
        model = rounded(fitted(given, pairs.start, records.size))
        return fields, pairs, model, score(records, fields, model, pairs, threads=threads)
    model, compared = train(records, fields, pairs, threads)
    model = rounded(model)
    scored = score(records, fields, model, pairs, compared, threads)
    return fields, pairs, with_sizes(model, records.size, scored), scored


def with_sizes(model: Model, size: int, scored: Scored) -> Model:
    """The model with the sizes of the groups that pairs above even odds form."""
    likely = scored.weight >= weight_of(0.5)
    return replace(model, sizes=size_shares(size, scored.left[likely], scored.right[likely]))


def link_frozen(records: Records, frozen: Frozen, threads: int = 1) -> Scored:
    """All pairs that frozen parameters look at, weighed by them; `records` are `with_frozen`."""
    return score_frozen(records, frozen, blocking.proposed(records, frozen.plan, threads), threads)


def score_frozen(records: Records, frozen: Frozen, pairs: Pairs, threads: int = 1) -> Scored:
    """Weigh pairs by frozen parameters."""
    return score(records, frozen.fields(records), frozen.model, pairs, threads=threads)
