"""The peers of `identity` on the same records: Splink 5, recordlinkage (ECM), GoldenMatch (MIT) without settings.

usage: python benchmarks/peers.py --datasets DIR [--only NAME ...] [--peer splink recordlinkage goldenmatch]
                [--goldenmatch PYTHON] [--json FILE]

GoldenMatch needs an environment of its own (`pip install goldenmatch pyarrow`); PYTHON is its interpreter.

`splink_figures(name, frame, truth, specs)` measures Splink with the per-set settings of `splink_specs.py`, which
stands in the folder of the data sets and is imported from there (`specs_of`). Its settings, as the figures of the
peer were measured: u by random sampling of 1e7 pairs, EM per rule with at most 2e6 pairs, predict at probability .5,
connected components at .95 and, with the truth in hand, at the best of many thresholds.
"""

import argparse
import importlib.util
import json
import logging
import re
import subprocess
import sys
import tempfile
import time
import tomllib
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd

PEERS = ("splink", "recordlinkage", "goldenmatch")
U_PAIRS = 1e7
EM_PAIRS = 2e6
PREDICT_FROM = 0.5
LINK_FROM = 0.95
SEED = 1
"""Of the sampling of u, so that a benchmark repeats."""
WEIGHTS = np.arange(0.0, 40.5, 0.5)
"""Thresholds (log2 match weight) among which the best is chosen with the truth in hand."""

NAMES = {
    "given_name": "first_name",
    "family_name": "last_name",
    "birth_date": "dob",
    "region": "state",
    "postal_code": "postcode",
    "company": "employer",
    "national_id": "ssn",
    "id.passport": "passport",
    "id.drivers_license": "licence",
}
"""Fields of a mapping whose column has another name in splink_specs; the others keep theirs."""
SECOND = {"national_id": "national_id"}
"""Where a field lists two columns, the name of the second; other further columns are left out."""
KEPT = ("address_2",)
"""Columns that splink_specs calls as Febrl does, though a mapping uses them for a field."""
DIGITS = ("phone", "ssn")
DATE_FORMS = {
    re.compile(r"\d{4}-\d\d-\d\d"): None,
    re.compile(r"\d{8}"): "%Y%m%d",
    re.compile(r"\d\d/\d\d/\d{4}"): "%m/%d/%Y",
    re.compile(r"\d{1,2}-[a-z]{3}-\d\d"): "%d-%b-%y",
    re.compile(r"\d{1,2}/\d{1,2}/\d\d"): "%m/%d/%y",
}


