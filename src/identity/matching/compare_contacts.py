"""E-mails, phones and identifiers: several per record, the best pairing counts."""

from collections.abc import Callable, Iterator
from itertools import product

import numpy as np

from identity.matching.levels import Email, Identifier, Phone, Same, Text
from identity.matching.records import Bools, Column, Emails, Floats, Ints, Levels, Longs
from identity.matching.similarity import (
    Judge,
    Sieve,
    among,
    by_distinct,
    edits,
    equal_or_not,
    glance,
    jaro_winkler,
    may_be_alike,
    may_be_edits,
    may_begin,
    texts,
)
from identity.matching.words import Words

SlotPair = Callable[[Ints, Ints, int, int], tuple[Levels, Floats]]
"""Compares slot `one` of the left records with slot `other` of the right ones; 0 where either is missing."""


def best_pairing(filled: list[Bools], left: Ints, right: Ints, compare: SlotPair) -> tuple[Levels, Floats]:
    """The strongest level (the smallest above 0) over all pairings of slots; of equals, the rarest value."""
    level, share = compare(left, right, 0, 0)
    for one, other, rows in further_pairings(filled, left, right):
        found, rarity = compare(left[rows], right[rows], one, other)
        now, held = level[rows], share[rows]
        wins = (found > 0) & ((now == 0) | (found < now) | ((found == now) & (rarity < held)))
        level[rows[wins]], share[rows[wins]] = found[wins], rarity[wins]
    return level, share


def further_pairings(filled: list[Bools], left: Ints, right: Ints) -> Iterator[tuple[int, int, Longs]]:
    """(slot, slot, rows) of all pairings but that of the first slots, with the pairs that have a value in both."""
    if len(filled) == 1:
        return
    further = np.logical_or.reduce(filled[1:])
    several = np.flatnonzero(further[left] | further[right])
    a, b = left[several], right[several]
    mine, theirs = ([slot[side] for slot in filled] for side in (a, b))
    for one, other in product(range(len(filled)), repeat=2):
        rows = several[mine[one] & theirs[other]] if one or other else several[:0]
        if len(rows):
            yield one, other, rows


def compare_values(
    values: Column, left: Ints, right: Ints, judge: Judge, rare: tuple[int, ...] = (1,)
) -> tuple[Levels, Floats]:
    """Compare a column: EXACT (1) where codes are equal, else what the judge says; frequency at the `rare` levels."""

    def slot_pair(a: Ints, b: Ints, one: int, other: int) -> tuple[Levels, Floats]:
        x, y = values.at(a, one), values.at(b, other)
        level, rows = equal_or_not(x, y)
        if len(rows):
            level[rows] = by_distinct(values, x.take(rows), y.take(rows), judge, *_SIEVES.get(judge, ()))
        share = np.zeros(len(a), dtype=np.float32)
        where = np.flatnonzero(among(level, rare))
        share[where] = np.minimum(values.frequency[x[where]], values.frequency[y[where]])
        return level, share

    return best_pairing(values.filled, left, right, slot_pair)


def judge_phone(values: Column, low: Ints, high: Ints) -> Levels:
    """One digit wrong or two swapped; one number the end of the other (country code or area code left out)."""
    one, other = texts(values, low), texts(values, high)
    lengths = values.values.lengths
    near = edits(one, other, 1) == 1
    ends = np.zeros(len(one), dtype=bool)
    for row in np.flatnonzero(lengths[low] != lengths[high]).tolist():
        a, b = one[row], other[row]
        ends[row] = min(len(a), len(b)) >= 7 and (a.endswith(b) or b.endswith(a))
    return np.where(ends, Phone.EXACT, np.where(near, Phone.ONE_DIGIT, Phone.DIFFERS)).astype(np.uint8)


def judge_identifier(values: Column, low: Ints, high: Ints) -> Levels:
    """One or two characters typed wrong or swapped; short ids must agree."""
    distance = edits(texts(values, low), texts(values, high), 2)
    longest = np.maximum(values.values.lengths[low], values.values.lengths[high])
    return np.select(
        [(distance == 1) & (longest >= 5), (distance == 2) & (longest >= 7)],
        [Identifier.ONE_DIGIT, Identifier.TWO_DIGITS],
        Identifier.DIFFERS,
    ).astype(np.uint8)


