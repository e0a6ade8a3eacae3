"""Figures of a clustering against the truth, by counting groups instead of pairs, and the naive rule beside it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from identity.matching.measures import measures

_KEY = ["source", "source_pk"]


@dataclass(frozen=True)
class PairFigures:
    """Pairs of records: truly of one person, said to be, and both; shares between 0 and 1."""

    true_pairs: int
    said_pairs: int
    hit_pairs: int
    precision: float
    recall: float
    f1: float
    records: int
    missing: int  # records of the truth the clustering does not hold; they count as alone


def pair_figures(truth: pd.DataFrame, clusters: pd.DataFrame) -> PairFigures:
    """Compare `truth` (source, source_pk, person_id) with `clusters` (source, source_pk, cluster or profile_id).

    Records that only the clustering holds are ignored. Raises ValueError where a record stands twice.
    """
    both, missing = _joined(truth, clusters)
    person, cluster = _codes(both["person_id"]), _codes(both["cluster"])
    found = measures(person, cluster, missing)
    return PairFigures(
        *(found.true_pairs, found.said_pairs, found.hit_pairs),
        *(found.pair_precision, found.pair_recall, found.pair_f1),
        *(found.records, found.missing),
    )


def household_mixed(truth: pd.DataFrame, xref: pd.DataFrame) -> float:
    """Of the profiles with several records, the share that hold two people of one household.

    `truth` has source, source_pk, person_id, household_id; `xref` has source, source_pk, profile_id (or cluster).
    """
    both, _ = _joined(truth, xref)
    size = both.groupby("cluster", sort=False)["person_id"].size()
    several = int((size > 1).sum())
    people = both.groupby(["cluster", "household_id"], sort=False)["person_id"].nunique()
    mixed = people[people > 1].index.get_level_values("cluster").nunique()
    return mixed / several if several else 0.0


def any_shared_contact(records: pd.DataFrame) -> pd.DataFrame:
    """The naive rule: whoever shares any e-mail or phone is one person (source, source_pk -> cluster).

    `records` has source, source_pk, email, phone, one row per record or per identifier of a record;
    missing and empty values join nothing.
    """
    frame = records.reset_index(drop=True)
    record = frame.groupby(_KEY, sort=False).ngroup().to_numpy()
    count = int(record.max(initial=-1)) + 1
    rows, nodes, start = [], [], count
    for column in ("email", "phone"):
        values = frame[column]
        present = np.flatnonzero(values.notna() & (values != ""))
        code = _codes(values.iloc[present])
        rows.append(record[present])
        nodes.append(start + code)
        start += int(code.max(initial=-1)) + 1
    row, node = np.concatenate(rows), np.concatenate(nodes)
    graph = coo_matrix((np.ones(len(row), dtype=np.int8), (row, node)), shape=(start, start))
    label = connected_components(graph, directed=False)[1][:count]
    keys = frame[_KEY].drop_duplicates().reset_index(drop=True)
    return keys.assign(cluster=label)


def _joined(truth: pd.DataFrame, clusters: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """The truth with a `cluster` for every record (its own for records the clustering lacks)."""
    name = "cluster" if "cluster" in clusters else "profile_id"
    for label, frame in (("truth", truth), ("clusters", clusters)):
        twice = int(frame.duplicated(_KEY).sum())
        if twice:
            raise ValueError(f"{label}: {twice} records stand more than once")
    said = clusters[[*_KEY, name]].rename(columns={name: "cluster"})
    both = truth.merge(said, on=_KEY, how="left")
    known = both["cluster"].notna().to_numpy()
    code = np.full(len(both), -1, dtype=np.int64)
    code[known] = _codes(both.loc[known, "cluster"])
    code[~known] = int(code.max(initial=-1)) + 1 + np.arange(int((~known).sum()))
    return both.assign(cluster=code), int((~known).sum())


def _codes(values: pd.Series) -> npt.NDArray[np.int64]:
    return np.asarray(pd.factorize(values)[0], dtype=np.int64)
