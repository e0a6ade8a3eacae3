"""Amounts of money as exports write them, to exact decimals. No float is ever involved."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, Literal

import pyarrow as pa

from identity.standard.columns import Texts, schema_of, to_table
from identity.standard.text import clean

DecimalMark = Literal[".", ","]

_SYMBOLS = {
    "$": "USD", "US$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "CA$": "CAD", "C$": "CAD", "A$": "AUD",
    "AU$": "AUD", "NZ$": "NZD", "R$": "BRL", "MX$": "MXN", "kr": None, "zł": "PLN", "₺": "TRY", "₽": "RUB", "₩": "KRW",
    "৳": "BDT", "฿": "THB", "₫": "VND", "₪": "ILS", "₴": "UAH", "₦": "NGN", "₱": "PHP",
    "CHF": "CHF", "Rs": "INR", "Rs.": "INR", "Fr": None, "Fr.": None,
}  # fmt: skip
# Symbols that several currencies share name no currency.
_SHARED = frozenset({"$", "¥", "kr", "Rs", "Rs.", "Fr", "Fr.", "£"})
_CODE = r"[A-Z]{3}"
_MARK = "|".join(re.escape(symbol) for symbol in sorted(_SYMBOLS, key=len, reverse=True))
_AMOUNT = re.compile(
    rf"(?P<open>\()?\s*(?P<sign>[-+−])?\s*(?P<before>{_MARK}|{_CODE})?\s*(?P<sign2>[-+−])?\s*"
    rf"(?P<number>[0-9][0-9.,' ’]*|[.,][0-9]+)\s*(?P<after>{_MARK}|{_CODE})?\s*(?P<sign3>[-−])?\s*(?P<close>\))?"
)
_PLAIN = re.compile(r"(-?)\$?((?:[0-9]{1,3}(?:,[0-9]{3}){1,4}|[0-9]{1,15})(?:\.[0-9]{1,2})?)")
_GROUPED = {
    ".": re.compile(r"[0-9]{1,3}(?:,[0-9]{2,3})*,[0-9]{3}(?:\.[0-9]*)?|[0-9]+(?:\.[0-9]*)?|\.[0-9]+"),
    ",": re.compile(r"[0-9]{1,3}(?:\.[0-9]{3})+(?:,[0-9]*)?|[0-9]+(?:,[0-9]*)?|,[0-9]+"),
}
_LAST_MARK = re.compile(r"[.,](?=[0-9]*$)")
_CENT = Decimal("0.01")
_MAX_DIGITS, _MAX_TEXT = 15, 60


@dataclass(frozen=True, slots=True)
class Money:
    """An amount with two decimals, and the currency where the text names exactly one."""

    amount: Decimal
    currency: str | None


MONEY_SCHEMA = schema_of(amount=pa.decimal128(18, 2), currency=pa.string())


def vote_decimal_mark(values: Iterable[str | None]) -> DecimalMark:
    """Return the decimal mark of a column, from all its distinct values: `1.234,56` or `1,234.56`.

    Two marks in one number, or one mark with one or two digits behind it, decide; three digits behind a single mark
    (`1,250`) are thousands of either kind and do not vote. Without votes the point wins.
    """
    votes = {".": 0, ",": 0}
    for text in {value for value in values if value}:
        digits = re.sub(r"[^0-9.,]", "", text).strip(".,")
        last = _LAST_MARK.search(digits)
        if last is None:
            continue
        mark, behind = digits[last.start()], len(digits) - last.start() - 1
        others = digits[: last.start()]
        if mark not in others and ((("," if mark == "." else ".") in others) or behind in {1, 2}):
            votes[mark] += 1
    return "," if votes[","] > votes["."] else "."


def _row(text: str | None, mark: DecimalMark) -> tuple[Any, ...] | None:
    if text is None:
        return None
    plain_text = _PLAIN.fullmatch(text) if mark == "." else None
    if plain_text is not None:
        return _decimal(plain_text[2].replace(",", ""), negative=bool(plain_text[1])), None
    cleaned = clean(text)
    match = _AMOUNT.fullmatch(cleaned) if cleaned is not None and len(cleaned) <= _MAX_TEXT else None
    if match is None or bool(match["open"]) != bool(match["close"]):
        return None
    number = re.sub(r"(?<=[0-9])[' ’](?=[0-9]{3})", "", match["number"].strip())
    if not _GROUPED[mark].fullmatch(number):
        return None
    plain = number.replace(",", "") if mark == "." else number.replace(".", "").replace(",", ".")
    signs = [sign for sign in (match["sign"], match["sign2"], match["sign3"]) if sign]
    amount = _decimal(plain, negative=bool(match["open"]) or any(sign in "-−" for sign in signs))
    if amount is None or len(signs) > 1:
        return None
    symbol = match["before"] or match["after"]
    named = None if symbol is None or symbol in _SHARED else _SYMBOLS.get(symbol, symbol)
    return amount, named


def _decimal(plain: str, *, negative: bool) -> Decimal | None:
    whole = plain.lstrip("-").partition(".")[0].replace(" ", "")
    if len(whole) > _MAX_DIGITS or not any(map(str.isdigit, plain)):
        return None
    amount = Decimal(plain.strip()).quantize(_CENT, rounding=ROUND_HALF_EVEN)
    return (-amount if negative else amount) + Decimal(0)  # no negative zero


def parse_money(text: str | None, mark: DecimalMark = ".") -> Money | None:
    """Read one amount; None where the text holds none or contradicts the column's decimal mark.

    `$1,240.00`, `-$3.00`, `(3.00)` (negative), `1 234,56` with mark `,`, `"1,250"`, `12.50 EUR`. More decimals than two
    are rounded half to even.
    """
    row = _row(text, mark)
    return None if row is None or row[0] is None else Money(*row)


def money_columns(values: Texts, mark: DecimalMark | None = None) -> pa.Table:
    """Standardise distinct amounts: one row of `MONEY_SCHEMA` per value; without `mark` it is voted over the values."""
    settled = vote_decimal_mark(values) if mark is None else mark
    return to_table((_row(text, settled) for text in values), MONEY_SCHEMA)
