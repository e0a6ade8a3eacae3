"""Conditions of a Splink model evaluated on pairs of records, in chunks.

Everything a condition needs of single records is prepared once (`prepare`); on a chunk of pairs it is gathered.
A similarity is computed for a pair when a condition first asks for it, and kept for the later levels of the chunk.
"""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from identity.matching.records import Bools, Ints, Longs
from identity.matching.splink_columns import Columns, Doubles, Lists
from identity.matching.splink_similarity import UNKNOWN, Texts, similarities, texts_of
from identity.matching.splink_tree import (
    AllOf,
    Always,
    AnyOf,
    Arithmetic,
    Condition,
    Equal,
    Holds,
    Missing,
    Number,
    OneSide,
    Order,
    Ordered,
    Overlap,
    Scalar,
    Similarity,
    scalars,
)

_ORDERS: dict[Order, Callable[[Doubles, Doubles], Bools]] = {
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "=": np.equal,
    "<>": np.not_equal,
}
DISTANCES = ("levenshtein", "damerau_levenshtein")
_TURNED: dict[Order, Order] = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "<>": "<>"}


@dataclass(frozen=True)
class Measured:
    """A similarity made ready: codes per record of both texts; `worst` as in `similarities`."""

    left: Ints
    right: Ints
    left_texts: Texts
    right_texts: Texts
    worst: float | None


@dataclass(frozen=True)
class Prepared:
    """What conditions need of single records, by node."""

    equal: Mapping[Equal, tuple[Ints, Ints]]
    flags: Mapping[Holds | Missing, Bools]
    numbers: Mapping[OneSide, Doubles]
    measures: Mapping[Similarity, Measured]
    lists: Mapping[Overlap, Lists]


@dataclass
class Chunk:
    """Pairs of records under comparison, with the similarities already known (NaN: a text is missing)."""

    left: Ints
    right: Ints
    known: dict[Similarity, Doubles] = field(default_factory=dict)

    def keep(self, rows: Longs | Bools) -> "Chunk":
        """Some of the pairs."""
        return Chunk(self.left[rows], self.right[rows], {key: found[rows] for key, found in self.known.items()})


def leaves(condition: Condition) -> Iterable[Condition]:
    """The conditions a condition is made of."""
    if isinstance(condition, AllOf | AnyOf):
        for part in condition.parts:
            yield from leaves(part)
    else:
        yield condition


def is_costly(condition: Condition) -> bool:
    """Whether a similarity or an intersection of arrays is needed."""
    return any(isinstance(value, Similarity | Overlap) for value in scalars(condition))


def prepare(conditions: Iterable[Condition], columns: Columns, pool: Executor) -> Prepared:
    """Encode, evaluate and index what the conditions ask of single records."""
    every = sorted({leaf for condition in conditions for leaf in leaves(condition)}, key=repr)
    values = list(dict.fromkeys(value for leaf in every for value in scalars(leaf)))
    columns.prepare([value for value in values if isinstance(value, OneSide)], pool)
    found = [value for value in values if isinstance(value, Similarity)]
    texts = _texts(found, columns, pool)
    return Prepared(
        equal={leaf: columns.shared(leaf.left, leaf.right)[:2] for leaf in every if isinstance(leaf, Equal)},
        flags={leaf: _flags(leaf, columns) for leaf in every if isinstance(leaf, Holds | Missing)},
        numbers={
            part: columns.coded(part).numbers()
            for leaf in every
            if isinstance(leaf, Ordered)
            for part in _numbers(leaf)
        },
        measures={
            value: Measured(
                columns.coded(value.left).codes,
                columns.coded(value.right).codes,
                texts[value.left],
                texts[value.right],
                _worst(value, every),
            )
            for value in found
        },
        lists={value: columns.lists(value.left) for value in values if isinstance(value, Overlap)},
    )


def _texts(found: list[Similarity], columns: Columns, pool: Executor) -> dict[OneSide, Texts]:
    uses: dict[OneSide, set[bool]] = {}
    for value in found:
        for side in (value.left, value.right):
            uses.setdefault(side, set()).add(value.function in DISTANCES)
    vocabularies = [columns.coded(side).values for side in uses]

    def ready(vocabulary: pa.Array, kinds: set[bool]) -> Texts:
        return texts_of(vocabulary, distance=True in kinds, similarity=False in kinds)

    return dict(zip(uses, pool.map(ready, vocabularies, uses.values()), strict=True))


def _flags(leaf: Holds | Missing, columns: Columns) -> Bools:
    if isinstance(leaf, Missing):
        missing = columns.lists(leaf.of).missing if columns.is_list(leaf.of) else columns.coded(leaf.of).codes < 0
        return np.asarray(missing == leaf.wanted)
    return columns.coded(leaf.of).answers(wanted=leaf.wanted)


def _numbers(leaf: Scalar | Ordered) -> Iterable[OneSide]:
    """The values of one record that a comparison of numbers uses as numbers."""
    if isinstance(leaf, OneSide):
        yield leaf
    for part in (leaf.one, leaf.other) if isinstance(leaf, Ordered) else ():
        yield from _numbers(part)
    for part in leaf.parts if isinstance(leaf, Arithmetic) else ():
        yield from _numbers(part)


def _worst(value: Similarity, every: list[Condition]) -> float | None:
    """The least similarity (greatest distance) that any condition tells apart; None where all must be exact."""
    distance = value.function in DISTANCES
    wanted = ("<=", "<") if distance else (">=", ">")
    found: list[float] = []
    for leaf in every:
        if value not in set(scalars(leaf)):
            continue
        order, threshold = _against_number(leaf, value)
        if order not in wanted or threshold is None or (not distance and threshold <= 0):
            return None
        found.append(threshold)
    return max(found) if distance else min(found)


