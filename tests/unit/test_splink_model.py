"""A Splink model read here: conditions are understood or refused by name, pairs and clusters are those of Splink."""

import json
import logging
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from identity import api
from identity.errors import ConfigurationError
from identity.matching.splink_model import NotUnderstood, clusters, load_splink_model, predict
from identity.matching.splink_parse import level_column, parse_condition, rule_column
from identity.matching.splink_tree import AllOf, AnyOf, Equal, Holds, Missing, Number, OneSide, Ordered, Similarity

RECORDS = Path(__file__).resolve().parents[1] / "data" / "splink_fake_1000" / "records.parquet"


def column(name: str, side: Any) -> OneSide:
    return OneSide(f'"{name}"', (name,), bare=True, side=side)


def level(sql: str) -> Any:
    return parse_condition(sql, "duckdb", level_column)


# --- conditions ------------------------------------------------------------------------------------------------------


def test_an_exact_level_is_an_equality_of_one_column() -> None:
    assert level('"dob_l" = "dob_r"') == Equal(column("dob", "l"), column("dob", "r"), wanted=True)


def test_a_null_level_asks_either_record() -> None:
    expected = AnyOf((Missing(column("dob", "l"), wanted=True), Missing(column("dob", "r"), wanted=True)))
    assert level('"dob_l" IS NULL OR "dob_r" IS NULL') == expected


def test_a_similarity_stands_against_a_number_whichever_way_it_is_written() -> None:
    measure = Similarity("jaro_winkler", column("city", "l"), column("city", "r"))
    assert level('jaro_winkler_similarity("city_l", "city_r") >= 0.8') == Ordered(">=", measure, Number(0.8))
    assert level("0.8 <= jaro_winkler_similarity(city_l, city_r)") == Ordered("<=", Number(0.8), measure)


def test_not_is_pushed_to_the_leaves() -> None:
    a, b = column("a", "l"), column("a", "r")
    assert level("not (a_l = a_r and a_l is null)") == AnyOf((Equal(a, b, wanted=False), Missing(a, wanted=False)))
    assert level("not (a_l = a_r or not a_l is null)") == AllOf((Equal(a, b, wanted=False), Missing(a, wanted=True)))


def test_what_speaks_of_one_record_is_one_value() -> None:
    found = level("length(first_name_l) = 1")
    assert isinstance(found, Holds)
    assert found.of.columns == ("first_name",)


def test_columns_of_blocking_rules_are_named_by_table() -> None:
    found = parse_condition('l."dob" = r."dob"', "duckdb", rule_column)
    assert found == Equal(column("dob", "l"), column("dob", "r"), wanted=True)


@pytest.mark.parametrize(
    "sql",
    [
        "soundex(name_l) = soundex(name_r)",
        "(select max(a) from t) = a_l",
        "read_text(a_l) = read_text(a_r)",
        "getenv(a_l) = a_r",
        "a_l || b_r = c_l",
        "list_max(list_transform(a_l, x -> jaro_similarity(x, a_r))) > 0.8",
        "name = other",
        "a_l = ",
    ],
)
def test_what_is_not_understood_is_refused(sql: str) -> None:
    with pytest.raises(NotUnderstood):
        level(sql)


# --- models ----------------------------------------------------------------------------------------------------------


def model_of(*levels: dict[str, Any], rules: list[str] | None = None, **settings: Any) -> dict[str, Any]:
    null = {"sql_condition": "name_l is null or name_r is null", "is_null_level": True}
    other = {"sql_condition": "ELSE", "m_probability": 0.1, "u_probability": 0.9}
    comparison = {"output_column_name": "name", "comparison_levels": [null, *levels, other]}
    return {
        "link_type": "dedupe_only",
        "probability_two_random_records_match": 0.5,
        "comparisons": [comparison],
        "blocking_rules_to_generate_predictions": rules or ["1=1"],
        **settings,
    }


EXACT = {"sql_condition": "name_l = name_r", "m_probability": 0.8, "u_probability": 0.1}


def test_an_error_names_comparison_level_and_sql() -> None:
    odd = {"sql_condition": "soundex(name_l) = soundex(name_r)", "label_for_charts": "sounds alike"}
    with pytest.raises(NotUnderstood, match=r"comparison name, level 'sounds alike', 'soundex\(name_l\).*Soundex"):
        load_splink_model(model_of(odd))


def test_an_error_names_the_blocking_rule() -> None:
    with pytest.raises(NotUnderstood, match=r"blocking rule 'soundex"):
        load_splink_model(model_of(EXACT, rules=["soundex(l.name) = soundex(r.name)"]))


def test_a_model_that_links_tables_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="link_only"):
        load_splink_model(model_of(EXACT, link_type="link_only"))


