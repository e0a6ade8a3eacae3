"""Moments of a delivered column: UTC, in the zone that was written, else the row's, else the source's."""

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from identity.sources.base import Source
from identity.standard.timestamps import alike_column, timestamp_column
from identity.standardising.arrays import tuples, whole
from identity.standardising.rulings import Rulings

_PLAIN, _MOMENT = pa.timestamp("us"), pa.timestamp("us", "UTC")
_WRITTEN_ZONE = r"(?P<zone>[+-][0-9]{2}:?[0-9]{2}|Z)\s*$"


@dataclass(frozen=True)
class Moments:
    """UTC times without zone, and the zone or offset each was read in."""

    instants: pa.Array
    zones: pa.Array


def instants(
    values: pa.Array | pa.ChunkedArray, source: Source, rulings: Rulings | None = None, column: str = ""
) -> pa.Array:
    """Read a column of times in the source's zone; the order of day and month is voted over its distinct values."""
    encoded = whole(values).dictionary_encode()
    return _distinct(encoded.dictionary, source, rulings or Rulings(), column).take(encoded.indices)


def moments(
    values: pa.Array | pa.ChunkedArray,
    source: Source,
    zones: pa.Array | pa.ChunkedArray | None = None,
    rulings: Rulings | None = None,
    column: str = "",
) -> Moments:
    """The same, with the zones: the row's where `zones` are given."""
    texts, rulings = whole(values), rulings or Rulings()
    if zones is None:
        encoded = texts.dictionary_encode()
        local = pa.repeat(pa.scalar(source.time_zone, pa.string()), len(encoded.dictionary))
        read = _with_zones(encoded.dictionary, _distinct(encoded.dictionary, source, rulings, column), local)
        return Moments(read.instants.take(encoded.indices), read.zones.take(encoded.indices))
    local = pc.if_else(pc.is_null(texts), pa.scalar(None, pa.string()), pc.coalesce(whole(zones), source.time_zone))
    columns, numbers = tuples([texts, local])
    order = rulings.order(column, columns[0], source)
    found = timestamp_column(columns[0], columns[1], order) if columns[0] else pa.array([], _MOMENT)
    return _with_zones(texts, found.take(numbers).cast(_PLAIN), local)


def _distinct(texts: pa.Array, source: Source, rulings: Rulings, column: str) -> pa.Array:
    """Moments of distinct texts; a vote is needed only where they are not all written alike."""
    read = alike_column(texts, source.time_zone)
    if read is None:
        distinct = texts.to_pylist()
        read = timestamp_column(distinct, source.time_zone, rulings.order(column, distinct, source))
    else:
        rulings.alike(column, len(texts), source)
    return read.cast(_PLAIN)


def _with_zones(texts: pa.Array, read: pa.Array, local: pa.Array) -> Moments:
    written = pc.struct_field(pc.extract_regex(texts, _WRITTEN_ZONE), "zone")
    zone = pc.if_else(pc.is_null(read), pa.scalar(None, pa.string()), pc.coalesce(written, local))
    return Moments(read, zone)
