"""Identity resolution: from exports in the inbox to the published warehouse, one task a stage.

Schedule and parameters stand here and nowhere else. The tasks are built from `identity.pipeline.STAGES`;
what they do is in `identity.scheduling`.
"""

import os

import pendulum
from airflow.sdk import Asset, Param, TriggerRule, dag, get_current_context, task, task_group
from airflow.sdk.exceptions import AirflowFailException

from identity import scheduling
from identity.errors import CheckStopped, RunHeld
from identity.pipeline import STAGES, Stage

SCHEDULE = os.environ.get("IDENTITY_SCHEDULE", "0 3 * * *") or None
PARAMETERS = {
    "config": Param(os.environ.get("IDENTITY_CONFIG"), type=["null", "string"], description="TOML file of the run"),
    "inbox": Param(None, type=["null", "string"], description="folder with exports; default: of the configuration"),
    "region": Param(None, type=["null", "string"], description="default country of phones and addresses"),
    "warehouse": Param(None, type=["null", "string"], description="DuckDB file to publish to"),
    "as_of": Param(None, type=["null", "string"], description="the run's time in UTC, ISO 8601; default: now"),
    "full": Param(False, type="boolean", description="estimate the matching model anew"),
}

PUBLISHED = Asset("identity_warehouse", uri="identity://warehouse/published", group="identity")


def _parameters() -> dict:
    return dict(get_current_context()["params"])


def _tell(context: dict) -> None:
    """Failure and held callback."""
    exception = context.get("exception")
    instance = context["task_instance"]
    event = "held" if isinstance(getattr(exception, "__cause__", None), RunHeld) else "failed"
    run_id = instance.xcom_pull(task_ids="begin")
    scheduling.notify(dict(context["params"]), run_id, event, instance.task_id)


@task
def begin() -> str:
    """Open the run, or find the one a killed task left, and give its id to the others."""
    return scheduling.begin(_parameters())


def _land(run_id: str) -> None:
    @task
    def recognise(run_id: str) -> list[str]:
        return scheduling.recognise(_parameters(), run_id)

    @task(map_index_template="{{ source }}")
    def extract(run_id: str, source: str) -> None:
        get_current_context()["source"] = source
        scheduling.stage(_parameters(), run_id, "land", source)

    extract.partial(run_id=run_id).expand(source=recognise(run_id))


def _stage_task(stage: Stage, run_id: str):
    rule = TriggerRule.ALL_DONE if stage.always else TriggerRule.ALL_SUCCESS

    @task(task_id=stage.name, trigger_rule=rule, outlets=[PUBLISHED] if stage.name == "publish" else [])
    def do(run_id: str, outlet_events=None) -> None:
        try:
            scheduling.stage(_parameters(), run_id, stage.name)
        except (CheckStopped, RunHeld) as stopped:
            raise AirflowFailException(str(stopped)) from stopped  # the data will not change by trying again
        if stage.name == "publish":
            outlet_events[PUBLISHED].extra = {"run_id": run_id}

    return do(run_id)


@task(trigger_rule=TriggerRule.ALL_DONE, retries=0)
def finish(run_id: str) -> None:
    """Close the run; the DAG run fails when nothing was published."""
    status = scheduling.finish(_parameters(), run_id)
    if status != "published":
        raise AirflowFailException(f"run {run_id}: {status}; its report says why")


@dag(
    schedule=SCHEDULE,
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    catchup=False,
    max_active_runs=1,
    params=PARAMETERS,
    default_args={
        "retries": 2,
        "retry_delay": pendulum.duration(minutes=1),
        "on_failure_callback": _tell,
    },
    doc_md=__doc__,
    tags=["identity"],
)
def identity_resolution() -> None:
    run_id = begin()
    before = run_id
    for stage in STAGES:
        if stage.parts:
            group = task_group(group_id=stage.name)(_land)(run_id)
            before >> group
            before = group
        else:
            done = _stage_task(stage, run_id)
            before >> done
            before = done
    before >> finish(run_id)


identity_resolution()
