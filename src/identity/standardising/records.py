"""The records of one source: every value read, and the rows of the std tables they make."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from identity.runs.run import Run
from identity.sources.base import RecordColumns, Source
from identity.standardising import consents, contacts, facts, people, postal
from identity.standardising.arrays import Mask, flag_lists, mask, spaced, whole
from identity.standardising.delivered import each, text
from identity.standardising.people import NAME_FIELDS, Flags, Found
from identity.standardising.rulings import Rulings
from identity.standardising.times import instants

TRUE = pa.array(["1", "true", "yes", "t", "y"])


@dataclass(frozen=True)
class Records:
    """The std rows of one source's records, and which of its rows hold something to resolve by."""

    tables: dict[str, pa.Table]
    has_identity: Mask
    date_order: str | None


def records(run: Run, source: Source, record: RecordColumns, rows: pa.Table, rulings: Rulings | None = None) -> Records:
    """Read all values of the live records `rows` (with `_source` and `_pk`)."""
    named = people.names(rows, record.names)
    placed = postal.addresses(rows, record.addresses, source.region)
    country = _primary(placed.rows, rows.num_rows, "country_iso2")
    reached = contacts.identifiers(rows, source, record, country)
    born = facts.births(rows, source, record, run.as_of.date(), rulings)
    has = _has_identity(rows.num_rows, named, placed, reached)
    # An order that names nobody is an event only: it has no record.
    kept = has if source.events else np.ones(rows.num_rows, dtype=np.bool_)
    flags = [*named.flags, *placed.flags, *reached.flags, *born.flags, *_own_flags(rows, record)]
    main = _source_record(source, record, rows, (named, placed, reached), born, rulings)
    main = main.append_column("has_identity", pa.array(has))
    main = main.append_column("quality_flags", flag_lists(flags, rows.num_rows))
    tables = {
        "std.source_record": main.filter(pa.array(kept)),
        "std.name": _keyed(rows, named.rows.filter(_says_something(named.rows)).drop_columns(["company"]), kept),
        "std.address": _keyed(rows, placed.rows, kept),
        "std.identifier": _keyed(rows, reached.rows.drop_columns(["is_own_key"]), kept),
        "std.attribute": _keyed(rows, facts.attributes(rows, record), kept),
        "std.consent_event": _keyed(rows, consents.events(rows, source, record, _contacts(main), rulings), kept),
    }
    return Records(tables, has, born.order)


def links(source: Source, record: RecordColumns, rows: pa.Table) -> pa.Table:
    """Hard links that the records state (`rows` with `_source`, `_pk`), deleted ones included."""
    tables = []
    for rule, (header, other) in sorted(record.links.items()):
        for column in each(rows, header):
            said = whole(pc.utf8_trim_whitespace(whole(column)))
            absent = pc.match_substring_regex(pc.fill_null(said, ""), r"^0*$")
            chosen = pc.and_(pc.invert(absent), pc.not_equal(pc.fill_null(said, ""), whole(rows.column("_pk"))))
            stated = pa.table({"source": rows.column("_source"), "source_pk": rows.column("_pk"), "other_pk": said})
            stated = stated.filter(chosen)
            prefix = f"{source.prefix}_" if source.prefix else ""
            for name, fixed in (("other_source", prefix + other), ("rule", rule)):
                stated = stated.append_column(name, pa.repeat(pa.scalar(fixed), stated.num_rows))
            tables.append(stated)
    names = ("source", "source_pk", "other_pk", "other_source", "rule")
    empty = pa.schema([(name, pa.string()) for name in names]).empty_table()
    return pa.concat_tables([empty, *tables])


def _primary(rows: pa.Table, size: int, name: str, first: pa.Array | None = None) -> pa.Array:
    """A column of the rows at position 0 (or of those `first` chooses), spread over the records."""
    chosen = rows.filter(pc.equal(rows.column("position"), 0) if first is None else first)
    place = np.full(size, -1, dtype=np.int64)
    place[np.asarray(chosen.column("_index").to_numpy())] = np.arange(chosen.num_rows)
    spread = pa.array(place, mask=place < 0)
    return whole(chosen.column(name)).take(spread)


def _says_something(named: pa.Table) -> pa.Array:
    return pc.or_(pc.is_valid(named.column("given_key")), pc.is_valid(named.column("family_key")))


def _has_identity(size: int, named: Found, placed: Found, reached: Found) -> Mask:
    """Which records hold a name, contact point, address or foreign id; a record's own key resolves nothing."""
    has = np.zeros(size, dtype=np.bool_)
    foreign = pc.invert(reached.rows.column("is_own_key"))
    for table in (named.rows.filter(_says_something(named.rows)), placed.rows, reached.rows.filter(foreign)):
        has[np.asarray(table.column("_index").to_numpy())] = True
    return has


