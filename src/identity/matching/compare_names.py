"""Names: nicknames, initials, double names, swapped parts, typing errors."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from operator import or_
from typing import NamedTuple

import numpy as np

from identity.matching.compare_contacts import further_pairings
from identity.matching.levels import Family, Given, Middle, Whole
from identity.matching.records import Bools, Column, Floats, Ints, Levels, Longs, Names, Records
from identity.matching.similarity import (
    Judge,
    Sieve,
    among,
    by_distinct,
    edits,
    equal_or_not,
    glance,
    is_in,
    jaro_winkler,
    may_be_alike,
    may_be_edits,
    may_begin,
)
from identity.matching.words import Words
from identity.standard.nicknames import phonetic_key
from identity.standard.scripts import transcribed

_PREFERENCE = {
    "given_name": np.array([0, 8, 6, 5, 4, 3, 2, 1, -4], dtype=np.float32),
    "middle_name": np.array([0, 3, 2, 1, -2], dtype=np.float32),
    "family_name": np.array([0, 9, 5, 6, 4, 1, 2, -4], dtype=np.float32),
    "suffix": np.array([0, 1, -4, 0], dtype=np.float32),
}
"""By which of two pairings of names is the better one: rough weights, only their order matters."""

WHOLE_TRUST = np.float32(3)
"""Records that a whole name is credited with, and expected of it, before any are counted."""
WHOLE_RATIOS = np.exp2(np.array([0.75, 1.5, 2.25, 3, 4], dtype=np.float32))
"""From which ratio of records counted to expected on each level of `Whole` begins."""
COMMON_NAME = 8
"""Records from which on a given name is no slip of another, unless that is many times as frequent."""
SLIPS_PER_NAME = 8


@dataclass(frozen=True)
class NameLevels:
    """Levels and frequencies of the parts, and how often the whole name is borne, one entry per pair."""

    given: Levels
    middle: Levels
    family: Levels
    suffix: Levels
    whole: Levels
    given_share: Floats
    middle_share: Floats
    family_share: Floats

    def of(self, rows: Longs) -> "NameLevels":
        """Those of some pairs."""
        return NameLevels(*(getattr(self, name)[rows] for name in NameLevels.__dataclass_fields__))

    def preference(self) -> Floats:
        """How well the names go together."""
        rare = sum(
            np.where(share > 0, -np.log2(np.maximum(share, 1e-9)), 0) * 0.1
            for share in (self.given_share, self.family_share)
        )
        total = rare + sum(
            _PREFERENCE[name][level]
            for name, level in zip(_PREFERENCE, (self.given, self.middle, self.family, self.suffix), strict=True)
        )
        return np.asarray(total, dtype=np.float32)


class Graded(NamedTuple):
    """Levels and frequencies of one pairing, changed in place where parts are swapped."""

    given: Levels
    family: Levels
    given_share: Floats
    family_share: Floats


_AGREES_GIVEN = (Given.EXACT, Given.NICKNAME, Given.TYPO, Given.PART, Given.INITIAL)
_AGREES_FAMILY = (Family.EXACT, Family.TYPO, Family.PART)


def compare_names(records: Records, left: Ints, right: Ints) -> NameLevels:
    """Compare every name of one record with every name of the other and keep the best pairing.

    Two records that both hold nothing but a name say nothing of each other.
    """
    names = records.names
    best = _one_pairing(names, left, right, 0, 0)
    for one, other, rows in further_pairings(names.filled, left, right):
        found = _one_pairing(names, left[rows], right[rows], one, other)
        _improve(best, found, rows)
    rows = np.flatnonzero(records.bare.take(left, mode="clip") & records.bare.take(right, mode="clip"))
    for name in NameLevels.__dataclass_fields__:
        getattr(best, name)[rows] = 0
    return best


def _improve(best: NameLevels, found: NameLevels, rows: Longs) -> None:
    """Take over what is found for some rows where it goes together better."""
    wins = found.preference() > best.of(rows).preference()
    for name in NameLevels.__dataclass_fields__:
        getattr(best, name)[rows[wins]] = getattr(found, name)[wins]


def _one_pairing(names: Names, left: Ints, right: Ints, one: int, other: int) -> NameLevels:
    given = (names.given.at(left, one), names.given.at(right, other))
    middle = (names.middle.at(left, one), names.middle.at(right, other))
    family = (names.family.at(left, one), names.family.at(right, other))
    suffix = (names.suffix.at(left, one), names.suffix.at(right, other))
    given_level = _graded(names.given, *given, _judge_given)
    family_level = _graded(names.family, *family, _judge_family)
    middle_level = _graded(names.middle, *middle, _judge_middle)
    given_share = _share(names.given, *given, (given_level == Given.EXACT) | (given_level == Given.TYPO))
    family_share = _share(names.family, *family, (family_level == Family.EXACT) | (family_level == Family.TYPO))
    middle_share = _share(names.middle, *middle, middle_level == Middle.EXACT)
    _called_by_middle_name(given_level, given, middle)
    _swapped(Graded(given_level, family_level, given_share, family_share), given, family, names)
    suffix_level = np.where((suffix[0] < 0) | (suffix[1] < 0), 0, np.where(suffix[0] == suffix[1], 1, 2))
    return NameLevels(
        given_level,
        middle_level,
        family_level,
        suffix_level.astype(np.uint8),
        _whole_level(names, left, one, (given_level == Given.EXACT) & (family_level == Family.EXACT)),
        given_share,
        middle_share,
        family_share,
    )


def _graded(values: Column, one: Ints, other: Ints, judge: Judge) -> Levels:
    """0 where missing, 1 where equal, else the judge's word."""
    out, rows = equal_or_not(one, other)
    if len(rows):
        out[rows] = by_distinct(values, one.take(rows), other.take(rows), judge, *_SIEVES[judge])
    return out


