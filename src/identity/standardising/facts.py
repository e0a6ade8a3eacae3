"""Birth dates, gender, company, times, attributes, links and consent of the records of one source."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from identity.sources.base import RecordColumns, Source
from identity.standard.dates import DATE_SCHEMA, date_columns, vote_date_order
from identity.standard.gender import gender_column
from identity.standard.text import fold, value
from identity.standardising.arrays import Texts, tuples
from identity.standardising.delivered import each, text
from identity.standardising.people import Flags, flag
from identity.standardising.rulings import BirthRule, Day, Rulings

_LABEL = re.compile(r"""[^,;"\[\]]+""")
_MIN_REPEATED = 10
_EPOCH_FACTOR = 10
_NEW_YEAR_FACTOR = 3


@dataclass(frozen=True)
class Births:
    """Birth dates by row (columns of `DATE_SCHEMA`), the order voted for the column, and flags."""

    rows: pa.Table
    order: str | None
    flags: Flags


def births(
    rows: pa.Table, source: Source, record: RecordColumns, today: date, rulings: Rulings | None = None
) -> Births:
    """Read birth dates; drop days that stand for "unknown".

    The first day of an epoch (1900-01-01, 1970-01-01 …) is dropped where it stands at least 10 times and 10 times as
    often as a day of this column does on average. Where 1 January holds at least 10 and three times its share of the
    full dates, it means "some time that year" and only the year is kept.
    """
    rulings = rulings or Rulings()
    texts, indices, counts = birth_texts(rows, record)
    if not texts:
        return Births(_no_dates(rows.num_rows), None, [])
    rulings.births = {text: count for text, count in zip(texts, counts, strict=True) if text is not None}
    rule = rulings.standing_birth or birth_rule(rulings.births, source, today)
    rulings.birth = rule
    read = date_columns(texts, rule.order, today=today)
    days = _days(read)
    unknown = [day in rule.unknown for day in days]
    year_only = [
        rule.new_year_is_unknown and day is not None and day[1:] == (1, 1) and day not in rule.unknown for day in days
    ]
    given = pa.array([text is not None for text in texts], pa.bool_())
    flags = [
        flag("birth_date_unreadable", pc.and_(given, pc.is_null(read.column("text"))), indices),
        flag("birth_date_impossible", read.column("impossible"), indices),
        flag("birth_date_repaired", read.column("repaired"), indices),
        flag("birth_date_placeholder", pa.array(unknown, pa.bool_()), indices),
        flag("birth_date_year_only", pa.array(year_only, pa.bool_()), indices),
    ]
    return Births(_without(read, unknown, year_only).take(indices), str(rule.order), flags)


def birth_texts(rows: pa.Table, record: RecordColumns) -> tuple[Texts, pa.Array, list[int]]:
    """Distinct birth dates as delivered, their numbers row by row, and how often each stands; empty without any."""
    whole_dates = text(rows, record.birth_date)
    if not each(rows, record.birth_date):
        whole_dates = _from_parts(rows, record)
    if whole_dates.null_count == rows.num_rows:
        return [], pa.array([], pa.int64()), []
    parts, indices = tuples([whole_dates])
    size = len(parts[0])
    counts = np.bincount(np.asarray(pc.fill_null(indices, size).to_numpy(), dtype=np.int64), minlength=size + 1)[:-1]
    return parts[0], indices, counts.tolist()


def birth_rule(births: Mapping[str, int], source: Source, today: date) -> BirthRule:
    """How a column of birth dates is read, from its distinct texts and how often each stands; see `births`."""
    texts = sorted(births)
    order = vote_date_order(texts, hint=source.date_order, region=source.region)
    read = date_columns(texts, order, today=today)
    days: Counter[Day] = Counter()
    epochs: set[Day] = set()
    for day, said, suspect in zip(_days(read), texts, read.column("suspect").to_pylist(), strict=True):
        if day is not None:
            days[day] += births[said]
            if suspect:
                epochs.add(day)
    total = sum(days.values())
    average = total / len(days) if days else 0
    unknown = frozenset(day for day in epochs if days[day] >= max(_MIN_REPEATED, _EPOCH_FACTOR * average))
    rest = total - sum(days[day] for day in unknown)
    new_year = sum(count for day, count in days.items() if day[1:] == (1, 1) and day not in unknown)
    return BirthRule(order, unknown, new_year >= max(_MIN_REPEATED, _NEW_YEAR_FACTOR * rest / 365.25))


