"""Frames of a notebook as the pipeline's input: Arrow in, a run in a folder of its own, record ids out as they came."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypedDict

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from identity import settings as settings_of
from identity.errors import ConfigurationError
from identity.runs.run import Run

KEY, SOURCE = "identity_record_id", "identity_source"


class Columns(TypedDict, total=False):
    """What the columns of a frame mean.

    `fields` maps our fields to columns, as `[sources.fields]` does (`sources/generic.py` lists them). `record_id` is
    the column of the ids; without it the frame's index (or the row number) is. `source` is a column that names the
    source of each record. `region`, `date_order`, `attributes` are as in the configuration.
    """

    fields: Mapping[str, str | Sequence[str]]
    record_id: str | None
    source: str | None
    region: str | None
    date_order: str | None
    attributes: Mapping[str, str]


@dataclass(frozen=True)
class Described:
    """One frame as a table of columns to read, the ids of its records as they came, and their sources."""

    name: str
    table: pa.Table
    ids: tuple[Any, ...]
    sources: tuple[str, ...]
    settings: dict[str, Any]


def describe(frame: Any, columns: Columns, name: str = "records") -> Described:
    """A pandas or Arrow frame (or anything that gives one) with the meaning of its columns.

    Raises ConfigurationError for columns the frame lacks and for ids that are missing or stand twice.
    """
    table, index = _table(frame)
    record_id, source = columns.get("record_id"), columns.get("source")
    fields = {field: _listed(found) for field, found in columns.get("fields", {}).items()}
    attributes = dict(columns.get("attributes") or {})
    used = [column for found in fields.values() for column in found] + list(attributes.values())
    lacking = sorted({*used, *(c for c in (record_id, source) if c)} - set(table.column_names))
    if not fields:
        raise ConfigurationError('fields: say what the columns mean, e.g. fields={"given_name": "first", ...}')
    if lacking:
        raise ConfigurationError(f"fields: the frame has no column {', '.join(lacking)}")
    ids = tuple(index if record_id is None else table[record_id].to_pylist())
    sources = tuple(str(value) for value in table[source].to_pylist()) if source else (name,) * table.num_rows
    _check_ids(ids, sources)
    chosen = table.select(list(dict.fromkeys(used)))
    chosen = chosen.append_column(KEY, pa.array([str(value).strip() for value in ids], pa.string()))
    settings: dict[str, Any] = {
        "files": f"{name}.parquet",
        "record_id": KEY,
        "fields": fields,
        "attributes": attributes,
        "default_region": columns.get("region"),
        "date_order": columns.get("date_order"),
    }
    if source:
        chosen = chosen.append_column(SOURCE, pa.array(sources, pa.string()))
        settings["name_column"] = SOURCE
    else:
        settings["name"] = name
    return Described(name, chosen, ids, sources, settings)


def _listed(columns: str | Sequence[str]) -> tuple[str, ...]:
    return (columns,) if isinstance(columns, str) else tuple(columns)


def _table(frame: Any) -> tuple[pa.Table, Sequence[Any]]:
    """The frame as Arrow, and its index."""
    if isinstance(frame, pd.DataFrame):
        named = frame.rename(columns=str)
        try:
            table = pa.Table.from_pandas(named, preserve_index=False)
        except (pa.ArrowInvalid, pa.ArrowTypeError):  # columns of mixed types: as text
            named = named.copy()
            for column in named.select_dtypes(object):
                named[column] = named[column].map(lambda value: None if _is_absent(value) else str(value))
            table = pa.Table.from_pandas(named, preserve_index=False)
        return table, frame.index.tolist()
    if isinstance(frame, pa.Table):
        return frame, range(frame.num_rows)
    if hasattr(frame, "__arrow_c_stream__"):
        table = pa.table(frame)
        return table, range(table.num_rows)
    raise ConfigurationError(f"{type(frame).__name__}: give a pandas or an Arrow table")


def _is_absent(value: Any) -> bool:
    return value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value))


def _check_ids(ids: Sequence[Any], sources: Sequence[str]) -> None:
    absent = sum(_is_absent(value) or not str(value).strip() for value in ids)
    if absent:
        raise ConfigurationError(f"record_id: {absent} records have none; every record needs an id of its own")
    twice = len(ids) - len({(source, str(value).strip()) for source, value in zip(sources, ids, strict=True)})
    if twice:
        raise ConfigurationError(f"record_id: {twice} ids stand more than once; every record needs an id of its own")


def run_over(
    folder: Path, frames: Iterable[Described], *, threads: int | None, as_of: datetime | None, matching: dict[str, Any]
) -> Run:
    """A run in `folder` whose sources are these frames, written there as Parquet."""
    described = tuple(frames)
    folder.mkdir(parents=True, exist_ok=True)
    for entry in described:
        pq.write_table(entry.table, folder / f"{entry.name}.parquet")
    chosen = settings_of.load(
        None,
        environ={},
        warehouse=folder / "warehouse.duckdb",
        sources=[entry.settings for entry in described],
        base_dir=folder,
        threads=threads,
        matching=matching,
    )
    moment = (as_of or datetime.now(UTC)).replace(tzinfo=None, microsecond=0)
    return Run(chosen, "notebook", 1, moment, b"notebook")
