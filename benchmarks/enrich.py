"""Time and memory of enrich (journey, visits, traits, KPIs, attribution, segments) on invented tables.

usage: enrich.py [--records 1000000] [--folder FOLDER] [--threads 2]

Five events for each record: orders, pages, e-mails, clicks, checkouts, tickets, answers. The tables are made once a
folder by `enrich_tables/`; enrich runs in a process of its own, whose peak memory the operating system tells.
"""

import argparse
import json
import resource
import shutil
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from identity.engine.duck import DuckEngine
from identity.runs.run import Run
from identity.settings import Settings
from identity.tables import table

QUERIES = Path(__file__).with_name("enrich_tables")
WRITTEN = (
    "std.source_record", "identity.profile_xref", "std.identifier", "std.address", "gold.profile_core",
    "gold.field_lineage", "gold.consent", "std.order", "std.order_item", "std.touchpoint", "std.ticket",
    "std.survey_response",
)  # fmt: skip
EVENTS = ("std.order", "std.touchpoint", "std.ticket", "std.survey_response")


def run_of(folder: Path, threads: int) -> Run:
    """The run whose folder holds the tables."""
    settings = Settings(warehouse=folder / "w.duckdb", state_dir=folder, threads=threads)
    return Run(settings, "enrich", 1, datetime(2026, 1, 1), b"enrich")


def make_tables(folder: Path, records: int, threads: int) -> None:
    """Write what enrich reads, once."""
    run = run_of(folder, threads)
    if (run.folder / f"made-{records}").exists():
        return
    shutil.rmtree(folder, ignore_errors=True)
    run.folder.mkdir(parents=True)
    with DuckEngine(threads=threads, memory_limit="8GB", temp=run.folder / "spill") as engine:
        engine.put("size", engine.query("select $records::bigint as records", records=records))
        for name in WRITTEN:
            text = (QUERIES / f"{name.split('.')[1]}.sql").read_text(encoding="utf-8")
            path = run.workspace.path(name)
            engine.save(table(name), text, path)
            engine.attach(name, [path])
    (run.folder / f"made-{records}").touch()


def clocked() -> dict[str, float]:
    """Seconds by query from here on."""
    spent: dict[str, float] = {}
    for verb in ("save", "execute", "query", "rows", "save_arrow"):
        original = getattr(DuckEngine, verb)

        def timed(self: DuckEngine, *arguments: Any, _original: Any = original, _verb: str = verb, **more: Any) -> Any:
            started = time.perf_counter()
            try:
                return _original(self, *arguments, **more)
            finally:
                text = next((a for a in arguments if isinstance(a, str)), getattr(arguments[0], "name", _verb))
                name = "segments" if text.endswith(" ") else text if " " not in text else _verb
                spent[name] = spent.get(name, 0.0) + time.perf_counter() - started

        setattr(DuckEngine, verb, timed)
    return spent


def measure(folder: Path, threads: int) -> dict[str, Any]:
    """Run enrich in this process."""
    from identity.stages import enrich

    spent = clocked()
    started, cpu = time.perf_counter(), time.process_time()
    enrich.enrich(run_of(folder, threads))
    return {
        "wall": time.perf_counter() - started,
        "cpu": time.process_time() - cpu,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2,
        "spent": dict(sorted(spent.items(), key=lambda item: -item[1])),
    }


def main() -> None:
    """Make the tables, run enrich, print Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, default=Path("build/enrich"))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        print(json.dumps(measure(arguments.folder, arguments.threads)))
        return
    make_tables(arguments.folder, arguments.records, arguments.threads)
    command = [sys.executable, __file__, "--measure", "--folder", str(arguments.folder)]
    done = subprocess.run([*command, "--threads", str(arguments.threads)], stdout=subprocess.PIPE, check=True)
    facts = json.loads(done.stdout)
    workspace = run_of(arguments.folder, arguments.threads).workspace
    events = sum(workspace.rows(name) for name in EVENTS)
    print(f"{workspace.rows('std.source_record'):,} records, {events:,} events, {arguments.threads} threads\n")
    print("| what | seconds |\n|---|---:|")
    for name, seconds in list(facts["spent"].items())[:20]:
        print(f"| {name} | {seconds:.1f} |")
    print(f"| **enrich** | **{facts['wall']:.1f}** |")
    print(f"\nCPU {facts['cpu']:.0f} s, peak memory {facts['memory']:.2f} GB")


if __name__ == "__main__":
    main()
