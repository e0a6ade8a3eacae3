"""publish: the run's tables become the next generation of the warehouse, in one switch.

The generation is built as a file of its own, complete and on disk, and only then renamed over the live
one: readers see the old generation or the new one (PROMISES.md P7). Repeating it changes nothing.
"""

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa

from identity import __version__
from identity.engine import generation, renewal, warehouse
from identity.engine.generation import RawRows
from identity.errors import CheckStopped
from identity.runs import processes
from identity.runs.places import generation_file, generation_files
from identity.runs.run import Run
from identity.runs.workspace import Metrics, Session, Verdict, Workspace, read_verdict, write_atomically
from identity.serving.serve import go_live
from identity.settings import Settings
from identity.stages.check import check_served
from identity.standardising.fates import ERASED
from identity.tables import SCHEMA_VERSION, published

READS = (*(table.name for table in published() if table.name != "ops.run"), "prior.run", "prior.file")
WRITES = ("ops.run",)

_WORTH_BYTES = 32 << 20
"""Bytes of landed rows from which a generation is begun while the stages before this one run."""
_BASE = "the last generation"
_PUBLISHABLE = {"passed": "published", "passed_with_warnings": "published_with_warnings", "released": "released"}


def publish(run: Run) -> Metrics:
    """Build generation `run.number` and make it the live warehouse; keep the last generations.

    Metrics: `tables`, `rows`, `bytes`; with a server also `rows_sent`. Raises CheckStopped when the run did not pass
    its checks.
    """
    decided = read_verdict(run.workspace)
    if decided.verdict not in _PUBLISHABLE:
        raise CheckStopped(f"run {run.run_id} is {decided.verdict} and cannot be published; see its report")
    with run.open("prior.run", "raw.file", "match.model") as db:
        db.save_arrow("ops.run", _run_rows(run, db, decided))
    target = generation_file(run.settings.state, run.number)
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{run.run_id}.partial")
    files, raw = contents(run)
    base = _base(run, raw)
    begun, threads = take_begun(run, files, raw, partial), run.settings.threads
    if base is None:
        generation.build(partial, files, raw, begun=begun, threads=threads)
    else:
        source = None if begun else base
        renewal.renew(partial, source, files, raw, equal=_equal(run, raw) | begun, threads=threads)
    partial.replace(target)
    sent = go_live(run.settings, target, lambda loaded: check_served(run, loaded))
    keep_generations(run.settings)
    rows = sum(run.workspace.rows(name) for name in files)
    served = {"rows_sent": sent} if run.settings.server is not None else {}
    return {"tables": len(files) + len(raw), "rows": rows, "bytes": target.stat().st_size, **served}


@contextlib.contextmanager
def begun(run: Run) -> Iterator[None]:
    """Beside the body, which runs the stages from link to check, write what of the generation is known by then.

    A process of its own does it with what the stages leave of the second core. At the end of the body it ends the table
    it is at, at an error of the body at once. What it leaves undone, `publish` does.
    """
    files, raw = _known_early(run)
    weight = sum(generation.landed_bytes(rows) for rows in raw.values())
    wanted = run.settings.threads > 1 and weight >= _WORTH_BYTES and run.workspace.entry("publish") is None
    if not (wanted and files):
        yield
        return
    enough = _begun_places(run)[0].with_suffix(".enough")
    enough.unlink(missing_ok=True)
    with processes.helpers("identity.stages.publish", run, 1):
        yield
        enough.touch()
    enough.unlink()


def begin(run: Run) -> None:
    """Write raw rows and tables of standardise as the beginning of a generation until it is `enough`; tell of what."""
    files, raw = _known_early(run)
    place, note = _begun_places(run)
    stamps, enough, base = _made_of(run, files, raw), place.with_suffix(".enough"), _base(run, raw)
    # under a name of its own: where a run was killed and started again, two processes may do this at once
    partial = place.with_name(f"{place.name}.{os.getpid()}.partial")
    try:
        if base is None:
            done = generation.begin(partial, files, raw, lambda: not enough.exists())
        else:
            done = renewal.begin(partial, base, files, raw, lambda: not enough.exists(), equal=_equal(run, raw))
        partial.replace(place)
        write_atomically(note, json.dumps({name: stamps[name] for name in (_BASE, *done)}))
    finally:
        partial.unlink(missing_ok=True)


def _known_early(run: Run) -> tuple[dict[str, list[Path]], dict[str, RawRows]]:
    """Of the contents of a generation those that no stage after standardise writes."""
    files, raw = contents(run)
    return {name: found for name, found in files.items() if found and name.startswith("std.")}, raw


def _begun_places(run: Run) -> tuple[Path, Path]:
    """The file that was begun (where erasing clears it away) and the note of what it was made of."""
    place = run.folder / "spill" / "generation.duckdb"
    return place, place.with_suffix(".json")


def take_begun(run: Run, files: Mapping[str, list[Path]], raw: Mapping[str, RawRows], partial: Path) -> set[str]:
    """Make what was begun the file to go on with; the names of its tables, none where it is of other files."""
    place, note = _begun_places(run)
    if not note.exists():
        return set()
    found = json.loads(note.read_text(encoding="utf-8"))
    note.unlink()
    now = _made_of(run, files, raw)
    if not place.exists() or any(now.get(name) != stamps for name, stamps in found.items()):
        place.unlink(missing_ok=True)
        return set()
    generation.remove(partial)
    place.replace(partial)
    return set(found) - {_BASE}


