"""Every KPI once more, by hand: loops over the rows of the event tables, exact fractions, no SQL."""

import itertools
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

Row = Mapping[str, Any]
NO_TOUCH = {
    "order", "ticket_opened", "survey_answered", "email_sent", "email_delivered", "email_bounced",
    "email_unsubscribed", "email_marked_spam", "checkout_abandoned",
}  # fmt: skip


@dataclass
class Shop:
    """The rows of a run: profiles with is_test and is_staff, and the event tables of gold."""

    as_of: datetime
    profiles: list[Row]
    orders: list[Row]
    touches: list[Row]
    sessions: list[Row]
    tickets: list[Row]
    surveys: list[Row]
    engagement: dict[str, Row]

    @property
    def counted(self) -> set[str]:
        return {p["profile_id"] for p in self.profiles if not p["is_test"] and not p["is_staff"]}

    def sales(self, profile: str | None = None) -> list[Row]:
        return [o for o in self.orders if not o["is_test"] and (profile is None or o["profile_id"] == profile)]


def money_of(order: Row) -> tuple[str, Decimal, Decimal]:
    """Currency, net revenue and goods (gross - discount) of an order: reporting where it could be converted."""
    if order["net_revenue_reporting"] is not None:
        goods = (order["gross_reporting"] or 0) - (order["discount_reporting"] or 0)
        return order["reporting_currency"] or "", order["net_revenue_reporting"], Decimal(goods)
    goods = (order["gross"] or 0) - (order["discount"] or 0)
    currency = (
        order["currency"] if order["net_revenue"] is not None else order["reporting_currency"] or order["currency"]
    )
    return currency or "", order["net_revenue"] or Decimal(0), Decimal(goods)


def months_before(moment: datetime, months: int) -> datetime:
    year, month = divmod(moment.year * 12 + moment.month - 1 - months, 12)
    for day in range(moment.day, 27, -1):
        try:
            return moment.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    return moment.replace(year=year, month=month + 1)


