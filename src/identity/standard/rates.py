"""Exchange rates by day, from the file that `[money] rates` names.

    date,currency,rate
    2025-01-02,USD,0.9709

`rate` is what one unit of `currency` is worth in the reporting currency: 0.9709 where a dollar buys 0.9709 euros.
A rate holds from its day until the next one of its currency.
"""

import csv
import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow as pa

from identity.errors import ConfigurationError

RATES = pa.schema([("date", pa.date32()), ("currency", pa.string()), ("rate", pa.decimal128(18, 8))])
_COLUMNS = ("date", "currency", "rate")
_CODE, _RATE = re.compile(r"[A-Z]{3}"), re.compile(r"[0-9]{1,9}(?:\.[0-9]+)?")
_PLACES = Decimal("0.00000001")


def read_rates(path: Path | None) -> pa.Table:
    """The rates of a file as a table of `RATES`; no rates without a file.

    Raises ConfigurationError naming the file, the line and what is wrong: a column is missing, a date, currency or
    rate cannot be read, a rate is not above 0, or a day has two rates of one currency.
    """
    if path is None:
        return RATES.empty_table()
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            return _table(path, csv.DictReader(stream))
    except OSError:
        raise ConfigurationError(f"{path}: cannot be read; give [money] rates the path of a CSV file") from None
    except (UnicodeDecodeError, csv.Error):
        raise ConfigurationError(f"{path}: no CSV file in UTF-8") from None


def _table(path: Path, reader: "csv.DictReader[str]") -> pa.Table:
    names = [(name or "").strip().lower() for name in reader.fieldnames or ()]
    missing = [name for name in _COLUMNS if name not in names]
    if missing:
        raise ConfigurationError(f"{path}: no column {', '.join(missing)}; the header is date,currency,rate")
    reader.fieldnames = names
    found: dict[tuple[date, str], Decimal] = {}
    for row in reader:
        if not any((row[name] or "").strip() for name in _COLUMNS):
            continue
        place = f"{path}: line {reader.line_num}"
        key, rate = _row(place, *((row[name] or "").strip() for name in _COLUMNS))
        if found.setdefault(key, rate) != rate:
            raise ConfigurationError(f"{place}: a second rate of {key[1]} on {key[0]}; leave one")
    rows = sorted((day, currency, rate) for (day, currency), rate in found.items())
    columns = zip(*rows, strict=True) if rows else ((), (), ())
    return pa.table([pa.array(list(c), f.type) for c, f in zip(columns, RATES, strict=True)], schema=RATES)


def _row(place: str, day: str, currency: str, rate: str) -> tuple[tuple[date, str], Decimal]:
    try:
        when = date.fromisoformat(day)
    except ValueError:
        raise ConfigurationError(f"{place}: no date; write it as 2025-01-31") from None
    if not _CODE.fullmatch(currency.upper()):
        raise ConfigurationError(f"{place}: no currency; write its three letters, such as USD")
    value = Decimal(rate).quantize(_PLACES) if _RATE.fullmatch(rate) else Decimal(0)
    if value <= 0:
        raise ConfigurationError(f"{place}: no rate above 0; write it as 0.9709")
    return (when, currency.upper()), value
