"""What the operational store says of a person in words: reasons of requests and runs, and stewards' decisions.

Of a decision only what may be personal is emptied (reason, value, the record's key): its entry, its order and the
hash chain over keyed digests stay (PROMISES.md P15).
"""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from identity.privacy.plan import Plan
from identity.runs import lease
from identity.runs.store_tables import privacy_request_table, rectification_table, run_table

_DECISION = sa.table("decision", sa.column("number"), sa.column("reason"), sa.column("value"), sa.column("erased_at"))
_RECORD = sa.table("decision_record", sa.column("number"), sa.column("source"), sa.column("source_pk"))


def clean(connection: sa.Connection, plan: Plan, redact: Callable[[str], str]) -> int:
    """Take what names the person out of every text of the store; returns the rows changed."""
    changed = _texts(connection, privacy_request_table, "request_id", redact)
    changed += _texts(connection, run_table, "run_id", redact)
    for source, source_pk in plan.records:
        said = (rectification_table.c.source == source) & (rectification_table.c.source_pk == source_pk)
        emptied = sa.update(rectification_table).where(said).values(value=None, source=None, source_pk=None)
        changed += connection.execute(emptied).rowcount
    if sa.inspect(connection).has_table("decision"):
        changed += _decisions(connection, plan, redact)
    return changed


def _texts(connection: sa.Connection, table: sa.Table, key: str, redact: Callable[[str], str]) -> int:
    changed = 0
    for number, reason in connection.execute(sa.select(table.c[key], table.c.reason)).all():
        new = redact(reason) if reason else reason
        if new != reason:
            connection.execute(sa.update(table).where(table.c[key] == number).values(reason=new))
            changed += 1
    return changed


def _decisions(connection: sa.Connection, plan: Plan, redact: Callable[[str], str]) -> int:
    """Empty the decisions that name a record of the person, and those whose words name the person."""
    records = set(plan.records)
    numbers: set[Any] = set()
    for number, source, source_pk in connection.execute(sa.select(_RECORD)).all():
        if (source, source_pk) in records:
            numbers.add(number)
            here = (_RECORD.c.source == source) & (_RECORD.c.source_pk == source_pk)
            connection.execute(sa.update(_RECORD).where(here).values(source=None, source_pk=None))
    values = {key for _, key in (*plan.identifiers, *plan.values)}
    for number, reason, value, _ in connection.execute(sa.select(_DECISION)).all():
        if value in values or any(text and redact(text) != text for text in (reason, value)):
            numbers.add(number)
    for number in sorted(numbers):
        emptied = sa.update(_DECISION).where(_DECISION.c.number == number)
        connection.execute(emptied.values(reason=None, value=None, erased_at=lease.now()))
    return len(numbers)