def _against_number(leaf: Condition, value: Similarity) -> tuple[Order | None, float | None]:
    if isinstance(leaf, Ordered):
        if leaf.one == value and isinstance(leaf.other, Number):
            return leaf.order, leaf.other.value
        if leaf.other == value and isinstance(leaf.one, Number):
            return _TURNED[leaf.order], leaf.one.value
    return None, None


def is_true(condition: Condition, ready: Prepared, chunk: Chunk, rows: Longs | None = None) -> Bools:
    """Which pairs of a chunk (all, or some rows of it) satisfy a condition; unknown is not true."""
    left = chunk.left if rows is None else chunk.left[rows]
    right = chunk.right if rows is None else chunk.right[rows]
    match condition:
        case Always(value):
            return np.full(len(left), value)
        case Holds(of, _) | Missing(of, _):
            return ready.flags[condition][left if of.side == "l" else right]
        case Equal():
            codes_left, codes_right = ready.equal[condition]
            one, other = codes_left[left], codes_right[right]
            same = one == other if condition.wanted else (one != other) & (other >= 0)
            return np.asarray(same & (one >= 0))
        case Ordered(order, one_value, other_value):
            with np.errstate(invalid="ignore"):
                a, b = (_scalar(value, ready, chunk, rows) for value in (one_value, other_value))
                found = _ORDERS[order](a, b)
            return np.asarray(found & ~np.isnan(a) & ~np.isnan(b)) if order == "<>" else found
        case AllOf(parts):
            return _together(parts, ready, chunk, rows, every=True)
        case AnyOf(parts):
            return _together(parts, ready, chunk, rows, every=False)


def _together(parts: tuple[Condition, ...], ready: Prepared, chunk: Chunk, rows: Longs | None, *, every: bool) -> Bools:
    """And (`every`) or or; a costly part is asked only of the pairs that the parts before left open."""
    found: Bools | None = None
    for part in sorted(parts, key=is_costly):
        if found is None:
            found = is_true(part, ready, chunk, rows)
        elif is_costly(part):
            open_rows = np.flatnonzero(found == every)
            found[open_rows] = is_true(part, ready, chunk, open_rows if rows is None else rows[open_rows])
        else:
            more = is_true(part, ready, chunk, rows)
            found = found & more if every else found | more
    assert found is not None
    return found


def _scalar(value: Scalar, ready: Prepared, chunk: Chunk, rows: Longs | None) -> Doubles:
    """Numbers per pair, NaN where null."""
    left = chunk.left if rows is None else chunk.left[rows]
    right = chunk.right if rows is None else chunk.right[rows]
    match value:
        case Number(constant):
            return np.full(len(left), constant)
        case OneSide():
            return ready.numbers[value][left if value.side == "l" else right]
        case Similarity():
            return _measure(value, ready.measures[value], chunk, rows)
        case Overlap():
            return _overlap(ready.lists[value], left, right, left if value.first == "l" else right)
        case Arithmetic(function, parts):
            return _arithmetic(function, [_scalar(part, ready, chunk, rows) for part in parts])


def _measure(value: Similarity, ready: Measured, chunk: Chunk, rows: Longs | None) -> Doubles:
    known = chunk.known.get(value)
    if known is None:
        known = chunk.known[value] = np.full(len(chunk.left), UNKNOWN)
    todo = np.flatnonzero(known == UNKNOWN) if rows is None else rows[known[rows] == UNKNOWN]
    left, right = ready.left[chunk.left[todo]], ready.right[chunk.right[todo]]
    given = (left >= 0) & (right >= 0)
    found = np.full(len(todo), np.nan)
    found[given] = similarities(
        value.function, ready.left_texts, ready.right_texts, left[given], right[given], ready.worst
    )
    known[todo] = found
    return known if rows is None else known[rows]


def _arithmetic(function: str, parts: list[Doubles]) -> Doubles:
    """Null where a part is, but `greatest`, `least` and `coalesce` pass over it.

    A division by 0 is infinite; 0 / 0, for DuckDB no number and greater than all, is so too, since NaN is null here.
    """
    first = parts[0]
    if function == "abs":
        return np.abs(first)
    if function == "neg":
        return -first
    with np.errstate(divide="ignore", invalid="ignore"):
        for part in parts[1:]:
            match function:
                case "+":
                    first = first + part
                case "-":
                    first = first - part
                case "*":
                    first = first * part
                case "/":
                    first = np.where((first == 0) & (part == 0), np.inf, first / part)
                case "greatest":
                    first = np.fmax(first, part)
                case "least":
                    first = np.fmin(first, part)
                case _:
                    first = np.where(np.isnan(first), part, first)
    return first


def _overlap(lists: Lists, left: Ints, right: Ints, first: Ints) -> Doubles:
    """Number of distinct elements that two arrays share; NaN where the first one is missing."""
    counts = lists.starts[left.astype(np.int64) + 1] - lists.starts[left]
    pair = np.repeat(np.arange(len(left)), counts)
    within = np.arange(len(pair)) - np.repeat(np.cumsum(counts) - counts, counts)
    element = lists.keys[lists.starts[left][pair] + within] % lists.width
    wanted = right[pair].astype(np.int64) * lists.width + element
    at = np.minimum(np.searchsorted(lists.keys, wanted), max(len(lists.keys) - 1, 0))
    shared = lists.keys[at] == wanted if len(lists.keys) else np.zeros(len(pair), dtype=bool)
    found = np.bincount(pair[shared], minlength=len(left)).astype(np.float64)
    found[lists.missing[first]] = np.nan
    return found
