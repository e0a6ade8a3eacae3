"""Publishing what is already computed: a held run that a person releases, an earlier generation again.

Both are named decisions (who and why stand in `ops.run`), both end in the one switch that publishing is.
"""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from identity import __version__, pipeline
from identity.engine import renewal, warehouse
from identity.engine.sql import load
from identity.errors import ConfigurationError, IdentityError
from identity.privacy import erasing
from identity.runs import lifecycle
from identity.runs.places import generation_file, generation_files
from identity.runs.run import Run
from identity.runs.workspace import Session, read_verdict, write_verdict
from identity.serving.serve import go_live
from identity.settings import Settings
from identity.stages import profile_ids
from identity.stages.publish import keep_generations
from identity.tables import SCHEMA_VERSION

REVISED = ("identity.profile", "identity.profile_alias", "identity.profile_event", "ops.run")


def release(settings: Settings, run_id: str, *, by: str, reason: str) -> Run:
    """Publish a held run on a person's word; repeating it after a kill ends the same.

    Raises ConfigurationError when the run is not held, or another was published since; AnotherRun while a run
    holds the lease.
    """
    _named(by, reason)
    erasing.carry_on(settings)
    lifecycle.settle(settings)
    held = lifecycle.find(settings, run_id)
    status = next(row["status"] for row in lifecycle.runs(settings) if row["run_id"] == run_id)
    published = warehouse.published_runs(settings.warehouse)
    if status != "held":
        raise ConfigurationError(f"run {run_id} is {status}, not held; `identity status` lists the held runs")
    if (held.number, run_id) not in published and published and published[-1][0] >= held.number:
        raise ConfigurationError(
            f"run {run_id} was overtaken: generation {published[-1][0]} was published since by run {published[-1][1]}; "
            "run again over the same delivery"
        )
    current = lifecycle.reopen(settings, run_id)
    try:
        decided = replace(read_verdict(current.workspace), verdict="released", released_by=by, released_because=reason)
        write_verdict(current.workspace, decided)
        for stage in ("publish", "report"):
            pipeline.run_stage(current, stage)
    except IdentityError as error:
        lifecycle.finish(current, "held", str(error))
        raise
    lifecycle.finish(current, "published", f"released by {by}: {reason}")
    return current


def kept(settings: Settings) -> dict[int, Path]:
    """The generations one can go back to: number and file, oldest first."""
    return {int(path.stem[1:]): path for path in generation_files(settings.state)}


def rollback(
    settings: Settings, to: int | None, *, by: str, reason: str, as_of: datetime | None = None
) -> tuple[Run, int]:
    """Publish generation `to` (default: the one before) again, under a new number; returns the run and `to`.

    Every table is that generation's, but the history goes on: ids issued since stay issued and get a fate,
    and every record that goes back is told by an event. The same words after a kill carry on with the rollback that
    was killed, also when its generation is live already. Raises ConfigurationError for a generation that is not kept
    or is live already, AnotherRun while a run holds the lease.
    """
    _named(by, reason)
    erasing.carry_on(settings)
    lifecycle.settle(settings)
    published = warehouse.published_runs(settings.warehouse)
    unheard = _unheard(settings, published, by, reason)
    if unheard is not None and to in (None, unheard[1]):
        return _closed(*unheard, by, reason)
    there = kept(settings)
    live = published[-1][0] if published else 0
    earlier = [number for number in there if number < live]
    target = to if to is not None else max(earlier, default=0)
    if target not in there or target == live:
        known = ", ".join(str(number) for number in earlier) or "none"
        raise ConfigurationError(
            f"generation {target} is {'live' if target == live else 'not kept'}; one can go back to: {known}"
        )
    run = lifecycle.begin_rollback(settings, as_of=as_of)
    try:
        _publish_again(run, there[target], target, by, reason)
    except IdentityError as error:
        lifecycle.finish(run, "failed", str(error))
        raise
    return _closed(run, target, by, reason)


