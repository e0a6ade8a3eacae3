"""What link tells unify: which records are new, or say anything else than in the run before, matching apart."""

import shutil
from pathlib import Path

from identity.matching import kept
from identity.matching.records import Longs


def keep(run_folder: Path, last_run: str, records: Longs) -> None:
    """Leave the numbers of the records (as `link/numbered` gives them) of which anything changed since `last_run`."""
    kept.save(_folder(run_folder), {"last_run": last_run}, {"records": records})


def forget(run_folder: Path) -> None:
    """Where link works everything out, nothing is known of what changed."""
    shutil.rmtree(_folder(run_folder), ignore_errors=True)


def found(run_folder: Path) -> tuple[str, Longs] | None:
    """The last run and the records that changed since; None where that is not known."""
    told = kept.load(_folder(run_folder), {})
    return None if told is None else (str(told[0]["last_run"]), told[1]["records"])


def _folder(run_folder: Path) -> Path:
    return run_folder / "spill" / "restated"
