"""Side by side with Splink 5: the same standardised table, the same threads, one after the other, several rounds.

usage: vs_splink.py --datasets DIR --work FOLDER [--sets 100k 1m] [--parts whole model heavy] [--rounds 3]
                    [--people 400000] [--inbox FOLDER --truth FILE] [--json FILE]

100k is gecko_us_customers_100k of DIR, 1m the sample exports of 400,000 people (1.06 million records; made into the
work folder, or an inbox that stands already). Both are landed and standardised once with our pipeline, and both engines
start from that table in the flat columns that `splink_specs.py` (beside DIR) describes. Parts:

whole  our link and resolve against Splink's training, predict and clusters, with its careful specification
model  one model, trained by Splink and read from its JSON by both: predict at .5 and clusters at .95
heavy  the same model with the heavier rules of splink_specs.HEAVY

Every measurement is a process of its own with two threads; a round runs ours, then Splink. Printed are medians over
the rounds and Splink's figure over ours; wall seconds are as noisy as the machine, CPU seconds less. Links and clusters
of `model` and `heavy` are compared: they must be the same, weights within 1e-4. Everything is written to --json too.
"""

import argparse
import inspect
import json
import logging
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

import flat_table
import peers

THREADS = 2
PARTS = ("whole", "model", "heavy")
WEIGHTS = np.arange(0.0, 40.5, 1.0)
PHASES = ("training", "blocking", "scoring", "clustering", "together")


