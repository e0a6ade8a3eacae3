"""Telephone numbers: one spelling per line, and what is known about it.

Numbers follow ITU-T E.164 and the numbering plans of the `phonenumbers` library. Digits alone are read by the
compiled plans of `phone_plans`; everything else (extensions, letters, calls abroad) goes to the library.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import repeat
from typing import Any

import pyarrow as pa

from identity.standard.columns import Texts, schema_of, to_table
from identity.standard.phone_plans import Number, read_international, read_national, starts_like_trunk
from identity.standard.text import clean, is_null_word

_PLAIN = re.compile(r"(\+?)[(\[]?([0-9][0-9 ().\[\]/-]{3,24})")
_TRUNK_IN_BRACKETS = re.compile(r"^(\+?[0-9 ]{1,5})\(0\)")
_SCIENTIFIC = re.compile(r"[+-]?[0-9](?:[.,][0-9]*)?e\+?[0-9]{1,2}", re.IGNORECASE)
_PREFIX = re.compile(r"^(?:p|tel|phone|ph|mobile|mob|cell|fax|t|m)\s*[:=]\s*", re.IGNORECASE)
_EXTENSION = re.compile(
    r"^(.*?[0-9)])[\s,;]*(?:#|ext\.?|extension|extn|x|durchwahl|dw|poste|int\.?)"
    r"\s*[:.]?\s*([0-9]{1,7})#?$",
    re.IGNORECASE,
)
_NOT_DIGIT = re.compile(r"[^0-9]")
_SEPARATORS = dict.fromkeys(map(ord, " ().[]/-"))
_FLOAT_TAIL = re.compile(r"^(\+?[0-9]{7,15})\.0$")
_RISING, _FALLING = "01234567890123456789", "98765432109876543210"
_MIN_E164, _MAX_E164 = 7, 16  # with the plus
_MIN_LOOSE, _MAX_LOOSE, _MAX_TEXT = 6, 15, 100


@dataclass(frozen=True, slots=True)
class Phone:
    """One telephone number.

    `e164` is the worldwide spelling (a plus and 7 to 15 digits), null where the country or area is unknown; `national`
    are the digits inside the country, which still compare. `verified` says that the numbering plan issues such
    numbers; a number of possible length that it does not issue is kept unverified.
    """

    e164: str | None
    national: str
    country_code: int | None
    extension: str | None
    verified: bool
    toll_free: bool


PHONE_SCHEMA = schema_of(
    e164=pa.string(), national=pa.string(), country_code=pa.int16(), extension=pa.string(), verified=pa.bool_(),
    toll_free=pa.bool_(), problem=pa.string(),
)  # fmt: skip


def is_dummy(national: str) -> bool:
    """Tell digits that nobody was ever given: one digit repeated, or a run such as 1234567890."""
    tail = national[-7:]
    if tail == tail[:1] * len(tail):
        return True
    return len(national) >= 7 and (national in _RISING or national in _FALLING)


def _by_library(text: str, region: str | None) -> Number | None:
    import phonenumbers

    try:
        parsed = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    reason = phonenumbers.is_possible_number_with_reason(parsed)
    local = reason == phonenumbers.ValidationResult.IS_POSSIBLE_LOCAL_ONLY
    return Number(
        country_code=int(parsed.country_code or 0),
        national=phonenumbers.national_significant_number(parsed),
        possible=reason == phonenumbers.ValidationResult.IS_POSSIBLE,
        local_only=local,
        valid=phonenumbers.is_valid_number(parsed),
        toll_free=phonenumbers.number_type(parsed) == phonenumbers.PhoneNumberType.TOLL_FREE,
    )


def read_number(text: str, region: str | None) -> Number | None:
    """Read a number without extension as the library would, by the compiled plans wherever they can decide."""
    plain = _PLAIN.fullmatch(text)
    return _by_library(text, region) if plain is None else _read_plain(plain, region)


def _read_plain(plain: re.Match[str], region: str | None) -> Number | None:
    digits = plain[2].translate(_SEPARATORS)
    number: Number | None = None
    if plain[1]:
        number = read_international(digits)
    elif region is not None:
        number = read_national(digits, region)
    return number if number is not None else _by_library(plain[0], region)


def _loose(text: str, extension: str | None) -> tuple[Any, ...]:
    """Digits without a country: kept for comparison, with no worldwide spelling."""
    digits = _NOT_DIGIT.sub("", text)
    if not _MIN_LOOSE <= len(digits) <= _MAX_LOOSE:
        return (None,) * 6 + ("impossible",)
    return (None, digits, None, extension, False, False, None)


def _row(text: str | None, region: str | None) -> tuple[Any, ...] | None:
    if text is None:
        return None
    plain = _PLAIN.fullmatch(text)
    extension: str | None = None
    if plain is not None and text[:2] != "00" and text[-2:] != ".0" and "(0)" not in text:
        number = _read_plain(plain, region)
    else:
        prepared = _prepare(text)
        if prepared is None or isinstance(prepared, str):
            return None if prepared is None else (None,) * 6 + (prepared,)
        text, extension = prepared
        number = read_number(text, region)
    if number is None and (region is not None or "+" in text):
        return (None,) * 6 + ("impossible",)
    row = _loose(text, extension) if number is None else _known(number, extension)
    return (None,) * 6 + ("dummy",) if row[1] is not None and is_dummy(row[1]) else row


def _known(number: Number, extension: str | None) -> tuple[Any, ...]:
    if number.local_only and len(number.national) >= _MIN_LOOSE:
        return (None, number.national, number.country_code, extension, False, False, None)
    e164 = f"+{number.country_code}{number.national}"
    if not number.possible or not _MIN_E164 < len(e164) <= _MAX_E164:
        return (None,) * 6 + ("impossible",)
    if starts_like_trunk(number.country_code, number.national) and read_number(e164, None) != number:
        return (None,) * 6 + ("impossible",)  # 000012345: zeros before zeros, no two readings agree
    return (e164, number.national, number.country_code, extension, number.valid, number.toll_free, None)


def _prepare(text: str) -> tuple[str, str | None] | str | None:
    """Text and extension; None for an absent value, or the name of the problem."""
    cleaned = clean(text)
    if cleaned is None or is_null_word(cleaned, "phone"):
        return None
    cleaned = _PREFIX.sub("", cleaned, count=1)
    if _SCIENTIFIC.fullmatch(cleaned):
        return "scientific"
    if len(cleaned) > _MAX_TEXT:
        return "impossible"
    cleaned = _FLOAT_TAIL.sub(r"\1", cleaned)
    cleaned = _TRUNK_IN_BRACKETS.sub(r"\1", cleaned)
    if cleaned.startswith("00") and not cleaned.startswith("000"):
        cleaned = "+" + cleaned[2:].lstrip()
    extended = _EXTENSION.match(cleaned)
    return (extended[1], extended[2]) if extended else (cleaned, None)


def parse_phone(text: str | None, region: str | None = None) -> Phone | None:
    """Read one telephone number; `region` (ISO 3166 alpha-2) is where numbers without a plus are dialled.

    Returns None for text without a number, impossible lengths, dummies (one digit repeated, 1234567890, fewer than
    six digits) and numbers that a spreadsheet rounded (`6.14E+10`). National digits without a region are kept with
    a null `e164`.
    """
    row = _row(text, region.upper() if region else None)
    return None if row is None or row[1] is None else Phone(*row[:6])


def phone_columns(values: Texts, region: str | Sequence[str | None] | None = None) -> pa.Table:
    """Standardise distinct phone texts: one row of `PHONE_SCHEMA` per value.

    `region` is one region for all or one per value. `problem` says why a given value was refused: `scientific`,
    `dummy` or `impossible`; it is null for usable and for absent values.
    """
    if region is None or isinstance(region, str):
        one = region.upper() if region else None
        return to_table(map(partial(_row, region=one), values), PHONE_SCHEMA)
    regions = (each.upper() if each else None for each in region)
    return to_table(map(_row, values, regions if region else repeat(None)), PHONE_SCHEMA)
