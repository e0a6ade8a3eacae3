"""What a report keeps for the next one: its counts, so that they can stand beside those of the run after.

`<reports>/figures/<run id>.json` has the rows of the queries below. They count and name sources, rules and fields;
no value and no key of a person is among them.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from identity.runs.workspace import write_atomically

COMPARED = (
    "blocked_counts", "consent", "consent_conflicts", "fill", "funnel", "left_apart", "outcomes", "over_merge",
    "overlap", "queue", "rules", "sources", "survivorship", "totals", "under_merge", "weakest_links",
)  # fmt: skip
Rows = Sequence[Mapping[str, Any]]


def keep(reports: Path, run_id: str, answers: Mapping[str, Rows]) -> None:
    """Keep the rows of a report that the next one compares with."""
    rows = {name: [dict(row) for row in answers[name]] for name in COMPARED if name in answers}
    text = json.dumps(rows, indent=1, sort_keys=True, default=str)
    write_atomically(_place(reports, run_id), text)


def kept(reports: Path, run_id: str | None) -> dict[str, Rows]:
    """The kept rows of a run by query; empty where none were kept."""
    place = _place(reports, run_id) if run_id else None
    if place is None or not place.is_file():
        return {}
    found: dict[str, Rows] = json.loads(place.read_text(encoding="utf-8"))
    return found


def _place(reports: Path, run_id: str) -> Path:
    return reports / "figures" / f"{run_id}.json"
