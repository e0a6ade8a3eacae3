"""Event rows of a source: typed columns offered as `delivered` to the queries in `sql/sources/`."""

import re
from decimal import ROUND_HALF_EVEN, Decimal

import pyarrow as pa
import pyarrow.compute as pc

from identity.runs.workspace import Session
from identity.sources.base import Source, column_name
from identity.standard.emails import email_columns
from identity.standard.money import money_columns
from identity.standard.phones import phone_columns
from identity.standard.places import parse_country
from identity.standardising.arrays import Mask, parsed, tuples, whole
from identity.standardising.contacts import bare_id
from identity.standardising.delivered import text
from identity.standardising.rulings import Rulings
from identity.standardising.times import moments

AMOUNT = pa.decimal128(18, 4)
_EURO = "AT BE CY DE EE ES FI FR GR HR IE IT LT LU LV MT NL PT SI SK"
# ISO 4217 codes of the regions in which the systems we read are sold.
_CURRENCIES = {
    "US": "USD", "CA": "CAD", "GB": "GBP", "AU": "AUD", "NZ": "NZD", "JP": "JPY", "IN": "INR", "BD": "BDT",
    "CH": "CHF", "SE": "SEK", "NO": "NOK", "DK": "DKK", "PL": "PLN", "CZ": "CZK", "HU": "HUF", "RO": "RON",
    "BR": "BRL", "MX": "MXN", "ZA": "ZAR", "SG": "SGD", "AE": "AED", "TR": "TRY", **dict.fromkeys(_EURO.split(), "EUR"),
}  # fmt: skip
_OWN = {
    "object": "_source", "source_pk": "_pk", "is_head": "_head", "sha256": "_sha256", "row_number": "_row",
    "content": "_hash",
}  # fmt: skip
_NUMBER = re.compile(r"-?[0-9]{1,12}(?:\.[0-9]{1,12})?")


def events(
    db: Session, source: Source, live: pa.Table, has_person: Mask, rulings: Rulings | None = None
) -> dict[str, pa.Table]:
    """Rows of every event table that the source feeds.

    `delivered` holds the live rows: the columns that the source names (`column_name`), typed as it says, beside
    `object` (the source object), `source_pk`, `is_head`, `has_person` (of the row's document), `sha256`,
    `row_number` and `content` (hash).
    """
    db.offer("delivered", offered(source, live, has_person, rulings))
    prefix = f"{source.prefix}_" if source.prefix else ""
    found: dict[str, pa.Table] = {}
    for event in source.events:
        rows = db.query(
            f"sources/{event.query}",
            source=source.name,
            system=source.system,
            prefix=prefix,
            currency=source.currency or currency_of(source.region),
            time_zone=source.time_zone,
        )
        rows = _exact(rows)
        found[event.table] = pa.concat_tables([found[event.table], rows]) if event.table in found else rows
    db.withdraw("delivered")
    return found


def used(source: Source, rows: pa.Table) -> pa.Table:
    """Those columns of delivered rows that `events` reads."""
    headers = [*source.columns, *source.typed, *([source.zone] if source.zone else [])]
    wanted = {*_OWN.values(), *(column_name(header) for header in headers)}
    return rows.select([name for name in rows.column_names if name in wanted])


def _exact(rows: pa.Table) -> pa.Table:
    """Products and sums rounded to the four places in which money and quantities are kept."""
    for number, field in enumerate(rows.schema):
        if pa.types.is_decimal(field.type) and field.type != AMOUNT:
            rounded = pc.round(rows.column(number), ndigits=4) if field.type.scale > 4 else rows.column(number)
            rows = rows.set_column(number, field.name, rounded.cast(AMOUNT))
        elif pa.types.is_null(field.type):
            rows = rows.set_column(number, field.name, rows.column(number).cast(pa.string()))
    return rows


def currency_of(region: str | None) -> str | None:
    """The currency of a region's prices, where it has one of its own; null otherwise."""
    return _CURRENCIES.get((region or "").upper())


def offered(source: Source, live: pa.Table, has_person: Mask, rulings: Rulings | None = None) -> pa.Table:
    """The relation `delivered` of a source."""
    types = {column_name(header): kind for header, kind in source.typed.items()}
    zone = column_name(source.zone) if source.zone else None
    columns: dict[str, pa.Array] = {
        **{ours: live.column(theirs) for ours, theirs in _OWN.items()},
        "has_person": pa.array(has_person),
    }
    for name in dict.fromkeys(column_name(header) for header in (*source.columns, *source.typed)):
        if not name or name in columns:
            continue
        values, kind = whole(text(live, name)), types.get(name)
        if kind == "time":
            read = moments(values, source, text(live, zone) if zone else None, rulings, f"event {name}")
            columns[name], columns[f"{name}_zone"] = read.instants, read.zones
        elif kind == "amount":
            columns[name] = amounts(values)
        elif kind == "number":
            columns[name] = numbers(values)
        elif kind == "email":
            columns[name] = parsed(values, email_columns).column("match_key")
        elif kind == "phone":
            columns[name] = parsed(values, lambda texts: phone_columns(texts, source.region)).column("e164")
        elif kind == "country":
            columns[name] = countries(values)
        elif kind == "id":
            columns[name] = ids(values, name)
        else:
            columns[name] = values
    return pa.table(columns)


def amounts(values: pa.Array) -> pa.Array:
    """Money or a count as a decimal; null where the text holds none."""
    parts, indices = tuples([values])
    return whole(money_columns(parts[0]).column("amount")).cast(AMOUNT).take(indices)


def numbers(values: pa.Array) -> pa.Array:
    """A count or a quantity as a decimal of four places; null where the text is no plain number."""
    parts, indices = tuples([values])
    return pa.array([_number(text) for text in parts[0]], AMOUNT).take(indices)


def _number(text: str | None) -> Decimal | None:
    found = _NUMBER.fullmatch(text.strip().replace(",", "")) if text else None
    return Decimal(found[0]).quantize(Decimal("0.0001"), rounding=ROUND_HALF_EVEN) if found else None


def countries(values: pa.Array) -> pa.Array:
    """Countries as ISO 3166-1 alpha-2."""
    parts, indices = tuples([values])
    return pa.array([parse_country(text) for text in parts[0]], pa.string()).take(indices)


def ids(values: pa.Array, kind: str) -> pa.Array:
    """Ids as `std.identifier.id_match_key` holds those of this kind."""
    parts, indices = tuples([values])
    return pa.array([bare_id(kind, text) for text in parts[0]], pa.string()).take(indices)