def _share(values: Column, one: Ints, other: Ints, where: Bools) -> Floats:
    """Frequency of the rarer value where asked, else 0.

    Of two spellings of one name the rarer is the error: a rare error is strong evidence, two common names are not.
    """
    out = np.zeros(len(one), dtype=np.float32)
    rows = np.flatnonzero(where)
    out[rows] = np.minimum(*(values.frequency.take(side.take(rows), mode="clip") for side in (one, other)))
    return out


def _whole_level(names: Names, left: Ints, slot: int, where: Bools) -> Levels:
    """By how much more often whole names are borne than their parts make one expect, where both parts agree.

    Names go together in families, regions and languages, and some whole names more than others. Few records tell
    little: both counts are raised by WHOLE_TRUST.
    """
    out = np.zeros(len(left), dtype=np.uint8)
    rows = np.flatnonzero(where)
    parts = (names.whole, names.given, names.family)
    whole, given, family = (part.frequency[part.at(left[rows], slot)] for part in parts)
    held = names.whole.held
    ratio = (whole * held + WHOLE_TRUST) / (given * family * held + WHOLE_TRUST)
    out[rows] = Whole.AS_EXPECTED + np.searchsorted(WHOLE_RATIOS, ratio, side="right")
    return out


def _called_by_middle_name(level: Levels, given: tuple[Ints, Ints], middle: tuple[Ints, Ints]) -> None:
    """People called by their middle name: the given name of one record is the middle name of the other."""
    weak = (level == Given.DIFFERS) | (level == Given.SIMILAR) | (level == Given.INITIAL)
    crossed = ((given[0] == middle[1]) & (given[0] >= 0)) | ((given[1] == middle[0]) & (given[1] >= 0))
    level[weak & crossed] = Given.PART


