"""Resolving goes on from the run before: only components that a delivery touches are worked out.

No component knows of another, so that one whose records, pairs and statements are as they were ends as it did. The
result is that of `resolving.resolve_records` over everything, to the last bit.
"""

import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from identity.matching import kept
from identity.matching.cluster import Constraints, Limits, Refusal
from identity.matching.comparison import Field
from identity.matching.components import labels
from identity.matching.model import Model
from identity.matching.records import Bools, Longs, Records
from identity.matching.resolving import (
    CONNECTS,
    FieldwiseMean,
    Given,
    Pairs,
    Resolved,
    between,
    limited_values,
    resolve_records,
)
from identity.matching.stacking import compact, rows_of

Ends = tuple[Longs, Longs]
_NOTHING = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class Changes:
    """What link tells of today's distinct records: which one of `before` each was (-1 for none), which are `stirred`.

    A record is stirred when it is new, stands for other records than it did, or a pair of it is new or gone.
    """

    before: Longs
    stirred: Bools


@dataclass(frozen=True)
class Earlier:
    """How the run before was resolved: the result (without `outer`) and what was stated, by its own numbers.

    `is_bridge`, by record, is what `match.cluster` says of its cluster.
    """

    resolved: Resolved
    stated: Mapping[str, Ends]
    is_bridge: Bools


@dataclass(frozen=True)
class Regrouped:
    """The result for today; how many distinct records were `looked_at` for it.

    `is_bridge`, by record, says of its cluster 1 or 0 where the run before knew, else -1.
    """

    resolved: Resolved
    looked_at: int
    is_bridge: Longs


@dataclass(frozen=True)
class Case:
    """Everything that resolving depends on."""

    records: Records
    fields: tuple[Field, ...]
    model: Model
    pairs: Pairs
    constraints: Constraints
    given: Given
    link_threshold: float

    @property
    def stated(self) -> dict[str, Ends]:
        """What people and sources say, by kind."""
        return {"decided": self.given.decided, "stated": self.given.stated, "apart": self.constraints.apart}

    @property
    def about(self) -> dict[str, Any]:
        """What a kept result has to share with this one."""
        limits = self.constraints.limits
        return {
            "model": self.model.version,
            "limits": {"records": limits.records, **dict(limits.values)},
            "link_threshold": self.link_threshold,
        }


def keep_changes(run_folder: Path, last_run: str, changes: Changes) -> None:
    """Leave for resolve what link found changed since `last_run`."""
    kept.save(run_folder / "spill" / "changes", {"last_run": last_run}, vars(changes))


def forget_changes(run_folder: Path) -> None:
    """Where link works everything out, nothing is known of what changed."""
    shutil.rmtree(run_folder / "spill" / "changes", ignore_errors=True)


def keep(run_folder: Path, case: Case, resolved: Resolved, is_bridge: Bools) -> None:
    """Leave the result for the next run; `is_bridge` in order of the clusters."""
    smallest = np.cumsum(resolved.group == np.arange(len(resolved.group))) - 1
    arrays = {
        "is_bridge": is_bridge[smallest[resolved.group]],
        "group": resolved.group,
        "component": resolved.component,
        **vars(resolved.inner),
    }
    for kind, (one, other) in case.stated.items():
        arrays |= {f"{kind}_one": one, f"{kind}_other": other}
    refusals = [(entry.one, entry.other, entry.reason) for entry in resolved.refusals]
    kept.save(run_folder / "spill" / "resolved", {**case.about, "refusals": refusals}, arrays)


def found(run_folder: Path, case: Case) -> tuple[Changes, Earlier] | None:
    """What link found changed and how the run before was resolved; None where either is not known."""
    told = kept.load(run_folder / "spill" / "changes", {})
    if told is None:
        return None
    earlier = kept.load(run_folder.with_name(told[0]["last_run"]) / "spill" / "resolved", case.about)
    if earlier is None:
        return None
    about, arrays = earlier
    inner = Pairs(*(arrays[name] for name in ("left", "right", "weight", "vector")))
    refusals = tuple(Refusal(tuple(one), tuple(other), reason) for one, other, reason in about["refusals"])
    stated = {kind: (arrays[f"{kind}_one"], arrays[f"{kind}_other"]) for kind in case.stated}
    resolved = Resolved(
        arrays["group"], arrays["component"], inner, Pairs(_NOTHING, _NOTHING, np.zeros(0), _NOTHING), refusals
    )
    return Changes(told[1]["before"], told[1]["stirred"]), Earlier(resolved, stated, arrays["is_bridge"])


