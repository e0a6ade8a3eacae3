"""Klaviyo: the profiles of a list, with consent, suppressions and custom properties."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.compute as pc

from identity.sample.csvout import Column, write_csv
from identity.sample.places import random_ips
from identity.sample.render import Seen
from identity.sample.text import Text, cents, chance, choose, digits, filled, keep, long_id, moment, pick, texts, where

PROFILE_HEADER = (
    "Email", "Klaviyo ID", "First Name", "Last Name", "Organization", "Title", "Phone Number", "Address", "Address 2",
    "City", "State / Region", "Country", "Zip Code", "Latitude", "Longitude", "Source", "IP Address",
    "Email Marketing Consent", "Email Marketing Consent Timestamp", "SMS Marketing Consent",
    "SMS Marketing Consent Timestamp", "Historic Customer Lifetime Value", "Total Customer Lifetime Value",
    "Predicted Customer Lifetime Value", "Average Order Value", "Historic Number Of Orders",
    "Average Days Between Orders", "First Active", "Last Active", "Profile Created On", "Date Added", "Last Open",
    "Last Click", "Email Suppressions", "Favourite Category", "favorite category",
)  # fmt: skip


def write_profiles(folder: Path, rng: np.random.Generator, seen: Seen, as_of: np.datetime64) -> Text:
    """Write `newsletter_all_profiles.csv`; returns the Klaviyo ids."""
    size = len(seen)
    ids = long_id(np.arange(size), 301, 24, "0123456789ABCDEFGHJKMNPQRSTVWXYZ")
    ids = pc.binary_join_element_wise("01", ids, "")
    state = rng.choice(3, size=size, p=[0.74, 0.12, 0.14])
    # Bounces and complaints suppress an address whatever its consent says.
    bounced = chance(rng, size, 0.03)
    suppressed = where(state == 1, "[UNSUBSCRIBE]", where(bounced, "[HARD_BOUNCE]", "[]"))
    suppressed = where((state == 1) & chance(rng, size, 0.1), "[UNSUBSCRIBE,SPAM_COMPLAINT]", suppressed)
    seconds = (as_of.astype("datetime64[s]") - seen.created).astype(np.int64)
    active = seen.created + (rng.random(size) * seconds).astype("timedelta64[s]")
    opened = np.where(chance(rng, size, 0.6), active, np.datetime64("NaT", "s"))
    clicked = np.where(chance(rng, size, 0.25), active, np.datetime64("NaT", "s"))
    iso = "%Y-%m-%dT%H:%M:%S+00:00"
    sms = filled(seen.phone) & chance(rng, size, 0.4)
    favourite = choose(rng, size, ["Home", "Kitchen", "Garden"])
    columns: list[Column] = [
        ("Email", seen.email),
        ("Klaviyo ID", ids),
        ("First Name", seen.given),
        ("Last Name", seen.family),
        ("Organization", ""),
        ("Title", ""),
        ("Phone Number", seen.phone),
        ("Address", seen.street),
        ("Address 2", seen.unit),
        ("City", seen.city),
        ("State / Region", seen.region_name),
        ("Country", seen.country_name),
        ("Zip Code", seen.postcode),
        ("Latitude", ""),
        ("Longitude", ""),
        ("Source", choose(rng, size, ["Embedded Form", "Shopify", "CSV Upload", "Popup"])),
        ("IP Address", keep(chance(rng, size, 0.6), random_ips(rng, size))),
        ("Email Marketing Consent", pick(texts(["SUBSCRIBED", "UNSUBSCRIBED", "NEVER_SUBSCRIBED"]), state)),
        ("Email Marketing Consent Timestamp", keep(state < 2, moment(seen.created, iso))),
        ("SMS Marketing Consent", where(sms, "SUBSCRIBED", "NEVER_SUBSCRIBED")),
        ("SMS Marketing Consent Timestamp", keep(sms, moment(seen.created, iso))),
        *_worth(rng, size),
        ("Average Days Between Orders", ""),
        ("First Active", moment(seen.created)),
        ("Last Active", moment(active)),
        ("Profile Created On", moment(seen.created)),
        ("Date Added", moment(seen.created)),
        ("Last Open", moment(opened)),
        ("Last Click", moment(clicked)),
        ("Email Suppressions", suppressed),
        ("Favourite Category", keep(chance(rng, size, 0.2), favourite)),
        ("favorite category", keep(chance(rng, size, 0.1), pc.utf8_lower(favourite))),
    ]
    write_csv(folder / "newsletter_all_profiles.csv", columns, size, "minimal")
    return ids


def _worth(rng: np.random.Generator, size: int) -> list[Column]:
    """What the list knows of orders: it counts its own shop link, not the shop's books."""
    orders = np.where(chance(rng, size, 0.5), rng.geometric(0.5, size), 0)
    value = orders * rng.integers(1_500, 14_000, size)
    return [
        ("Historic Customer Lifetime Value", cents(value)),
        ("Total Customer Lifetime Value", cents(value + value // 3)),
        ("Predicted Customer Lifetime Value", cents(value // 3)),
        ("Average Order Value", cents(value // np.maximum(orders, 1))),
        ("Historic Number Of Orders", digits(orders)),
    ]
