"""What is kept: the last generations and the last run folders; the rest is deleted (`identity prune`)."""

import shutil
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from identity.runs import lease, lifecycle
from identity.runs.places import generation_files
from identity.settings import Settings


@dataclass(frozen=True)
class Pruned:
    """What a prune deleted, or would delete."""

    run_folders: tuple[Path, ...]
    generations: tuple[Path, ...]
    bytes: int


def prune(settings: Settings, *, dry_run: bool = False) -> Pruned:
    """Delete run folders and generations beyond the configured numbers; never the last published or an open run.

    Held runs keep their folder while a person may still release them: until another run is published.
    """
    folders = _old_folders(settings)
    generations = generation_files(settings.state)[: -settings.retention.generations]
    freed = sum(_size(path) for path in (*folders, *generations))
    if not dry_run:
        for folder in folders:
            shutil.rmtree(folder)
        for path in generations:
            path.unlink()
    return Pruned(tuple(folders), tuple(generations), freed)


def _old_folders(settings: Settings) -> list[Path]:
    ledger = lifecycle.runs(settings)
    live = max((row["number"] for row in ledger if row["status"] == "published"), default=0)
    open_runs = {
        row["run_id"]
        for row in ledger
        if row["status"] == "running" or (row["status"] == "held" and row["number"] > live)
    }
    days = settings.retention.run_folder_days
    since = lease.now() - timedelta(days=days) if days is not None else None
    newest = [
        row["run_id"]
        for row in [row for row in ledger if row["run_id"] not in open_runs][: settings.retention.run_folders]
        if since is None or row["started_at"] >= since
    ]
    kept = open_runs | set(newest)
    return [path for path in sorted((settings.state / "runs").glob("*")) if path.is_dir() and path.name not in kept]


def _size(path: Path) -> int:
    if path.is_file():
        return path.stat().st_size
    return sum(entry.stat().st_size for entry in path.rglob("*") if entry.is_file())
