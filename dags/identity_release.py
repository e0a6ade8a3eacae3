"""Release: a person decides whether a held run is published after all.

`identity_resolution` triggers it when the gate held a run. The approval shows why the run is held and asks for
a reason; a rejection, or no answer in time, leaves the last generation in place. The same from a shell:
`identity release RUN --by NAME --reason TEXT`.
"""

import contextlib
import os
from collections.abc import Iterator
from typing import Any

import pendulum
from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk import Asset, Param, dag, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException

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
    with _final():
        return scheduling.hold_reasons(_parameters(), _parameters()["run_id"])


@task(outlets=[PUBLISHED])
def release(answer: dict[str, Any], outlet_events: Any = None) -> None:
    """Publish the run in the name of the person who approved."""
    run_id = _parameters()["run_id"]
    with _final():
        scheduling.release(_parameters(), run_id, answer)
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


def _parameters() -> dict[str, Any]:
    return dict(get_current_context()["params"])


@contextlib.contextmanager
def _final() -> Iterator[None]:
    """An error that another try cannot mend fails the task at once, without retries."""
    try:
        yield
    except scheduling.FINAL as error:
        raise AirflowFailException(str(error)) from error


identity_release()
