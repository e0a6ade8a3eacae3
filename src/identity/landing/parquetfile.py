"""Landing Parquet: every column as exact text, after reading the whole file with its page checksums."""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from identity.landing.account import Account
from identity.landing.headers import column_names
from identity.landing.model import Reading, Refusal, Sink
from identity.settings_groups import LimitSettings

_BATCH = 50_000
_EXACT = 2**53
_DAMAGED = "the Parquet file cannot be read to its end; have it written and delivered again"


@contextmanager
def opened(path: Path) -> Iterator[pq.ParquetFile]:
    """A Parquet file; anything that goes wrong while it is read is a Refusal."""
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            yield file
    except (pa.ArrowException, OSError, ValueError, OverflowError, MemoryError, UnicodeDecodeError):
        raise Refusal("damaged_parquet", _DAMAGED) from None


def check_limits(file: pq.ParquetFile, size: int, limits: LimitSettings) -> None:
    """Refuse what its own footer says is too much."""
    about = file.metadata
    if len(file.schema_arrow.names) > limits.max_columns:
        raise Refusal("too_many_columns", f"more than {limits.max_columns} columns; check the export")
    if about.num_rows > limits.max_rows:
        raise Refusal("too_many_rows", f"more than {limits.max_rows} rows; split the export")
    inflated = sum(about.row_group(group).total_byte_size for group in range(about.num_row_groups))
    if inflated > max(size * limits.max_inflation, 1 << 20):
        raise Refusal("inflation", f"inflates to more than {limits.max_inflation} times its size; split the export")
    if inflated > 4 * limits.max_file_bytes:
        raise Refusal("too_large", f"more than {4 * limits.max_file_bytes} bytes when unpacked; split the export")


def read_parquet(path: Path, limits: LimitSettings, sink: Sink) -> tuple[Reading, tuple[str, ...]]:
    """Read every row; returns the reading and the column names. Raises Refusal where the file is damaged."""
    account = Account(limits, sink, by_line=False)
    with opened(path) as file:
        check_limits(file, path.stat().st_size, limits)
        names = column_names(file.schema_arrow.names)
        seen = 0
        for batch in file.iter_batches(batch_size=_BATCH, use_threads=False):
            seen += batch.num_rows
            if batch.num_rows:
                _deliver(account, as_text(batch, names))
        if seen != file.metadata.num_rows:
            raise Refusal("damaged_parquet", _DAMAGED)
    return Reading(account.landed, tuple(account.rejected)), names


def as_text(batch: pa.RecordBatch, names: tuple[str, ...]) -> pa.Table:
    """The columns as exact text, null where empty."""
    return pa.table([_text(column) for column in batch.columns], names=list(names))


def _deliver(account: Account, rows: pa.Table) -> None:
    problems: dict[int, str] = {}
    for column in rows.columns:
        lengths = pc.fill_null(pc.binary_length(column), 0).to_numpy()
        problems |= dict.fromkeys(np.flatnonzero(lengths > account.limits.max_field_bytes).tolist(), "field_too_long")
        zeros = pc.fill_null(pc.match_substring(column, "\0"), False).to_numpy()
        problems |= dict.fromkeys(np.flatnonzero(zeros).tolist(), "nul_byte")
    empty = np.ones(rows.num_rows, bool)
    for column in rows.columns:
        empty &= column.is_null().to_numpy()
    problems |= dict.fromkeys(np.flatnonzero(empty).tolist(), "blank_row")
    keep = np.ones(rows.num_rows, bool)
    keep[list(problems)] = False
    good = rows if keep.all() else rows.filter(pa.array(keep))
    account.deliver(np.zeros(rows.num_rows, np.int64), good, problems, lambda index: _raw(rows, index))


def _raw(rows: pa.Table, index: int) -> bytes:
    return json.dumps(rows.slice(index, 1).to_pylist()[0], ensure_ascii=False).encode("utf-8")


def _text(column: pa.Array) -> pa.Array:
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.dictionary_decode()
        kind = column.type
    if pa.types.is_floating(kind):
        text = _float_text(column)
    elif pa.types.is_timestamp(kind) or pa.types.is_time(kind):
        text = pc.replace_substring_regex(_plain_time(column), r"\.(\d*?)0+(Z?)$", r".\1\2")
        text = pc.replace_substring_regex(text, r"\.(Z?)$", r"\1")
    elif pa.types.is_nested(kind):
        text = pa.array([None if v is None else _json(v) for v in column.to_pylist()], pa.string())
    elif pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        text = pa.array([None if v is None else _binary_text(v) for v in column.to_pylist()], pa.string())
    elif pa.types.is_duration(kind):
        text = column.cast(pa.int64()).cast(pa.string())
    else:
        text = column.cast(pa.string())
    return pc.if_else(pc.equal(text, ""), None, text)


def _plain_time(column: pa.Array) -> pa.Array:
    """Times as text; with a zone they are given in UTC with a `Z`."""
    kind = column.type
    if pa.types.is_timestamp(kind) and kind.tz is not None:
        column = column.cast(pa.timestamp(kind.unit, "UTC"))
    return column.cast(pa.string())


def _float_text(column: pa.Array) -> pa.Array:
    """Whole numbers without `.0`, NaN as null, others in the shortest text that reads back the same."""
    column = pc.if_else(pc.is_nan(column), None, column)
    numbers = column.cast(pa.float64())
    whole = pc.and_(pc.equal(pc.floor(numbers), numbers), pc.less(pc.abs(numbers), float(_EXACT)))
    digits = pc.if_else(whole, numbers, None).cast(pa.int64()).cast(pa.string())
    if pa.types.is_float16(column.type):
        column = column.cast(pa.float32())
    return pc.if_else(pc.fill_null(whole, False), digits, column.cast(pa.string()))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)


def _binary_text(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return base64.b64encode(value).decode("ascii")