def resolve_changed(case: Case, changes: Changes, earlier: Earlier, threads: int) -> Regrouped:
    """The result for today."""
    size = case.records.size
    now = np.full(len(earlier.resolved.group), -1, dtype=np.int64)
    now[changes.before[changes.before >= 0]] = np.flatnonzero(changes.before >= 0)
    affected = _affected(case, changes, earlier, now)
    rows = np.flatnonzero(affected)
    number = np.cumsum(affected) - 1
    anew = _resolved(case, affected, rows, number, threads)
    group, component = np.arange(size), np.arange(size)
    calm = np.flatnonzero(~affected)
    for mine, then, today in (
        (group, earlier.resolved.group, anew.group), (component, earlier.resolved.component, anew.component),
    ):  # fmt: skip
        mine[calm] = now[then[changes.before[calm]]]
        mine[rows] = rows[today]
    inner = _inner(earlier.resolved.inner, anew.inner, (now, affected, rows), component)
    refusals = [
        _renumbered(refusal, now)
        for refusal in earlier.resolved.refusals
        if now[refusal.one[0]] >= 0 and not affected[now[refusal.one[0]]]
    ]
    refusals += [_renumbered(refusal, rows) for refusal in anew.refusals]
    refusals.sort(key=lambda refusal: int(component[refusal.one[0]]))
    is_bridge = np.full(size, -1, dtype=np.int64)
    is_bridge[calm] = earlier.is_bridge[changes.before[calm]]
    resolved = Resolved(group, component, inner, between(component, case.pairs), tuple(refusals))
    return Regrouped(resolved, len(rows), is_bridge)


def _affected(case: Case, changes: Changes, earlier: Earlier, now: Longs) -> Bools:
    """Records whose component holds anything that changed."""
    size = case.records.size
    stirred = changes.stirred.copy()
    for kind, ends in case.stated.items():
        then = earlier.stated[kind]
        stirred[_differing((now[then[0]], now[then[1]]), ends, size)] = True
    connects = CONNECTS - FieldwiseMean(case.model).most_for_sizes
    strong = case.pairs.weight >= connects
    left = [case.pairs.left[strong], case.given.decided[0], case.given.stated[0]]
    right = [case.pairs.right[strong], case.given.decided[1], case.given.stated[1]]
    reached = labels(size, np.concatenate(left).astype(np.int32), np.concatenate(right).astype(np.int32))
    touched = np.zeros(size, dtype=bool)
    touched[reached[stirred]] = True
    return np.asarray(touched[reached])


def _differing(then: Ends, today: Ends, size: int) -> Longs:
    """The ends (those that are there) of pairs that were stated on one day only."""
    keys = [np.minimum(one, other) * size + np.maximum(one, other) for one, other in (then, today)]
    whole = (then[0] >= 0) & (then[1] >= 0)
    rows, fresh = ~whole | ~np.isin(keys[0], keys[1]), ~np.isin(keys[1], keys[0][whole])
    ends = np.concatenate([then[0][rows], then[1][rows], today[0][fresh], today[1][fresh]])
    return np.asarray(ends[ends >= 0])


def _resolved(case: Case, affected: Bools, rows: Longs, number: Longs, threads: int) -> Resolved:
    """The affected records resolved among themselves, by their own numbers."""

    def among(ends: Ends) -> Ends:
        inside = affected[ends[0]] & affected[ends[1]]
        return number[ends[0][inside]], number[ends[1][inside]]

    inside = np.flatnonzero(affected[case.pairs.left] & affected[case.pairs.right])
    pairs = Pairs(
        number[case.pairs.left[inside]],
        number[case.pairs.right[inside]],
        case.pairs.weight[inside],
        case.pairs.vector[inside],
    )
    records = compact(rows_of(case.records, rows))
    constraints = Constraints(
        Limits(case.constraints.limits.records, case.constraints.limits.values),
        case.constraints.multiplicity[rows],
        limited_values(records),
        among(case.constraints.apart),
    )
    given = Given(among(case.given.decided), among(case.given.stated))
    return resolve_records(records, case.fields, case.model, pairs, constraints, given, threads)


def _inner(then: Pairs, anew: Pairs, numbers: tuple[Longs, Bools, Longs], component: Longs) -> Pairs:
    """Inner pairs of both, component by component and in order of their ends."""
    now, affected, rows = numbers
    stays = np.flatnonzero(~np.r_[affected, True][now[then.left]])
    left = np.concatenate([now[then.left[stays]], rows[anew.left]])
    right = np.concatenate([now[then.right[stays]], rows[anew.right]])
    place = np.empty(len(component), dtype=np.int64)
    place[np.argsort(component, kind="stable")] = np.arange(len(component))
    order = np.argsort(place[left] * len(component) + place[right], kind="stable")
    weight, vector = (
        np.concatenate([getattr(then, name)[stays], getattr(anew, name)])[order] for name in ("weight", "vector")
    )
    return Pairs(left[order], right[order], weight, vector)


def _renumbered(refusal: Refusal, number: Longs) -> Refusal:
    def of(records: Iterable[int]) -> tuple[int, ...]:
        return tuple(int(number[record]) for record in records)

    return Refusal(of(refusal.one), of(refusal.other), refusal.reason)
