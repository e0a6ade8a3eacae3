"""Calendar dates as people and systems write them: birthdays, anniversaries, joined-on dates.

A date may be partial (`--12-25`, `1990`, `1848-15-15` keeps its year). Which of `07/04` is the month is voted over
a whole column, so that no single value decides, and the order of rows never does.
"""

import re
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

import pyarrow as pa

from identity.standard.columns import Texts, schema_of, to_table
from identity.standard.date_words import month_number
from identity.standard.text import clean, fold, is_null_word


class DateOrder(StrEnum):
    """Order of year, month and day in a column's numeric dates (`ymd` also for two-digit years in front)."""

    YMD = "ymd"
    MDY = "mdy"
    DMY = "dmy"


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A date of which year, month or day may be missing.

    `text` is its ISO 8601 form: `1990-07-04`, `1990-07`, `1990`, `--07-04`. `suspect`: the first day of an epoch,
    often a placeholder (the caller judges by its frequency). `impossible`: month or day cannot exist and were dropped.
    `repaired`: read against the column's order, or with letters read as the digits they look like.
    """

    year: int | None
    month: int | None
    day: int | None
    text: str
    suspect: bool
    impossible: bool
    repaired: bool


DATE_SCHEMA = schema_of(
    year=pa.int16(), month=pa.int8(), day=pa.int8(), text=pa.string(), suspect=pa.bool_(), impossible=pa.bool_(),
    repaired=pa.bool_(), date=pa.date32(),
)  # fmt: skip

_MIN_YEAR, _MAX_YEAR, _MAX_TEXT = 1000, 2100, 60
_SUSPECT = frozenset(
    {(1900, 1, 1), (1970, 1, 1), (1899, 12, 30), (1899, 12, 31), (1901, 1, 1), (2000, 1, 1), (1111, 11, 11)}
)
_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_TIME_TAIL = re.compile(r"(?<=[0-9])(?:T|,? )[0-9]{1,2}:[0-9]{2}.*$")
_TRIPLE = re.compile(r"([0-9]{1,4})\s?[-/. ]\s?([0-9]{1,2})\s?[-/. ]\s?([0-9]{1,4})\.?")
_PAIR = re.compile(r"([0-9]{1,4})\s?[-/.]\s?([0-9]{1,4})\.?")
_NO_YEAR = re.compile(r"--([0-9]{2})-?([0-9]{2})")
_LEADING_YEAR = re.compile(r"([0-9]{4})-[0-9-]{3,6}")
_DIGITS_ONLY = re.compile(r"[0-9]+")
_LOOKS_LIKE = str.maketrans("OoIl|SsZzBG", "00111552286")
_DIGIT_SHAPED = re.compile(r"[0-9OoIl|SsZzBG]{1,4}[-/.]?[0-9OoIl|SsZzBG]{1,2}[-/.]?[0-9OoIl|SsZzBG]{1,4}")
_ORDINAL = re.compile(r"([0-9]{1,2})(?:st|nd|rd|th|er|e|o)")
_MDY_REGIONS = frozenset({"US", "PH", "PR", "GU", "AS", "VI", "MP", "FM", "MH", "PW", "BZ"})


class DateEvidence(NamedTuple):
    """Numbers of distinct dates that put the year, the day or the month first, and of those that may be read both ways.

    `dotted` and `slashed` tell the latter apart by how they are written.
    """

    year_first: int
    day_first: int
    month_first: int
    dotted: int
    slashed: int


def vote_date_order(
    values: Iterable[str | None], *, hint: DateOrder | str | None = None, region: str | None = None
) -> DateOrder:
    """Return the order of the numeric dates in a column, from all its distinct values.

    A first number above 12 speaks for day first, a second above 12 for month first, a first above 31 for year first.
    A `hint` (configuration) wins over the vote; without any evidence dots mean day first, and otherwise the region's
    habit counts, month first where no region is known. Row order and repeated values do not matter.
    """
    return DateOrder(hint) if hint is not None else order_by(date_evidence(values), region)


def order_by(evidence: DateEvidence, region: str | None) -> DateOrder:
    """The order of day, month and year that a column's evidence speaks for; see `vote_date_order`."""
    if evidence.day_first != evidence.month_first:
        return DateOrder.DMY if evidence.day_first > evidence.month_first else DateOrder.MDY
    if not evidence.dotted + evidence.slashed and evidence.year_first:
        return DateOrder.YMD
    if evidence.dotted > evidence.slashed:
        return DateOrder.DMY
    return DateOrder.MDY if region is None or region.upper() in _MDY_REGIONS else DateOrder.DMY


