"""Records side by side: what each says in every field, masked unless allowed, and whether they agree."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from identity.reporting import masking
from identity.reporting.figures.examples import Agreement, agreement

Row = Mapping[str, Any]
_MOST = 4


@dataclass(frozen=True)
class Cell:
    """What one record says in a field, and how that agrees with the first record that says anything."""

    text: str | None
    agreement: Agreement


@dataclass(frozen=True)
class Line:
    """One field over all records."""

    field: str
    cells: tuple[Cell, ...]
    agreement: Agreement


_Said = tuple[tuple[str, ...], Callable[[str], str | None]]


def lines(records: Sequence[Row], *, masked: bool) -> list[Line]:
    """The fields that at least one of the records has; every record is compared with the first."""
    said = [_said(record) for record in records]
    found = []
    for field in said[0] if said else ():
        values = [entry[field][0] for entry in said]
        if not any(values):
            continue
        first = values[0]
        agree = [agreement(first, other) for other in values]
        cells = tuple(
            Cell(_shown(entry[field], masked=masked), verdict) for entry, verdict in zip(said, agree, strict=True)
        )
        found.append(Line(field, cells, _together(agree[1:])))
    return found


def _together(found: Sequence[Agreement]) -> Agreement:
    order: tuple[Agreement, ...] = ("differs", "similar", "same", "missing")
    return next((verdict for verdict in order if verdict in found), "missing")


def _shown(said: _Said, *, masked: bool) -> str | None:
    values, mask = said
    texts = [(mask(value) or masking.DOTS) if masked else value for value in values[:_MOST]]
    more = f" and {len(values) - _MOST} more" if len(values) > _MOST else ""
    return ", ".join(texts) + more if texts else None


def _said(row: Row) -> dict[str, _Said]:
    """Values of each field with the mask that belongs to it."""
    apart = row["given_name"] or row["family_name"]
    street = " ".join(str(row[name]) for name in ("house_number", "street") if row[name]) or row["address_line1"]
    year = str(row["birth_year"]) if row["birth_year"] is not None else None
    birth = row["birth_date"].isoformat() if isinstance(row["birth_date"], date) else year
    return {
        "name": (_one(None if apart else row["full_name"]), masking.mask_words),
        "given name": (_one(row["given_name"]), masking.mask_words),
        "middle name": (_one(row["middle_name"]), masking.mask_words),
        "surname": (_one(row["family_name"]), masking.mask_words),
        "suffix": (_one(row["suffix"]), masking.mask_hidden),
        "birth date": (_one(birth), lambda text: f"{text[:4]}-••-••"),
        "gender": (_one(row["gender"]), masking.mask_hidden),
        "company": (_one(row["company"]), masking.mask_words),
        "e-mail": (tuple(row["emails"] or ()), masking.mask_email),
        "phone": (tuple(row["phones"] or ()), masking.mask_phone),
        "other ids": (tuple(row["ids"] or ()), _masked_id),
        "street": (_one(street), masking.mask_hidden),
        "unit": (_one(row["unit"]), masking.mask_hidden),
        "city": (_one(row["city"]), masking.mask_words),
        "region": (_one(row["region"]), masking.mask_hidden),
        "postal code": (_one(row["postal_code"]), masking.mask_postal_code),
        "country": (_one(row["country_iso2"]), lambda text: text),
    }


def _masked_id(value: str) -> str | None:
    kind, _, rest = value.partition(" ")
    return f"{kind} {masking.mask_id(rest)}"


def _one(value: str | None) -> tuple[str, ...]:
    return (value.strip(),) if value and value.strip() else ()


GOLDEN: Mapping[str, tuple[str, Callable[[Any], str | None]]] = {
    "full_name": ("name", masking.mask_words),
    "birth_date": ("birth date", lambda value: f"{str(value)[:4]}-••-••"),
    "gender": ("gender", masking.mask_hidden),
    "company": ("company", masking.mask_words),
    "email": ("e-mail", masking.mask_email),
    "phone": ("phone", masking.mask_phone),
    "address_line1": ("street", masking.mask_hidden),
    "address_line2": ("second line", masking.mask_hidden),
    "city": ("city", masking.mask_word),
    "region": ("region", masking.mask_hidden),
    "postal_code": ("postal code", masking.mask_postal_code),
    "country_iso2": ("country", lambda value: value),
}
"""Golden columns: how people call them, and their mask."""


def golden_text(column: str, value: Any, *, masked: bool) -> str | None:
    """A golden value as it is shown."""
    if value is None or value == "":
        return None
    return GOLDEN[column][1](value) if masked else str(value)
