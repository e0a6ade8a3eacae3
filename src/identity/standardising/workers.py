"""Source objects side by side: what is kept of them is used again, patched or made anew, dearest first.

Further processes take their share where the delivery is large; what they leave undone is done by the process itself,
and the result is the same either way, because the objects do not depend on each other.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

from identity.runs import processes
from identity.runs.run import Run
from identity.sources.base import Source
from identity.sources.registry import by_name
from identity.standardising import making
from identity.standardising.delivered import LandedFile
from identity.standardising.making import Made

Files = Mapping[str, list[LandedFile]]

_WORTH_BYTES = 8 << 20


def all_kept(run: Run, files: Files) -> dict[str, Made]:
    """What every source object gives, by name."""
    known = by_name(run.settings)
    done = {name: found for name in files if (found := making.valid(run, known[name], files[name])) is not None}
    costs = {name: _cost(known[name], group) for name, group in files.items() if name not in done}
    names = sorted(costs, key=lambda name: (-costs[name], name))
    with processes.claims(run.folder / "spill") as folder:
        job = (run, folder, names, {name: files[name] for name in names})
        with processes.helpers("identity.standardising.workers", job, processes_for(costs, run.settings.threads) - 1):
            done |= work(*job)
    for name in names:
        if name not in done:
            found = making.done(run, known[name], files[name])
            done[name] = found or _made(run, [name], files)[name]
    return done


def _cost(source: Source, files: list[LandedFile]) -> int:
    """What a source object takes, in bytes of events; measured: records take three times as long, orders twice."""
    size = sum(file.parquet.stat().st_size for file in files)
    return size * (1 if source.record is None else 2 if source.events else 3)


def processes_for(costs: Mapping[str, int], threads: int) -> int:
    """How many processes are worth their start: one where the landed files are small or there is one thread only."""
    return max(1, min(threads, processes.MOST, len(costs))) if sum(costs.values()) >= _WORTH_BYTES else 1


def work(run: Run, folder: Path, names: list[str], files: Files) -> dict[str, Made]:
    """Do those of the objects that nobody else does, one after the other."""
    return _made(run, processes.claimed(folder, names), files)


def _made(run: Run, names: Iterable[str], files: Files) -> dict[str, Made]:
    known = by_name(run.settings)
    with run.open() as db:
        return {name: making.made(run, db, known[name], files[name]) for name in names}


if __name__ == "__main__":
    work(*processes.job())