def test_a_term_frequency_without_an_exact_level_is_refused() -> None:
    fuzzy = {"sql_condition": "levenshtein(name_l, name_r) <= 1", "tf_adjustment_column": "name"}
    with pytest.raises(ConfigurationError, match="no exact match level on name"):
        load_splink_model(model_of(fuzzy))


def test_two_comparisons_of_one_name_are_refused() -> None:
    model = model_of(EXACT)
    with pytest.raises(ConfigurationError, match="two comparisons are called name"):
        load_splink_model({**model, "comparisons": model["comparisons"] * 2})


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model.json").write_text("[1]", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="no Splink model"):
        load_splink_model(tmp_path / "model.json")
    with pytest.raises(ConfigurationError, match="no readable Splink model"):
        load_splink_model(tmp_path / "absent.json")


def test_a_frame_has_to_hold_the_columns_and_distinct_ids() -> None:
    model = load_splink_model(model_of(EXACT))
    with pytest.raises(ConfigurationError, match="lacks columns of the model: name"):
        predict(model, pa.table({"unique_id": ["a"], "other": ["x"]}))
    with pytest.raises(ConfigurationError, match="no column unique_id"):
        predict(model, pa.table({"name": ["x"]}))
    with pytest.raises(ConfigurationError, match="stands twice"):
        predict(model, pa.table({"unique_id": ["a", "a"], "name": ["x", "y"]}))


def test_weights_are_log2_of_m_over_u_and_the_prior() -> None:
    frame = pa.table({"unique_id": [3, 1, 2], "name": ["ann", "bob", "ann"]})
    found = predict(load_splink_model(model_of(EXACT)), frame).to_pylist()
    assert [(row["unique_id_l"], row["unique_id_r"], row["gamma_name"]) for row in found] == [
        (1, 2, 0), (1, 3, 0), (2, 3, 1),
    ]  # fmt: skip
    assert found[2]["match_weight"] == pytest.approx(3)
    assert found[2]["match_probability"] == pytest.approx(8 / 9)
    assert found[0]["match_weight"] == pytest.approx(np.log2(0.1 / 0.9))


def test_rows_in_another_order_and_other_threads_give_the_same_table() -> None:
    frame = pd.read_parquet(RECORDS).rename(columns={"record_id": "unique_id", "first_name": "name"})
    model = load_splink_model(model_of(EXACT, rules=["l.name = r.name", "l.dob = r.dob"]))
    plain = pa.schema([("unique_id_l", pa.string()), ("unique_id_r", pa.string())])
    one = predict(model, frame, threads=1)
    other = predict(model, frame.sample(frac=1, random_state=1), threads=3)
    for field in plain:
        assert one[field.name].cast(field.type) == other[field.name].cast(field.type)
    assert one.drop_columns(plain.names) == other.drop_columns(plain.names)


def test_no_records_give_no_pairs_and_no_clusters() -> None:
    frame = pa.table({"unique_id": pa.array([], pa.string()), "name": pa.array([], pa.string())})
    found = predict(load_splink_model(model_of(EXACT, rules=["l.name = r.name"])), frame, 0.5)
    assert found.num_rows == 0
    assert clusters(found, frame["unique_id"], 0.5).num_rows == 0


def test_a_cluster_is_named_by_its_smallest_id_in_the_order_given() -> None:
    pairs = pa.table({"unique_id_l": ["b", "c"], "unique_id_r": ["c", "d"], "match_probability": [0.9, 0.4]})
    found = clusters(pairs, ["d", "c", "b", "a"], 0.5)
    assert found["cluster_id"].to_pylist() == ["d", "b", "b", "a"]


# --- the same as Splink ----------------------------------------------------------------------------------------------


def frame_of_fake_people() -> pd.DataFrame:
    """The 1,000 invented records with columns for every kind of comparison."""
    frame = pd.read_parquet(RECORDS).rename(columns={"record_id": "unique_id", "surname": "last_name"}).astype("object")
    frame = frame.where(frame.notna(), None)
    frame["first_last"] = frame["first_name"] + " " + frame["last_name"]
    frame["city"] = frame["city"].str.replace("o", "ö")  # two bytes a letter: DuckDB compares bytes
    frame["tags"] = [None if n is None else sorted(set(str(n)[:3])) for n in frame["first_name"]]
    frame["box"] = frame["email"].str.replace("@.*", "", regex=True)
    frame["postcode"] = frame["last_name"].str[:2] + frame["dob"].str[3] + " " + frame["dob"].str[2] + "XY"
    frame["size"] = frame["email"].str.len()
    return frame.astype("object").where(frame.notna(), None).sample(frac=1, random_state=7)


