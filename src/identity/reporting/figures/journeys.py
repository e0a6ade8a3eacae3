"""What people did: orders and their money, and the ways that led to conversions."""

from identity.reporting.figures.reader import (
    Answer,
    Column,
    Reader,
    codes,
    counts,
    grid,
    part,
    plural,
    shared,
    when,
)
from identity.reporting.flows import Flow, sankey
from identity.reporting.page import Figure, Section

_MANY = 0.25
_QUIET = frozenset({"direct", "unknown", "other ways"})


def orders(reader: Reader) -> Section:
    """Orders and money by source, with what names nobody."""
    answer = reader.ask("orders")
    nobody, total, unrated = (answer.total(name) for name in ("without_person", "orders", "without_rate"))
    money = grid(
        "Orders and net revenue",
        answer.rows,
        *codes("source"),
        Column("currency", "text", lambda row: row["currency"] or "not told"),
        *counts("orders", "test_orders=test orders"),
        Column("net revenue", "number", "net_revenue"),
        *counts("without_person=orders of nobody"),
        Column("their net revenue", "number", "net_without_person"),
        *shared("share of nobody", "share_without_person", "apart"),
    )
    converted = grid(
        "In the reporting currency",
        answer.rows,
        *codes("source"),
        Column("currency", "text", lambda row: row["currency"] or "not told"),
        Column("reporting currency", "text", "reporting_currency"),
        Column("net revenue in it", "number", "net_reporting"),
        *counts("without_rate=orders without a rate"),
        note="Orders without a rate count in no sum; their own amounts stand in gold.orders.",
    )
    several = len({row["currency"] for row in answer.rows}) > 1
    return Section(
        id="orders",
        title="Orders and money",
        shows="What was sold by source, and how much of it no profile can be told for.",
        alarming="a growing share of orders of nobody, or orders without a rate.",
        body=((money, converted) if several else (money,)) if answer.rows else (),
        queries=(answer.query,),
        signals=(
            *when(
                (part(nobody, total) or 0) > _MANY,
                "note",
                f"{plural(nobody, 'order')} of {total:,} name nobody; they count in no profile.",
                "orders",
            ),
            *when(unrated, "warn", f"{plural(unrated, 'order')} had no rate into the reporting currency.", "orders"),
        ),
        reached=reader.reached("gold.orders"),
        empty="No source has orders.",
    )


def journeys(reader: Reader) -> Section:
    """The most common ways to a conversion, drawn and listed."""
    flow, paths, totals = (reader.ask(name) for name in ("journey_flow", "journey_paths", "journey_totals"))
    listing = grid(
        "Paths of most conversions",
        paths.rows,
        Column("path", "text", lambda row: row["path"].replace("_", " ").replace(">", "→")),
        *counts("journeys", "conversions"),
        *shared("converted", "conversion_rate", "good"),
        Column("net revenue", "number", "value"),
        Column("median hours", "number", "median_hours"),
        note=_note(totals),
    )
    return Section(
        id="journeys",
        title="Ways to a conversion",
        shows="By which channels people came before they bought: the last three of each path, visit by visit.",
        alarming="a channel you pay for that leads nowhere, or nearly everything direct: then links carry no marks.",
        body=(_picture(flow), listing) if flow.rows else (),
        queries=(flow.query, paths.query, totals.query),
        reached=reader.reached("mart.journey_path", "mart.journey"),
        empty="No interaction comes before a conversion: no source tells of visits, openings or tickets.",
    )


def _picture(answer: Answer) -> Figure:
    flows = [Flow(row["place"] - 1, row["from_channel"], row["to_channel"], row["journeys"]) for row in answer.rows]
    total = sum(flow.n for flow in flows if flow.end == "conversion")
    table = grid(
        "Which channel was followed by which",
        answer.rows,
        Column("channels before the conversion", "count", lambda row: 4 - row["place"]),
        Column("channel", "text", lambda row: row["from_channel"].replace("_", " ")),
        Column("followed by", "text", lambda row: row["to_channel"].replace("_", " ")),
        *counts("journeys"),
        folded=True,
    )
    label = f"Flow picture of the last three channels before {total:,} conversions; the table below has its figures."
    return Figure("The last three channels before a conversion", sankey(flows, 4, label, _QUIET), table)


def _note(totals: Answer) -> str:
    told = totals.one
    return (
        f"Of {plural(told['conversions'], 'conversion')} of profiles, {told['without_steps']:,} have no "
        f"interaction in the 30 days before; {plural(told['open_journeys'], 'journey')} lead to none yet. "
        f"{plural(told['visits_of_nobody'], 'visit')} of {told['visits']:,} are of nobody known."
    )
