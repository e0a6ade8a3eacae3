"""Web events by the generic source: replayed and overlapping deliveries count once, an erasure takes the visits along."""

from pathlib import Path

import duckdb
import pytest
from tests.support.cli import invoke
from tests.support.erasure import traces

CONFIG = """
region = "US"
threads = 1
memory_limit = "1GB"

[money]
currency = "EUR"
rates = "rates.csv"

[[sources]]
name = "people"
files = "in/people*.csv"
record_id = "id"
[sources.fields]
given_name = "first"
family_name = "last"
email = "mail"
tags = "labels"
house_number = "number"
street = "street"
city = "city"
postal_code = "zip"
"id.visitor_id" = "cookie"

[[sources]]
name = "purchase"
files = "in/orders*.csv"
kind = "order"
record_id = "number"
person_source = "people"
person_id = "who"
[sources.fields]
order_at = "at"
channel = "channel"
currency = "currency"
gross = "gross"
discount = "discount"
returned_revenue = "back"

[[sources]]
name = "site"
files = "in/events*.csv"
kind = "touchpoint"
record_id = "event"
person_source = "people"
person_id = "who"
time_zone = "Europe/Berlin"
[sources.fields]
occurred_at = "at"
url = "link"
referrer = "from"
visitor_id = "cookie"
order_id = "order"
"""
PEOPLE = """id,first,last,mail,labels,number,street,city,zip,cookie
a1,Ada,Lovelace,ada@example.com,"VIP, Wholesale",7,Ockham Road,Reno,89503,GA.11.22
b1,Grace,Hopper,grace@example.com,,,,,,
c1,Alan,Turing,alan@example.com,vip,12,Oak Street,Reno,89501,
d1,Ethel,Turing,ethel@example.com,,12,Oak Street,Reno,89501,
"""
ORDERS = """number,who,at,channel,currency,gross,discount,back
1001,a1,2026-03-02T10:20:00Z,online,USD,19.99,0.10,5.01
1002,b1,2026-03-03T10:20:00Z,online,EUR,10.01,,
1003,,2026-03-03T10:20:00Z,store,GBP,10.01,,
"""
EVENTS = """event,at,link,from,cookie,who,order
e1,2026-03-02 11:00:00,https://shop.example/hat?utm_source=google&utm_medium=cpc&utm_campaign=spring+sale,https://google.com/,GA.11.22,,
e2,2026-03-02 11:20:00,https://shop.example/checkout/ada%40example.com,https://shop.example/hat,GA.11.22,,#1001
e3,2026-03-02 12:00:01,https://shop.example/,,GA.11.22,,
e4,2026-03-03 11:00:00,https://shop.example/?gclid=x,https://google.com/,GA.99.99,,
e5,2026-03-03 11:10:00,https://shop.example/,,GA.99.99,b1,
e6,2026-03-04 11:10:00,https://shop.example/,https://blog.example/hats,GA.77.77,,
"""
RATES = "date,currency,rate\n2026-03-01,USD,0.9213\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One run, a second over a replayed and an overlapping delivery of events, an erasure."""
    folder = tmp_path_factory.mktemp("events")
    inbox = folder / "in"
    inbox.mkdir()
    (folder / "run.toml").write_text(CONFIG)
    (folder / "rates.csv").write_text(RATES)
    for name, text in (("people", PEOPLE), ("orders", ORDERS), ("events", EVENTS)):
        (inbox / f"{name}.csv").write_text(text)
    run(folder, "2026-07-01T03:00:00")
    (folder / "first.txt").write_text(repr(facts(folder)))
    (inbox / "events_again.csv").write_text(EVENTS + "\n")
    head, *rows = EVENTS.splitlines()
    (inbox / "events_overlap.csv").write_text("\n".join([head, *rows[3:], rows[0]]) + "\n")
    run(folder, "2026-07-02T03:00:00")
    return folder


def run(folder: Path, as_of: str) -> None:
    told = invoke("run", "--config", folder / "run.toml", "-w", folder / "w.duckdb", "--as-of", as_of)
    assert told.exit_code == 0, told.output


