"""The invented shop: its range of goods, what an order holds, and its clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from identity.sample.text import Ints, Text, Times, code, digits, glue, keep, moment, texts, where

STORE_ZONE = "America/New_York"
_GOODS = "Mug Tote Candle Blanket Apron Lamp Teapot Notebook Scarf Cushion Vase Tray Bottle Umbrella Basket"
_MAKES = "Linen Oak Copper Wool Stone Clay Glass Cotton"
_VENDORS = ("Harbor & Pine", "North Loom", "Kiln, Co.", "Fjord Goods")


@dataclass(frozen=True)
class Goods:
    """One row per product; prices in cents."""

    name: Text
    sku: Text
    vendor: Text
    category: Text
    price: npt.NDArray[np.int64]


@cache
def goods() -> Goods:
    """The range: every material in every form."""
    pairs = [(m, g) for g in _GOODS.split() for m in _MAKES.split()]
    count = len(pairs)
    number = np.arange(count)
    # One product in nine has a size in its name, with the comma and the inch mark that upset naive readers.
    names = [f'{m} {g}, 12" - Large' if i % 9 == 4 else f"{m} {g}" for i, (m, g) in enumerate(pairs)]
    return Goods(
        texts(names),
        texts(f"{m[:2].upper()}-{g[:3].upper()}-{100 + i}" for i, (m, g) in enumerate(pairs)),
        texts(_VENDORS[i % 4] for i in range(count)),
        texts(g if i % 11 else "None" for i, (_, g) in enumerate(pairs)),
        900 + (number * 7919) % 117 * 100 + 95 * (number % 2),
    )


@dataclass(frozen=True)
class Lines:
    """One row per line item: the order it belongs to (row number), product, quantity, first line of its order."""

    order: npt.NDArray[np.int64]
    product: npt.NDArray[np.int64]
    quantity: npt.NDArray[np.int64]
    first: npt.NDArray[np.bool_]

    def between(self, start: int, stop: int) -> Lines:
        """The lines of orders start..stop, renumbered from zero."""
        low, high = np.searchsorted(self.order, [start, stop])
        part = slice(int(low), int(high))
        return Lines(self.order[part] - start, self.product[part], self.quantity[part], self.first[part])


def draw_lines(rng: np.random.Generator, orders: int) -> Lines:
    """One to a handful of lines for each order."""
    count = np.minimum(rng.geometric(0.62, orders), 9)
    order = np.repeat(np.arange(orders), count)
    product = (len(goods().price) * rng.random(len(order)) ** 1.5).astype(np.int64)
    quantity = np.minimum(rng.geometric(0.8, len(order)), 6).astype(np.int64)
    first = np.ones(len(order), dtype=bool)
    first[1:] = order[1:] != order[:-1]
    return Lines(order, product, quantity, first)


@dataclass(frozen=True)
class Money:
    """One row per order, all in cents."""

    subtotal: npt.NDArray[np.int64]
    discount: npt.NDArray[np.int64]
    shipping: npt.NDArray[np.int64]
    tax: npt.NDArray[np.int64]

    @property
    def total(self) -> npt.NDArray[np.int64]:
        """What the customer pays."""
        return self.subtotal + self.shipping + self.tax


def price(rng: np.random.Generator, lines: Lines, orders: int, *, shipped: npt.NDArray[np.bool_]) -> Money:
    """Totals of the orders; a tenth use a discount code of 10 %."""
    gross = np.bincount(lines.order, goods().price[lines.product] * lines.quantity, minlength=orders).astype(np.int64)
    discount = np.where(rng.random(orders) < 0.1, gross // 10, 0)
    subtotal = gross - discount
    shipping = np.where(shipped & (subtotal < 7_500), 595, 0)
    return Money(subtotal, discount, shipping, subtotal * 8 // 100)


def store_time(times: Times) -> Text:
    """`2025-12-06 10:37:33 -0500`: the shop's wall clock with its offset; a missing time is empty."""
    missing = np.isnat(times)
    seconds = np.where(missing, np.datetime64(0, "s"), times).astype("datetime64[s]").astype(np.int64)
    hours, back = np.unique(seconds // 3600, return_inverse=True)
    offset = _offsets(tuple(hours.tolist()))[back] if len(hours) else np.zeros(0, dtype=np.int64)
    local = (seconds + offset).astype("datetime64[s]")
    sign = where(offset < 0, " -", " +")
    size = np.abs(offset)
    text = glue(moment(local), sign, digits(size // 3600, 2), digits(size // 60 % 60, 2))
    return keep(~missing, text)


def _offsets(hours: tuple[int, ...]) -> Ints:
    zone = ZoneInfo(STORE_ZONE)
    offsets = [datetime.fromtimestamp(hour * 3600, UTC).astimezone(zone).utcoffset() for hour in hours]
    return np.array([offset.total_seconds() if offset else 0 for offset in offsets], dtype=np.int64)


def local_clock(times: Times) -> Times:
    """The shop's wall clock, for systems that write no offset."""
    seconds = times.astype("datetime64[s]").astype(np.int64)
    hours, back = np.unique(seconds // 3600, return_inverse=True)
    offset = _offsets(tuple(hours.tolist()))[back] if len(hours) else np.zeros(0, dtype=np.int64)
    return np.asarray((seconds + offset).astype("datetime64[s]"))


def token(values: Ints, width: int) -> Text:
    """A fixed-width token of digits and capitals without vowels, as payment systems use."""
    return code(values, "0123456789BCDFGHJKLMNPQRSTVWXYZ", width)
