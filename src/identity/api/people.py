"""Records of a notebook, standardised in a folder of their own."""

import shutil
import tempfile
import weakref
from datetime import datetime
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypedDict

import pandas as pd

from identity.api.frames import Described, run_over
from identity.errors import ConfigurationError
from identity.runs.run import Run
from identity.stages import land, standardise


class Reading(TypedDict):
    """How the engine runs."""

    threads: int | None
    as_of: datetime | None
    matching: dict[str, Any]


class People:
    """Standardised records, in a folder of their own: what `dedupe` starts from."""

    def __init__(self, frames: tuple[Described, ...], reading: Reading) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="identity-"))
        self._clean = weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        self.run: Run = run_over(self._folder, frames, **reading)
        land.land(self.run)
        standardise.standardise(self.run)
        self.ids = {
            (source, str(value).strip()): value
            for entry in frames
            for source, value in zip(entry.sources, entry.ids, strict=True)
        }
        self.order = {key: number for number, key in enumerate(self.ids)}
        self.several = len({source for source, _ in self.ids}) > 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Delete the folder."""
        self._clean()

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The records as matching sees them: names, contact points, birth date and address in one form."""
        with self.run.open("std.source_record") as db:
            found = db.query("api/records").to_pandas()
        return self.with_ids(found)

    def with_ids(self, frame: pd.DataFrame) -> pd.DataFrame:
        """A frame with source and source_pk gets `record_id` (and keeps `source` where there are several)."""
        keys = list(zip(frame.pop("source"), frame.pop("source_pk"), strict=True))
        frame.insert(0, "record_id", self.column([self.ids[key] for key in keys]))
        if self.several:
            frame.insert(0, "source", [source for source, _ in keys])
        return frame

    def column(self, ids: list[Any]) -> pd.Series:
        """Record ids as a column of their own type."""
        return pd.Series(ids, dtype=pd.Series(list(self.ids.values())).dtype)

    def key(self, record_id: Any) -> tuple[str, str]:
        """(source, key) of a record, given by its id or, where sources share ids, by (source, id).

        Raises ConfigurationError where there is none, or more than one.
        """
        if isinstance(record_id, tuple):
            wanted = (str(record_id[0]), str(record_id[1]).strip())
            found = [wanted] if wanted in self.ids else []
        else:
            found = self._by_id.get(str(record_id).strip(), [])
        if len(found) != 1:
            told = "no such record" if not found else "records of several sources; give (source, record_id)"
            raise ConfigurationError(f"record id {record_id}: {told}")
        return found[0]

    @cached_property
    def _by_id(self) -> dict[str, list[tuple[str, str]]]:
        found: dict[str, list[tuple[str, str]]] = {}
        for source, key in self.ids:
            found.setdefault(key, []).append((source, key))
        return found
