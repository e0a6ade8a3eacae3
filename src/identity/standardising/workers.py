"""Source objects side by side: further processes take their share where the delivery is large.

A worker is a fresh interpreter that gets the run by its standard input and leaves Arrow files in the run's folder.
What it cannot do (memory, a killed process) is done by the process itself, so that nothing depends on workers; the
result is the same either way, because the objects do not depend on each other. The process leaves its own share in
files too: they are mapped into memory, and read where a table is written.
"""

import logging
import os
import pickle
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pyarrow as pa

from identity.runs.run import Run
from identity.sources.base import Source
from identity.sources.registry import by_name
from identity.standardising.delivered import LandedFile
from identity.standardising.objects import ObjectRows, rows_of

Files = Mapping[str, list[LandedFile]]

log = logging.getLogger("identity.standardising")

_WORTH_BYTES = 32 * 1024 * 1024
_MAX_PROCESSES = 4


def all_rows(run: Run, files: Files) -> Iterator[tuple[Source, ObjectRows]]:
    """The rows of every source object, in order of its name."""
    known = by_name(run.settings)
    spill = run.folder / "spill"
    spill.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="standardise", dir=spill))
    own, *others = shares({name: _cost(known[name], group) for name, group in files.items()}, run.settings.threads)
    workers = [_start(run, folder, {name: files[name] for name in share}) for share in others]
    try:
        with run.open() as db:
            done = {}
            for name in own:
                done[name] = rows_of(run, db, known[name], files[name])
                if others and (left := _kept(folder, name, done[name])) is not None:
                    done[name] = left
            for worker in workers:
                if worker.wait():
                    log.warning("a worker ended with code %d; its share is done again here", worker.returncode)
            for name in sorted(files):
                found = done.pop(name, None) or _left(folder, name) or rows_of(run, db, known[name], files[name])
                yield known[name], found
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _cost(source: Source, files: list[LandedFile]) -> int:
    """What a source object takes, in bytes of events; measured: records take three times as long, orders twice."""
    size = sum(file.parquet.stat().st_size for file in files)
    return size * (1 if source.record is None else 2 if source.events else 3)


def shares(costs: Mapping[str, int], threads: int) -> list[list[str]]:
    """Source objects shared out among processes, the dearest first to the one with the least to do.

    One share where the landed files are small or there is one thread only.
    """
    processes = min(threads, _MAX_PROCESSES, len(costs)) if sum(costs.values()) >= _WORTH_BYTES else 1
    found: list[list[str]] = [[] for _ in range(max(processes, 1))]
    for name in sorted(costs, key=lambda name: (-costs[name], name)):
        min(found, key=lambda share: sum(costs[other] for other in share)).append(name)
    return found


def _start(run: Run, folder: Path, files: Files) -> subprocess.Popen[bytes]:
    """A worker on its way; its errors are not shown, because they may hold values: the process meets them itself."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    worker = subprocess.Popen(
        [sys.executable, "-m", "identity.standardising.workers"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment,
    )
    assert worker.stdin is not None
    try:
        pickle.dump((run, folder, dict(files)), worker.stdin)
        worker.stdin.close()
    except BrokenPipeError:
        pass
    return worker


def _leave(folder: Path, name: str, found: ObjectRows) -> None:
    """Put the rows of an object where `_left` finds them; the folder appears when all is written."""
    partial = folder / f"{name}.partial"
    partial.mkdir(parents=True)
    for table, rows in found.tables.items():
        if rows.num_rows:
            with pa.OSFile(str(partial / f"{table}.arrow"), "wb") as sink, pa.ipc.new_file(sink, rows.schema) as writer:
                writer.write_table(rows)
    (partial / "metrics.pickle").write_bytes(pickle.dumps(found.metrics))
    partial.rename(folder / name)


def _kept(folder: Path, name: str, found: ObjectRows) -> ObjectRows | None:
    """The rows of an object, moved from memory to files."""
    _leave(folder, name, found)
    return _left(folder, name)


def _left(folder: Path, name: str) -> ObjectRows | None:
    """The rows that a worker left; None where it left none."""
    place = folder / name
    if not place.is_dir():
        return None
    tables = {}
    for path in sorted(place.glob("*.arrow")):
        tables[path.name.removesuffix(".arrow")] = pa.ipc.open_file(pa.memory_map(str(path))).read_all()
    metrics = pickle.loads((place / "metrics.pickle").read_bytes())  # noqa: S301 - written by our own worker
    return ObjectRows(tables, metrics)


def work(job: tuple[Run, Path, Files]) -> None:
    """Do a worker's share, the objects one after the other."""
    run, folder, files = job
    known = by_name(run.settings)
    with run.open() as db:
        for name in files:
            _leave(folder, name, rows_of(run, db, known[name], files[name]))


if __name__ == "__main__":
    work(pickle.load(sys.stdin.buffer))  # noqa: S301 - our own process writes there