def module_at(path: Path) -> ModuleType:
    """A module from a file that is no package's."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def specs_of(datasets: Path) -> ModuleType:
    """`splink_specs.py` of a folder of data sets, or of the folder above it."""
    found = [place / "splink_specs.py" for place in (datasets, datasets.parent)]
    return module_at(next(path for path in found if path.exists()))


def evaluator_of(datasets: Path) -> ModuleType:
    """`evaluate.py` of a folder of data sets."""
    return module_at(datasets / "evaluate.py")


# --- records as Splink wants them ------------------------------------------------------------------------------------


def splink_frame(frame: pd.DataFrame, mapping: Mapping[str, Any]) -> pd.DataFrame:
    """Flat columns of `splink_specs` from a labelled set's records and its mapping.

    Lower case, stripped, null where empty; phone and ssn digits only, dates ISO where they can be read, of a middle
    name its initial (the sources of pp_multi_dev give either: Splink's best F1 is .936 with whole names, .969 so);
    first and last name out of the full name where they are missing; `address` is house number and street,
    `first_last` both names. Columns the mapping does not use keep their name.
    """
    source = mapping["sources"][0]
    columns = {"unique_id": frame[source["record_id"]].astype(str)}
    used = {source["record_id"]}
    for field, value in {**source.get("fields", {}), **source.get("attributes", {})}.items():
        several = value if isinstance(value, list) else [value]
        names = [NAMES.get(field, field), SECOND.get(field)]
        used |= set(several)
        for name, column in zip(names, several, strict=False):
            if name:
                columns[name] = clean(frame[column])
    for column in frame.columns:
        if (column not in used or column in KEPT) and column.lower() not in columns:
            columns[column.lower()] = clean(frame[column])
    return with_joined(conformed(pd.DataFrame(columns)))


def conformed(out: pd.DataFrame) -> pd.DataFrame:
    """Digits, dates, initials and names as `splink_frame` says."""
    for name in DIGITS:
        if name in out:
            out[name] = empty_to_null(out[name].str.replace(r"\D", "", regex=True))
    if "full_name" in out and "last_name" in out:
        given, family = names_of(out["full_name"])
        alone = out["first_name"].isna() & out["last_name"].isna()
        out["first_name"] = out["first_name"].mask(alone, given)
        out["last_name"] = out["last_name"].mask(alone, family)
    if "middle_name" in out:
        out["middle_name"] = out["middle_name"].str[:1]
    if "dob" in out:
        out["dob"] = iso_dates(out["dob"])
    return out


def names_of(full: pd.Series) -> tuple[pd.Series, pd.Series]:
    """(first, last) name of "first … last" or "last, first …"."""
    parts = full.str.split(",", n=1)
    turned = (parts.str[1].fillna("") + " " + parts.str[0]).where(full.str.contains(",", regex=False), full)
    words = turned.str.split()
    return words.str[0], words.str[-1].where(words.str.len() > 1, pd.NA)


def clean(column: pd.Series) -> pd.Series:
    """Lower case, stripped, null where empty."""
    return empty_to_null(column.astype("string").str.strip().str.lower())


def empty_to_null(column: pd.Series) -> pd.Series:
    return column.mask(column == "", pd.NA)


def iso_dates(column: pd.Series) -> pd.Series:
    """Dates as YYYY-MM-DD; what cannot be read stays as it is."""
    out = column.copy()
    for form, layout in DATE_FORMS.items():
        rows = column.str.fullmatch(form.pattern).fillna(value=False)
        if layout and rows.any():
            parsed = pd.to_datetime(column[rows].str.title(), format=layout, errors="coerce")
            out[rows] = parsed.dt.strftime("%Y-%m-%d").astype("string").fillna(column[rows])
    return out


def with_joined(frame: pd.DataFrame) -> pd.DataFrame:
    """With `address` and `first_last`, null where a part is missing."""
    for name, parts in (("address", ("house_number", "street")), ("first_last", ("first_name", "last_name"))):
        if name not in frame and set(parts) <= set(frame.columns):
            frame[name] = frame[parts[0]] + " " + frame[parts[1]]
    return frame.astype(dict.fromkeys(frame.columns, "object")).where(frame.notna(), None)


# --- Splink ----------------------------------------------------------------------------------------------------------


def quiet_splink() -> None:
    """Splink tells much through its logger and warns about DuckDB's future."""
    logging.getLogger("splink").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module="splink")


def train_splink(frame: pd.DataFrame, spec: tuple[Any, ...], threads: int = 2, rules: Sequence[Any] = ()) -> Any:
    """A trained Linker over a frame with `unique_id`; `rules` are prediction rules added to those of the spec."""
    import duckdb
    from splink import DuckDBAPI, Linker, SettingsCreator

    quiet_splink()
    comparisons, prediction, training, (deterministic, recall) = spec
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=comparisons,
        blocking_rules_to_generate_predictions=[*prediction, *rules],
        retain_intermediate_calculation_columns=False,
        retain_matching_columns=False,
    )
    database = DuckDBAPI(duckdb.connect(config={"threads": threads}))
    linker = Linker(database.register(frame), settings, log_level=logging.ERROR)
    linker.training.estimate_probability_two_random_records_match(deterministic, recall=recall)
    linker.training.estimate_u_using_random_sampling(max_pairs=U_PAIRS, seed=SEED)
    for rule in training:
        linker.training.estimate_parameters_using_expectation_maximisation(rule, max_pairs=EM_PAIRS)
    return linker


def arrow_of(table: Any) -> Any:
    """A Splink result as an Arrow table."""
    return table.as_duckdbpyrelation().to_arrow_table()


