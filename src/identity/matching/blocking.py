"""Candidate pairs: rules with exact counts before anything runs, a cap per block, a budget for all.

No block explodes: one above its cap is split by further keys, and what is still too large is skipped and
reported. Pairs come in chunks; a pair comes once, under the first rule that proposes it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from identity.matching.block_keys import NONE, Atoms, Rule, mixed, refinements, rules_of
from identity.matching.records import Bools, Ints, Longs, Records

CHUNK = 1_000_000
BLOCK_CAP = 150
"""Most records of a block that are compared with each other."""
ALL_PAIRS = 500_000
"""A set with no more pairs than this is compared as a whole."""
RULE_SHARE = 0.3
"""Most of the budget left that one rule may spend."""
EVERY_PAIR = "every pair"


@dataclass(frozen=True)
class Blocks:
    """A rule made ready: records in order of their keys, and where each block ends.

    `keys` are the final keys [records, slots] (refined, -1 where skipped), in 32 bits for fast comparison.
    """

    name: str
    keys: Ints
    members: Ints
    ends: Longs
    pairs: int
    largest: int
    blocks: int
    refined_blocks: int
    skipped_blocks: int
    skipped_pairs: int


@dataclass(frozen=True)
class Chunk:
    """Pairs (left < right) under one rule."""

    rule: int
    left: Ints
    right: Ints


def propose(records: Records, pairs_per_record: int) -> tuple[list[Blocks], list[Chunk]]:
    """Choose the rules and how far each may go, and list their pairs, each once under the first rule.

    The budget is of pairs that no earlier rule proposed; a rule may spend RULE_SHARE of what is left.
    """
    size = records.size
    if size * (size - 1) // 2 <= ALL_PAIRS:
        everything = _blocks(Rule(EVERY_PAIR, np.zeros((size, 1), np.int64)), [], size)
        return [everything], list(_new_pairs(everything, [], CHUNK))
    atoms = Atoms(records)
    finer = refinements(atoms)
    left = pairs_per_record * size
    planned: list[Blocks] = []
    chunks: list[Chunk] = []
    for rule in rules_of(atoms):
        blocks = _blocks(rule, finer, _cap_within(rule.keys, int(left * RULE_SHARE)))
        if blocks.pairs or blocks.skipped_blocks:
            found = list(_new_pairs(blocks, planned, CHUNK))
            planned.append(blocks)
            chunks += found
            left -= sum(len(chunk.left) for chunk in found)
    return planned, chunks


def _cap_within(keys: Longs, allowance: int) -> int:
    """The largest block size, up to BLOCK_CAP, at which a rule stays within its allowance of pairs."""
    _, counts = np.unique(keys[keys >= 0], return_counts=True)
    of_size = np.bincount(np.minimum(counts, BLOCK_CAP + 1))
    sizes = np.arange(len(of_size))
    total = np.cumsum(of_size * sizes * (sizes - 1) // 2)
    within = np.flatnonzero(total[: BLOCK_CAP + 1] <= allowance)
    return int(within[-1]) if len(within) else 0


def _counts(keys: Longs) -> tuple[Longs, Longs]:
    """Size of the block of each key of a flat array, 0 where missing; and the sizes of all blocks."""
    held = keys >= 0
    _, inverse, counts = np.unique(keys[held], return_inverse=True, return_counts=True)
    sizes = np.zeros(len(keys), dtype=np.int64)
    sizes[held] = counts[inverse]
    return sizes, counts


def _pairs(sizes: Longs) -> int:
    return int((sizes * (sizes - 1) // 2).sum())


def _without_repeats(keys: Longs) -> Longs:
    """A copy in which a record stands once in a block, however many of its values give the same key."""
    once = keys.copy()
    for slot in range(1, keys.shape[1]):
        for earlier in range(slot):
            once[keys[:, slot] == keys[:, earlier], slot] = NONE
    return once


def _blocks(rule: Rule, finer: Sequence[Longs], cap: int) -> Blocks:
    """Split what is above the cap by further keys, skip what is still above it."""
    slots = rule.keys.shape[1]
    flat = _without_repeats(rule.keys).reshape(-1)
    sizes, counts = _counts(flat)
    refined = int((counts > cap).sum())
    for column in finer:
        rows = np.flatnonzero(sizes > cap)
        if not len(rows):
            break
        flat[rows] = mixed(flat[rows], column[rows // slots] + 1)
        sizes[rows], _ = _counts(flat[rows])
    over = sizes > cap
    skipped = _counts(flat[over])[1]
    flat[over | (sizes < 2)] = NONE
    held = np.flatnonzero(flat >= 0)
    order = held[np.lexsort((held, flat[held]))]
    values = flat[order]
    starts = np.flatnonzero(np.r_[True, values[1:] != values[:-1]]) if len(values) else np.zeros(0, np.int64)
    lengths = np.diff(np.r_[starts, len(values)])
    number = np.full(len(flat), -1, dtype=np.int32)
    number[order] = np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)
    return Blocks(
        name=rule.name,
        keys=number.reshape(-1, slots),
        members=(order // slots).astype(np.int32),
        ends=np.repeat(starts + lengths, lengths),
        pairs=_pairs(lengths),
        largest=int(counts.max(initial=0)),
        blocks=len(lengths),
        refined_blocks=refined,
        skipped_blocks=len(skipped),
        skipped_pairs=_pairs(skipped),
    )


def _new_pairs(blocks: Blocks, earlier: Sequence[Blocks], chunk: int) -> Iterator[Chunk]:
    """The pairs of a rule that no earlier rule proposed, each once."""
    for left, right, key in _pairs_of(blocks, chunk):
        keep = left != right
        if blocks.keys.shape[1] > 1:
            keep &= _is_first_shared(blocks.keys, left, right, key)
        rows = np.flatnonzero(keep)
        for other in earlier:
            rows = rows[~_shares_key(other.keys, left[rows], right[rows])]
        if len(rows):
            low, high = np.minimum(left[rows], right[rows]), np.maximum(left[rows], right[rows])
            yield Chunk(len(earlier), low, high)


def _pairs_of(blocks: Blocks, chunk: int) -> Iterator[tuple[Ints, Ints, Ints]]:
    """(left, right, block) of the pairs inside the blocks, about `chunk` at a time."""
    place = np.arange(len(blocks.members))
    partners = blocks.ends - 1 - place
    total = np.cumsum(partners)
    first = 0
    while first < len(place):
        done = total[first - 1] if first else 0
        last = int(max(np.searchsorted(total, done + chunk, side="right"), first + 1))
        counts = partners[first:last]
        one = np.repeat(place[first:last], counts)
        other = one + 1 + np.arange(len(one)) - np.repeat(np.cumsum(counts) - counts, counts)
        left, right = blocks.members[one], blocks.members[other]
        yield left, right, _block_of(blocks, one)
        first = last


def _block_of(blocks: Blocks, place: Longs) -> Ints:
    """Number of the block of a place: blocks follow each other, so it is the rank of its end."""
    changes = np.r_[0, np.cumsum(blocks.ends[1:] != blocks.ends[:-1])]
    return np.asarray(changes[place], dtype=np.int32)


def _shares_key(keys: Ints, left: Ints, right: Ints) -> Bools:
    found = np.zeros(len(left), dtype=bool)
    for one in range(keys.shape[1]):
        mine = keys[left, one]
        for other in range(keys.shape[1]):
            found |= (mine >= 0) & (mine == keys[right, other])
    return found


def _is_first_shared(keys: Ints, left: Ints, right: Ints, key: Ints) -> Bools:
    """Two records may share several keys of a rule: the pair counts under the smallest of them."""
    smallest = np.full(len(left), np.iinfo(np.int32).max, dtype=np.int32)
    for one in range(keys.shape[1]):
        mine = keys[left, one]
        for other in range(keys.shape[1]):
            shared = (mine >= 0) & (mine == keys[right, other])
            smallest = np.where(shared, np.minimum(smallest, mine), smallest)
    return np.asarray(smallest == key)
