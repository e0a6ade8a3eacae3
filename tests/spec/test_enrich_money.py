"""Money in one reporting currency: by rates of a file, never a silent mix, nothing lost on the way."""

from datetime import date
from decimal import Decimal

import pytest

from identity.errors import ConfigurationError
from identity.settings_groups import MoneySettings
from identity.stages.enrich import enrich
from identity.stages.unify import unify
from identity.standard.rates import read_rates
from pictures import expect, given, new_run

RATES = """date,currency,rate
2025-01-02,USD,0.97
2025-02-01,USD,0.96153846

2025-01-02,jpy,0.0061
"""


def run_with(tmp_path, orders, rates=RATES, currency="EUR", **settings):
    if rates is not None:
        (tmp_path / "rates.csv").write_text(rates)
    if currency:
        settings["money"] = MoneySettings(currency=currency, rates=tmp_path / "rates.csv" if rates else None)
    run = new_run(tmp_path, **settings)
    given(
        run,
        std_source_record="""
        source | source_pk | system
        shop   | 1         | shop
        shop   | 2         | shop
        """,
        identity_profile_xref="""
        source | source_pk | profile_id
        shop   | 1         | p1
        shop   | 2         | p2
        """,
        std_order=orders,
    )
    return run, unify(run) | enrich(run)


ORDERS = """
    source | order_id | person_source | person_pk | order_at            | currency | gross  | discount | net_revenue
    shop   | 1        | shop          | 1         | 2025-01-05 12:00:00 | USD      | 10.00  | 1.00     | 9.00
    shop   | 2        | shop          | 1         | 2025-02-01 00:00:00 | USD      | 10.00  | 0        | 10.00
    shop   | 3        | shop          | 1         | 2025-02-01 00:00:00 | EUR      | 10.00  | 0        | 10.00
    shop   | 4        | shop          | 2         | 2025-01-01 23:59:59 | USD      | 10.00  | 0        | 10.00
    shop   | 5        | shop          | 2         | 2025-02-03          | EUR      | 7.00   | 0        | 7.00
    shop   | 6        |               |           | 2025-02-03          |          | 7.00   | 0        | 7.00
"""


def test_an_order_is_converted_at_the_last_rate_known_on_its_day_and_keeps_its_own_amounts(tmp_path):
    run, metrics = run_with(tmp_path, ORDERS)
    expect(
        run,
        "gold.orders",
        """
        order_id | currency | net_revenue | reporting_currency | reporting_rate | gross_reporting | discount_reporting | net_revenue_reporting
        1        | USD      | 9.0000      | EUR                | 0.97000000     | 9.7000          | 0.9700             | 8.7300
        2        | USD      | 10.0000     | EUR                | 0.96153846     | 9.6154          | 0.0000             | 9.6154
        3        | EUR      | 10.0000     | EUR                | 1.00000000     | 10.0000         | 0.0000             | 10.0000
        4        | USD      | 10.0000     | EUR                |                |                 |                    |
        5        | EUR      | 7.0000      | EUR                | 1.00000000     | 7.0000          | 0.0000             | 7.0000
        6        |          | 7.0000      | EUR                |                |                 |                    |
        """,
    )
    assert metrics["orders_without_rate"] == 2
    assert metrics["money_without_person:unknown"] == 7


def test_a_profile_adds_up_in_the_reporting_currency_and_not_at_all_where_a_rate_is_missing(tmp_path):
    run, _ = run_with(tmp_path, ORDERS)
    expect(
        run,
        "gold.customer_360",
        """
        profile_id | orders | revenue | revenue_currency | aov
        p1         | 3      | 28.3454 | EUR              | 9.4485
        p2         | 2      |         |                  |
        """,
    )


def test_without_a_configured_currency_money_in_several_is_not_converted(tmp_path):
    run, metrics = run_with(tmp_path, ORDERS, rates=None, currency=None)
    expect(
        run,
        "gold.orders",
        """
        order_id | reporting_currency | net_revenue_reporting
        1        |                    |
        2        |                    |
        3        |                    |
        4        |                    |
        5        |                    |
        6        |                    |
        """,
    )
    assert metrics["orders_without_rate"] == 0


