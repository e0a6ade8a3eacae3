"""START HERE: the stages in order, and `run`.

A stage is a plain function of a `Run`: it reads named tables from the run's folder, writes others and
returns figures about its work. `STAGES` is the one statement of the flow; the command line, the Airflow
DAG, the lineage in the report and the resume logic are built from it.
"""

import contextlib
import errno
import os
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from identity.errors import AnotherRun, CheckStopped, IdentityError, RunHeld, StageFailed
from identity.measuring import members
from identity.privacy import erasing
from identity.runs import lease, lifecycle, processes
from identity.runs.run import Run
from identity.runs.store import open_store
from identity.runs.workspace import Metrics, StageEntry, write_atomically
from identity.settings import Settings
from identity.stages import check, enrich, land, link, publish, report, resolve, standardise, unify
from identity.standard.rates import read_rates


@dataclass(frozen=True)
class Stage:
    """One step: `run(run)` reads `reads` and writes `writes`.

    A stage with `parts` is done part by part, in any order or at once: `parts(run)` names them, `part(run, name)`
    does one, and `run` closes the stage when all are done; where their `weights` (bytes) are large, several processes
    do them. `always` stages run even when check stopped the run.
    """

    name: str
    run: Callable[[Run], Metrics]
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    parts: Callable[[Run], list[str]] | None = None
    part: Callable[[Run, str], Metrics] | None = None
    always: bool = False
    weights: Callable[[Run], Mapping[str, int]] | None = None


STAGES: tuple[Stage, ...] = (
    Stage("land", land.close, land.READS, land.WRITES, parts=land.recognise, part=land.extract, weights=land.new_bytes),
    Stage("standardise", standardise.standardise, standardise.READS, standardise.WRITES),
    Stage("link", link.link, link.READS, link.WRITES),
    Stage("resolve", resolve.resolve, resolve.READS, resolve.WRITES),
    Stage("unify", unify.unify, unify.READS, unify.WRITES),
    Stage("enrich", enrich.enrich, enrich.READS, enrich.WRITES),
    Stage("check", check.check, check.READS, check.WRITES),
    Stage("publish", publish.publish, publish.READS, publish.WRITES),
    Stage("report", report.report, report.READS, report.WRITES, always=True),
)

_WORTH_BYTES = 32 << 20

Progress = Callable[[str, StageEntry | None], None]


def run(
    settings: Settings, *, as_of: datetime | None = None, full: bool = False, progress: Progress | None = None
) -> Run:
    """Run every stage and publish; a killed run is resumed. Returns the published run.

    `progress(stage, None)` is called before and `progress(stage, entry)` after each stage. Raises
    CheckStopped or RunHeld after the report is written, InputRefused, AnotherRun and other IdentityErrors.
    """
    current = begin(settings, as_of=as_of, full=full)
    tell = progress or (lambda _stage, _entry: None)
    try:
        with contextlib.ExitStack() as beside:
            for stage in STAGES:
                if stage.name == "publish":
                    beside.close()
                tell(stage.name, None)
                tell(stage.name, run_stage(current, stage.name))
                if stage.name == "standardise":
                    with _without_values(current, "publish"):
                        beside.enter_context(publish.begun(current))
    except (CheckStopped, RunHeld) as stopped:
        for stage in (stage for stage in STAGES if stage.always):
            tell(stage.name, run_stage(current, stage.name))
        lifecycle.finish(current, "held" if isinstance(stopped, RunHeld) else "stopped", str(stopped))
        raise type(stopped)(f"{stopped}\nreport     {report.report_path(current)}") from None
    except AnotherRun:
        raise  # the run is its holder's now, and so is its end
    except IdentityError as error:
        lifecycle.finish(current, "failed", str(error))
        raise
    lifecycle.finish(current, "published")
    return current


def begin(
    settings: Settings, *, as_of: datetime | None = None, full: bool = False, ttl: timedelta = lifecycle.ONE_PROCESS
) -> Run:
    """Open or resume a run, after finishing an erasure that was interrupted; raises as `lifecycle.begin` does.

    Raises ConfigurationError for a segment definition that may not run.
    """
    members.check_own(settings)
    erasing.carry_on(settings)
    lifecycle.settle(settings)
    read_rates(settings.money.rates)  # a fault in it is told at once, not after the matching
    return lifecycle.begin(settings, as_of=as_of, full=full, ttl=ttl)


