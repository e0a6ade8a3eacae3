"""evaluate, train, model and explain over a labelled set: what they print, write and mask."""

import json
from dataclasses import replace
from pathlib import Path
from xml.dom import minidom

import numpy as np
import pandas as pd
import pytest
from tests.support.cli import AS_OF, invoke

from identity.analysis import labels, matched, training
from identity.analysis.kept import run_of
from identity.matching.model import Model, from_json
from identity.reporting.figures.model import drift_of, model_section
from identity.settings import load

DATA = Path(__file__).resolve().parents[1] / "data" / "splink_fake_1000"
TRUTH = DATA / "truth.parquet"


def settings_file(folder: Path, more: str = "") -> Path:
    (folder / "records.parquet").write_bytes((DATA / "records.parquet").read_bytes())
    place = folder / "identity.toml"
    mapping = (DATA / "mapping.toml").read_text().replace('"splink_fake_1000"', '"fake"')
    place.write_text(f'warehouse = "w.duckdb"\nthreads = 1\n{mapping}\n{more}')
    return place


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = settings_file(tmp_path_factory.mktemp("fake"))
    told = invoke("run", "-c", place, "--as-of", AS_OF)
    assert told.exit_code == 0, told.output
    return place


@pytest.fixture(scope="module")
def known(config: Path) -> matched.Matched:
    with run_of(load(config)).open(*matched.READS) as db:
        return matched.read(db)


def asked(*arguments: object) -> dict:
    told = invoke(*arguments, "--json")
    assert told.exit_code == 0, told.output
    return json.loads(told.stdout)


def test_evaluate_gives_pairs_clusters_thresholds_calibration_and_errors(config: Path) -> None:
    told = asked("evaluate", TRUTH, "-c", config)
    # the figures of the datasets' own evaluator for these clusters are those of tests/unit/test_matching_measures
    clusters, pairs = told["clusters"], told["pairs"]
    assert (clusters["records"], clusters["entities"], clusters["true_pairs"]) == (1000, 251, 2031)
    assert pairs["precision"] > 0.95
    assert pairs["recall"] > 0.9
    assert pairs["precision_interval"][0] < pairs["precision"] < pairs["precision_interval"][1]
    assert pairs["said"] - pairs["hit"] == sum(told["wrongly_joined"].values())
    assert pairs["true"] - pairs["hit"] == sum(told["missed"].values())
    recalls = [row["recall"] for row in told["thresholds"] if not row["best"]]
    assert recalls == sorted(recalls)
    assert max(row["f1"] for row in told["thresholds"]) == told["thresholds"][-1]["f1"]
    assert all(0 <= entry["observed"] <= 1 for entry in told["calibration"])
    assert {entry["figure"] for entry in told["estimated_without_labels"]} == {"precision", "recall"}
    kinds = {entry["kind"] for entry in told["worst"]}
    assert kinds == {"joined", "missed"}


