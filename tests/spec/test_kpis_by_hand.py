"""Every KPI of a run over drawn data equals what a slow and obvious reckoning finds."""

import itertools
import json
import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from tests.support import kpi_oracle as oracle
from tests.support.kpi_oracle import Shop, money_of

from identity.kpi import buying, spending
from identity.kpi.attribution import Paths, markov, shapley
from identity.runs.run import Run
from identity.runs.workspace import Session
from identity.stages.enrich import enrich
from identity.stages.unify import unify
from pictures import new_run, write

AS_OF = datetime(2026, 1, 31)
TABLES = (
    "gold.customer_traits", "gold.customer_360", "gold.profile_core", "gold.orders", "gold.touchpoint", "gold.session",
    "gold.tickets", "gold.survey_response", "gold.email_engagement", "gold.segment_membership", "mart.kpi",
    "mart.kpi_daily", "mart.cohort_retention", "mart.cohort_revenue", "mart.repeat_rate", "mart.conversion_by_channel",
    "mart.attribution_credit", "mart.attribution_path", "mart.attribution_joint", "mart.attribution_channel",
    "mart.model", "mart.basis",
)  # fmt: skip
AVERAGES = {"aov", "conversion_rate", "csat", "nps"}
MODELS = ("first", "last", "last_non_direct", "linear", "position", "time_decay")


def draw(run: Run, seed: int, people: int, currencies: tuple[str, ...]) -> None:
    """Customers with orders in irregular habits, mails, visits, tickets and answers; some staff and test records."""
    rng = random.Random(seed)
    records, homes, orders, touches, tickets, surveys = [], [], [], [], [], []

    def when(low: int = 900) -> datetime:
        return AS_OF - timedelta(seconds=rng.randint(0, low * 86400))

    for n in range(people):
        person = {"person_source": "shop", "person_pk": str(n)}
        records.append({
            "source": "shop", "source_pk": str(n), "system": "shop", "source_created_at": "2023-01-01",
            "is_test": str(n % 41 == 7).lower(), "is_staff": str(n % 37 == 5).lower(),
        })  # fmt: skip
        homes.append({"source": "shop", "source_pk": str(n), "profile_id": f"p{n:03d}"})
        begin, gap, level = when(), rng.choice([5, 20, 60, 200]), rng.choice([1, 2, 5])
        at = begin
        for k in range(rng.choice([0, 0, 1, 1, 2, 4, 9])):
            gross = Decimal(level * rng.randint(1000, 5_000)) / 100
            off = rng.choice([Decimal(0), Decimal(0), (gross / 7).quantize(Decimal("0.0001"))])
            cancelled = rng.random() < 0.05
            back = Decimal(0) if rng.random() < 0.9 else (gross - off) / 2
            back = back.quantize(Decimal("0.0001"))
            orders.append({
                **person, "source": "shop_order", "order_id": f"{n}-{k}",
                "order_at": None if rng.random() < 0.01 else at, "channel": rng.choice(["online", "store", None]),
                "currency": rng.choice(currencies) if n % 9 == 4 else currencies[n % len(currencies)], "gross": gross, "discount": off, "returned_revenue": Decimal(0) if cancelled else back,
                "canceled_revenue": gross - off if cancelled else Decimal(0),
                "net_revenue": Decimal(0) if cancelled else gross - off - back, "is_test": str(rng.random() < 0.02).lower(),
            })  # fmt: skip
            at += timedelta(seconds=rng.randint(1, 2 * gap * 86400))
            if at > AS_OF + timedelta(3):
                break
        for k in range(rng.choice([0, 0, 1, 3, 8])):
            kind = rng.choice(
                ["email_sent", "email_opened", "email_clicked", "page", "page", "ad_clicked", "checkout_abandoned"]
            )
            channel = {"page": rng.choice(["direct", "organic_search"]), "ad_clicked": "paid_search"}.get(kind, "email")
            near = begin + timedelta(seconds=rng.randint(-40 * 86400, 20 * 86400))
            touches.append({
                **person, "source": "web" if kind == "page" else "mail", "source_pk": f"{n}-{k}",
                "occurred_at": None if rng.random() < 0.02 else near, "channel": channel, "touch_type": kind,
                "campaign": rng.choice(["spring", "autumn"]), "is_machine": rng.choice([None, "true", "false"]) if kind == "email_opened" else None,
                "session_id": f"s{n}-{k // 2}" if kind == "page" else None,
            })  # fmt: skip
        if rng.random() < 0.2:
            tickets.append({
                **person, "source": "desk", "ticket_id": str(n), "created_at": when(), "status": rng.choice(["open", "closed"]),
                "satisfaction": rng.choice(["good", "bad", "offered", None]), "channel": "web",
            })  # fmt: skip
        for k in range(rng.choice([0, 0, 0, 1, 2])):
            kind = rng.choice(["nps", "csat"])
            surveys.append({
                **person, "source": "survey", "response_id": f"{n}-{k}", "kind": kind,
                "score": rng.randint(0, 10) if kind == "nps" else rng.randint(1, 5), "answered_at": when(),
            })  # fmt: skip
    for k in range(9):
        orders.append({
            "source": "till", "order_id": str(k), "order_at": when(300), "channel": "store", "currency": currencies[0],
            "gross": Decimal("9.99"), "discount": Decimal(0), "net_revenue": Decimal("9.99"), "is_test": "false",
        })  # fmt: skip
    given = {
        "std.source_record": records, "identity.profile_xref": homes, "std.order": orders, "std.touchpoint": touches,
        "std.ticket": tickets, "std.survey_response": surveys,
    }  # fmt: skip
    for name, rows in given.items():
        write(run, name, [{key: None if value is None else str(value) for key, value in row.items()} for row in rows])


