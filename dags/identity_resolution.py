"""Identity resolution: from exports in the inbox to the published warehouse, one task a stage.

Schedule and parameters stand here and nowhere else; the tasks are built from `identity.pipeline.STAGES`, and
what they do is in `identity.scheduling`. When a run fails, `docs/operations.md` says what to do.
"""

import os
from typing import Any

import pendulum
from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import Asset, Context, Param, TriggerRule, dag, get_current_context, task, task_group

from identity import scheduling
from identity.pipeline import STAGES, Stage

SCHEDULE = os.environ.get("IDENTITY_SCHEDULE", "0 3 * * *") or None  # cron, UTC; empty: only when triggered
TEXT = ["null", "string"]
PARAMETERS = {
    "config": Param(os.environ.get("IDENTITY_CONFIG") or None, type=TEXT, description="TOML file of the run"),
    "inbox": Param(None, type=TEXT, description="folder with exports; default: the configuration's"),
    "region": Param(None, type=TEXT, description="default country of phones and addresses; default: likewise"),
    "warehouse": Param(None, type=TEXT, description="DuckDB file to publish to; default: likewise"),
    "as_of": Param(None, type=TEXT, format="date-time", description="time of the run; default: now"),
    "full": Param(default=False, type="boolean", description="estimate the matching model anew"),
}
RETRIES = {"retries": 2, "retry_delay": pendulum.duration(minutes=1)}  # every task may be repeated

PUBLISHED = Asset("identity_warehouse", uri="identity://warehouse/published", group="identity")


def tell(context: Context) -> None:
    """Failure and held callback: by log, and by the channels of `[notify]` in the configuration."""
    instance, cause = context["task_instance"], getattr(context.get("exception"), "__cause__", None)
    run = instance.xcom_pull(task_ids="begin")
    scheduling.notify(context["params"], run, instance.task_id, cause, instance.log_url)


@task
def begin() -> str:
    """Open the run, or find the one a killed task left, and give its id to the others."""
    with scheduling.final():
        return scheduling.begin(scheduling.parameters_of_task())


def land() -> None:
    """The tasks of a stage with parts: name them, do each, close the stage."""

    @task
    def recognise() -> list[str]:
        """Decide about every file of the delivery; the names of its source objects."""
        with scheduling.final():
            return scheduling.parts(scheduling.parameters_of_task(), _run(), "land")

    @task(map_index_template="{{ source }}")
    def extract(source: str) -> None:
        """Land the new files of one source object."""
        get_current_context()["source"] = source
        with scheduling.final():
            scheduling.part(scheduling.parameters_of_task(), _run(), "land", source)

    @task
    def close() -> None:
        """End the stage; fails when not one file landed."""
        with scheduling.final():
            scheduling.part(scheduling.parameters_of_task(), _run(), "land")

    extract.expand(source=recognise()) >> close()


def stage_task(stage: Stage) -> Any:
    """One task for a stage; publishing tells the asset, and an `always` stage runs whatever came before it."""
    rule = TriggerRule.ALL_DONE_MIN_ONE_SUCCESS if stage.always else TriggerRule.ALL_SUCCESS
    outlets = [PUBLISHED] if stage.name == "publish" else []

    @task(task_id=stage.name, trigger_rule=rule, outlets=outlets, doc_md=scheduling.describe(stage))
    def do(outlet_events: Any = None) -> None:
        with scheduling.final():
            scheduling.part(scheduling.parameters_of_task(), _run(), stage.name)
        for asset in outlets:
            outlet_events[asset].extra = {"run_id": _run()}

    return do()


@task.short_circuit(trigger_rule=TriggerRule.ALL_DONE_MIN_ONE_SUCCESS, ignore_downstream_trigger_rules=False)
def is_held() -> bool:
    """Whether the gate held the run: then a person is asked."""
    with scheduling.final():
        return scheduling.is_held(scheduling.parameters_of_task(), _run())


@task(trigger_rule=TriggerRule.ALL_DONE_MIN_ONE_SUCCESS)
def finish() -> None:
    """Close the run in the ledger; fails when nothing was published, and so the DAG run fails."""
    with scheduling.final():
        scheduling.finish(scheduling.parameters_of_task(), _run())


@dag(
    schedule=SCHEDULE,
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    catchup=False,
    max_active_runs=1,
    params=PARAMETERS,
    default_args={**RETRIES, "on_failure_callback": tell},
    doc_md=__doc__,
    tags=["identity"],
)
def identity_resolution() -> None:
    """begin, the stages in order, finish; what runs after a failure still needs a run that was opened.

    A held run ends as such and starts `identity_release`, where a person decides; so the schedule does not wait.
    """
    opened = begin()
    last: Any = opened
    for stage in STAGES:
        done = task_group(group_id=stage.name)(land)() if stage.parts else stage_task(stage)
        last >> done
        if stage.always:
            opened >> done
        last = done
    ask = TriggerDagRunOperator(
        task_id="ask_for_release",
        trigger_dag_id="identity_release",
        conf={
            "run_id": "{{ ti.xcom_pull(task_ids='begin') }}",
            "config": "{{ params.config or '' }}",
            "warehouse": "{{ params.warehouse or '' }}",
        },
    )
    [opened, last] >> is_held() >> ask  # beside finish: a skipped task must not keep the run from ending
    [opened, last] >> finish()


def _run() -> str:
    return str(get_current_context()["task_instance"].xcom_pull(task_ids="begin"))


identity_resolution()
