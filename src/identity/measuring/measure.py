"""The KPIs of a run, in the order in which they build on each other; `enrich` calls both halves."""

import pyarrow as pa

from identity.measuring import joint, members, outlook
from identity.runs.run import Run
from identity.runs.workspace import Metrics, Session

READS = ("prior.customer_360", "prior.segment", "prior.segment_membership", "identity.profile_event")
WRITES = (
    "mart.basis",
    "mart.model",
    "gold.survey_response",
    "gold.customer_traits",
    "mart.cohort_retention",
    "mart.cohort_revenue",
    "mart.repeat_rate",
    "mart.conversion_by_channel",
    "mart.attribution_credit",
    "mart.attribution_path",
    "mart.attribution_joint",
    "mart.attribution_channel",
    "mart.kpi_daily",
    "mart.kpi",
    "gold.segment",
    "gold.segment_membership",
    "mart.changes_since_last",
)
_MARTS = (
    "cohort_retention",
    "cohort_revenue",
    "repeat_rate",
    "conversion_by_channel",
)


def traits(run: Run, db: Session) -> None:
    """Make the temporary table `trait`, which `gold.customer_360` takes its everyday KPIs from.

    Needs all event tables of gold and the temporary tables `answer` and `reseller`. Writes `mart.basis`, `mart.model`
    and `gold.survey_response`.
    """
    db.execute("marts/own_touch")
    db.save_arrow("mart.basis", _basis(run))
    db.save("gold.survey_response", "kpi/survey_response")
    outlook.write(run, db)
    db.execute("kpi/trait")


def marts(run: Run, db: Session) -> Metrics:
    """Write `gold.customer_traits`, the marts and the segments. Needs `trait` and `gold.customer_360`.

    Metrics: `model_fitted:<model>` (1 or 0 for each currency, added up) and `segment_members:<name>`.
    """
    db.save("gold.customer_traits", "kpi/customer_traits")
    for name in _MARTS:
        db.save(f"mart.{name}", f"marts/{name}")
    _attribution(db)
    db.save("mart.kpi_daily", "marts/kpi_daily")
    db.save("mart.kpi", "marts/kpi")
    counted = members.write(run, db)
    db.save("mart.changes_since_last", "marts/changes_since_last")
    fitted = db.rows("select model, sum(is_fitted::integer) from mart.model group by model order by model")
    return {**{f"model_fitted:{model}": float(number) for model, number in fitted}, **counted}


def _attribution(db: Session) -> None:
    """Who is credited with the orders."""
    db.execute("marts/contact")
    db.execute("marts/conversion_path")
    db.save("mart.attribution_credit", "marts/attribution_credit", in_order=True)
    db.save("mart.attribution_path", "marts/attribution_path")
    joint.write(db)
    db.save("mart.attribution_channel", "marts/attribution_channel")


def _basis(run: Run) -> pa.Table:
    """The one row of `mart.basis`."""
    return pa.Table.from_pylist(
        [{"basis": "kpi", "as_of": run.as_of, "generation": run.number, **run.settings.kpi.model_dump()}]
    )
