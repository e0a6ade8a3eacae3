"""A model trained with Splink, used here: its JSON is read, its pairs, weights and clusters come out the same, sooner.

    model = load_splink_model("model.json")
    pairs = predict(model, frame, threshold_probability=0.5)
    members = clusters(pairs, frame["unique_id"], threshold=0.95)

Weights are Splink's within 1e-4 bits, links and clusters are identical (tests/unit/test_splink_model.py). The formulas
are those of Splink 5 (moj-analytical-services/splink, MIT): weight = log2(m/u) per level, term frequencies as
log2(u of the exact level / frequency), their sum and the prior give the match weight.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import closing
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from identity.errors import ConfigurationError
from identity.matching.components import labels
from identity.matching.records import Ints, Longs
from identity.matching.splink_blocking import Blocks, Task, blocks_of, pairs_of, tasks
from identity.matching.splink_columns import Columns, Doubles
from identity.matching.splink_conditions import prepare
from identity.matching.splink_json import Comparison, Level, Rule, SplinkModel, load_splink_model, weight_of
from identity.matching.splink_parse import NotUnderstood
from identity.matching.splink_scoring import Found, score, steps_of
from identity.matching.splink_tree import Condition, OneSide, scalars

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "Comparison", "Level", "NotUnderstood", "Rule", "SplinkModel", "clusters", "load_splink_model", "predict",
]  # fmt: skip
THREADS = 2
AHEAD = 2
"""Chunks per thread that are under way at once, which bounds the memory."""


def predict(
    model: SplinkModel,
    frame: "pa.Table | pd.DataFrame",
    threshold_probability: float | None = None,
    threads: int = THREADS,
) -> pa.Table:
    """Block, compare and score the records of a frame: what Splink's `linker.inference.predict` gives.

    `frame` has the columns of the model and its unique id. One row per pair at or above the threshold (None: all
    pairs), ordered by both ids: `<id>_l`, `<id>_r` (the left one is the smaller; coded over all ids, to be cast to
    string where a plain column is wanted), match_weight (log2 odds), match_probability, match_key (number of the
    blocking rule that found it) and per comparison the level, -1 for missing, 0 for ELSE. Raises ConfigurationError
    where the frame lacks a column or an id stands twice.
    """
    table = frame if isinstance(frame, pa.Table) else pa.Table.from_pandas(frame, preserve_index=False)
    if model.unique_id not in table.column_names:
        raise ConfigurationError(f"the frame has no column {model.unique_id}, the unique id of the model")
    ids, order = _ordered(table[model.unique_id])
    threshold = None if threshold_probability is None else weight_of(threshold_probability)
    with ThreadPoolExecutor(max(threads, 1)) as pool, closing(Columns(table, order, threads)) as columns:
        _check_columns(model, columns)
        found = _joined(list(_scored(model, columns, threshold, threads, pool)), len(model.comparisons))
    return _table(model, ids, found)


def clusters(
    pairs: pa.Table, ids: "pa.Array | pa.ChunkedArray | Sequence[Any] | pd.Series[Any]", threshold: float
) -> pa.Table:
    """Connected components of the pairs at or above a match probability.

    `ids` are all records, those without a pair included. One row per id, in the given order: `unique_id` and
    `cluster_id`, the smallest id of the cluster (as in Splink).
    """
    left_name = next(name for name in pairs.column_names if name.endswith("_l"))
    right_name = left_name[:-2] + "_r"
    given = _array(ids)
    kept = pairs.select([left_name, right_name]).filter(pc.greater_equal(pairs["match_probability"], threshold))
    ordered, order = _ordered(given)
    component = labels(len(ordered), _places(kept[left_name], ordered), _places(kept[right_name], ordered))
    if order is not None:
        back = np.empty(len(order), dtype=np.int64)
        back[order] = np.arange(len(order))
        component = component[back]
    return pa.table({"unique_id": given, "cluster_id": ordered.take(pa.array(component))})


def _places(ends: pa.ChunkedArray, ids: pa.Array) -> Ints:
    """Where the ids of one end of the pairs stand among all ids."""
    if not pa.types.is_dictionary(ends.type):
        ends = ends.dictionary_encode()
    coded = ends.unify_dictionaries().combine_chunks()
    if isinstance(coded, pa.ChunkedArray):
        coded = coded.chunk(0) if coded.num_chunks else pa.DictionaryArray.from_arrays(pa.array([], pa.int32()), ids)
    indices = coded.indices.to_numpy()
    if coded.dictionary.equals(ids):
        return np.asarray(indices, dtype=np.int32)
    places = pc.index_in(coded.dictionary.cast(ids.type), value_set=ids)
    if places.null_count:
        raise ConfigurationError("a pair names a record that is not among the ids")
    return np.asarray(places.to_numpy()[indices], dtype=np.int32)


def _scored(
    model: SplinkModel, columns: Columns, threshold: float | None, threads: int, pool: Executor
) -> Iterator[Found]:
    ready = prepare(_conditions(model), columns, pool)
    steps = steps_of(model.comparisons, columns, pool)
    rules = model.rules or (Rule("1=1", (), ()),)
    blocks = [blocks_of(number, rule, columns) for number, rule in enumerate(rules)]

    def work(task: Task) -> Found:
        chunk = pairs_of(task, rules, blocks, ready)
        return score(chunk, task.blocks.rule, model.prior, steps, ready, threshold)

    yield from _in_order(pool, work, _all_tasks(blocks), threads * AHEAD)


def _all_tasks(blocks: Sequence[Blocks]) -> Iterator[Task]:
    for block in blocks:
        yield from tasks(block)


def _in_order(pool: Executor, work: Callable[[Task], Found], given: Iterator[Task], ahead: int) -> Iterator[Found]:
    """Results in the order of the tasks, with few tasks under way."""
    waiting = [pool.submit(work, task) for task in islice(given, ahead)]
    while waiting:
        yield waiting.pop(0).result()
        waiting += [pool.submit(work, task) for task in islice(given, 1)]


def _conditions(model: SplinkModel) -> list[Condition]:
    of_levels = [level.condition for c in model.comparisons for level in c.levels if level.condition is not None]
    return [*of_levels, *(part for rule in model.rules for part in rule.rest)]


def _check_columns(model: SplinkModel, columns: Columns) -> None:
    equal: list[Condition] = [part for rule in model.rules for part in rule.equal]
    of_conditions = [
        name
        for condition in [*_conditions(model), *equal]
        for value in scalars(condition)
        if isinstance(value, OneSide)
        for name in value.columns
    ]
    of_levels = [level.frequency.column for c in model.comparisons for level in c.levels if level.frequency]
    missing = columns.missing([*of_conditions, *of_levels])
    if missing:
        raise ConfigurationError(f"the frame lacks columns of the model: {', '.join(missing)}")


def _array(values: Any) -> pa.Array:
    if isinstance(values, pa.ChunkedArray):
        return pa.concat_arrays(values.chunks) if values.num_chunks else pa.array([], values.type)
    return values if isinstance(values, pa.Array) else pa.array(values)


def _ordered(values: pa.Array | pa.ChunkedArray) -> tuple[pa.Array, Longs | None]:
    """Ids in ascending order and the rows they came from, None where they came in order."""
    ids = _array(values)
    if pa.types.is_dictionary(ids.type):
        ids = ids.dictionary_decode()
    if ids.null_count:
        raise ConfigurationError("a record has no unique id")
    if len(ids) < 2 or pc.all(pc.less(ids[:-1], ids[1:])).as_py():
        return ids, None
    order = pc.sort_indices(ids)
    ids = ids.take(order)
    if not pc.all(pc.less(ids[:-1], ids[1:])).as_py():
        raise ConfigurationError("a unique id stands twice")
    return ids, np.asarray(order.to_numpy(), dtype=np.int64)


def _joined(parts: Sequence[Found], comparisons: int) -> Found:
    """All pairs, ordered by both records."""
    ids = np.zeros(0, np.int32)
    nothing = Found(ids, ids, np.zeros(0), np.zeros((comparisons, 0), np.int8), np.zeros(0, np.int16))
    every = [nothing, *parts]
    left = np.concatenate([part.left for part in every])
    right = np.concatenate([part.right for part in every])
    order = np.argsort(left.astype(np.int64) << np.int64(32) | right, kind="stable")
    return Found(
        left[order],
        right[order],
        np.concatenate([part.weight for part in every])[order],
        np.concatenate([part.levels for part in every], axis=1)[:, order],
        np.concatenate([part.rule for part in every])[order],
    )


def _probability(weight: Doubles) -> Doubles:
    odds = np.exp2(-np.abs(weight))
    return np.asarray(np.where(weight >= 0, 1, odds) / (1 + odds), dtype=np.float64)


def _table(model: SplinkModel, ids: pa.Array, found: Found) -> pa.Table:
    columns: dict[str, Any] = {
        f"{model.unique_id}_l": pa.DictionaryArray.from_arrays(found.left, ids),
        f"{model.unique_id}_r": pa.DictionaryArray.from_arrays(found.right, ids),
        "match_weight": found.weight,
        "match_probability": _probability(found.weight),
        "match_key": found.rule,
    }
    for comparison, levels in zip(model.comparisons, found.levels, strict=True):
        columns[model.level_prefix + comparison.name] = levels
    return pa.table(columns)
