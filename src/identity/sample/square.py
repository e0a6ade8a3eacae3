"""Square: the customer directory, and the till's transactions and items."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from identity.sample.csvout import Column, write_csv
from identity.sample.render import Seen
from identity.sample.shop import Lines, Money, draw_lines, goods, local_clock, price
from identity.sample.text import (
    Mask,
    Text,
    Times,
    chance,
    choose,
    digits,
    dollars,
    filled,
    glue,
    keep,
    long_id,
    moment,
    pick,
    texts,
    where,
)

_IDS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CUSTOMER_HEADER = (
    "Reference ID", "First Name", "Last Name", "Email Address", "Phone Number", "Nickname", "Company Name",
    "Street Address 1", "Street Address 2", "City", "State", "Postal Code", "Birthday", "Memo", "Square Customer ID",
    "Creation Source", "First Visit", "Last Visit", "Transaction Count", "Lifetime Spend",
    "Email Subscription Status", "Instant Profile", "Blocked from online booking",
)  # fmt: skip
TRANSACTION_HEADER = (
    "Date", "Time", "Time Zone", "Gross Sales", "Discounts", "Service Charges", "Net Sales", "Gift Card Sales", "Tax",
    "Tip", "Partial Refunds", "Total Collected", "Source", "Card", "Card Entry Methods", "Cash", "Square Gift Card",
    "Other Tender", "Other Tender Type", "Other Tender Note", "Fees", "Net Total", "Transaction ID", "Payment ID",
    "Card Brand", "PAN Suffix", "Device Name", "Staff Name", "Staff ID", "Details", "Description", "Event Type",
    "Location", "Dining Option", "Customer ID", "Customer Name", "Customer Reference ID", "Device Nickname",
    "Third Party Fees", "Deposit ID", "Deposit Date", "Deposit Details", "Fee Percentage Rate", "Fee Fixed Rate",
    "Refund Reason", "Discount Name", "Transaction Status", "Cash App", "Order Reference ID", "Fulfillment Note",
    "Free Processing Applied", "Channel", "Unattributed Tips", "Table Info", "International Fee",
)  # fmt: skip
ITEM_HEADER = (
    "Date", "Time", "Time Zone", "Category", "Item", "Qty", "Price Point Name", "SKU", "Modifiers Applied",
    "Gross Sales", "Discounts", "Net Sales", "Tax", "Transaction ID", "Payment ID", "Device Name", "Notes", "Details",
    "Event Type", "Location", "Dining Option", "Customer ID", "Customer Name", "Customer Reference ID", "Unit",
    "Count", "GTIN", "Itemization Type", "Commission", "Employee", "Fulfillment Note", "Channel", "Token",
    "Card Brand", "PAN Suffix",
)  # fmt: skip
_ZONE = "Eastern Time (US & Canada)"


@dataclass(frozen=True)
class Sales:
    """One row per payment at the till in the order of time; `customer` is a directory row or -1."""

    customer: npt.NDArray[np.int64]
    at: Times
    money: Money
    lines: Lines
    refund: Mask


def make_sales(rng: np.random.Generator, seen: Seen, as_of: np.datetime64) -> Sales:
    """Visits of the directory's customers since they were entered, and as many again by unknown people."""
    visits = np.minimum((rng.pareto(2.0, len(seen)) + 1).astype(np.int64), 30)
    known = np.repeat(np.arange(len(seen)), visits)
    customer = np.concatenate([known, np.full(len(known) // 2 + 1, -1)])
    oldest = as_of.astype("datetime64[s]") - np.timedelta64(730 * 86_400, "s")
    since = np.full(len(customer), oldest)
    since[: len(known)] = np.maximum(seen.created[known], oldest)
    span = (as_of.astype("datetime64[s]") - since).astype(np.int64)
    at = since + (rng.random(len(customer)) * np.maximum(span - 30, 1)).astype("timedelta64[s]")
    order = np.lexsort((customer, at))
    lines = draw_lines(rng, len(customer))
    nowhere = np.zeros(len(customer), dtype=bool)
    money = price(rng, lines, len(customer), shipped=nowhere)
    return Sales(customer[order], at[order], money, lines, chance(rng, len(customer), 0.015))


def write_directory(folder: Path, rng: np.random.Generator, seen: Seen, sales: Sales, as_of: datetime) -> Text:
    """`export-YYYYMMDD-HHMMSS.csv`; returns the customer ids."""
    size = len(seen)
    ids = long_id(np.arange(size), 501, 26, _IDS)
    mine = sales.customer >= 0
    row = sales.customer[mine]
    count = np.bincount(row, minlength=size)
    spend = np.bincount(row, sales.money.total[mine], minlength=size).astype(np.int64)
    first, last = np.full(size, np.datetime64("2200-01-01", "s")), np.full(size, np.datetime64("1970-01-01", "s"))
    np.minimum.at(first, row, sales.at[mine])
    np.maximum.at(last, row, sales.at[mine])
    never = np.datetime64("NaT", "s")
    # Staff at the till write `+1…` with and without the apostrophe a spreadsheet needs.
    phone = where(chance(rng, size, 0.5), seen.phone, seen.phone_typed)
    phone = where(np.asarray(pc.starts_with(phone, "+")) & chance(rng, size, 0.5), glue("'", phone), phone)
    columns: list[Column] = [
        ("Reference ID", ""),
        ("First Name", seen.given),
        ("Last Name", seen.family),
        ("Email Address", seen.email),
        ("Phone Number", phone),
        ("Nickname", ""),
        ("Company Name", keep(chance(rng, size, 0.01), choose(rng, size, ["N/A", "-"]))),
        ("Street Address 1", seen.street),
        ("Street Address 2", seen.unit),
        ("City", seen.city),
        ("State", seen.region),
        ("Postal Code", seen.postcode),
        ("Birthday", keep(~seen.instant & chance(rng, size, 0.15), moment(seen.born, "%Y-%m-%d"))),
        ("Memo", keep(chance(rng, size, 0.02), choose(rng, size, ["regular", "likes the red one, always asks"]))),
        ("Square Customer ID", ids),
        ("Creation Source", where(seen.instant, "Instant Profile", choose(rng, size, ["Directory", "Loyalty"]))),
        ("First Visit", moment(np.where(count > 0, local_clock(first), never), "%Y-%m-%d")),
        ("Last Visit", moment(np.where(count > 0, local_clock(last), never), "%Y-%m-%d")),
        ("Transaction Count", digits(count)),
        ("Lifetime Spend", dollars(spend)),
        ("Email Subscription Status", _subscription(rng, seen)),
        ("Instant Profile", where(seen.instant, "Yes", "No")),
        ("Blocked from online booking", "No"),
    ]
    write_csv(folder / f"export-{as_of:%Y%m%d-%H%M%S}.csv", columns, size, "minimal")
    return ids


def _subscription(rng: np.random.Generator, seen: Seen) -> Text:
    status = choose(rng, len(seen), ["subscribed", "unsubscribed"], [0.7, 0.3])
    return where(filled(seen.email), status, "unknown")


def write_sales(
    folder: Path, rng: np.random.Generator, seen: Seen, ids: Text, *, sales: Sales, as_of: datetime
) -> None:
    """`transactions-….csv` and `items-….csv`; a refund repeats its sale's transaction id with negative money."""
    size = len(sales.at)
    refunded = np.flatnonzero(sales.refund)
    row = np.concatenate([np.arange(size), refunded])
    later = (rng.random(len(refunded)) * 5 * 86_400 + 600).astype("timedelta64[s]")
    last = np.datetime64(as_of.replace(tzinfo=None), "s")
    at = np.concatenate([sales.at, np.minimum(sales.at[refunded] + later, last)])
    sign = np.where(np.arange(len(row)) < size, 1, -1)
    shared = _shared_columns(rng, seen, ids, sales, row, at=local_clock(at), sign=sign)
    span = f"{as_of.replace(year=as_of.year - 2, day=min(as_of.day, 28)):%Y-%m-%d}-{as_of:%Y-%m-%d}"
    values = shared | _payment_columns(rng, sales, row, sign)
    columns: list[Column] = [(name, values.get(name, "")) for name in TRANSACTION_HEADER]
    write_csv(folder / f"transactions-{span}.csv", columns, len(row), "minimal_empty_quoted")
    start = np.searchsorted(sales.lines.order, row)
    count = np.searchsorted(sales.lines.order, row, side="right") - start
    owner = np.repeat(np.arange(len(row)), count)
    line = start[owner] + np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
    values = {name: v if isinstance(v, str) else v.take(pa.array(owner)) for name, v in shared.items()}
    values |= _item_columns(sales.lines, line, sign[owner])
    columns = [(name, values.get(name, "")) for name in ITEM_HEADER]
    write_csv(folder / f"items-{span}.csv", columns, len(owner), "minimal_empty_quoted")


def _shared_columns(
    rng: np.random.Generator,
    seen: Seen,
    ids: Text,
    sales: Sales,
    row: npt.NDArray[np.int64],
    *,
    at: Times,
    sign: npt.NDArray[np.int64],
) -> dict[str, Text | str]:
    """What both files say about a payment."""
    customer = sales.customer[row]
    known, index = customer >= 0, np.maximum(customer, 0)
    person = seen.person[index] if len(seen) else index
    card = _by_card(sales, row)
    # A known customer pays with the same card every time.
    suffix = np.where(known, (person * 7_919 + 13) % 10_000, (row * 104_729) % 10_000)
    named = known & chance(rng, len(row), 0.23)
    none = texts([""])
    holder = ids if len(ids) else none
    full = seen.full_name() if len(seen) else none
    return {
        "Date": moment(at, "%Y-%m-%d"),
        "Time": moment(at, "%H:%M:%S"),
        "Time Zone": _ZONE,
        "Transaction ID": long_id(row, 611, 22, _IDS),
        "Payment ID": long_id(np.arange(len(row)), 631, 22, _IDS),
        "Card Brand": keep(card, pick(texts(["Visa", "MasterCard", "American Express", "Discover"]), suffix % 4)),
        "PAN Suffix": keep(card, digits(suffix, 4)),
        "Device Name": "Register 1",
        "Event Type": where(sign > 0, "Payment", "Refund"),
        "Location": "Main Street Store",
        "Dining Option": "",
        "Customer ID": keep(known, pick(holder, index)),
        "Customer Name": keep(named, pick(full, index)),
        "Details": glue("https://squareup.com/dashboard/sales/transactions/", long_id(row, 611, 22, _IDS)),
        "Channel": "Register",
    }


def _by_card(sales: Sales, row: npt.NDArray[np.int64]) -> Mask:
    """Four payments in five are by card; a refund goes back the same way."""
    return np.asarray(sales.at[row].astype(np.int64) % 5 > 0)


def _payment_columns(
    rng: np.random.Generator, sales: Sales, row: npt.NDArray[np.int64], sign: npt.NDArray[np.int64]
) -> dict[str, Text | str]:
    money, card = sales.money, _by_card(sales, row)
    gross, total = (money.subtotal + money.discount)[row] * sign, money.total[row] * sign
    fee = np.where(card & (sign > 0), np.abs(total) * 26 // 1000 + 10, 0)
    staff = choose(rng, len(row), ["Dana Whitfield", "Luis Ortega", "Priscilla Grant"])
    return {
        "Gross Sales": dollars(gross),
        "Discounts": dollars(-money.discount[row] * sign),
        "Service Charges": "$0.00",
        "Net Sales": dollars(money.subtotal[row] * sign),
        "Gift Card Sales": "$0.00",
        "Tax": dollars(money.tax[row] * sign),
        "Tip": "$0.00",
        "Partial Refunds": "$0.00",
        "Total Collected": dollars(total),
        "Source": "Register",
        "Card": dollars(np.where(card, total, 0)),
        "Card Entry Methods": where(card, "Tapped", "N/A"),
        "Cash": dollars(np.where(card, 0, total)),
        "Square Gift Card": "$0.00",
        "Other Tender": "$0.00",
        "Fees": dollars(-fee),
        "Net Total": dollars(total - fee),
        "Staff Name": staff,
        "Description": "Custom Amount",
        "Refund Reason": where(sign > 0, "", "Returned Goods"),
        "Transaction Status": "Complete",
        "Cash App": "$0.00",
        "Third Party Fees": "$0.00",
        "Fee Percentage Rate": "2.6",
        "Fee Fixed Rate": "$0.10",
        "Free Processing Applied": "$0.00",
        "Unattributed Tips": "$0.00",
        "International Fee": "$0.00",
    }


def _item_columns(lines: Lines, line: npt.NDArray[np.int64], sign: npt.NDArray[np.int64]) -> dict[str, Text | str]:
    sold, product, quantity = goods(), lines.product[line], lines.quantity[line]
    gross = sold.price[product] * quantity * sign
    return {
        "Category": pick(sold.category, product),
        "Item": pick(sold.name, product),
        "Qty": glue(where(sign > 0, "", "-"), digits(quantity), ".0"),
        "Price Point Name": "Regular",
        "SKU": pick(sold.sku, product),
        "Gross Sales": dollars(gross),
        "Discounts": "$0.00",
        "Net Sales": dollars(gross),
        "Tax": dollars(gross * 8 // 100),
        "Unit": "ea",
        "Count": digits(quantity),
        "Itemization Type": "Physical Good",
        "Token": long_id(product, 651, 24, _IDS),
    }
