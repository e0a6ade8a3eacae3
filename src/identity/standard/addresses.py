"""Postal addresses: one spelling of each part, and keys that do not depend on how an address was typed.

An address comes as parts (house number, street, unit), as lines, or as one text. The parts win over the lines, the
lines over the text. The sources of the rules are ISO 3166, the Universal Postal Union's formats and common usage.
"""

import re
from dataclasses import dataclass
from typing import Any, NamedTuple

import pyarrow as pa

from identity.standard.columns import schema_of
from identity.standard.free_addresses import Pieces, split_address_text, street_pieces
from identity.standard.places import (
    PostalCode,
    city_key,
    country_of_postal_code,
    parse_country,
    parse_postal_code,
    parse_region,
)
from identity.standard.streets import Line, flat_behind, house_number_key, read_box, read_line, read_unit, street_key
from identity.standard.text import clean, is_null_word, value


@dataclass(frozen=True, slots=True)
class Address:
    """One postal address.

    `street` is for reading, `street_key` for comparing; `region` is the ISO 3166-2 code without the country where it
    is known; `postal_key` has no spaces and no US +4 (`postal_plus_four`); `postal_restored` says that leading zeros
    were put back; `unit` is the flat without its designator.
    """

    house_number: str | None
    street: str | None
    street_key: str | None
    unit: str | None
    po_box: str | None
    city: str | None
    city_key: str | None
    region: str | None
    postal_code: str | None
    postal_key: str | None
    postal_plus_four: str | None
    postal_restored: bool
    country_iso2: str | None


_TEXT = pa.string()
ADDRESS_SCHEMA = schema_of(
    house_number=_TEXT, street=_TEXT, street_key=_TEXT, unit=_TEXT, po_box=_TEXT, city=_TEXT, city_key=_TEXT,
    region=_TEXT, postal_code=_TEXT, postal_key=_TEXT, postal_plus_four=_TEXT, postal_restored=pa.bool_(),
    country_iso2=_TEXT,
)  # fmt: skip

STREET_FIELDS, PLACE_FIELDS = tuple(ADDRESS_SCHEMA.names[:5]), tuple(ADDRESS_SCHEMA.names[5:])

STREET_PARTS = ("line1", "line2", "house_number", "street", "unit", "po_box")
PLACE_PARTS = ("city", "region", "postal_code", "country")
ADDRESS_PARTS = (*STREET_PARTS, "address", *PLACE_PARTS)
_CITY_IN_LINE = re.compile(r",|\n|\s[A-Z]{2}\s+[0-9]{5}(?:-[0-9]{4})?$")
_DIGIT = re.compile(r"[0-9#]")
_CITY_STATES = frozenset({"SG", "HK", "MC", "MO", "VA"})
_MAX_TEXT = 500
_MARKS = (",", ";", "\n", "\r")
_NO_CODE = (None, None, None, False)
_NO_PLACE = (None,) * (1 + len(PLACE_PARTS))


class _Typed(NamedTuple):
    """The columns of one address, placeholders removed."""

    line1: str | None
    line2: str | None
    house_number: str | None
    street: str | None
    unit: str | None
    po_box: str | None
    address: str | None
    city: str | None
    region: str | None
    postal_code: str | None
    country: str | None


def _typed(texts: tuple[str | None, ...]) -> _Typed:
    line1, line2, number, street, unit, box, address, city, region, postal, country = texts
    # most columns are empty: a call for each of those would be a tenth of the time
    return _Typed(
        _street_text(line1) if line1 else None, _street_text(line2) if line2 else None,
        _street_text(number) if number else None, _street_text(street) if street else None,
        _street_text(unit) if unit else None, _street_text(box) if box else None,
        address if address and len(address) <= _MAX_TEXT and _street_text(address) else None,
        value(city, "place") if city else None, region, postal, country,
    )  # fmt: skip


def _street_text(text: str | None) -> str | None:
    if text is None or len(text) > _MAX_TEXT:
        return None
    if text.isdigit() and text.isascii():
        return text
    kept = clean(text, lines=True)
    return None if kept is None or is_null_word(kept, "street") else kept


def _free_text(typed: _Typed) -> str | None:
    """The text to take apart: the address column, or a line that carries more than the street when no city is given."""
    if typed.street is not None:
        return None
    if typed.line1 is None:
        return typed.address
    if typed.city is None and _CITY_IN_LINE.search(typed.line1):
        return typed.line1 if typed.line2 is None else f"{typed.line1}, {typed.line2}"
    return None


def _lines(typed: _Typed, pieces: Pieces | None, country: str | None) -> Line:
    """Merge what the street, unit and box columns and the lines say."""
    texts = [typed.line1, typed.line2] if pieces is None else list(pieces.lines)
    if typed.street is not None:
        texts = [typed.street, typed.unit]
        if typed.house_number is not None:
            whole = Line(house_number_key(typed.house_number), typed.street, None, None)
            return _with_columns(_only_street(whole, country), typed)
    parts = [part for text in texts if text for part in _parts_of(text, country, typed.city)]
    rows = [read_line(part, country) for part in parts]
    if len(rows) == 1:  # nothing to merge
        (row,) = rows
        return _with_columns(Line(row.house_number, row.street, row.unit or None, row.po_box or None), typed)
    main = next((row for row in rows if row.house_number and row.street), None)
    main = main or next((row for row in rows if row.street), Line(None, None, None, None))
    alone = [row.house_number for row in rows if row.house_number and not row.street]
    number = main.house_number or next(iter(alone), None)
    units = [row.unit for row in rows if row.unit]
    if not units and main.house_number and alone and rows[-1].house_number == alone[-1]:
        units = [alone[-1].lower()]  # a second line that is nothing but a number: the flat
    unit = next((unit for unit in units if not unit.startswith("building")), units[0] if units else None)
    box = next((row.po_box for row in rows if row.po_box), None)
    return _with_columns(Line(number, main.street, unit, box), typed)


