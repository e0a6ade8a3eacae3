"""Accuracy on labelled sets: our stages, default settings, only the column mapping of each set; Splink beside them.

usage: python benchmarks/labelled_sets.py --datasets DIR [--only NAME ...] [--json FILE]
           [--peer] [--blocking] [--reliability FILE.svg]

DIR holds a folder per set (records.parquet, truth.parquet, mapping.toml), evaluate.py, the one evaluator, and for
--peer splink_specs.py. Printed per set: pair and B-cubed figures of the clusters, entities found exactly, the
largest cluster beside the largest entity, CPU seconds per stage, and whether the must and the aim of the set hold.

--peer         Splink 5 on the same records in the same run: pair F1 at .95, at its best threshold by the truth, and
               B-cubed there. Without it the must is judged by the figures published with the sets.
--blocking     recall of true pairs and pairs per record, rule by rule
--reliability  how often pairs of each probability are true, by set and pooled, as a picture
"""

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from identity.matching.linking import candidates
from peers import evaluator_of, labelled, specs_of, splink_figures
from reliability import calibration_error, draw, scored_pairs
from sets import STAGES, Known, clusters_of, known, places, run_stages, truth_of

AIMS = {
    "gecko_us_customers_100k": 0.95,
    "pp_multi_dev_2019_2021": 0.99,
    "splink_historical_50k": 0.90,
    "splink_fake_1000": 0.92,
    "senzing_truthset": 0.90,
    "febrl3": 0.9995,
    "febrl4": 0.9995,
    "febrl3_nossn": 0.997,
    "febrl4_nossn": 0.997,
}
"""Pair F1 aimed at."""
PUBLISHED = {
    "gecko_us_customers_100k": (0.920, 0.957),
    "pp_multi_dev_2019_2021": (0.969, 0.980),
    "splink_historical_50k": (0.857, 0.895),
    "splink_fake_1000": (0.895, 0.916),
    "senzing_truthset": (0.53, 0.0),
    "febrl3": (0.9996, 0.0),
    "febrl4": (0.9997, 0.0),
    "febrl3_nossn": (0.996, 0.0),
    "febrl4_nossn": (0.996, 0.0),
}
"""Splink 5 with its threshold chosen with the truth in hand: pair F1 and B-cubed F1 (0 where not published)."""
LARGEST = 1.5
"""A cluster may be this many times the largest true entity."""


def verdict(row: dict[str, Any]) -> str:
    """Whether a set is at least the peer's best in both figures, merges nothing grossly, and reaches its aim."""
    pair, cubed = PUBLISHED.get(row["set"], (0.0, 0.0))
    pair, cubed = row.get("splink_best_pair_f1", pair), row.get("splink_b3_f1_at_best", cubed)
    fails = []
    if round(row["pair_f1"], 4) < round(pair, 4) or round(row["b3_f1"], 4) < round(cubed, 4):
        fails.append("below the peer")
    if row["largest_cluster"] > LARGEST * row["largest_entity"]:
        fails.append("largest cluster")
    must = "must holds" if not fails else f"must fails: {', '.join(fails)}"
    aim = AIMS.get(row["set"])
    reached = "" if aim is None else f"; aim {aim:.4g} {'reached' if row['pair_f1'] >= aim else 'missed'}"
    return must + reached


def peer_figures(place: Path, datasets: Path) -> dict[str, Any]:
    """Splink's figures, named splink_*."""
    frame, _ = labelled(place)
    figures = splink_figures(place.name, frame, truth_of(place), specs_of(datasets), evaluator_of(datasets).evaluate)
    return {f"splink_{name}": value for name, value in figures.items()}


def blocking_rows(data: Known, pairs_per_record: int = 40) -> list[tuple[str, float, float, float, float]]:
    """(rule, its pairs per record, new pairs per record, recall of true pairs first found by it, recall so far)."""
    records = data.encoded.records
    found = candidates(records, data.fields, pairs_per_record)
    true = data.entity[found.left] == data.entity[found.right]
    _, sizes = np.unique(data.entity, return_counts=True)
    total = max(int((sizes * (sizes - 1) // 2).sum()), 1)
    new = np.bincount(found.rule, minlength=len(found.plan))
    hits = np.bincount(found.rule[true], minlength=len(found.plan))
    so_far = np.cumsum(hits) / total
    return [
        (rule.name, rule.pairs / records.size, new[row] / records.size, hits[row] / total, float(so_far[row]))
        for row, rule in enumerate(found.plan)
    ]


def print_blocking(rows: list[tuple[str, float, float, float, float]]) -> None:
    print(f"    {'blocking rule':44} pairs/record   new   recall  so far")
    for name, pairs, new, recall, so_far in rows:
        print(f"    {name:44} {pairs:12.2f} {new:5.2f} {recall:8.4f} {so_far:7.4f}")
    print(f"    {'all rules':44} {'':12} {sum(row[2] for row in rows):5.2f}", flush=True)


def line(row: dict[str, Any]) -> str:
    peer = " ".join(
        f"{row[f'splink_{name}']:6.4f}" if f"splink_{name}" in row else "     -"
        for name in ("pair_f1_at_95", "best_pair_f1", "b3_f1_at_best")
    )
    return (
        f"{row['set']:26} {row['pair_f1']:6.4f} {row['pair_precision']:6.4f} {row['pair_recall']:6.4f} "
        f"{row['b3_f1']:6.4f} {row['exact_entities']:6.4f}  {row['largest_cluster']:3}/{row['largest_entity']:<3}  "
        + " ".join(f"{row[f'cpu_{name}']:5}" for name in STAGES)
        + f"   {peer}  {verdict(row)}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--datasets", type=Path, required=True)
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--json", type=Path)
    parser.add_argument("--peer", action="store_true")
    parser.add_argument("--blocking", action="store_true")
    parser.add_argument("--reliability", type=Path)
    options = parser.parse_args()
    evaluate = evaluator_of(options.datasets).evaluate
    found, pairs = [], {}
    print(
        f"{'set':26} {'F1':>6} {'P':>6} {'R':>6} {'B3':>6} {'exact':>6}  largest  CPU s: {' '.join(STAGES)}   "
        "Splink .95, best, B3"
    )
    with tempfile.TemporaryDirectory() as scratch:
        for place in places(options.datasets, Path(scratch), options.only):
            run, seconds = run_stages(place, Path(scratch))
            truth = truth_of(place)
            row = {"set": place.name, **evaluate(truth, clusters_of(run)), **seconds}
            if options.peer:
                row |= peer_figures(place, options.datasets)
            print(line(row), flush=True)
            if options.blocking:
                row["blocking"] = blocking_rows(known(run, truth))
                print_blocking(row["blocking"])
            if options.reliability:
                pairs[place.name] = scored_pairs(run, truth)
                row["calibration_error"] = calibration_error(pairs[place.name])
            found.append(row)
    if options.reliability:
        options.reliability.write_text(draw(pairs), encoding="utf-8")
        for name, held in pairs.items():
            print(f"expected calibration error {name:26} {calibration_error(held):.4f} over {len(held[0])} pairs")
    if options.json:
        options.json.write_text(json.dumps(found, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
