"""The shop's own web analytics: one CSV row per event, as a tag on the site writes them.

People come by a channel, look at pages and sometimes buy. Some of them are signed in (`user_id` is the shop's customer
id), most are known by a cookie only; an order's number stands on the event that reports it. One order in eight is
reported by nobody: cookies refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc

from identity.sample.csvout import write_csv
from identity.sample.render import Seen
from identity.sample.shop import goods
from identity.sample.shopify_orders import Orders
from identity.sample.text import Mask, Text, Times, cents, chance, digits, glue, keep, moment, pick, texts, where

CONFIGURATION = """\
# A source of one's own: the shop's web analytics, described by its columns (see docs/operations.md).
[[sources]]
name = "web_event"
files = "web/*.csv"
kind = "touchpoint"
record_id = "event_id"
person_source = "shopify_customer"
person_id = "user_id"
currency = "USD"
[sources.fields]
occurred_at = "event_time"
touch_type = "event_name"
url = "page_location"
referrer = "page_referrer"
visitor_id = "client_id"
session_id = "session_id"
order_id = "transaction_id"
value = "value"
"""

_SITE = "https://www.harborpine-supply.com"
# How people come: share, how many of those visits end in an order beside the others, referrer, mark of the link.
_WAYS = (
    (0.26, 1.3, "", ""),
    (0.22, 1.0, "https://www.google.com/", ""),
    (0.14, 1.1, "https://www.google.com/", "?utm_source=google&utm_medium=cpc&utm_campaign=brand"),
    (0.14, 1.5, "", "?utm_source=klaviyo&utm_medium=email&utm_campaign=weekly+letter"),
    (0.10, 0.6, "https://l.instagram.com/", ""),
    (0.06, 0.6, "https://www.facebook.com/", "?utm_source=facebook&utm_medium=paid_social&utm_campaign=lookalike"),
    (0.05, 0.8, "https://blog.hearthandhome.example/best-gifts", ""),
    (0.03, 1.2, "", "?utm_source=awin&utm_medium=affiliate&utm_campaign=coupons"),
)
_LANDINGS = ("/", "/new", "/sale", "/collections/gifts", "/pages/about")
_EARLIER = 0.9  # visits before an order, on average, within three weeks
_BROWSING = 1.0  # visits without any order, per account
_STRANGERS = 2.0  # visits of people nobody knows, per account


@dataclass(frozen=True)
class _Visits:
    """One row per visit: when, whose cookie, the account signed in (or -1), the order placed (or -1), the way."""

    start: Times
    client: npt.NDArray[np.int64]
    account: npt.NDArray[np.int64]
    order: npt.NDArray[np.int64]
    way: npt.NDArray[np.int64]


def write_events(
    folder: Path, rng: np.random.Generator, orders: Orders, accounts: Seen, ids: Text, as_of: np.datetime64
) -> None:
    """`events.csv`: the visits of buyers, of account holders and of strangers; `ids` are the accounts' customer ids."""
    visits = _visits(rng, orders, accounts, as_of)
    buys = visits.order >= 0
    views = rng.integers(1, 4, len(buys))
    count = views + 2 * buys  # views, then the checkout and the purchase
    visit = np.repeat(np.arange(len(buys)), count)
    number = np.arange(len(visit)) - np.repeat(np.cumsum(count) - count, count)
    last = number == count[visit] - 1
    is_purchase, is_checkout = buys[visit] & last, buys[visit] & (number == count[visit] - 2)
    pause = number * 60 + rng.integers(0, 50, len(visit))
    at = visits.start[visit] + pause.astype("timedelta64[s]")
    order = visits.order[visit]
    at = np.where(is_purchase, orders.seen.created[np.maximum(order, 0)], at)
    at = np.minimum(at, np.where(order >= 0, orders.seen.created[np.maximum(order, 0)], as_of))
    is_first = number == 0
    shown = {
        "event_id": glue("e", digits(np.arange(len(visit)), 9)),
        "event_time": glue(moment(at, "%Y-%m-%dT%H:%M:%S"), "Z"),
        "event_name": where(is_purchase, "purchase", where(is_checkout, "begin_checkout", "page_view")),
        "page_location": _pages(rng, visits.way[visit], is_first=is_first, is_checkout=is_checkout | is_purchase),
        "page_referrer": keep(is_first, pick(texts(way[2] for way in _WAYS), visits.way[visit])),
        "client_id": glue(digits(visits.client[visit] * 7_919 % 1_000_000_007), ".", digits(visits.client[visit], 10)),
        "session_id": digits(visits.start[visit].astype(np.int64)),
        "user_id": keep(~is_first & (visits.account[visit] >= 0), pick(ids, np.maximum(visits.account[visit], 0))),
        "transaction_id": keep(is_purchase, pick(orders.names(), np.maximum(order, 0))),
        "value": keep(is_purchase, cents(orders.money.subtotal[np.maximum(order, 0)])),
    }
    by_time = np.lexsort((np.arange(len(visit)), at))
    columns = [(name, values.take(by_time)) for name, values in shown.items()]
    write_csv(folder / "events.csv", columns, len(visit), "minimal")


