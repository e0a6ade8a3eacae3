"""Shopify `orders_export.csv` (79 columns), its older header, and abandoned checkouts (70 columns)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from identity.sample.csvout import Column, write_blocks
from identity.sample.render import STORE_EMAIL, Seen
from identity.sample.shop import Lines, Money, draw_lines, goods, price, store_time, token
from identity.sample.text import (
    Mask,
    Text,
    blank,
    cents,
    chance,
    choose,
    digits,
    filled,
    glue,
    keep,
    pick,
    scrambled,
    texts,
    where,
)

ORDER_HEADER = tuple(
    """Name|Email|Financial Status|Paid at|Fulfillment Status|Fulfilled at|Accepts Marketing|Currency|Subtotal|Shipping
Taxes|Total|Discount Code|Discount Amount|Shipping Method|Created at|Lineitem quantity|Lineitem name|Lineitem price
Lineitem compare at price|Lineitem sku|Lineitem requires shipping|Lineitem taxable|Lineitem fulfillment status
Billing Name|Billing Street|Billing Address1|Billing Address2|Billing Company|Billing City|Billing Zip
Billing Province|Billing Country|Billing Phone|Shipping Name|Shipping Street|Shipping Address1|Shipping Address2
Shipping Company|Shipping City|Shipping Zip|Shipping Province|Shipping Country|Shipping Phone|Notes|Note Attributes
Cancelled at|Payment Method|Payment Reference|Refunded Amount|Vendor|Outstanding Balance|Employee|Location|Device ID
Id|Tags|Risk Level|Source|Lineitem discount|Tax 1 Name|Tax 1 Value|Tax 2 Name|Tax 2 Value|Tax 3 Name|Tax 3 Value
Tax 4 Name|Tax 4 Value|Tax 5 Name|Tax 5 Value|Phone|Receipt Number|Duties|Billing Province Name
Shipping Province Name|Payment ID|Payment Terms Name|Next Payment Due At|Payment References""".replace("\n", "|").split(
        "|"
    )
)
_LATER = ("Outstanding Balance", "Employee", "Location", "Device ID", "Duties")
_LATEST = ("Payment ID", "Payment Terms Name", "Next Payment Due At", "Payment References")
CHECKOUT_HEADER = tuple(name for name in ORDER_HEADER if name not in (*_LATER, *_LATEST))
_PROVINCES = ("Billing Province Name", "Shipping Province Name")
OLD_ORDER_HEADER = tuple(name for name in CHECKOUT_HEADER if name not in _PROVINCES)
_ON_EVERY_LINE = ("Name", "Email", "Created at", "Phone")
_BLOCK = 40_000


@dataclass(frozen=True)
class Orders:
    """Orders in the order of their numbers; `seen` has empty texts where nobody is named."""

    seen: Seen
    number: npt.NDArray[np.int64]
    known: Mask  # somebody is named: the order is in the truth
    test: Mask
    cod: Mask
    status: Text
    cancelled: Mask
    money: Money
    lines: Lines

    def __len__(self) -> int:
        return len(self.number)

    def names(self) -> Text:
        """`#1001` and so on."""
        return glue("#", digits(self.number))


def make_orders(rng: np.random.Generator, seen: Seen) -> Orders:
    """Add walk-ins and test orders to the people's orders, number all by time, and price them."""
    people, extra = len(seen), max(2, round(len(seen) * 0.034))
    rows = np.concatenate([np.arange(people), rng.integers(0, max(1, people), extra if people else 0)])
    walk_in, test = np.zeros(len(rows), dtype=bool), np.zeros(len(rows), dtype=bool)
    walk_in[people:] = True
    test[people : people + max(1, extra // 17)] = len(rows) > people
    walk_in &= ~test
    shift = np.where(np.arange(len(rows)) < people, 0, rng.integers(60, 86_400, len(rows))).astype("timedelta64[s]")
    created = seen.created[rows] - shift
    order = np.lexsort((rows, created))
    rows, walk_in, test = rows[order], walk_in[order], test[order]
    shown = _without_person(seen.select(rows), walk_in, test, created[order])
    count = len(rows)
    lines = draw_lines(rng, count)
    money = price(rng, lines, count, shipped=~shown.at_till)
    draw = rng.random(count)
    cancelled = (draw < 0.02) & ~shown.at_till
    cod = (draw > 0.98) & ~shown.at_till & ~test & filled(shown.phone)
    status = choose(rng, count, ["paid", "partially_refunded", "refunded", "authorized"], [0.93, 0.025, 0.03, 0.015])
    status = where(cod, "pending", where(cancelled, "voided", status))
    return Orders(shown, 1001 + np.arange(count), ~walk_in & ~test, test, cod, status, cancelled, money, lines)


def _without_person(seen: Seen, walk_in: Mask, test: Mask, created: npt.NDArray[np.datetime64]) -> Seen:
    """Blank everything personal of walk-ins; put the shop's own test data on test orders."""
    nobody = walk_in | test
    values = dict(vars(seen))
    for name, shown in values.items():
        if not isinstance(shown, np.ndarray):
            values[name] = keep(~nobody, shown)
    values["given"] = where(test, "Test", values["given"])
    values["family"] = where(test, "Order", values["family"])
    values["email"] = where(test, STORE_EMAIL, values["email"])
    values["created"] = created
    values["at_till"] = (seen.at_till | walk_in) & ~test
    return Seen(**values)


def write_orders(folder: Path, rng: np.random.Generator, orders: Orders, older: int) -> None:
    """`orders_export.csv`, and the first `older` orders in a file with the older header."""
    write_blocks(folder / "orders_export_2.csv", _blocks(rng, orders, 0, older, OLD_ORDER_HEADER), "minimal")
    write_blocks(folder / "orders_export.csv", _blocks(rng, orders, older, len(orders), ORDER_HEADER), "minimal")


def _blocks(
    rng: np.random.Generator, orders: Orders, start: int, stop: int, header: Sequence[str]
) -> Iterator[tuple[list[Column], int]]:
    for begin in [*range(start, stop, _BLOCK)] or [start]:
        end = min(begin + _BLOCK, stop)
        lines = orders.lines.between(begin, end)
        values = _order_columns(rng, orders, np.arange(begin, end))
        yield _expanded(header, values, lines), len(lines.order)


def _expanded(header: Sequence[str], values: dict[str, Text | str], lines: Lines) -> list[Column]:
    """Order columns on the first line only, but for the four that stand on every line; then the lines' own."""
    index = pa.array(lines.order)
    columns: list[Column] = []
    own = _line_columns(lines)
    for name in header:
        value = own.get(name, values.get(name, ""))
        if name not in own and not isinstance(value, str):
            value = value.take(index)
            value = value if name in _ON_EVERY_LINE else keep(lines.first, value)
        elif name not in own and value:
            value = where(lines.first, value, blank(len(lines.first)))
        columns.append((name, value))
    return columns


def _line_columns(lines: Lines) -> dict[str, Text | str]:
    sold = goods()
    return {
        "Lineitem quantity": digits(lines.quantity),
        "Lineitem name": pick(sold.name, lines.product),
        "Lineitem price": cents(sold.price[lines.product]),
        "Lineitem sku": pick(sold.sku, lines.product),
        "Lineitem requires shipping": "true",
        "Lineitem taxable": "true",
        "Lineitem fulfillment status": "fulfilled",
        "Vendor": pick(sold.vendor, lines.product),
        "Lineitem discount": "0.00",
    }


def _money_columns(money: Money) -> dict[str, Text | str]:
    return {
        "Currency": "USD",
        "Subtotal": cents(money.subtotal),
        "Shipping": cents(money.shipping),
        "Taxes": cents(money.tax),
        "Total": cents(money.total),
        "Discount Code": keep(money.discount > 0, pick(texts(["WELCOME10", "SPRING"]), money.discount % 2)),
        "Discount Amount": cents(money.discount),
        "Tax 1 Name": "State Tax 8%",
        "Tax 1 Value": cents(money.tax),
    }


def _zip(postcode: Text) -> Text:
    """Postcodes of digits only carry an apostrophe."""
    number = np.asarray(pc.match_substring_regex(postcode, "^[0-9]+$"))
    return where(number, glue("'", postcode), postcode)


def person_columns(rng: np.random.Generator, seen: Seen) -> dict[str, Text | str]:
    """E-mail, phone, billing and shipping of orders and checkouts; a few parcels go to somebody else."""
    name = pc.utf8_trim(glue(seen.full_name(), where(filled(seen.suffix), " ", ""), seen.suffix), " ")
    # The separate order phone is what the shop verified; a form's phone is what was typed.
    verified = np.asarray(pc.starts_with(seen.phone, "+")) & chance(rng, len(seen), 0.75)
    columns: dict[str, Text | str] = {"Email": seen.email, "Phone": keep(verified, seen.phone)}
    gift = np.flatnonzero(chance(rng, len(seen), 0.02) & filled(seen.street))
    to = np.arange(len(seen))
    to[gift] = np.roll(gift, 1)
    shown = filled(name)
    for side, who in (("Billing", np.arange(len(seen))), ("Shipping", to)):
        row = pa.array(who)
        ships = filled(seen.street) if side == "Shipping" else shown
        street, unit = seen.street.take(row), seen.unit.take(row)
        columns |= {
            f"{side} Name": keep(ships, name.take(row)),
            f"{side} Street": glue(street, where(filled(unit), ", ", ""), unit),
            f"{side} Address1": street,
            f"{side} Address2": unit,
            f"{side} City": seen.city.take(row),
            f"{side} Zip": _zip(seen.postcode).take(row),
            f"{side} Province": seen.region.take(row),
            f"{side} Country": seen.country.take(row),
            f"{side} Phone": keep(filled(street) | (side == "Billing"), seen.phone_typed.take(row)),
            f"{side} Province Name": seen.region_name.take(row),
        }
    return columns


def _order_columns(rng: np.random.Generator, orders: Orders, rows: npt.NDArray[np.int64]) -> dict[str, Text | str]:
    """The order-level columns of some orders."""
    seen, money = orders.seen.select(rows), orders.money
    part = Money(money.subtotal[rows], money.discount[rows], money.shipping[rows], money.tax[rows])
    size, created, total = len(rows), seen.created, part.total
    status = orders.status.take(pa.array(rows))
    cancelled, cod, test, till = orders.cancelled[rows], orders.cod[rows], orders.test[rows], seen.at_till
    paid = ~cancelled & ~cod
    done = paid & ~chance(rng, size, 0.03)
    later = rng.integers(60, 200_000, size).astype("timedelta64[s]")
    never = np.datetime64("NaT", "s")
    gateway = choose(rng, size, ["Shopify Payments", "PayPal Express Checkout"], [0.78, 0.22])
    gateway = where(cod, "Cash on Delivery (COD)", where(test, "(for testing) Bogus Gateway", gateway))
    refunded = np.where(np.asarray(pc.equal(status, "refunded")), total, 0)
    refunded = np.where(np.asarray(pc.equal(status, "partially_refunded")), total // 3, refunded)
    reference = glue("c", token(scrambled(rows, 31), 7), ".1")
    values = _money_columns(part) | person_columns(rng, seen)
    return values | {
        "Name": orders.names().take(pa.array(rows)),
        "Financial Status": status,
        "Paid at": store_time(np.where(paid, created, never)),
        "Fulfillment Status": where(done, "fulfilled", "unfulfilled"),
        "Fulfilled at": store_time(np.where(done, created + np.where(till, np.timedelta64(0, "s"), later), never)),
        "Accepts Marketing": where(chance(rng, size, 0.45) & filled(seen.email), "yes", "no"),
        "Shipping Method": keep(~till, choose(rng, size, ["Standard", "Express", "Economy"], [0.7, 0.1, 0.2])),
        "Created at": store_time(created),
        "Notes": _notes(rng, size),
        "Note Attributes": keep(cod, _cod_form(seen)),
        "Cancelled at": store_time(np.where(cancelled, created + np.timedelta64(7_200, "s"), never)),
        "Payment Method": where(till, "Cash", gateway),
        "Payment Reference": reference,
        "Refunded Amount": cents(refunded),
        "Outstanding Balance": where(cod, cents(total), "0.00"),
        "Employee": keep(till, choose(rng, size, ["Dana Whitfield", "Luis Ortega"])),
        "Location": keep(till, choose(rng, size, ["Main Street Store", "Harbor Pop-up"])),
        "Device ID": keep(till, choose(rng, size, ["1", "2", "3"])),
        "Id": digits(5_000_000_000_000 + orders.number[rows] * 32_768 + rows % 7),
        "Tags": keep(chance(rng, size, 0.1), choose(rng, size, ["gift", "wholesale, net30", "vip"])),
        "Risk Level": "Low",
        "Source": where(till, "pos", choose(rng, size, ["web", "shopify_draft_order", "5690175"], [0.95, 0.02, 0.03])),
        "Receipt Number": keep(till, digits(orders.number[rows])),
        "Payment ID": reference,
        "Payment References": reference,
    }


def _notes(rng: np.random.Generator, size: int) -> Text:
    options = ["Please leave at the door", "Gift - no invoice\nRing twice", 'Label "fragile", thanks']
    return keep(chance(rng, size, 0.03), choose(rng, size, options))


def _cod_form(seen: Seen) -> Text:
    """The multi-line `key: value` text a cash-on-delivery form leaves."""
    return glue(
        "Full name: ", seen.full_name(), "\nPhone: ", seen.phone_typed, "\nAddress: ", seen.street, "\nCity: ",
        seen.city, "\nutm_source: facebook\nutm_campaign: cod",
    )  # fmt: skip


def write_checkouts(folder: Path, rng: np.random.Generator, seen: Seen) -> Text:
    """Abandoned checkouts; returns their ids."""
    size = len(seen)
    order = np.argsort(seen.created, kind="stable")
    numbers = np.empty(size, dtype=np.int64)
    numbers[order] = 31_000_000_000_000 + np.arange(size) * 65_537
    lines = draw_lines(rng, size)
    values = _money_columns(price(rng, lines, size, shipped=np.ones(size, dtype=bool))) | person_columns(rng, seen)
    values |= {
        "Name": glue("#", digits(numbers)),
        "Id": digits(numbers),
        "Fulfillment Status": "unfulfilled",
        "Accepts Marketing": where(chance(rng, size, 0.4), "yes", "no"),
        "Created at": store_time(seen.created),
        "Source": "web",
    }
    columns = _expanded(CHECKOUT_HEADER, values, lines)
    write_blocks(folder / "checkouts_export_1.csv", [(columns, len(lines.order))], "minimal")
    return digits(numbers)
