"""Why two records are or are not one person: the steps of their weight, and the graph of their profiles."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from identity.matching import explain
from identity.matching.explain import Explanation
from identity.reporting.figures.examples import drawn, steps_of
from identity.reporting.page import Step
from identity.reporting.words import probability, share, signed
from identity.review.live import Page
from identity.stewardship.decisions import Key

Row = Mapping[str, Any]
MOST_NODES = 36
MOST_NAMED = 16
_NOTICED = 0.05
_WIDE, _HIGH = 640.0, 360.0


@dataclass(frozen=True)
class Weighed:
    """The steps from the odds of any two records to the match weight of these, in bits.

    `rare` says how common a shared value is, by label.
    """

    steps: tuple[Step, ...]
    weight: float
    probability: float | None
    decided_by: str
    rare: Mapping[str, str]


def weighed(page: Page, one: Row, other: Row, pairs: Sequence[Row]) -> Weighed | None:
    """How the score of two records came about; None where they were never compared and cannot be any more."""
    records = sorted((one, other), key=_key)
    keys = [_key(record) for record in records]
    pair = next((p for p in pairs if [(p["source_a"], p["pk_a"]), (p["source_b"], p["pk_b"])] == keys), None)
    known = page.generation.known
    if known is not None:
        together = one["profile_id"] is not None and one["profile_id"] == other["profile_id"]
        outcome = pair["outcome"] if pair else "link" if together else "no"
        found = (outcome, pair["rule_id"] if pair else None, pair["vetoed_by"] if pair else None, together)
        places = (int(records[0]["number"]), int(records[1]["number"]))
        return _explained(explain.explanation(known.codes, known.model, (keys, places), found))
    if pair is None:
        return None
    levels = page.rows("levels")
    prior = levels[0]["prior_match_probability"] if levels else None
    steps = tuple(steps_of(pair, levels, prior))
    by = pair["vetoed_by"] or pair["rule_id"] or "fuzzy"
    return Weighed(steps, pair["match_weight"], pair["match_probability"], by, {})


def _key(record: Row) -> Key:
    return str(record["source"]), str(record["source_pk"])


def _explained(told: Explanation) -> Weighed:
    parts: list[tuple[str, str, float]] = [("before any evidence", "two records at random", told.prior)]
    rare = {}
    for step in told.steps:
        label = step.field.replace("_", " ").removeprefix("attribute.")
        if step.weight or step.level not in ("missing", "no data"):
            parts.append((label, step.level.replace("_", " "), step.weight))
        if step.frequency is not None:
            rare[label] = f"held by {share(step.frequency)} of records, {signed(step.rarity)} bits for it"
    if told.shared_household:
        parts.append(("household", "shared as a household would", told.shared_household))
    parts = [part for part in parts if abs(part[2]) >= _NOTICED]
    total = sum(weight for _, _, weight in parts)
    if told.capped_by and abs(told.match_weight - total) >= _NOTICED:
        parts.append(("limit", told.capped_by.replace("_", " "), told.match_weight - total))
    return Weighed(
        tuple(drawn(parts, told.match_weight)), told.match_weight, told.match_probability, told.decided_by, rare
    )


@dataclass(frozen=True)
class Edge:
    """A pair of the graph; `is_weakest` marks the link that holds a profile together least."""

    one: str
    other: str
    outcome: str
    probability: float
    is_weakest: bool


@dataclass(frozen=True)
class Graph:
    """The drawing, the pairs in it as rows, and how many records were left out."""

    drawing: Markup
    edges: tuple[Edge, ...]
    left_out: int


def graph(members: Sequence[Row], pairs: Sequence[Row], asked: Sequence[Key], profiles: Sequence[str]) -> Graph:
    """The records of the profiles concerned and the pairs among them that were compared.

    Profiles stand as arcs of one circle in the order and colours of `profiles`; the records asked about are marked.
    Of more than `MOST_NODES` records those asked about and the first of each profile are drawn. Of more than
    `MOST_NAMED` only those asked about and the weakest links are named; the others tell their names when pointed at.
    """
    shown = sorted(members, key=lambda row: ((row["source"], row["source_pk"]) not in asked, row["profile_id"]))
    order = {profile_id: number for number, profile_id in enumerate(profiles)}
    shown = sorted(
        shown[:MOST_NODES], key=lambda row: (order.get(row["profile_id"], len(order)), row["source"], row["source_pk"])
    )
    place = {(row["source"], row["source_pk"]): _spot(n, len(shown)) for n, row in enumerate(shown)}
    profile = {(row["source"], row["source_pk"]): row["profile_id"] for row in shown}
    kept = [
        pair
        for pair in pairs
        if (pair["source_a"], pair["pk_a"]) in place and (pair["source_b"], pair["pk_b"]) in place
    ]
    weakest = _weakest(kept, profile)
    edges = []
    few = len(place) <= MOST_NAMED
    lines = Markup("")
    for number, pair in reversed(list(enumerate(kept))):
        a, b = (pair["source_a"], pair["pk_a"]), (pair["source_b"], pair["pk_b"])
        edges.append(
            Edge(":".join(a), ":".join(b), pair["outcome"], pair["match_probability"], is_weakest=number in weakest)
        )
        named = number in weakest or (few and pair["outcome"] != "link")
        chance = pair["match_probability"] if named else None
        lines += _line(place[a], place[b], pair["outcome"], weakest=number in weakest, chance=chance)
    dots = Markup("").join(
        _dot(place[key], key, order.get(profile[key], 3), asked=key in asked, named=few or key in asked)
        for key in place
    )
    label = (
        f"{len(place)} records of {len(set(profile.values()))} profiles and the {len(kept)} pairs compared among them"
    )
    drawing = Markup('<svg class="graph" viewBox="0 0 640 360" role="img" aria-label="{}">{}{}</svg>').format(
        label, lines, dots
    )
    return Graph(drawing, tuple(reversed(edges)), len(members) - len(shown))


def _weakest(pairs: Sequence[Row], profile: Mapping[Key, str]) -> set[int]:
    """Of every profile the link whose loss would cost it least: the weakest of its strongest tree."""
    found: dict[str, int] = {}
    parents: dict[Key, Key] = {}

    def root(key: Key) -> Key:
        while parents.setdefault(key, key) != key:
            key = parents[key]
        return key

    order = sorted(range(len(pairs)), key=lambda n: -float(pairs[n]["match_weight"] or 0))
    for number in order:
        pair = pairs[number]
        a, b = (pair["source_a"], pair["pk_a"]), (pair["source_b"], pair["pk_b"])
        if pair["outcome"] == "link" and profile[a] == profile[b] and root(a) != root(b):
            parents[root(a)] = root(b)
            found[profile[a]] = number  # the last that was needed is the weakest
    return set(found.values())


def _spot(number: int, of: int) -> tuple[float, float]:
    angle = 2 * math.pi * (number + 0.5) / max(of, 1) - math.pi / 2
    wide, high = (190.0, 118.0) if of > 2 else (150.0, 0.0)
    if of == 2:
        angle = math.pi * number
    return _WIDE / 2 + wide * math.cos(angle), _HIGH / 2 + high * math.sin(angle)


def _line(
    a: tuple[float, float], b: tuple[float, float], outcome: str, *, weakest: bool, chance: float | None
) -> Markup:
    """A pair of the graph, with its probability beside it where one is given."""
    kind = {"link": "e-link", "review": "e-review"}.get(outcome, "e-apart")
    line = Markup('<line class="{}{}" x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}"/>').format(
        kind, " e-weakest" if weakest else "", a[0], a[1], b[0], b[1]
    )
    if chance is None:
        return line
    middle = (a[0] * 0.55 + b[0] * 0.45, a[1] * 0.55 + b[1] * 0.45)
    return line + Markup('<text class="e-label" x="{:.1f}" y="{:.1f}" text-anchor="middle">{}</text>').format(
        middle[0], middle[1] - 4, probability(chance)
    )


def _dot(at: tuple[float, float], key: Key, profile: int, *, asked: bool, named: bool) -> Markup:
    left = at[0] < _WIDE / 2 - 1
    text = f"{key[0].replace('_', ' ')} {key[1] if len(key[1]) <= 12 else key[1][:5] + '…' + key[1][-5:]}"
    dot = Markup('<circle class="n-{} {}" cx="{:.1f}" cy="{:.1f}" r="{}"><title>{}</title></circle>').format(
        profile % 4, "n-asked" if asked else "n-other", at[0], at[1], 8 if asked else 6, text
    )
    if not named:
        return dot
    return dot + Markup('<text class="n-label{}" x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>').format(
        " n-label-asked" if asked else "", at[0] + (-13 if left else 13), at[1] + 4, "end" if left else "start", text
    )