def _visits(rng: np.random.Generator, orders: Orders, accounts: Seen, as_of: np.datetime64) -> _Visits:
    """Visits that end in an order and those before them, visits of account holders, visits of strangers."""
    online = ~orders.seen.at_till & ~orders.test & orders.known & ~orders.cancelled
    bought = np.flatnonzero(online & chance(rng, len(orders), 0.875))
    person = orders.seen.person[bought]
    earlier = np.repeat(np.arange(len(bought)), rng.poisson(_EARLIER, len(bought)))
    holders = rng.integers(0, max(1, len(accounts)), round(len(accounts) * _BROWSING))
    strangers = round(len(accounts) * _STRANGERS)
    largest = int(max(orders.seen.person.max(initial=0), accounts.person.max(initial=0))) + 1
    account_of = np.full(largest, -1, dtype=np.int64)
    account_of[accounts.person[::-1]] = np.arange(len(accounts))[::-1]
    whose = np.concatenate([person, person[earlier], accounts.person[holders]])
    account = np.concatenate([account_of[person], account_of[person[earlier]], holders])
    signed_in = chance(rng, len(whose), 0.35)
    made = orders.seen.created[bought]
    start = np.concatenate(
        [
            made - rng.integers(600, 1_500, len(bought)).astype("timedelta64[s]"),
            made[earlier] - rng.integers(7_200, 21 * 86_400, len(earlier)).astype("timedelta64[s]"),
            as_of - rng.integers(3_600, 120 * 86_400, len(holders) + strangers).astype("timedelta64[s]"),
        ]
    )
    nobody = np.full(strangers, -1, dtype=np.int64)
    # one visit in five is made on the person's second device
    client = np.concatenate(
        [whose * 2 + chance(rng, len(whose), 0.2), 2 * largest + rng.integers(0, max(1, strangers), strangers)]
    )
    order = np.concatenate([bought, np.full(len(start) - len(bought), -1, dtype=np.int64)])
    return _Visits(
        start.astype("datetime64[s]"),
        client.astype(np.int64),
        np.concatenate([np.where(signed_in, account, -1), nobody]),
        order,
        _ways(rng, order >= 0),
    )


def _ways(rng: np.random.Generator, buys: Mask) -> npt.NDArray[np.int64]:
    """How each visit came; those that buy come more often by some ways than by others."""
    share = np.array([way[0] for way in _WAYS])
    bought = share * np.array([way[1] for way in _WAYS])
    plain, ending = (rng.choice(len(_WAYS), len(buys), p=p / p.sum()) for p in (share, bought))
    return np.asarray(np.where(buys, ending, plain))


def _pages(rng: np.random.Generator, way: npt.NDArray[np.int64], *, is_first: Mask, is_checkout: Mask) -> Text:
    size = len(way)
    name = pc.replace_substring_regex(pc.utf8_lower(goods().name), "[^a-z]+", "-")
    page = glue("/products/", pick(name, rng.integers(0, len(name), size)))
    landing = glue(
        pick(texts(_LANDINGS), rng.choice(len(_LANDINGS), size, p=[0.4, 0.15, 0.2, 0.2, 0.05])),
        pick(texts(entry[3] for entry in _WAYS), way),
    )
    return glue(_SITE, where(is_checkout, "/checkout", where(is_first, landing, page)))