def _swapped(graded: Graded, given: tuple[Ints, Ints], family: tuple[Ints, Ints], names: Names) -> None:
    """Given and family name in each other's place, where they do not agree straight.

    One crosswise equal: the family name is SWAPPED, and so is the given name where the other two are alike;
    it differs where they are not. A record with a single name may have it in the wrong place: it is then compared with
    the family name of the other.
    """
    straight = among(graded.given, _AGREES_GIVEN) | among(graded.family, _AGREES_FAMILY)
    first = (given[0] == family[1]) & (given[0] >= 0) & ~straight
    second = (given[1] == family[0]) & (given[1] >= 0) & ~straight
    share = np.maximum(
        _share(names.family, given[0], family[1], first), _share(names.family, given[1], family[0], second)
    )
    either = first | second
    graded.family[either] = Family.SWAPPED
    graded.family_share[either] = share[either]
    graded.given_share[either] = 0
    open_end = np.where(first, (given[1] < 0) | (family[0] < 0), (given[0] < 0) | (family[1] < 0))
    graded.given[either] = Given.DIFFERS
    graded.given[either & open_end] = Given.MISSING
    graded.given[first & second] = Given.SWAPPED
    for exact, mine, theirs in ((first & ~second, 1, 0), (second & ~first, 0, 1)):
        rows = np.flatnonzero(exact & ~open_end)
        level = _graded(names.family, given[mine][rows], family[theirs][rows], _judge_family)
        graded.given[rows[among(level, (Family.TYPO, Family.PART, Family.SIMILAR))]] = Given.SWAPPED
    for mine, theirs in ((0, 1), (1, 0)):
        lone = (family[mine] < 0) & (given[mine] >= 0) & (family[theirs] >= 0) & ~straight & ~either
        rows = np.flatnonzero(lone)
        level = _graded(names.family, given[mine][rows], family[theirs][rows], _judge_family)
        near = rows[among(level, (Family.TYPO, Family.PART))]
        graded.family[near] = level[among(level, (Family.TYPO, Family.PART))]
        graded.given[near] = Given.MISSING
        graded.given_share[near] = 0


def _initials_meet(words: Words, low: Ints, high: Ints) -> Bools:
    """One of two names is the initial of the other."""
    short = (words.lengths[low] == 1) | (words.lengths[high] == 1)
    return np.asarray(short & (words.initials[low] == words.initials[high]))


def _parts_meet(words: Words, low: Ints, high: Ints, one: list[str], other: list[str]) -> Bools:
    """Double names share a whole word; of single ones, one begins the other (three letters or more)."""
    found = np.zeros(len(one), dtype=bool)
    compound = words.is_compound[low] | words.is_compound[high]
    seen = glance(words, low, high)
    begins = seen.same_initial & (np.minimum(seen.a, seen.b) >= 3) & may_begin(seen)
    # a text that was transcribed has other words than its code tells
    may_share = (words.part_masks[low] & words.part_masks[high]) != 0
    may_share |= words.letters[low] == words.letters[high]
    may_share |= words.is_latin[low] != words.is_latin[high]
    for row in np.flatnonzero(compound & may_share).tolist():
        a, b = one[row], other[row]
        shared = set(a.split()) & set(b.split())
        found[row] = any(len(word) > 1 for word in shared) or a.replace(" ", "") == b.replace(" ", "")
    rows = np.flatnonzero(~compound & begins)
    x, y = ([side[row] for row in rows.tolist()] for side in (one, other))
    found[rows] = [*map(or_, map(str.startswith, x, y), map(str.startswith, y, x))]
    return found


def _in_one_script(words: Words, low: Ints, high: Ints) -> tuple[list[str], list[str], Bools]:
    """The texts of each pair, transcribed where one of them is Latin and the other is not; and where that cannot be."""
    one, other = words.take(low), words.take(high)
    unread = np.zeros(len(one), dtype=bool)
    for row in np.flatnonzero(words.is_latin[low] != words.is_latin[high]).tolist():
        a, b = transcribed(one[row]), transcribed(other[row])
        if a is None or b is None:
            unread[row] = True
        else:
            one[row], other[row] = a, b
    return one, other, unread


def _spelling(words: Words, low: Ints, high: Ints, one: list[str], other: list[str]) -> tuple[Bools, Bools]:
    """Whether two names differ by a typing error; whether they look or sound alike."""
    similarity = jaro_winkler(one, other, 0.74)
    longest = np.maximum(words.lengths[low], words.lengths[high])
    near = similarity >= 0.75
    distance = np.full(len(one), 9, dtype=np.int32)
    rows = np.flatnonzero(near | (longest <= 4))
    distance[rows] = edits([one[row] for row in rows.tolist()], [other[row] for row in rows.tolist()], 2)
    typo = (distance == 0) | ((distance == 1) & (longest >= 4)) | ((distance == 2) & (longest >= 8))
    sound = np.zeros(len(one), dtype=bool)
    for row in np.flatnonzero(near & ~typo & (similarity < 0.86)).tolist():
        sound[row] = phonetic_key(one[row]) == phonetic_key(other[row])
    return typo, (similarity >= 0.86) | sound | ((distance == 1) & (longest >= 3)) | ((distance == 2) & (longest >= 5))