def rounded(value: Fraction | Decimal, digits: int) -> Decimal:
    exact = Fraction(value)
    return (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


# -- traits


def trait(shop: Shop, profile: str) -> dict[str, Any]:
    """Everything of customer_traits that stands for itself (no deciles, no predictions)."""
    sales = shop.sales(profile)
    found: dict[str, Any] = {"profile_id": profile, "in_averages": profile in shop.counted}
    currencies = {money_of(order)[0] for order in sales}
    one = len(currencies) <= 1
    dated = sorted(order["order_at"] for order in sales if order["order_at"])
    past = [at for at in dated if at <= shop.as_of]
    starts = {
        "l30d": shop.as_of - timedelta(30),
        "l3m": months_before(shop.as_of, 3),
        "l12m": months_before(shop.as_of, 12),
    }
    for name, start in starts.items():
        within = [o for o in sales if o["order_at"] and start < o["order_at"] <= shop.as_of]
        found[f"orders_{name}"] = len(within)
        found[f"revenue_{name}"] = sum((money_of(o)[1] for o in within), Decimal(0)) if one else None
    found["orders_lifetime"] = len(sales)
    found["clv_historic"] = sum((money_of(o)[1] for o in sales), Decimal(0)) if one else None
    found["currency"] = (next(iter(currencies)) or None) if len(currencies) == 1 else None
    found["aov"] = (
        rounded(sum((Fraction(money_of(o)[2]) for o in sales), Fraction(0)) / len(sales), 4) if sales and one else None
    )
    found["first_order_at"] = dated[0] if dated else None
    found["last_order_at"] = dated[-1] if dated else None
    found["recency_days"] = (shop.as_of.date() - past[-1].date()).days if past else None
    found["tenure_days"] = (shop.as_of.date() - past[0].date()).days if past else None
    found["is_early_repeat"] = (len(dated) > 1 and dated[1] <= dated[0] + timedelta(84)) if sales else None
    found["one_and_done"] = len(sales) == 1 if sales else None
    if not sales:
        found["lifecycle_status"] = "prospect"
    elif not past:
        found["lifecycle_status"] = None
    elif past[0] > shop.as_of - timedelta(90) and len(dated) == len(sales):
        found["lifecycle_status"] = "new"
    else:
        ages = (("active", 365), ("lapsed", 730))
        found["lifecycle_status"] = next(
            (word for word, days in ages if past[-1] > shop.as_of - timedelta(days)), "dormant"
        )
    mine = sorted(
        (t["occurred_at"], t["touchpoint_id"], t["marketing_channel"] or t["channel"] or "unknown")
        for t in shop.touches
        if t["profile_id"] == profile and is_touch(t)
    )
    found["first_touch_channel"] = mine[0][2] if mine else None
    found["last_touch_channel"] = mine[-1][2] if mine else None
    found["tickets_l12m"] = sum(
        1 for t in shop.tickets
        if t["profile_id"] == profile and t["created_at"] and starts["l12m"] < t["created_at"] <= shop.as_of
    )  # fmt: skip
    ratings = [good for who, _, good in ratings_of(shop) if who == profile]
    found["csat"] = sum(ratings) / len(ratings) if ratings else None
    answers = [s for s in shop.surveys if s["profile_id"] == profile and s["kind"] == "nps" and 0 <= s["score"] <= 10]
    answers.sort(key=lambda s: (s["answered_at"], s["response_id"]))
    found["nps"] = int(answers[-1]["score"]) if answers else None
    return found


def is_touch(touch: Row) -> bool:
    return (
        touch["profile_id"] is not None and touch["occurred_at"] is not None
        and not touch["is_machine"] and touch["touch_type"] not in NO_TOUCH
    )  # fmt: skip


def ratings_of(shop: Shop) -> list[tuple[str | None, datetime | None, bool]]:
    found = [
        (t["profile_id"], t["created_at"], t["satisfaction"] == "good")
        for t in shop.tickets
        if t["satisfaction"] in ("good", "bad")
    ]
    found += [
        (s["profile_id"], s["answered_at"], s["score"] >= 4)
        for s in shop.surveys
        if s["kind"] == "csat" and s["score"] is not None
    ]
    return found


def daily_averages(shop: Shop) -> dict[tuple[date, str, str, str], list[Decimal]]:
    """Goods by orders, visits that converted, good ratings and NPS points of each day: what is divided, and by what."""
    staff = {p["profile_id"] for p in shop.profiles} - shop.counted
    told: list[tuple[datetime | None, str, str | None, Decimal | int, str]] = []
    for order in shop.sales():
        if order["profile_id"] not in staff:
            currency, _, goods = money_of(order)
            told.append((order["order_at"], "aov", order["channel"], goods, currency))
    told += [
        (visit["started_at"], "conversion_rate", visit["channel"], int(visit["is_converted"]), "")
        for visit in shop.sessions
        if visit["profile_id"] not in staff
    ]
    told += [
        (ticket["created_at"], "csat", ticket["channel"], int(ticket["satisfaction"] == "good"), "")
        for ticket in shop.tickets
        if ticket["satisfaction"] in ("good", "bad") and not ticket["is_test"]
    ]
    for answer in shop.surveys:
        score, is_csat = answer["score"], answer["kind"] == "csat"
        points = int(score >= 4) if is_csat else 100 if score >= 9 else 0 if score >= 7 else -100
        told.append((answer["answered_at"], "csat" if is_csat else "nps", "survey", points, ""))
    parts: dict[tuple[date, str, str, str], list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for at, kpi, channel, value, currency in told:
        if at is not None:
            part = parts[at.date(), kpi, channel or "unknown", currency]
            part[0], part[1] = part[0] + value, part[1] + 1
    return parts


def deciles(ranked: Sequence[str]) -> dict[str, int]:
    """NTILE(10) - 1 as SQL has it: the first buckets are one larger."""
    size, more = divmod(len(ranked), 10)
    sizes = [size + (n < more) for n in range(10)]
    numbers = itertools.chain.from_iterable([n] * count for n, count in enumerate(sizes))
    return dict(zip(ranked, numbers, strict=True))


def rfm(shop: Shop, traits: Mapping[str, Row]) -> dict[str, str]:
    buyers = [p for p in traits if traits[p]["orders_l12m"] and p in shop.counted]
    last = {
        p: max(o["order_at"] for o in shop.sales(p) if o["order_at"] and o["order_at"] <= shop.as_of) for p in buyers
    }
    recency = deciles(sorted(buyers, key=lambda p: (last[p], p)))
    frequency = deciles(sorted(buyers, key=lambda p: (traits[p]["orders_l12m"], p)))
    monetary: dict[str, int] = {}
    for currency in {traits[p]["currency"] for p in buyers if traits[p]["clv_historic"] is not None}:
        mine = [p for p in buyers if traits[p]["currency"] == currency and traits[p]["clv_historic"] is not None]
        monetary |= deciles(sorted(mine, key=lambda p: (traits[p]["revenue_l12m"], p)))
    return {p: f"{recency[p]}{frequency[p]}{monetary[p]}" for p in buyers if p in monetary}


# -- attribution


def visits(shop: Shop) -> dict[str, list[tuple[datetime, str, str]]]:
    """Touches of each profile in order, a visit being one: (when, touchpoint, channel)."""
    groups: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for touch in shop.touches:
        if is_touch(touch):
            groups[touch["profile_id"], touch["session_id"] or touch["touchpoint_id"]].append(touch)
    found: dict[str, list[tuple[datetime, str, str]]] = defaultdict(list)
    for (profile, _), touches in groups.items():
        first = min(touches, key=lambda t: (t["occurred_at"], t["touchpoint_id"]))
        channel = first["marketing_channel"] or first["channel"] or "unknown"
        found[profile].append((first["occurred_at"], min(t["touchpoint_id"] for t in touches), channel))
    return {profile: sorted(touches) for profile, touches in found.items()}


@dataclass
class Conversion:
    """An order with its path: (when, touchpoint, channel) in order."""

    id: str
    currency: str
    value: Decimal
    path: list[tuple[datetime, str, str]]


def conversions(shop: Shop) -> list[Conversion]:
    orders = {(o["source"], o["order_id"]): o for o in shop.orders}
    seen = visits(shop)
    found = []
    for point in shop.touches:
        if point["touch_type"] != "order" or not point["is_conversion"] or not point["profile_id"]:
            continue
        at = point["occurred_at"]
        if at is None:
            continue
        currency, value, _ = money_of(orders[point["source"], point["source_pk"]])
        path = [t for t in seen.get(point["profile_id"], []) if at - timedelta(30) <= t[0] <= at]
        found.append(
            Conversion(point["touchpoint_id"], currency, value, path or [(at, point["touchpoint_id"], "direct")])
        )
    return found


def credit(model: str, conversion: Conversion, at: datetime) -> list[Fraction]:
    """The share of each touch of a path, exactly."""
    n = len(conversion.path)
    channels = [channel for _, _, channel in conversion.path]
    if model == "first":
        return [Fraction(i == 0) for i in range(n)]
    if model == "last":
        return [Fraction(i == n - 1) for i in range(n)]
    if model == "last_non_direct":
        named = [i for i in range(n) if channels[i] != "direct"]
        return [Fraction(i == (named[-1] if named else n - 1)) for i in range(n)]
    if model == "linear":
        return [Fraction(1, n)] * n
    if model == "position":
        if n <= 2:
            return [Fraction(1, n)] * n
        return [Fraction(2, 5), *[Fraction(1, 5) / (n - 2)] * (n - 2), Fraction(2, 5)]
    weights = [Fraction(math.pow(0.5, (at - when).total_seconds() / 3600 / 168)) for when, _, _ in conversion.path]
    return [weight / sum(weights) for weight in weights]


def losses(shop: Shop, found: Iterable[Conversion]) -> Counter[tuple[str, ...]]:
    """Channels of journeys that led to no conversion."""
    used = {touch for conversion in found for _, touch, _ in conversion.path}
    lost: Counter[tuple[str, ...]] = Counter()
    for touches in visits(shop).values():
        journey: list[tuple[datetime, str]] = []
        for at, touch, channel in touches:
            if touch in used:
                continue
            if journey and at > journey[-1][0] + timedelta(30):
                lost[collapsed([c for _, c in journey])] += 1
                journey = []
            journey.append((at, channel))
        if journey:
            lost[collapsed([c for _, c in journey])] += 1
    return lost


def collapsed(channels: Iterable[str]) -> tuple[str, ...]:
    return tuple(channel for channel, _ in itertools.groupby(channels))


# -- cohorts


def month_of(moment: datetime) -> date:
    return moment.date().replace(day=1)


def months_between(start: date, end: date) -> int:
    return (end.year - start.year) * 12 + end.month - start.month


def cohorts(shop: Shop) -> tuple[dict[tuple[date, int], tuple[int, int, int]], dict[tuple[date, int], tuple[int, int]]]:
    """(customers, active, orders) by cohort and month; (customers, repeaters) by cohort and days."""
    times: dict[str, list[datetime]] = defaultdict(list)
    for order in shop.sales():
        if order["profile_id"] in shop.counted and order["order_at"] and order["order_at"] <= shop.as_of:
            times[order["profile_id"]].append(order["order_at"])
    by_month: dict[date, list[list[datetime]]] = defaultdict(list)
    for moments in times.values():
        by_month[month_of(min(moments))].append(sorted(moments))
    retention, repeat = {}, {}
    for cohort, people in by_month.items():
        for number in range(months_between(cohort, shop.as_of.date()) + 1):
            in_month = [sum(months_between(cohort, at.date()) == number for at in moments) for moments in people]
            retention[cohort, number] = (len(people), sum(n > 0 for n in in_month), sum(in_month))
        for days in (30, 60, 84, 90, 180, 365):
            again = sum(len(m) > 1 and m[1] <= m[0] + timedelta(days) for m in people)
            repeat[cohort, days] = (len(people), again)
    return retention, repeat
