"""Release: a person decides whether a held run is published after all.

`identity_resolution` triggers it when the gate held a run. The approval shows why the run is held and asks for
a reason; a rejection, or no answer in time, leaves the last generation in place. The same from a shell:
`identity release RUN --by NAME --reason TEXT`.
"""

import os
from typing import Any

import pendulum
from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk import Asset, Param, dag, task

from identity import scheduling

TEXT = ["null", "string"]
PARAMETERS = {
    "run_id": Param("", type="string", description="the held run, as `identity status` names it"),
    "config": Param(os.environ.get("IDENTITY_CONFIG") or None, type=TEXT, description="TOML file of the run"),
    "warehouse": Param(None, type=TEXT, description="DuckDB file; default: the configuration's"),
}
WITHIN = pendulum.duration(days=int(os.environ.get("IDENTITY_RELEASE_DAYS", "7")))

PUBLISHED = Asset("identity_warehouse", uri="identity://warehouse/published", group="identity")


@task
def reasons() -> str:
    """Why the run is held, for whoever decides."""
    with scheduling.final():
        return scheduling.hold_reasons(scheduling.parameters_of_task(), scheduling.parameters_of_task()["run_id"])


@task(outlets=[PUBLISHED])
def release(answer: dict[str, Any], outlet_events: Any = None) -> None:
    """Publish the run in the name of the person who approved."""
    run_id = scheduling.parameters_of_task()["run_id"]
    with scheduling.final():
        scheduling.release(scheduling.parameters_of_task(), run_id, answer)
    outlet_events[PUBLISHED].extra = {"run_id": run_id}


@dag(
    schedule=None,
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    catchup=False,
    params=PARAMETERS,
    doc_md=__doc__,
    tags=["identity"],
)
def identity_release() -> None:
    """reasons, approve, release; a rejection skips the release."""
    approve = ApprovalOperator(
        task_id="approve",
        subject="Publish held run {{ params.run_id }}?",
        body="{{ ti.xcom_pull(task_ids='reasons') }}",
        params={"reason": Param("", type="string", minLength=1, description="why; kept in ops.run")},
        defaults="Reject",
        response_timeout=WITHIN,
    )
    reasons() >> approve >> release(approve.output)


identity_release()
