"""The figures of a run (`ops.run_metric`): what every stage counted, beside the last published run's, with limits."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import pyarrow as pa

from identity.runs.workspace import Metrics, StageEntry
from identity.settings_groups import GateSettings

CHECK = "check"
Key = tuple[str, str, str]


@dataclass(frozen=True)
class Figure:
    """One number: `label` says what it is broken down by, `threshold` is the limit that holds the run."""

    stage: str
    name: str
    label: str
    value: float
    previous: float | None = None
    threshold: float | None = None

    @property
    def key(self) -> Key:
        """Stage, name and label."""
        return self.stage, self.name, self.label


def thresholds(gate: GateSettings) -> Mapping[str, float]:
    """The limit of each figure of check that holds a run."""
    return {
        "changed_ids_share": gate.max_changed_ids,
        "profile_count_change": gate.max_profile_count_change,
        "fill_rate_change": gate.max_fill_rate_change,
        "largest_profile": gate.max_profile_records,
        "reject_rate": gate.max_reject_rate,
    }


def run_figures(
    entries: Iterable[StageEntry],
    counted: Metrics,
    previous: Iterable[tuple[str, str, str, float]],
    gate: GateSettings,
) -> list[Figure]:
    """Figures of the stages that are done (with their seconds) and what check `counted`, by stage, name, label.

    `previous` are stage, name, label, value of the last published run.
    """
    before = {(stage, name, label): value for stage, name, label, value in previous}
    limits = thresholds(gate)
    figures = list(_of_stages(entries))
    figures += [Figure(CHECK, *_named(name), float(value)) for name, value in counted.items()]
    figures = [replace(figure, previous=before.get(figure.key)) for figure in figures]
    figures += _fill_rate_changes(figures)
    limited = [
        replace(figure, threshold=limits[figure.name]) if figure.stage == CHECK and figure.name in limits else figure
        for figure in figures
    ]
    return sorted(limited, key=lambda figure: figure.key)


def figure_table(figures: Sequence[Figure], run_id: str) -> pa.Table:
    """The rows of `ops.run_metric`."""
    return pa.table(
        {
            "run_id": pa.array([run_id] * len(figures), pa.string()),
            "stage": pa.array([figure.stage for figure in figures], pa.string()),
            "name": pa.array([figure.name for figure in figures], pa.string()),
            "label": pa.array([figure.label for figure in figures], pa.string()),
            "value": pa.array([figure.value for figure in figures], pa.float64()),
            "previous": pa.array([figure.previous for figure in figures], pa.float64()),
            "threshold": pa.array([figure.threshold for figure in figures], pa.float64()),
        }
    )


def _of_stages(entries: Iterable[StageEntry]) -> Iterator[Figure]:
    for entry in entries:
        if entry.stage == CHECK:
            continue
        yield Figure(entry.stage, "seconds", entry.part, entry.seconds)
        for key, value in entry.metrics.items():
            name, label = _named(key)
            labels = dict.fromkeys(part for part in (entry.part, label) if part)
            yield Figure(entry.stage, name, ":".join(labels), float(value))


def _named(key: str) -> tuple[str, str]:
    """`name` or `name:label` apart."""
    name, _, label = key.partition(":")
    return name, label


def _fill_rate_changes(figures: Iterable[Figure]) -> list[Figure]:
    """How far the share of filled fields moved, relative to the last published run; 0 below one point.

    A field that few profiles fill moves by a tenth when one record comes or goes: a change of less than a
    hundredth of all profiles says nothing.
    """
    changes = []
    for figure in figures:
        if figure.stage == CHECK and figure.name == "fill_rate" and figure.previous is not None:
            points = figure.value - figure.previous
            change = points / figure.previous if figure.previous and abs(points) >= 0.01 else 0.0
            changes.append(Figure(CHECK, "fill_rate_change", figure.label, change))
    return changes
