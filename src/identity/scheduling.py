"""What the Airflow tasks do, as plain functions: the DAG file only puts them in order.

Between tasks travel the run's id and the names of its source objects, never people. Every function may be
repeated: a retried `begin` finds the run it opened, a retried stage finds what it finished.
"""

import contextlib
import html
import json
import logging
import urllib.request
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from identity import generations, pipeline, settings
from identity.engine import warehouse
from identity.errors import (
    CheckStopped,
    ConfigurationError,
    IdentityError,
    InputRefused,
    NotPublished,
    RunHeld,
)
from identity.privacy import desk, requests
from identity.privacy.erasing import summed
from identity.runs import lifecycle
from identity.runs.run import Run
from identity.runs.store import open_store
from identity.runs.workspace import read_verdict

log = logging.getLogger("identity.scheduling")

Parameters = Mapping[str, Any]

# Errors of the data or the configuration: trying again changes nothing.
FINAL = (CheckStopped, ConfigurationError, InputRefused, NotPublished, RunHeld)


@contextlib.contextmanager
def final() -> Iterator[None]:
    """An error that another try cannot mend fails the task at once, without retries."""
    try:
        yield
    except FINAL as error:
        from airflow.sdk.exceptions import AirflowFailException

        raise AirflowFailException(str(error)) from error


def parameters_of_task() -> dict[str, Any]:
    """The parameters of the DAG run whose task is being done."""
    from airflow.sdk import get_current_context

    return dict(get_current_context()["params"])


def load_settings(parameters: Parameters) -> settings.Settings:
    """Settings of a scheduled run: its parameters over IDENTITY_* variables over the configuration file."""
    config = parameters.get("config")
    names = ("inbox", "region", "warehouse")
    given = {name: parameters.get(name) or None for name in names}
    return settings.load(Path(config) if config else None, **given)


def begin(parameters: Parameters) -> str:
    """Open (or resume) the run and return its id."""
    chosen = load_settings(parameters)
    if chosen.inbox is None and not chosen.sources:
        raise ConfigurationError("nothing to read: give the parameter inbox, or a config with [[sources]]")
    run = pipeline.begin(
        chosen,
        as_of=_moment(parameters.get("as_of")),
        full=bool(parameters.get("full")),
        ttl=lifecycle.SCHEDULED,
    )
    log.info("run=%s generation=%d as_of=%s", run.run_id, run.number, run.as_of)
    return run.run_id


def parts(parameters: Parameters, run_id: str, name: str) -> list[str]:
    """Names of the parts of a stage, over which its task is mapped."""
    return pipeline.parts(_current(parameters, run_id), name, ttl=lifecycle.SCHEDULED)


def part(parameters: Parameters, run_id: str, name: str, part: str = "") -> None:
    """Do one part of a stage, or what is left of it."""
    stage = next(stage for stage in pipeline.STAGES if stage.name == name)
    run = _find(parameters, run_id) if stage.always else _current(parameters, run_id)
    entry = pipeline.run_part(run, name, part, ttl=lifecycle.SCHEDULED)
    rows = sum(written.rows for written in entry.written)
    log.info("run=%s stage=%s part=%s seconds=%.2f rows=%d", run_id, name, part or "-", entry.seconds, rows)


def finish(parameters: Parameters, run_id: str) -> None:
    """Close the run in the ledger: published, stopped, held or failed. Raises NotPublished for all but the first."""
    run = _find(parameters, run_id)
    verdict = read_verdict(run.workspace)
    if run_id in (found for _, found in warehouse.published_runs(run.settings.warehouse)):
        status, reason = "published", ""
    elif verdict.verdict in ("stopped", "held"):
        status, reason = verdict.verdict, "\n".join(verdict.reasons)
    else:
        status, reason = "failed", "a task failed; its log says why"
    lifecycle.finish(run, status, reason)
    log.info("run=%s status=%s", run_id, status)
    if status != "published":
        raise NotPublished(f"run {run_id} is {status}, the last generation stays; see {_report(run)}")


def is_held(parameters: Parameters, run_id: str) -> bool:
    """Whether the run waits for a person's word."""
    return read_verdict(_find(parameters, run_id).workspace).verdict == "held"


def hold_reasons(parameters: Parameters, run_id: str) -> str:
    """Why the run is held, as Markdown: figures, causes and profile ids, no values of people."""
    run = _find(parameters, run_id)
    reasons = "\n".join(f"- {reason}" for reason in read_verdict(run.workspace).reasons)
    return f"{reasons}\n\nReport: `{_report(run)}`"


def release(parameters: Parameters, run_id: str, answer: Mapping[str, Any]) -> None:
    """Publish a held run on the word of the person who answered the approval (`responded_by_user`, `params_input`)."""
    user = answer.get("responded_by_user") or {}
    name = str(user.get("name") or user.get("id") or "")
    reason = str((answer.get("params_input") or {}).get("reason") or "")
    released = generations.release(load_settings(parameters), run_id, by=name, reason=reason)
    log.info("run=%s released as generation %d", run_id, released.number)


