"""The model in pictures: what each level is worth, what it could not learn, how it moved since the last run."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import log2
from typing import Any

from identity.matching.encode import MAX_TYPES
from identity.matching.model import Model, from_json
from identity.reporting.curves import Bar, bar_chart
from identity.reporting.figures.reader import Column, Reader, grid, plural, when
from identity.reporting.page import Figure, Grid, Section, Signal

GROWN = 2
"""Times the records it was estimated on, from which on a model is said to have been outgrown."""
MOVED = 1.0
"""Bits by which a level moves before it is told of: the odds double."""
Level = Mapping[str, Any]


def levels_of(model: Model) -> list[dict[str, Any]]:
    """One row per level that can be evidence: field, kind, level, m, h, u, weight in bits, reference, origin."""
    return [
        {
            "field": field.name,
            "kind": field.kind,
            "level": label,
            "m": field.m[number],
            "h": field.h[number],
            "u": field.u[number],
            "weight": log2(field.m[number] / field.u[number]),
            "reference": field.reference[number] or None,
            "origin": field.origin[number],
        }
        for field in model.fields
        for number, label in enumerate(field.labels)
        if label not in ("missing", "implied")
    ]


def drift_of(now: Model, before: Model | None) -> list[dict[str, Any]]:
    """Levels that both models know, with their weights and the difference in bits, the largest first."""
    if before is None:
        return []
    old = {(row["field"], row["level"]): row for row in levels_of(before)}
    found = [
        {
            "field": row["field"],
            "level": row["level"],
            "before": old[row["field"], row["level"]]["weight"],
            "now": row["weight"],
            "moved": row["weight"] - old[row["field"], row["level"]]["weight"],
        }
        for row in levels_of(now)
        if (row["field"], row["level"]) in old
    ]
    return sorted(found, key=lambda row: (-abs(row["moved"]), row["field"], row["level"]))


def weights_figure(model: Model) -> Figure:
    """Every level's weight as a bar, with m, h, u and origin as a table."""
    rows = levels_of(model)
    bars, last = [], ""
    for row in rows:
        name = "" if row["field"] == last else str(row["field"]).replace("_", " ").removeprefix("attribute.")
        last = row["field"]
        faint = row["origin"] == "prior"
        bars.append(Bar(name, str(row["level"]).replace("_", " "), 0.0, row["weight"], faint=faint))
    label = f"Weights of {len(rows)} levels in bits. The table below has the figures."
    return Figure(
        "What each level of agreement is worth, in bits; pale: the shipped prior, since the data had too few matches",
        bar_chart(bars, label),
        levels_grid(rows),
    )


def levels_grid(rows: Sequence[Level], *, folded: bool = True) -> Grid:
    """m, h, u, weight and origin of every level."""
    return grid(
        "Parameters by level",
        rows,
        Column("field", "code", "field"),
        Column("level", "text", lambda row: str(row["level"]).replace("_", " ")),
        Column("m: one person", "number", "m"),
        Column("h: one household", "number", "h"),
        Column("u: any two", "number", "u"),
        Column("weight (bits)", "number", "weight"),
        Column("from", "text", "origin"),
        note="m, h, u: how often two records of one person, of two people of one household, of any two people agree "
        "like this. Weight is log2(m/u): each bit doubles the odds. A rare value adds to it, a common one takes off.",
        folded=folded,
    )


def drift_grid(rows: Sequence[Level]) -> Grid:
    """The levels that moved most."""
    return grid(
        "Moved most since the last run",
        rows[:12],
        Column("field", "code", "field"),
        Column("level", "text", lambda row: str(row["level"]).replace("_", " ")),
        Column("before (bits)", "number", "before"),
        Column("now (bits)", "number", "now"),
        Column("moved (bits)", "number", "moved"),
    )


def not_learned(model: Model) -> list[str]:
    """Comparisons none of whose levels could be learned: the shipped prior stands in for all of them."""
    return [
        field.name
        for field in model.fields
        if all(
            origin == "prior" for label, origin in zip(field.labels, field.origin, strict=True) if label != "missing"
        )
    ]


