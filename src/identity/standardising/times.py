"""Moments of a delivered column: UTC, in the zone that was written, else the row's, else the source's."""

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from identity.sources.base import Source
from identity.standard.dates import vote_date_order
from identity.standard.timestamps import timestamp_column
from identity.standardising.arrays import tuples, whole

_WRITTEN_ZONE = r"(?P<zone>[+-][0-9]{2}:?[0-9]{2}|Z)\s*$"


@dataclass(frozen=True)
class Moments:
    """UTC times without zone, and the zone or offset each was read in."""

    instants: pa.Array
    zones: pa.Array


def moments(
    values: pa.Array | pa.ChunkedArray, source: Source, zones: pa.Array | pa.ChunkedArray | None = None
) -> Moments:
    """Read a column of times; the order of day and month is voted over its distinct values."""
    texts = whole(values)
    if zones is None:
        return _in_one_zone(texts, source)
    local = pc.if_else(pc.is_null(texts), pa.scalar(None, pa.string()), pc.coalesce(whole(zones), source.time_zone))
    columns, numbers = tuples([texts, local])
    order = vote_date_order(columns[0], hint=source.date_order, region=source.region)
    read = timestamp_column(columns[0], columns[1], order) if columns[0] else pa.array([], pa.timestamp("us", "UTC"))
    return _with_zones(texts, read.take(numbers), local)


def _in_one_zone(texts: pa.Array, source: Source) -> Moments:
    encoded = texts.dictionary_encode()
    distinct = encoded.dictionary.to_pylist()
    order = vote_date_order(distinct, hint=source.date_order, region=source.region)
    read = timestamp_column(distinct, source.time_zone, order)
    return _with_zones(texts, read.take(encoded.indices), pa.repeat(pa.scalar(source.time_zone), len(texts)))


def _with_zones(texts: pa.Array, read: pa.Array, local: pa.Array) -> Moments:
    instants = read.cast(pa.timestamp("us"))
    written = pc.struct_field(pc.extract_regex(texts, _WRITTEN_ZONE), "zone")
    zone = pc.if_else(pc.is_null(instants), pa.scalar(None, pa.string()), pc.coalesce(written, local))
    return Moments(instants, zone)
