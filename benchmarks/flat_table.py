"""Standardised records as one flat table: the columns that `splink_specs.py` names, for both engines alike."""

from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from identity.matching.encode import coded
from identity.matching.folding import fold_repeats
from identity.matching.records import Longs, Records
from identity.runs.run import Run
from identity.settings import load
from identity.stages import land, standardise

AS_OF = datetime(2026, 6, 30, 12)

# One row per record, in order of its key: the first name, e-mail, phone and address of each.
FLAT = """
with numbered as (
    select source, source_pk, gender, birth_date, company
    from std.source_record
),
name as (
    select source, source_pk, arg_min(given_key, position) as first_name, arg_min(middle_key, position) as middle_name,
        arg_min(family_key, position) as last_name
    from std.name
    where is_person
    group by all
),
contact as (
    select source, source_pk,
        arg_min(id_match_key, position) filter (where id_type = 'email') as email,
        arg_min(id_match_key, position) filter (where id_type = 'phone') as phone
    from std.identifier
    where not coalesce(is_blocked, false)
    group by all
),
place as (
    select * from std.address qualify row_number() over (
        partition by source, source_pk order by position) = 1
)
select
    numbered.source || '|' || numbered.source_pk as unique_id,
    first_name, middle_name, last_name, first_name || ' ' || last_name as first_last,
    strftime(birth_date, '%Y-%m-%d') as dob, lower(gender) as gender, email, phone,
    lower(house_number) as house_number, street_key as street, lower(house_number) || ' ' || street_key as address,
    lower(unit) as unit, postal_key as postcode, city_key as city, lower(region) as state, company as employer
from numbered
left join name using (source, source_pk)
left join contact using (source, source_pk)
left join place using (source, source_pk)
order by unique_id
"""


def standardised(place: Path, name: str, mapping: Path | None, **options: Any) -> Run:
    """The run of that name, landed and standardised once into a folder."""
    settings = load(mapping, environ={}, warehouse=place / "warehouse.duckdb", **options)
    run = Run(settings, name, 1, AS_OF, b"benchmark")
    if not run.workspace.files("std.address"):
        land.land(run)
        standardise.standardise(run)
    return run


def write_flat(run: Run, target: Path) -> None:
    """The flat table of a run's standardised tables."""
    with run.open("std.source_record", "std.name", "std.identifier", "std.address") as db:
        pq.write_table(db.query(FLAT), target)


def connected(size: int, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Number of the component of each record."""
    graph = coo_matrix((np.ones(len(left), np.int8), (left, right)), shape=(size, size))
    return connected_components(graph, directed=False)[1]


def records_of(flat: pa.Table, threads: int = 1) -> tuple[Records, Longs]:
    """Our encoded records of a flat table, repeats folded, and which of them each row is."""
    numbers = pa.array(np.arange(flat.num_rows, dtype=np.int32))
    born = [pc.cast(pc.utf8_slice_codeunits(flat["dob"], *ends), pa.int32()) for ends in ((0, 4), (5, 7), (8, 10))]
    facts = {"record": numbers, "birth_year": born[0], "birth_month": born[1], "birth_day": born[2]}
    facts |= {"gender": flat["gender"], "company": flat["employer"].cast(pa.string())}
    names = {"given_key": flat["first_name"], "middle_key": flat["middle_name"].cast(pa.string())}
    names = _held_with(names | {"family_key": flat["last_name"]}, "given_key", "family_key")
    parts = {"house_number": "house_number", "street_key": "street", "unit": "unit", "postal_key": "postcode"}
    parts |= {"city_key": "city", "region": "state"}
    addresses = {ours: flat[theirs].cast(pa.string()) for ours, theirs in parts.items()}
    addresses = _held_with(addresses, "house_number", "street_key", "postal_key", "city_key")
    identifiers = pa.concat_tables(
        pa.table({"record": numbers, "id_type": pa.repeat(kind, flat.num_rows), "value": flat[kind]})
        for kind in ("email", "phone")
    )
    attributes = pa.table({"record": pa.array([], pa.int32()), "name": pa.array([], pa.string()),
                           "value": pa.array([], pa.string())})  # fmt: skip
    everything = coded(
        flat.num_rows,
        pa.table(facts),
        pa.table({"record": numbers, **names, "suffix": pa.nulls(flat.num_rows, pa.string())}),
        identifiers,
        pa.table({"record": numbers, **addresses}),
        attributes,
        threads,
    )
    first, distinct_of = fold_repeats(everything)
    return everything.take(first), distinct_of


def _held_with(columns: dict[str, pa.ChunkedArray], *telling: str) -> dict[str, pa.ChunkedArray]:
    """Columns of which a row says nothing where none of the `telling` ones has a value: as if it were not there."""
    held = pc.is_valid(columns[telling[0]])
    for name in telling[1:]:
        held = pc.or_(held, pc.is_valid(columns[name]))
    return {
        name: values if name in telling else pc.if_else(held, values, pa.scalar(None, pa.string()))
        for name, values in columns.items()
    }
