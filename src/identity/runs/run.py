"""One run as the stages see it: settings, number, time and the tables in its folder. No clock, no environment."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial
from pathlib import Path

from identity.engine.duck import DuckEngine
from identity.runs.keyed import keyed_hash, keyed_hashes
from identity.runs.places import landed_file
from identity.runs.store import store_secret
from identity.runs.workspace import Published, Session, Workspace
from identity.settings import Settings


@dataclass(frozen=True)
class Run:
    """What a stage may depend on.

    `number` is the generation it would publish (last published + 1), `as_of` the run's time in UTC
    without zone, `secret` the store's key for hashes of personal values.
    """

    settings: Settings
    run_id: str
    number: int
    as_of: datetime
    secret: bytes
    full: bool = False

    @property
    def folder(self) -> Path:
        """The run's folder."""
        return self.settings.state / "runs" / self.run_id

    @cached_property
    def workspace(self) -> Workspace:
        """Tables and manifest in the run's folder."""
        return Workspace(self.folder)

    def open(self, *reads: str) -> Session:
        """An engine over these tables of the run; close it by `with`."""
        engine = DuckEngine(
            threads=self.settings.threads,
            memory_limit=self.settings.memory_limit,
            temp=self.folder / "spill",
        )
        return Session(self.workspace, engine, reads, lambda: self.secret)

    def landed_file(self, source: str, digest: str) -> Path:
        """Where the landed rows of a delivered file stand."""
        return landed_file(self.settings.state, source, digest)

    def keyed_hash(self, text: str, length: int = 32) -> str:
        """`keyed_hash` of a personal value under the store's secret."""
        return keyed_hash(self.secret, text, length)

    def keyed_hashes(self, texts: Iterable[str], length: int = 32) -> list[str]:
        """The same of many values."""
        return keyed_hashes(self.secret, texts, length)


def open_published(settings: Settings, *reads: str) -> Published:
    """An engine over tables of the live warehouse; close it by `with`.

    Raises ConfigurationError when nothing is published or the file cannot be read.
    """
    engine = DuckEngine(threads=settings.threads, memory_limit=settings.memory_limit, temp=settings.state / "spill")
    return Published(settings.warehouse, engine, reads, partial(store_secret, settings.state))