def date_evidence(values: Iterable[str | None]) -> DateEvidence:
    """Count the distinct numeric dates of a column by what they say about its order."""
    year_first = day_first = month_first = dotted = slashed = 0
    for text in {value for value in values if value}:
        match = _TRIPLE.match(text.strip().lstrip("'"))
        if match is None:
            continue
        first, second = match[1], int(match[2])
        if len(first) >= 3 or int(first) > 31:
            year_first += 1
        elif int(first) > 12:
            day_first += second <= 12
        elif second > 12:
            month_first += 1
        else:
            dotted, slashed = dotted + ("." in match[0]), slashed + ("." not in match[0])
    return DateEvidence(year_first, day_first, month_first, dotted, slashed)


def _result(year: int | None, month: int | None, day: int | None, *, repaired: bool = False) -> tuple[Any, ...] | None:
    """Check the parts against the calendar; drop what cannot exist."""
    if year is not None and not _MIN_YEAR <= year <= _MAX_YEAR:
        return None
    impossible = False
    month, day = month or None, day or None
    if month is not None and month > 12:
        month, day, impossible = None, None, True
    if day is not None and (month is None or day > monthrange(year or 2000, month)[1]):
        impossible, day = impossible or month is not None, None
    if year is None and (month is None or day is None):
        return None
    if year is None:
        text = f"--{month:02d}-{day:02d}"
    else:
        text = "-".join([f"{year:04d}", *(f"{part:02d}" for part in (month, day) if part is not None)])
    full = date(year, month, day) if year is not None and month is not None and day is not None else None
    return (year, month, day, text, (year, month, day) in _SUSPECT, impossible, repaired, full)


def _full_year(digits: str, today: date | None) -> int:
    """Two digits mean the latest such year that is not in the future."""
    year = int(digits)
    if len(digits) > 2:
        return year
    limit = today.year if today is not None else 2049
    return 2000 + year if 2000 + year <= limit else 1900 + year


def _only_swapped(month: int, day: int) -> bool:
    """Tell whether month and day exist the other way round only."""
    return 31 >= month > 12 >= day > 0


def _from_triple(match: re.Match[str], order: DateOrder, today: date | None) -> tuple[Any, ...] | None:
    first, second, third = match[1], match[2], match[3]
    if len(first) >= 3 or (len(third) <= 2 and (order is DateOrder.YMD or int(first) > 31)):
        year, month, day = _full_year(first, today), int(second), int(third)
        if _only_swapped(month, day):
            return _result(year, day, month, repaired=True)
        return _result(year, month, day)
    if len(third) == 3:
        return None
    month, day = (int(second), int(first)) if order is DateOrder.DMY else (int(first), int(second))
    swap = _only_swapped(month, day)
    row = _result(_full_year(third, today), *((day, month) if swap else (month, day)), repaired=swap)
    if row is not None and len(third) <= 2 and today is not None and row[7] is not None and row[7] > today:
        return _result(row[0] - 100, row[1], row[2], repaired=swap)
    return row


def _from_pair(first: str, second: str, order: DateOrder) -> tuple[Any, ...] | None:
    """Year and month, or month and day of every year."""
    if len(first) == 4 and len(second) <= 2:
        return _result(int(first), int(second), None)
    if len(second) == 4 and len(first) <= 2:
        return _result(int(second), int(first), None)
    if len(first) > 2 or len(second) > 2:
        return None
    month, day = (int(second), int(first)) if order is DateOrder.DMY else (int(first), int(second))
    if _only_swapped(month, day):
        return _result(None, day, month, repaired=True)
    return _result(None, month, day)


def _from_digits(digits: str, order: DateOrder) -> tuple[Any, ...] | None:
    if len(digits) == 4:
        return _result(int(digits), None, None)
    if len(digits) != 8:
        return None
    year, month, day = int(digits[:4]), int(digits[4:6]), int(digits[6:])
    row = _result(year, month, day)
    if row is not None and not row[5]:
        return row
    one, two = int(digits[:2]), int(digits[2:4])
    pairs = [(two, one), (one, two)] if order is DateOrder.DMY else [(one, two), (two, one)]
    readings = [_result(int(digits[4:]), *pair, repaired=pair is pairs[1]) for pair in pairs]
    if _only_swapped(month, day):
        readings.append(_result(year, day, month, repaired=True))
    return next((reading for reading in readings if reading is not None and not reading[5]), row)


