"""Small record sets for the tests of the matching core, in the shape that the encoder reads."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from identity.matching.encode import coded
from identity.matching.records import Records

_ADDRESS = ("house_number", "street_key", "unit", "postal_key", "city_key")


def records_of(people: Sequence[dict[str, Any]]) -> Records:
    """Encode records given as dictionaries: name(s), birth, email, phone, ids, address(es), gender, company, attributes."""
    names, identifiers, addresses, attributes = [], [], [], []
    for row, person in enumerate(people):
        for name in person.get("names", [person["name"]] if "name" in person else []):
            given, family, middle, suffix = (*name, None, None)[:4]
            names.append(
                {"record": row, "given_key": given, "middle_key": middle, "family_key": family, "suffix": suffix}
            )
        for kind in ("email", "phone"):
            values = person.get(kind, [])
            identifiers += [(kind, row, value) for value in ([values] if isinstance(values, str) else values)]
        identifiers += [(kind, row, value) for kind, value in person.get("ids", {}).items()]
        for address in person.get("addresses", [person["address"]] if "address" in person else []):
            addresses.append({"record": row, **dict(zip(_ADDRESS, address, strict=True)), "region": None})
        attributes += [(name, row, value) for name, value in person.get("attributes", {}).items()]
    return coded(
        len(people),
        _table(
            [
                {
                    "record": row,
                    **dict(
                        zip(("birth_year", "birth_month", "birth_day"), person.get("birth", (None,) * 3), strict=True)
                    ),
                    "gender": person.get("gender"),
                    "company": person.get("company"),
                }
                for row, person in enumerate(people)
            ],
            {
                "record": pa.int32(),
                "birth_year": pa.int16(),
                "birth_month": pa.int16(),
                "birth_day": pa.int16(),
                "gender": pa.string(),
                "company": pa.string(),
            },
        ),
        _table(
            names,
            {
                "record": pa.int32(),
                "given_key": pa.string(),
                "middle_key": pa.string(),
                "family_key": pa.string(),
                "suffix": pa.string(),
            },
        ),
        _typed(identifiers, "id_type"),
        _table(addresses, {"record": pa.int32(), **dict.fromkeys((*_ADDRESS, "region"), pa.string())}),
        _typed(attributes, "name"),
    ).with_holders()


def _typed(rows: list[tuple[str, int, str]], kind: str) -> pa.Table:
    ordered = [
        {"record": row, kind: name, "value": value} for name, row, value in sorted(rows, key=lambda entry: entry[:2])
    ]
    return _table(ordered, {"record": pa.int32(), kind: pa.string(), "value": pa.string()})


def _table(rows: list[dict[str, Any]], columns: dict[str, pa.DataType]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=pa.schema(list(columns.items())))