def _own_flags(rows: pa.Table, record: RecordColumns) -> Flags:
    found = []
    for name, headers in record.flags.items():
        said = pc.utf8_lower(pc.fill_null(pc.utf8_trim_whitespace(whole(text(rows, headers))), "no"))
        found.append((name, mask(pc.invert(pc.is_in(said, pa.array(["no", "false", "0", "none", "[]"]))))))
    return found


def _keyed(rows: pa.Table, found: pa.Table, kept: Mask) -> pa.Table:
    """Replace `_index` by the record's key, leaving out rows of records that are none."""
    index = np.asarray(found.column("_index").to_numpy(), dtype=np.int64)
    if not kept.all():
        found, index = found.filter(pa.array(kept[index])), index[kept[index]]
    places = pa.array(index)
    keyed = {"source": rows.column("_source").take(places), "source_pk": rows.column("_pk").take(places)}
    return pa.table({**keyed, **{name: found.column(name) for name in found.column_names if name != "_index"}})


def _source_record(
    source: Source,
    record: RecordColumns,
    rows: pa.Table,
    found: tuple[Found, Found, Found],
    born: facts.Births,
    rulings: Rulings | None,
) -> pa.Table:
    named, placed, reached = (each_one.rows for each_one in found)
    size = rows.num_rows
    name = {part: _primary(named, size, part) for part in NAME_FIELDS if not part.endswith("_key")}
    place = {part: _primary(placed, size, part) for part in _ADDRESS}
    ids = {kind: reached.filter(pc.equal(reached.column("id_type"), kind)) for kind in ("email", "phone", "loyalty_id")}
    company = facts.cleaned(rows, record.company)
    columns = {
        "source": rows.column("_source"),
        "source_pk": rows.column("_pk"),
        "system": pa.repeat(pa.scalar(source.system), size) if source.name_column is None else rows.column("_source"),
        "record_hash": rows.column("_hash"),
        "source_created_at": instants(text(rows, record.created_at), source, rulings, "created_at"),
        "source_updated_at": instants(text(rows, record.updated_at), source, rulings, "updated_at"),
        "delivered_run": rows.column("_run"),
        "sha256": rows.column("_sha256"),
        "row_number": rows.column("_row"),
        **name,
        "full_name": _full_name(name),
        "gender": facts.genders(rows, record),
        "birth_date": born.rows.column("date"),
        "birth_year": born.rows.column("year"),
        "birth_month": born.rows.column("month"),
        "birth_day": born.rows.column("day"),
        "company": pc.coalesce(company, _primary(named, size, "company")),
        "tags": facts.tags(rows, record),
        "email_raw": _first_raw(rows, record.emails),
        "email_norm": _primary(ids["email"], size, "id_value_norm"),
        "email_match_key": _primary(ids["email"], size, "id_match_key"),
        "phone_raw": _first_raw(rows, record.phones),
        "phone_e164": _first_e164(ids["phone"], size),
        "address_line1": place.pop("line1"),
        "address_line2": place.pop("line2"),
        **place,
        "loyalty_id": _primary(ids["loyalty_id"], size, "id_value_norm"),
        "is_test": _truth(rows, record.is_test),
        "is_staff": _truth(rows, record.is_staff),
    }
    if record.company_id is not None:
        columns["_company_id"] = text(rows, record.company_id[0])
    return pa.table(columns)


_ADDRESS = (
    "line1", "line2", "house_number", "street", "unit", "city", "region", "postal_code", "country_iso2",
)  # fmt: skip


def _full_name(name: dict[str, pa.Array]) -> pa.Array:
    return spaced([name[part] for part in ("given_name", "middle_name", "family_name", "suffix")])


def _first_raw(rows: pa.Table, names: str | tuple[str, ...]) -> pa.Array:
    return whole(text(rows, names))


def _first_e164(phones: pa.Table, size: int) -> pa.Array:
    """The first phone with a worldwide spelling."""
    worldwide = phones.filter(pc.starts_with(phones.column("id_value_norm"), "+"))
    index = np.asarray(worldwide.column("_index").to_numpy(), dtype=np.int64)
    position = np.asarray(worldwide.column("position").to_numpy(), dtype=np.int64)
    order = np.lexsort((position, index))
    first = np.ones(len(order), dtype=np.bool_)
    first[1:] = index[order][1:] != index[order][:-1]
    return _primary(
        worldwide.take(pa.array(order[first])), size, "id_value_norm", pa.array([True] * int(first.sum()), pa.bool_())
    )


def _truth(rows: pa.Table, names: str | tuple[str, ...]) -> pa.Array:
    said = pc.utf8_lower(pc.utf8_trim_whitespace(whole(text(rows, names))))
    return pc.fill_null(pc.is_in(said, TRUE), fill_value=False)


def _contacts(main: pa.Table) -> dict[str, pa.Array]:
    """The contact point that a statement on a channel is about."""
    return {"email": whole(main.column("email_norm")), "phone": whole(main.column("phone_e164"))}
