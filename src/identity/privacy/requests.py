"""Requests of people about their data: what was asked, what is under way, what was done; in the operational store.

Nothing here holds a value of a person: a request names the person by an opaque profile id and by keyed digests, the
log of actions by places, tables and counts. A request is due one month after it came (GDPR article 12(3)).
"""

from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from identity.errors import ConfigurationError
from identity.runs import lease
from identity.runs.store import inserting, one_at_a_time
from identity.runs.store_tables import (
    export_table,
    privacy_action_table,
    privacy_key_table,
    privacy_request_table,
    tombstone_table,
)

Type = Literal["access", "erase", "rectify", "object", "restrict"]
Strategy = Literal["exact", "connected"]


@dataclass(frozen=True)
class Request:
    """One request; `scope` says more of its type without a value of the person (channels, field groups)."""

    request_id: str
    type: str
    strategy: str
    status: str
    target_digest: str
    profile_id: str | None
    scope: str
    requested_by: str
    reason: str
    requested_at: datetime
    due_at: datetime
    done_at: datetime | None = None


@dataclass(frozen=True)
class Asked:
    """What a person (or an officer for him) asks for."""

    type: Type
    strategy: Strategy
    target_digest: str
    profile_id: str | None
    requested_by: str
    reason: str
    scope: str = ""


@dataclass(frozen=True, order=True)
class Action:
    """What was done to one table of one place, and to how many rows."""

    place: str
    table: str
    action: str
    rows: int


def add(store: sa.Engine, asked: Asked, keys: Iterable[tuple[str, str]]) -> Request:
    """Record a request with its (kind, digest) keys; the same one that is not done yet is found again instead."""
    known = sa.select(privacy_request_table).where(
        privacy_request_table.c.type == asked.type,
        privacy_request_table.c.strategy == asked.strategy,
        privacy_request_table.c.target_digest == asked.target_digest,
        privacy_request_table.c.scope == asked.scope,
        privacy_request_table.c.status.in_(("open", "running")),
    )
    with store.connect() as connection:
        one_at_a_time(connection)
        found = connection.execute(known).mappings().first()
        if found is not None:
            connection.rollback()
            return Request(**found)
        number = connection.execute(sa.select(sa.func.count()).select_from(privacy_request_table)).scalar_one() + 1
        moment = lease.now().replace(microsecond=0)
        request = Request(
            f"r{number:06d}", asked.type, asked.strategy, "open", asked.target_digest, asked.profile_id, asked.scope,
            asked.requested_by, asked.reason, moment, a_month_after(moment),
        )  # fmt: skip
        connection.execute(sa.insert(privacy_request_table).values(**vars(request)))
        for kind, digest in sorted(set(keys)):
            row = {"request_id": request.request_id, "kind": kind, "digest": digest}
            connection.execute(sa.insert(privacy_key_table).values(**row))
        connection.commit()
    return request


def a_month_after(moment: datetime) -> datetime:
    """The same day of the next month, or its last day."""
    year, month = (moment.year + 1, 1) if moment.month == 12 else (moment.year, moment.month + 1)
    return moment.replace(year=year, month=month, day=min(moment.day, monthrange(year, month)[1]))


def find(store: sa.Engine, request_id: str) -> Request:
    """A request by its id; ConfigurationError when there is none."""
    query = sa.select(privacy_request_table).where(privacy_request_table.c.request_id == request_id)
    with store.connect() as connection:
        row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise ConfigurationError(f"no request {request_id}; `identity requests` lists them")
    return Request(**row)


def every(store: sa.Engine, *statuses: str) -> list[Request]:
    """Requests, oldest first; those of some statuses only, where named."""
    query = sa.select(privacy_request_table).order_by(privacy_request_table.c.request_id)
    if statuses:
        query = query.where(privacy_request_table.c.status.in_(statuses))
    with store.connect() as connection:
        return [Request(**row) for row in connection.execute(query).mappings()]


