"""Enrich: what happened with each profile (orders, tickets, interactions) and the traits that follow from it.

An event finds its profile by the record it names, live or merged away in its source, else by an e-mail that
exactly one profile holds (`sql/enrich/event_profile.sql`). What names nobody keeps a null profile and is
counted, so that sums over profiles and the rest are the sums over all events.
"""

from identity.measuring import measure
from identity.runs.run import Run
from identity.runs.workspace import Metrics, Session
from identity.standard.rates import read_rates

READS = (
    "identity.profile_xref",
    "identity.profile_alias",
    "privacy.request",
    "std.source_record",
    "std.identifier",
    "std.hard_link",
    "std.order",
    "std.order_item",
    "std.refund",
    "std.address",
    "std.blocked_value",
    "std.touchpoint",
    "std.ticket",
    "std.survey_response",
    "gold.profile_core",
    "gold.consent",
    "gold.field_lineage",
    *measure.READS,
)
WRITES = (
    "gold.orders",
    "gold.order_items",
    "gold.refunds",
    "gold.tickets",
    "gold.session",
    "gold.touchpoint",
    "gold.checkout",
    "gold.email_engagement",
    "gold.support_summary",
    "gold.customer_360",
    "gold.household",
    "gold.household_member",
    "mart.journey_step",
    "mart.journey",
    "mart.journey_path",
    "mart.channel_transition",
    *measure.WRITES,
)

# Each makes a temporary table of its name that later ones read.
_PEOPLE = ("unify/record_profile", "enrich/email_profile", "enrich/event_system", "enrich/event_profile")
_VISITS = ("visitor_profile", "order_number", "touch", "visit", "marketing_channel", "visit_session", "session_order")


def enrich(run: Run) -> Metrics:
    """Write the event tables with their profiles, the households and `gold.customer_360`."""
    with run.open(*READS) as db:
        for query in _PEOPLE:
            db.execute(query)
        _facts(run, db)
        _profile(run, db)
        _journeys(db)
        measured = measure.marts(run, db)
        return {**{name: float(value) for name, value in db.rows("enrich/figures")}, **measured}


def _facts(run: Run, db: Session) -> None:
    """What happened: orders, refunds, tickets, answers, visits and all of it as one journey."""
    money = run.settings.money
    db.put("currency_rate", read_rates(money.rates))
    db.save("gold.orders", "enrich/orders", currency=money.currency)
    db.save("gold.order_items", "enrich/order_items")
    db.save("gold.refunds", "enrich/refunds")
    db.save("gold.tickets", "enrich/tickets")
    db.execute("enrich/answer")
    for query in _VISITS:
        db.execute(f"enrich/{query}")
    db.save("gold.session", "enrich/session")
    db.save("gold.touchpoint", "enrich/touchpoint")
    db.save("gold.checkout", "enrich/checkout")


def _profile(run: Run, db: Session) -> None:
    """What it says of each profile."""
    resellers = run.settings.resellers
    db.save("gold.email_engagement", "enrich/email_engagement")
    db.save("gold.support_summary", "enrich/support_summary")
    db.execute("enrich/activity")
    db.execute(
        "enrich/reseller",
        tags=[tag.casefold() for tag in resellers.tags],
        email_domains=[domain.casefold().lstrip("@") for domain in resellers.email_domains],
        companies=list(resellers.companies),
        orders_per_year=resellers.orders_per_year,
    )
    db.execute("enrich/household_of", salt=run.keyed_hash("household"), **run.settings.household.model_dump())
    measure.traits(run, db)
    db.save("gold.customer_360", "enrich/customer_360")
    db.save("gold.household", "enrich/household")
    db.save("gold.household_member", "enrich/household_member", today=run.as_of.date())


def _journeys(db: Session) -> None:
    """The ways that led to conversions."""
    db.execute("marts/journey_unit")
    for name in ("journey_step", "journey", "journey_path", "channel_transition"):
        db.save(f"mart.{name}", f"marts/{name}")
