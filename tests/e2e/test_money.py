"""P4: money is conserved to the cent from the exports as they were written to the marts."""

import csv
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import duckdb

CENTS = Decimal("0.01")


def rows(folder: Path, pattern: str) -> list[dict[str, str]]:
    found = []
    for path in sorted(folder.glob(pattern)):
        with path.open(encoding="utf-8-sig", newline="") as stream:
            found += list(csv.DictReader(stream))
    return found


def amount(text: str) -> Decimal:
    return Decimal(text.replace("$", "").replace(",", "") or "0")


def ask(published: Path, sql: str) -> list[tuple]:
    with duckdb.connect(str(published / "w.duckdb"), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_p4_every_cent_of_the_shop_stands_in_the_orders(inbox: Path, published: Path) -> None:
    heads = {row["Name"]: row for row in rows(inbox / "shopify", "orders_export*.csv") if row["Total"]}
    (found,) = ask(
        published,
        "select count(*), sum(gross - discount), sum(discount), sum(tax), sum(shipping), sum(total_charged) "
        "from gold.orders where source = 'shopify_order'",
    )
    columns = ("Subtotal", "Discount Amount", "Taxes", "Shipping", "Total")
    assert found == (len(heads), *(sum(amount(row[name]) for row in heads.values()) for name in columns))


def test_p4_every_cent_of_the_till_stands_in_the_orders(inbox: Path, published: Path) -> None:
    sold: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows(inbox / "square", "transactions*.csv"):
        kind = "back" if row["Event Type"] == "Refund" else "sold"
        sold[kind] += abs(amount(row["Net Sales"]))
    (found,) = ask(
        published,
        "select sum(gross - discount), sum(returned_revenue) from gold.orders where source = 'square_transaction'",
    )
    assert found == (sold["sold"], sold["back"])
    assert ask(published, "select sum(amount) from gold.refunds where source = 'square_transaction'") in (
        [(sold["back"],)], [(None,)]
    )  # fmt: skip


def test_p4_profiles_and_what_belongs_to_none_add_up_to_all_orders(published: Path) -> None:
    ((total, profiles, nobody, journeys),) = ask(
        published,
        "select (select sum(net_revenue) from gold.orders), (select sum(revenue) from gold.customer_360), "
        "(select coalesce(sum(net_revenue), 0) from gold.orders where profile_id is null or is_test), "
        "(select coalesce(sum(value_reporting), 0) from mart.journey)",
    )
    assert total == profiles + nobody
    assert total.quantize(CENTS) == total
    ((counted,),) = ask(
        published,
        "select sum(value) from gold.touchpoint where is_conversion and profile_id is not null "
        "and occurred_at is not null",
    )
    assert journeys == counted