def test_without_a_configured_currency_the_only_one_is_the_reporting_one(tmp_path):
    orders = """
    source | order_id | person_source | person_pk | currency | gross | discount | net_revenue
    shop   | 1        | shop          | 1         | GBP      | 10.00 | 1.00     | 9.00
    shop   | 2        |               |           | GBP      | 5.00  |          | 5.00
    """
    run, _ = run_with(tmp_path, orders, rates=None, currency=None)
    expect(
        run,
        "gold.orders",
        """
        order_id | reporting_currency | gross_reporting | discount_reporting | net_revenue_reporting
        1        | GBP                | 10.0000         | 1.0000             | 9.0000
        2        | GBP                | 5.0000          |                    | 5.0000
        """,
    )


def test_a_sum_that_does_not_fit_is_null_and_stops_nothing(tmp_path):
    orders = """
    source | order_id | currency | order_at   | gross             | discount | net_revenue
    shop   | 1        | XAU      | 2025-02-03 | 99999999999999.99 | 0        | 1.00
    """
    run, _ = run_with(tmp_path, orders, rates="date,currency,rate\n2025-01-01,XAU,100000\n")
    expect(run, "gold.orders", "order_id | gross_reporting | net_revenue_reporting\n1 |  | 100000.0000")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("date,rate\n2025-01-01,1\n", "no column currency"),
        ("date,currency,rate\n01/02/2025,USD,1\n", "line 2: no date"),
        ("date,currency,rate\n2025-01-02,US$,1\n", "line 2: no currency"),
        ('date,currency,rate\n2025-01-02,USD,"0,97"\n', "line 2: no rate above 0"),
        ("date,currency,rate\n2025-01-02,USD,0\n", "line 2: no rate above 0"),
        ("date,currency,rate\n2025-01-02,USD,1\n2025-01-02,USD,2\n", "line 3: a second rate of USD"),
    ],
)
def test_a_faulty_file_of_rates_is_refused_with_its_line(tmp_path, text, words):
    path = tmp_path / "rates.csv"
    path.write_text(text)
    with pytest.raises(ConfigurationError, match=words):
        read_rates(path)


def test_the_order_of_the_lines_of_a_file_of_rates_does_not_matter(tmp_path):
    path = tmp_path / "rates.csv"
    path.write_text("\ufeffDate, Currency ,Rate\n2025-02-01,usd,2\n2025-01-01,USD,1.5\n2025-01-01,USD,1.50\n")
    assert read_rates(path).to_pylist() == [
        {"date": date(2025, 1, 1), "currency": "USD", "rate": Decimal("1.5")},
        {"date": date(2025, 2, 1), "currency": "USD", "rate": Decimal(2)},
    ]


def test_refunds_add_up_to_the_returned_revenue_of_their_order(tmp_path):
    orders = """
    source | order_id | person_source | person_pk | order_at   | currency | gross | returned_revenue | net_revenue
    square | 1        | shop          | 1         | 2025-01-05 | USD      | 50    | 30               | 20
    square | 2        |               |           | 2025-01-05 | USD      | 50    | 12               | 38
    shop   | 3        | shop          | 2         | 2025-01-05 | EUR      | 50    | 5                | 45
    shop   | 4        | shop          | 2         | 2025-01-05 | EUR      | 50    | 0                | 50
    """
    run = new_run(tmp_path, money=MoneySettings(currency="EUR", rates=tmp_path / "rates.csv"))
    (tmp_path / "rates.csv").write_text(RATES)
    given(
        run,
        std_source_record="source | source_pk\nshop | 1\nshop | 2",
        identity_profile_xref="source | source_pk | profile_id\nshop | 1 | p1\nshop | 2 | p2",
        std_order=orders,
        std_refund="""
        source | order_id | refund_number | refunded_at         | time_zone        | amount
        square | 1        | 1             | 2025-01-06 10:00:00 | America/New_York | 10
        square | 1        | 2             | 2025-01-07 10:00:00 | America/New_York | 20
        square | 2        | 1             | 2025-01-07 10:00:00 | America/New_York | 10
        """,
    )
    unify(run)
    enrich(run)
    expect(
        run,
        "gold.refunds",
        """
        source | order_id | refund_number | profile_id | refunded_at         | amount  | currency | amount_reporting
        square | 1        | 1             | p1         | 2025-01-06 10:00:00 | 10.0000 | USD      | 9.7000
        square | 1        | 2             | p1         | 2025-01-07 10:00:00 | 20.0000 | USD      | 19.4000
        square | 2        | 0             |            |                     | 2.0000  | USD      | 1.9400
        square | 2        | 1             |            | 2025-01-07 10:00:00 | 10.0000 | USD      | 9.7000
        shop   | 3        | 0             | p2         |                     | 5.0000  | EUR      | 5.0000
        """,
    )
