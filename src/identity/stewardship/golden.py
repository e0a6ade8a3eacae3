"""Golden values that a steward typed, pinned or excluded, as unify reads them."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pyarrow as pa

from identity.standard.addresses import parse_address
from identity.standard.dates import parse_date
from identity.standard.emails import parse_email
from identity.standard.gender import parse_gender
from identity.standard.names import parse_name
from identity.standard.phones import parse_phone
from identity.stewardship.decisions import GOLDEN, Decision, Kind, standing

Values = Mapping[str, str | None]


def golden_value(field: str, text: str, region: str | None) -> Values | None:
    """A typed value of a field group as columns, among them `value_key` (see `sql/unify/candidate.sql`).

    None where the text cannot be read as such a value. `region` is the country of phones and addresses that
    name none.
    """
    reader = _READERS.get(field)
    return reader(text.strip(), region) if reader is not None and text.strip() else None


def _email(text: str, _region: str | None) -> Values | None:
    email = parse_email(text)
    return {"value_key": email.normal} if email else None


def _phone(text: str, region: str | None) -> Values | None:
    phone = parse_phone(text, region)
    return {"value_key": phone.e164} if phone and phone.e164 else None


def _birth_date(text: str, _region: str | None) -> Values | None:
    try:
        read = date.fromisoformat(text)
    except ValueError:
        found = parse_date(text)
        if found is None or found.year is None or found.month is None or found.day is None:
            return None
        read = date(found.year, found.month, found.day)
    return {"value_key": read.isoformat()}


def _gender(text: str, _region: str | None) -> Values | None:
    gender = parse_gender(text)
    return {"value_key": str(gender)} if gender else None


def _company(text: str, _region: str | None) -> Values:
    return {"value_key": text.lower(), "company": text}


def _name(text: str, _region: str | None) -> Values | None:
    name = parse_name(full=text)
    if name is None or name.not_a_person or not (name.given or name.family):
        return None
    given = name.given_key or (name.given or "").lower()
    family = name.family_key or (name.family or "").lower()
    return {
        "value_key": f"{given}|{family}|{(name.generation or '').lower()}",
        "title": name.title,
        "given_name": name.given,
        "middle_name": name.middle,
        "family_name": name.family,
        "suffix": name.generation,
    }


def _address(text: str, region: str | None) -> Values | None:
    place = parse_address(address=text, default_region=region)
    if place is None or not (place.street_key or place.po_box or place.city):
        return None
    street = " ".join(part for part in (place.house_number, place.street) if part)
    keyed = " ".join(part for part in (place.house_number, place.street_key, place.unit) if part)
    parts = (keyed, place.po_box, place.city_key, place.postal_key, place.country_iso2)
    return {
        "value_key": ", ".join(part for part in parts if part).lower(),
        "line1": street or place.po_box,
        "line2": place.unit,
        "city": place.city,
        "region": place.region,
        "postal_code": place.postal_code,
        "country_iso2": place.country_iso2,
    }


_READERS = {
    "name": _name,
    "email": _email,
    "phone": _phone,
    "address": _address,
    "birth_date": _birth_date,
    "gender": _gender,
    "company": _company,
}

_VALUES = (
    "value_key", "title", "given_name", "middle_name", "family_name", "suffix", "line1", "line2", "city", "region",
    "postal_code", "country_iso2", "company",
)  # fmt: skip
_SCHEMA = pa.schema(
    [
        ("number", pa.int64()), ("kind", pa.string()), ("field_group", pa.string()), ("source", pa.string()),
        ("source_pk", pa.string()), *((name, pa.string()) for name in _VALUES),
    ]
)  # fmt: skip


def golden_words(log: Sequence[Decision], region: str | None) -> pa.Table:
    """The standing decisions about golden values: number, kind, field_group, source, source_pk and the value.

    Of a pin or an exclusion without a value `value_key` is null: whatever the record holds. A correction that
    cannot be read (its text was erased) is left out.
    """
    rows: list[dict[str, Any]] = []
    for decision in standing(log):
        said = decision.said
        if said.kind not in GOLDEN or not said.records:
            continue
        values: Values | None = {"value_key": said.value}
        if said.kind is Kind.CORRECT_VALUE:
            values = golden_value(said.field or "", said.value or "", region)
        if values is not None and not (decision.erased and said.value is None):
            source, source_pk = said.records[0]
            rows.append(
                {
                    "number": decision.number,
                    "kind": said.kind.value,
                    "field_group": said.field,
                    "source": source,
                    "source_pk": source_pk,
                    **values,
                }
            )
    return pa.Table.from_pylist(rows, schema=_SCHEMA)
