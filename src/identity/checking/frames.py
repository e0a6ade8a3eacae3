"""The frames that suites judge, from the tables of a run.

A table frame has only the columns its suite names; above `sample_rows` it is the sample of rows whose keys
hash lowest, the same in every run over the same keys. A query frame comes from `sql/checks/`: one row of
named counts, where a column `x_examples` lists up to three keys of the rows that `x` counts.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from identity.checking.suites import Suite
from identity.engine.sql import quote, quote_column
from identity.runs.workspace import Session
from identity.tables import table

if TYPE_CHECKING:
    import pandas as pd

_EXAMPLES = "_examples"


@dataclass(frozen=True)
class Frame:
    """What one suite is validated on: `data` of `len(data)` rows out of `rows`."""

    data: "pd.DataFrame"
    rows: int
    examples: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


FrameOf = Callable[[Suite], Frame]


def frames(db: Session, parameters: Mapping[str, Any]) -> FrameOf:
    """How to get a suite's frame from the tables `db` reads; `parameters` are those of the queries."""

    def frame_of(suite: Suite) -> Frame:
        return _query_frame(db.query(suite.query, **parameters)) if suite.query else _table_frame(db, suite)

    return frame_of


def _query_frame(data: pa.Table) -> Frame:
    examples = {
        name.removesuffix(_EXAMPLES): tuple(key for keys in data[name].to_pylist() for key in keys or ())
        for name in data.column_names
        if name.endswith(_EXAMPLES)
    }
    counts = data.drop_columns([name + _EXAMPLES for name in examples])
    return Frame(counts.to_pandas(), counts.num_rows, examples)


def _table_frame(db: Session, suite: Suite) -> Frame:
    rows = db.count(suite.table)
    columns = ", ".join(quote_column(name) for name in suite.frame_columns)
    query = f"select {columns} from {quote(suite.table)}"  # noqa: S608 - names checked against tables.py
    if rows <= suite.sample_rows:
        return Frame(db.query(query).to_pandas(), rows)
    key = ", ".join(quote_column(name) for name in table(suite.table).key)
    query += f" where hash({key}) % 1000000 < $share"
    return Frame(db.query(query, share=suite.sample_rows * 1_000_000 // rows).to_pandas(), rows)