def components(ids: Sequence[str], left: Any, right: Any) -> np.ndarray:
    """A component number per id, for edges given by their two ids."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    order = pd.Index(ids)
    one, other = order.get_indexer(left), order.get_indexer(right)
    graph = coo_matrix((np.ones(len(one), np.int8), (one, other)), shape=(len(order), len(order)))
    return connected_components(graph, directed=False)[1]


def best_threshold(ids: Sequence[str], pairs: pd.DataFrame, truth: pd.DataFrame, evaluate: Any) -> dict[str, float]:
    """Figures of the components at the threshold with the best pair F1."""
    best: dict[str, float] = {"pair_f1": -1.0}
    for weight in WEIGHTS[pairs["match_weight"].max() + 0.5 >= WEIGHTS] if len(pairs) else WEIGHTS[:1]:
        kept = pairs[pairs["match_weight"] >= weight]
        label = components(ids, kept["unique_id_l"], kept["unique_id_r"])
        figures = evaluate(truth, pd.DataFrame({"record_id": list(ids), "cluster_id": label}))
        if figures["pair_f1"] > best["pair_f1"]:
            best = {**figures, "match_weight": float(weight)}
    return best


def splink_figures(
    name: str, frame: pd.DataFrame, truth: pd.DataFrame, specs: ModuleType, evaluate: Any, rules: Sequence[Any] = ()
) -> dict[str, float]:
    """Splink on one set: pair F1 at .95, best pair F1 over thresholds and B-cubed there, seconds.

    `frame` has the columns of `splink_frame`, `truth` record_id and entity_id, `evaluate` is the function of
    `evaluate.py`; `rules` are added to the prediction rules (splink_specs.WIDE, HEAVY).
    """
    started, cpu = time.perf_counter(), time.process_time()
    linker = train_splink(frame, specs.spec(name, list(frame.columns)), rules=rules)
    trained = time.perf_counter()
    predicted = linker.inference.predict(threshold_match_probability=PREDICT_FROM)
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(predicted, LINK_FROM)
    member = arrow_of(clusters).select(["unique_id", "cluster_id"]).to_pandas()
    done, cpu_done = time.perf_counter(), time.process_time()
    at_95 = evaluate(truth, member.rename(columns={"unique_id": "record_id"}))
    pairs = arrow_of(predicted).select(["unique_id_l", "unique_id_r", "match_weight"]).to_pandas()
    best = best_threshold(frame["unique_id"].tolist(), pairs, truth, evaluate)
    return {
        "pair_f1_at_95": at_95["pair_f1"],
        "b3_f1_at_95": at_95["b3_f1"],
        "largest_cluster_at_95": at_95["largest_cluster"],
        "best_pair_f1": best["pair_f1"],
        "b3_f1_at_best": best["b3_f1"],
        "largest_cluster_at_best": best["largest_cluster"],
        "best_match_weight": best["match_weight"],
        "largest_entity": best["largest_entity"],
        "pairs": len(pairs),
        "seconds_training": round(trained - started, 2),
        "seconds": round(done - started, 2),
        "cpu_seconds": round(cpu_done - cpu, 2),
    }


# --- recordlinkage ---------------------------------------------------------------------------------------------------

FUZZY = ("first_name", "last_name", "full_name", "street", "address", "city", "email", "employer")
EXACT = ("dob", "phone", "ssn", "postcode", "gender", "state", "house_number", "middle_name")


def recordlinkage_figures(name: str, frame: pd.DataFrame, truth: pd.DataFrame, evaluate: Any) -> dict[str, float]:
    """Recordlinkage on one set: binary ECM over Jaro-Winkler and exact features, components at probability .95.

    It has no clustering of its own: connected components, as for Splink. Blocks: names with a date or place, and
    every column that identifies.
    """
    import recordlinkage

    started = time.perf_counter()
    records = frame.set_index("unique_id").astype("object")
    present = [column for column in records if records[column].notna().any()]
    blocks = [("first_name", "last_name"), ("dob",), ("phone",), ("email",), ("ssn",), ("last_name", "postcode")]
    index = recordlinkage.Index()
    for keys in blocks:
        if set(keys) <= set(present) and (records.groupby(list(keys)).size() ** 2).sum() < 5e7:
            index.block(list(keys))
    pairs = index.index(records)
    compare = recordlinkage.Compare()
    for column in (column for column in FUZZY if column in present):
        compare.string(column, column, method="jarowinkler", threshold=0.88)
    for column in (column for column in EXACT if column in present):
        compare.exact(column, column)
    vectors = compare.compute(pairs, records)
    classifier = recordlinkage.ECMClassifier(atol=1e-4)
    classifier.fit(vectors)
    probability = classifier.prob(vectors)
    kept = probability[probability >= LINK_FROM].index
    label = components(frame["unique_id"].tolist(), kept.get_level_values(0), kept.get_level_values(1))
    figures = evaluate(truth, pd.DataFrame({"record_id": frame["unique_id"], "cluster_id": label}))
    return {
        "set": name,
        "pair_f1_at_95": figures["pair_f1"],
        "b3_f1_at_95": figures["b3_f1"],
        "largest_cluster_at_95": figures["largest_cluster"],
        "pairs": len(pairs),
        "seconds": round(time.perf_counter() - started, 2),
    }


# --- GoldenMatch -----------------------------------------------------------------------------------------------------

GOLDENMATCH = """
import json, sys
import goldenmatch, pyarrow.parquet as pq
found = goldenmatch.dedupe_df(pq.read_table(sys.argv[1]), exclude_columns=["unique_id"], allow_red_config=True)
json.dump([cluster["members"] for cluster in found.clusters.values()], open(sys.argv[2], "w"))
"""
"""Its zero-config deduplication; the numbers of the rows of each cluster."""


def goldenmatch_figures(
    name: str, frame: pd.DataFrame, truth: pd.DataFrame, evaluate: Any, python: str
) -> dict[str, float | str]:
    """GoldenMatch without settings on one set; `python` is the interpreter of an environment of its own."""
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        records, clusters = Path(folder) / "records.parquet", Path(folder) / "clusters.json"
        present = [column for column in frame.columns if frame[column].notna().any()]
        frame[present].to_parquet(records, index=False)
        subprocess.run([python, "-c", GOLDENMATCH, records, clusters], check=True, capture_output=True)
        members = json.loads(clusters.read_text(encoding="utf-8"))
    label = np.arange(len(frame))
    for rows in members:
        label[rows] = min(rows)
    figures = evaluate(truth, pd.DataFrame({"record_id": frame["unique_id"], "cluster_id": label}))
    return {
        "set": name,
        "pair_f1": figures["pair_f1"],
        "b3_f1": figures["b3_f1"],
        "largest_cluster": figures["largest_cluster"],
        "seconds": round(time.perf_counter() - started, 2),
    }


# --- by hand ---------------------------------------------------------------------------------------------------------


def labelled(place: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """(records in Splink's columns, truth) of one set."""
    mapping = tomllib.loads((place / "mapping.toml").read_text(encoding="utf-8"))
    persons = place / "truth_persons.parquet"
    truth = pd.read_parquet(persons if persons.exists() else place / "truth.parquet")
    return splink_frame(pd.read_parquet(place / "records.parquet"), mapping), truth


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--datasets", type=Path, required=True)
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--peer", nargs="*", choices=PEERS, default=["splink"])
    parser.add_argument("--goldenmatch", default=sys.executable, metavar="PYTHON")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    specs, evaluate = specs_of(options.datasets), evaluator_of(options.datasets).evaluate
    found = []
    for place in sorted(path.parent for path in options.datasets.glob("*/mapping.toml")):
        if options.only and place.name not in options.only:
            continue
        frame, truth = labelled(place)
        for peer in options.peer:
            if peer == "splink":
                figures = splink_figures(place.name, frame, truth, specs, evaluate)
            elif peer == "goldenmatch":
                figures = goldenmatch_figures(place.name, frame, truth, evaluate, options.goldenmatch)
            else:
                figures = recordlinkage_figures(place.name, frame, truth, evaluate)
            found.append({"set": place.name, "peer": peer, **figures})
            print(found[-1], flush=True)
    if options.json:
        options.json.write_text(json.dumps(found, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
