"""Who lives with whom: couples, adult children, twins, namesakes and flatmates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from identity.sample.names import CULTURES, family_names, given_names
from identity.sample.places import COUNTRIES, COUNTRY_SHARE
from identity.sample.rates import Rates
from identity.sample.text import Ints, Mask, chance

_CULTURE_SHARE = {
    "US": {"en": 0.66, "es": 0.16, "in": 0.04, "zh": 0.05, "sl": 0.03, "de": 0.03, "fr": 0.03},
    "GB": {"en": 0.82, "in": 0.10, "sl": 0.05, "zh": 0.02, "fr": 0.01},
    "DE": {"de": 0.86, "sl": 0.08, "es": 0.02, "in": 0.02, "nl": 0.02},
    "FR": {"fr": 0.90, "es": 0.05, "sl": 0.02, "in": 0.02, "zh": 0.01},
    "NL": {"nl": 0.88, "de": 0.05, "in": 0.04, "sl": 0.03},
    "ES": {"es": 0.94, "fr": 0.02, "en": 0.02, "sl": 0.02},
    "CA": {"en": 0.62, "fr": 0.20, "in": 0.08, "zh": 0.10},
    "AU": {"en": 0.80, "in": 0.06, "zh": 0.10, "de": 0.04},
}
PARTNER, CHILD, FLATMATE, HEAD = 1, 2, 3, 0
_COUPLE, _FLAT, _SINGLE_PARENT = 0, 1, 2


@dataclass(frozen=True)
class Families:
    """One row per person, people of a household next to each other."""

    household: npt.NDArray[np.int32]
    size: npt.NDArray[np.int32]
    head: npt.NDArray[np.int32]
    role: npt.NDArray[np.int8]
    country: npt.NDArray[np.int8]
    female: Mask
    given: npt.NDArray[np.int32]
    family: npt.NDArray[np.int32]
    family_before: npt.NDArray[np.int32]
    born: npt.NDArray[np.datetime64]
    suffix: npt.NDArray[np.int8]  # 0 none, 1 Sr, 2 Jr


def make_families(rng: np.random.Generator, people: int, rates: Rates, today: np.datetime64) -> Families:
    """Draw the population: households, roles, ages and names."""
    sizes = _household_sizes(rng, people, rates.in_households)
    household = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
    head = np.repeat((np.cumsum(sizes) - sizes).astype(np.int32), sizes)
    size = sizes[household].astype(np.int32)
    position = np.arange(people, dtype=np.int32) - head
    kind = rng.choice(3, size=len(sizes), p=[0.7, 0.14, 0.16])[household]
    role = np.select(
        [position == 0, kind == _FLAT, (kind == _COUPLE) & (position == 1)], [HEAD, FLATMATE, PARTNER], CHILD
    ).astype(np.int8)
    country = rng.choice(len(COUNTRIES), size=len(sizes), p=COUNTRY_SHARE)[household].astype(np.int8)
    female = chance(rng, people, 0.52)
    partner = role == PARTNER
    female[partner] = np.where(chance(rng, int(partner.sum()), 0.95), ~female[head[partner]], female[head[partner]])
    born = _births(rng, role, head, (kind != _FLAT) & (size > (kind == _COUPLE) + 1), today)
    culture = _cultures(rng, country, role, head)
    given = _different_given(rng, culture, female, household)
    family = family_names().draw(rng, culture)
    same_as_head = (role == CHILD) | (partner & chance(rng, people, np.where(culture == 1, 0.25, 0.78)))
    own = family.copy()
    family[same_as_head] = family[head[same_as_head]]
    took = partner & same_as_head
    share = rates.surname_changed
    before = _changed_surnames(rng, family, own, culture, female=female, took=took, share=share)
    twins = _twins(rng, role, head, rates.twins)
    born[twins] = born[twins - 1]
    suffix = _namesakes(rng, role, head, female, given=given, share=rates.namesake_child)
    return Families(household, size, head, role, country, female, given, family.astype(np.int32), before, born, suffix)


def _household_sizes(rng: np.random.Generator, people: int, in_households: float) -> npt.NDArray[np.int64]:
    """Sizes that add up to `people`, with the wanted share in households of several adults."""
    wanted = round(people * in_households)
    drawn = rng.choice([2, 3, 4], size=wanted // 2 + 1, p=[0.62, 0.24, 0.14])
    several = drawn[np.cumsum(drawn) <= wanted]
    sizes = np.concatenate([several, np.ones(people - int(several.sum()), dtype=np.int64)])
    return np.asarray(rng.permutation(sizes), dtype=np.int64)


def _births(
    rng: np.random.Generator, role: Ints, head: Ints, parents: Mask, today: np.datetime64
) -> npt.NDArray[np.datetime64]:
    people = len(role)
    age = 19 + np.abs(rng.normal(25, 15, people))  # reflected, not clipped: no pile of equal birth dates
    age[parents] = 44 + np.abs(rng.normal(12, 7, int(parents.sum())))
    for here, gap, spread in ((role == PARTNER, 0.0, 3.5), (role == CHILD, -26.0, 3.5), (role == FLATMATE, 0.0, 6.0)):
        age[here] = age[head[here]] + gap + rng.normal(0, spread, int(here.sum()))
    age = np.where(age < 18, 36 - age, age)
    age = np.where(age > 92, 92 - (age - 92), age)
    return np.asarray(today.astype("datetime64[D]") - (age * 365.25).astype(np.int64))


def _cultures(rng: np.random.Generator, country: Ints, role: Ints, head: Ints) -> npt.NDArray[np.int8]:
    culture = np.zeros(len(country), dtype=np.int8)
    for name, shares in _CULTURE_SHARE.items():
        here = np.flatnonzero(country == COUNTRIES.index(name))
        options = [CULTURES.index(c) for c in shares]
        weights = np.array(list(shares.values()))
        culture[here] = rng.choice(options, size=len(here), p=weights / weights.sum())
    follows = (role == CHILD) | ((role == PARTNER) & chance(rng, len(role), 0.85))
    culture[follows] = culture[head[follows]]
    return culture


def _different_given(rng: np.random.Generator, culture: Ints, female: Mask, household: Ints) -> npt.NDArray[np.int32]:
    """Given names; nobody shares one within a household (namesakes are made on purpose later)."""
    pool = given_names()
    gender = np.where(female, "f", "m")
    text_code = np.unique(np.array(pool.folded.to_pylist()), return_inverse=True)[1]
    given = pool.draw(rng, culture, gender).astype(np.int32)
    for _ in range(20):
        key = household.astype(np.int64) * (int(text_code.max()) + 1) + text_code[given]
        order = np.argsort(key, kind="stable")
        repeated = np.zeros(len(key), dtype=bool)
        repeated[order[1:]] = key[order[1:]] == key[order[:-1]]
        again = np.flatnonzero(repeated)
        if not len(again):
            break
        given[again] = pool.draw(rng, culture[again], gender[again])
    return given


def _changed_surnames(
    rng: np.random.Generator, family: Ints, own: Ints, culture: Ints, *, female: Mask, took: Mask, share: float
) -> npt.NDArray[np.int32]:
    """The name before marriage or divorce of the share of people whose surname changed, else -1."""
    people = len(family)
    before = np.full(people, -1, dtype=np.int32)
    # Wives who took the name weigh most, then other women, then men.
    weight = np.where(took & female, 6.0, np.where(female, 1.0, 0.15))
    changed = rng.choice(people, size=round(people * share), replace=False, p=weight / weight.sum())
    changed.sort()
    drawn = family_names().draw(rng, culture[changed])
    before[changed] = np.where(own[changed] != family[changed], own[changed], drawn)
    before[before == family] = -1
    return before


def _twins(rng: np.random.Generator, role: Ints, head: Ints, share: float) -> Ints:
    """Positions of second twins: children whose neighbour before is a child of the same household."""
    second = np.flatnonzero((role[1:] == CHILD) & (role[:-1] == CHILD) & (head[1:] == head[:-1])) + 1
    return np.asarray(second[chance(rng, len(second), share)])


def _namesakes(
    rng: np.random.Generator, role: Ints, head: Ints, female: Mask, *, given: npt.NDArray[np.int32], share: float
) -> npt.NDArray[np.int8]:
    """Give a few sons their father's given name (changed in place); returns the suffixes."""
    suffix = np.zeros(len(role), dtype=np.int8)
    sons = np.flatnonzero((role == CHILD) & ~female & ~female[head])
    sons = sons[chance(rng, len(sons), share)]
    sons = sons[np.unique(head[sons], return_index=True)[1]]  # one junior per father
    given[sons] = given[head[sons]]
    suffix[sons] = 2
    suffix[head[sons]] = 1
    return suffix