def _from_words(text: str, order: DateOrder, today: date | None) -> tuple[Any, ...] | None:
    """`25-Jun-08`, `July 4 1990`, `4 juillet 1990`, `Jun 2008`, `July 4`."""
    words = [_ORDINAL.sub(r"\1", word) for word in fold(text).split()]
    months = [number for number in map(month_number, words) if number]
    numbers = [word for word in words if _DIGITS_ONLY.fullmatch(word)]
    if len(months) != 1 or not 1 <= len(numbers) <= 2:
        return None
    if len(numbers) == 1:
        one = numbers[0]
        return _result(int(one), months[0], None) if len(one) == 4 else _result(None, months[0], int(one))
    year_first = len(numbers[0]) == 4 or int(numbers[0]) > 31 or (order is DateOrder.YMD and len(numbers[1]) <= 2)
    year, day = numbers if year_first else reversed(numbers)
    if len(day) > 2:
        return None
    row = _result(_full_year(year, today), months[0], int(day))
    late = row is not None and today is not None and row[7] is not None and row[7] > today
    return _result(row[0] - 100, row[1], row[2]) if row is not None and late and len(year) <= 2 else row


def _read(text: str, order: DateOrder, today: date | None) -> tuple[Any, ...] | None:
    """Try the forms, from the most to the least certain."""
    if (match := _TRIPLE.fullmatch(text)) is not None:
        return _from_triple(match, order, today)
    if (match := _NO_YEAR.fullmatch(text)) is not None:
        return _result(None, int(match[1]), int(match[2]))
    if _DIGITS_ONLY.fullmatch(text) is not None:
        return _from_digits(text, order)
    if (match := _PAIR.fullmatch(text)) is not None:
        return _from_pair(match[1], match[2], order)
    if (match := _LEADING_YEAR.fullmatch(text)) is not None:
        year = _result(int(match[1]), None, None)
        return None if year is None else (*year[:5], True, *year[6:])
    return _from_words(text, order, today)


def _row(text: str | None, order: DateOrder, today: date | None) -> tuple[Any, ...] | None:
    if text is None:
        return None
    iso = _ISO.fullmatch(text)
    row = _result(int(iso[1]), int(iso[2]), int(iso[3])) if iso is not None else None
    if row is None or row[5]:
        cleaned = clean(text)
        if cleaned is None or len(cleaned) > _MAX_TEXT or is_null_word(cleaned, "date"):
            return None
        if not cleaned.isascii():
            cleaned = clean(fold(cleaned)) or ""
        row = _repaired(_TIME_TAIL.sub("", cleaned), order, today)
    if row is not None and today is not None and row[0] is not None:
        future = row[7] > today if row[7] is not None else row[0] > today.year
        return None if future else row
    return row


def _repaired(text: str, order: DateOrder, today: date | None) -> tuple[Any, ...] | None:
    """Read as it stands; else with letters as the digits they look like (`O7/04/1989`)."""
    row = _read(text, order, today)
    if row is None and not _DIGITS_ONLY.fullmatch(text) and _DIGIT_SHAPED.fullmatch(text):
        row = _read(text.translate(_LOOKS_LIKE), order, today)
        row = None if row is None or row[5] else (*row[:6], True, row[7])
    return row


def parse_date(
    text: str | None, order: DateOrder | str = DateOrder.YMD, *, today: date | None = None
) -> PartialDate | None:
    """Read one date; None where the text holds none between the years 1000 and 2100.

    `order` applies to numeric dates without a four-digit year in front; where only the other order is possible, that
    one is taken. With `today` (birth dates) two-digit years lie in the past, and a date in the future is None. Numbers
    of days (spreadsheets) and seconds are not dates.
    """
    row = _row(text, DateOrder(order), today)
    return None if row is None else PartialDate(*row[:7])


def date_columns(values: Texts, order: DateOrder | str | None = None, *, today: date | None = None) -> pa.Table:
    """Standardise distinct dates: one row of `DATE_SCHEMA` per value; `order` is voted over the values if not given."""
    settled = vote_date_order(values) if order is None else DateOrder(order)
    return to_table((_row(text, settled, today) for text in values), DATE_SCHEMA)
