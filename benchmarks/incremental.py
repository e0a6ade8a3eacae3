"""What a run costs when little is new: 0.1, 1 and 10 % of the records, beside a full run over all of them.

usage: incremental.py [--people 400000] [--folder FOLDER] [--threads 2] [--only base 0.1 1 10 full]

The sample's exports are cut by the first column of their rows: 88.9 % is published first, then 0.1, 1 and 10 % arrive
one after the other as further files, each with a run of its own, and a full run over everything ends it. What is told
in archives and in the many small activity files of a campaign is delivered with the first cut. Every run is a process
of its own; `--only` does some of them over a folder where those before them are done. 400,000 people are 1.06 million
records.
"""

import argparse
import csv
import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from zlib import crc32

from identity.pipeline import STAGES
from identity.sample import demo

CUTS = {"0.1": 1, "1": 10, "10": 100}
"""Thousandths of the rows that arrive with each cut."""
STEPS = ("base", *CUTS, "full")
FIGURES = ("records_regrouped", "pairs_kept", "pairs_reused")


def main() -> None:
    """Cut the exports, run step by step, print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=400_000)
    parser.add_argument("--folder", type=Path, default=Path("build/incremental"))
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--only", nargs="*", choices=STEPS, default=STEPS)
    arguments = parser.parse_args()
    exports = demo.prepare(arguments.folder / "sample", people=arguments.people, seed=7, say=print)
    inbox = arguments.folder / "inbox"
    if "base" in arguments.only:
        for place in (inbox, arguments.folder / "later", arguments.folder / "warehouse.state"):
            shutil.rmtree(place, ignore_errors=True)
        (arguments.folder / "warehouse.duckdb").unlink(missing_ok=True)
        cut(exports.inbox, inbox, arguments.folder / "later")
    for step in arguments.only:
        if step in CUTS:
            shutil.copytree(arguments.folder / "later" / step, inbox, dirs_exist_ok=True)
        run(arguments.folder, inbox, step, arguments.threads)
    show(arguments.folder)


def cut(source: Path, base: Path, later: Path) -> None:
    """Spread the rows of the exports over the first delivery and the later ones."""
    for path in sorted(source.rglob("*")):
        name = path.relative_to(source)
        if path.is_dir():
            continue
        if len(name.parts) > 2 or path.suffix.lower() not in {".csv", ".ndjson"}:
            (base / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, base / name)
            continue
        write = _cut_csv if path.suffix == ".csv" else _cut_lines
        places = {step: later / step / name.with_stem(f"{name.stem}-{step.replace('.', '_')}") for step in CUTS}
        write(path, {"base": base / name, **places})


def _delivery(key: str) -> str:
    """The step with which a row arrives."""
    place = crc32(key.encode()) % 1000
    for step, thousandths in CUTS.items():
        if place < thousandths:
            return step
        place -= thousandths
    return "base"


def _cut_csv(path: Path, targets: dict[str, Path]) -> None:
    """Rows of one first column, where it is filled, stay together: an order is several rows."""
    for target in targets.values():
        target.parent.mkdir(parents=True, exist_ok=True)
    with path.open(newline="", encoding="utf-8") as stream:
        files = {step: target.open("w", newline="", encoding="utf-8") for step, target in targets.items()}
        writers = {step: csv.writer(file) for step, file in files.items()}
        rows = csv.reader(stream)
        header = next(rows)
        for writer in writers.values():
            writer.writerow(header)
        for row in rows:
            writers[_delivery(row[0] or "|".join(row))].writerow(row)
        for file in files.values():
            file.close()


def _cut_lines(path: Path, targets: dict[str, Path]) -> None:
    for target in targets.values():
        target.parent.mkdir(parents=True, exist_ok=True)
    files = {step: target.open("w", encoding="utf-8") for step, target in targets.items()}
    with path.open(encoding="utf-8") as stream:
        for line in stream:
            files[_delivery(line)].write(line)
    for file in files.values():
        file.close()


def run(folder: Path, inbox: Path, step: str, threads: int) -> None:
    """One run, a process of its own; its figures are kept beside the warehouse."""
    command = [sys.executable, "-m", "identity", "run", "--inbox", str(inbox), "--region", "US", "--json"]
    command += ["--warehouse", str(folder / "warehouse.duckdb"), "--threads", str(threads)]
    command += ["--full"] if step == "full" else []
    started, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    told = json.loads(done.stdout)
    if done.returncode:
        raise SystemExit(f"{step}: {told}")
    figures = {
        "records": sum(told["records"].values()),
        "profiles": told["profiles"],
        "seconds": told["seconds"],
        "whole": time.perf_counter() - started,
        "cpu": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        **dict(_metrics(folder, told["run_id"])),
    }
    (folder / f"{step}.json").write_text(json.dumps(figures), encoding="utf-8")


def _metrics(folder: Path, run_id: str) -> Iterator[tuple[str, float]]:
    for stage in ("standardise", "link", "resolve"):
        entry = json.loads((folder / "warehouse.state" / "runs" / run_id / "manifest" / f"{stage}.json").read_text())
        for name, value in entry["metrics"].items():
            if name in FIGURES or name in {"records:new", "records:changed", "records:withdrawn"}:
                yield name, value


def show(folder: Path) -> None:
    """Print what is known of all steps."""
    known = [(step, json.loads(path.read_text())) for step in STEPS if (path := folder / f"{step}.json").exists()]
    stages = [stage.name for stage in STAGES]
    print("| | " + " | ".join(step for step, _ in known) + " |\n|---|" + "---:|" * len(known))
    rows = [
        (name, lambda told, name=name: f"{told.get(name, 0):,.0f}") for name in ("records", "records:new", *FIGURES)
    ]
    rows += [(stage, lambda told, stage=stage: f"{told['seconds'][stage]:.1f}") for stage in stages]
    rows += [("**whole process**", lambda told: f"**{told['whole']:.1f}**"), ("CPU", lambda told: f"{told['cpu']:.0f}")]
    for name, cell in rows:
        print(f"| {name} | " + " | ".join(cell(told) for _, told in known) + " |")


if __name__ == "__main__":
    main()
