"""What people know of the records: which are one entity, or which pairs are one person and which are not.

Read from CSV or Parquet, with tolerance for the names of the columns; a label names a record by source and key, or by
key alone where no two sources share one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from identity.analysis.matched import Matched
from identity.errors import ConfigurationError
from identity.matching.records import Bools, Longs

_NAMES: Mapping[str, tuple[str, ...]] = {
    "entity": ("entity_id", "entity", "person_id", "true_id", "cluster_id", "cluster", "profile_id"),
    "source": ("source", "source_name", "source_dataset"),
    "key": ("source_pk", "record_id", "rec_id", "unique_id", "pk", "key", "id"),
    "source_a": ("source_a", "source_left", "source_l", "source_1", "left_source"),
    "key_a": ("pk_a", "source_pk_a", "record_id_a", "id_a", "pk_left", "record_id_left", "left", "unique_id_l", "id_1"),
    "source_b": ("source_b", "source_right", "source_r", "source_2", "right_source"),
    "key_b": ("pk_b", "source_pk_b", "record_id_b", "id_b", "pk_right", "record_id_right", "right", "unique_id_r",
              "id_2"),
    "same": ("decision", "kind", "same", "is_same", "is_match", "match", "label", "verdict"),
}  # fmt: skip
_SAME = ("same", "1", "1.0", "true", "yes", "y", "t", "match", "link")
_NOT_SAME = ("not_same", "0", "0.0", "false", "no", "n", "f", "non_match", "nonmatch", "distinct", "different",
             "not same", "non-match")  # fmt: skip


@dataclass(frozen=True)
class Labels:
    """Labels as read. Either `entity` per record (`source` None where the file has none), or pairs with `same`.

    `frame` has source, key, entity, or source_a, key_a, source_b, key_b, same; all text but `same`.
    """

    frame: pd.DataFrame
    by_pair: bool


@dataclass(frozen=True)
class EntityLabels:
    """Entity code of every record of the run, -1 without label; `missing` labels name records that the run lacks.

    `entity_of_missing` are their entity codes.
    """

    entity: Longs
    entity_of_missing: Longs

    @property
    def missing(self) -> int:
        """Labelled records that the run lacks."""
        return len(self.entity_of_missing)


@dataclass(frozen=True)
class PairLabels:
    """Labelled pairs by record number (left < right); `missing` of them name a record that the run lacks."""

    left: Longs
    right: Longs
    same: Bools
    missing: int


def read(path: Path) -> Labels:
    """Labels of a CSV or Parquet file. Raises ConfigurationError naming the columns that are needed."""
    try:
        if path.suffix.lower() in (".parquet", ".pq"):
            frame = pd.read_parquet(path)
        else:
            frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    except OSError:
        raise ConfigurationError(f"{path}: no such file, or it cannot be read") from None
    except (ValueError, UnicodeDecodeError):
        raise ConfigurationError(f"{path}: neither CSV nor Parquet") from None
    return of(frame, str(path))


def of(frame: pd.DataFrame, place: str = "labels") -> Labels:
    """Labels of a frame, whatever it calls its columns."""
    by_name = {str(name).strip().casefold(): name for name in frame.columns}
    if {"kind", "records_1", "records_2"} <= by_name.keys():
        frame = _decided(frame.rename(columns={name: ours for ours, name in by_name.items()}))
        by_name = {str(name): name for name in frame.columns}
    found = {ours: next((by_name[name] for name in names if name in by_name), None) for ours, names in _NAMES.items()}
    if found["key_a"] is not None and found["key_b"] is not None:
        return _pairs(frame, found, place)
    if found["key"] is None or found["entity"] is None:
        raise ConfigurationError(
            f"{place}: labels need the columns source, source_pk (or record_id) and entity_id; or of pairs "
            f"source_a, pk_a, source_b, pk_b and decision (same, not_same); found {', '.join(map(str, frame.columns))}"
        )
    entity = _text(frame[found["entity"]])
    chosen = {"source": _optional(frame, found["source"]), "key": _text(frame[found["key"]]), "entity": entity}
    labels = pd.DataFrame(chosen)[entity.notna().to_numpy()].reset_index(drop=True)
    twice = int(labels.duplicated(["source", "key"]).sum())
    if twice:
        raise ConfigurationError(f"{place}: {twice} records stand more than once; one line a record")
    return Labels(labels, by_pair=False)


def _decided(frame: pd.DataFrame) -> pd.DataFrame:
    """Pairs out of the decisions that `identity decisions --export` wrote, those undone or superseded left out.

    `records_1` and `records_2` hold a record as source:key on each line; a cell that would run as a formula begins
    with an apostrophe.
    """
    rows = frame.fillna("").astype(str).to_dict("records")
    gone = {row.get(name, "") for row in rows for name in ("undoes", "supersedes")} - {""}
    found = []
    for row in rows:
        if row["kind"] in ("same", "not_same") and row.get("decision") not in gone:
            sides = [[line.removeprefix("'") for line in row[f"records_{side}"].splitlines()] for side in (1, 2)]
            found += [
                (*one.partition(":")[::2], *other.partition(":")[::2], row["kind"]) for one, other in product(*sides)
            ]
    return pd.DataFrame(found, columns=["source_a", "pk_a", "source_b", "pk_b", "kind"])


def _pairs(frame: pd.DataFrame, found: Mapping[str, Any], place: str) -> Labels:
    if found["same"] is None:
        raise ConfigurationError(f"{place}: pairs need a column decision (same or not_same)")
    said = frame[found["same"]].astype(str).str.strip().str.casefold()
    same, known = said.isin(_SAME), said.isin(_SAME) | said.isin(_NOT_SAME)
    parts = {
        "source_a": _optional(frame, found["source_a"]),
        "key_a": _text(frame[found["key_a"]]),
        "source_b": _optional(frame, found["source_b"]),
        "key_b": _text(frame[found["key_b"]]),
        "same": same,
    }
    labels = pd.DataFrame(parts)[known.to_numpy()].reset_index(drop=True)
    if labels.empty:
        raise ConfigurationError(f"{place}: no pair is labelled same or not_same")
    return Labels(labels, by_pair=True)


def _text(values: pd.Series) -> pd.Series:
    text = values.astype("string").str.strip()
    return text.mask(text == "")


def _optional(frame: pd.DataFrame, name: Any) -> pd.Series:
    if name is None:
        return pd.Series(pd.NA, index=frame.index, dtype="string")
    return _text(frame[name])


def numbers(matched: Matched, sources: Sequence[Any], keys: Sequence[Any], place: str = "labels") -> Longs:
    """Number of each named record, -1 where the run lacks it; a record without source must be the only one of its key.

    Raises ConfigurationError where a key without source is that of several records.
    """
    whole = {pair: number for number, pair in enumerate(zip(matched.sources, matched.keys, strict=True))}
    alone: dict[str, int] = {}
    for number, key in enumerate(matched.keys):
        alone[key] = -2 if key in alone else number
    found = np.array(
        [
            alone.get(key, -1) if source is None or source is pd.NA else whole.get((source, key), -1)
            for source, key in zip(sources, keys, strict=True)
        ],
        dtype=np.int64,
    )
    if (found == -2).any():
        raise ConfigurationError(
            f"{place}: {int((found == -2).sum())} keys are those of records of several sources; add the column source"
        )
    return found


def entities(labels: Labels, matched: Matched) -> EntityLabels:
    """Entity labels by record number."""
    frame = labels.frame
    places = numbers(matched, frame["source"].tolist(), frame["key"].tolist())
    codes = pd.factorize(frame["entity"])[0].astype(np.int64)
    held = places >= 0
    if not held.any():
        raise ConfigurationError("labels: none of the labelled records is in this run; check source and source_pk")
    entity = np.full(len(matched.keys), -1, dtype=np.int64)
    entity[places[held]] = codes[held]
    return EntityLabels(entity, codes[~held])


def pairs(labels: Labels, matched: Matched) -> PairLabels:
    """Pair labels by record number; of a pair labelled twice the last word counts."""
    frame = labels.frame
    one = numbers(matched, frame["source_a"].tolist(), frame["key_a"].tolist())
    other = numbers(matched, frame["source_b"].tolist(), frame["key_b"].tolist())
    held = (one >= 0) & (other >= 0) & (one != other)
    if not held.any():
        raise ConfigurationError("labels: none of the labelled pairs is in this run; check sources and keys")
    both = pd.DataFrame(
        {
            "left": np.minimum(one, other)[held],
            "right": np.maximum(one, other)[held],
            "same": frame["same"].to_numpy(dtype=bool)[held],
        }
    )
    both = both.drop_duplicates(["left", "right"], keep="last").sort_values(["left", "right"])
    return PairLabels(both["left"].to_numpy(), both["right"].to_numpy(), both["same"].to_numpy(), int((~held).sum()))
