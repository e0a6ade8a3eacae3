"""What `identity explain` tells: why two records are (not) one person, and what a profile consists of.

A story is a headline and named tables of plain rows; values of people are masked unless asked for.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from identity.errors import ConfigurationError
from identity.matching import explain as matching
from identity.reporting import masking
from identity.runs.run import open_published
from identity.runs.workspace import Session
from identity.settings import Settings

Story = dict[str, Any]

_PROFILE = ("identity.profile_xref", "identity.profile", "identity.profile_alias", "identity.profile_event")


def explain_records(settings: Settings, first: str, second: str, *, unmasked: bool = False) -> Story:
    """The waterfall from prior to match weight of two records, each written `source:key`.

    Raises ConfigurationError where a record is written otherwise, IdentityError where no run knows it.
    """
    one, other = _key(first), _key(second)
    reads = dict.fromkeys((*matching.READS, "std.source_record", "ops.run", *_PROFILE))
    with open_published(settings, *reads) as db:
        ((run_id,),) = db.rows("select arg_max(run_id, run_number) from ops.run")
        told = matching.explain_pair(db, one, other, settings.state / "runs" / str(run_id))
        records = [row for key in (one, other) for row in _rows(db, "record", source=key[0], source_pk=key[1])]
        sides = [_said(db, key, unmasked=unmasked) for key in (told.record_a, told.record_b)]
    together = "are in one profile" if told.same_profile else "are in different profiles"
    return {
        "headline": f"{first} and {second} {together}: decided by {told.decided_by}, match weight "
        f"{told.match_weight:.2f} bits, probability {told.match_probability:.4f}",
        "outcome": told.outcome,
        "decided_by": told.decided_by,
        "explanation": told.as_dict(),
        "tables": {"Records": _masked(records, unmasked=unmasked), "Weight in bits": waterfall(told, sides)},
    }


def waterfall(told: matching.Explanation, sides: Sequence[Mapping[str, str]] = ({}, {})) -> list[dict[str, Any]]:
    """The steps from the prior to the match weight; `sides` has what each record says, by field."""
    running, steps = told.prior, [_step("prior", "any two records", told.prior, told.prior)]
    for step in told.steps:
        running += step.weight
        said = _step(step.field, step.level, step.weight, running, m=step.m, u=step.u, rarity=step.rarity)
        steps.append({**said, "a": sides[0].get(step.field), "b": sides[1].get(step.field)})
    if told.shared_household:
        running += told.shared_household
        steps.append(_step("household", "shared as a household", told.shared_household, running))
    if told.capped_by:
        steps.append(_step("cap", told.capped_by, told.match_weight - running, told.match_weight))
    return steps


def explain_profile(settings: Settings, profile_id: str, *, unmasked: bool = False) -> Story:
    """Records, lineage and history of a profile; an id that was merged is told with the one that carries it on."""
    reads = (*_PROFILE, "std.source_record", "gold.field_lineage")
    with open_published(settings, *reads) as db:
        current, status = _current(db, profile_id)
        records = _rows(db, "profile_records", profile_id=current)
        lineage = _rows(db, "profile_lineage", profile_id=current)
        events = _rows(db, "profile_events", profile_id=current)
    carried = "" if current == profile_id else f", carried on by {current}"
    return {
        "headline": f"{profile_id} is {status}{carried}; {len(records)} records",
        "tables": {
            "Records": _masked(records, unmasked=unmasked),
            "Where the golden values come from": lineage,
            "History": events,
        },
    }


def tell_journey(settings: Settings, profile_id: str, *, rows: int = 200, unmasked: bool = False) -> Story:
    """What a profile did in order, across channels, and what led it to each conversion; the latest `rows` of it."""
    reads = ("identity.profile", "identity.profile_alias", "gold.touchpoint", "gold.customer_360", "mart.journey")
    with open_published(settings, *reads) as db:
        current, status = _current(db, profile_id)
        (told,) = _rows(db, "journey_counts", profile_id=current)
        steps = _rows(db, "journey", profile_id=current, rows=rows, unmasked=unmasked)
        paths = _rows(db, "journey_paths", profile_id=current)
    carried = "" if current == profile_id else f", carried on by {current}"
    household = f", household {told['household_id']}" if told["household_id"] else ""
    counted = ", ".join(
        f"{told[name]} {name if told[name] != 1 else name.removesuffix('s')}"
        for name in ("interactions", "visits", "conversions")
    )
    latest = f" (the latest {len(steps)} are shown)" if len(steps) < told["interactions"] else ""
    return {
        "headline": f"{profile_id} is {status}{carried}; {counted}{household}{latest}",
        "tables": {"Journey (times in UTC)": _filled(steps), "Paths to conversions": _filled(paths)},
    }


def _current(db: Session, profile_id: str) -> tuple[str, str]:
    """The id that carries a profile on, and the status of the one that was asked for."""
    found = _rows(db, "current_profile", profile_id=profile_id)
    if not found:
        raise ConfigurationError(
            f"{profile_id}: no such profile; give an id of identity.profile, or two records as source:key"
        )
    return found[0]["current_profile_id"], found[0]["status"]


def _filled(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows without the columns that none of them fills."""
    names = [name for name in (rows[0] if rows else ()) if any(row[name] is not None for row in rows)]
    return [{name: row[name] for name in names} for row in rows]


def _key(text: str) -> tuple[str, str]:
    source, colon, source_pk = text.partition(":")
    if not colon or not source_pk:
        raise ConfigurationError(f"{text}: write a record as source:key, for example shopify_customer:7210448301122")
    return source, source_pk


def _rows(db: Session, query: str, **parameters: Any) -> list[dict[str, Any]]:
    return list(db.query(f"explain/{query}", **parameters).to_pylist())


def _masked(rows: list[dict[str, Any]], *, unmasked: bool) -> list[dict[str, Any]]:
    if unmasked:
        return rows
    return [masking.masked_record(row) for row in rows]


def _step(field: str, level: str, weight: float, running: float, **probabilities: float) -> dict[str, Any]:
    figures = {name: f"{probabilities[name]:.4g}" if name in probabilities else None for name in ("m", "u", "rarity")}
    weights = {"weight": f"{weight:+.2f}", "sum": f"{running:+.2f}"}
    return {"field": field, "level": level, "a": None, "b": None, **figures, **weights}


def _said(db: Session, record: tuple[str, str], *, unmasked: bool) -> dict[str, str]:
    """What a record says in every field, several values side by side."""
    found: dict[str, list[str]] = {}
    for row in _rows(db, "values", source=record[0], source_pk=record[1]):
        value = row["value"] if unmasked else masking.mask_compared(row["field"], row["value"])
        found.setdefault(row["field"], []).append(str(value))
    return {field: ", ".join(dict.fromkeys(values)) for field, values in found.items()}
