"""Unify: one golden profile from the records of each profile, with the origin of every value.

Survivorship runs per field group in a declared order: a steward's word, completeness, source priority
(`[survivorship]` of the settings), recency, frequency, then source and key (`sql/unify/standing.sql`).
A name and an address stay whole. All contact points are kept; only the primary is chosen. Consent is
decided in `sql/unify/consent.sql`.

Profiles of which nothing that unify reads changed since the last published run keep the rows of its folder
(`sql/unify/carried.sql`, docs/adr/0011). What hangs on other profiles too is worked out for everybody: consent, which
contact points are shared, confidence and version.
"""

import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import get_args

import pyarrow as pa

from identity.matching import kept, restated
from identity.runs.run import Run
from identity.runs.workspace import Metrics, Session, Workspace, declared
from identity.settings_groups import FieldGroup, SurvivorshipSettings
from identity.stewardship import given
from identity.stewardship.decisions import GOLDEN, Decision
from identity.stewardship.golden import golden_words

READS = (
    "identity.profile_xref",
    "identity.profile",
    "identity.profile_alias",
    "privacy.request",
    "match.cluster",
    "std.source_record",
    "std.name",
    "std.identifier",
    "std.address",
    "std.hard_link",
    "std.blocked_value",
    "std.consent_event",
    "prior.customer_360",
    *given.READS,
)
WRITES = (
    "gold.profile_core",
    "gold.field_lineage",
    "gold.contact_point",
    "gold.consent_event",
    "gold.consent",
)


# Temporary tables and macros that later queries read.
_FIRST = ("source_bit", "system_bit", "listed", "member", "record_profile", "mask")
# Tables of the run before, which rows are carried over from or compared with.
_BEFORE = ("gold.profile_core", "gold.field_lineage", "gold.contact_point", "std.blocked_value")
_RECORD = pa.schema([("source", pa.string()), ("source_pk", pa.string())])


def unify(run: Run) -> Metrics:
    """Write the golden values, their lineage, the contact points and the consent of every active profile."""
    shutil.rmtree(_kept(run.folder), ignore_errors=True)
    with run.open(*READS) as db:
        priority = priority_of(db, run.settings.survivorship)
        log = given.decisions(db)
        carried = _carry(run, db, priority, log)
        survive(db, priority, golden_words(log, run.settings.region))
        for name in WRITES:
            db.save(name, f"unify/{name.removeprefix('gold.')}")
        kept.save(_kept(run.folder), _about(priority), {})
        figures = {name: float(value) for name, value in db.rows("unify/figures") if value is not None}
    return {**figures, "profiles_carried": float(carried)}


def survive(db: Session, priority: pa.Table, words: pa.Table) -> None:
    """Decide which value of each field group survives: temporary tables `standing` and `winner`, and what they rest on.

    Reads `identity.profile_xref`, the `std` tables and `carried`; `words` are those of stewards (`golden_words`).
    """
    for query in _FIRST:
        db.execute(f"unify/{query}")
    db.put("source_priority", priority)
    db.put("golden_word", words)
    db.execute("unify/candidate")
    if words.num_rows:
        db.execute("unify/steered_candidate")
    db.execute("unify/standing")
    db.execute("unify/winner")


def carry_nothing(db: Session) -> None:
    """Have every profile worked out: an empty `carried`, and nothing of a run before."""
    _before(db, None)
    db.put("carried", pa.table({"profile_id": pa.array([], pa.string())}))


def _carry(run: Run, db: Session, priority: pa.Table, log: Sequence[Decision]) -> int:
    """Make `carried`, the profiles that keep the rows of the run before, and attach that run's tables; how many."""
    changed = restated.found(run.folder)
    last = Workspace(run.folder.with_name(changed[0])) if changed else None
    if last is not None and kept.load(_kept(last.folder), _about(priority)) is None:
        last = None
    _before(db, last)
    db.put("restated", _RECORD.empty_table())
    if last is not None and changed is not None:
        db.execute("link/numbered")
        db.put("restated_number", pa.table({"record": changed[1]}))
        db.execute("unify/restated")
    named = [said.records[0] for said in (decision.said for decision in log) if said.kind in GOLDEN and said.records]
    db.put("golden_record", pa.Table.from_arrays(_columns(named), schema=_RECORD))
    db.execute("unify/carried", number=run.number)
    return db.count("carried")


def _before(db: Session, last: Workspace | None) -> None:
    for name in _BEFORE:
        files = last.files(name) if last is not None else []
        db.engine.attach(f"before.{name.split('.')[1]}", files, table=declared(name))


def _columns(keys: Sequence[tuple[str, str]]) -> list[pa.Array]:
    return [pa.array([key[place] for key in keys], pa.string()) for place in (0, 1)]


def _about(priority: pa.Table) -> dict[str, object]:
    """What the rows of another run have to share with this one's, beside the program."""
    return {"source_priority": [list(row.values()) for row in priority.to_pylist()]}


def _kept(run_folder: Path) -> Path:
    return run_folder / "spill" / "unified"


def priority_of(db: Session, settings: SurvivorshipSettings) -> pa.Table:
    """The `source_priority` of the sources whose records there are."""
    db.execute("unify/source_system")
    return source_priority(settings, db.rows("select source, system from source_system order by all"))


def source_priority(settings: SurvivorshipSettings, sources: Iterable[tuple[str, str]]) -> pa.Table:
    """Columns field_group, source, priority (1 is the best) for every field group and (source, system).

    A list of the settings names systems or, more finely, source objects; a source object's own place goes
    before its system's. Whatever a list does not name shares the last place.
    """
    rows = [
        {
            "field_group": group,
            "source": source,
            "priority": _place(settings.groups.get(group, settings.default), source, system),
        }
        for source, system in sources
        for group in get_args(FieldGroup)
    ]
    schema = pa.schema({"field_group": pa.string(), "source": pa.string(), "priority": pa.int32()})
    return pa.Table.from_pylist(rows, schema=schema)


def _place(order: tuple[str, ...], source: str, system: str) -> int:
    for name in (source, system):
        if name in order:
            return order.index(name) + 1
    return len(order) + 1
