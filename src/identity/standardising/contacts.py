"""E-mails, phones and other identifiers of the records of one source."""

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from identity.sources.base import Names, RecordColumns, Source
from identity.standard.emails import email_columns, emails_in
from identity.standard.phones import phone_columns
from identity.standardising.arrays import Numbers, Texts, nulls, tuples, whole
from identity.standardising.delivered import each
from identity.standardising.people import Flags, Found, Repeats, flag, taken, united

SCHEMA = pa.schema(
    [("_index", pa.int64()), ("position", pa.int64()), ("id_type", pa.string()), ("id_value_norm", pa.string()),
     ("id_match_key", pa.string()), ("is_valid", pa.bool_()), ("block_reason", pa.string()), ("is_own_key", pa.bool_())]
)  # fmt: skip
_MARKS = re.compile(r"[^0-9A-Za-z]")
# Values that systems and people write where there is no id (exports.md, quirks 15 and 24).
_NOBODY = re.compile(
    r"-1|[-. ]*0[-. 0]*|([1-9])\1{4,}|X+|12345678(?:90?)?"
    r"|NULL|NONE|NAN|N/?A|ANONYMOUS|UNKNOWN|TEST|GUEST|DEFAULT|UNDEFINED|TBD|NEW"
)
PLACEHOLDER = "placeholder"


def identifiers(rows: pa.Table, source: Source, record: RecordColumns, countries: pa.Array) -> Found:
    """All identifiers of the records, numbered by type; `countries` is the country of each record's address."""
    tables: list[pa.Table] = []
    flags: Flags = []
    for found in (
        _emails(rows, record.emails),
        _phones(rows, source, record, countries),
        *(_ids(rows, kind, headers, record.key) for kind, headers in sorted(record.identifiers.items())),
    ):
        tables.append(found.rows)
        flags += found.flags
    return Found(united(tables, SCHEMA), flags)


def _emails(rows: pa.Table, headers: Names) -> Found:
    repeats, tables, flags = Repeats(rows.num_rows), [], []
    for column in each(rows, headers):
        parts, indices = tuples([column])
        several = [emails_in(text) if text and text.count("@") > 1 else () for text in parts[0]]
        depth = max([1, *(len(found) for found in several)])
        for place in range(min(depth, 5)):
            texts: Texts = [
                (found[place] if place < len(found) else None) if found else (text if place == 0 else None)
                for text, found in zip(parts[0], several, strict=True)
            ]
            read = email_columns(texts)
            new, position = repeats.keep(taken(repeats.numbered(read.column("normal")), indices))
            chosen = pa.array(np.nonzero(new)[0])
            brought = read.take(indices.take(chosen))
            valid = pc.invert(pc.fill_null(brought.column("role_account"), fill_value=False))
            tables.append(
                _rows(
                    chosen,
                    position[new],
                    "email",
                    (brought.column("normal"), brought.column("match_key"), valid),
                    reason=pc.if_else(brought.column("placeholder"), PLACEHOLDER, None),
                )
            )
            given = pc.and_(pc.is_valid(pa.array(texts, pa.string())), pc.is_null(read.column("normal")))
            flags += [
                flag("email_invalid", given, indices),
                flag("email_placeholder", read.column("placeholder"), indices),
                flag("email_role", read.column("role_account"), indices),
                flag("email_disposable", read.column("disposable"), indices),
                flag("email_mistyped", pc.is_valid(read.column("suggestion")), indices),
            ]
    return Found(united(tables, SCHEMA), flags)


