"""The ways typed text goes wrong: slips of the finger, case, spaces, phone formats, spreadsheet damage."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow.compute as pc

from identity.sample.places import CALLING_CODE, NATIONAL_LENGTH
from identity.sample.text import Ints, Mask, Text, chance, digits, glue, scatter, texts, where

_NEIGHBOURS = dict(
    zip(
        "abcdefghijklmnopqrstuvwxyz0123456789",
        "snvfrgjhukjkmnoiqetyivwzxuzr1123456789"[:36],
        strict=True,
    )
)
_MAIL_SLIPS = (("gmail.com", "gmial.com"), ("gmail.com", "gmail.co"), ("hotmail", "hotmial"), ("yahoo", "yaho"))
JUNK_EMAILS = ("test@test.com", "none@none.com", "noemail@noemail.com", "N/A", "-", "asdf@asdf.com", "no@email.com")
JUNK_PHONES = ("0000000000", "1234567890", "(555) 555-5555", "N/A", "-", "9999999999", "000-000-0000")
JUNK_NAMES = ("N/A", "-", ".", "None", "test", "Customer")


def _slip(value: str, kind: int, place: int) -> str:
    """One slip inside `value` (three or more characters): swap, drop, double or neighbouring key."""
    at = 1 + place % (len(value) - 2)
    if kind == 0:
        return value[:at] + value[at + 1] + value[at] + value[at + 2 :]
    if kind == 1:
        return value[:at] + value[at + 1 :]
    if kind == 2:
        return value[:at] + value[at] + value[at:]
    return value[:at] + _NEIGHBOURS.get(value[at].lower(), value[at]) + value[at + 1 :]


def edited(values: Text, rows: Ints, edit: Callable[[int, str], str]) -> Text:
    """The values with `edit(position in rows, value)` applied at the given rows."""
    if not len(rows):
        return values
    changed = [edit(i, value) for i, value in enumerate(values.take(rows).to_pylist())]
    mask = np.zeros(len(values), dtype=bool)
    mask[rows] = True
    return pc.replace_with_mask(values, mask, texts(changed))


def mistyped(rng: np.random.Generator, values: Text, mask: Mask) -> Text:
    """One slip in each masked value of three or more characters."""
    rows = np.flatnonzero(mask)
    kinds, places = rng.integers(0, 4, len(rows)), rng.integers(0, 1_000, len(rows))
    return edited(values, rows, lambda i, v: _slip(v, int(kinds[i]), int(places[i])) if len(v) > 2 else v)


def mistyped_email(rng: np.random.Generator, values: Text, mask: Mask) -> Text:
    """A slip before the @, or a well-known wrong domain."""
    rows = np.flatnonzero(mask)
    kinds, places = rng.integers(0, 4, len(rows)), rng.integers(0, 1_000, len(rows))

    def edit(i: int, value: str) -> str:
        local, _, domain = value.partition("@")
        right, wrong = _MAIL_SLIPS[int(kinds[i])]
        if right in domain and places[i] % 2:
            return f"{local}@{domain.replace(right, wrong)}"
        return f"{_slip(local, int(kinds[i]), int(places[i]))}@{domain}" if len(local) > 2 else f"{local}0@{domain}"

    return edited(values, rows, edit)


def noisy_email(rng: np.random.Generator, values: Text, gmail_forms: Mask, odd_case: float, spacing: float) -> Text:
    """Capitals, stray spaces, and Gmail's dots and plus tags where allowed."""
    size = len(values)
    draw = rng.random(size)
    values = where(draw < odd_case / 2, pc.utf8_upper(values), values)
    values = where((draw >= odd_case / 2) & (draw < odd_case), pc.utf8_capitalize(values), values)
    rows = np.flatnonzero(gmail_forms & np.asarray(pc.ends_with(values, "@gmail.com")))
    kinds = rng.integers(0, 2, len(rows))

    def edit(i: int, value: str) -> str:
        local = value.partition("@")[0]
        return f"{local}+shop@gmail.com" if kinds[i] else f"{local[:1]}.{local[1:]}@gmail.com"

    values = edited(values, rows, edit)
    draw = rng.random(size)
    filled = np.asarray(pc.not_equal(values, ""))
    values = where(filled & (draw < spacing * 0.7), glue(values, " "), values)
    return where(filled & (draw > 1 - spacing * 0.3), glue(" ", values), values)