def query(folder: Path, sql: str) -> list[tuple]:
    with duckdb.connect(str(folder / "w.duckdb"), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def facts(folder: Path) -> list[list[tuple]]:
    return [
        query(folder, f"select * from {table} order by all")
        for table in ("gold.touchpoint", "gold.session", "mart.journey", "gold.orders")
    ]


def test_a_replayed_and_an_overlapping_delivery_change_nothing(folder: Path) -> None:
    assert (folder / "first.txt").read_text() == repr(facts(folder))


def test_visits_find_their_person_channel_and_order(folder: Path) -> None:
    visits = query(
        folder,
        "select source_pk, xref.source_pk as person, strftime(started_at, '%d %H:%M'), time_zone, channel, campaign, "
        "landing_page, touches, order_id from gold.session as session "
        "left join identity.profile_xref as xref on xref.profile_id = session.profile_id order by 1".replace(
            "select source_pk,", "select session.source_pk,"
        ),
    )
    assert visits == [
        ("e1", "a1", "02 10:00", "Europe/Berlin", "paid_search", "spring sale", "/hat", 2, "1001"),
        ("e3", "a1", "02 11:00", "Europe/Berlin", "direct", None, "/", 1, None),
        ("e4", "b1", "03 10:00", "Europe/Berlin", "paid_search", None, "/", 2, "1002"),
        ("e6", None, "04 10:10", "Europe/Berlin", "referral", None, "/", 1, None),
    ]
    assert query(folder, "select page from std.touchpoint where source_pk = 'e2'") == [("/checkout/*",)]


def test_money_is_conserved_from_the_export_to_the_profile(folder: Path) -> None:
    totals = query(
        folder,
        "select currency, sum(gross)::varchar, sum(net_revenue)::varchar, sum(net_revenue_reporting)::varchar "
        "from gold.orders group by all order by 1",
    )
    assert totals == [("EUR", "10.0100", "10.0100", "10.0100"), ("GBP", "10.0100", "10.0100", None),
                      ("USD", "19.9900", "14.8800", "13.7089")]  # fmt: skip
    assert query(folder, "select sum(revenue)::varchar, any_value(revenue_currency) from gold.customer_360") == [
        ("23.7189", "EUR")
    ]
    assert query(folder, "select amount::varchar, amount_reporting::varchar from gold.refunds") == [
        ("5.0100", "4.6157")
    ]
    warned = query(
        folder,
        "select severity, success, failed_rows from ops.quality_result where expectation like '%' "
        "and subject like '%orders_without_rate%'",
    )
    assert [(severity, success) for severity, success, _ in warned] == [("warning", False)]


def test_the_journey_is_printed_by_any_id_the_person_ever_had(folder: Path) -> None:
    ((profile,),) = query(folder, "select profile_id from identity.profile_xref where source_pk = 'a1'")
    told = invoke("journey", profile, "-w", folder / "w.duckdb", "--json")
    assert told.exit_code == 0, told.output
    assert "paid_search" in told.stdout
    assert "14.88 USD" in told.stdout
    assert "ada" not in told.stdout.lower()
    assert invoke("journey", "P0", "-w", folder / "w.duckdb").exit_code == 2


def test_labels_are_kept_each_once_and_people_of_one_name_and_house_are_a_household(folder: Path) -> None:
    assert query(folder, "select source_pk, tags from std.source_record where tags is not null order by 1") == [
        ("a1", ["vip", "wholesale"]), ("c1", ["vip"])
    ]  # fmt: skip
    assert query(folder, "select surname_key, members from gold.household order by 1") == [
        ("lovelace", 1),
        ("turing", 2),
    ]


def test_p17_an_erasure_takes_visits_journeys_and_the_cookie_along(folder: Path) -> None:
    ((profile,),) = query(folder, "select profile_id from identity.profile_xref where source_pk = 'a1'")
    done = invoke(
        "erase", profile, "--by", "Dora", "--reason", "asked", "--yes",
        "--config", folder / "run.toml", "-w", folder / "w.duckdb",
    )  # fmt: skip
    assert done.exit_code == 0, done.output

    def found(text: str | bytes) -> list[str]:
        whole = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
        return [
            needle
            for needle in ("ada@example", "ada%40", "lovelace", "ga.11.22", "ga1122", "ockham")
            if needle in whole.lower()
        ]

    assert traces(folder, found) == []
    assert query(folder, "select surname_key, members from gold.household") == [("turing", 2)]
    assert query(folder, "select source_pk from gold.session order by 1") == [("e4",), ("e6",)]
    assert query(folder, f"select count(*) from mart.journey where profile_id = '{profile}'") == [(0,)]
    assert query(folder, "select count(*), sum(net_revenue)::varchar from gold.orders") == [(3, "34.9000")]
    assert query(folder, "select count(*), sum(amount)::varchar, count(profile_id) from gold.refunds") == [
        (1, "5.0100", 0)
    ]
    # delivered once more, the person stays away
    late = EVENTS.replace("hat?", "cap?") + "e9,2026-03-09 11:00:00,https://shop.example/,,GA.11.22,,\n"
    (folder / "in" / "events_late.csv").write_text(late)
    run(folder, "2026-07-03T03:00:00")
    assert query(folder, "select count(*) from std.touchpoint where visitor_id = 'GA1122'") == [(0,)]
