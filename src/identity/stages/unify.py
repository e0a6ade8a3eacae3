"""Unify: one golden profile from the records of each profile, with the origin of every value.

Survivorship runs per field group in a declared order: a steward's word, completeness, source priority
(`[survivorship]` of the settings), recency, frequency, then source and key (`sql/unify/standing.sql`).
A name and an address stay whole. All contact points are kept; only the primary is chosen. Consent is
decided in `sql/unify/consent.sql`.
"""

from collections.abc import Iterable
from typing import get_args

import pyarrow as pa

from identity.runs.run import Run
from identity.runs.workspace import Metrics
from identity.settings_groups import FieldGroup, SurvivorshipSettings
from identity.stewardship import given
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
_BEFORE = (
    "unify/source_bit",
    "unify/system_bit",
    "unify/listed",
    "unify/member",
    "unify/record_profile",
    "unify/mask",
)


def unify(run: Run) -> Metrics:
    """Write the golden values, their lineage, the contact points and the consent of every active profile."""
    with run.open(*READS) as db:
        for query in _BEFORE:
            db.execute(query)
        sources = db.rows("select distinct source, coalesce(system, source) from member order by all")
        db.put("source_priority", source_priority(run.settings.survivorship, sources))
        words = golden_words(given.decisions(db), run.settings.region)
        db.put("golden_word", words)
        db.execute("unify/candidate")
        if words.num_rows:
            db.execute("unify/steered_candidate")
        db.execute("unify/standing")
        db.execute("unify/winner")
        db.save("gold.profile_core", "unify/profile_core")
        db.save("gold.field_lineage", "unify/field_lineage")
        db.save("gold.contact_point", "unify/contact_point")
        db.save("gold.consent_event", "unify/consent_event")
        db.save("gold.consent", "unify/consent")
        return {name: float(value) for name, value in db.rows("unify/figures") if value is not None}


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
