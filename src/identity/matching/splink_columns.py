"""The values a Splink model looks at: int32 codes per record, text once per distinct value.

A value of one record (`splink_tree.OneSide`) is a column or SQL over columns. SQL is evaluated by DuckDB over the
distinct values of its column, or over the records where it needs several columns.
"""

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import sqlglot
from numpy.typing import NDArray
from sqlglot import exp

from identity.errors import ConfigurationError
from identity.matching.records import Bools, Ints, Longs
from identity.matching.splink_tree import OneSide

MOST_BYTES = 2**31 - 2**20
"""Bytes of text that one Arrow array of short offsets can hold."""
Doubles = NDArray[np.float64]
Masks = NDArray[np.uint64]


@dataclass(frozen=True)
class Coded:
    """`codes` [records], -1 for null, and the distinct `values`."""

    codes: Ints
    values: pa.Array

    def numbers(self) -> Doubles:
        """The values as numbers, per record, NaN for null."""
        if pa.types.is_date(self.values.type) or pa.types.is_timestamp(self.values.type):
            raise ConfigurationError("a date is no number: compare epoch(date) or datediff")
        numbers = np.append(self.values.cast(pa.float64()).to_numpy(zero_copy_only=False), np.nan)
        return np.asarray(numbers[self.codes], dtype=np.float64)

    def answers(self, *, wanted: bool) -> Bools:
        """Per record whether a condition gives the wanted answer; null gives none."""
        found = pc.equal(self.values, pa.scalar(wanted)).fill_null(False)
        return np.asarray(np.append(found.to_numpy(zero_copy_only=False), False)[self.codes], dtype=bool)

    def shares(self) -> Doubles:
        """Share of each distinct value among the records that have one."""
        counts = np.bincount(self.codes[self.codes >= 0], minlength=len(self.values))
        return counts / max(int(counts.sum()), 1)


@dataclass(frozen=True)
class Lists:
    """Arrays: distinct elements of each record as ascending `keys` (record × `width` + element's code).

    The keys of a record begin at its entry in `starts`; `missing` tells which records have no array.
    """

    starts: Longs
    keys: Longs
    width: int
    missing: Bools