def run_stage(current: Run, name: str, *, ttl: timedelta = lifecycle.ONE_PROCESS) -> StageEntry:
    """Do one stage, with all its parts, unless it is done; returns its entry with the seconds of all of it.

    Safe to repeat: a stage writes whole files under their final names, and counts as done only when its
    manifest entry stands.
    """
    names = parts(current, name, ttl=ttl)
    _side_by_side(current, name, names, ttl)
    done = [run_part(current, name, part, ttl=ttl) for part in names]
    entry = run_part(current, name, ttl=ttl)
    return replace(entry, seconds=round(entry.seconds + sum(part.seconds for part in done), 3))


def _side_by_side(current: Run, name: str, names: list[str], ttl: timedelta) -> None:
    """Do the parts of a stage in several processes where that is worth their start."""
    weigh = _stage(name).weights
    weights = weigh(current) if weigh and names else {}
    count = min(current.settings.threads, processes.MOST, len(names))
    if count < 2 or sum(weights.values()) < _WORTH_BYTES:
        return
    heaviest_first = sorted(names, key=lambda part: (-weights.get(part, 0), part))
    with processes.claims(current.folder / "spill") as folder:
        job = (current, name, heaviest_first, folder, ttl)
        with processes.helpers("identity.pipeline", job, count - 1):
            _claimed_parts(*job)


def _claimed_parts(current: Run, name: str, names: list[str], folder: Path, ttl: timedelta) -> None:
    for part in processes.claimed(folder, names):
        run_part(current, name, part, ttl=ttl)


def parts(current: Run, name: str, *, ttl: timedelta = lifecycle.ONE_PROCESS) -> list[str]:
    """Names of the parts of a stage: those it was done in, when it is done; none when it is done in one piece."""
    stage = _stage(name)
    if stage.parts is None:
        return []
    if current.workspace.entry(name) is not None:
        return [entry.part for entry in current.workspace.entries() if entry.stage == name and entry.part]
    with lease.heartbeat(open_store(current.settings), current.run_id, ttl), _without_values(current, name):
        return stage.parts(current)


def run_part(current: Run, name: str, part: str = "", *, ttl: timedelta = lifecycle.ONE_PROCESS) -> StageEntry:
    """Do one part of a stage, or without `part` what is left when its parts are done; returns its manifest entry."""
    stage = _stage(name)
    store = open_store(current.settings)
    lock = lease.stage_lock(current.folder / "lock", f"{name}.{part}" if part else name)
    with lease.heartbeat(store, current.run_id, ttl), lock:
        done = current.workspace.entry(name, part)
        if done is not None and not stage.always:
            return done
        started = time.perf_counter()
        with _without_values(current, name):
            metrics = stage.part(current, part) if part and stage.part else stage.run(current)
        seconds = time.perf_counter() - started
        written = tuple(w for table in stage.writes for w in current.workspace.written(table, part))
        entry = StageEntry(name, part, round(seconds, 3), written, dict(metrics))
        current.workspace.finish(entry)
        return entry


@contextlib.contextmanager
def _without_values(current: Run, name: str) -> Iterator[None]:
    """Keep where a fault happened (never its message, which may quote a value) and say where to read it."""
    try:
        yield
    except IdentityError:
        raise
    except Exception as error:  # noqa: BLE001 - told of as StageFailed
        frames = [
            f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)
        ]
        place = current.folder / "failure.txt"
        with contextlib.suppress(OSError):  # on a full disk the message below has to do
            write_atomically(place, "\n".join([f"{_kind(error)} in stage {name}", *frames, ""]))
        raise StageFailed(
            f"stage {name} of run {current.run_id} failed: {_kind(error)}. Where it happened stands in {place}; "
            "nothing was published. Start again when the cause is gone (memory, disk); otherwise report that file."
        ) from None


def _kind(error: Exception) -> str:
    """The class of an error and, of the operating system's, its cause in the system's own words."""
    number = getattr(error, "errno", None)
    if number is None:  # engines tell of a full disk in their message only
        number = errno.ENOSPC if os.strerror(errno.ENOSPC) in str(error) else None
    return f"{type(error).__name__}, {os.strerror(number)}" if isinstance(number, int) else type(error).__name__


def _stage(name: str) -> Stage:
    return next(stage for stage in STAGES if stage.name == name)


if __name__ == "__main__":
    _claimed_parts(*processes.job())