def judge_text(values: Column, low: Ints, high: Ints) -> Levels:
    """Companies and attributes: alike by spelling, or numbers one apart."""
    one, other = texts(values, low), texts(values, high)
    numbers = values.values.is_number[low] & values.values.is_number[high]
    alike = (jaro_winkler(one, other, 0.89) >= 0.9) & ~numbers
    for row in np.flatnonzero(numbers).tolist():
        alike[row] = len(one[row]) <= 6 and len(other[row]) <= 6 and abs(int(one[row]) - int(other[row])) <= 1
    return np.where(alike, Text.SIMILAR, Text.DIFFERS).astype(np.uint8)


def judge_same(values: Column, low: Ints, high: Ints) -> Levels:  # noqa: ARG001 - the signature of a judge
    """Facts without degrees."""
    return np.full(len(low), Same.DIFFERS, dtype=np.uint8)


def _phone_may_be_near(words: Words, low: Ints, high: Ints) -> Bools:
    """One digit apart, or all digits of the shorter in the longer."""
    seen = glance(words, low, high)
    return np.asarray(may_be_edits(seen, 1) | ((seen.a != seen.b) & may_begin(seen)))


def _identifier_may_be_near(words: Words, low: Ints, high: Ints) -> Bools:
    return may_be_edits(glance(words, low, high), 2)


def _text_may_be_near(words: Words, low: Ints, high: Ints) -> Bools:
    return np.asarray(may_be_alike(glance(words, low, high), 0.9) | (words.is_number[low] & words.is_number[high]))


_SIEVES: dict[Judge, tuple[Sieve, int]] = {
    judge_phone: (_phone_may_be_near, Phone.DIFFERS),
    judge_identifier: (_identifier_may_be_near, Identifier.DIFFERS),
    judge_text: (_text_may_be_near, Text.DIFFERS),
    judge_same: (lambda _, low, __: np.zeros(len(low), dtype=bool), Same.DIFFERS),
}
"""What a judge can be spared, and what it would say of the rest."""


def compare_emails(emails: Emails, left: Ints, right: Ints) -> tuple[Levels, Floats]:
    """Match keys; where they differ, the local part, discounted when it only repeats the person's name."""
    key, local = emails.key, emails.local

    def slot_pair(a: Ints, b: Ints, one: int, other: int) -> tuple[Levels, Floats]:
        x, y = key.at(a, one), key.at(b, other)
        level, rows = equal_or_not(x, y)
        if len(rows):
            found = by_distinct(key, x.take(rows), y.take(rows), _judge_email, _email_may_be_near, Email.DIFFERS)
            named = emails.from_name[a[rows], one] & emails.from_name[b[rows], other]
            found[named & (found == Email.TYPO)] = Email.TYPO_FROM_NAME
            found[named & (found == Email.SAME_LOCAL)] = Email.SAME_LOCAL_FROM_NAME
            found[named & (found == Email.SIMILAR)] = Email.SIMILAR_FROM_NAME
            level[rows] = found
        share = np.zeros(len(a), dtype=np.float32)
        exact = np.flatnonzero(level == Email.EXACT)
        share[exact] = key.frequency[x[exact]]
        same = np.flatnonzero(level == Email.SAME_LOCAL)
        share[same] = local.frequency[local.at(a[same], one)]
        return level, share

    return best_pairing(key.filled, left, right, slot_pair)


def _email_may_be_near(words: Words, low: Ints, high: Ints) -> Bools:
    seen = glance(words, low, high)
    near = may_be_edits(seen, 2) | may_be_alike(seen, 0.92)
    return np.asarray(near | may_be_alike(glance(words.locals, low, high), 0.92))


def _judge_email(values: Column, low: Ints, high: Ints) -> Levels:
    one, other = texts(values, low), texts(values, high)
    local_a, local_b = values.values.locals.take(low), values.values.locals.take(high)
    alike = jaro_winkler(one, other, 0.79)
    alike_local = jaro_winkler(local_a, local_b, 0.91)
    distance = np.full(len(one), 9, dtype=np.int32)
    rows = np.flatnonzero(alike >= 0.8).tolist()
    distance[rows] = edits([one[row] for row in rows], [other[row] for row in rows], 2)
    return np.select(
        [distance <= 1, alike_local >= 1, (distance <= 2) | (alike >= 0.92) | (alike_local >= 0.92)],
        [Email.TYPO, Email.SAME_LOCAL, Email.SIMILAR],
        Email.DIFFERS,
    ).astype(np.uint8)
