"""A run as evaluation, training and the notebook see it: records, clusters, scored pairs and the model."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa

from identity.matching import frozen_tables, reading
from identity.matching.comparison import Field, Vectors, compare, fields_named
from identity.matching.model import Doubles, Model, Tables, from_json, tables
from identity.matching.records import Ints, Longs
from identity.matching.score import Evidence, evidence_of, weights
from identity.runs.workspace import Session

READS = (*reading.READS, *frozen_tables.READS, "match.scored_pair", "match.cluster_member")


@dataclass(frozen=True)
class Matched:
    """What a run knows of its records.

    `cluster` has a code for every record, in order of its key. `left`, `right` are the pairs of distinct records that
    `link` kept, with their weight.
    """

    encoded: reading.Encoded
    fields: tuple[Field, ...]
    model: Model
    cluster: Longs
    left: Ints
    right: Ints
    weight: Doubles

    @cached_property
    def lookup(self) -> Tables:
        """The model as tables."""
        return tables(self.model, self.encoded.records.size)

    @cached_property
    def sources(self) -> list[str]:
        """Source of every record."""
        found: list[str] = self.encoded.keys["source"].to_pylist()
        return found

    @cached_property
    def keys(self) -> list[str]:
        """Key of every record."""
        found: list[str] = self.encoded.keys["source_pk"].to_pylist()
        return found

    def compared(self, left: Longs, right: Longs) -> tuple[Vectors, Evidence, Doubles]:
        """Vectors, evidence and weights of pairs of records, by their numbers."""
        ends = (self.encoded.distinct_of[side].astype(np.int32) for side in (left, right))
        vectors = compare(self.encoded.records, self.fields, *ends)
        evidence = evidence_of(self.lookup, vectors)
        return vectors, evidence, weights(self.model, evidence)


def read(db: Session) -> Matched:
    """Read a session that has READS open."""
    encoded = reading.read_records(db, frozen_tables.read(db))
    model = from_json(str(db.rows("select parameters from match.model")[0][0]))
    scored = db.query("resolve/scored_pairs")
    left, right = (encoded.distinct_of[scored[name].to_numpy()] for name in ("left_record", "right_record"))
    return Matched(
        encoded,
        fields_named(encoded.records, (field.name for field in model.fields)),
        model,
        _clusters(db, encoded.keys),
        left.astype(np.int32),
        right.astype(np.int32),
        scored["match_weight"].to_numpy(),
    )


def _clusters(db: Session, keys: pa.Table) -> Longs:
    members = db.query("select cluster_id from match.cluster_member order by source, source_pk")
    assert members.num_rows == keys.num_rows, "every record stands in one cluster (P4)"
    found: Longs = members["cluster_id"].to_numpy().astype(np.int64)
    return found