def _phones(rows: pa.Table, source: Source, record: RecordColumns, countries: pa.Array) -> Found:
    repeats = Repeats(rows.num_rows)
    tables: list[pa.Table] = []
    flags: Flags = []
    own, shared = each(rows, record.phones), each(rows, record.shared_phones)
    region = whole(pc.coalesce(countries, pa.scalar(source.region, pa.string())))
    if not own and not shared:
        return Found(united(tables, SCHEMA), flags)
    texts = pa.concat_arrays([whole(column) for column in (*own, *shared)])
    regions = pa.concat_arrays([region] * (len(own) + len(shared)))
    parts, numbers = tuples([texts, pc.if_else(pc.is_null(texts), pa.scalar(None, pa.string()), regions)])
    read = phone_columns(parts[0], parts[1])
    normal = pc.coalesce(read.column("e164"), read.column("national"))
    values = repeats.numbered(normal)
    for number in range(len(own) + len(shared)):
        indices = numbers.slice(number * rows.num_rows, rows.num_rows)
        new, position = repeats.keep(taken(values, indices))
        chosen = pa.array(np.nonzero(new)[0])
        brought = read.append_column("normal", normal).take(indices.take(chosen))
        personal = pc.and_(brought.column("verified"), pc.invert(brought.column("toll_free")))
        valid = personal if number < len(own) else pa.chunked_array([pa.array([False] * len(chosen), pa.bool_())])
        tables.append(
            _rows(
                chosen,
                position[new],
                "phone",
                (brought.column("normal"), brought.column("normal"), valid),
            )
        )
        problem = read.column("problem")
        flags += [
            flag(f"phone_{kind}", pc.equal(problem, kind), indices) for kind in ("dummy", "impossible", "scientific")
        ]
        flags.append(
            flag("phone_unverified", pc.and_(pc.is_valid(normal), pc.invert(read.column("verified"))), indices)
        )
    return Found(united(tables, SCHEMA), flags)


def _ids(rows: pa.Table, kind: str, headers: Names, key: Names) -> Found:
    repeats, tables = Repeats(rows.num_rows), []
    own = set((key,) if isinstance(key, str) else key)
    for header in (headers,) if isinstance(headers, str) else headers:
        for column in each(rows, header):
            parts, indices = tuples([column])
            bare = [bare_id(kind, text) for text in parts[0]]
            normal = pa.array(bare, pa.string())
            reason = pa.array([_reason(text) for text in parts[0]], pa.string())
            new, position = repeats.keep(taken(repeats.numbered(normal), indices))
            chosen = pa.array(np.nonzero(new)[0])
            places = indices.take(chosen)
            values = normal.take(places)
            tables.append(
                _rows(
                    chosen,
                    position[new],
                    kind,
                    (values, values, pc.greater_equal(pc.utf8_length(values), 4)),
                    reason=reason.take(places),
                    own=header in own,
                )
            )
    return Found(united(tables, SCHEMA), [])


def _reason(text: str | None) -> str | None:
    return PLACEHOLDER if text and _NOBODY.fullmatch(text.strip().lstrip("'").upper()) else None


def bare_id(kind: str, text: str | None) -> str | None:
    """An id as it is compared: letters and digits, upper case; a customer id keeps its letters' case.

    A keyed comparison of `622-80-8686` and `622808686` needs no mask; Salesforce ids differ by case alone.
    """
    bare = _MARKS.sub("", text) if text is not None else ""
    return (bare if kind == "customer_id" else bare.upper()) or None


def _rows(
    index: pa.Array,
    position: Numbers,
    kind: str,
    values: tuple[pa.Array, pa.Array, pa.Array],
    *,
    reason: pa.Array | None = None,
    own: bool = False,
) -> pa.Table:
    """Rows of `SCHEMA`; `values` are the normal form, the match key and whether it is valid."""
    normal, match, valid = values
    return pa.table(
        {
            "_index": index,
            "position": position,
            "id_type": pa.repeat(pa.scalar(kind), len(index)),
            "id_value_norm": normal,
            "id_match_key": match,
            "is_valid": pc.fill_null(valid, fill_value=False),
            "block_reason": nulls(len(index)) if reason is None else reason,
            "is_own_key": pa.repeat(pa.scalar(own), len(index)),
        },
        schema=SCHEMA,
    )
