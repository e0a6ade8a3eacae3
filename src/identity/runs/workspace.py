"""A run's folder: the Parquet tables between the stages and the manifest of what each stage wrote.

    <state>/runs/<run id>/<schema>.<table>.parquet          or, for a table written in parts,
    <state>/runs/<run id>/<schema>.<table>/<part>.parquet
    <state>/runs/<run id>/manifest/<stage>[.<part>].json    tables with rows and SHA-256, metrics, seconds

A file stands under its name only when whole, and a stage counts as done only when its manifest entry
stands, so that a killed run resumes where it stopped (PROMISES.md P8).
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa
import pyarrow.parquet as pq

from identity.engine.duck import DuckEngine
from identity.tables import Table, table, tables

Metrics = Mapping[str, float]


@dataclass(frozen=True)
class Written:
    """One file of a table: rows and content hash."""

    table: str
    file: str
    rows: int
    sha256: str


@dataclass(frozen=True)
class StageEntry:
    """What one stage (or one part of it) did: `metrics` are `name` or `name:label` to a number."""

    stage: str
    part: str = ""
    seconds: float = 0.0
    written: tuple[Written, ...] = ()
    metrics: Metrics = field(default_factory=dict)


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, read in blocks."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_atomically(path: Path, text: str) -> None:
    """Write a small text file so that readers see the old or the whole new content."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)


class Workspace:
    """The folder of one run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, name: str, part: str = "") -> Path:
        """Where a table, or one part of it, stands."""
        return self.folder / name / f"{part}.parquet" if part else self.folder / f"{name}.parquet"

    def files(self, name: str) -> list[Path]:
        """The Parquet files of a table, in order; empty when it was not written."""
        whole = self.path(name)
        parts = sorted((self.folder / name).glob("*.parquet"))
        return ([whole] if whole.exists() else []) + parts

    def entries(self) -> list[StageEntry]:
        """Manifest entries of the stages that are done."""
        found = []
        for path in sorted((self.folder / "manifest").glob("*.json")):
            data = json.loads(path.read_text(encoding="utf-8"))
            data["written"] = tuple(Written(**entry) for entry in data["written"])
            found.append(StageEntry(**data))
        return found

    def entry(self, stage: str, part: str = "") -> StageEntry | None:
        """The entry of one stage, None while it is not done."""
        return next((e for e in self.entries() if e.stage == stage and e.part == part), None)

    def written(self, name: str, part: str = "") -> list[Written]:
        """What stands of a table (or of one part of it), with rows and content hash."""
        files = [self.path(name, part)] if part else self.files(name)
        return [
            Written(
                name,
                path.relative_to(self.folder).as_posix(),
                pq.read_metadata(path).num_rows,
                file_sha256(path),
            )
            for path in files
            if path.exists()
        ]

    def rows(self, name: str) -> int:
        """Rows of a table, read from the files' footers."""
        return sum(pq.read_metadata(path).num_rows for path in self.files(name))

    def finish(self, entry: StageEntry) -> None:
        """Record that a stage is done."""
        name = f"{entry.stage}.{entry.part}" if entry.part else entry.stage
        write_atomically(self.folder / "manifest" / f"{name}.json", json.dumps(asdict(entry), indent=1, sort_keys=True))


class Session:
    """One engine over the tables a stage reads; what it saves lands in the run's folder.

    `secret()` is the store's key for hashes of personal values. `with run.open(*reads) as db:` then `db.query`,
    `db.rows`, `db.put`, `db.execute` and `db.save("gold.consent", "unify/consent")`.
    """

    def __init__(
        self, workspace: Workspace, engine: DuckEngine, reads: Iterable[str], secret: Callable[[], bytes] = bytes
    ) -> None:
        self.workspace = workspace
        self.engine = engine
        self.secret = secret
        self.query = engine.query
        self.rows = engine.rows
        self.put = engine.put
        self.offer = engine.offer
        self.withdraw = engine.withdraw
        self.execute = engine.execute
        self.count = engine.count
        self.columns = engine.columns
        for name in reads:
            self.attach(name)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.engine.close()

    def attach(self, name: str) -> None:
        """Make a table of the run readable; `prior.x` is `identity.x` (or `raw.x` …) of the last generation."""
        self.engine.attach(name, self.workspace.files(name), table=declared(name))

    def save(self, name: str, sql: str, *, part: str = "", in_order: bool = False, **parameters: Any) -> int:
        """Write a declared table from a query (a file of `sql/`, or one line) and make it readable.

        A query whose rows come `in_order` of the key by themselves is not sorted again.
        """
        path = self._place(name, part)
        rows = self.engine.save(table(name), sql, path, in_order=in_order, **parameters)
        self.attach(name)
        return rows

    def save_arrow(self, name: str, data: pa.Table, *, part: str = "", in_order: bool = False) -> int:
        """Write a declared table from an Arrow table, whose rows may be `in_order` of its key, and make it readable."""
        path = self._place(name, part)
        rows = self.engine.save_arrow(table(name), data, path, in_order=in_order)
        self.attach(name)
        return rows

    def _place(self, name: str, part: str) -> Path:
        path = self.workspace.path(name, part)
        path.parent.mkdir(parents=True, exist_ok=True)
        return path


class Published(Session):
    """One engine over the tables of the live generation, whichever run published it; reads only."""

    def __init__(
        self, warehouse: Path, engine: DuckEngine, reads: Iterable[str], secret: Callable[[], bytes] = bytes
    ) -> None:
        super().__init__(Workspace(warehouse.parent), engine, (), secret)
        engine.attach_published(warehouse, reads)


_PRIOR_SCHEMAS = ("identity", "raw", "std", "match", "steward", "gold", "ops")


def declared(name: str) -> Table | None:
    """The declaration of a table or, for `prior.x`, of the published table x; None when unknown."""
    if not name.startswith("prior."):
        return tables().get(name)
    rest = name.removeprefix("prior.")
    return next((tables()[f"{s}.{rest}"] for s in _PRIOR_SCHEMAS if f"{s}.{rest}" in tables()), None)


@dataclass(frozen=True)
class Verdict:
    """What check decided: passed, passed_with_warnings, stopped, held or released, with reasons in words.

    Of a released run, `released_by` and `released_because` say who let it pass and why.
    """

    verdict: str
    reasons: tuple[str, ...] = ()
    released_by: str | None = None
    released_because: str | None = None


def write_verdict(workspace: Workspace, verdict: Verdict) -> None:
    """Keep the verdict in the run's folder, for publish and report."""
    write_atomically(workspace.folder / "verdict.json", json.dumps(asdict(verdict), indent=1))


def read_verdict(workspace: Workspace) -> Verdict:
    """The verdict of the run; `not_reached` before check."""
    path = workspace.folder / "verdict.json"
    if not path.exists():
        return Verdict("not_reached")
    data = json.loads(path.read_text(encoding="utf-8"))
    return Verdict(**{**data, "reasons": tuple(data["reasons"])})
