"""Erasure: carries out the erasures that were requested and are not done yet.

A request is recorded where a person's name may be typed, on the command line: `identity erase … --later` answers with
its number. Only such numbers come here, so that no parameter, task value or log names anybody.
"""

import os

import pendulum
from airflow.sdk import Asset, Param, dag, get_current_context, task

from identity import scheduling

SCHEDULE = os.environ.get("IDENTITY_ERASURE_SCHEDULE") or None  # cron, UTC; empty: only when triggered
TEXT = ["null", "string"]
PARAMETERS = {
    "request": Param(
        None, type=TEXT, description="number of one request, as `identity requests` lists it; default: all"
    ),
    "config": Param(os.environ.get("IDENTITY_CONFIG") or None, type=TEXT, description="TOML file of the warehouse"),
    "warehouse": Param(None, type=TEXT, description="DuckDB file; default: the configuration's"),
}
# a run that holds the lease may take hours; every try carries on where the last one was stopped
RETRIES = {"retries": 12, "retry_delay": pendulum.duration(minutes=5), "retry_exponential_backoff": True}

PUBLISHED = Asset("identity_warehouse", uri="identity://warehouse/published", group="identity")


@task(retries=2)
def waiting() -> list[str]:
    """The numbers of the erasures that are requested and not done."""
    with scheduling.final():
        return scheduling.open_erasures(scheduling.parameters_of_task(), scheduling.parameters_of_task()["request"])


@task(map_index_template="{{ request }}", max_active_tis_per_dagrun=1, outlets=[PUBLISHED])
def erase(request: str) -> None:
    """Carry out one erasure, or carry on with it."""
    get_current_context()["request"] = request
    with scheduling.final():
        scheduling.erase(scheduling.parameters_of_task(), request)


@dag(
    schedule=SCHEDULE,
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    catchup=False,
    max_active_runs=1,
    params=PARAMETERS,
    default_args=RETRIES,
    doc_md=__doc__,
    tags=["identity"],
)
def identity_erasure() -> None:
    """waiting, then each erasure by itself, one after the other."""
    erase.expand(request=waiting())


identity_erasure()
