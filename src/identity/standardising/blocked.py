"""Values that identify nobody: a reception's phone, a shop's own e-mail, `000000`.

A value is blocked when more people share it than a family or a household does. People are counted by distinct
names beyond spelling: the smaller of the distinct family names and the distinct given names (a family has one of
the former, one person with many spellings few of the latter), each as its first letter and consonants.
"""

from collections.abc import Mapping, Sequence
from math import ceil, log10

import pyarrow as pa

from identity.runs.run import Run
from identity.runs.workspace import Session
from identity.standard.addresses import parse_address
from identity.standard.emails import parse_email
from identity.standard.phones import parse_phone
from identity.standardising.contacts import bare_id
from identity.standardising.postal import KEY_PARTS
from identity.stewardship import given
from identity.stewardship.decisions import Kind

_FULL_LIMIT_AT = 100_000
_SMALLEST_LIMIT = 5


def limit(configured: int, records: int) -> int:
    """Distinct names beyond which a value is blocked, scaled down for small data.

    Large data meet large families and flat shares by chance, small data do not: the limit grows with the logarithm
    of the records and is the configured one from 100,000 records on; it is never below 5.
    """
    scaled = ceil(configured * log10(max(records, 1)) / log10(_FULL_LIMIT_AT)) if records else 0
    return max(min(_SMALLEST_LIMIT, configured), min(configured, scaled))


def block(db: Session, run: Run, order_sources: Sequence[str]) -> None:
    """Write `std.blocked_value` from the relations `identifier`, `std.source_record`, `name` and `address`.

    `order_sources` are objects whose records are orders: one person may have any number of those without a name.
    """
    matching = run.settings.matching
    records = db.count("std.source_record")
    names = ("id_type", "id_value")
    db.put("configured_block", pa.table(dict(zip(names, _configured(matching.blocked_values, run), strict=True))))
    db.put("steward_block", _by_stewards(db))
    db.put("order_source", pa.table({"source": pa.array(list(order_sources), pa.string())}))
    db.save(
        "std.blocked_value",
        "standardise/blocked_value",
        email_limit=limit(matching.blocked_email_names, records),
        phone_limit=limit(matching.blocked_phone_names, records),
        address_limit=limit(matching.blocked_address_names, records),
        run=run.number,
    )


def _by_stewards(db: Session) -> pa.Table:
    """id_type, id_value and whether it is blocked or exempt from blocking, as stewards decided."""
    words = sorted(given.blocking(given.decisions(db)).items())
    return pa.table(
        {
            "id_type": pa.array([kind for (kind, _), _ in words], pa.string()),
            "id_value": pa.array([value for (_, value), _ in words], pa.string()),
            "is_blocked": pa.array([word.said.kind is Kind.BLOCK_VALUE for _, word in words], pa.bool_()),
        }
    )


def _configured(values: Mapping[str, tuple[str, ...]], run: Run) -> tuple[pa.Array, pa.Array]:
    """Configured values as they are compared."""
    pairs = {
        (kind, key)
        for kind, texts in values.items()
        for text in texts
        if (key := match_key(kind, text, run.settings.region)) is not None
    }
    kinds, keys = zip(*sorted(pairs), strict=True) if pairs else ((), ())
    return pa.array(kinds, pa.string()), pa.array(keys, pa.string())


def match_key(kind: str, text: str, region: str | None) -> str | None:
    """A configured value as it is compared: e-mail key, E.164 or national digits, address key, bare id."""
    if kind == "email":
        email = parse_email(text)
        return email.match_key if email else None
    if kind == "phone":
        phone = parse_phone(text, region)
        return (phone.e164 or phone.national) if phone else None
    if kind != "address":
        return bare_id(kind, text)
    place = parse_address(address=text, default_region=region)
    if place is None or not (place.street_key or place.po_box):
        return None
    return "|".join(getattr(place, part) or "" for part in KEY_PARTS)