def _both_common(values: Column, low: Ints, high: Ints) -> Bools:
    """Whether both spellings are names of their own: a slip is far rarer than the name it is a slip of."""
    rarer = np.minimum(values.frequency[low], values.frequency[high])
    commoner = np.maximum(values.frequency[low], values.frequency[high])
    holders = rarer * values.held
    return np.asarray((holders >= COMMON_NAME) & (rarer * SLIPS_PER_NAME >= commoner))


def _judge_given(values: Column, low: Ints, high: Ints) -> Levels:
    """Levels of differing given names. Two known names that differ by a letter (Mark, Mary) are two names, no slip."""
    words = values.values
    one, other, unread = _in_one_script(words, low, high)
    typo, similar = _spelling(words, low, high, one, other)
    nickname = is_in(low.astype(np.int64) * len(words) + high, words.nickname_pairs)
    two_names = (words.is_given_name[low] & words.is_given_name[high]) | _both_common(values, low, high)
    rules: list[tuple[Bools, IntEnum]] = [
        (unread, Given.MISSING),
        (nickname, Given.NICKNAME),
        (_initials_meet(words, low, high), Given.INITIAL),
        (typo & ~two_names, Given.TYPO),
        (_parts_meet(words, low, high, one, other), Given.PART),
        (similar | typo, Given.SIMILAR),
    ]
    return _first_rule(rules, Given.DIFFERS)


def _judge_family(values: Column, low: Ints, high: Ints) -> Levels:
    words = values.values
    one, other, unread = _in_one_script(words, low, high)
    typo, similar = _spelling(words, low, high, one, other)
    rules: list[tuple[Bools, IntEnum]] = [
        (unread, Family.MISSING),
        (_initials_meet(words, low, high), Family.INITIAL),
        (typo, Family.TYPO),
        (_parts_meet(words, low, high, one, other), Family.PART),
        (similar, Family.SIMILAR),
    ]
    return _first_rule(rules, Family.DIFFERS)


def _judge_middle(values: Column, low: Ints, high: Ints) -> Levels:
    words = values.values
    one, other = words.take(low), words.take(high)
    initial = np.array([_initials_agree(a, b) for a, b in zip(one, other, strict=True)], dtype=bool)
    typo, similar = _spelling(words, low, high, one, other)
    part = _parts_meet(words, low, high, one, other)
    return _first_rule([(initial, Middle.INITIAL), (typo | part | similar, Middle.SIMILAR)], Middle.DIFFERS)


def _spelling_may_be_near(words: Words, low: Ints, high: Ints) -> Bools:
    """Same initial, several words, near in spelling or short: what no judge of names decides without a look."""
    seen = glance(words, low, high)
    near = may_be_alike(seen, 0.75) | ((seen.longest <= 4) & may_be_edits(seen, 2))
    return np.asarray(near | seen.same_initial | words.is_compound[low] | words.is_compound[high])


def _given_may_be_near(words: Words, low: Ints, high: Ints) -> Bools:
    nickname = is_in(low.astype(np.int64) * len(words) + high, words.nickname_pairs)
    return np.asarray(nickname | _spelling_may_be_near(words, low, high))


_SIEVES: dict[Judge, tuple[Sieve, int]] = {
    _judge_given: (_given_may_be_near, Given.DIFFERS),
    _judge_family: (_spelling_may_be_near, Family.DIFFERS),
    _judge_middle: (_spelling_may_be_near, Middle.DIFFERS),
}
"""What a judge can be spared, and what it would say of the rest."""


def _first_rule(rules: Sequence[tuple[Bools, IntEnum]], otherwise: IntEnum) -> Levels:
    return np.select([rule for rule, _ in rules], [found for _, found in rules], otherwise).astype(np.uint8)


def _initials_agree(one: str, other: str) -> bool:
    a, b = one.split(), other.split()
    shorter = min(len(a), len(b))
    return any(len(word) == 1 for word in (*a[:shorter], *b[:shorter])) and all(
        x[0] == y[0] for x, y in zip(a, b, strict=False)
    )