def _made_of(run: Run, files: Mapping[str, list[Path]], raw: Mapping[str, RawRows]) -> dict[str, list[list[str | int]]]:
    """Path, size and time of the files that each table is made of, and of the generation that is renewed, if one is."""
    base = _base(run, raw)
    parts = {**files, **{name: [*rows.files.values(), *rows.dispositions] for name, rows in raw.items()}}
    parts[_BASE] = [base] if base else []
    found: dict[str, list[list[str | int]]] = {}
    for name, paths in parts.items():
        stats = [(str(path), path.stat()) for path in paths]
        found[name] = [[path, stat.st_size, stat.st_mtime_ns] for path, stat in stats]
    return found


def contents(run: Run) -> tuple[dict[str, list[Path]], dict[str, RawRows]]:
    """What a generation is made of: the Parquet files of each published table, the landed rows of each source."""
    with run.open("raw.file") as db:
        sources = [row[0] for row in db.rows("publish/landed_sources")]
        landed = {source: [row[0] for row in db.rows("publish/landed_files", source=source)] for source in sources}
    fates = run.workspace.files("std.row_disposition")
    raw = {
        f"raw.{source}": RawRows(
            {digest: run.landed_file(source, digest) for digest in digests},
            [path for path in fates if path.stem in (source, ERASED)] or fates,
        )
        for source, digests in landed.items()
    }
    return {table.name: run.workspace.files(table.name) for table in published()}, raw


def _base(run: Run, raw: Mapping[str, RawRows]) -> Path | None:
    """The last generation's file where its raw rows may be taken over, None where all has to be written anew.

    Anew: a full run; another version of the program; after a rollback; every so many generations as are kept, so
    that no byte of a replaced row outlives them; and whenever a landed file of that generation is gone or was
    written since, as by an erasure.
    """
    base = generation_file(run.settings.state, run.number - 1)
    if run.full or run.number % run.settings.retention.generations == 0 or not base.exists():
        return None
    with run.open("prior.run", "prior.file") as db:
        last = db.rows("publish/last_run")
        before = db.rows("publish/prior_files")
    for number, run_id, program, schema, verdict in last:
        of_this_program = (program, schema) == (__version__, SCHEMA_VERSION)
        is_next = number == run.number - 1 and warehouse.published_runs(base)[-1:] == [(number, run_id)]
        if of_this_program and is_next and verdict != "rolled_back" and _untouched(run, raw, before, base):
            return base
    return None


def _untouched(run: Run, raw: Mapping[str, RawRows], before: Sequence[tuple[str, str]], base: Path) -> bool:
    """Whether all landed files (source, digest) of a generation are there and older than it."""
    written = base.stat().st_mtime
    return all(
        f"raw.{source}" in raw
        and digest in raw[f"raw.{source}"].files
        and run.landed_file(source, digest).stat().st_mtime <= written
        for source, digest in before
    )


def _equal(run: Run, raw: Mapping[str, RawRows]) -> set[str]:
    """Tables that are made of what they were made of in the last published run, as both manifests tell.

    A published table is what its files hold, a raw one the landed files with the fates of its source object.
    """
    with run.open("prior.run", "prior.file") as db:
        last = db.rows("publish/last_run")[0][1]
        landed_before = {(f"raw.{source}", digest) for source, digest in db.rows("publish/prior_files")}
    now, before = (_digests(folder) for folder in (run.workspace, Workspace(run.folder.with_name(last))))
    equal = {name for name in before.keys() & now.keys() if before[name] == now[name]}
    for name, rows in raw.items():
        landed = {digest for table, digest in landed_before if table == name} == set(rows.files)
        if landed and _fates_of(name, before) == _fates_of(name, now):
            equal.add(name)
    return equal


def _fates_of(raw_name: str, digests: Mapping[str, set[tuple[str, str]]]) -> set[tuple[str, str]]:
    """Of the files that say what became of delivered rows those that tell of one source object."""
    parts = (raw_name.removeprefix("raw."), ERASED)
    return {(file, digest) for file, digest in digests.get("std.row_disposition", ()) if Path(file).stem in parts}


def _digests(workspace: Workspace) -> dict[str, set[tuple[str, str]]]:
    """File names and content hashes of every table that the stages of a run wrote."""
    found: dict[str, set[tuple[str, str]]] = {}
    for written in (written for entry in workspace.entries() for written in entry.written):
        found.setdefault(written.table, set()).add((written.file, written.sha256))
    return found


def keep_generations(settings: Settings) -> None:
    """Delete all but the newest generations, as many as the settings say."""
    for path in generation_files(settings.state)[: -settings.retention.generations]:
        path.unlink()


def _run_rows(run: Run, db: Session, decided: Verdict) -> pa.Table:
    """The rows of earlier runs and this one's."""
    model = db.rows("select model_version from match.model")
    digests = db.rows("select sha256 from raw.file where status = 'landed' order by sha256")
    row = {
        "run_number": run.number,
        "run_id": run.run_id,
        "as_of": run.as_of,
        "published_at": run.as_of,
        "verdict": _PUBLISHABLE[decided.verdict],
        "decided_by": decided.released_by,
        "reason": decided.released_because,
        "config_hash": run.settings.fingerprint,
        "model_version": model[0][0] if model else None,
        "input_hash": hashlib.sha256("\n".join(digest for (digest,) in digests).encode()).hexdigest(),
        "program_version": __version__,
        "schema_version": SCHEMA_VERSION,
    }
    earlier = db.query("select * from prior.run order by run_number").to_pylist()
    return pa.Table.from_pylist([*(entry for entry in earlier if entry["run_number"] < run.number), row])


if __name__ == "__main__":
    os.nice(5)  # what it does can wait, the stages beside it cannot
    begin(processes.job())
