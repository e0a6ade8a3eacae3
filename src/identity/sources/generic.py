"""The generic source: any table described in the run's configuration (`[[sources]]` with `fields`).

A record's fields are given_name, middle_name, family_name, full_name, title, suffix, gender, birth_date,
birth_year/birth_month/birth_day, company, email, phone, address (one column), house_number, street, unit, po_box,
city, region, postal_code, country, national_id, loyalty_id, customer_id, tax_id and `id.<type>`. Event kinds
(order, order_item, touchpoint, ticket, survey) take the columns of their table as fields; `person_source` and
`person_id` say whose they are, and an order that carries names or contact points itself is a record, too.
"""

from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

import pyarrow as pa

from identity.errors import ConfigurationError
from identity.settings_groups import SourceSettings
from identity.sources.base import (
    AddressColumns,
    ConsentColumn,
    Events,
    FileFacts,
    NameColumns,
    RecordColumns,
    Source,
    Typed,
    column_key,
    column_name,
)
from identity.sources.text import column, with_column

IDENTIFIERS = ("national_id", "loyalty_id", "customer_id", "tax_id")
_NAME_PARTS = {
    "title": "title",
    "given": "given_name",
    "middle": "middle_name",
    "family": "family_name",
    "suffix": "suffix",
}
_ADDRESS_FIELDS = ("address", "house_number", "street", "unit", "po_box", "city", "region", "postal_code", "country")
_PERSON_FIELDS = frozenset({*_NAME_PARTS.values(), *_ADDRESS_FIELDS, *IDENTIFIERS, "full_name", "email", "phone"})
_RECORD_FIELDS = _PERSON_FIELDS | {
    "gender", "birth_date", "birth_year", "birth_month", "birth_day", "company", "is_test", "is_staff", "deleted",
    "tags",
}  # fmt: skip

# Fields of each kind of event beside the person's, with the type in which its query sees them.
_EVENT_FIELDS: Mapping[str, Mapping[str, Typed | None]] = {
    "order": {
        "order_at": "time", "channel": None, "store_id": None, "status": None, "currency": None, "gross": "amount",
        "discount": "amount", "tax": "amount", "shipping": "amount", "returned_revenue": "amount",
        "canceled_revenue": "amount", "total_charged": "amount", "is_test": None, "title": None,
    },
    "order_item": {
        "order_id": None, "sku": None, "product": None, "quantity": "number", "unit_price": "amount",
        "gross": "amount", "discount": "amount", "vendor": None, "category": None,
    },
    "touchpoint": {
        "occurred_at": "time", "channel": None, "touch_type": None, "campaign": None, "title": None, "url": None,
        "value": "amount", "currency": None, "session_id": None, "email": "email", "visitor_id": "id",
        "utm_source": None, "utm_medium": None, "referrer": None, "order_id": None, "is_conversion": None,
    },
    "ticket": {
        "created_at": "time", "updated_at": "time", "solved_at": "time", "status": None, "priority": None,
        "channel": None, "subject": None, "replies": "number", "reopens": "number",
        "first_reply_minutes": "number", "resolution_minutes": "number", "satisfaction": None, "email": "email",
    },
    "survey": {"kind": None, "score": "number", "answered_at": "time", "comment": None, "email": "email"},
}  # fmt: skip
_TABLES = {
    "order": "std.order", "order_item": "std.order_item", "touchpoint": "std.touchpoint", "ticket": "std.ticket",
    "survey": "std.survey_response",
}  # fmt: skip


def _columns(names: str | tuple[str, ...] | None) -> tuple[str, ...]:
    if names is None:
        return ()
    return (names,) if isinstance(names, str) else tuple(names)


def source(entry: SourceSettings, region: str | None) -> Source:
    """The source that a `[[sources]]` table with `fields` describes.

    Raises ConfigurationError naming the source and every field it does not know.
    """
    fields = {name: _columns(columns) for name, columns in entry.fields.items()}
    _refuse_unknown(entry, fields)
    name = entry.name or column_name(_stem(entry)) or "records"
    person = entry.kind == "record" or (
        entry.kind == "order" and entry.person_id is None and _PERSON_FIELDS & set(fields)
    )
    events = (
        ()
        if entry.kind == "record"
        else (Events(_TABLES[entry.kind], f"generic_{entry.kind}", together=entry.kind == "order_item"),)
    )
    typed = {f: kind for f, kind in _EVENT_FIELDS.get(entry.kind, {}).items() if kind is not None}
    named = [entry.record_id, entry.updated_at, entry.created_at, entry.person_id, entry.name_column]
    given = [c for columns in fields.values() for c in columns]
    known = [*given, *entry.attributes.values(), *entry.consent.values(), *(n for n in named if n)]
    event_columns = (*_EVENT_FIELDS.get(entry.kind, {}), "person_id", "person_source")
    return Source(
        name=f"{entry.prefix}_{name}" if entry.prefix else name,
        system=name,
        signature=frozenset(column_key(n) for n in (entry.record_id, entry.name_column) if n),
        accepts=under(_columns(entry.files)),
        formats=frozenset({"csv", "ndjson", "json", "parquet"}),
        priority=1000,
        encoding=entry.encoding,
        record=_record(entry, fields) if person else None,
        events=events,
        columns=tuple(dict.fromkeys((*known, *(event_columns if events else ())))),
        prepare=_prepare(entry, fields) if events else None,
        typed=typed,
        event_key=(entry.record_id or "",),
        updated_at=entry.updated_at or (),
        name_column=entry.name_column,
        files=_columns(entry.files),
        region=entry.default_region or region,
        time_zone=entry.time_zone or "UTC",
        currency=entry.currency,
        date_order=entry.date_order,
        delivery=entry.delivery,
        prefix=entry.prefix,
        immutable=entry.immutable,
        persons=_persons(entry),
        order_keys=(*fields.get("order_id", ()), entry.record_id or "") if entry.kind.startswith("order") else (),
        order_object=entry.person_source if entry.kind == "order_item" else None,
        accounting=_accounting(entry, fields) if entry.kind.startswith("order") else (),
    )