class Clock:
    """Wall and CPU seconds per phase of this process."""

    def __init__(self) -> None:
        self.wall: dict[str, float] = {}
        self.cpu: dict[str, float] = {}

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """What happens inside counts for the phase."""
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        self.wall[name] = self.wall.get(name, 0) + time.perf_counter() - wall
        self.cpu[name] = self.cpu.get(name, 0) + time.process_time() - cpu

    def around(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """A function whose calls count for the phase."""

        def timed(*given: Any, **named: Any) -> Any:
            with self.phase(name):
                return function(*given, **named)

        return timed


# --- one measurement, in a process of its own ------------------------------------------------------------------------


def splink_whole(flat: Path, out: Path, specs: Any, clock: Clock) -> None:
    frame = pq.read_table(flat)
    with clock.phase("together"):
        with clock.phase("training"):
            linker = peers.train_splink(frame, specs.spec("gecko_whole", frame.column_names), threads=THREADS)
        predicted, clusters = splink_predict(linker, clock)
    model = linker.misc.save_model_to_json()
    out.with_suffix(".model.json").write_text(json.dumps(model), encoding="utf-8")
    save_splink(predicted, clusters, out)


def splink_model(flat: Path, out: Path, model: Path, clock: Clock) -> None:
    from splink import DuckDBAPI, Linker

    peers.quiet_splink()
    database = duckdb.connect(config={"threads": THREADS})
    database.register("given", pq.read_table(flat))
    database.execute("create table flat as select * from given").fetchall()
    backend = DuckDBAPI(database)
    linker = Linker(backend.register(database.table("flat")), str(model), log_level=logging.ERROR)
    with clock.phase("together"):
        predicted, clusters = splink_predict(linker, clock)
    save_splink(predicted, clusters, out)


def splink_predict(linker: Any, clock: Clock) -> tuple[Any, Any]:
    with clock.phase("blocking"):
        linker.inference.compute_blocked_pairs_for_predict()
    with clock.phase("scoring"):
        predicted = linker.inference.predict(threshold_match_probability=peers.PREDICT_FROM, warning_mode="never")
    with clock.phase("clustering"):
        clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(predicted, peers.LINK_FROM)
    return predicted, clusters


def save_splink(predicted: Any, clusters: Any, out: Path) -> None:
    pairs = peers.arrow_of(predicted).select(["unique_id_l", "unique_id_r", "match_weight"])
    pq.write_table(pairs, out.with_suffix(".pairs.parquet"))
    pq.write_table(peers.arrow_of(clusters).select(["unique_id", "cluster_id"]), out.with_suffix(".clusters.parquet"))


def ours_whole(flat: Path, out: Path, clock: Clock) -> None:
    """Blocking, training and scoring as `link_records` calls them, then resolving."""
    from identity.matching import linking
    from identity.matching.cluster import Constraints, Limits
    from identity.matching.resolving import Pairs, limited_values, resolve_records
    from identity.settings import load

    frame = pq.read_table(flat)
    settings = load(None, environ={})
    names = {"candidates": "blocking", "train": "training", "score": "scoring"}
    for name, phase in names.items():
        setattr(linking, name, clock.around(phase, getattr(linking, name)))
    with clock.phase("together"):
        with clock.phase("blocking"):
            records, distinct_of = with_threads(flat_table.records_of, frame)
        fields, _, model, scored = with_threads(linking.link_records, records, settings.matching.pairs_per_record)
        with clock.phase("clustering"):
            caps = settings.resolve
            limits = {"emails": caps.max_emails, "phones": caps.max_phones, "addresses": caps.max_addresses}
            nothing = np.zeros(0, np.int64)
            constraints = Constraints(
                Limits(caps.max_records, limits), np.bincount(distinct_of), limited_values(records), (nothing, nothing)
            )
            pairs = Pairs(scored.left.astype(np.int64), scored.right.astype(np.int64), scored.weight, scored.vector)
            resolved = with_threads(resolve_records, records, fields, model, pairs, constraints)
            group = resolved.group[distinct_of]
    table = pa.table({"unique_id": frame["unique_id"], "cluster_id": group})
    pq.write_table(table, out.with_suffix(".clusters.parquet"))


def with_threads(function: Callable[..., Any], *given: Any) -> Any:
    """Call with two threads where the function takes them."""
    threads = {"threads": THREADS} if "threads" in inspect.signature(function).parameters else {}
    return function(*given, **threads)


def ours_model(flat: Path, out: Path, path: Path, clock: Clock) -> None:
    from identity.matching import splink_model as ours

    frame = pq.read_table(flat)
    blocks = ("prepare", "steps_of", "blocks_of")
    for name in blocks:
        setattr(ours, name, clock.around("blocking", getattr(ours, name)))
    with clock.phase("together"):
        model = ours.load_splink_model(path)
        with clock.phase("scoring"):
            pairs = ours.predict(model, frame, peers.PREDICT_FROM, threads=THREADS)
        with clock.phase("clustering"):
            members = ours.clusters(pairs, frame["unique_id"], peers.LINK_FROM)
    for figures in (clock.wall, clock.cpu):
        figures["scoring"] -= figures["blocking"]
    kept = pairs.select(["unique_id_l", "unique_id_r", "match_weight"])
    kept = kept.cast(
        pa.schema([("unique_id_l", pa.string()), ("unique_id_r", pa.string()), ("match_weight", pa.float64())])
    )
    pq.write_table(kept, out.with_suffix(".pairs.parquet"))
    pq.write_table(members, out.with_suffix(".clusters.parquet"))


def child(options: argparse.Namespace) -> None:
    """Measure one engine on one part and write its figures."""
    clock = Clock()
    match options.child, options.part:
        case "splink", "whole":
            splink_whole(options.flat, options.out, peers.specs_of(options.datasets), clock)
        case "splink", _:
            splink_model(options.flat, options.out, options.model, clock)
        case "ours", "whole":
            ours_whole(options.flat, options.out, clock)
        case _:
            ours_model(options.flat, options.out, options.model, clock)
    figures = {"wall": clock.wall, "cpu": clock.cpu}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    options.out.write_text(json.dumps({**figures, "peak_gb": peak}), encoding="utf-8")


# --- rounds and figures ----------------------------------------------------------------------------------------------


def measure(engine: str, part: str, place: Path, options: argparse.Namespace) -> dict[str, Any]:
    out = place / f"{engine}_{part}.json"
    command = [sys.executable, __file__, "--child", engine, "--part", part, "--flat", place / "flat.parquet"]
    command += ["--out", out, "--datasets", options.datasets, "--model", model_of(place, part), "--work", place]
    subprocess.run([str(word) for word in command], check=True)
    found: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return found


def model_of(place: Path, part: str) -> Path:
    return place / ("heavy.model.json" if part == "heavy" else "splink_whole.model.json")


def trained(place: Path, options: argparse.Namespace) -> None:
    """Splink's model, with and without the heavier rules, trained unless it stands there."""
    plain = model_of(place, "model")
    if not plain.exists():
        measure("splink", "whole", place, options)
    model = json.loads(plain.read_text(encoding="utf-8"))
    for rule in peers.specs_of(options.datasets).HEAVY:
        sql = rule.get_blocking_rule("duckdb").blocking_rule_sql
        model["blocking_rules_to_generate_predictions"].append({"blocking_rule": sql, "sql_dialect": "duckdb"})
    model_of(place, "heavy").write_text(json.dumps(model), encoding="utf-8")


def median_of(rounds: list[dict[str, Any]]) -> dict[str, Any]:
    def middle(kind: str) -> dict[str, float]:
        return {
            phase: round(statistics.median(found[kind][phase] for found in rounds), 2)
            for phase in PHASES
            if all(phase in found[kind] for found in rounds)
        }

    peak = statistics.median(found["peak_gb"] for found in rounds)
    return {"wall": middle("wall"), "cpu": middle("cpu"), "peak_gb": round(peak, 2)}


def difference(place: Path, part: str) -> dict[str, Any]:
    """How far links, weights and clusters of the two engines are apart."""
    files = {
        f"{engine}_{kind}": str(place / f"{engine}_{part}.{kind}.parquet")
        for engine in ("ours", "splink")
        for kind in ("pairs", "clusters")
    }
    with duckdb.connect() as db:
        for name, file in files.items():
            db.register(name, pq.read_table(file))
        links = db.execute(
            "select count(*), count(o.match_weight), count(s.match_weight), "
            "coalesce(max(abs(o.match_weight - s.match_weight)), 0) "
            "from ours_pairs as o full join splink_pairs as s using (unique_id_l, unique_id_r)"
        ).fetchall()[0]
        other = db.execute(
            "select count(*) from ours_clusters as o full join splink_clusters as s using (unique_id) "
            "where o.cluster_id is distinct from s.cluster_id"
        ).fetchall()[0][0]
    return {
        "links": links[0],
        "links_of_ours_only": links[0] - links[2],
        "links_of_splink_only": links[0] - links[1],
        "largest_weight_difference": links[3],
        "records_in_other_clusters": other,
    }


def figures(label: np.ndarray, entity: np.ndarray) -> dict[str, float]:
    """Pair F1 and B-cubed F1 of a clustering (as evaluate.py counts), for 10 million records too."""
    cluster = np.unique(label, return_inverse=True)[1].astype(np.int64)
    cells, count = np.unique(cluster * (int(entity.max()) + 1) + entity, return_counts=True)
    of_cluster, of_entity = np.bincount(cluster), np.bincount(entity)
    pairs = [float((sizes * (sizes - 1.0) / 2).sum()) for sizes in (count, of_cluster, of_entity)]
    at_cluster, at_entity = np.divmod(cells, int(entity.max()) + 1)
    precision, recall = pairs[0] / max(pairs[1], 1), pairs[0] / max(pairs[2], 1)
    b3 = [float((count**2 / sizes).sum()) / len(label) for sizes in (of_cluster[at_cluster], of_entity[at_entity])]
    return {
        "pair_f1": harmonic(precision, recall),
        "pair_precision": precision,
        "pair_recall": recall,
        "b3_f1": harmonic(*b3),
        "largest_cluster": int(of_cluster.max()),
        "largest_entity": int(of_entity.max()),
    }


def harmonic(one: float, other: float) -> float:
    return 2 * one * other / (one + other) if one + other else 0.0


def accuracy(place: Path) -> dict[str, Any]:
    """Ours by default, Splink at .95 and at the threshold that is best with the truth in hand."""
    truth = pd.read_parquet(place / "truth.parquet")
    entity = pd.factorize(truth["entity"])[0].astype(np.int64)
    found = {}
    for engine in ("ours", "splink"):
        member = pd.read_parquet(place / f"{engine}_whole.clusters.parquet").set_index("unique_id")["cluster_id"]
        label = pd.factorize(member.reindex(truth["unique_id"]))[0].astype(np.int64)
        label = np.where(label < 0, label.max() + 1 + np.arange(len(label)), label)
        found[engine] = figures(label, entity)
    pairs = pd.read_parquet(place / "splink_whole.pairs.parquet")
    ids = pd.Index(truth["unique_id"])
    ends = [ids.get_indexer(pairs[name]) for name in ("unique_id_l", "unique_id_r")]
    known = (ends[0] >= 0) & (ends[1] >= 0)
    best: dict[str, float] = {"pair_f1": -1}
    for weight in WEIGHTS:
        kept = known & (pairs["match_weight"].to_numpy() >= weight)
        here = figures(flat_table.connected(len(ids), ends[0][kept], ends[1][kept]), entity)
        best = {**here, "match_weight": float(weight)} if here["pair_f1"] > best["pair_f1"] else best
    found["splink_best_threshold"] = best
    return found


# --- the data --------------------------------------------------------------------------------------------------------


def prepared(name: str, options: argparse.Namespace) -> Path:
    """A work folder with flat.parquet and truth.parquet of a set."""
    place = options.work / name
    place.mkdir(parents=True, exist_ok=True)
    if (place / "flat.parquet").exists():
        return place
    if name == "1m":
        inbox, truth = options.inbox, options.truth
        if inbox is None:
            from identity.sample import demo

            exports = demo.prepare(options.work / "sample", people=options.people, seed=7, say=print)
            inbox, truth = exports.inbox, exports.truth
        run = flat_table.standardised(place, name, None, inbox=inbox, region="US", threads=THREADS)
        entities = pd.read_parquet(truth)
        ids = entities["source"] + "|" + entities["source_pk"]
        entity = entities["person_id"]
    else:
        labelled = options.datasets / "gecko_us_customers_100k"
        run = flat_table.standardised(place, name, labelled / "mapping.toml", threads=THREADS)
        entities = pd.read_parquet(labelled / "truth.parquet")
        with run.open("std.source_record") as db:
            keys = db.query("select source, source_pk from std.source_record").to_pandas()
        source = keys.set_index("source_pk")["source"].reindex(entities["record_id"]).to_numpy()
        ids, entity = source + "|" + entities["record_id"], entities["entity_id"]
    pd.DataFrame({"unique_id": ids, "entity": entity}).to_parquet(place / "truth.parquet")
    flat_table.write_flat(run, place / "flat.parquet")
    return place


def table(found: list[dict[str, Any]]) -> str:
    """One Markdown table: per set, part and phase the seconds of both and Splink's over ours."""
    lines = [
        "| set | part | phase | ours s | Splink s | × | ours CPU s | Splink CPU s | × |",
        "|---|---|---|" + "---:|" * 6,
    ]
    for row in found:
        ours, other = row["ours"], row["splink"]
        for phase in PHASES:
            cells = []
            for kind in ("wall", "cpu"):
                a, b = ours[kind].get(phase), other[kind].get(phase)
                cells += ["–" if a is None else f"{a:.1f}", "–" if b is None else f"{b:.1f}"]
                cells.append("–" if not a or b is None else f"{b / a:.1f}")
            if phase in ours["wall"] or phase in other["wall"]:
                lines.append(f"| {row['set']} | {row['part']} | {phase} | " + " | ".join(cells) + " |")
        lines.append(f"| {row['set']} | {row['part']} | peak GB | {ours['peak_gb']} | {other['peak_gb']} | | | | |")
    return "\n".join(lines)


def compared(name: str, part: str, place: Path, options: argparse.Namespace) -> dict[str, Any]:
    """All rounds of one part on one set."""
    if part != "whole":
        trained(place, options)
    rounds: dict[str, list[dict[str, Any]]] = {"ours": [], "splink": []}
    for _ in range(options.rounds):
        for engine, measured in rounds.items():
            measured.append(measure(engine, part, place, options))
    row = {"set": name, "part": part, "records": pq.read_metadata(place / "flat.parquet").num_rows}
    row |= {engine: median_of(measured) for engine, measured in rounds.items()} | {"rounds": rounds}
    row |= {"accuracy": accuracy(place)} if part == "whole" else {"difference": difference(place, part)}
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--datasets", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--sets", nargs="*", choices=["100k", "1m"], default=["100k", "1m"])
    parser.add_argument("--parts", nargs="*", choices=PARTS, default=list(PARTS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--people", type=int, default=400_000)
    parser.add_argument("--inbox", type=Path)
    parser.add_argument("--truth", type=Path)
    parser.add_argument("--json", type=Path)
    for hidden in ("--child", "--part"):
        parser.add_argument(hidden, help=argparse.SUPPRESS)
    for hidden in ("--flat", "--out", "--model"):
        parser.add_argument(hidden, type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        child(options)
        return
    found = []
    for name in options.sets:
        place = prepared(name, options)
        for part in options.parts:
            found.append(compared(name, part, place, options))
            print(
                json.dumps({key: found[-1].get(key) for key in ("set", "part", "accuracy", "difference")}), flush=True
            )
    print("\n" + table(found))
    target = options.json or options.work / "vs_splink.json"
    target.write_text(json.dumps(found, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
