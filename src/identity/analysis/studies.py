"""What the commands ask: a run evaluated, its model, a training, and the files they write."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from identity.analysis import evaluation, labels, matched, pages, training
from identity.analysis.evaluation import Evaluation
from identity.analysis.kept import run_of
from identity.analysis.training import Training
from identity.errors import ConfigurationError
from identity.matching.model import Model, from_json
from identity.reporting.figures.estimated import estimated_rows
from identity.reporting.figures.model import drift_of, levels_of, model_section, not_learned
from identity.reporting.masking import masked_record
from identity.reporting.page import Study
from identity.reporting.render import render_study
from identity.runs.run import Run
from identity.runs.workspace import Session, write_atomically
from identity.settings import Settings


@dataclass(frozen=True)
class Evaluated:
    """An evaluation of a run, its estimate without labels beside it, and the values of the worst errors' records."""

    run_id: str
    found: Evaluation
    estimates: tuple[Mapping[str, Any], ...]
    values: pages.Values

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"run": self.run_id, **self.found.as_dict(), "estimated_without_labels": list(self.estimates)}


@dataclass(frozen=True)
class ModelOf:
    """The model of a run and that of the generation before it."""

    run_id: str
    now: Model
    before: Model | None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "run": self.run_id,
            "model_version": self.now.version,
            "match_share": self.now.match_share,
            "household_share": self.now.household_share,
            "records_per_person": self.now.records_per_person,
            "em_iterations": self.now.em_iterations,
            "em_converged": self.now.em_converged,
            "levels": levels_of(self.now),
            "not_learned": not_learned(self.now),
            "drift": drift_of(self.now, self.before),
        }


def evaluated(settings: Settings, place: Path, run_id: str | None, *, unmasked: bool) -> Evaluated:
    """Evaluate a run against a file of labels.

    Raises ConfigurationError for labels that cannot be used and where no run is kept.
    """
    run, given = run_of(settings, run_id), labels.read(place)
    with run.open(*matched.READS, "std.source_record") as db:
        known = matched.read(db)
        found = evaluation.evaluate(known, given, settings.matching.link_threshold)
        asked = sorted({side for pair in found.errors.worst for side in (pair.record_a, pair.record_b)})
        values = _values(db, asked, unmasked=unmasked)
    return Evaluated(run.run_id, found, _estimates(run), values)


def _values(db: Session, asked: list[tuple[str, str]], *, unmasked: bool) -> pages.Values:
    db.put("asked", pa.table({"source": pa.array([a for a, _ in asked], pa.string()),
                              "source_pk": pa.array([b for _, b in asked], pa.string())}))  # fmt: skip
    rows = db.query("explain/records").to_pylist()
    return {(row.pop("source"), row.pop("source_pk")): row if unmasked else masked_record(row) for row in rows}


def _estimates(run: Run) -> tuple[Mapping[str, Any], ...]:
    entry = run.workspace.entry("resolve")
    return tuple(estimated_rows({} if entry is None else entry.metrics))


def estimated(settings: Settings, run_id: str | None) -> dict[str, Any]:
    """Precision and recall of a run as its scores expect them."""
    run = run_of(settings, run_id)
    return {"run": run.run_id, "estimated_without_labels": list(_estimates(run))}


def write_evaluation(study: Evaluated, place: Path) -> None:
    """The page of an evaluation, one file without links to others."""
    page = pages.evaluation_study(study.found, study.run_id, study.values)
    write_atomically(place, render_study(page))


def trained(settings: Settings, place: Path, run_id: str | None) -> Training:
    """Learn from a file of labels on a run's pairs."""
    run, given = run_of(settings, run_id), labels.read(place)
    with run.open(*matched.READS) as db:
        return training.train(matched.read(db), given)


def write_kept(found: Training, place: Path | None) -> Path | None:
    """Write the model where it is kept and a file is named; returns the file written."""
    if place is None or found.kept is None:
        return None
    write_atomically(place, found.model.to_json() + "\n")
    return place


def model_of(settings: Settings, run_id: str | None) -> ModelOf:
    """The model of a run."""
    run = run_of(settings, run_id)
    with run.open("match.model", "prior.model") as db:
        now = from_json(str(db.rows("select parameters from match.model")[0][0]))
        rows = db.rows("select parameters from prior.model") if run.workspace.files("prior.model") else []
    return ModelOf(run.run_id, now, _readable(str(rows[0][0])) if rows else None)


def _readable(text: str) -> Model | None:
    """A model of an earlier run; None where an older program wrote it in another layout."""
    try:
        return from_json(text)
    except (ValueError, KeyError, TypeError):
        return None


def write_model(told: ModelOf, place: Path) -> None:
    """The model as one readable JSON."""
    if place.suffix.lower() != ".json":
        raise ConfigurationError(f"{place}: the model is written as JSON; name a file that ends in .json")
    write_atomically(place, told.now.to_json() + "\n")


def write_model_page(told: ModelOf, place: Path) -> None:
    """The model as a page with its weights as a chart."""
    study = Study(
        title="The matching model",
        about=f"run {told.run_id}",
        lead=f"Version {told.now.version}; {len(told.now.fields)} comparisons.",
        tiles=(),
        sections=(model_section(told.now, told.before),),
        note="No personal values: parameters only.",
    )
    write_atomically(place, render_study(study))
