"""`generate`: the whole sample, from the population to the files and the truth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from identity.sample import klaviyo, mailchimp, salesforce, shopify_customers, shopify_orders, square, web, zendesk
from identity.sample.evidence import make_evidence, resolvable_share
from identity.sample.people import People, make_people
from identity.sample.plan import Plan, make_plan
from identity.sample.rates import Rates, System
from identity.sample.render import Seen, render
from identity.sample.text import Ints, Text, blank, digits, glue, stream

_OLDER_DAYS = 660  # orders before that stand in the file with the older header
_TRUTH_ROWS = 1 << 17


@dataclass(frozen=True)
class SampleSummary:
    """What was written; `resolvable` is the share of true pairs joined by chains of own contact points."""

    folder: Path
    inbox: Path
    truth: Path
    people: int
    households: int
    records: dict[str, int]
    resolvable: float

    @property
    def total_records(self) -> int:
        """Records that belong to a person, over all sources."""
        return sum(self.records.values())


Progress = Callable[[str], None]
_Truth = list[tuple[System, Text, npt.NDArray[np.int64]]]


def generate(
    folder: Path,
    *,
    people: int = 5_000,
    seed: int = 7,
    as_of: datetime,
    rates: Rates | None = None,
    progress: Progress | None = None,
) -> SampleSummary:
    """Write exports of five systems below `folder/inbox`, `folder/web/events.csv` and `folder/truth/truth.parquet`.

    Equal arguments and library versions give equal bytes. `as_of` is the moment of the exports (UTC when it
    names no zone). The folders' earlier content is not removed. Raises ValueError for fewer than 10 people.
    """
    if people < 10:
        raise ValueError("the sample needs at least 10 people")
    moment = as_of.astimezone(UTC).replace(tzinfo=None, microsecond=0) if as_of.tzinfo else as_of.replace(microsecond=0)
    say = progress or (lambda _: None)
    rates, now = rates or Rates(), np.datetime64(moment, "s")
    say("people")
    population = make_people(people, seed, now, rates)
    plan = make_plan(population, seed, now, rates)
    evidence = make_evidence(population, plan, seed, rates)
    resolvable = resolvable_share(population, plan, evidence)
    say("records")
    seen = render(population, plan, evidence, seed, rates)
    truth = _write_exports(folder / "inbox", population, plan, seen, seed=seed, as_of=moment, say=say)
    say("truth")
    path = folder / "truth" / "truth.parquet"
    records = _write_truth(path, truth, population)
    households = int(population.families.household[-1]) + 1
    return SampleSummary(folder, folder / "inbox", path, people, households, records, resolvable)


def _write_exports(
    inbox: Path, people: People, plan: Plan, seen: Seen, *, seed: int, as_of: datetime, say: Progress
) -> _Truth:
    """Write all systems' files one after another; returns who stands behind each record."""
    now = np.datetime64(as_of, "s")
    parts = {system: seen.select(_by_time(plan, system)) for system in System}
    truth: _Truth = []

    def add(system: System, keys: Text, persons: npt.NDArray[np.int64]) -> None:
        truth.append((system, keys, persons))

    say("shopify")
    shop = inbox / "shopify"
    orders = shopify_orders.make_orders(stream(seed, "orders"), parts[System.SHOPIFY_ORDER])
    older = int((orders.seen.created < now - np.timedelta64(_OLDER_DAYS * 86_400, "s")).sum())
    shopify_orders.write_orders(shop, stream(seed, "orders file"), orders, older)
    known = np.flatnonzero(orders.known)
    add(System.SHOPIFY_ORDER, orders.names().take(pa.array(known)), orders.seen.person[known])
    accounts, left = parts[System.SHOPIFY_CUSTOMER], parts[System.SHOPIFY_CHECKOUT]
    keys = shopify_customers.write_customers(shop, stream(seed, "customers file"), accounts, orders)
    add(System.SHOPIFY_CUSTOMER, keys, accounts.person)
    add(System.SHOPIFY_CHECKOUT, shopify_orders.write_checkouts(shop, stream(seed, "checkouts"), left), left.person)
    say("web")
    web.write_events(inbox.parent / "web", stream(seed, "web"), orders, accounts, keys, now)
    say("square")
    till = parts[System.SQUARE_CUSTOMER]
    sales = square.make_sales(stream(seed, "sales"), till, now)
    keys = square.write_directory(inbox / "square", stream(seed, "directory"), till, sales, as_of)
    square.write_sales(inbox / "square", stream(seed, "sales file"), till, keys, sales=sales, as_of=as_of)
    add(System.SQUARE_CUSTOMER, keys, till.person)
    say("klaviyo, mailchimp, zendesk")
    for system, writer in (
        (System.KLAVIYO_PROFILE, klaviyo.write_profiles),
        (System.MAILCHIMP_MEMBER, mailchimp.write_mailchimp),
        (System.ZENDESK_USER, zendesk.write_zendesk),
    ):
        name = system.source_name.split("_")[0]
        add(system, writer(inbox / name, stream(seed, name), parts[system], now), parts[system].person)
    say("salesforce")
    contacts, leads = parts[System.SALESFORCE_CONTACT], parts[System.SALESFORCE_LEAD]
    rng = stream(seed, "salesforce")
    both = salesforce.write_salesforce(inbox / "salesforce", rng, people, contacts=contacts, leads=leads, as_of=as_of)
    add(System.SALESFORCE_CONTACT, both[0], contacts.person)
    add(System.SALESFORCE_LEAD, both[1], leads.person)
    return truth


def _by_time(plan: Plan, system: System) -> npt.NDArray[np.int64]:
    """A system's records, oldest first, as exports are sorted; people of a household are no neighbours there."""
    rows = plan.rows(system)
    return rows[np.argsort(plan.created[rows], kind="stable")]


def _named(prefix: str, numbers: Ints) -> Text:
    return glue(prefix, digits(numbers + 1, 7)) if len(numbers) else blank(0)


def _write_truth(path: Path, truth: _Truth, people: People) -> dict[str, int]:
    """`truth.parquet`: source, source_pk, person_id, household_id; returns the records per source."""
    path.parent.mkdir(parents=True, exist_ok=True)
    schema = pa.schema([(name, pa.string()) for name in ("source", "source_pk", "person_id", "household_id")])
    counts = {}
    with pq.ParquetWriter(path, schema, compression="zstd") as file:
        for system, keys, person in truth:
            source = pa.repeat(pa.scalar(system.source_name), len(person))
            household = people.families.household[person]
            columns = [source, keys, _named("P", person), _named("H", household)]
            flat = [c.combine_chunks() if isinstance(c, pa.ChunkedArray) else c for c in columns]
            file.write_table(pa.table(flat, schema=schema), row_group_size=_TRUTH_ROWS)
            counts[system.source_name] = len(person)
    return counts
