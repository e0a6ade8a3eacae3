"""What would change if records were joined: the real survivorship and consent rules, over these few records only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from identity.engine.duck import DuckEngine
from identity.review import sides
from identity.review.live import Page
from identity.runs.workspace import Session, Workspace, declared
from identity.stages import unify
from identity.stewardship.decisions import Key
from identity.stewardship.golden import golden_words

_TABLES = (
    "std.source_record", "std.name", "std.identifier", "std.address", "std.consent_event", "std.hard_link",
)  # fmt: skip
_EMPTY = ("match.cluster", "prior.customer_360")
_JOINED = "joined"
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Flip:
    """A golden value: what each profile has today, and what the joined one would have."""

    what: str
    today: tuple[str | None, ...]
    joined: str | None


@dataclass(frozen=True)
class Told:
    """What joining would do. Of one profile alone nothing moves: `profiles` has then one entry."""

    profiles: tuple[str, ...]
    stays: str | None
    moved: int
    revenue: tuple[str, ...]
    flips: tuple[Flip, ...]
    consent: tuple[Flip, ...]


def of_joining(page: Page, keys: Sequence[Key], *, masked: bool) -> Told:
    """What would change if the profiles of these records became one."""
    page.want(list(keys))
    profiles = [row["profile_id"] for row in page.rows("records") if row["profile_id"]]
    profiles = list(dict.fromkeys(profiles))
    if len(profiles) < 2:
        return Told(tuple(profiles), None, 0, (), (), ())
    page.offer("wanted_profile", profile_id=profiles)
    members, golden, consent, ages = (page.rows(name) for name in ("members", "golden", "consent", "ages"))
    after, consent_after = _unified(page, members)
    older = [row["profile_id"] for row in ages]
    stays = older[0] if len({row["created_run"] for row in ages[:2]}) == 2 else None
    sizes = {profile: sum(row["profile_id"] == profile for row in members) for profile in profiles}
    today = {row["profile_id"]: row for row in golden}
    return Told(
        tuple(profiles),
        stays,
        min(sizes.values()) if stays is None else sum(n for profile, n in sizes.items() if profile != stays),
        tuple(_money(today[name]) for name in profiles if name in today),
        tuple(_golden_flips(profiles, today, after, masked=masked)),
        tuple(_consent_flips(profiles, consent, consent_after)),
    )


def _golden_flips(profiles: Sequence[str], today: Mapping[str, Row], after: Row, *, masked: bool) -> list[Flip]:
    found = []
    for column, (label, _) in sides.GOLDEN.items():
        before = [today.get(name, {}).get(column) for name in profiles]
        joined = after.get(column)
        if any(str(value or "") != str(joined or "") for value in before):
            texts = tuple(sides.golden_text(column, value, masked=masked) for value in before)
            found.append(Flip(label, texts, sides.golden_text(column, joined, masked=masked)))
    return found


def _consent_flips(profiles: Sequence[str], today: Sequence[Row], after: Sequence[Row]) -> list[Flip]:
    said = {(row["profile_id"], row["channel"], row["purpose"]): row["status"] for row in today}
    joined = {(row["channel"], row["purpose"]): row["status"] for row in after}
    found = []
    for channel, purpose in sorted({key[1:] for key in said} | set(joined)):
        before = tuple(said.get((name, channel, purpose)) for name in profiles)
        if any(status != joined.get((channel, purpose)) for status in before):
            found.append(Flip(f"{channel} ({purpose})", before, joined.get((channel, purpose))))
    return found


def _money(row: Row) -> str:
    if row["revenue"] is None:
        return f"{row['orders']:,} orders in several currencies"
    currency = f" {row['revenue_currency']}" if row["revenue_currency"] else ""
    return f"{row['revenue']:,.2f}{currency} in {row['orders']:,} orders"


def _unified(page: Page, members: Sequence[Row]) -> tuple[Row, list[Row]]:
    """The golden values and the consent of one profile made of these records, by the queries of unify."""
    page.want([(row["source"], row["source_pk"]) for row in members])
    settings = page.settings
    with DuckEngine(threads=1, memory_limit="512MB", temp=settings.state / "spill") as engine:
        db = Session(Workspace(settings.state), engine, ())
        for name in (*_TABLES, *_EMPTY):
            _put(page, db, name, is_empty=name in _EMPTY)
        for name in ("std.blocked_value", "privacy.request"):
            db.put(name, page.cursor.sql(f"select * from {name}").to_arrow_table())  # noqa: S608 - names of ours
        for name in ("identity.profile", "identity.profile_alias"):
            _put(page, db, name, is_empty=True)
        xref = pa.Table.from_pylist([{**row, "profile_id": _JOINED} for row in members])
        db.put("identity.profile_xref", xref)
        return _golden(page, db)


def _golden(page: Page, db: Session) -> tuple[Row, list[Row]]:
    unify.carry_nothing(db)
    priority = unify.priority_of(db, page.settings.survivorship)
    unify.survive(db, priority, golden_words(page.desk.log, page.settings.region))
    core = db.query("unify/profile_core").to_pylist()
    for name in ("contact_point", "consent_event"):
        db.put(f"gold.{name}", db.query(f"unify/{name}"))
    return core[0] if core else {}, db.query("unify/consent").to_pylist()


def _put(page: Page, db: Session, name: str, *, is_empty: bool) -> None:
    """Copy the wanted records' rows of a table, or none of them."""
    table = declared(name)
    assert table is not None
    if is_empty:
        columns = ", ".join(f'null::{column.type} as "{column.name}"' for column in table.columns)
        db.put(name, page.cursor.sql(f"select {columns} where false").to_arrow_table())
        return
    query = f"select t.* from {name} as t semi join wanted using (source, source_pk)"  # noqa: S608 - names of ours
    db.put(name, page.cursor.sql(query).to_arrow_table())