def open_erasures(parameters: Parameters, request_id: str | None = None) -> list[str]:
    """Numbers of the erasures that are requested and not done, oldest first; or the one that is named."""
    chosen = load_settings(parameters)
    store = open_store(chosen)
    waiting = [request.request_id for request in requests.every(store, "open", "running") if request.type == "erase"]
    if request_id is None:
        return waiting
    if requests.find(store, request_id).type != "erase":
        raise ConfigurationError(f"request {request_id} is no erasure; `identity requests` lists them")
    return [request_id] if request_id in waiting else []


def erase(parameters: Parameters, request_id: str) -> None:
    """Carry out an erasure, or carry on with it; a task that is repeated after its end does nothing."""
    chosen = load_settings(parameters)
    request = requests.find(open_store(chosen), request_id)
    if request.status == "done":
        return
    account = desk.carry_out(chosen, request, None, lambda step: log.info("request=%s step=%s", request_id, step))
    for action in summed(account.actions):
        log.info(
            "request=%s place=%s table=%s %s=%d", request_id, action.place, action.table, action.action, action.rows
        )
    log.info("request=%s status=%s delivered_files=%d", request_id, account.request.status, len(account.delivered))


def describe(stage: pipeline.Stage) -> str:
    """What a stage reads and writes, for its task's page."""
    reads, writes = (", ".join(f"`{name}`" for name in names) or "–" for names in (stage.reads, stage.writes))
    return f"**reads** {reads}\n\n**writes** {writes}"


def notify(
    parameters: Parameters, run_id: str | None, task: str, cause: BaseException | None = None, link: str = ""
) -> None:
    """Tell people of a task that failed: by log always, by e-mail and webhook where `[notify]` has them.

    The message holds the event (failed, stopped, held, refused), the run's id, the task, its log and the place of
    the report, never a value of a person and never an error's text. The failure of `finish` that only repeats
    an earlier one is not told again.
    """
    if isinstance(cause, NotPublished):
        return
    event = _EVENTS.get(type(cause), "failed")
    log.error("event=%s run=%s task=%s", event, run_id, task)
    message = {"pipeline": "identity_resolution", "event": event, "run_id": run_id, "task": task, "log": link}
    try:
        chosen = load_settings(parameters)
    except IdentityError as error:
        log.warning("no notification sent: %s", error)
        return
    if run_id is not None:
        message["report"] = str(chosen.state / "reports" / f"{run_id}.html")
    if chosen.notify.webhook:
        _post(chosen.notify.webhook, message)
    if chosen.notify.email:
        _mail(list(chosen.notify.email), message)


_EVENTS: Mapping[type | None, str] = {CheckStopped: "stopped", RunHeld: "held", InputRefused: "refused"}


def _moment(text: str | None) -> datetime | None:
    """A parameter's time as UTC without zone; without a zone it is UTC."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigurationError(f"as_of: {text!r} is no ISO 8601 time, e.g. 2026-07-01T03:00:00Z") from None
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _find(parameters: Parameters, run_id: str) -> Run:
    return lifecycle.find(load_settings(parameters), run_id)


def _current(parameters: Parameters, run_id: str) -> Run:
    """The run, if it may still be worked on: a task that is repeated days later must not undo what came since."""
    run = _find(parameters, run_id)
    row = next(row for row in lifecycle.runs(run.settings) if row["run_id"] == run_id)
    if row["config_hash"] != run.settings.fingerprint:
        raise ConfigurationError(f"the configuration was changed since run {run_id} began; trigger a new DAG run")
    published = warehouse.published_runs(run.settings.warehouse)
    if published and published[-1][0] >= run.number and published[-1][1] != run_id:
        raise ConfigurationError(
            f"run {run_id} was overtaken: generation {published[-1][0]} was published by run {published[-1][1]}; "
            "trigger a new DAG run"
        )
    return run


def _report(run: Run) -> Path:
    return run.settings.state / "reports" / f"{run.run_id}.html"


def _post(url: str, message: Mapping[str, Any]) -> None:
    if not url.startswith(("http://", "https://")):
        log.warning("notify.webhook is no http address")
        return
    body = json.dumps(message).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})  # noqa: S310 - checked above
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - checked above
            log.info("webhook answered %d", answer.status)
    except (OSError, ValueError) as error:  # a broken channel must not hide the failure it reports
        log.warning("webhook failed: %s", type(error).__name__)


def _mail(addresses: list[str], message: Mapping[str, Any]) -> None:
    """Send by Airflow's connection `smtp_default`."""
    from airflow.providers.smtp.hooks.smtp import SmtpHook

    subject = f"identity: {message['event']} in {message['task']}"
    text = "<br>".join(f"{name}: {html.escape(str(value))}" for name, value in message.items())
    try:
        with SmtpHook() as hook:
            hook.send_email_smtp(to=addresses, subject=subject, html_content=text)
    except Exception as error:  # noqa: BLE001 - as above: any failure of the channel is logged by its kind only
        log.warning("e-mail failed: %s", type(error).__name__)
