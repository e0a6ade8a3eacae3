"""Enrich: what happened with each profile (orders, tickets, interactions) and the traits that follow from it.

An event finds its profile by the record it names, live or merged away in its source, else by an e-mail that
exactly one profile holds (`sql/enrich/event_profile.sql`). What names nobody keeps a null profile and is
counted, so that sums over profiles and the rest are the sums over all events.
"""

from identity.runs.run import Run
from identity.runs.workspace import Metrics
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
    "std.touchpoint",
    "std.ticket",
    "std.survey_response",
    "gold.profile_core",
    "gold.consent",
)
WRITES = (
    "gold.orders",
    "gold.order_items",
    "gold.tickets",
    "gold.session",
    "gold.touchpoint",
    "gold.email_engagement",
    "gold.support_summary",
    "gold.customer_360",
)

# Each makes a temporary table of its name that later ones read.
_SESSIONS = ("visitor_profile", "touch", "visit", "marketing_channel", "visit_session", "session_order")


def enrich(run: Run) -> Metrics:
    """Write the event tables with their profiles and `gold.customer_360`."""
    money = run.settings.money
    with run.open(*READS) as db:
        db.execute("unify/record_profile")
        db.execute("enrich/email_profile")
        db.execute("enrich/event_system")
        db.execute("enrich/event_profile")
        db.put("currency_rate", read_rates(money.rates))
        db.save("gold.orders", "enrich/orders", currency=money.currency)
        db.save("gold.order_items", "enrich/order_items")
        db.save("gold.tickets", "enrich/tickets")
        for query in _SESSIONS:
            db.execute(f"enrich/{query}")
        db.save("gold.session", "enrich/session")
        db.save("gold.touchpoint", "enrich/touchpoint")
        db.save("gold.email_engagement", "enrich/email_engagement")
        db.save("gold.support_summary", "enrich/support_summary")
        db.execute("enrich/activity")
        db.save("gold.customer_360", "enrich/customer_360")
        return {name: float(value) for name, value in db.rows("enrich/figures")}
