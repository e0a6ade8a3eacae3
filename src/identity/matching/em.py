"""Learning the model: EM over counts of patterns, shrunk towards the shipped prior by how much there is to learn.

A pattern is a vector of levels together with the bits its values' rarity adds, rounded to one. The
chance rates u stay fixed but for the matches among the pairs they were counted on; m, the share of matches
and the share of household pairs are learned.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from identity.matching.chance import Chance
from identity.matching.comparison import Field, Vectors, pack, unpack
from identity.matching.levels import Email
from identity.matching.model import (
    Doubles,
    FieldModel,
    Model,
    Tables,
    prior,
    prior_model,
    rarity,
    tables,
    together,
    with_prior,
)
from identity.matching.records import Levels, Longs

MAX_ROUNDS = 40
TOLERANCE = 1e-3
"""EM has converged when no share of a level and not the share of matches moves by more (relative for the latter)."""
PRIOR_MATCHES = 20.0
"""Matches the prior counts for, per comparison."""
PRIOR_PAIRS = 2_000.0
"""Random pairs the prior counts for, per comparison ..."""
PRIOR_PAIRS_RARE = 200_000.0
"""... and where strangers agree so seldom that in small data most agreements are matches."""
RARE = ("birth_date", "address", "email", "phone", "identifier")
PRIOR_NAMESAKES = 300.0
"""Pairs of strangers with one whole name that chance on each part counts for."""
MOST_NAMESAKES = 64.0
MAX_SHARE = 0.2
HOUSEHOLDS = 0.02
"""Household pairs per record that are assumed at least, however few the data shows."""
SHARED = ("family_name", "address", "phone", "company")
"""Kinds of which a household shares as much as the data shows; its given names, dates and ids are known to differ."""
PRIOR_HOUSEHOLDS = 50.0
"""Household pairs the prior counts for, per comparison."""
MOST_DIFFERING = {"given_name": 0.2, "birth_date": 0.2}
"""Highest share of one person's pairs that differ outright in what tells people apart. More of it is not learned:
it would be other people of the household taken for the same one."""
BY_PRIOR = ("email", "phone", "identifier")
"""Kinds on which strangers agree by chance next to never: what agrees more often is shared, not chance."""
BY_PRIOR_WITHIN = 10.0
FROM_NAME = [Email.TYPO_FROM_NAME, Email.SAME_LOCAL_FROM_NAME, Email.SIMILAR_FROM_NAME]
"""Levels of e-mails that follow from the name: strangers of one name are held against them, not any two people."""


@dataclass(frozen=True)
class Patterns:
    """Distinct patterns: levels [fields, patterns], rarity in bits, and how many pairs each stands for."""

    levels: Levels
    bits: Doubles
    counts: Doubles


def count_patterns(fields: tuple[Field, ...], parts: list[tuple[Longs, Longs]], weight: float) -> Patterns:
    """Patterns of (packed vectors, rounded bits) chunks; each pair stands for `weight` pairs."""
    packed = np.concatenate([part[0] for part in parts]) if parts else np.zeros(0, np.int64)
    bits = np.concatenate([part[1] for part in parts]) if parts else np.zeros(0, np.int64)
    vector, vectors = pd.factorize(packed)
    low = int(bits.min(initial=0))
    width = int(bits.max(initial=0)) - low + 1
    pattern, patterns = pd.factorize(vector * width + (bits - low))
    keys = np.asarray(patterns, dtype=np.int64)
    return Patterns(
        unpack(fields, np.asarray(vectors, dtype=np.int64))[:, keys // width],
        (keys % width + low).astype(np.float64),
        np.bincount(pattern, minlength=len(keys)).astype(np.float64) * weight,
    )


def patterns_of(fields: tuple[Field, ...], lookup: Tables, vectors: Vectors) -> tuple[Longs, Longs]:
    """Packed vectors and rounded rarity bits of compared pairs."""
    bits = rarity(lookup, vectors.levels, vectors.shares).sum(axis=0)
    return pack(fields, vectors.levels), np.rint(bits).astype(np.int64)


def start_model(fields: tuple[Field, ...], size: int, seen: Chance) -> Model:
    """The prior with chance rates counted on the data."""
    model = prior_model(fields, size)
    return _with_chance(model, seen)


def _with_chance(model: Model, seen: Chance) -> Model:
    """u: the observed rates less what the matches among those pairs explain, shrunk towards the prior."""
    entries = []
    for row, field in enumerate(model.fields):
        if field.kind == "whole_name":  # what strangers of one name share no random pair tells: `_with_namesakes`
            entries.append(field)
            continue
        prior = with_prior(field)
        width = len(field.labels)
        u = np.array(prior.u)
        levels = _real_levels(prior)
        rate = np.array(seen.rate[row, :width])
        expected = model.match_share * np.array(field.m)
        clean = np.maximum(rate - expected, 0) / (1 - model.match_share)
        pairs = seen.pairs[row, :width]
        trust = PRIOR_PAIRS_RARE if field.kind in RARE else PRIOR_PAIRS
        u[levels] = (clean[levels] * pairs[levels] + trust * u[levels]) / (pairs[levels] + trust)
        if field.kind in BY_PRIOR:
            u[1] = np.clip(u[1], prior.u[1] / BY_PRIOR_WITHIN, prior.u[1] * BY_PRIOR_WITHIN)
        u[levels[-1]] = max(1 - u[levels[:-1]].sum(), 1e-3)
        if field.kind == "email":
            u[FROM_NAME] = np.array(field.u)[FROM_NAME]
        reference = np.array(seen.reference[row, :width])
        if field.kind not in ("gender", "suffix"):
            reference[1] = u[1]
        entries.append(replace(field, u=tuple(map(float, u)), reference=tuple(map(float, reference))))
    return replace(model, fields=tuple(entries))


def _with_namesakes(model: Model, seen: Chance, patterns: Patterns, strangers: Doubles) -> Model:
    """How much more often strangers bear one whole name than chance on each part says, and which names they bear.

    `strangers` counts the pairs of each pattern that are neither one person nor one household. Every pair of one
    whole name is a candidate, so they can be held against all pairs that have both parts.
    """
    row = {field.name: number for number, field in enumerate(model.fields)}
    if not {"given_name", "family_name", "whole_name"} <= row.keys():
        return model
    given, family = row["given_name"], row["family_name"]
    same = (patterns.levels[given] == 1) & (patterns.levels[family] == 1)
    compared = min(seen.pairs[given, 1], seen.pairs[family, 1])
    expected = compared * model.fields[given].u[1] * model.fields[family].u[1]
    factor = (float(strangers[same].sum()) + PRIOR_NAMESAKES) / (expected + PRIOR_NAMESAKES)
    fields = list(model.fields)
    for name, learn_u in (("whole_name", _borne), ("email", _made_of_names)):
        if name in row:
            number = row[name]
            fields[number] = learn_u(fields[number], patterns.levels[number][same], strangers[same])
    return replace(model, fields=tuple(fields), namesakes=float(np.clip(factor, 1, MOST_NAMESAKES)))


def _borne(whole: FieldModel, levels: Levels, strangers: Doubles) -> FieldModel:
    """The field `whole_name` with u as the names of strangers who share one are borne.

    It is shrunk towards m: few strangers tell nothing.
    """
    _, u = _shrunk(whole.m, levels, strangers, PRIOR_NAMESAKES, _real_levels(whole))
    borne = tuple(map(float, u))
    return replace(whole, h=borne, u=borne)


def _made_of_names(email: FieldModel, levels: Levels, strangers: Doubles) -> FieldModel:
    """The field e-mail with u (and h) of levels that follow from the name: their shares among strangers of one name."""
    seen = np.bincount(levels, weights=strangers, minlength=len(email.labels)).astype(np.float64)
    most = np.exp2(prior()["kinds"]["email"]["most"])
    usual = np.r_[1.0, np.array(email.m)[1:] / most]
    u, h = np.array(email.u), np.array(email.h)
    u[FROM_NAME] = (seen[FROM_NAME] + PRIOR_NAMESAKES * usual[FROM_NAME]) / (seen[1:].sum() + PRIOR_NAMESAKES)
    h[FROM_NAME] = u[FROM_NAME]
    return replace(email, u=tuple(map(float, u)), h=tuple(map(float, h)))


def _real_levels(field: FieldModel) -> Longs:
    """Levels that carry evidence: not missing, not implied."""
    return np.array([level for level, label in enumerate(field.labels) if label not in ("missing", "implied")])


def learn(start: Model, seen: Chance, patterns: Patterns, size: int) -> Model:
    """Rounds of EM until nothing moves; `em_converged` says whether that was reached."""
    all_pairs = max(size * (size - 1) / 2, 1)
    model, moved, rounds = start, True, 0
    while moved and rounds < MAX_ROUNDS:
        rounds += 1
        match, household = _posteriors(model, patterns, size)
        found = float((match * patterns.counts).sum())
        share = min((found + 1e-9) / all_pairs, MAX_SHARE)
        together = min((float((household * patterns.counts).sum()) + HOUSEHOLDS * size) / all_pairs, MAX_SHARE)
        learned = replace(
            model,
            fields=tuple(
                _learn_field(field, patterns.levels[row], match * patterns.counts, household * patterns.counts)
                for row, field in enumerate(model.fields)
            ),
            match_share=share,
            household_share=together,
            records_per_person=1 + 2 * found / max(size, 1),
        )
        after = _with_namesakes(_with_chance(learned, seen), seen, patterns, (1 - match - household) * patterns.counts)
        moved = _moved(model, after)
        model = after
    return replace(model, em_iterations=rounds, em_converged=not moved)


def _posteriors(model: Model, patterns: Patterns, size: int) -> tuple[Doubles, Doubles]:
    """P(same person) and P(one household) of each pattern."""
    lookup = tables(model, size)
    match, household = patterns.bits.copy(), patterns.bits.copy()
    if lookup.namesakes:
        less = np.where(together(lookup, patterns.levels), lookup.namesakes, 0)
        match -= less
        household -= less
    for row in range(len(model.fields)):
        match += lookup.match[row][patterns.levels[row]]
        household += lookup.household[row][patterns.levels[row]]
    same = model.match_share * np.exp2(np.clip(match, -200, 200))
    family = model.household_share * np.exp2(np.clip(household, -200, 200))
    rest = max(1 - model.match_share - model.household_share, 1e-6)
    total = same + family + rest
    return same / total, family / total


def _learn_field(field: FieldModel, levels: Levels, match: Doubles, household: Doubles) -> FieldModel:
    """The comparison with m, and h where a household shares it, from what each pattern counts for."""
    prior = with_prior(field)
    real = _real_levels(prior)
    found, m = _shrunk(prior.m, levels, match, PRIOR_MATCHES, real)
    _, h = _shrunk(prior.h, levels, household, PRIOR_HOUSEHOLDS, real)
    most = MOST_DIFFERING.get(field.kind, 1.0)
    if m[real[-1]] > most:
        m[real[:-1]] *= (1 - most) / m[real[:-1]].sum()
        m[real[-1]] = most
    origin = tuple("em" if found[level] >= 5 and level in real else "prior" for level in range(len(field.labels)))
    return replace(
        field,
        m=tuple(map(float, m)),
        h=tuple(map(float, h)) if field.kind in SHARED else field.h,
        origin=origin,
    )


def _shrunk(
    prior: tuple[float, ...], levels: Levels, weight: Doubles, trust: float, real: Longs
) -> tuple[Doubles, Doubles]:
    """(weighted counts per level, their shares shrunk towards the prior)."""
    counts = np.bincount(levels, weights=weight, minlength=len(prior))[: len(prior)].astype(np.float64)
    share = np.array(prior)
    share[real] = (counts[real] + trust * share[real]) / (counts[real].sum() + trust)
    return counts, share


def _moved(before: Model, after: Model) -> bool:
    if abs(after.match_share - before.match_share) > TOLERANCE * max(before.match_share, 1e-12):
        return True
    return any(
        abs(a - b) > TOLERANCE
        for old, new in zip(before.fields, after.fields, strict=True)
        for a, b in zip(old.m, new.m, strict=True)
    )
