"""What matching found in a notebook's records."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import pandas as pd
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from identity.analysis import evaluation, labels, matched, pages
from identity.analysis.evaluation import Evaluation
from identity.api.people import People
from identity.explaining import waterfall
from identity.matching import explain as explaining
from identity.matching.comparison import unpack
from identity.matching.explain import Explanation
from identity.matching.model import Model, from_json
from identity.reporting.curves import standalone


@dataclass(frozen=True)
class Picture:
    """An SVG that a notebook shows by itself."""

    svg: str

    def _repr_svg_(self) -> str:
        return self.svg

    def save(self, path: Path | str) -> None:
        """Write it to a file."""
        Path(path).write_text(self.svg, encoding="utf-8")


class Result:
    """What matching found: `clusters`, `pairs`, `model`, and ways to look at them.

    `estimate` has precision and recall as the calibrated scores expect them, with their intervals.
    """

    def __init__(self, people: People, metrics: Mapping[str, float]) -> None:
        self.people = people
        self.estimate = {name: value for name, value in metrics.items() if name.startswith("estimated_")}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Delete the temporary folder; what was read of the result stays."""
        self.people.close()

    def __repr__(self) -> str:
        return (
            f"{len(self.clusters):,} records in {self.clusters['cluster_id'].nunique():,} clusters, "
            f"{len(self.pairs):,} pairs"
        )

    @cached_property
    def clusters(self) -> pd.DataFrame:
        """One row per record, in the order of the frame, with its cluster.

        Columns: record_id (and source, where there are several), cluster_id, records (of the cluster), and what holds
        it there (`link_method`, `link_probability`).
        """
        with self.people.run.open("match.cluster_member") as db:
            found = db.query("api/clusters").to_pandas()
        order = [self.people.order[key] for key in zip(found["source"], found["source_pk"], strict=True)]
        found = found.iloc[np.argsort(order)].reset_index(drop=True)
        return self.people.with_ids(found)

    @cached_property
    def pairs(self) -> pd.DataFrame:
        """One row per pair at or above the review threshold.

        Columns: ids, match_weight (bits), match_probability, outcome (link, review or vetoed), rule, blocking_rule, and
        the level of every comparison as `level_<field>`.
        """
        with self.people.run.open("match.candidate_pair") as db:
            found = db.query("api/pairs").to_pandas()
        vector = found.pop("comparison_vector").to_numpy(dtype=np.int64)
        for side in ("a", "b"):
            keys = zip(found[f"source_{side}"], found[f"pk_{side}"], strict=True)
            found[f"record_id_{side}"] = self.people.column([self.people.ids[key] for key in keys])
        ends = ["source_a", "record_id_a", "source_b", "record_id_b"] if self.people.several else []
        ends = ends or ["record_id_a", "record_id_b"]
        rest = ["match_weight", "match_probability", "outcome", "rule", "blocking_rule"]
        levels = unpack(self._matched.fields, vector)
        for field, row in zip(self._matched.fields, levels, strict=True):
            names = np.array([level.name.lower() for level in field.levels], dtype=object)
            found[f"level_{field.name}"] = pd.Categorical(names[row], categories=list(names))
        return pd.DataFrame(found[[*ends, *rest, *(name for name in found if name.startswith("level_"))]])

    def links(self) -> pd.MultiIndex:
        """Every two records of one cluster, as recordlinkage has links.

        Of one frame (later, earlier) row; of two linked frames the pairs between them, (left, right).
        """
        grouped = self.clusters
        both = grouped.reset_index().merge(grouped.reset_index(), on="cluster_id", suffixes=("_1", "_2"))
        if self._is_linkage:
            both = both[(both["source_1"] == "left") & (both["source_2"] == "right")]
        else:
            both = both[both["index_1"] > both["index_2"]]
        both = both.sort_values(["index_1", "index_2"])
        return pd.MultiIndex.from_frame(both[["record_id_1", "record_id_2"]])

    @property
    def _is_linkage(self) -> bool:
        return [source.name for source in self.people.run.settings.sources] == ["left", "right"]

    @cached_property
    def model(self) -> Model:
        """The parameters; `save_model` keeps them, `dedupe(..., model=)` uses them again."""
        with self.people.run.open("match.model") as db:
            return from_json(str(db.rows("select parameters from match.model")[0][0]))

    @cached_property
    def _matched(self) -> matched.Matched:
        with self.people.run.open(*matched.READS) as db:
            return matched.read(db)

    def explain(self, record_a: Any, record_b: Any) -> Explanation:
        """Why two records are (not) one person: the waterfall from the prior to the match weight."""
        with self.people.run.open(*explaining.READS) as db:
            return explaining.explain_pair(db, self.people.key(record_a), self.people.key(record_b))

    def draw(self, record_a: Any, record_b: Any) -> "Picture":
        """The waterfall of two records as a picture, shown by a notebook; no values of people in it."""
        told = self.explain(record_a, record_b)
        chart = pages.waterfall_chart(waterfall(told), told.match_probability)
        outcome = "one person" if told.same_profile else "two people"
        return Picture(standalone(chart, f"{record_a} and {record_b}: {outcome}, decided by {told.decided_by}"))

    def evaluate(self, truth: pd.DataFrame | pd.Series | pd.MultiIndex) -> Evaluation:
        """Hold the result against the truth.

        That is a frame of record_id (and source) and entity_id, a series of entities by record id, or recordlinkage's
        true links (the pairs that are one person; all others are not).
        """
        given = labels.of(_truth(truth, self.clusters))
        return evaluation.evaluate(self._matched, given, self.people.run.settings.matching.link_threshold)

    def compare(self, pairs: pd.MultiIndex) -> pd.DataFrame:
        """Comparison vectors of pairs of record ids, as recordlinkage's classifiers take them.

        One row per pair, indexed by `pairs`; one column per field with the bits by which it speaks for one person (0
        where a value is missing).
        """
        known = self._matched
        places = {key: number for number, key in enumerate(zip(known.sources, known.keys, strict=True))}
        ends = [
            np.array([places[self.people.key(value)] for value in pairs.get_level_values(level)], dtype=np.int64)
            for level in (0, 1)
        ]
        _, evidence, _ = known.compared(*ends)
        return pd.DataFrame(evidence.match.T, index=pairs, columns=[field.name for field in known.fields])


def _truth(truth: pd.DataFrame | pd.Series | pd.MultiIndex, clusters: pd.DataFrame) -> pd.DataFrame:
    if isinstance(truth, pd.MultiIndex):
        ids = pd.Index(clusters["record_id"])
        ends = [ids.get_indexer(truth.get_level_values(level)) for level in (0, 1)]
        known = (ends[0] >= 0) & (ends[1] >= 0)
        graph = coo_matrix((np.ones(int(known.sum())), (ends[0][known], ends[1][known])), shape=(len(ids), len(ids)))
        truth = pd.Series(connected_components(graph, directed=False)[1], index=ids)
    if isinstance(truth, pd.Series):
        return pd.DataFrame({"record_id": truth.index.astype(str), "entity_id": truth.to_numpy()})
    return truth