def noisy_case(rng: np.random.Generator, values: Text, odd_case: float, spacing: float) -> Text:
    """All capitals, all small, trailing or doubled spaces."""
    draw = rng.random(len(values))
    values = where(draw < odd_case / 2, pc.utf8_upper(values), values)
    values = where((draw >= odd_case / 2) & (draw < odd_case), pc.utf8_lower(values), values)
    filled = np.asarray(pc.not_equal(values, ""))
    return where(filled & (draw > 1 - spacing), glue(values, " "), values)


def mistyped_digits(rng: np.random.Generator, numbers: Ints, mask: Mask) -> Ints:
    """One of the last six digits differs."""
    power = 10 ** rng.integers(0, 6, len(numbers))
    digit = numbers // power % 10
    other = (digit + rng.integers(1, 10, len(numbers))) % 10
    return np.where(mask, numbers + (other - digit) * power, numbers)


def canonical_phone(numbers: Ints) -> Text:
    """`+14155550123`."""
    return glue("+", digits(numbers))


def local_phone(rng: np.random.Generator, numbers: Ints, country: Ints, national_ok: Mask) -> Text:
    """The number as people write it; without `+` and country code only where the record tells the country."""
    size = len(numbers)
    american = CALLING_CODE[country] == 1
    shape = rng.integers(0, 7, size)
    shape = np.where(american, shape, np.where(national_ok, 7 + shape % 5, 7 + shape % 2))
    pieces = []
    for form in range(12):
        rows = np.flatnonzero(shape == form)
        if len(rows):
            pieces.append((rows, _formatted(form, numbers[rows], country[rows])))
    return scatter(size, pieces)


def _formatted(form: int, numbers: Ints, country: Ints) -> Text:
    calling = CALLING_CODE[country]
    national = digits(numbers - calling * 10 ** NATIONAL_LENGTH[country])
    code = digits(calling)
    start = pc.utf8_slice_codeunits(national, 0, 3)
    middle = pc.utf8_slice_codeunits(national, 3, 6)
    end = pc.utf8_slice_codeunits(national, 6, None)
    # Only France, Britain, Germany, the Netherlands and Australia know a trunk zero; Spain has none.
    trunk = where(country == 5, "", "0")
    forms = {
        0: ("(", start, ") ", middle, "-", end),
        1: (start, "-", middle, "-", end),
        2: (start, ".", middle, ".", end),
        3: ("+1", national),
        4: (national,),
        5: ("1-", start, "-", middle, "-", end),
        6: ("+1 ", start, "-", middle, "-", end),
        7: ("+", code, national),
        8: ("+", code, " ", start, " ", middle, " ", end),
        9: ("00", code, national),
        10: (trunk, start, " ", middle, " ", end),
        11: ("+", code, trunk, national),
    }
    return glue(*forms[form]) if len(forms[form]) > 1 else national


def scientific(numbers: Ints) -> Text:
    """What a spreadsheet leaves of a long number: `6.14E+10`."""
    return texts(f"{int(n):.2E}" for n in numbers)


def junk(rng: np.random.Generator, size: int, values: tuple[str, ...]) -> Text:
    """Values that return on many records and identify nobody."""
    return texts(values).take((rng.random(size) ** 2 * len(values)).astype(int))


def some(rng: np.random.Generator, size: int, probability: float) -> Ints:
    """Positions drawn with the given chance."""
    return np.flatnonzero(chance(rng, size, probability))