@pytest.fixture(scope="module", params=[("USD",), ("USD", "EUR")], ids=["one currency", "two currencies"])
def run(request, tmp_path_factory) -> Run:
    run = new_run(tmp_path_factory.mktemp("kpi"))
    draw(run, seed=len(request.param), people=400, currencies=request.param)
    unify(run)
    enrich(run)
    return run


@pytest.fixture(scope="module")
def db(run: Run) -> Iterator[Session]:
    with run.open(*TABLES) as session:
        yield session


def rows(db: Session, table: str) -> list[dict[str, Any]]:
    return db.query(f"select * from {table}").to_pylist()


@pytest.fixture(scope="module")
def shop(db: Session) -> Shop:
    engagement = {row["profile_id"]: row for row in rows(db, "gold.email_engagement")}
    names = ("profile_core", "orders", "touchpoint", "session", "tickets", "survey_response")
    return Shop(AS_OF, *(rows(db, f"gold.{name}") for name in names), engagement)


@pytest.fixture(scope="module")
def traits(db: Session) -> dict[str, dict[str, Any]]:
    return {row["profile_id"]: row for row in rows(db, "gold.customer_traits")}


def test_traits(shop: Shop, traits) -> None:
    assert len(traits) == 400
    for profile, row in traits.items():
        expected = oracle.trait(shop, profile)
        for name, value in expected.items():
            same = row[name] == (pytest.approx(value) if isinstance(value, float) else value)
            assert same, (profile, name, row[name], value)


def test_rfm(shop: Shop, traits) -> None:
    expected = oracle.rfm(shop, traits)
    assert len(expected) > 50
    assert {profile: row["rfm"] for profile, row in traits.items() if row["rfm"]} == expected


def test_everyday_traits_stand_on_the_profile_too(db: Session) -> None:
    differing = db.rows(
        "select count(*) from gold.customer_traits as traits join gold.customer_360 as golden using (profile_id) where "
        "(traits.lifecycle_status, traits.p_alive, traits.predicted_clv_12m, traits.rfm, traits.preferred_channel, "
        "traits.orders_lifetime) is distinct from (golden.lifecycle_status, golden.p_alive, golden.predicted_clv_12m, "
        "golden.rfm, golden.preferred_channel, golden.orders)"
    )
    assert differing == [(0,)]


