"""Seconds per stage and peak memory of a whole `identity run` over sample exports.

usage: whole_run.py [--people 400000] [--folder FOLDER] [--threads 2]

400,000 people give about 1.06 million source records and 3.5 million delivered rows. The run is a process of
its own; its peak memory is what the operating system counted for it and for its largest worker.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

from identity.sample import demo


def main() -> None:
    """Make the exports (once a folder), run, print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=400_000)
    parser.add_argument("--folder", type=Path, default=Path("build/whole_run"))
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    arguments = parser.parse_args()
    started = time.perf_counter()
    exports = demo.prepare(arguments.folder, people=arguments.people, seed=7, say=print)
    print(f"exports: {time.perf_counter() - started:.1f} s")
    warehouse = arguments.folder / "warehouse.duckdb"
    warehouse.unlink(missing_ok=True)
    shutil.rmtree(warehouse.with_suffix(".state"), ignore_errors=True)
    command = [sys.executable, "-m", "identity", "run", "--inbox", str(exports.inbox), "--region", "US", "--json"]
    command += ["--warehouse", str(warehouse), "--threads", str(arguments.threads)]
    started = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    wall = time.perf_counter() - started
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    facts = json.loads(done.stdout)
    records = sum(facts["records"].values())
    print(f"\n{records:,} records, {facts['profiles']:,} profiles, {arguments.threads} threads\n")
    print("| stage | seconds | records a second |\n|---|---:|---:|")
    for stage, seconds in facts["seconds"].items():
        print(f"| {stage} | {seconds:.1f} | {records / seconds:,.0f} |")
    print(f"| whole process | {wall:.1f} | {records / wall:,.0f} |")
    cpu = usage.ru_utime + usage.ru_stime
    size = warehouse.stat().st_size / 1e6
    print(f"\nCPU {cpu:.0f} s, peak memory {usage.ru_maxrss / 1024**2:.2f} GB, warehouse {size:.0f} MB")
    figures = demo.compare(warehouse, exports.truth)
    for name, row in figures.rows:
        print(f"{name}: pair precision {row.precision:.4f}, recall {row.recall:.4f}")
    print(f"profiles with several records that hold two people of one household: {figures.household_mixed:.2%}")


if __name__ == "__main__":
    main()
