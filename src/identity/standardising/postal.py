"""Addresses of the records of one source."""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from identity.sources.base import AddressColumns, Names
from identity.standard.address_columns import address_columns
from identity.standardising.arrays import spaced, whole
from identity.standardising.people import Found, Repeats, flag, taken, typed_groups, united

_TEXTS = (
    "line1", "line2", "house_number", "street", "street_key", "unit", "po_box", "city", "city_key", "region",
    "postal_code", "postal_key", "country_iso2",
)  # fmt: skip
SCHEMA = pa.schema(
    [("_index", pa.int64()), ("position", pa.int64()), ("kind", pa.string()), *((name, pa.string()) for name in _TEXTS),
     ("address_key", pa.string())]
)  # fmt: skip
KEY_PARTS = ("country_iso2", "house_number", "street_key", "unit", "po_box", "city_key", "region", "postal_key")


def addresses(rows: pa.Table, groups: Sequence[AddressColumns], region: str | None) -> Found:
    """Addresses of the records; a text that names no more than a country is none."""
    repeats, tables, flags = Repeats(rows.num_rows), [], []
    wanted: list[Mapping[str, Names]] = [
        {
            "line1": group.line1, "line2": group.line2, "house_number": group.house_number, "street": group.street,
            "unit": group.unit, "po_box": group.po_box, "address": group.whole, "city": group.city,
            "region": group.region, "postal_code": group.postal_code, "country": group.country,
        }
        for group in groups
    ]  # fmt: skip
    typed, present = typed_groups(rows, wanted)
    read = address_columns(typed, region)
    key = _key(read)
    keys = repeats.numbered(key)
    place = pc.or_(pc.is_valid(read.column("street_key")), pc.is_valid(read.column("po_box")))
    address_key = pc.if_else(place, key, pa.scalar(None, pa.string()))  # a town alone is no address to block
    shown = _lines(typed, read).append_column("address_key", address_key)
    for number, indices in present:
        new, position = repeats.keep(taken(keys, indices))
        chosen = pa.array(np.nonzero(new)[0])
        brought = shown.take(indices.take(chosen))
        kind = pa.repeat(pa.scalar(groups[number].kind), len(chosen))
        tables.append(pa.table({"_index": chosen, "position": position[new], "kind": kind}))
        for name in brought.column_names:
            tables[-1] = tables[-1].append_column(name, brought.column(name))
        flags.append(flag("postal_code_restored", read.column("postal_restored"), indices))
    return Found(united(tables, SCHEMA), flags)


def _key(read: pa.Table) -> pa.Array:
    """One text per place, null where there is none."""
    parts = [whole(read.column(name)) for name in KEY_PARTS]
    nowhere = pa.array([True] * read.num_rows, pa.bool_())
    for part in parts[1:]:
        nowhere = pc.and_(nowhere, pc.is_null(part))
    joined = pc.binary_join_element_wise(*parts, "|", null_handling="replace", null_replacement="")
    return pc.if_else(nowhere, pa.scalar(None, pa.string()), joined)


def _lines(typed: dict[str, list[str | None]], read: pa.Table) -> pa.Table:
    """The address with the lines to show: house number and street, then the unit, box or further line."""
    blank = pa.nulls(read.num_rows, pa.string())
    street = spaced([read.column("house_number"), read.column("street")])
    line1 = pa.array(typed["line1"], pa.string()) if "line1" in typed else blank
    line2 = pa.array(typed["line2"], pa.string()) if "line2" in typed else blank
    one_line = pc.replace_substring_regex(pc.utf8_trim_whitespace(line1), r"\s*[\r\n]+\s*", ", ")
    shown = {
        "line1": pc.coalesce(one_line, street, whole(read.column("po_box"))),
        "line2": pc.coalesce(pc.utf8_trim_whitespace(line2), whole(read.column("unit"))),
    }
    return pa.table({**shown, **{name: read.column(name) for name in _TEXTS if name not in shown}})
