"""Exports delivered to an inbox in a temporary folder, landed and standardised."""

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from identity.runs.run import Run
from identity.stages.land import land
from identity.stages.standardise import standardise
from tests.support.tables import make_run

FIXTURES = Path(__file__).parents[1] / "fixtures" / "exports"


def standardised(folder: Path, *fixtures: str, texts: Mapping[str, str] | None = None, **settings: Any) -> Run:
    """A run over fixtures (files or folders below `tests/fixtures/exports`) and files written from text."""
    inbox = folder / "inbox"
    for name in fixtures:
        place = FIXTURES / name
        target = inbox / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if place.is_dir() else shutil.copyfile)(place, target)
    deliver(inbox, texts or {})
    chosen: dict[str, Any] = {"region": "US", "inbox": inbox, **settings}
    run = make_run(folder, **chosen)
    land(run)
    standardise(run)
    return run


def deliver(inbox: Path, texts: Mapping[str, str]) -> None:
    """Write files below the inbox; a margin of the text is taken off every line."""
    for name, text in texts.items():
        target = inbox / name
        target.parent.mkdir(parents=True, exist_ok=True)
        lines = [line.strip() for line in text.strip().splitlines()]
        target.write_text("\n".join(lines) + "\n", encoding="utf-8")


def next_run(run: Run) -> Run:
    """The run after this one, with the files of `raw.file` and the blocked values as prior ones."""
    following = replace(run, run_id=f"g{run.number + 1:06d}-test", number=run.number + 1)
    following.folder.mkdir(parents=True, exist_ok=True)
    for name in ("file", "rejected", "column"):
        (following.folder / f"prior.{name}").mkdir(exist_ok=True)
        for path in run.workspace.files(f"raw.{name}"):
            shutil.copyfile(path, following.folder / f"prior.{name}" / path.name)
    shutil.copyfile(run.workspace.path("std.blocked_value"), following.folder / "prior.blocked_value.parquet")
    return following
