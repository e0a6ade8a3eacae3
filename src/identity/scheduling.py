"""What the Airflow tasks do, as plain functions: the DAG file only puts them in order.

Between tasks travel the run's id and the names of its source objects, never people. Every function may be
repeated: a retried `begin` finds the run it opened, a retried stage finds what it finished.
"""

import json
import logging
import urllib.request
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from identity import pipeline, settings
from identity.errors import IdentityError
from identity.runs import lifecycle
from identity.runs.run import Run
from identity.runs.workspace import read_verdict

log = logging.getLogger("identity.scheduling")

Parameters = Mapping[str, Any]


def load_settings(parameters: Parameters) -> settings.Settings:
    """Settings of a scheduled run: its parameters over IDENTITY_* variables over the configuration file."""
    config = parameters.get("config")
    names = ("inbox", "region", "warehouse")
    given = {name: parameters.get(name) or None for name in names}
    return settings.load(Path(config) if config else None, **given)


def begin(parameters: Parameters) -> str:
    """Open (or resume) the run and return its id."""
    as_of = parameters.get("as_of")
    run = lifecycle.begin(
        load_settings(parameters),
        as_of=datetime.fromisoformat(as_of).replace(tzinfo=None) if as_of else None,
        full=bool(parameters.get("full")),
        ttl=lifecycle.SCHEDULED,
    )
    return run.run_id


def recognise(parameters: Parameters, run_id: str) -> list[str]:
    """Names of the source objects of the delivery, over which landing is mapped."""
    run = _find(parameters, run_id)
    parts = next(stage.parts for stage in pipeline.STAGES if stage.parts)
    return parts(run)


def stage(parameters: Parameters, run_id: str, name: str, part: str = "") -> None:
    """Do one stage, or one part of it."""
    entry = pipeline.run_stage(_find(parameters, run_id), name, part, ttl=lifecycle.SCHEDULED)
    rows = sum(written.rows for written in entry.written)
    log.info("run=%s stage=%s part=%s seconds=%.2f rows=%d", run_id, name, part, entry.seconds, rows)


def finish(parameters: Parameters, run_id: str) -> str:
    """Close the run in the ledger and answer its status: published, stopped, held or failed."""
    run = _find(parameters, run_id)
    verdict = read_verdict(run.workspace)
    if run.workspace.entry("publish") is not None:
        status = "published"
    elif verdict.verdict in ("stopped", "held"):
        status = verdict.verdict
    else:
        status = "failed"
    reason = "\n".join(verdict.reasons) if status in ("stopped", "held") else ""
    lifecycle.finish(run, status, reason)
    return status


def notify(parameters: Parameters, run_id: str | None, event: str, task: str) -> None:
    """Tell people that a run failed, was stopped or is held: by log always, e-mail and webhook where configured.

    The message holds the run's id, the event and the task, never a value of a person.
    """
    message = {"event": event, "run_id": run_id, "task": task, "pipeline": "identity_resolution"}
    log.error("event=%s run=%s task=%s", event, run_id, task)
    try:
        channels = load_settings(parameters).notify
    except IdentityError as error:
        log.error("no notification sent: %s", error)
        return
    if channels.webhook:
        _post(channels.webhook, message)
    if channels.email:
        _mail(list(channels.email), message)


def _find(parameters: Parameters, run_id: str) -> Run:
    return lifecycle.find(load_settings(parameters), run_id)


def _post(url: str, message: Mapping[str, Any]) -> None:
    if not url.startswith(("http://", "https://")):
        log.error("notify.webhook is no http address")
        return
    body = json.dumps(message).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})  # noqa: S310 - checked above
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - checked above
            log.info("webhook answered %d", answer.status)
    except OSError as error:  # a broken channel must not hide the failure it reports
        log.error("webhook failed: %s", type(error).__name__)


def _mail(addresses: list[str], message: Mapping[str, Any]) -> None:
    from airflow.providers.smtp.hooks.smtp import SmtpHook

    subject = f"identity: {message['event']} in {message['task']}"
    text = "<br>".join(f"{name}: {value}" for name, value in message.items())
    try:
        with SmtpHook() as hook:
            hook.send_email_smtp(to=addresses, subject=subject, html_content=text)
    except Exception as error:  # noqa: BLE001 - as above: any failure of the channel is logged by its kind only
        log.error("e-mail failed: %s", type(error).__name__)
