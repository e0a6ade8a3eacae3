"""How link and resolve grow with the records: seconds and CPU per phase, pairs per record, peak memory.

usage: matching_growth.py [--records 100000 1000000] [--folder FOLDER] [--threads 2] [--json FILE] [--picture FILE.svg]

Makes standardised tables of that many records (people of households, some 2.5 records each, fields left out and
mistyped), once a folder, and runs the two stages over each in a process of its own. The vocabulary (names, streets,
cities) does not grow with the records, so blocks grow as they do in one country.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from identity.engine.duck import DuckEngine
from identity.runs.run import Run
from identity.settings import Settings
from identity.tables import table

RECORDS_PER_PERSON = 2.5
PHASES = ("encode", "block", "train", "score", "cluster")
TABLES = Path(__file__).with_name("growth_tables")
WRITTEN = {
    "std.source_record": "source_record",
    "std.name": "name",
    "std.identifier": "identifier",
    "std.address": "address",
}
EMPTY = ("std.attribute", "std.hard_link")


def run_of(folder: Path, threads: int, memory_limit: str = "4GB") -> Run:
    """The run whose folder holds the tables."""
    settings = Settings(warehouse=folder / "w.duckdb", state_dir=folder, threads=threads, memory_limit=memory_limit)
    return Run(settings, "growth", 1, datetime(2026, 1, 1), b"growth")


def make_tables(folder: Path, records: int, threads: int) -> None:
    """Write the standardised tables once."""
    run = run_of(folder, threads)
    if (run.folder / "made").exists():
        return
    shutil.rmtree(folder, ignore_errors=True)
    run.folder.mkdir(parents=True)
    with DuckEngine(threads=threads, memory_limit="8GB", temp=run.folder / "spill") as engine:
        people = round(records / RECORDS_PER_PERSON)
        engine.put("size", engine.query("select $people::bigint as people", people=people))
        for statement in (TABLES / "record.sql").read_text(encoding="utf-8").split(";"):
            if statement.strip():
                engine.rows(statement)
        for name, file in WRITTEN.items():
            text = (TABLES / f"{file}.sql").read_text(encoding="utf-8")
            engine.save(table(name), text, run.workspace.path(name))
        for name in EMPTY:
            engine.save(table(name), "select null as source where false", run.workspace.path(name))
    (run.folder / "made").touch()


def measure(folder: Path, threads: int) -> dict[str, Any]:
    """Run link and resolve in this process, with a clock around each phase."""
    from identity.matching import linking, reading
    from identity.stages import link, resolve

    wall, cpu = dict.fromkeys(PHASES, 0.0), dict.fromkeys(PHASES, 0.0)

    def clocked(phase: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            started, spent = time.perf_counter(), time.process_time()
            try:
                return function(*arguments)
            finally:
                wall[phase] += time.perf_counter() - started
                cpu[phase] += time.process_time() - spent

        return call

    for module, name, phase in (
        (reading, "read_records", "encode"),
        (reading, "keep_codes", "encode"),
        (reading, "kept_records", "encode"),
        (linking, "candidates", "block"),
        (linking, "train", "train"),
        (linking, "score", "score"),
        (resolve, "resolve_records", "cluster"),
    ):
        setattr(module, name, clocked(phase, getattr(module, name)))
    run = run_of(folder, threads)
    started, spent = time.perf_counter(), time.process_time()
    linked = link.link(run)
    after_link = time.perf_counter() - started
    resolved = resolve.resolve(run)
    records = linked["records"]
    return {
        "records": int(records),
        "threads": threads,
        "wall": {phase: round(seconds, 2) for phase, seconds in wall.items()},
        "cpu": {phase: round(seconds, 2) for phase, seconds in cpu.items()},
        "link_wall": round(after_link, 2),
        "resolve_wall": round(time.perf_counter() - started - after_link, 2),
        "stages_cpu": round(time.process_time() - spent, 2),
        "pairs_per_record": round(linked["pairs_compared"] / records, 2),
        "clusters": int(resolved["clusters"]),
        "peak_gb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2, 2),
    }


def measured(folder: Path, records: int, threads: int) -> dict[str, Any]:
    """The figures of one size, from a process of its own."""
    place = folder / str(records)
    make_tables(place, records, threads)
    command = [sys.executable, __file__, "--measure", str(place), "--threads", str(threads)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def show(rows: list[dict[str, Any]]) -> None:
    """A Markdown table; the ratio is of CPU time per record to that of the smallest size."""
    print("| records | " + " | ".join(PHASES) + " | core wall s | core CPU s | stages wall s | peak GB | pairs/record |"
          " µs CPU/record | ratio |")  # fmt: skip
    print("|---:" * (len(PHASES) + 8) + "|")
    for row in rows:
        core = sum(row["cpu"].values())
        first = sum(rows[0]["cpu"].values()) / rows[0]["records"]
        print(
            f"| {row['records']:,} | " + " | ".join(f"{row['wall'][phase]:.1f}" for phase in PHASES)
            + f" | {sum(row['wall'].values()):.1f} | {core:.1f} | {row['link_wall'] + row['resolve_wall']:.1f}"
            f" | {row['peak_gb']:.2f} | {row['pairs_per_record']:.2f} | {core / row['records'] * 1e6:.1f}"
            f" | {core / row['records'] / first:.2f} |"
        )  # fmt: skip


def picture(rows: list[dict[str, Any]]) -> str:
    """CPU time per record and peak memory per record over the records, each relative to the smallest size, as SVG."""
    import math

    left, top, width, height = 70, 40, 520, 260
    most = 2.0

    def x(records: float) -> float:
        low, high = math.log10(rows[0]["records"]), math.log10(rows[-1]["records"])
        return left + width * (math.log10(records) - low) / max(high - low, 1e-9)

    def y(ratio: float) -> float:
        return top + height * (1 - min(ratio, most) / most)

    base = sum(rows[0]["cpu"].values()) / rows[0]["records"]
    lines = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 360" font-family="sans-serif" font-size="13">',
        '<rect width="640" height="360" fill="#fff"/>',
        f'<text x="{left}" y="22" font-size="15">CPU time per record, relative to the smallest size</text>',
    ]
    for tick in (0, 0.5, 1, 1.5, 2):
        stroke = "#c33" if tick == 1.5 else "#ddd"
        lines += [
            f'<line x1="{left}" x2="{left + width}" y1="{y(tick):.1f}" y2="{y(tick):.1f}" stroke="{stroke}"/>',
            f'<text x="{left - 10}" y="{y(tick) + 4:.1f}" text-anchor="end">{tick:g}</text>',
        ]
    points = [(row, sum(row["cpu"].values()) / row["records"] / base) for row in rows]
    path = " ".join(f"{x(row['records']):.1f},{y(ratio):.1f}" for row, ratio in points)
    lines.append(f'<polyline points="{path}" fill="none" stroke="#1f5fa8" stroke-width="2"/>')
    for row, ratio in points:
        at, up = x(row["records"]), y(ratio)
        told = f"{sum(row['wall'].values()):.0f} s, {row['peak_gb']:.1f} GB, {row['pairs_per_record']:.1f} pairs/record"
        anchor = "start" if row is rows[0] else "end" if row is rows[-1] else "middle"
        lines += [
            f'<circle cx="{at:.1f}" cy="{up:.1f}" r="4" fill="#1f5fa8"/>',
            f'<text x="{at:.1f}" y="{up - 10:.1f}" text-anchor="{anchor}" font-size="11">{told}</text>',
            f'<text x="{at:.1f}" y="{top + height + 20}" text-anchor="{anchor}">{row["records"]:,} records</text>',
        ]
    note = "encode, block, train, score and cluster; the red line is the promised 1.5"
    lines.append(f'<text x="{left}" y="{top + height + 42}" fill="#555">{note}</text>')
    return "\n".join([*lines, "</svg>", ""])


def main() -> None:
    """Measure each size, print the table, keep JSON and picture where asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--folder", type=Path, default=Path("build/matching_growth"))
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--picture", type=Path)
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(options.measure, options.threads)))
        return
    rows = [measured(options.folder, records, options.threads) for records in sorted(options.records)]
    show(rows)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")
    if options.picture:
        options.picture.write_text(picture(rows), encoding="utf-8")


if __name__ == "__main__":
    main()
