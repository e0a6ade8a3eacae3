"""One run at a time: a lease with heartbeat over the processes of a run, and an OS lock per stage.

An expired lease is taken over, and so is one whose holder was a process of this machine that is gone, so
that nothing has to be unlocked by hand after a kill (PROMISES.md P9).
"""

import contextlib
import fcntl
import logging
import os
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import sqlalchemy as sa

from identity.errors import AnotherRun
from identity.runs.store import one_at_a_time
from identity.runs.store_tables import lease_table

log = logging.getLogger("identity.lease")

_NAME = "run"
HEARTBEAT = 5.0


def now() -> datetime:
    """The clock, in UTC without zone. Only the life cycle of runs takes it, never a stage."""
    return datetime.now(UTC).replace(tzinfo=None)


def take(store: sa.Engine, run_id: str, ttl: timedelta, *, entering: bool = False) -> None:
    """Take or renew the lease for a run; raises AnotherRun naming the holder.

    `entering` says that this process begins or resumes the run: then a process that is doing the very same
    run is another one, too, unless both are of a scheduler, whose runs span processes.
    """
    with store.connect() as connection:
        one_at_a_time(connection)
        held = connection.execute(sa.select(lease_table)).mappings().one_or_none()
        if held is not None and not _abandoned(held) and (held["run_id"] != run_id or (entering and _busy(held, ttl))):
            connection.rollback()
            raise AnotherRun(
                f"run {held['run_id']} holds the lease (process {held['pid']} on {held['host']}, since "
                f"{held['since']:%Y-%m-%d %H:%M:%S} UTC, until {held['expires_at']:%H:%M:%S} unless renewed); "
                "wait for it, or stop it: an expired lease is taken over by itself"
            )
        moment = now()
        since = held["since"] if held is not None and held["run_id"] == run_id else moment
        connection.execute(sa.delete(lease_table))
        connection.execute(
            sa.insert(lease_table).values(
                name=_NAME,
                run_id=run_id,
                host=socket.gethostname(),
                pid=os.getpid(),
                since=since,
                expires_at=moment + ttl,
            )
        )
        connection.commit()


def _abandoned(held: sa.RowMapping) -> bool:
    if held["expires_at"] < now():
        return True
    same_host = held["host"] == socket.gethostname()
    return bool(same_host and not _spans_processes(held["expires_at"] - now()) and not psutil.pid_exists(held["pid"]))


def _busy(held: sa.RowMapping, ttl: timedelta) -> bool:
    """Whether a lease that stands is of another process than this one, and not of the same scheduler."""
    own = held["host"] == socket.gethostname() and held["pid"] == os.getpid()
    return not own and not (_spans_processes(held["expires_at"] - now()) and _spans_processes(ttl))


def _spans_processes(left: timedelta) -> bool:
    """Whether a lease is of a scheduled run: those of one process are short, and renewed while it lives."""
    return left > timedelta(minutes=5)


def release(store: sa.Engine, run_id: str) -> None:
    """Give the lease back; nothing happens when another run has taken it over."""
    with store.begin() as connection:
        connection.execute(given_back(run_id))


def given_back(run_id: str) -> sa.Delete:
    """The statement of `release`, for a transaction that says more."""
    return sa.delete(lease_table).where(lease_table.c.run_id == run_id)


@contextlib.contextmanager
def heartbeat(store: sa.Engine, run_id: str, ttl: timedelta) -> Iterator[None]:
    """Renew the lease every few seconds while the body runs.

    A store that cannot be written for a moment is tried again at the next beat, since the lease still stands. Raises
    AnotherRun when another run has taken the lease meanwhile (at the end of the body, unless that fails by itself).
    """
    stop, lost = threading.Event(), list[AnotherRun]()

    def beat() -> None:
        while not lost and not stop.wait(HEARTBEAT):
            try:
                take(store, run_id, ttl)
            except AnotherRun as error:
                lost.append(error)
            except sa.exc.DBAPIError as error:
                log.warning(
                    "the lease of run %s could not be renewed (%s); trying again", run_id, type(error.orig).__name__
                )

    take(store, run_id, ttl)
    thread = threading.Thread(target=beat, name="lease-heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
    if lost:
        raise lost[0]


@contextlib.contextmanager
def stage_lock(folder: Path, name: str) -> Iterator[None]:
    """An OS lock for one stage (or part) of a run; released by the kernel when the process dies."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{name}.lock").open("w", encoding="ascii") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AnotherRun(f"stage {name} of this run is being done by another process; wait for it") from None
        yield
