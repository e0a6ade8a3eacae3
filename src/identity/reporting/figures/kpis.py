"""How business stands: KPIs, cohorts and what earned the conversions."""

from identity.reporting.figures.reader import Column, Reader, counts, grid, shared, when
from identity.reporting.page import Section

_MODELS = {"bg_nbd": "orders expected (BG/NBD)", "gamma_gamma": "value expected (Gamma–Gamma)"}


def kpis(reader: Reader) -> Section:
    """The KPIs with their definitions, cohorts by quarter, channels by three models."""
    today, cohorts, channels, models = (
        reader.ask(name) for name in ("kpis", "kpi_cohorts", "kpi_channels", "kpi_models")
    )
    figures = grid(
        "KPIs",
        today.rows,
        Column("figure", "text", lambda row: row["kpi"].replace("_", " ")),
        Column("value", "number", "value"),
        Column("unit", "text", lambda row: f"{row['unit']} {row['currency']}".strip()),
        Column("period", "text", "period"),
        Column("definition", "text", "definition"),
        folded=True,
    )
    again = grid(
        "New customers who ordered again",
        cohorts.rows,
        Column("first order in", "text", "quarter"),
        *counts("customers"),
        *shared("1 month later", "month_1", "good"),
        *shared("3 months", "month_3", "good"),
        *shared("6 months", "month_6", "good"),
        *shared("12 months", "month_12", "good"),
    )
    earned = grid(
        "What earned the conversions",
        channels.rows,
        Column("channel", "text", lambda row: row["channel"].replace("_", " ")),
        Column("currency", "text", lambda row: row["currency"] or "not told"),
        *counts("conversions"),
        *shared("last touch", "last_share"),
        *shared("linear", "linear_share"),
        *shared("Markov", "markov_share"),
        note="An order without a touch in the days before it is its own, as channel direct.",
    )
    return Section(
        id="kpis",
        title="KPIs",
        shows="How business stands as of the run: all figures, cohorts, and the channels by what they earned.",
        alarming="a figure that moved without a reason you know: then look at what was delivered first.",
        body=(figures, again, earned) if cohorts.rows else (figures,),
        queries=tuple(answer.query for answer in (today, cohorts, channels, models)),
        signals=tuple(
            signal
            for row in models.rows
            for signal in when(
                not row["is_fitted"],
                "note",
                f"No model of {_MODELS.get(row['model'], row['model'])}"
                f"{' in ' + row['currency'] if row['currency'] else ''}: {row['reason']}.",
                "kpis",
            )
        ),
        reached=reader.reached("mart.kpi", "mart.cohort_retention", "mart.attribution_channel", "mart.model"),
    )