class Columns:
    """A table of records in the order of their ids, encoded as far as a model asks for it. Close it by `close`."""

    def __init__(self, table: pa.Table, order: Longs | None, threads: int) -> None:
        """`order` are the rows in the order of the ids, None where they stand so."""
        self._order = order
        self._names = {name.lower(): name for name in table.column_names}
        self._table = table
        self._threads = threads
        self._database: duckdb.DuckDBPyConnection | None = None
        self._coded: dict[str, Coded] = {}
        self._lists: dict[str, Lists] = {}

    def close(self) -> None:
        """Let go of DuckDB."""
        if self._database is not None:
            self._database.close()

    @property
    def size(self) -> int:
        """Number of records."""
        return int(self._table.num_rows)

    def missing(self, columns: Sequence[str]) -> list[str]:
        """Those columns the table does not have."""
        return sorted({name for name in columns if name not in self._names})

    def is_list(self, of: OneSide) -> bool:
        """Whether a value is an array column as it stands."""
        kind = self._table.schema.field(self._names[of.columns[0]]).type
        return of.bare and (pa.types.is_list(kind) or pa.types.is_large_list(kind))

    def prepare(self, wanted: Sequence[OneSide], pool: Executor) -> None:
        """Encode the columns of all values at once."""
        bare = {name for of in wanted for name in of.columns if len(of.columns) == 1 and not self.is_list(of)}
        names = sorted(bare - self._coded.keys())
        self._coded |= dict(zip(names, pool.map(self._encode, names), strict=True))

    def coded(self, of: OneSide) -> Coded:
        """The codes of a value."""
        key = of.columns[0] if of.bare else of.sql
        if key not in self._coded:
            self._coded[key] = self._encode(key) if of.bare else self._evaluate(of)
        return self._coded[key]

    def shared(self, left: OneSide, right: OneSide) -> tuple[Ints, Ints, int]:
        """Codes of two values over one vocabulary (equal codes, equal values), and its size."""
        one, other = self.coded(left), self.coded(right)
        if one is other:
            return one.codes, one.codes, len(one.values)
        kind = one.values.type if one.values.type == other.values.type else pa.string()
        both = pa.chunked_array([one.values.cast(kind), other.values.cast(kind)]).combine_chunks().dictionary_encode()
        codes = np.append(both.indices.to_numpy().astype(np.int32), np.int32(-1))
        of_other = np.append(codes[len(one.values) : -1], np.int32(-1))
        of_one = np.append(codes[: len(one.values)], np.int32(-1))
        return of_one[one.codes], of_other[other.codes], len(both.dictionary)

    def lists(self, of: OneSide) -> Lists:
        """The elements of an array column."""
        name = of.columns[0]
        if name not in self._lists:
            if not self.is_list(of):
                raise ConfigurationError(f"column {name} holds no arrays, but the model intersects it as one")
            array = self._table[self._names[name]]
            self._lists[name] = _lists(array if self._order is None else array.take(pa.array(self._order)))
        return self._lists[name]

    def _encode(self, name: str) -> Coded:
        array = self._table[self._names[name]]
        found = _encoded(array)
        return Coded(self._in_order(found.codes), found.values)

    def _in_order(self, codes: Ints) -> Ints:
        return codes if self._order is None else codes[self._order]

    def _evaluate(self, of: OneSide) -> Coded:
        """Once per distinct value of one column, per record of several."""
        if len(of.columns) > 1:
            names = [self._names[name] for name in of.columns]
            found = _encoded(self._ask(of, self._table.select(names).rename_columns(list(of.columns))))
            return Coded(self._in_order(found.codes), found.values)
        base = self.coded(OneSide(of.columns[0], of.columns, bare=True, side=of.side))
        found = _encoded(self._ask(of, pa.table({of.columns[0]: base.values})))
        of_missing = self._ask(of, pa.table({of.columns[0]: pa.nulls(1, base.values.type)}))
        return _with_missing(base, found, of_missing)

    def _ask(self, of: OneSide, table: pa.Table) -> pa.ChunkedArray:
        """The value of every row; the SQL was checked when the model was read."""
        value = exp.alias_(sqlglot.parse_one(of.sql, read="duckdb"), "value", quoted=True)
        query = exp.select(value).from_("given").sql("duckdb")
        if self._database is None:
            self._database = duckdb.connect(config={"threads": str(self._threads), "enable_external_access": "false"})
        self._database.register("given", table)
        answer: pa.ChunkedArray = self._database.sql(query).to_arrow_table()["value"]
        self._database.unregister("given")
        return answer


def _encoded(values: pa.ChunkedArray) -> Coded:
    """Distinct values in order of first appearance; one pass over one array is the fastest way."""
    if values.type == pa.null():
        return Coded(np.full(len(values), -1, np.int32), pa.array([], pa.string()))
    if pa.types.is_string(values.type) and values.nbytes >= MOST_BYTES:
        values = values.cast(pa.large_string())
    if pa.types.is_dictionary(values.type):
        values = values.unify_dictionaries()
    array = pa.concat_arrays(values.chunks) if values.num_chunks else pa.array([], values.type)
    encoded = array if pa.types.is_dictionary(array.type) else array.dictionary_encode()
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32, copy=False)
    return Coded(codes, encoded.dictionary)


def _with_missing(base: Coded, found: Coded, of_missing: pa.ChunkedArray) -> Coded:
    """Per record: what its value gives, or what a missing value gives (`coalesce(a, '')` is no null)."""
    values = found.values
    last = np.int32(-1)
    if of_missing.null_count == 0:
        values = values if len(values) else pa.array([], of_missing.type)
        at = pc.index(values, of_missing[0]).as_py()
        if at < 0:
            values = pa.concat_arrays([values, of_missing.combine_chunks().cast(values.type)])
            at = len(values) - 1
        last = np.int32(at)
    return Coded(np.append(found.codes, last)[base.codes], values)


def _lists(array: pa.ChunkedArray) -> Lists:
    whole = pa.concat_arrays(array.chunks) if array.num_chunks else pa.array([], array.type)
    record = pc.list_parent_indices(whole).to_numpy(zero_copy_only=False).astype(np.int64)
    element = _encoded(pa.chunked_array([pc.list_flatten(whole)]))
    known = element.codes >= 0
    width = max(len(element.values), 1)
    keys = np.unique(record[known] * width + element.codes[known])
    starts = np.searchsorted(keys, np.arange(len(whole) + 1) * width)
    missing = np.asarray(pc.is_null(whole).to_numpy(zero_copy_only=False), dtype=bool)
    return Lists(starts.astype(np.int64), keys, width, missing)