def _parts_of(text: str, country: str | None, city: str | None) -> list[str]:
    if "," not in text and "\n" not in text and ";" not in text:
        return [text]
    return [text] if flat_behind(text, country) else street_pieces(text, country, city)


def _only_street(line: Line, country: str | None) -> Line:
    """A street column beside a house-number column may repeat the number and carry the flat."""
    if line.street is None or not _DIGIT.search(line.street):
        return line
    inner = read_line(line.street, country)
    street = inner.street if inner.house_number == line.house_number and inner.street else None
    if street is None:
        street = line.street if inner.unit is None or inner.street is None else inner.street
        if inner.unit is not None and inner.house_number is not None:
            street = f"{inner.house_number} {street}"
    return Line(line.house_number, street, inner.unit, inner.po_box)


def _with_columns(line: Line, typed: _Typed) -> Line:
    if typed.house_number is None and typed.unit is None and typed.po_box is None:
        return line
    number = house_number_key(typed.house_number) or line.house_number
    unit = read_unit(typed.unit) if typed.unit else line.unit
    return Line(number, line.street, unit, read_box(typed.po_box) or line.po_box)


class Place(NamedTuple):
    """Everything of an address but its street; `country_iso2` may be a guess, so that it alone is no address."""

    city: str | None
    city_key: str | None
    region: str | None
    code: PostalCode | None
    country_iso2: str | None
    is_stated: bool


def read_place(
    city: str | None, region: str | None, postal: str | None, country: str | None, default: str | None
) -> Place:
    """Read the columns behind the street; `city` without placeholders.

    The country is the one named; else the one whose postal codes look so; else the default.
    """
    named = parse_country(country)
    found = named or _country_of(city, postal) or default
    return _placed(city, region, postal, found, is_named=named is not None)


def _placed(city: str | None, region: str | None, postal: str | None, country: str | None, *, is_named: bool) -> Place:
    code, region = parse_postal_code(postal, country), parse_region(region, country)
    is_stated = is_named or bool(city or region or code)
    return Place(city, city_key(city) if city else None, region, code, country, is_stated)


def _country_of(city: str | None, postal: str | None) -> str | None:
    """The country that a city state's name or the shape of a postal code tells."""
    country = parse_country(city)
    return country if country in _CITY_STATES else country_of_postal_code(clean(postal))


def _place_in_text(typed: _Typed, pieces: Pieces, default: str | None) -> Place:
    """What the columns leave open is taken from the pieces of the text."""
    named = parse_country(typed.country)
    country = named or pieces.country
    country = country or _country_of(typed.city or pieces.city, typed.postal_code or pieces.postal_code) or default
    return _placed(
        typed.city or value(pieces.city, "place"),
        value(typed.region, "place") or pieces.region,
        value(typed.postal_code, "postal_code") or pieces.postal_code,
        country,
        is_named=named is not None,
    )


def address_row(default: str | None, *texts: str | None) -> tuple[Any, ...] | None:
    """The columns of `ADDRESS_SCHEMA`, from those of `ADDRESS_PARTS`; None where they say nothing."""
    typed = _typed(texts)
    text = _free_text(typed)
    if text is None:
        pieces, place = None, read_place(typed.city, typed.region, typed.postal_code, typed.country, default)
    else:
        pieces = split_address_text(text, parse_country(typed.country) or default)
        place = _place_in_text(typed, pieces, default)
    street = _street_row(_lines(typed, pieces, place.country_iso2), place.country_iso2)
    return (*street, *place_row(place)) if place.is_stated or any(street) else None


def _street_row(line: Line, country: str | None) -> tuple[str | None, ...]:
    """The columns of `STREET_FIELDS`."""
    street = line.street if line.street is None else clean(line.street)
    return line.house_number, street, street_key(street, country) if street else None, line.unit, line.po_box


def place_row(place: Place) -> tuple[Any, ...]:
    """The columns of `PLACE_FIELDS`."""
    city, key, region, code, country, _ = place
    return city, key, region, *(_NO_CODE if code is None else code), country


def read_street(texts: tuple[str | None, ...], country: str | None) -> tuple[str | None, ...] | None:
    """What the columns of `STREET_PARTS` say (`STREET_FIELDS`) where a column names the city.

    None where a text holds several pieces: which of them is the street depends on the city.
    """
    if any(mark in text for text in texts if text for mark in _MARKS):
        return None
    return _street_row(_lines(_typed((*texts, *_NO_PLACE)), None, country), country)


def parse_address(
    *,
    line1: str | None = None,
    line2: str | None = None,
    house_number: str | None = None,
    street: str | None = None,
    unit: str | None = None,
    po_box: str | None = None,
    address: str | None = None,
    city: str | None = None,
    region: str | None = None,
    postal_code: str | None = None,
    country: str | None = None,
    default_region: str | None = None,
) -> Address | None:
    """Read one postal address from its columns; None where they say nothing.

    `default_region` (ISO 3166 alpha-2) is the country of an address that names none and whose postal code does not
    tell. `address` is a whole address in one text; `line1` is read the same way where it carries the city.
    """
    texts = (line1, line2, house_number, street, unit, po_box, address, city, region, postal_code, country)
    row = address_row(default_region.upper() if default_region else None, *texts)
    return None if row is None else Address(*row)