def test_predictions(shop: Shop, traits, db: Session) -> None:
    """x, t_x, T and mean spend from the orders, one customer at a time; then the formulas of the papers."""
    from scipy.special import hyp2f1

    days: dict[str, dict[Any, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    coins: dict[str, set[str]] = defaultdict(set)
    for order in shop.sales():
        kept = (order["canceled_revenue"] or 0) < max((order["gross"] or 0) - (order["discount"] or 0), Decimal("0.01"))
        if order["profile_id"] and order["order_at"] and order["order_at"] <= AS_OF and kept:
            currency, net, _ = money_of(order)
            days[order["profile_id"]][order["order_at"].date()] += net
            coins[order["profile_id"]].add(currency)
    history, spent = {}, {}
    for profile, bought in days.items():
        first, last = min(bought), max(bought)
        history[profile] = (len(bought) - 1, (last - first).days / 7, (AS_OF.date() - first).days / 7)
        repeat = sum(bought.values()) - bought[first]
        spent[profile] = float(repeat) / history[profile][0] if history[profile][0] else 0.0
    models = {(row["model"], row["currency"]): row for row in rows(db, "mart.model")}
    assert models["bg_nbd", ""]["is_fitted"]
    given = json.loads(models["bg_nbd", ""]["parameters"])
    columns = [np.array([float(history[p][n]) for p in sorted(history) if p in shop.counted]) for n in range(3)]
    fitted = buying.fit(buying.Histories.of(*columns)[0])
    assert [fitted.r, fitted.alpha, fitted.a, fitted.b] == pytest.approx(list(given.values()), rel=1e-4)
    assert models["bg_nbd", ""]["customers"] == len(columns[0])

    def expected_purchases(x: int, t_x: float, t: float, horizon: float) -> tuple[float, float]:
        r, alpha, a, b = given["r"], given["alpha"], given["a"], given["b"]
        gone = a / (b + x - 1) * ((alpha + t) / (alpha + t_x)) ** (r + x) if x else 0.0
        z = horizon / (alpha + t + horizon)
        series = hyp2f1(r + x, b + x, a + b + x - 1, z)
        return (a + b + x - 1) / (a - 1) * (1 - (1 - z) ** (r + x) * series) / (1 + gone), 1 / (1 + gone)

    checked = 0
    for profile in sorted(history)[::7]:
        row, (x, t_x, t) = traits[profile], history[profile]
        until = [expected_purchases(x, t_x, t, month * 30 / 7)[0] if month else 0.0 for month in range(13)]
        assert row["p_alive"] == pytest.approx(expected_purchases(x, t_x, t, 1)[1], abs=1e-4)
        assert row["predicted_orders_12m"] == pytest.approx(until[12], abs=1e-3, rel=1e-3)
        currency = next(iter(coins[profile])) if len(coins[profile]) == 1 else None
        spend = models.get(("gamma_gamma", currency))
        if spend is None or not spend["is_fitted"]:
            assert row["predicted_clv_12m"] is None
            continue
        checked += 1
        p, q, v = (json.loads(spend["parameters"])[name] for name in ("p", "q", "v"))
        weight = p * x / (p * x + q - 1) if x else 0.0
        value = weight * spent[profile] + (1 - weight) * p * v / (q - 1)
        total = sum(value * (until[i] - until[i - 1]) / 1.01**i for i in range(1, 13))
        assert float(row["expected_order_value"]) == pytest.approx(value, rel=1e-3)
        assert float(row["predicted_clv_12m"]) == pytest.approx(total, rel=2e-3, abs=0.01)
    assert checked > 5
    assert {row["p_alive"] for p, row in traits.items() if p not in history} == {None}
    for currency in {c for _, c in models} - {""}:
        mine = [p for p in sorted(history) if coins[p] == {currency} and p in shop.counted]
        again = spending.fit(np.array([history[p][0] for p in mine]), np.array([spent[p] for p in mine]))
        assert models["gamma_gamma", currency]["is_fitted"] == isinstance(again, spending.Spending)


def test_attribution_credits(shop: Shop, db: Session) -> None:
    found = {(r["conversion_id"], r["touchpoint_id"], r["model"]): r for r in rows(db, "mart.attribution_credit")}
    at = {touch["touchpoint_id"]: touch["occurred_at"] for touch in shop.touches}
    conversions = oracle.conversions(shop)
    assert max(len(conversion.path) for conversion in conversions) > 4
    for conversion, model in itertools.product(conversions, MODELS):
        shares = oracle.credit(model, conversion, at[conversion.id])
        given = [found.pop((conversion.id, touch, model), None) for _, touch, _ in conversion.path]
        credited = [Fraction(row["credit"]) if row else Fraction(0) for row in given]
        values = [row["value"] if row else Decimal(0) for row in given]
        assert sum(credited) == 1
        assert sum(values) == conversion.value
        assert [float(c) for c in credited] == pytest.approx([float(s) for s in shares], abs=2e-6)
        expected = [float(share * Fraction(conversion.value)) for share in shares]
        assert [float(v) for v in values] == pytest.approx(expected, abs=2e-4)
        assert {(r["currency"], r["channel"]) for r in given if r} <= {
            (conversion.currency, c) for _, _, c in conversion.path
        }
    assert found == {}


def test_attribution_of_all_paths_together(shop: Shop, db: Session) -> None:
    conversions = oracle.conversions(shop)
    lost = oracle.losses(shop, conversions)
    won: Counter[tuple[tuple[str, ...], str]] = Counter()
    money: dict[tuple[tuple[str, ...], str], Decimal] = defaultdict(Decimal)
    for conversion in conversions:
        path = oracle.collapsed(channel for _, _, channel in conversion.path)
        won[path, conversion.currency] += 1
        money[path, conversion.currency] += conversion.value
    paths = {(tuple(r["path"].split(" > ")), r["currency"]): r for r in rows(db, "mart.attribution_path")}
    assert {key: row["conversions"] for key, row in paths.items() if row["conversions"]} == won
    assert {key: row["value"] for key, row in paths.items() if row["conversions"]} == money
    assert Counter({key[0]: row["losses"] for key, row in paths.items() if row["losses"]}) == lost
    joint = {(r["model"], r["currency"], r["channel"]): r for r in rows(db, "mart.attribution_joint")}
    for currency in {c for _, c in won}:
        journeys = [(path, won[path, currency], lost[path]) for path in {p for p, _ in won} | set(lost)]
        journeys = sorted(journey for journey in journeys if journey[1] or journey[2])
        for model in (markov, shapley):
            expected = model(Paths.of(journeys))
            got = {
                c: float(r["conversions"]) for (m, cur, c), r in joint.items() if (m, cur) == (model.__name__, currency)
            }
            assert got == pytest.approx(expected, abs=1e-4)
            total = sum(r["value"] for (m, cur, _), r in joint.items() if (m, cur) == (model.__name__, currency))
            assert total == sum(value for (_, c), value in money.items() if c == currency)


def test_every_attribution_model_shares_out_all_conversions_and_all_their_money(shop: Shop, db: Session) -> None:
    conversions = oracle.conversions(shop)
    totals: dict[tuple[str, str], list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for row in rows(db, "mart.attribution_channel"):
        totals[row["model"], row["currency"]][0] += row["conversions"]
        totals[row["model"], row["currency"]][1] += row["value"]
    for model, currency in itertools.product((*MODELS, "markov", "shapley"), {c.currency for c in conversions}):
        mine = [c for c in conversions if c.currency == currency]
        assert totals.pop((model, currency)) == [len(mine), sum(c.value for c in mine)]
    assert not totals


def test_cohorts_and_repeat_rates(shop: Shop, db: Session) -> None:
    retention, repeat = oracle.cohorts(shop)
    found = rows(db, "mart.cohort_retention")
    assert {
        (r["cohort_month"], r["month_number"]): (r["customers"], r["active"], r["orders"]) for r in found
    } == retention
    assert all(r["retention"] == pytest.approx(r["active"] / r["customers"]) for r in found)
    assert [r for r in found if r["month_number"] == 0 and r["active"] != r["customers"]] == []
    rates = rows(db, "mart.repeat_rate")
    assert {(r["cohort_month"], r["days"]): (r["customers"], r["repeaters"]) for r in rates} == repeat
    for row in rates:
        following = (row["cohort_month"].replace(day=28) + timedelta(4)).replace(day=1)
        assert row["is_complete"] == (
            datetime.combine(following, datetime.min.time()) + timedelta(row["days"]) <= AS_OF
        )


def test_cohort_revenue_is_the_revenue_of_known_people(shop: Shop, db: Session) -> None:
    expected: dict[str, Decimal] = defaultdict(Decimal)
    for order in shop.sales():
        if order["profile_id"] and order["order_at"] and order["order_at"] <= AS_OF:
            currency, net, _ = money_of(order)
            expected[currency] += net
    found: dict[str, Decimal] = defaultdict(Decimal)
    last: dict[Any, Decimal] = {}
    for row in sorted(rows(db, "mart.cohort_revenue"), key=lambda r: r["month_number"]):
        found[row["currency"]] += row["net_revenue"]
        last[row["cohort_month"], row["currency"]] = row["cumulative_revenue"]
    assert found == expected
    for currency, total in expected.items():
        assert sum(value for (_, c), value in last.items() if c == currency) == total


def test_conversion_by_channel(shop: Shop, db: Session) -> None:
    staff = {p["profile_id"] for p in shop.profiles} - shop.counted
    groups: dict[Any, list[Any]] = defaultdict(list)
    for visit in shop.sessions:
        if visit["started_at"] and visit["profile_id"] not in staff:
            groups[oracle.month_of(visit["started_at"]), visit["channel"] or "unknown"].append(visit)
    found = {(r["month"], r["channel"]): r for r in rows(db, "mart.conversion_by_channel")}
    assert found.keys() == groups.keys()
    assert groups
    for key, visits in groups.items():
        people = {v["profile_id"] for v in visits} - {None}
        converted = {v["profile_id"] for v in visits if v["is_converted"]} - {None}
        row = found[key]
        assert (row["sessions"], row["converted_sessions"]) == (
            len(visits),
            sum(bool(v["is_converted"]) for v in visits),
        )
        assert (row["people"], row["converted_people"]) == (len(people), len(converted))


def mailed(shop: Shop) -> Counter[str]:
    """Campaigns of each person of averages: delivered, opened, clicked, and opened or clicked whether sent or not."""
    campaigns: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for touch in shop.touches:
        if touch["profile_id"] in shop.counted and touch["touch_type"].startswith("email_"):
            campaigns[touch["profile_id"], touch["campaign"]].append(touch)
    counted: Counter[str] = Counter()
    for touches in campaigns.values():
        sent = sum(t["touch_type"] == "email_sent" for t in touches)
        opens = [t for t in touches if t["touch_type"] == "email_opened"]
        clicked = any(t["touch_type"] == "email_clicked" for t in touches)
        counted["delivered"] += sent
        counted["opened"] += bool(opens) and sent > 0
        counted["human_opened"] += any(not t["is_machine"] for t in opens) and sent > 0
        counted["clicked"] += clicked and sent > 0
        counted["opens"] += bool(opens)
        counted["clicks"] += clicked
    return counted


def test_kpis(shop: Shop, traits, db: Session) -> None:
    found = {(r["kpi"], r["currency"]): r for r in rows(db, "mart.kpi")}
    year, two = oracle.months_before(AS_OF, 12), oracle.months_before(AS_OF, 24)
    expected: dict[tuple[str, str], tuple[Any, Any]] = {}
    staff = {p["profile_id"] for p in shop.profiles} - shop.counted
    for currency in {money_of(o)[0] for o in shop.sales()}:
        mine = [o for o in shop.sales() if money_of(o)[0] == currency]
        recent = [o for o in mine if o["order_at"] and year < o["order_at"] <= AS_OF]
        fair = [o for o in recent if o["profile_id"] not in staff]
        expected["net_revenue", currency] = (sum(money_of(o)[1] for o in mine), None)
        expected["net_revenue_l12m", currency] = (sum(money_of(o)[1] for o in recent), None)
        nobody = [money_of(o)[1] for o in mine if o["profile_id"] is None]
        expected["net_revenue_without_person", currency] = (sum(nobody, Decimal(0)), None)
        expected["aov", currency] = (sum(money_of(o)[2] for o in fair), len(fair))
    fair_traits = [row for profile, row in traits.items() if profile in shop.counted]
    for currency in {
        row["currency"] for row in fair_traits if row["orders_lifetime"] and row["clv_historic"] is not None
    }:
        mine = [
            r
            for r in fair_traits
            if r["orders_lifetime"] and r["currency"] == currency and r["clv_historic"] is not None
        ]
        expected["clv_historic", currency] = (sum(r["clv_historic"] for r in mine), len(mine))
        told = [r["predicted_clv_12m"] for r in mine if r["predicted_clv_12m"] is not None]
        expected["predicted_clv", currency] = (sum(told) if told else None, len(told))
    buys = [
        [o["order_at"] for o in shop.sales(profile) if o["order_at"] and o["order_at"] <= AS_OF]
        for profile in sorted(shop.counted)
    ]
    recent_counts = [sum(at > year for at in moments) for moments in buys]
    before = [any(two < at <= year for at in moments) for moments in buys]
    kept = sum(b and n > 0 for b, n in zip(before, recent_counts, strict=True))
    buyers = [r for r in fair_traits if r["orders_lifetime"]]
    observed = [r for r in buyers if r["tenure_days"] is not None and r["tenure_days"] >= 84]
    visits = [
        v for v in shop.sessions if v["started_at"] and year < v["started_at"] <= AS_OF and v["profile_id"] not in staff
    ]
    rated = [good for who, at, good in oracle.ratings_of(shop) if who not in staff and at and year < at <= AS_OF]
    nps = [r["nps"] for r in fair_traits if r["nps"] is not None]
    mail = mailed(shop)
    plain = {
        "people": (len(fair_traits), None),
        "buyers": (len(buyers), None),
        "buyers_l12m": (sum(n > 0 for n in recent_counts), None),
        "purchase_frequency": (sum(recent_counts), sum(n > 0 for n in recent_counts)),
        "repeat_purchase_rate": (sum(n > 1 for n in recent_counts), sum(n > 0 for n in recent_counts)),
        "early_repeat_rate": (sum(bool(r["is_early_repeat"]) for r in observed), len(observed)),
        "retention_rate": (kept, sum(before)),
        "churn_rate": (sum(before) - kept, sum(before)),
        "one_and_done_share": (sum(bool(r["one_and_done"]) for r in buyers), len(buyers)),
        "conversion_rate": (sum(bool(v["is_converted"]) for v in visits), len(visits)),
        "open_rate": (mail["opened"], mail["delivered"]),
        "human_open_rate": (mail["human_opened"], mail["delivered"]),
        "click_rate": (mail["clicked"], mail["delivered"]),
        "click_to_open_rate": (mail["clicks"], mail["opens"]),
        "csat": (sum(rated), len(rated)),
        "nps": (sum(100 if n >= 9 else 0 if n >= 7 else -100 for n in nps), len(nps)),
    }
    for word, name in {
        "prospect": "prospect",
        "new": "new",
        "active": "active",
        "lapsed": "lapsed",
        "dormant": "dormant",
    }.items():
        plain[f"people_{name}"] = (sum(r["lifecycle_status"] == word for r in fair_traits), None)
    expected |= {(name, ""): parts for name, parts in plain.items()}
    assert found.keys() == expected.keys()
    for key, (above, below) in expected.items():
        row = found[key]
        told = [None if part is None else float(part) for part in (row["numerator"], row["denominator"])]
        assert told == pytest.approx([None if p is None else float(p) for p in (above, below)], abs=1e-4), key
        if below:
            assert float(row["value"]) == pytest.approx(float(above) / below if above is not None else 0, abs=1e-6), key
        elif below is None and above is not None:
            assert float(row["value"]) == pytest.approx(float(above)), key
        assert row["definition"]


def test_daily_figures(shop: Shop, traits, db: Session) -> None:
    found = {(r["day"], r["kpi"], r["channel"], r["currency"]): r for r in rows(db, "mart.kpi_daily")}
    totals: dict[Any, Decimal] = defaultdict(Decimal)
    people: dict[Any, set[str]] = defaultdict(set)
    for order in shop.sales():
        if order["order_at"] is None:
            continue
        day, channel = order["order_at"].date(), order["channel"] or "unknown"
        currency, net, goods = money_of(order)
        gross = order["gross_reporting"] if order["gross_reporting"] is not None else order["gross"]
        totals[day, "orders", channel, ""] += 1
        totals[day, "net_revenue", channel, currency] += net
        totals[day, "gross", channel, currency] += gross
        totals[day, "discount", channel, currency] += gross - goods
        totals[day, "returned_or_cancelled", channel, currency] += goods - net
        people[day, "buyers", channel, ""] |= {order["profile_id"]} - {None}
        first = order["profile_id"] and traits[order["profile_id"]]["first_order_at"] == order["order_at"]
        people[day, "new_buyers", channel, ""] |= {order["profile_id"]} if first else set()
    words = {"email_sent": "emails_sent", "email_opened": "email_opens", "email_clicked": "email_clicks", "email_bounced": "emails_bounced",
             "checkout_abandoned": "abandoned_checkouts"}  # fmt: skip
    for touch in shop.touches:
        if touch["touch_type"] in words and touch["occurred_at"]:
            totals[touch["occurred_at"].date(), words[touch["touch_type"]], touch["channel"], ""] += 1
    for visit in shop.sessions:
        if visit["started_at"]:
            totals[visit["started_at"].date(), "sessions", visit["channel"] or "unknown", ""] += 1
    for ticket in shop.tickets:
        if not ticket["is_test"]:
            totals[ticket["created_at"].date(), "tickets", ticket["channel"], ""] += 1
    totals |= {key: Decimal(len(who)) for key, who in people.items()}
    assert {key: row["numerator"] for key, row in found.items() if key[1] not in AVERAGES} == totals


def test_daily_averages(shop: Shop, db: Session) -> None:
    found = {
        (r["day"], r["kpi"], r["channel"], r["currency"]): [r["numerator"], r["denominator"]]
        for r in rows(db, "mart.kpi_daily")
        if r["kpi"] in AVERAGES
    }
    assert found == oracle.daily_averages(shop)
    assert {kpi for _, kpi, _, _ in found} == AVERAGES
    told = db.rows("select numerator, denominator, value from mart.kpi_daily where denominator is not null")
    assert all(float(value) == pytest.approx(float(above) / float(below)) for above, below, value in told)


def test_money_is_kept_to_the_last_digit_from_export_to_marts(shop: Shop, db: Session) -> None:
    for currency in {money_of(o)[0] for o in shop.sales()}:
        revenue = sum(money_of(o)[1] for o in shop.sales() if money_of(o)[0] == currency)
        ((kpi,),) = db.rows("select numerator from mart.kpi where kpi = 'net_revenue' and currency = $c", c=currency)
        undated = sum(money_of(o)[1] for o in shop.sales() if money_of(o)[0] == currency and o["order_at"] is None)
        query = "select sum(numerator) from mart.kpi_daily where kpi = 'net_revenue' and currency = $c"
        ((daily,),) = db.rows(query, c=currency)
        assert kpi == revenue == daily + undated