def _unheard(settings: Settings, published: list[tuple[int, str]], by: str, reason: str) -> tuple[Run, int] | None:
    """The rollback of the same words that was killed after its switch: it is live, the ledger does not know."""
    live = published[-1][1] if published else None
    if not any(row["run_id"] == live and not row["reason"] for row in lifecycle.runs(settings)):
        return None
    with warehouse.opened(settings.warehouse) as connection:
        said = {"run_id": live, "by": by, "reason": reason}
        found = connection.execute(load("rollback/live_rollback"), said).fetchall()
    return (lifecycle.reopen(settings, str(live)), int(found[0][0])) if found else None


def _closed(run: Run, target: int, by: str, reason: str) -> tuple[Run, int]:
    keep_generations(run.settings)
    lifecycle.finish(run, "published", f"rolled back to generation {target} by {by}: {reason}")
    return run, target


def _named(by: str, reason: str) -> None:
    if not by.strip() or not reason.strip():
        raise ConfigurationError("a decision needs a name and a reason: give --by NAME and --reason TEXT")


def _publish_again(run: Run, source: Path, target: int, by: str, reason: str) -> None:
    """Build the new generation from the file of an old one and make it live."""
    settings = run.settings
    run.folder.mkdir(parents=True, exist_ok=True)
    partial = generation_file(settings.state, run.number).with_suffix(".partial")
    with ThreadPoolExecutor(1) as beside:  # the disk is busy with the file while ids are worked out
        copied = beside.submit(renewal.copied, source, partial)
        _revised_tables(run, source, target, by, reason)
        copied.result()
    renewal.revise(partial, {name: run.workspace.path(name) for name in REVISED}, threads=settings.threads)
    partial.replace(generation_file(settings.state, run.number))
    go_live(settings, generation_file(settings.state, run.number))


def _revised_tables(run: Run, source: Path, target: int, by: str, reason: str) -> None:
    """Write the REVISED tables into the run's folder."""
    warehouse.export(run.settings.warehouse, {**_GROUPING, **_HISTORY}, run.folder)
    back = run.folder / "back"
    back.mkdir(exist_ok=True)
    warehouse.export(source, _GROUPING, back)
    _identity_tables(run, back, by)
    with run.open("prior.run") as db:
        db.save_arrow("ops.run", _run_rows(db, run, target, by, reason))


_GROUPING: Mapping[str, tuple[str, ...]] = {
    "identity.profile_xref": ("source", "source_pk", "profile_id"),
    "identity.profile": (),
}
_HISTORY: Mapping[str, tuple[str, ...]] = {"identity.profile_event": (), "identity.profile_alias": (), "ops.run": ()}


def _identity_tables(run: Run, back: Path, by: str) -> None:
    """The identity tables as if the earlier generation's grouping had been found now, by a person's word."""
    with run.open(*profile_ids.PRIOR) as db:
        for name in _GROUPING:
            short = name.split(".", maxsplit=1)[1]
            db.engine.attach(f"back.{short}", [back / f"prior.{short}.parquet"])
        db.execute("rollback/assigned")
        db.execute("rollback/cluster_member")
        db.execute("rollback/source_record")
        profile_ids.find_calm(db)
        db.execute("rollback/calm")
        db.execute("resolve/stirred")
        db.put("steered", profile_ids.NOBODY_STEERED)
        profile_ids.write_history(run, db, actor=by)


def _run_rows(db: Session, run: Run, target: int, by: str, reason: str) -> pa.Table:
    """`ops.run` with a row that says what was gone back to; the rest of it is as the target's row."""
    earlier = db.query("select * from prior.run order by run_number").to_pylist()
    again = next(row for row in earlier if row["run_number"] == target)
    row = {
        **again,
        "run_number": run.number,
        "run_id": run.run_id,
        "as_of": run.as_of,
        "published_at": run.as_of,
        "verdict": "rolled_back",
        "decided_by": by,
        "reason": reason,
        "rolled_back_to": target,
        "program_version": __version__,
        "schema_version": SCHEMA_VERSION,
    }
    return pa.Table.from_pylist([*earlier, row])
