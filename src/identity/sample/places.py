"""Invented addresses whose city, region and postcode fit each other, and phone numbers that fit the place."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from identity.sample.names import rows
from identity.sample.text import Ints, Text, choose, code, digits, glue, keep, pick, scatter, texts, where

COUNTRIES = ("US", "GB", "DE", "FR", "NL", "ES", "CA", "AU")
COUNTRY_SHARE = (0.64, 0.11, 0.07, 0.05, 0.04, 0.04, 0.03, 0.02)
COUNTRY_NAMES = ("United States", "United Kingdom", "Germany", "France", "Netherlands", "Spain", "Canada", "Australia")
CALLING_CODE = np.array([1, 44, 49, 33, 31, 34, 1, 61])
NATIONAL_LENGTH = np.array([10, 10, 10, 9, 9, 9, 10, 9])
_MOBILE = {
    "GB": "7712 7725 7740 7801 7812 7855 7890 7950 7961 7970 7985 7402 7415 7511 7588",
    "DE": "170 171 172 173 175 176 177 178 179 160 162",
    "FR": "61 62 63 65 66 67 68 76",
    "NL": "61 62 64 65",
    "ES": "61 62 63 64 65 66 67 68",
    "AU": "40 41 42 43",
}
_SHORT_FORMS = (
    ("Street", "St"), ("Avenue", "Ave"), ("Road", "Rd"), ("Drive", "Dr"), ("Lane", "Ln"), ("Boulevard", "Blvd"),
    ("Court", "Ct"), ("Place", "Pl"), ("straße", "str."), ("avenue", "av."),
)  # fmt: skip


@dataclass(frozen=True)
class Addresses:
    """One row per address ever lived at; texts of equal length."""

    country: npt.NDArray[np.int8]
    place: npt.NDArray[np.int32]
    street: Text
    street_short: Text
    unit: Text
    city: Text
    region: Text
    region_name: Text
    postcode: Text


@dataclass(frozen=True)
class _Places:
    country: npt.NDArray[np.int8]
    weight: npt.NDArray[np.float64]
    city: Text
    region: Text
    region_name: Text
    postcodes: list[list[str]]
    landlines: list[list[int]]


@cache
def _places() -> _Places:
    table = rows("places.csv")
    return _Places(
        np.array([COUNTRIES.index(row["country"]) for row in table], dtype=np.int8),
        np.array([float(row["weight"]) for row in table]),
        texts(row["city"] for row in table),
        texts(row["region"] for row in table),
        texts(row["region_name"] for row in table),
        [row["postcodes"].split("|") for row in table],
        [[int(prefix.strip("#")) for prefix in row["landline"].split()] for row in table],
    )


@cache
def _streets() -> tuple[dict[int, tuple[int, int]], Text, Text, list[str]]:
    """Street names by country: slice per country, full and short form, and the country's order of parts."""
    slices: dict[int, tuple[int, int]] = {}
    full: list[str] = []
    order = []
    for row in rows("streets.csv"):
        style = row["style"]
        for stem in row["stems"].split():
            for kind in row["kinds"].split():
                name = style.replace("{n}", "").replace("{s}", stem.replace("-", " ")).replace("{k}", kind)
                full.append(name.strip())
        begin = max((stop for _, stop in slices.values()), default=0)
        slices[COUNTRIES.index(row["country"])] = (begin, len(full))
        order.append("first" if style.startswith("{n}") else "last")
    short = []
    for name in full:
        shortened = name
        for long_form, short_form in _SHORT_FORMS:
            shortened = shortened.replace(long_form, short_form)
        short.append(shortened)
    return slices, texts(full), texts(short), order


def draw_addresses(rng: np.random.Generator, country: Ints) -> Addresses:
    """One address per given country index."""
    size = len(country)
    known = _places()
    place = np.zeros(size, dtype=np.int32)
    street = np.zeros(size, dtype=np.int32)
    slices, full, short, order = _streets()
    first = np.zeros(size, dtype=bool)
    for index, (start, stop) in slices.items():
        here = np.flatnonzero(country == index)
        local = np.flatnonzero(known.country == index)
        place[here] = rng.choice(local, size=len(here), p=known.weight[local] / known.weight[local].sum())
        # Squaring favours the list's head: main streets are everywhere.
        street[here] = start + ((stop - start) * rng.random(len(here)) ** 1.6).astype(np.int32)
        first[here] = order[list(slices).index(index)] == "first"
    number = digits(1 + (rng.pareto(1.1, size) * 30).astype(np.int64) % 4800)
    unit = where(rng.random(size) < 0.6, "Apt ", "Unit ")
    unit = keep(rng.random(size) < 0.16, glue(unit, digits(rng.integers(1, 420, size))))

    def with_number(name: Text) -> Text:
        return where(first, glue(number, " ", name), glue(name, " ", number))

    return Addresses(
        country.astype(np.int8),
        place,
        with_number(pick(full, street)),
        with_number(pick(short, street)),
        unit,
        pick(known.city, place),
        pick(known.region, place),
        pick(known.region_name, place),
        _postcodes(rng, place),
    )


