"""Labels as people bring them: names of columns, decisions, records named with or without their source."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from identity.analysis import labels
from identity.errors import ConfigurationError


class Records:
    """The records of a run, as far as labels ask for them."""

    sources = ("crm", "shop", "shop")
    keys = ("1", "1", "2")


@pytest.mark.parametrize(
    "header", ["source,source_pk,entity_id", "Source,record_id,cluster", "source_dataset,unique_id,person_id"]
)
def test_entities_are_read_whatever_their_columns_are_called(tmp_path: Path, header: str) -> None:
    place = tmp_path / "truth.csv"
    place.write_text(f"{header}\ncrm,1,ann\nshop,2,ann\nshop,9,bob\nshop,1,\n")
    given = labels.read(place)
    assert not given.by_pair
    found = labels.entities(given, Records())
    assert found.entity.tolist() == [0, -1, 0]
    assert found.missing == 1


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("source_a,pk_a,source_b,pk_b,kind", ("same", "not_same", "unsure")),
        ("source_a,pk_a,source_b,pk_b,decision", ("Same", "Not same", "split")),
        ("source_l,unique_id_l,source_r,unique_id_r,is_match", ("1", "0", "")),
    ],
)
def test_pairs_are_read_and_what_is_no_answer_is_left_out(tmp_path: Path, header: str, said: tuple[str, ...]) -> None:
    place = tmp_path / "decisions.csv"
    rows = ["shop,2,crm,1", "crm,1,shop,1", "shop,1,shop,2"]
    place.write_text("\n".join([header, *(f"{row},{word}" for row, word in zip(rows, said, strict=True)), ""]))
    found = labels.pairs(labels.read(place), Records())
    assert list(zip(found.left.tolist(), found.right.tolist(), found.same.tolist(), strict=True)) == [
        (0, 1, False),
        (0, 2, True),
    ]


def test_exported_decisions_are_read_without_those_undone(tmp_path: Path) -> None:
    place = tmp_path / "decisions.csv"
    place.write_text(
        "decision,kind,decided_by,undoes,records_1,records_2\n"
        'D1,same,ann,,crm:1,"shop:1\nshop:2"\n'
        "D2,not_same,ann,,shop:1,'shop:2\n"
        "D3,not_same,ann,,crm:1,shop:2\n"
        "D4,undo,ann,D3,,\n"
        "D5,block_value,ann,,,\n"
    )
    found = labels.pairs(labels.read(place), Records())
    assert list(zip(found.left.tolist(), found.right.tolist(), found.same.tolist(), strict=True)) == [
        (0, 1, True),
        (0, 2, True),
        (1, 2, False),
    ]


def test_the_last_word_on_a_pair_counts(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {"source_a": "crm", "pk_a": "1", "source_b": "shop", "pk_b": ["2", "2"], "kind": ["same", "not_same"]}
    )
    assert labels.pairs(labels.of(frame), Records()).same.tolist() == [False]


def test_a_key_of_several_sources_needs_its_source() -> None:
    alone = labels.of(pd.DataFrame({"record_id": ["2"], "entity_id": ["ann"]}))
    assert labels.entities(alone, Records()).entity.tolist() == [-1, -1, 0]
    shared = labels.of(pd.DataFrame({"record_id": ["1"], "entity_id": ["ann"]}))
    with pytest.raises(ConfigurationError, match="add the column source"):
        labels.entities(shared, Records())


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"name": ["ann"]}, "source_pk"),
        ({"pk_a": ["1"], "pk_b": ["2"]}, "decision"),
        ({"pk_a": ["1"], "pk_b": ["2"], "kind": ["unsure"]}, "no pair is labelled"),
        ({"record_id": ["1", "1"], "entity_id": ["a", "b"]}, "more than once"),
    ],
)
def test_what_is_missing_is_named(columns: dict[str, list[str]], words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        labels.of(pd.DataFrame(columns))


def test_a_file_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no such file"):
        labels.read(tmp_path / "none.csv")


def test_labels_that_name_no_record_of_the_run_are_refused() -> None:
    strangers = labels.of(pd.DataFrame({"record_id": ["77"], "entity_id": ["ann"]}))
    with pytest.raises(ConfigurationError, match="none of the labelled records"):
        labels.entities(strangers, Records())
    assert np.array_equal(labels.numbers(Records(), ["crm"], ["9"]), [-1])
