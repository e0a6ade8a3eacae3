"""Publishing a generation to Postgres beside the plain COPY of the same bytes, disk to disk, on one machine.

    python benchmarks/publish_postgres.py GENERATION.duckdb [--without-raw] [--address postgresql://…]

The plain COPY reads each table's CSV from a file by `copy … from '<file>'` into a table without key, index or comment,
over as many connections as publishing uses. Publishing is what a run does: rows from DuckDB through a pipe, keys,
indexes, comments, a digest of every row on both sides, the suites of Great Expectations in SQL, the switch. Without
`--address` a Postgres with its default configuration is started from a wheel's binaries.
"""

import argparse
import contextlib
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psutil
import psycopg

from identity.checking.parameters import suite_parameters
from identity.checking.server import run_on_server
from identity.checking.suites import load_suites
from identity.engine.sql import data_folder, literal
from identity.engine.warehouse import opened
from identity.runs.run import Run
from identity.serving import serve
from identity.serving.loading import Loaded
from identity.serving.shape import ServedTable, rows_query, shapes
from identity.settings import Settings
from identity.settings_groups import PostgresSettings

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from tests.support.server import running


@dataclass(frozen=True)
class Spent:
    """Seconds by the clock, and of both processes' CPU: ours, and all of the server's."""

    wall: float
    cpu: float

    @classmethod
    def so_far(cls, place: str) -> "Spent":
        """What this process and the server have spent until now."""
        ours = resource.getrusage(resource.RUSAGE_SELF)
        with psycopg.connect(place) as connection:
            backend = psutil.Process(connection.info.backend_pid)
            postmaster = backend.parent()
            living = [postmaster, *postmaster.children()]
            own = sum(sum(process.cpu_times()[:2]) for process in living)
            ended = sum(postmaster.cpu_times()[2:4])
        return cls(time.perf_counter(), ours.ru_utime + ours.ru_stime + own + ended)

    def __sub__(self, other: "Spent") -> "Spent":
        return Spent(self.wall - other.wall, self.cpu - other.cpu)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("generation", type=Path)
    parser.add_argument("--without-raw", action="store_true", help="leave the rows as delivered out")
    parser.add_argument("--address", help="a superuser's address of a server on this machine")
    chosen = parser.parse_args()
    raw_rows = not chosen.without_raw
    with address(chosen.address) as place, tempfile.TemporaryDirectory(prefix="publish-") as folder:
        work = Path(folder)
        work.chmod(0o755)
        tables, files = written(chosen.generation, work, raw_rows=raw_rows)
        size = sum(file.stat().st_size for file in files)
        plain = plain_copy(place, tables, files)
        for file in files:
            file.unlink()
        settings = Settings(
            warehouse=place, state_dir=work / "state", postgres=PostgresSettings(raw_rows=raw_rows), threads=2
        )
        took = published(place, settings, chosen.generation)
    print(f"{len(tables)} tables, {size / 1e6:,.0f} MB as CSV")
    print("\n| | seconds | times COPY | CPU seconds | times COPY |\n|---|---:|---:|---:|---:|")
    for name, spent in {"plain COPY of the files": plain, **took}.items():
        wall, cpu = spent.wall / plain.wall, spent.cpu / plain.cpu
        print(f"| {name} | {spent.wall:.1f} | {wall:.2f} | {spent.cpu:.1f} | {cpu:.2f} |")


@contextlib.contextmanager
def address(given: str | None) -> Iterator[str]:
    if given:
        yield given
        return
    with running(durable=True) as place:
        yield place


def written(generation: Path, folder: Path, *, raw_rows: bool) -> tuple[list[ServedTable], list[Path]]:
    """Each table as a CSV file; not timed."""
    files = []
    with opened(generation) as connection:
        tables = shapes(connection, raw_rows=raw_rows)
        for table in tables:
            files.append(folder / f"{table.name}.csv")
            connection.execute(
                f"copy ({rows_query(table)}) to {literal(str(files[-1]))} (format csv, header false)"
            ).fetchall()
            files[-1].chmod(0o644)
    return tables, files


def plain_copy(place: str, tables: list[ServedTable], files: list[Path]) -> Spent:
    """COPY alone, the largest first, two at a time."""
    with psycopg.connect(place, autocommit=True) as connection:
        connection.execute("create schema plain")

    def one(work: tuple[ServedTable, Path]) -> None:
        table, file = work
        columns = ", ".join(f'"{column.name}" {column.type}' for column in table.columns)
        with psycopg.connect(place) as connection:
            connection.execute(f'create table plain."{table.name}" ({columns})')
            connection.execute(f'copy plain."{table.name}" from {literal(str(file))} (format csv)')

    work = sorted(zip(tables, files, strict=True), key=lambda pair: -pair[1].stat().st_size)
    started = Spent.so_far(place)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(one, work))
    spent = Spent.so_far(place) - started
    with psycopg.connect(place, autocommit=True) as connection:
        connection.execute("drop schema plain cascade")
        connection.execute("checkpoint")
    return spent


def published(place: str, settings: Settings, generation: Path) -> dict[str, Spent]:
    """Publishing: loading with keys, indexes and comparison, then the suites, then the switch."""
    suites = load_suites(data_folder("expectations"))
    parameters = suite_parameters(Run(settings, "benchmark", 1, datetime(2026, 7, 1), b""), [])
    marks = [Spent.so_far(place)]

    def judge(loaded: Loaded) -> None:
        marks.append(Spent.so_far(place))
        results = run_on_server(settings, suites, loaded, parameters)
        marks.append(Spent.so_far(place))
        print(f"{len(results)} expectations in SQL, {sum(not result.success for result in results)} failed")

    rows = serve.serve(settings, generation, judge)
    marks.append(Spent.so_far(place))
    print(f"{rows:,} rows")
    names = ("loaded, keyed, indexed and compared", "Great Expectations in SQL", "switched")
    parts = {name: end - start for name, start, end in zip(names, marks, marks[1:], strict=False)}
    return {**parts, "published in all": marks[-1] - marks[0]}


if __name__ == "__main__":
    main()