def keys_of(store: sa.Engine, request_id: str, kind: str) -> set[str]:
    """The digests of one kind that a request names."""
    query = sa.select(privacy_key_table.c.digest).where(
        privacy_key_table.c.request_id == request_id, privacy_key_table.c.kind == kind
    )
    with store.connect() as connection:
        return set(connection.execute(query).scalars())


def mark(store: sa.Engine, request_id: str, status: str, **further: Any) -> None:
    """Change where a request stands; `done` gets its time."""
    done = {"done_at": lease.now().replace(microsecond=0)} if status == "done" else {}
    with store.begin() as connection:
        changed = sa.update(privacy_request_table).where(privacy_request_table.c.request_id == request_id)
        connection.execute(changed.values(status=status, **done, **further))


def log(store: sa.Engine, request_id: str, actions: Iterable[Action]) -> None:
    """Write what is about to be done to a place; what an interrupted attempt wrote of it already stays."""
    rows = [
        {
            "request_id": request_id, "place": action.place, "table_name": action.table, "action": action.action,
            "rows": action.rows, "at": lease.now(),
        }
        for action in actions
        if action.rows
    ]  # fmt: skip
    if rows:
        with store.begin() as connection:
            connection.execute(inserting(connection, privacy_action_table).on_conflict_do_nothing(), rows)


def actions(store: sa.Engine, request_id: str) -> list[Action]:
    """The log of a request, in order of places."""
    query = sa.select(privacy_action_table).where(privacy_action_table.c.request_id == request_id)
    with store.connect() as connection:
        rows = connection.execute(query).mappings()
        return sorted(Action(row["place"], row["table_name"], row["action"], row["rows"]) for row in rows)


def entomb(store: sa.Engine, request_id: str, stones: Iterable[tuple[str, str, str | None]]) -> int:
    """Write the (kind, digest, place) tombstones of an erased person; returns how many there are of the request."""
    rows = [
        {"kind": kind, "digest": digest, "request_id": request_id, "since": lease.now(), "place": place}
        for kind, digest, place in sorted(set(stones), key=str)
    ]
    with store.begin() as connection:
        if rows:
            connection.execute(inserting(connection, tombstone_table).on_conflict_do_nothing(), rows)
        mine = sa.select(sa.func.count()).where(tombstone_table.c.request_id == request_id)
        return int(connection.execute(mine).scalar_one())


def lift(store: sa.Engine, request: Request, *, by: str, reason: str) -> int:
    """Withdraw a done erasure: its tombstones go, so that the person may be delivered again; returns their number."""
    mine = privacy_request_table.c.request_id == request.request_id
    told = f"{request.reason}; withdrawn by {by}: {reason}"
    with store.begin() as connection:
        gone = connection.execute(sa.delete(tombstone_table).where(tombstone_table.c.request_id == request.request_id))
        connection.execute(sa.update(privacy_request_table).where(mine).values(status="withdrawn", reason=told))
        return int(gone.rowcount)


def remember_export(store: sa.Engine, path: str, table: str, mode: str, rows: int) -> None:
    """Keep where a file with people's data went, so that an erasure finds it."""
    values = {"table_name": table, "mode": mode, "rows": rows, "at": lease.now()}
    with store.begin() as connection:
        written = inserting(connection, export_table).values(path=path, **values)
        connection.execute(written.on_conflict_do_update(index_elements=["path"], set_=values))


def exports(store: sa.Engine) -> list[Mapping[str, Any]]:
    """Every remembered export, by path."""
    with store.connect() as connection:
        rows = connection.execute(sa.select(export_table).order_by(export_table.c.path)).mappings()
        return [dict(row) for row in rows]


def forget_export(store: sa.Engine, path: str) -> None:
    """An export that is no longer there."""
    with store.begin() as connection:
        connection.execute(sa.delete(export_table).where(export_table.c.path == path))
