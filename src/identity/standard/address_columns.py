"""Addresses by the column: what many addresses share is read once.

A street line does not depend on the place behind it but for the country, nor the place on the line, nor a street on
the number of the house. So the distinct streets and the distinct places are read apart and put together; only what
carries its city in a line or in one text, and lines of several pieces, are read address by address.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from identity.standard.addresses import (
    ADDRESS_PARTS,
    ADDRESS_SCHEMA,
    PLACE_FIELDS,
    PLACE_PARTS,
    STREET_FIELDS,
    STREET_PARTS,
    address_row,
    place_row,
    read_place,
    read_street,
)
from identity.standard.columns import Texts, distinct, no_collector, to_table
from identity.standard.text import value

_STREETS = pa.schema([ADDRESS_SCHEMA.field(name) for name in STREET_FIELDS])
_PLACES = pa.schema([ADDRESS_SCHEMA.field(name) for name in PLACE_FIELDS])


# Words with one number among them, apart from them: `12 Oak Place`, `Dorpslaan 9`, `5 Elm St Apt B`.
_ONE_NUMBER = r"^(?P<before>[A-Za-z.' -]* )?(?P<number>[1-9][0-9]{0,4})(?P<after> [A-Za-z.' -]*)?$"
_ANY_NUMBER = "7"


@no_collector()
def address_columns(columns: Mapping[str, Texts], default_region: str | None = None) -> pa.Table:
    """Standardise distinct addresses: parallel columns named as in `ADDRESS_PARTS`, any of them absent.

    Returns one row of `ADDRESS_SCHEMA` per entry, as `parse_address` reads it.
    """
    unknown = set(columns) - set(ADDRESS_PARTS)
    if unknown:
        raise ValueError(f"unknown address columns {sorted(unknown)}; known are {ADDRESS_PARTS}")
    size = max((len(column) for column in columns.values()), default=0)
    default = default_region.upper() if default_region else None
    nothing = pa.nulls(size, pa.string())
    texts = {part: pa.array(columns[part], pa.string()) if part in columns else nothing for part in ADDRESS_PARTS}

    said, place_of = distinct([texts[part] for part in PLACE_PARTS])
    places = [
        read_place(value(city, "place") if city else None, region, code, land, default)
        for city, region, code, land in said
    ]
    country = pa.array([place.country_iso2 for place in places], pa.string()).take(pa.array(place_of))
    line1, number = _of_any_house(texts)
    lines, line_of = distinct([line1, *(texts[part] for part in STREET_PARTS[1:]), country, pc.is_valid(number)])
    streets = [_read_street(*line) for line in lines]

    is_apart = _mask(street is not None for street in streets)[line_of]
    is_apart &= _mask(place.city is not None for place in places)[place_of]
    is_apart &= texts["address"].is_null().to_numpy(zero_copy_only=False)
    together = np.flatnonzero(~is_apart)
    rows = zip(*pa.table(texts).take(pa.array(together)).to_pydict().values(), strict=True)
    read = [address_row(default, *row) or (None,) * len(ADDRESS_SCHEMA) for row in rows]
    line_of[together] = len(streets) + np.arange(len(together))
    place_of[together] = len(places) + np.arange(len(together))
    cut = len(STREET_FIELDS)
    found = [
        *to_table([*streets, *(row[:cut] for row in read)], _STREETS).take(pa.array(line_of)).columns,
        *to_table([*map(place_row, places), *(row[cut:] for row in read)], _PLACES).take(pa.array(place_of)).columns,
    ]
    found[0] = pc.if_else(pc.and_(pc.is_valid(number), pa.array(is_apart)), number, found[0])
    return pa.table(found, schema=ADDRESS_SCHEMA)


def _of_any_house(texts: Mapping[str, pa.Array]) -> tuple[pa.Array, pa.Array]:
    """The first lines, and their house numbers where any other number could stand in their place.

    That is so for a line of words with one number among them, where no other column says anything about the street:
    no rule looks at which number it is. There the line is given with `_ANY_NUMBER`.
    """
    line1 = texts["line1"]
    parts = pc.extract_regex(line1, _ONE_NUMBER)
    for part in STREET_PARTS[1:]:
        parts = pc.if_else(pc.is_valid(texts[part]), pa.scalar(None, parts.type), parts)
    before, number, after = (pc.struct_field(parts, name) for name in ("before", "number", "after"))
    same = pc.binary_join_element_wise(before, _ANY_NUMBER, after, "")
    return pc.if_else(pc.is_valid(parts), same, line1), number


def _read_street(*line: Any) -> tuple[str | None, ...] | None:
    """`read_street`; None, too, where the number of a line of any house is not its house number."""
    *texts, country, is_any_house = line
    street = read_street(tuple(texts), country)
    return None if street is None or (is_any_house and street[0] != _ANY_NUMBER) else street


def _mask(said: Iterable[bool]) -> npt.NDArray[np.bool_]:
    return np.array(list(said), dtype=np.bool_)
