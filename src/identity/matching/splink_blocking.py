"""Blocking rules of a Splink model: which pairs of records they propose, each pair once, in chunks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from identity.matching.records import Bools, Ints, Longs
from identity.matching.splink_columns import Columns
from identity.matching.splink_conditions import Chunk, Prepared, is_true
from identity.matching.splink_json import Rule
from identity.matching.splink_tree import Equal

PAIRS = 400_000
"""Pairs in a chunk: few enough that what is gathered for them stays in the cache."""
_ROOM = 2**62


@dataclass(frozen=True)
class Blocks:
    """The blocks of one rule: each of `rows` meets the `counts` records from `starts` on in `partners`.

    `left_key` and `right_key` [records] number the blocks a record belongs to as the left and the right one of a pair,
    -1 where it stands alone: two records are a pair of the rule when left_key[left] = right_key[right] >= 0.
    """

    rule: int
    rows: Ints
    starts: Longs
    counts: Longs
    partners: Ints
    left_key: Ints
    right_key: Ints


@dataclass(frozen=True)
class Task:
    """Some rows of the blocks of a rule: a chunk of pairs."""

    blocks: Blocks
    first: int
    last: int


def blocks_of(number: int, rule: Rule, columns: Columns) -> Blocks:
    """Sort the records into the blocks of a rule. Records are numbered in order of their ids."""
    left, right = _keys(rule.equal, columns)
    if left is right:
        return _symmetric(number, left)
    order = np.argsort(right, kind="stable").astype(np.int32)
    order = order[right[order] >= 0]
    rows = np.flatnonzero(left >= 0).astype(np.int32)
    starts = np.searchsorted(right[order], left[rows], "left")
    counts = np.searchsorted(right[order], left[rows], "right") - starts
    return Blocks(number, rows, starts.astype(np.int64), counts.astype(np.int64), order, left, right)


def _symmetric(number: int, key: Ints) -> Blocks:
    """Blocks of records that share a key; a record meets those after it."""
    size = len(key)
    packed = np.sort(key.astype(np.int64) * size + np.arange(size))
    packed = packed[np.searchsorted(packed, 0) :]
    group, rows = np.divmod(packed, max(size, 1))
    starts = np.flatnonzero(np.r_[True, group[1:] != group[:-1]]) if len(group) else np.zeros(0, np.int64)
    lengths = np.diff(np.append(starts, len(group)))
    ends = np.repeat(starts + lengths, lengths)
    at = np.arange(len(group))
    counts = ends - at - 1
    rows = rows.astype(np.int32)
    own = np.full(size, -1, np.int32)
    shared = np.repeat(lengths > 1, lengths)
    own[rows[shared]] = group[shared]
    some = np.flatnonzero(counts)
    return Blocks(number, rows[some], some + 1, counts[some], rows, own, own)


def _keys(equal: Sequence[Equal], columns: Columns) -> tuple[Ints, Ints]:
    """Dense block numbers per record as left and as right one; the same array where they are the same."""
    if not equal:
        nothing = np.zeros(columns.size, np.int32)
        return nothing, nothing
    parts = [columns.shared(part.left, part.right) for part in equal]
    symmetric = all(one is other for one, other, _ in parts)
    left = _combined([(one, size) for one, _, size in parts])
    if symmetric:
        dense = _dense(left)
        return dense, dense
    right = _combined([(other, size) for _, other, size in parts])
    both = _dense(np.concatenate([left, right]))
    return both[: columns.size], both[columns.size :]


def _combined(parts: Sequence[tuple[Ints, int]]) -> Longs:
    """One number per record for its values together, -1 where one is missing."""
    key = parts[0][0].astype(np.int64)
    room = max(parts[0][1], 1)
    for codes, size in parts[1:]:
        if room * max(size, 1) >= _ROOM:
            key, room = _dense(key).astype(np.int64), len(key)
        missing = (key < 0) | (codes < 0)
        key = key * max(size, 1) + codes
        key[missing] = -1
        room *= max(size, 1)
    return key


def _dense(keys: Longs) -> Ints:
    """Numbers from 0 without gaps, -1 stays."""
    if len(keys) and int(keys.max()) < 4 * len(keys):
        return keys.astype(np.int32)
    distinct, dense = np.unique(keys, return_inverse=True)
    return (dense - int(len(distinct) > 0 and distinct[0] < 0)).astype(np.int32)


def tasks(blocks: Blocks, pairs: int = PAIRS) -> Iterator[Task]:
    """Chunks of about `pairs` pairs."""
    total = np.cumsum(blocks.counts)
    first = 0
    while first < len(total):
        done = int(total[first - 1]) if first else 0
        last = max(int(np.searchsorted(total, done + pairs, "right")), first + 1)
        yield Task(blocks, first, last)
        first = last


def pairs_of(task: Task, rules: Sequence[Rule], every: Sequence[Blocks], ready: Prepared) -> Chunk:
    """The pairs (left < right) of a task that its rule proposes and no rule before it does."""
    blocks = task.blocks
    counts = blocks.counts[task.first : task.last]
    offset = blocks.starts[task.first : task.last] - (np.cumsum(counts) - counts)
    left = np.repeat(blocks.rows[task.first : task.last], counts)
    right = blocks.partners[np.repeat(offset, counts) + np.arange(len(left))]
    chunk = Chunk(left, right)
    if blocks.left_key is not blocks.right_key:
        chunk = chunk.keep(left < right)
    for part in rules[blocks.rule].rest:
        chunk = chunk.keep(is_true(part, ready, chunk))
    for earlier in every[: blocks.rule]:
        chunk = chunk.keep(~_proposes(earlier, rules[earlier.rule], chunk, ready))
    return chunk


def _proposes(blocks: Blocks, rule: Rule, chunk: Chunk, ready: Prepared) -> Bools:
    one = blocks.left_key[chunk.left]
    found: Bools = (one == blocks.right_key[chunk.right]) & (one >= 0)
    for part in rule.rest:
        rows = np.flatnonzero(found)
        found[rows] = is_true(part, ready, chunk, rows)
    return found