def model_section(now: Model, before: Model | None) -> Section:
    """The model of a run, beside that of the last."""
    drift = drift_of(now, before)
    moved = [row for row in drift if abs(row["moved"]) >= MOVED]
    signals: tuple[Signal, ...] = when(
        moved,
        "warn",
        f"{plural(len(moved), 'level')} of the matching model moved by a bit or more since the last run.",
        "model",
    )
    body: list[Grid | Figure] = [_facts(now), weights_figure(now)]
    if before is not None:
        body.append(drift_grid([row for row in drift if abs(row["moved"]) >= 0.05]))
    return Section(
        id="model",
        title="The matching model",
        shows="What every kind of agreement is worth as evidence, where the figure came from, and how it moved.",
        alarming="a level that moved by a bit or more, a disagreement that speaks for one person, or a field that "
        "nothing could be learned of.",
        body=tuple(body),
        signals=signals,
    )


def _facts(model: Model) -> Grid:
    settled = "given, not trained" if not model.em_iterations else "yes" if model.em_converged else "no"
    untaught = not_learned(model)
    rows = [
        ("two records at random are one person", f"1 in {1 / model.match_share:,.0f}"),
        ("two records at random are of one household", f"1 in {1 / model.household_share:,.0f}"),
        ("records of a person, estimated", f"{model.records_per_person:.2f}"),
        ("rounds of training", str(model.em_iterations)),
        ("settled", settled),
        ("levels learned, and by the shipped prior", _origins(model)),
        ("fields nothing could be learned of", ", ".join(untaught) or "none"),
        ("version (hash of the parameters)", model.version),
    ]
    told = [{"what": what, "value": value} for what, value in rows]
    return grid("The model", told, Column("", "text", "what"), Column("", "text", "value"))


def _origins(model: Model) -> str:
    origins = [row["origin"] for row in levels_of(model)]
    return ", ".join(f"{origins.count(name)} {name}" for name in sorted(set(origins)))


def model(reader: Reader) -> Section:
    """The model of this run in the report."""
    now, before = reader.ask("model"), reader.ask("last_model")
    known = _read(now.one)
    if known is None:
        return Section(
            id="model",
            title="The matching model",
            shows="What every kind of agreement is worth as evidence.",
            alarming="this section while it is empty.",
            reached=reader.reached("match.model"),
            empty="The parameters of this run cannot be read.",
        )
    filled = reader.ask("filled_fields")
    section = model_section(known, _read(before.one))
    signals = section.signals + _outgrown(now.one) + _not_compared(known, filled.rows)
    return replace(section, signals=signals, queries=(now.query, before.query, filled.query))


def _outgrown(row: Level) -> tuple[Signal, ...]:
    """The model stays until a full run: worth one when there are twice the records it was estimated on."""
    then, today = int(row.get("estimated_records") or 0), int(row.get("records") or 0)
    return when(
        then and today >= GROWN * then,
        "note",
        f"The matching model was estimated on {plural(then, 'record')}, in generation {row.get('estimated_run')}; "
        f"now there are {today:,}. Estimate it anew: identity run --full.",
        "model",
    )


def _not_compared(known: Model, filled: Sequence[Level]) -> tuple[Signal, ...]:
    """Fields that no record had when the model was estimated, and records have now."""
    names = {field.name for field in known.fields}
    full = {
        kind: sum(field.kind == kind for field in known.fields) >= MAX_TYPES for kind in ("identifier", "attribute")
    }
    others = {"email", "phone", "address", "birth_date", "gender", "company"}

    def is_left_out(name: str) -> bool:
        kind = "attribute" if name.startswith("attribute.") else "identifier"
        return name not in names and (name in others or not full[kind])

    found = [f"{row['field']} ({row['records']:,})" for row in filled if row["records"] and is_left_out(row["field"])]
    return when(
        found,
        "warn",
        f"Not compared, since no record had it when the model was estimated (with records): {', '.join(found)}. "
        "Estimate it anew: identity run --full.",
        "model",
    )


def _read(row: Level) -> Model | None:
    """The model of a row of `match.model`; None where there is none, or none that this program reads."""
    try:
        return from_json(str(row["parameters"]))
    except (ValueError, KeyError, TypeError):
        return None
