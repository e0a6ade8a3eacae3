"""Birth dates by their parts: typing errors, swapped day and month, dates that only know the year."""

import numpy as np

from identity.matching.levels import Birthday
from identity.matching.records import Birth, Bools, Floats, Ints, Levels


def compare_birth(birth: Birth, left: Ints, right: Ints) -> tuple[Levels, Floats]:
    """Level and, where the full dates agree, their frequency.

    1 January stands for "year only" in many registers, so a date of a year with one 1 January on either side
    is YEAR_ONLY, as is a date that lacks day and month.
    """
    level, share = np.zeros(len(left), dtype=np.uint8), np.zeros(len(left), dtype=np.float32)
    rows = np.flatnonzero(birth.known.take(left, mode="clip") & birth.known.take(right, mode="clip"))
    level[rows] = _levels(birth, left[rows], right[rows])
    exact = np.flatnonzero(level == Birthday.EXACT)
    share[exact] = birth.date.frequency[birth.date.codes[left[exact], 0]]
    return level, share


def _levels(birth: Birth, left: Ints, right: Ints) -> Levels:
    """Levels of pairs that have a year on both sides."""
    year_a, year_b = birth.year[left], birth.year[right]
    month_a, month_b = birth.month[left], birth.month[right]
    day_a, day_b = birth.day[left], birth.day[right]
    whole = (month_a > 0) & (month_b > 0) & (day_a > 0) & (day_b > 0)
    year, month, day = year_a == year_b, month_a == month_b, day_a == day_b
    new_year = ((month_a == 1) & (day_a == 1)) | ((month_b == 1) & (day_b == 1))
    swapped = year & (month_a == day_b) & (day_a == month_b)
    agreeing = year.astype(np.int8) + month + day
    one_digit = _one_digit((year_a, month_a, day_a), (year_b, month_b, day_b))
    rules = [
        (whole & (agreeing == 3), Birthday.EXACT),
        (whole & swapped, Birthday.SWAPPED),
        (whole & one_digit, Birthday.ONE_DIGIT),
        (year & (~whole | new_year), Birthday.YEAR_ONLY),
        (whole & (agreeing == 2), Birthday.TWO_PARTS),
        (year, Birthday.SAME_YEAR),
        (np.abs(year_a - year_b) <= 2, Birthday.NEAR_YEAR),
    ]
    return np.select([rule for rule, _ in rules], [found for _, found in rules], Birthday.DIFFERS).astype(np.uint8)


def _one_digit(one: tuple[Ints, Ints, Ints], other: tuple[Ints, Ints, Ints]) -> Bools:
    """One digit typed wrong, or two neighbouring digits of one part swapped, in yyyymmdd."""
    wrong = np.zeros(len(one[0]), dtype=np.int8)
    turned = np.zeros(len(one[0]), dtype=bool)
    for a, b, digits in zip(one, other, (4, 2, 2), strict=True):
        previous: tuple[Ints, Ints] | None = None
        for place in range(digits):
            x, y = a // 10**place % 10, b // 10**place % 10
            wrong += x != y
            if previous is not None:
                turned |= (x == previous[1]) & (y == previous[0]) & (x != y)
            previous = (x, y)
    return np.asarray((wrong == 1) | ((wrong == 2) & turned))
