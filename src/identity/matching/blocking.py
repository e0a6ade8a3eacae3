"""Candidate pairs: rules with exact counts before anything runs, a cap per block, a budget for all.

No block explodes: one above its cap is split by further keys, and what is still too large is skipped and
reported; a rule whose pairs hold next to no matches is left out. A pair comes once, under the first rule that
proposes it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from identity.matching.block_keys import NONE, Atoms, Rule, mixed, refinements, rules_of
from identity.matching.records import Bools, Ints, Longs, Records

CHUNK = 1_000_000
BLOCK_CAP = 150
"""Most records of a block that are compared with each other."""
ALL_PAIRS = 500_000
"""A set with no more pairs than this is compared as a whole."""
RULE_SHARE = 0.3
"""Most of the budget left that one rule may spend."""
SAMPLE = 4_000
"""Pairs by which a rule is judged before it runs."""
LEAST_YIELD = 0.001
"""Share of the sampled new pairs that must look like matches."""
CHEAP = 50_000
"""New pairs that a rule may always cost."""
RULES = 128
"""More than there can be rules: a pair and its rule are one integer."""
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
class Pairs:
    """Distinct pairs (left < right), in order, with the number of the first rule that proposed each."""

    left: Ints
    right: Ints
    rule: NDArray[np.int8]


PairJudge = Callable[[Ints, Ints], Bools]
"""Whether pairs look like matches."""


def propose(records: Records, pairs_per_record: int, judge: PairJudge) -> tuple[list[Blocks], Pairs]:
    """Choose the rules and how far each may go, and list their pairs, each once under the first rule.

    Before a rule runs, an even sample of its pairs tells how many of them are new and, by `judge`, how many
    of those look like matches. The budget is of new pairs; a rule may spend RULE_SHARE of what is left, and
    one that would spend more than a pair per record (and CHEAP) must find LEAST_YIELD matches among them.
    """
    size = records.size
    if size * (size - 1) // 2 <= ALL_PAIRS:
        everything = _blocks(Rule(EVERY_PAIR, np.zeros((size, 1), np.int64)), [], size)
        return [everything], _distinct(size, [_keys_of(everything, 0, size)])
    atoms = Atoms(records)
    finer = refinements(atoms)
    left = float(pairs_per_record * size)
    planned: list[Blocks] = []
    keys: list[Longs] = []
    for rule in rules_of(atoms):
        blocks = _blocks(rule, finer, _cap_within(rule.keys, int(left * RULE_SHARE)))
        new, matches = _sampled(blocks, planned, judge)
        wanted = blocks.pairs * new
        if (wanted <= max(size, CHEAP) or matches >= LEAST_YIELD) and (blocks.pairs or blocks.skipped_blocks):
            keys.append(_keys_of(blocks, len(planned), size))
            planned.append(blocks)
            left -= wanted
    return planned, _distinct(size, keys)


def _sampled(blocks: Blocks, earlier: Sequence[Blocks], judge: PairJudge) -> tuple[float, float]:
    """(share of the pairs that no earlier rule proposes, share of matches among those), from an even sample."""
    if not blocks.pairs:
        return 0.0, 0.0
    wanted = min(SAMPLE, blocks.pairs)
    numbers = ((np.arange(wanted) + 0.5) * (blocks.pairs / wanted)).astype(np.int64)
    left, right, _ = _pairs_at(blocks, numbers)
    rows = np.flatnonzero(left != right)
    for other in earlier:
        rows = rows[~_shares_key(other.keys, left[rows], right[rows])]
    if not len(rows):
        return 0.0, 0.0
    return len(rows) / wanted, float(judge(left[rows], right[rows]).mean())


def _keys_of(blocks: Blocks, rule: int, size: int) -> Longs:
    """One integer per pair of a rule: (left, right, rule), so that sorting brings the first rule of a pair first."""
    parts = []
    for first in range(0, blocks.pairs, CHUNK):
        one, other, _ = _pairs_at(blocks, np.arange(first, min(first + CHUNK, blocks.pairs)))
        keep = one != other
        low, high = np.minimum(one, other)[keep].astype(np.int64), np.maximum(one, other)[keep]
        parts.append((low * size + high) * RULES + rule)
    return np.concatenate(parts) if parts else np.zeros(0, np.int64)


def _distinct(size: int, keys: list[Longs]) -> Pairs:
    everything = np.sort(np.concatenate(keys)) if keys else np.zeros(0, np.int64)
    pair = everything // RULES
    first = np.r_[True, pair[1:] != pair[:-1]] if len(pair) else np.zeros(0, bool)
    chosen = pair[first]
    rule = (everything[first] % RULES).astype(np.int8)
    return Pairs((chosen // max(size, 1)).astype(np.int32), (chosen % max(size, 1)).astype(np.int32), rule)


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


def _pairs_at(blocks: Blocks, numbers: Longs) -> tuple[Ints, Ints, Longs]:
    """(left, right, place) of some pairs by their number: the pairs of the first member of the first block first."""
    place = np.arange(len(blocks.members))
    partners = blocks.ends - 1 - place
    total = np.cumsum(partners)
    one = np.searchsorted(total, numbers, side="right")
    other = one + 1 + numbers - (total[one] - partners[one])
    return blocks.members[one], blocks.members[other], one


def _shares_key(keys: Ints, left: Ints, right: Ints) -> Bools:
    found = np.zeros(len(left), dtype=bool)
    for one in range(keys.shape[1]):
        mine = keys[left, one]
        for other in range(keys.shape[1]):
            found |= (mine >= 0) & (mine == keys[right, other])
    return found