def _persons(entry: SourceSettings) -> dict[str, str]:
    """The column that names an event's person; of a line of an order it names the order."""
    if entry.kind in ("record", "order_item") or not entry.person_id or not entry.person_source:
        return {}
    return {entry.person_id: entry.person_source}


def _accounting(entry: SourceSettings, fields: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The columns of an order or its line that say nothing of a person; a title may be free text."""
    names = [name for name in _EVENT_FIELDS[entry.kind] if name not in ("title", "order_id")]
    return (*(c for name in names for c in fields.get(name, ())), *((entry.updated_at,) if entry.updated_at else ()))


def _refuse_unknown(entry: SourceSettings, fields: Mapping[str, tuple[str, ...]]) -> None:
    known = _RECORD_FIELDS | set(_EVENT_FIELDS.get(entry.kind, {}))
    unknown = sorted(f for f in fields if f not in known and not (f.startswith("id.") and len(f) > 3))
    if unknown:
        raise ConfigurationError(
            f"source {entry.name or entry.name_column}: unknown fields {', '.join(unknown)}; "
            f"a {entry.kind} knows {', '.join(sorted(known))} and id.<type>"
        )


def _stem(entry: SourceSettings) -> str:
    return PurePosixPath(_columns(entry.files)[0]).stem.replace("*", "")


def under(patterns: tuple[str, ...]) -> Callable[[FileFacts], bool]:
    """Whether a file (or the archive it came in) matches one of the configured patterns."""
    plain = tuple(pattern.removeprefix("./") for pattern in patterns)

    def accepts(facts: FileFacts) -> bool:
        places = (facts.path, *facts.path.parents)
        return any(
            fnmatchcase(str(place), pattern) or fnmatchcase(str(place), f"*/{pattern}")
            for place in places
            for pattern in plain
        )

    return accepts


def _record(entry: SourceSettings, fields: Mapping[str, tuple[str, ...]]) -> RecordColumns:
    first = {part: fields.get(f, ()) for part, f in _NAME_PARTS.items()}
    full = fields.get("full_name", ())
    further = full if any(first.values()) else full[1:]
    identifiers = {f: fields[f] for f in IDENTIFIERS if f in fields}
    identifiers |= {f.removeprefix("id."): columns for f, columns in fields.items() if f.startswith("id.")}
    return RecordColumns(
        key=entry.record_id or "",
        names=(NameColumns(**first, full=full[:1]), *(NameColumns(full=(other,)) for other in further)),
        emails=fields.get("email", ()),
        phones=fields.get("phone", ()),
        addresses=_addresses(fields),
        identifiers=identifiers,
        attributes=dict(entry.attributes),
        consents=tuple(ConsentColumn(source_column, channel) for channel, source_column in entry.consent.items()),
        company=fields.get("company", ()),
        gender=fields.get("gender", ()),
        birth_date=fields.get("birth_date", ()),
        birth_year=fields.get("birth_year", ()),
        birth_month=fields.get("birth_month", ()),
        birth_day=fields.get("birth_day", ()),
        created_at=entry.created_at or (),
        updated_at=entry.updated_at or (),
        deleted=fields.get("deleted", ()),
        is_test=fields.get("is_test", ()),
        is_staff=fields.get("is_staff", ()),
        tags=fields.get("tags", ()),
    )


def _addresses(fields: Mapping[str, tuple[str, ...]]) -> tuple[AddressColumns, ...]:
    """One address; a street without a house-number column is a whole street line."""
    if not any(f in fields for f in _ADDRESS_FIELDS):
        return ()
    street, number = fields.get("street", ()), fields.get("house_number", ())
    first, *others = fields.get("address") or ((),)
    main = AddressColumns(
        line1=() if number else street[:1],
        line2=() if number else street[1:2],
        house_number=number,
        street=street if number else (),
        unit=fields.get("unit", ()),
        po_box=fields.get("po_box", ()),
        whole=first,
        city=fields.get("city", ()),
        region=fields.get("region", ()),
        postal_code=fields.get("postal_code", ()),
        country=fields.get("country", ()),
    )
    return (main, *(AddressColumns(kind="other", whole=other) for other in others))


def _prepare(entry: SourceSettings, fields: Mapping[str, tuple[str, ...]]) -> Callable[[pa.Table], pa.Table]:
    """Give the delivered columns of an event the names its query knows."""

    def prepare(rows: pa.Table) -> pa.Table:
        renamed = {f: column(rows, column_name(fields[f][0])) for f in _EVENT_FIELDS[entry.kind] if f in fields}
        if entry.person_id:
            renamed["person_id"] = column(rows, column_name(entry.person_id))
        if entry.person_source:
            renamed["person_source"] = pa.chunked_array([pa.repeat(pa.scalar(entry.person_source), rows.num_rows)])
        for name, values in renamed.items():
            rows = with_column(rows, name, values)
        return rows

    return prepare
