"""The life of a run: begin (or resume), find again, finish; kept in the ledger of the operational store.

A killed run stays `running` in the ledger and is resumed, with its own time, by the next start over the
same settings and the same inbox, so that the rerun ends with the same bytes (PROMISES.md P8). When the kill
fell between the warehouse's switch and the ledger's commit, the ledger is put right from the warehouse.
"""

import glob
import hashlib
import shutil
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from identity import __version__
from identity.engine import warehouse
from identity.errors import ConfigurationError, IdentityError
from identity.runs import lease, snapshot
from identity.runs.places import generation_file
from identity.runs.run import Run
from identity.runs.store import open_store, store_secret
from identity.runs.store_tables import privacy_request_table, run_table
from identity.serving import serve
from identity.settings import Settings

ONE_PROCESS = timedelta(seconds=60)
# Longer than what lies between two tasks of a scheduler. A run that loses its lease meanwhile is told so.
SCHEDULED = timedelta(minutes=30)

# What a run reads of the last published generation, and which columns of it.
PRIOR_TABLES: Mapping[str, tuple[str, ...]] = {
    "raw.file": (),
    "raw.rejected": (),
    "raw.column": (),
    "std.source_record": ("source", "source_pk", "record_hash"),
    "std.blocked_value": (),
    "match.model": (),
    "match.blocking_rule": (),
    "match.term_frequency": (),
    "identity.profile_xref": (),
    "identity.profile": (),
    "identity.profile_event": (),
    "identity.profile_alias": (),
    "steward.decision": (),
    "steward.review_item": ("item_id", "kind", "since_run"),
    "gold.customer_360": (
        "profile_id", "profile_hash", "profile_version", "full_name", "birth_date", "gender", "company", "email",
        "phone", "address_line1", "address_line2", "city", "region", "postal_code", "country_iso2", "consent_email",
        "consent_sms", "consent_phone", "is_restricted", "n_source_records", "orders", "revenue", "open_tickets",
        "lifecycle_status",
    ),
    "gold.segment": (),
    "gold.segment_membership": (),
    "ops.run_metric": (),
    "ops.run": (),
}  # fmt: skip


def begin(
    settings: Settings, *, as_of: datetime | None = None, full: bool = False, ttl: timedelta = ONE_PROCESS
) -> Run:
    """Open a run: take the lease, put the ledger right, resume what was killed or start anew.

    `as_of` (UTC without zone) defaults to the clock. Raises AnotherRun when the lease is held.
    """
    store = open_store(settings)
    _refuse_half_erased(store)
    secret = store_secret(settings.state)
    published = warehouse.published_runs(settings.warehouse)
    number = published[-1][0] + 1 if published else 1
    found = _killed(store, settings, full=full)
    if (
        found is not None
        and as_of in (None, found["as_of"])
        and (found["number"], found["run_id"])
        in {
            (number, found["run_id"]),
            *published[-1:],
        }
    ):
        run = _as_run(settings, found, secret)
        lease.take(store, run.run_id, ttl, entering=True)
        return run
    run = _start(settings, published, as_of, full=full, ttl=ttl)
    _take_prior(run)
    return run


def begin_rollback(settings: Settings, *, as_of: datetime | None = None) -> Run:
    """Open the run that publishes an earlier generation again; it is never resumed, a killed one starts over."""
    return _start(settings, warehouse.published_runs(settings.warehouse), as_of, full=False, ttl=ONE_PROCESS)


def reopen(settings: Settings, run_id: str, *, ttl: timedelta = ONE_PROCESS) -> Run:
    """Take the lease for a run that ended held, so that it can be published after all."""
    run = find(settings, run_id)
    store = open_store(settings)
    lease.take(store, run.run_id, ttl, entering=True)
    _reconcile(store, [published for _, published in warehouse.published_runs(settings.warehouse)])
    return run


def settle(settings: Settings) -> None:
    """Where the warehouse is a server: take over a generation that went live there before a kill or a lost connection.

    Raises ConfigurationError where the server carries a generation that is none of this state folder's.
    """
    taken = serve.settle(settings, lambda number: generation_file(settings.state, number))
    if taken is None:
        return
    with open_store(settings).begin() as connection:
        failed = sa.and_(run_table.c.run_id == taken[1], run_table.c.status == "failed")
        connection.execute(sa.update(run_table).where(failed).values(status="published", reason=""))


def _start(
    settings: Settings, published: list[tuple[int, str]], as_of: datetime | None, *, full: bool, ttl: timedelta
) -> Run:
    """A new run with the next number in the ledger, and the lease for it."""
    store = open_store(settings)
    number = published[-1][0] + 1 if published else 1
    moment = (as_of or lease.now()).replace(microsecond=0)
    secret = store_secret(settings.state)
    run = Run(settings, _new_id(settings, number, moment), number, moment, secret, full)
    lease.take(store, run.run_id, ttl, entering=True)
    _reconcile(store, [run_id for _, run_id in published])
    with store.begin() as connection:
        connection.execute(
            sa.insert(run_table).values(
                run_id=run.run_id,
                number=number,
                as_of=moment,
                full=full,
                status="running",
                reason="",
                config_hash=settings.fingerprint,
                inbox_hash=inbox_hash(settings),
                program_version=__version__,
                started_at=lease.now(),
            )
        )
    return run


