"""Moments in time: every spelling of the exports to one UTC instant.

A time without zone is local to the zone of its source. Where clocks are set back, the first of the two moments is
meant; a time that was skipped counts on from before the change (PEP 495, `fold=0`). Common shapes of a column are
read as whole arrays; a test proves the arrays equal to the one-value function.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from identity.standard.columns import Texts
from identity.standard.dates import DateOrder, parse_date
from identity.standard.stamp_arrays import WRITTEN_ZONE, beyond, local_moments, moments_alike, to_utc
from identity.standard.tables_of_words import mapping
from identity.standard.text import clean

_STAMP = re.compile(
    r"(?P<date>.*?[0-9]{1,4})(?:T|,?\s)\s*(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})"
    r"(?::(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]{1,9}))?)?\s*(?P<half>[ap]\.?m\.?)?\s*"
    r"(?P<zone>Z|[+-][0-9]{2}:?[0-9]{2}|[+-][0-9]{2}|[A-Z]{2,5})?",
    re.IGNORECASE,
)
_EPOCH = re.compile(r"([0-9]{10})(?:\.([0-9]{1,9}))?|([0-9]{13})|([0-9]{16})")
_OFFSET = re.compile(r"([+-])([0-9]{2}):?([0-9]{2})?")
_DAY, _MINUTE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}", r"[T ][0-9]{2}:[0-9]{2}"
# Day and time (1), fraction (2), zone (3); or to the minute (4), zone (5); or the day alone (6).
_SHAPE = re.compile(
    rf"({_DAY}{_MINUTE}:[0-9]{{2}})(\.[0-9]{{1,6}})?{WRITTEN_ZONE}|({_DAY}{_MINUTE}){WRITTEN_ZONE}|({_DAY})", re.ASCII
)
_ABBREVIATED = {
    "UTC": 0, "GMT": 0, "Z": 0, "EST": -300, "EDT": -240, "CST": -360, "CDT": -300, "MST": -420, "MDT": -360,
    "PST": -480, "PDT": -420, "AKST": -540, "AKDT": -480, "HST": -600, "CET": 60, "CEST": 120, "EET": 120, "EEST": 180,
    "WET": 0, "WEST": 60, "BST": 60, "AEST": 600, "AEDT": 660, "NZST": 720, "NZDT": 780, "JST": 540,
}  # fmt: skip
_FIRST_EPOCH = 315_532_800  # 1980-01-01: smaller ten-digit numbers do not exist, eight digits are dates
_MAX_TEXT = 80


@lru_cache(maxsize=1_000)
def zone_of(name: str | None) -> tzinfo | None:
    """Return the zone by IANA name, Rails or Windows name, `UTC` or offset (`-0500`); None for an unknown name."""
    if name is None or name.strip().upper() in {"", "Z", "UTC", "GMT"}:
        return UTC if name else None
    wanted = name.strip()
    if (match := _OFFSET.fullmatch(wanted)) is not None:
        return _fixed(match)
    key = mapping("zones", "zone", "iana").get(wanted, wanted)
    try:
        return ZoneInfo(key)
    except (KeyError, ValueError, OSError):
        return None


def _fixed(match: re.Match[str]) -> tzinfo | None:
    minutes = int(match[2]) * 60 + int(match[3] or 0)
    if minutes >= 24 * 60:
        return None
    return timezone(timedelta(minutes=-minutes if match[1] == "-" else minutes))


def _written_zone(text: str | None) -> tzinfo | None:
    """Zone written behind the time; None where none is, or an unknown one."""
    if text is None:
        return None
    if (match := _OFFSET.fullmatch(text)) is not None:
        return _fixed(match)
    minutes = _ABBREVIATED.get(text.upper())
    return None if minutes is None else timezone(timedelta(minutes=minutes))


def _epoch(match: re.Match[str]) -> datetime | None:
    seconds, fraction, milli, micro = match.groups()
    if seconds:
        microseconds = int(seconds) * 1_000_000 + int((fraction or "").ljust(6, "0")[:6])
    else:
        microseconds = int(milli) * 1_000 if milli else int(micro)
    if microseconds < _FIRST_EPOCH * 1_000_000:
        return None
    return _known_era(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds))


def _time_of(match: re.Match[str]) -> timedelta | None:
    hour, minute, second = int(match["hour"]), int(match["minute"]), int(match["second"] or 0)
    if match["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if match["half"][0] in "pP" else 0)
    if hour > 23 or minute > 59 or second > 59:
        return None
    microsecond = int((match["fraction"] or "").ljust(6, "0")[:6])
    return timedelta(hours=hour, minutes=minute, seconds=second, microseconds=microsecond)


def parse_timestamp(
    text: str | None, zone: str | None = None, order: DateOrder | str = DateOrder.MDY
) -> datetime | None:
    """Read one moment as UTC; None where the text holds none.

    Reads ISO 8601 with `T` or space, fraction, offset or `Z`; `10/05/2026 2:30:00 PM` in the given order; minute
    precision; a date alone (midnight); seconds, milli- and microseconds since 1970. `zone` (IANA, Rails or offset;
    UTC if not given or unknown) applies where the text names none.
    """
    cleaned = clean(text)
    if cleaned is None or len(cleaned) > _MAX_TEXT or not cleaned.isascii():
        return None
    if (epoch := _EPOCH.fullmatch(cleaned)) is not None:
        return _epoch(epoch)
    match = _STAMP.fullmatch(cleaned)
    day = parse_date(cleaned if match is None else match["date"], order)
    if day is None or day.year is None or day.month is None or day.day is None or day.repaired:
        return None
    since_midnight = timedelta(0) if match is None else _time_of(match)
    if since_midnight is None:
        return None
    written = None if match is None else match["zone"]
    known = _written_zone(written)
    if written is not None and known is None:
        return None
    local = datetime(day.year, day.month, day.day, tzinfo=known or zone_of(zone) or UTC) + since_midnight
    return _known_era(local.astimezone(UTC))


def _known_era(moment: datetime) -> datetime | None:
    """The years in which `dates` reads dates."""
    return moment if 1000 <= moment.year <= 2100 else None


def timestamp_column(
    values: Texts, zone: str | Sequence[str | None] | None = None, order: DateOrder | str = DateOrder.MDY
) -> pa.Array:
    """Read distinct moments: a `timestamp[us, UTC]` array of the same length, null where none could be read.

    `zone` is one zone for all values or one per value.
    """
    out = np.full(len(values), np.datetime64("NaT"), dtype="datetime64[us]")
    zones = [zone] * len(values) if zone is None or isinstance(zone, str) else list(zone)
    shaped: dict[tuple[bool, str | None], list[tuple[int, str, int]]] = {}
    others: list[int] = []
    for index, text in enumerate(values):
        match = _SHAPE.fullmatch(text) if text is not None else None
        if match is None:
            others.append(index)
        else:
            second, fraction, zone_1, minute, zone_2, day = match.groups()
            written = zone_1 or zone_2
            key = written is not None, None if written else zones[index]
            shaped.setdefault(key, []).append((index, second or minute or day, beyond(fraction, written)))
    for (has_zone, name), entries in shaped.items():
        indices = np.array([entry[0] for entry in entries])
        stamps = np.array([entry[1] for entry in entries], dtype="S19")
        raw = np.frombuffer(stamps.tobytes(), dtype=np.uint8).reshape(len(stamps), 19).copy()
        raw[raw == 0] = ord("0")
        moments, exists = local_moments(raw)
        moments = moments if has_zone else to_utc(moments, zone_of(name) or UTC)
        out[indices] = moments + np.array([entry[2] for entry in entries], dtype="timedelta64[us]")
        others.extend(indices[~exists].tolist())
    for index in others:
        at = parse_timestamp(values[index], zones[index], order)
        out[index] = np.datetime64("NaT") if at is None else np.datetime64(at.replace(tzinfo=None), "us")
    return pa.array(out, type=pa.timestamp("us", tz="UTC"))


def alike_column(texts: pa.Array, zone: str | None) -> pa.Array | None:
    """What `timestamp_column` returns, for distinct texts that are all written alike and exist; None for others."""
    moments = moments_alike(texts, zone_of(zone) or UTC)
    return None if moments is None else pa.array(moments, type=pa.timestamp("us", tz="UTC"))
