"""The levels of every comparison: closed sets, 0 is always "nothing to compare", the rest by falling strength."""

from enum import IntEnum


class Given(IntEnum):
    """Given names."""

    MISSING = 0
    EXACT = 1
    NICKNAME = 2
    SWAPPED = 3
    TYPO = 4
    PART = 5
    INITIAL = 6
    SIMILAR = 7
    DIFFERS = 8


class Family(IntEnum):
    """Family names."""

    MISSING = 0
    EXACT = 1
    SWAPPED = 2
    TYPO = 3
    PART = 4
    INITIAL = 5
    SIMILAR = 6
    DIFFERS = 7


class Middle(IntEnum):
    """Middle names."""

    MISSING = 0
    EXACT = 1
    INITIAL = 2
    SIMILAR = 3
    DIFFERS = 4


class Whole(IntEnum):
    """How many records bear a whole name that agrees, against what the frequencies of its parts make one expect."""

    MISSING = 0
    AS_EXPECTED = 1
    TWICE = 2
    FOUR_TIMES = 3
    SIX_TIMES = 4
    TWELVE_TIMES = 5
    MORE = 6


class Same(IntEnum):
    """Facts that agree or do not; IMPLIED where another field already says as much."""

    MISSING = 0
    EXACT = 1
    DIFFERS = 2
    IMPLIED = 3


class Birthday(IntEnum):
    """Birth dates by their parts."""

    MISSING = 0
    EXACT = 1
    SWAPPED = 2
    ONE_DIGIT = 3
    YEAR_ONLY = 4
    TWO_PARTS = 5
    SAME_YEAR = 6
    NEAR_YEAR = 7
    DIFFERS = 8


class Email(IntEnum):
    """E-mail match keys."""

    MISSING = 0
    EXACT = 1
    TYPO = 2
    SAME_LOCAL = 3
    TYPO_FROM_NAME = 4
    SAME_LOCAL_FROM_NAME = 5
    SIMILAR = 6
    SIMILAR_FROM_NAME = 7
    DIFFERS = 8


class Phone(IntEnum):
    """Phone numbers."""

    MISSING = 0
    EXACT = 1
    ONE_DIGIT = 2
    DIFFERS = 3


class Identifier(IntEnum):
    """Identifiers of one type."""

    MISSING = 0
    EXACT = 1
    ONE_DIGIT = 2
    TWO_DIGITS = 3
    DIFFERS = 4


class Address(IntEnum):
    """Addresses as one comparison: their parts depend on each other and count once."""

    MISSING = 0
    FULL = 1
    OTHER_UNIT = 2
    OTHER_PLACE = 3
    HOUSE_NEAR = 4
    STREET_AND_PLACE = 5
    STREET = 6
    OTHER_HOUSE = 7
    HOUSE_AND_PLACE = 8
    POSTCODE = 9
    POSTCODE_OTHER_STREET = 10
    CITY = 11
    CITY_OTHER_REST = 12
    POSTCODE_NEAR = 13
    REGION = 14
    DIFFERS = 15


class Text(IntEnum):
    """Companies and attributes."""

    MISSING = 0
    EXACT = 1
    SIMILAR = 2
    DIFFERS = 3
