"""Columns of times that are written alike, read as whole arrays of bytes.

An export writes all times of a column in one way: `2024-05-06 07:08:09 -0400`, `2024-05-06T07:08:09Z`, `2024-05-06`.
Such a column needs no look at single values. A test proves the arrays equal to the one-value function.
"""

import re
from datetime import UTC, datetime, timedelta, tzinfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Moments = npt.NDArray[np.datetime64]
Bytes = npt.NDArray[np.uint8]

WRITTEN_ZONE = r"(?:\s?([+-](?:[01][0-9]|2[0-3]):?[0-5][0-9]|Z))?"
_TAIL = re.compile(rf"(\.[0-9]{{1,6}})?{WRITTEN_ZONE}", re.ASCII)
_DAY, _MINUTE, _SECOND = 10, 16, 19  # bytes up to and with the day, the minute, the second
_DIGITS = (0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18)
_MARKS = {4: b"-", 7: b"-", 10: b"T ", 13: b":", 16: b":"}
_QUARTER = 900_000_000  # microseconds
_MAX_TAILS = 1_000


def moments_alike(texts: pa.Array, zone: tzinfo) -> Moments | None:
    """UTC moments of texts of one length, all `YYYY-MM-DD[ hh:mm[:ss[fraction][zone]]]`; None for any other column.

    `zone` is where times without a written zone are local; either all or none have one.
    """
    raw = _matrix(texts)
    if raw is None or not _is_shaped(raw):
        return None
    tail = _tail(raw[:, _SECOND:])
    if tail is None:
        return None
    has_zone, beyond = tail
    moments, exists = local_moments(raw[:, :_SECOND])
    if not exists.all():
        return None
    return (moments if has_zone else to_utc(moments, zone)) + beyond


def _matrix(texts: pa.Array) -> Bytes | None:
    """One row of bytes per text; None where the lengths differ, a text is null or no length is that of a time."""
    if texts.null_count or not len(texts):
        return None
    lengths = pc.min_max(pc.binary_length(texts))
    size = lengths["min"].as_py()
    if size != lengths["max"].as_py() or not (size in {_DAY, _MINUTE} or _SECOND <= size < 2 * _SECOND):
        return None
    offsets = np.frombuffer(texts.buffers()[1], dtype=np.int32)
    start = int(offsets[texts.offset])
    flat = np.frombuffer(texts.buffers()[2], dtype=np.uint8)[start : start + size * len(texts)]
    return flat.reshape(len(texts), size)


def _is_shaped(raw: Bytes) -> bool:
    size = min(raw.shape[1], _SECOND)
    for column in (place for place in _DIGITS if place < size):
        if ((raw[:, column] < ord("0")) | (raw[:, column] > ord("9"))).any():
            return False
    return all(np.isin(raw[:, place], list(marks)).all() for place, marks in _MARKS.items() if place < size)


def _tail(raw: Bytes) -> tuple[bool, npt.NDArray[np.timedelta64]] | None:
    """Whether a zone is written behind the second, and what fraction and offset add; None for any other text."""
    rows, size = raw.shape
    if not size:
        return False, np.zeros(rows, dtype="timedelta64[us]")
    tails, position = np.unique(np.ascontiguousarray(raw).view(f"S{size}").ravel(), return_inverse=True)
    if len(tails) > _MAX_TAILS:
        return None
    found = [_TAIL.fullmatch(tail.decode("latin-1")) for tail in tails.tolist()]
    read = [match.groups() for match in found if match is not None]
    zones = {zone is not None for _, zone in read}
    if len(read) < len(tails) or len(zones) != 1:
        return None
    added = np.array([beyond(fraction, zone) for fraction, zone in read], dtype="timedelta64[us]")
    return zones.pop(), added[position]


def beyond(fraction: str | None, offset: str | None) -> int:
    """Microseconds to add for a fraction of a second and a written offset."""
    micros = int(fraction[1:].ljust(6, "0")) if fraction else 0
    if offset is None or offset in "Zz":
        return micros
    minutes = int(offset[-5:-3] if ":" in offset else offset[-4:-2]) * 60 + int(offset[-2:])
    return micros - minutes * 60_000_000 * (-1 if "-" in offset else 1)


def _number(raw: Bytes, start: int, size: int) -> npt.NDArray[np.int64]:
    out = np.zeros(len(raw), dtype=np.int64)
    for column in range(start, min(start + size, raw.shape[1])):
        out = out * 10 + (raw[:, column].astype(np.int64) - ord("0"))
    return out


def local_moments(raw: Bytes) -> tuple[Moments, npt.NDArray[np.bool_]]:
    """Moments of rows of digits and marks, `YYYY-MM-DD hh:mm:ss` or its beginning; also which of them exist."""
    year, month, day = _number(raw, 0, 4), _number(raw, 5, 2), _number(raw, 8, 2)
    hour, minute, second = _number(raw, 11, 2), _number(raw, 14, 2), _number(raw, 17, 2)
    exists = (month >= 1) & (month <= 12) & (day >= 1) & (hour <= 23) & (minute <= 59) & (second <= 59)
    exists &= (year >= 1970) & (year < 2100)
    months = (np.where(exists, year, 1970) - 1970) * 12 + np.where(exists, month, 1) - 1
    first = months.astype("datetime64[M]").astype("datetime64[D]")
    days = first + np.where(exists, day - 1, 0).astype("timedelta64[D]")
    exists &= days.astype("datetime64[M]").astype(np.int64) == months
    seconds = hour * 3600 + minute * 60 + second
    return days.astype("datetime64[us]") + (seconds * 1_000_000).astype("timedelta64[us]"), exists


def to_utc(local: Moments, zone: tzinfo) -> Moments:
    """Shift local moments by the zone's offset, looked up once per quarter of an hour (no zone changes in between)."""
    micros = local.astype(np.int64)
    if zone is UTC:
        return local
    quarters, position = np.unique(micros // _QUARTER, return_inverse=True)
    start = datetime(1970, 1, 1)  # noqa: DTZ001 - local time, its zone follows
    offsets = [
        (start + timedelta(microseconds=int(quarter) * _QUARTER)).replace(tzinfo=zone).utcoffset() or timedelta(0)
        for quarter in quarters
    ]
    shift = np.array([offset // timedelta(microseconds=1) for offset in offsets], dtype=np.int64)
    return (micros - shift[position]).astype("datetime64[us]")
