"""Matching in a notebook: the same clusters as the command line, ids as they came, pairs as recordlinkage has them."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from xml.dom import minidom

import pandas as pd
import pyarrow as pa
import pytest

import identity
from identity import api
from identity.errors import ConfigurationError
from identity.runs.run import Run
from identity.settings import load
from identity.stages import land, link, resolve, standardise

DATA = Path(__file__).resolve().parents[1] / "data"
AS_OF = datetime(2026, 6, 1, 3, 0, 0)
FIELDS = {"given_name": "first_name", "family_name": "surname", "birth_date": "dob", "city": "city", "email": "email"}
OPTIONS = {"fields": FIELDS, "record_id": "record_id", "region": "GB", "as_of": AS_OF, "threads": 1}


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return pd.read_parquet(DATA / "splink_fake_1000" / "records.parquet")


@pytest.fixture(scope="module")
def result(frame: pd.DataFrame) -> Iterator[api.Result]:
    with api.dedupe(frame, **OPTIONS) as found:
        yield found


def test_the_notebook_finds_the_clusters_of_a_run(result: api.Result, tmp_path: Path) -> None:
    settings = load(DATA / "splink_fake_1000" / "mapping.toml", environ={}, warehouse=tmp_path / "w.duckdb", threads=2)
    run = Run(settings, "g000001-test", 1, AS_OF, b"another secret")
    for stage in (land.land, standardise.standardise, link.link, resolve.resolve):
        stage(run)
    member = pd.read_parquet(run.workspace.path("match.cluster_member"))
    found = result.clusters.set_index("record_id")["cluster_id"]
    assert found.to_dict() == member.set_index("source_pk")["cluster_id"].to_dict()


def test_clusters_stand_in_the_order_of_the_frame(result: api.Result, frame: pd.DataFrame) -> None:
    assert result.clusters["record_id"].tolist() == frame["record_id"].tolist()
    sizes = result.clusters.groupby("cluster_id").size()
    assert result.clusters["records"].tolist() == result.clusters["cluster_id"].map(sizes).tolist()


def test_pairs_tell_weight_outcome_and_levels(result: api.Result) -> None:
    pairs = result.pairs
    assert {"record_id_a", "record_id_b", "match_weight", "outcome", "level_given_name", "level_address"} <= set(pairs)
    assert (pairs["record_id_a"] != pairs["record_id_b"]).all()
    assert set(pairs["outcome"]) <= {"link", "review", "vetoed"}
    first = pairs.iloc[0]
    told = result.explain(first["record_id_b"], first["record_id_a"])
    assert told.match_weight == pytest.approx(first["match_weight"])
    assert {step.field: step.level for step in told.steps}["given_name"] == first["level_given_name"]


def test_an_explanation_is_drawn_and_an_evaluation_written(result: api.Result, tmp_path: Path) -> None:
    first = result.pairs.iloc[0]
    picture = result.draw(first["record_id_a"], first["record_id_b"])
    picture.save(tmp_path / "pair.svg")
    assert minidom.parse(str(tmp_path / "pair.svg")).documentElement.tagName == "svg"
    assert picture._repr_svg_() == (tmp_path / "pair.svg").read_text()
    api.save_page(result.evaluate(result.links()), tmp_path / "page.html")
    assert "B-cubed" in (tmp_path / "page.html").read_text()


def test_truth_comes_as_frame_series_or_links(result: api.Result) -> None:
    truth = pd.read_parquet(DATA / "splink_fake_1000" / "truth.parquet")
    figures = result.evaluate(truth).measures
    assert figures is not None
    assert (figures.records, figures.entities, figures.true_pairs) == (1000, 251, 2031)
    assert figures.pair_f1 > 0.9
    assert result.evaluate(truth.set_index("record_id")["entity_id"]).measures == figures
    assert result.evaluate(result.links()).measures.pair_f1 == 1.0
    low, high = (result.estimate[f"estimated_precision:{end}"] for end in ("low", "high"))
    assert low <= figures.pair_precision <= high


def test_a_model_that_is_kept_gives_the_same_clusters(result: api.Result, frame: pd.DataFrame, tmp_path: Path) -> None:
    api.save_model(result.model, tmp_path / "model.json")
    assert json.loads((tmp_path / "model.json").read_text())["schema_version"] == 1
    assert api.load_model(tmp_path / "model.json").version == result.model.version
    with api.dedupe(frame, **OPTIONS, model=tmp_path / "model.json") as again:
        assert again.clusters["cluster_id"].tolist() == result.clusters["cluster_id"].tolist()
        assert again.model.version == result.model.version
    with api.dedupe(frame.head(100), **OPTIONS, model=result.model) as fewer:
        assert fewer.model.fields == result.model.fields
        assert fewer.model.match_share > result.model.match_share


def test_only_the_candidates_given_are_compared(frame: pd.DataFrame, result: api.Result) -> None:
    chosen = result.links()[:40]
    with api.dedupe(frame, **OPTIONS, candidates=chosen, model=result.model) as found:
        assert set(found.pairs["blocking_rule"]) <= {"chosen", "identical_record"}
        assert len(found.links()) < len(result.links())
    vectors = result.compare(chosen)
    assert vectors.index.equals(chosen)
    assert list(vectors) == [field.name for field in result.model.fields]


def test_two_frames_are_linked(frame: pd.DataFrame) -> None:
    with api.link(frame.head(500), pa.Table.from_pandas(frame.tail(500)), **OPTIONS) as found:
        links = found.links()
        left, right = set(frame["record_id"].head(500)), set(frame["record_id"].tail(500))
        assert len(links) > 200
        assert set(links.get_level_values(0)) <= left
        assert set(links.get_level_values(1)) <= right
        assert found.explain(("left", links[0][0]), ("right", links[0][1])).same_profile


def test_ids_come_back_as_they_came(frame: pd.DataFrame) -> None:
    few = frame.head(60).drop(columns="record_id")
    with api.dedupe(few, fields=FIELDS, region="GB") as by_index:
        assert by_index.clusters["record_id"].tolist() == list(few.index)
        assert by_index.clusters["record_id"].dtype == "int64"
    with api.standardise(few.assign(shop=["a", "b"] * 30), fields=FIELDS, source="shop", region="GB") as people:
        assert people.frame["source"].tolist() == ["a"] * 30 + ["b"] * 30
        assert api.dedupe(people).clusters["source"].tolist() == ["a", "b"] * 30


def test_mixed_columns_are_read_as_text() -> None:
    frame = pd.DataFrame({"n": ["Ann Olsen", 5, None], "m": ["ann@olsen.org", None, "ann@olsen.org"]})
    with api.dedupe(frame, fields={"full_name": "n", "email": "m"}) as found:
        assert len(found.clusters) == 3


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "say what the columns mean"),
        ({"fields": {"email": "mail"}}, "no column mail"),
        ({"fields": {"nonsense": "a"}}, "unknown fields nonsense"),
        ({"fields": {"email": "a"}, "record_id": "a"}, "more than once"),
        ({"fields": {"email": "a"}, "record_id": "b"}, "1 records have none"),
    ],
)
def test_a_wrong_description_is_named(options: dict[str, object], words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        api.dedupe(pd.DataFrame({"a": ["x@y.org", "x@y.org"], "b": ["1", None]}), **options)
    with pytest.raises(ConfigurationError, match="pandas or an Arrow"):
        api.dedupe([1, 2], fields={"email": "a"})


def test_a_result_leaves_nothing_behind(frame: pd.DataFrame) -> None:
    found = api.dedupe(frame.head(50), **OPTIONS)
    folder = found.people.run.settings.base_dir
    assert folder.is_dir()
    found.close()
    assert not folder.exists()


def test_the_package_offers_the_functions_and_stays_light() -> None:
    assert identity.dedupe is api.dedupe
    assert "dedupe" in dir(identity)
    with pytest.raises(AttributeError, match="nothing"):
        identity.nothing  # noqa: B018
