"""What the records of one source say about consent."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from identity.sources.base import Names, RecordColumns, Source, column_name
from identity.standard.consent import consent_column
from identity.standardising.arrays import nulls, tuples
from identity.standardising.delivered import text
from identity.standardising.rulings import Rulings
from identity.standardising.times import instants

_PHONE_CHANNELS = frozenset({"sms", "phone", "whatsapp"})
SCHEMA = pa.schema(
    [("_index", pa.int64()), ("channel", pa.string()), ("purpose", pa.string()), ("contact", pa.string()),
     ("status", pa.string()), ("is_objection", pa.bool_()), ("effective_at", pa.timestamp("us")),
     ("evidence", pa.string())]
)  # fmt: skip


def events(
    rows: pa.Table,
    source: Source,
    record: RecordColumns,
    contacts: dict[str, pa.Array],
    rulings: Rulings | None = None,
) -> pa.Table:
    """One row per record and filled consent column, with `_index`; `contacts` are the primary e-mail and phone."""
    tables = [SCHEMA.empty_table()]
    for place, column in enumerate(record.consents):
        said = text(rows, column.column)
        if said.null_count == len(said):
            continue
        parts, indices = tuples([said])
        status = consent_column(parts[0], opt_out=column.opt_out).take(indices)
        contact = pc.fill_null(_contact(column.channel, contacts, rows.num_rows), "")
        # A flag of objections that is not set says nothing; a box not ticked says nothing about nobody's address.
        speaks = pc.equal(status, "denied") if column.opt_out else pc.not_equal(contact, "")
        status = pc.if_else(speaks, status, pa.scalar(None, pa.string()))
        chosen = pa.array(np.nonzero(pc.is_valid(status).to_numpy(zero_copy_only=False))[0])
        size = len(chosen)
        fixed = {
            "channel": column.channel,
            "purpose": column.purpose,
            "evidence": column.evidence or _evidence(rows, column.column),
        }
        tables.append(
            pa.table(
                {
                    "_index": chosen,
                    **{name: pa.repeat(pa.scalar(word), size) for name, word in fixed.items()},
                    "contact": contact.take(chosen),
                    "status": status.take(chosen),
                    "is_objection": pa.repeat(pa.scalar(column.objection), size),
                    "effective_at": instants(text(rows, column.at), source, rulings, f"consent {place}").take(chosen),
                }
            ).select(SCHEMA.names)
        )
    return pa.concat_tables(tables)


def _contact(channel: str, contacts: dict[str, pa.Array], rows: int) -> pa.Array:
    if channel == "email":
        return contacts["email"]
    return contacts["phone"] if channel in _PHONE_CHANNELS else nulls(rows)


def _evidence(rows: pa.Table, names: Names) -> str:
    """The column that says so, as delivered rows name it."""
    wanted = (names,) if isinstance(names, str) else names
    present = [name for name in wanted if column_name(name) in rows.column_names]
    return present[0] if present else wanted[0]
