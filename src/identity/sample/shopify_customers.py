"""Shopify `customers_export.csv` with today's header and one customer metafield."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from identity.sample.csvout import Column, write_csv
from identity.sample.render import Seen
from identity.sample.shopify_orders import Orders
from identity.sample.text import (
    Ints,
    Text,
    cents,
    chance,
    choose,
    digits,
    filled,
    glue,
    keep,
    moment,
    scrambled,
    where,
)

CUSTOMER_HEADER = (
    "Customer ID", "First Name", "Last Name", "Email", "Accepts Email Marketing", "Default Address Company",
    "Default Address Address1", "Default Address Address2", "Default Address City", "Default Address Province Code",
    "Default Address Country Code", "Default Address Zip", "Default Address Phone", "Phone", "Accepts SMS Marketing",
    "Total Spent", "Total Orders", "Note", "Tax Exempt", "Tags",
)  # fmt: skip
METAFIELD = "Birth date (customer.metafields.facts.birth_date)"


def apostrophe(values: Text) -> Text:
    """The mark the shop puts before text that looks like a number."""
    number = np.asarray(pc.match_substring_regex(values, r"^\+?[0-9][0-9A-Za-z .()-]*$"))
    return where(number, glue("'", values), values)


def _spent(seen: Seen, orders: Orders) -> tuple[Ints, Ints]:
    """Money (cents) and number of orders of each account; a person's second account has none."""
    count = int(max(seen.person.max(initial=0), orders.seen.person.max(initial=0))) + 1
    counts = orders.known & ~orders.cancelled
    person = orders.seen.person[counts]
    spent = np.bincount(person, orders.money.total[counts], minlength=count).astype(np.int64)
    number = np.bincount(person, minlength=count)
    first = ~pd.Series(seen.person).duplicated().to_numpy()
    return np.where(first, spent[seen.person], 0), np.where(first, number[seen.person], 0)


def write_customers(folder: Path, rng: np.random.Generator, seen: Seen, orders: Orders) -> Text:
    """Write the file; returns the customer ids without apostrophe."""
    size = len(seen)
    ids = digits(7_000_000_000_000 + scrambled(np.arange(size), 77, 36))
    spent, number = _spent(seen, orders)
    # An account's own phone is verified and unique; a family's landline stands with the address.
    own = np.asarray(pc.starts_with(seen.phone, "+")) & ~seen.landline
    unique = ~pd.Series(seen.phone.to_pylist()).duplicated().to_numpy()
    has_phone = own & unique
    beside = filled(seen.street) & (chance(rng, size, 0.5) | ~has_phone)
    email_ok = filled(seen.email) & chance(rng, size, 0.55)
    columns: list[Column] = [
        ("Customer ID", glue("'", ids)),
        ("First Name", seen.given),
        ("Last Name", seen.family),
        ("Email", seen.email),
        ("Accepts Email Marketing", where(email_ok, "yes", "no")),
        ("Default Address Company", keep(chance(rng, size, 0.01), choose(rng, size, ["N/A", "-", "Self"]))),
        ("Default Address Address1", seen.street),
        ("Default Address Address2", seen.unit),
        ("Default Address City", seen.city),
        ("Default Address Province Code", seen.region),
        ("Default Address Country Code", seen.country),
        ("Default Address Zip", apostrophe(seen.postcode)),
        ("Default Address Phone", keep(beside, apostrophe(seen.phone_typed))),
        ("Phone", keep(has_phone | (~beside & filled(seen.phone) & unique), apostrophe(seen.phone))),
        ("Accepts SMS Marketing", where(has_phone & chance(rng, size, 0.3), "yes", "no")),
        ("Total Spent", cents(spent)),
        ("Total Orders", digits(number)),
        ("Note", keep(chance(rng, size, 0.01), choose(rng, size, ['asked for "gift" wrap', "calls, prefers e-mail"]))),
        ("Tax Exempt", "no"),
        ("Tags", keep(chance(rng, size, 0.15), choose(rng, size, ["VIP, newsletter", "newsletter", "wholesale"]))),
        (METAFIELD, keep(chance(rng, size, 0.12), glue("'", moment(seen.born, "%Y-%m-%d")))),
    ]
    write_csv(folder / "customers_export.csv", columns, size, "minimal")
    return ids