def _postcodes(rng: np.random.Generator, place: Ints) -> Text:
    """A postcode of the place: `#` in its pattern is a digit, `@` a letter."""
    known = _places()
    option = rng.random(len(place))
    noise = rng.integers(0, 2**40, len(place))
    pieces = []
    for index in range(len(known.postcodes)):
        here = np.flatnonzero(place == index)
        patterns = known.postcodes[index]
        which = (option[here] * len(patterns)).astype(int)
        for number, pattern in enumerate(patterns):
            rows_ = here[which == number]
            if len(rows_):
                pieces.append((rows_, _fill(pattern, noise[rows_])))
    return scatter(len(place), pieces)


def _fill(pattern: str, noise: Ints) -> Text:
    parts: list[Text | str] = []
    for position, symbol in enumerate(pattern):
        drawn = noise >> (4 * position)
        if symbol == "#":
            parts.append(code(drawn % 9 + 1, "0123456789", 1))
        elif symbol == "@":
            parts.append(code(drawn, "ABDEFGHJLNPQRSTUWXYZ", 1))
        else:
            parts.append(symbol)
    return glue(*parts)


def draw_phones(rng: np.random.Generator, country: Ints, place: Ints, *, mobile: bool) -> npt.NDArray[np.int64]:
    """Numbers in international form without `+`, all different, valid for the country (and place)."""
    out = np.zeros(len(country), dtype=np.int64)
    again = np.arange(len(country))
    while len(again):
        out[again] = _phones_once(rng, country[again], place[again], mobile=mobile)
        order = np.argsort(out, kind="stable")
        repeated = np.zeros(len(out), dtype=bool)
        repeated[order[1:]] = out[order[1:]] == out[order[:-1]]
        again = np.flatnonzero(repeated)
    return out


def _phones_once(rng: np.random.Generator, country: Ints, place: Ints, *, mobile: bool) -> npt.NDArray[np.int64]:
    size = len(country)
    known = _places()
    prefix = np.zeros(size, dtype=np.int64)
    option = rng.random(size)
    width = max(len(p) for p in known.landlines)
    table = np.array([(p * width)[:width] for p in known.landlines])
    counts = np.array([len(p) for p in known.landlines])
    prefix[:] = table[place, (option * counts[place]).astype(int)]
    if mobile:
        for name, prefixes in _MOBILE.items():
            here = country == COUNTRIES.index(name)
            options = np.array([int(p) for p in prefixes.split()])
            prefix[here] = options[(option[here] * len(options)).astype(int)]
    length = np.floor(np.log10(prefix)).astype(np.int64) + 1
    missing = NATIONAL_LENGTH[country] - length
    # The digit after an area code is 2..9 and never makes N11 in North America.
    tail = rng.integers(2, 9, size) * 10 ** (missing - 1) + (rng.random(size) * 10.0 ** (missing - 1)).astype(np.int64)
    tail += np.where((CALLING_CODE[country] == 1) & (tail // 10 ** (missing - 3) % 100 == 11), 10 ** (missing - 3), 0)
    return np.asarray(
        CALLING_CODE[country] * 10 ** NATIONAL_LENGTH[country] + prefix * 10**missing + tail, dtype=np.int64
    )


def random_ips(rng: np.random.Generator, size: int) -> Text:
    """Public-looking IPv4 addresses."""
    parts = [digits(rng.integers(11, 223, size))] + [digits(rng.integers(1, 255, size)) for _ in range(3)]
    return glue(parts[0], ".", parts[1], ".", parts[2], ".", parts[3])


def words(rng: np.random.Generator, size: int) -> Text:
    """Company names for accounts and work e-mails."""
    first = "Acme Summit Blue River Northern Union Pioneer Harbor Cedar Vertex Bright Atlas Granite Orion Delta"
    second = "Logistics Foods Media Systems Dental Builders Travel Textiles Optics Motors Partners Studios Labs Farms"
    third = "LLC Inc GmbH Ltd Group Co"
    number = digits(rng.integers(2, 99, size))
    name = glue(choose(rng, size, first.split()), " ", choose(rng, size, second.split()))
    name = where(rng.random(size) < 0.5, glue(name, " ", number), name)
    return glue(name, " ", choose(rng, size, third.split()))