def _days(read: pa.Table) -> list[Day | None]:
    """The full dates among readings; a zero part counts as missing."""
    parts = zip(*(read.column(name).to_pylist() for name in ("year", "month", "day")), strict=True)
    return [(year, month, day) if year and month and day else None for year, month, day in parts]


def _no_dates(rows: int) -> pa.Table:
    return pa.table([pa.nulls(rows, each_one.type) for each_one in DATE_SCHEMA], schema=DATE_SCHEMA)


def _from_parts(rows: pa.Table, record: RecordColumns) -> pa.Array:
    """One text from columns for year, month and day: `1990-07-04`, `1990-07`, `1990` or `--07-04`."""
    groups, indices = tuples([text(rows, names) for names in (record.birth_year, record.birth_month, record.birth_day)])
    texts = [_date_text(*(_number(part) for part in parts)) for parts in zip(*groups, strict=True)]
    return pa.array(texts, pa.string()).take(indices)


def _number(part: str | None) -> int | None:
    bare = (part or "").strip().removesuffix(".0")
    return int(bare) if bare.isascii() and bare.isdigit() and len(bare) <= 4 else None


def _date_text(year: int | None, month: int | None, day: int | None) -> str | None:
    if year is None:
        return f"--{month:02d}-{day:02d}" if month and day else None
    if not month:
        return f"{year:04d}"
    return f"{year:04d}-{month:02d}-{day:02d}" if day else f"{year:04d}-{month:02d}"


def _without(read: pa.Table, unknown: list[bool], year_only: list[bool]) -> pa.Table:
    nothing = pa.array(unknown, pa.bool_())
    partial = pc.or_(nothing, pa.array(year_only, pa.bool_()))
    for name in ("year", "month", "day", "date"):
        dropped = nothing if name == "year" else partial
        column = read.column(name)
        kept = pc.if_else(dropped, pa.scalar(None, column.type), column)
        read = read.set_column(read.column_names.index(name), name, kept)
    return read


def attributes(rows: pa.Table, record: RecordColumns) -> pa.Table:
    """Further facts as folded values, one row each, with `_index`."""
    tables = []
    for name, headers in sorted(record.attributes.items()):
        parts, indices = tuples([text(rows, headers)])
        folded = pa.array([_folded(text) for text in parts[0]], pa.string()).take(indices)
        chosen = pa.array(np.nonzero(pc.is_valid(folded).to_numpy(zero_copy_only=False))[0])
        tables.append(
            pa.table({"_index": chosen, "name": pa.repeat(pa.scalar(name), len(chosen)), "value": folded.take(chosen)})
        )
    schema = pa.schema([("_index", pa.int64()), ("name", pa.string()), ("value", pa.string())])
    return pa.concat_tables(tables) if tables else schema.empty_table()


def _folded(text: str | None) -> str | None:
    cleaned = value(text)
    return (fold(cleaned) or None) if cleaned is not None else None


def cleaned(rows: pa.Table, names: tuple[str, ...] | str) -> pa.Array:
    """A plain text column, placeholders as nulls."""
    parts, indices = tuples([text(rows, names)])
    return pa.array([value(text) for text in parts[0]], pa.string()).take(indices)


def tags(rows: pa.Table, record: RecordColumns) -> pa.Array:
    """Labels of the records, lower case, each once, sorted; null without any."""
    parts, indices = tuples([text(rows, record.tags)])
    return pa.array([_labels(said) for said in parts[0]], pa.list_(pa.string())).take(indices)


def _labels(said: str | None) -> list[str] | None:
    found = {part.strip().casefold() for part in _LABEL.findall(said or "")} - {""}
    return sorted(found) or None


def genders(rows: pa.Table, record: RecordColumns) -> pa.Array:
    """Gender of the records."""
    parts, indices = tuples([text(rows, record.gender)])
    return gender_column(parts[0]).take(indices)
