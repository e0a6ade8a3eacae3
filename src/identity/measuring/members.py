"""Who is in which segment, and since when: memberships go on from the last generation, merged ids into their heirs."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from identity.engine.duck import DuckEngine
from identity.engine.sql import data_folder
from identity.errors import ConfigurationError
from identity.kpi.segments import SCHEMAS, Segment, read_segments
from identity.runs.run import Run
from identity.runs.workspace import Metrics, Session
from identity.settings import Settings
from identity.tables import published, tables

NOT_READABLE = {"gold.segment", "gold.segment_membership", "mart.changes_since_last"}
"""Made from segments."""


def definitions(settings: Settings) -> tuple[Segment, ...]:
    """The segments that are shipped and the deployer's own; raises ConfigurationError naming the file at fault."""
    if settings.segments.files and not settings.segment_files:
        raise ConfigurationError(f"segments.files: no file matches {settings.segments.files}, seen from the settings")
    readable = {table.name for table in published() if table.schema in SCHEMAS} - NOT_READABLE
    return read_segments(_paths(settings), readable)


def check_own(settings: Settings) -> None:
    """Refuse a deployer's definition that is wrong before any work is done; raises ConfigurationError."""
    if settings.segments.files:
        try_out(settings, definitions(settings))


def try_out(settings: Settings, segments: Sequence[Segment]) -> None:
    """Ask each segment of empty tables, which shows columns that do not exist; raises ConfigurationError."""
    paths = {path.stem: path for path in _paths(settings)}
    folder = tempfile.TemporaryDirectory()
    with folder, DuckEngine(threads=1, memory_limit="500MB", temp=Path(folder.name)) as engine:
        for segment in segments:
            for name in segment.tables:
                engine.attach(name, (), table=tables()[name])
            try:
                engine.query(f"{segment.query} ")
            except Exception as error:  # noqa: BLE001 - over empty tables its message can quote the query only
                told = str(error).splitlines()[0]
                raise ConfigurationError(f"{paths[segment.name]}: {told}") from None


def _paths(settings: Settings) -> list[Path]:
    shipped = sorted((data_folder("sql") / "segments").glob("*.sql")) if settings.segments.shipped else []
    return [*shipped, *settings.segment_files]


def write(run: Run, db: Session) -> Metrics:
    """Write `gold.segment` and `gold.segment_membership`. Metrics: `segment_members:<name>`."""
    segments = definitions(run.settings)
    db.put("member", _members(run, segments))
    db.put("segment_definition", _described(segments))
    db.save("gold.segment_membership", "kpi/segment_membership")
    db.save("gold.segment", "kpi/segment")
    counted = db.rows("select segment, members from gold.segment where status = 'active' order by segment")
    return {f"segment_members:{name}": float(members) for name, members in counted}


def _members(run: Run, segments: Sequence[Segment]) -> pa.Table:
    """(segment, profile_id) of all definitions, asked by an engine that knows the run's tables and nothing else."""
    wanted = sorted({name for segment in segments for name in segment.tables})
    found = [pa.table({"segment": pa.array([], pa.string()), "profile_id": pa.array([], pa.string())})]
    with run.open(*wanted) as apart:
        for segment in segments:
            try:
                people = apart.query(f"{segment.query} ")["profile_id"].cast(pa.string())
            except Exception:
                try_out(run.settings, [segment])  # its message quotes no value of the data
                raise
            names = pa.array([segment.name], pa.string()).take(pa.nulls(len(people), pa.int8()).fill_null(0))
            found.append(pa.table({"segment": names, "profile_id": people}))
    return pa.concat_tables(found)


def _described(segments: Sequence[Segment]) -> pa.Table:
    return pa.table(
        {
            "segment": pa.array([segment.name for segment in segments], pa.string()),
            "description": pa.array([segment.description for segment in segments], pa.string()),
            "owner": pa.array([segment.owner for segment in segments], pa.string()),
            "definition": pa.array([segment.definition for segment in segments], pa.string()),
            "definition_hash": pa.array([segment.digest for segment in segments], pa.string()),
        }
    )
