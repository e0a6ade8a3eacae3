"""Published generations: made from a sample inbox, compared table by table, delivered in another shape."""

import csv
import hashlib
import io
import random
import shutil
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cache
from pathlib import Path

import duckdb

from identity import pipeline
from identity.runs.run import Run
from identity.sample.generate import generate
from identity.settings import Settings
from identity.tables import published

AS_OF = datetime(2026, 7, 1, 3, 0, 0)
# What tells of the delivery itself (file names, line numbers) differs when the delivery is cut differently.
OF_THE_DELIVERY = {"raw.file", "raw.rejected", "raw.column", "std.row_disposition"}


@cache
def sample_inbox(root: Path, people: int = 120, seed: int = 5) -> Path:
    """Sample exports of a few people, made once a session, with two of the two dozen campaigns."""
    folder = root / f"sample-{people}-{seed}"
    inbox = generate(folder, people=people, seed=seed, as_of=datetime(2026, 6, 30)).inbox
    for activity in (*inbox.glob("mailchimp/*activity/*"),):
        for path in sorted(activity.iterdir())[2:]:
            path.unlink()
    return inbox


@cache
def small_inbox(root: Path) -> Path:
    """Sample exports of 40 people with one file of each kind of e-mail activity, where the sample has dozens."""
    inbox = shutil.copytree(sample_inbox(root, people=40, seed=3), root / "small-inbox")
    for folder in (inbox / "mailchimp").rglob("*_activity/*"):
        for path in sorted(folder.iterdir())[1:]:
            path.unlink()
    return inbox


def publish(inbox: Path, folder: Path, *, threads: int = 1, as_of: datetime = AS_OF) -> Run:
    """Run the whole pipeline over an inbox; the warehouse is `folder/w.duckdb`."""
    pin_secret(folder)
    return pipeline.run(settings(inbox, folder, threads=threads), as_of=as_of)


def pin_secret(folder: Path) -> None:
    """Give the store of `folder/w.duckdb` a fixed secret: it is an input of keyed hashes, drawn when absent."""
    key = folder / "w.state" / "secret.key"
    key.parent.mkdir(exist_ok=True)
    key.write_text("5e" * 32, encoding="ascii")


def settings(inbox: Path, folder: Path, *, threads: int = 1) -> Settings:
    """Settings of a run over an inbox in a folder."""
    return Settings(inbox=inbox, warehouse=folder / "w.duckdb", region="US", threads=threads, memory_limit="1GB")


# Rows of these come and go with the run's time.
OF_THE_DAY = {"gold.segment_membership", "mart.changes_since_last"}


def table_hashes(warehouse: Path, *, without: Iterable[str] = (), dated: bool = True) -> dict[str, str]:
    """SHA-256 of every published table as Parquet ordered by its key, volatile columns apart (P12).

    Not `dated`: without what goes with the run's time, so that runs of two days can be compared.
    """
    hashes = {}
    target = warehouse.with_suffix(".compare.parquet")
    with duckdb.connect(str(warehouse), read_only=True, config={"threads": "1"}) as connection:
        for table in published():
            if table.name in without:
                continue
            moving = set() if dated else {column.name for column in table.columns if column.dated}
            columns = ", ".join(f'"{name}"' for name in table.stable_columns if name not in moving)
            order = ", ".join(f'"{name}"' for name in table.key)
            schema, name = table.name.split(".")
            query = f'select {columns} from "{schema}"."{name}" order by {order}'
            connection.execute(f"copy ({query}) to '{target}' (format parquet)").fetchall()
            hashes[table.name] = hashlib.sha256(target.read_bytes()).hexdigest()
    target.unlink(missing_ok=True)
    return hashes


def differing(left: dict[str, str], right: dict[str, str]) -> list[str]:
    """Names of the tables that are not equal."""
    return sorted(name for name in left.keys() | right.keys() if left.get(name) != right.get(name))


Rows = list[list[str]]


def redeliver(inbox: Path, target: Path, change: Callable[[str, Rows], list[Rows]]) -> Path:
    """The same rows in another delivery: `change(path, groups)` answers the row groups of each new file.

    A group holds the rows that belong together (an order with its continuation rows); zip archives are kept
    as they are, and so are line-wise JSON files except for the order of their lines.
    """
    for path in sorted(path for path in inbox.rglob("*") if path.is_file()):
        place = target / path.relative_to(inbox)
        place.parent.mkdir(parents=True, exist_ok=True)
        if "mailchimp" in path.parts:  # there the name of a file is data
            shutil.copyfile(path, place)
        elif path.suffix == ".csv":
            _rewrite_csv(path, place, change)
        elif path.suffix == ".ndjson":
            lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
            for number, part in enumerate(change(path.name, [[line] for line in lines])):
                _numbered(place, number).write_text("".join(row[0] for row in part), encoding="utf-8")
        else:
            shutil.copyfile(path, place)
    return target


def _rewrite_csv(path: Path, place: Path, change: Callable[[str, Rows], list[Rows]]) -> None:
    encoding = "utf-8"
    header, *rows = list(csv.reader(io.StringIO(path.read_bytes().decode(encoding), newline="")))
    groups: list[Rows] = []
    by_name = header[0] == "Name" and "Lineitem name" in header
    for row in rows:
        if by_name and groups and groups[-1][0][0] == row[0]:
            groups[-1].append(row)
        else:
            groups.append([row])
    flat = [[_pack(group)] for group in groups]
    for number, part in enumerate(change(path.name, flat)):
        out = io.StringIO(newline="")
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(header)
        for (packed,) in part:
            writer.writerows(_unpack(packed))
        _numbered(place, number).write_bytes(out.getvalue().encode(encoding))


def _pack(group: Rows) -> str:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(group)
    return out.getvalue()


def _unpack(packed: str) -> Rows:
    return list(csv.reader(io.StringIO(packed, newline="")))


def _numbered(place: Path, number: int) -> Path:
    return place if number == 0 else place.with_name(f"{place.stem}-part{number}{place.suffix}")


def shuffled(seed: int) -> Callable[[str, Rows], list[Rows]]:
    """A change for `redeliver`: the same files with their rows in another order."""

    def change(path: str, groups: Rows) -> list[Rows]:
        mixed = list(groups)
        random.Random(f"{seed}{path}").shuffle(mixed)
        return [mixed]

    return change


def split(parts: int) -> Callable[[str, Rows], list[Rows]]:
    """A change for `redeliver`: every file cut into several."""

    def change(_path: str, groups: Rows) -> list[Rows]:
        size = max(1, -(-len(groups) // parts))
        return [groups[start : start + size] for start in range(0, len(groups), size)] or [[]]

    return change