def test_the_evaluation_page_stands_alone_and_masks(config: Path, tmp_path: Path) -> None:
    records = pd.read_parquet(DATA / "records.parquet")
    values = [value for value in records["email"].dropna().unique() if "@" in value]
    told = invoke("evaluate", TRUTH, "-c", config, "-o", tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text()
    for text in (page, told.stdout):
        assert not [value for value in values if value in text]
    assert "B-cubed" in page
    assert page.count('<svg class="curve"') == 2
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "https://" not in page
    shown = invoke("evaluate", TRUTH, "-c", config, "-o", tmp_path / "open.html", "--unmasked")
    assert shown.exit_code == 0
    assert any(value in (tmp_path / "open.html").read_text() for value in values)


def test_labelled_pairs_give_figures_of_what_was_labelled(config: Path, known: matched.Matched, tmp_path: Path) -> None:
    rows = [
        ("fake", known.keys[a], "fake", known.keys[b], "same" if known.cluster[a] == known.cluster[b] else "not_same")
        for a, b in zip(known.encoded.first[known.left[:300]], known.encoded.first[known.right[:300]], strict=True)
    ]
    frame = pd.DataFrame(rows, columns=["source_a", "pk_a", "source_b", "pk_b", "kind"])
    frame.to_csv(tmp_path / "decisions.csv", index=False)
    told = asked("evaluate", tmp_path / "decisions.csv", "-c", config)
    assert told["labels"] == "pairs"
    assert told["clusters"] is None
    assert (told["pairs"]["precision"], told["pairs"]["recall"]) == (1.0, 1.0)
    assert invoke("evaluate", tmp_path / "decisions.csv", "-c", config, "-o", tmp_path / "p.html").exit_code == 0


def test_evaluate_without_labels_gives_the_estimates_of_the_report(config: Path) -> None:
    told = asked("evaluate", "-c", config)
    for entry in told["estimated_without_labels"]:
        assert 0 < entry["low"] <= entry["estimate"] <= entry["high"] <= 1
    assert "Estimated without labels" in invoke("evaluate", "-c", config).stdout
    report = (load(config).state / "reports" / "latest.html").read_text()
    assert 'id="estimated"' in report
    assert 'id="model"' in report
    assert '<svg class="bars"' in report


@pytest.mark.parametrize(("name", "words"), [("none.csv", "no such file"), ("bad.csv", "labels need the columns")])
def test_labels_that_cannot_be_used_end_in_wrong_use(config: Path, tmp_path: Path, name: str, words: str) -> None:
    (tmp_path / "bad.csv").write_text("a,b\n1,2\n")
    for command in (("evaluate", tmp_path / name), ("train", "--labels", tmp_path / name)):
        told = invoke(*command, "-c", config)
        assert told.exit_code == 2
        assert words in told.stderr


def test_the_model_is_shown_saved_and_used_again(config: Path, tmp_path: Path) -> None:
    told = asked("model", "-c", config, "--save", tmp_path / "model.json", "--html", tmp_path / "model.html")
    saved = from_json((tmp_path / "model.json").read_text())
    assert saved.version == told["model_version"]
    assert {row["origin"] for row in told["levels"]} <= {"em", "prior"}
    assert told["drift"] == []
    assert '<svg class="bars"' in (tmp_path / "model.html").read_text()
    assert "weight" in invoke("model", "-c", config).stdout
    again = settings_file(tmp_path, '[matching]\nmodel = "model.json"\n')
    assert invoke("run", "-c", again, "--as-of", AS_OF).exit_code == 0
    assert asked("model", "-c", again)["model_version"] == saved.version
    before, now = asked("evaluate", TRUTH, "-c", config), asked("evaluate", TRUTH, "-c", again)
    assert now["pairs"] == before["pairs"]


def test_drift_names_what_moved_most(known: matched.Matched) -> None:
    email = next(field for field in known.model.fields if field.name == "email")
    moved = replace(email, m=(email.m[0], email.m[1] / 4, *email.m[2:]))
    now = replace(known.model, fields=tuple(moved if field is email else field for field in known.model.fields))
    first, *rest = drift_of(now, known.model)
    assert (first["field"], first["level"], first["moved"]) == ("email", "exact", pytest.approx(-2.0))
    assert {row["moved"] for row in rest} == {0.0}
    signals = model_section(now, known.model).signals
    assert [signal.tone for signal in signals] == ["warn"]


def test_another_model_is_another_setting(tmp_path: Path) -> None:
    place = settings_file(tmp_path, '[matching]\nmodel = "model.json"\n')
    missing = load(place).fingerprint
    (tmp_path / "model.json").write_text("{}")
    assert load(place).fingerprint != missing
    told = invoke("run", "-c", place, "--as-of", AS_OF)
    assert told.exit_code == 2
    assert "model.json" in told.stderr


def spoiled(model: Model) -> Model:
    """The model, believing that matches are thirty times as frequent as they are."""
    return replace(model, match_share=model.match_share * 32)


def test_a_model_from_labels_is_kept_where_it_is_better_on_labels_it_has_not_seen(known: matched.Matched) -> None:
    given = labels.read(TRUTH)
    found = training.train(replace(known, model=spoiled(known.model)), given)
    assert found.kept is not None
    assert found.reason.startswith("kept")
    unsupervised, *learned = found.held
    assert max(entry.f1 for entry in learned) > unsupervised.f1
    assert "labels" in {origin for field in found.model.fields for origin in field.origin}
    assert from_json(found.model.to_json()).version == found.model.version
    assert all(0 < value <= 1 for field in found.model.fields for value in (*field.m, *field.u))


def test_a_model_that_is_no_better_is_not_kept(config: Path, tmp_path: Path) -> None:
    told = asked("train", "--labels", TRUTH, "-c", config, "-o", tmp_path / "model.json")
    if told["kept"] is None:
        assert told["reason"].startswith("not kept")
        assert told["written"] is None
        assert not (tmp_path / "model.json").exists()
    else:
        assert told["held_out"][0]["f1"] < max(entry["f1"] for entry in told["held_out"])
    assert {entry["model"] for entry in told["held_out"]} == {"unsupervised", "naive Bayes", "logistic regression"}


def test_too_few_labels_teach_nothing(known: matched.Matched) -> None:
    few = labels.of(pd.read_parquet(TRUTH).head(30))
    with pytest.raises(training.ConfigurationError, match="at least 20 of each"):
        training.train(known, few)


def test_training_is_the_same_every_time(known: matched.Matched) -> None:
    given = labels.read(TRUTH)
    assert training.train(known, given) == training.train(known, given)


def test_an_explanation_shows_both_values_masked_and_as_a_picture(
    config: Path, known: matched.Matched, tmp_path: Path
) -> None:
    row = int(np.argmax(known.weight))
    ends = [f"fake:{known.keys[known.encoded.first[side[row]]]}" for side in (known.left, known.right)]
    told = asked("explain", *ends, "-c", config, "--html", tmp_path / "pair.html", "--svg", tmp_path / "pair.svg")
    steps = {step["field"]: step for step in told["tables"]["Weight in bits"]}
    assert steps["birth_date"]["a"].endswith("-••-••")
    assert "•" in steps["email"]["a"]
    assert told["decided_by"]
    picture = minidom.parse(str(tmp_path / "pair.svg")).documentElement
    assert picture.tagName == "svg"
    assert "match weight" in (tmp_path / "pair.svg").read_text()
    plain = asked("explain", *ends, "-c", config, "--unmasked")["tables"]["Weight in bits"]
    secret = {step["field"]: step for step in plain}["email"]["a"]
    assert "•" not in secret
    for name in ("pair.html", "pair.svg"):
        assert secret not in (tmp_path / name).read_text()
    alone = invoke("explain", ends[0], "-c", config, "--svg", tmp_path / "x.svg")
    assert alone.exit_code == 2