def _refuse_half_erased(store: sa.Engine) -> None:
    """A run over half an erasure would publish the person again."""
    half = sa.select(privacy_request_table.c.request_id).where(
        privacy_request_table.c.type == "erase", privacy_request_table.c.status == "running"
    )
    with store.connect() as connection:
        found = connection.execute(half).scalars().all()
    if found:
        raise IdentityError(
            f"erasure {', '.join(found)} was interrupted: `identity erase --open` finishes it, then start the run again"
        )


def find(settings: Settings, run_id: str) -> Run:
    """A run of the ledger by its id, as a later process of a scheduled run needs it."""
    store = open_store(settings)
    with store.connect() as connection:
        query = sa.select(run_table).where(run_table.c.run_id == run_id)
        row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise ConfigurationError(f"no run {run_id} in {settings.state}; `identity status` lists the runs")
    return _as_run(settings, dict(row), store_secret(settings.state))


def finish(run: Run, status: str, reason: str = "") -> None:
    """Close a run in the ledger (published, stopped, held, failed) and give the lease back, both or neither."""
    store = open_store(run.settings)
    with store.begin() as connection:
        connection.execute(
            sa.update(run_table)
            .where(run_table.c.run_id == run.run_id)
            .values(status=status, reason=reason, finished_at=lease.now())
        )
        connection.execute(lease.given_back(run.run_id))


def runs(settings: Settings) -> list[Mapping[str, Any]]:
    """The ledger, newest first."""
    store = open_store(settings)
    with store.connect() as connection:
        query = sa.select(run_table).order_by(run_table.c.started_at.desc(), run_table.c.run_id.desc())
        return [dict(row) for row in connection.execute(query).mappings()]


def inbox_hash(settings: Settings) -> str:
    """Hash of names, sizes and times of the files a run would look at: tells whether a delivery changed."""
    digest = hashlib.sha256()
    roots = [settings.inbox] if settings.inbox else []
    paths = {path for root in roots for path in root.rglob("*")}
    for source in settings.sources:
        patterns = (source.files,) if isinstance(source.files, str) else source.files or ()
        paths.update(settings.base_dir / name for name in matching(settings.base_dir, patterns))
    for path in sorted(paths):
        if path.is_file():
            stat = path.stat()
            digest.update(f"{path}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def matching(base: Path, patterns: Iterable[str]) -> list[str]:
    """Names that match patterns relative to a folder; `..` and roots are taken."""
    found = {name for pattern in patterns for name in glob.glob(pattern, root_dir=base, recursive=True)}  # noqa: PTH207
    return sorted(found)


def _as_run(settings: Settings, row: Mapping[str, Any], secret: bytes) -> Run:
    return Run(settings, row["run_id"], row["number"], row["as_of"], secret, row["full"])


def _new_id(settings: Settings, number: int, moment: datetime) -> str:
    base = f"g{number:06d}-{moment:%Y%m%dT%H%M%S}"
    taken = {row["run_id"] for row in runs(settings)}
    return next(name for name in (base, *(f"{base}-{n}" for n in range(2, 10_000))) if name not in taken)


def _reconcile(store: sa.Engine, published: list[str]) -> None:
    """Close the runs that were killed: after the switch they are published, before it they failed."""
    ended = {"finished_at": lease.now()}
    with store.begin() as connection:
        unfinished = sa.update(run_table).where(run_table.c.status.in_(("running", "held")))
        connection.execute(unfinished.where(run_table.c.run_id.in_(published)).values(status="published", **ended))
        running = sa.update(run_table).where(run_table.c.status == "running")
        connection.execute(running.values(status="failed", reason="killed; a later run started over", **ended))


def _killed(store: sa.Engine, settings: Settings, *, full: bool) -> Mapping[str, Any] | None:
    query = (
        sa.select(run_table)
        .where(
            run_table.c.status == "running",
            run_table.c.full == full,
            run_table.c.config_hash == settings.fingerprint,
            run_table.c.inbox_hash == inbox_hash(settings),
            run_table.c.program_version == __version__,
        )
        .order_by(run_table.c.started_at.desc())
        .limit(1)
    )
    with store.connect() as connection:
        row = connection.execute(query).mappings().one_or_none()
    if row is None or not (settings.state / "runs" / row["run_id"] / "prior.ready").exists():
        return None
    return dict(row)


def _take_prior(run: Run) -> None:
    shutil.rmtree(run.folder, ignore_errors=True)
    run.folder.mkdir(parents=True)
    live = run.settings.warehouse
    if live.exists():
        warehouse.export(live, PRIOR_TABLES, run.folder)
    snapshot.take(open_store(run.settings), run.folder)
    (run.folder / "prior.ready").touch()
