"""What standardising a source object gave, kept across runs: `<state>/standardised/<object>/<digest>/`.

A folder holds the object's rows of every table as Parquet in the table's order, what settling needs beside them, and
`about.json`: the files it was made of, how (`fingerprint`) and the rulings it rests on. It stands only when whole. It
can be deleted at any time: the next run standardises the object anew. It holds personal values, as landed rows do.
"""

import json
import os
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from identity.engine.sql import data_folder
from identity.runs.run import Run
from identity.runs.workspace import Session
from identity.sources.base import Source
from identity.standardising.delivered import LandedFile
from identity.tables import table, tables

BESIDE = ("company", "further_email", "birth")
"""What settling and the next run need beside the tables: see `objects`."""
FileIdentity = tuple[str, str, str, int, int]
_MAKERS = ("standard", "standardising", "sources")
_ENGINES = ("duckdb", "pyarrow")


@dataclass(frozen=True)
class Kept:
    """The kept rows of one source object."""

    folder: Path
    about: Mapping[str, Any]

    def file(self, name: str) -> Path | None:
        """The Parquet file of a table; None where the object has no rows of it."""
        path = self.folder / f"{name}.parquet"
        return path if path.exists() else None

    def rows(self, name: str) -> int:
        """How many rows of a table it holds."""
        path = self.file(name)
        return int(pq.read_metadata(path).num_rows) if path else 0

    def read(self, name: str, columns: Sequence[str] | None = None) -> pa.Table | None:
        """The rows of a table, or some columns of them; None where it has none."""
        path = self.file(name)
        return pq.read_table(path, columns=columns and list(columns)) if path else None

    @property
    def files(self) -> set[FileIdentity]:
        """What it was made of; an earlier program told less of a file, which then equals none of today's."""
        return {tuple(file) for file in self.about["files"]}

    @property
    def today(self) -> date:
        """The day on which its birth dates were read."""
        return date.fromisoformat(self.about["today"])


def kept(run: Run, name: str) -> Kept | None:
    """What is kept of a source object, whether it still holds or not."""
    for about in sorted(_place(run, name).glob("*/about.json")):
        return Kept(about.parent, json.loads(about.read_text(encoding="utf-8")))
    return None


def identity_of(files: Iterable[LandedFile]) -> list[FileIdentity]:
    """What tells one set of landed files from another."""
    return sorted((file.sha256, file.path, file.member, file.first_run, file.last_run) for file in files)


def fingerprint(run: Run, source: Source) -> str:
    """How an object is standardised: the program's own text, its engines, the source as configured and the store."""
    configured = [entry.model_dump(mode="json") for entry in run.settings.sources]
    parts = [_program(), _told(source), configured, run.settings.region, run.keyed_hash("standardised")]
    return sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def keep(run: Run, name: str, about: Mapping[str, Any], write: Callable[[Path], None]) -> Kept:
    """Let `write` fill a folder, which then stands in place of whatever was kept of the object."""
    place = _place(run, name)
    digest = sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()[:16]
    partial = place / f"{digest}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    write(partial)
    (partial / "about.json").write_text(json.dumps(about, sort_keys=True), encoding="utf-8")
    for old in place.iterdir():
        if old != partial:
            shutil.rmtree(old, ignore_errors=True)
    partial.rename(place / digest)
    return Kept(place / digest, about)


def settled(found: Kept, name: str, rests_on: object, write: Callable[[Path], object]) -> Path:
    """A table of an object as settling leaves it, written once for what that `rests_on` beside the kept rows.

    The file stands in the object's folder, so that it goes with the rows that it was made of.
    """
    digest = sha256(repr(rests_on).encode()).hexdigest()[:32]
    path = found.folder / "settled" / f"{name}.{digest}.parquet"
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        for old in path.parent.glob(f"{name}.*"):
            old.unlink()
        write(path)
    return path


def save(db: Session, folder: Path, name: str, *pieces: pa.Table) -> None:
    """Write rows of a table, or of one of `BESIDE`, into a folder of `keep`; none leave no file."""
    found = [piece for piece in pieces if piece.num_rows]
    path = folder / f"{name}.parquet"
    if found and name in tables():
        db.engine.save_arrow(table(name), found, path)
    elif found:
        pq.write_table(pa.concat_tables(found, promote_options="permissive"), path, compression="zstd")


def share(source: Path, target: Path) -> None:
    """Let a file stand under a second name: by a link where the file system can, else by a copy."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(target.name + ".partial")
    partial.unlink(missing_ok=True)
    try:
        os.link(source, partial)
    except OSError:
        shutil.copyfile(source, partial)
    partial.replace(target)


def _place(run: Run, name: str) -> Path:
    return run.settings.state / "standardised" / name


@cache
def _program() -> str:
    """Digest of everything that decides how a value is read: a changed program reads all anew."""
    package = Path(__file__).resolve().parents[1]
    places = [*(package / part for part in _MAKERS), data_folder("sql") / "sources", data_folder("sql") / "standardise"]
    digest = sha256(" ".join(version(name) for name in _ENGINES).encode())
    for folder in places:
        for path in sorted(folder.rglob("*")):
            if path.suffix in {".py", ".sql", ".csv", ".json", ".txt"}:
                digest.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()


def _told(entry: object) -> Any:
    """A source as JSON values; functions by name (their text is part of the program, their settings stand beside)."""
    if is_dataclass(entry) and not isinstance(entry, type):
        return {each.name: _told(getattr(entry, each.name)) for each in fields(entry)}
    if isinstance(entry, Mapping):
        return {str(key): _told(each) for key, each in entry.items()}
    if isinstance(entry, frozenset):
        return sorted(map(str, entry))
    if isinstance(entry, tuple):
        return [_told(each) for each in entry]
    return getattr(entry, "__qualname__", entry)
