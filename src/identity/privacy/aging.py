"""Delivered rows that are kept too long: what `[retention] delivered_days` lets go.

Rows that count no more (superseded or delivered twice) lose their content and keep their place, as erased ones do;
landed files that no published run refers to are deleted. What is valid stays, however old: a run reads all of it.
"""

import shutil
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pyarrow.parquet as pq

from identity.engine.sql import load
from identity.engine.warehouse import opened
from identity.privacy import landed
from identity.privacy.plan import FileRows
from identity.runs import lease, lifecycle
from identity.runs.places import landed_file
from identity.runs.store import open_store, store_secret
from identity.settings import Settings


@dataclass(frozen=True)
class Aged:
    """Rows whose content was let go, the files they stand in, and files deleted."""

    rows: int
    files: int
    deleted: tuple[Path, ...]


def age(settings: Settings, *, dry_run: bool = False) -> Aged:
    """Let go of what was delivered longer ago than `delivered_days` and counts no more; nothing without that setting.

    Raises AnotherRun while a run holds the lease.
    """
    days = settings.retention.delivered_days
    if days is None or not settings.warehouse.exists():
        return Aged(0, 0, ())
    store = open_store(settings)
    lease.take(store, "retention", lifecycle.ONE_PROCESS, entering=True)
    try:
        with lease.heartbeat(store, "retention", lifecycle.ONE_PROCESS):
            return _age(settings, days, dry_run=dry_run)
    finally:
        lease.release(store, "retention")


def _age(settings: Settings, days: int, *, dry_run: bool) -> Aged:
    before = lease.now() - timedelta(days=days)
    with opened(settings.warehouse) as connection:
        old = connection.execute(load("privacy/obsolete_rows"), {"before": before}).fetchall()
    told, secret, rows, files = landed.Words((), whole=False), store_secret(settings.state), 0, 0
    for source, sha256, numbers in old:
        path = landed_file(settings.state, source, sha256)
        left = _filled(path, numbers) if path.exists() else ()
        if left:
            rows, files = rows + len(left), files + 1
            if not dry_run:
                # what was made of the file before must not be taken up again
                shutil.rmtree(settings.state / "standardised" / source, ignore_errors=True)
                landed.rewrite(path, FileRows(source, sha256, blank=left), None, told, secret).replace(path)
    deleted = tuple(
        path
        for path in landed.unreferred(settings)
        if path.stat().st_mtime < (lease.now() - timedelta(days=days)).timestamp()
    )
    for path in deleted if not dry_run and not _open_runs(settings) else ():
        path.unlink()
    return Aged(rows, files, deleted)


def _filled(path: Path, numbers: list[int]) -> tuple[int, ...]:
    """Those of the rows that still have content."""
    wanted = set(numbers)
    rows = pq.read_table(path, columns=["_row", "_hash"]).to_pylist()
    return tuple(row["_row"] for row in rows if row["_hash"] is not None and row["_row"] in wanted)


def _open_runs(settings: Settings) -> bool:
    return any(row["status"] in ("running", "held") for row in lifecycle.runs(settings))