def splink_settings() -> Any:
    import splink.comparison_level_library as cll
    import splink.comparison_library as cl
    from splink import SettingsCreator, block_on

    custom = cl.CustomComparison(
        output_column_name="first",
        comparison_levels=[
            cll.NullLevel("first_name"),
            cll.ExactMatchLevel("first_name", term_frequency_adjustments=True),
            cll.JaroWinklerLevel("first_name", 0.92).configure(tf_adjustment_column="first_name"),
            cll.CustomLevel(
                "(length(first_name_l) = 1 or length(first_name_r) = 1) and "
                "substr(first_name_l, 1, 1) = substr(first_name_r, 1, 1)"
            ),
            cll.CustomLevel("not (coalesce(lower(first_name_l), '') <> lower(first_name_r)) or city_l || 'x' = city_r"),
            cll.CustomLevel(
                "first_name_l in ('Ann', 'Bob') and first_name_r like 'A%' and abs(size_l - size_r) / 2 < 3"
            ),
            cll.ElseLevel(),
        ],
    )
    names = cl.ForenameSurnameComparison("first_name", "last_name", forename_surname_concat_col_name="first_last")
    dates = cl.DateOfBirthComparison("dob", input_is_string=True, invalid_dates_as_null=True)
    return SettingsCreator(
        link_type="dedupe_only",
        probability_two_random_records_match=0.003,
        comparisons=[
            custom,
            names,
            dates,
            cl.EmailComparison("email"),
            cl.LevenshteinAtThresholds("city", [1, 3]).configure(term_frequency_adjustments=True),
            cl.DamerauLevenshteinAtThresholds("last_name", [1, 2]).configure(term_frequency_adjustments=True),
            cl.JaroAtThresholds("box", [0.9, 0.7]),
            cl.ArrayIntersectAtSizes("tags", [2, 1]),
            cl.PostcodeComparison("postcode"),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("first_name", "last_name"),
            block_on("dob"),
            "l.first_name = r.last_name",
            "l.city = r.city and levenshtein(l.last_name, r.last_name) <= 2",
            block_on("substr(email, 1, 3)"),
            block_on("last_name", "substr(dob, 1, 4)"),
        ],
    )


@pytest.mark.filterwarnings("ignore")
def test_links_weights_levels_and_clusters_are_those_of_splink(tmp_path: Path) -> None:
    from splink import DuckDBAPI, Linker

    logging.getLogger("splink").setLevel(logging.ERROR)
    frame = frame_of_fake_people()
    with duckdb.connect() as database:
        backend = DuckDBAPI(database)
        linker = Linker(backend.register(frame), splink_settings(), log_level=logging.ERROR)
        linker.misc.save_model_to_json(str(tmp_path / "model.json"))
        linker = Linker(backend.register(frame), str(tmp_path / "model.json"), log_level=logging.ERROR)
        scored = linker.inference.predict(threshold_match_probability=0.001, warning_mode="never")
        grouped = linker.clustering.cluster_pairwise_predictions_at_threshold(scored, 0.9)
        theirs = scored.as_duckdbpyrelation().to_arrow_table().to_pandas()
        their_clusters = grouped.as_duckdbpyrelation().to_arrow_table().to_pandas()
    model = load_splink_model(tmp_path / "model.json")
    found = predict(model, frame, 0.001)
    ours = found.to_pandas().astype({"unique_id_l": str, "unique_id_r": str})
    both = theirs.merge(ours, on=["unique_id_l", "unique_id_r"], how="outer", suffixes=("", "_ours"), indicator=True)
    assert len(theirs) > 1000
    assert both["_merge"].eq("both").all()
    assert (both["match_weight"] - both["match_weight_ours"]).abs().max() < 1e-9
    assert (both["match_probability"] - both["match_probability_ours"]).abs().max() < 1e-9
    assert both["match_key"].astype(int).eq(both["match_key_ours"]).all()
    for name in (column for column in theirs.columns if column.startswith("gamma_")):
        assert both[name].eq(both[f"{name}_ours"]).all(), name
    members = clusters(found, frame["unique_id"].tolist(), 0.9).to_pandas().set_index("unique_id")["cluster_id"]
    assert members.sort_index().tolist() == their_clusters.sort_values("unique_id")["cluster_id"].tolist()
    pairs, joined = api.splink(tmp_path / "model.json", frame, pairs_from=0.001, join_from=0.9)
    assert len(pairs) == len(theirs)
    assert joined.set_index("unique_id")["cluster_id"].astype(str).equals(members.astype(str))


def test_a_model_without_blocking_rules_compares_every_pair() -> None:
    frame = pa.table({"unique_id": ["a", "b", "c"], "name": ["x", "x", None]})
    model = load_splink_model(json.loads(json.dumps({**model_of(EXACT), "blocking_rules_to_generate_predictions": []})))
    assert predict(model, frame)["gamma_name"].to_pylist() == [1, -1, -1]
